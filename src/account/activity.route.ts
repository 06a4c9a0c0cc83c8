// GET /api/account/activity: who did what.

import * as v from "valibot";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { accountObject, insist } from "../objects.ts";
import type { Done } from "./act.ts";
import { ApiRoutes } from "./api-routes.ts";

const LARGEST_LIMIT = 1_000;
const USUAL_LIMIT = 100;

export const activityParameters = {
  limit: limitParameter(LARGEST_LIMIT, USUAL_LIMIT),
  cursor: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}\.[\w.-]{1,100}$/, "must be the next_cursor of the page before"),
      v.transform((cursor) => {
        const [at = "", ...id] = cursor.split(".");
        return { at: Number(at), id: id.join(".") };
      }),
    ),
  ),
};

export const activity = new ApiRoutes().get("/activity", ["read"], async (c) => {
  const { limit, cursor } = readQuery(c, activityParameters);
  const query = { limit, after: cursor ?? null };
  const found = await insist(() => accountObject(c.env, c.get("account").sid).activity(query));
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return answerJson(toJson({ activity: page.map(doneView), nextCursor: last ? `${last.at}.${last.id}` : null }));
});

/** One deed as the API shows it. */
export function doneView({ at, by, what, thing, count }: Done) {
  return { at, by: { ...by }, what, thing, count };
}
