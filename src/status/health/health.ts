// How an account stands, as far as what is stored can tell: one part of it is what one object says that keeps messages.

import type { SweepState } from "../../account/sweep.ts";
import type { FailingState } from "../../callback/bulk-retry/failing.ts";
import type { CallbacksStanding } from "../../callback/bulk-retry/standing.ts";
import { countedReason } from "../../sms/reason.ts";

/** So many waiting messages are looked at, and so many of the newest entries of a journal. */
const MOST_LOOKED_AT = 10_000;
const HOUR_MS = 3_600_000;

/** How often something was so, and since when (Unix milliseconds). */
export interface Tally {
  count: number;
  oldestAt: number | null;
}

/** What messages came to within the last hour, in a word, and of those that failed why. */
export interface CarrierAnswer {
  state: string;
  reason: string | null;
  count: number;
}

/** What one object says. Instants are Unix milliseconds. */
export interface HealthPart {
  /** Messages that no carrier has, by what is counted as the reason; null is none yet. */
  waiting: (Tally & { reason: string | null })[];
  /** Callbacks. Of links those that have failed. */
  callbacks: Record<FailingState, Tally>;
  answers: CarrierAnswer[];
  /** When the Cron Trigger came by last; null is not yet. */
  wokenAt: number | null;
  /** Whether all links are being woken. */
  isSweeping: boolean;
  /** False when there was more than was looked at. */
  isWhole: boolean;
}

/** @param hasJournal whether this object writes one */
export function healthPart(
  sql: SqlStorage,
  hasJournal: boolean,
  { groups, isWhole }: Pick<CallbacksStanding, "groups" | "isWhole">,
  { wokenAt, sweepDueAt }: Pick<SweepState, "wokenAt" | "sweepDueAt">,
  now: number,
): HealthPart {
  const waiting = waitingMessages(sql);
  const answers = hasJournal ? answersSince(sql, now - HOUR_MS) : { answers: [], isWhole: true };
  const standing = (state: FailingState) =>
    groups
      .filter((group) => group.state === state)
      .map(({ callbacks: count, oldestAt }) => ({ count, oldestAt }))
      .reduce(sumOf, NOTHING);
  return {
    waiting,
    callbacks: { owed: standing("owed"), exhausted: standing("exhausted") },
    answers: answers.answers,
    wokenAt,
    isSweeping: sweepDueAt !== null,
    isWhole: isWhole && answers.isWhole && waiting.reduce((sum, { count }) => sum + count, 0) < MOST_LOOKED_AT,
  };
}

export const NOTHING: Tally = { count: 0, oldestAt: null };

export function sumOf(one: Tally, other: Tally): Tally {
  const instants = [one.oldestAt, other.oldestAt].filter((at) => at !== null);
  return { count: one.count + other.count, oldestAt: instants.length === 0 ? null : Math.min(...instants) };
}

function waitingMessages(sql: SqlStorage): HealthPart["waiting"] {
  const rows = sql.exec<{ reason: string | null; count: number; oldestAt: number }>(
    `SELECT reason, COUNT(*) AS count, MIN(created_at) AS oldestAt
     FROM (SELECT reason, created_at FROM message WHERE send_due_at IS NOT NULL LIMIT ${MOST_LOOKED_AT})
     GROUP BY reason`,
  );
  // A carrier's own words may hold a number.
  return Array.from(rows, ({ reason, ...tally }) => ({ ...tally, reason: reason && waitingReason(reason) }));
}

/** Our own words why a message waits, and what else is counted of a reason. */
function waitingReason(reason: string): string {
  return OWN_REASONS.includes(reason) ? reason : countedReason(reason);
}

const OWN_REASONS = ["the account is suspended", "no carrier is set up"];

function answersSince(sql: SqlStorage, since: number): { answers: CarrierAnswer[]; isWhole: boolean } {
  const newest = `FROM journal WHERE position > (SELECT MAX(position) FROM journal) - ${MOST_LOOKED_AT}`;
  const answers = sql
    .exec<CarrierAnswer & Record<string, SqlStorageValue>>(
      `SELECT fact ->> 'to' AS state, fact ->> 'reason' AS reason, COUNT(*) AS count ${newest}
         AND kind = 'message' AND at >= ? AND fact ->> 'to' <> 'waiting' AND fact ->> 'from' <> fact ->> 'to'
       GROUP BY state, reason ORDER BY count DESC`,
      since,
    )
    .toArray();
  const { count, oldestAt } = sql
    .exec<{ count: number; oldestAt: number | null }>(`SELECT COUNT(*) AS count, MIN(at) AS oldestAt ${newest}`)
    .one();
  return { answers, isWhole: count < MOST_LOOKED_AT || (oldestAt ?? since) < since };
}
