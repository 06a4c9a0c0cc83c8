// GET, PATCH and DELETE of campaigns: what their owner may read and change of them.

import * as v from "valibot";
import { accept, accountSuspended } from "../account/accept.ts";
import { byOf } from "../account/act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import { noteAct } from "../account/note-act.ts";
import { figuresAnswer } from "../figures/figures.route.ts";
import { QUARTER_MS } from "../figures/time-zone.ts";
import { nanoid } from "nanoid";
import { readFields, readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules } from "../http/own-hosts.ts";
import { limitParameter } from "../http/paging.ts";
import { notFound, Problem, wrongFields } from "../http/problem.ts";
import { bookObject, campaignObject, changeNewest, insist } from "../objects.ts";
import { bookOfCampaign, CAMPAIGN_ID, type CampaignFields, type CampaignLine, type CampaignState } from "./campaign.ts";
import { campaignLine } from "./campaign-line.ts";
import { campaignView } from "./campaign-view.ts";
import { campaignChangeFields } from "./fields.ts";
import { addUtm } from "./template.ts";

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;

export const campaignsParameters = {
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
  cursor: v.exactOptional(
    v.pipe(
      v.string(),
      v.check((text) => text === "" || CAMPAIGN_ID.test(text), "must be the next_cursor of the page before"),
    ),
  ),
};

export const campaigns = new ApiRoutes()
  .get("/", ["links", "read", "support"], async (c) => {
    const { limit, cursor = "" } = readQuery(c, campaignsParameters);
    const { sid, books } = c.get("account");
    const before = cursor === "" ? null : cursor;
    const newest = before === null ? Infinity : (bookOfCampaign(before) ?? 0);
    const found: CampaignLine[] = [];
    for (const book of books.filter((one) => one <= newest)) {
      if (found.length > limit) break;
      const left = limit + 1 - found.length;
      found.push(...(await insist(() => bookObject(c.env, { sid, book }).campaigns(before, left))));
    }
    const shown = found.slice(0, limit);
    const nextCursor = found.length > limit ? (shown.at(-1)?.id ?? null) : null;
    return answerJson(toJson({ campaigns: shown.map(lineView), nextCursor }));
  })
  .get("/:campaign", ["links", "read", "support"], async (c) => {
    const campaign = await known(c.env, c.get("account"), c.req.param("campaign"));
    const { id, createdAt } = campaign;
    const now = Date.now();
    const range = { from: { at: quarterOf(createdAt) }, to: { at: quarterOf(now) + QUARTER_MS }, by: "day" as const };
    const figures = await figuresAnswer(c.env, c.get("account"), c.req.url, { ...range, campaign: id });
    return answerJson(toJson({ ...campaignView(campaign, c.req.url), figures }));
  })
  .patch("/:campaign", ["links"], async (c) => {
    const rules = addressRules(c.env, c.req.url);
    const { endsInSeconds, url, ...others } = await readFields(c, campaignChangeFields(rules));
    const account = c.get("account");
    const { sid, isSuspended } = account;
    if (isSuspended && (url !== undefined || others.size !== undefined)) throw accountSuspended();
    const before = await known(c.env, account, c.req.param("campaign"));
    if (before.closedAt !== null) throw endedByOperator();
    const { number, utm, size } = before;
    const changes: Partial<CampaignFields> = { ...others };
    if (endsInSeconds !== undefined) changes.expiresAt = Date.now() + endsInSeconds * 1_000;
    if (url !== undefined) {
      const template = addUtm(url, utm, rules);
      if (template.kind === "refused") throw wrongFields([{ field: "url", message: template.message }]);
      Object.assign(changes, { url, template: template.url });
    }
    if (others.size !== undefined && others.size < size)
      throw wrongFields([{ field: "size", message: `must be at least ${size}: links that were made stay` }]);
    if (others.size !== undefined && others.size > size)
      await accept(c.env, sid, {
        what: "campaigns",
        code: String(number),
        openedBy: nanoid(),
        key: null,
        sender: null,
        size: others.size - size,
        by: byOf(account),
      });
    const changed = await changeNewest(
      async () => campaignObject(c.env, number).status(sid),
      (revision, until) => campaignObject(c.env, number).change(sid, changes, revision, until),
    );
    if (changed === null) throw notFound("campaign");
    await noteAct(c.env, sid, byOf(account), { what: "campaign_changed", thing: changed.id });
    return answerJson(toJson(campaignView(changed, c.req.url)));
  })
  .delete("/:campaign", ["links"], async (c) => {
    const account = c.get("account");
    const { id, number } = await campaignLine(c.env, account, c.req.param("campaign"));
    const isClosed = await insist((until) => campaignObject(c.env, number).close(account.sid, null, until));
    if (!isClosed) throw notFound("campaign");
    await noteAct(c.env, account.sid, byOf(account), { what: "campaign_ended", thing: id });
    return c.body(null, 204);
  });

/** The campaign as its object has it. Throws 404 when it is not this account's. */
export async function known(env: Env, account: { sid: string }, id: string): Promise<CampaignState> {
  const { number } = await campaignLine(env, account, id);
  const campaign = await insist(() => campaignObject(env, number).status(account.sid));
  if (campaign?.id !== id) throw notFound("campaign");
  return campaign;
}

/** One line of the list. */
function lineView({ id, name, size, tags, reference, createdAt, expiresAt, closedAt, endedReason }: CampaignLine) {
  const ended =
    closedAt === null || endedReason === null ? null : { by: "operator", reason: endedReason, at: closedAt };
  return { id, name, size, tags, reference, createdAt, expiresAt, ended };
}

function quarterOf(at: number): number {
  return at - (at % QUARTER_MS);
}

function endedByOperator(): Problem {
  return new Problem({
    status: 409,
    slug: "ended-by-operator",
    title: "The operator has ended this campaign",
    detail: "It stays as it is.",
  });
}
