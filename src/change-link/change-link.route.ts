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
import { linkOf } from "../campaign/link-of.ts";
import { hasMemberForm } from "../campaign/member-code.ts";
import { tooManyEnded } from "../campaign/too-many-ended.ts";
import { CALL_TIMEOUT_MS, changeNewest, insist, linkObject, within } from "../objects.ts";
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
    const code = c.req.param("code");
    if (hasMemberForm(code)) throw await ofCampaign(c.env, code, sid);
    let isEnded = false;
    const changed = await changeNewest(
      async () => {
        const found = await linkObject(c.env, code).status(sid);
        isEnded = found?.ended != null;
        return isEnded ? null : found;
      },
      (revision, until) => linkObject(c.env, code).change(sid, changes, revision, until),
    );
    if (isEnded) throw endedByOperator();
    if (changed === null) throw notFound("link");
    await noteAct(c.env, sid, byOf(c.get("account")), { what: "link_changed", thing: changed.code });
    return answerJson(toJson(statusView(changed)));
  })
  .delete("/:code", ["links"], async (c) => {
    const { sid } = c.get("account");
    const code = c.req.param("code");
    const link = await linkOf(c.env, code);
    const closed = await within(CALL_TIMEOUT_MS, (until) => link.close(sid, until));
    if (closed === "too-many") throw tooManyEnded();
    if (closed === "unknown") throw notFound("link");
    await noteAct(c.env, sid, byOf(c.get("account")), { what: "link_ended", thing: code });
    return c.body(null, 204);
  });

/** Why a member's link cannot be changed by itself. */
async function ofCampaign(env: Env, code: string, sid: string): Promise<Problem> {
  const found = await insist(async () => (await linkOf(env, code)).status(sid));
  if (found === null) return notFound("link");
  return new Problem({
    status: 409,
    slug: "of-a-campaign",
    title: "This link is one of a campaign's",
    detail:
      "It has no destination, callback URL, tags or reference of its own: change the campaign, PATCH /api/campaigns/ID.",
  });
}

function endedByOperator(): Problem {
  return new Problem({
    status: 409,
    slug: "ended-by-operator",
    title: "The operator has ended this link",
    detail: "It stays as it is; its status says why.",
  });
}
