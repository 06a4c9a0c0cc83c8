// Google's Apps Script and Sheets, as far as a script of ours uses them: what they convert, refuse, delay, and forget when a run ends
// in the middle. The clock is made; each call costs time, so that a script that makes too many runs into the six minutes.

import { compileFunction } from "node:vm";

/** What a call takes, as widely measured: half a second and more for a busy sheet, some seconds for a page. */
const SHEET_CALL_MS = 500;
const FETCH_MS = 2_000;
const LONGEST_RUN_MS = 6 * 60_000;

export type CellValue = string | number | boolean | Date;
export interface FeedAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

interface Trigger {
  id: string;
  handler: string;
}

export interface AppsScript {
  now: number;
  /** Rows of the sheet of this name, without the header. */
  rows(sheet: string): CellValue[][];
  /** Somebody deletes all that is in it. */
  empty(sheet: string): void;
  properties: Map<string, string>;
  triggers: Trigger[];
  fetches: number;
  /** The next run ends, as if Google had ended it, at its call of this number. */
  endAtCall: number;
  /** Runs a function of the script, and answers how long it took, in ms; throws what it throws. */
  run(name: string, event?: { triggerUid: string }): number;
  /** What a person answers to the next question. */
  answer: string;
}

/** What Sheets makes of a value that is written into a cell of this format. */
function converted(value: CellValue, format: string): CellValue {
  if (typeof value !== "string" || format === "@") return value;
  if (value.startsWith("=") || /^[+-][^\d]/.test(value)) return "#ERROR!";
  if (/^[+-]?\d+(\.\d+)?(e\d+)?$/i.test(value)) return Number(value);
  if (/^\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?( \d\d:\d\d(:\d\d)?)?$/.test(value)) return new Date(value);
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return value;
}

/** Rows of cells, from row 1 and column A on; what was never written is undefined. */
interface Sheet {
  maxRows: number;
  values: CellValue[][];
  formats: string[][];
}

/** A Google Sheet with this script in it, whose fetches are answered by `feed`. */
export function appsScript(source: string, feed: (url: string) => FeedAnswer): AppsScript {
  const sheets = new Map<string, Sheet>();
  let waiting: (() => void)[] = [];
  let started = 0;
  let calls = 0;
  let locked = false;
  let ids = 0;
  const state: AppsScript = {
    now: Date.UTC(2026, 0, 1),
    properties: new Map(),
    triggers: [],
    fetches: 0,
    endAtCall: Infinity,
    answer: "",
    rows: (name) => contents(sheets.get(name)),
    empty(name) {
      const sheet = sheets.get(name);
      if (sheet !== undefined) sheet.values = [];
    },
    run(name, event) {
      started = state.now;
      calls = 0;
      locked = false;
      waiting = [];
      // A script begins anew with each run; only properties, triggers and sheets stay.
      const global = { ...services(), event };
      try {
        compileFunction(`${source}\n;${name}(event);`, Object.keys(global))(...Object.values(global));
        apply();
      } finally {
        state.endAtCall = Infinity;
      }
      return state.now - started;
    },
  };

  function contents(sheet: Sheet | undefined): CellValue[][] {
    return sheet === undefined ? [] : sheet.values.slice(1, lastRow(sheet));
  }

  function spend(ms: number): void {
    calls += 1;
    state.now += ms;
    if (calls >= state.endAtCall || state.now - started > LONGEST_RUN_MS)
      throw new Error("Exceeded maximum execution time");
  }

  /** Writes wait until somebody flushes or reads, or the run ends well. */
  function apply(): void {
    for (const write of waiting) write();
    waiting = [];
  }

  function lastRow(sheet: Sheet): number {
    return sheet.values.findLastIndex((row) => row?.some((value) => value !== "")) + 1;
  }

  function range(sheet: Sheet, row: number, column: number, rows = 1, columns = 1) {
    if (rows < 1 || columns < 1 || row + rows - 1 > sheet.maxRows)
      throw new Error("The coordinates of the range are outside the dimensions of the sheet.");
    const put = <Item>(grid: Item[][], change: (y: number, x: number, item: Item) => void) => {
      spend(SHEET_CALL_MS);
      if (grid.length !== rows || grid.some((line) => line.length !== columns))
        throw new Error("The number of rows or columns in the data does not match the range.");
      waiting.push(() =>
        grid.forEach((line, y) => line.forEach((item, x) => change(row - 1 + y, column - 1 + x, item))),
      );
    };
    const getValues = () => {
      spend(SHEET_CALL_MS);
      apply();
      return Array.from({ length: rows }, (_, y) =>
        Array.from({ length: columns }, (__, x) => sheet.values[row - 1 + y]?.[column - 1 + x] ?? ""),
      );
    };
    return {
      getValues,
      getValue: () => getValues()[0]?.[0],
      setNumberFormats(grid: string[][]) {
        put(grid, (y, x, format) => ((sheet.formats[y] ??= [])[x] = format));
      },
      setValues(grid: CellValue[][]) {
        put(
          grid,
          (y, x, value) => ((sheet.values[y] ??= [])[x] = converted(value, sheet.formats[y]?.[x] ?? "General")),
        );
      },
    };
  }

  function sheetService(sheet: Sheet) {
    return {
      getRange: (row: number, column: number, rows?: number, columns?: number) =>
        range(sheet, row, column, rows, columns),
      getLastRow() {
        spend(SHEET_CALL_MS);
        apply();
        return lastRow(sheet);
      },
      getMaxRows: () => sheet.maxRows,
      insertRowsAfter(_: number, count: number) {
        spend(SHEET_CALL_MS);
        sheet.maxRows += count;
      },
      setFrozenRows() {},
    };
  }

  function services() {
    const { properties } = state;
    class MadeDate extends Date {
      constructor(...args: [] | [number | string]) {
        super(args[0] ?? state.now);
      }
      static override now = () => state.now;
    }
    const file = {
      getSheetByName(name: string) {
        const sheet = sheets.get(name);
        return sheet === undefined ? null : sheetService(sheet);
      },
      insertSheet(name: string) {
        spend(SHEET_CALL_MS);
        const sheet = { maxRows: 1_000, values: [], formats: [] };
        sheets.set(name, sheet);
        return sheetService(sheet);
      },
    };
    const store = {
      getProperty: (name: string) => properties.get(name) ?? null,
      setProperty(name: string, value: string) {
        spend(50);
        properties.set(name, value);
        return store;
      },
      deleteProperty(name: string) {
        properties.delete(name);
        return store;
      },
    };
    const handle = (trigger: Trigger) => ({
      ...trigger,
      getHandlerFunction: () => trigger.handler,
      getUniqueId: () => trigger.id,
    });
    return {
      Date: MadeDate,
      SpreadsheetApp: {
        getActiveSpreadsheet: () => file,
        getUi: () => ({ prompt: () => ({ getResponseText: () => state.answer }) }),
        flush() {
          spend(SHEET_CALL_MS);
          apply();
        },
      },
      PropertiesService: { getScriptProperties: () => store },
      LockService: {
        getScriptLock: () => ({
          tryLock: () => !locked && (locked = true),
          releaseLock: () => (locked = false),
        }),
      },
      ScriptApp: {
        getProjectTriggers: () => state.triggers.map(handle),
        deleteTrigger: ({ id }: Trigger) => void (state.triggers = state.triggers.filter((one) => one.id !== id)),
        newTrigger: (handler: string) => ({
          timeBased: () => ({
            everyHours: () => ({
              create() {
                ids += 1;
                const trigger = { id: `trigger-${ids}`, handler };
                state.triggers.push(trigger);
                return handle(trigger);
              },
            }),
          }),
        }),
      },
      UrlFetchApp: {
        fetch(url: string, options: { muteHttpExceptions?: boolean }) {
          state.fetches += 1;
          spend(FETCH_MS);
          const { status, headers, text } = feed(url);
          if (status !== 200 && options.muteHttpExceptions !== true) throw new Error(`Request failed for ${url}`);
          return { getResponseCode: () => status, getHeaders: () => headers, getContentText: () => text };
        },
      },
      Utilities: { parseCsv },
    };
  }
  return state;
}

function parseCsv(csv: string): string[][] {
  const records: string[][] = [[]];
  for (const [, inQuotes, bare = "", end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    records.at(-1)?.push(inQuotes?.replaceAll('""', '"') ?? bare);
    if (end === "\r\n") records.push([]);
  }
  return records.slice(0, -1);
}
