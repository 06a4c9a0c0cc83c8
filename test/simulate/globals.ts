// The globals that Workers have and Node lacks, or has with real time and real randomness. All of them look at the one
// simulation that runs in this thread:
//
//   Date.now                  the virtual date, with the skew of the machine that asks
//   scheduler.wait            virtual time; Node has no such global
//   setTimeout, clearTimeout  virtual time
//   AbortSignal.timeout       virtual time
//   fetch                     the world's receivers and carrier, when there is a connection for it; nothing leaves the process
//   crypto.getRandomValues    seeded
//   crypto.subtle             the same digests, MACs and ciphers, answered by the clock: Node's run in threads, in an order of
//                             their own. With `timingSafeEqual`, which Node has elsewhere; it throws on unequal lengths, too
//   Blob                      its bytes at once, for the same reason
//   IdentityTransformStream   a TransformStream, which does nothing either
//   console.log               read by the simulation: the Worker's facts are part of what is checked
//
// Request, Response, Headers, URL, streams and TextDecoder are Node's own, which follow the same standards.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash as digestOf,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import type { Cancel, Clock } from "./clock.ts";
import { connect } from "./connections.ts";
import { ask, currentLife } from "./life.ts";
import type { Random } from "./random.ts";

/** What leaves the Worker. */
export interface Outgoing {
  url: string;
  method: string;
  headers: Headers;
  body: string;
  /** Anything but "manual" follows redirects. */
  redirect: string;
  signal: AbortSignal | null;
}

export interface Surroundings {
  clock: Clock;
  random: Random;
  fetch: (request: Outgoing) => Promise<Response>;
  log: (line: string) => void;
}

let surroundings: Surroundings | null = null;

/** What the globals look at from now on. */
export function surroundWith(current: Surroundings | null): void {
  surroundings = current;
  keys.clear();
  derivations.clear();
}

function around(): Surroundings {
  if (surroundings === null) throw new Error("a global of the Worker was used outside of a run");
  return surroundings;
}

/** Replaces the globals of this thread. */
export function installGlobals(): void {
  const realNow = Date.now;
  const realLog = console.log;
  Date.now = () => (surroundings === null ? realNow() : surroundings.clock.date() + (currentLife()?.skewMs ?? 0));
  console.log = (...line: unknown[]) => {
    if (surroundings === null || currentLife() === undefined) realLog(...line);
    else surroundings.log(String(line[0]));
  };
  AbortSignal.timeout = (ms) => {
    const timer = new AbortController();
    const cancel = around().clock.after(ms, "timeout", () => timer.abort(TIMED_OUT));
    currentLife()?.onEnd(cancel);
    return timer.signal;
  };
  define("scheduler", { wait });
  define("setTimeout", (run: () => void, ms: number) => {
    const life = currentLife();
    return around().clock.after(ms, "timer", () => life?.isOver !== true && run());
  });
  define("clearTimeout", (cancel: Cancel | null) => cancel?.());
  define("fetch", fetchOutside);
  define("Blob", InstantBlob);
  define("IdentityTransformStream", TransformStream);
  define("crypto", { getRandomValues, subtle });
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

async function fetchOutside(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const request = new Request(input, { ...init, signal: null });
  const { url, method, headers, redirect } = request;
  const signal = init.signal ?? null;
  const body = typeof init.body === "string" ? init.body : await request.text();
  const send = async () => {
    await reach(signal);
    return around().fetch({ url, method, headers, body, redirect, signal });
  };
  return connect("external", send, signal);
}

/** Until a connection stands, nothing has left. */
function reach(signal: AbortSignal | null): Promise<void> {
  const { clock, random } = around();
  return ask((answer) => {
    const cancel = clock.after(random.between(20, 120), "connects", () => answer.resolve());
    signal?.addEventListener("abort", () => {
      cancel();
      answer.reject(signal.reason);
    });
  });
}

/** One of each for all, since nobody looks where they come from and a stack would be costly. */
const ABORTED = new DOMException("The operation was aborted", "AbortError");
const TIMED_OUT = new DOMException("The operation was aborted due to timeout", "TimeoutError");

function wait(ms: number, options: { signal?: AbortSignal } = {}): Promise<void> {
  return ask((answer) => {
    const cancel = around().clock.after(ms, "timer", () => answer.resolve());
    options.signal?.addEventListener("abort", () => {
      cancel();
      answer.reject(ABORTED);
    });
  });
}

function getRandomValues<T extends Uint8Array | Uint32Array>(values: T): T {
  const { random } = around();
  const most = 2 ** (8 * values.BYTES_PER_ELEMENT) - 1;
  for (let n = 0; n < values.length; n++) values[n] = random.between(0, most);
  return values;
}

/** Answers a little later, as other events may come in between: an object is not alone while it waits for a digest. */
function later<T>(compute: () => T): Promise<T> {
  const { clock, random } = around();
  return ask((answer) =>
    clock.after(random.between(0, 2), "crypto", () => {
      try {
        answer.resolve(compute());
      } catch (error) {
        answer.reject(error);
      }
    }),
  );
}

interface Key {
  /** Its bytes, as text. */
  text: string;
  object: KeyObject;
  /** Of a MAC. */
  hash: string;
}

interface Hkdf {
  hash: string;
  salt: Uint8Array;
  info: Uint8Array;
}

const subtle = {
  timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer) => timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
  digest: (algorithm: string, data: Uint8Array) =>
    later(() => exactBuffer(digestOf(nodeName(algorithm), data, "buffer"))),
  importKey: async (format: string, bytes: Uint8Array, algorithm: string | { hash?: string }): Promise<Key> => {
    only(format, "raw");
    return { ...keyOf(bytes), hash: typeof algorithm === "string" ? "" : (algorithm.hash ?? "") };
  },
  sign: (algorithm: string, key: Key, data: Uint8Array) =>
    later(() => {
      only(algorithm, "HMAC");
      return exactBuffer(createHmac(nodeName(key.hash), key.object).update(data).digest());
    }),
  deriveKey: async ({ hash, salt, info }: Hkdf, key: Key, { length }: { length: number }): Promise<Key> => {
    return { ...keyOf(new Uint8Array(derived(hash, key, salt, info, length))), hash: "" };
  },
  deriveBits: ({ hash, salt, info }: Hkdf, key: Key, bits: number): Promise<ArrayBuffer> =>
    later(() => derived(hash, key, salt, info, bits).slice(0)),
  encrypt: ({ name, iv }: { name: string; iv: Uint8Array }, key: Key, data: Uint8Array) =>
    later(() => {
      only(name, "AES-GCM");
      const cipher = createCipheriv("aes-256-gcm", key.object, iv);
      return exactBuffer(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]));
    }),
  decrypt: ({ name, iv }: { name: string; iv: Uint8Array }, key: Key, data: Uint8Array) =>
    later(() => {
      only(name, "AES-GCM");
      const decipher = createDecipheriv("aes-256-gcm", key.object, iv).setAuthTag(data.subarray(-GCM_TAG_BYTES));
      return exactBuffer(Buffer.concat([decipher.update(data.subarray(0, -GCM_TAG_BYTES)), decipher.final()]));
    }),
};

const GCM_TAG_BYTES = 16;

/** Keys are few, used again and again, and Node takes long to make one. */
const keys = new Map<string, KeyObject>();
const derivations = new Map<string, ArrayBuffer>();

function keyOf(bytes: Uint8Array): Omit<Key, "hash"> {
  const text = Buffer.from(bytes).toString("latin1");
  const object = keys.get(text) ?? createSecretKey(bytes);
  keys.set(text, object);
  return { text, object };
}

function derived(hash: string, key: Key, salt: Uint8Array, info: Uint8Array, bits: number): ArrayBuffer {
  const name = [hash, key.text, salt, info, bits].join("\n");
  const known = derivations.get(name) ?? hkdfSync(nodeName(hash), key.object, salt, info, bits / 8);
  derivations.set(name, known);
  return known;
}

/** What is not faked is not to be taken for something that is. */
function only(given: string, known: string): void {
  if (given !== known) throw new Error(`the simulator's crypto does not know ${given}`);
}

function nodeName(algorithm: string): string {
  return algorithm.replace("-", "").toLowerCase();
}

function exactBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

class InstantBlob {
  readonly #bytes: Uint8Array;

  constructor(parts: Uint8Array[]) {
    this.#bytes = new Uint8Array(Buffer.concat(parts));
  }

  async arrayBuffer(): Promise<ArrayBufferLike> {
    return this.#bytes.buffer;
  }
}
