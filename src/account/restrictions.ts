// What the operator has set for an account, and its owner cannot change: whether it may make and send anything, how much of it a day,
// and in whose name. And how much it has used: counted in the transaction that accepts, a row a day.

import type { Restricted } from "./account.ts";

const DAY_MS = 86_400_000;
/** Names that are remembered, so that what is asked again because an answer was lost counts once. */
const MOST_NAMES = 1_000;
/** So many stand in the row of the day: those of calls that were under way when the object died. */
const MOST_STORED = 100;

export const RESTRICTION_COLUMNS = [
  "suspended_at INTEGER",
  "messages_per_day INTEGER",
  "links_per_day INTEGER",
  "senders TEXT",
];

/** The names of what was counted last, a JSON array. */
export const NAMES_COLUMN = "names TEXT";

export const USAGE_TABLE = `
  CREATE TABLE IF NOT EXISTS usage (
    day INTEGER PRIMARY KEY,
    links INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    ${NAMES_COLUMN}
  ) STRICT;`;

/** What is counted. The link of a message counts with its message. */
export type Counted = "links" | "messages";

export class Usage {
  readonly #sql: SqlStorage;
  #names: string[] | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Counts what is made by this name, unless so many were made on this UTC day already: then the seconds until the next day.
   * @param most null is without end
   * @param n how many it makes
   */
  take(what: Counted, name: string, most: number | null, now: number, n = 1): number | null {
    const names = this.#remembered();
    if (names.includes(name)) return null;
    const today = Math.floor(now / DAY_MS);
    if (most !== null && this.#since(today)[what] + n > most) return Math.ceil(((today + 1) * DAY_MS - now) / 1_000);
    names.push(name);
    if (names.length > MOST_NAMES) names.shift();
    this.#sql.exec(
      `INSERT INTO usage (day, links, messages, names) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET links = links + excluded.links, messages = messages + excluded.messages, names = excluded.names`,
      today,
      what === "links" ? n : 0,
      what === "messages" ? n : 0,
      JSON.stringify(names.slice(-MOST_STORED)),
    );
    this.#sql.exec("DELETE FROM usage WHERE day < ?", firstOfMonth(now));
    return null;
  }

  /** Of this UTC day, and of this month. */
  used(now: number): Restricted["used"] {
    return { today: this.#since(Math.floor(now / DAY_MS)), month: this.#since(firstOfMonth(now)) };
  }

  /** The storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#names = undefined;
  }

  #since(day: number): Record<Counted, number> {
    return this.#sql
      .exec<Record<Counted, number>>(
        "SELECT COALESCE(SUM(links), 0) AS links, COALESCE(SUM(messages), 0) AS messages FROM usage WHERE day >= ?",
        day,
      )
      .one();
  }

  #remembered(): string[] {
    if (this.#names === undefined) {
      const query = "SELECT names FROM usage ORDER BY day DESC LIMIT 1";
      const [row] = this.#sql.exec<{ names: string | null }>(query).toArray();
      this.#names = JSON.parse(row?.names ?? "[]") as string[];
    }
    return this.#names;
  }
}

/** The number of the month's first day, in UTC. */
function firstOfMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / DAY_MS;
}
