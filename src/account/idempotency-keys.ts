// Idempotency-Keys: for 24 hours each is bound to the name of what its request makes.

const BOUND_MS = 24 * 3_600_000;
/** Keys that are deleted in one go: in a moment, however many ended together. */
const MOST_DELETED = 1_000;

/** The book of what was made; null is none. */
export const BOOK_COLUMN = "book INTEGER";

export const KEY_TABLE = `
  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ${BOOK_COLUMN}
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (created_at);`;

/** What a key is bound to, since when (Unix ms). */
export interface BoundKey {
  /** A code, or a msgid and, behind a space, the code of its link. */
  made: string;
  openedBy: string;
  at: number;
  book: number | null;
}

interface Row extends Record<string, SqlStorageValue> {
  fingerprint: string;
  made: string;
  opened_by: string;
  created_at: number;
  book: number | null;
}

export class IdempotencyKeys {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Binds a key that is bound to nothing. Each of `fingerprints` stands for the request's content; the first is kept. */
  bind(
    key: string,
    fingerprints: readonly [string, ...string[]],
    { made, openedBy, at, book }: BoundKey,
    now: number,
  ): void {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ? AND created_at <= ?", key, now - BOUND_MS);
    this.forgetEnded(now);
    this.#sql.exec(
      "INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at, book) VALUES (?, ?, ?, ?, ?, ?)",
      key,
      fingerprints[0],
      made,
      openedBy,
      at,
      book,
    );
  }

  /** What the key is bound to; `reused` when that was another request, null when it is nothing. */
  find(key: string, fingerprints: readonly string[], now: number): BoundKey | "reused" | null {
    const [row] = this.#sql
      .exec<Row>("SELECT * FROM idempotency WHERE key = ? AND created_at > ?", key, now - BOUND_MS)
      .toArray();
    if (row === undefined) return null;
    if (!fingerprints.includes(row.fingerprint)) return "reused";
    return { made: row.made, openedBy: row.opened_by, at: row.created_at, book: row.book };
  }

  /** Forgets keys whose time is over, a thousand at most. */
  forgetEnded(now: number): void {
    this.#sql.exec(
      `DELETE FROM idempotency WHERE key IN
         (SELECT key FROM idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ${MOST_DELETED})`,
      now - BOUND_MS,
    );
  }

  /** Gives a key free again. A claim that came since is another's, and stays. */
  release(key: string, openedBy: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ? AND opened_by = ?", key, openedBy);
  }
}
