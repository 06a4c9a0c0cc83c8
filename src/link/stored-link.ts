// What a link's object knows of its link, as one value, and what follows from it.

import type { AccessState } from "./access-rows.ts";
import type { ReportState } from "./events.ts";
import { type Ending, KEPT_AFTER_END_MS, type LinkFacts } from "./link.ts";
import type { PastLink } from "./past-links.ts";

/** The link's row. Instants are Unix milliseconds. */
export interface StoredLink extends LinkFacts, AccessState, ReportState {
  openedBy: string;
  closedAt: number | null;
  /** The operator's, who ended it; null where nobody or the owner did. */
  endedReason: string | null;
  firstAccessedAt: number | null;
  /** The event that the first access made. */
  eventId: string | null;
  /** Grows with every change, so that a duty that was performed for an older state is not taken for done. */
  revision: number;
  directoryDueAt: number | null;
  listingDueAt: number | null;
  forgetDueAt: number;
  /** Duties that failed in a row. */
  failures: number;
  /** Writes that KV refused in a row, because it takes no more of them. */
  refusals: number;
  /** The account's signing secrets as of the last listing, sealed; a JSON array. Null until then. */
  sealedSecrets: string | null;
  /** Null for a code's first link; else since when accesses are of this link, and not of the one before. */
  reopenedAt: number | null;
}

/** What a link begins with that its owner does not say. Instants are Unix milliseconds. */
export type Opening = Pick<StoredLink, "openedBy" | "revision" | "reopenedAt" | "forgetDueAt" | "sealedSecrets">;

/** The instant from which the link no longer redirects. */
export function endOf(link: StoredLink): number {
  return Math.min(link.expiresAt, link.closedAt ?? Infinity);
}

/** Whether it redirects. Whatever the clock says that this instance of its object has: one that was closed has ended. */
export function isLive(link: Pick<StoredLink, "closedAt" | "expiresAt">, now: number): boolean {
  return link.closedAt === null && now < link.expiresAt;
}

/** From when on nothing of the link is read or changed by its owner: it is about to be forgotten. */
export function keptUntil(link: StoredLink): number {
  return endOf(link) + KEPT_AFTER_END_MS;
}

/** What is kept of the link when it is over. */
export function pastOf(link: StoredLink): PastLink {
  const { createdAt, accountSid, revision, endedReason } = link;
  return { createdAt, accountSid, revision, endedAt: endOf(link), isBarred: endedReason !== null };
}

/** How the operator ended the link; null where it was not the operator. */
export function endingOf({ closedAt, endedReason }: StoredLink): Ending | null {
  return closedAt === null || endedReason === null ? null : { by: "operator", reason: endedReason, at: closedAt };
}

/** The link without what only its object needs. */
export function factsOf(link: StoredLink): LinkFacts {
  const { code, accountSid, destination, shortUrl, book, msgid, callbackUrl, tags, reference, createdAt, expiresAt } =
    link;
  return { code, accountSid, destination, shortUrl, book, msgid, callbackUrl, tags, reference, createdAt, expiresAt };
}

/** The link, also one that was deleted, if it is this account's. */
export function keptFor(link: StoredLink | undefined, accountSid: string, now: number): StoredLink | undefined {
  if (link?.accountSid !== accountSid || now >= keptUntil(link)) return undefined;
  return link;
}

/** What the account may read: what it has deleted is gone for it, what the operator has ended is not. */
export function shownTo(link: StoredLink | undefined, accountSid: string, now: number): StoredLink | undefined {
  const kept = keptFor(link, accountSid, now);
  return kept?.closedAt == null || kept.endedReason !== null ? kept : undefined;
}

/** What the account may change. */
export function ownedBy(link: StoredLink | undefined, accountSid: string, now: number): StoredLink | undefined {
  const shown = shownTo(link, accountSid, now);
  return shown?.closedAt === null ? shown : undefined;
}
