// How each command of package.json runs: to its end, or until it is told to end. Then it leaves nothing behind: no process,
// no port, no temporary folder.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { endBelongings } from "./belongings.ts";
import { isAlive } from "./process-group.ts";

/** How we are told to end, and the exit code by which shells know. Closing a terminal is SIGHUP, also on Windows. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const ORPHANED = 1;
const LOOK_MS = 300;
/** Who adopts orphans. In a container it may be npm itself. */
const INIT = 1;

/**
 * Runs a command: `main` resolves to its exit code; when it throws, its message is printed and the code is 1. Whoever starts
 * processes or makes temporary folders in it does so through belongings.ts. Call this before anything is started.
 */
export async function runCommand(main: () => Promise<number>): Promise<never> {
  let isTold = false;
  const told = new Promise<number>((resolve) => {
    const end = (code: number) => {
      isTold = true;
      // What fails from now on fails because we end.
      process.stdout.write = process.stderr.write = () => true;
      resolve(code);
    };
    // More than once: a terminal and npm both pass Ctrl-C on.
    for (const [signal, code] of Object.entries(SIGNALS)) process.on(signal, () => end(code));
    // The terminal was closed, or nobody reads on (`| head`).
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => end(SIGNALS.SIGHUP));
    onceOrphaned(() => end(ORPHANED));
  });
  const code = await Promise.race([told, main().catch(codeOfError)]);
  await endBelongings();
  process.exit(code);

  function codeOfError(error: unknown): number {
    if (!isTold) console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

/**
 * Calls `then` when whoever started us is gone without telling us: npm passes SIGTERM on to its shell only, and a shell that
 * is killed passes on nothing. Not on Windows, where a closed console ends all that run in it.
 */
export function onceOrphaned(then: () => void): void {
  const parent = process.ppid;
  let npm: number | undefined;
  let wasLate = false;
  void npmAbove(parent).then((above) => {
    if (above === "gone") wasLate = true;
    else npm = above;
  });
  const looking = setInterval(() => {
    if (!wasLate && process.ppid === parent && (npm === undefined || isAlive(npm))) return;
    clearInterval(looking);
    then();
  }, LOOK_MS);
  looking.unref();
}

/** npm, if our parent is its shell; "gone" if npm started us, and one of them was gone before we looked. */
async function npmAbove(parent: number): Promise<number | "gone" | undefined> {
  if (process.env["npm_lifecycle_event"] === undefined) return undefined;
  try {
    const above = parent === INIT ? [INIT] : [parent, Number(await ps(parent, "ppid"))];
    for (const pid of above) if (/^npm\b/.test(await ps(pid, "args"))) return pid;
    return above.includes(INIT) ? "gone" : undefined;
  } catch {
    // A system without `ps`, or the parent has just gone, which its child will see.
    return undefined;
  }
}

/** What the system says of a process. */
async function ps(pid: number, what: "ppid" | "args"): Promise<string> {
  return (await promisify(execFile)("ps", ["-o", `${what}=`, "-p", String(pid)])).stdout.trim();
}
