// The noun: what a link is, how long it lives, and what its object answers.

import type { CallbackView } from "../callback/callback.ts";

/** The path part of a short URL; made only by link/code.ts. */
export type Code = string & { readonly __brand: "Code" };
/** Where a link leads: an absolute, normalised http(s) URL; made only by link/address.ts. */
export type Destination = string & { readonly __brand: "Destination" };

/** 90 days, the longest and the usual life of a link. */
export const LINK_LIFETIME_SECONDS = 90 * 24 * 3_600;
/** An ended link answers 410 for this long, then its storage is freed. Longer than any queue keeps an access (14 days). */
export const KEPT_AFTER_END_MS = 30 * 24 * 3_600_000;

/** What a link's owner says of it, when it is made and later. */
export interface LinkFields {
  destination: string;
  callbackUrl: string | null;
  tags: string[];
  reference: string | null;
}

/** A link as its object keeps it. Instants are Unix milliseconds. */
export interface LinkFacts extends LinkFields {
  code: string;
  accountSid: string;
  shortUrl: string;
  /** The book that lists and counts it; null for a link from before there were books, of which its account's object does. */
  book: number | null;
  /** The message that it was made for, or null. */
  msgid: string | null;
  createdAt: number;
  expiresAt: number;
}

/**
 * What the account's list keeps of a link. `revision` grows with every change, so that a late copy cannot win; a deleted link
 * stays in the list, unseen, until its object forgets it, so that a late copy cannot bring it back.
 */
export interface LinkSummary extends Omit<LinkFacts, "book"> {
  firstAccessedAt: number | null;
  closedAt: number | null;
  /** Why the operator ended it; the version of before knows no such end. */
  endedReason?: string | null;
  revision: number;
}

/** How the operator ended a link: its owner is told. */
export interface Ending {
  by: "operator";
  reason: string;
  /** Unix milliseconds. */
  at: number;
}

export type AccessKind = "person" | "preview" | "prefetch" | "scanner" | "probe";

/** Who opened a link, without anything that identifies the person. */
export interface Visitor {
  kind: AccessKind;
  /** The header or pattern that decided, null for a person. */
  reason: string | null;
  /** Device family, such as "iPhone"; null when the agent names none. */
  device: string | null;
  /** Where the request's network is one of hosting; absent for most, and where the platform does not name it. */
  network?: "data centre";
}

/** One opening of a link. `id` begins with the time, so that ids sort by time, and makes a replay harmless. */
export interface Access extends Visitor {
  id: string;
  /** Unix milliseconds at the edge, when the redirect was answered. */
  at: number;
  /** ISO 3166-1 alpha-2, as the platform gives it; null where unknown. */
  country: string | null;
}

export type AccessCounts = Record<AccessKind, number>;
export const NO_ACCESSES: AccessCounts = { person: 0, preview: 0, prefetch: 0, scanner: 0, probe: 0 };

export type Opened = { kind: "opened"; link: LinkFacts } | { kind: "taken" };
export type Resolved =
  | { kind: "live"; destination: string }
  /** `isBarred`: by the operator, so that nothing of its owner's is shown any more. */
  | { kind: "ended"; accountSid: string; isBarred?: boolean }
  | { kind: "unknown" };
export type Recorded = { kind: "recorded"; first: boolean } | { kind: "repeated" } | { kind: "ended" | "unknown" };
/** `outdated`: the change started from another revision than the link has by now, and changed nothing; null: not this account's. */
export type Changed = LinkStatus | "outdated" | null;
export type Retried = "accepted" | "delivered" | "not-accessed" | "no-url" | "unknown";

/** What the status of a message shows of its link. Instants are Unix milliseconds. */
export interface LinkTracking {
  destination: string;
  firstAccessedAt: number | null;
  /** How many persons' accesses there were, and the oldest thousand of them. */
  personCount: number;
  personAccesses: number[];
  callback: CallbackView;
}

/** Everything that the status shows, and the revision that a change of it starts from. Instants are Unix milliseconds. */
export interface LinkStatus extends LinkFacts {
  revision: number;
  /** The version of before knows no such end. */
  ended?: Ending | null;
  firstAccessedAt: number | null;
  accessCounts: AccessCounts;
  accesses: {
    at: number;
    kind: AccessKind;
    reason: string | null;
    device: string | null;
    country: string | null;
    network: string | null;
  }[];
  callback: CallbackView;
}
