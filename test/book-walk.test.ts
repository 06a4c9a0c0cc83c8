// One page of a list, over keepers of which some can read nothing: it never looks like the last one because of that.

import { expect, it } from "vitest";
import { type Found, type ListQuery, type Order } from "../src/book/find.ts";
import { pageOf } from "../src/book/walk.ts";
import { BEFORE_ALL, BEHIND_ALL } from "../src/timed-id.ts";
import { envWith } from "./support/faults.ts";

const named = { getByName: (name: string) => name };
const ADMITTED = { sid: "walker", callbackUrl: null, hasThingsOfBefore: true };
/** The account's own object, which has what is of before there were books. */
const OWN = "walker";
const START = "m";

/** A page behind START, of keepers that answer so; and who was asked for how many rows. */
async function page(order: Order, answers: Record<string, (query: ListQuery) => Found<string>>, books = [1]) {
  const [above, below] = order === "newest" ? [BEFORE_ALL, START] : [START, BEHIND_ALL];
  const asked: [keeper: string, rows: number][] = [];
  const found = await pageOf(
    envWith({ BOOK: named, ACCOUNT: named }),
    { ...ADMITTED, books },
    { order, above, below, limit: 10, rows: 20 },
    async (keeper, query) => {
      // As `named` has it.
      const name = keeper as unknown as string;
      asked.push([name, query.rows]);
      return answers[name]?.(query) ?? whole();
    },
    (place) => place,
  );
  return { found, asked };
}

const whole = (...things: string[]): Found<string> => ({ things, rows: 1, place: things.at(-1) ?? null, isEnd: true });
const nothingRead = ({ rows }: ListQuery): Found<string> => ({ things: [], rows, place: null, isEnd: false });
/** As objects do: who may read no row has searched nothing. */
const reading =
  (rows: number, found: Found<string>) =>
  (query: ListQuery): Found<string> =>
    query.rows === 0 ? nothingRead(query) : { ...found, rows };

const ORDERS: [Order, string][] = [
  ["newest", "f"],
  ["oldest", "t"],
];

it.each(ORDERS)(
  "who could read nothing has searched nothing: the next page begins where this one did (%s)",
  async (order, there) => {
    for (const [stuck, other] of [
      ["walker.1", OWN],
      [OWN, "walker.1"],
    ] as const) {
      const { found } = await page(order, { [stuck]: nothingRead, [other]: () => whole(there) });
      expect([stuck, found]).toEqual([stuck, { things: [], next: START, isShort: true }]);
    }
  },
);

it.each(ORDERS)(
  "where one has read more than all rows, the other may read its half all the same (%s)",
  async (order, there) => {
    const [first, second] = order === "newest" ? ["walker.1", OWN] : [OWN, "walker.1"];
    const { found, asked } = await page(order, { [first]: reading(25, whole()), [second]: reading(1, whole(there)) });
    expect(asked).toEqual([
      [first, 10],
      [second, 10],
    ]);
    expect(found).toEqual({ things: [there], next: null, isShort: false });
  },
);

it("a book for which no row is left ends the page where the book before it was searched to", async () => {
  const answers = {
    "walker.2": reading(10, whole("g", "f")),
    "walker.1": reading(1, whole("e")),
    [OWN]: () => whole(),
  };
  const { found } = await page("newest", answers, [2, 1]);
  expect(found).toEqual({ things: ["g", "f"], next: "f", isShort: true });
});
