// GET /api/export/…: everything that an account has, as CSV or NDJSON.

import type { Context } from "hono";
import * as v from "valibot";
import { byOf } from "../account/act.ts";
import { noteAct } from "../account/note-act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import type { ApiEnv } from "../account/authenticate.ts";
import { campaignTag } from "../book/journal.ts";
import { campaignLine, campaignParameter } from "../campaign/campaign-line.ts";
import { refuseBoth } from "../figures/figures.route.ts";
import { rangeParameters, readRange } from "../figures/range.ts";
import { DAY_MS, timeZoneField } from "../figures/time-zone.ts";
import { instantParameter } from "../http/calendar.ts";
import { readQuery } from "../http/input.ts";
import { answerJson } from "../http/json.ts";
import { Problem, wrongFields } from "../http/problem.ts";
import { LONGEST_TAG, plainText } from "../link/fields.ts";
import type { Form } from "./encoder.ts";
import { EXPORT_NAMES, type ExportQuestion } from "./exports.ts";
import { CONTENT_TYPES, type Format, formatOf } from "./format.ts";
import { exportStream, type Position } from "./export-stream.ts";

const positionParameter = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}(?:\.[A-Za-z0-9_-]{1,64}){1,2}$/, "must be the position of the last row that you have"),
  v.transform((text): Position => {
    const [book = "", ...key] = text.split(".");
    return { book: Number(book), key: key.join(".") };
  }),
);

export const exportParameters = {
  after: v.exactOptional(positionParameter),
  limit: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,8}$/, "must be a whole number from 1 on; leave it out for all rows"),
      v.transform(Number),
    ),
  ),
  for: v.exactOptional(v.literal("spreadsheet", "must be spreadsheet, or left out for the exact form")),
  timezone: v.exactOptional(timeZoneField),
};

/** What GET /api/figures is asked, without the size of its buckets. */
const { from, to } = rangeParameters;
export const figureRowsParameters = {
  ...exportParameters,
  from,
  to,
  tag: v.exactOptional(plainText(LONGEST_TAG)),
  campaign: v.exactOptional(campaignParameter),
  as_of: v.exactOptional(instantParameter),
  up_to: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:\d{1,6}\.\d{1,15}(?:,\d{1,6}\.\d{1,15}){0,99})?$/,
        "must be taken from the field rows of the figures",
      ),
      v.transform((text) =>
        Object.fromEntries(text.split(",").flatMap((one) => (one === "" ? [] : [one.split(".").map(Number)]))),
      ),
    ),
  ),
};

const WITHOUT_END = /\.(?:csv|ndjson)$/;

export const exports = new ApiRoutes()
  .get(["/figures", "/figures.csv", "/figures.ndjson"], ["read"], async (c) => {
    const { asOf: at = Date.now(), upTo = null, ...asked } = readQuery(c, figureRowsParameters);
    const { tag: named, campaign, ...query } = asked;
    refuseBoth(asked);
    if (campaign !== undefined) await campaignLine(c.env, c.get("account"), campaign);
    const tag = campaign === undefined ? (named ?? null) : campaignTag(campaign);
    const { timezone, books } = c.get("account");
    const read = readRange({ ...query, by: "day" }, timezone ?? "UTC", at);
    if (read.kind === "wrong") throw wrongFields(read.errors);
    const { start, end } = read.range;
    return answer(c, query, { name: "figures", figures: { start, end, tag, at, upTo, archived: { but: books } } });
  })
  .get("/:file", ["read"], async (c) => {
    const name = EXPORT_NAMES.find((one) => one === c.req.param("file").replace(WITHOUT_END, ""));
    if (name === undefined) throw noSuchExport();
    const query = readQuery(c, exportParameters);
    if (query.timezone !== undefined && query.for === undefined)
      throw wrongFields([{ field: "timezone", message: "goes with for=spreadsheet only: other forms have UTC" }]);
    return answer(c, query, { name, figures: null });
  });

/** As far as one question about figures may reach, and no longer than anything that is counted is kept by books. */
const LONGEST_RANGE_DAYS = 400;

/** GET /api/account/export: where everything is. */
export const exportList = new ApiRoutes().get("/", ["read"], async (c) => {
  const today = Math.floor(Date.now() / DAY_MS);
  const range = { from: dayText(today + 1 - LONGEST_RANGE_DAYS), to: dayText(today + 1) };
  const address = (end: string, query: Record<string, string>) => {
    const url = new URL(`/api/export/${end}`, c.req.url);
    url.search = new URLSearchParams(query).toString();
    return url.href;
  };
  return answerJson({
    exports: EXPORT_NAMES.map((name) => {
      const asked = name === "figures" ? range : {};
      return {
        name,
        csv: address(`${name}.csv`, asked),
        ndjson: address(`${name}.ndjson`, asked),
        spreadsheet: address(`${name}.csv`, { ...asked, for: "spreadsheet" }),
      };
    }),
  });
});

/** The date of a day, which is a number of days since 1970. */
function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

interface Wanted {
  after?: Position;
  limit?: number;
  for?: "spreadsheet";
  timezone?: string;
}

async function answer(
  c: Context<ApiEnv>,
  { after, limit, ...wanted }: Wanted,
  asked: Pick<ExportQuestion, "name" | "figures">,
): Promise<Response> {
  const format = formatOf(c.req.path, c.req.header("accept"));
  const account = c.get("account");
  const form = formOf(format, { timezone: account.timezone ?? "UTC", ...wanted });
  const headers = {
    "Content-Type": CONTENT_TYPES[format],
    "Content-Disposition": `attachment; filename="${asked.name}.${format}"`,
  };
  // A body that nobody reads would be made all the same.
  if (c.req.method === "HEAD") return new Response(null, { headers });
  await noteAct(c.env, account.sid, byOf(account), { what: "exported", thing: asked.name });
  const question = { ...asked, form, limit: limit ?? null };
  return new Response(await exportStream(c.env, account, question, after ?? null), { headers });
}

function formOf(format: Format, { for: purpose, timezone }: Wanted & { timezone: string }): Form {
  if (purpose === undefined) return format === "csv" ? { kind: "csv", timezone: null } : { kind: "ndjson" };
  if (format === "csv") return { kind: "spreadsheet", timezone };
  throw wrongFields([{ field: "for", message: "goes with CSV only: ask for the same with .csv" }]);
}

function noSuchExport(): Problem {
  return new Problem({
    status: 404,
    slug: "no-such-route",
    title: "There is no such export",
    detail: `There are: ${EXPORT_NAMES.join(", ")}, each with .csv or .ndjson behind it.`,
  });
}
