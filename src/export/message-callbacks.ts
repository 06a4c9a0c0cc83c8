// The export of callbacks of messages, which are their delivery reports: what happened to them, as a book's journal has it, and behind that
// each attempt, which stands with the message and goes when that is blanked.

import { entryOf } from "../book/journal.ts";
import { CallbackRows, type StoredAttempt, type StoredCallback } from "../callback/callback-rows.ts";
import { CALLBACK_FACT_COLUMNS, type CallbackFacts, NO_ATTEMPT } from "./callbacks.ts";
import type { Column } from "./column.ts";
import { journalSteps, tagsOf, type Told } from "./journal-steps.ts";
import type { ExportRow, Steps } from "./steps.ts";

/** Instants are Unix milliseconds. */
export interface MessageCallbackRow extends ExportRow, CallbackFacts {
  /** Null when a callback of before there were books was given up or withdrawn: that was not written down. */
  at: number | null;
  msgid: string;
  /** What the message had. */
  tags: readonly string[];
}

export const MESSAGE_CALLBACK_COLUMNS: readonly Column<MessageCallbackRow>[] = [
  { name: "at", type: "instant", value: ({ at }) => at },
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
  ...CALLBACK_FACT_COLUMNS,
];

/** Messages of a step: each may have eleven attempts and more. */
const MESSAGES = 200;

/** Behind which of a message's rows. */
interface AttemptKey {
  msgid: string;
  n: number;
}
const BEFORE_ALL_ATTEMPTS: AttemptKey = { msgid: "", n: 0 };

/** Behind which entry of the journal, or which attempt. */
export type MessageCallbackKey = { position: number } | AttemptKey;

interface Named {
  msgid: string;
  eventId: string | null;
  tags: string;
}

/** Of a book: the entries in the order of the journal, which figures count, and then the attempts. */
export function* messageCallbackSteps(
  sql: SqlStorage,
  after: MessageCallbackKey = { position: 0 },
): Steps<MessageCallbackRow> & Generator<MessageCallbackRow[]> {
  const callbacks = new CallbackRows(sql, true);
  const entryRow = (told: Told) => entryRows(told, callbacks);
  if ("position" in after) yield* journalSteps(sql, "kind = 'message_callback'", entryRow, after.position);
  for (const rows of storedCallbackSteps(sql, "position" in after ? BEFORE_ALL_ATTEMPTS : after))
    yield rows.filter(({ state }) => state === "attempted");
}

/** Of what was made before there were books, which has no journal: all that is still known, message by message. */
export function* storedCallbackSteps(
  sql: SqlStorage,
  after: AttemptKey = BEFORE_ALL_ATTEMPTS,
): Steps<MessageCallbackRow> & Generator<MessageCallbackRow[]> {
  const callbacks = new CallbackRows(sql, true);
  for (let from = after.msgid; ;) {
    const messages = messagesFrom(sql, from);
    yield messages
      .flatMap((message) => rowsOf(message, message.eventId === null ? undefined : callbacks.read(message.eventId)))
      .filter(({ msgid, n }) => msgid !== after.msgid || n > after.n);
    const last = messages.at(-1);
    if (last === undefined || messages.length < MESSAGES) return;
    from = `${last.msgid}~`;
  }
}

/** The key of a row as text; undefined for what is none. */
export function messageCallbackKey(text: string): MessageCallbackKey | undefined {
  return /^\d{1,15}$/.test(text) ? { position: Number(text) } : attemptKey(text);
}

/** The same of what was made before there were books. */
export function attemptKey(text: string): AttemptKey | undefined {
  const [, msgid, n] = /^([A-Za-z0-9]{32})\.(\d{1,6})$/.exec(text) ?? [];
  return msgid === undefined ? undefined : { msgid, n: Number(n) };
}

function entryRows(told: Told, callbacks: CallbackRows): MessageCallbackRow[] {
  const entry = entryOf(told);
  if (entry.kind !== "message_callback") return [];
  const { eventId, state } = entry.fact;
  const answered = state === "delivered" ? answeredOf(callbacks.read(eventId)) : undefined;
  const of = { key: String(told.position), count: 1, at: told.at, msgid: told.msgid ?? "", tags: tagsOf(told) };
  return [{ ...of, state, eventId, ...(answered === undefined ? NO_ATTEMPT : attemptOf(answered)) }];
}

/** Also those without a callback, or a step would not end. */
function messagesFrom(sql: SqlStorage, from: string): Named[] {
  const query = `SELECT msgid, event_id AS eventId, tags FROM message WHERE msgid >= ? ORDER BY msgid LIMIT ${MESSAGES}`;
  return sql.exec<Named & Record<string, SqlStorageValue>>(query, from).toArray();
}

function rowsOf(message: Named, callback: StoredCallback | undefined): (MessageCallbackRow & { n: number })[] {
  if (callback === undefined) return [];
  const { msgid } = message;
  const { eventId, state, body, attempts } = callback;
  const { timestamp } = JSON.parse(body) as { timestamp: string };
  const of = { msgid, tags: tagsOf(message), eventId, count: 1, ...NO_ATTEMPT };
  const answered = answeredOf(callback);
  const rows: Omit<MessageCallbackRow, "key">[] = [
    { ...of, state: "owed", at: Date.parse(timestamp) },
    ...attempts.map((attempt): Omit<MessageCallbackRow, "key"> => {
      const step = attempt === answered ? "delivered" : "attempted";
      return { ...of, state: step, at: attempt.at, ...attemptOf(attempt) };
    }),
  ];
  if (state === "exhausted" || state === "none")
    rows.push({ ...of, state: state === "none" ? "withdrawn" : "exhausted", at: null });
  return rows.map((row, index) => ({ ...row, n: index + 1, key: `${msgid}.${index + 1}` }));
}

/** By which it is delivered; undefined while it is not, and where it is not known any more. */
function answeredOf(callback: StoredCallback | undefined): StoredAttempt | undefined {
  return callback?.state === "delivered" ? callback.attempts.find(({ status }) => status === 200) : undefined;
}

function attemptOf({ n, status, error, durationMs }: StoredAttempt) {
  return { attempt: n, status, error, durationMs };
}
