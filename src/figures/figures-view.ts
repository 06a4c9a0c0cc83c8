// The figures as the API shows them: what books answered, added up, with what each share is of.

import {
  AGES_HOURS,
  type BookFigures,
  type Counts,
  DELIVERED_AFTER,
  oneOf,
  OPENED_AFTER,
  type Sums,
} from "../book/tallies.ts";
import { countOf, quantileOf } from "./delays.ts";
import type { Bucket, By } from "./range.ts";

/** So many reasons, devices and countries are named. */
const MOST_NAMED = 20;

/** What was asked. */
interface Asked {
  by: By;
  timezone: string;
  tag: string | null;
  campaign: string | null;
  /** As of when, Unix milliseconds. */
  at: number;
}

/** What a book has counted; `archived`: it has ended, and its account keeps its totals. */
export interface CountedBook extends BookFigures {
  book: number;
  archived: boolean;
}

/**
 * @param books in the order of their numbers
 * @param rows the address of the rows that these figures are the sums of
 */
export function figuresView(
  { at, ...asked }: Asked,
  buckets: readonly Bucket[],
  books: readonly CountedBook[],
  rows: string,
) {
  const { buckets: perBucket, totals } = sumsOf(books, 0);
  return {
    asOf: { at, books: books.map(({ book, position, archived }) => ({ book, position, archived })) },
    from: buckets[0]?.start ?? null,
    to: buckets.at(-1)?.end ?? null,
    ...asked,
    rows,
    totals: {
      messages: { ...messagesView(totals), ...timesView(totals) },
      events: eventsView(totals),
    },
    buckets: buckets.map(({ start, end }, n) => {
      const counts = perBucket[n] ?? {};
      return { start, end, messages: messagesView(counts), events: eventsView(counts) };
    }),
  };
}

/** What became of the messages that were accepted in this time; each is in one of the five states. */
function messagesView(counts: Counts) {
  const of = reader(counts);
  return {
    accepted: of("accepted"),
    waiting: of("waiting"),
    sent: of("sent"),
    delivered: of("delivered"),
    failed: of("failed"),
    unknown: of("unknown"),
    withLink: of("with_link"),
    opened: of("opened"),
    notOpened: of("with_link") - of("opened"),
    parts: of("parts"),
    costMillionths: of("cost"),
    failures: ranked(counts, "reason"),
    shares: [
      share(counts, "delivered", "accepted"),
      share(counts, "failed", "accepted"),
      share(counts, "unknown", "accepted"),
      share(counts, "opened", "with_link"),
    ],
    openedWithin: AGES_HOURS.map((hours) => ({
      hours,
      ...share(counts, `opened_within_${hours}`, `with_link_older_than_${hours}`),
    })),
  };
}

function timesView(counts: Counts) {
  return { timeToDelivery: timesOf(counts, DELIVERED_AFTER), timeToOpen: timesOf(counts, OPENED_AFTER) };
}

/** What happened in this time. No shares are made of it: a first access may be of a message that was sent long before. */
function eventsView(counts: Counts) {
  const of = reader(counts);
  return {
    linksMade: of("links_made"),
    accesses: of("person"),
    leftOut: { preview: of("preview"), prefetch: of("prefetch"), scanner: of("scanner"), probe: of("probe") },
    firstAccesses: of("first_accesses"),
    callbacks: callbacksView(counts, "callbacks"),
    messageCallbacks: callbacksView(counts, "message_callbacks"),
    firstAccessDevices: ranked(counts, "device"),
    firstAccessCountries: ranked(counts, "country"),
  };
}

function callbacksView(counts: Counts, whose: "callbacks" | "message_callbacks") {
  const of = reader(counts);
  return {
    owed: of(`${whose}_owed`),
    delivered: of(`${whose}_delivered`),
    exhausted: of(`${whose}_exhausted`),
    withdrawn: of(`${whose}_withdrawn`),
  };
}

/** How many of how many; null of none. */
function share(counts: Counts, what: string, whole: string) {
  const of = reader(counts);
  return { what, count: of(what), of: whole, ofCount: of(whole), share: of(whole) === 0 ? null : of(what) / of(whole) };
}

/** The commonest, and all others together. The name is null where nobody knows it. */
function ranked(counts: Counts, what: string) {
  const all = oneOf(counts, what).toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return {
    commonest: all.slice(0, MOST_NAMED).map(([name, count]) => ({ name: name === "" ? null : name, count })),
    other: all.slice(MOST_NAMED).reduce((sum, [, count]) => sum + count, 0),
  };
}

/** Within which time half of them, and nine of ten, were; null where there are too few to say. */
function timesOf(counts: Counts, what: string) {
  const delays = new Map(oneOf(counts, what).map(([bucket, count]) => [Number(bucket), count]));
  const told = (part: number) => {
    const quantile = quantileOf(delays, part);
    return quantile && { ...quantile };
  };
  return { count: countOf(delays), median: told(0.5), ninetyPercent: told(0.9) };
}

function reader(counts: Counts): (key: string) => number {
  return (key) => counts[key] ?? 0;
}

/** What books count in one stretch of the question that all of them were asked: 0 is its own, and the further ones follow. */
export function sumsOf(books: readonly BookFigures[], stretch: number): Sums {
  const all = books.map((book) => {
    const sums = stretch === 0 ? book : book.further?.[stretch - 1];
    if (sums === undefined) throw new Error("a book left out a part of what it was asked");
    return sums;
  });
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const most = Math.max(0, ...all.map(({ buckets }) => buckets.length));
  return {
    buckets: Array.from({ length: most }, (_, n) => sumOf(all.map(({ buckets }) => buckets[n] ?? {}))),
    totals: sumOf(all.map(({ totals }) => totals)),
  };
}

function sumOf(all: readonly Counts[]): Counts {
  const sum: Counts = {};
  for (const counts of all) for (const [key, n] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + n;
  return sum;
}
