// The overview: what became of what was sent, in four pictures. Its figures are those of GET /api/figures.

import type { Context } from "hono";
import type { Child } from "hono/jsx";
import * as v from "valibot";
import { type Counts, oneOf, OPENED_AFTER } from "../book/tallies.ts";
import { boundsOf, type Delays, quantileOf } from "../figures/delays.ts";
import { readFigures } from "../figures/figures.route.ts";
import { sumsOf } from "../figures/figures-view.ts";
import { type By, type Range, rangeParameters, readRange, startsOf } from "../figures/range.ts";
import { DAY_MS, HOUR_MS, offsetAt, QUARTER_MS } from "../figures/time-zone.ts";
import { Problem } from "../http/problem.ts";
import { errorText, log } from "../log.ts";
import { Bar, type Growth, GrowthPicture, PairPicture, WeekPicture } from "./charts.tsx";
import { answerHtml, Page, Table, Theirs } from "./page.tsx";
import { Pins } from "./pins.tsx";
import type { PageEnv } from "./session.ts";
import type { Lang } from "./texts.ts";
import { type View, viewOf } from "./view.ts";

/** Spans that are one click away, in days. */
const SPANS = [1, 7, 30, 90] as const;
const USUAL_SPAN = 30;
const EARLIER_GROUPS = 5;
/** With fewer a share says more of single people than of a group. */
const FEWEST_FOR_SHARE = 30;
const MOST_DAYS_BY_HOUR = 31;
const REASONS_SHOWN = 5;
/** What the share that was opened by an age is made of. */
const GROWTH_KEYS = ["with_link", OPENED_AFTER];
/** In seconds, so far apart on the axis that a small phone has room for their names. */
const MARKED_AGES = [60, 600, 3_600, 86_400, 7 * 86_400];

/** What the address asks for. */
interface Asked {
  range: Range;
  tag: string | null;
  /** The days of a span, or null for dates of one's own. */
  span: number | null;
  /** What of the address could not be understood, so that the usual is shown instead. */
  wrong: string | null;
}

/** Everything that the pictures are drawn from. */
interface Figures {
  buckets: readonly { startAt: number; endAt: number }[];
  perBucket: readonly Counts[];
  totals: Counts;
  /** Of messages that are old enough, and as old as they are at least, in seconds. */
  group: { counts: Counts; ageSeconds: number };
  earlier: readonly { counts: Counts; ageSeconds: number }[];
  /** By the hour of sending, for at most 31 days. */
  hours: { starts: readonly number[]; perBucket: readonly Counts[] };
}

export async function overview(c: Context<PageEnv>): Promise<Response> {
  const view = viewOf(c);
  if (!view.may("read", "support"))
    return answerHtml(
      <Page view={view} title={view.say("overview")} here="overview">
        <h1>{view.say("overview")}</h1>
        <p class="note">{view.say("scopeHides")}</p>
      </Page>,
    );
  const asked = readAsked(view);
  const figures = await readAll(view, asked);
  return answerHtml(<Overview view={view} asked={asked} figures={figures} />);
}

function readAsked({ url, zone, now }: View): Asked {
  const query = url.searchParams;
  const span = SPANS.find((days) => String(days) === query.get("range")) ?? null;
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const tag = query.get("tag") || null;
  const isOwn = from !== "" && span === null;
  const days = span ?? USUAL_SPAN;
  const by: By = days === 1 ? "hour" : "day";
  if (isOwn) {
    const parsed = v.safeParse(v.object(rangeParameters), { from, ...(to !== "" && { to }), by });
    const read = parsed.success ? readRange(parsed.output, zone, now) : null;
    if (read?.kind === "range") return { range: read.range, tag, span: null, wrong: null };
    const message =
      read?.kind === "wrong"
        ? read.errors.map((error) => `${error.field} ${error.message}`).join("; ")
        : parsed.issues?.[0].message;
    return { range: lastDays(USUAL_SPAN, "day", zone, now), tag, span: USUAL_SPAN, wrong: message ?? "" };
  }
  return { range: lastDays(days, by, zone, now), tag, span: days, wrong: null };
}

/** The last days of a zone, of which today is one. */
function lastDays(days: number, by: By, zone: string, now: number): Range {
  const read = readRange({ by }, zone, now);
  if (read.kind === "wrong") throw new Error("the zone was looked up before");
  const { range } = read;
  const startOf = (back: number) => {
    const day = Math.floor((range.end + offsetAt(range.zone, range.end)) / DAY_MS) - back;
    const found = readRange({ by, from: { day }, to: { at: range.end } }, zone, now);
    return found.kind === "range" ? found.range.start : range.end - back * DAY_MS;
  };
  return { ...range, start: startOf(days) };
}

/** Null when the account's books cannot be read: the page says so. Each book is asked once for the whole page. */
async function readAll({ env, account, now }: View, { range, tag }: Asked): Promise<Figures | Problem | null> {
  const length = range.end - range.start;
  const dayAgo = Math.floor((now - DAY_MS) / QUARTER_MS) * QUARTER_MS;
  const groupEnd = dayAgo > range.start ? Math.min(range.end, dayAgo) : range.end;
  const hoursStart = Math.max(range.start, range.end - MOST_DAYS_BY_HOUR * DAY_MS);
  const earlierEnds = Array.from({ length: EARLIER_GROUPS }, (_, back) => range.start - back * length);
  const own = { starts: startsOf(range), end: range.end };
  const group = { starts: startsOf({ ...range, end: groupEnd }), end: groupEnd, only: ["accepted", ...GROWTH_KEYS] };
  const hours = {
    starts: startsOf({ ...range, start: hoursStart, by: "hour" }),
    end: range.end,
    only: ["with_link", "opened_within_24"],
  };
  const earlier = earlierEnds.map((end) => ({ starts: [end - length], end, only: GROWTH_KEYS }));
  try {
    const books = await readFigures(env, account, { ...own, tag, at: now, further: [group, hours, ...earlier] });
    const { buckets: perBucket, totals } = sumsOf(books, 0);
    const grown = sumsOf(books, 1);
    const lastSent = grown.buckets.findLastIndex((counts) => (counts["accepted"] ?? 0) > 0);
    const lastEnd = lastSent === -1 ? groupEnd : (group.starts[lastSent + 1] ?? groupEnd);
    return {
      buckets: own.starts.map((startAt, index) => ({ startAt, endAt: own.starts[index + 1] ?? range.end })),
      perBucket,
      totals,
      group: { counts: grown.totals, ageSeconds: Math.max(0, now - lastEnd) / 1_000 },
      earlier: earlierEnds
        .map((end, back) => ({ counts: sumsOf(books, 3 + back).totals, ageSeconds: (now - end) / 1_000 }))
        .filter(({ counts }) => (counts["with_link"] ?? 0) >= FEWEST_FOR_SHARE),
      hours: { starts: hours.starts, perBucket: sumsOf(books, 2).buckets },
    };
  } catch (error) {
    if (error instanceof Problem) return error;
    log("dashboard.failed", { route: "/dashboard", method: "GET", error: errorText(error) });
    return null;
  }
}

function Overview({ view, asked, figures }: { view: View; asked: Asked; figures: Figures | Problem | null }) {
  const { say } = view;
  const isEmpty = figures !== null && !(figures instanceof Problem) && Object.keys(figures.totals).length === 0;
  return (
    <Page view={view} title={say("overview")} here="overview">
      <h1>{say("overview")}</h1>
      <Choice view={view} asked={asked} />
      <Pins view={view} />
      {asked.wrong !== null && (
        <p class="note bad" role="alert">
          {say("wrongRange")} <span lang="en">{asked.wrong}</span>
        </p>
      )}
      {figures === null ? (
        <p class="note bad" role="alert">
          {say("outOfReach")}
        </p>
      ) : figures instanceof Problem ? (
        <p class="note bad" role="alert" lang="en">
          {figures.facts.title}. {figures.facts.detail}
        </p>
      ) : isEmpty ? (
        <p class="note">
          {say("nothingYet")} <a href="/dashboard/links/new">{say("newLink")}</a> ·{" "}
          <a href="/dashboard/messages/new">{say("newMessage")}</a>
        </p>
      ) : (
        <>
          <Numbers view={view} totals={figures.totals} />
          <div class="pictures">
            <Opened view={view} asked={asked} figures={figures} />
            <Became view={view} asked={asked} totals={figures.totals} />
            <Openings view={view} asked={asked} figures={figures} />
            <Weekdays view={view} asked={asked} figures={figures} />
          </div>
          <p>
            <a href="/dashboard/report">{say("weekReport")}</a>
          </p>
        </>
      )}
    </Page>
  );
}

/** Range, zone and tag: all of it in the address. */
function Choice({ view, asked }: { view: View; asked: Asked }) {
  const { say, url, zone } = view;
  const hrefOf = (days: number) => {
    const query = new URLSearchParams(url.search);
    for (const name of ["from", "to"]) query.delete(name);
    query.set("range", String(days));
    return `?${query.toString()}`;
  };
  const local = (at: number) => new Date(at + offsetAt(asked.range.zone, at)).toISOString().slice(0, 10);
  return (
    <div class="choice">
      <nav class="spans" aria-label={say("range")}>
        {SPANS.map((days) => (
          <a href={hrefOf(days)} aria-current={asked.span === days ? "true" : undefined}>
            {say(days === 1 ? "today" : "lastDays", { n: days })}
          </a>
        ))}
      </nav>
      <form class="inline">
        <label>
          {say("from")} <input type="date" name="from" value={local(asked.range.start)} required />
        </label>
        <label>
          {say("until")} <input type="date" name="to" value={local(asked.range.end)} />
        </label>
        <label>
          {say("tag")} <input name="tag" value={asked.tag ?? ""} maxlength={64} size={10} />
        </label>
        <label>
          {say("zone")} <input name="zone" value={zone} size={14} dir="ltr" />
        </label>
        <button>{say("show")}</button>
      </form>
    </div>
  );
}

/** How many, in one line. */
export function Numbers({ view, totals }: { view: View; totals: Counts }) {
  const { say, number } = view;
  const of = (key: string) => totals[key] ?? 0;
  const median = quantileOf(delaysOf(totals), 0.5);
  const share = (key: string, whole: string) => (of(whole) === 0 ? "" : view.share(of(key) / of(whole)));
  return (
    <dl class="numbers">
      <Tile name={say("messages")} value={number(of("accepted"))} />
      <Tile name={say("delivered")} value={number(of("delivered"))} more={share("delivered", "accepted")} />
      <Tile name={say("openedByPeople")} value={number(of("opened"))} more={share("opened", "with_link")} />
      <Tile name={say("halfOpenedWithin")} value={median === null ? "–" : view.duration(median.seconds * 1_000)} />
      <Tile name={say("linksMade")} value={number(of("links_made"))} />
      <Tile name={say("callbacksFailed")} value={number(of("callbacks_exhausted"))} />
    </dl>
  );
}

function Tile({ name, value, more = "" }: { name: string; value: string; more?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {more !== "" && <span class="soft">{more}</span>}
      </dd>
    </div>
  );
}

function Section({
  title,
  says,
  rows,
  rowsText,
  children,
}: {
  title: string;
  says: Child;
  rows: string;
  rowsText: string;
  children?: Child;
}) {
  return (
    <section class="figure">
      <h2>{title}</h2>
      <p class="says">{says}</p>
      {children}
      <p class="rows">
        <a href={rows}>{rowsText}</a>
      </p>
    </section>
  );
}

function Details({ view, label, head, children }: { view: View; label: string; head: string[]; children?: Child }) {
  return (
    <details>
      <summary>{view.say("asTable")}</summary>
      <Table label={label} head={head}>
        {children}
      </Table>
    </details>
  );
}

/** Picture 1: the share that was opened, by the time since sending. */
function Opened({ view, asked, figures }: { view: View; asked: Asked; figures: Figures }) {
  const { say } = view;
  const now = growthOf(figures.group.counts, figures.group.ageSeconds);
  const earlier = figures.earlier.map(({ counts, ageSeconds }) => growthOf(counts, ageSeconds));
  const withLink = figures.group.counts["with_link"] ?? 0;
  const age = Math.min(now.untilSeconds, 7 * 86_400);
  const usual = earlier.filter(({ untilSeconds }) => untilSeconds >= age).map((one) => shareAt(one, age));
  const shown = shareAt(now, age);
  const ages = [60, 600, HOUR_MS / 1_000, 6 * 3_600, 86_400, 7 * 86_400];
  const title = say("openedTitle");
  const said =
    withLink === 0
      ? say("openedNone")
      : say("openedSays", { n: withLink, share: view.share(shown), age: view.duration(age * 1_000) });
  const usually =
    usual.length < 2
      ? ""
      : say("usually", { low: view.share(Math.min(...usual)), high: view.share(Math.max(...usual)) });
  return (
    <Section
      title={title}
      says={`${said} ${usually}`}
      rows={rowsHref(asked, "links", "accessed=true")}
      rowsText={say("rowsOpened")}
    >
      <GrowthPicture
        label={`${title}. ${said} ${usually}`}
        now={now}
        earlier={earlier}
        share={view.share}
        marks={MARKED_AGES.map((seconds) => ({ seconds, text: view.duration(seconds * 1_000) }))}
      />
      {earlier.length > 0 && <p class="legend">{say("faintLines", { n: earlier.length })}</p>}
      <Details
        view={view}
        label={title}
        head={[say("timeSinceSending"), say("thisRange"), ...earlier.map((_, n) => say("groupBefore", { n: n + 1 }))]}
      >
        {ages.map((seconds) => (
          <tr>
            <th scope="row">{view.duration(seconds * 1_000)}</th>
            {[now, ...earlier].map((one) => (
              <td>{seconds <= one.untilSeconds ? view.share(shareAt(one, seconds)) : "–"}</td>
            ))}
          </tr>
        ))}
      </Details>
    </Section>
  );
}

function delaysOf(counts: Counts): Delays {
  return new Map(oneOf(counts, OPENED_AFTER).map(([bucket, count]) => [Number(bucket), count]));
}

function growthOf(counts: Counts, ageSeconds: number): Growth {
  const whole = counts["with_link"] ?? 0;
  let sum = 0;
  const points = [...delaysOf(counts)]
    .toSorted(([a], [b]) => a - b)
    .map(([bucket, count]) => {
      sum += count;
      return { seconds: boundsOf(bucket).below, share: whole === 0 ? 0 : sum / whole };
    });
  return { points, untilSeconds: whole === 0 ? 0 : ageSeconds };
}

function shareAt({ points }: Growth, seconds: number): number {
  return points.findLast((point) => point.seconds <= seconds)?.share ?? 0;
}

/** Picture 2: openings by the time at which they were, people and machines. */
function Openings({ view, asked, figures }: { view: View; asked: Asked; figures: Figures }) {
  const { say, number } = view;
  const seen = figures.buckets.filter(({ startAt }) => startAt <= view.now);
  const pairs = seen.map(({ endAt }, index) => {
    const of = (key: string) => figures.perBucket[index]?.[key] ?? 0;
    return {
      people: of("person"),
      machines: of("preview") + of("prefetch") + of("scanner") + of("probe"),
      isUnfinished: endAt > view.now,
    };
  });
  const sum = (of: (pair: (typeof pairs)[number]) => number) => pairs.reduce((total, pair) => total + of(pair), 0);
  const [people, machines] = [sum((pair) => pair.people), sum((pair) => pair.machines)];
  const largest = (of: (pair: (typeof pairs)[number]) => number) => number(Math.max(0, ...pairs.map(of)));
  const nameOf = (at: number) => (asked.range.by === "hour" ? view.clock(at).slice(0, 5) : view.day(at));
  const every = Math.max(1, Math.ceil(seen.length / 4));
  const title = say("openingsTitle");
  const said = say("openingsSays", { n: people, machines });
  const unfinished = pairs.at(-1)?.isUnfinished === true ? say("unfinished") : "";
  return (
    <Section
      title={title}
      says={`${said} ${unfinished}`}
      rows={rowsHref(asked, "links", "accessed=true")}
      rowsText={say("rowsOpened")}
    >
      <PairPicture
        label={`${title}. ${said}`}
        pairs={pairs}
        people={say("peopleUpTo", { n: largest((pair) => pair.people) })}
        machines={say("machinesUpTo", { n: largest((pair) => pair.machines) })}
        marks={seen.flatMap(({ startAt }, index) => (index % every === 0 ? [{ index, text: nameOf(startAt) }] : []))}
      />
      <Details
        view={view}
        label={title}
        head={[say(asked.range.by === "hour" ? "hour" : "day"), say("people"), say("machines")]}
      >
        {seen.map(({ startAt }, index) => (
          <tr>
            <th scope="row">
              {nameOf(startAt)}
              {pairs[index]?.isUnfinished === true && ` (${say("soFar")})`}
            </th>
            <td>{number(pairs[index]?.people ?? 0)}</td>
            <td>{number(pairs[index]?.machines ?? 0)}</td>
          </tr>
        ))}
      </Details>
    </Section>
  );
}

/** Picture 3: how far messages came, with what was lost on the way under each step. */
function Became({ view, asked, totals }: { view: View; asked: Asked; totals: Counts }) {
  const { say, number } = view;
  const of = (key: string) => totals[key] ?? 0;
  const accepted = of("accepted");
  const title = say("becameTitle");
  const reasons = oneOf(totals, "reason").toSorted(([, a], [, b]) => b - a);
  const rest = reasons.slice(REASONS_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  const steps = [
    { name: say("accepted"), count: accepted, whole: accepted, kind: "sent" as const, losses: [] },
    {
      name: say("delivered"),
      count: of("delivered"),
      whole: accepted,
      kind: "sent" as const,
      losses: [
        ...[...reasons.slice(0, REASONS_SHOWN), ["", rest] as const].map(([reason, count]) => ({
          count,
          name: say("failed"),
          reason: reason === "" ? say("otherReasons") : reason,
        })),
        { count: of("unknown"), name: say("unknownState"), reason: "" },
        { count: of("sent"), name: say("sentState"), reason: "" },
        { count: of("waiting"), name: say("waitingState"), reason: "" },
      ].filter(({ count }) => count > 0),
    },
    {
      name: say("openedByPeople"),
      count: of("opened"),
      whole: of("with_link"),
      kind: "people" as const,
      losses: [
        { count: of("with_link") - of("opened"), name: say("notOpened"), reason: "" },
        { count: accepted - of("with_link"), name: say("withoutLink"), reason: "" },
      ].filter(({ count }) => count > 0),
    },
  ];
  const said =
    accepted === 0
      ? say("becameNone")
      : say("becameSays", { n: accepted, delivered: of("delivered"), opened: of("opened") });
  return (
    <Section title={title} says={said} rows={rowsHref(asked, "messages", "")} rowsText={say("rowsMessages")}>
      <ol class="steps">
        {steps.map(({ name, count, whole, kind, losses }) => (
          <li>
            <p>
              <span>{name}</span>{" "}
              <span class="count">
                {number(count)} {whole > 0 && <span class="soft">{view.share(count / whole)}</span>}
              </span>
            </p>
            <Bar part={whole === 0 ? 0 : count / whole} kind={kind} />
            {losses.length > 0 && (
              <ul>
                {losses.map((loss) => (
                  <li>
                    <span>
                      {loss.name}
                      {loss.reason !== "" && (
                        <>
                          {": "}
                          <Theirs>{loss.reason}</Theirs>
                        </>
                      )}
                    </span>{" "}
                    <span class="count">{number(loss.count)}</span>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
      <Details view={view} label={title} head={[say("step"), say("count"), say("share")]}>
        {steps.map(({ name, count, whole }) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{number(count)}</td>
            <td>{whole === 0 ? "–" : view.share(count / whole)}</td>
          </tr>
        ))}
      </Details>
    </Section>
  );
}

/** Picture 4: the share that was opened within a day, by weekday and hour of sending. */
function Weekdays({ view, asked, figures }: { view: View; asked: Asked; figures: Figures }) {
  const { say, lang, number } = view;
  const sent = new Map<number, { opened: number; whole: number }>();
  for (const [index, startAt] of figures.hours.starts.entries()) {
    const counts = figures.hours.perBucket[index] ?? {};
    const local = startAt + offsetAt(asked.range.zone, startAt);
    // 1970 began on a Thursday.
    const cell = ((Math.floor(local / DAY_MS) + 3) % 7) * 24 + (Math.floor(local / HOUR_MS) % 24);
    const known = sent.get(cell) ?? { opened: 0, whole: 0 };
    known.opened += counts["opened_within_24"] ?? 0;
    known.whole += counts["with_link_older_than_24"] ?? 0;
    sent.set(cell, known);
  }
  const shareOf = (day: number, hour: number) => {
    const { opened, whole } = sent.get(day * 24 + hour) ?? { opened: 0, whole: 0 };
    return whole < FEWEST_FOR_SHARE ? null : opened / whole;
  };
  const days = weekdaysIn(lang);
  const cells = [...sent].flatMap(([cell, { whole }]) => {
    const [day, hour] = [Math.floor(cell / 24), cell % 24];
    const share = shareOf(day, hour);
    return share === null ? [] : [{ day, hour, share, whole }];
  });
  const best = cells.toSorted((a, b) => b.share - a.share)[0];
  const title = say("weekdaysTitle");
  const said =
    best === undefined
      ? say("weekdaysNone", { n: FEWEST_FOR_SHARE })
      : say("weekdaysSays", { day: days[best.day] ?? "", hour: hourText(best.hour), share: view.share(best.share) });
  return (
    <Section title={title} says={said} rows={rowsHref(asked, "messages", "")} rowsText={say("rowsMessages")}>
      {best !== undefined && (
        <>
          <WeekPicture label={`${title}. ${said}`} days={days} hours={[0, 6, 12, 18].map(hourText)} share={shareOf} />
          <p class="legend">{say("weekdaysLegend", { n: FEWEST_FOR_SHARE })}</p>
          <Details view={view} label={title} head={[say("sentAt"), say("messages"), say("share")]}>
            {cells
              .toSorted((a, b) => a.day - b.day || a.hour - b.hour)
              .map(({ day, hour, share, whole }) => (
                <tr>
                  <th scope="row">
                    {days[day]} {hourText(hour)}
                  </th>
                  <td>{number(whole)}</td>
                  <td>{view.share(share)}</td>
                </tr>
              ))}
          </Details>
        </>
      )}
    </Section>
  );
}

/** Their short names by language, Monday first: a formatter takes as long to make as a picture to draw. */
const weekdays = new Map<Lang, readonly string[]>();

function weekdaysIn(lang: Lang): readonly string[] {
  const known = weekdays.get(lang);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
  // The week of 5 January 1970 began with a Monday.
  const days = Array.from({ length: 7 }, (_, day) => format.format((4 + day) * DAY_MS));
  weekdays.set(lang, days);
  return days;
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

/** Where the rows of what is shown are listed. */
function rowsHref({ range, tag }: Asked, list: "links" | "messages", more: string): string {
  const query = new URLSearchParams(more);
  if (list === "links") {
    query.set("created_after", new Date(range.start).toISOString());
    query.set("created_before", new Date(range.end).toISOString());
    if (tag !== null) query.set("tag", tag);
  } else {
    query.set("from", new Date(range.start).toISOString().slice(0, 10));
    query.set("to", new Date(range.end - 1).toISOString().slice(0, 10));
  }
  return `/dashboard/${list}?${query.toString()}`;
}
