// What a link tells its book: its events, numbered in the transaction in which they happen. Accesses and attempts carry their number in
// rows that they have anyway; what has no row of its own gets one here, until the book has it. Every method is synchronous.

import type { LinkEvent, LinkFact, LinkReport } from "../book/book.ts";
import type { CallbackLedger } from "../callback/ledger.ts";
import { hasTable } from "../tables.ts";
import type { AccessKind } from "./link.ts";
import type { StoredLink } from "./stored-link.ts";

const TABLE = `
  CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    fact TEXT NOT NULL
  ) STRICT;`;

/** A column of `access`: the number of the event that the access is; null where the link has no book. */
export const ACCESS_NUMBER = "number INTEGER";
/** A column of `access`: 1 for the first access. */
export const IS_FIRST = "first INTEGER NOT NULL DEFAULT 0";
/** Columns of `link`: the last event that the book has acknowledged, the last that a report has held, when to report, and reports since
 * the last acknowledgement. */
export const REPORTED = "reported INTEGER NOT NULL DEFAULT 0";
export const SENT_TO = "sent_to INTEGER NOT NULL DEFAULT 0";
export const REPORT_DUE_AT = "report_due_at INTEGER";
export const REPORTS_SENT = "reports_sent INTEGER NOT NULL DEFAULT 0";

/** What the link's row says of its reports. */
export interface ReportState {
  /** The number of the last event that the book has. */
  reported: number;
  /** The number of the last event that may be on its way to the book. */
  sentTo: number;
  /** Unix milliseconds; null while the book has everything. */
  reportDueAt: number | null;
  /** Since the book was heard last. */
  reportsSent: number;
}

/** What settles how a link stands is with its book in this time; other accesses come together. */
export const SOON_MS = 3_000;
export const LATER_MS = 3_600_000;
/** Of one report: a message of a queue holds 128 KB, and the largest event has 8 KB. */
const MOST_EVENTS = 300;
const LARGEST_REPORT = 100_000;
/** So many events do not wait for their hour. */
export const MANY_EVENTS = 250;

/** Beyond so many that the book has not, accesses are rolled up. */
export const MOST_UNREPORTED = 5_000;
/** Of a link that had more, which anybody can bring about with a loop, the book hears once an hour, rolled up from this on. */
export const MANY_ACCESSES = 5_000;
export const MOST_UNREPORTED_OF_MANY = 1_000;
/** Rows that are rolled up in one go, so that no transaction is long. */
export const ROLLED_AT_ONCE = 500;
const QUARTER_MS = 15 * 60_000;

/** An access whose row is about to be dropped. */
export interface RollableAccess {
  id: string;
  number: number;
  at: number;
  kind: AccessKind;
  device: string | null;
  country: string | null;
  network: string | null;
}

type Numbered = { number: number; at: number };

export class LinkEvents {
  readonly #sql: SqlStorage;
  readonly #callbacks: Pick<CallbackLedger, "ended">;
  #last: number | undefined;

  constructor(sql: SqlStorage, callbacks: Pick<CallbackLedger, "ended">) {
    this.#sql = sql;
    this.#callbacks = callbacks;
  }

  /** The next number. Whoever takes it writes it down in the same transaction. */
  next(link: StoredLink): number {
    this.#last = this.last(link) + 1;
    return this.#last;
  }

  /** The number of the last event that happened. The first, that the link was opened, is 1. */
  last({ reported }: StoredLink): number {
    this.#last ??= Math.max(
      1,
      reported,
      this.#newest("event"),
      this.#newest("access"),
      ...this.#callbacks.ended(reported).map(({ number }) => number),
    );
    return this.#last;
  }

  /** Writes down an event that has no row of its own. `before` is the link as it was. */
  add(before: StoredLink, fact: LinkFact, at: number): void {
    this.#makeTable();
    // From now on the link's row does not say any more as what it was opened.
    if (fact.kind === "changed" && before.reported === 0 && this.#read("event", 0, 1)[0]?.number !== 1)
      this.#insert(1, openedFact(before), before.createdAt);
    this.#insert(this.next(before), fact, at);
  }

  /** The next report to the link's book, of what it has not acknowledged; null when that is nothing. */
  report(link: StoredLink): LinkReport | null {
    const { accountSid: sid, book, code, createdAt, reported: after } = link;
    if (book === null) return null;
    const events = fitting(this.#pending(link));
    return events.length === 0 ? null : { sid, book, code, createdAt, after, events };
  }

  /**
   * Accesses that no report has held become events for many, in the transaction that drops their rows: those whose ids are returned.
   * A change of the link, behind or before which they are counted, stands between none of them.
   */
  rollUp(accesses: readonly RollableAccess[], { sentTo }: StoredLink): string[] {
    this.#makeTable();
    const changes = this.#sql
      .exec<Numbered>(`SELECT number, at FROM event WHERE number > ? AND fact LIKE '{"kind":"changed"%'`, sentTo)
      .toArray();
    const rolled = accesses.filter(({ number }) => number > sentTo).slice(0, ROLLED_AT_ONCE);
    const together = Map.groupBy(rolled, ({ number, at, kind, device, country, network }) =>
      JSON.stringify([
        changes.findIndex((change) => change.number > number),
        quarterOf(at),
        kind,
        device,
        country,
        network,
      ]),
    );
    for (const alike of together.values()) {
      const [{ at, kind: access, device, country, network }] = alike as [RollableAccess];
      const fact: LinkFact = { kind: "accesses", access, count: alike.length, device, country, network };
      this.#insert(Math.max(...alike.map(({ number }) => number)), fact, quarterOf(at));
    }
    return rolled.map(({ id }) => id);
  }

  /** The book has these: what is only here for it is deleted. */
  acknowledged(number: number): void {
    if (hasTable(this.#sql, "event")) this.#sql.exec("DELETE FROM event WHERE number <= ?", number);
  }

  /** The storage was deleted, or put back to an earlier state, or the code has another link. */
  forgotten(): void {
    this.#last = undefined;
  }

  #pending(link: StoredLink): LinkEvent[] {
    const { reported } = link;
    const events = [...this.#written(reported), ...this.#accesses(reported), ...this.#attempts(reported)];
    if (reported === 0 && !events.some(({ number }) => number === 1))
      events.push({ number: 1, at: link.createdAt, ...openedFact(link) });
    return events.toSorted((one, other) => one.number - other.number);
  }

  #written(after: number): LinkEvent[] {
    return this.#read<{ fact: string }>("event", after, MOST_EVENTS).map(({ number, at, fact }) => ({
      number,
      at,
      ...(JSON.parse(fact) as LinkFact),
    }));
  }

  #accesses(after: number): LinkEvent[] {
    type Row = { kind: AccessKind; first: number; reason: string; device: string; country: string; network: string };
    return this.#read<Row>("access", after, MOST_EVENTS).map((row) => {
      const { number, at, kind: access, reason, device, country, network } = row;
      return { number, at, kind: "access", access, first: row.first === 1, reason, device, country, network };
    });
  }

  #attempts(after: number): LinkEvent[] {
    return this.#callbacks.ended(after).map(({ n: attempt, ...ended }) => {
      const { number, at, eventId, status, error, durationMs } = ended;
      return { number, at, kind: "attempt", eventId, attempt, status, error, durationMs };
    });
  }

  #read<R>(table: "event" | "access", after: number, limit: number): (R & Numbered)[] {
    if (!hasTable(this.#sql, table)) return [];
    return this.#sql
      .exec<R & Numbered & Record<string, SqlStorageValue>>(
        `SELECT * FROM ${table} WHERE number > ? ORDER BY number LIMIT ?`,
        after,
        limit,
      )
      .toArray();
  }

  #newest(table: "event" | "access"): number {
    if (!hasTable(this.#sql, table)) return 0;
    return this.#sql.exec<{ n: number | null }>(`SELECT MAX(number) AS n FROM ${table}`).one().n ?? 0;
  }

  #makeTable(): void {
    if (!hasTable(this.#sql, "event")) this.#sql.exec(TABLE);
  }

  #insert(number: number, fact: LinkFact, at: number): void {
    this.#sql.exec("INSERT INTO event (number, at, fact) VALUES (?, ?, ?)", number, at, JSON.stringify(fact));
  }
}

/** The number of the last event that a report holds. */
export function lastOf({ after, events }: LinkReport): number {
  return events.at(-1)?.number ?? after;
}

function quarterOf(at: number): number {
  return at - (at % QUARTER_MS);
}

function openedFact(link: StoredLink): LinkFact {
  const { destination, callbackUrl, tags, reference, shortUrl, msgid, expiresAt } = link;
  return { kind: "opened", destination, callbackUrl, tags, reference, shortUrl, msgid, expiresAt };
}

/** As many as one message of the queue holds; one at least. */
function fitting(events: readonly LinkEvent[]): LinkEvent[] {
  let size = 0;
  return events.slice(0, MOST_EVENTS).filter((event, n) => {
    // Of four bytes at most, and most are of one.
    size += new TextEncoder().encode(JSON.stringify(event)).length;
    return n === 0 || size <= LARGEST_REPORT;
  });
}
