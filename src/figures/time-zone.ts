// The local time of a place, over `Intl`: the runtime has no `Temporal`.

import * as v from "valibot";

/**
 * Every zone changes its offset, and has offsets, in whole quarter hours of UTC, from 2024 on (a test asks `Intl` about all zones).
 * So tallies by the quarter hour can be added up to the hours, days and weeks of any place.
 */
export const QUARTER_MS = 900_000;
export const HOUR_MS = 4 * QUARTER_MS;
export const DAY_MS = 24 * HOUR_MS;

/** From `start` (Unix ms) on, local time is UTC plus `offset` milliseconds. */
export interface Offset {
  start: number;
  offset: number;
}

/** A zone's offsets, by the year of UTC that somebody asked about. */
export interface TimeZone {
  name: string;
  years: Map<number, Offset[]>;
}

/** There are some 600 names, and a year has two or three offsets: what is here stays small, and a formatter is 50 KB. */
const zones = new Map<string, TimeZone>();

/** The zone of an IANA name, in any case; null for what is none. */
export function timeZone(name: string): TimeZone | null {
  const key = name.toLowerCase();
  const known = zones.get(key);
  if (known !== undefined) return known;
  // Intl takes "+09:07", too, which is no place and not on a quarter hour.
  if (!/^[a-z]/.test(key)) return null;
  try {
    formatter(key);
  } catch {
    return null;
  }
  const zone = { name: key, years: new Map<number, Offset[]>() };
  zones.set(key, zone);
  return zone;
}

/** The name of a time zone, as the client writes it. */
export const timeZoneField = v.pipe(
  v.string("must be a string"),
  v.check(
    (name) => timeZone(name) !== null,
    "must be the name of a time zone in the IANA database, such as Asia/Tokyo or UTC",
  ),
);

/** What local time is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(zone: TimeZone, at: number): number {
  const offsets = offsetsOfYear(zone, new Date(at).getUTCFullYear());
  return offsets.findLast(({ start }) => start <= at)?.offset ?? 0;
}

/** The zone's offsets from one instant to another; the first begins at `from`. */
export function offsetsBetween(zone: TimeZone, from: number, to: number): Offset[] {
  const offsets = [{ start: from, offset: offsetAt(zone, from) }];
  for (let year = new Date(from).getUTCFullYear(); Date.UTC(year, 0) < to; year += 1)
    for (const { start, offset } of offsetsOfYear(zone, year))
      if (start > from && start < to && offset !== offsets.at(-1)?.offset) offsets.push({ start, offset });
  return offsets;
}

/** ISO 8601 with the zone's offset: `2026-11-01T00:00:00+09:00`. */
export function isoText(zone: TimeZone, at: number): string {
  const offset = offsetAt(zone, at);
  const ahead = new Date(Math.abs(offset)).toISOString().slice(11, 16);
  return `${new Date(at + offset).toISOString().slice(0, 19)}${offset < 0 ? "-" : "+"}${ahead}`;
}

function offsetsOfYear(zone: TimeZone, year: number): Offset[] {
  let offsets = zone.years.get(year);
  if (offsets === undefined) {
    offsets = askIntl(zone.name, year);
    zone.years.set(year, offsets);
  }
  return offsets;
}

/** One question a day and some at each change: 0.5 ms a year. Two changes within one day would be missed; there are none. */
function askIntl(name: string, year: number): Offset[] {
  const format = formatter(name);
  const ask = (at: number) => readOffset(format.format(at));
  const start = Date.UTC(year, 0);
  const offsets: Offset[] = [{ start, offset: ask(start) }];
  for (let day = start; day < Date.UTC(year + 1, 0); day += DAY_MS) {
    const before = offsets.at(-1)?.offset;
    const after = ask(day + DAY_MS - QUARTER_MS);
    if (after === before) continue;
    let change = day;
    while (ask(change) === before) change += QUARTER_MS;
    offsets.push({ start: change, offset: after });
  }
  return offsets;
}

function formatter(name: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", year: "numeric" });
}

/** Milliseconds of `2026, GMT+05:45`; UTC itself is `2026, GMT`. */
function readOffset(text: string): number {
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? [];
  const size = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * 60_000;
  return sign === "-" ? -size : size;
}
