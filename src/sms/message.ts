// The noun: what a message is, to its sender, to the object that keeps it and on its way to the carrier.

import { customAlphabet } from "nanoid";
import type { CallbackView } from "../callback/callback.ts";
import { KEPT_AFTER_END_MS, LINK_LIFETIME_SECONDS } from "../link/link.ts";
import { TIME_DIGITS, timeText } from "../timed-id.ts";
import type { CarrierName } from "./carriers/carrier-settings.ts";
import { MAY_HAVE_BEEN_SENT } from "./reason.ts";

/** In the SMS API's words. It moves to the right only: QUEUED, DELIVERING, then DELIVERED or FAIL, which are final. */
export type MessageStatus = "QUEUED" | "DELIVERING" | "DELIVERED" | "FAIL";

/**
 * What became of a message, in one word: `sent` is with the carrier, which has not reported; `unknown` may have been sent. Each message
 * is in exactly one of them.
 */
export type MessageState = "waiting" | "sent" | "delivered" | "failed" | "unknown";

const STATES = { QUEUED: "waiting", DELIVERING: "sent", DELIVERED: "delivered", FAIL: "failed" } as const;

export function stateOf({ status, reason }: { status: MessageStatus; reason: string | null }): MessageState {
  return status === "FAIL" && reason === MAY_HAVE_BEEN_SENT ? "unknown" : STATES[status];
}

/** A message came to a state, or its link was opened for the first time; `from` is the state before, null when it was accepted. */
export interface MessageMove {
  msgid: string;
  /** When it was accepted, Unix milliseconds. */
  acceptedAt: number;
  from: MessageState | null;
  to: MessageState;
  hasLink: boolean;
  parts: number;
  /** In millionths. */
  cost: number;
  /** Of one that has failed: what that is counted as. */
  reason: string | null;
  /** The first access of its link, Unix milliseconds, where that is what happened. */
  openedAt: number | null;
  tags: string[];
}

/** The callback of a message came to stand so. */
export interface MessageCallback {
  msgid: string;
  /** When the message was accepted, Unix milliseconds. */
  acceptedAt: number;
  eventId: string;
  state: "owed" | "delivered" | "exhausted" | "withdrawn";
  tags: string[];
}

/** Whether no carrier's report changes it any more. */
export function isFinal(status: MessageStatus): boolean {
  return status === "DELIVERED" || status === "FAIL";
}

/** The link in a message, as the account knows it. Instants are Unix milliseconds. */
export interface MessageLink {
  code: string;
  destination: string;
  shortUrl: string;
  expiresAt: number;
}

/** A message as it was accepted. Instants are Unix milliseconds. */
export interface NewMessage {
  msgid: string;
  /** Where the API was called, `https://HOST`: the message's own address and its delivery reports are there. */
  origin: string;
  sender: string;
  /** E.164, with `+`. */
  recipient: string;
  /** What is sent, with the short URL in it. */
  text: string;
  parts: number;
  cost: number;
  tags: string[];
  reference: string | null;
  /** Gets the delivery report. */
  callbackUrl: string | null;
  /** Null when it is not tracked. */
  link: MessageLink | null;
  createdAt: number;
}

/** A message as the object that keeps it knows it. */
export interface Message extends Omit<NewMessage, "recipient" | "text" | "link"> {
  /** Null when it was erased, and with it the text. */
  recipient: string | null;
  text: string | null;
  /** The destination is null when it is blank. */
  link: (Omit<MessageLink, "destination"> & { destination: string | null }) | null;
  status: MessageStatus;
  /** Why it failed, or why it still waits; null otherwise. */
  reason: string | null;
  /** Whom it was given to last; null while nobody has it. */
  carrier: CarrierName | null;
  /** The carrier's own name for it. */
  carrierId: string | null;
  /** When the carrier took it, and when it came to its end; null before, and where an earlier version did not note it. */
  givenAt: number | null;
  settledAt: number | null;
  /** The first access of its link. */
  firstAccessedAt: number | null;
  /** The event that its delivery report made. */
  eventId: string | null;
}

/** One message with the callback of its delivery report. */
export interface MessageWithCallback extends Message {
  callback: CallbackView;
}

/** What the queue carries: which account has which message to send. The object that keeps it knows whether it still is to be sent. */
export interface SendJob {
  sid: string;
  msgid: string;
}

/** `nothing`: sent, not due, being sent by somebody else, or unknown. The job is done with. */
export type SendClaim =
  | { kind: "claimed"; msgid: string; origin: string; sender: string; recipient: string; text: string }
  | { kind: "nothing" };

/** How many messages one step has erased, and the msgid behind which the next goes on; null when there is none. */
export interface EraseStep {
  erased: number;
  next: string | null;
}

/** Which messages to list, newest first, however many rows are read for it. Instants are Unix milliseconds. */
export interface MessageQuery {
  limit: number;
  /** Continue behind this message of the page before. */
  after: string | null;
  /** Inclusive. */
  createdFrom: number;
  /** Exclusive. */
  createdBefore: number;
}

/** In its list. */
export function placeOfMessage({ msgid }: Pick<Message, "msgid">): string {
  return msgid;
}

const MSGID_LENGTH = 32;
const BOOK_DIGITS = 6;
const mintTail = customAlphabet(
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
  MSGID_LENGTH - TIME_DIGITS - 1 - BOOK_DIGITS,
);

/**
 * A new msgid: 32 characters of [A-Za-z0-9]. The first nine are the time, so that ids sort by it; then follow a `b` and the number of
 * the message's book in base 36; 95 bits are random.
 */
export function mintMsgid(at: number, book: number): string {
  return `${timeText(at)}b${book.toString(36).padStart(BOOK_DIGITS, "0")}${mintTail()}`;
}

export const MSGID = /^[A-Za-z0-9]{32}$/;

// Ids from before there were books are random here; one in 5·10^10 of them looks as if it had one of the first 36 books.
const BOOK_IN_MSGID = new RegExp(`^.{${TIME_DIGITS}}b(0{2}[0-9a-z]{${BOOK_DIGITS - 2}})`);

/** The number of the book that keeps a message; null for the account's own object. */
export function bookOf(msgid: string): number | null {
  const digits = BOOK_IN_MSGID.exec(msgid)?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 36);
}

/** When a message is deleted, or in a book blanked, Unix milliseconds: 30 days after its link's end; without a link as if it had had one. */
export function forgetAt({ createdAt, link }: Pick<NewMessage, "createdAt" | "link">): number {
  return (link?.expiresAt ?? createdAt + LINK_LIFETIME_SECONDS * 1_000) + KEPT_AFTER_END_MS;
}
