// The rows of figures: what each entry of a book's journal adds to each figure, by the very function that tallies go by.

import { countedTags, entryOf, isCampaignTag } from "../book/journal.ts";
import { ALL, type FiguresQuestion, type Increment, incrementsOf, toldAs } from "../book/tallies.ts";
import type { ArchivedRow } from "../account/archive.ts";
import { figuresOf } from "../figures/figure-names.ts";
import type { Column } from "./column.ts";
import { journalSteps, type Told } from "./journal-steps.ts";
import type { ExportRow, Steps } from "./steps.ts";

/** Instants are Unix milliseconds. A message that leaves a state is a row of -1 there. */
export interface FigureRow extends ExportRow {
  /** The figure's place in the totals of the answer. */
  figure: string;
  /** Of a figure that is one of many: which, such as a reason; null for what nobody knows. */
  of: string | null;
  /** By which the figure goes: of messages when they were accepted, of events when they happened. */
  at: number;
  code: string | null;
  msgid: string | null;
  /** Of the link or message at that moment; of totals the one tag that was asked for. */
  tags: readonly string[];
  /** It stands for a quarter hour of a book that has ended. */
  archived: boolean;
}

export const FIGURE_COLUMNS: readonly Column<FigureRow>[] = [
  { name: "figure", type: "text", value: ({ figure }) => figure },
  { name: "of", type: "text", value: ({ of }) => of },
  { name: "at", type: "instant", value: ({ at }) => at },
  { name: "code", type: "text", value: ({ code }) => code },
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
  { name: "archived", type: "boolean", value: ({ archived }) => archived },
];

/** Which figures: those of a range of time, of all or of one tag, with ages as they are at an instant. */
export type FigureRowsQuestion = Pick<FiguresQuestion, "end" | "tag" | "at"> & {
  start: number;
  /** How far each book is read, by its number; a book that is not in it is not read. Null is all, to their ends. */
  upTo: Record<number, number> | null;
  /** Of the account's own object: the totals of all books that have ended but for these, or of this one alone. */
  archived: { but: readonly number[] } | { only: number };
};

/** Books that have ended, and what is kept of each. */
export interface ArchivedBooks {
  books: readonly number[];
  rows: (book: number) => Iterable<ArchivedRow[]>;
}

/** A row's position in the journal, and its number among those of that. */
interface FigureKey {
  position: number;
  n: number;
}

export function figureSteps(
  sql: SqlStorage,
  book: number,
  asked: FigureRowsQuestion,
  after: FigureKey = { position: 1, n: 0 },
): Steps<FigureRow> {
  const upTo = asked.upTo === null ? undefined : (asked.upTo[book] ?? 0);
  const rowsOf = (told: Told) => {
    const rows = figureRowsOf(told, asked);
    return told.position === after.position ? rows.slice(after.n) : rows;
  };
  return journalSteps(sql, "TRUE", rowsOf, after.position - 1, upTo);
}

/** The key of a row as text; undefined for what is none. */
export function figureKey(text: string): FigureKey | undefined {
  const [, position, n] = /^(\d{1,15})\.(\d{1,6})$/.exec(text) ?? [];
  return position === undefined ? undefined : { position: Number(position), n: Number(n) };
}

function figureRowsOf(told: Told, asked: FigureRowsQuestion): FigureRow[] {
  const entry = entryOf(told);
  const { position, code, msgid, tags } = entry;
  if (asked.tag !== null && !countedTags(entry).includes(asked.tag)) return [];
  return incrementsOf(entry)
    .flatMap((increment) => countedIn(increment, asked))
    .map((counted, index) => ({ ...counted, key: `${position}.${index + 1}`, code, msgid, tags, archived: false }));
}

/** Of an archived book, and the row's number among those of that book. */
interface ArchivedKey {
  book: number;
  n: number;
}

/** The totals of books that have ended, the oldest first; a step is a piece of one. */
export function* archivedSteps(
  { books, rows }: ArchivedBooks,
  asked: FigureRowsQuestion,
  after: ArchivedKey = { book: 0, n: 0 },
): Steps<FigureRow> & Generator<FigureRow[]> {
  const { archived, upTo, tag } = asked;
  const isAsked = (book: number) => ("only" in archived ? book === archived.only : !archived.but.includes(book));
  const tags = tag === null || isCampaignTag(tag) ? [] : [tag];
  for (const book of books.filter((one) => one >= after.book && isAsked(one) && (upTo === null || one in upTo))) {
    let n = 0;
    const isAfter = () => book > after.book || n > after.n;
    for (const step of rows(book))
      yield step
        .filter((row) => (tag === null ? row.number === ALL : row.tag === tag))
        .flatMap(({ key, at, count }) => countedIn({ key, at, n: count }, asked))
        .flatMap((counted) => {
          n += 1;
          const named = { key: `${book}.${n}`, code: null, msgid: null, tags, archived: true };
          return isAfter() ? { ...counted, ...named } : [];
        });
  }
}

/** The key of a row of totals as text; undefined for what is none. */
export function archivedKey(text: string): ArchivedKey | undefined {
  const [, book, n] = /^(\d{1,6})\.(\d{1,9})$/.exec(text) ?? [];
  return book === undefined ? undefined : { book: Number(book), n: Number(n) };
}

/** The figures that an increment counts in, if it is of the time that is asked for. */
function countedIn({ key, at, n }: Increment, { start, end, at: asOf }: FigureRowsQuestion) {
  if (at < start || at >= end) return [];
  return toldAs(key, at, asOf).flatMap((told) => figuresOf(told, n).map((figure) => ({ ...figure, at })));
}
