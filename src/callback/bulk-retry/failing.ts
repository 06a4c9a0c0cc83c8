// Callbacks that fail, as a book can tell: of links from what they report, one row from the first failed attempt that the book hears of
// until an answer of 200; of messages from the callbacks themselves, which are in the same object.

import type { LinkEvent } from "../../book/book.ts";
import type { LineName } from "../../book/lines.ts";
import { hasTable } from "../../tables.ts";

/** What can be tried once more. `owed`: it will be tried anyway. */
export const FAILING_STATES = ["owed", "exhausted"] as const;
export type FailingState = (typeof FAILING_STATES)[number];

/** Which of them are meant. */
export interface WhichCallbacks {
  /** Null is either. */
  state: FailingState | null;
  /** What the event tells of happened from then on, and before then: Unix milliseconds. */
  from: number;
  to: number;
  /** With its port, if it is not the usual one; null is any. */
  host: string | null;
}

/** How a callback stands that fails. Instants are Unix milliseconds. */
export interface Standing {
  state: FailingState;
  host: string;
  /** When that happened which the receiver is to be told of. */
  at: number;
  attempts: number;
  /** What was answered last, if anything was. */
  status: number | null;
  error: string | null;
  triedAt: number | null;
}

/** A callback that fails, and what it is of: a link, or a message. */
export interface FailingCallback extends Standing {
  code: string | null;
  msgid: string | null;
}

/** What of a line is needed to tell how its callback stands. */
interface OfLine {
  callbackUrl: string | null;
  firstAccessedAt: number | null;
  delivered: readonly string[];
}

/** What was heard of a link, and its line behind that. */
export interface Heard {
  event: LinkEvent;
  line: OfLine;
}

const NAME = "failing_callback";
// Made with the first one. `retry_at`: when it is tried once more because somebody asked for it; null when nobody has.
const TABLE = `
  CREATE TABLE ${NAME} (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    host TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    tried_at INTEGER,
    retry_at INTEGER,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX failing_callback_to_retry ON ${NAME} (retry_at) WHERE retry_at IS NOT NULL;`;
const COLUMNS = "state, host, at, attempts, status, error, tried_at AS triedAt";

/** Those of a book's links. Every method is synchronous. */
export class FailingCallbacks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Follows what a link has reported. A callback that failed and was then delivered in the same report costs no row. */
  follow(name: LineName, heard: readonly Heard[]): void {
    const told = heard.filter(({ event: { kind } }) => kind === "attempt" || kind === "callback" || kind === "changed");
    if (told.length === 0) return;
    const before = this.#read(name);
    const after = told.reduce(following, before);
    if (after === null && before !== null) this.remove(name);
    if (after !== null && after !== before) this.#put(name, after);
  }

  remove({ createdAt, code }: LineName): void {
    if (this.#exists()) this.#sql.exec(`DELETE FROM ${NAME} WHERE created_at = ? AND code = ?`, createdAt, code);
  }

  /** So many of those, newest first. Those that wait to be tried once more are left out where `isFree`. */
  find({ state, from, to, host }: WhichCallbacks, limit: number, isFree = false): (Standing & LineName)[] {
    if (!this.#exists()) return [];
    return this.#sql
      .exec<Standing & LineName & Record<string, SqlStorageValue>>(
        `SELECT created_at AS createdAt, code, ${COLUMNS} FROM ${NAME}
         WHERE state = IFNULL(?, state) AND at >= ? AND at < ? AND host = IFNULL(?, host) ${isFree ? "AND retry_at IS NULL" : ""}
         ORDER BY created_at DESC, code DESC LIMIT ?`,
        state,
        from,
        to,
        host,
        limit,
      )
      .toArray();
  }

  /** One more attempt is asked for at that instant (Unix ms); null is none. */
  retryAt({ createdAt, code }: LineName, at: number | null): void {
    this.#sql.exec(`UPDATE ${NAME} SET retry_at = ? WHERE created_at = ? AND code = ?`, at, createdAt, code);
  }

  /** When the first of those is due, Unix milliseconds; null when there is none. */
  retryDueAt(): number | null {
    if (!this.#exists()) return null;
    // The condition lets SQLite use the index, which holds no NULL.
    const query = `SELECT MIN(retry_at) AS at FROM ${NAME} WHERE retry_at IS NOT NULL`;
    return this.#sql.exec<{ at: number | null }>(query).one().at;
  }

  /** So many that are due, the longest due first. */
  toRetry(now: number, limit: number): LineName[] {
    if (!this.#exists()) return [];
    return this.#sql
      .exec<{ createdAt: number; code: string }>(
        `SELECT created_at AS createdAt, code FROM ${NAME} WHERE retry_at <= ? ORDER BY retry_at LIMIT ?`,
        now,
        limit,
      )
      .toArray();
  }

  #read({ createdAt, code }: LineName): Standing | null {
    if (!this.#exists()) return null;
    const query = `SELECT ${COLUMNS} FROM ${NAME} WHERE created_at = ? AND code = ?`;
    const rows = this.#sql.exec<Standing & Record<string, SqlStorageValue>>(query, createdAt, code);
    return rows.toArray()[0] ?? null;
  }

  #put({ createdAt, code }: LineName, { state, host, at, attempts, status, error, triedAt }: Standing): void {
    if (!this.#exists()) this.#sql.exec(TABLE);
    this.#sql.exec(
      `INSERT INTO ${NAME} (created_at, code, state, host, at, attempts, status, error, tried_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, host = excluded.host,
         attempts = excluded.attempts, status = excluded.status, error = excluded.error, tried_at = excluded.tried_at`,
      createdAt,
      code,
      state,
      host,
      at,
      attempts,
      status,
      error,
      triedAt,
    );
  }

  #exists(): boolean {
    return hasTable(this.#sql, NAME);
  }
}

/** How the callback stands behind an event; null is not among those that fail. */
function following(before: Standing | null, { event, line }: Heard): Standing | null {
  const host = hostOf(line.callbackUrl);
  if (host === null) return null;
  const known = before ?? {
    state: "owed" as const,
    host,
    at: line.firstAccessedAt ?? event.at,
    attempts: 0,
    status: null,
    error: null,
    triedAt: null,
  };
  switch (event.kind) {
    case "attempt": {
      const { eventId, attempt, status, error, at: triedAt } = event;
      if (status === 200) return null;
      // The report of a failed attempt may come behind that of a later one, which was answered 200.
      if (line.delivered.includes(eventId)) return before;
      return { ...known, host, attempts: Math.max(attempt, known.attempts), status, error, triedAt };
    }
    case "callback":
      return event.state === "withdrawn" ? null : { ...known, host, state: event.state };
    case "changed":
    case "opened":
    case "ended":
    case "barred":
    case "access":
    case "accesses":
      return before && { ...before, host };
  }
}

/** Null of what is none. */
export function hostOf(url: string | null): string | null {
  return url === null ? null : (URL.parse(url)?.host ?? null);
}
