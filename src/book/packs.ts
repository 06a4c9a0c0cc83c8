// By what the things of a book are found: of 128 links, or messages, one row, a pack, has their words. So a search reads few rows, and
// making a thing writes hardly any more. The newest things are in no pack yet, and are looked at themselves. Whoever changes, blanks or
// deletes a thing renews its pack in the same transaction: what is erased is in no pack either.

import type { Filters, Order, Range, Reader } from "./find.ts";

/** `first`: nothing that stands before is in this pack; that of the first pack is empty. `last`: behind that of the newest nothing is packed. */
export function packTable(name: PackTable): string {
  return `
  CREATE TABLE ${name} (
    first TEXT PRIMARY KEY,
    last TEXT NOT NULL,
    words TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;
}

export const PACK_TABLES = ["line_pack", "message_pack"] as const;
type PackTable = (typeof PACK_TABLES)[number];

/** Things of one pack when it is made. What comes late joins them, until they are twice as many, or as long. */
const PER_PACK = 128;
const LONGEST_PACK = 32_768;
/** So many of the newest things stay out: reports of links come in any order, some seconds late. */
const LOOSE = 256;
/** Packs that are made in one go, so that no transaction is long. */
const MOST_MADE = 16;
/** Packs that one statement reads. */
const MOST_READ = 64;

/** Between the words of a thing, and behind them; between things. Neither is in what people write, which has no control characters. */
const WORD_END = "\u001f";
const THING_END = "\n";

/** The things that are packed. */
export interface Packed {
  /** The next places behind one, the oldest first. */
  placesBehind(place: string, limit: number): string[];
  /** By what the thing at a place is found: see `wordsOf`; null when it is by nothing any more. */
  wordsAt(place: string): string[] | null;
}

/** A pack that was searched. */
interface Searched {
  /** Where something may stand that is asked for, in the order of the search. */
  places: string[];
  /** Up to here everything was searched. */
  searchedTo: string;
}

interface Row extends Record<string, SqlStorageValue> {
  first: string;
  last: string;
  words: string;
}

export class Packs {
  readonly #sql: SqlStorage;
  readonly #table: PackTable;
  readonly #things: Packed;

  constructor(sql: SqlStorage, table: PackTable, things: Packed) {
    this.#sql = sql;
    this.#table = table;
    this.#things = things;
  }

  /** The place behind which nothing is packed. */
  end(): string {
    const query = `SELECT last FROM ${this.#table} ORDER BY first DESC LIMIT 1`;
    return this.#sql.exec<{ last: string }>(query).toArray()[0]?.last ?? "";
  }

  /** Packs what is not packed yet, whole packs of it, as long as there is more than stays out. */
  extend(): void {
    const end = this.end();
    const loose = this.#things.placesBehind(end, LOOSE + MOST_MADE * PER_PACK);
    for (let from = 0; from + PER_PACK + LOOSE <= loose.length; from += PER_PACK) {
      const places = loose.slice(from, from + PER_PACK);
      const [first = "", last = ""] = [places[0], places.at(-1)];
      this.#write({ first: from === 0 && end === "" ? "" : first, last }, this.#thingsAt(places));
    }
  }

  /** The things at these places came late, were changed or are no more. */
  renew(places: readonly string[]): void {
    if (places.length === 0) return;
    const end = this.end();
    let left = places.filter((place) => place <= end).toSorted();
    for (let [place] = left; place !== undefined; [place] = left) {
      const { first, last, words, next } = this.#packOf(place);
      const renewed = left.filter((one) => next === null || one < next);
      left = left.slice(renewed.length);
      const kept = thingsIn(words).filter((thing) => !renewed.includes(placeIn(thing)));
      this.#write({ first, last }, [...kept, ...this.#thingsAt(renewed)].toSorted(byPlace));
    }
  }

  /** The packs of a range, one after the other; "spent" when no more rows may be read. */
  *within(reader: Reader, range: Range, query: Filters & { order: Order }): Generator<Searched | "spent"> {
    const needles = needlesOf(query);
    const isWanted = (thing: string) => {
      const place = placeIn(thing);
      const isInRange = place > range.above && place < range.below;
      return isInRange && needles.every((needle) => thing.includes(needle, place.length));
    };
    let from: string | null = null;
    for (let most = 1; ; most = Math.min(2 * most, MOST_READ)) {
      if (reader.left === 0) return yield "spent";
      const asked = Math.min(most, reader.left);
      const packs: Row[] = this.#read(reader, range, query.order, from, asked);
      for (const { first, last, words } of packs) {
        from = first;
        if (query.order === "oldest" && first >= range.below) return;
        const isFound = needles.every((needle) => words.includes(needle));
        const places = isFound ? thingsIn(words).filter(isWanted).map(placeIn) : [];
        if (query.order === "oldest")
          yield { places, searchedTo: [range.above, last, ...places].toSorted().at(-1) ?? last };
        else yield { places: places.toReversed(), searchedTo: first };
        if (query.order === "newest" && first <= range.above) return;
      }
      if (packs.length < asked) return;
    }
  }

  /** The next packs behind the one that begins at `from`, or from the range's end on. */
  #read(reader: Reader, { above, below }: Range, order: Order, from: string | null, limit: number): Row[] {
    const columns = `SELECT first, last, words FROM ${this.#table}`;
    if (order === "newest")
      return reader.read<Row>(`${columns} WHERE first < ? ORDER BY first DESC LIMIT ?`, from ?? below, limit);
    if (from !== null) return reader.read<Row>(`${columns} WHERE first > ? ORDER BY first LIMIT ?`, from, limit);
    return reader.read<Row>(
      `${columns} WHERE first >= (SELECT MAX(first) FROM ${this.#table} WHERE first <= ?) ORDER BY first LIMIT ?`,
      above,
      limit,
    );
  }

  /** The pack in which a place is, and where the next one begins. */
  #packOf(place: string): Row & { next: string | null } {
    return this.#sql
      .exec<Row & { next: string | null }>(
        `SELECT first, last, words, (SELECT MIN(first) FROM ${this.#table} WHERE first > ?1) AS next
         FROM ${this.#table} WHERE first <= ?1 ORDER BY first DESC LIMIT 1`,
        place,
      )
      .one();
  }

  #thingsAt(places: readonly string[]): string[] {
    return places.flatMap((place) => {
      const words = this.#things.wordsAt(place);
      return words === null ? [] : [place + WORD_END + words.map((word) => word + WORD_END).join("")];
    });
  }

  /** Writes a pack, in several when its things have become too many or too long. */
  #write({ first, last }: Pick<Row, "first" | "last">, things: readonly string[]): void {
    const parts = things.length > 2 * PER_PACK || lengthOf(things) > 2 * LONGEST_PACK ? parted(things) : [things];
    for (const [n, part] of parts.entries())
      this.#sql.exec(
        `INSERT INTO ${this.#table} (first, last, words) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET last = excluded.last, words = excluded.words`,
        n === 0 ? first : placeIn(part[0] ?? ""),
        n === parts.length - 1 ? last : placeIn(part.at(-1) ?? ""),
        part.join(THING_END),
      );
  }
}

/** By what a thing is found, in the form in which `needlesOf` looks for it. */
export function wordsOf(thing: {
  code: string | null;
  destination: string | null;
  reference: string | null;
  tags: readonly string[];
  recipient?: string | null;
}): string[] {
  const { code, destination, reference, tags, recipient = null } = thing;
  const words = [code, destination, reference && `=${reference}`, recipient, ...tags.map((tag) => `#${tag}`)];
  return words.filter((word) => word !== null).map((word) => word.toLowerCase());
}

/** What must stand in the words of a thing that is asked for; what else does is looked at in the thing itself. Empty when that is nothing. */
export function needlesOf({ search, tag, reference, recipient }: Filters): string[] {
  const whole = [tag && `#${tag}`, reference && `=${reference}`, recipient]
    .filter((word) => word !== undefined)
    .map((word) => WORD_END + word + WORD_END);
  return [...whole, search ?? ""].filter((needle) => needle !== "").map((needle) => needle.toLowerCase());
}

function thingsIn(words: string): string[] {
  return words === "" ? [] : words.split(THING_END);
}

function placeIn(thing: string): string {
  return thing.slice(0, thing.indexOf(WORD_END));
}

function byPlace(one: string, other: string): number {
  return placeIn(one) < placeIn(other) ? -1 : 1;
}

function lengthOf(things: readonly string[]): number {
  return things.reduce((sum, { length }) => sum + length, 0);
}

/** As many together as make a pack, one at least. */
function parted(things: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (const thing of things) {
    const part = parts.at(-1);
    const isFull = part === undefined || part.length >= PER_PACK || lengthOf(part) + thing.length > LONGEST_PACK;
    if (isFull) parts.push([thing]);
    else part.push(thing);
  }
  return parts;
}
