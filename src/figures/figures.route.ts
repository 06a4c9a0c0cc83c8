// GET /api/figures: what the account's books add up to.

import * as v from "valibot";
import { ApiRoutes } from "../account/api-routes.ts";
import type { BookFigures, FiguresQuestion } from "../book/tallies.ts";
import { MOST_TAGS } from "../book/tallies.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { Problem, wrongFields } from "../http/problem.ts";
import { LONGEST_TAG, plainText } from "../link/fields.ts";
import { bookObject, insist } from "../objects.ts";
import { figuresView } from "./figures-view.ts";
import { type Bucket, bucketsOf, type Range, rangeParameters, readRange } from "./range.ts";

export const figuresParameters = { ...rangeParameters, tag: v.exactOptional(plainText(LONGEST_TAG)) };

export const figures = new ApiRoutes().get("/", ["read", "support"], async (c) => {
  const { sid, books } = c.get("account");
  const { tag = null, ...query } = readQuery(c, figuresParameters);
  const at = Date.now();
  const read = readRange(query, "UTC", at);
  if (read.kind === "wrong") throw wrongFields(read.errors);
  const { range } = read;
  const { buckets, books: found } = await readFigures(c.env, { sid, books }, range, tag, at);
  const asked = { by: range.by, timezone: query.timezone ?? "UTC", tag, at };
  return answerJson(toJson(figuresView(asked, buckets, found)));
});

/** What an account's books add up to in a range, in the order of their numbers. `at`: now, Unix milliseconds. */
export async function readFigures(
  env: Env,
  { sid, books }: { sid: string; books: number[] },
  range: Range,
  tag: string | null,
  at: number,
): Promise<{ buckets: Bucket[]; books: (BookFigures & { book: number })[] }> {
  const buckets = bucketsOf(range);
  const question = { starts: buckets.map(({ startAt }) => startAt), end: range.end, tag, at };
  const found = await Promise.all(books.map((book) => figuresOf(env, { sid, book }, question)));
  return { buckets, books: found.filter((one) => one !== null).toReversed() };
}

/** Null of a book that is gone. */
async function figuresOf(
  env: Env,
  name: { sid: string; book: number },
  question: FiguresQuestion,
): Promise<(BookFigures & { book: number }) | null> {
  const found = await insist(() => bookObject(env, name).figures(question));
  if (found === "gone") return null;
  if (found !== "too-many-tags") return { ...found, book: name.book };
  throw new Problem({
    status: 422,
    slug: "too-many-tags",
    title: `Of each month the first ${MOST_TAGS} tags are counted each for itself, and this is not among them`,
    detail:
      "Ask without tag, or ask GET /api/links for links with this tag. Use few tags, and reference for what differs with each link.",
  });
}
