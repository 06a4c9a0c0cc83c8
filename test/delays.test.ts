// Medians of what was only counted, held against the sorted truth.

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  boundsOf,
  bucketOf,
  BUCKETS,
  countOf,
  type Delays,
  mergeDelays,
  quantileOf,
  readDelays,
  writeDelays,
} from "../src/figures/delays.ts";

const DAYS_90_MS = 90 * 86_400_000;

/** From 1 s to 90 days, each length as likely as ten times it. */
const delay = fc
  .double({ min: 0, max: Math.log(DAYS_90_MS / 1_000), noNaN: true })
  .map((power) => Math.round(1_000 * Math.exp(power)));
const samples = fc.array(delay, { minLength: 20, maxLength: 400, size: "max" });

function countsOf(delays: readonly number[]): Delays {
  return mergeDelays(delays.map((ms) => new Map([[bucketOf(ms), 1]])));
}

it("there are 168 buckets, for ever: tallies are stored by their numbers", () => {
  expect(BUCKETS).toBe(168);
  expect([0, 1, 2, 3, 43, 100, 167].map((bucket) => boundsOf(bucket).below)).toEqual([
    1, 1.1, 1.21, 1.331, 60.24, 13_780.612, 8_176_706.73,
  ]);
});

it("each bucket takes what is in its bounds, to the millisecond, and begins where the one before ends", () => {
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const { atLeast, below } = boundsOf(bucket);
    expect(bucketOf(Math.round(atLeast * 1_000))).toBe(bucket);
    expect(bucketOf(Math.round(below * 1_000) - 1)).toBe(bucket);
    if (bucket > 0) expect(boundsOf(bucket - 1).below).toBe(atLeast);
  }
  expect(bucketOf(-5_000)).toBe(0);
  expect(bucketOf(DAYS_90_MS)).toBe(167);
  expect(bucketOf(10 * DAYS_90_MS)).toBe(167);
});

it("a quantile is within 5 % of the exact one, which lies in the bounds that it names", () => {
  fc.assert(
    fc.property(samples, fc.constantFrom(0.5, 0.9), (delays, share) => {
      const sorted = delays.toSorted((a, b) => a - b);
      const exact = (sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1_000;
      const told = quantileOf(countsOf(delays), share);
      if (told === null) throw new Error("no quantile");
      expect(Math.abs(told.seconds - exact) / exact).toBeLessThan(0.05);
      expect(told.atLeast <= exact && exact < told.below).toBe(true);
      expect(told.atLeast <= told.seconds && told.seconds < told.below).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

it("what was counted apart adds up to what is counted together, written and read between", () => {
  fc.assert(
    fc.property(samples, fc.nat(400), (delays, cut) => {
      const apart = [delays.slice(0, cut), delays.slice(cut)].map((some) => readDelays(writeDelays(countsOf(some))));
      expect(mergeDelays(apart)).toEqual(countsOf(delays));
      expect(countOf(mergeDelays(apart))).toBe(delays.length);
    }),
  );
});

it("tells nothing of fewer than twenty", () => {
  expect(quantileOf(countsOf(Array.from({ length: 19 }, () => 60_000)), 0.5)).toBeNull();
  expect(quantileOf(countsOf(Array.from({ length: 20 }, () => 60_000)), 0.5)).toMatchObject({ atLeast: 54.764 });
  expect(quantileOf(new Map(), 0.5)).toBeNull();
});

it("a row takes at most 2.3 KB, and what is below a second is told as such", () => {
  const all = new Map(Array.from({ length: BUCKETS }, (_, bucket) => [bucket, 1_000_000]));
  expect(writeDelays(all).length).toBeLessThan(2_300);
  expect(quantileOf(new Map([[0, 20]]), 0.5)).toMatchObject({ atLeast: 0, below: 1 });
});
