// The list of an account's links: what it knows of each, for search. The links' own objects are the truth.

import { find, type Found, type ListQuery, Reader } from "../book/find.ts";
import { linkShelf } from "../book/link-shelf.ts";
import type { LinkSummary } from "../link/link.ts";
import { isShown, type ListedLink } from "../link/listed-link.ts";

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

/** Where a link stands in the list. */
export type LinkPlace = Pick<LinkSummary, "createdAt" | "code">;

const COLUMNS = `created_at, code, destination, short_url, msgid, callback_url, tags, reference, expires_at,
  first_accessed_at, closed_at, ended_reason, NULL AS access_counts, NULL AS counted_at`;

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

  isAny(): boolean {
    return this.#sql.exec("SELECT 1 FROM link LIMIT 1").toArray().length > 0;
  }

  /** With so many rows read as the query allows. */
  find(query: ListQuery): Found<ListedLink> {
    return find(new Reader(this.#sql, query.rows), linkShelf("link", COLUMNS, query, isShown), null, query);
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
