// The feeds of an account: read-only addresses of its rows. Of each its terms; its token is not stored.

import { nanoid } from "nanoid";
import { hasTable } from "../tables.ts";

/** What a feed shows of recipients' numbers. */
export const NUMBERS = ["full", "last4", "none"] as const;
export type Numbers = (typeof NUMBERS)[number];

/** What its maker says of a feed. */
export interface FeedTerms {
  name: string | null;
  numbers: Numbers;
}

/** Instants are Unix milliseconds. */
export interface FeedFacts extends FeedTerms {
  id: string;
  createdAt: number;
  /** The UTC day of its last use, `2026-11-23`; null before the first. */
  lastUsedOn: string | null;
}

// Made with the first feed: most accounts have none.
const TABLE = `
  CREATE TABLE feed (
    id TEXT PRIMARY KEY,
    name TEXT,
    numbers TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_on TEXT
  ) STRICT, WITHOUT ROWID;`;

export class Feeds {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ name, numbers }: FeedTerms, now: number): FeedFacts {
    if (!hasTable(this.#sql, "feed")) this.#sql.exec(TABLE);
    const feed = { id: nanoid(), name, numbers, createdAt: now, lastUsedOn: null };
    const insert = "INSERT INTO feed (id, name, numbers, created_at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(insert, feed.id, name, numbers, now);
    return feed;
  }

  find(id: string): FeedFacts | undefined {
    return this.#select("WHERE id = ?", id)[0];
  }

  /** Oldest first. */
  all(): FeedFacts[] {
    return this.#select("ORDER BY created_at, id");
  }

  /** Notes the UTC day of `now` (Unix ms), if the feed was not used on it yet. */
  noteUse({ id, lastUsedOn }: FeedFacts, now: number): void {
    const day = new Date(now).toISOString().slice(0, 10);
    if (day !== lastUsedOn) this.#sql.exec("UPDATE feed SET last_used_on = ? WHERE id = ?", day, id);
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    if (!hasTable(this.#sql, "feed")) return false;
    return this.#sql.exec("DELETE FROM feed WHERE id = ?", id).rowsWritten > 0;
  }

  #select(condition: string, ...values: SqlStorageValue[]): FeedFacts[] {
    if (!hasTable(this.#sql, "feed")) return [];
    return this.#sql
      .exec<FeedFacts & Record<string, SqlStorageValue>>(
        `SELECT id, name, numbers, created_at AS createdAt, last_used_on AS lastUsedOn FROM feed ${condition}`,
        ...values,
      )
      .toArray();
  }
}
