// GET /feed/TOKEN/links.csv and messages.csv: rows for spreadsheets, for whoever has the address.

import type { Context } from "hono";
import * as v from "valibot";
import { encoderFor } from "../export/encoder.ts";
import { allBooks, keeperOf } from "../book/keepers.ts";
import { CONTENT_TYPES } from "../export/format.ts";
import { timeZoneField } from "../figures/time-zone.ts";
import { readQuery } from "../http/input.ts";
import { limitParameter } from "../http/paging.ts";
import { Problem, wrongFields } from "../http/problem.ts";
import { accountObject, insist } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { feedColumns, type FeedFile, type FeedPage, type FeedQuestion } from "./feed-page.ts";
import { readFeedToken } from "./feed-token.ts";

const LARGEST_LIMIT = 5_000;
/** As much as the formula of a spreadsheet takes in. */
const USUAL_LIMIT = 1_000;

/** Where each book goes on, by its number; one that is not in it from its beginning. */
type Cursor = Map<number, string>;

export const feedParameters = {
  columns: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9_]{1,32}(?:,[a-z0-9_]{1,32}){0,49}$/, "must be names of columns, separated by commas"),
      v.transform((names) => names.split(",")),
    ),
  ),
  limit: limitParameter(LARGEST_LIMIT, USUAL_LIMIT),
  changed_since: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:\d{1,6}\.[\w.-]{1,90}(?:,\d{1,6}\.[\w.-]{1,90}){0,99})?$/,
        "must be empty, or the X-Next-Cursor of the page before",
      ),
      v.transform(cursorOf),
    ),
  ),
  timezone: v.exactOptional(timeZoneField),
};

/**
 * The newest rows; or with `changed_since` those that have changed, in the order of their changes, and in `X-Next-Cursor` where the next
 * page goes on. A page without rows is the last.
 */
export async function readFeed(c: Context<{ Bindings: Env }>): Promise<Response> {
  const { sid, id } = await namedBy(c);
  const file = fileOf(c.req.param("file") ?? "");
  const { columns: names = null, limit, changedSince, timezone = null } = readQuery(c, feedParameters);
  const columns = feedColumns(file, names);
  if (columns === "unknown") throw unknownColumn(file);
  const feed = await insist(() => accountObject(c.env, sid).admitFeed(id));
  if (feed === null) throw noFeed();
  const { head } = encoderFor({ kind: "csv", timezone }, columns);
  const ask = async (book: number, question: Pick<FeedQuestion, "limit" | "since">): Promise<FeedPage | null> => {
    const asked = { file, columns: names, numbers: feed.numbers, timezone, ...question };
    const page = await insist(() => keeperOf(c.env, sid, book).feedPage(asked));
    if (page === "unknown") throw wrongFields([{ field: "changed_since", message: "is of no page of this feed" }]);
    return page === "gone" ? null : page;
  };
  const books = allBooks(feed);
  const type = { "Content-Type": CONTENT_TYPES.csv };
  if (changedSince === undefined) return new Response(head + (await newest(books, limit, ask)), { headers: type });
  const { text, next } = await changes(books, limit, changedSince, ask);
  return new Response(head + text, { headers: { ...type, "X-Next-Cursor": textOf(next) } });
}

type Ask = (book: number, question: Pick<FeedQuestion, "limit" | "since">) => Promise<FeedPage | null>;

async function newest(books: readonly number[], limit: number, ask: Ask): Promise<string> {
  let text = "";
  let left = limit;
  for (const book of books.toReversed()) {
    if (left === 0) break;
    const page = await ask(book, { limit: left, since: "newest" });
    text += page?.text ?? "";
    left -= page?.rows ?? 0;
  }
  return text;
}

/** Of books that are gone nothing is said any more. */
async function changes(
  books: readonly number[],
  limit: number,
  since: Cursor,
  ask: Ask,
): Promise<{ text: string; next: Cursor }> {
  const next: Cursor = new Map();
  let text = "";
  let left = limit;
  for (const book of books) {
    let place = since.get(book) ?? null;
    for (let isEnd = false; !isEnd && left > 0;) {
      const page = await ask(book, { limit: left, since: { place } });
      text += page?.text ?? "";
      left -= page?.rows ?? 0;
      place = page === null ? null : page.place;
      isEnd = page === null || page.isEnd;
    }
    if (place !== null) next.set(book, place);
  }
  return { text, next };
}

function cursorOf(text: string): Cursor {
  const parts = text === "" ? [] : text.split(",");
  return new Map(parts.map((part) => [Number.parseInt(part, 10), part.slice(part.indexOf(".") + 1)]));
}

function textOf(cursor: Cursor): string {
  return Array.from(cursor, ([book, place]) => `${book}.${place}`).join();
}

/** Asks no object: a token that was not made here names none. Throws 404. */
async function namedBy(c: Context<{ Bindings: Env }>): Promise<{ sid: string; id: string }> {
  const named = await readFeedToken(settingsOf(c.env).sealingKeys, c.req.param("token") ?? "");
  if (named === undefined) throw noFeed();
  return named;
}

function fileOf(name: string): FeedFile {
  if (name === "links.csv") return "links";
  if (name === "messages.csv") return "messages";
  throw new Problem({
    status: 404,
    slug: "not-found",
    title: "A feed has no such file",
    detail: "There are links.csv and messages.csv.",
  });
}

function noFeed(): Problem {
  return new Problem({
    status: 404,
    slug: "not-found",
    title: "There is no such feed, or not any more",
    detail: "Make one with POST /api/account/feeds.",
  });
}

function unknownColumn(file: FeedFile): Problem {
  const all = feedColumns(file, null);
  const names = all === "unknown" ? [] : all.map(({ name }) => name);
  return wrongFields([
    { field: "columns", message: `has a column that is not there: ${file}.csv has ${names.join(", ")}` },
  ]);
}
