// The one place that makes stubs, and the rules for calling an object: for how long, how often, and what is too late.

import { type BookName, objectNameOf } from "./book/book.ts";
import type { CallbackOwner } from "./callback/callback.ts";
import { type PartName, partObjectName } from "./campaign/campaign.ts";
import { randomFraction } from "./random.ts";
import { settingsOf } from "./settings.ts";
import { bookOf } from "./sms/message.ts";

interface Namespaces {
  links: Env["LINK"];
  accounts: Env["ACCOUNT"];
  books: Env["BOOK"];
  campaigns: Env["CAMPAIGN"];
  parts: Env["CAMPAIGN_PART"];
  options: DurableObjectNamespaceGetDurableObjectOptions;
}

const known = new WeakMap<Env, Namespaces>();

/** The object of one link, whether or not the link exists. */
export function linkObject(env: Env, code: string): ReturnType<Env["LINK"]["getByName"]> {
  const { links, options } = namespacesOf(env);
  return links.getByName(code, options);
}

/** The object of one account, whether or not the account exists. */
export function accountObject(env: Env, sid: string): ReturnType<Env["ACCOUNT"]["getByName"]> {
  const { accounts, options } = namespacesOf(env);
  return accounts.getByName(sid, options);
}

/** The object of one of an account's books, whether or not it was opened. */
export function bookObject(env: Env, name: BookName): ReturnType<Env["BOOK"]["getByName"]> {
  const { books, options } = namespacesOf(env);
  return books.getByName(objectNameOf(name), options);
}

/** The object of the campaign with this number, whether or not there is one. */
export function campaignObject(env: Env, campaign: number): ReturnType<Env["CAMPAIGN"]["getByName"]> {
  const { campaigns, options } = namespacesOf(env);
  return campaigns.getByName(String(campaign), options);
}

/** The object of a campaign's part, whether or not anything has happened in it. */
export function partObject(env: Env, name: PartName): ReturnType<Env["CAMPAIGN_PART"]["getByName"]> {
  const { parts, options } = namespacesOf(env);
  return parts.getByName(partObjectName(name), options);
}

/** The object that keeps a message. */
export function messageKeeper(env: Env, sid: string, msgid: string) {
  const book = bookOf(msgid);
  return book === null ? accountObject(env, sid) : bookObject(env, { sid, book });
}

/** The namespaces where DATA_LOCATION says. Throws while it is wrong: elsewhere every link would be unknown. */
function namespacesOf(env: Env): Namespaces {
  let namespaces = known.get(env);
  if (namespaces === undefined) {
    const location = settingsOf(env).dataLocation;
    if (location === undefined) throw new Error("DATA_LOCATION is wrong: the log line settings.wrong says the remedy");
    const { jurisdiction, ...options } = location;
    const placed = <T extends Rpc.DurableObjectBranded>(namespace: DurableObjectNamespace<T>) =>
      jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
    namespaces = {
      links: placed(env.LINK),
      accounts: placed(env.ACCOUNT),
      books: placed(env.BOOK),
      campaigns: placed(env.CAMPAIGN),
      parts: placed(env.CAMPAIGN_PART),
      options,
    };
    known.set(env, namespaces);
  }
  return namespaces;
}

/** The object that owes a callback. */
export function callbackOwner(env: Env, owner: CallbackOwner) {
  if ("book" in owner) return bookObject(env, owner);
  if ("part" in owner) return partObject(env, owner);
  return "sid" in owner ? accountObject(env, owner.sid) : linkObject(env, owner.code);
}

/** A queue takes a message in milliseconds. */
export const QUEUE_TIMEOUT_MS = 5_000;

/** An object answers in milliseconds; one that is silent for this long is moving or broken. */
export const CALL_TIMEOUT_MS = 5_000;
/** What goes on behind an answer ends with its invocation; the platform gives it 30 s, of which one is left for its clocks. */
export const LONGEST_BACKGROUND_MS = 29_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
/** Cloudflare limits how fast all of an account's objects are reached; it does not say how many a second. */
const ACCOUNT_LIMIT = "generating too much load on Durable Objects";
const ACCOUNT_LIMIT_PAUSE_MS = 1_000;
/** A first access is a change, too, and a try whose answer was lost; more than some in a row are a fault. */
const MOST_STARTS = 5;
/** Behind this nothing is started again: within a minute the client has given up, and what it asks next must not be undone. */
const LONGEST_CHANGE_MS = 15_000;
/** By so much may the clocks of two machines differ before a call that was given up is carried out after all. */
export const CLOCK_TOLERANCE_MS = 500;

/**
 * Calls an object up to three times, 5 s each, with growing pauses. `call` must make its own stub (one that threw stays
 * broken) and must be idempotent, because a call whose answer was lost may have been carried out; what writes is given
 * `until`. Throws the last error; an `overloaded` object is not asked again, as the platform demands.
 */
export async function insist<P extends Promise<unknown>>(call: (until: number) => P): Promise<Awaited<P>> {
  for (let tried = 1; ; tried++) {
    try {
      return await within(CALL_TIMEOUT_MS, call);
    } catch (error) {
      if (tried === TRIES || isOverloaded(error)) throw error;
      await scheduler.wait(pauseMs(error, tried));
    }
  }
}

/** How long to wait for another try. Where everybody has to back off, all come back at different times within 1 to 2 s. */
function pauseMs(error: unknown, tried: number): number {
  const isOverLimit = error instanceof Error && error.message.includes(ACCOUNT_LIMIT);
  return isOverLimit ? ACCOUNT_LIMIT_PAUSE_MS * (1 + randomFraction()) : FIRST_PAUSE_MS * 3 ** (tried - 1);
}

/**
 * Tells an object what has happened, as often as it takes until `end` (Unix ms): nobody else knows it. `call` as for `insist`.
 * Throws the last error.
 */
export async function tell<P extends Promise<unknown>>(end: number, call: () => P): Promise<Awaited<P>> {
  for (let tried = 1; ; tried++) {
    try {
      return await within(Math.min(CALL_TIMEOUT_MS, end - Date.now()), call);
    } catch (error) {
      const pause = pauseMs(error, tried);
      if (isOverloaded(error) || Date.now() + pause >= end) throw error;
      await scheduler.wait(pause);
    }
  }
}

/**
 * A change of what has a revision: it starts from the newest one, so that it undoes nothing that it has not seen, and starts
 * again when another change was quicker. Null when there is nothing to change. Throws as `insist` does.
 */
export async function changeNewest<T>(
  read: () => Promise<{ revision: number } | null>,
  change: (revision: number, until: number) => Promise<T | "outdated" | null>,
): Promise<T | null> {
  const end = Date.now() + LONGEST_CHANGE_MS;
  for (let started = 1; started <= MOST_STARTS && Date.now() < end; started++) {
    const newest = await insist(read);
    if (newest === null) return null;
    const changed = await insist((until) => change(newest.revision, until));
    if (changed !== "outdated") return changed;
  }
  throw new Error("other changes were quicker, again and again");
}

/**
 * The answer, or after so many milliseconds an error. A call that is given up goes on all the same, and could undo what was
 * acknowledged since: so whatever writes is given `until` (Unix ms), for `refuseLate`.
 */
export async function within<P extends Promise<unknown>>(ms: number, call: (until: number) => P): Promise<Awaited<P>> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([call(Date.now() + ms - CLOCK_TOLERANCE_MS), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The object's side of `until`, to be asked right before it writes: throws when the caller has given up. Wishes are refused
 * so; what has happened already (an access, how an attempt or a sending ended) counts whenever it comes. The version of
 * before gives no instant, and is heard.
 */
export function refuseLate(until: number | undefined): void {
  if (until !== undefined && Date.now() > until) throw new Error("the call came after its caller had given up");
}

function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}
