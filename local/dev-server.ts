// A real local server (`wrangler dev`: workerd with KV, objects and queues) as a child process, for npm start, the demo
// and the crash rounds. Listens on loopback unless told otherwise, needs no network, and does not outlive us (belongings.ts).

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { ownGroup, type TemporaryFolder, temporaryFolder } from "./belongings.ts";
import { endGroup, signalGroup } from "./process-group.ts";

const WRANGLER = fileURLToPath(new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const LAST_PORT = 65_535;
/** Jurisdictions are Cloudflare's: workerd refuses them. */
const LOCAL_VARS = { DATA_LOCATION: "anywhere" };

/** Only this machine reaches it. */
export const LOOPBACK = "127.0.0.1";

export interface DevServerOptions {
  port: number;
  /** The address to listen on: loopback, if it is left out. */
  host?: string;
  /** Folder of the persisted state; without it, wrangler's own (.wrangler/state). */
  persistTo?: string;
  /** Settings that override wrangler.toml and .dev.vars. */
  vars?: Record<string, string>;
  /** In place of wrangler.toml's. */
  entry?: string;
  /** Further arguments of `wrangler dev`. */
  args?: string[];
  /** Gets each line that the server prints. */
  onLine?: (line: string) => void;
}

export interface DevServer {
  url: string;
  process: ChildProcess;
  /** Resolves when the server and all that it started are gone, whoever ended it. */
  gone: Promise<void>;
  /** Ends it; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts the server and resolves when it answers; rejects, with what it printed, when it does not within a minute. */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { host = LOOPBACK, port } = options;
  await assertPortIsFree(host, port);
  const entry = options.entry === undefined ? [] : [options.entry];
  const args = ["dev", ...entry, "--ip", host, "--port", String(port), "--show-interactive-dev-session=false"];
  if (options.persistTo !== undefined) args.push("--persist-to", options.persistTo);
  for (const [name, value] of Object.entries({ ...LOCAL_VARS, ...options.vars }))
    args.push("--var", `${name}:${value}`);
  // What wrangler makes for itself, and leaves when it is killed.
  const temporary = temporaryFolder("firsttap-server-");
  const child = spawn(process.execPath, [WRANGLER, ...args, ...(options.args ?? [])], {
    cwd: ROOT,
    // A group of its own, so that wrangler and the workerd that it starts can be ended, or killed, together.
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      // Its lines are how we know what the server does.
      WRANGLER_LOG: "log",
      // Traces that nobody reads would take half of the server's time.
      X_LOCAL_OBSERVABILITY: "false",
      CI: "1",
      TMPDIR: temporary.path,
      TEMP: temporary.path,
    },
  });
  let printed = "";
  let rest = "";
  const onData = (data: Buffer) => {
    printed = (printed + data.toString()).slice(-20_000);
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) options.onLine?.(line);
  };
  child.stdout.on("data", onData);
  child.stderr.on("data", onData);
  const gone = cleanBehind(child, temporary);
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (child.pid !== undefined) signalGroup(child.pid, signal);
    await gone;
  };
  const url = `http://${[LOOPBACK, "0.0.0.0"].includes(host) ? "localhost" : host}:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop("SIGKILL");
      throw new Error(`The local server did not start on port ${port}. It printed:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, process: child, gone, stop };
}

/** Resolves when wrangler has ended, however it did, and all that it started and made is gone, too. */
async function cleanBehind(child: ChildProcess, temporary: TemporaryFolder): Promise<void> {
  const { pid } = child;
  if (pid === undefined) throw new Error("wrangler could not be started");
  const letGo = ownGroup(pid);
  await once(child, "exit");
  await endGroup(pid);
  letGo();
  temporary.remove();
}

/** The port that this variable of the environment names, or the usual one. Throws when it names none. */
export function portNamed(variable: string, usual: number): number {
  const port = Number(process.env[variable] ?? usual);
  if (Number.isInteger(port) && port >= 0 && port <= LAST_PORT) return port;
  throw new Error(`${variable} must be a port: a whole number, ${LAST_PORT} at most.`);
}

/** A port of the loopback interface that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}

/** Another server on the port would answer for ours. */
async function assertPortIsFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", ({ code }: NodeJS.ErrnoException) =>
      reject(
        new Error(
          code === "EADDRINUSE"
            ? `Port ${port} is in use: end the other server, or set PORT.`
            : `This machine cannot listen on ${host}, port ${port} (${code}): set HOST or PORT to what it has.`,
        ),
      ),
    );
    probe.listen(port, host, resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
