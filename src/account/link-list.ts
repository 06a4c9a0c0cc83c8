// The list of an account's links: what it knows of each, for search. The links' own objects are the truth.

import type { LinkSummary } from "../link/link.ts";

export const ENDED_REASON_COLUMN = "ended_reason TEXT";

export const LINK_TABLE = `
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
    ${ENDED_REASON_COLUMN},
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_by_reference ON link (reference, created_at) WHERE reference IS NOT NULL;`;

/** One line of the list. Instants are Unix milliseconds. */
export type ListedLink = Omit<LinkSummary, "accountSid" | "revision">;

/** Where a link stands in the list. */
export type LinkPlace = Pick<LinkSummary, "createdAt" | "code">;

/** What to list; undefined or null is no condition. Instants are Unix milliseconds. */
export interface LinkQuery {
  limit: number;
  /** Continue behind this link of the page before. */
  after: LinkPlace | null;
  accessed?: boolean | undefined;
  tag?: string | undefined;
  reference?: string | undefined;
  /** Inclusive. */
  createdAfter?: number | undefined;
  /** Exclusive. */
  createdBefore?: number | undefined;
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
}

export const LIST_COLUMNS = `created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at,
  first_accessed_at, closed_at, ended_reason`;

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
  };
}

/** What a query asks of a line, as the condition of a statement. What its owner deleted is not shown; what the operator ended is. */
export function conditionsOf(query: LinkQuery): { condition: string; values: SqlStorageValue[] } {
  const conditions: [string, SqlStorageValue[]][] = [["(closed_at IS NULL OR ended_reason IS NOT NULL)", []]];
  if (query.after !== null) conditions.push(["(created_at, code) < (?, ?)", [query.after.createdAt, query.after.code]]);
  if (query.accessed !== undefined)
    conditions.push([`first_accessed_at IS ${query.accessed ? "NOT NULL" : "NULL"}`, []]);
  if (query.tag !== undefined) conditions.push(["EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?)", [query.tag]]);
  if (query.reference !== undefined) conditions.push(["reference = ?", [query.reference]]);
  if (query.createdAfter !== undefined) conditions.push(["created_at >= ?", [query.createdAfter]]);
  if (query.createdBefore !== undefined) conditions.push(["created_at < ?", [query.createdBefore]]);
  return {
    condition: conditions.map(([condition]) => condition).join(" AND "),
    values: conditions.flatMap(([, values]) => values),
  };
}

/** What names a line, and the message that the link was made for. */
export type ListedName = Pick<LinkSummary, "createdAt" | "code" | "msgid">;

export class LinkList {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds or renews a link's line; false for a copy that is older than what is listed, which changes nothing. */
  put(link: LinkSummary): boolean {
    const { rowsWritten } = this.#sql.exec(
      `INSERT INTO link (created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at,
         first_accessed_at, closed_at, ended_reason, revision)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET destination = excluded.destination, callback_url = excluded.callback_url,
         tags = excluded.tags, reference = excluded.reference, first_accessed_at = excluded.first_accessed_at,
         closed_at = excluded.closed_at, ended_reason = excluded.ended_reason, revision = excluded.revision WHERE excluded.revision > revision`,
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
      link.endedReason ?? null,
      link.revision,
    );
    return rowsWritten > 0;
  }

  remove({ createdAt, code }: LinkPlace): void {
    this.#sql.exec("DELETE FROM link WHERE created_at = ? AND code = ?", createdAt, code);
  }

  /** Newest first; one more than `limit` when there is a further page. */
  find(query: LinkQuery): ListedLink[] {
    const { condition, values } = conditionsOf(query);
    const rows = this.#sql.exec<ListRow>(
      `SELECT ${LIST_COLUMNS} FROM link WHERE ${condition} ORDER BY created_at DESC, code DESC LIMIT ?`,
      ...values,
      query.limit + 1,
    );
    return Array.from(rows, listedLink);
  }

  /** Newest first, deleted links' among them: the lines behind this one, or from the newest on. */
  namesBehind(name: LinkPlace | null, limit: number): ListedName[] {
    return this.#names(
      "WHERE (created_at, code) < (?, ?) ORDER BY created_at DESC, code DESC LIMIT ?",
      name?.createdAt ?? Number.MAX_SAFE_INTEGER,
      name?.code ?? "",
      limit,
    );
  }

  /** Oldest first: the lines of links that were made before this instant (Unix ms). */
  oldest(createdBefore: number, limit: number): ListedName[] {
    return this.#names("WHERE created_at < ? ORDER BY created_at, code LIMIT ?", createdBefore, limit);
  }

  #names(condition: string, ...values: SqlStorageValue[]): ListedName[] {
    return this.#sql
      .exec<{ createdAt: number; code: string; msgid: string | null }>(
        `SELECT created_at AS createdAt, code, msgid FROM link ${condition}`,
        ...values,
      )
      .toArray();
  }
}
