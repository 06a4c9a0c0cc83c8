// The export of links: one line each, also of those that have ended, and of those whose owner's words are blanked.

import type { AccessCounts } from "../link/link.ts";
import type { Column } from "./column.ts";
import { type ExportRow, inSteps, type Steps } from "./steps.ts";

/** Instants are Unix milliseconds. */
export interface LinkRow extends ExportRow {
  code: string;
  shortUrl: string;
  /** Null when it was blanked, as the other words of its owner. */
  destination: string | null;
  reference: string | null;
  tags: string[];
  msgid: string | null;
  callbackUrl: string | null;
  createdAt: number;
  expiresAt: number;
  /** When its owner or the operator ended it. */
  closedAt: number | null;
  endedReason: string | null;
  firstAccessedAt: number | null;
  /** Null of a link from before there were books: only its own object knows them. */
  accessCounts: AccessCounts | null;
  countedAt: number | null;
}

export const LINK_COLUMNS: readonly Column<LinkRow>[] = [
  { name: "code", type: "text", value: ({ code }) => code },
  { name: "short_url", type: "text", value: ({ shortUrl }) => shortUrl },
  { name: "url", type: "text", value: ({ destination }) => destination },
  { name: "reference", type: "text", value: ({ reference }) => reference },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "callback_url", type: "text", value: ({ callbackUrl }) => callbackUrl },
  { name: "created_at", type: "instant", value: ({ createdAt }) => createdAt },
  { name: "expires_at", type: "instant", value: ({ expiresAt }) => expiresAt },
  { name: "ended_at", type: "instant", value: ({ closedAt }) => closedAt },
  { name: "ended_reason", type: "text", value: ({ endedReason }) => endedReason },
  { name: "accessed", type: "boolean", value: ({ firstAccessedAt }) => firstAccessedAt !== null },
  { name: "first_accessed_at", type: "instant", value: ({ firstAccessedAt }) => firstAccessedAt },
  { name: "person", type: "number", value: ({ accessCounts }) => accessCounts && accessCounts.person },
  { name: "preview", type: "number", value: ({ accessCounts }) => accessCounts && accessCounts.preview },
  { name: "prefetch", type: "number", value: ({ accessCounts }) => accessCounts && accessCounts.prefetch },
  { name: "scanner", type: "number", value: ({ accessCounts }) => accessCounts && accessCounts.scanner },
  { name: "probe", type: "number", value: ({ accessCounts }) => accessCounts && accessCounts.probe },
  { name: "counted_at", type: "instant", value: ({ countedAt }) => countedAt },
];

interface Row extends Record<string, SqlStorageValue> {
  created_at: number;
  code: string;
  destination: string | null;
  short_url: string;
  msgid: string | null;
  callback_url: string | null;
  tags: string;
  reference: string | null;
  expires_at: number;
  closed_at: number | null;
  ended_reason: string | null;
  first_accessed_at: number | null;
  access_counts: string | null;
  counted_at: number | null;
}

/** What names a link: the order of its export. */
export interface LinkKey {
  createdAt: number;
  code: string;
}
export const BEFORE_ALL_LINKS: LinkKey = { createdAt: -1, code: "" };
const COLUMNS = `created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason,
  first_accessed_at`;

/** A book's lines, or the links that an account's own object lists. */
export type LinkTable = "line" | "link";

/** @param which the rest of a statement that selects rows: condition, order, limit */
export function linkRows(sql: SqlStorage, table: LinkTable, which: string, ...values: SqlStorageValue[]): LinkRow[] {
  const counts = table === "line" ? "access_counts, counted_at" : "NULL AS access_counts, NULL AS counted_at";
  return Array.from(sql.exec<Row>(`SELECT ${COLUMNS}, ${counts} FROM ${table} ${which}`, ...values), linkRow);
}

/** So many in the order of their creation, behind one of them. */
export function linksBehind(sql: SqlStorage, table: LinkTable, { createdAt, code }: LinkKey, limit: number): LinkRow[] {
  const which = "WHERE (created_at, code) > (?, ?) ORDER BY created_at, code LIMIT ?";
  return linkRows(sql, table, which, createdAt, code, limit);
}

export function linkSteps(sql: SqlStorage, table: LinkTable, after: LinkKey = BEFORE_ALL_LINKS): Steps<LinkRow> {
  return inSteps(after, (key, limit) => linksBehind(sql, table, key, limit));
}

/** The key of a link as text; undefined for what is none. */
export function linkKey(text: string): LinkKey | undefined {
  const [, createdAt, code] = /^(\d{1,15})\.([A-Za-z0-9_-]{3,64})$/.exec(text) ?? [];
  return createdAt === undefined || code === undefined ? undefined : { createdAt: Number(createdAt), code };
}

function linkRow(row: Row): LinkRow {
  return {
    key: `${row.created_at}.${row.code}`,
    count: 1,
    code: row.code,
    shortUrl: row.short_url,
    destination: row.destination,
    reference: row.reference,
    tags: JSON.parse(row.tags) as string[],
    msgid: row.msgid,
    callbackUrl: row.callback_url,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    closedAt: row.closed_at,
    endedReason: row.ended_reason,
    firstAccessedAt: row.first_accessed_at,
    accessCounts: row.access_counts === null ? null : (JSON.parse(row.access_counts) as AccessCounts),
    countedAt: row.counted_at,
  };
}
