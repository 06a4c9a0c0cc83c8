// How listed things are found, links and messages alike: the newest or the oldest first, so many of them, and with so many rows read at
// most. Whoever gets less is told how far was searched, and goes on from there.

import type { Packs } from "./packs.ts";

export type Order = "newest" | "oldest";

/**
 * A part of a list. A thing has its place in it: a text that begins with when the thing was made (timed-id.ts), and sorts by it. Both ends
 * are outside.
 */
export interface Range {
  above: string;
  below: string;
}

/** What is asked of a thing; undefined is nothing. */
export interface Filters {
  /** With or without a first access. */
  accessed?: boolean | undefined;
  tag?: string | undefined;
  reference?: string | undefined;
  /** Of messages. */
  recipient?: string | undefined;
  /** A part of its code, destination or reference, in lower case; three characters at least. */
  search?: string | undefined;
}

export interface ListQuery extends Range, Filters {
  order: Order;
  /** So many things, and one more when there are further ones. */
  limit: number;
  /** So many rows are read for it, or some more. */
  rows: number;
}

/** What was found of a query, and how far was searched. */
export interface Found<T> {
  things: readonly T[];
  /** The rows that were read. */
  rows: number;
  /** Up to this place, and with it, everything was searched; null is nothing. */
  place: string | null;
  /** Whether that is the whole range. */
  isEnd: boolean;
}

export const NOTHING_FOUND = { things: [], rows: 0, place: null, isEnd: true } as const satisfies Found<never>;

/** A table of things. */
export interface Shelf<R, T> {
  /** The next rows of a range. */
  scan(reader: Reader, range: Range, order: Order, limit: number): R[];
  at(reader: Reader, place: string): R | undefined;
  placeOf(row: R): string;
  /** What is shown of a row; null when it is not asked for. */
  match(row: R): T | null;
}

/** What filters look at of a thing. */
interface Asked {
  code: string | null;
  destination: string | null;
  reference: string | null;
  tags: readonly string[];
  recipient?: string | null;
  firstAccessedAt: number | null;
}

export function isAskedFor(thing: Asked, { accessed, tag, reference, recipient, search }: Filters): boolean {
  const { code, destination, firstAccessedAt } = thing;
  return (
    (accessed === undefined || accessed === (firstAccessedAt !== null)) &&
    (tag === undefined || thing.tags.includes(tag)) &&
    (reference === undefined || thing.reference === reference) &&
    (recipient === undefined || thing.recipient === recipient) &&
    (search === undefined ||
      [code, destination, thing.reference].some((text) => text?.toLowerCase().includes(search) === true))
  );
}

/** Reads rows, and counts them as they are billed. */
export class Reader {
  readonly #sql: SqlStorage;
  readonly #most: number;
  rows = 0;

  constructor(sql: SqlStorage, most: number) {
    this.#sql = sql;
    this.#most = most;
  }

  /** How many more may be read. */
  get left(): number {
    return Math.max(0, this.#most - this.rows);
  }

  read<R extends Record<string, SqlStorageValue>>(query: string, ...values: SqlStorageValue[]): R[] {
    const cursor = this.#sql.exec<R>(query, ...values);
    const rows = cursor.toArray();
    this.rows += cursor.rowsRead;
    return rows;
  }
}

/** A place that was searched, with the thing there that is asked for; "spent": no more rows may be read. */
type Step<T> = { place: string; thing: T | null } | "spent";

/** Rows of one statement, beyond those that a page needs. */
const MOST_AT_ONCE = 128;

/** @param packs by what the things of the shelf are found; null where they are looked through one by one */
export function find<R, T>(reader: Reader, shelf: Shelf<R, T>, packs: Packs | null, query: ListQuery): Found<T> {
  const things: T[] = [];
  let place: string | null = null;
  let isEnd = true;
  for (const step of stepsOf(reader, shelf, packs, query)) {
    isEnd = step !== "spent";
    if (step === "spent") break;
    place = step.place;
    if (step.thing !== null) things.push(step.thing);
    isEnd = things.length <= query.limit;
    if (!isEnd) break;
  }
  return { things, rows: reader.rows, place, isEnd };
}

function* stepsOf<R, T>(reader: Reader, shelf: Shelf<R, T>, packs: Packs | null, query: ListQuery): Generator<Step<T>> {
  if (packs === null) return yield* scanned(reader, shelf, query, query);
  const end = packs.end();
  const isBehindEnd = query.above > end;
  const loose = { above: isBehindEnd ? query.above : end, below: query.below };
  // The end itself is packed.
  const packed = { above: query.above, below: query.below <= end ? query.below : `${end}\0` };
  if (query.order === "newest") yield* scanned(reader, shelf, query, loose);
  if (!isBehindEnd) yield* unpacked(reader, shelf, packs, query, packed);
  if (query.order === "oldest") yield* scanned(reader, shelf, query, loose);
}

/** Row by row. */
function* scanned<R, T>(
  reader: Reader,
  shelf: Shelf<R, T>,
  { order, limit }: ListQuery,
  range: Range,
): Generator<Step<T>> {
  let { above, below } = range;
  for (let most = limit + 1; ; most = Math.min(2 * most, MOST_AT_ONCE)) {
    if (reader.left === 0) return yield "spent";
    const asked = Math.min(most, reader.left);
    const rows = shelf.scan(reader, { above, below }, order, asked);
    for (const row of rows) {
      const place = shelf.placeOf(row);
      if (order === "newest") below = place;
      else above = place;
      yield { place, thing: shelf.match(row) };
    }
    if (rows.length < asked) return;
  }
}

/** Those alone in whose packs stands what is asked for. */
function* unpacked<R, T>(
  reader: Reader,
  shelf: Shelf<R, T>,
  packs: Packs,
  query: ListQuery,
  range: Range,
): Generator<Step<T>> {
  for (const pack of packs.within(reader, range, query)) {
    if (pack === "spent") return yield "spent";
    for (const place of pack.places) {
      if (reader.left === 0) return yield "spent";
      const row = shelf.at(reader, place);
      yield { place, thing: row === undefined ? null : shelf.match(row) };
    }
    yield { place: pack.searchedTo, thing: null };
  }
}
