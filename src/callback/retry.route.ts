// POST /api/links/:code/callback/retry: one more attempt, with the same event id.

import { ApiRoutes } from "../account/api-routes.ts";
import { readNothing } from "../http/input.ts";
import { answerJson } from "../http/json.ts";
import { notFound, Problem } from "../http/problem.ts";
import { linkOf } from "../campaign/link-of.ts";
import { insist } from "../objects.ts";

export const retryCallback = new ApiRoutes().post("/:code/callback/retry", ["links", "support"], async (c) => {
  await readNothing(c);
  const retried = await insist(async (until) =>
    (await linkOf(c.env, c.req.param("code"))).retryCallback(c.get("account").sid, until),
  );
  switch (retried) {
    case "accepted":
      return answerJson({ accepted: true }, 202);
    case "delivered":
      throw refused("callback-delivered", "The callback is delivered: it is never sent again");
    case "not-accessed":
      throw refused("not-accessed", "Nobody has opened this link yet, so there is nothing to call back");
    case "no-url":
      throw refused("no-callback-url", "This link has no callback URL: set callback_url first");
    case "unknown":
      throw notFound("link");
  }
});

function refused(slug: string, title: string): Problem {
  return new Problem({ status: 409, slug, title });
}
