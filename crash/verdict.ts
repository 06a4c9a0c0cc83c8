// What the rounds have shown: one row per question, some with an answer that has to be.

import type { Drained } from "./drain.ts";
import type { RememberedLink } from "./memory.ts";
import type { Receipts } from "./receipts.ts";

/** Rounds from which on a run must also have been large enough to mean something. */
const FULL_RUN_ROUNDS = 60;
const FULL_RUN_FIRST_ACCESSES = 2_000;

export interface Run {
  rounds: number;
  kills: number;
  links: readonly RememberedLink[];
  receipts: Receipts;
  drained: Drained;
}

export interface Row {
  what: string;
  count: number;
  /** What the count has to be; without it, the row only tells. */
  demand?: { exactly: number } | { atLeast: number };
}

/** The table, with every promise that a crash could break. */
export function judge({ rounds, kills, links, receipts, drained }: Run): Row[] {
  const count = (is: (link: RememberedLink) => boolean) => links.filter(is).length;
  const never = { exactly: 0 };
  const sum = (of: (link: RememberedLink) => number) => links.reduce((total, link) => total + of(link), 0);
  const minimum = rounds >= FULL_RUN_ROUNDS ? { demand: { atLeast: FULL_RUN_FIRST_ACCESSES } } : {};
  return [
    { what: "rounds", count: rounds },
    { what: "kills", count: kills, demand: { exactly: rounds } },
    { what: "links created", count: links.length },
    { what: "taps of persons answered 302", count: sum((link) => link.answeredTaps) },
    { what: "first accesses recorded", count: count(isAccessed), ...minimum },
    { what: "first accesses not called back when killed", count: count((link) => link.wasOwedAtKill) },
    { what: "callback POSTs received", count: receipts.total() },
    {
      what: "callbacks lost",
      count: count((link) => isAccessed(link) && receipts.acceptedOf(link) === 0),
      demand: never,
    },
    { what: "callbacks missing when first asked", count: drained.missingBeforeAsking, demand: never },
    { what: "callbacks not delivered by their status", count: count(isUndelivered), demand: never },
    { what: "status not settled after the drain", count: drained.unsettled.length, demand: never },
    { what: "duplicates: more than one POST answered 200", count: count((link) => receipts.acceptedOf(link) > 1) },
    { what: "duplicates with another webhook-id", count: count((link) => hasOtherId(link, receipts)), demand: never },
    { what: "POSTs after a recorded 200", count: count((link) => isRepeated(link, receipts)), demand: never },
    { what: "POSTs with a wrong signature or body", count: receipts.forged, demand: never },
    { what: "callbacks without a first access", count: count((link) => isUnfounded(link, receipts)), demand: never },
    // Recording runs behind the response, so a kill between the two is possible: it is told, and no failure.
    {
      what: "302 but never recorded",
      count: count((link) => link.answeredTaps > 0 && link.status?.accessed === false),
    },
    { what: "single taps: 302 but never recorded", count: sum(unrecordedTaps) },
    { what: "links created but not found afterwards", count: count((link) => link.wasNotFound), demand: never },
    { what: "first_accessed_at that changed", count: count((link) => hasMoved(link, receipts)), demand: never },
  ];
}

/** Whether every demand is met. */
export function hasPassed(rows: readonly Row[]): boolean {
  return rows.every(isMet);
}

/** The rows as text, one a line. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows
    .map((row) => `${row.what.padEnd(width)}  ${String(row.count).padStart(6)}  ${remark(row)}`.trimEnd())
    .join("\n");
}

function remark(row: Row): string {
  if (row.demand === undefined) return "";
  const demand = "exactly" in row.demand ? String(row.demand.exactly) : `at least ${row.demand.atLeast}`;
  return isMet(row) ? "ok" : `FAILED, must be ${demand}`;
}

function isMet({ count, demand }: Row): boolean {
  if (demand === undefined) return true;
  return "exactly" in demand ? count === demand.exactly : count >= demand.atLeast;
}

function isAccessed({ status }: RememberedLink): boolean {
  return status?.accessed === true;
}

/** At least so many: a tap that was recorded, and whose 302 nobody saw, makes up for another. */
function unrecordedTaps({ answeredTaps, status }: RememberedLink): number {
  return status === null ? 0 : Math.max(0, answeredTaps - status.access_counts.person);
}

function isUndelivered(link: RememberedLink): boolean {
  return isAccessed(link) && link.status?.callback.state !== "delivered";
}

function hasOtherId(link: RememberedLink, receipts: Receipts): boolean {
  const ids = new Set(receipts.of(link).map(({ eventId }) => eventId));
  const stored = link.status?.callback.event_id ?? null;
  if (stored !== null) ids.add(stored);
  return ids.size > 1;
}

function isRepeated(link: RememberedLink, receipts: Receipts): boolean {
  return link.postsWhenDelivered !== null && receipts.postsOf(link) > link.postsWhenDelivered;
}

/** Called back, though the link says that nobody opened it, or for another link. */
function isUnfounded(link: RememberedLink, receipts: Receipts): boolean {
  const posts = receipts.of(link);
  return (posts.length > 0 && link.status?.accessed === false) || posts.some(({ code }) => code !== link.code);
}

/** Changed between two reads, or between a callback and the status. */
function hasMoved(link: RememberedLink, receipts: Receipts): boolean {
  if (link.hasChanged) return true;
  const stored = link.status?.first_accessed_at ?? null;
  return stored !== null && receipts.of(link).some(({ firstAccessedAt }) => firstAccessedAt !== stored);
}
