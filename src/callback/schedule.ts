// When a callback is POSTed again, and how long to wait for silence. Arithmetic: clock and randomness are arguments.

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
/** Beside the POST: claiming, reading the answer, and reporting it with three tries. */
const ATTEMPT_MARGIN_MS = 10_000;
const LONGEST_JOB_LEASE_MS = 3_600_000;

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

/** After this many milliseconds without a report, an attempt counts as lost: its POST may or may not have been made. */
export function attemptLeaseMs(timeoutSeconds: number): number {
  return timeoutSeconds * 1_000 + ATTEMPT_MARGIN_MS;
}

/**
 * After this many milliseconds without a claim, a job counts as lost and is sent again. Doubles with every job sent,
 * so that a slow queue is not flooded.
 */
export function jobLeaseMs(timeoutSeconds: number, jobsSent: number): number {
  return Math.min(attemptLeaseMs(timeoutSeconds) * 2 ** (jobsSent - 1), LONGEST_JOB_LEASE_MS);
}

/** `Retry-After` as seconds from `now` (Unix ms): a number of seconds or an HTTP date; null when it is neither. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  // Date.parse sees dates in "-5" and in "Dec 2090"; an HTTP date has a time of day.
  const date = /\d:\d\d/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1_000);
}
