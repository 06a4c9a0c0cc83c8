// Workers KV: one central truth, and in each city a cache that keeps what it read for a minute, also that there was nothing.

import type { Clock } from "./clock.ts";
import { connect } from "./connections.ts";
import type { Fault, Weather } from "./faults.ts";
import { ask, type Life } from "./life.ts";
import type { Random } from "./random.ts";

/** How long a city serves what it has read: the platform's default `cacheTtl`. */
export const CACHED_MS = 60_000;
/** How far a city's first read may lag behind: the platform says "60 seconds or more" in all. */
export const LONGEST_LAG_MS = 15_000;
const SLOW_MS = 1_000;
const LEAST_BETWEEN_WRITES_MS = 1_000;
const LEAST_EXPIRATION_SECONDS = 60;
const DAY_MS = 24 * 3_600_000;

interface Version {
  /** When the write was accepted, on the clock that only grows. */
  at: number;
  value: string | null;
  /** Unix seconds. */
  expiration: number;
}

export class Directory {
  readonly #versions = new Map<string, Version[]>();
  readonly #served = new WeakSet<Life>();
  readonly #troubledAt = new Map<string, number>();
  /** Quotas that are used up; on the clock that only grows. */
  #refusesDeletionsUntil = -Infinity;
  #refusesWritesUntil = -Infinity;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #stored: (text: string) => void;

  /** `stored` sees each text that is written. */
  constructor(clock: Clock, random: Random, weather: Weather, stored: (text: string) => void) {
    this.#stored = stored;
    this.#clock = clock;
    this.#random = random;
    this.#weather = weather;
  }

  /** The binding as one city sees it. */
  city(): object {
    const cache = new Map<string, { version: Version | undefined; until: number }>();
    return {
      get: (key: string, type?: string) => connect("internal", () => this.#get(cache, key, type)),
      put: (key: string, value: string, options: { expiration: number }) =>
        connect("internal", () => this.#put(key, value, options.expiration)),
      delete: (key: string) => connect("internal", () => this.#write(key, null, Infinity)),
    };
  }

  /** For the checks: what is stored now, expired or not yet written entries left out. */
  entry(key: string): string | null {
    return this.#current(this.#versions.get(key)?.at(-1));
  }

  keys(): string[] {
    return [...this.#versions.keys()].filter((key) => this.entry(key) !== null);
  }

  /** For the checks: when the first write after that moment was accepted that said something else. */
  whenReplaced(key: string, after: number, isOther: (value: string | null) => boolean): number | null {
    return this.#versions.get(key)?.find(({ at, value }) => at >= after && isOther(value))?.at ?? null;
  }

  /** For the checks: when a write of that key last went wrong in any other way than that deletions alone are refused. */
  troubledAt(key: string): number {
    return this.#troubledAt.get(key) ?? -Infinity;
  }

  /** For the checks: until when writes that a quota refused may be missing. They come on the next day of UTC, the oldest 6 h later. */
  get behindUntil(): number {
    return Math.max(this.#refusesDeletionsUntil, this.#refusesWritesUntil) + 31 * 3_600_000;
  }

  /** For the checks: whether that life was given an entry, and soon. */
  hasServed(life: Life): boolean {
    return this.#served.has(life);
  }

  #get(cache: Map<string, { version: Version | undefined; until: number }>, key: string, type?: string) {
    return ask<unknown>((answer, asking) => {
      const meets = (fault: Fault) => this.#weather.strikes(fault, asking);
      if (meets("kv.get-hangs")) return;
      const fails = meets("kv.get-fails");
      const misses = meets("kv.get-misses");
      const delay = meets("kv.get-slow") ? this.#random.between(1_000, 20_000) : this.#random.between(1, 30);
      this.#clock.after(delay, "kv get", () => {
        if (fails) return answer.reject(new Error("KV GET failed: 500 Internal Server Error"));
        const value = misses ? null : this.#current(this.#seen(cache, key));
        if (value !== null && asking !== undefined && delay < SLOW_MS) this.#served.add(asking);
        answer.resolve(value !== null && type === "json" ? JSON.parse(value) : value);
      });
    });
  }

  #seen(cache: Map<string, { version: Version | undefined; until: number }>, key: string): Version | undefined {
    const cached = cache.get(key);
    if (cached !== undefined && this.#clock.now < cached.until) return cached.version;
    const lag = this.#weather.strikes("kv.stale") ? this.#random.between(1_000, LONGEST_LAG_MS) : 0;
    const version = this.#versions.get(key)?.findLast(({ at }) => at <= this.#clock.now - lag);
    cache.set(key, { version, until: this.#clock.now + CACHED_MS });
    return version;
  }

  /** The end of an entry beats every cache. */
  #current(version: Version | undefined): string | null {
    return version === undefined || version.expiration * 1_000 <= this.#clock.date() ? null : version.value;
  }

  #put(key: string, value: string, expiration: number): Promise<void> {
    if (expiration * 1_000 < this.#clock.date() + LEAST_EXPIRATION_SECONDS * 1_000 - 1_000)
      return Promise.reject(new Error("KV PUT failed: 400 Invalid expiration"));
    return this.#write(key, value, expiration);
  }

  #write(key: string, value: string | null, expiration: number): Promise<void> {
    return ask((answer, asking) => {
      const meets = (fault: Fault) => {
        const isMet = this.#weather.strikes(fault, asking);
        if (isMet) this.#troubledAt.set(key, this.#clock.now);
        return isMet;
      };
      if (meets("kv.put-hangs")) return;
      const isRefused = this.#refuses(key, value === null);
      const fails = meets("kv.put-fails");
      const isLost = meets("kv.put-lost-answer");
      const landsLate = meets("kv.put-lands-late");
      const delay = meets("kv.put-slow") ? this.#random.between(1_000, 8_000) : this.#random.between(5, 60);
      this.#clock.after(delay, value === null ? "kv delete" : "kv put", () => {
        if (landsLate && !isRefused) this.#landLater(key, { at: 0, value, expiration });
        // What an instance sent before it ended is cancelled with it.
        if (asking?.isOver) return;
        const refused = isRefused
          ? "429 Too Many Requests: the day's quota is used up"
          : landsLate
            ? "504 Gateway Timeout"
            : fails
              ? "500 Internal Server Error"
              : this.#accept(key, { at: this.#clock.now, value, expiration });
        const error = refused ?? (isLost ? "504 Gateway Timeout" : null);
        if (error !== null) answer.reject(new Error(`KV PUT failed: ${error}`));
        else answer.resolve();
      });
    });
  }

  #refuses(key: string, isDeletion: boolean): boolean {
    const { now } = this.#clock;
    if (this.#weather.strikes("kv.refuses-writes"))
      this.#refusesWritesUntil = now + this.#random.pick([DAY_MS, 35 * DAY_MS]);
    if (this.#weather.strikes("kv.refuses-deletions")) this.#refusesDeletionsUntil = now + DAY_MS;
    if (now < this.#refusesWritesUntil) this.#troubledAt.set(key, now);
    return now < this.#refusesWritesUntil || (isDeletion && now < this.#refusesDeletionsUntil);
  }

  #landLater(key: string, version: Version): void {
    const clock = this.#clock;
    clock.after(this.#random.between(100, 20_000), "kv write lands", () =>
      this.#accept(key, { ...version, at: clock.now }),
    );
  }

  #accept(key: string, version: Version): string | null {
    this.#stored(`${key} ${version.value}`);
    const versions = this.#versions.get(key) ?? [];
    const last = versions.at(-1);
    if (last !== undefined && version.at - last.at < LEAST_BETWEEN_WRITES_MS) {
      this.#troubledAt.set(key, version.at);
      return "429 Too Many Requests";
    }
    this.#versions.set(key, [...versions, version]);
    return null;
  }
}
