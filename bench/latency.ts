// How fast taps are answered, next to bare Workers in the same workerd. The variants take turns, because the machine is
// noisy, and every round gives its own ratios; of these the median counts.

import { startScriptedReceiver } from "../local/scripted-receiver.ts";
import { createLinks } from "./api.ts";
import { type Ask, type Measured, pace, saturate } from "./load.ts";
import { median, printTable, quantile } from "./numbers.ts";
import { type Runtime, startRuntime } from "./runtime.ts";

/** Time until the answer of a warm tap, in medians of the bare KV Worker (the project's target). */
const TARGET_RATIO = 1.3;

const CONNECTIONS = 16;
/** Longer than the work behind a redirect takes, so that a paced tap meets an idle machine. */
const PAUSE_MS = 8;
const WARM_LINKS = 200;
const SETTLE_TIMEOUT_MS = 15_000;
const SETTLE_MS = 250;

export interface Effort {
  rounds: number;
  /** Requests of a variant in a round, back to back. */
  saturated: number;
  /** Requests of a variant in a round, one by one. */
  paced: number;
}

interface Variant {
  name: string;
  /** Makes ready for this many requests, and says what they are. */
  prepare(count: number): Promise<Ask[]>;
  /** Resolves when the work that the requests started is done. */
  settle?(): Promise<void>;
}

/** What a variant showed in one round. */
type Round = Record<"saturated" | "paced", Measured>;

const REFERENCE = "bare Worker, one KV read";
const WARM = "warm tap, over 200 links";

/** Measures all variants and prints their tables. */
export async function compareLatency(bundleDir: string, stateDir: string, effort: Effort): Promise<void> {
  const runtime = await startRuntime(bundleDir, stateDir);
  const receiver = await startScriptedReceiver();
  try {
    const variants = await makeVariants(runtime, (id) => ({
      url: `${receiver.url}/hook/${id}`,
      received: () => receiver.log(id).length,
    }));
    // The first round warms up and is thrown away.
    await playRound(variants, { ...effort, saturated: Math.min(effort.saturated, WARM_LINKS), paced: 1 });
    const rounds: Map<string, Round>[] = [];
    for (let i = 0; i < effort.rounds; i++) rounds.push(await playRound(variants, effort));
    printRounds(rounds, effort);
  } finally {
    await receiver.close();
    await runtime.stop();
  }
}

type Hook = (id: string) => { url: string; received: () => number };

async function makeVariants(runtime: Runtime, hook: Hook): Promise<Variant[]> {
  const server = await runtime.urlOf("firsttap");
  const warmLinks = await createLinks(server, WARM_LINKS);
  const bareFixed = await runtime.urlOf("bare-302");
  const bareKv = await runtime.urlOf("bare-kv");
  const taps = (links: readonly URL[]) => async (count: number) => repeat(links, count).map((url) => ask(url));
  let unknownCodes = 0;
  return [
    { name: "bare Worker, fixed 302", prepare: taps([bareFixed]) },
    { name: REFERENCE, prepare: taps(warmLinks.map((url) => new URL(url.pathname, bareKv))) },
    { name: WARM, prepare: taps(warmLinks) },
    firstTaps(server, hook),
    { name: "repeated tap, one link", prepare: taps(warmLinks.slice(0, 1)) },
    {
      name: "unknown code (404)",
      prepare: async (count) =>
        Array.from({ length: count }, () => {
          unknownCodes += 1;
          return ask(new URL(`/unknown-${unknownCodes}`, server), 404, addressOf(unknownCodes));
        }),
    },
  ];
}

/** Every link is new, and has a callback URL: what follows the answer is the whole story. */
function firstTaps(server: URL, hook: Hook): Variant {
  let batches = 0;
  let pending = { expected: 0, received: () => 0 };
  return {
    name: "first tap, each of a new link",
    prepare: async (count) => {
      batches += 1;
      const { url, received } = hook(`first-taps-${batches}`);
      pending = { expected: count, received };
      const links = await createLinks(server, count, { callback_url: url });
      await pauseFor(SETTLE_MS);
      return links.map((link) => ask(link));
    },
    settle: async () => {
      const deadline = Date.now() + SETTLE_TIMEOUT_MS;
      while (pending.received() < pending.expected && Date.now() < deadline) await pauseFor(50);
      if (pending.received() < pending.expected)
        console.warn(`only ${pending.received()} of ${pending.expected} callbacks came in time`);
    },
  };
}

async function playRound(variants: readonly Variant[], effort: Effort): Promise<Map<string, Round>> {
  const round = new Map<string, Round>();
  for (const variant of variants) {
    const saturated = await saturate(await variant.prepare(effort.saturated), CONNECTIONS);
    await settle(variant);
    const paced = await pace(await variant.prepare(effort.paced), PAUSE_MS);
    await settle(variant);
    round.set(variant.name, { saturated, paced });
  }
  return round;
}

async function settle(variant: Variant): Promise<void> {
  await variant.settle?.();
  await pauseFor(SETTLE_MS);
}

function printRounds(rounds: readonly Map<string, Round>[], effort: Effort): void {
  const names = [...(rounds[0]?.keys() ?? [])];
  const rowOf = (name: string, load: keyof Round) => {
    const measured = rounds.flatMap((round) => round.get(name)?.[load] ?? []);
    const over = (value: (one: Measured) => number) => median(measured.map(value));
    const ratios = ratiosOf(rounds, name, load);
    return {
      perSecond: over((one) => one.perSecond).toFixed(0),
      answer: [0.5, 0.99].map((p) => over((one) => quantile(one.answerMs, p)).toFixed(2)),
      ratio: [median(ratios).toFixed(2), `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`],
    };
  };
  const { rounds: count, saturated, paced } = effort;
  printTable(
    `Back to back over ${CONNECTIONS} connections: ${count} rounds of ${saturated} requests`,
    ["", "requests/s", "p50 ms", "p99 ms", "p50 ÷ bare KV", "over rounds"],
    names.map((name) => {
      const row = rowOf(name, "saturated");
      return [name, row.perSecond, ...row.answer, ...row.ratio];
    }),
  );
  printTable(
    `Time until the answer, one request and ${PAUSE_MS} ms of rest at a time: ${count} rounds of ${paced} requests`,
    ["", "p50 ms", "p99 ms", "p50 ÷ bare KV", "over rounds"],
    names.map((name) => {
      const row = rowOf(name, "paced");
      return [name, ...row.answer, ...row.ratio];
    }),
  );
  const ratio = median(ratiosOf(rounds, WARM, "paced"));
  const verdict = ratio <= TARGET_RATIO ? "met" : "missed";
  console.log(
    `\n  A warm tap takes ${ratio.toFixed(2)} × the bare KV Worker until the answer. Target: at most ${TARGET_RATIO}, ${verdict}.`,
  );
}

/** The variant's median by the bare KV Worker's, in each round. */
function ratiosOf(rounds: readonly Map<string, Round>[], name: string, load: keyof Round): number[] {
  return rounds.map((round) => {
    const medianOf = (which: string) => median(round.get(which)?.[load].answerMs ?? []);
    return medianOf(name) / medianOf(REFERENCE);
  });
}

function ask(url: URL, status = 302, clientAddress = "192.0.2.1"): Ask {
  return { url, status, clientAddress };
}

/** A different address for each number, or the limit on guesses would answer 429. */
function addressOf(n: number): string {
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
}

function repeat<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: Math.ceil(count / items.length) }, () => items)
    .flat()
    .slice(0, count);
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
