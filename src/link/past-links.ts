// The earlier links of a chosen code. Its last one leaves a row here when it is forgotten: whose the code is, so that nobody else
// opens what stands in people's messages, and where revisions have to go on. One that was opened again before that has a row until
// the account's list is rid of its line. Minted codes, which nobody can choose, leave nothing.

import { addColumn, hasTable } from "../tables.ts";
import { CLOCK_TOLERANCE_MS } from "../objects.ts";
import { isMinted } from "./code.ts";
import type { LinkFacts } from "./link.ts";

/** The operator ended it: nobody opens its code again. */
const BARRED_COLUMN = "is_barred INTEGER NOT NULL DEFAULT 0";

const TABLE = `
  CREATE TABLE past_link (
    created_at INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    unlisting_due_at INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    ${BARRED_COLUMN}
  ) STRICT;`;

export const PAST_TABLE = "past_link";

/** What is known of a link that is over. Instants are Unix milliseconds. */
export interface PastLink {
  createdAt: number;
  accountSid: string;
  endedAt: number;
  /** Its last one. */
  revision: number;
  isBarred: boolean;
}

/** For the step to a version of the link's tables. */
export function barColumn(sql: SqlStorage): void {
  if (hasTable(sql, PAST_TABLE)) addColumn(sql, PAST_TABLE, BARRED_COLUMN);
}

/** Whether `link` may be opened in the place of one that has ended: its account chose the code, and the operator left it that. */
export function mayReopen(before: PastLink, link: LinkFacts): boolean {
  return before.accountSid === link.accountSid && !before.isBarred && !isMinted(link.code);
}

/**
 * Since when accesses are of `link`: from the end of the one before on, as far as the clocks of two machines can tell. It is opened at
 * `now` (Unix ms), which the account's clock may be ahead of.
 */
export function openedAgainAt(before: PastLink, { createdAt }: LinkFacts, now: number): number {
  const at = Math.min(createdAt, now);
  return Math.max(at - CLOCK_TOLERANCE_MS, Math.min(before.endedAt, at));
}

/**
 * Whether `link` was accepted before the one that has ended was: a repeat of a request, by its Idempotency-Key, whose own link was
 * one before that. Ten seconds may be the account's clock, which was set back.
 */
export function isFromBefore(before: PastLink, { createdAt }: LinkFacts): boolean {
  return createdAt < before.createdAt - 10_000;
}

/** Whether an access was made before the link was opened in the place of another: then it was that one's. */
export function isOfPast({ reopenedAt }: { reopenedAt: number | null }, at: number): boolean {
  return reopenedAt !== null && at < reopenedAt;
}

export class PastLinks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The newest, whose account may open the code again; undefined when the code is new. Asking creates no storage. */
  newest(code: string): PastLink | undefined {
    if (isMinted(code) || !this.#hasTable()) return undefined;
    // The row that a forgotten link has left tells no version of its tables.
    barColumn(this.#sql);
    const row = this.#sql
      .exec<Omit<PastLink, "isBarred"> & { isBarred: number }>(
        `SELECT created_at AS createdAt, account_sid AS accountSid, ended_at AS endedAt, revision, is_barred AS isBarred
         FROM past_link ORDER BY created_at DESC LIMIT 1`,
      )
      .toArray()[0];
    return row && { ...row, isBarred: row.isBarred === 1 };
  }

  /** Adds one whose line has to be taken off the list at `unlistingDueAt`, or, with null, has been. */
  add(link: PastLink, unlistingDueAt: number | null): void {
    if (!this.#hasTable()) this.#sql.exec(TABLE);
    this.#sql.exec(
      `INSERT INTO past_link (created_at, account_sid, ended_at, revision, is_barred, unlisting_due_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      link.createdAt,
      link.accountSid,
      link.endedAt,
      link.revision,
      link.isBarred ? 1 : 0,
      unlistingDueAt,
    );
  }

  /** Forgets those of which no line is left: a newer link stands for them. */
  removeUnlisted(): void {
    if (this.#hasTable()) this.#sql.exec("DELETE FROM past_link WHERE unlisting_due_at IS NULL");
  }

  /** When the next line has to go, in Unix milliseconds; null when none is left. */
  dueAt(): number | null {
    if (!this.#hasTable()) return null;
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(unlisting_due_at) AS at FROM past_link").one().at;
  }

  /** Those whose lines have to go at `now`, and how often that has failed. */
  due(now: number): { createdAt: number; endedAt: number; failures: number }[] {
    if (!this.#hasTable()) return [];
    return this.#sql
      .exec<{ createdAt: number; endedAt: number; failures: number }>(
        `SELECT created_at AS createdAt, ended_at AS endedAt, failures
         FROM past_link WHERE unlisting_due_at <= ?`,
        now,
      )
      .toArray();
  }

  postpone(createdAt: number, at: number): void {
    this.#sql.exec(
      "UPDATE past_link SET unlisting_due_at = ?, failures = failures + 1 WHERE created_at = ?",
      at,
      createdAt,
    );
  }

  remove(createdAt: number): void {
    this.#sql.exec("DELETE FROM past_link WHERE created_at = ?", createdAt);
  }

  #hasTable(): boolean {
    return hasTable(this.#sql, PAST_TABLE);
  }
}
