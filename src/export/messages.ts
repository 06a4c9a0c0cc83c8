// The export of messages: one line each, also of those that were erased. Columns have the names that sheets of the SMS API's users have.

import { ERASED } from "../sms/message-rows.ts";
import { stateOf, type MessageState, type MessageStatus } from "../sms/message.ts";
import type { Column } from "./column.ts";
import { type ExportRow, inSteps, type Steps } from "./steps.ts";

/** Instants are Unix milliseconds. */
export interface MessageRow extends ExportRow {
  msgid: string;
  /** Null when it was erased. */
  recipient: string | null;
  /** Null when it is blank, as all that people wrote. */
  sender: string | null;
  status: MessageStatus;
  state: MessageState;
  reason: string | null;
  parts: number;
  cost: number;
  createdAt: number;
  /** Null when it is not tracked. */
  code: string | null;
  destination: string | null;
  shortUrl: string | null;
  firstAccessedAt: number | null;
  tags: string[];
  reference: string | null;
}

export const MESSAGE_COLUMNS: readonly Column<MessageRow>[] = [
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "recipient", type: "text", value: ({ recipient }) => recipient },
  { name: "sender", type: "text", value: ({ sender }) => sender },
  { name: "status", type: "text", value: ({ status }) => status },
  { name: "state", type: "text", value: ({ state }) => state },
  { name: "reason", type: "text", value: ({ reason }) => reason },
  { name: "parts", type: "number", value: ({ parts }) => parts },
  { name: "cost", type: "number", value: ({ cost }) => cost },
  { name: "sent_time", type: "instant", value: ({ createdAt }) => createdAt },
  {
    name: "lt_accessed",
    type: "boolean",
    value: ({ code, firstAccessedAt }) => (code === null ? null : firstAccessedAt !== null),
  },
  { name: "lt_accessed_on", type: "instant", value: ({ firstAccessedAt }) => firstAccessedAt },
  { name: "lt_original_link", type: "text", value: ({ destination }) => destination },
  { name: "lt_shortlink", type: "text", value: ({ shortUrl }) => shortUrl },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
  { name: "reference", type: "text", value: ({ reference }) => reference },
];

const COLUMNS = `msgid, recipient, sender, status, reason, parts, cost, created_at, code, destination, short_url, first_accessed_at,
  tags, reference`;

interface Row extends Record<string, SqlStorageValue> {
  msgid: string;
  recipient: string;
  sender: string;
  status: MessageStatus;
  reason: string | null;
  parts: number;
  cost: number;
  created_at: number;
  code: string | null;
  destination: string | null;
  short_url: string | null;
  first_accessed_at: number | null;
  tags: string;
  reference: string | null;
}

/** @param which the rest of a statement that selects rows: condition, order, limit */
export function messageRows(sql: SqlStorage, which: string, ...values: SqlStorageValue[]): MessageRow[] {
  return Array.from(sql.exec<Row>(`SELECT ${COLUMNS} FROM message ${which}`, ...values), messageRow);
}

/** So many in the order of their msgids, which is that of time, behind one of them. */
export function messagesBehind(sql: SqlStorage, msgid: string, limit: number): MessageRow[] {
  return messageRows(sql, "WHERE msgid > ? ORDER BY msgid LIMIT ?", msgid, limit);
}

export function messageSteps(sql: SqlStorage, after = ""): Steps<MessageRow> {
  return inSteps({ msgid: after }, ({ msgid }, limit) => messagesBehind(sql, msgid, limit));
}

function messageRow(row: Row): MessageRow {
  return {
    key: row.msgid,
    count: 1,
    msgid: row.msgid,
    recipient: row.recipient === ERASED ? null : row.recipient,
    sender: row.sender === ERASED ? null : row.sender,
    status: row.status,
    state: stateOf(row),
    reason: row.reason,
    parts: row.parts,
    cost: row.cost,
    createdAt: row.created_at,
    code: row.code,
    destination: row.destination,
    shortUrl: row.short_url,
    firstAccessedAt: row.first_accessed_at,
    tags: JSON.parse(row.tags) as string[],
    reference: row.reference,
  };
}
