// What an account has made, in the order of its making, wherever it is listed: books are one behind the other in time; what the account's own
// object has, which is of before there were books, can stand between what the first of them has.

import type { Admitted } from "../account/account.ts";
import { accountObject, bookObject, insist } from "../objects.ts";
import { type Found, type ListQuery, NOTHING_FOUND } from "./find.ts";

type Keeper = ReturnType<typeof accountObject> | ReturnType<typeof bookObject>;

/** One page of a list. */
export interface Page<T> {
  things: T[];
  /** The place behind which the next page begins; null on the last one. */
  next: string | null;
  /** Whether there may be less than was asked for, because no more rows were read: then everything up to `next` was searched. */
  isShort: boolean;
}

/** @param ask one object for its part of the list */
export async function pageOf<T>(
  env: Env,
  { sid, books = [], hasThingsOfBefore = true }: Admitted,
  query: ListQuery,
  ask: (keeper: Keeper, query: ListQuery) => Promise<Found<T>>,
  placeOf: (thing: T) => string,
): Promise<Page<T>> {
  const { order, limit } = query;
  const inOrder = order === "newest" ? books : books.toReversed();
  const inBooks = inOrder.map((book) => () => bookObject(env, { sid, book }));
  const ofBefore = hasThingsOfBefore ? [() => accountObject(env, sid)] : [];
  const [first, second] = order === "newest" ? [inBooks, ofBefore] : [ofBefore, inBooks];
  const half = Math.ceil(query.rows / 2);
  const one = await searched(first, second.length === 0 ? query : { ...query, rows: half }, ask);
  // The second is not asked for more than the first has searched.
  const far = one.isEnd ? {} : { [order === "newest" ? "above" : "below"]: one.place ?? "" };
  const other = await searched(second, { ...query, ...far, rows: Math.max(half, query.rows - one.rows) }, ask);
  const isBefore = (place: string, reference: string) => (order === "newest" ? place > reference : place < reference);
  // Who could read nothing has searched nothing; the page must not look like the last one.
  const start = order === "newest" ? query.below : query.above;
  const ends = [one, other].flatMap(({ isEnd, place }) => (isEnd ? [] : [place ?? start]));
  const end = ends.toSorted((a, b) => (isBefore(a, b) ? -1 : 1))[0] ?? null;
  const things = [...one.things, ...other.things]
    .filter((thing) => end === null || placeOf(thing) === end || isBefore(placeOf(thing), end))
    .toSorted((a, b) => (isBefore(placeOf(a), placeOf(b)) ? -1 : 1));
  const last = things.length > limit ? things[limit - 1] : undefined;
  return {
    things: things.slice(0, limit),
    next: last === undefined ? end : placeOf(last),
    isShort: last === undefined && end !== null,
  };
}

/** One object after the other, as long as rows may be read. */
async function searched<T>(
  keepers: readonly (() => Keeper)[],
  query: ListQuery,
  ask: (keeper: Keeper, query: ListQuery) => Promise<Found<T>>,
): Promise<Found<T>> {
  let sum: Found<T> = NOTHING_FOUND;
  for (const keeper of keepers) {
    const left = { limit: query.limit - sum.things.length, rows: Math.max(0, query.rows - sum.rows) };
    const found = await insist(() => ask(keeper(), { ...query, ...left }));
    sum = {
      things: [...sum.things, ...found.things],
      rows: sum.rows + found.rows,
      place: found.place ?? sum.place,
      isEnd: found.isEnd,
    };
    if (!found.isEnd) break;
  }
  return sum;
}
