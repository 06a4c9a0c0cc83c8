// `npm run bench`: speed next to bare Workers, operations per request, size and start-up. `-- --quick` takes three minutes,
// `-- --statements` says which statements write the rows; `-- --export` exports a million rows, and does nothing else. `-- --growth` is another
// one: what reading costs when there is much, up to `--most` things (a million, which takes an hour and 5 GB).
// Fails when a request costs more operations than it may; speed only informs, because it is the machine's, too.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { temporaryFolder } from "../../local/belongings.ts";
import { runCommand } from "../../local/command.ts";
import { bundle, LARGEST_BUNDLE, profileStartup, type Size } from "./bundle.ts";
import { exportRows } from "./export.ts";
import { floodCampaign, floodOneLink } from "./flood.ts";
import { measureGrowth } from "./growth.ts";
import { compareLatency, type Effort } from "./latency.ts";
import { countOperations } from "./operations.ts";

const FULL: Effort = { rounds: 12, links: 200, saturated: 400, single: 80 };
const QUICK: Effort = { rounds: 3, links: 24, saturated: 48, single: 16 };
const COUNTING_WORKER = fileURLToPath(new URL("counting-worker/index.js", import.meta.url));
/** Whatever hangs, the bench ends. */
const DEADLINE_MS = 15 * 60_000;
const GROWTH_DEADLINE_MS = 120 * 60_000;

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    statements: { type: "boolean", default: false },
    export: { type: "boolean", default: false },
    growth: { type: "boolean", default: false },
    most: { type: "string", default: "1000000" },
  },
});
await runCommand(() => {
  if (options.growth) return Promise.race([growth(Number(options.most)), deadline(GROWTH_DEADLINE_MS)]);
  return Promise.race([options.export ? benchExport() : bench(), deadline(DEADLINE_MS)]);
});

async function benchExport(): Promise<number> {
  const dir = temporaryFolder("firsttap-bench-").path;
  process.env["TMPDIR"] = process.env["TEMP"] = dir;
  await bundle(join(dir, "plain"));
  await exportRows(join(dir, "plain"), join(dir, "state"), options.quick ? 100_000 : 1_000_000);
  return 0;
}

async function growth(most: number): Promise<number> {
  const dir = temporaryFolder("firsttap-bench-").path;
  process.env["TMPDIR"] = process.env["TEMP"] = dir;
  const countingDir = join(dir, "counting");
  await bundle(countingDir, { entry: COUNTING_WORKER });
  const missed = await measureGrowth(countingDir, join(dir, "growth-state"), most);
  console.log(missed.length === 0 ? "\nNo page reads more than it may." : `\nMissed:\n  ${missed.join("\n  ")}`);
  return missed.length === 0 ? 0 : 1;
}

async function bench(): Promise<number> {
  const dir = temporaryFolder("firsttap-bench-").path;
  // What wrangler and Miniflare leave behind goes with it.
  process.env["TMPDIR"] = process.env["TEMP"] = dir;
  const plainDir = join(dir, "plain");
  const countingDir = join(dir, "counting");
  const plain = await weigh(dir, plainDir, countingDir);
  await compareLatency(plainDir, join(dir, "latency-state"), options.quick ? QUICK : FULL);
  const missed = await countOperations(countingDir, join(dir, "operations-state"), options.statements);
  missed.push(...(await floodOneLink(countingDir, join(dir, "flood-state"), options.quick ? 1_000 : 10_000)));
  missed.push(...(await floodCampaign(countingDir, join(dir, "campaign-state"), options.quick ? 500 : 10_000)));
  if (plain.gzip > LARGEST_BUNDLE) missed.push(`the upload is ${plain.gzip} KiB gzipped, at most ${LARGEST_BUNDLE}`);
  console.log(missed.length === 0 ? "\nNothing costs more than it may." : `\nMissed:\n  ${missed.join("\n  ")}`);
  return missed.length === 0 ? 0 : 1;
}

async function deadline(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false });
  throw new Error(`The bench did not end within ${ms / 60_000} minutes`);
}

/** Makes the bundles, and prints what they weigh and how they start. */
async function weigh(dir: string, plainDir: string, countingDir: string): Promise<Size> {
  const [plain] = await Promise.all([bundle(plainDir), bundle(countingDir, { entry: COUNTING_WORKER })]);
  console.log(`\nThe upload is ${plain.whole} KiB, gzipped ${plain.gzip} KiB.`);
  const startup = await profileStartup(dir);
  console.log(`\n  Start-up here (wrangler check startup): ${startup.join(", ")}.`);
  return plain;
}
