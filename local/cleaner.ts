// A process beside each command that starts others (see belongings.ts, which starts it and tells it what there is). When the
// command is gone, however it went, this one ends and deletes what is left of it, and then goes, too.

import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { endGroup } from "./process-group.ts";

const groups = new Set<string>();
const paths = new Set<string>();

// It ends when the command closes its side: on purpose, or because the system does that for the dead.
for await (const line of createInterface({ input: process.stdin })) {
  const [, sign, kind, name = ""] = /^([+-])(group|path) (.+)$/.exec(line) ?? [];
  const known = kind === "group" ? groups : paths;
  if (sign === "+") known.add(name);
  else known.delete(name);
}
await Promise.all(Array.from(groups, (pid) => endGroup(Number(pid))));
for (const path of paths) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
