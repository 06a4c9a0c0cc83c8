// The export of callbacks of messages, which are their delivery reports: one line for each thing that happened to one, message by message.

import { CallbackRows, type StoredCallback } from "../callback/callback-rows.ts";
import type { CallbackStep } from "./callbacks.ts";
import type { Column } from "./column.ts";
import type { ExportRow, Steps } from "./steps.ts";

/** Instants are Unix milliseconds. */
export interface MessageCallbackRow extends ExportRow {
  msgid: string;
  eventId: string;
  state: CallbackStep;
  /** Null when a callback was given up or withdrawn: that is not written down. */
  at: number | null;
  attempt: number | null;
  status: number | null;
  error: string | null;
  durationMs: number | null;
}

export const MESSAGE_CALLBACK_COLUMNS: readonly Column<MessageCallbackRow>[] = [
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "event_id", type: "text", value: ({ eventId }) => eventId },
  { name: "state", type: "text", value: ({ state }) => state },
  { name: "at", type: "instant", value: ({ at }) => at },
  { name: "attempt", type: "number", value: ({ attempt }) => attempt },
  { name: "status", type: "number", value: ({ status }) => status },
  { name: "error", type: "text", value: ({ error }) => error },
  { name: "duration_ms", type: "number", value: ({ durationMs }) => durationMs },
];

/** Messages of a step: each may have eleven attempts and more. */
const MESSAGES = 200;

/** Behind which of a message's rows. */
export interface MessageCallbackKey {
  msgid: string;
  n: number;
}

type Named = { msgid: string; eventId: string | null };

export function* messageCallbackSteps(
  sql: SqlStorage,
  after: MessageCallbackKey = { msgid: "", n: 0 },
): Steps<MessageCallbackRow> & Generator<MessageCallbackRow[]> {
  const callbacks = new CallbackRows(sql, true);
  for (let from = after.msgid; ;) {
    const messages = messagesFrom(sql, from);
    yield messages
      .flatMap(({ msgid, eventId }) => rowsOf(msgid, eventId === null ? undefined : callbacks.read(eventId)))
      .filter(({ msgid, n }) => msgid !== after.msgid || n > after.n);
    const last = messages.at(-1);
    if (last === undefined || messages.length < MESSAGES) return;
    from = `${last.msgid}~`;
  }
}

/** The key of a row as text; undefined for what is none. */
export function messageCallbackKey(text: string): MessageCallbackKey | undefined {
  const [, msgid, n] = /^([A-Za-z0-9]{32})\.(\d{1,6})$/.exec(text) ?? [];
  return msgid === undefined ? undefined : { msgid, n: Number(n) };
}

/** Also those without a callback, or a step would not end. */
function messagesFrom(sql: SqlStorage, from: string): Named[] {
  const query = `SELECT msgid, event_id AS eventId FROM message WHERE msgid >= ? ORDER BY msgid LIMIT ${MESSAGES}`;
  return sql.exec<Named & Record<string, SqlStorageValue>>(query, from).toArray();
}

function rowsOf(msgid: string, callback: StoredCallback | undefined): (MessageCallbackRow & { n: number })[] {
  if (callback === undefined) return [];
  const { eventId, state, body, attempts } = callback;
  const { timestamp } = JSON.parse(body) as { timestamp: string };
  const of = { msgid, eventId, count: 1, attempt: null, status: null, error: null, durationMs: null };
  const answered = attempts.find(({ status }) => status === 200);
  const rows: Omit<MessageCallbackRow, "key">[] = [
    { ...of, state: "owed", at: Date.parse(timestamp) },
    ...attempts.map((attempt): Omit<MessageCallbackRow, "key"> => {
      const { n, at, status, error, durationMs } = attempt;
      const step = attempt === answered ? "delivered" : "attempted";
      return { ...of, state: step, at, attempt: n, status, error, durationMs };
    }),
  ];
  if (state === "exhausted" || state === "none")
    rows.push({ ...of, state: state === "none" ? "withdrawn" : "exhausted", at: null });
  return rows.map((row, index) => ({ ...row, n: index + 1, key: `${msgid}.${index + 1}` }));
}
