// What is owed to callback URLs, in the storage of the object that owes it. Every method is synchronous, so each is one
// transaction with whatever its caller writes beside it. The ledger counts POSTs; the queue only carries.

import { log } from "../log.ts";
import { jobLeaseMs } from "../queue.ts";
import { hasTable } from "../tables.ts";
import { type Lease, UnderWay } from "../under-way.ts";
import type { AttemptReport, CallbackEvent, CallbackState, CallbackView } from "./callback.ts";
import { ATTEMPT_LEASE_MS, MOST_LOST_ATTEMPTS, MOST_POSTS, retryDelayMs, waitMs } from "./schedule.ts";

/** A column of `attempt`: the number of the event that its end is, where somebody has to hear of it (see CallbackJournal). */
export const ATTEMPT_NUMBER = "number INTEGER";

const TABLES = `
  CREATE TABLE callback (
    event_id TEXT PRIMARY KEY,
    url TEXT,
    own_host TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    next_attempt_at INTEGER,
    due_at INTEGER,
    jobs_sent INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE attempt (
    event_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    duration_ms INTEGER,
    ${ATTEMPT_NUMBER},
    PRIMARY KEY (event_id, n)
  ) STRICT, WITHOUT ROWID;`;
export const LEDGER_TABLES = ["callback", "attempt"];
/** For an owner of many events. It costs a row with every change of a due time, so a link, which has one event, has none. */
const DUE_INDEX = "CREATE INDEX callback_by_due ON callback (due_at) WHERE due_at IS NOT NULL;";

/** The error of an attempt that was lost before somebody asked for one more. */
const NO_REPORT = "no report";

/** A job that is due, and since when: the time names this one due time among all that come. */
export interface DueJob {
  eventId: string;
  dueAt: number;
}

/** An event and where it goes; without a URL it is only kept. */
export interface Owed {
  event: CallbackEvent;
  url: string | null;
  ownHost: string;
}

interface CallbackRow extends Record<string, SqlStorageValue> {
  event_id: string;
  url: string | null;
  own_host: string;
  body: string;
  state: CallbackState;
  next_attempt_at: number | null;
  due_at: number | null;
  jobs_sent: number;
}

interface AttemptRow extends Record<string, SqlStorageValue> {
  n: number;
  at: number;
  status: number | null;
  error: string | null;
  duration_ms: number | null;
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
  readonly #sql: SqlStorage;
  readonly #pace: Pace;
  readonly #events: "one" | "many";
  readonly #journal: CallbackJournal | undefined;
  readonly #underWay = new UnderWay(() => this.#readUnderWay());
  /** Known from the first question on, because nobody else makes them. */
  #hasTables: boolean | undefined;

  constructor(sql: SqlStorage, pace: Pace, events: "one" | "many", journal?: CallbackJournal) {
    this.#sql = sql;
    this.#pace = pace;
    this.#events = events;
    this.#journal = journal;
  }

  /** Writes the event down: owed from now on, or only kept (`none`) when there is nowhere to send it. */
  write({ event, url, ownHost }: Owed, now: number): void {
    // Made with the first event and not before: most links are never opened, and tables are billed.
    if (!this.#hasStorage()) this.#sql.exec(TABLES + (this.#events === "many" ? DUE_INDEX : ""));
    this.#hasTables = true;
    const due = url === null ? null : now;
    this.#sql.exec(
      `INSERT INTO callback (event_id, url, own_host, body, state, next_attempt_at, due_at, jobs_sent)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
      event.id,
      url,
      ownHost,
      event.body,
      url === null ? "none" : "owed",
      due,
      due,
    );
  }

  /** When the alarm has to act for a callback, in Unix milliseconds; null when it has not. What is due waits for its turn. */
  dueAt(): number | null {
    if (!this.#hasStorage()) return null;
    const fullUntil = this.#underWay.fullUntil();
    if (fullUntil !== null) return fullUntil;
    // The condition lets SQLite use the index, which holds no NULL.
    const query = "SELECT MIN(due_at) AS at FROM callback WHERE due_at IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query).one().at;
  }

  /** The jobs to hand to the queue at `now`, as many as there is room for, the longest due first. */
  dueJobs(now: number): DueJob[] {
    if (!this.#hasStorage()) return [];
    const jobs = this.#sql
      .exec<{ eventId: string; dueAt: number }>(
        "SELECT event_id AS eventId, due_at AS dueAt FROM callback WHERE due_at <= ? ORDER BY due_at LIMIT ?",
        now,
        this.#underWay.room(now),
      )
      .toArray();
    for (const { eventId } of jobs) this.#underWay.begin(eventId, now + jobLeaseMs(1));
    return jobs;
  }

  /**
   * Notes that a job was given to the queue. When nobody claims it within its lease, because the queue refused or lost
   * it, it is due again. Sending took a while, in which the job may have been claimed and even reported already: then the
   * due time is a newer one, and stays.
   */
  jobSent({ eventId, dueAt }: DueJob, now: number): void {
    const callback = this.#callback(eventId);
    if (callback === undefined) return;
    const jobs = callback.jobs_sent + 1;
    const until = now + jobLeaseMs(jobs);
    const { rowsWritten } = this.#sql.exec(
      "UPDATE callback SET jobs_sent = ?, due_at = ? WHERE event_id = ? AND due_at = ?",
      jobs,
      until,
      eventId,
      dueAt,
    );
    if (rowsWritten > 0) this.#underWay.begin(eventId, until);
  }

  /** The queue gave a job back: if its event is still owed and nobody is at it, the next job is due at `at`. */
  takeBackJob(eventId: string, now: number, at: number): void {
    if (!this.isClaimable(eventId, now)) return;
    this.#sql.exec("UPDATE callback SET due_at = ? WHERE event_id = ?", at, eventId);
    this.#underWay.end(eventId);
  }

  /** Whether the event is still to be delivered. */
  isOwed(eventId: string): boolean {
    return this.#callback(eventId)?.state === "owed";
  }

  /** Whether `claim` would give out an attempt now. */
  isClaimable(eventId: string, now: number): boolean {
    const callback = this.#callback(eventId);
    return callback?.state === "owed" && now >= (callback.next_attempt_at ?? 0);
  }

  /**
   * Takes the right to make the next POST; nobody else gets it before the attempt is reported, or its lease is over.
   * Returns what to POST and where, or null when there is nothing to POST.
   */
  claim(eventId: string, now: number): { attempt: number; url: string; ownHost: string; body: string } | null {
    const callback = this.#callback(eventId);
    if (callback?.url == null || !this.isClaimable(eventId, now)) return null;
    const lost = this.#count(eventId, "status IS NULL AND error IS NULL");
    if (lost >= MOST_LOST_ATTEMPTS) {
      this.#settle(eventId, "exhausted");
      return null;
    }
    const attempt = (this.#newestAttempt(eventId)?.n ?? 0) + 1;
    this.#sql.exec("INSERT INTO attempt (event_id, n, at) VALUES (?, ?, ?)", eventId, attempt, now);
    this.#postAt(eventId, now + Math.max(ATTEMPT_LEASE_MS, waitMs(lost + 1, this.#pace.callbackRetrySeconds)));
    this.#underWay.begin(eventId, now + ATTEMPT_LEASE_MS);
    return { attempt, url: callback.url, ownHost: callback.own_host, body: callback.body };
  }

  /** Notes how an attempt ended and decides what follows. A repeated report changes nothing. */
  report({ eventId, attempt, outcome }: AttemptReport, now: number, random: number): CallbackState {
    const callback = this.#callback(eventId);
    if (callback === undefined) return "none";
    const newest = this.#newestAttempt(eventId);
    const isOpen = this.#sql
      .exec("SELECT 1 FROM attempt WHERE event_id = ? AND n = ? AND duration_ms IS NULL", eventId, attempt)
      .toArray();
    if (isOpen.length === 0) return callback.state;
    // Tables that the version of before has made for an account have no such column.
    const number = this.#journal?.ended(outcome.status) ?? null;
    this.#sql.exec(
      `UPDATE attempt SET status = ?, error = ?, duration_ms = ?${number === null ? "" : `, number = ${number}`}
       WHERE event_id = ? AND n = ?`,
      outcome.status,
      outcome.error,
      outcome.durationMs,
      eventId,
      attempt,
    );
    if (outcome.status === 200) {
      if (callback.state !== "delivered") this.#journal?.delivered?.(eventId, callback.body);
      return this.#settle(eventId, "delivered");
    }
    // A late report: the matter is settled, or a newer attempt is under way or was asked for. That decides, not this one.
    if (callback.state !== "owed" || newest?.n !== attempt || newest.error === NO_REPORT) return callback.state;
    const posts = this.#count(eventId, "duration_ms IS NOT NULL");
    if (posts >= MOST_POSTS) return this.#settle(eventId, "exhausted");
    const next = now + retryDelayMs(posts, this.#pace.callbackRetrySeconds, outcome.retryAfterSeconds, random);
    this.#postAt(eventId, next);
    return "owed";
  }

  /** One more attempt now, with the same event. */
  retry(eventId: string, now: number): "accepted" | "delivered" | "no-url" {
    const callback = this.#callback(eventId);
    if (callback?.state === "delivered") return "delivered";
    if (callback?.url == null) return "no-url";
    // An attempt that is being made at this moment is the one more attempt, and if it gets lost another follows.
    const leaseEnd = this.#leaseEnd(this.#newestAttempt(eventId));
    if (now < leaseEnd) {
      if (callback.state !== "owed") this.#owe(eventId, leaseEnd);
      return "accepted";
    }
    // Lost attempts are forgiven, or a callback exhausted by them could never be claimed again.
    this.#sql.exec(
      "UPDATE attempt SET error = ? WHERE event_id = ? AND status IS NULL AND error IS NULL",
      NO_REPORT,
      eventId,
    );
    this.#owe(eventId, now);
    return "accepted";
  }

  /** From the next attempt on the event goes to another URL; without one nothing is owed any more. */
  readdress(eventId: string, url: string | null): void {
    const callback = this.#callback(eventId);
    if (callback === undefined || callback.url === url) return;
    this.#sql.exec("UPDATE callback SET url = ? WHERE event_id = ?", url, eventId);
    if (url === null) this.withdraw(eventId);
  }

  /** What the event tells has to change: its next attempts send what `rewrite` makes of the body, under the same id. */
  rewrite(eventId: string, rewrite: (body: string) => string): void {
    const callback = this.#callback(eventId);
    if (callback === undefined) return;
    this.#sql.exec("UPDATE callback SET body = ? WHERE event_id = ?", rewrite(callback.body), eventId);
  }

  /** This event is owed no more: its URL was taken away, or its account is gone, and with it the secret that signs. */
  withdraw(eventId: string): void {
    if (this.#callback(eventId)?.state === "owed") this.#settle(eventId, "none");
  }

  /** How the event stands; null is an event that has not happened. */
  view(eventId: string | null): CallbackView {
    const callback = eventId === null ? undefined : this.#callback(eventId);
    if (callback === undefined) return { state: "none", eventId: null, nextAttemptAt: null, attempts: [] };
    const rows = this.#sql
      .exec<AttemptRow>("SELECT * FROM attempt WHERE event_id = ? ORDER BY n", callback.event_id)
      .toArray();
    const attempts = rows.map((row) => ({
      at: row.at,
      status: row.status,
      error: row.error,
      durationMs: row.duration_ms,
    }));
    return { state: callback.state, eventId: callback.event_id, nextAttemptAt: callback.next_attempt_at, attempts };
  }

  /** Deletes one event and its attempts, whatever is owed. */
  forget(eventId: string): void {
    if (!this.#hasStorage()) return;
    this.#sql.exec("DELETE FROM attempt WHERE event_id = ?", eventId);
    this.#sql.exec("DELETE FROM callback WHERE event_id = ?", eventId);
    this.#underWay.end(eventId);
  }

  /** Deletes the events of which nothing is owed any more. */
  forgetSettled(): void {
    if (!this.#hasStorage()) return;
    this.#sql.exec("DELETE FROM attempt WHERE event_id IN (SELECT event_id FROM callback WHERE due_at IS NULL)");
    this.#sql.exec("DELETE FROM callback WHERE due_at IS NULL");
  }

  /** The attempts so far are no events of the link that begins here: they were reported for the one before. */
  forgetNumbers(): void {
    if (this.#hasStorage()) this.#sql.exec("UPDATE attempt SET number = NULL");
  }

  /** None of the events is owed any more. */
  withdrawAll(): void {
    if (!this.#hasStorage()) return;
    const owed = this.#sql.exec<{ id: string }>("SELECT event_id AS id FROM callback WHERE state = 'owed'").toArray();
    for (const { id } of owed) this.withdraw(id);
  }

  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgotten(): void {
    this.#hasTables = undefined;
    this.#underWay.forget();
  }

  #hasStorage(): boolean {
    this.#hasTables ??= hasTable(this.#sql, "callback");
    return this.#hasTables;
  }

  #callback(eventId: string): CallbackRow | undefined {
    if (!this.#hasStorage()) return undefined;
    return this.#sql.exec<CallbackRow>("SELECT * FROM callback WHERE event_id = ?", eventId).toArray()[0];
  }

  #newestAttempt(eventId: string): AttemptRow | undefined {
    return this.#sql
      .exec<AttemptRow>("SELECT * FROM attempt WHERE event_id = ? ORDER BY n DESC LIMIT 1", eventId)
      .toArray()[0];
  }

  /** When an attempt of which nobody has reported counts as lost; for any other it is long ago. */
  #leaseEnd(attempt: AttemptRow | undefined): number {
    const isOpen = attempt !== undefined && attempt.status === null && attempt.error === null;
    return isOpen ? attempt.at + ATTEMPT_LEASE_MS : 0;
  }

  #owe(eventId: string, at: number): void {
    const callback = this.#callback(eventId);
    if (callback !== undefined && callback.state !== "owed") this.#journal?.stands(eventId, "owed", callback.body);
    this.#sql.exec("UPDATE callback SET state = 'owed' WHERE event_id = ?", eventId);
    this.#postAt(eventId, at);
  }

  #count(eventId: string, condition: string): number {
    return this.#sql
      .exec<{ n: number }>(`SELECT COUNT(*) AS n FROM attempt WHERE event_id = ? AND ${condition}`, eventId)
      .one().n;
  }

  #postAt(eventId: string, at: number): void {
    this.#sql.exec(
      "UPDATE callback SET next_attempt_at = ?, due_at = ?, jobs_sent = 0 WHERE event_id = ?",
      at,
      at,
      eventId,
    );
    this.#underWay.end(eventId);
  }

  /** A job until its lease ends, or else the attempt of which nobody has reported. */
  #readUnderWay(): Lease[] {
    return this.#sql
      .exec<{ name: string; until: number | null }>(
        `SELECT event_id AS name, CASE WHEN jobs_sent > 0 THEN due_at ELSE
           (SELECT MAX(at) + ? FROM attempt WHERE event_id = callback.event_id AND duration_ms IS NULL AND error IS NULL)
         END AS until FROM callback WHERE due_at IS NOT NULL`,
        ATTEMPT_LEASE_MS,
      )
      .toArray()
      .flatMap(({ name, until }) => (until === null ? [] : [{ name, until }]));
  }

  #settle(eventId: string, state: CallbackState): CallbackState {
    this.#sql.exec(
      "UPDATE callback SET state = ?, next_attempt_at = NULL, due_at = NULL WHERE event_id = ?",
      state,
      eventId,
    );
    this.#underWay.end(eventId);
    if (state === "exhausted" || state === "none")
      this.#journal?.stands(eventId, state === "none" ? "withdrawn" : "exhausted", this.#callback(eventId)?.body ?? "");
    if (state === "exhausted") log("callback.exhausted", { event_id: eventId, attempts: this.#count(eventId, "TRUE") });
    return state;
  }
}
