// Queues, with the consumers of wrangler.toml: batches, at least once, in no order that can be relied on.

import type { Cancel, Clock } from "./clock.ts";
import { connect } from "./connections.ts";
import { copyOf } from "./copy.ts";
import type { Fault, Weather } from "./faults.ts";
import { ask } from "./life.ts";
import type { Random } from "./random.ts";

export interface Consumer {
  maxBatchSize: number;
  maxBatchTimeoutSeconds: number;
  maxRetries: number;
  deadLetters: string | null;
}

/** The consumers as they are deployed. */
export function consumersOf(toml: string): Map<string, Consumer> {
  const consumers = new Map<string, Consumer>();
  for (const block of toml.split("[[queues.consumers]]").slice(1)) {
    const value = (name: string) =>
      new RegExp(`^${name} = "?([^"\\n]+)"?$`, "m").exec(block.split("\n[[")[0] ?? "")?.[1];
    const number = (name: string) => {
      const text = value(name);
      if (text === undefined) throw new Error(`wrangler.toml: a consumer has no ${name}`);
      return Number(text);
    };
    consumers.set(value("queue") ?? "", {
      maxBatchSize: number("max_batch_size"),
      maxBatchTimeoutSeconds: number("max_batch_timeout"),
      maxRetries: number("max_retries"),
      deadLetters: value("dead_letter_queue") ?? null,
    });
  }
  return consumers;
}

interface Stored {
  id: number;
  body: unknown;
  /** Which delivery of it comes next, from 1. */
  attempts: number;
}

/** One batch on its way to the Worker; `handled` says what becomes of each message. */
export interface Delivery {
  batch: object;
  /** What the platform does once the handler has returned, thrown, or died; what it said by then counts if it lives. */
  handled: (how: "returned" | "threw" | "died") => void;
}

export interface QueuePlatform {
  clock: Clock;
  random: Random;
  weather: Weather;
  deliver: (delivery: Delivery) => void;
  /** A message was accepted; this is all of it. */
  stored: (text: string) => void;
  /** A message is in the queue. */
  accepted: (queue: string, body: unknown) => void;
  /** A message is gone for good: a fault lost it, or it was delivered too often. */
  gone: (queue: string, body: unknown) => void;
}

const REDELIVERED_AFTER_MS = 30_000;

export class Queue {
  readonly #name: string;
  readonly #consumer: Consumer;
  readonly #platform: QueuePlatform;
  readonly #deadLetters: Queue | null;
  readonly #ready: Stored[] = [];
  #flush: Cancel | null = null;
  #stored = 0;
  #count = 0;

  constructor(name: string, consumer: Consumer, deadLetters: Queue | null, platform: QueuePlatform) {
    this.#name = name;
    this.#consumer = consumer;
    this.#deadLetters = deadLetters;
    this.#platform = platform;
  }

  /** Messages that are not done with. */
  get size(): number {
    return this.#stored;
  }

  send(body: unknown, options: { delaySeconds?: number } = {}): Promise<void> {
    return this.sendBatch([{ body, ...options }]);
  }

  sendBatch(messages: { body: unknown; delaySeconds?: number }[]): Promise<void> {
    const copies = copyOf(messages);
    return connect("internal", () => this.#send(copies));
  }

  #send(copies: { body: unknown; delaySeconds?: number }[]): Promise<void> {
    const { clock, random, weather } = this.#platform;
    return ask((answer, asking) => {
      const meets = (fault: Fault) => weather.strikes(fault, asking);
      if (meets("queue.send-hangs")) return this.#lose(copies);
      const fails = meets("queue.send-fails");
      const isLost = meets("queue.send-lost-answer");
      clock.after(random.between(5, 80), `send ${this.#name}`, () => {
        if (asking?.isOver && random.chance(0.5)) return this.#lose(copies);
        if (!fails) for (const { body, delaySeconds } of copies) this.#accept(body, delaySeconds ?? 0);
        if (fails || isLost) answer.reject(new Error("Queue send failed: Internal Server Error"));
        else answer.resolve();
      });
    });
  }

  #lose(messages: { body: unknown }[]): void {
    for (const { body } of messages) this.#platform.gone(this.#name, body);
  }

  #accept(body: unknown, delaySeconds: number): void {
    const { random, weather, stored, accepted } = this.#platform;
    stored(JSON.stringify(body));
    accepted(this.#name, body);
    if (weather.strikes("queue.loses")) return this.#lose([{ body }]);
    const copies = weather.strikes("queue.duplicates") ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = weather.strikes("queue.delays") ? random.between(1_000, 7_200_000) : 0;
      this.#stored++;
      this.#store({ id: this.#count++, body, attempts: 1 }, delaySeconds * 1_000 + delayMs);
    }
  }

  #store(message: Stored, delayMs: number): void {
    this.#platform.clock.after(delayMs, `ready ${this.#name}`, () => {
      this.#ready.push(message);
      this.#plan();
    });
  }

  #plan(): void {
    const { maxBatchSize, maxBatchTimeoutSeconds } = this.#consumer;
    const isFull = this.#ready.length >= maxBatchSize;
    if (this.#flush !== null && !isFull) return;
    this.#flush?.();
    const wait = isFull ? 0 : maxBatchTimeoutSeconds * 1_000;
    const { clock, random } = this.#platform;
    this.#flush = clock.after(wait + random.between(2, 40), `batch ${this.#name}`, () => this.#deliver());
  }

  #deliver(): void {
    this.#flush = null;
    const { random, weather, deliver } = this.#platform;
    if (weather.strikes("queue.reorders")) random.shuffle(this.#ready);
    const messages = this.#ready.splice(0, this.#consumer.maxBatchSize);
    if (this.#ready.length > 0) this.#plan();
    if (messages.length === 0) return;
    // The first word on a message counts.
    const words = new Map<Stored, "ack" | { delaySeconds?: number }>();
    const say = (message: Stored, word: "ack" | { delaySeconds?: number }) => {
      if (!words.has(message)) words.set(message, word);
    };
    const sayAll = (word: "ack" | { delaySeconds?: number }) => {
      for (const message of messages) say(message, word);
    };
    deliver({
      batch: {
        queue: this.#name,
        messages: messages.map((message) => ({
          id: String(message.id),
          timestamp: new Date(this.#platform.clock.date()),
          body: copyOf(message.body),
          attempts: message.attempts,
          ack: () => say(message, "ack"),
          retry: (options: { delaySeconds?: number } = {}) => say(message, options),
        })),
        ackAll: () => sayAll("ack"),
        retryAll: (options: { delaySeconds?: number } = {}) => sayAll(options),
      },
      handled: (how) => {
        if (how === "died") words.clear();
        for (const message of messages) {
          const word = words.get(message) ?? (how === "returned" ? "ack" : {});
          if (word === "ack") this.#stored--;
          else this.#retry(message, word.delaySeconds);
        }
      },
    });
  }

  #retry(message: Stored, delaySeconds: number | undefined): void {
    if (message.attempts <= this.#consumer.maxRetries) {
      message.attempts++;
      this.#store(message, delaySeconds === undefined ? REDELIVERED_AFTER_MS : delaySeconds * 1_000);
      return;
    }
    this.#stored--;
    if (this.#deadLetters === null) this.#platform.gone(this.#name, message.body);
    else this.#deadLetters.#accept(message.body, 0);
  }
}
