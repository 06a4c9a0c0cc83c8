// CSV (RFC 4180): exact, so that a program reads back what JSON would say, or made for people's spreadsheets.

import type { TimeZone } from "../figures/time-zone.ts";
import type { Column } from "./column.ts";
import type { Encoder } from "./encoder.ts";
import { isoInstant, localText } from "./instant-text.ts";

const LINE_END = "\r\n";
/** Without it Excel takes UTF-8 for the code page of the country. */
const BYTE_ORDER_MARK = "\ufeff";

type Cell<Row> = (row: Row) => string;

/**
 * The exact form. Null is an empty field and "" is `""`; numbers and booleans are JSON's; an instant is ISO 8601 UTC with
 * milliseconds, or where a zone is given its local time; texts are a JSON array. So with the columns' types each value can be had back.
 */
export function csv<Row>(columns: readonly Column<Row>[], zone: TimeZone | null = null): Encoder<Row> {
  return encoderOf(
    "",
    columns,
    columns.map((column) => exactCell(column, zone)),
  );
}

/**
 * The form for Excel, LibreOffice and Google Sheets, to be looked at and not read back: a byte order mark, local times of the
 * zone, texts joined by commas, nothing that others wrote runs as a formula, and what consists of digits stays a text.
 */
export function spreadsheet<Row>(columns: readonly Column<Row>[], zone: TimeZone): Encoder<Row> {
  return encoderOf(
    BYTE_ORDER_MARK,
    columns,
    columns.map((column) => spreadsheetCell(column, zone)),
  );
}

function encoderOf<Row>(mark: string, columns: readonly { name: string }[], cells: readonly Cell<Row>[]): Encoder<Row> {
  return {
    head: mark + columns.map(({ name }) => quoted(name)).join(",") + LINE_END,
    line(row) {
      let line = "";
      let separator = "";
      for (const cell of cells) {
        line += separator + cell(row);
        separator = ",";
      }
      return line + LINE_END;
    },
  };
}

function exactCell<Row>(column: Column<Row>, zone: TimeZone | null): Cell<Row> {
  switch (column.type) {
    case "text":
      return orEmpty(column.value, quoted);
    case "number":
    case "boolean":
      return orEmpty<Row, number | boolean>(column.value, String);
    case "instant":
      return orEmpty(column.value, zone === null ? isoInstant : (at) => localText(zone, at));
    case "texts":
      return (row) => quoted(JSON.stringify(column.value(row)));
  }
}

function spreadsheetCell<Row>(column: Column<Row>, zone: TimeZone): Cell<Row> {
  switch (column.type) {
    case "text":
      return orEmpty(column.value, (text) => quoted(harmless(text)));
    case "number":
    case "boolean":
      return orEmpty<Row, number | boolean>(column.value, String);
    case "instant":
      return orEmpty(column.value, (at) => localText(zone, at));
    case "texts":
      return (row) => quoted(harmless(column.value(row).join(", ")));
  }
}

function orEmpty<Row, Value>(value: (row: Row) => Value | null, text: (value: Value) => string): Cell<Row> {
  return (row) => {
    const found = value(row);
    return found === null ? "" : text(found);
  };
}

function quoted(text: string): string {
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Most texts begin with a letter and have no separator; they are let through at once. */
const SUSPICIOUS = /^[^A-Za-z]|[;\t\r\n]/;
/** A phone number, 00123, 1-2: a spreadsheet would make a number or a date of it. Digits are also the full-width ones of Japan. */
const LIKE_A_NUMBER = /^[+＋-]?[\d０-９.,:/ -]{1,40}(?:e[+-]?\d{1,3})?%?$/i;
/** White space and quotes in front are dropped by some programs. */
const LIKE_A_FORMULA = /^["\s]*[=+\-@＝＋－＠]|^[\t\r\n]/;
/** Where Excel's own separator is the semicolon, it takes what follows one, or a line's end, for a cell, whatever the quotes say. */
const FORMULA_WITHIN = /([;\t\r\n]["\s]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A text that no spreadsheet runs or changes. What looks like a number becomes a formula of ours that is only this text, for that
 * is shown as it is (an apostrophe would be seen in Excel and LibreOffice); what looks like a formula gets the apostrophe.
 */
function harmless(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  if (LIKE_A_NUMBER.test(text)) return `="${text}"`;
  const within = text.replaceAll(FORMULA_WITHIN, "$1'");
  return LIKE_A_FORMULA.test(within) ? `'${within}` : within;
}
