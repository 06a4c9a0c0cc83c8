// What an export holds, as data: CSV, NDJSON, the form for spreadsheets and the documents come of one table of columns.

/**
 * A column. An instant is Unix milliseconds; texts are a list, such as tags. All but texts may be null, and text has to be
 * well-formed Unicode.
 */
export type Column<Row> = { name: string } & (
  | { type: "text"; value: (row: Row) => string | null }
  | { type: "number"; value: (row: Row) => number | null }
  | { type: "boolean"; value: (row: Row) => boolean | null }
  | { type: "instant"; value: (row: Row) => number | null }
  | { type: "texts"; value: (row: Row) => readonly string[] }
);
