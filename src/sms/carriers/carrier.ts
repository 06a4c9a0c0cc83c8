// The one interface behind which every carrier is a file: send this text to this recipient, and, where the carrier
// reports delivery, turn its report into a status.

import type { CarrierSettings } from "./carrier-settings.ts";

/** What a carrier is asked to send. */
export interface Outgoing {
  /** Ours: 32 characters of [A-Za-z0-9]. */
  msgid: string;
  /** One that the carrier takes, or that the carrier before it took when the message was accepted. */
  sender: string;
  /** E.164, with `+`. */
  recipient: string;
  /** With the short URL in it. */
  text: string;
  /** Where the carrier may report delivery: https://HOST/sms/reports/CARRIER/SID/MSGID. */
  reportUrl: string;
}

/**
 * How sending ended. `accepted`: the carrier has it, under its own id. `refused`: it will never take it, for this reason.
 * `later`: it surely did not accept it, and may take it another time. `silent`: nobody knows; it may have been sent, so it
 * is never sent again. A reason is shown to the sender and never logged: a carrier's text may hold the recipient's number.
 * A problem is the operator's to mend: it names settings, is logged, and is shown to no sender.
 */
export type Sent =
  | { kind: "accepted"; carrierId: string | null; isDelivered: boolean }
  | { kind: "refused"; reason: string }
  | { kind: "later"; reason: string; retryAfterSeconds: number | null; problem?: string }
  | { kind: "silent" };

/** What a report says. It moves the message on, or it is an intermediate one that changes nothing (`same`). */
export type Report =
  | { kind: "status"; status: "DELIVERING" | "DELIVERED" | "FAIL"; reason: string | null }
  | { kind: "same" }
  /** From the carrier, or said to be, but not in its documented form. */
  | { kind: "unreadable" }
  /** The carrier has to be asked about it and does not answer, or may not be asked yet: it should report again. */
  | { kind: "later" };

/** What is known of the message that a report is about. */
export interface Reported {
  msgid: string;
  /** Null until the carrier's answer is recorded; a report can be quicker. */
  carrierId: string | null;
  /**
   * Whoever reads a report that is not signed waits for this before it asks the carrier: anybody may have sent it. False: it
   * must not ask, because a question is still to come that will see what this report is about.
   */
  mayAsk: () => Promise<boolean>;
}

/** What a carrier takes, as its documents have it, so that a message it would refuse is refused before it is accepted. */
export interface Takes {
  /** In code points, of the text that is sent. */
  longestText: number;
  /** Whether a message can say that it comes from this, and which can, as in "Must be …". Whether it is the operator's, the carrier knows. */
  isSender: (text: string) => boolean;
  senders: string;
}

export interface Carrier {
  takes: Takes;
  /** Sends once. Never throws. Takes at most 14 seconds, one connection at a time. */
  send(message: Outgoing): Promise<Sent>;
  /** Whether the carrier made this report; absent where it signs none. Asked first, before anything is looked up. Never throws. */
  isSigned?(request: Request, body: string): Promise<boolean>;
  /** Reads a delivery report. Absent where the carrier makes none. Never throws. `body` is the request's, as text. */
  readReport?(request: Request, body: string, message: Reported): Promise<Report>;
}

/**
 * A carrier's file makes it from the settings. `isLocal`: this is somebody's own machine (the setting
 * ALLOW_LOCAL_ADDRESSES).
 */
export type MakeCarrier = (settings: CarrierSettings, isLocal: boolean) => Carrier;
