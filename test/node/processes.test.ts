// Whatever ends a command, and whenever: it leaves no process, no port and no temporary folder. Each is started through npm,
// as people do, and ended as terminals, npm, systems and people do.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../local/dev-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Generous, because many start at once, and other tests run beside them. */
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: 3 * PATIENCE_MS, maxConcurrency: 4 });

/** What a command has come to: a time after it was started, what it has printed, or a process that it has started. */
type Stage = number | RegExp | { runs: RegExp };

/** Who is told to end, and how. */
const ENDS = {
  "Ctrl-C": ({ npm }: Run) => process.kill(-npm, "SIGINT"),
  "a closed terminal": ({ npm }: Run) => process.kill(-npm, "SIGHUP"),
  "SIGTERM for npm": ({ npm }: Run) => process.kill(npm, "SIGTERM"),
  "kill -9 of npm": ({ npm }: Run) => process.kill(npm, "SIGKILL"),
  "kill -9 of npm's shell": (run: Run) => process.kill(pidOf(run, /^sh -c node/), "SIGKILL"),
  "kill -9 of the command": (run: Run) => process.kill(pidOf(run, /^node \S+\.[jt]s/), "SIGKILL"),
};

const SPAWNED = 0;
/** workerd comes last; until then wrangler bundles. */
const STARTING = { runs: /bin\/esbuild / };
const READY = /Stop with Ctrl-C/;
const ROUND = /round 1: /;
const BUNDLED = /The upload is/;
/** Before the bench and the like say anything, they have started what they need. */
const SOON = 2_500;

/** Those that differ in what is under way. Receiver, simulate and budget start no process; the others are alike once they run. */
const CASES: [command: string, stage: string, when: Stage, ends: (keyof typeof ENDS)[]][] = [
  ["start", "just spawned", SPAWNED, ["Ctrl-C", "SIGTERM for npm", "kill -9 of npm"]],
  ["start", "starting", STARTING, ["Ctrl-C", "a closed terminal", "SIGTERM for npm", "kill -9 of the command"]],
  ["start", "ready", READY, ["Ctrl-C", "a closed terminal", "kill -9 of npm's shell", "kill -9 of the command"]],
  ["start", "working", /GET \/api\/links/, ["a closed terminal", "SIGTERM for npm", "kill -9 of npm"]],
  ["receiver", "ready", /Receiving/, ["a closed terminal", "SIGTERM for npm"]],
  ["demo", "starting", STARTING, ["Ctrl-C", "kill -9 of the command"]],
  ["demo", "working", /^create/m, ["Ctrl-C", "a closed terminal", "SIGTERM for npm"]],
  ["crash", "working", ROUND, ["Ctrl-C", "kill -9 of npm's shell"]],
  ["bench", "bundling", SOON, ["Ctrl-C", "SIGTERM for npm"]],
  ["bench", "working", BUNDLED, ["a closed terminal", "SIGTERM for npm", "kill -9 of the command"]],
  ["stored", "working", SOON, ["Ctrl-C", "SIGTERM for npm"]],
  ["simulate", "working", SOON, ["Ctrl-C", "SIGTERM for npm"]],
  ["budget", "working", SOON, ["a closed terminal", "kill -9 of npm's shell"]],
];
const ARGUMENTS: Record<string, string[]> = {
  crash: ["--rounds", "9"],
  bench: ["--quick"],
  simulate: ["--seeds", "9999"],
};

interface Run {
  npm: number;
  /** In the environment of all that it starts. */
  mark: string;
  temporary: string;
  ports: number[];
  printed: () => string;
}

/** What the receiver asks for a secret. */
const firsttap = createServer((_, response) => response.end(JSON.stringify({ callback_secret: "whsec_AAAA" })));
beforeAll(() => new Promise<void>((resolve) => firsttap.listen(0, "127.0.0.1", resolve)));
afterAll(() => void firsttap.close());

// Who belongs to a run is read from /proc.
// Tried again: of servers that start at once two may choose the same port for a socket that wrangler opens for itself.
describe.skipIf(process.platform !== "linux").concurrent("nothing is left", { retry: 2 }, () => {
  const cases = CASES.flatMap(([command, stage, when, ends]) => ends.map((end) => ({ command, stage, when, end })));
  it.for(cases)("of `npm run $command`, $stage, after $end", async ({ command, when, end }) => {
    const run = await start(command);
    try {
      await reach(run, when);
      ENDS[end](run);
      await vi.waitFor(() => expect(processesOf(run)).toEqual([]), PATIENCE_MS);
      expect(readdirSync(run.temporary)).toEqual([]);
      for (const port of run.ports) expect([port, await isUsed(port)]).toEqual([port, false]);
    } finally {
      for (const { pid } of processesOf(run)) process.kill(pid, "SIGKILL");
      rmSync(run.temporary, { recursive: true, force: true });
    }
  });
});

async function start(command: string): Promise<Run> {
  const temporary = mkdtempSync(join(tmpdir(), "firsttap-processes-"));
  const ports = [await freePort(), await freePort()];
  const address = firsttap.address();
  const child: ChildProcess = spawn("npm", ["run", command, "--", ...(ARGUMENTS[command] ?? [])], {
    cwd: ROOT,
    // A group of its own, as a terminal makes for each command.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      FIRSTTAP_RUN: temporary,
      TMPDIR: temporary,
      // npm's own, which it keeps.
      NODE_DISABLE_COMPILE_CACHE: "1",
      PORT: String(ports[0]),
      RECEIVER_PORT: String(ports[1]),
      FIRSTTAP_URL: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (printed += data.toString()));
  return { npm: child.pid ?? 0, mark: `FIRSTTAP_RUN=${temporary}\0`, temporary, ports, printed: () => printed };
}

async function reach(run: Run, stage: Stage): Promise<void> {
  // npm first: it starts its shell when it has read package.json.
  await vi.waitFor(() => expect(processesOf(run).length).toBeGreaterThan(1), PATIENCE_MS);
  if (typeof stage === "number") return void (await new Promise((resolve) => setTimeout(resolve, stage)));
  await vi.waitFor(
    async () => {
      // A server that is ready works when it is asked.
      if (READY.test(run.printed())) await fetch(`http://127.0.0.1:${run.ports[0]}/api/links`).catch(() => {});
      if (stage instanceof RegExp) expect(run.printed()).toMatch(stage);
      else pidOf(run, stage.runs);
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
}

function pidOf(run: Run, args: RegExp): number {
  const found = processesOf(run).find((process) => args.test(process.args));
  if (found === undefined) throw new Error(`nothing like ${args} runs: ${JSON.stringify(processesOf(run))}`);
  return found.pid;
}

/** All processes of this run, zombies left out. */
function processesOf({ mark }: Run): { pid: number; args: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, "utf8").includes(mark)) return [];
        const args = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), args }];
      } catch {
        // It has just gone.
        return [];
      }
    });
}

async function isUsed(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
