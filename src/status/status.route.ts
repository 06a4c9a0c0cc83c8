// GET /api/links and GET /api/links/:code: what is known of the account's links.

import * as v from "valibot";
import { ApiRoutes } from "../account/api-routes.ts";
import type { LinkQuery, ListedLink } from "../account/link-list.ts";
import { newestOf } from "../book/walk.ts";
import { instantParameter } from "../http/calendar.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { notFound } from "../http/problem.ts";
import { plainText } from "../link/fields.ts";
import { insist, linkObject } from "../objects.ts";
import { listedView, statusView } from "./link-view.ts";

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
const LONGEST_QUERY_TEXT = 255;

export const status = new ApiRoutes()
  .get("/", ["read", "support"], async (c) => {
    const { limit, cursor, accessed, tag, reference, createdAfter, createdBefore } = readQuery(c, listParameters);
    const query = { after: cursor ?? null, accessed, tag, reference, createdAfter, createdBefore };
    const find = (keeper: { findLinks: (asked: LinkQuery) => Promise<ListedLink[]> }, most: number) =>
      keeper.findLinks({ ...query, limit: most });
    const found = await newestOf(c.env, c.get("account"), limit, find, newerFirst);
    const links = found.slice(0, limit);
    const last = found.length > limit ? links.at(-1) : undefined;
    return answerJson(toJson({ links: links.map(listedView), nextCursor: last ? cursorOf(last) : null }));
  })
  .get("/:code", ["links", "read", "support"], async (c) => {
    const found = await insist(() => linkObject(c.env, c.req.param("code")).status(c.get("account").sid));
    if (found === null) throw notFound("link");
    return answerJson(toJson(statusView(found)));
  });

/** By creation, newest first. */
function newerFirst(one: ListedLink, other: ListedLink): number {
  return other.createdAt - one.createdAt || (one.code < other.code ? 1 : -1);
}

function cursorOf({ createdAt, code }: ListedLink): string {
  return `${createdAt}.${code}`;
}

/** Empty is the first page: so a program's loop can begin with it. */
const cursorParameter = v.pipe(
  v.string(),
  v.regex(/^(?:\d{1,15}\.[A-Za-z0-9_-]{3,64})?$/, "must be the next_cursor of the page before"),
  v.transform((cursor) => {
    if (cursor === "") return null;
    const [createdAt = "", code = ""] = cursor.split(".");
    return { createdAt: Number(createdAt), code };
  }),
);

export const listParameters = {
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
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
