// What the books that have ended had counted: their totals, which came part by part before their storage went. None of them counts before
// the account has all of them, which it writes down once; from then on the account answers what the book answered.

import type { ArchivePart } from "../book/ending.ts";
import {
  type BookFigures,
  daysOf,
  Figures,
  type FiguresQuestion,
  instantOf,
  OTHERS,
  TagNumbers,
  talliesIn,
} from "../book/tallies.ts";
import { hasTable } from "../tables.ts";
import type { ArchivedBook } from "./books.ts";

// Made with the first part. `text`: tallies of one tag, one behind the other (tallies.ts).
const TABLES = `
  CREATE TABLE archived_tally (
    book INTEGER NOT NULL,
    tag INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    first_key TEXT NOT NULL,
    last_day INTEGER NOT NULL,
    size INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (book, tag, first_day, first_key)
  ) STRICT;
  CREATE TABLE archived_tag (
    book INTEGER NOT NULL,
    number INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (book, number)
  ) STRICT, WITHOUT ROWID;`;

interface Piece extends Record<string, SqlStorageValue> {
  tag: number;
  first_day: number;
  first_key: string;
  text: string;
}

const NEXT_PIECE = `SELECT tag, first_day, first_key, text FROM archived_tally
  WHERE book = ? AND (tag, first_day, first_key) > (?, ?, ?) ORDER BY tag, first_day, first_key LIMIT 1`;

/**
 * How often something was counted in one quarter hour of UTC, which begins at `at` (Unix ms). `number` is the tag's: 0 counts all, 501 what
 * has a tag without a number; both have no `tag`.
 */
export interface ArchivedRow {
  book: number;
  number: number;
  tag: string | null;
  key: string;
  at: number;
  count: number;
}

/** What a book had counted that has ended. */
export interface ArchivedFigures {
  book: number;
  figures: BookFigures | "too-many-tags";
}

export class Archive {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Keeps a part of a book's totals. With the last one: whether there is all of them. */
  take(book: number, { after, pieces, last }: ArchivePart): "kept" | "whole" | "again" {
    if (!this.#hasTables()) this.#sql.exec(TABLES);
    // The same part may have come before, or another one of the same place.
    this.#sql.exec(
      "DELETE FROM archived_tally WHERE book = ? AND (tag, first_day, first_key) > (?, ?, ?)",
      book,
      after?.tag ?? -1,
      after?.day ?? 0,
      after?.key ?? "",
    );
    for (const { tag, firstDay, firstKey, lastDay, size, text } of pieces)
      this.#sql.exec(
        "INSERT INTO archived_tally (book, tag, first_day, first_key, last_day, size, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
        book,
        tag,
        firstDay,
        firstKey,
        lastDay,
        size,
        text,
      );
    if (last === null) return "kept";
    if (this.#size(book) !== last.rows) return "again";
    this.#sql.exec("DELETE FROM archived_tag WHERE book = ?", book);
    for (const [number, tag] of last.tags)
      this.#sql.exec("INSERT INTO archived_tag (book, number, tag) VALUES (?, ?, ?)", book, number, tag);
    return "whole";
  }

  /** What the book would answer, were it still there. */
  figures({ number: book, position }: ArchivedBook, question: FiguresQuestion): BookFigures | "too-many-tags" {
    const texts = (number: number) => this.#textsOf(book, number, question);
    const tag = this.#tags(book).asked(question.tag, () => texts(OTHERS).length > 0);
    if (tag === "too-many-tags") return tag;
    const figures = new Figures(question);
    if (tag !== null) for (const text of texts(tag)) for (const row of talliesIn(text)) figures.add(row);
    return { position, ...figures.sums() };
  }

  /** The pieces of a tag in which there are days that are asked for. */
  #textsOf(book: number, tag: number, question: FiguresQuestion): string[] {
    if (!this.#hasTables()) return [];
    const rows = this.#sql.exec<{ text: string }>(
      "SELECT text FROM archived_tally WHERE book = ? AND tag = ? AND last_day >= ? AND first_day <= ?",
      book,
      tag,
      ...daysOf(question),
    );
    return Array.from(rows, ({ text }) => text);
  }

  /** All that is kept of a book's totals, in steps: what is summed up in `figures`. */
  *rows(book: number): Generator<ArchivedRow[], undefined, void> {
    const tags = new Map(
      this.#tags(book)
        .numbers.entries()
        .map(([tag, number]) => [number, tag]),
    );
    for (let behind: [number, number, string] = [-1, 0, ""]; ;) {
      const [piece] = this.#hasTables() ? this.#sql.exec<Piece>(NEXT_PIECE, book, ...behind).toArray() : [];
      if (piece === undefined) return;
      behind = [piece.tag, piece.first_day, piece.first_key];
      const number = piece.tag;
      yield talliesIn(piece.text).flatMap(({ day, key, counts }) =>
        Object.entries(counts).map(([quarter, count]) => {
          const at = instantOf(day, quarter);
          return { book, number, tag: tags.get(number) ?? null, key, at, count };
        }),
      );
    }
  }

  /** Forgets a book's totals, when they have been kept for their time. */
  forget(book: number): void {
    if (!this.#hasTables()) return;
    for (const table of ["archived_tally", "archived_tag"]) this.#sql.exec(`DELETE FROM ${table} WHERE book = ?`, book);
  }

  #size(book: number): number {
    const query = "SELECT COALESCE(SUM(size), 0) AS size FROM archived_tally WHERE book = ?";
    return this.#sql.exec<{ size: number }>(query, book).one().size;
  }

  #tags(book: number): TagNumbers {
    if (!this.#hasTables()) return new TagNumbers([]);
    const query = "SELECT number, tag FROM archived_tag WHERE book = ?";
    const rows = this.#sql.exec<{ number: number; tag: string }>(query, book);
    return new TagNumbers(Array.from(rows, ({ number, tag }) => [tag, number]));
  }

  #hasTables(): boolean {
    return hasTable(this.#sql, "archived_tally");
  }
}
