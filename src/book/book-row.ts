// The book itself: its one row.

import { attemptsColumn } from "../callback/callback-rows.ts";
import { camelKeys, type CamelKeys } from "../http/json.ts";
import { addColumn, forgetTables, hasTable, hasTables, type Step, VERSION_COLUMN } from "../tables.ts";
import type { BookName } from "./book.ts";
import { timeColumns } from "../sms/message-rows.ts";
import { PACK_TABLES, packTable } from "./packs.ts";

/** How far the book has come with ending. */
const ENDING_COLUMNS = [
  "end_due_at INTEGER",
  "ending_position INTEGER",
  "ending_to TEXT",
  "left_from TEXT",
  "ended_at INTEGER",
];

/** What the account was told that this book sees: a JSON array of Sign. */
const SIGNS_COLUMN = "signs TEXT";

export const BOOK_TABLE = `
  CREATE TABLE book (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    number INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    woken_at INTEGER,
    checked_to TEXT,
    sweep_due_at INTEGER,
    swept_to TEXT,
    tallied_to INTEGER NOT NULL DEFAULT 0,
    tallies_due_at INTEGER,
    ${VERSION_COLUMN},
    ${ENDING_COLUMNS.join(",\n    ")},
    ${SIGNS_COLUMN}
  ) STRICT;`;

/** From each version of a book's tables, of all of them, to the next. */
const STEPS: readonly Step[] = [
  (sql) => {
    for (const column of ENDING_COLUMNS) addColumn(sql, "book", column);
  },
  attemptsColumn,
  (sql) => {
    for (const name of PACK_TABLES) if (!hasTable(sql, name)) sql.exec(packTable(name));
  },
  timeColumns,
  (sql) => addColumn(sql, "book", SIGNS_COLUMN),
];

interface Row extends Record<string, SqlStorageValue> {
  sid: string;
  number: number;
  opened_at: number;
  closed_at: number | null;
  woken_at: number | null;
  checked_to: string | null;
  sweep_due_at: number | null;
  swept_to: string | null;
  /** The position up to which the journal is in the tallies. */
  tallied_to: number;
  tallies_due_at: number | null;
  /** When the next step of ending is due; null before the first. */
  end_due_at: number | null;
  /** How far the journal was when links were asked from the first on. */
  ending_position: number | null;
  /** The line up to which links were asked, or, when the book has ended, the tally up to which its account has them. */
  ending_to: string | null;
  /** The line behind which the first link stands that was still there; null where none was. */
  left_from: string | null;
  /** Since when the book takes nothing any more, and hands its totals over. */
  ended_at: number | null;
  signs: string | null;
}

/** Instants are Unix milliseconds. */
export type StoredBook = CamelKeys<Row>;

export class BookRow {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #hasTables = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** The book, also while it is being closed; undefined when nobody opened it, or it has ended. Asking creates no storage. */
  read(): StoredBook | undefined {
    this.#hasTables ||= hasTables(this.#storage, "book", STEPS);
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<Row>("SELECT * FROM book").toArray()[0];
    return row && camelKeys(row);
  }

  /** The book, unless it is closed or has ended: as long as something may be written into it. */
  readOpen(): StoredBook | undefined {
    const book = this.read();
    return book?.closedAt === null && book.endedAt === null ? book : undefined;
  }

  /** Makes the book. `tables` are those of all its rooms. */
  open(tables: string, { sid, book }: BookName, now: number): void {
    this.#sql.exec(tables);
    this.#hasTables = true;
    this.#sql.exec(
      "INSERT INTO book (id, sid, number, opened_at, version) VALUES (1, ?, ?, ?, ?)",
      sid,
      book,
      now,
      STEPS.length,
    );
  }

  /** The book was woken, and the links up to this line were looked at. */
  woken(checkedTo: string | null, now: number): void {
    this.#sql.exec("UPDATE book SET woken_at = ?, checked_to = ?", now, checkedTo);
  }

  /** The next step of a sweep is due at `dueAt`, behind the line `sweptTo`; null is none. */
  sweeps(sweptTo: string | null, dueAt: number | null): void {
    this.#sql.exec("UPDATE book SET swept_to = ?, sweep_due_at = ?", sweptTo, dueAt);
  }

  /** The tallies hold the journal up to this position. */
  tallied(to: number): void {
    this.#sql.exec("UPDATE book SET tallied_to = ?, tallies_due_at = NULL", to);
  }

  /** The account has heard what the book sees. */
  signsTold(signs: string): void {
    this.#sql.exec("UPDATE book SET signs = ?", signs);
  }

  talliesDue(at: number): void {
    this.#sql.exec("UPDATE book SET tallies_due_at = ?", at);
  }

  /** The next step of ending is due then, and goes on as it was. */
  endsLater(dueAt: number): void {
    this.#sql.exec("UPDATE book SET end_due_at = ?", dueAt);
  }

  /** Links were asked whether they are still there: up to this line, while the journal was at `position`. */
  asked(position: number, to: string | null, leftFrom: string | null, dueAt: number): void {
    this.#sql.exec(
      "UPDATE book SET ending_position = ?, ending_to = ?, left_from = ?, end_due_at = ?",
      position,
      to,
      leftFrom,
      dueAt,
    );
  }

  /** The book takes nothing any more. */
  ended(now: number): void {
    this.#sql.exec("UPDATE book SET ended_at = ?, ending_to = NULL, end_due_at = ?", now, now);
  }

  /** The account has the totals up to this tally; null is none. */
  handedOver(to: string | null, dueAt: number): void {
    this.#sql.exec("UPDATE book SET ending_to = ?, end_due_at = ?", to, dueAt);
  }

  close(now: number): void {
    this.#sql.exec("UPDATE book SET closed_at = ?", now);
  }

  /** All storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#hasTables = false;
    forgetTables(this.#sql);
  }
}
