// What can be exported: of each its columns, and how an object that holds its rows makes them into a stream.

import { byteStream } from "./bytes.ts";
import { ACCESS_COLUMNS, type AccessRow, accessSteps, firstAccessSteps } from "./accesses.ts";
import { CALLBACK_COLUMNS, type CallbackRow, callbackSteps } from "./callbacks.ts";
import type { Column } from "./column.ts";
import { encoderFor, type Form } from "./encoder.ts";
import {
  type ArchivedBooks,
  archivedKey,
  archivedSteps,
  FIGURE_COLUMNS,
  figureKey,
  type FigureRow,
  type FigureRowsQuestion,
  figureSteps,
} from "./figure-rows.ts";
import { LINK_COLUMNS, linkKey, type LinkRow, linkSteps } from "./links.ts";
import {
  attemptKey,
  MESSAGE_CALLBACK_COLUMNS,
  messageCallbackKey,
  type MessageCallbackRow,
  messageCallbackSteps,
  storedCallbackSteps,
} from "./message-callbacks.ts";
import { MESSAGE_COLUMNS, type MessageRow, messageSteps } from "./messages.ts";
import type { ExportRow, Steps } from "./steps.ts";

interface Rows {
  links: LinkRow;
  accesses: AccessRow;
  messages: MessageRow;
  callbacks: CallbackRow;
  "message-callbacks": MessageCallbackRow;
  figures: FigureRow;
}
export type ExportName = keyof Rows;

const COLUMNS: { [Name in ExportName]: readonly Column<Rows[Name]>[] } = {
  links: LINK_COLUMNS,
  accesses: ACCESS_COLUMNS,
  messages: MESSAGE_COLUMNS,
  callbacks: CALLBACK_COLUMNS,
  "message-callbacks": MESSAGE_CALLBACK_COLUMNS,
  figures: FIGURE_COLUMNS,
};
export const EXPORT_NAMES = Object.keys(COLUMNS) as readonly ExportName[];

/** What an object is asked for. */
export interface ExportQuestion {
  name: ExportName;
  form: Form;
  /** Rows behind the one with this key; null is from the first on. */
  after: string | null;
  /** The most rows; null is all. */
  limit: number | null;
  /** For `figures`; null otherwise. */
  figures: FigureRowsQuestion | null;
}

/** The lines of an export, and how many rows were given so far. */
export interface ExportLines {
  lines: ReadableStream<Uint8Array>;
  given: () => number;
}

/** Which rows an object has of an export; `unknown` where nothing of the kind has this key. */
export type Exporter = {
  [Name in ExportName]?: (asked: ExportQuestion) => Steps<Rows[Name]> | "unknown";
};

/** Of a book, which has this number. */
export function bookExporter(sql: SqlStorage, book: number): Exporter {
  return {
    links: ({ after }) => behind(after, linkKey, (key) => linkSteps(sql, "line", key)),
    accesses: ({ after }) => behind(after, position, (key) => accessSteps(sql, key)),
    callbacks: ({ after }) => behind(after, position, (key) => callbackSteps(sql, key)),
    figures: ({ after, figures }) =>
      behind(after, figureKey, (key) => (figures === null ? [] : figureSteps(sql, book, figures, key))),
    messages: ({ after }) => behind(after, msgid, (key) => messageSteps(sql, key)),
    "message-callbacks": ({ after }) => behind(after, messageCallbackKey, (key) => messageCallbackSteps(sql, key)),
  };
}

/** Of an account's own object, which has what was made before there were books, and the totals of books that have ended. */
export function accountExporter(sql: SqlStorage, archived: ArchivedBooks): Exporter {
  return {
    figures: ({ after, figures }) =>
      behind(after, archivedKey, (key) => (figures === null ? [] : archivedSteps(archived, figures, key))),
    links: ({ after }) => behind(after, linkKey, (key) => linkSteps(sql, "link", key)),
    accesses: ({ after }) => behind(after, linkKey, (key) => firstAccessSteps(sql, key)),
    messages: ({ after }) => behind(after, msgid, (key) => messageSteps(sql, key)),
    "message-callbacks": ({ after }) => behind(after, attemptKey, (key) => storedCallbackSteps(sql, key)),
  };
}

/**
 * The lines that an object has of an export, made as they are read.
 * @param book the number by which the object is named in positions; 0 is the account's own
 */
export function exportLines(asked: ExportQuestion, exporter: Exporter, book: number): ExportLines | "unknown" {
  const steps: Steps<ExportRow> | "unknown" = exporter[asked.name]?.(asked) ?? [];
  if (steps === "unknown") return "unknown";
  const { line } = encoderFor<never>(asked.form, columnsOf(asked.name, book));
  let given = 0;
  function* texts(of: Steps<ExportRow>) {
    for (const rows of of) {
      const wanted = asked.limit === null ? rows : rows.slice(0, asked.limit - given);
      // These are the rows of these columns.
      yield wanted.map((row) => line(row as never)).join("");
      given += wanted.length;
      if (given === asked.limit) return;
    }
  }
  return { lines: byteStream(texts(steps)), given: () => given };
}

/** What stands before the first line. */
export function headOf(name: ExportName, form: Form): string {
  return encoderFor<never>(form, columnsOf(name, 0)).head;
}

/** The columns of an export: its own, for how many things a row stands, and where it stands. `book` is that of `exportLines`. */
export function columnsOf(name: ExportName, book: number): Column<never>[] {
  return [
    ...COLUMNS[name],
    { name: "count", type: "number", value: ({ count }: ExportRow) => count },
    { name: "position", type: "text", value: ({ key }: ExportRow) => `${book}.${key}` },
  ];
}

function behind<Key, Row>(
  after: string | null,
  keyOf: (text: string) => Key | undefined,
  read: (key?: Key) => Steps<Row>,
): Steps<Row> | "unknown" {
  if (after === null) return read();
  const key = keyOf(after);
  return key === undefined ? "unknown" : read(key);
}

function position(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function msgid(text: string): string | undefined {
  return /^[A-Za-z0-9]{32}$/.test(text) ? text : undefined;
}
