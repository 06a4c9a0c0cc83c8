// Bringing an access to its link's object, behind the redirect: three tries, then the recovery queue, and the same again.

import { customAlphabet } from "nanoid";
import type { Access, Code, Visitor } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { insist, linkObject, QUEUE_TIMEOUT_MS, within } from "../objects.ts";

/** What the recovery queue carries: the access as it was, so that a replay neither counts twice nor moves a time. */
export interface AccessJob {
  code: string;
  access: Access;
}

const randomPart = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 12);
/** Nine base-36 digits hold Unix milliseconds until the year 5188, so ids sort by time as text. */
const TIME_DIGITS = 9;

/** The access that a request is. `at` is Unix milliseconds at the edge. */
export function accessOf(visitor: Visitor, at: number, country: string | null): Access {
  return { ...visitor, id: at.toString(36).padStart(TIME_DIGITS, "0") + randomPart(), at, country };
}

/** Of one link, in this isolate: accesses that wait for a call under way to end, and then travel together. */
const waiting = new Map<Code, Access[]>();
const underway = new Set<Code>();
/** One call and the queue take so many easily; the next access begins another list. */
const MOST_TOGETHER = 500;
const PAUSE_MS = 10;
/** A call takes milliseconds; one that is not back by now is in trouble, and nobody waits for it any longer. */
const MOST_PAUSES = 200;
/** The most that a queue takes at once. */
const LARGEST_BATCH = 100;
const FIRST_PAUSE_MS = 250;
/** Waiting for others takes up to 2 s, a round with a silent object and a silent queue 21 s, and 30 s after the answer all ends. */
const LAST_ROUND_MS = 7_000;

/**
 * Records the access, with all others of its link that come while a call to the object is under way, so that a link that
 * thousands open at once costs its object few calls. Whoever begins a list brings it; the others need not wait, since a
 * request that has been answered lives until its background work is done. Never rejects.
 */
export async function recordTogether(env: Env, code: Code, access: Access): Promise<void> {
  const begun = waiting.get(code);
  if (begun !== undefined && begun.length < MOST_TOGETHER) {
    begun.push(access);
    return;
  }
  const accesses = [access];
  waiting.set(code, accesses);
  for (let pauses = 0; underway.has(code) && pauses < MOST_PAUSES; pauses++) await scheduler.wait(PAUSE_MS);
  if (waiting.get(code) === accesses) waiting.delete(code);
  underway.add(code);
  try {
    await recordAccesses(env, code, accesses);
  } finally {
    underway.delete(code);
  }
}

/**
 * Records accesses, or queues them when the object cannot be reached; asks both again while there is time. Never rejects:
 * tracking cannot break a redirect.
 */
export async function recordAccesses(env: Env, code: Code, accesses: readonly Access[]): Promise<void> {
  const lastRoundAt = Date.now() + LAST_ROUND_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const unreached = await errorOf(insist(() => linkObject(env, code).record(accesses)));
    if (unreached === null) return;
    const refused = await errorOf(within(QUEUE_TIMEOUT_MS, () => queueAccesses(env, code, accesses)));
    if (refused === null) return log("access.queued", { count: accesses.length, error: unreached });
    if (Date.now() + pause > lastRoundAt) {
      for (const { kind } of accesses)
        log("access.lost", { code, kind, object_error: unreached, queue_error: refused });
      return;
    }
    await scheduler.wait(pause);
  }
}

async function queueAccesses(env: Env, code: Code, accesses: readonly Access[]): Promise<void> {
  const jobs = accesses.map((access) => ({ body: { code, access } satisfies AccessJob }));
  for (let sent = 0; sent < jobs.length; sent += LARGEST_BATCH)
    await env.ACCESSES.sendBatch(jobs.slice(sent, sent + LARGEST_BATCH));
}

/** What went wrong, or null. */
async function errorOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(() => null, errorText);
}
