// The table of an account's messages and the statements on it.

import { type Filters, isAskedFor, type Shelf } from "../book/find.ts";
import { type Packed, wordsOf } from "../book/packs.ts";
import { camelKeys } from "../http/json.ts";
import { addColumn, hasTable } from "../tables.ts";
import { timeText } from "../timed-id.ts";
import type { Lease } from "../under-way.ts";
import type { CarrierName } from "./carriers/carrier-settings.ts";
import { forgetAt, type Message, type MessageQuery, type MessageStatus, type NewMessage } from "./message.ts";

/** When the carrier took a message, and when it came to its end. */
const TIME_COLUMNS = ["given_at INTEGER", "settled_at INTEGER"];

/** For the step to a version of an object's tables. */
export function timeColumns(sql: SqlStorage): void {
  if (hasTable(sql, "message")) for (const column of TIME_COLUMNS) addColumn(sql, "message", column);
}

// `forget_at`: when the message is deleted, or in a book blanked; null when it is blank.
export const MESSAGE_TABLE = `
  CREATE TABLE message (
    msgid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    parts INTEGER NOT NULL,
    cost REAL NOT NULL,
    tags TEXT NOT NULL,
    reference TEXT,
    callback_url TEXT,
    code TEXT,
    destination TEXT,
    short_url TEXT,
    link_expires_at INTEGER,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    carrier TEXT,
    carrier_id TEXT,
    first_accessed_at INTEGER,
    event_id TEXT,
    send_due_at INTEGER,
    jobs_sent INTEGER NOT NULL,
    claimed_at INTEGER,
    claim_id TEXT,
    tries INTEGER NOT NULL,
    forget_at INTEGER,
    ${TIME_COLUMNS.join(",\n    ")}
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX message_to_send ON message (send_due_at) WHERE send_due_at IS NOT NULL;
  CREATE INDEX message_to_forget ON message (forget_at);`;

/** An erased one: no message goes to nobody, or has no text. */
export const ERASED = "";
/** Rows that one step of erasing looks at, and of these the most that it erases: together some hundredths of a second. */
const SCANNED = 50_000;
const MOST_ERASED = 1_000;

/** A message with what only sending needs. Instants are Unix milliseconds. */
export interface StoredMessage extends Message {
  /** When the alarm has to act; null when nothing is to be sent any more. */
  sendDueAt: number | null;
  /** Jobs given to the queue since the last time that it was due. */
  jobsSent: number;
  /** Since when somebody is at it. */
  claimedAt: number | null;
  /** Who took the right to send it last; a note that comes late is recognised by it. */
  claimId: string | null;
  /** How often a carrier surely did not accept it. */
  tries: number;
  /** When its time is over; null when it is blank: what people wrote is gone, and what is counted stays. */
  forgetAt: number | null;
}

interface MessageRow extends Record<string, SqlStorageValue> {
  msgid: string;
  origin: string;
  sender: string;
  recipient: string;
  text: string;
  parts: number;
  cost: number;
  tags: string;
  reference: string | null;
  callback_url: string | null;
  code: string | null;
  destination: string | null;
  short_url: string | null;
  link_expires_at: number | null;
  created_at: number;
  status: MessageStatus;
  reason: string | null;
  carrier: CarrierName | null;
  carrier_id: string | null;
  first_accessed_at: number | null;
  event_id: string | null;
  send_due_at: number | null;
  jobs_sent: number;
  claimed_at: number | null;
  claim_id: string | null;
  tries: number;
  forget_at: number | null;
  given_at: number | null;
  settled_at: number | null;
}

/** What changes in the course of sending; what is not given stays. */
export type MessageChanges = Partial<
  Pick<MessageRow, "status" | "reason" | "carrier" | "carrier_id" | "event_id" | "send_due_at" | "jobs_sent"> &
    Pick<MessageRow, "claimed_at" | "claim_id" | "tries" | "destination" | "first_accessed_at" | "forget_at"> &
    Pick<MessageRow, "given_at" | "settled_at">
>;

/** Adds a message, to be sent at once; false when it is there already, and stays as it is. */
export function addMessage(sql: SqlStorage, message: NewMessage, now: number): boolean {
  const { link } = message;
  const { rowsWritten } = sql.exec(
    `INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code,
       destination, short_url, link_expires_at, created_at, status, send_due_at, jobs_sent, tries, forget_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'QUEUED', ?, 0, 0, ?) ON CONFLICT DO NOTHING`,
    message.msgid,
    message.origin,
    message.sender,
    message.recipient,
    message.text,
    message.parts,
    message.cost,
    JSON.stringify(message.tags),
    message.reference,
    message.callbackUrl,
    link?.code ?? null,
    link?.destination ?? null,
    link?.shortUrl ?? null,
    link?.expiresAt ?? null,
    message.createdAt,
    now,
    forgetAt(message),
  );
  return rowsWritten > 0;
}

export function readMessage(sql: SqlStorage, msgid: string): StoredMessage | undefined {
  return sql.exec<MessageRow>("SELECT * FROM message WHERE msgid = ?", msgid).toArray().map(stored)[0];
}

export function hasMessages(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM message LIMIT 1").toArray().length > 0;
}

/** The table as a list to find in. */
export function messageShelf(filters: Filters): Shelf<StoredMessage, StoredMessage> {
  return {
    scan: (reader, { above, below }, order, limit) =>
      reader
        .read<MessageRow>(
          `SELECT * FROM message WHERE msgid > ? AND msgid < ? ORDER BY msgid ${order === "newest" ? "DESC" : "ASC"} LIMIT ?`,
          above,
          below,
          limit,
        )
        .map(stored),
    at: (reader, place) => reader.read<MessageRow>("SELECT * FROM message WHERE msgid = ?", place).map(stored)[0],
    placeOf: ({ msgid }) => msgid,
    match: (message) => {
      const isShown = message.forgetAt !== null && isAskedFor({ ...message, ...linkIn(message) }, filters);
      return isShown ? message : null;
    },
  };
}

/** Messages, by what they are found. */
export function packedMessages(sql: SqlStorage): Packed {
  return {
    placesBehind: (place, limit) => {
      const query = "SELECT msgid FROM message WHERE msgid > ? ORDER BY msgid LIMIT ?";
      return Array.from(sql.exec<{ msgid: string }>(query, place, limit), ({ msgid }) => msgid);
    },
    wordsAt: (place) => {
      const message = readMessage(sql, place);
      return message === undefined || message.forgetAt === null ? null : wordsOf({ ...message, ...linkIn(message) });
    },
  };
}

function linkIn({ link }: StoredMessage): { code: string | null; destination: string | null } {
  return { code: link?.code ?? null, destination: link?.destination ?? null };
}

/** Newest first; one more than `limit` when there is a further page. */
export function findMessages(sql: SqlStorage, { limit, ...period }: MessageQuery): StoredMessage[] {
  return sql
    .exec<MessageRow>(`SELECT * FROM message ${IN_PERIOD} ORDER BY msgid DESC LIMIT ?`, ...endsOf(period), limit + 1)
    .toArray()
    .map(stored);
}

/** How many there are of a period; at most so many are counted. */
export function countMessages(sql: SqlStorage, period: Omit<MessageQuery, "limit">, most: number): number {
  const query = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM message ${IN_PERIOD} LIMIT ?)`;
  return sql.exec<{ n: number }>(query, ...endsOf(period), most).one().n;
}

/** Of two upper ends SQLite would look one up, and read all that is between them. */
const IN_PERIOD = "WHERE msgid >= ? AND msgid < MIN(?, ?) AND forget_at IS NOT NULL";

function endsOf({ createdFrom, createdBefore, after }: Omit<MessageQuery, "limit">): string[] {
  // Behind every msgid: their characters end with "z".
  return [timeText(createdFrom), timeText(createdBefore), after ?? "~"];
}

/** The longest due first. */
export function messagesToSend(sql: SqlStorage, now: number, limit: number): StoredMessage[] {
  return sql
    .exec<MessageRow>("SELECT * FROM message WHERE send_due_at <= ? ORDER BY send_due_at LIMIT ?", now, limit)
    .toArray()
    .map(stored);
}

/** The messages whose time is over. */
export function messagesToForget(sql: SqlStorage, now: number, limit: number) {
  return sql
    .exec<{ msgid: string }>("SELECT msgid FROM message WHERE forget_at <= ? ORDER BY forget_at LIMIT ?", now, limit)
    .toArray();
}

/** Those of which the queue has a job, or a sender the claim, and when that counts as lost. */
export function messagesUnderWay(sql: SqlStorage): Lease[] {
  return sql
    .exec<{ name: string; until: number }>(
      `SELECT msgid AS name, send_due_at AS until FROM message
       WHERE send_due_at IS NOT NULL AND (jobs_sent > 0 OR claimed_at IS NOT NULL)`,
    )
    .toArray();
}

/** The earliest instants at which a message has to be sent, and to be forgotten; null when there is none. */
export function messagesDueAt(sql: SqlStorage): { send: number | null; forget: number | null } {
  return sql
    .exec<{ send: number | null; forget: number | null }>(
      // The condition lets SQLite use the index, which holds no NULL.
      `SELECT (SELECT MIN(send_due_at) FROM message WHERE send_due_at IS NOT NULL) AS send,
         (SELECT MIN(forget_at) FROM message) AS forget`,
    )
    .one();
}

export function changeMessage(sql: SqlStorage, msgid: string, changes: MessageChanges): void {
  const columns = Object.keys(changes);
  sql.exec(
    `UPDATE message SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE msgid = ?`,
    ...Object.values(changes),
    msgid,
  );
}

/** Erases who it went to and what it said; `reason` is what may stay of that. */
export function eraseMessage(sql: SqlStorage, msgid: string, reason: string | null): void {
  const erased = "UPDATE message SET recipient = ?, text = ?, reason = ? WHERE msgid = ?";
  sql.exec(erased, ERASED, ERASED, reason, msgid);
}

/**
 * The messages to this number among the next ones behind `after`, and behind which one to go on; null at the end. There is no
 * index of numbers: it would cost a row with each message, and be one place more that holds them.
 */
export function messagesTo(
  sql: SqlStorage,
  recipient: string,
  after: string,
): { msgids: string[]; next: string | null } {
  const { found, scanned, last } = sql
    .exec<{ found: string; scanned: number; last: string | null }>(
      `SELECT json_group_array(msgid) FILTER (WHERE recipient = ?) AS found, COUNT(*) AS scanned, MAX(msgid) AS last
       FROM (SELECT msgid, recipient FROM message WHERE msgid > ? ORDER BY msgid LIMIT ${SCANNED})`,
      recipient,
      after,
    )
    .one();
  const all = (JSON.parse(found) as string[]).toSorted();
  const msgids = all.slice(0, MOST_ERASED);
  if (msgids.length < all.length) return { msgids, next: msgids.at(-1) ?? null };
  return { msgids, next: scanned < SCANNED ? null : last };
}

/** Blanks what people wrote, and by what a carrier would know the person. */
export function blankMessage(sql: SqlStorage, msgid: string, reason: string | null): void {
  sql.exec(
    `UPDATE message SET recipient = '${ERASED}', text = '${ERASED}', sender = '${ERASED}', reference = NULL, callback_url = NULL,
       destination = NULL, reason = ?, carrier_id = NULL, event_id = NULL, claim_id = NULL, claimed_at = NULL,
       send_due_at = NULL, forget_at = NULL
     WHERE msgid = ?`,
    reason,
    msgid,
  );
}

export function deleteMessage(sql: SqlStorage, msgid: string): void {
  sql.exec("DELETE FROM message WHERE msgid = ?", msgid);
}

function stored(row: MessageRow): StoredMessage {
  const { code, destination, shortUrl, linkExpiresAt, tags, ...message } = camelKeys(row);
  const isTracked = code !== null && shortUrl !== null && linkExpiresAt !== null;
  const link = isTracked ? { code, destination, shortUrl, expiresAt: linkExpiresAt } : null;
  const person = {
    recipient: message.recipient === ERASED ? null : message.recipient,
    text: message.text === ERASED ? null : message.text,
  };
  return { ...message, ...person, tags: JSON.parse(tags) as string[], link };
}
