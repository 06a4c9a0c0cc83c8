// The export of callbacks of messages, which are their delivery reports: one line for each thing that happened to one, message by message.

import type { CallbackState } from "../callback/callback.ts";
import { CallbackRows, type StoredAttempt } from "../callback/callback-rows.ts";
import { hasTable } from "../tables.ts";
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

interface Callback extends Record<string, SqlStorageValue> {
  msgid: string;
  eventId: string | null;
  state: CallbackState;
  owedAt: string;
}

export function* messageCallbackSteps(
  sql: SqlStorage,
  after: MessageCallbackKey = { msgid: "", n: 0 },
): Steps<MessageCallbackRow> & Generator<MessageCallbackRow[]> {
  // Made with the first event of all.
  if (!hasTable(sql, "callback")) return;
  const callbacks = new CallbackRows(sql, true);
  const attemptsOf = ({ eventId }: Callback) => (eventId === null ? [] : (callbacks.read(eventId)?.attempts ?? []));
  for (let from = after.msgid; ;) {
    const messages = messagesFrom(sql, from, MESSAGES);
    const rows = messages.flatMap((message) => rowsOf(message, attemptsOf(message)));
    yield rows.filter(({ key }) => isBehind(key, after));
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

function isBehind(key: string, after: MessageCallbackKey): boolean {
  const { msgid, n } = messageCallbackKey(key) ?? after;
  return msgid !== after.msgid || n > after.n;
}

/** Also those without a callback, or a step would not end. */
function messagesFrom(sql: SqlStorage, from: string, limit: number): Callback[] {
  return sql
    .exec<Callback>(
      `SELECT msgid, callback.event_id AS eventId, state, body ->> 'timestamp' AS owedAt
       FROM (SELECT msgid, event_id FROM message WHERE msgid >= ? ORDER BY msgid LIMIT ?) AS message
       LEFT JOIN callback ON callback.event_id = message.event_id ORDER BY msgid`,
      from,
      limit,
    )
    .toArray();
}

function rowsOf({ msgid, eventId, state, owedAt }: Callback, attempts: readonly StoredAttempt[]): MessageCallbackRow[] {
  if (eventId === null) return [];
  const of = { msgid, eventId, count: 1, attempt: null, status: null, error: null, durationMs: null };
  const first = attempts.find(({ status }) => status === 200);
  const rows: Omit<MessageCallbackRow, "key">[] = [
    { ...of, state: "owed", at: Date.parse(owedAt) },
    ...attempts.map((attempt): Omit<MessageCallbackRow, "key"> => {
      const { n, at, status, error, durationMs } = attempt;
      return { ...of, state: attempt === first ? "delivered" : "attempted", at, attempt: n, status, error, durationMs };
    }),
  ];
  if (state === "exhausted" || state === "none")
    rows.push({ ...of, state: state === "none" ? "withdrawn" : "exhausted", at: null });
  return rows.map((row, index) => ({ ...row, key: `${msgid}.${index + 1}` }));
}
