// The tables of one account and the statements on its list of links.

import { camelKeys } from "../http/json.ts";
import type { LinkSummary } from "../link/link.ts";

export const ACCOUNT_TABLES = `
  CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    name TEXT NOT NULL,
    callback_url TEXT,
    fallback_url TEXT,
    callback_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT;
  CREATE TABLE previous_secret (secret TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE token (id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE link (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    destination TEXT NOT NULL,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    expires_at INTEGER NOT NULL,
    first_accessed_at INTEGER,
    closed_at INTEGER,
    revision INTEGER NOT NULL,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_by_reference ON link (reference, created_at) WHERE reference IS NOT NULL;
  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (created_at);
  CREATE TABLE tenant (sid TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`;

/** One line of the list. Instants are Unix milliseconds. */
export type ListedLink = Omit<LinkSummary, "accountSid" | "closedAt" | "revision">;

/** What to list; undefined or null is no condition. Instants are Unix milliseconds. */
export interface LinkQuery {
  limit: number;
  /** Continue behind this link of the page before. */
  after: { createdAt: number; code: string } | null;
  accessed?: boolean | undefined;
  tag?: string | undefined;
  reference?: string | undefined;
  /** Inclusive. */
  createdAfter?: number | undefined;
  /** Exclusive. */
  createdBefore?: number | undefined;
}

interface ListRow extends Record<string, SqlStorageValue> {
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
}

/** Adds or renews a link's line; false for a copy that is older than what is listed, which changes nothing. */
export function listLink(sql: SqlStorage, link: LinkSummary): boolean {
  const { rowsWritten } = sql.exec(
    `INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at,
       first_accessed_at, closed_at, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET destination = excluded.destination, callback_url = excluded.callback_url,
       tags = excluded.tags, reference = excluded.reference, first_accessed_at = excluded.first_accessed_at,
       closed_at = excluded.closed_at, revision = excluded.revision WHERE excluded.revision > revision`,
    link.createdAt,
    link.code,
    link.destination,
    link.shortUrl,
    link.msgid,
    link.callbackUrl,
    JSON.stringify(link.tags),
    link.reference,
    link.expiresAt,
    link.firstAccessedAt,
    link.closedAt,
    link.revision,
  );
  return rowsWritten > 0;
}

/** Newest first; one more than `limit` when there is a further page. */
export function findLinks(sql: SqlStorage, query: LinkQuery): ListedLink[] {
  const conditions: [string, SqlStorageValue[]][] = [["closed_at IS NULL", []]];
  if (query.after !== null) conditions.push(["(created_at, code) < (?, ?)", [query.after.createdAt, query.after.code]]);
  if (query.accessed !== undefined)
    conditions.push([`first_accessed_at IS ${query.accessed ? "NOT NULL" : "NULL"}`, []]);
  if (query.tag !== undefined) conditions.push(["EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", [query.tag]]);
  if (query.reference !== undefined) conditions.push(["reference = ?", [query.reference]]);
  if (query.createdAfter !== undefined) conditions.push(["created_at >= ?", [query.createdAfter]]);
  if (query.createdBefore !== undefined) conditions.push(["created_at < ?", [query.createdBefore]]);
  const rows = sql.exec<ListRow>(
    `SELECT created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at,
       first_accessed_at
     FROM link WHERE ${conditions.map(([condition]) => condition).join(" AND ")}
     ORDER BY created_at DESC, code DESC LIMIT ?`,
    ...conditions.flatMap(([, values]) => values),
    query.limit + 1,
  );
  return Array.from(rows, (row) => ({ ...camelKeys(row), tags: JSON.parse(row.tags) as string[] }));
}
