// Where `npm start` serves, and with which token: written down while it runs, so that `npm run receiver` finds it.

import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownPath } from "./belongings.ts";
import { isAlive } from "./process-group.ts";

export interface Running {
  url: string;
  /** The token of the account `main`. */
  token: string;
}

const FOLDER = fileURLToPath(new URL("../.wrangler/running/", import.meta.url));

/** Writes it down until we are gone. */
export function announce(running: Running): void {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${process.pid}.json`);
  ownPath(path);
  writeFileSync(path, JSON.stringify(running), { mode: 0o600 });
}

/** The servers that run, the one that was started last first. */
export function runningServers(): Running[] {
  return globSync(join(FOLDER, "*.json"))
    .filter((path) => isAlive(Number(basename(path, ".json"))))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .map((path) => JSON.parse(readFileSync(path, "utf8")) as Running);
}
