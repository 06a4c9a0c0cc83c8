// The noun: a link as it is listed, by a book or by its account's own object.

import type { AccessCounts, LinkSummary } from "./link.ts";

/** One line of the list. Instants are Unix milliseconds. */
export interface ListedLink extends Omit<LinkSummary, "accountSid" | "revision"> {
  /** As of `countedAt`; null of a link from before there were books. */
  accessCounts: AccessCounts | null;
  countedAt: number | null;
}

/** What a list reads of a line. */
export interface ListRow extends Record<string, SqlStorageValue> {
  created_at: number;
  code: string;
  destination: string;
  short_url: string;
  msgid: string | null;
  callback_url: string | null;
  tags: string;
  reference: string | null;
  expires_at: number;
  first_accessed_at: number | null;
  closed_at: number | null;
  ended_reason: string | null;
  access_counts: string | null;
  counted_at: number | null;
}

export function listedLink(row: ListRow): ListedLink {
  const { code, destination, msgid, reference, tags } = row;
  return {
    code,
    destination,
    msgid,
    reference,
    tags: JSON.parse(tags) as string[],
    shortUrl: row.short_url,
    callbackUrl: row.callback_url,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    firstAccessedAt: row.first_accessed_at,
    closedAt: row.closed_at,
    endedReason: row.ended_reason,
    accessCounts: row.access_counts === null ? null : (JSON.parse(row.access_counts) as AccessCounts),
    countedAt: row.counted_at,
  };
}

/** What its owner deleted is not shown; what the operator ended is. */
export function isShown({ closed_at: closedAt, ended_reason: endedReason }: ListRow): boolean {
  return closedAt === null || endedReason !== null;
}
