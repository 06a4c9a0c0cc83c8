// A campaign as the API answers it.

import { type CampaignState, endingOf, type MemberLine } from "./campaign.ts";
import { type AccessCounts, NO_ACCESSES } from "../link/link.ts";

/** @param requestUrl what the request came to: addresses are there */
export function campaignView(campaign: CampaignState, requestUrl: string) {
  const { id, name, url, utm, size, callbackUrl, tags, reference, createdAt, expiresAt, ended } = campaign;
  const linksUrl = new URL(`/api/campaigns/${id}/links`, requestUrl).href;
  const ending = endingOf(campaign);
  return {
    id,
    name,
    url,
    utm,
    size,
    callbackUrl,
    tags,
    reference,
    createdAt,
    expiresAt,
    linksUrl,
    ended: ending && { ...ending },
    endedLinks: ended.length,
  };
}

/** A member with its code; `counts` are 0 of one to whom nothing has happened. */
export interface Member {
  number: number;
  code: string;
  shortUrl: string;
  reference: string | null;
  firstAccessedAt: number | null;
  counts: AccessCounts;
}

export function memberOf(
  number: number,
  code: string,
  { shortBase, reference }: Pick<CampaignState, "shortBase" | "reference">,
  line: MemberLine | undefined,
): Member {
  const counts = { ...NO_ACCESSES, ...line?.accessCounts };
  return {
    number,
    code,
    shortUrl: shortBase + code,
    reference,
    firstAccessedAt: line?.firstAccessedAt ?? null,
    counts,
  };
}

export function memberView({ number, code, shortUrl, reference, firstAccessedAt, counts }: Member) {
  const accessed = firstAccessedAt !== null;
  return { number, code, shortUrl, reference, accessed, firstAccessedAt, accessCounts: { ...counts } };
}
