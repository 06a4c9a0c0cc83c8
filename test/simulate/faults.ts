// The weather of a run: which faults the platform throws at it, and how often.

import type { Clock } from "./clock.ts";
import type { Life } from "./life.ts";
import type { Random } from "./random.ts";

/** Every fault, by where it strikes. */
export const FAULTS = [
  // A call to an object is refused with the platform's mark, refused without one, carried out while its answer is lost,
  // never carried out and never answered, carried out and never answered, or slow.
  "rpc.retryable",
  "rpc.overloaded",
  "rpc.error",
  "rpc.lost-answer",
  "rpc.hang",
  "rpc.silence",
  "rpc.slow",
  // One link's object is out of reach for hours, while all others are well.
  "object.out-of-reach",
  // An object's instance is gone between two of its writes, or before the next call reaches it.
  "object.evicted-after-write",
  "object.evicted",
  // An alarm is up to a minute late, comes once more, or fails before the object's code runs.
  "alarm.late",
  "alarm.twice",
  "alarm.fails",
  // An alarm is gone without having run. And for minutes, hours or three days all objects' writes are refused, alarms' too: a
  // quota of the day, or a spending limit.
  "alarm.dropped",
  "storage.refuses",
  // KV's reads fail, take long, never answer, or find nothing; a city sees an older state; writes fail, hang, take long, or are carried
  // out while the answer is an error; all deletions are refused for a day, or all writes for a day or for weeks.
  "kv.get-fails",
  "kv.get-slow",
  "kv.get-hangs",
  "kv.get-misses",
  "kv.stale",
  "kv.put-fails",
  "kv.put-hangs",
  "kv.put-slow",
  "kv.put-lost-answer",
  "kv.refuses-deletions",
  "kv.refuses-writes",
  // A queue refuses, never answers, takes a message while the answer is an error; doubles, delays, mixes, loses messages;
  // a consumer dies while it handles a batch.
  "queue.send-fails",
  "queue.send-hangs",
  "queue.send-lost-answer",
  "queue.duplicates",
  "queue.delays",
  "queue.reorders",
  "queue.loses",
  "queue.consumer-dies",
  // The invocation that makes an attempt dies on the way; one that has answered a tap dies behind it, and its process lives on; a
  // city's process dies; clocks are set.
  "attempt.dies",
  "invocation.dies",
  "isolate.dies",
  "clock.jumps",
  // This version is deployed in the place of an earlier one, whose objects it finds.
  "deployment",
] as const;

/**
 * Faults that no document promises to withstand, left out unless a run asks for them with --beyond. A write of KV that is
 * answered with an error lands some seconds later, so perhaps on a newer one.
 */
export const FAULTS_BEYOND = ["kv.put-lands-late"] as const;

export type Fault = (typeof FAULTS)[number] | (typeof FAULTS_BEYOND)[number];

/** How long calls that were made in a storm go on behind it. */
const AFTERMATH_MS = 60_000;
const RATES = [0.01, 0.05, 0.2, 0.5];

/** How often each fault strikes while the weather is bad, of one call; a fault that is left out never does. */
export type Rates = ReadonlyMap<Fault, number>;

/** None, one, or a quarter of all faults. */
export function drawRates(random: Random, beyond: boolean): Rates {
  const rates = new Map<Fault, number>();
  const kind = random.weighted([
    [2, "calm"],
    [3, "one"],
    [5, "mixed"],
  ] as const);
  if (kind === "one") rates.set(random.pick(FAULTS), random.pick(RATES));
  if (kind === "mixed")
    for (const fault of beyond ? [...FAULTS, ...FAULTS_BEYOND] : FAULTS)
      if (random.chance(0.25)) rates.set(fault, random.pick(RATES));
  return rates;
}

export class Weather {
  readonly counts = new Map<Fault, number>();
  #isBad = false;
  #clearedAt = -Infinity;
  #refusedUntil = -Infinity;
  readonly #clock: Clock;
  readonly #rates: Rates;
  readonly #random: Random;

  constructor(clock: Clock, random: Random, rates: Rates) {
    this.#clock = clock;
    this.#random = random;
    this.#rates = rates;
  }

  /** A storm begins. */
  break(): void {
    this.#isBad = true;
  }

  /** The storm is over: nothing fails any more, though what failed has consequences. */
  clear(): void {
    this.#isBad = false;
    this.#clearedAt = this.#clock.now;
  }

  /** From now on, for so long, objects can write nothing and set no alarm. */
  refuseWrites(ms: number): void {
    this.#refusedUntil = Math.max(this.#refusedUntil, this.#clock.now + ms);
  }

  /** When the refusal of writes ends, or has ended; -Infinity when there was none. */
  get refusedUntil(): number {
    return this.#refusedUntil;
  }

  get refusesWrites(): boolean {
    return this.#clock.now < this.#refusedUntil;
  }

  /** Whether objects can lose their alarms in this run. */
  get losesAlarms(): boolean {
    return this.#rates.has("alarm.dropped") || this.#rates.has("storage.refuses");
  }

  /** Whether faults of that time, or shortly before, explain that something was not answered. */
  wasBadAt(time: number): boolean {
    return this.#isBad || time < Math.max(this.#clearedAt, this.#refusedUntil) + AFTERMATH_MS;
  }

  /** Nothing fails in this run, at no time. */
  get isCalm(): boolean {
    return this.#rates.size === 0;
  }

  /** Whether the fault strikes now, where it may; notes it with the life that meets it. */
  strikes(fault: Fault, life?: Life, may: () => boolean = () => true): boolean {
    const rate = this.#rates.get(fault);
    if (!this.#isBad || rate === undefined || !may() || !this.#random.chance(rate)) return false;
    this.#note(fault);
    if (life !== undefined) life.faults++;
    return true;
  }

  /** For faults that are an event of their own: whether this run has them at all. */
  allows(fault: Fault): boolean {
    if (!this.#isBad || !this.#rates.has(fault)) return false;
    this.#note(fault);
    return true;
  }

  #note(fault: Fault): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }
}
