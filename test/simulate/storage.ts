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
    return [...this];
  }

  one(): Row {
    const [row, ...more] = this;
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

export class Storage {
  #database: DatabaseSync | null = null;
  readonly #statements = new Map<string, { statement: StatementSync; hasRows: boolean }>();
  readonly #known = new Set<string>();
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
    if (bindings.length === 0 && /;\s*\S/.test(query)) {
      this.#refuse();
      this.#database.exec(query);
      this.wrote();
      return new Cursor([], 1);
    }
    const { statement, hasRows } = this.#prepared(this.#database, query);
    if (hasRows) return new Cursor(statement.all(...bindings), 0);
    this.#refuse();
    for (const value of bindings) if (typeof value === "string") this.#stored(value);
    if (query.startsWith("DROP")) this.#known.clear();
    const changes = Number(statement.run(...bindings).changes);
    this.wrote();
    // The platform counts the rows of indexes as well; the code only asks whether there was any.
    return new Cursor([], changes);
  }

  /** All of the writes or none, when `write` throws. */
  transaction<T>(write: () => T): T {
    this.#database ??= new DatabaseSync(":memory:");
    const database = this.#database;
    database.exec("SAVEPOINT block");
    try {
      const written = write();
      database.exec("RELEASE block");
      return written;
    } catch (error) {
      database.exec("ROLLBACK TO block; RELEASE block");
      this.#known.clear();
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
    this.#statements.clear();
    this.#known.clear();
    this.#database?.close();
    this.#database = null;
  }

  /** For the checks: the rows, or none where there is no such table. */
  read(table: string): Row[] {
    if (!this.#known.has(table)) for (const name of this.tables()) this.#known.add(name);
    return this.#known.has(table) ? this.exec(`SELECT * FROM ${table}`).toArray() : [];
  }

  /** For the checks: the tables that exist. Without one, the object costs no storage. */
  tables(): string[] {
    if (this.#database === null) return [];
    return this.exec("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .map(({ name }) => String(name));
  }

  #refuse(): void {
    if (this.#refuses()) throw refused();
  }

  #prepared(database: DatabaseSync, query: string) {
    let prepared = this.#statements.get(query);
    if (prepared === undefined) {
      const statement = database.prepare(query);
      prepared = { statement, hasRows: statement.columns().length > 0 };
      this.#statements.set(query, prepared);
    }
    return prepared;
  }
}
