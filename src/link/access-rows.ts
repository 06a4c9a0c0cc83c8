// The accesses of one link: their rows, how many there were of each kind, and which batches were recorded already. Every
// method is synchronous, so each is one transaction with whatever its caller writes beside it. A link has an object of its own; of a
// campaign's members an object holds many, whose rows stand in the same tables behind the member's number.
//
// Up to a thousand accesses the rows say all of it: they are counted when somebody asks, and an access that has its row is a
// repeat. Beyond, the counts stand in the link's row, each batch leaves its name and is recorded once by that, and rows are
// dropped: but none that has no name to its memory, as long as it may come again.

import { hasTable } from "../tables.ts";
import { timeOf, timeText } from "../timed-id.ts";
import { ACCESS_NUMBER, IS_FIRST, type RollableAccess, ROLLED_AT_ONCE } from "./events.ts";
import { type Access, type AccessCounts, type AccessKind, type LinkStatus, NO_ACCESSES } from "./link.ts";

/** So many rows stay of the newest accesses, and of the oldest by persons; up to so many accesses all do. */
const ROWS_KEPT = 1_000;
/** Rows are dropped in such pieces, so that no transaction is long; each so many accesses make them due. */
const DROPPED_AT_ONCE = 100;
/** Longer than any queue keeps an access (14 days) from its tap on, so what is older does not come again. */
const MAY_COME_AGAIN_MS = 15 * 24 * 3_600_000;
/** Names go with the next hundred accesses; where none come, a day's names together. */
const NAMES_WAIT_MS = 24 * 3_600_000;
/** So many of the newest the status shows. */
const NEWEST = 100;

/** Columns of `link`: a JSON object by kind, and when the alarm has to drop. */
export const ACCESS_COUNTS = "access_counts TEXT";
export const DROP_DUE_AT = "drop_due_at INTEGER";
/** A column of `access`: whether the row's batch has left its name. The version of before leaves none. */
export const NAMED = "named INTEGER NOT NULL DEFAULT 0";

/** Columns of `access` that a link with a book has, too. */
export const ACCESS_EVENT = [ACCESS_NUMBER, IS_FIRST];

const ACCESS_COLUMNS = `
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    device TEXT,
    country TEXT,
    network TEXT,
    ${NAMED},
    ${ACCESS_EVENT.join(", ")}`;

// Made with the first access and not before: most links are never opened.
const TABLE = `
  CREATE TABLE access (
    id TEXT PRIMARY KEY, ${ACCESS_COLUMNS}
  ) STRICT, WITHOUT ROWID;`;
/** Those of many members. */
export const MEMBER_ACCESS_TABLES = `
  CREATE TABLE access (
    member INTEGER NOT NULL,
    id TEXT NOT NULL, ${ACCESS_COLUMNS},
    PRIMARY KEY (member, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE batch (member INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (member, name)) STRICT, WITHOUT ROWID;`;

// A name begins with its time (timed-id.ts). The version of before, which may be live beside this one or come back, knows no
// counts; for it the table counts.
const BATCHES = `
  CREATE TABLE batch (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TRIGGER count_unnamed AFTER INSERT ON access WHEN NEW.named = 0 BEGIN
    UPDATE link SET access_counts = json_set(access_counts, '$.' || NEW.kind, ifnull(access_counts ->> NEW.kind, 0) + 1);
  END;`;

/** What the row of the link, or member, says of its accesses. */
export interface AccessState {
  /** All that were ever recorded, by kind; null until they are many: then the rows are counted. */
  accessCounts: AccessCounts | null;
  /** When rows, or names of batches, have to be dropped (Unix ms). */
  dropDueAt: number | null;
}

/** What dropping reads of a row. */
interface OldRow extends Omit<RollableAccess, "number"> {
  named: number;
  number: number | null;
  first: number;
}

/** Which of the link's events an access is; without a number where the link has no book. */
export interface AccessEvent {
  number: number | null;
  isFirst: boolean;
}

type AccessRow = LinkStatus["accesses"][number];

export class AccessRows {
  readonly #sql: SqlStorage;
  /** What the first columns of a row are, and that a row is one of ours. */
  readonly #names: string;
  readonly #ours: string;
  readonly #member: readonly number[];

  /** @param member of which of the members whose rows this object holds; none of a link's object */
  constructor(sql: SqlStorage, member?: number) {
    this.#sql = sql;
    this.#names = member === undefined ? "" : "member, ";
    this.#ours = member === undefined ? "TRUE" : "member = ?";
    this.#member = member === undefined ? [] : [member];
  }

  /**
   * Adds the accesses of a batch: those that were not recorded before, and what the link's row has to say then.
   * @param eventOf asked for each of them: which of the link's events it is
   */
  add(
    accesses: readonly Access[],
    batch: string,
    { accessCounts, dropDueAt }: AccessState,
    now: number,
    eventOf: (access: Access) => AccessEvent,
  ): { added: Access[]; state: Partial<AccessState> } {
    if (accessCounts === null) {
      const added = accesses.filter((access) => this.#insert(access, 0, eventOf));
      const counted = this.countIfMany();
      return { added, state: counted === null ? {} : { accessCounts: counted } };
    }
    if (!this.#leaveName(batch)) return { added: [], state: {} };
    const added = accesses.filter((access) => this.#insert(access, 1, eventOf));
    const counts = { ...accessCounts };
    for (const { kind } of added) counts[kind] = (counts[kind] ?? 0) + 1;
    const hundreds =
      Math.floor(totalOf(counts) / DROPPED_AT_ONCE) - Math.floor(totalOf(accessCounts) / DROPPED_AT_ONCE);
    const state = hundreds > 0 ? { dropDueAt: Math.min(now, dropDueAt ?? now) } : {};
    return { added, state: { ...state, accessCounts: counts } };
  }

  /** The counts, if there are more rows than are kept for good: from now on they stand in the link's row. Null if there are not. */
  countIfMany(): AccessCounts | null {
    if (!this.#hasTable()) return null;
    if (this.#select<{ n: number }>("SELECT COUNT(*) AS n FROM access").one().n <= ROWS_KEPT) return null;
    if (!hasTable(this.#sql, "batch")) this.#sql.exec(BATCHES);
    return this.count();
  }

  /** Counts the rows. */
  count(): AccessCounts {
    const counts = { ...NO_ACCESSES };
    if (!this.#hasTable()) return counts;
    // Not grouped by SQLite, which reads each row twice for that.
    for (const { kind } of this.#select<{ kind: AccessKind }>("SELECT kind FROM access"))
      counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  newest(): AccessRow[] {
    if (!this.#hasTable()) return [];
    const query = "SELECT at, kind, reason, device, country, network FROM access";
    return this.#select<AccessRow & Record<string, SqlStorageValue>>(
      query,
      `ORDER BY id DESC LIMIT ${NEWEST}`,
    ).toArray();
  }

  /** So many behind the access with this id, newest first. */
  page(after: string, limit: number): (AccessRow & { id: string })[] {
    if (!this.#hasTable()) return [];
    return this.#select<AccessRow & { id: string } & Record<string, SqlStorageValue>>(
      "SELECT id, at, kind, reason, device, country, network FROM access",
      "AND id < ? ORDER BY id DESC LIMIT ?",
      after,
      limit,
    ).toArray();
  }

  /** Unix milliseconds; a thousand at most. */
  oldestByPersons(): number[] {
    if (!this.#hasTable()) return [];
    const which = `AND kind = 'person' ORDER BY id LIMIT ${ROWS_KEPT}`;
    return Array.from(this.#select<{ at: number }>("SELECT at FROM access", which), ({ at }) => at);
  }

  /**
   * Drops a hundred rows and a hundred names; answers when it is due again (Unix ms), null when that is never.
   * @param reported the number of the last event that the link's book has: what it has not stays
   * @param rollUp where the book has been out of reach for too long: takes accesses out of their rows, and answers of which
   */
  drop(now: number, reported: number, rollUp: ((accesses: RollableAccess[]) => string[]) | null): number | null {
    const over = timeText(now - MAY_COME_AGAIN_MS);
    const old = this.#unneeded(over);
    // The first access stays by itself.
    const unreported = old.filter(
      ({ number, first }) => number !== null && number > reported && first === 0,
    ) as RollableAccess[];
    const rolled = rollUp === null ? [] : rollUp(unreported);
    const rows = old.filter(({ number }) => number === null || number <= reported).map(({ id }) => id);
    for (const id of [...rolled, ...rows.slice(0, DROPPED_AT_ONCE)])
      this.#select("DELETE FROM access", "AND id = ?", id);
    const names = this.#select<{ name: string }>(
      "SELECT name FROM batch",
      `AND name < ? ORDER BY name LIMIT ${DROPPED_AT_ONCE}`,
      over,
    );
    for (const { name } of names.toArray()) this.#select("DELETE FROM batch", "AND name = ?", name);
    const [oldest] = this.#select<{ name: string }>("SELECT name FROM batch", "ORDER BY name LIMIT 1");
    const isMore =
      rows.length > DROPPED_AT_ONCE || rolled.length === ROLLED_AT_ONCE || (oldest !== undefined && oldest.name < over);
    if (isMore) return now;
    return oldest === undefined ? null : timeOf(oldest.name) + MAY_COME_AGAIN_MS + NAMES_WAIT_MS;
  }

  /**
   * The rows that nobody needs but, perhaps, the link's book, the oldest first, all of them or more than a hundred. Among the oldest
   * rows at most two thousand stay: persons, and those that have no name, which are the first thousand and the last batch of these.
   */
  #unneeded(over: string): OldRow[] {
    const rows = this.#select<OldRow & Record<string, SqlStorageValue>>(
      "SELECT id, at, kind, device, country, network, named, number, first FROM access",
      `AND id < (SELECT id FROM access WHERE ${this.#ours} ORDER BY id DESC LIMIT 1 OFFSET ${ROWS_KEPT - 1})
       ORDER BY id LIMIT ${3 * ROWS_KEPT}`,
      ...this.#member,
    );
    let persons = 0;
    return Array.from(rows)
      .filter(({ kind }) => kind !== "person" || ++persons > ROWS_KEPT)
      .filter(({ id, named }) => named === 1 || id < over);
  }

  /** False when a batch of this name was recorded before. */
  #leaveName(batch: string): boolean {
    return this.#insertRow("batch", "name", " ON CONFLICT DO NOTHING", batch).rowsWritten > 0;
  }

  /** False when the access was recorded before. */
  #insert(access: Access, named: 0 | 1, eventOf: (access: Access) => AccessEvent): boolean {
    if (!this.#hasTable()) this.#sql.exec(TABLE);
    if (this.#select("SELECT 1 FROM access", "AND id = ?", access.id).toArray().length > 0) return false;
    const { number, isFirst } = eventOf(access);
    this.#insertRow(
      "access",
      "id, at, kind, reason, device, country, network, named, number, first",
      "",
      access.id,
      access.at,
      access.kind,
      access.reason,
      access.device,
      access.country,
      access.network ?? null,
      named,
      number,
      isFirst ? 1 : 0,
    );
    return true;
  }

  /** Of our rows; what follows on the condition may add to it. */
  #select<R extends Record<string, SqlStorageValue>>(
    what: string,
    rest = "",
    ...values: SqlStorageValue[]
  ): SqlStorageCursor<R> {
    return this.#sql.exec<R>(`${what} WHERE ${this.#ours} ${rest}`, ...this.#member, ...values);
  }

  #insertRow(table: string, names: string, rest: string, ...values: SqlStorageValue[]) {
    const all = [...this.#member, ...values];
    const marks = all.map(() => "?").join(", ");
    return this.#sql.exec(`INSERT INTO ${table} (${this.#names}${names}) VALUES (${marks})${rest}`, ...all);
  }

  #hasTable(): boolean {
    return hasTable(this.#sql, "access");
  }
}

export function totalOf(counts: AccessCounts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
