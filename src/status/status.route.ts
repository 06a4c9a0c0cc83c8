// GET /api/links/:code and GET /api/links/:code/accesses: what is known of one link.

import * as v from "valibot";
import { ApiRoutes } from "../account/api-routes.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { notFound } from "../http/problem.ts";
import { ACCESS_CURSOR } from "../link/access-pages.ts";
import { linkOf } from "../campaign/link-of.ts";
import { insist } from "../objects.ts";
import { statusView } from "./link-view.ts";

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;

export const accessParameters = {
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
  cursor: v.exactOptional(v.pipe(v.string(), v.regex(ACCESS_CURSOR, "must be the next_cursor of the page before"))),
};

export const status = new ApiRoutes()
  .get("/:code", ["links", "read", "support"], async (c) => {
    const found = await insist(async () => (await linkOf(c.env, c.req.param("code"))).status(c.get("account").sid));
    if (found === null) throw notFound("link");
    return answerJson(toJson(statusView(found)));
  })
  .get("/:code/accesses", ["links", "read", "support"], async (c) => {
    const { limit, cursor = "" } = readQuery(c, accessParameters);
    const code = c.req.param("code");
    const page = await insist(async () => (await linkOf(c.env, code)).accesses(c.get("account").sid, cursor, limit));
    if (page === null) throw notFound("link");
    return answerJson(toJson({ ...page, accesses: page.accesses.map((access) => ({ ...access })) }));
  });
