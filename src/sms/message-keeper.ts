// What an object that keeps messages can be asked: a book those of its month, an account those from before there were books. The truth
// about a message is in one of them, named by its msgid. `until` is the instant after which the caller of a method that writes has
// given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import type { AttemptReport, CallbackOwner, CallbackState, Claim } from "../callback/callback.ts";
import { type Found, type ListQuery, NOTHING_FOUND } from "../book/find.ts";
import { BulkRetry, type RetryWish, type Taken } from "../callback/bulk-retry/bulk-retry.ts";
import type { FailingCallbacks } from "../callback/bulk-retry/failing.ts";
import { type CallbacksStanding, standingOf, type StandingQuestion } from "../callback/bulk-retry/standing.ts";
import type { SweepState } from "../account/sweep.ts";
import { type HealthPart, healthPart } from "../status/health/health.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { openSecrets } from "../callback/sealed.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import type { ExportLines } from "../export/exports.ts";
import { errorText, log } from "../log.ts";
import { QUEUE_TIMEOUT_MS, within } from "../objects.ts";
import { jittered, randomFraction } from "../random.ts";
import { settingsOf } from "../settings.ts";
import type { CarrierName } from "./carriers/carrier-settings.ts";
import type { Sent } from "./carriers/carrier.ts";
import { MessageBook, type MessageJournal } from "./message-book.ts";
import type {
  EraseStep,
  Message,
  MessageQuery,
  MessageStatus,
  MessageWithCallback,
  NewMessage,
  SendClaim,
  SendJob,
} from "./message.ts";
import { countMessages } from "./message-rows.ts";
import { messageStream } from "./status/message-stream.ts";
import { Questions } from "./report/questions.ts";

/** A job that came back is sent again after this. */
const RETRY_MS = 10_000;
/** Of what has happened already: it counts whenever it is told. */
const ANY_TIME = undefined;

/** What the object itself says and does. */
export interface Keeping {
  /** Whose callbacks the messages' are. */
  owner: () => CallbackOwner & { sid: string };
  isOpen: () => boolean;
  /** Carries out what writes, with the alarm that follows, when it comes in time; `closed` when the object is not open. */
  write: <T>(until: number | undefined, closed: T, write: (now: number) => T) => T;
  /** Whether the account may send nothing: it is suspended, or closed. Rejects while that is not known. */
  isSuspended: () => Promise<boolean>;
  /** The account's secrets that sign now, newest first; none when it is closed. Rejects while they cannot be had. */
  signingSecrets: () => Promise<string[]>;
  /** Hears what becomes of messages; null where nobody does. */
  journal: MessageJournal | null;
  /** The callbacks of links that fail; null where none are known. */
  failing: () => FailingCallbacks | null;
  /** Undefined when the object is not open. */
  sweep: () => SweepState | undefined;
}

const NONE_FAIL: CallbacksStanding = { groups: [], callbacks: [], isWhole: true, answered: [] };

export abstract class MessageKeeper extends DurableObject<Env> {
  protected readonly ledger = new CallbackLedger(this.ctx.storage.sql, settingsOf(this.env), "many", {
    ended: () => null,
    stands: (eventId, state, body) => this.messages.callbackStands(eventId, state, body, Date.now()),
    delivered: (eventId, body) => this.messages.callbackStands(eventId, "delivered", body, Date.now()),
  });
  protected readonly messages = new MessageBook(this.ctx.storage.sql, this.ledger, () => this.keeping.journal);
  protected readonly retries = new BulkRetry(this.ctx.storage.sql, this.ledger, () => this.keeping.failing());
  protected abstract readonly keeping: Keeping;
  readonly #questions = new Questions();

  /**
   * Accepts a message: when this returns, it is written down with the alarm that sends it. The same msgid again changes
   * nothing. False when the account is closed.
   */
  addMessage(message: NewMessage, until: number): boolean {
    return this.keeping.write(until, false, (now) => {
      this.messages.add(message, now);
      return true;
    });
  }

  message(msgid: string): MessageWithCallback | null {
    return this.keeping.isOpen() ? this.messages.read(msgid) : null;
  }

  /** One page of the messages: see `find`. */
  messagesPage(query: ListQuery): Found<Message> {
    return this.keeping.isOpen() ? this.messages.page(query) : NOTHING_FOUND;
  }

  findMessages(query: MessageQuery): Message[] {
    return this.keeping.isOpen() ? this.messages.find(query) : [];
  }

  /** How many messages there are of a period, behind one of them; at most so many are counted. */
  countMessages(period: Omit<MessageQuery, "limit">, most: number): number {
    return this.keeping.isOpen() ? countMessages(this.ctx.storage.sql, period, most) : 0;
  }

  /** All of them, as elements of a JSON array: see `messageStream`. */
  streamMessages(period: Omit<MessageQuery, "limit">, isFirst: boolean): ExportLines | "gone" {
    return this.keeping.isOpen() ? messageStream((query) => this.findMessages(query), period, isFirst) : "gone";
  }

  /**
   * Gives out the right to hand a message to this carrier: to one caller, named by `claimId`, once; without one to nobody.
   * @param isHeld whether the account may send nothing; the version of before does not ask for it
   */
  async claimMessage(
    msgid: string,
    carrier: CarrierName | undefined,
    claimId: string,
    until: number,
    isHeld?: boolean,
  ): Promise<SendClaim> {
    const isSuspended = isHeld ?? (await this.keeping.isSuspended());
    return this.keeping.write<SendClaim>(until, { kind: "nothing" }, (now) =>
      this.messages.claim(msgid, carrier, claimId, isSuspended, now),
    );
  }

  /** Erases a message's number and text; false when there is no such message. The same again changes nothing. */
  eraseMessage(msgid: string, until: number): boolean {
    return this.keeping.write(until, false, (now) => this.messages.erase(msgid, now));
  }

  /** The next step of erasing what went to a number: see `MessageBook.eraseTo`. Null when the account is closed. */
  eraseMessagesTo(recipient: string, after: string, until: number): EraseStep | null {
    return this.keeping.write(until, null, (now) => this.messages.eraseTo(recipient, after, now));
  }

  /** Notes how sending ended; the status that follows, null for an unknown message. */
  messageSent(msgid: string, claimId: string, sent: Sent): MessageStatus | null {
    return this.keeping.write(ANY_TIME, null, (now) => this.messages.sent(msgid, claimId, sent, now));
  }

  /** In how many milliseconds the carrier may be asked about a message; null when somebody else is going to ask. */
  messageQuestion(msgid: string): number | null {
    return this.#questions.waitMs(msgid, Date.now());
  }

  /** Notes the carrier's delivery report; the status that follows, null for an unknown message. */
  messageReported(msgid: string, status: MessageStatus, reason: string | null): MessageStatus | null {
    return this.keeping.write(ANY_TIME, null, (now) => this.messages.reported(msgid, status, reason, now));
  }

  /**
   * Gives out the right to make the next POST for a message's event, to one caller at a time.
   * @param sealed the account's secrets; null, or of the version of before nothing, where it could not be asked, or was not
   */
  async claimAttempt(eventId: string, until: number, sealed?: readonly string[] | null): Promise<Claim> {
    if (!this.keeping.isOpen() || !this.ledger.isClaimable(eventId, Date.now())) return { kind: "nothing" };
    const secrets = await (sealed == null
      ? this.keeping.signingSecrets()
      : openSecrets(settingsOf(this.env).sealingKeys, sealed));
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    const claim = this.keeping.write(until, null, (now) => {
      // The account is closed, of which its book has not heard yet: nobody could tell that it was us.
      if (secrets.length === 0) this.ledger.withdraw(eventId);
      return this.ledger.claim(eventId, now);
    });
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** One more attempt for a message's delivery report, now; null for an unknown message. */
  retryCallback(msgid: string, until: number): "accepted" | "delivered" | "no-url" | "no-event" | null {
    return this.keeping.write(until, null, (now) => {
      const message = this.messages.read(msgid);
      if (message === null) return null;
      if (message.eventId === null) return message.callbackUrl === null ? "no-url" : "no-event";
      return this.ledger.retry(message.eventId, now);
    });
  }

  /** Which callbacks fail: see `standingOf`. */
  callbacks(asked: StandingQuestion): CallbacksStanding {
    if (!this.keeping.isOpen()) return NONE_FAIL;
    return standingOf(this.ctx.storage.sql, this.ledger, this.keeping.failing(), asked);
  }

  /** How the account stands, as far as this object knows; null when it is not open. */
  health(): HealthPart | null {
    const sweep = this.keeping.isOpen() ? this.keeping.sweep() : undefined;
    if (sweep === undefined) return null;
    const { sql } = this.ctx.storage;
    const all = { state: null, host: null, from: 0, to: Number.MAX_SAFE_INTEGER, limit: 0 };
    const standing = standingOf(sql, this.ledger, this.keeping.failing(), all);
    return healthPart(sql, this.keeping.journal !== null, standing, sweep, Date.now());
  }

  /** Takes callbacks that are to be tried once more, and says how many; null when the account is closed. The same again takes no more. */
  retryCallbacks(wish: RetryWish, until: number): Taken | null {
    return this.keeping.write(until, null, (now) => this.retries.take(wish, now));
  }

  /** Notes how an attempt ended; the state that follows. */
  reportAttempt(report: AttemptReport): CallbackState {
    return this.keeping.write<CallbackState>(ANY_TIME, "none", (now) =>
      this.ledger.report(report, now, randomFraction()),
    );
  }

  /** A job came back from the dead letters: if its callback is still owed, the alarm sends another. */
  takeBackJob(eventId: string, until: number): void {
    this.keeping.write(until, undefined, (now) => this.ledger.takeBackJob(eventId, now, now + jittered(RETRY_MS)));
  }
}

/** When messages and their callbacks have to be acted on, Unix milliseconds; null when they have not. */
export function keeperDueAt(messages: MessageBook, ledger: CallbackLedger): number | null {
  const due = [messages.dueAt(), ledger.dueAt()].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** What the alarm does for messages and their callbacks, beside forgetting: hands to the queues what is due. */
export async function performDue(
  env: Env,
  keeping: Keeping,
  messages: MessageBook,
  ledger: CallbackLedger,
  now: number,
): Promise<void> {
  await Promise.all([sendMessages(env, keeping, messages, now), sendDueJobs(ledger, env, keeping.owner(), now)]);
}

/** Hands the messages that are due to the queue; what it refuses comes due again after its lease. */
async function sendMessages(
  env: Env,
  { owner, isOpen, isSuspended }: Keeping,
  messages: MessageBook,
  now: number,
): Promise<void> {
  const dueAt = messages.dueAt();
  if (dueAt === null || dueAt > now) return;
  // Where that is not known, it is asked again by whoever claims.
  const isHeld = await isSuspended().catch(() => false);
  // The account may have been closed meanwhile, and the tables be gone.
  if (!isOpen()) return;
  const jobs = messages.dueJobs(isHeld, now);
  if (jobs.length === 0) return;
  const { sid } = owner();
  try {
    const bodies = jobs.map(({ msgid }) => ({ body: { sid, msgid } satisfies SendJob }));
    // A queue that is silent must not hold up the next alarm. If it takes the jobs later, claims decide.
    await within(QUEUE_TIMEOUT_MS, () => env.MESSAGES.sendBatch(bodies));
  } catch (error) {
    log("message.queue_failed", { error: errorText(error) });
  }
  // The same again.
  if (isOpen()) for (const job of jobs) messages.jobSent(job, Date.now());
}
