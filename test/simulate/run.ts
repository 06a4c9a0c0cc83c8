// `npm run simulate -- --seeds N [--seed S] [--bug NAME]`: the lives of N accounts, each from a seed of its own (S, S + 1 and
// so on), on as many threads as the machine has cores. Prints a line for each seed that broke a promise, and how to
// repeat it; then what was tried. Exits with 1 when a promise was broken. --bug plants one of simulate/bugs.ts; --first stops
// at the first seed that fails, with a bug at the first that breaks the promise named there, and begins with the seed that found
// it last (simulate/seeds.json), which --write brings up to date; --trace prints the hash of each run; --beyond adds faults
// that no document promises to withstand.

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { onceOrphaned } from "../../local/command.ts";
import { type Bug, bugNamed } from "./bugs.ts";
import type { Result } from "./simulation.ts";
import type { ThreadData } from "./thread.ts";

const MOST_SEEDS = 1_000_000;
const FOUND_BY = new URL("seeds.json", import.meta.url);

interface Wanted {
  seeds: number;
  seed: number;
  bug: Bug | null;
  /** Stop at the first seed that fails; with a planted bug, at the first that breaks the promise named there. */
  first: boolean;
  /** Note the seed that found the bug. */
  write: boolean;
  trace: boolean;
  beyond: boolean;
}

const wanted = readArguments();
onceOrphaned(() => process.exit(1));
const startedAt = performance.now();
const known = wanted.first && wanted.bug !== null ? readSeeds()[wanted.bug.name] : undefined;
let results = known === undefined ? [] : await simulateAll(known, 1);
if (!results.some(isWanted)) results = results.concat(await simulateAll(wanted.seed, wanted.seeds));
if (wanted.write) writeSeed(results.find(isWanted)?.seed);
const failed = results.filter(({ violations }) => violations.length > 0);
if (wanted.trace) for (const { seed, trace } of results) console.log(`seed ${seed}: ${trace}`);
printTotals();
process.exit(failed.length > 0 ? 1 : 0);

/** Hands out seeds, one after the other, to threads that ask for them. */
async function simulateAll(first: number, count: number): Promise<Result[]> {
  const done: Result[] = [];
  let next = first;
  let isOver = false;
  const workerData: ThreadData = { bug: wanted.bug?.name, beyond: wanted.beyond };
  const threads = Math.min(availableParallelism(), count);
  const play = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL("thread.ts", import.meta.url), { workerData });
      const handOut = () => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
        if (!isOver && next < first + count) worker.postMessage(next++);
        else void worker.terminate().then(() => resolve(), reject);
      };
      worker.on("error", reject);
      worker.on("message", (result: Result | "ready") => {
        if (result !== "ready") {
          done.push(result);
          if (isWanted(result) && !isOver) {
            printFailure(result);
            isOver = wanted.first;
          }
        }
        handOut();
      });
    });
  await Promise.all(Array.from({ length: threads }, play));
  return done.toSorted((a, b) => a.seed - b.seed);
}

function isWanted({ violations }: Result): boolean {
  return violations.some(({ check }) => wanted.bug === null || !wanted.first || check === wanted.bug.breaks);
}

/** By the name of each bug the seed that found it last. */
function readSeeds(): Record<string, number> {
  return JSON.parse(readFileSync(FOUND_BY, "utf8")) as Record<string, number>;
}

function writeSeed(seed: number | undefined): void {
  if (wanted.bug === null || seed === undefined) return;
  const seeds = Object.entries({ ...readSeeds(), [wanted.bug.name]: seed }).toSorted(([a], [b]) => a.localeCompare(b));
  writeFileSync(FOUND_BY, `${JSON.stringify(Object.fromEntries(seeds), null, 2)}\n`);
}

/** One line: each promise that was broken, with the first instance of it, and how to repeat the run. */
function printFailure({ seed, violations }: Result): void {
  const first = new Map(violations.toReversed().map(({ check, detail }) => [check, detail]));
  const shown = [...first].toReversed().map(([check, detail]) => `${check} (${detail.replaceAll("\n", " ")})`);
  const bug = (wanted.bug === null ? "" : ` --bug ${wanted.bug.name}`) + (wanted.beyond ? " --beyond" : "");
  console.log(`FAILED seed ${seed}: ${shown.join("; ")} | npm run simulate -- --seeds 1 --seed ${seed}${bug}`);
}

function printTotals(): void {
  const figures = new Map<string, number>([["seeds", results.length]]);
  const faults = new Map<string, number>();
  for (const result of results) {
    for (const [what, count] of Object.entries(result.figures)) figures.set(what, (figures.get(what) ?? 0) + count);
    for (const [fault, count] of result.faults) faults.set(fault, (faults.get(fault) ?? 0) + count);
  }
  figures.set(
    "faults",
    [...faults.values()].reduce((sum, count) => sum + count, 0),
  );
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  console.log(`${list(figures)}; ${failed.length} seeds failed, ${seconds} s`);
  console.log(`faults: ${list(new Map([...faults].toSorted(([a], [b]) => a.localeCompare(b))))}`);
}

function list(counts: Map<string, number>): string {
  return [...counts].map(([what, count]) => `${count} ${what}`).join(", ");
}

/** What was asked for; ends the process with a sentence when that cannot be. */
function readArguments(): Wanted {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      bug: { type: "string" },
      first: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      trace: { type: "boolean", default: false },
      beyond: { type: "boolean", default: false },
    },
  });
  const [seeds, seed] = [Number(values.seeds), Number(values.seed)];
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > MOST_SEEDS || !Number.isInteger(seed)) {
    console.error(`--seeds must be a whole number from 1 to ${MOST_SEEDS}, --seed any whole number.`);
    process.exit(2);
  }
  return {
    seeds,
    seed,
    bug: values.bug === undefined ? null : bugNamed(values.bug),
    first: values.first,
    write: values.write,
    trace: values.trace,
    beyond: values.beyond,
  };
}
