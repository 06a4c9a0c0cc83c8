// What a book sees that its owner should be told of. It looks when its tallies are brought forward, which they are only when something
// has happened, and tells its account when what it sees has changed.

import type { CallbacksStanding } from "../callback/bulk-retry/standing.ts";
import type { Sign } from "./alert.ts";

/** The last messages that came to something, and so many entries of the journal in which they are looked for. */
const LAST_MESSAGES = 200;
const MOST_ENTRIES = 5_000;
/** Of fewer, a share says nothing. */
const FEWEST_MESSAGES = 20;
const SHARE = 0.2;
/** What becomes of a message, as figures name it. */
export const ENDS = ["failed", "delivered", "sent", "unknown"] as const;

/** Hosts that have not answered 200 since a callback to them was given up. */
export function exhaustedSigns({ groups, answered }: Pick<CallbacksStanding, "groups" | "answered">): Sign[] {
  const answeredAt = new Map(answered.map(({ host, at }) => [host, at]));
  const exhausted = groups.filter(({ state, host, triedAt }) => {
    const isAnswered = (answeredAt.get(host) ?? 0) > (triedAt ?? 0);
    return state === "exhausted" && !isAnswered;
  });
  return Array.from(
    Map.groupBy(exhausted, ({ host }) => host),
    ([host, alike]) => {
      const last = alike.reduce((one, other) => ((other.triedAt ?? 0) > (one.triedAt ?? 0) ? other : one));
      const callbacks = alike.reduce((sum, group) => sum + group.callbacks, 0);
      return { kind: "callbacks_exhausted", host, callbacks, status: last.status, error: last.error };
    },
  );
}

/**
 * More than a fifth of the last messages failed, and twice the share of the week before them. Once that was so, until it is a fifth again:
 * a long outage makes its own week.
 * @param week of the last seven days, by what became of them
 */
export function failedSigns(
  sql: SqlStorage,
  wasOn: boolean,
  week: () => Partial<Record<(typeof ENDS)[number], number>>,
): Sign[] {
  const states = lastStates(sql);
  const failed = states.filter((state) => state === "failed").length;
  const of = states.length;
  const share = of === 0 ? 0 : failed / of;
  if (of < FEWEST_MESSAGES || share <= SHARE) return [];
  const { failed: failedOfWeek = 0, delivered = 0, sent = 0, unknown = 0 } = week();
  const before = Math.max(0, failedOfWeek + delivered + sent + unknown - of);
  const weekShare = before === 0 ? 0 : Math.min(1, Math.max(0, failedOfWeek - failed) / before);
  return wasOn || share >= 2 * weekShare ? [{ kind: "messages_failed", failed, of, share, weekShare }] : [];
}

function lastStates(sql: SqlStorage): string[] {
  const rows = sql.exec<{ state: string }>(
    `SELECT fact ->> 'to' AS state, MAX(position) AS last FROM journal
     WHERE position > (SELECT MAX(position) FROM journal) - ${MOST_ENTRIES} AND kind = 'message'
       AND fact ->> 'to' <> 'waiting' AND fact ->> 'from' <> fact ->> 'to'
     GROUP BY msgid ORDER BY last DESC LIMIT ${LAST_MESSAGES}`,
  );
  return Array.from(rows, ({ state }) => state);
}
