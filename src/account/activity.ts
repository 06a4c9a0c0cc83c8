// Who did what in an account, for 90 days: by whose token or session, never with a number, a text or a secret. What is rare has a row of
// its own. What is made, and what one token does by the hundred, is counted: a row a day, and no further one for a single link or message.

import { updateRows } from "../tables.ts";
import { type Act, ACTIVITY_DAYS, type ActivityQuery, type Deed, type Done, type Who } from "./act.ts";
import type { Usage } from "./restrictions.ts";

const DAY_MS = 86_400_000;
/** Of one kind by one token in a day; beyond, the last row counts. */
const MOST_ROWS_A_DAY = 100;
/** Of what a row names: the names of all fields of the account are shorter. */
const LONGEST_THING = 200;

export const ACT_TABLE = `
  CREATE TABLE IF NOT EXISTS act (
    at INTEGER NOT NULL,
    id TEXT NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    thing TEXT,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, id)
  ) STRICT, WITHOUT ROWID;`;

interface Row extends Record<string, SqlStorageValue> {
  at: number;
  id: string;
  /** JSON of Who. */
  who: string;
  what: string;
  thing: string | null;
  count: number;
}

export class Activity {
  readonly #sql: SqlStorage;
  readonly #usage: Usage;

  constructor(sql: SqlStorage, usage: Usage) {
    this.#sql = sql;
    this.#usage = usage;
  }

  /** Notes a deed, in the transaction of its caller. */
  note(by: Who, { id, what, thing, count }: Deed, now: number): void {
    const who = JSON.stringify(by);
    const today = this.#sql
      .exec<Pick<Row, "at" | "id" | "count">>(
        "SELECT at, id, count FROM act WHERE at >= ? AND who = ? AND what = ? ORDER BY at DESC, id DESC LIMIT ?",
        now - (now % DAY_MS),
        who,
        what,
        MOST_ROWS_A_DAY,
      )
      .toArray();
    if (today.some((row) => row.id === id)) return;
    const [last] = today;
    if (last === undefined || today.length < MOST_ROWS_A_DAY)
      this.#sql.exec(
        "INSERT INTO act (at, id, who, what, thing, count) VALUES (?, ?, ?, ?, ?, ?)",
        now,
        id,
        who,
        what,
        thing?.slice(0, LONGEST_THING) ?? null,
        count,
      );
    else {
      const changes = { at: now, id, thing: null, count: last.count + count };
      updateRows(this.#sql, "act", changes, "at = ? AND id = ?", last.at, last.id);
    }
  }

  /** Newest first; one more than the limit when there are further ones. */
  page({ limit, after }: ActivityQuery, now: number): Done[] {
    const { at, id } = after ?? { at: Number.MAX_SAFE_INTEGER, id: "" };
    const rows = this.#sql.exec<Row>(
      "SELECT * FROM act WHERE at > ? AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?",
      now - ACTIVITY_DAYS * DAY_MS,
      at,
      id,
      limit + 1,
    );
    const rare = Array.from(rows, ({ who, what, ...row }) => ({
      ...row,
      by: JSON.parse(who) as Who,
      what: what as Act,
    }));
    const counted = this.#usage.made(now).filter((one) => one.at < at || (one.at === at && one.id < id));
    return [...rare, ...counted]
      .toSorted((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1))
      .slice(0, limit + 1);
  }

  forgetOld(now: number): void {
    this.#sql.exec("DELETE FROM act WHERE at <= ?", now - ACTIVITY_DAYS * DAY_MS);
  }
}
