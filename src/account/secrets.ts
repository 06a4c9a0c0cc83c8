// The secrets that sign an account's callbacks, sealed: the newest in the account's row, and for a day those before it. The day
// begins when the owner is shown the newest: an answer that is lost must not take away the only secret that the owner knows.

/** After a rotation the old secret signs too, so that receivers have a day to change theirs. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;
/** Added to the end of a secret whose successor nobody is known to have been shown. It is beyond every date, and keeps the order. */
const UNSHOWN_MS = 100_000_000_000_000;
/** Each signature is 47 characters of a header; receivers take a few kilobytes. */
const MOST_PREVIOUS_SECRETS = 10;

export const SECRET_TABLE = `
  CREATE TABLE previous_secret (secret TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`;

export class Secrets {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Those that sign at `now` (Unix ms), the newest first. */
  all(newest: string, now: number): string[] {
    const previous = this.#sql
      .exec<{ secret: string }>(
        "SELECT secret FROM previous_secret WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?",
        now,
        MOST_PREVIOUS_SECRETS,
      )
      .toArray();
    return [newest, ...previous.map(({ secret }) => secret)];
  }

  /** The same secret, sealed anew: in the place of `sealed`, if that is still there. */
  replace(sealed: string, resealed: string): void {
    this.#sql.exec("UPDATE account SET callback_secret = ? WHERE callback_secret = ?", resealed, sealed);
    this.#sql.exec("UPDATE previous_secret SET secret = ? WHERE secret = ?", resealed, sealed);
  }

  /**
   * Puts `next` in the place of `newest`, and answers until when (Unix ms) that signs, too: at least, for its time is only
   * counted from `shown` on.
   */
  rotate(newest: string, next: string, now: number): number {
    const expiresAt = now + ROTATION_OVERLAP_MS;
    this.#sql.exec("INSERT INTO previous_secret VALUES (?, ?)", newest, expiresAt + UNSHOWN_MS);
    this.#sql.exec("UPDATE account SET callback_secret = ?", next);
    this.#deleteOld(now);
    return expiresAt;
  }

  /** The owner was shown the secret of the rotation that answered `expiresAt`: those before it sign until then. */
  shown(expiresAt: number): void {
    this.#sql.exec(
      "UPDATE previous_secret SET expires_at = ? WHERE expires_at BETWEEN ? AND ?",
      expiresAt,
      UNSHOWN_MS,
      expiresAt + UNSHOWN_MS,
    );
  }

  /** Keeps the newest. The oldest one without an end stays, too: it is the last that the owner is known to have. */
  #deleteOld(now: number): void {
    this.#sql.exec(
      `DELETE FROM previous_secret WHERE secret NOT IN (
         SELECT secret FROM previous_secret WHERE expires_at > ?
         ORDER BY expires_at = (SELECT MIN(expires_at) FROM previous_secret WHERE expires_at >= ?) DESC, expires_at DESC
         LIMIT ?)`,
      now,
      UNSHOWN_MS,
      MOST_PREVIOUS_SECRETS,
    );
  }
}
