// Of the account `main` alone: the accounts that it made.

import type { Tenant, TenantQuery } from "./account.ts";

export const TENANT_INDEX = "CREATE INDEX IF NOT EXISTS tenant_by_age ON tenant (created_at, sid);";

export const TENANT_TABLE = `
  CREATE TABLE tenant (
    sid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT, WITHOUT ROWID;
  ${TENANT_INDEX}`;

export class Tenants {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(sid: string, name: string, now: number): Tenant {
    this.#sql.exec("INSERT INTO tenant (sid, name, created_at) VALUES (?, ?, ?)", sid, name, now);
    return { sid, name, createdAt: now };
  }

  /** Newest first; one more than `limit` when there is a further page. */
  find({ limit, after }: TenantQuery): Tenant[] {
    return this.#sql
      .exec<{ sid: string; name: string; createdAt: number }>(
        `SELECT sid, name, created_at AS createdAt FROM tenant
         WHERE (created_at, sid) < (?, ?) AND closed_at IS NULL ORDER BY created_at DESC, sid DESC LIMIT ?`,
        after?.createdAt ?? Number.MAX_SAFE_INTEGER,
        after?.sid ?? "",
        limit + 1,
      )
      .toArray();
  }

  /** In order, so many behind `after`: also of those that are being closed, because somebody has to look after these, too. */
  sids(after: string, limit: number): string[] {
    const rows = this.#sql.exec<{ sid: string }>(
      "SELECT sid FROM tenant WHERE sid > ? ORDER BY sid LIMIT ?",
      after,
      limit,
    );
    return Array.from(rows, ({ sid }) => sid);
  }

  has(sid: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tenant WHERE sid = ? AND closed_at IS NULL", sid).toArray().length > 0;
  }

  /** From now on nobody sees it. */
  remove(sid: string, now: number): void {
    this.#sql.exec("UPDATE tenant SET closed_at = ? WHERE sid = ?", now, sid);
  }

  /** Its object has freed all storage. */
  forget(sid: string): void {
    this.#sql.exec("DELETE FROM tenant WHERE sid = ? AND closed_at IS NOT NULL", sid);
  }
}
