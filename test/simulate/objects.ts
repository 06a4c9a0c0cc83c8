// Durable Objects: one instance for each name, calls that are copied on the way in and out and take their time both ways,
// alarms, and everything that goes wrong with them.

import type { Cancel, Clock } from "./clock.ts";
import { currentInvocation, Invocation, invoke, type Limits } from "./connections.ts";
import { copyOf } from "./copy.ts";
import type { Fault, Weather } from "./faults.ts";
import { ask, currentLife, Life, live } from "./life.ts";
import type { Random } from "./random.ts";
import { refused, Storage } from "./storage.ts";
import { isStreamed, streamFrom } from "./streams.ts";

type Method = (...args: unknown[]) => unknown;
/** An object's class as the namespace needs it; its methods are found by name, as RPC does. */
export type ObjectClass = new (ctx: unknown, env: unknown) => object;

/** What the checks learn of every call, when it was carried out. `args` are the object's copy. */
export interface Call {
  host: ObjectHost;
  method: string;
  args: unknown[];
  caller: Life | undefined;
}

export interface Observer {
  called(call: Call): void;
  answered(call: Call, result: unknown): void;
  /** A text was written to an object, to KV, or to a queue. */
  stored: (text: string) => void;
  /** A block of writes has ended. */
  wrote(host: ObjectHost): void;
  /** All storage is about to be deleted. */
  forgets(host: ObjectHost): void;
  /** Whether another object has its name, and can look after it. */
  isKnown(host: ObjectHost): boolean;
  /** An alarm could not be set. */
  alarmRefused(host: ObjectHost): void;
  /** An alarm's handler threw, so that the platform runs it again. */
  alarmThrew(host: ObjectHost): void;
  /** An alarm failed for the seventh time. */
  alarmDropped(host: ObjectHost): void;
}

export interface ObjectPlatform {
  clock: Clock;
  random: Random;
  weather: Weather;
  observer: Observer;
  env: unknown;
  limits: Limits;
  /** What a caller is answered instead of what the object says. */
  answerOf: (method: string, answer: unknown) => unknown;
}

const IDLE_MS = 10_000;
const LONGEST_ALARM_MS = 15 * 60_000;
const ALARM_RETRIES = 6;
const SHORTEST_OUTAGE_MS = 10 * 60_000;
const LONGEST_OUTAGE_MS = 12 * 3_600_000;

interface Instance {
  life: Life;
  object: object;
  /** Calls and background work under way; an instance with none is dropped when it has been idle. */
  active: number;
  lastUsedAt: number;
  /** Callers that wait for an answer. */
  callers: Set<(error: Error | null) => void>;
}

/** One class of objects, as the binding shows it. */
export class Namespace {
  readonly hosts = new Map<string, ObjectHost>();
  readonly #name: string;
  readonly #platform: ObjectPlatform;
  readonly #objectClass: () => ObjectClass;

  constructor(name: string, platform: ObjectPlatform, objectClass: () => ObjectClass) {
    this.#name = name;
    this.#platform = platform;
    this.#objectClass = objectClass;
  }

  host(name: string): ObjectHost {
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = new ObjectHost(this.#name, name, this.#platform, this.#objectClass);
      this.hosts.set(name, host);
    }
    return host;
  }

  /** A stub; one that threw because of the platform stays broken, as documented. */
  getByName(name: string): object {
    const host = this.host(name);
    let broken: Error | null = null;
    const call =
      (method: string) =>
      (...args: unknown[]) => {
        if (broken !== null) return Promise.reject(broken);
        const answer = host.call(method, copyOf(args));
        answer.catch((error: unknown) => {
          if (error instanceof Error && !("remote" in error)) broken = error;
        });
        return answer;
      };
    return new Proxy(
      {},
      { get: (_, method) => (method === "then" || typeof method !== "string" ? undefined : call(method)) },
    );
  }
}

/** One object: its storage and its alarm, which stay, and its instance, which comes and goes. */
export class ObjectHost {
  readonly className: string;
  readonly name: string;
  readonly storage: Storage;
  /** Unix milliseconds. */
  alarmAt: number | null = null;
  /** The method that was called last, or `alarm`. */
  entered = "";
  #alarm: { cancel: Cancel } | null = null;
  #isAlarmRunning = false;
  #alarmRetries = 0;
  #instance: Instance | null = null;
  #outOfReachUntil = -Infinity;
  #detained: { method: string; ms: number } | null = null;
  readonly #platform: ObjectPlatform;
  readonly #objectClass: () => ObjectClass;

  constructor(className: string, name: string, platform: ObjectPlatform, objectClass: () => ObjectClass) {
    this.className = className;
    this.name = name;
    this.#platform = platform;
    this.#objectClass = objectClass;
    this.storage = new Storage(
      () => platform.weather.refusesWrites,
      () => this.#blockEnded(),
      platform.observer.stored,
    );
    platform.clock.onJump(() => this.#schedule());
  }

  async call(method: string, args: unknown[]): Promise<unknown> {
    currentInvocation()?.charge("internal");
    const { clock, random } = this.#platform;
    return ask((answer, caller) => {
      const meets = (fault: Fault) => this.#platform.weather.strikes(fault, caller);
      const refuse = (marks: object) =>
        clock.after(this.#way(), "refused", () => answer.reject(Object.assign(unavailable(), marks)));
      if (this.#isOutOfReach(caller)) return void refuse({});
      if (meets("rpc.retryable")) return void refuse({ retryable: true });
      if (meets("rpc.overloaded")) return void refuse({ overloaded: true });
      if (meets("rpc.error")) return void refuse({});
      if (meets("rpc.hang")) return;
      const isSilent = meets("rpc.silence");
      const isLost = meets("rpc.lost-answer");
      const slowness = meets("rpc.slow") ? random.between(500, 12_000) : 0;
      clock.after(this.#way() + slowness + this.#detention(method), `call ${method}`, () => {
        // What a life that is over has sent may be on its way already, or not.
        if (caller?.isOver && random.chance(0.5)) return;
        if (this.#instance !== null && meets("object.evicted")) this.evict();
        this.#perform({ host: this, method, args, caller }, (outcome) => {
          if (isSilent) return;
          clock.after(this.#way(), `answer ${method}`, () => {
            if (isLost) answer.reject(Object.assign(unavailable(), { retryable: true }));
            else if ("error" in outcome) answer.reject(outcome.error);
            else answer.resolve(outcome.result);
          });
        });
      });
    });
  }

  /** The next call of this method, and no other, is on its way for so much longer. */
  detain(method: string, ms: number): void {
    this.#detained = { method, ms };
  }

  #detention(method: string): number {
    if (this.#detained?.method !== method) return 0;
    const { ms } = this.#detained;
    this.#detained = null;
    return ms;
  }

  /** For all callers alike, and not longer than the storm. */
  #isOutOfReach(caller: Life | undefined): boolean {
    const { clock, random, weather } = this.#platform;
    if (this.className === "Link" && weather.strikes("object.out-of-reach"))
      this.#outOfReachUntil = clock.now + random.between(SHORTEST_OUTAGE_MS, LONGEST_OUTAGE_MS);
    const isOut = clock.now < this.#outOfReachUntil && weather.wasBadAt(clock.now);
    if (isOut && caller !== undefined) caller.faults++;
    return isOut;
  }

  /** The instance is gone, with everything under way in it; its callers hear of it, or wait for ever. */
  evict(): void {
    const instance = this.#instance;
    if (instance === null) return;
    this.#instance = null;
    this.#platform.clock.note(`evict ${this.className}`);
    const callers = [...instance.callers];
    instance.life.end();
    for (const tell of callers)
      tell(this.#platform.random.chance(0.8) ? Object.assign(unavailable(), { retryable: true }) : null);
  }

  #perform(call: Call, done: (outcome: { result: unknown } | { error: Error }) => void): void {
    const { observer } = this.#platform;
    const instance = this.#enter();
    const tell = (error: Error | null) => {
      if (call.caller !== undefined) call.caller.faults++;
      if (error !== null) done({ error });
    };
    instance.callers.add(tell);
    const finish = (outcome: { result: unknown } | { error: Error }) => {
      this.#leave(instance);
      if (instance.callers.delete(tell) && !instance.life.isOver) done(outcome);
    };
    this.entered = call.method;
    observer.called(call);
    this.#run(instance, async () => {
      const method = (instance.object as Record<string, Method | undefined>)[call.method];
      if (method === undefined) throw new Error(`The RPC receiver does not implement the method "${call.method}"`);
      const answer: unknown = await method.apply(instance.object, call.args);
      if (isStreamed(answer)) return streamFrom(answer, instance.life);
      return copyOf(this.#platform.answerOf(call.method, answer));
    }).then(
      (result) => {
        if (!instance.life.isOver) observer.answered(call, result);
        finish({ result });
      },
      // An error loses its own properties on the way out.
      (error: unknown) => finish({ error: Object.assign(new Error(textOf(error)), { remote: true }) }),
    );
  }

  /** A call or an alarm: an invocation of its own, in a life that it shares. */
  #run<T>(instance: Instance, run: () => Promise<T>): Promise<T> {
    return live(instance.life, () => invoke(new Invocation(this.#platform.limits), run));
  }

  #way(): number {
    return this.#platform.random.between(1, 25);
  }

  #enter(): Instance {
    const { clock, random, env } = this.#platform;
    const idle = this.#instance;
    if (idle !== null && idle.active === 0 && clock.now - idle.lastUsedAt > IDLE_MS) {
      idle.life.end();
      this.#instance = null;
    }
    if (this.#instance === null) {
      const life = new Life(`${this.className} ${this.name}`, null, random.between(-20, 20));
      const object = live(life, () => new (this.#objectClass())(this.#contextOf(life), env));
      this.#instance = { life, object, active: 0, lastUsedAt: clock.now, callers: new Set() };
    }
    this.#instance.active++;
    return this.#instance;
  }

  #leave(instance: Instance): void {
    instance.active--;
    instance.lastUsedAt = this.#platform.clock.now;
  }

  /** What the platform gives to an instance; of no use to it any more once its life is over. */
  #contextOf(life: Life): object {
    const alive = () => {
      if (life.isOver) throw new ObjectReset("This object was reset");
    };
    const guarded =
      <A extends unknown[], R>(act: (...args: A) => R) =>
      (...args: A): R => {
        alive();
        return act(...args);
      };
    const { storage } = this;
    return {
      id: { name: this.name, toString: () => this.name },
      waitUntil: (work: Promise<unknown>) => this.#waitUntil(work),
      // Nobody watches.
      getWebSockets: () => [],
      storage: {
        sql: { exec: guarded(storage.exec.bind(storage)) },
        transactionSync: guarded((write: () => unknown) => this.#transaction(write)),
        setAlarm: guarded((at: number | Date) => this.#askForAlarm(Number(at))),
        deleteAlarm: guarded(() => this.#setAlarm(null)),
        getAlarm: guarded(async () => this.alarmAt),
        deleteAll: guarded(() => this.#deleteAll()),
      },
    };
  }

  #waitUntil(work: Promise<unknown>): void {
    const instance = this.#instance;
    if (instance === null) return;
    instance.active++;
    const finish = () => this.#leave(instance);
    work.then(finish, finish);
  }

  /** Rows and alarm are written together, or not at all. */
  #transaction(write: () => unknown): unknown {
    const { alarmAt } = this;
    try {
      return this.storage.transaction(write);
    } catch (error) {
      this.alarmAt = alarmAt;
      this.#schedule();
      throw error;
    }
  }

  async #deleteAll(): Promise<void> {
    if (this.#platform.weather.refusesWrites) throw refused();
    this.#platform.observer.forgets(this);
    this.storage.deleteAll();
    void this.#setAlarm(null);
  }

  async #askForAlarm(at: number): Promise<void> {
    if (!this.#platform.weather.refusesWrites) return this.#setAlarm(at);
    this.#platform.observer.alarmRefused(this);
    throw refused();
  }

  #setAlarm(at: number | null): Promise<void> {
    this.alarmAt = at;
    this.#alarmRetries = 0;
    this.storage.wrote();
    this.#schedule();
    return Promise.resolve();
  }

  /** Between two blocks of writes is where an instance can end. */
  #blockEnded(): void {
    this.#platform.observer.wrote(this);
    if (this.#instance !== null && currentLife() === this.#instance.life)
      if (this.#platform.weather.strikes("object.evicted-after-write")) this.evict();
  }

  #schedule(delayMs = 0): void {
    const { clock, random, weather } = this.#platform;
    this.#alarm?.cancel();
    this.#alarm = null;
    if (this.alarmAt === null || this.#isAlarmRunning) return;
    const lateMs = weather.strikes("alarm.late") ? random.between(1_000, 60_000) : random.between(1, 5);
    const at = Math.max(clock.whenDateIs(this.alarmAt), clock.now + delayMs) + lateMs;
    this.#alarm = { cancel: clock.at(at, `alarm ${this.className}`, () => this.#fire()) };
  }

  /** Runs the alarm. It is gone when the handler returns, unless that set another; a handler that fails is run again. */
  #fire(): void {
    const { clock, random, weather } = this.#platform;
    const { alarmAt } = this;
    if (alarmAt === null) return;
    if (weather.strikes("alarm.dropped", undefined, () => this.#platform.observer.isKnown(this))) {
      this.alarmAt = null;
      return;
    }
    if (weather.strikes("alarm.fails")) return this.#schedule(random.between(1_000, 30_000));
    const again = weather.strikes("alarm.twice");
    const instance = this.#enter();
    this.#isAlarmRunning = true;
    this.entered = "alarm";
    this.alarmAt = null;
    const ended = (how: "done" | "threw" | "died") => {
      if (!this.#isAlarmRunning) return;
      this.#isAlarmRunning = false;
      tooLong();
      this.#leave(instance);
      if (this.alarmAt === null && how === "done" && again) this.alarmAt = clock.date();
      else if (this.alarmAt === null && how !== "done") return this.#retryAlarm(alarmAt, how);
      this.#schedule();
    };
    const tooLong = clock.after(LONGEST_ALARM_MS, "alarm takes too long", () => {
      this.evict();
      ended("threw");
    });
    instance.life.onEnd(() => ended("died"));
    this.#run(instance, async () => {
      const { alarm } = instance.object as { alarm: (info: object) => Promise<void> };
      await alarm.call(instance.object, { retryCount: this.#alarmRetries, isRetry: this.#alarmRetries > 0 });
    }).then(
      () => !instance.life.isOver && ended("done"),
      () => !instance.life.isOver && ended("threw"),
    );
  }

  #retryAlarm(at: number, how: "threw" | "died"): void {
    const retries = this.#alarmRetries;
    if (how === "threw") this.#platform.observer.alarmThrew(this);
    if (how === "threw" && retries === ALARM_RETRIES) {
      this.#alarmRetries = 0;
      return this.#platform.observer.alarmDropped(this);
    }
    this.alarmAt = at;
    // An error of the platform itself is not counted.
    if (how === "threw") this.#alarmRetries++;
    this.#schedule(2_000 * 2 ** retries);
  }
}

/** What code gets that goes on with its storage though its instance has ended. */
export class ObjectReset extends Error {}

/** Thousands are made in a run, and nobody looks where; a stack would be costly. */
function unavailable(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error("Durable Object is unavailable");
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
