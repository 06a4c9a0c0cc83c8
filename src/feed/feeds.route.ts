// /api/account/feeds: the account's feeds.

import * as v from "valibot";
import { LONGEST_NAME, once, present } from "../account/account.route.ts";
import { byOf } from "../account/act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import { readOptionalFields } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { notFound } from "../http/problem.ts";
import { plainText } from "../link/fields.ts";
import { accountObject, insist } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { feedToken } from "./feed-token.ts";
import { NUMBERS } from "./feeds.ts";

export const newFeedFields = {
  name: v.optional(v.nullable(plainText(LONGEST_NAME)), null),
  numbers: v.optional(v.picklist(NUMBERS, `must be one of ${NUMBERS.join(", ")}`), "last4"),
};

export const feeds = new ApiRoutes()
  .get("/", ["read"], async (c) => {
    const found = present(await insist(() => accountObject(c.env, c.get("account").sid).feeds()));
    return answerJson(toJson({ feeds: found.map((feed) => ({ ...feed })) }));
  })
  .post("/", ["full"], async (c) => {
    const terms = await readOptionalFields(c, newFeedFields);
    const { sid } = c.get("account");
    const { id, ...feed } = present(
      await once((until) => accountObject(c.env, sid).addFeed(terms, until, byOf(c.get("account")))),
    );
    const token = await feedToken(settingsOf(c.env).sealingKeys, { sid, id });
    return answerJson(toJson({ id, ...feed, url: new URL(`/feed/${token}`, c.req.url).href }), 201);
  })
  .delete("/:id", ["full"], async (c) => {
    const by = c.get("account");
    if (!(await once((until) => accountObject(c.env, by.sid).removeFeed(c.req.param("id"), until, byOf(by)))))
      throw notFound("feed");
    return c.body(null, 204);
  });
