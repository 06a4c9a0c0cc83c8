// The noun: what is owed to a callback URL, the job and the claim on its way, and how it stands.

import type { BookName } from "../book/book.ts";
import type { PartName } from "../campaign/campaign.ts";

/** What the receiver is told: written once, sent unchanged by every attempt. */
export interface CallbackEvent {
  /** `evt_` and 21 characters of [A-Za-z0-9_-]; the `webhook-id` of every attempt. Holds no `.`, as the signature needs. */
  id: string;
  /** The exact body of every attempt. */
  body: string;
}

/**
 * Whose object owes an event: a link owes what became of itself, a part of a campaign what became of its members; a book, or an account,
 * what became of its messages.
 */
export type CallbackOwner = { code: string } | { sid: string } | BookName | PartName;

/** Whose secrets sign, of a link: for who carries its jobs. The version of before does not say it. */
export interface OfAccount {
  account?: string;
}

/** What the queue carries: which object owes which event. The object knows the rest, and whether it is still true. */
export type CallbackJob = CallbackOwner & OfAccount & { eventId: string };

/** How an attempt ended, as it is reported to the owner. */
export interface AttemptReport {
  eventId: string;
  attempt: number;
  outcome: Outcome;
}

/** The right to make one POST, with everything that it needs. */
export interface Claimed {
  kind: "claimed";
  attempt: number;
  url: string;
  /** Our own host when the event was written: a callback URL there would loop. */
  ownHost: string;
  body: string;
  secrets: string[];
}

/** `nothing`: delivered, not due, being attempted by somebody else, or unknown. The job is done with. */
export type Claim = Claimed | { kind: "nothing" };

/** `none`: nothing to send (no first access, or no callback URL). */
export type CallbackState = "none" | "owed" | "delivered" | "exhausted";

/** How one POST ended. `status` is null when no answer came; then `error` says why. */
export interface Outcome {
  status: number | null;
  error: string | null;
  durationMs: number;
  retryAfterSeconds: number | null;
}

/** One attempt; with neither status nor error nobody has reported of it (yet). Instants are Unix milliseconds. */
export interface AttemptView {
  at: number;
  status: number | null;
  error: string | null;
  durationMs: number | null;
}

/** How a callback stands. `nextAttemptAt` is null unless it is owed. */
export interface CallbackView {
  state: CallbackState;
  eventId: string | null;
  nextAttemptAt: number | null;
  attempts: AttemptView[];
}
