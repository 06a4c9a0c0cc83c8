// What one invocation may have open and may ask for, it and all that it calls together: six connections at a time, and so many
// subrequests. workerd knows none of this. An object's call or alarm is an invocation of its own.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "./clock.ts";
import { currentLife } from "./life.ts";

/** Cloudflare's limits page, "Simultaneous open connections": a `fetch` that waits for its headers, a call of KV or of a queue. */
const MOST_OPEN = 6;

/** A connection that is given up takes a moment to close. */
const CLOSING_MS = 20;

/** Subrequests of one invocation: `fetch` to the outside, and calls of Cloudflare's own services, objects included. */
export type Allowance = Record<"external" | "internal", number>;
export const PAID: Allowance = { external: 10_000, internal: 10_000 };
export const FREE: Allowance = { external: 50, internal: 1_000 };

/** How many had to wait for a connection in a whole run, and how many gave up meanwhile. */
export class Waits {
  count = 0;
  givenUp = 0;
}

/** What holds for every invocation of a run. */
export interface Limits {
  allowance: Allowance;
  clock: Clock;
  waits: Waits;
}

export class Invocation {
  #open = 0;
  readonly #line = new Set<() => void>();
  readonly #left: Allowance;
  readonly #clock: Clock;
  readonly #waits: Waits;

  constructor({ allowance, clock, waits }: Limits) {
    this.#left = { ...allowance };
    this.#clock = clock;
    this.#waits = waits;
  }

  /** Counts a subrequest. Throws when it is one too many. */
  charge(kind: keyof Allowance): void {
    if (this.#left[kind]-- <= 0) throw new Error("Too many subrequests by single Worker invocation.");
  }

  /** Waits for one of the six; call what it resolves with to give it back. Rejects when `signal` is quicker. */
  async enter(signal: AbortSignal | null): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#open >= MOST_OPEN) await this.#wait(signal);
    else this.#open++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      if (signal?.aborted === true) this.#clock.after(CLOSING_MS, "connection closes", () => this.#passOn());
      else this.#passOn();
    };
  }

  /** The next in line takes the connection over. */
  #passOn(): void {
    const [next] = this.#line;
    if (next === undefined) this.#open--;
    else next();
  }

  #wait(signal: AbortSignal | null): Promise<void> {
    this.#waits.count++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#line.delete(take);
        signal?.removeEventListener("abort", giveUp);
      };
      const take = () => {
        leave();
        resolve();
      };
      const giveUp = () => {
        leave();
        this.#waits.givenUp++;
        reject(signal?.reason as Error);
      };
      this.#line.add(take);
      signal?.addEventListener("abort", giveUp);
      // Nobody waits any more, and nothing is made.
      currentLife()?.onEnd(leave);
    });
  }
}

const invocations = new AsyncLocalStorage<Invocation>();

/** Runs code as part of an invocation; what it awaits belongs to that as well. */
export function invoke<T>(invocation: Invocation, run: () => T): T {
  return invocations.run(invocation, run);
}

/** The invocation of the code that asks; undefined is the simulator itself. */
export function currentInvocation(): Invocation | undefined {
  return invocations.getStore();
}

/** A subrequest that needs a connection until it is answered. It is not made before there is one. */
export async function connect<T>(
  kind: keyof Allowance,
  make: () => Promise<T>,
  signal: AbortSignal | null = null,
): Promise<T> {
  const invocation = currentInvocation();
  if (invocation === undefined) return make();
  invocation.charge(kind);
  const leave = await invocation.enter(signal);
  const life = currentLife();
  if (life?.isOver === true) {
    leave();
    return new Promise(() => {});
  }
  // One that is never answered keeps its connection until the code that asked is gone.
  life?.onEnd(leave);
  try {
    return await make();
  } finally {
    leave();
  }
}
