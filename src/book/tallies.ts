// A book's tallies: what its journal adds up to, by quarter hours of UTC. They follow the journal step by step, and an answer adds what
// they have not seen yet: so it is always the sum over the journal.

import { bucketOf } from "../figures/delays.ts";
import { DAY_MS, HOUR_MS, QUARTER_MS } from "../figures/time-zone.ts";
import type { MessageMove } from "../sms/message.ts";
import type { Journal, JournalEntry } from "./journal.ts";

// `day`: days since 1970. `tag`: 0 counts all, from 1 on the book's tags in the order of the journal. `counts`: a JSON object by quarter
// hour of the day, 0 to 95; what is not there is 0.
export const TALLY_TABLE = `
  CREATE TABLE tally (
    tag INTEGER NOT NULL,
    day INTEGER NOT NULL,
    key TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (tag, day, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tally_tag (
    number INTEGER PRIMARY KEY,
    tag TEXT NOT NULL
  ) STRICT;`;

/** So many of a book's tags are counted each for itself, and the others together. */
export const MOST_TAGS = 500;
export const ALL = 0;
const OTHERS = MOST_TAGS + 1;
/** Tallies wait for so many entries, or so long. */
const MOST_WAITING = 1_000;
const LONGEST_WAIT_MS = QUARTER_MS;
const MOST_OF_A_PART = 1_000;
const QUARTERS_PER_DAY = DAY_MS / QUARTER_MS;
/** Messages are compared at these ages. */
export const AGES_HOURS = [1, 24, 168] as const;
/** From sending to delivery, and to the first access. */
export const DELIVERED_AFTER = "delivered_after";
export const OPENED_AFTER = "opened_after";
/** In keys that count one of many (reasons, devices, countries, delays) this stands before which. */
export const ONE_OF = ":";

/** By so much a count grows, of the quarter hour of this instant (Unix ms). */
export interface Increment {
  key: string;
  at: number;
  n: number;
}

/** What an entry adds to the tallies, of all and of each of its tags. */
export function incrementsOf(entry: JournalEntry): Increment[] {
  if (entry.kind === "message") return becameOf(entry.createdAt, entry.at, entry.fact);
  if (entry.kind === "accesses") return [{ key: entry.fact.access, at: entry.at, n: entry.fact.count }];
  return happenedAt(entry).map((key) => ({ key, at: entry.at, n: 1 }));
}

/** What became of a message, counted by the time of its sending. */
function becameOf(
  acceptedAt: number,
  at: number,
  move: Pick<MessageMove, "from" | "to" | "hasLink" | "parts" | "cost" | "reason" | "openedAt">,
): Increment[] {
  const { from, to, hasLink, parts, cost, reason, openedAt } = move;
  const increments: [key: string, n: number][] = [];
  if (from === null) increments.push(["accepted", 1], ["with_link", hasLink ? 1 : 0], ["parts", parts], ["cost", cost]);
  if (from !== to) {
    if (from !== null) increments.push([from, -1]);
    increments.push([to, 1]);
    if (to === "delivered") increments.push([keyOf(DELIVERED_AFTER, bucketOf(at - acceptedAt)), 1]);
    if (to === "failed") increments.push([keyOf("reason", reason ?? ""), 1]);
  }
  if (openedAt !== null) {
    const delayMs = openedAt - acceptedAt;
    increments.push(["opened", 1], [keyOf(OPENED_AFTER, bucketOf(delayMs)), 1]);
    for (const hours of AGES_HOURS) if (delayMs < hours * HOUR_MS) increments.push([openedWithin(hours), 1]);
  }
  return increments.filter(([, n]) => n !== 0).map(([key, n]) => ({ key, at: acceptedAt, n }));
}

/** What happened to a link, or a message's callback, counted by the time at which it did. */
function happenedAt(entry: Exclude<JournalEntry, { kind: "message" | "accesses" }>): string[] {
  switch (entry.kind) {
    case "opened":
      return ["links_made"];
    case "access": {
      const { access, first, owed, device, country } = entry.fact;
      if (!first) return [access];
      const keys = [access, "first_accesses", keyOf("device", device ?? ""), keyOf("country", country ?? "")];
      return owed === true ? [...keys, "callbacks_owed"] : keys;
    }
    case "attempt":
      return entry.fact.delivered === true ? ["callbacks_delivered"] : [];
    case "callback":
      return [`callbacks_${entry.fact.state}`];
    case "message_callback":
      return [`message_callbacks_${entry.fact.state}`];
    case "changed":
    case "ended":
    case "barred":
      return [];
  }
}

function keyOf(what: string, which: string | number): string {
  return `${what}${ONE_OF}${which}`;
}

function isDelay(key: string): boolean {
  return [DELIVERED_AFTER, OPENED_AFTER].some((what) => key.startsWith(what + ONE_OF));
}

function openedWithin(hours: number): string {
  return `opened_within_${hours}`;
}

/** When tallies have to be brought forward, Unix ms; null when they hold the whole journal. `dueAt` is what was said before. */
export function bringForwardAt(waiting: number, dueAt: number | null, now: number): number | null {
  if (waiting <= 0) return null;
  return waiting < MOST_WAITING ? (dueAt ?? now + LONGEST_WAIT_MS) : Math.min(dueAt ?? now, now);
}

/**
 * Under which names a count of an instant is told as of another (Unix ms): what is compared at an age only where all of the quarter hour
 * has that age.
 */
export function toldAs(key: string, at: number, asOf: number): string[] {
  const quarterEnd = (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS;
  const isOldEnough = (hours: number) => quarterEnd + hours * HOUR_MS <= asOf;
  if (key === "with_link") return [key, ...AGES_HOURS.filter(isOldEnough).map(olderThan)];
  const hours = AGES_HOURS.find((age) => key === openedWithin(age));
  return hours === undefined || isOldEnough(hours) ? [key] : [];
}

/** What is asked of a book. Instants are Unix milliseconds, on quarter hours but for `at`. */
export interface FiguresQuestion {
  /** Where buckets begin, in order; each ends with the next. */
  starts: number[];
  end: number;
  /** Null for all. */
  tag: string | null;
  /** Messages are as old as they are then. */
  at: number;
}

export type Counts = Record<string, number>;

/** Names a tally; they are in this order. */
export interface TallyPlace {
  tag: number;
  day: number;
  key: string;
}

/** Tallies of one tag, one behind the other, as text: a JSON array of day, key and counts by quarter hour. */
export interface TallyPiece {
  tag: number;
  firstDay: number;
  firstKey: string;
  lastDay: number;
  size: number;
  text: string;
}

/** Sums up to a position of the journal. A bucket has no delays, of which there are many; what is 0 is left out. */
export interface BookFigures {
  position: number;
  buckets: Counts[];
  totals: Counts;
}

/** Which counts of one of many there are (`reason`, `device` …), by which. */
export function oneOf(counts: Counts, what: string): [which: string, count: number][] {
  const prefix = what + ONE_OF;
  return Object.entries(counts).flatMap(([key, n]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), n]] : []));
}

export class Tallies {
  readonly #sql: SqlStorage;
  readonly #journal: Journal;

  constructor(sql: SqlStorage, journal: Journal) {
    this.#sql = sql;
    this.#journal = journal;
  }

  /** Adds the entries behind a position, a thousand at most; the position up to which. The caller notes it in the same transaction. */
  bringForward(from: number): number {
    const tags = this.#tags();
    const known = tags.size;
    const entries = this.#journal.read(from, MOST_WAITING);
    const sum = new Sum();
    for (const entry of entries) sum.add(entry, tags);
    for (const [tag, number] of [...tags.numbers].slice(known))
      this.#sql.exec("INSERT INTO tally_tag (number, tag) VALUES (?, ?)", number, tag);
    for (const { tag, day, key, counts } of sum.rows()) this.#add(tag, day, key, counts);
    return entries.at(-1)?.position ?? from;
  }

  /** The sums of a range, of the tallies, which hold the journal up to `from`, and of what is behind. */
  figures(from: number, question: FiguresQuestion): BookFigures | "too-many-tags" {
    const tags = this.#tags();
    const tail = new Sum();
    let position = from;
    for (let entries = this.#journal.read(from, MOST_WAITING); entries.length > 0;) {
      for (const entry of entries) tail.add(entry, tags);
      position = entries.at(-1)?.position ?? position;
      entries = this.#journal.read(position, MOST_WAITING);
    }
    const tag = tags.asked(question.tag);
    if (tag === "too-many-tags") return tag;
    const figures = new Figures(question);
    if (tag !== null) {
      for (const row of this.#rows(tag, question)) figures.add(row);
      for (const row of tail.rows()) if (row.tag === tag) figures.add(row);
    }
    return { position, ...figures.sums() };
  }

  /** The next tallies behind a place, to be kept elsewhere, a thousand at most; and how to go on, null at the end. */
  pieces(after: TallyPlace | null): { pieces: TallyPiece[]; next: TallyPlace | null } {
    const rows = this.#sql
      .exec<{ tag: number; day: number; key: string; counts: string }>(
        `SELECT tag, day, key, counts FROM tally WHERE (tag, day, key) > (?, ?, ?)
         ORDER BY tag, day, key LIMIT ${MOST_OF_A_PART}`,
        after?.tag ?? -1,
        after?.day ?? 0,
        after?.key ?? "",
      )
      .toArray();
    const pieces = Array.from(Map.groupBy(rows, ({ tag }) => tag).values(), pieceOf);
    const last = rows.at(-1);
    const isMore = rows.length === MOST_OF_A_PART && last !== undefined;
    return { pieces, next: isMore ? { tag: last.tag, day: last.day, key: last.key } : null };
  }

  /** What there is of them: how many, and the tags that have numbers. */
  whole(): { rows: number; tags: [number: number, tag: string][] } {
    const { rows } = this.#sql.exec<{ rows: number }>("SELECT COUNT(*) AS rows FROM tally").one();
    return { rows, tags: Array.from(this.#tags().numbers, ([tag, number]) => [number, tag]) };
  }

  #rows(tag: number, question: FiguresQuestion): Iterable<TallyRow> {
    return this.#sql
      .exec<{ day: number; key: string; counts: string }>(
        "SELECT day, key, counts FROM tally WHERE tag = ? AND day BETWEEN ? AND ?",
        tag,
        ...daysOf(question),
      )
      .toArray()
      .map(({ day, key, counts }) => ({ tag, day, key, counts: readCounts(counts) }));
  }

  #add(tag: number, day: number, key: string, counts: Quarters): void {
    const names = [tag, day, key];
    const found = "SELECT counts FROM tally WHERE tag = ? AND day = ? AND key = ?";
    const [row] = this.#sql.exec<{ counts: string }>(found, ...names);
    const sum = row === undefined ? new Map<number, number>() : readCounts(row.counts);
    for (const [quarter, n] of counts) count(sum, quarter, n);
    this.#sql.exec(
      "INSERT INTO tally (tag, day, key, counts) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET counts = excluded.counts",
      ...names,
      JSON.stringify(Object.fromEntries(sum)),
    );
  }

  #tags(): TagNumbers {
    const rows = this.#sql.exec<{ number: number; tag: string }>("SELECT number, tag FROM tally_tag ORDER BY number");
    return new TagNumbers(Array.from(rows, ({ number, tag }) => [tag, number]));
  }
}

/** Counts by quarter hour of a day; none is 0. */
type Quarters = Map<number, number>;

export interface TallyRow {
  tag: number;
  day: number;
  key: string;
  counts: Quarters;
}

/** The numbers of tags, given out in the order of the journal as long as there are some. */
export class TagNumbers {
  readonly numbers: Map<string, number>;

  constructor(known: [tag: string, number: number][]) {
    this.numbers = new Map(known);
  }

  get size(): number {
    return this.numbers.size;
  }

  isFull(): boolean {
    return this.size >= MOST_TAGS;
  }

  /** Under which number something is asked for; null under none. */
  asked(tag: string | null): number | "too-many-tags" | null {
    const number = tag === null ? ALL : this.numbers.get(tag);
    return number ?? (this.isFull() ? "too-many-tags" : null);
  }

  of(tag: string): number {
    const known = this.numbers.get(tag);
    if (known !== undefined) return known;
    if (this.isFull()) return OTHERS;
    this.numbers.set(tag, this.size + 1);
    return this.size;
  }
}

/** What entries add up to. */
class Sum {
  readonly #rows = new Map<string, TallyRow>();

  add(entry: JournalEntry, tags: TagNumbers): void {
    const numbers = new Set([ALL, ...entry.tags.map((tag) => tags.of(tag))]);
    for (const { key, at, n } of incrementsOf(entry))
      for (const tag of numbers) {
        const quarter = Math.floor(at / QUARTER_MS);
        const day = Math.floor(quarter / QUARTERS_PER_DAY);
        count(this.#row(tag, day, key).counts, quarter - day * QUARTERS_PER_DAY, n);
      }
  }

  rows(): Iterable<TallyRow> {
    return this.#rows.values();
  }

  #row(tag: number, day: number, key: string): TallyRow {
    const name = `${tag} ${day} ${key}`;
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { tag, day, key, counts: new Map() };
      this.#rows.set(name, row);
    }
    return row;
  }
}

/** Brings quarter hours into the buckets that are asked for. */
export class Figures {
  readonly #question: FiguresQuestion;
  readonly #buckets: Map<string, number>[];
  readonly #totals = new Map<string, number>();

  constructor(question: FiguresQuestion) {
    this.#question = question;
    this.#buckets = question.starts.map(() => new Map<string, number>());
  }

  add({ day, key, counts }: TallyRow): void {
    for (const [quarter, n] of counts) {
      const at = day * DAY_MS + quarter * QUARTER_MS;
      const bucket = this.#bucketAt(at);
      if (bucket === undefined) continue;
      for (const told of toldAs(key, at, this.#question.at)) {
        count(this.#totals, told, n);
        if (!isDelay(told)) count(bucket, told, n);
      }
    }
  }

  sums(): Omit<BookFigures, "position"> {
    return {
      buckets: this.#buckets.map((counts) => Object.fromEntries(counts)),
      totals: Object.fromEntries(this.#totals),
    };
  }

  #bucketAt(at: number): Map<string, number> | undefined {
    const { starts, end } = this.#question;
    if (at >= end) return undefined;
    let low = -1;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? Infinity) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#buckets[low];
  }
}

/** The first and the last day of UTC that a question is about. */
export function daysOf({ starts, end }: FiguresQuestion): [first: number, last: number] {
  return [Math.floor((starts[0] ?? end) / DAY_MS), Math.floor(end / DAY_MS)];
}

function pieceOf(rows: readonly { tag: number; day: number; key: string; counts: string }[]): TallyPiece {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) throw new Error("a piece has a tally");
  return {
    tag: first.tag,
    firstDay: first.day,
    firstKey: first.key,
    lastDay: last.day,
    size: rows.length,
    text: `[${rows.map(({ day, key, counts }) => `[${day},${JSON.stringify(key)},${counts}]`).join(",")}]`,
  };
}

/** The tallies of a piece. */
export function talliesIn({ tag, text }: Pick<TallyPiece, "tag" | "text">): TallyRow[] {
  const rows = JSON.parse(text) as [day: number, key: string, counts: Record<string, number>][];
  return rows.map(([day, key, counts]) => ({ tag, day, key, counts: quartersOf(counts) }));
}

function olderThan(hours: number): string {
  return `with_link_older_than_${hours}`;
}

function readCounts(text: string): Quarters {
  return quartersOf(JSON.parse(text) as Record<string, number>);
}

function quartersOf(counts: Record<string, number>): Quarters {
  return new Map(Object.entries(counts).map(([quarter, n]) => [Number(quarter), n]));
}

function count<K>(counts: Map<K, number>, key: K, n: number): void {
  const sum = (counts.get(key) ?? 0) + n;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
