// How an object's callbacks stand that fail: by host and last answer, the newest of them, and when each host last answered 200.

import type { CallbackLedger } from "../ledger.ts";
import { type FailingCallback, type FailingCallbacks, hostOf, type Standing, type WhichCallbacks } from "./failing.ts";

/** So many are looked at, of links and of messages each. */
const MOST_LOOKED_AT = 5_000;
/** So far back in the journal an answer of 200 is looked for. */
const MOST_ENTRIES = 5_000;

export interface StandingQuestion extends WhichCallbacks {
  /** So many callbacks one by one; with 0 nothing is said of hosts, either. */
  limit: number;
}

/** Callbacks that stand alike. Instants are Unix milliseconds. */
export interface CallbackGroup extends Pick<Standing, "state" | "host" | "status" | "error" | "triedAt"> {
  callbacks: number;
  /** When that happened which the first of them tells of. */
  oldestAt: number;
}

export interface CallbacksStanding {
  groups: CallbackGroup[];
  /** Newest first. */
  callbacks: FailingCallback[];
  /** Whether these are all of them. */
  isWhole: boolean;
  /** Of hosts, when each last answered 200, as far as was looked. Unix milliseconds. */
  answered: { host: string; at: number }[];
}

/** @param failing null where no links report */
export function standingOf(
  sql: SqlStorage,
  ledger: CallbackLedger,
  failing: FailingCallbacks | null,
  { limit, ...which }: StandingQuestion,
): CallbacksStanding {
  const links = failing?.find(which, MOST_LOOKED_AT + 1) ?? [];
  const messages = ledger.failing(which, MOST_LOOKED_AT + 1);
  const all: FailingCallback[] = [
    ...links.slice(0, MOST_LOOKED_AT).map(({ createdAt: _createdAt, ...link }) => ({ ...link, msgid: null })),
    ...messages.slice(0, MOST_LOOKED_AT).map(({ eventId: _eventId, ...message }) => ({ ...message, code: null })),
  ];
  const hosts = new Set(all.map(({ host }) => host));
  return {
    groups: groupsOf(all),
    callbacks: all.toSorted((one, other) => other.at - one.at).slice(0, limit),
    isWhole: Math.max(links.length, messages.length) <= MOST_LOOKED_AT,
    answered: failing === null || limit === 0 ? [] : answeredBy(sql, hosts),
  };
}

function groupsOf(callbacks: readonly Standing[]): CallbackGroup[] {
  return [...Map.groupBy(callbacks, groupName).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const { state, host, status, error } = first;
    const oldestAt = alike.reduce((oldest, { at }) => Math.min(oldest, at), first.at);
    const triedAt = alike.reduce((last, one) => Math.max(last, one.triedAt ?? 0), 0) || null;
    return { state, host, status, error, callbacks: alike.length, oldestAt, triedAt };
  });
}

/** The same for those that stand alike. */
export function groupName({
  state,
  host,
  status,
  error,
}: Pick<Standing, "state" | "host" | "status" | "error">): string {
  return JSON.stringify([host, state, status, error]);
}

/** The journal says when there was an answer; the lines and messages, from where. */
function answeredBy(sql: SqlStorage, hosts: ReadonlySet<string>): { host: string; at: number }[] {
  const found = new Map<string, number>();
  if (hosts.size === 0) return [];
  const entries = sql.exec<{ createdAt: number; code: string | null; msgid: string | null; at: number }>(
    `SELECT created_at AS createdAt, code, msgid, at FROM journal
     WHERE position > (SELECT MAX(position) FROM journal) - ${MOST_ENTRIES}
       AND (kind = 'attempt' AND fact ->> 'status' = 200 OR kind = 'message_callback' AND fact ->> 'state' = 'delivered')
     ORDER BY position DESC`,
  );
  for (const { createdAt, code, msgid, at } of entries) {
    const [row] = (
      code === null
        ? sql.exec<{ url: string | null }>("SELECT callback_url AS url FROM message WHERE msgid = ?", msgid)
        : sql.exec<{ url: string | null }>(
            "SELECT callback_url AS url FROM line WHERE created_at = ? AND code = ?",
            createdAt,
            code,
          )
    ).toArray();
    const host = hostOf(row?.url ?? null);
    if (host !== null && hosts.has(host) && !found.has(host)) found.set(host, at);
    if (found.size === hosts.size) break;
  }
  return Array.from(found, ([host, at]) => ({ host, at }));
}
