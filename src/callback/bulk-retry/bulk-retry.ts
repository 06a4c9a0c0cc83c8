// Many callbacks tried once more because somebody asked for it, paced, by the object that knows of them: when the request is answered each
// has its time written down, and the object's alarm does the rest, whatever crashes. What is owed by the object itself, its messages'
// callbacks, comes due by that time; links are asked one by one.

import type { LineName } from "../../book/lines.ts";
import { hasTable } from "../../tables.ts";
import type { CallbackLedger } from "../ledger.ts";
import type { FailingCallbacks, WhichCallbacks } from "./failing.ts";

/** So many are tried within a second. */
export const RETRIES_A_SECOND = 20;
const SECOND_MS = 1_000;
/** Of one request, so that it takes a moment. */
export const MOST_TAKEN = 5_000;
/** A link that cannot be reached is asked again so much later. */
const UNREACHED_MS = 600_000;
/** A request is known by its name for as long as its Idempotency-Key, and some more. */
const KNOWN_MS = 48 * 3_600_000;

const NAME = "bulk_retry";
// Made with the first request.
const TABLE = `
  CREATE TABLE ${NAME} (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    more INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** What one object is asked for. */
export interface RetryWish extends WhichCallbacks {
  /** Names the request: the same again takes nothing more. */
  id: string;
  /** Not before then, Unix milliseconds: what other objects have taken of it is tried first. */
  startAt: number;
  /** So many at most. */
  limit: number;
}

/** What an object has taken. */
export interface Taken {
  taken: number;
  /** There are more than the limit. */
  isMore: boolean;
  /** When the last is tried of all that this object has taken so far, and not before `startAt`: Unix milliseconds. */
  endsAt: number;
}

/** Whether a link has taken it; null where it could not be reached. */
export type Answered = "accepted" | "delivered" | "no-url" | "not-accessed" | "unknown" | null;

export class BulkRetry {
  readonly #sql: SqlStorage;
  readonly #ledger: CallbackLedger;
  readonly #failing: () => FailingCallbacks | null;
  /** Of links, by this instance: when the last second began. */
  #steppedAt = 0;

  constructor(sql: SqlStorage, ledger: CallbackLedger, failing: () => FailingCallbacks | null) {
    this.#sql = sql;
    this.#ledger = ledger;
    this.#failing = failing;
  }

  /** Takes what is meant, within the caller's transaction. With the limit 0 it only says when the last is tried. */
  take(wish: RetryWish, now: number): Taken {
    const known = this.#known(wish.id);
    if (known !== null) return known;
    const startAt = Math.max(now, wish.startAt, this.#endsAt() + SECOND_MS);
    if (wish.limit === 0) return { taken: 0, isMore: false, endsAt: startAt };
    let taken = 0;
    const turn = () => startAt + Math.floor(taken++ / RETRIES_A_SECOND) * SECOND_MS;
    const links = this.#failing()?.find(wish, wish.limit + 1, true) ?? [];
    for (const link of links.slice(0, wish.limit)) this.#failing()?.retryAt(link, turn());
    const events = this.#ledger.failing(wish, wish.limit - taken + 1, startAt);
    for (const { eventId } of events.slice(0, wish.limit - taken)) this.#ledger.retry(eventId, now, turn());
    const isMore = links.length + events.length > taken;
    const endsAt = taken === 0 ? startAt : startAt + Math.floor((taken - 1) / RETRIES_A_SECOND) * SECOND_MS;
    this.#note(wish.id, { taken, isMore, endsAt }, now);
    return { taken, isMore, endsAt };
  }

  /** When links have to be asked, Unix milliseconds; null when none has. */
  dueAt(): number | null {
    const at = this.#failing()?.retryDueAt() ?? null;
    return at === null ? null : Math.max(at, this.#steppedAt + SECOND_MS);
  }

  /** The links to ask now: those of one second. */
  begin(now: number): LineName[] {
    if ((this.dueAt() ?? Infinity) > now) return [];
    this.#steppedAt = now;
    return this.#failing()?.toRetry(now, RETRIES_A_SECOND) ?? [];
  }

  /** What links have answered. What is not owed any more, whatever was heard of it, is not among those that fail. */
  answered(answers: readonly { name: LineName; answer: Answered }[], now: number): void {
    for (const { name, answer } of answers)
      if (answer === null) this.#failing()?.retryAt(name, now + UNREACHED_MS);
      else if (answer === "accepted") this.#failing()?.retryAt(name, null);
      else this.#failing()?.remove(name);
  }

  #known(id: string): Taken | null {
    if (!hasTable(this.#sql, NAME)) return null;
    const [row] = this.#sql
      .exec<{ taken: number; more: number; endsAt: number }>(
        `SELECT taken, more, ends_at AS endsAt FROM ${NAME} WHERE id = ?`,
        id,
      )
      .toArray();
    return row === undefined ? null : { taken: row.taken, isMore: row.more === 1, endsAt: row.endsAt };
  }

  #endsAt(): number {
    if (!hasTable(this.#sql, NAME)) return 0;
    return (
      this.#sql.exec<{ at: number | null }>(`SELECT MAX(ends_at) AS at FROM ${NAME} WHERE taken > 0`).one().at ?? 0
    );
  }

  #note(id: string, { taken, isMore, endsAt }: Taken, now: number): void {
    if (!hasTable(this.#sql, NAME)) this.#sql.exec(TABLE);
    this.#sql.exec(`DELETE FROM ${NAME} WHERE at < ?`, now - KNOWN_MS);
    this.#sql.exec(
      `INSERT INTO ${NAME} (id, at, taken, more, ends_at) VALUES (?, ?, ?, ?, ?)`,
      id,
      now,
      taken,
      isMore ? 1 : 0,
      endsAt,
    );
  }
}
