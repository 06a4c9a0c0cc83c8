// A book's tallies: what its journal adds up to, by quarter hours of UTC. They follow the journal step by step, and an answer adds what
// they have not seen yet: so it is always the sum over the journal.

import { bucketOf } from "../figures/delays.ts";
import { DAY_MS, HOUR_MS, QUARTER_MS } from "../figures/time-zone.ts";
import type { MessageMove } from "../sms/message.ts";
import { incrementsIn } from "../campaign/quarters.ts";
import { countedTags, type EntryFact, isCampaignTag, type Journal, type JournalEntry } from "./journal.ts";

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
/** Under this number those are counted that have none. */
export const OTHERS = MOST_TAGS + 1;
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
  if (entry.kind === "campaign") return incrementsIn(entry.fact);
  return keysOf(entry).map((key) => ({ key, at: entry.at, n: 1 }));
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

/** Under which keys it is counted that something happened to a link, or a message's callback, by the time at which it did. */
export function keysOf(entry: Exclude<EntryFact, { kind: "message" | "accesses" | "campaign" }>): string[] {
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

const DELAYS = [DELIVERED_AFTER, OPENED_AFTER].map((what) => what + ONE_OF);

function isDelay(key: string): boolean {
  return DELAYS.some((beginning) => key.startsWith(beginning));
}

function openedWithin(hours: number): string {
  return `opened_within_${hours}`;
}
const AGE_OF: ReadonlyMap<string, number> = new Map(AGES_HOURS.map((hours) => [openedWithin(hours), hours]));

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
  const hours = AGE_OF.get(key);
  if (hours === undefined && key !== "with_link") return [key];
  const quarterEnd = (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS;
  const isOldEnough = (age: number) => quarterEnd + age * HOUR_MS <= asOf;
  if (hours !== undefined) return isOldEnough(hours) ? [key] : [];
  return [key, ...AGES_HOURS.filter(isOldEnough).map(olderThan)];
}

/** A stretch of time. Instants are Unix milliseconds, on quarter hours. */
export interface Stretch {
  /** Where buckets begin, in order; each ends with the next. */
  starts: number[];
  end: number;
  /** The keys that are wanted, of those that count one of many what stands before which; all of them without it. */
  only?: string[];
}

/** What is asked of a book. */
export interface FiguresQuestion extends Stretch {
  /** Null for all. */
  tag: string | null;
  /** Messages are as old as they are then, Unix milliseconds. */
  at: number;
  /** Further stretches, which are answered of the same reading. */
  further?: Stretch[];
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

/** Of a stretch of time. A bucket has no delays, of which there are many; what is 0 is left out. */
export interface Sums {
  buckets: Counts[];
  totals: Counts;
}

/** Sums up to a position of the journal. */
export interface BookFigures extends Sums {
  position: number;
  /** Of the further stretches, where there are some in the question. */
  further?: Sums[];
}

/** Which counts of one of many there are (`reason`, `device` …), by which. */
export function oneOf(counts: Counts, what: string): [which: string, count: number][] {
  const prefix = what + ONE_OF;
  return Object.entries(counts).flatMap(([key, n]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), n]] : []));
}

export class Tallies {
  readonly #sql: SqlStorage;
  readonly #journal: Journal;
  #tail: Tail | undefined;

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
    const tail = this.#readTail(from);
    const tag = tail.tags.asked(question.tag, () => this.#hasOthers(tail, daysOf(question)));
    if (tag === "too-many-tags") return tag;
    const figures = new Figures(question);
    if (tag !== null) {
      for (const row of this.#rows(tag, question)) figures.add(row);
      for (const row of tail.sum.rows()) if (row.tag === tag) figures.add(row);
    }
    return { position: tail.position, ...figures.sums() };
  }

  /** Whether on these days something happened that had a tag without a number. */
  #hasOthers(tail: Tail, [first, last]: [first: number, last: number]): boolean {
    const query = `SELECT 1 FROM tally WHERE tag = ${OTHERS} AND day BETWEEN ? AND ? LIMIT 1`;
    return (
      this.#sql.exec(query, first, last).toArray().length > 0 ||
      tail.sum.rows().some(({ tag, day }) => tag === OTHERS && day >= first && day <= last)
    );
  }

  /** The storage is not what it was: a write was taken back, or all of it is gone. */
  forgotten(): void {
    this.#tail = undefined;
  }

  /** What is behind a position, to the end. Entries stay as they are: so each is read once, until tallies hold it. */
  #readTail(from: number): Tail {
    if (this.#tail?.from !== from) this.#tail = { from, position: from, sum: new Sum(), tags: this.#tags() };
    const tail = this.#tail;
    for (let entries: JournalEntry[]; (entries = this.#journal.read(tail.position, MOST_WAITING)).length > 0;)
      for (const entry of entries) {
        tail.sum.add(entry, tail.tags);
        tail.position = entry.position;
      }
    return tail;
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

  /** A day at a time as one text: rows one by one take three times as long. */
  *#rows(tag: number, question: FiguresQuestion): Iterable<CountedRow> {
    const days = this.#sql.exec<{ text: string }>(
      `SELECT '[' || group_concat('[' || day || ',' || json_quote(key) || ',' || counts || ']') || ']' AS text
       FROM tally WHERE tag = ? AND day BETWEEN ? AND ? GROUP BY day`,
      tag,
      ...daysOf(question),
    );
    for (const { text } of days) yield* talliesIn(text);
  }

  #add(tag: number, day: number, key: string, counts: Quarters): void {
    const names = [tag, day, key];
    const found = "SELECT counts FROM tally WHERE tag = ? AND day = ? AND key = ?";
    const [row] = this.#sql.exec<{ counts: string }>(found, ...names);
    const sum = row === undefined ? {} : (JSON.parse(row.counts) as Quarters);
    for (const [quarter, n] of Object.entries(counts)) grow(sum, quarter, n);
    this.#sql.exec(
      "INSERT INTO tally (tag, day, key, counts) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET counts = excluded.counts",
      ...names,
      JSON.stringify(sum),
    );
  }

  #tags(): TagNumbers {
    const rows = this.#sql.exec<{ number: number; tag: string }>("SELECT number, tag FROM tally_tag ORDER BY number");
    return new TagNumbers(Array.from(rows, ({ number, tag }) => [tag, number]));
  }
}

/** Counts by quarter hour of a day, as they are stored; none is 0. */
type Quarters = Record<string, number>;

/** What is counted under one key on one day. */
export interface CountedRow {
  day: number;
  key: string;
  counts: Quarters;
}

interface TallyRow extends CountedRow {
  tag: number;
}

/** The numbers of tags, given out in the order of the journal as long as there are some. */
export class TagNumbers {
  readonly numbers: Map<string, number>;
  /** So many of them are campaigns, each of which has a number behind those of tags. */
  #campaigns: number;

  constructor(known: [tag: string, number: number][]) {
    this.numbers = new Map(known);
    this.#campaigns = known.filter(([tag]) => isCampaignTag(tag)).length;
  }

  get size(): number {
    return this.numbers.size;
  }

  isFull(): boolean {
    return this.size - this.#campaigns >= MOST_TAGS;
  }

  /**
   * Under which number something is asked for; null under none: nothing has this tag.
   * @param hasOthers whether something that is asked for had a tag without a number, which may have been this one
   */
  asked(tag: string | null, hasOthers: () => boolean): number | "too-many-tags" | null {
    const number = tag === null ? ALL : this.numbers.get(tag);
    const isCampaigns = tag !== null && isCampaignTag(tag);
    return number ?? (!isCampaigns && this.isFull() && hasOthers() ? "too-many-tags" : null);
  }

  of(tag: string): number {
    const known = this.numbers.get(tag);
    if (known !== undefined) return known;
    const isCampaigns = isCampaignTag(tag);
    if (!isCampaigns && this.isFull()) return OTHERS;
    const number = isCampaigns ? OTHERS + 1 + this.#campaigns : this.size - this.#campaigns + 1;
    this.numbers.set(tag, number);
    if (isCampaigns) this.#campaigns += 1;
    return number;
  }
}

/** What the journal adds up to from a position on. */
interface Tail {
  from: number;
  position: number;
  sum: Sum;
  /** With the numbers that its tags are going to have. */
  tags: TagNumbers;
}

/** What entries add up to. */
class Sum {
  readonly #rows = new Map<string, TallyRow>();

  add(entry: JournalEntry, tags: TagNumbers): void {
    const numbers = new Set([ALL, ...countedTags(entry).map((tag) => tags.of(tag))]);
    for (const { key, at, n } of incrementsOf(entry))
      for (const tag of numbers) {
        const quarter = Math.floor(at / QUARTER_MS);
        const day = Math.floor(quarter / QUARTERS_PER_DAY);
        grow(this.#row(tag, day, key).counts, String(quarter - day * QUARTERS_PER_DAY), n);
      }
  }

  rows(): IteratorObject<TallyRow> {
    return this.#rows.values();
  }

  #row(tag: number, day: number, key: string): TallyRow {
    const name = `${tag} ${day} ${key}`;
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { tag, day, key, counts: {} };
      this.#rows.set(name, row);
    }
    return row;
  }
}

/** Brings quarter hours into the stretches, and their buckets, that are asked for. */
export class Figures {
  readonly #asOf: number;
  readonly #stretches: StretchSums[];
  readonly #hasFurther: boolean;

  constructor(question: FiguresQuestion) {
    this.#asOf = question.at;
    this.#stretches = stretchesOf(question).map((stretch) => new StretchSums(stretch));
    this.#hasFurther = question.further !== undefined;
  }

  add({ day, key, counts }: CountedRow): void {
    const wanted = this.#stretches.filter((stretch) => stretch.wants(day, key));
    if (wanted.length === 0) return;
    const isOfBuckets = !isDelay(key);
    for (const [quarter, n] of Object.entries(counts)) {
      const at = instantOf(day, quarter);
      const told = toldAs(key, at, this.#asOf);
      for (const stretch of wanted) stretch.add(at, told, n, isOfBuckets);
    }
  }

  sums(): Omit<BookFigures, "position"> {
    const [own = { buckets: [], totals: {} }, ...further] = this.#stretches.map((stretch) => stretch.sums());
    return this.#hasFurther ? { ...own, further } : own;
  }
}

/** One stretch of time, and what adds up in it. */
class StretchSums {
  readonly #stretch: Stretch;
  readonly #start: number;
  readonly #buckets: Counts[];
  readonly #totals: Counts = {};

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
    this.#start = startOf(stretch);
    this.#buckets = stretch.starts.map(() => ({}));
  }

  /** Whether something of a day can count. */
  wants(day: number, key: string): boolean {
    const { end, only } = this.#stretch;
    const dayAt = day * DAY_MS;
    return (
      dayAt < end &&
      dayAt + DAY_MS > this.#start &&
      (only === undefined || only.some((name) => key === name || key.startsWith(name + ONE_OF)))
    );
  }

  add(at: number, told: readonly string[], n: number, isOfBuckets: boolean): void {
    if (at < this.#start || at >= this.#stretch.end) return;
    const bucket = isOfBuckets ? this.#bucketAt(at) : undefined;
    for (const key of told) {
      grow(this.#totals, key, n);
      if (bucket !== undefined) grow(bucket, key, n);
    }
  }

  sums(): Sums {
    return { buckets: this.#buckets, totals: this.#totals };
  }

  #bucketAt(at: number): Counts | undefined {
    const { starts } = this.#stretch;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? Infinity) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#buckets[low];
  }
}

function stretchesOf(question: FiguresQuestion): Stretch[] {
  return [question, ...(question.further ?? [])];
}

function startOf({ starts, end }: Stretch): number {
  return starts[0] ?? end;
}

/** The first and the last day of UTC that a question is about. */
export function daysOf(question: FiguresQuestion): [first: number, last: number] {
  const stretches = stretchesOf(question);
  const [start, end] = [Math.min(...stretches.map(startOf)), Math.max(...stretches.map((one) => one.end))];
  return [Math.floor(start / DAY_MS), Math.ceil(end / DAY_MS) - 1];
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

/** The tallies of a piece, from its text. */
export function talliesIn(text: string): CountedRow[] {
  const rows = JSON.parse(text) as [day: number, key: string, counts: Quarters][];
  return rows.map(([day, key, counts]) => ({ day, key, counts }));
}

/** When a quarter hour of a day begins, Unix milliseconds. */
export function instantOf(day: number, quarter: string): number {
  return day * DAY_MS + Number(quarter) * QUARTER_MS;
}

function olderThan(hours: number): string {
  return `with_link_older_than_${hours}`;
}

function grow(counts: Counts, key: string, n: number): void {
  const sum = (counts[key] ?? 0) + n;
  if (sum === 0) delete counts[key];
  else counts[key] = sum;
}
