// How long things took, from sending to the first access or to delivery: counted in buckets, so that counts of days, campaigns and
// books can be added up and still tell a median.

const GROWTH = 1.1;
/** The longest life of a link. */
const LONGEST_SECONDS = 90 * 24 * 3_600;
/** Below this a median says more of single people than of a campaign. */
export const FEWEST_FOR_QUANTILE = 20;

/**
 * The upper ends of the buckets in whole milliseconds, exclusive: below 1 s, then from 1.1ⁿ to 1.1ⁿ⁺¹ s up to 90 days. Tallies are
 * stored by the place in this list: it never changes.
 */
const ENDS_MS: readonly number[] = ends();
export const BUCKETS = ENDS_MS.length;

/** How many fell into each bucket, by its number from 0 on; a bucket that has none is left out. */
export type Delays = ReadonlyMap<number, number>;

/** Seconds, within 5 % of the exact value from one second on. The exact value is at least `atLeast` and below `below`. */
export interface Quantile {
  seconds: number;
  atLeast: number;
  below: number;
}

/** The bucket of a delay. What is negative, where clocks differ, is in the first one; what is longer than 90 days in the last. */
export function bucketOf(delayMs: number): number {
  let low = 0;
  let high = BUCKETS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (delayMs < (ENDS_MS[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** From where to where a bucket goes, half open, in seconds. */
export function boundsOf(bucket: number): { atLeast: number; below: number } {
  return { atLeast: (ENDS_MS[bucket - 1] ?? 0) / 1_000, below: (ENDS_MS[bucket] ?? 0) / 1_000 };
}

/** The sum of several counts. */
export function mergeDelays(all: Iterable<Delays>): Delays {
  const sum = new Map<number, number>();
  for (const delays of all) for (const [bucket, count] of delays) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  return sum;
}

export function countOf(delays: Delays): number {
  return delays.values().reduce((sum, count) => sum + count, 0);
}

/**
 * The smallest delay that at least this share (0 … 1) of all did not exceed, by nearest rank: 0.5 is the median. Its bucket is the
 * exact value's own; told as the bucket's geometric middle. Null when there are fewer than twenty.
 */
export function quantileOf(delays: Delays, share: number): Quantile | null {
  const total = countOf(delays);
  if (total < FEWEST_FOR_QUANTILE) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let passed = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    passed += delays.get(bucket) ?? 0;
    if (passed < rank) continue;
    const { atLeast, below } = boundsOf(bucket);
    return { seconds: Math.sqrt(Math.max(atLeast, below / GROWTH) * below), atLeast, below };
  }
  return null;
}

/** The counts as a row keeps them: JSON by bucket, which SQL can read too. At most 2.3 KB with counts of millions. */
export function writeDelays(delays: Delays): string {
  return JSON.stringify(Object.fromEntries(delays));
}

export function readDelays(text: string): Delays {
  const counts = JSON.parse(text) as Record<string, number>;
  return new Map(Object.entries(counts).map(([bucket, count]) => [Number(bucket), count]));
}

function ends(): number[] {
  const found = [1_000];
  for (let n = 1; (found.at(-1) ?? 0) <= LONGEST_SECONDS * 1_000; n += 1) found.push(Math.round(1_000 * GROWTH ** n));
  return found;
}
