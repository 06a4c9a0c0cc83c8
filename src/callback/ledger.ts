// What is owed to the callback URL, in the storage of the object that owes it. Every method is synchronous, so each is
// one transaction with whatever its caller writes beside it. The ledger counts POSTs; the queue only carries.

import type { CallbackEvent, CallbackState, CallbackView, Outcome } from "./callback.ts";
import { attemptLeaseMs, jobLeaseMs, MOST_LOST_ATTEMPTS, MOST_POSTS, retryDelayMs } from "./schedule.ts";

const TABLES = `
  CREATE TABLE callback (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    next_attempt_at INTEGER,
    due_at INTEGER,
    jobs_sent INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE attempt (
    n INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    duration_ms INTEGER
  ) STRICT;`;

/** A job that is due, and since when: the time names this one due time among all that come. */
export interface DueJob {
  eventId: string;
  dueAt: number;
}

interface CallbackRow extends Record<string, SqlStorageValue> {
  event_id: string;
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

/** The parts of Settings that decide when to POST again. */
interface Pace {
  callbackRetrySeconds: readonly number[];
  callbackTimeoutSeconds: number;
}

export class CallbackLedger {
  readonly #sql: SqlStorage;
  readonly #pace: Pace;
  #hasTables = false;

  constructor(sql: SqlStorage, pace: Pace) {
    this.#sql = sql;
    this.#pace = pace;
  }

  /** Writes the event down: owed from now on, or only kept (`none`) when there is nowhere to send it. */
  write(event: CallbackEvent, hasUrl: boolean, now: number): void {
    const due = hasUrl ? now : null;
    // Made with the first event and not before: most links are never opened, and tables are billed.
    this.#sql.exec(TABLES);
    this.#hasTables = true;
    this.#sql.exec(
      "INSERT INTO callback (id, event_id, body, state, next_attempt_at, due_at, jobs_sent) VALUES (1, ?, ?, ?, ?, ?, 0)",
      event.id,
      event.body,
      hasUrl ? "owed" : "none",
      due,
      due,
    );
  }

  /** When the alarm has to act for the callback, in Unix milliseconds; null when it has not. */
  dueAt(): number | null {
    return this.#callback()?.due_at ?? null;
  }

  /** The job to hand to the queue at `now`, or null. */
  dueJob(now: number): DueJob | null {
    const callback = this.#callback();
    if (callback?.due_at == null || callback.due_at > now) return null;
    return { eventId: callback.event_id, dueAt: callback.due_at };
  }

  /**
   * Notes that the job was given to the queue. When nobody claims it within its lease, because the queue refused or lost
   * it, it is due again. Sending took a while, in which the job may have been claimed and even reported already: then the
   * due time is a newer one, and stays.
   */
  jobSent(job: DueJob, now: number): void {
    const jobs = (this.#callback()?.jobs_sent ?? 0) + 1;
    const lease = jobLeaseMs(this.#pace.callbackTimeoutSeconds, jobs);
    this.#sql.exec("UPDATE callback SET jobs_sent = ?, due_at = ? WHERE due_at = ?", jobs, now + lease, job.dueAt);
  }

  /** The queue gave a job back: if its event is still owed and nobody is at it, the next job is due at `at`. */
  takeBackJob(eventId: string, now: number, at: number): void {
    if (this.isClaimable(eventId, now)) this.#sql.exec("UPDATE callback SET due_at = ?", at);
  }

  /** Whether `claim` would give out an attempt now. */
  isClaimable(eventId: string, now: number): boolean {
    const callback = this.#callback();
    if (callback?.event_id !== eventId || callback.state !== "owed" || now < (callback.next_attempt_at ?? 0))
      return false;
    return !this.#inFlight(this.#newestAttempt(), now);
  }

  /**
   * Takes the right to make the next POST, for the length of one attempt's lease; nobody else gets it meanwhile.
   * Returns the attempt's number and body, or null when there is nothing to POST.
   */
  claim(eventId: string, now: number): { attempt: number; body: string } | null {
    const callback = this.#callback();
    if (callback === undefined || !this.isClaimable(eventId, now)) return null;
    if (this.#count("status IS NULL AND error IS NULL") >= MOST_LOST_ATTEMPTS) {
      this.#settle("exhausted");
      return null;
    }
    const attempt = (this.#newestAttempt()?.n ?? 0) + 1;
    this.#sql.exec("INSERT INTO attempt (n, at) VALUES (?, ?)", attempt, now);
    this.#sql.exec(
      "UPDATE callback SET due_at = ?, jobs_sent = 0",
      now + attemptLeaseMs(this.#pace.callbackTimeoutSeconds),
    );
    return { attempt, body: callback.body };
  }

  /** Notes how an attempt ended and decides what follows. A repeated report changes nothing. */
  report(eventId: string, attempt: number, outcome: Outcome, now: number, random: number): CallbackState {
    const callback = this.#callback();
    if (callback?.event_id !== eventId) return "none";
    const { rowsWritten } = this.#sql.exec(
      "UPDATE attempt SET status = ?, error = ?, duration_ms = ? WHERE n = ? AND duration_ms IS NULL",
      outcome.status,
      outcome.error,
      outcome.durationMs,
      attempt,
    );
    if (rowsWritten === 0) return callback.state;
    if (outcome.status === 200) return this.#settle("delivered");
    // A late report: a newer attempt is under way, or the matter is settled. Either decides, not this one.
    if (callback.state !== "owed" || this.#newestAttempt()?.n !== attempt) return callback.state;
    const posts = this.#count("duration_ms IS NOT NULL");
    if (posts >= MOST_POSTS) return this.#settle("exhausted");
    const next = now + retryDelayMs(posts, this.#pace.callbackRetrySeconds, outcome.retryAfterSeconds, random);
    this.#sql.exec("UPDATE callback SET next_attempt_at = ?, due_at = ?, jobs_sent = 0", next, next);
    return "owed";
  }

  /** One more attempt now, with the same event. False when there is no event, or when it is delivered already. */
  retry(now: number): boolean {
    const callback = this.#callback();
    if (callback === undefined || callback.state === "delivered") return false;
    // An attempt that is being made at this moment is the one more attempt.
    if (callback.state === "owed" && this.#inFlight(this.#newestAttempt(), now)) return true;
    // Lost attempts are forgiven, or a callback exhausted by them could never be claimed again.
    this.#sql.exec("UPDATE attempt SET error = 'no report' WHERE status IS NULL AND error IS NULL");
    this.#sql.exec("UPDATE callback SET state = 'owed', next_attempt_at = ?, due_at = ?, jobs_sent = 0", now, now);
    return true;
  }

  /** Nothing is owed any more: the callback URL was taken away, or the account. */
  withdraw(): void {
    if (this.#callback()?.state === "owed") this.#settle("none");
  }

  state(): CallbackState {
    return this.#callback()?.state ?? "none";
  }

  view(): CallbackView {
    const callback = this.#callback();
    if (callback === undefined) return { state: "none", eventId: null, nextAttemptAt: null, attempts: [] };
    const rows = this.#sql.exec<AttemptRow>("SELECT * FROM attempt ORDER BY n").toArray();
    const attempts = rows.map((row) => ({
      at: row.at,
      status: row.status,
      error: row.error,
      durationMs: row.duration_ms,
    }));
    return { state: callback.state, eventId: callback.event_id, nextAttemptAt: callback.next_attempt_at, attempts };
  }

  /** All storage was deleted. */
  forgotten(): void {
    this.#hasTables = false;
  }

  #callback(): CallbackRow | undefined {
    this.#hasTables ||= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'callback'").toArray().length > 0;
    if (!this.#hasTables) return undefined;
    return this.#sql.exec<CallbackRow>("SELECT * FROM callback").toArray()[0];
  }

  #newestAttempt(): AttemptRow | undefined {
    return this.#sql.exec<AttemptRow>("SELECT * FROM attempt ORDER BY n DESC LIMIT 1").toArray()[0];
  }

  #inFlight(attempt: AttemptRow | undefined, now: number): boolean {
    const isOpen = attempt !== undefined && attempt.status === null && attempt.error === null;
    return isOpen && now < attempt.at + attemptLeaseMs(this.#pace.callbackTimeoutSeconds);
  }

  #count(condition: string): number {
    return this.#sql.exec<{ n: number }>(`SELECT COUNT(*) AS n FROM attempt WHERE ${condition}`).one().n;
  }

  #settle(state: CallbackState): CallbackState {
    this.#sql.exec("UPDATE callback SET state = ?, next_attempt_at = NULL, due_at = NULL", state);
    return state;
  }
}
