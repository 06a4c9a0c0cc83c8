// The export of callbacks of links: one line for each thing that happened to one, in the order in which the book learned of it.

import { entryOf } from "../book/journal.ts";
import type { Column } from "./column.ts";
import { journalSteps, LINK_EVENT_COLUMNS, type LinkEventRow, linkEventRow, type Told } from "./journal-steps.ts";
import type { Steps } from "./steps.ts";

/** What happened to a callback; `delivered` is the attempt that was answered 200 first. */
export type CallbackStep = "owed" | "attempted" | "delivered" | "exhausted" | "withdrawn";

/** What is told of a callback, whoever owes it. */
export interface CallbackFacts {
  state: CallbackStep;
  /** Null when it is owed from the first access on. */
  eventId: string | null;
  attempt: number | null;
  status: number | null;
  error: string | null;
  durationMs: number | null;
}

export type CallbackRow = LinkEventRow & CallbackFacts;

export const CALLBACK_FACT_COLUMNS: readonly Column<CallbackFacts>[] = [
  { name: "state", type: "text", value: ({ state }) => state },
  { name: "event_id", type: "text", value: ({ eventId }) => eventId },
  { name: "attempt", type: "number", value: ({ attempt }) => attempt },
  { name: "status", type: "number", value: ({ status }) => status },
  { name: "error", type: "text", value: ({ error }) => error },
  { name: "duration_ms", type: "number", value: ({ durationMs }) => durationMs },
];
export const CALLBACK_COLUMNS: readonly Column<CallbackRow>[] = [...LINK_EVENT_COLUMNS, ...CALLBACK_FACT_COLUMNS];

export function callbackSteps(sql: SqlStorage, after?: number): Steps<CallbackRow> {
  const condition = "(kind IN ('attempt', 'callback') OR kind = 'access' AND fact ->> 'owed')";
  return journalSteps(sql, condition, callbackRow, after);
}

export const NO_ATTEMPT = { attempt: null, status: null, error: null, durationMs: null };

function callbackRow(told: Told): CallbackRow[] {
  const of = linkEventRow(told);
  const entry = entryOf(told);
  switch (entry.kind) {
    case "access":
      return [{ ...of, state: "owed", eventId: null, ...NO_ATTEMPT }];
    case "attempt": {
      const { eventId, attempt, status, error, durationMs, delivered } = entry.fact;
      const state = delivered === true ? "delivered" : "attempted";
      return [{ ...of, state, eventId, attempt, status, error, durationMs }];
    }
    case "callback":
      return [{ ...of, ...entry.fact, ...NO_ATTEMPT }];
    case "opened":
    case "changed":
    case "ended":
    case "barred":
    case "accesses":
    case "message":
    case "message_callback":
    case "campaign":
      return [];
  }
}
