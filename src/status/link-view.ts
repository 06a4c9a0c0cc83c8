// A link as the API answers it.

import type { Answerable } from "../http/json.ts";
import type { LinkFacts, LinkStatus } from "../link/link.ts";

/** The link itself, as it is answered at creation and inside every other answer. */
export function linkView(link: Omit<LinkFacts, "accountSid" | "book">) {
  const { code, shortUrl, destination, callbackUrl, tags, reference, msgid, createdAt, expiresAt } = link;
  return { code, shortUrl, url: destination, callbackUrl, tags, reference, msgid, createdAt, expiresAt };
}

/** One line of the list. */
export function listedView(link: Omit<LinkFacts, "accountSid" | "book"> & { firstAccessedAt: number | null }) {
  return { ...linkView(link), accessed: link.firstAccessedAt !== null, firstAccessedAt: link.firstAccessedAt };
}

/** The link with its accesses and its callback. */
export function statusView(status: LinkStatus): { [key: string]: Answerable } {
  const { accessCounts, accesses, callback } = status;
  return {
    ...listedView(status),
    accessCounts: { ...accessCounts },
    accesses: accesses.map((access) => ({ ...access })),
    callback: { ...callback, attempts: callback.attempts.map((attempt) => ({ ...attempt })) },
  };
}
