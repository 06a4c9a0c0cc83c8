// A link as the API answers it.

import type { ListedLink } from "../link/listed-link.ts";
import type { Ending, LinkFacts, LinkStatus } from "../link/link.ts";

/** The link itself, as it is answered at creation and inside every other answer. */
export function linkView(link: Omit<LinkFacts, "accountSid" | "book">) {
  const { code, shortUrl, destination, callbackUrl, tags, reference, msgid, createdAt, expiresAt } = link;
  return { code, shortUrl, url: destination, callbackUrl, tags, reference, msgid, createdAt, expiresAt };
}

/** A link as it is read later: `ended` is null, unless the operator ended it. */
function shownView(
  link: Omit<LinkFacts, "accountSid" | "book"> & { firstAccessedAt: number | null; ended: Ending | null },
) {
  const { firstAccessedAt, ended } = link;
  return { ...linkView(link), accessed: firstAccessedAt !== null, firstAccessedAt, ended: ended && { ...ended } };
}

/** One line of the list. */
export function listedView(link: ListedLink) {
  const { closedAt, endedReason = null, accessCounts, countedAt } = link;
  const isEnded = closedAt !== null && endedReason !== null;
  const shown = shownView({ ...link, ended: isEnded ? { by: "operator", reason: endedReason, at: closedAt } : null });
  return { ...shown, accessCounts: accessCounts && { ...accessCounts }, countedAt };
}

/** The link with its accesses and its callback. */
export function statusView(status: LinkStatus) {
  const { accessCounts, accesses, callback } = status;
  return {
    ...shownView({ ...status, ended: status.ended ?? null }),
    accessCounts: { ...accessCounts },
    accesses: accesses.map((access) => ({ ...access })),
    callback: { ...callback, attempts: callback.attempts.map((attempt) => ({ ...attempt })) },
  };
}
