// The storage of one object: SQLite in memory behind the names that Workers give it. Statements take effect at once, so
// those with no `await` between them are one transaction as long as an object ends only between such blocks. That is what
// the platform promises, and what `blockEnded` is for.

import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";

export type Row = Record<string, SQLOutputValue>;

/** As the platform says it to a free plan; a spending limit reads otherwise and does the same. */
export function refused(): Error {
  return new Error("Exceeded allowed rows written in Durable Objects free tier.");
}

/** What `sql.exec` returns: the rows, all read already. */
class Cursor {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly #rows: Row[];
  #next = 0;

  constructor(rows: Row[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsRead = rows.length;
    this.rowsWritten = rowsWritten;
  }

  toArray(): Row[] {
    const rows = this.#rows.slice(this.#next);
    this.#next = this.#rows.length;
    return rows;
  }

  one(): Row {
    const [row, ...more] = this.toArray();
    if (row === undefined || more.length > 0) throw new Error("Expected exactly one result from SQL query");
    return row;
  }

  next(): { done?: boolean; value?: Row } {
    const value = this.#rows[this.#next++];
    return value === undefined ? { done: true } : { value };
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let row = this.next(); row.value !== undefined; row = this.next()) yield row.value;
  }
}

interface Prepared {
  statement: StatementSync;
  /** None: it writes. */
  columns: string[];
  /** Tables whose names are in the text: all that it can read or write, triggers left out. */
  tables: string[];
  /** By bindings, what was answered. While none of the tables has changed since, it would be answered again. */
  answers: Map<string, { rows: Row[]; change: number }>;
}

/** The tables of a database. With each, those that a write to it may change, itself and what its triggers name. */
type Schema = ReadonlyMap<string, readonly string[]>;

/** What makes or drops tables, in one statement or several. */
const SCHEMA = /^\s*(?:CREATE|ALTER|DROP)\b|;\s*\S/;

export class Storage {
  #database: DatabaseSync | null = null;
  readonly #statements = new Map<string, Prepared>();
  #knownSchema: Schema | null = null;
  #change = 0;
  /** Until then everything may have changed. */
  #newSince = 0;
  /** For each table the number of its last change. */
  readonly #changed = new Map<string, number>();
  #isInBlock = false;
  readonly #blockEnded: () => void;
  readonly #stored: (text: string) => void;
  readonly #refuses: () => boolean;

  /**
   * While `refuses` says so, nothing can be written. `blockEnded` runs when the synchronous code that wrote something has come to its end, and nothing else has begun;
   * `stored` sees each text that is written.
   */
  constructor(refuses: () => boolean, blockEnded: () => void, stored: (text: string) => void) {
    this.#refuses = refuses;
    this.#blockEnded = blockEnded;
    this.#stored = stored;
  }

  exec(query: string, ...bindings: SQLInputValue[]): Cursor {
    this.#database ??= new DatabaseSync(":memory:");
    if (!this.#statements.has(query) && SCHEMA.test(query)) return this.#changeSchema(this.#database, query);
    const prepared = this.#prepared(this.#database, query);
    if (prepared.columns.length > 0) return new Cursor(this.#rowsOf(prepared, bindings), 0);
    this.#refuse();
    for (const value of bindings) if (typeof value === "string") this.#stored(value);
    const changes = Number(prepared.statement.run(...bindings).changes);
    if (changes > 0) this.#noteChange(this.#database, prepared.tables);
    this.wrote();
    // The platform counts the rows of indexes as well; the code only asks whether there was any.
    return new Cursor([], changes);
  }

  /** All of the writes or none, when `write` throws. */
  transaction<T>(write: () => T): T {
    const database = (this.#database ??= new DatabaseSync(":memory:"));
    const run = (word: string) => this.#prepared(database, `${word} block`).statement.run();
    run("SAVEPOINT");
    try {
      const written = write();
      run("RELEASE");
      return written;
    } catch (error) {
      run("ROLLBACK TO");
      run("RELEASE");
      this.#forget();
      this.#statements.clear();
      throw error;
    }
  }

  /** Something was written; the alarm is part of the storage, too. */
  wrote(): void {
    if (this.#isInBlock) return;
    this.#isInBlock = true;
    queueMicrotask(() => {
      this.#isInBlock = false;
      this.#blockEnded();
    });
  }

  deleteAll(): void {
    this.#refuse();
    this.close();
    this.wrote();
  }

  close(): void {
    this.#forget();
    this.#statements.clear();
    this.#database?.close();
    this.#database = null;
  }

  /** For the checks: the rows, or none where there is no such table. */
  read(table: string): Row[] {
    if (this.#database === null || !this.#schema(this.#database).has(table)) return [];
    return this.exec(`SELECT * FROM ${table}`).toArray();
  }

  /** For the checks: the tables that exist. Without one, the object costs no storage. */
  tables(): string[] {
    return this.#database === null ? [] : [...this.#schema(this.#database).keys()];
  }

  #refuse(): void {
    if (this.#refuses()) throw refused();
  }

  #prepared(database: DatabaseSync, query: string): Prepared {
    let prepared = this.#statements.get(query);
    if (prepared === undefined) {
      const statement = database.prepare(query);
      // Node makes objects that are slow to read.
      statement.setReturnArrays(true);
      const columns = statement.columns().map(({ name }) => name);
      prepared = { statement, columns, tables: tablesIn(query, this.#schema(database)), answers: new Map() };
      this.#statements.set(query, prepared);
    }
    return prepared;
  }

  #rowsOf({ statement, columns, tables, answers }: Prepared, bindings: readonly SQLInputValue[]): Row[] {
    const asked = bindings.map(textOf).join();
    const known = answers.get(asked);
    if (known !== undefined && known.change >= this.#lastChangeOf(tables)) return known.rows;
    const rows = (statement.all(...bindings) as unknown as SQLOutputValue[][]).map((values) => rowOf(columns, values));
    answers.set(asked, { rows, change: this.#change });
    return rows;
  }

  #lastChangeOf(tables: readonly string[]): number {
    let last = this.#newSince;
    for (const table of tables) last = Math.max(last, this.#changed.get(table) ?? 0);
    return last;
  }

  #noteChange(database: DatabaseSync, tables: readonly string[]): void {
    this.#change++;
    const schema = this.#schema(database);
    for (const table of tables) for (const changed of schema.get(table) ?? []) this.#changed.set(changed, this.#change);
  }

  /** Several statements, or one. */
  #changeSchema(database: DatabaseSync, query: string): Cursor {
    this.#refuse();
    database.exec(query);
    this.#forget();
    // Tables of the same name may have other columns now.
    if (/\b(?:ALTER|DROP)\b/.test(query)) this.#statements.clear();
    this.wrote();
    return new Cursor([], 1);
  }

  #forget(): void {
    this.#newSince = ++this.#change;
    this.#knownSchema = null;
  }

  #schema(database: DatabaseSync): Schema {
    if (this.#knownSchema !== null) return this.#knownSchema;
    const all = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_master").all();
    const schema = new Map<string, string[]>();
    for (const { type, name } of all) if (type === "table") schema.set(String(name), [String(name)]);
    for (const { type, tbl_name: table, sql } of all)
      if (type === "trigger") schema.get(String(table))?.push(...tablesIn(String(sql), schema));
    this.#knownSchema = schema;
    return schema;
  }
}

/** Frozen, because others will be given the same. */
function rowOf(columns: readonly string[], values: readonly SQLOutputValue[]): Row {
  const row: Record<string, SQLOutputValue | undefined> = {};
  for (let n = 0; n < columns.length; n++) row[columns[n] ?? ""] = values[n];
  return Object.freeze(row) as Row;
}

function tablesIn(text: string, schema: Schema): string[] {
  return [...new Set(text.match(/\w+/g))].filter((word) => schema.has(word));
}

/** Not the same for bindings that differ. */
function textOf(value: SQLInputValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) throw new Error("no statement was known that binds bytes");
  return String(value);
}
