// What the rounds have shown about callbacks: the same questions for links and for messages.

import type { Drained } from "./drain.ts";
import type { Thing } from "./memory.ts";
import type { Receipts } from "./receipts.ts";
import { countOf, NEVER, type Row, sumOf } from "./table.ts";

interface Facts {
  starts: readonly number[];
  receipts: Receipts;
  drained: Drained;
}

/** The rows about the callbacks of these links or messages. */
export function callbackRows(things: readonly Thing[], { starts, receipts, drained }: Facts): Row[] {
  const accepted = ({ hook }: Thing) => receipts.acceptedOf(hook).length;
  const duplicates = things.map((thing) => Math.max(0, accepted(thing) - 1));
  const total = sumOf(duplicates);
  const isMissing = (thing: Thing) => drained.missingBeforeAsking.includes(thing);
  return [
    { what: "not called back when killed", count: countOf(things, (thing) => thing.wasOwedAtKill) },
    {
      what: "status not settled after the drain",
      count: countOf(things, (t) => drained.unsettled.includes(t)),
      demand: NEVER,
    },
    { what: "callbacks owed by their status in the end", count: countOf(things, hasHappened) },
    { what: "callbacks lost", count: countOf(things, (t) => hasHappened(t) && accepted(t) === 0), demand: NEVER },
    { what: "callbacks missing when first asked", count: countOf(things, isMissing), demand: NEVER },
    { what: "callbacks not delivered by their status", count: countOf(things, isUndelivered), demand: NEVER },
    { what: "duplicates: POSTs answered 200 after the first", count: total },
    { what: "duplicates per kill", count: Math.round((total / (starts.length - 1)) * 100) / 100 },
    { what: "most duplicates of one event", count: Math.max(0, ...duplicates) },
    { what: "200s that came too late for the server", count: sumOf(things.map(lateAnswers)) },
    {
      what: "more than one duplicate of an event for one kill",
      count: countOf(things, (t) => repeatsInOneLife(receipts.acceptedOf(t.hook), starts) > lateAnswers(t)),
      demand: NEVER,
    },
    {
      what: "duplicates with another webhook-id",
      count: countOf(things, (t) => hasOtherId(t, receipts)),
      demand: NEVER,
    },
    { what: "POSTs after a recorded 200", count: countOf(things, (t) => isRepeated(t, receipts)), demand: NEVER },
    {
      what: "callbacks of what has not happened",
      count: countOf(things, (t) => isUnfounded(t, receipts)),
      demand: NEVER,
    },
    { what: "facts that changed", count: countOf(things, (t) => hasMoved(t, receipts)), demand: NEVER },
  ];
}

/** Whether there is something to call back, by the status. */
export function hasHappened({ status }: Thing): boolean {
  return status !== null && status.fact !== null;
}

function isUndelivered(thing: Thing): boolean {
  return hasHappened(thing) && thing.status?.callback.state !== "delivered";
}

/** One server makes one POST that is answered 200; only its death, before it wrote that down, lets the next repeat it. */
function repeatsInOneLife(times: readonly number[], starts: readonly number[]): number {
  const lives = times.map((at) => starts.findLastIndex((startedAt) => startedAt <= at));
  return lives.length - new Set(lives).size;
}

/** On a busy machine a 200 can come after the timeout: then the server knows of none, and has to repeat the POST. */
function lateAnswers({ status }: Thing): number {
  return countOf(status?.callback.attempts ?? [], ({ error }) => error !== null);
}

function hasOtherId({ status, hook }: Thing, receipts: Receipts): boolean {
  const ids = new Set(receipts.of(hook).map(({ eventId }) => eventId));
  const stored = status?.callback.event_id ?? null;
  if (stored !== null) ids.add(stored);
  return ids.size > 1;
}

function isRepeated({ postsWhenDelivered, hook }: Thing, receipts: Receipts): boolean {
  return postsWhenDelivered !== null && receipts.postsOf(hook) > postsWhenDelivered;
}

/** Called back, though by its status nothing has happened, or about another. */
function isUnfounded({ id, status, hook }: Thing, receipts: Receipts): boolean {
  const posts = receipts.of(hook);
  return (posts.length > 0 && status !== null && status.fact === null) || posts.some((post) => post.id !== id);
}

/** Changed between two reads, or between a callback and the status. */
function hasMoved({ hasChanged, status, hook }: Thing, receipts: Receipts): boolean {
  if (hasChanged) return true;
  const stored = status?.fact ?? null;
  return stored !== null && receipts.of(hook).some(({ fact }) => fact !== stored);
}
