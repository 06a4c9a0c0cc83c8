// `npm run budget [-- --runs 25]`: what becomes of redirects, accesses and callbacks while a part of the platform fails for one
// of a hundred calls, for one of ten, for every second and for every one. Prints a row for each; exits with 1 when a
// redirect led to a wrong place, when a callback did not arrive in the end, or when any other check of the simulator failed.

import { parseArgs } from "node:util";
import { onceOrphaned } from "../../local/command.ts";
import { Client } from "./client.ts";
import type { Fault, Rates } from "./faults.ts";
import { installGlobals } from "./globals.ts";
import { loadIsolates } from "./isolates.ts";
import { isPutOff } from "./judge-tap.ts";
import { deployment, installLoader } from "./loader.ts";
import { Owners } from "./owners.ts";
import { Recipients } from "./recipients.ts";
import { simulate } from "./simulation.ts";
import type { Stage } from "./stage.ts";
import { storedIn, type Tap } from "./world.ts";

const ISOLATES = 4;
const LINKS = 10;
const TAPS = 60;
const STORM_MS = 3_600_000;
/** Longer than all retries together: of a callback, and of an access in the recovery queue. */
const SETTLING_MS = 4 * 24 * 3_600_000;
const MOST_RUNS = 10_000;

/** How each kind of call fails, in the order in which the simulator looks; all kinds of failure are equally frequent. */
const KV: Fault[][] = [
  ["kv.get-hangs", "kv.get-fails", "kv.get-misses"],
  ["kv.put-hangs", "kv.put-fails", "kv.put-lost-answer"],
];
const OBJECTS: Fault[][] = [
  ["rpc.retryable", "rpc.overloaded", "rpc.error", "rpc.hang", "rpc.silence", "rpc.lost-answer"],
];
const QUEUES: Fault[][] = [["queue.send-hangs", "queue.send-fails", "queue.send-lost-answer"]];
const PARTS = { KV, objects: OBJECTS, queues: QUEUES, "KV, objects and queues": [...KV, ...OBJECTS, ...QUEUES] };

/** What one or many runs came to. */
interface Outcome {
  /** Milliseconds until the answer, of each tap. */
  waits: number[];
  right: number;
  /** Answered 503. */
  unavailable: number;
  recorded: number;
  firstAccesses: number;
  delivered: number;
  /** Wrong answers, and whatever else broke a promise. */
  wrong: string[];
}

onceOrphaned(() => process.exit(1));
const toml = deployment(null);
installLoader(null);
installGlobals();
const isolates = await loadIsolates(ISOLATES);
const runs = readRuns();
console.log(
  "| fails | of its calls | taps | led to the destination | 503 | wrong | median wait | longest of 99 % | accesses recorded in the end | callbacks delivered in the end |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
let hasPassed = true;
for (const [part, calls] of Object.entries(PARTS))
  for (const share of [0.01, 0.1, 0.5, 1]) {
    const total = sumOf(await outcomesOf(ratesOf(calls, share)));
    console.log(`| ${[part, `${share * 100} %`, ...cellsOf(total)].join(" | ")} |`);
    for (const wrong of total.wrong.slice(0, 3)) console.error(`FAILED: ${wrong}`);
    if (total.wrong.length > 0 || total.delivered < total.firstAccesses) hasPassed = false;
  }
process.exit(hasPassed ? 0 : 1);

/** One run after the other: the clock of a thread belongs to one run at a time. */
async function outcomesOf(rates: Rates): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const outcome = { waits: [], right: 0, unavailable: 0, recorded: 0, firstAccesses: 0, delivered: 0, wrong: [] };
    const { violations } = await simulate({ seed, isolates, rates, beyond: false, toml }, (stage) =>
      play(stage, outcome),
    );
    outcomes.push({ ...outcome, wrong: violations.map(({ check, detail }) => `seed ${seed}: ${check}: ${detail}`) });
  }
  return outcomes;
}

/** Links are made while all is well, and tapped while it is not; then all is well again. */
async function play(stage: Stage, outcome: Outcome): Promise<void> {
  const { world, random } = stage;
  const { clock, weather, links } = stage.platform;
  const recipients = new Recipients(stage);
  const owners = new Owners(stage, new Client(stage), recipients);
  const codes: string[] = [];
  stage.run(async () => {
    const owner = await owners.open("owner-a");
    for (let n = 0; n < LINKS; n++) codes.push(await owners.createUsual(owner));
  });
  await clock.runUntil(clock.now + STORM_MS);
  weather.break();
  for (let n = 0; n < TAPS; n++)
    stage.run(async () => {
      await clock.wait(random.between(0, STORM_MS));
      const startedAt = clock.now;
      await recipients.tap(random.pick(codes));
      outcome.waits.push(clock.now - startedAt);
    });
  await clock.runUntil(clock.now + STORM_MS);
  weather.clear();
  await clock.runUntil(clock.now + SETTLING_MS);
  const stored = codes.map((code) => storedIn(links.host(code)));
  const callbacks = stored.flatMap((link) => link?.callbacks ?? []);
  const taps = [...world.taps.values()];
  const right = taps.filter((tap) => statusOf(tap) === 302 || isPutOff(tap));
  outcome.right = right.length;
  outcome.unavailable = taps.filter((tap) => statusOf(tap) === 503 && !isPutOff(tap)).length;
  outcome.recorded = right.filter((tap) => world.links.get(tap.code)?.recorded.has(tap)).length;
  outcome.firstAccesses = stored.filter((link) => link?.link["first_accessed_at"] !== null).length;
  outcome.delivered = callbacks.filter(({ state }) => state === "delivered").length;
}

function statusOf({ answer }: Tap): number | null {
  return answer?.kind === "answered" ? answer.status : null;
}

/** Rates by which each call fails with the probability `share`, and in each way equally often. */
function ratesOf(calls: Fault[][], share: number): Rates {
  return new Map(
    calls.flatMap((faults) => {
      const each = share / faults.length;
      return faults.map((fault, looked): [Fault, number] => [fault, each / (1 - looked * each)]);
    }),
  );
}

function sumOf(outcomes: Outcome[]): Outcome {
  const sum = (numberOf: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + numberOf(one), 0);
  return {
    waits: outcomes.flatMap(({ waits }) => waits).toSorted((a, b) => a - b),
    right: sum(({ right }) => right),
    unavailable: sum(({ unavailable }) => unavailable),
    recorded: sum(({ recorded }) => recorded),
    firstAccesses: sum(({ firstAccesses }) => firstAccesses),
    delivered: sum(({ delivered }) => delivered),
    wrong: outcomes.flatMap(({ wrong }) => wrong),
  };
}

function cellsOf({ waits, right, unavailable, recorded, firstAccesses, delivered, wrong }: Outcome): string[] {
  const taps = waits.length;
  const wait = (share: number) => `${waits[Math.ceil(taps * share) - 1]} ms`;
  return [
    String(taps),
    percent(right, taps),
    percent(unavailable, taps),
    String(wrong.length),
    wait(0.5),
    wait(0.99),
    percent(recorded, right),
    `${percent(delivered, firstAccesses)} of ${firstAccesses}`,
  ];
}

/** Rounded down, so that 100 % means all. */
function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${Math.floor((10_000 * part) / whole) / 100} %`;
}

/** What was asked for; ends the process with a sentence when that cannot be. */
function readRuns(): number {
  const asked = Number(parseArgs({ options: { runs: { type: "string", default: "25" } } }).values.runs);
  if (Number.isInteger(asked) && asked >= 1 && asked <= MOST_RUNS) return asked;
  console.error(`--runs must be a whole number from 1 to ${MOST_RUNS}.`);
  process.exit(2);
}
