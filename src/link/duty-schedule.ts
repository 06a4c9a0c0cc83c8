// When a link tries again what it owes to KV and to its account's list, and when it is forgotten.

import { errorText } from "../log.ts";
import { jittered, randomFraction } from "../random.ts";
import { isLive, type StoredLink } from "./stored-link.ts";
import { KEPT_AFTER_END_MS, LINK_LIFETIME_SECONDS } from "./link.ts";

/** What fails is tried again after this, doubled with each failure in a row, so that an outage is not made worse. */
export const DUTY_RETRY_MS = 10_000;
const LONGEST_DUTY_RETRY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How long a link of 90 days waits behind one of today when KV takes writes again. */
const OLDEST_WAIT_MS = 6 * 3_600_000;
/** So long after the last call that could bring a line back to the account's list, all such calls are over or late. */
export const UNLISTING_PAUSE_MS = 10_000;

/** Milliseconds until the next try; with jitter, because what fails meets many links at once. */
export function retryDelayMs(failures: number): number {
  return jittered(Math.min(DUTY_RETRY_MS * 2 ** failures, LONGEST_DUTY_RETRY_MS));
}

/**
 * The same for a write that KV refused: because it takes one a second and key, or because the day's writes are used up. Then it
 * waits for an hour, and for the next day of UTC, those that have ended first, and then the newest. The object answers meanwhile.
 */
export function refusedDelayMs(
  link: Pick<StoredLink, "refusals" | "createdAt" | "closedAt" | "expiresAt">,
  now: number,
): number {
  const { refusals, createdAt } = link;
  if (refusals === 0) return jittered(DUTY_RETRY_MS);
  if (refusals === 1) return jittered(LONGEST_DUTY_RETRY_MS);
  const age = isLive(link, now) ? Math.min((now - createdAt) / (LINK_LIFETIME_SECONDS * 1_000), 1) : 0;
  return DAY_MS - (now % DAY_MS) + Math.round(age * OLDEST_WAIT_MS) + jittered(DUTY_RETRY_MS);
}

/** Whether KV said that it takes no more writes, and not that something failed. */
export function isRefusal(error: unknown): boolean {
  return /\b429\b|limit exceeded/i.test(errorText(error));
}

/** Thirty days and some hours after its end: a million links that end together do not ask their account together. */
export function forgetAt(endedAt: number): number {
  return endedAt + KEPT_AFTER_END_MS + UNLISTING_PAUSE_MS + Math.round(randomFraction() * DAY_MS);
}
