// How fast taps are answered, next to bare Workers in the same workerd. The variants take turns, because the machine is
// noisy, and every round gives its own ratios; of these the median counts.

import { setTimeout as sleep } from "node:timers/promises";
import type { ScriptedReceiver } from "../../local/scripted-receiver.ts";
import { createCampaign, createLinks } from "./api.ts";
import { type AnswerTimes, type Ask, saturate, takeTurns } from "./load.ts";
import { median, printTable, quantile } from "./numbers.ts";
import { type Runtime, withRuntime } from "./runtime.ts";

/** Time until the answer of a warm tap, in medians of the bare KV Worker (the project's target). */
const TARGET_RATIO = 1.3;

const CONNECTIONS = 16;
/** Longer than the work behind a redirect takes, so that a single tap meets an idle runtime. */
const REST_MS = 8;
/** The same for a first tap, behind which its callback goes out and is reported. */
const FIRST_TAP_REST_MS = 60;
const SETTLE_TIMEOUT_MS = 15_000;
const SETTLE_MS = 100;
/** Where each request meets a new object, fewer: putting the objects away would disturb whoever is measured next. */
const SHARE_OF_NEW_OBJECTS = 0.25;

export interface Effort {
  rounds: number;
  /** Links over which the warm taps go. */
  links: number;
  /** Requests of a variant in a round, back to back. */
  saturated: number;
  /** Requests of a variant in a round, one at a time. */
  single: number;
}

interface Variant {
  name: string;
  /** Share of the effort's requests. */
  share: number;
  /** After each of the single requests. */
  restMs: number;
  /** Makes ready for this many requests, and says what they are. */
  prepare(count: number): Promise<Ask[]>;
  /** Resolves when the work that the requests started is done. */
  settle?(): Promise<void>;
}

/** What a variant showed in one round. */
interface Result {
  perSecond: number;
  saturated: AnswerTimes;
  single: AnswerTimes;
}
type Round = ReadonlyMap<string, Result>;

const REFERENCE = "bare Worker, one KV read";
const WARM = "warm tap, over many links";
const OF_CAMPAIGN = "warm tap, over a campaign's links";

/** Measures all variants and prints their tables. */
export async function compareLatency(bundleDir: string, stateDir: string, effort: Effort): Promise<void> {
  const rounds = await withRuntime(bundleDir, stateDir, async (runtime) => {
    const groups = await makeGroups(runtime, effort.links);
    // The first round warms up and is thrown away.
    await playRound(groups, { ...effort, saturated: effort.links, single: 1 });
    const played: Round[] = [];
    for (let i = 0; i < effort.rounds; i++) played.push(await playRound(groups, effort));
    return played;
  });
  printRounds(rounds, effort);
}

/** Within a group, single requests take turns; what starts much work keeps it to itself. */
async function makeGroups(runtime: Runtime, links: number): Promise<Variant[][]> {
  const server = await runtime.urlOf("firsttap");
  const warmLinks = await createLinks(server, links);
  const ofCampaign = await createCampaign(server, links);
  const bareFixed = await runtime.urlOf("bare-302");
  const bareKv = await runtime.urlOf("bare-kv");
  const sameLinks = warmLinks.map((url) => new URL(url.pathname, bareKv));
  return [
    [
      taps("bare Worker, fixed 302", [bareFixed]),
      taps(REFERENCE, sameLinks),
      taps(WARM, warmLinks),
      taps(OF_CAMPAIGN, ofCampaign),
      taps("repeated tap, one link", warmLinks.slice(0, 1)),
    ],
    [firstTaps(server, runtime.receiver)],
    [unknownCodes(server)],
  ];
}

/** The links in turn, as often as is needed. */
function taps(name: string, links: readonly URL[]): Variant {
  return { name, share: 1, restMs: REST_MS, prepare: async (count) => repeat(links, count).map((url) => ask(url)) };
}

/** Every link is new, and has a callback URL: what follows the answer is the whole story. */
function firstTaps(server: URL, receiver: ScriptedReceiver): Variant {
  let batches = 0;
  let expected = 0;
  const hook = () => `first-taps-${batches}`;
  return {
    name: "first tap, each of a new link",
    share: SHARE_OF_NEW_OBJECTS,
    restMs: FIRST_TAP_REST_MS,
    prepare: async (count) => {
      batches += 1;
      expected = count;
      const links = await createLinks(server, count, { callback_url: `${receiver.url}/hook/${hook()}` });
      await sleep(SETTLE_MS);
      return links.map((link) => ask(link));
    },
    settle: async () => {
      const deadline = Date.now() + SETTLE_TIMEOUT_MS;
      const received = () => receiver.log(hook()).length;
      while (received() < expected && Date.now() < deadline) await sleep(50);
      if (received() < expected) throw new Error(`only ${received()} of ${expected} callbacks came`);
    },
  };
}

/** Each code and each client is a new one, or the limit on guesses would answer 429. */
function unknownCodes(server: URL): Variant {
  let n = 0;
  const next = () => {
    n += 1;
    return ask(new URL(`/unknown-${n}`, server), 404, `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`);
  };
  return {
    name: "unknown code (404)",
    share: SHARE_OF_NEW_OBJECTS,
    restMs: REST_MS,
    prepare: async (count) => Array.from({ length: count }, next),
  };
}

async function playRound(groups: readonly Variant[][], effort: Effort): Promise<Round> {
  const round = new Map<string, Result>();
  for (const variant of groups.flat()) {
    const { times, perSecond } = await saturate(await prepare(variant, effort.saturated), CONNECTIONS);
    round.set(variant.name, { perSecond, saturated: times, single: [] });
    await settle(variant);
  }
  for (const group of groups) {
    const series = await Promise.all(group.map((variant) => prepare(variant, effort.single)));
    const times = await takeTurns(series, Math.max(...group.map((variant) => variant.restMs)));
    for (const [i, variant] of group.entries()) {
      round.get(variant.name)?.single.push(...(times[i] ?? []));
      await settle(variant);
    }
  }
  return round;
}

function prepare(variant: Variant, count: number): Promise<Ask[]> {
  return variant.prepare(Math.ceil(count * variant.share));
}

async function settle(variant: Variant): Promise<void> {
  await variant.settle?.();
  await sleep(SETTLE_MS);
}

function printRounds(rounds: readonly Round[], effort: Effort): void {
  const rows = (load: Load) => [...(rounds[0]?.keys() ?? [])].map((name) => rowOf(rounds, name, load));
  printTable(
    `Back to back over ${CONNECTIONS} connections: ${effort.rounds} rounds of ${effort.saturated} requests`,
    ["", "requests/s", ...HEADS],
    rows("saturated"),
  );
  printTable(
    `Time until the answer, one request at a time: ${effort.rounds} rounds of ${effort.single} requests`,
    ["", ...HEADS],
    rows("single"),
  );
  for (const [name, what] of [
    [WARM, "A warm tap"],
    [OF_CAMPAIGN, "One of a campaign's"],
  ] as const) {
    const ratio = median(ratiosOf(rounds, name, "single"));
    const verdict = ratio <= TARGET_RATIO ? "met" : "missed";
    console.log(
      `\n  ${what} takes ${ratio.toFixed(2)} × the bare KV Worker until the answer. Target: at most ${TARGET_RATIO}, ${verdict}.`,
    );
  }
}

type Load = "saturated" | "single";
const HEADS = ["p50 ms", "p99 ms", "p50 ÷ bare KV", "half of rounds"];

/** Medians over the rounds; of the ratios also where the middle half of the rounds lies. */
function rowOf(rounds: readonly Round[], name: string, load: Load): string[] {
  const results = rounds.flatMap((round) => round.get(name) ?? []);
  const over = (value: (result: Result) => number) => median(results.map(value));
  const ratios = ratiosOf(rounds, name, load);
  return [
    name,
    ...(load === "saturated" ? [over((result) => result.perSecond).toFixed(0)] : []),
    over((result) => quantile(result[load], 0.5)).toFixed(2),
    over((result) => quantile(result[load], 0.99)).toFixed(2),
    median(ratios).toFixed(2),
    `${quantile(ratios, 0.25).toFixed(2)} … ${quantile(ratios, 0.75).toFixed(2)}`,
  ];
}

/** The variant's median by the bare KV Worker's, in each round. */
function ratiosOf(rounds: readonly Round[], name: string, load: Load): number[] {
  return rounds.map((round) => {
    const medianOf = (which: string) => median(round.get(which)?.[load] ?? []);
    return medianOf(name) / medianOf(REFERENCE);
  });
}

function ask(url: URL, status = 302, clientAddress = "192.0.2.1"): Ask {
  return { url, status, clientAddress };
}

function repeat<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: Math.ceil(count / items.length) }, () => items)
    .flat()
    .slice(0, count);
}
