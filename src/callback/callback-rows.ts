// The table of what is owed to callback URLs, one row an event, and the statements on it. An event's attempts stand in its row: what is
// decided about it is one row written. Every method is synchronous.

import { camelKeys, type CamelKeys } from "../http/json.ts";
import { addColumn, hasTable, updateRows } from "../tables.ts";
import type { WhichCallbacks } from "./bulk-retry/failing.ts";
import type { AttemptView, CallbackState } from "./callback.ts";

export const CALLBACK_TABLE = "callback";
/** Null in a row that an earlier version wrote, and since then nothing was decided about: its attempts are in a table of their own. */
const ATTEMPTS = "attempts TEXT";
const TABLE = `
  CREATE TABLE ${CALLBACK_TABLE} (
    event_id TEXT PRIMARY KEY,
    url TEXT,
    own_host TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    next_attempt_at INTEGER,
    due_at INTEGER,
    jobs_sent INTEGER NOT NULL,
    ${ATTEMPTS}
  ) STRICT, WITHOUT ROWID;`;
/** For an owner of many events. It costs a row with every change of a due time, so a link, which has one event, has none. */
const DUE_INDEX = `CREATE INDEX callback_by_due ON ${CALLBACK_TABLE} (due_at) WHERE due_at IS NOT NULL;`;
/** Of the same: made with the first callback that is given up, so that those which are can be found among many. */
const EXHAUSTED = "callback_exhausted";
const EXHAUSTED_INDEX = `CREATE INDEX ${EXHAUSTED} ON ${CALLBACK_TABLE} (event_id) WHERE state = 'exhausted';`;
const EARLIER_ATTEMPT_TABLE = "attempt";
/** Tables that stay when a link's code is opened again: what the link before owes is owed still. */
export const LEDGER_TABLES = [CALLBACK_TABLE, EARLIER_ATTEMPT_TABLE];

/** So many are kept of one event, the newest. More than eleven come of asking again and again. */
const MOST_KEPT = 200;

/** One attempt; with neither status nor error nobody has reported of it (yet). */
export interface StoredAttempt extends AttemptView {
  /** Which it is of its event, from 1 on. */
  n: number;
  /** The number of the event that its end is, where somebody has to hear of it (see CallbackJournal). */
  number: number | null;
}

/** Instants are Unix milliseconds. */
export interface StoredCallback {
  eventId: string;
  url: string | null;
  ownHost: string;
  body: string;
  state: CallbackState;
  nextAttemptAt: number | null;
  dueAt: number | null;
  jobsSent: number;
  /** The oldest first. */
  attempts: readonly StoredAttempt[];
}

/** What is decided about an event; what is not given stays. */
export type CallbackChanges = Partial<Omit<StoredCallback, "eventId" | "ownHost">>;

/** A job that is due, and since when: the time names this one due time among all that come. */
export interface DueJob {
  eventId: string;
  dueAt: number;
}

interface Row extends Record<string, SqlStorageValue> {
  event_id: string;
  url: string | null;
  own_host: string;
  body: string;
  state: CallbackState;
  next_attempt_at: number | null;
  due_at: number | null;
  jobs_sent: number;
  attempts: string | null;
}

type OwedRow = Pick<Row, "event_id" | "due_at" | "jobs_sent" | "attempts">;

interface EarlierAttempt extends Record<string, SqlStorageValue> {
  event_id: string;
  n: number;
  at: number;
  status: number | null;
  error: string | null;
  duration_ms: number | null;
}

/** For the step to a version of an object's tables. */
export function attemptsColumn(sql: SqlStorage): void {
  if (hasTable(sql, CALLBACK_TABLE)) addColumn(sql, CALLBACK_TABLE, ATTEMPTS);
}

export class CallbackRows {
  readonly #sql: SqlStorage;
  readonly #isIndexed: boolean;
  /** Known from the first question on, because nobody else makes it. */
  #exists: boolean | undefined;

  constructor(sql: SqlStorage, isIndexed: boolean) {
    this.#sql = sql;
    this.#isIndexed = isIndexed;
  }

  add({ attempts, ...callback }: StoredCallback): void {
    // Made with the first event and not before: most links are never opened, and tables are billed.
    if (!this.#hasTable()) this.#sql.exec(TABLE + (this.#isIndexed ? DUE_INDEX : ""));
    this.#exists = true;
    this.#sql.exec(
      `INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent, attempts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      callback.eventId,
      callback.url,
      callback.ownHost,
      callback.body,
      callback.state,
      callback.nextAttemptAt,
      callback.dueAt,
      callback.jobsSent,
      JSON.stringify(attempts),
    );
  }

  read(eventId: string): StoredCallback | undefined {
    return this.#select("WHERE event_id = ?", eventId)[0];
  }

  all(): StoredCallback[] {
    return this.#select("");
  }

  /** Those of which something is owed: there may be thousands. */
  owed(): Pick<StoredCallback, "eventId" | "dueAt" | "jobsSent" | "attempts">[] {
    if (!this.#hasTable()) return [];
    const query = "SELECT event_id, due_at, jobs_sent, attempts FROM callback WHERE due_at IS NOT NULL";
    return Array.from(this.#sql.exec<OwedRow>(query), (row) => this.#stored(row));
  }

  /**
   * Of an owner of many events, those that fail, by when their event happened: so many of each state. Of those that are owed, what is due
   * by `dueBy` (Unix ms) is left out.
   */
  failing({ state, from, to, host }: WhichCallbacks, limit: number, dueBy: number): StoredCallback[] {
    const happened = `body ->> '$.timestamp' >= ? AND body ->> '$.timestamp' < ?`;
    // Callback URLs are stored as URLs are written: the host stands between the first two slashes and the third.
    const isThere = "substr(url, instr(url, '//') + 2, length(?1) + 1) = ?1 || '/'";
    const rest = [instantText(from), instantText(to), limit];
    const among = (condition: string, ...values: SqlStorageValue[]) =>
      this.#select(
        `WHERE (?1 IS NULL OR ${isThere}) AND ${condition} AND ${happened} LIMIT ?`,
        host,
        ...values,
        ...rest,
      );
    return [
      ...(state === "exhausted" ? [] : among("due_at > ?", dueBy)),
      ...(state === "owed" || !hasTable(this.#sql, EXHAUSTED) ? [] : among("state = 'exhausted'")),
    ];
  }

  change(eventId: string, { attempts, ...changes }: CallbackChanges): void {
    if (this.#isIndexed && changes.state === "exhausted" && !hasTable(this.#sql, EXHAUSTED))
      this.#sql.exec(EXHAUSTED_INDEX);
    const kept = attempts && { attempts: JSON.stringify(attempts.slice(-MOST_KEPT)) };
    updateRows(this.#sql, CALLBACK_TABLE, { ...changes, ...kept }, "event_id = ?", eventId);
  }

  remove(eventId: string): void {
    if (!this.#hasTable()) return;
    this.#sql.exec("DELETE FROM callback WHERE event_id = ?", eventId);
    if (this.#hasEarlierAttempts()) this.#sql.exec("DELETE FROM attempt WHERE event_id = ?", eventId);
  }

  /** The earliest due time; null when there is none. */
  dueAt(): number | null {
    if (!this.#hasTable()) return null;
    // The condition lets SQLite use the index, which holds no NULL.
    const query = "SELECT MIN(due_at) AS at FROM callback WHERE due_at IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query).one().at;
  }

  /** The longest due first. */
  due(now: number, limit: number): DueJob[] {
    if (!this.#hasTable()) return [];
    return this.#sql
      .exec<{ eventId: string; dueAt: number }>(
        "SELECT event_id AS eventId, due_at AS dueAt FROM callback WHERE due_at <= ? ORDER BY due_at LIMIT ?",
        now,
        limit,
      )
      .toArray();
  }

  #select(condition: string, ...values: SqlStorageValue[]): StoredCallback[] {
    if (!this.#hasTable()) return [];
    const rows = this.#sql.exec<Row>(`SELECT * FROM callback ${condition}`, ...values);
    return Array.from(rows, (row) => this.#stored(row));
  }

  #stored<R extends OwedRow>(row: R) {
    const attempts = row.attempts === null ? this.#earlierAttempts(row.event_id) : readAttempts(row.attempts);
    return { ...camelKeys(row), attempts };
  }

  #earlierAttempts(eventId: string): StoredAttempt[] {
    if (!this.#hasEarlierAttempts()) return [];
    const query = "SELECT * FROM attempt WHERE event_id = ? ORDER BY n";
    return Array.from(this.#sql.exec<EarlierAttempt>(query, eventId), (row) => {
      const { n, at, status, error, durationMs }: CamelKeys<EarlierAttempt> = camelKeys(row);
      return { n, at, status, error, durationMs, number: null };
    });
  }

  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgotten(): void {
    this.#exists = undefined;
  }

  #hasTable(): boolean {
    this.#exists ??= hasTable(this.#sql, CALLBACK_TABLE);
    return this.#exists;
  }

  #hasEarlierAttempts(): boolean {
    return hasTable(this.#sql, EARLIER_ATTEMPT_TABLE);
  }
}

/** As events write it; beyond what can be written so, it is before or behind all of them. */
function instantText(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : at < 0 ? "" : "~";
}

function readAttempts(text: string): StoredAttempt[] {
  return JSON.parse(text) as StoredAttempt[];
}
