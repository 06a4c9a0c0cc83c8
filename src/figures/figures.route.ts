// GET /api/figures: what the account's books add up to.

import * as v from "valibot";
import type { Admitted } from "../account/account.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import type { BookFigures, FiguresQuestion } from "../book/tallies.ts";
import { campaignTag } from "../book/journal.ts";
import { MOST_TAGS } from "../book/tallies.ts";
import { campaignLine, campaignParameter } from "../campaign/campaign-line.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { Problem, wrongFields } from "../http/problem.ts";
import { LONGEST_TAG, plainText } from "../link/fields.ts";
import { accountObject, bookObject, insist } from "../objects.ts";
import { type CountedBook, figuresView } from "./figures-view.ts";
import { bucketsOf, type Range, rangeParameters, type RangeQuery, readRange } from "./range.ts";

export const figuresParameters = {
  ...rangeParameters,
  tag: v.exactOptional(plainText(LONGEST_TAG)),
  campaign: v.exactOptional(campaignParameter),
};

export const figures = new ApiRoutes().get("/", ["read", "support"], async (c) => {
  const query = readQuery(c, figuresParameters);
  const { campaign } = query;
  refuseBoth(query);
  if (campaign !== undefined) await campaignLine(c.env, c.get("account"), campaign);
  return answerJson(toJson(await figuresAnswer(c.env, c.get("account"), c.req.url, query)));
});

/** What was asked, beside the range. */
interface Which {
  tag?: string;
  campaign?: string;
}

export function refuseBoth({ tag, campaign }: Which): void {
  if (tag !== undefined && campaign !== undefined)
    throw wrongFields([{ field: "campaign", message: "goes without tag: a campaign's figures have all of its tags" }]);
}

/** The answer to a question about figures. Throws a `Problem` when the range is wrong, or the tag is not counted. */
export async function figuresAnswer(
  env: Env,
  account: Asking & Pick<Admitted, "timezone">,
  url: string,
  { tag, campaign, ...query }: RangeQuery & Which,
) {
  const at = Date.now();
  const own = account.timezone ?? "UTC";
  const read = readRange(query, own, at);
  if (read.kind === "wrong") throw wrongFields(read.errors);
  const { range } = read;
  const buckets = bucketsOf(range);
  // A campaign is counted as if it were a tag.
  const asTag = campaign === undefined ? (tag ?? null) : campaignTag(campaign);
  const question = { starts: buckets.map(({ startAt }) => startAt), end: range.end, tag: asTag, at };
  const books = await readFigures(env, account, question);
  const asked = { by: range.by, timezone: query.timezone ?? own, tag: tag ?? null, campaign: campaign ?? null, at };
  return figuresView(asked, buckets, books, addressOfRows(url, range, asked, books));
}

/** Where the rows of these figures are, at the very positions that they were read at. */
function addressOfRows(
  url: string,
  { start, end }: Range,
  { timezone, tag, campaign, at }: { timezone: string; tag: string | null; campaign: string | null; at: number },
  books: readonly { book: number; position: number }[],
): string {
  const address = new URL("/api/export/figures.csv", url);
  const query = {
    from: new Date(start).toISOString(),
    to: new Date(end).toISOString(),
    timezone,
    ...(tag !== null && { tag }),
    ...(campaign !== null && { campaign }),
    as_of: new Date(at).toISOString(),
    up_to: books.map(({ book, position }) => `${book}.${position}`).join(),
  };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  return address.href;
}

/** What each of an account's books adds up to, in the order of their numbers; each is asked once. Throws a `Problem` when the tag is not counted. */
export async function readFigures(env: Env, account: Asking, question: FiguresQuestion): Promise<CountedBook[]> {
  return (await figuresOf(env, account, question)).map(counted);
}

/** What a book has counted, or why that cannot be said. */
interface Found {
  book: number;
  isArchived: boolean;
  figures: BookFigures | "too-many-tags";
}

/**
 * Each book of the account once, in the order of their numbers: from the book itself, or from what the account keeps of one that has
 * ended. The account is asked last: so one that ends meanwhile is there.
 */
async function figuresOf(env: Env, account: Asking, question: FiguresQuestion): Promise<Found[]> {
  const { sid, books, hasArchive } = account;
  const asked = await Promise.all(
    books.map(async (book) => ({
      book,
      figures: await insist(() => bookObject(env, { sid, book }).figures(question)),
    })),
  );
  const open = asked.flatMap(({ book, figures: found }) =>
    found === "gone" ? [] : { book, isArchived: false, figures: found },
  );
  if (!hasArchive && open.length === books.length) return open.toSorted(byNumber);
  const answered = open.map(({ book }) => book);
  const archived = await insist(() => accountObject(env, sid).archivedFigures(question, answered));
  return [...open, ...archived.map((one) => ({ ...one, isArchived: true }))].toSorted(byNumber);
}

type Asking = Pick<Required<Admitted>, "sid" | "books" | "hasArchive">;

function byNumber(one: Found, other: Found): number {
  return one.book - other.book;
}

function counted({ book, isArchived: archived, figures: found }: Found): CountedBook {
  if (found !== "too-many-tags") return { ...found, book, archived };
  throw new Problem({
    status: 422,
    slug: "too-many-tags",
    title: `Of each month the first ${MOST_TAGS} tags are counted each for itself, and this is not among them`,
    detail:
      "Ask without tag, or ask GET /api/links for links with this tag. Use few tags, and reference for what differs with each link.",
  });
}
