// GET /api/campaigns/:id/links and /members: a campaign's links, computed as they are read, and which of them were opened.

import type { Context } from "hono";
import * as v from "valibot";
import { ApiRoutes } from "../account/api-routes.ts";
import type { ApiEnv } from "../account/authenticate.ts";
import { byteStream } from "../export/bytes.ts";
import type { Column } from "../export/column.ts";
import { csv } from "../export/csv.ts";
import { CONTENT_TYPES, type Format, formatOf } from "../export/format.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { wrongFields } from "../http/problem.ts";
import { campaignObject, insist, partObject } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { known } from "./campaigns.route.ts";
import { type CampaignState, PART_SIZE } from "./campaign.ts";
import { type Member, memberOf, memberView } from "./campaign-view.ts";
import { keyNamed } from "./keys.ts";
import type { MemberCodes } from "./member-code.ts";

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1_000;
/** Parts that one page asks; where few have opened it may have less than its limit. */
const PARTS_A_PAGE = 20;

const memberNumber = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,6}$/, "must be the number of a member, from 1 on"),
  v.transform(Number),
);

export const linksParameters = { from: v.exactOptional(memberNumber), to: v.exactOptional(memberNumber) };

export const membersParameters = {
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
  opened: v.exactOptional(
    v.pipe(
      v.picklist(["true", "false"], "must be true or false"),
      v.transform((text) => text === "true"),
    ),
  ),
  cursor: v.exactOptional(
    v.pipe(v.string(), v.regex(/^(?:\d{1,7})?$/, "must be the next_cursor of the page before"), v.transform(Number)),
  ),
};

export const campaignMembers = new ApiRoutes()
  .get(["/:campaign/links", "/:campaign/links.csv", "/:campaign/links.ndjson"], ["links", "read"], async (c) => {
    const { from = 1, to } = readQuery(c, linksParameters);
    const campaign = await known(c.env, c.get("account"), idIn(c));
    const { size } = campaign;
    const wanted = to ?? size;
    if (wanted > size)
      throw wrongFields([{ field: "to", message: `must be at most ${size}, the size of the campaign` }]);
    if (from > wanted) throw wrongFields([{ field: "from", message: `must be at most ${wanted}` }]);
    const last = Math.min(wanted, from + settingsOf(c.env).largestPage - 1);
    const { codes } = await keyNamed(c.env, campaign.keyId);
    const format = formatOf(c.req.path, c.req.header("accept"));
    const headers: Record<string, string> = headersOf(format, "links");
    if (last < wanted) headers["Link"] = `<${nextPage(c.req.url, last + 1)}>; rel="next"`;
    if (c.req.method === "HEAD") return new Response(null, { headers });
    return new Response(byteStream(linkLines(codes, campaign, from, last, format)), { headers });
  })
  .get(["/:campaign/members", "/:campaign/members.csv"], ["links", "read", "support"], async (c) => {
    const { limit, opened, cursor = 0 } = readQuery(c, membersParameters);
    const { sid } = c.get("account");
    const campaign = await known(c.env, c.get("account"), idIn(c));
    const parts = new Set(await insist(() => campaignObject(c.env, campaign.number).parts(sid)));
    const { codes } = await keyNamed(c.env, campaign.keyId);
    const read = (from: number) => membersOfPart(c.env, campaign, codes, parts, from, opened);
    if (formatOf(c.req.path, c.req.header("accept")) === "csv") {
      const headers = headersOf("csv", "members");
      if (c.req.method === "HEAD") return new Response(null, { headers });
      return new Response(memberLines(campaign.size, cursor, read), { headers });
    }
    const found: Member[] = [];
    let behind = cursor;
    for (let asked = 0; asked < PARTS_A_PAGE && behind < campaign.size && found.length < limit; asked++) {
      found.push(...(await read(behind + 1)));
      behind = Math.min(endOfPart(behind + 1), campaign.size);
    }
    const shown = found.slice(0, limit);
    const last = found.length > limit ? (shown.at(-1)?.number ?? behind) : behind;
    const nextCursor = last < campaign.size ? String(last) : null;
    return answerJson(toJson({ members: shown.map(memberView), nextCursor }));
  });

function idIn(c: Context<ApiEnv>): string {
  return c.req.param("campaign") ?? "";
}

function headersOf(format: Format, name: string): Record<string, string> {
  return {
    "Content-Type": CONTENT_TYPES[format],
    "Content-Disposition": `attachment; filename="${name}.${format}"`,
  };
}

function nextPage(url: string, from: number): string {
  const next = new URL(url);
  next.searchParams.set("from", String(from));
  return next.href;
}

/** Some thousand lines at a time. None of what stands in them needs quotes: digits, codes, and a URL of ours. */
function* linkLines(
  codes: MemberCodes,
  { number: campaign, shortBase }: CampaignState,
  from: number,
  to: number,
  format: Format,
): Generator<string> {
  if (format === "csv") yield "number,code,short_url\r\n";
  let number = from;
  for (const some of codes.codesFrom({ purpose: "link", campaign, member: from }, to - from + 1)) {
    let lines = "";
    for (const code of some) {
      lines +=
        format === "csv"
          ? `${number},${code},${shortBase}${code}\r\n`
          : `{"number":${number},"code":"${code}","short_url":"${shortBase}${code}"}\n`;
      number += 1;
    }
    yield lines;
  }
}

function endOfPart(member: number): number {
  return Math.ceil(member / PART_SIZE) * PART_SIZE;
}

/** The members from one to the end of its part, those that were opened, or not, or all. */
async function membersOfPart(
  env: Env,
  campaign: CampaignState,
  codes: MemberCodes,
  parts: ReadonlySet<number>,
  from: number,
  opened: boolean | undefined,
): Promise<Member[]> {
  const part = Math.floor((from - 1) / PART_SIZE);
  const isThere = parts.has(part);
  if (opened === true && !isThere) return [];
  const to = Math.min(endOfPart(from), campaign.size);
  const { number } = campaign;
  const lines = isThere ? await insist(() => partObject(env, { campaign: number, part }).lines(from, to)) : [];
  const byMember = new Map(lines.map((line) => [line.member, line]));
  return [...codes.codesFrom({ purpose: "link", campaign: number, member: from }, to - from + 1)]
    .flat()
    .map((code, n) => memberOf(from + n, code, campaign, byMember.get(from + n)))
    .filter(({ firstAccessedAt }) => opened === undefined || opened === (firstAccessedAt !== null));
}

const MEMBER_COLUMNS: readonly Column<Member>[] = [
  { name: "number", type: "number", value: ({ number }) => number },
  { name: "code", type: "text", value: ({ code }) => code },
  { name: "short_url", type: "text", value: ({ shortUrl }) => shortUrl },
  { name: "reference", type: "text", value: ({ reference }) => reference },
  { name: "first_accessed_at", type: "instant", value: ({ firstAccessedAt }) => firstAccessedAt },
  { name: "person", type: "number", value: ({ counts }) => counts.person },
  { name: "preview", type: "number", value: ({ counts }) => counts.preview },
  { name: "prefetch", type: "number", value: ({ counts }) => counts.prefetch },
  { name: "scanner", type: "number", value: ({ counts }) => counts.scanner },
  { name: "probe", type: "number", value: ({ counts }) => counts.probe },
];

/** All members behind a number as CSV, a part each time that somebody reads. */
function memberLines(
  size: number,
  behind: number,
  read: (from: number) => Promise<Member[]>,
): ReadableStream<Uint8Array> {
  const { head, line } = csv(MEMBER_COLUMNS);
  const encoder = new TextEncoder();
  let next = behind + 1;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      let lines = "";
      while (lines === "" && next <= size) {
        const members = await read(next);
        next = endOfPart(next) + 1;
        lines = members.map(line).join("");
      }
      if (lines === "") controller.close();
      else controller.enqueue(encoder.encode(lines));
    },
  });
}
