// A campaign by its id, as the book that lists it knows it.

import * as v from "valibot";
import { notFound } from "../http/problem.ts";
import { bookObject, insist } from "../objects.ts";
import { bookOfCampaign, CAMPAIGN_ID, type CampaignLine } from "./campaign.ts";

export const campaignParameter = v.pipe(v.string(), v.regex(CAMPAIGN_ID, "must be the id of a campaign"));

/** The line of a campaign of this account. Throws 404 when it has no such campaign, or has deleted it. */
export async function campaignLine(env: Env, { sid }: { sid: string }, id: string): Promise<CampaignLine> {
  const book = bookOfCampaign(id);
  const line = book === null ? null : await insist(() => bookObject(env, { sid, book }).campaign(id));
  if (line === null) throw notFound("campaign");
  return line;
}
