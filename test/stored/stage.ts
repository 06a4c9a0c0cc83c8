// What it takes to play a life in which nothing happens by itself. The clock stands still until it is set, so far from now
// that no alarm comes of its own accord: whoever plays lets them act. Randomness is the same in each run.

import { createExecutionContext, createMessageBatch, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, inject, vi } from "vitest";
import { type LinkReport, objectNameOf } from "../../src/book/book.ts";
import worker from "../../src/index.ts";
import { hmac, toBase64 } from "../../src/digest.ts";
import { bookOf } from "../../src/sms/message.ts";
import { ORIGIN } from "../support/firsttap.ts";
import { type Kind, objectOf } from "./state.ts";

/**
 * When every life begins, Unix milliseconds. Behind the day on which any of these tests runs; and so long before 2038-01-19
 * that what is kept for 120 days ends before: KV takes no expiry beyond that.
 */
export const START = Date.UTC(2037, 0, 1);
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** From now on it is this time, in the Worker and in its objects. */
export function setClock(at: number): void {
  vi.setSystemTime(at);
}

export function pass(ms: number): void {
  setClock(Date.now() + ms);
}

/** What is random is the same in each run: xorshift32. */
export function seedRandomness(seed: number): void {
  let state = seed;
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let n = 0; n < bytes.length; n++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[n] = state >>> 8;
    }
    return array;
  });
}

/** Lets an object do what is due. */
export async function act(kind: Kind, name: string): Promise<void> {
  await runDurableObjectAlarm(objectOf(kind, name));
}

/** Lets the object that keeps a message do what is due. */
export async function actForMessage(sid: string, msgid: string): Promise<void> {
  await actForKeeper(sid, bookOf(msgid));
}

/** Lets a book, or without one the account's own object, do what is due. */
export async function actForKeeper(sid: string, book: number | null): Promise<void> {
  await (book === null ? act("account", sid) : act("book", objectNameOf({ sid, book })));
}

/** Asks until the answer has this, for ten seconds of everybody's own time. */
export async function until<T>(ask: () => Promise<T>, wanted: object | string): Promise<T> {
  return vi.waitFor(
    async () => {
      const answer = await ask();
      if (typeof wanted === "string") expect(answer).toBe(wanted);
      else expect(answer).toMatchObject(wanted);
      return answer;
    },
    { timeout: 10_000, interval: 20 },
  );
}

/**
 * The next jobs for callbacks cannot be handed over: as after ten deliveries, Cloudflare moves them to the dead letters.
 * Returns what waits until these are consumed.
 */
export function callbacksDie(): () => Promise<unknown> {
  // Not a promise: whoever resolves it in another invocation than the one that waits is not heard.
  let left = "some jobs";
  const consume = worker.queue;
  worker.queue = async (batch, ...others) => {
    if (batch.queue === "firsttap-callbacks") {
      await env.DEAD_CALLBACKS.sendBatch(batch.messages.map(({ body }) => ({ body })));
      batch.ackAll();
      return;
    }
    await consume(batch, ...others);
    if (batch.queue !== "firsttap-callbacks-dead") return;
    worker.queue = consume;
    left = "no jobs";
  };
  return () => until(async () => left, "no jobs");
}

/**
 * From now on what links tell their books waits, because when it arrives would be the machine's matter: until `arrive` is called, and
 * then in its order. Of a link the last report counts, which holds all of it. `arriveByThemselves` ends this.
 */
export function holdReports(): { arrive: () => Promise<void>; arriveByThemselves: () => void } {
  const held = new Map<string, LinkReport>();
  const send = vi.spyOn(env.REPORTS as Queue<LinkReport>, "send").mockImplementation(async (report) => {
    const link = `${report.code} ${report.createdAt}`;
    held.delete(link);
    held.set(link, report);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  });
  const arrive = async () => {
    for (const [link, body] of held) {
      held.delete(link);
      const batch = createMessageBatch("firsttap-reports", [{ id: "1", timestamp: new Date(), attempts: 1, body }]);
      await worker.queue(batch, env, createExecutionContext());
    }
  };
  return { arrive, arriveByThemselves: () => send.mockRestore() };
}

/** The carrier is Twilio, as local/carrier-servers.ts plays it. Before the Worker reads its settings. */
export async function chooseCarrier(): Promise<void> {
  const settings = await (await fetch(`${inject("carrierUrl")}/settings`)).json<Partial<Env>>();
  Object.assign(env, settings, { CARRIER: "twilio" });
}

/** How the carrier answers for this number. */
export async function scriptCarrier(recipient: string, answer: object): Promise<void> {
  const url = `${inject("carrierUrl")}/script/${encodeURIComponent(recipient)}`;
  await fetch(url, { method: "PUT", body: JSON.stringify([answer]) });
}

/** An answer of Twilio's. */
export function twilioAnswer(status: number, body: object): object {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** The carrier reports what became of a message, in its own words. */
export async function carrierReports(sid: string, msgid: string, status: string): Promise<void> {
  const url = `${ORIGIN}/sms/reports/twilio/${sid}/${msgid}`;
  const signed = await hmac("SHA-1", new TextEncoder().encode(env.TWILIO_AUTH_TOKEN), `${url}MessageStatus${status}`);
  const headers = { "x-twilio-signature": toBase64(signed) };
  const body = new URLSearchParams({ MessageStatus: status });
  const answer = await exports.default.fetch(url, { method: "POST", headers, body });
  expect(answer.status).toBe(204);
}
