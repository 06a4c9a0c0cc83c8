// The tokens of an account: of each its hash, never the token.

import { nanoid } from "nanoid";
import type { TokenFacts } from "./account.ts";

export const TOKEN_TABLE = `
  CREATE TABLE token (id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`;

export class Tokens {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  has(hash: string): boolean {
    return this.#sql.exec("SELECT 1 FROM token WHERE hash = ?", hash).toArray().length > 0;
  }

  /** Oldest first. */
  all(): TokenFacts[] {
    return this.#sql
      .exec<{ id: string; createdAt: number }>("SELECT id, created_at AS createdAt FROM token ORDER BY created_at, id")
      .toArray();
  }

  add(hash: string, now: number): TokenFacts {
    const token = { id: nanoid(), createdAt: now };
    this.#sql.exec("INSERT INTO token (id, hash, created_at) VALUES (?, ?, ?)", token.id, hash, token.createdAt);
    return token;
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM token WHERE id = ?", id).rowsWritten > 0;
  }

  removeAll(): void {
    this.#sql.exec("DELETE FROM token");
  }
}
