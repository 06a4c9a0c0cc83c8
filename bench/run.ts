// `npm run bench`: speed next to bare Workers, operations per request, size and start-up. `-- --quick` takes half a minute.
// Fails when a request costs more operations than it may; speed only informs, because it is the machine's, too.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundle, profileStartup } from "./bundle.ts";
import { compareLatency, type Effort } from "./latency.ts";
import { printTable } from "./numbers.ts";
import { countOperations } from "./operations.ts";

const FULL: Effort = { rounds: 12, saturated: 400, paced: 60 };
const QUICK: Effort = { rounds: 3, saturated: 100, paced: 25 };
/** KiB, gzipped: the project's own target. */
const LARGEST_BUNDLE = 60;
const COUNTING_WORKER = fileURLToPath(new URL("counting-worker/index.js", import.meta.url));
/** Whatever hangs, the bench ends. */
const DEADLINE_MS = 15 * 60_000;

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
setTimeout(() => {
  console.error(`The bench did not end within ${DEADLINE_MS / 60_000} minutes`);
  process.exit(1);
}, DEADLINE_MS).unref();

const dir = await mkdtemp(join(tmpdir(), "firsttap-bench-"));
try {
  const missed = [...(await weigh(dir)), ...(await compare(dir, options.quick ? QUICK : FULL)), ...(await count(dir))];
  console.log(missed.length === 0 ? "\nNo request costs more than it may." : "\nMissed:");
  for (const sentence of missed) console.log(`  ${sentence}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function weigh(into: string): Promise<string[]> {
  const plain = await bundle(join(into, "plain"));
  const minified = await bundle(join(into, "minified"), { minify: true });
  printTable(
    "Size of the upload, KiB",
    ["", "whole", "gzipped"],
    [
      ["as deployed", plain.plain.toFixed(1), plain.gzip.toFixed(1)],
      ["minified", minified.plain.toFixed(1), minified.gzip.toFixed(1)],
    ],
  );
  const startup = await profileStartup(into);
  console.log(`\nStart-up on this machine (wrangler check startup): ${startup.join(", ")}`);
  return plain.gzip <= LARGEST_BUNDLE ? [] : [`the upload is ${plain.gzip} KiB gzipped, at most ${LARGEST_BUNDLE}`];
}

async function compare(into: string, effort: Effort): Promise<string[]> {
  await compareLatency(join(into, "plain"), join(into, "latency-state"), effort);
  return [];
}

async function count(into: string): Promise<string[]> {
  const bundleDir = join(into, "counting");
  await bundle(bundleDir, { entry: COUNTING_WORKER });
  return countOperations(bundleDir, join(into, "operations-state"));
}
