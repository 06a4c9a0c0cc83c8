// What is owed to callback URLs, in the storage of the object that owes it: the rules. Every method is synchronous, so each is one
// transaction with whatever its caller writes beside it. The ledger counts POSTs; the queue only carries.

import { log } from "../log.ts";
import { jobLeaseMs } from "../queue.ts";
import { type Lease, UnderWay } from "../under-way.ts";
import { type FailingState, hostOf, type Standing, type WhichCallbacks } from "./bulk-retry/failing.ts";
import type { AttemptReport, CallbackEvent, CallbackState, CallbackView } from "./callback.ts";
import {
  type CallbackChanges,
  CallbackRows,
  type DueJob,
  type StoredAttempt,
  type StoredCallback,
} from "./callback-rows.ts";
import { ATTEMPT_LEASE_MS, MOST_LOST_ATTEMPTS, MOST_POSTS, retryDelayMs, waitMs } from "./schedule.ts";

/** The error of an attempt that was lost before somebody asked for one more. */
const NO_REPORT = "no report";

/** An event and where it goes; without a URL it is only kept. */
export interface Owed {
  event: CallbackEvent;
  url: string | null;
  ownHost: string;
}

/** Whoever has to hear what becomes of callbacks: a link, for its book. Asked within the ledger's own transactions. */
export interface CallbackJournal {
  /** An attempt has ended, with this status or with none: the number of that event; null where nobody has to hear of it. */
  ended(status: number | null): number | null;
  /** A callback came to stand so otherwise than by a 200; or it is owed again. `body` is what it sends. */
  stands(eventId: string, state: "owed" | "exhausted" | "withdrawn", body: string): void;
  /** A callback is delivered, and was not before. For whoever does not know it from the ends of attempts. */
  delivered?(eventId: string, body: string): void;
}

/** The part of Settings that decides when to POST again. */
interface Pace {
  callbackRetrySeconds: readonly number[];
}

export class CallbackLedger {
  readonly #rows: CallbackRows;
  readonly #pace: Pace;
  readonly #events: "one" | "many";
  readonly #journal: CallbackJournal | undefined;
  readonly #underWay = new UnderWay(() => this.#readUnderWay());
  /**
   * Of an owner of one event: for which due time its first job was sent. It stands here only, and costs no row; a new instance may send
   * another, and only one can claim.
   */
  readonly #firstJobs = new Map<string, number>();

  constructor(sql: SqlStorage, pace: Pace, events: "one" | "many", journal?: CallbackJournal) {
    this.#rows = new CallbackRows(sql, events === "many");
    this.#pace = pace;
    this.#events = events;
    this.#journal = journal;
  }

  /** Writes the event down: owed from now on, or only kept (`none`) when there is nowhere to send it. */
  write({ event, url, ownHost }: Owed, now: number): void {
    const due = url === null ? null : now;
    const state = url === null ? "none" : "owed";
    const { id: eventId, body } = event;
    this.#rows.add({ eventId, url, ownHost, body, state, nextAttemptAt: due, dueAt: due, jobsSent: 0, attempts: [] });
  }

  /** When the alarm has to act for a callback, in Unix milliseconds; null when it has not. What is due waits for its turn. */
  dueAt(): number | null {
    const fullUntil = this.#underWay.fullUntil();
    if (fullUntil !== null) return fullUntil;
    if (this.#firstJobs.size === 0) return this.#rows.dueAt();
    const due = this.#rows.owed().map(({ eventId, dueAt }) => this.#leased(eventId, dueAt ?? 0));
    return due.length === 0 ? null : Math.min(...due);
  }

  /** The jobs to hand to the queue at `now`, as many as there is room for, the longest due first. */
  dueJobs(now: number): DueJob[] {
    const room = this.#underWay.room(now);
    const jobs = this.#rows.due(now, room).filter(({ eventId, dueAt }) => this.#leased(eventId, dueAt) <= now);
    for (const { eventId } of jobs) this.#underWay.begin(eventId, now + jobLeaseMs(1));
    return jobs;
  }

  /**
   * Notes that a job was given to the queue. When nobody claims it within its lease, because the queue refused or lost
   * it, it is due again. Sending it took a while, in which the job may have been claimed and even reported already: then the
   * due time is a newer one, and stays.
   */
  jobSent({ eventId, dueAt }: DueJob, now: number): void {
    const callback = this.#rows.read(eventId);
    if (callback === undefined || callback.dueAt !== dueAt) return;
    const isOne = this.#events === "one";
    // Of the first its row does not know; but it was sent, if it was due for so long.
    const jobs = Math.max(callback.jobsSent, isOne && now >= dueAt + jobLeaseMs(1) ? 1 : 0) + 1;
    const until = now + jobLeaseMs(jobs);
    this.#underWay.begin(eventId, until);
    if (isOne && jobs === 1) this.#firstJobs.set(eventId, dueAt);
    else this.#change(eventId, { jobsSent: jobs, dueAt: until });
  }

  /** The queue gave a job back: if its event is still owed and nobody is at it, the next job is due at `at`. */
  takeBackJob(eventId: string, now: number, at: number): void {
    if (!this.isClaimable(eventId, now)) return;
    this.#change(eventId, { dueAt: at });
    this.#underWay.end(eventId);
  }

  /** Whether the event is still to be delivered. */
  isOwed(eventId: string): boolean {
    return this.#rows.read(eventId)?.state === "owed";
  }

  /** Whether `claim` would give out an attempt now. */
  isClaimable(eventId: string, now: number): boolean {
    return isClaimable(this.#rows.read(eventId), now);
  }

  /**
   * Takes the right to make the next POST; nobody else gets it before the attempt is reported, or its lease is over.
   * Returns what to POST and where, or null when there is nothing to POST.
   */
  claim(eventId: string, now: number): { attempt: number; url: string; ownHost: string; body: string } | null {
    const callback = this.#rows.read(eventId);
    if (callback?.url == null || !isClaimable(callback, now)) return null;
    const { url, ownHost, body, attempts } = callback;
    const lost = attempts.filter(isOpen).length;
    if (lost >= MOST_LOST_ATTEMPTS) {
      this.#settle(callback, "exhausted");
      return null;
    }
    const n = newestOf(callback) + 1;
    const attempt: StoredAttempt = { n, at: now, status: null, error: null, durationMs: null, number: null };
    const next = now + Math.max(ATTEMPT_LEASE_MS, waitMs(lost + 1, this.#pace.callbackRetrySeconds));
    this.#postAt(callback, next, { attempts: [...attempts, attempt] });
    this.#underWay.begin(eventId, now + ATTEMPT_LEASE_MS);
    return { attempt: n, url, ownHost, body };
  }

  /** Notes how an attempt ended and decides what follows. A repeated report changes nothing. */
  report({ eventId, attempt, outcome }: AttemptReport, now: number, random: number): CallbackState {
    const callback = this.#rows.read(eventId);
    if (callback === undefined) return "none";
    const told = callback.attempts.find(({ n, durationMs }) => n === attempt && durationMs === null);
    if (told === undefined) return callback.state;
    const { status, error, durationMs } = outcome;
    const number = this.#journal?.ended(status) ?? null;
    const attempts = callback.attempts.map((one) =>
      one === told ? { ...one, status, error, durationMs, number } : one,
    );
    if (status === 200) {
      if (callback.state !== "delivered") this.#journal?.delivered?.(eventId, callback.body);
      return this.#settle(callback, "delivered", { attempts });
    }
    // A late report: the matter is settled, or a newer attempt is under way or was asked for. That decides, not this one.
    if (callback.state !== "owed" || newestOf(callback) !== attempt || told.error === NO_REPORT) {
      this.#rows.change(eventId, { attempts });
      return callback.state;
    }
    const posts = attempts.filter((one) => one.durationMs !== null).length;
    if (posts >= MOST_POSTS) return this.#settle(callback, "exhausted", { attempts });
    const delayMs = retryDelayMs(posts, this.#pace.callbackRetrySeconds, outcome.retryAfterSeconds, random);
    this.#postAt(callback, now + delayMs, { attempts });
    return "owed";
  }

  /** One more attempt, now or at another instant (Unix ms), with the same event. */
  retry(eventId: string, now: number, at = now): "accepted" | "delivered" | "no-url" {
    const callback = this.#rows.read(eventId);
    if (callback?.state === "delivered") return "delivered";
    if (callback?.url == null) return "no-url";
    // An attempt that is being made at this moment is the one more attempt, and if it gets lost another follows.
    const leaseEnd = leaseEndOf(callback);
    if (now < leaseEnd) {
      if (callback.state !== "owed") this.#owe(callback, leaseEnd);
      return "accepted";
    }
    // Lost attempts are forgiven, or a callback exhausted by them could never be claimed again.
    const attempts = callback.attempts.map((one) => (isOpen(one) ? { ...one, error: NO_REPORT } : one));
    this.#owe(callback, at, { attempts });
    return "accepted";
  }

  /**
   * Of an owner of messages: so many of the callbacks that fail, and what each is of. Of those that are owed, what is due by `dueBy`
   * (Unix ms) is left out.
   */
  failing(which: WhichCallbacks, limit: number, dueBy = 0): (Standing & { eventId: string; msgid: string | null })[] {
    return this.#rows.failing(which, limit, dueBy).slice(0, limit).map(standing);
  }

  /** From the next attempt on the event goes to another URL; without one nothing is owed any more. */
  readdress(eventId: string, url: string | null): void {
    const callback = this.#rows.read(eventId);
    if (callback === undefined || callback.url === url) return;
    if (url === null && callback.state === "owed") this.#settle(callback, "none", { url });
    else this.#rows.change(eventId, { url });
  }

  /** What the event tells has to change: its next attempts send what `rewrite` makes of the body, under the same id. */
  rewrite(eventId: string, rewrite: (body: string) => string): void {
    const callback = this.#rows.read(eventId);
    if (callback !== undefined) this.#rows.change(eventId, { body: rewrite(callback.body) });
  }

  /** This event is owed no more: its account is gone, and with it the secret that signs. */
  withdraw(eventId: string): void {
    const callback = this.#rows.read(eventId);
    if (callback?.state === "owed") this.#settle(callback, "none");
  }

  /** How the event stands; null is an event that has not happened. */
  view(eventId: string | null): CallbackView {
    const callback = eventId === null ? undefined : this.#rows.read(eventId);
    if (callback === undefined) return { state: "none", eventId: null, nextAttemptAt: null, attempts: [] };
    const { state, nextAttemptAt } = callback;
    const attempts = callback.attempts.map(({ at, status, error, durationMs }) => ({ at, status, error, durationMs }));
    return { state, eventId, nextAttemptAt, attempts };
  }

  /** The attempts that have ended as events with numbers behind this one, of all callbacks. */
  ended(after: number): (StoredAttempt & { eventId: string; number: number })[] {
    return this.#rows
      .all()
      .flatMap(({ eventId, attempts }) =>
        attempts.flatMap(({ number, ...attempt }) =>
          number !== null && number > after ? [{ ...attempt, number, eventId }] : [],
        ),
      );
  }

  /** Deletes one event and its attempts, whatever is owed. */
  forget(eventId: string): void {
    this.#rows.remove(eventId);
    this.#underWay.end(eventId);
  }

  /** A link's code has another link: what is settled goes; what is owed stays, and its attempts so far were the events of the link before. */
  beginAnew(): void {
    for (const { eventId, dueAt, attempts } of this.#rows.all())
      if (dueAt === null) this.forget(eventId);
      else this.#rows.change(eventId, { attempts: attempts.map((attempt) => ({ ...attempt, number: null })) });
  }

  /** None of the events is owed any more. */
  withdrawAll(): void {
    for (const { eventId } of this.#rows.owed()) this.withdraw(eventId);
  }

  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgotten(): void {
    this.#rows.forgotten();
    this.#underWay.forget();
    this.#firstJobs.clear();
  }

  #owe(callback: StoredCallback, at: number, changes: CallbackChanges = {}): void {
    if (callback.state !== "owed") this.#journal?.stands(callback.eventId, "owed", callback.body);
    this.#postAt(callback, at, { ...changes, state: "owed" });
  }

  #postAt({ eventId }: StoredCallback, at: number, changes: CallbackChanges): void {
    this.#change(eventId, { ...changes, nextAttemptAt: at, dueAt: at, jobsSent: 0 });
    this.#underWay.end(eventId);
  }

  #settle(callback: StoredCallback, state: CallbackState, changes: CallbackChanges = {}): CallbackState {
    const { eventId } = callback;
    this.#change(eventId, { ...changes, state, nextAttemptAt: null, dueAt: null });
    this.#underWay.end(eventId);
    if (state === "exhausted" || state === "none")
      this.#journal?.stands(eventId, state === "none" ? "withdrawn" : "exhausted", callback.body);
    if (state === "exhausted") log("callback.exhausted", { event_id: eventId, attempts: newestOf(callback) });
    return state;
  }

  /** Writes a new due time: what was noted of the one before is over. */
  #change(eventId: string, changes: CallbackChanges & { dueAt: number | null }): void {
    this.#rows.change(eventId, changes);
    this.#firstJobs.delete(eventId);
  }

  /** When it is due, if a job is under way of which its row does not know. */
  #leased(eventId: string, dueAt: number): number {
    return this.#firstJobs.get(eventId) === dueAt ? Math.max(dueAt, this.#underWay.until(eventId)) : dueAt;
  }

  /** A job until its lease ends, or else the attempt of which nobody has reported. */
  #readUnderWay(): Lease[] {
    return this.#rows.owed().flatMap((callback) => {
      const until = callback.jobsSent > 0 ? (callback.dueAt ?? 0) : leaseEndOf(callback);
      return until === 0 ? [] : [{ name: callback.eventId, until }];
    });
  }
}

function standing({ eventId, url, state, body, attempts }: StoredCallback) {
  const { timestamp, data } = JSON.parse(body) as { timestamp: string; data: { msgid?: string } };
  const last = attempts.findLast((attempt) => !isOpen(attempt));
  return {
    eventId,
    // Null of an alert.
    msgid: data.msgid ?? null,
    // The others are not among them.
    state: state as FailingState,
    host: hostOf(url) ?? "",
    at: Date.parse(timestamp),
    attempts: attempts.length,
    status: last?.status ?? null,
    error: last?.error ?? null,
    triedAt: last?.at ?? null,
  };
}

function isClaimable(callback: StoredCallback | undefined, now: number): boolean {
  return callback?.state === "owed" && now >= (callback.nextAttemptAt ?? 0);
}

/** Nobody has reported of it (yet). */
function isOpen({ status, error }: StoredAttempt): boolean {
  return status === null && error === null;
}

function newestOf({ attempts }: StoredCallback): number {
  return attempts.at(-1)?.n ?? 0;
}

/** When the newest attempt counts as lost, of which nobody has reported; for any other it is long ago. */
function leaseEndOf({ attempts }: Pick<StoredCallback, "attempts">): number {
  const newest = attempts.at(-1);
  return newest !== undefined && isOpen(newest) ? newest.at + ATTEMPT_LEASE_MS : 0;
}
