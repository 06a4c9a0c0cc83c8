// Idempotency-Keys: for 24 hours each is bound to the name of what its request makes.

import type { KeyClaim } from "./account.ts";

const BOUND_MS = 24 * 3_600_000;
/** Keys that are deleted in one go: in a moment, however many ended together. */
const MOST_DELETED = 1_000;

export const KEY_TABLE = `
  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_age ON idempotency (created_at);`;

export class IdempotencyKeys {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Binds a key to a name, a code, or a msgid with its code. Each of `fingerprints` stands for the request's content; the first
   * is kept. The same again gets the name that it got first.
   */
  claim(
    key: string,
    fingerprints: readonly [string, ...string[]],
    { made, openedBy }: { made: string; openedBy: string },
    now: number,
  ): KeyClaim {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ? AND created_at <= ?", key, now - BOUND_MS);
    this.forgetEnded(now);
    this.#sql.exec(
      "INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      key,
      fingerprints[0],
      made,
      openedBy,
      now,
    );
    const claim = this.#sql
      .exec<{ fingerprint: string; made: string; opened_by: string }>("SELECT * FROM idempotency WHERE key = ?", key)
      .one();
    if (!fingerprints.includes(claim.fingerprint)) return { kind: "reused" };
    return { kind: "claimed", made: claim.made, openedBy: claim.opened_by };
  }

  /** Whether a request has bound this key. */
  isBound(key: string, now: number): boolean {
    const query = "SELECT 1 FROM idempotency WHERE key = ? AND created_at > ?";
    return this.#sql.exec(query, key, now - BOUND_MS).toArray().length > 0;
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
