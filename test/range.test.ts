// Hours, days and weeks of all places, held against what Intl says of each instant. In workerd, whose Intl is the one that answers.

import fc from "fast-check";
import * as v from "valibot";
import { expect, it } from "vitest";
import { type Bucket, bucketsOf, type By, type Range, rangeParameters, readRange } from "../src/figures/range.ts";
import { DAY_MS, HOUR_MS, isoText, offsetAt, QUARTER_MS, type TimeZone, timeZone } from "../src/figures/time-zone.ts";

const NOW = Date.parse("2026-11-27T12:34:56Z");
const NAMES = Intl.supportedValuesOf("timeZone");
const SIZE = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };

function zoneOf(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === null) throw new Error(`${name} is no zone`);
  return zone;
}

const formatters = new Map(
  NAMES.map((name) => [
    name,
    new Intl.DateTimeFormat("sv-SE", { timeZone: name, dateStyle: "short", timeStyle: "medium" }),
  ]),
);

/** The clock on the wall, by other means than the code's own. */
function wallClock(name: string): (at: number) => { day: string; time: string } {
  const format = formatters.get(name);
  return (at) => {
    const [day = "", time = ""] = format?.format(at).split(" ") ?? [];
    return { day, time };
  };
}

/** The instants 2024–2030 at which a zone changes its offset, to the second, found without the code's own search. */
function changesOf(name: string): number[] {
  const wall = wallClock(name);
  const ahead = (at: number) => {
    const { day, time } = wall(at);
    return Date.parse(`${day}T${time}Z`) - at;
  };
  const changes: number[] = [];
  let before = ahead(Date.UTC(2024, 0));
  for (let low = Date.UTC(2024, 0); low < Date.UTC(2031, 0); low += 7 * DAY_MS) {
    const after = ahead(low + 7 * DAY_MS);
    if (after === before) continue;
    let [left, right] = [low, low + 7 * DAY_MS];
    while (right - left > 1_000) {
      const middle = Math.floor((left + right) / 2_000) * 1_000;
      if (ahead(middle) === before) left = middle;
      else right = middle;
    }
    changes.push(right);
    before = after;
  }
  return changes;
}

function expectTiles({ start, end, by, zone }: Range, buckets: Bucket[]): void {
  let next = start;
  for (const bucket of buckets) {
    if (bucket.startAt !== next || bucket.endAt <= bucket.startAt || bucket.startAt % QUARTER_MS !== 0)
      throw new Error(`${zone.name} by ${by}: ${bucket.start} does not follow ${new Date(next).toISOString()}`);
    if (Date.parse(bucket.start) !== bucket.startAt || Date.parse(bucket.end) !== bucket.endAt)
      throw new Error(`${zone.name}: ${bucket.start} is not ${new Date(bucket.startAt).toISOString()}`);
    next = bucket.endAt;
  }
  if (next !== end) throw new Error(`${zone.name} by ${by}: ends at ${new Date(next).toISOString()}`);
}

it("every change of offset of every zone, 2024 to 2030, is on a quarter hour and leaves the buckets tiling, each in its own hour or day", () => {
  expect(NAMES.length).toBeGreaterThan(400);
  let changes = 0;
  for (const name of NAMES) {
    const zone = zoneOf(name);
    const wall = wallClock(name);
    for (const change of changesOf(name)) {
      changes += 1;
      expect(change % QUARTER_MS, `${name} ${new Date(change).toISOString()}`).toBe(0);
      for (const by of ["hour", "day", "week"] as const) {
        const margin = by === "week" ? 15 * DAY_MS : 2 * DAY_MS;
        const range = { start: change - margin, end: change + margin, by, zone };
        const buckets = bucketsOf(range);
        expectTiles(range, buckets);
        for (const { startAt, endAt } of buckets.slice(1, -1)) {
          const [first, before, last] = [wall(startAt), wall(startAt - 1_000), wall(endAt - 1_000)];
          const right =
            by === "hour"
              ? last.day === first.day && last.time.slice(0, 2) === first.time.slice(0, 2)
              : before.day < first.day &&
                (by === "day" ? last.day === first.day : new Date(first.day).getUTCDay() === 1);
          const full = first.time.endsWith(by === "hour" ? ":00:00" : "00:00:00") || startAt === change;
          if (!right || !full)
            throw new Error(`${name} by ${by}: ${isoText(zone, startAt)} to ${isoText(zone, endAt)}`);
        }
      }
    }
  }
  expect(changes).toBeGreaterThan(1_500);
  // Five seconds of a processor, which are minutes where ten others want it.
}, 120_000);

it("the offset is what Intl says, at any instant in any zone", () => {
  const instant = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2037, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), instant, (name, at) => {
      const second = Math.floor(at / 1_000) * 1_000;
      const { day, time } = wallClock(name)(second);
      expect(isoText(zoneOf(name), second).slice(0, 19)).toBe(`${day}T${time}`);
      expect(Date.parse(`${day}T${time}Z`) - second).toBe(offsetAt(zoneOf(name), second));
    }),
    { numRuns: 1_000 },
  );
});

it("any range that may be asked for is tiled", () => {
  const first = Date.UTC(2024, 0) / QUARTER_MS;
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.constantFrom<By>("hour", "day", "week"),
      fc.integer({ min: first, max: first + 7 * 365 * 96 }),
      fc.integer({ min: 1, max: 31 * 96 }),
      (name, by, quarter, length) => {
        const start = quarter * QUARTER_MS;
        const longer = by === "hour" ? 1 : 12;
        const range = { start, end: start + longer * length * QUARTER_MS, by, zone: zoneOf(name) };
        const buckets = bucketsOf(range);
        expectTiles(range, buckets);
        const whole = buckets.slice(1, -1).map(({ startAt, endAt }) => endAt - startAt);
        expect(whole.every((size) => Math.abs(size - SIZE[by]) <= 2 * HOUR_MS)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

const lengths = (buckets: Bucket[]) => buckets.map(({ startAt, endAt }) => (endAt - startAt) / HOUR_MS);

it.each([
  ["Europe/Berlin", "2026-03-28", "2026-03-31", "day", [24, 23, 24]],
  ["Europe/Berlin", "2026-10-24", "2026-10-27", "day", [24, 25, 24]],
  ["Australia/Lord_Howe", "2026-04-04", "2026-04-07", "day", [24, 24.5, 24]],
  ["Australia/Lord_Howe", "2026-10-03", "2026-10-06", "day", [24, 23.5, 24]],
  ["Africa/Cairo", "2026-04-23", "2026-04-26", "day", [24, 23, 24]],
  ["Asia/Tokyo", "2026-11-04", "2026-11-17", "week", [120, 168, 24]],
  ["America/Havana", "2026-10-31", "2026-11-03", "day", [24, 25, 24]],
  ["Europe/Berlin", "2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00", "hour", [1, 1, 1, 1]],
  ["Australia/Lord_Howe", "2026-04-05T00:00:00+11:00", "2026-04-05T03:00:00+10:30", "hour", [1, 1.5, 1]],
  ["Australia/Lord_Howe", "2026-10-04T01:00:00+10:30", "2026-10-04T04:00:00+11:00", "hour", [1, 0.5, 1]],
])("%s from %s to %s by %s", (timezone, from, to, by, hours) => {
  const found = ask({ from, to, by, timezone });
  if (found.kind !== "range") throw new Error(JSON.stringify(found));
  expect(lengths(bucketsOf(found.range))).toEqual(hours);
});

it("a day without a midnight begins with its first instant, and each of two equal hours is told by its offset", () => {
  const cairo = bucketsOf(rangeOf({ from: "2026-04-24", to: "2026-04-26", timezone: "Africa/Cairo" }));
  expect(cairo.map(({ start }) => start)).toEqual(["2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"]);
  const from = "2026-10-25T02:00:00+02:00";
  const to = "2026-10-25T03:00:00+01:00";
  const berlin = bucketsOf(rangeOf({ from, to, by: "hour", timezone: "Europe/Berlin" }));
  expect(berlin.map(({ start, end }) => [start, end])).toEqual([
    [from, "2026-10-25T02:00:00+01:00"],
    ["2026-10-25T02:00:00+01:00", to],
  ]);
});

it("without from and to it is the last thirty days of the account's zone, today among them", () => {
  const buckets = bucketsOf(rangeOf({}));
  expect(buckets).toHaveLength(30);
  expect(buckets[0]?.start).toBe("2026-10-29T00:00:00+09:00");
  expect(buckets.at(-1)?.end).toBe("2026-11-28T00:00:00+09:00");
  expect(bucketsOf(rangeOf({ by: "hour" }))).toHaveLength(720);
  expect(bucketsOf(rangeOf({ to: "2026-11-03T15:00Z" }))[0]?.start).toBe("2026-10-05T00:00:00+09:00");
  expect(bucketsOf(rangeOf({ from: "2026-11-26" })).map(({ start }) => start)).toEqual([
    "2026-11-26T00:00:00+09:00",
    "2026-11-27T00:00:00+09:00",
  ]);
});

it.each([
  [{ timezone: "Mars/Phobos" }, "timezone", /IANA.*such as Asia\/Tokyo/],
  [{ timezone: "+09:07" }, "timezone", /IANA/],
  [{ by: "month" }, "by", /hour, day or week/],
  [{ from: "2026-02-30" }, "from", /calendar/],
  [{ from: "2026-02-03T25:00Z" }, "from", /calendar/],
  [{ from: "2026-02-03T08:00" }, "from", /with its offset/],
  [{ from: "2026-02-03T08:05Z" }, "from", /quarter/],
  [{ from: "2023-12-31" }, "from", /2024 to 2099/],
  [{ from: "2026-11-02", to: "2026-11-02" }, "to", /after from/],
  [{ from: "2026-11-28" }, "to", /needed/],
  [{ from: "2026-10-01", to: "2026-11-02", by: "hour" }, "from", /31 days before to, or take by=day/],
  [{ from: "2025-10-01", to: "2026-11-06" }, "from", /400 days before to/],
])("refuses %j, naming %s and the remedy", (query, field, message) => {
  const answer = ask(query);
  if (answer.kind === "range") throw new Error("taken");
  expect(answer.errors).toEqual([{ field, message: expect.stringMatching(message) }]);
});

it("takes the longest that is allowed, also where the clock changes within", () => {
  const hours = bucketsOf(rangeOf({ from: "2026-10-01", to: "2026-11-01", by: "hour", timezone: "Europe/Berlin" }));
  expect(hours).toHaveLength(745);
  expect(bucketsOf(rangeOf({ from: "2025-10-01", to: "2026-11-05", timezone: "Europe/Berlin" }))).toHaveLength(400);
});

/** The query as a route reads it, for an account in Tokyo. */
function ask(query: object): ReturnType<typeof readRange> {
  const read = v.safeParse(v.object(rangeParameters), query);
  if (read.success) return readRange(read.output, "Asia/Tokyo", NOW);
  const [issue] = read.issues;
  return { kind: "wrong", errors: [{ field: v.getDotPath(issue) ?? "", message: issue.message }] };
}

function rangeOf(query: object): Range {
  const answer = ask(query);
  if (answer.kind === "wrong") throw new Error(JSON.stringify(answer.errors));
  return answer.range;
}
