// POST /api/campaigns: a campaign is one object, whatever its size. When the answer comes each of its links works.

import { nanoid } from "nanoid";
import { accept } from "../account/accept.ts";
import { byOf } from "../account/act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import { hashToken } from "../account/token.ts";
import { readFields, readIdempotencyKey } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules, shortUrlOf } from "../http/own-hosts.ts";
import { accountClosed, wrongFields } from "../http/problem.ts";
import { accountObject, campaignObject, insist } from "../objects.ts";
import { randomFraction } from "../random.ts";
import type { CampaignFacts } from "./campaign.ts";
import { campaignView } from "./campaign-view.ts";
import { newCampaignFields } from "./fields.ts";
import { keyForNew } from "./keys.ts";
import { CAMPAIGN_NUMBERS } from "./member-code.ts";
import { addUtm } from "./template.ts";

/** Of 16 million numbers one is taken for each campaign that there ever was. */
const MOST_NUMBERS = 10;

export const createCampaign = new ApiRoutes().post("/", ["links"], async (c) => {
  const rules = addressRules(c.env, c.req.url);
  const key = readIdempotencyKey(c);
  const fields = await readFields(c, newCampaignFields(rules));
  const template = addUtm(fields.url, fields.utm, rules);
  if (template.kind === "refused") throw wrongFields([{ field: "url", message: template.message }]);
  const account = c.get("account");
  const { sid } = account;
  const keyed = key === null ? null : { key, digest: await hashToken(JSON.stringify(fields)) };
  const openedBy = nanoid();
  const { size } = fields;
  const code = String(randomNumber());
  const by = byOf(account);
  const accepted = await accept(c.env, sid, { what: "campaigns", code, openedBy, key: keyed, sender: null, size, by });
  if (accepted.kind === "reused")
    throw wrongFields([
      { field: "Idempotency-Key", message: "was used for another request in the last 24 hours: use a new key" },
    ]);
  const { made, at: createdAt, book } = accepted;
  const [id = "", number = ""] = made.split(" ");
  if (book === null) throw new Error("a campaign is made in a book");
  const { id: keyId } = await keyForNew(c.env);
  const facts: Omit<CampaignFacts, "number"> = {
    id,
    accountSid: sid,
    book,
    keyId,
    name: fields.name,
    url: fields.url,
    utm: fields.utm,
    template: template.url,
    size,
    callbackUrl: fields.callbackUrl === undefined ? account.callbackUrl : fields.callbackUrl,
    tags: fields.tags,
    reference: fields.reference,
    shortBase: shortUrlOf(c.env, c.req.url, ""),
    createdAt,
    expiresAt: createdAt + fields.expiresInSeconds * 1_000,
  };
  for (let tried = Number(number), n = 1; n <= MOST_NUMBERS; tried = randomNumber(), n++) {
    const opened = await insist((until) =>
      campaignObject(c.env, tried).open({ ...facts, number: tried }, accepted.openedBy, accepted.secrets, until),
    );
    if (opened.kind === "opened") {
      if (opened.campaign.closedAt !== null) throw accountClosed();
      return answerJson(toJson(campaignView(opened.campaign, c.req.url)), 201, { Location: `/api/campaigns/${id}` });
    }
    // A repeat would look under the number that is taken: the next request with this key is a new one.
    if (key !== null) {
      await insist((until) => accountObject(c.env, sid).releaseKey(key, accepted.openedBy, until));
      break;
    }
  }
  throw new Error("the number of the campaign is taken");
});

function randomNumber(): number {
  return Math.floor(randomFraction() * CAMPAIGN_NUMBERS);
}
