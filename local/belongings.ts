// What this process started and made, and what must not outlive it: groups of processes, files, folders. The cleaner, a
// process of its own, knows of each, and sees when we are gone: so nothing is left even after `kill -9`,
// unless that comes in the very moment between a process's start and the word of it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLEANER = fileURLToPath(new URL("cleaner.ts", import.meta.url));

let cleaner: ChildProcess | undefined;

export interface TemporaryFolder {
  path: string;
  /** Deletes it now. */
  remove(): void;
  /** Leaves it, for somebody to look at. */
  keep(): void;
}

/** Makes a folder in the system's temporary directory; without `remove` or `keep` it is deleted when we are gone. */
export function temporaryFolder(prefix: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const letGo = ownPath(path);
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      letGo();
    },
    keep: letGo,
  };
}

/** This file or folder is deleted when we are gone. Returns what takes that back. */
export function ownPath(path: string): () => void {
  return own(`path ${path}`);
}

/** The group of this process is ended when we are gone. Returns what takes that back; call it when nobody of it is left. */
export function ownGroup(pid: number): () => void {
  return own(`group ${pid}`);
}

/** Ends and deletes all that we own; resolves when nothing is left. Nothing may be owned afterwards. */
export async function endBelongings(): Promise<void> {
  if (cleaner === undefined || cleaner.exitCode !== null) return;
  cleaner.ref();
  cleaner.stdin?.end();
  await once(cleaner, "exit");
}

function own(thing: string): () => void {
  cleaner ??= startCleaner();
  cleaner.stdin?.write(`+${thing}\n`);
  return () => void cleaner?.stdin?.write(`-${thing}\n`);
}

function startCleaner(): ChildProcess {
  const child = spawn(process.execPath, [CLEANER], {
    // Whatever a terminal or npm tells us must not reach it.
    detached: true,
    windowsHide: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // What is written when we are ending is of no use any more.
  child.stdin.on("error", () => {});
  // It waits for us, not we for it.
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}
