// One run's platform, put together: cities that answer requests, objects, KV, queues, and the invocations between them.
//
// The project's own code is real: the Worker's fetch and queue handlers, both object classes, CallbackAttempt, deliver(), the
// hono app, and the packages that they use. What the platform does is faked, each part as far as that code can tell the
// difference:
//
//   objects.ts   one instance for each name; arguments and results are copied; calls interleave at each `await` of an object,
//                take time both ways, and fail as documented (`retryable`, `overloaded`, a stub that stays broken). An
//                instance ends only between two synchronous blocks of writes, because the platform commits such a block
//                as one. Not here: input gates across storage calls (this code's are all synchronous), limits of size.
//   storage.ts   SQLite itself. Output gates: a block is durable at its end, and an instance that ends then answers nobody,
//                which is one of the two things that a caller can see on the platform; the other, neither durable nor
//                answered, is a call that never arrived.
//   alarms       one for each object; at least once, late, twice; retried after errors and dropped after six, as documented;
//                ended after fifteen minutes.
//   kv.ts        a central store, caches of a minute for each city, negative look-ups too, one write a second for each key,
//                expiry that beats caches. Not here: regional tiers, conflicting central writes.
//   queues.ts    batches and retries as wrangler.toml has them; everything that "at least once" allows, and loss.
//   connections.ts  what an invocation shares with all that it calls, and what workerd lacks: six open connections (a `fetch`
//                until its headers are there, calls of KV and of queues; calls of objects need none), in whose line a seventh
//                waits while its time-out runs; and subrequests, on the paid plan or, in some runs, on the free one. A call or
//                alarm of an object is an invocation of its own. Not here: what a free account may do in a day.
//   globals.ts   time, randomness, fetch.
//   isolates.ts  module state of each city's process, which dies with it.
//
// One place is kinder than the platform: an isolate's code never runs in parallel with another's, and each synchronous block
// takes no time. Orders of events are drawn from the seed instead.

import { Clock } from "./clock.ts";
import { currentInvocation, FREE, Invocation, invoke, type Limits, PAID, Waits } from "./connections.ts";
import { copyOf } from "./copy.ts";
import { drawRates, type Rates, Weather } from "./faults.ts";
import type { Isolate } from "./isolates.ts";
import { Directory } from "./kv.ts";
import { CARRIER_SETTINGS } from "./carrier.ts";
import { ask, Life, live } from "./life.ts";
import { Namespace, type Observer } from "./objects.ts";
import { consumersOf, type Delivery, Queue } from "./queues.ts";
import { Random } from "./random.ts";

export const ADMIN_TOKEN = "simulated-admin-token-0123456789";
/** The longest that background work goes on after the answer. */
const BACKGROUND_MS = 30_000;
const LONGEST_BATCH_MS = 15 * 60_000;
const CLIENT_PATIENCE_MS = 60_000;
const CRON_PERIOD_MS = 30 * 60_000;
const LONGEST_REPAIR_MS = 3 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Of the month in which every run begins. */
const END_OF_MONTH = Date.UTC(2026, 11, 1);
const GUESS_PERIOD_MS = 60_000;
const GUESS_LIMIT = 100;

/** What makes one run. */
export interface Setting {
  seed: number;
  isolates: readonly Isolate[];
  /** Which faults strike, on a deployment with the usual settings; without it, both are drawn from the seed. */
  rates?: Rates;
  /** Draw also from the faults that no document promises to withstand. */
  beyond: boolean;
  /** The text of wrangler.toml. */
  toml: string;
}

/** Who is told what the platform sees. */
export interface PlatformObserver extends Observer {
  /** A message is in a queue. */
  accepted(queue: string, body: unknown): void;
  /** A queue's message that nobody will ever see again. */
  gone(queue: string, body: unknown): void;
}

export type Ended<T> = { kind: "returned"; value: T } | { kind: "threw"; error: unknown } | { kind: "died" };

/** Where code runs: a process, and the bindings as they are seen from there. */
export interface Place {
  name: string;
  isolate: Isolate;
  life: Life;
  env: object;
}

export interface Answered {
  kind: "answered";
  status: number;
  headers: Headers;
  text: string;
}

/** `silent`: no answer within a minute. `died`: the process is gone. */
export type Answer = (Answered | { kind: "silent" } | { kind: "died" }) & { life: Life; sentAt: number };

export class Platform {
  readonly clock = new Clock();
  readonly weather: Weather;
  readonly directory: Directory;
  readonly links: Namespace;
  readonly accounts: Namespace;
  readonly books: Namespace;
  readonly campaigns: Namespace;
  readonly parts: Namespace;
  readonly queues: Map<string, Queue>;
  readonly cities: Place[];
  readonly recordsBeforeRedirect: boolean;
  readonly waits = new Waits();
  /** While it is false, the version of before makes what is made: a link without a book. */
  hasBooks: boolean;
  readonly #home: Place;
  readonly #random: Random;
  readonly #limits: Limits;
  readonly #toml: string;

  constructor({ seed, isolates, rates, beyond, toml }: Setting, observer: PlatformObserver) {
    this.#random = new Random(seed, 1);
    this.#toml = toml;
    const weather = new Random(seed, 2);
    this.weather = new Weather(this.clock, weather, rates ?? drawRates(weather, beyond));
    this.recordsBeforeRedirect = rates === undefined && this.#random.chance(0.2);
    const { clock } = this;
    const random = this.#random;
    this.hasBooks = random.chance(0.7);
    // In some runs a month ends within the first day, and what is made goes from one book into the next.
    const turn = new Random(seed, 7);
    if (turn.chance(0.4)) clock.jump(END_OF_MONTH - clock.date() - turn.between(0, DAY_MS));
    this.#limits = { allowance: random.chance(0.2) ? FREE : PAID, clock, waits: this.waits };
    this.directory = new Directory(clock, random, this.weather, observer.stored);
    for (const isolate of isolates) isolate.restart();
    const [home, ...cities] = isolates.map((isolate, n) => this.#place(n === 0 ? "home" : `city ${n}`, isolate));
    if (home === undefined) throw new Error("a platform needs isolates");
    this.#home = home;
    this.cities = cities;
    const answerOf = (method: string, answer: unknown) =>
      method === "accept" && !this.hasBooks && answer !== null ? { ...(answer as object), book: null } : answer;
    const objects = { clock, random, weather: this.weather, observer, env: home.env, limits: this.#limits, answerOf };
    this.links = new Namespace("Link", objects, () => home.isolate.worker.Link);
    this.accounts = new Namespace("Account", objects, () => home.isolate.worker.Account);
    this.books = new Namespace("Book", objects, () => home.isolate.worker.Book);
    this.campaigns = new Namespace("Campaign", objects, () => home.isolate.worker.Campaign);
    this.parts = new Namespace("CampaignPart", objects, () => home.isolate.worker.CampaignPart);
    const deliver = (delivery: Delivery) => this.#consume(delivery);
    const gone = (queue: string, body: unknown) => observer.gone(queue, body);
    const accepted = (queue: string, body: unknown) => observer.accepted(queue, body);
    this.queues = makeQueues(toml, {
      clock,
      random,
      weather: this.weather,
      deliver,
      accepted,
      gone,
      stored: observer.stored,
    });
    for (const { env } of [home, ...cities]) Object.assign(env, this.#bindings());
  }

  /** A request from the outside to one city. Resolves with what the client sees of it. */
  async request(place: Place, request: Request): Promise<Answer> {
    const sentAt = this.clock.now;
    const { life, ended } = this.#invoke(place, async (ctx) => {
      const response = await place.isolate.worker.default.fetch(request, place.env, ctx);
      return { status: response.status, headers: response.headers, text: await response.text() };
    });
    const end = await new Promise<Ended<Omit<Answered, "kind">> | { kind: "silent" }>((resolve) => {
      const answered = this.clock.after(CLIENT_PATIENCE_MS, "client gives up", () => resolve({ kind: "silent" }));
      void ended.then(answered);
      void ended.then(resolve);
    });
    if (end.kind === "threw") throw new Error("the Worker threw", { cause: end.error });
    if (end.kind === "returned") return { kind: "answered", ...end.value, life, sentAt };
    return { kind: end.kind, life, sentAt };
  }

  /** The Cron Trigger of wrangler.toml comes every half hour; behind bad weather for as long as it may find anything. */
  async trigger(): Promise<void> {
    const place = this.#home;
    for (;;) {
      await this.clock.wait(CRON_PERIOD_MS);
      if (!this.weather.wasBadAt(this.clock.now - LONGEST_REPAIR_MS)) continue;
      this.#invoke(place, (ctx) => place.isolate.worker.default.scheduled({}, place.env, ctx));
    }
  }

  /** The process of a city dies, with all that it was doing; another takes its place. */
  kill(place: Place): void {
    place.life.end();
    place.isolate.restart();
    place.life = new Life(place.name, null, this.#random.between(-20, 20));
  }

  /** All objects' databases are closed. */
  close(): void {
    for (const namespace of [this.links, this.accounts, this.books, this.campaigns, this.parts])
      for (const host of namespace.hosts.values()) host.storage.close();
  }

  #place(name: string, isolate: Isolate): Place {
    const env = {
      ...variables(this.#toml),
      DIRECTORY: this.directory.city(),
      GUESSES: this.#rateLimit(),
      ADMIN_TOKEN,
    };
    const overrides = {
      ...CARRIER_SETTINGS,
      DATA_LOCATION: "anywhere",
      RECORD_BEFORE_REDIRECT: String(this.recordsBeforeRedirect),
    };
    return { name, isolate, life: new Life(name, null, this.#random.between(-20, 20)), env: { ...env, ...overrides } };
  }

  #bindings(): object {
    const queue = (name: string) => {
      const found = this.queues.get(name);
      return { send: found?.send.bind(found), sendBatch: found?.sendBatch.bind(found) };
    };
    const bound = Array.from(this.#toml.matchAll(/^\[\[queues\.producers\]\]\nbinding = "(.+)"\nqueue = "(.+)"/gm));
    return {
      LINK: this.links,
      ACCOUNT: this.accounts,
      BOOK: this.books,
      CAMPAIGN: this.campaigns,
      CAMPAIGN_PART: this.parts,
      ...Object.fromEntries(bound.map(([, binding = "", name = ""]) => [binding, queue(name)])),
    };
  }

  /** Counts for each city and minute, as the binding does. */
  #rateLimit(): object {
    const counts = new Map<string, number>();
    return {
      limit: ({ key }: { key: string }) =>
        ask<{ success: boolean }>((answer) => {
          const period = `${key} ${Math.floor(this.clock.now / GUESS_PERIOD_MS)}`;
          const count = (counts.get(period) ?? 0) + 1;
          counts.set(period, count);
          this.clock.after(1, "limit", () => answer.resolve({ success: count <= GUESS_LIMIT }));
        }),
    };
  }

  /**
   * Runs a handler in a life of its own, which ends with its background work or half a minute after its answer. It is an
   * invocation of its own, unless it was called by another: then it has what that one has.
   */
  #invoke<T>(
    place: Place,
    handle: (ctx: object) => Promise<T>,
    invocation = new Invocation(this.#limits),
  ): { life: Life; ended: Promise<Ended<T>> } {
    const life = new Life(place.name, place.life);
    let background = 0;
    let hasAnswered = false;
    const workEnded = () => {
      background--;
      if (hasAnswered && background === 0) life.end();
    };
    const ctx = {
      waitUntil: (work: Promise<unknown>) => {
        background++;
        void work.then(workEnded, workEnded);
      },
      passThroughOnException: () => {},
      exports: {
        CallbackAttempt: { start: (job: unknown) => this.#start("CallbackAttempt", job) },
        MessageSending: { start: (job: unknown) => this.#start("MessageSending", job) },
      },
    };
    const ended = new Promise<Ended<T>>((resolve) => {
      life.onEnd(() => resolve({ kind: "died" }));
      const finish = (end: Ended<T>) => {
        resolve(end);
        hasAnswered = true;
        life.onEnd(this.clock.after(BACKGROUND_MS, "background limit", () => life.end()));
        if (background === 0) life.end();
      };
      live(life, () => invoke(invocation, () => handle(ctx))).then(
        (value) => finish({ kind: "returned", value }),
        (error: unknown) => finish({ kind: "threw", error }),
      );
    });
    return { life, ended };
  }

  #consume({ batch, handled }: Delivery): void {
    const place = this.#home;
    const { life, ended } = this.#invoke(place, (ctx) => place.isolate.worker.default.queue(batch, place.env, ctx));
    const tooLong = this.clock.after(LONGEST_BATCH_MS, "batch takes too long", () => life.end());
    if (this.weather.strikes("queue.consumer-dies")) this.#endSoon(life);
    void ended.then(({ kind }) => {
      tooLong();
      handled(kind);
    });
  }

  /** The loopback call of `ctx.exports`: a life of its own within the caller's invocation, which answers when `start` returns. */
  async #start(entrypoint: "CallbackAttempt" | "MessageSending", job: unknown): Promise<void> {
    const place = this.#home;
    const caller = currentInvocation();
    caller?.charge("internal");
    const copy = copyOf(job);
    return ask((answer) => {
      this.clock.after(this.#random.between(1, 5), `start ${entrypoint}`, () => {
        const start = (ctx: object) => new place.isolate.worker[entrypoint](ctx, place.env).start(copy);
        const { life, ended } = this.#invoke(place, start, caller);
        if (this.weather.strikes("attempt.dies", life)) this.#endSoon(life);
        void ended.then((end) => {
          this.clock.after(1, "started", () => {
            if (end.kind === "returned") answer.resolve();
            else answer.reject(new Error(end.kind === "died" ? "The invocation was cancelled" : String(end.error)));
          });
        });
      });
    });
  }

  #endSoon(life: Life): void {
    this.clock.after(this.#random.between(0, this.#random.pick([20, 100, 1_000, 12_000])), "dies", () => life.end());
  }
}

function makeQueues(toml: string, platform: ConstructorParameters<typeof Queue>[3]): Map<string, Queue> {
  const queues = new Map<string, Queue>();
  const consumers = consumersOf(toml);
  const make = (name: string): Queue => {
    const made = queues.get(name);
    const consumer = consumers.get(name);
    if (made !== undefined) return made;
    if (consumer === undefined) throw new Error(`wrangler.toml: the queue ${name} has no consumer`);
    const queue = new Queue(
      name,
      consumer,
      consumer.deadLetters === null ? null : make(consumer.deadLetters),
      platform,
    );
    queues.set(name, queue);
    return queue;
  };
  for (const name of consumers.keys()) make(name);
  return queues;
}

/** [vars] of wrangler.toml. */
function variables(toml: string): Record<string, string> {
  const block = /^\[vars\]\n([^[]*)/m.exec(toml)?.[1] ?? "";
  return Object.fromEntries(Array.from(block.matchAll(/^([A-Z_]+) = "(.*)"$/gm), ([, name, value]) => [name, value]));
}
