// A process that was started with `detached`, and all that it started in turn: one group, which is ended together.

import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** wrangler takes two seconds on a slow machine to end its servers and to delete what it made. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 20;

/** Sends a signal to all of the group; where nobody is left, nothing happens. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  // Windows has neither groups nor signals; this ends the tree at once.
  if (process.platform === "win32") spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true });
  else if (isGroupAlive(pid)) tell(-pid, signal);
}

/** Asks all of the group to end, and kills after five seconds those that did not. Resolves when nobody is left. */
export async function endGroup(pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    signalGroup(pid, signal);
    const deadline = Date.now() + PATIENCE_MS;
    while (isGroupAlive(pid) && Date.now() < deadline) await sleep(LOOK_MS);
  }
}

/** Whether this process exists. */
export function isAlive(pid: number): boolean {
  return tell(pid, 0);
}

function isGroupAlive(pid: number): boolean {
  return process.platform === "win32" ? isAlive(pid) : tell(-pid, 0);
}

/** False when there is nobody to tell. */
function tell(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
