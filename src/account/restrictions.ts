// What the operator has set for an account, and its owner cannot change: whether it may make and send anything, how much of it a day,
// and in whose name. And how much it has used: counted in the transaction that accepts, a row a day.

import type { Restricted } from "./account.ts";
import { ACTIVITY_DAYS, type Done, type Who } from "./act.ts";

const DAY_MS = 86_400_000;
/** Who made something in a day, one by one; beyond, the last of them counts for the rest. */
const MOST_MAKERS = 50;
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

/** By whom it was made: a JSON array of Maker. In this row, so that it costs none of its own. */
export const MAKERS_COLUMN = "makers TEXT";

/** Unix milliseconds of the last. */
interface Maker extends Who {
  links: number;
  linksAt: number;
  messages: number;
  messagesAt: number;
}

export const USAGE_TABLE = `
  CREATE TABLE IF NOT EXISTS usage (
    day INTEGER PRIMARY KEY,
    links INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    ${NAMES_COLUMN},
    ${MAKERS_COLUMN}
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
   * @param by whoever makes it; null where that is not known
   * @param most null is without end
   * @param n how many it makes
   */
  take(what: Counted, name: string, by: Who | null, most: number | null, now: number, n = 1): number | null {
    const names = this.#remembered();
    if (names.includes(name)) return null;
    const today = Math.floor(now / DAY_MS);
    if (most !== null && this.#since(today)[what] + n > most) return Math.ceil(((today + 1) * DAY_MS - now) / 1_000);
    names.push(name);
    if (names.length > MOST_NAMES) names.shift();
    this.#sql.exec(
      `INSERT INTO usage (day, links, messages, names, makers) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET links = links + excluded.links, messages = messages + excluded.messages, names = excluded.names,
         makers = excluded.makers`,
      today,
      what === "links" ? n : 0,
      what === "messages" ? n : 0,
      JSON.stringify(names.slice(-MOST_STORED)),
      JSON.stringify(by === null ? this.#makers(today) : counted(this.#makers(today), what, by, n, now)),
    );
    this.forgetOld(now);
    return null;
  }

  /** Who made how many, a day and kind each, of the last 90 days. */
  made(now: number): Done[] {
    const rows = this.#sql.exec<{ day: number; makers: string }>(
      "SELECT day, makers FROM usage WHERE day > ? AND makers IS NOT NULL",
      Math.floor(now / DAY_MS) - ACTIVITY_DAYS,
    );
    return Array.from(rows, ({ day, makers }) =>
      (JSON.parse(makers) as Maker[]).flatMap(({ kind, id, name, links, linksAt, messages, messagesAt }) => {
        const by = { kind, id, name };
        const one = (what: Done["what"], at: number, count: number) =>
          count === 0 ? [] : [{ id: `${what}.${day}.${kind}.${id ?? ""}`, at, by, what, thing: null, count }];
        return [...one("links_made", linksAt, links), ...one("messages_sent", messagesAt, messages)];
      }),
    ).flat();
  }

  /** Days are kept as long as it is told who did what. */
  forgetOld(now: number): void {
    this.#sql.exec("DELETE FROM usage WHERE day <= ?", Math.floor(now / DAY_MS) - ACTIVITY_DAYS);
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

  #makers(day: number): Maker[] {
    const query = "SELECT makers FROM usage WHERE day = ?";
    const [row] = this.#sql.exec<{ makers: string | null }>(query, day).toArray();
    return JSON.parse(row?.makers ?? "[]") as Maker[];
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

/** The makers of a day, with one more thing by this one. */
function counted(makers: readonly Maker[], what: Counted, by: Who, n: number, now: number): Maker[] {
  const known = makers.find(({ kind, id }) => kind === by.kind && id === by.id);
  const none = { links: 0, linksAt: 0, messages: 0, messagesAt: 0 };
  const maker = known ?? (makers.length < MOST_MAKERS ? { ...by, ...none } : makers.at(-1)) ?? { ...by, ...none };
  const at = what === "links" ? { linksAt: now } : { messagesAt: now };
  const changed = { ...maker, [what]: maker[what] + n, ...at };
  return makers.includes(maker) ? makers.map((one) => (one === maker ? changed : one)) : [...makers, changed];
}

/** The number of the month's first day, in UTC. */
function firstOfMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / DAY_MS;
}
