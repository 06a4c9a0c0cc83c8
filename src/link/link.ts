// The noun: what a link is, and how long it lives.

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
  createdAt: number;
  expiresAt: number;
}

/** What the account's list shows of a link; `revision` grows with every change, so that a late copy cannot win. */
export interface LinkSummary extends LinkFacts {
  firstAccessedAt: number | null;
  revision: number;
}

export type AccessKind = "person" | "preview" | "prefetch" | "scanner" | "probe";

/** Who opened a link, without anything that identifies the person. */
export interface Visitor {
  kind: AccessKind;
  /** The header or pattern that decided, null for a person. */
  reason: string | null;
  /** Device family, such as "iPhone"; null when the agent names none. */
  device: string | null;
}

/** One opening of a link. `id` begins with the time, so that ids sort by time, and makes a replay harmless. */
export interface Access extends Visitor {
  id: string;
  /** Unix milliseconds at the edge, when the redirect was answered. */
  at: number;
  /** ISO 3166-1 alpha-2, as the platform gives it; null where unknown. */
  country: string | null;
}
