// Of the account `main` alone: the accounts that it made.

import { camelKeys } from "../http/json.ts";
import type { Tenant } from "./account.ts";

export const TENANT_TABLE = `
  CREATE TABLE tenant (sid TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;`;

export class Tenants {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(sid: string, name: string, now: number): Tenant {
    this.#sql.exec("INSERT INTO tenant (sid, name, created_at) VALUES (?, ?, ?)", sid, name, now);
    return { sid, name, createdAt: now };
  }

  /** Newest first. */
  all(): Tenant[] {
    return this.#sql
      .exec<{ sid: string; name: string; created_at: number }>("SELECT * FROM tenant ORDER BY created_at DESC, sid")
      .toArray()
      .map(camelKeys);
  }

  /** In order, so many behind `after`. */
  sids(after: string, limit: number): string[] {
    const rows = this.#sql.exec<{ sid: string }>(
      "SELECT sid FROM tenant WHERE sid > ? ORDER BY sid LIMIT ?",
      after,
      limit,
    );
    return Array.from(rows, ({ sid }) => sid);
  }

  has(sid: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tenant WHERE sid = ?", sid).toArray().length > 0;
  }

  remove(sid: string): void {
    this.#sql.exec("DELETE FROM tenant WHERE sid = ?", sid);
  }
}
