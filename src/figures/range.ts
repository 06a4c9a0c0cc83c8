// From when to when figures are asked for, and the hours, days or weeks in it.

import * as v from "valibot";
import { isDayOfCalendar } from "../http/calendar.ts";
import type { FieldError } from "../http/problem.ts";
import {
  DAY_MS,
  HOUR_MS,
  isoText,
  offsetAt,
  offsetsBetween,
  QUARTER_MS,
  type TimeZone,
  timeZone,
  timeZoneField,
} from "./time-zone.ts";

export type By = "hour" | "day" | "week";

/** From `start` to `end`, half open, Unix ms on quarter hours of UTC. */
export interface Range {
  start: number;
  end: number;
  by: By;
  zone: TimeZone;
}

/** A part of a range: instants as Unix ms, and as ISO 8601 with the zone's offset. Half open. */
export interface Bucket {
  startAt: number;
  endAt: number;
  start: string;
  end: string;
}

/** A day of the zone (days since 1970), or an instant (Unix ms). */
type Moment = { day: number } | { at: number };

export interface RangeQuery {
  from?: Moment;
  to?: Moment;
  by: By;
  timezone?: string;
}

/** Offsets fall on quarter hours from here on, and nothing is older. */
const FIRST_YEAR = 2024;
const LAST_YEAR = 2099;
const USUAL_DAYS = 30;
/** So an answer has at most 745 buckets. */
const MOST_DAYS: Record<By, number> = { hour: 31, day: 400, week: 400 };

/** `size` in ms of local time; `phase`: 1970 began on a Thursday, and weeks begin on Monday. */
const STEPS: Record<By, { size: number; phase: number }> = {
  hour: { size: HOUR_MS, phase: 0 },
  day: { size: DAY_MS, phase: 0 },
  week: { size: 7 * DAY_MS, phase: 3 * DAY_MS },
};

const momentParameter = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    "must be a date, such as 2026-01-31, or an instant with its offset, such as 2026-01-31T08:00+09:00 (write a + as %2B)",
  ),
  v.check(
    (text) => isDayOfCalendar(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
    "is not a date of the calendar",
  ),
  v.check(
    (text) => Number(text.slice(0, 4)) >= FIRST_YEAR && Number(text.slice(0, 4)) <= LAST_YEAR,
    `must be in the years ${FIRST_YEAR} to ${LAST_YEAR}`,
  ),
  v.check((text) => Date.parse(text) % QUARTER_MS === 0, "must be on a quarter of an hour, such as 08:15"),
  v.transform((text): Moment => (text.length === 10 ? { day: Date.parse(text) / DAY_MS } : { at: Date.parse(text) })),
);

/** The query parameters that name a range. */
export const rangeParameters = {
  from: v.exactOptional(momentParameter),
  to: v.exactOptional(momentParameter),
  by: v.optional(v.picklist(["hour", "day", "week"], "must be hour, day or week"), "day"),
  timezone: v.exactOptional(timeZoneField),
};

/**
 * The range that a query names. `timezone` is the account's own, for a query without one. Without `to` it ends with today, without
 * `from` it begins thirty days before its end. Errors name the parameter and continue the sentence "this parameter …".
 */
export function readRange(
  query: RangeQuery,
  timezone: string,
  now: number,
): { kind: "range"; range: Range } | { kind: "wrong"; errors: FieldError[] } {
  const zone = timeZone(query.timezone ?? timezone);
  if (zone === null) return wrong("timezone", "is not known any more: name one");
  const end = query.to === undefined ? startOfDay(zone, localDay(zone, now) + 1) : instantOf(zone, query.to);
  const start =
    query.from === undefined ? startOfDay(zone, localDay(zone, end) - USUAL_DAYS) : instantOf(zone, query.from);
  if (start >= end)
    return wrong("to", query.to === undefined ? "is needed when from is not in the past" : "must be after from");
  const days = MOST_DAYS[query.by];
  // Measured on the zone's own clock, where each day has 24 hours.
  if (end + offsetAt(zone, end) - (start + offsetAt(zone, start)) > days * DAY_MS)
    return wrong("from", `must be at most ${days} days before to${query.by === "hour" ? ", or take by=day" : ""}`);
  return { kind: "range", range: { start, end, by: query.by, zone } };
}

/**
 * The buckets of a range: they tile it. The first and the last are cut off where the range begins and ends within one. An hour that
 * a clock shows twice is two buckets, told apart by their offset; a day has as many hours as it has.
 */
export function bucketsOf(range: Range): Bucket[] {
  const { start, end, zone } = range;
  const edges = [...startsOf(range), end];
  const texts = edges.map((at) => isoText(zone, at));
  return edges.slice(1).map((endAt, index) => ({
    startAt: edges[index] ?? start,
    endAt,
    start: texts[index] ?? "",
    end: texts[index + 1] ?? "",
  }));
}

/** Where the buckets of a range begin. */
export function startsOf({ start, end, by, zone }: Range): number[] {
  return [start, ...stepsWithin(zone, start, end, by).filter((at) => at > start)];
}

/** The instants from `start` to `end` at which an hour, day or week of the zone begins; `start` itself is always one. */
function stepsWithin(zone: TimeZone, start: number, end: number, by: By): number[] {
  const { size, phase } = STEPS[by];
  const found: number[] = [];
  let latest = -Infinity;
  const offsets = offsetsBetween(zone, start, end);
  for (const [index, { start: changed, offset }] of offsets.entries()) {
    const until = offsets[index + 1]?.start ?? end;
    const local = (at: number) => at + offset + phase;
    // A change of offset can skip the full hour or midnight: then what it skips to begins with the change.
    for (let at = changed; at < until; at += size - (local(at) % size)) {
      const step = Math.floor(local(at) / size);
      // An hour that the clock shows again is another hour; a day that gets its midnight again goes on.
      const begins = step !== latest || (by === "hour" && local(at) % size === 0);
      if (!begins) continue;
      found.push(at);
      latest = step;
    }
  }
  return found;
}

function instantOf(zone: TimeZone, moment: Moment): number {
  return "at" in moment ? moment.at : startOfDay(zone, moment.day);
}

function localDay(zone: TimeZone, at: number): number {
  return Math.floor((at + offsetAt(zone, at)) / DAY_MS);
}

/** The first instant of a day (days since 1970); of the next one where the zone has skipped it. */
function startOfDay(zone: TimeZone, day: number): number {
  // No place is further from UTC than 14 hours.
  const around = stepsWithin(zone, (day - 2) * DAY_MS, (day + 3) * DAY_MS, "day");
  return around.find((at) => localDay(zone, at) >= day) ?? day * DAY_MS;
}

function wrong(field: string, message: string): { kind: "wrong"; errors: FieldError[] } {
  return { kind: "wrong", errors: [{ field, message }] };
}
