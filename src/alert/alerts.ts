// What an account's owner is told of, at most once an hour of each kind, and once when it is over. Its events are owed like all others:
// in the transaction in which it was learned, with the same signature and retries.

import type { CallbackEvent } from "../callback/callback.ts";
import { hasTable } from "../tables.ts";
import { type AlertKind, alertEvent, type AlertState, type Sign, sizeOf, subjectOf, type Told } from "./alert.ts";

const PAUSE_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** So long an event is kept, with its attempts. */
const KEPT_MS = 30 * DAY_MS;
/** A share of a cap. */
const NEAR = 0.9;
/** What the account sees itself. */
const OWN = 0;

const NAME = "alert";
// Made with the first one. `book`: whoever sees it, 0 is the account. `told_size`: as it was told last, 0 when it was not.
const TABLES = `
  CREATE TABLE ${NAME} (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    book INTEGER NOT NULL,
    sign TEXT NOT NULL,
    size INTEGER NOT NULL,
    told_size INTEGER NOT NULL,
    ends_at INTEGER,
    PRIMARY KEY (kind, subject, book)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE alert_told (event_id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL) STRICT;`;

interface Row extends Record<string, SqlStorageValue> {
  kind: AlertKind;
  subject: string;
  book: number;
  /** JSON of Sign. */
  sign: string;
  size: number;
  told_size: number;
  ends_at: number | null;
}

/** Whom to tell; null where the owner has said no address. */
export interface Listener extends Told {
  url: string | null;
}

export class Alerts {
  readonly #sql: SqlStorage;
  readonly #listener: () => Listener | undefined;
  readonly #owe: (event: CallbackEvent, url: string) => void;
  #isThere: boolean | undefined;

  /** @param owe owes the event, in the same transaction */
  constructor(sql: SqlStorage, listener: () => Listener | undefined, owe: (event: CallbackEvent, url: string) => void) {
    this.#sql = sql;
    this.#listener = listener;
    this.#owe = owe;
  }

  /** All that a book sees now; what it saw before and is not among it is over. */
  hear(book: number, signs: readonly Sign[], now: number): void {
    for (const row of this.#rows().filter((one) => one.book === book))
      if (!signs.some((sign) => sign.kind === row.kind && subjectOf(sign) === row.subject)) this.#end(row, now);
    for (const sign of signs) this.#put(book, sign, null);
    this.step(now);
  }

  /** So many of a daily cap are used; null is no cap. Whether that has changed anything. */
  used(what: "messages" | "links", used: number, most: number | null, now: number): boolean {
    const isNear = most !== null && used >= most * NEAR;
    const row = this.#rows().find(({ kind, subject }) => kind === "cap_near" && subject === what);
    if (isNear === (row !== undefined)) return false;
    if (row !== undefined) this.#end(row, now);
    else if (most !== null) {
      this.#put(OWN, { kind: "cap_near", what, used, most }, now - (now % DAY_MS) + DAY_MS);
      this.step(now);
    }
    return true;
  }

  /** Tells what is due, and ends what has come to its end. */
  step(now: number): void {
    for (const row of this.#rows()) if (row.ends_at !== null && row.ends_at <= now) this.#end(row, now);
    const pending = Map.groupBy(
      this.#rows().filter((row) => row.size > row.told_size),
      ({ kind }) => kind,
    );
    for (const [kind, rows] of pending)
      if (now >= this.#freeAt(kind) && this.#tell("on", rows, now))
        this.#sql.exec(`UPDATE ${NAME} SET told_size = size WHERE kind = ?`, kind);
  }

  /** When `step` has to be called, Unix milliseconds; null when it has not. */
  dueAt(): number | null {
    const rows = this.#rows();
    if (rows.length === 0 || this.#listener()?.url == null) return null;
    const due = rows.flatMap(({ kind, size, told_size: told, ends_at: endsAt }) => [
      ...(size > told ? [this.#freeAt(kind)] : []),
      ...(endsAt === null ? [] : [endsAt]),
    ]);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** The events that are older than they are kept, which are forgotten here. */
  forgetOld(now: number): string[] {
    if (!this.#exists()) return [];
    const old = this.#sql.exec<{ id: string }>(
      "DELETE FROM alert_told WHERE at < ? RETURNING event_id AS id",
      now - KEPT_MS,
    );
    return Array.from(old, ({ id }) => id);
  }

  /** The storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#isThere = undefined;
  }

  #exists(): boolean {
    this.#isThere ??= hasTable(this.#sql, NAME);
    return this.#isThere;
  }

  #rows(): Row[] {
    return this.#exists() ? this.#sql.exec<Row>(`SELECT * FROM ${NAME}`).toArray() : [];
  }

  #put(book: number, sign: Sign, endsAt: number | null): void {
    if (!this.#exists()) this.#sql.exec(TABLES);
    this.#isThere = true;
    this.#sql.exec(
      `INSERT INTO ${NAME} (kind, subject, book, sign, size, told_size, ends_at) VALUES (?, ?, ?, ?, ?, 0, ?)
       ON CONFLICT DO UPDATE SET sign = excluded.sign, size = excluded.size`,
      sign.kind,
      subjectOf(sign),
      book,
      JSON.stringify(sign),
      sizeOf(sign),
      endsAt,
    );
  }

  /** It is over where no other book sees it; what was not told needs no end. */
  #end(row: Row, now: number): void {
    const { kind, subject, book } = row;
    this.#sql.exec(`DELETE FROM ${NAME} WHERE kind = ? AND subject = ? AND book = ?`, kind, subject, book);
    const isLeft = this.#rows().some((other) => other.kind === kind && other.subject === subject);
    if (row.told_size > 0 && !isLeft) this.#tell("over", [row], now);
  }

  /** False where there is nobody to be told. */
  #tell(state: AlertState, rows: readonly Row[], now: number): boolean {
    const listener = this.#listener();
    const [first] = rows;
    if (listener?.url == null || first === undefined) return false;
    const signs = rows.map(({ sign }) => JSON.parse(sign) as Sign);
    const event = alertEvent(listener, state, signs, now);
    this.#owe(event, listener.url);
    const told = "INSERT INTO alert_told (event_id, kind, state, at) VALUES (?, ?, ?, ?)";
    this.#sql.exec(told, event.id, first.kind, state, now);
    return true;
  }

  /** When another one of this kind may be told. */
  #freeAt(kind: AlertKind): number {
    const query = "SELECT MAX(at) AS at FROM alert_told WHERE kind = ? AND state = 'on'";
    const { at } = this.#sql.exec<{ at: number | null }>(query, kind).one();
    return at === null ? 0 : at + PAUSE_MS;
  }
}
