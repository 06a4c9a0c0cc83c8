// When the kill comes: under full load, at a moment of the seed's choice.

import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Round } from "./load.ts";
import { isAwaited } from "./memory.ts";

const EARLIEST_KILL_MS = 300;
const LATEST_KILL_MS = 1_500;
/** The clock of the kill starts at so many tapped links: a full run of 60 rounds then has over 2,000. */
const WARM_LINKS = 30;
const LONGEST_WARM_UP_MS = 20_000;
const LONGEST_WAIT_FOR_EVENT_MS = 500;

/** What a kill can come right behind: how many of each there were, and how long it may take to have its effect. */
const EVENTS = {
  // What was answered has to be written down by then: the kill comes at once.
  "a message answered 201": { count: ({ memory }: Round) => memory.messages.length, mostLagMs: 0 },
  "a delivery report answered 204": { count: ({ carrier }: Round) => carrier.notedReports, mostLagMs: 0 },
  // What was begun is written down step by step: the kill comes somewhere between the steps.
  "a message taken by the carrier": { count: ({ carrier }: Round) => carrier.taken().length, mostLagMs: 20 },
  "a delivery report": { count: ({ carrier }: Round) => carrier.begunReports, mostLagMs: 20 },
  "a callback POST": { count: ({ receipts }: Round) => receipts.total(), mostLagMs: 20 },
};
const KINDS = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
const ANYWHEN_SHARE = 0.25;

export interface Moment {
  /** After the warm-up. */
  afterMs: number;
  /** The kill waits for the next of these, or for nothing. */
  behind: keyof typeof EVENTS | "nothing";
  lagMs: number;
}

/** Most kills come right behind an event, where a crash hurts most; some at any moment. */
export function chooseMoment(random: () => number): Moment {
  const afterMs = EARLIEST_KILL_MS + Math.floor(random() * (LATEST_KILL_MS - EARLIEST_KILL_MS));
  const [share, choice, lag] = [random(), random(), random()];
  const behind = share < ANYWHEN_SHARE ? undefined : KINDS[Math.floor(choice * KINDS.length)];
  if (behind === undefined) return { afterMs, behind: "nothing", lagMs: 0 };
  return { afterMs, behind, lagMs: Math.round(lag * EVENTS[behind].mostLagMs) };
}

/** Resolves at the moment. A slow machine gets more time, so that each kill finds as much in flight. */
export async function waitFor({ afterMs, behind, lagMs }: Moment, round: Round): Promise<void> {
  const { links } = round.memory;
  const before = links.length;
  const isWarm = () => links.slice(before).filter(isAwaited).length >= WARM_LINKS;
  await until(isWarm, LONGEST_WARM_UP_MS, () => sleep(10));
  await sleep(afterMs);
  if (behind === "nothing") return;
  const { count } = EVENTS[behind];
  const counted = count(round);
  await until(() => count(round) > counted, LONGEST_WAIT_FOR_EVENT_MS, setImmediate);
  if (lagMs > 0) await sleep(lagMs);
}

async function until(isSo: () => boolean, mostMs: number, pause: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + mostMs;
  while (!isSo() && Date.now() < deadline) await pause();
}
