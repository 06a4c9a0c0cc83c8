// Which books an account has: one for each month in which it made something, and a further one of the same month when it is full. What
// an account makes is given its book here and nowhere else: nobody computes a book from a clock.

import { bookEndsAt } from "../book/book.ts";
import { addColumn, hasTable } from "../tables.ts";

/** Totals of a month are kept for so many months behind it. */
const MONTHS_KEPT = 25;

/** Since when its totals are kept here, up to which position of its journal, and 1 from when on its object is known to be empty. */
const END_COLUMNS = ["archived_at INTEGER", "archived_to INTEGER", "emptied INTEGER NOT NULL DEFAULT 0"];

/** For the step to a version of the account's tables. */
export function addEndColumns(sql: SqlStorage): void {
  if (hasTable(sql, "book")) for (const column of END_COLUMNS) addColumn(sql, "book", column);
}

// Made with the first book. `opened`: since when its object is known to have its tables; 0 while it is not. A row stays, so that no number comes again.
const TABLE = `
  CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    full INTEGER NOT NULL DEFAULT 0,
    ${END_COLUMNS.join(", ")}
  ) STRICT;`;

/** A book as its account knows it. */
export interface KnownBook {
  number: number;
  /** Nothing in it was made before (Unix ms), and nothing in those with smaller numbers behind. */
  fromAt: number;
  /** Since when its object is known to be open, Unix ms; null while it is not. */
  openedAt: number | null;
}

/** A book whose totals are kept here: up to this position of its journal, which was the last. */
export interface ArchivedBook {
  number: number;
  position: number;
}

interface Row extends Record<string, SqlStorageValue> {
  number: number;
  month: string;
  from_at: number;
  opened: number;
  full: number;
  archived_at: number | null;
  archived_to: number | null;
  emptied: number;
}

export class Books {
  readonly #sql: SqlStorage;
  #newestAt = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The book for what is made at `now` (Unix ms), with a new one written down when there is none. Its object may have to be opened. */
  current(now: number): KnownBook {
    const newest = this.#newest();
    const month = new Date(now).toISOString().slice(0, 7);
    // A clock that was set back opens no book of a month that is over.
    if (newest !== undefined && newest.full === 0 && newest.archived_at === null && newest.month >= month)
      return known(newest);
    if (newest === undefined && !hasTable(this.#sql, "book")) this.#sql.exec(TABLE);
    const number = (newest?.number ?? 0) + 1;
    const fromAt = this.instant(now);
    this.#sql.exec("INSERT INTO book (number, month, from_at) VALUES (?, ?, ?)", number, month, fromAt);
    return { number, fromAt, openedAt: null };
  }

  /** When something is made, Unix ms: now, but not before what was made before, however clocks may be set. */
  instant(now: number): number {
    this.#newestAt = Math.max(now, this.#newestAt, this.#newest()?.from_at ?? 0);
    return this.#newestAt;
  }

  opened(number: number, now: number): void {
    this.#sql.exec("UPDATE book SET opened = ? WHERE number = ? AND opened = 0", now, number);
  }

  /** What is made from now on goes into another. */
  full(number: number): void {
    this.#sql.exec("UPDATE book SET full = 1 WHERE number = ?", number);
  }

  /** Whose objects may hold something, newest first. */
  left(): KnownBook[] {
    return this.#rows("WHERE emptied = 0 ORDER BY number DESC").map(known);
  }

  /** Of those that are read from their objects, newest first: their totals are not kept here. */
  numbers(): number[] {
    return this.#rows("WHERE archived_at IS NULL ORDER BY number DESC").map(({ number }) => number);
  }

  /** Oldest first. */
  archived(): ArchivedBook[] {
    return this.#rows("WHERE archived_to IS NOT NULL ORDER BY number").flatMap(({ number, archived_to: position }) =>
      position === null ? [] : { number, position },
    );
  }

  /** How a book stands that asks to end at `now` (Unix ms). */
  ending(number: number, now: number): "archived" | "may-end" | "goes-on" {
    const [row] = this.#rows("WHERE number = ?", number);
    if (row === undefined) return "goes-on";
    if (row.archived_at !== null) return "archived";
    return now < bookEndsAt(Date.parse(row.month)) ? "goes-on" : "may-end";
  }

  /** All of the book's totals are here: from now on they count, and what its object has does not. */
  archive({ number, position }: ArchivedBook, now: number): void {
    this.#sql.exec("UPDATE book SET archived_at = ?, archived_to = ? WHERE number = ?", now, position, number);
  }

  /** The book's object says that it is empty: it has ended; or nobody ever opened it, and nobody is going to. */
  empty(number: number, now: number): void {
    const [row] = this.#rows("WHERE number = ?", number);
    if (row === undefined) return;
    const wasNeverOpened = row.opened === 0 && this.ending(number, now) === "may-end";
    if (row.archived_at === null && !wasNeverOpened) return;
    this.#sql.exec("UPDATE book SET emptied = 1, archived_at = IFNULL(archived_at, ?) WHERE number = ?", now, number);
  }

  /** Forgets that there are totals of those whose time is over; which they were. */
  forgetOld(now: number): number[] {
    const date = new Date(now);
    const kept = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - MONTHS_KEPT)).toISOString().slice(0, 7);
    const old = this.#rows("WHERE archived_to IS NOT NULL AND month < ?", kept).map(({ number }) => number);
    for (const number of old) this.#sql.exec("UPDATE book SET archived_to = NULL WHERE number = ?", number);
    return old;
  }

  /** The object of this book is empty. */
  remove(number: number): void {
    this.#sql.exec("DELETE FROM book WHERE number = ?", number);
  }

  #newest(): Row | undefined {
    return this.#rows("ORDER BY number DESC LIMIT 1")[0];
  }

  #rows(which: string, ...values: SqlStorageValue[]): Row[] {
    if (!hasTable(this.#sql, "book")) return [];
    return this.#sql.exec<Row>(`SELECT * FROM book ${which}`, ...values).toArray();
  }
}

function known({ number, from_at: fromAt, opened }: Row): KnownBook {
  return { number, fromAt, openedAt: opened === 0 ? null : opened };
}
