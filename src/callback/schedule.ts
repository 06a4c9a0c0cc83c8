// When a callback is POSTed again, and how long to wait for silence. Arithmetic: clock and randomness are arguments.

import { CALL_TIMEOUT_MS, LONGEST_BACKGROUND_MS } from "../objects.ts";

/** The first POST and ten retries. */
export const MOST_POSTS = 11;
/**
 * Attempts that we ourselves lost (a crash between claim and report) are not charged, up to this many. They wait as long for
 * the next one as failed POSTs do, so an outage of some hours does not use them up.
 */
export const MOST_LOST_ATTEMPTS = 11;
const JITTER = 0.2;
/** A receiver can ask for more patience, up to an hour. */
const LONGEST_RETRY_AFTER_SECONDS = 3_600;
/**
 * After this long without a report an attempt counts as lost: its POST may or may not have been made. Nobody is at it any more
 * by then: the answer to a claim is five seconds on its way at most, and behind it POST and report end with their invocation.
 */
export const ATTEMPT_LEASE_MS = CALL_TIMEOUT_MS + LONGEST_BACKGROUND_MS;

/**
 * Milliseconds from a failed POST to the next one.
 * @param posts how many POSTs have failed so far, from 1 to 10
 * @param retrySeconds the ten waits of the setting CALLBACK_RETRY_SECONDS
 * @param askedSeconds what the receiver asked for, or null; it can lengthen the wait, never shorten it
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(
  posts: number,
  retrySeconds: readonly number[],
  askedSeconds: number | null,
  random: number,
): number {
  const planned = waitMs(posts, retrySeconds) * (1 - JITTER + 2 * JITTER * random);
  const asked = Math.min(askedSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS) * 1_000;
  return Math.round(Math.max(planned, asked));
}

/** The planned milliseconds behind the `n`th attempt that came to nothing, from 1 on. */
export function waitMs(n: number, retrySeconds: readonly number[]): number {
  return (retrySeconds[n - 1] ?? 0) * 1_000;
}

/** `Retry-After` as seconds from `now` (Unix ms): a number of seconds or an HTTP date; null when it is neither. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  // Date.parse sees dates in "-5" and in "Dec 2090"; an HTTP date has a time of day.
  const date = /\d:\d\d/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1_000);
}
