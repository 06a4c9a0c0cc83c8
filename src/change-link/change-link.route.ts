// PATCH and DELETE /api/links/:code.

import * as v from "valibot";
import { accountSuspended } from "../account/accept.ts";
import { byOf } from "../account/act.ts";
import { noteAct } from "../account/note-act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import { readFields } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules } from "../http/own-hosts.ts";
import { notFound, Problem } from "../http/problem.ts";
import type { AddressRules } from "../link/address.ts";
import { callbackUrlField, destinationField, referenceField, tagsField } from "../link/fields.ts";
import type { LinkFields } from "../link/link.ts";
import { CALL_TIMEOUT_MS, changeNewest, linkObject, within } from "../objects.ts";
import { statusView } from "../status/link-view.ts";

export const linkChangeFields = (rules: AddressRules) => ({
  url: v.exactOptional(destinationField(rules)),
  callback_url: v.exactOptional(callbackUrlField(rules)),
  tags: v.exactOptional(tagsField),
  reference: v.exactOptional(referenceField),
});

export const changeLink = new ApiRoutes()
  .patch("/:code", ["links"], async (c) => {
    const rules = addressRules(c.env, c.req.url);
    const { url, ...others } = await readFields(c, linkChangeFields(rules));
    const changes: Partial<LinkFields> = url === undefined ? others : { ...others, destination: url };
    const { sid, isSuspended } = c.get("account");
    if (isSuspended && url !== undefined) throw accountSuspended();
    let isEnded = false;
    const changed = await changeNewest(
      async () => {
        const found = await linkObject(c.env, c.req.param("code")).status(sid);
        isEnded = found?.ended != null;
        return isEnded ? null : found;
      },
      (revision, until) => linkObject(c.env, c.req.param("code")).change(sid, changes, revision, until),
    );
    if (isEnded) throw endedByOperator();
    if (changed === null) throw notFound("link");
    await noteAct(c.env, sid, byOf(c.get("account")), { what: "link_changed", thing: changed.code });
    return answerJson(toJson(statusView(changed)));
  })
  .delete("/:code", ["links"], async (c) => {
    const link = linkObject(c.env, c.req.param("code"));
    const { sid } = c.get("account");
    const closed = await within(CALL_TIMEOUT_MS, (until) => link.close(sid, until));
    if (!closed) throw notFound("link");
    await noteAct(c.env, sid, byOf(c.get("account")), { what: "link_ended", thing: c.req.param("code") });
    return c.body(null, 204);
  });

function endedByOperator(): Problem {
  return new Problem({
    status: 409,
    slug: "ended-by-operator",
    title: "The operator has ended this link",
    detail: "It stays as it is; its status says why.",
  });
}
