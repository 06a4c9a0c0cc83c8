// A deployment finds objects that the version of before has made: the same rows, without the tables, columns and indexes that
// came since. What those were, the fixtures of test/stored show.

import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Random } from "./random.ts";
import type { Storage } from "./storage.ts";

const STORED = new URL("../stored/", import.meta.url);

/** Of one class: the version that its row tells, the columns of each table, and the names of the indexes. */
interface Shape {
  /** Null for rows of before, which do not tell. */
  version: number | null;
  tables: Map<string, Set<string>>;
  indexes: Set<string>;
  /** The statements that make the tables, by name. */
  statements: Map<string, string>;
  /** The tables that an object has as soon as it is opened. */
  fromTheStart: string[];
}

/** By number, then by class; the newest is the present one. */
const SHAPES = versions().map((version) => ({ Link: shapeOf(version, "link"), Account: shapeOf(version, "account") }));

/** Puts an object's storage back to what an earlier version would have made of it, if it would have made anything of the kind. */
export function putBack(storage: Storage, className: string, random: Random): void {
  if (hasDroppedAccesses(storage) || storage.tables().includes("past_link")) return;
  // The fixtures hold no link with so many accesses that their batches have names.
  if (storage.tables().includes("batch")) return;
  // No earlier version has books.
  if (storage.read("link")[0]?.["book"] != null || storage.read("book").length > 0) return;
  const earlier = random.pick(SHAPES.slice(0, -1));
  const shape = className === "Link" ? earlier.Link : earlier.Account;
  for (const { type, name } of storage.exec("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").toArray())
    if (type !== "table" && !shape.indexes.has(String(name))) storage.exec(`DROP ${String(type)} ${String(name)}`);
  for (const table of className === "Link" && storage.tables().includes("link") ? shape.fromTheStart : [])
    if (!storage.tables().includes(table)) storage.exec(shape.statements.get(table) ?? "");
  giveAttemptsRows(storage, shape);
  for (const table of storage.tables()) {
    const columns = shape.tables.get(table);
    if (columns === undefined) storage.exec(`DROP TABLE ${table}`);
    else
      for (const column of columnsOf(storage, table))
        if (!columns.has(column)) storage.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  }
  const told = className.toLowerCase();
  if (shape.version !== null && storage.tables().includes(told))
    storage.exec(`UPDATE ${told} SET version = ${shape.version}`);
}

/** As the present version keeps it in the row of its callback. */
type Attempt = Record<"n" | "at" | "status" | "error" | "durationMs", string | number | null>;

/** An earlier version keeps the attempts of a callback in a table of their own. */
function giveAttemptsRows(storage: Storage, { statements }: Shape): void {
  const table = statements.get("attempt");
  if (table === undefined) return;
  for (const { event_id: eventId, attempts } of storage.read("callback")) {
    if (typeof attempts !== "string" || attempts === "[]") continue;
    if (!storage.tables().includes("attempt")) storage.exec(table);
    for (const { n, at, status, error, durationMs } of JSON.parse(attempts) as Attempt[])
      storage.exec(
        "INSERT INTO attempt (event_id, n, at, status, error, duration_ms) VALUES (?, ?, ?, ?, ?, ?)",
        eventId ?? null,
        n,
        at,
        status,
        error,
        durationMs,
      );
  }
}

/** Whether a link has more accesses than rows of them: earlier versions keep a row of each. */
function hasDroppedAccesses(storage: Storage): boolean {
  const counts = storage.read("link")[0]?.["access_counts"];
  if (typeof counts !== "string") return false;
  const recorded = Object.values(JSON.parse(counts) as Record<string, number>).reduce((sum, n) => sum + n, 0);
  return recorded > storage.read("access").length;
}

/** What the present version has and this object's tables lack. */
export function missingIn(storage: Storage, className: string): string[] {
  if (className === "Book") return [];
  const present = SHAPES.at(-1)?.[className === "Link" ? "Link" : "Account"];
  return storage.tables().flatMap((table) => {
    const columns = columnsOf(storage, table);
    return [...(present?.tables.get(table) ?? [])]
      .filter((column) => !columns.has(column))
      .map((column) => `${table}.${column}`);
  });
}

function columnsOf(storage: Storage, table: string): Set<string> {
  const rows = storage.exec(`SELECT name FROM pragma_table_info('${table}')`).toArray();
  return new Set(rows.map(({ name }) => String(name)));
}

function versions(): string[] {
  return readdirSync(STORED)
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(a) - Number(b));
}

/** All that any state of this class holds. */
function shapeOf(version: string, of: "link" | "account"): Shape {
  const folder = new URL(`${version}/`, STORED);
  const shape: Shape = {
    version: null,
    tables: new Map(),
    indexes: new Set(),
    statements: new Map(),
    fromTheStart: [],
  };
  const states: Set<string>[] = [];
  for (const file of readdirSync(folder).filter((name) => name.startsWith(`${of}-`) && name.endsWith(".sql"))) {
    const database = new DatabaseSync(":memory:");
    database.exec(readFileSync(new URL(file, folder), "utf8"));
    const made = database.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all();
    for (const { type, name, sql } of made)
      if (type !== "table") shape.indexes.add(String(name));
      else {
        shape.statements.set(String(name), String(sql));
        shape.tables.set(
          String(name),
          new Set(
            database
              .prepare(`SELECT name FROM pragma_table_info('${String(name)}')`)
              .all()
              .map((column) => String(column["name"])),
          ),
        );
      }
    // A link that was forgotten has left another table.
    if (made.some(({ name }) => name === of)) {
      states.push(new Set(made.map(({ name }) => String(name))));
      if (shape.tables.get(of)?.has("version") === true)
        shape.version = Number(database.prepare(`SELECT version FROM ${of}`).get()?.["version"]);
    }
    database.close();
  }
  shape.fromTheStart = [...shape.tables.keys()].filter((table) => states.every((state) => state.has(table)));
  return shape;
}
