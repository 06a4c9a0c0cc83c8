// Tables of an object, which live as long as it does: longer than the version of the code that made them.

import { snake } from "./http/json.ts";

/** Tables that an instance of an object has seen. They stay, unless all storage is deleted, or what made them is rolled back. */
const seen = new WeakMap<SqlStorage, Set<string>>();

/** Whether the object has this table. One that was seen is not looked for again. */
export function hasTable(sql: SqlStorage, name: string): boolean {
  const tables = seen.get(sql);
  if (tables?.has(name) === true) return true;
  if (definitionOf(sql, name) === undefined) return false;
  if (tables === undefined) seen.set(sql, new Set([name]));
  else tables.add(name);
  return true;
}

/** All storage was deleted, or put back to an earlier state: what was seen may be gone. */
export function forgetTables(sql: SqlStorage): void {
  seen.delete(sql);
}

/**
 * Brings an object's tables from one version to the next: `steps[n]` from version n to n + 1. Steps only add, so that the
 * version of before, which is live beside this one while a deployment rolls out, goes on working.
 */
export type Step = (sql: SqlStorage) => void;

/** The version of the tables, as a column of the object's one row: a table of its own would cost each object 2 rows and 4 KB. */
export const VERSION_COLUMN = "version INTEGER NOT NULL DEFAULT 0";

/**
 * Whether the object was ever opened. Tables of an earlier version are brought to the present one, in one transaction.
 * @param name the table that holds the object's one row; without a column `version` it is of version 0
 * @param steps all that there ever were; their number is the present version
 */
export function hasTables(
  storage: DurableObjectStorage,
  name: "link" | "account" | "book" | "campaign" | "part",
  steps: readonly Step[],
): boolean {
  const { sql } = storage;
  if (!hasTable(sql, name)) return false;
  const version = hasColumn(sql, name, VERSION_COLUMN) ? versionOf(sql, name) : 0;
  if (version < steps.length)
    storage.transactionSync(() => {
      for (const step of steps.slice(version)) step(sql);
      sql.exec(`UPDATE ${name} SET version = ?`, steps.length);
    });
  return true;
}

/** Drops all tables of an object but these. */
export function dropTables(sql: SqlStorage, kept: readonly string[]): void {
  const tables = sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .toArray();
  for (const { name } of tables) if (!kept.includes(name)) sql.exec(`DROP TABLE ${name}`);
  forgetTables(sql);
}

/**
 * Writes the given columns of the rows that the condition names, in one statement; none, when none is given. Keys are columns in
 * camelCase. An index costs a row where one of its columns is among them, also when its value is the same.
 */
export function updateRows(
  sql: SqlStorage,
  table: string,
  columns: Readonly<Record<string, SqlStorageValue>>,
  condition = "TRUE",
  ...values: SqlStorageValue[]
): void {
  const names = Object.keys(columns);
  if (names.length === 0) return;
  const assignments = names.map((name) => `${snake(name)} = ?`).join(", ");
  sql.exec(`UPDATE ${table} SET ${assignments} WHERE ${condition}`, ...Object.values(columns), ...values);
}

/** For a step: adds a column, given by its definition, name first, unless the table has it. */
export function addColumn(sql: SqlStorage, table: string, definition: string): void {
  if (!hasColumn(sql, table, definition)) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${definition}`);
}

function hasColumn(sql: SqlStorage, table: string, definition: string): boolean {
  return definitionOf(sql, table)?.includes(definition) === true;
}

function definitionOf(sql: SqlStorage, table: string): string | undefined {
  return sql.exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = ?", table).toArray()[0]?.sql;
}

function versionOf(sql: SqlStorage, name: string): number {
  return sql.exec<{ version: number }>(`SELECT version FROM ${name}`).toArray()[0]?.version ?? 0;
}
