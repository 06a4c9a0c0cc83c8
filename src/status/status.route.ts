// GET /api/links and GET /api/links/:code: what is known of the account's links.

import { Hono } from "hono";
import * as v from "valibot";
import type { ApiEnv } from "../account/authenticate.ts";
import type { Admitted } from "../account/account.ts";
import type { LinkQuery, ListedLink } from "../account/link-list.ts";
import { readQuery } from "../http/input.ts";
import { toJson } from "../http/json.ts";
import { notFound } from "../http/problem.ts";
import { plainText } from "../link/fields.ts";
import { accountObject, bookObject, insist, linkObject } from "../objects.ts";
import { listedView, statusView } from "./link-view.ts";

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
const LONGEST_QUERY_TEXT = 255;

export const status = new Hono<ApiEnv>()
  .get("/", async (c) => {
    const { limit, cursor, accessed, tag, reference, createdAfter, createdBefore } = readQuery(c, listParameters);
    const query = { limit, after: cursor ?? null, accessed, tag, reference, createdAfter, createdBefore };
    const found = await findLinks(c.env, c.get("account"), query);
    const links = found.slice(0, limit);
    const last = found.length > limit ? links.at(-1) : undefined;
    return c.json(toJson({ links: links.map(listedView), nextCursor: last ? cursorOf(last) : null }));
  })
  .get("/:code", async (c) => {
    const found = await insist(() => linkObject(c.env, c.req.param("code")).status(c.get("account").sid));
    if (found === null) throw notFound("link");
    return c.json(toJson(statusView(found)));
  });

/**
 * Newest first, one more than `limit` when there is a further page. Books are one behind the other in time; what the account's own
 * object lists, because it is of before there were books or has a message, stands between them.
 */
async function findLinks(env: Env, { sid, books = [] }: Admitted, query: LinkQuery): Promise<ListedLink[]> {
  const found = await Promise.all([
    findInBooks(env, sid, books, query),
    insist(() => accountObject(env, sid).findLinks(query)),
  ]);
  return found
    .flat()
    .toSorted((one, other) => other.createdAt - one.createdAt || (one.code < other.code ? 1 : -1))
    .slice(0, query.limit + 1);
}

/** Of each book what is missing still, newest book first. */
async function findInBooks(env: Env, sid: string, books: readonly number[], query: LinkQuery): Promise<ListedLink[]> {
  const found: ListedLink[] = [];
  for (const book of books) {
    const rest = { ...query, limit: query.limit - found.length };
    found.push(...(await insist(() => bookObject(env, { sid, book }).findLinks(rest))));
    if (found.length > query.limit) break;
  }
  return found;
}

const limitParameter = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/, `must be a whole number from 1 to ${LARGEST_LIMIT}`),
  v.transform(Number),
  v.check((limit) => limit >= 1 && limit <= LARGEST_LIMIT, `must be a whole number from 1 to ${LARGEST_LIMIT}`),
);

const instantParameter = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    "must be an ISO 8601 instant or date, such as 2026-01-31T08:00:00Z (write a + as %2B)",
  ),
  // Date.parse takes 30 February for 2 March.
  v.check(
    (text) => isDayOfCalendar(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
    "is not a date of the calendar",
  ),
  v.transform(Date.parse),
);

function isDayOfCalendar(day: string): boolean {
  const instant = Date.parse(day);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}

function cursorOf({ createdAt, code }: ListedLink): string {
  return `${createdAt}.${code}`;
}

const cursorParameter = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}\.[A-Za-z0-9_-]{3,64}$/, "must be the next_cursor of the page before"),
  v.transform((cursor) => {
    const [createdAt = "", code = ""] = cursor.split(".");
    return { createdAt: Number(createdAt), code };
  }),
);

export const listParameters = {
  limit: v.optional(limitParameter, String(DEFAULT_LIMIT)),
  cursor: v.exactOptional(cursorParameter),
  accessed: v.exactOptional(
    v.pipe(
      v.picklist(["true", "false"], "must be true or false"),
      v.transform((text) => text === "true"),
    ),
  ),
  tag: v.exactOptional(plainText(LONGEST_QUERY_TEXT)),
  reference: v.exactOptional(plainText(LONGEST_QUERY_TEXT)),
  created_after: v.exactOptional(instantParameter),
  created_before: v.exactOptional(instantParameter),
};
