// Which books an account has: one for each month in which it made something, and a further one of the same month when it is full. What
// an account makes is given its book here and nowhere else: nobody computes a book from a clock.

import { hasTable } from "../tables.ts";

// Made with the first book. `opened`: 1 from when on its object is known to have its tables.
const TABLE = `
  CREATE TABLE book (
    number INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    full INTEGER NOT NULL DEFAULT 0
  ) STRICT;`;

/** A book as its account knows it. */
export interface KnownBook {
  number: number;
  /** Nothing in it was made before (Unix ms), and nothing in those with smaller numbers behind. */
  fromAt: number;
  isOpened: boolean;
}

interface Row extends Record<string, SqlStorageValue> {
  number: number;
  month: string;
  from_at: number;
  opened: number;
  full: number;
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
    if (newest !== undefined && newest.full === 0 && newest.month >= month) return known(newest);
    if (newest === undefined && !hasTable(this.#sql, "book")) this.#sql.exec(TABLE);
    const number = (newest?.number ?? 0) + 1;
    const fromAt = this.instant(now);
    this.#sql.exec("INSERT INTO book (number, month, from_at) VALUES (?, ?, ?)", number, month, fromAt);
    return { number, fromAt, isOpened: false };
  }

  /** When something is made, Unix ms: now, but not before what was made before, however clocks may be set. */
  instant(now: number): number {
    this.#newestAt = Math.max(now, this.#newestAt, this.#newest()?.from_at ?? 0);
    return this.#newestAt;
  }

  opened(number: number): void {
    this.#sql.exec("UPDATE book SET opened = 1 WHERE number = ?", number);
  }

  /** What is made from now on goes into another. */
  full(number: number): void {
    this.#sql.exec("UPDATE book SET full = 1 WHERE number = ?", number);
  }

  /** Newest first. */
  all(): KnownBook[] {
    if (!hasTable(this.#sql, "book")) return [];
    return Array.from(this.#sql.exec<Row>("SELECT * FROM book ORDER BY number DESC"), known);
  }

  /** Newest first. */
  numbers(): number[] {
    return this.all().map(({ number }) => number);
  }

  /** The object of this book is empty. */
  remove(number: number): void {
    this.#sql.exec("DELETE FROM book WHERE number = ?", number);
  }

  #newest(): Row | undefined {
    if (!hasTable(this.#sql, "book")) return undefined;
    return this.#sql.exec<Row>("SELECT * FROM book ORDER BY number DESC LIMIT 1").toArray()[0];
  }
}

function known({ number, from_at: fromAt, opened }: Row): KnownBook {
  return { number, fromAt, isOpened: opened === 1 };
}
