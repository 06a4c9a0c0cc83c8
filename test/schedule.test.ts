// When a callback is POSTed again: pure arithmetic.

import { expect, it } from "vitest";
import { ATTEMPT_LEASE_MS, MOST_POSTS, retryAfterSeconds, retryDelayMs } from "../src/callback/schedule.ts";
import { CALL_TIMEOUT_MS, LONGEST_BACKGROUND_MS } from "../src/objects.ts";
import { jobLeaseMs } from "../src/queue.ts";
import { randomFraction } from "../src/random.ts";
import { readSettings } from "../src/settings.ts";
import { SEND_LEASE_MS } from "../src/sms/send/send-schedule.ts";

const { callbackRetrySeconds: DEFAULT_WAITS } = readSettings({} as Env);
const ALMOST_ONE = 1 - Number.EPSILON;
const DAY_MS = 24 * 3_600_000;

// The wait after so many failed POSTs, in milliseconds: the least, the planned, and the most.
const WAITS: [posts: number, least: number, planned: number, most: number][] = [
  [1, 8_000, 10_000, 12_000],
  [2, 24_000, 30_000, 36_000],
  [3, 48_000, 60_000, 72_000],
  [4, 240_000, 300_000, 360_000],
  [5, 720_000, 900_000, 1_080_000],
  [6, 1_440_000, 1_800_000, 2_160_000],
  [7, 2_880_000, 3_600_000, 4_320_000],
  [8, 5_760_000, 7_200_000, 8_640_000],
  [9, 11_520_000, 14_400_000, 17_280_000],
  [10, 23_040_000, 28_800_000, 34_560_000],
];

it.each(WAITS)("after %i failed POSTs the next is %i to %i to %i ms later", (posts, least, planned, most) => {
  expect(retryDelayMs(posts, DEFAULT_WAITS, null, 0)).toBe(least);
  expect(retryDelayMs(posts, DEFAULT_WAITS, null, 0.5)).toBe(planned);
  expect(retryDelayMs(posts, DEFAULT_WAITS, null, ALMOST_ONE)).toBe(most);
});

it("there are ten retries, and each wait is longer than the one before", () => {
  expect(MOST_POSTS).toBe(11);
  expect(DEFAULT_WAITS).toHaveLength(MOST_POSTS - 1);
  const planned = WAITS.map(([posts]) => retryDelayMs(posts, DEFAULT_WAITS, null, 0.5));
  expect(planned).toEqual(planned.toSorted((a, b) => a - b));
});

it.each([
  ["no jitter", 0.5, null, 57_100_000],
  ["the longest jitter", ALMOST_ONE, null, 68_520_000],
  ["the longest jitter and a receiver that always asks for more", ALMOST_ONE, 1_000_000, 86_400_000],
] as const)("the last of eleven POSTs comes within a day: %s", (_, random, askedSeconds, total) => {
  const waits = WAITS.map(([posts]) => retryDelayMs(posts, DEFAULT_WAITS, askedSeconds, random));
  const sum = waits.reduce((before, wait) => before + wait, 0);
  expect(sum).toBe(total);
  expect(sum).toBeLessThanOrEqual(DAY_MS);
});

it.each([
  // A receiver's wish lengthens the wait …
  [1, 60, 0.5, 60_000],
  [1, 10.0015, 0, 10_002],
  [1, 12.5, ALMOST_ONE, 12_500],
  [1, 3_600, 0.5, 3_600_000],
  // … up to an hour …
  [1, 3_601, 0.5, 3_600_000],
  [1, 86_400, 0.5, 3_600_000],
  [1, Number.POSITIVE_INFINITY, 0.5, 3_600_000],
  [8, 86_400, 0.5, 7_200_000],
  // … and never shortens it.
  [1, 9, 0.5, 10_000],
  [1, 0, 0.5, 10_000],
  [7, 60, 0.5, 3_600_000],
  [7, 3_600, 0, 3_600_000],
  [10, 1, ALMOST_ONE, 34_560_000],
])("after %i POSTs, asked for %f s, with random %f, the wait is %i ms", (posts, asked, random, delay) => {
  expect(retryDelayMs(posts, DEFAULT_WAITS, asked, random)).toBe(delay);
});

it("other waits are used as they are set, to the millisecond", () => {
  const waits = [0, 0.02, 1, 2, 3, 4, 5, 6, 7, 86_400];
  expect(waits.map((_, i) => retryDelayMs(i + 1, waits, null, 0.5))).toEqual(waits.map((seconds) => seconds * 1_000));
});

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

it.each([
  // Seconds.
  ["0", 0],
  ["1", 1],
  ["120", 120],
  ["0120", 120],
  [" 120 ", 120],
  ["86400", 86_400],
  ["999999999999", 999_999_999_999],
  ["9".repeat(400), Number.POSITIVE_INFINITY],
  // HTTP dates, of which three forms are old enough to be allowed.
  ["Tue, 24 Nov 2026 12:02:00 GMT", 120],
  ["Tuesday, 24-Nov-26 12:02:00 GMT", 120],
  ["Tue Nov 24 12:02:00 2026", 120],
  ["Tue, 24 Nov 2026 12:00:00 GMT", 0],
  ["Wed, 25 Nov 2026 12:00:00 GMT", 86_400],
  ["Fri, 31 Dec 9999 23:59:59 GMT", (Date.UTC(9999, 11, 31, 23, 59, 59) - NOW) / 1_000],
  // The past.
  ["Tue, 24 Nov 2026 11:59:59 GMT", 0],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["Sun Nov  6 08:49:37 1994", 0],
  // Not HTTP dates, but unmistakable.
  ["2026-11-24T12:02:00Z", 120],
  ["24 Nov 2026 14:02:00 +0200", 120],
  // Neither.
  [null, null],
  ["", null],
  [" ", null],
  ["-1", null],
  ["-120", null],
  ["+120", null],
  ["12.5", null],
  ["1e3", null],
  ["0x10", null],
  ["1_000", null],
  ["120s", null],
  ["120 seconds", null],
  ["in 3 hours", null],
  ["soon 5", null],
  ["120, 240", null],
  ["١٢٠", null],
  ["１２０", null],
  ["NaN", null],
  ["Infinity", null],
  ["null", null],
  ["tomorrow", null],
  ["Dec 2090", null],
  ["2090", 2_090],
  ["Tue, 24 Nov 2026", null],
  ["Tue, 99 Nov 2026 12:02:00 GMT", null],
  ["Tue, 24 Nov 2026 25:02:00 GMT", null],
  ["12:02:00", null],
  ["a".repeat(100_000), null],
])("Retry-After %j asks for %s seconds", (header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});

it("a date is counted from now, to the millisecond", () => {
  expect(retryAfterSeconds("Tue, 24 Nov 2026 12:02:00 GMT", NOW + 500)).toBe(119.5);
});

it("an attempt or a message counts as lost when nobody can be at it any more", () => {
  // The answer to its claim is on its way; POST and report come behind it, for as long as their invocation lives.
  expect(ATTEMPT_LEASE_MS).toBe(CALL_TIMEOUT_MS + LONGEST_BACKGROUND_MS);
  expect(LONGEST_BACKGROUND_MS).toBeLessThan(30_000);
  expect(SEND_LEASE_MS).toBeGreaterThanOrEqual(ATTEMPT_LEASE_MS);
});

it("a job's lease doubles with every job sent, up to an hour", () => {
  const leases = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1_000_000].map(jobLeaseMs);
  const expected = [20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600, 3_600];
  expect(leases).toEqual(expected.map((seconds) => seconds * 1_000));
});

it("the jitter's randomness is spread over [0, 1)", () => {
  const fractions = Array.from({ length: 1_000 }, randomFraction);
  expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
  // Each tenth gets a hundred of them; that one gets none happens once in 10^45.
  expect(new Set(fractions.map((fraction) => Math.floor(fraction * 10))).size).toBe(10);
});
