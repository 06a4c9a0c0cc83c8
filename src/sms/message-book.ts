// Messages and what becomes of them: the truth, kept by a book, or of before there were books by the account's object. Every method is
// synchronous, so each is one transaction with the alarm that its caller sets. A message is given to a carrier again only when it is
// certain that the carrier did not accept it.

import { find, type Found, type ListQuery, Reader } from "../book/find.ts";
import { needlesOf, type Packs } from "../book/packs.ts";
import type { CallbackLedger } from "../callback/ledger.ts";
import type { LinkSummary } from "../link/link.ts";
import { KEPT_AFTER_END_MS } from "../link/link.ts";
import { log } from "../log.ts";
import { jobLeaseMs } from "../queue.ts";
import { randomFraction } from "../random.ts";
import { UnderWay } from "../under-way.ts";
import type { CarrierName } from "./carriers/carrier-settings.ts";
import type { Sent } from "./carriers/carrier.ts";
import { deliveryEvent, withoutPerson } from "./report/delivery-event.ts";
import {
  type EraseStep,
  isFinal,
  type Message,
  type MessageCallback,
  type MessageMove,
  type MessageQuery,
  type MessageStatus,
  type MessageWithCallback,
  type NewMessage,
  type SendClaim,
  stateOf,
} from "./message.ts";
import * as rows from "./message-rows.ts";
import { countedReason, ERASED_UNSENT, givenUp, impersonal, MAY_HAVE_BEEN_SENT } from "./reason.ts";
import { GIVE_UP_AFTER_MS, retryDelayMs, SEND_LEASE_MS } from "./send/send-schedule.ts";

/** Messages that one alarm deletes, or blanks; the next alarm follows at once when more are due. */
const MOST_DELETED = 100;
const MOST_BLANKED = 1_000;
/** What was erased when its time was over, and is still to be called back, is looked at again so much later. */
const OWED_PAUSE_MS = 3_600_000;
/** Looked at again after a quarter of an hour, so that what was suspended for a moment is late by no more. */
const SUSPENDED = { kind: "later", reason: "the account is suspended", retryAfterSeconds: 900 } as const;
const NO_CARRIER = { kind: "later", reason: "no carrier is set up", retryAfterSeconds: null } as const;

/** A job that is due, and since when: the time names this one due time among all that come. */
interface DueMessage {
  msgid: string;
  dueAt: number;
}

const RANK: Record<MessageStatus, number> = { QUEUED: 0, DELIVERING: 1, DELIVERED: 2, FAIL: 2 };

/** What a message shows of its link. */
export type LinkNews = Pick<LinkSummary, "msgid" | "destination" | "firstAccessedAt" | "closedAt">;

/** Whoever keeps messages beside links: a book, which notes what becomes of them in its journal. Asked within the same transaction. */
export interface MessageJournal {
  moved(move: MessageMove, at: number): void;
  called(callback: MessageCallback, at: number): void;
  /** What is known of a message's link when the message comes. */
  linkOf(message: NewMessage): LinkNews | null;
  /** By what messages are found. */
  packs(): Packs;
}

export class MessageBook {
  readonly #sql: SqlStorage;
  readonly #ledger: CallbackLedger;
  readonly #journal: () => MessageJournal | null;
  readonly #underWay = new UnderWay(() => rows.messagesUnderWay(this.#sql));

  constructor(sql: SqlStorage, ledger: CallbackLedger, journal: () => MessageJournal | null) {
    this.#sql = sql;
    this.#ledger = ledger;
    this.#journal = journal;
  }

  /** Accepts a message, to be sent from now on. The same msgid again changes nothing. */
  add(message: NewMessage, now: number): void {
    if (!rows.addMessage(this.#sql, message, now)) return;
    const journal = this.#journal();
    if (journal === null) return;
    journal.packs().renew([message.msgid]);
    const accepted = { ...message, status: "QUEUED", reason: null } as const;
    journal.moved({ ...moveOf(accepted), from: null }, message.createdAt);
    const link = journal.linkOf(message);
    if (link !== null) this.linkChanged(link);
  }

  read(msgid: string): MessageWithCallback | null {
    const message = this.#find(msgid);
    return message === undefined ? null : { ...factsOf(message), callback: this.#ledger.view(message.eventId) };
  }

  isAny(): boolean {
    return rows.hasMessages(this.#sql);
  }

  /** Newest first; one more than `limit` when there is a further page. */
  find(query: MessageQuery): Message[] {
    return rows.findMessages(this.#sql, query).map(factsOf);
  }

  /** With so many rows read as the query allows. */
  page(query: ListQuery): Found<Message> {
    const packs = needlesOf(query).length === 0 ? null : (this.#journal()?.packs() ?? null);
    const { things, ...found } = find(new Reader(this.#sql, query.rows), rows.messageShelf(query), packs, query);
    return { ...found, things: things.map(factsOf) };
  }

  /** When the alarm has to act, in Unix milliseconds; null when it has not. What is to be sent waits for its turn. */
  dueAt(): number | null {
    const { send, forget } = rows.messagesDueAt(this.#sql);
    const due = [this.#underWay.fullUntil() ?? send, forget].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /**
   * The messages for which a job is to be sent now, as many as there is room for. One whose sender fell silent between claim and
   * report is not among them: it fails here, because it may have been sent. Nor is one that is too old to be of use, or whose
   * account is suspended.
   */
  dueJobs(isSuspended: boolean, now: number): DueMessage[] {
    return rows.messagesToSend(this.#sql, now, this.#underWay.room(now)).flatMap((message) => {
      const { msgid, sendDueAt, claimedAt } = message;
      if (claimedAt !== null) this.#move(message, "FAIL", MAY_HAVE_BEEN_SENT, now);
      const isOver = claimedAt !== null || this.#giveUp(message, now);
      if (isOver || sendDueAt === null) return [];
      if (isSuspended) {
        this.#postpone(message, SUSPENDED, now);
        return [];
      }
      this.#underWay.begin(msgid, now + jobLeaseMs(1));
      return [{ msgid, dueAt: sendDueAt }];
    });
  }

  /**
   * Notes that a job is on its way. When nobody claims it within its lease, because the queue lost it, it is due again.
   * Sending it took a while, in which the message may have been claimed and even put off: then the due time is another
   * one, and stays.
   */
  jobSent({ msgid, dueAt }: DueMessage, now: number): void {
    const message = rows.readMessage(this.#sql, msgid);
    if (message?.sendDueAt !== dueAt || message.claimedAt !== null) return;
    const jobs = message.jobsSent + 1;
    const until = now + jobLeaseMs(jobs);
    rows.changeMessage(this.#sql, msgid, { jobs_sent: jobs, send_due_at: until });
    this.#underWay.begin(msgid, until);
  }

  /**
   * Takes the right to give the message to this carrier, once; written down before anything is sent. `claimId` names who
   * asks: the same again gets the same claim while it lasts, because the first answer may have been lost. Without a carrier, or
   * while the account is suspended, there is nothing to claim: the message is put off and says why.
   */
  claim(
    msgid: string,
    carrier: CarrierName | undefined,
    claimId: string,
    isSuspended: boolean,
    now: number,
  ): SendClaim {
    const message = this.#find(msgid);
    if (message === undefined) return { kind: "nothing" };
    const isRepeated = message.claimId === claimId;
    if (isRepeated ? message.claimedAt === null : !isClaimable(message, now)) return { kind: "nothing" };
    if (!isRepeated && this.#giveUp(message, now)) return { kind: "nothing" };
    const { origin, sender, recipient, text } = message;
    // Erased since its claim, whose answer was lost or comes late: the lease ends it.
    if (recipient === null || text === null) return { kind: "nothing" };
    const isHeld = isSuspended && !isRepeated;
    if (carrier === undefined || isHeld) {
      this.#postpone(message, isHeld ? SUSPENDED : NO_CARRIER, now);
      return { kind: "nothing" };
    }
    rows.changeMessage(this.#sql, msgid, {
      carrier,
      claim_id: claimId,
      claimed_at: now,
      send_due_at: now + SEND_LEASE_MS,
    });
    this.#underWay.begin(msgid, now + SEND_LEASE_MS);
    return { kind: "claimed", msgid, origin, sender, recipient, text };
  }

  /**
   * Notes how sending ended; the status that follows. Of a claim that is over only this is still heard, that the carrier
   * accepted: then the message is out, whoever holds the claim now.
   */
  sent(msgid: string, claimId: string, sent: Sent, now: number): MessageStatus | null {
    const message = this.#find(msgid);
    if (message === undefined) return null;
    if (sent.kind === "accepted") {
      if (message.carrierId === null) {
        // Its report may have come before.
        const givenAt = message.givenAt ?? Math.min(now, message.settledAt ?? now);
        rows.changeMessage(this.#sql, msgid, { carrier_id: sent.carrierId, given_at: givenAt });
      }
      return this.#move(message, sent.isDelivered ? "DELIVERED" : "DELIVERING", null, now);
    }
    if (message.claimedAt === null || message.claimId !== claimId) {
      // A claim may come behind its own note, and nobody would act on it: so its name is over.
      if (message.claimedAt === null) rows.changeMessage(this.#sql, msgid, { claim_id: claimId });
      return message.status;
    }
    switch (sent.kind) {
      case "refused":
        return this.#move(message, "FAIL", sent.reason, now);
      case "silent":
        return this.#move(message, "FAIL", MAY_HAVE_BEEN_SENT, now);
      case "later":
        return this.#postpone(message, sent, now);
    }
  }

  /** The carrier's delivery report; the status that follows, null for an unknown message. */
  reported(msgid: string, status: MessageStatus, reason: string | null, now: number): MessageStatus | null {
    const message = this.#find(msgid);
    return message === undefined ? null : this.#move(message, status, reason, now);
  }

  /**
   * Erases number, text and the carrier's words, at once and for good, also from a delivery report that is still to be sent.
   * What nobody has yet does not leave any more; what somebody is at has left, and is not given away again. False for an
   * unknown message.
   */
  erase(msgid: string, now: number): boolean {
    const message = this.#find(msgid);
    if (message === undefined) return false;
    if (message.recipient !== null) this.#eraseAll([msgid], now);
    return true;
  }

  /**
   * Erases the messages to this number among the next ones behind the msgid `after`, in one step that takes a moment: how many
   * they were, and behind which one to go on; null at the end.
   */
  eraseTo(recipient: string, after: string, now: number): EraseStep {
    const { msgids, next } = rows.messagesTo(this.#sql, recipient, after);
    this.#eraseAll(msgids, now);
    return { erased: msgids.length, next };
  }

  #eraseAll(msgids: readonly string[], now: number): void {
    for (const msgid of msgids) {
      const message = this.#find(msgid);
      if (message === undefined) continue;
      const erased = { ...message, recipient: null, text: null, reason: impersonal(message.reason) };
      rows.eraseMessage(this.#sql, msgid, erased.reason);
      if (message.eventId !== null) this.#ledger.rewrite(message.eventId, withoutPerson);
      if (message.status === "QUEUED" && message.claimedAt === null) this.#move(erased, "FAIL", ERASED_UNSENT, now);
      // It came to no other state. Whoever reads the journal finds it changed.
      else this.#journal()?.moved(moveOf(erased), now);
    }
    this.#journal()?.packs().renew(msgids);
  }

  /** The link of a message was opened for the first time, leads elsewhere, or was deleted. A blank one is counted still. */
  linkChanged({ msgid, destination, firstAccessedAt, closedAt }: LinkNews): void {
    if (msgid === null) return;
    const message = rows.readMessage(this.#sql, msgid);
    if (message === undefined) return;
    const isBlank = message.forgetAt === null;
    if (!isBlank && message.link?.destination !== destination) {
      rows.changeMessage(this.#sql, msgid, { destination });
      this.#journal()?.packs().renew([msgid]);
    }
    if (firstAccessedAt !== null && message.firstAccessedAt === null) {
      rows.changeMessage(this.#sql, msgid, { first_accessed_at: firstAccessedAt });
      this.#journal()?.moved({ ...moveOf(message), openedAt: firstAccessedAt }, firstAccessedAt);
    }
    // It may have been deleted, or ended by the operator, when its time was over already.
    if (closedAt !== null && !isBlank) this.linkEnded(msgid, Math.min(closedAt, message.link?.expiresAt ?? closedAt));
  }

  /** The callback of a message, which sends `body`, came to stand so. */
  callbackStands(eventId: string, state: MessageCallback["state"], body: string, now: number): void {
    const journal = this.#journal();
    if (journal === null) return;
    const { data } = JSON.parse(body) as { data: { msgid: string } };
    const message = rows.readMessage(this.#sql, data.msgid);
    if (message === undefined) return;
    const { msgid, createdAt: acceptedAt, tags } = message;
    journal.called({ msgid, acceptedAt, eventId, state, tags }, now);
  }

  /** The link of a message has ended: the message goes thirty days later. */
  linkEnded(msgid: string, endedAt: number): void {
    rows.changeMessage(this.#sql, msgid, { forget_at: endedAt + KEPT_AFTER_END_MS });
  }

  /**
   * The messages whose time is over are deleted; or, where they are in figures, blanked, with their callbacks. What is still to be
   * called back is erased meanwhile.
   */
  forgetDue(now: number): void {
    const isCounted = this.#journal() !== null;
    const due = rows.messagesToForget(this.#sql, now, isCounted ? MOST_BLANKED : MOST_DELETED);
    for (const { msgid } of due) {
      if (isCounted) this.#settle(msgid, now);
      const eventId = rows.readMessage(this.#sql, msgid)?.eventId ?? null;
      if (isCounted && eventId !== null && this.#ledger.isOwed(eventId)) {
        this.erase(msgid, now);
        rows.changeMessage(this.#sql, msgid, { forget_at: now + OWED_PAUSE_MS });
        continue;
      }
      if (eventId !== null) this.#ledger.forget(eventId);
      if (isCounted) this.#blank(msgid);
      else rows.deleteMessage(this.#sql, msgid);
    }
    if (due.length > 0)
      this.#journal()
        ?.packs()
        .renew(due.map(({ msgid }) => msgid));
  }

  /** What nobody has looked at for so long is sent by nobody any more. */
  #settle(msgid: string, now: number): void {
    const message = rows.readMessage(this.#sql, msgid);
    if (message === undefined || message.sendDueAt === null) return;
    const reason = message.claimedAt === null ? givenUp(message.reason) : MAY_HAVE_BEEN_SENT;
    this.#move(message, "FAIL", reason, now);
  }

  #blank(msgid: string): void {
    const reason = rows.readMessage(this.#sql, msgid)?.reason ?? null;
    rows.blankMessage(this.#sql, msgid, impersonal(reason));
    this.#underWay.end(msgid);
  }

  /** A message that there is for everybody but figures; undefined of one that is blank. */
  #find(msgid: string): rows.StoredMessage | undefined {
    const message = rows.readMessage(this.#sql, msgid);
    return message?.forgetAt === null ? undefined : message;
  }

  /** The storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#underWay.forget();
  }

  #postpone(message: rows.StoredMessage, sent: Sent & { kind: "later" }, now: number): MessageStatus {
    if (message.recipient === null) return this.#move(message, "FAIL", ERASED_UNSENT, now);
    const tries = message.tries + 1;
    rows.changeMessage(this.#sql, message.msgid, {
      reason: sent.reason,
      tries,
      claimed_at: null,
      jobs_sent: 0,
      send_due_at: now + retryDelayMs(tries, sent.retryAfterSeconds, randomFraction()),
    });
    this.#underWay.end(message.msgid);
    return this.#giveUp({ ...message, reason: sent.reason }, now) ? "FAIL" : message.status;
  }

  /** Whether the message is too old to be of use to its recipient; then it has failed. */
  #giveUp(message: rows.StoredMessage, now: number): boolean {
    if (now - message.createdAt < GIVE_UP_AFTER_MS) return false;
    this.#move(message, "FAIL", givenUp(message.reason), now);
    return true;
  }

  /** Forward or not at all. Whoever has the message need not be asked to send it any more. */
  #move(message: rows.StoredMessage, status: MessageStatus, said: string | null, now: number): MessageStatus {
    if (RANK[status] <= RANK[message.status]) return message.status;
    const told = message.recipient === null ? impersonal(said) : said;
    const reason = status === "FAIL" ? told : null;
    const changes: rows.MessageChanges = { status, reason, send_due_at: null, claimed_at: null };
    if (isFinal(status)) changes.settled_at = now;
    if (isFinal(status) && message.callbackUrl !== null) {
      const event = deliveryEvent({ ...factsOf(message), status, reason }, now);
      this.#ledger.write({ event, url: message.callbackUrl, ownHost: new URL(message.origin).host }, now);
      changes.event_id = event.id;
      this.callbackStands(event.id, "owed", event.body, now);
    }
    rows.changeMessage(this.#sql, message.msgid, changes);
    this.#journal()?.moved({ ...moveOf({ ...message, status, reason }), from: stateOf(message) }, now);
    this.#underWay.end(message.msgid);
    if (status === "FAIL") log("message.failed", { msgid: message.msgid, carrier: message.carrier });
    return status;
  }
}

function isClaimable(message: rows.StoredMessage, now: number): boolean {
  return message.sendDueAt !== null && message.claimedAt === null && isPatient(message, now);
}

/** Between two tries a late job of the first must not claim. Once a job was sent, the due time is a lease, not a wait. */
function isPatient({ sendDueAt, jobsSent }: rows.StoredMessage, now: number): boolean {
  return jobsSent > 0 || (sendDueAt ?? 0) <= now;
}

type Counted = Pick<Message, "msgid" | "createdAt" | "link" | "parts" | "cost" | "tags" | "status" | "reason">;

/** A message as it stands, for the journal: without number and text. */
function moveOf(message: Counted): MessageMove {
  const { msgid, createdAt: acceptedAt, link, parts, cost, tags, status } = message;
  const state = stateOf(message);
  return {
    msgid,
    acceptedAt,
    from: state,
    to: state,
    hasLink: link !== null,
    parts,
    cost: Math.round(cost * 1e6),
    reason: status === "FAIL" ? countedReason(message.reason) : null,
    openedAt: null,
    tags,
  };
}

function factsOf(message: rows.StoredMessage): Message {
  const { sendDueAt: _due, jobsSent: _jobs, claimedAt: _claimed, claimId: _claimId, tries: _tries, ...told } = message;
  const { forgetAt: _forgetAt, ...facts } = told;
  return facts;
}
