// The week on a page that prints: the figures of GET /api/figures, day by day.

import type { Context } from "hono";
import type { Counts } from "../book/tallies.ts";
import { readFigures } from "../figures/figures.route.ts";
import { sumsOf } from "../figures/figures-view.ts";
import { readRange, startsOf } from "../figures/range.ts";
import { DAY_MS } from "../figures/time-zone.ts";
import { Problem } from "../http/problem.ts";
import { errorText, log } from "../log.ts";
import { Numbers } from "./overview.page.tsx";
import { answerHtml, Page, Refusal, Table } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import type { TextName } from "./texts.ts";
import { type View, viewOf } from "./view.ts";

/** The first Monday of week numbers, in days since 1970: of a week that has the year's first Thursday. */
const MONDAY = 4;
const WEEK = /^(\d{4})-W(\d\d)$/;

const COLUMNS: readonly [key: string, name: TextName][] = [
  ["accepted", "messages"],
  ["delivered", "delivered"],
  ["failed", "failed"],
  ["opened", "openedByPeople"],
  ["links_made", "linksMade"],
  ["first_accesses", "firstOpenings"],
  ["callbacks_delivered", "callbacksDelivered"],
  ["callbacks_exhausted", "callbacksFailed"],
];

interface Figures {
  starts: readonly number[];
  perDay: readonly Counts[];
  totals: Counts;
}

export async function report(c: Context<PageEnv>): Promise<Response> {
  const view = viewOf(c);
  const { say } = view;
  const monday = mondayOf(view.url.searchParams.get("week") ?? "") ?? mondayOfDay(Math.floor(view.now / DAY_MS));
  const title = say("reportTitle", { week: weekOf(monday) });
  const figures = view.may("read", "support") ? await figuresOf(view, monday) : undefined;
  const around = (weeks: number) => `?week=${weekOf(monday + 7 * weeks)}`;
  return answerHtml(
    <Page view={view} title={title} here="overview">
      <h1>{title}</h1>
      <nav class="spans rows" aria-label={say("range")}>
        <a href={around(-1)}>{say("weekBefore")}</a>
        <a href={around(1)}>{say("weekAfter")}</a>
      </nav>
      {figures === undefined ? (
        <p class="note">{say("scopeHides")}</p>
      ) : figures instanceof Problem ? (
        <Refusal view={view} refused={{ ...figures.facts, errors: [] }} />
      ) : (
        <Week view={view} figures={figures} />
      )}
    </Page>,
    figures instanceof Problem ? figures.facts.status : 200,
  );
}

/** A problem where the account's books cannot be read. */
async function figuresOf({ env, account, zone, now }: View, monday: number): Promise<Figures | Problem> {
  const read = readRange({ by: "day", from: { day: monday }, to: { day: monday + 7 } }, zone, now);
  if (read.kind === "wrong") throw new Error("the week and the zone were looked up before");
  const starts = startsOf(read.range);
  try {
    const books = await readFigures(env, account, { starts, end: read.range.end, tag: null, at: now });
    const { buckets, totals } = sumsOf(books, 0);
    return { starts, perDay: buckets, totals };
  } catch (error) {
    if (error instanceof Problem) return error;
    log("dashboard.failed", { route: "/dashboard/report", method: "GET", error: errorText(error) });
    return new Problem({ status: 503, slug: "temporarily-unavailable", title: "This could not be read just now" });
  }
}

function Week({ view, figures: { starts, perDay, totals } }: { view: View; figures: Figures }) {
  const { say, number, zone, now } = view;
  const last = starts.at(-1) ?? 0;
  const cells = (counts: Counts) => COLUMNS.map(([key]) => <td>{number(counts[key] ?? 0)}</td>);
  const isRunning = now < last + DAY_MS;
  return (
    <>
      <p class="says">
        {say("reportSays", { from: view.day(starts[0] ?? 0), to: view.day(last), zone })} {isRunning && say("weekRuns")}
      </p>
      <Numbers view={view} totals={totals} />
      <Table label={say("dayByDay")} head={[say("day"), ...COLUMNS.map(([, name]) => say(name))]}>
        {starts.map((at, index) => (
          <tr>
            <th scope="row">
              <time datetime={new Date(at).toISOString()}>{view.day(at)}</time>
            </th>
            {cells(perDay[index] ?? {})}
          </tr>
        ))}
        <tr class="sum">
          <th scope="row">{say("all")}</th>
          {cells(totals)}
        </tr>
      </Table>
    </>
  );
}

/** The Monday of an ISO week such as 2026-W48, in days since 1970; null of what is none, or lies outside of the years with figures. */
export function mondayOf(week: string): number | null {
  const [, year = "", number = ""] = WEEK.exec(week) ?? [];
  if (Number(year) < 2025 || Number(year) > 2098) return null;
  const monday = mondayOfDay(Date.UTC(Number(year), 0, 4) / DAY_MS) + 7 * (Number(number) - 1);
  return weekOf(monday) === week ? monday : null;
}

/** The ISO week of a Monday: of the year in which its Thursday is. */
export function weekOf(monday: number): string {
  const year = new Date((monday + 3) * DAY_MS).getUTCFullYear();
  const first = mondayOfDay(Date.UTC(year, 0, 4) / DAY_MS);
  return `${year}-W${String((monday - first) / 7 + 1).padStart(2, "0")}`;
}

function mondayOfDay(day: number): number {
  return day - ((((day - MONDAY) % 7) + 7) % 7);
}
