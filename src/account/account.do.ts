// One object per account, named by its sid. Each of its rooms keeps one thing: the account's row, tokens, secrets,
// Idempotency-Keys, the list of links, how far closing them has come, messages, callbacks, and with `main` the other accounts.
// This class says what may be asked of them from outside, and arms the one alarm that serves whatever is due first. Links work without it: it is asked by
// the API, and once per callback attempt for the secrets, of which a link has a copy.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { Alarm } from "../alarm.ts";
import type { AttemptReport, CallbackState, Claim } from "../callback/callback.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { openSecrets, reseal, seal } from "../callback/sealed.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import { mintSecret } from "../callback/sign.ts";
import type { LinkSummary } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { bookObject, linkObject, QUEUE_TIMEOUT_MS, refuseLate, within } from "../objects.ts";
import { jittered, randomFraction } from "../random.ts";
import { settingsOf } from "../settings.ts";
import type { CarrierName } from "../sms/carriers/carrier-settings.ts";
import type { Sent } from "../sms/carriers/carrier.ts";
import { MessageBook } from "../sms/message-book.ts";
import { MESSAGE_TABLE } from "../sms/message-rows.ts";
import { Questions } from "../sms/report/questions.ts";
import type {
  Message,
  MessageQuery,
  MessageStatus,
  MessageWithCallback,
  NewMessage,
  SendClaim,
  SendJob,
} from "../sms/message.ts";
import { ACCOUNT_TABLE, AccountRow, type StoredAccount } from "./account-row.ts";
import {
  type Accepted,
  type AccountChanges,
  type AccountView,
  type Admitted,
  type KeyClaim,
  MAIN_NAME,
  type Making,
  type NewAccount,
  type Tenant,
  type TokenFacts,
} from "./account.ts";
import { Books, type KnownBook } from "./books.ts";
import { Closing } from "./closing.ts";
import { IdempotencyKeys, KEY_TABLE } from "./idempotency-keys.ts";
import { LINK_TABLE, type LinkQuery, type ListedLink, LinkList, type ListedName } from "./link-list.ts";
import { SECRET_TABLE, Secrets } from "./secrets.ts";
import { Sweep } from "./sweep.ts";
import { TENANT_TABLE, Tenants } from "./tenants.ts";
import { hashToken, MAIN_SID, mintToken } from "./token.ts";
import { TOKEN_TABLE, Tokens } from "./tokens.ts";

const TABLES = ACCOUNT_TABLE + SECRET_TABLE + TOKEN_TABLE + LINK_TABLE + KEY_TABLE + TENANT_TABLE + MESSAGE_TABLE;

/** A book answers in milliseconds; whoever makes the first thing of a month waits for it. */
const BOOK_TIMEOUT_MS = 3_000;
/** A book looks at a hundred links meanwhile, and waits for each of them for 20 s; we are waited for for 25 s. */
const BOOK_WAKE_TIMEOUT_MS = 22_000;
/** What fails is tried again after this. */
const RETRY_MS = 10_000;
/** Of what has happened already: it counts whenever it is told. */
const ANY_TIME = undefined;

export class Account extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #row = new AccountRow(this.ctx.storage);
  readonly #tokens = new Tokens(this.#sql);
  readonly #secrets = new Secrets(this.#sql);
  readonly #keys = new IdempotencyKeys(this.#sql);
  readonly #books = new Books(this.#sql);
  readonly #links = new LinkList(this.#sql);
  readonly #closing = new Closing(this.#sql, this.#links);
  readonly #tenants = new Tenants(this.#sql);
  readonly #ledger = new CallbackLedger(this.#sql, settingsOf(this.env), "many");
  readonly #messages = new MessageBook(this.#sql, this.#ledger);
  readonly #questions = new Questions();
  readonly #sweep = new Sweep(this.env, this.#row, this.#links);
  readonly #alarm = new Alarm({ sid: this.ctx.id.name ?? "" }, this.ctx.storage, this.env.WAKES, () => this.#dueAt());

  /** Answers; says only that objects work. */
  ping(): void {}

  // The account itself.

  /** Opens the account `main` at its first use: it needs no set-up but the secret ADMIN_TOKEN. */
  async admitMain(until: number): Promise<Admitted | null> {
    if (this.#row.read() === undefined) {
      const { sealed } = await this.#mintSecret();
      refuseLate(until);
      this.#open(MAIN_SID, MAIN_NAME, sealed);
    }
    return this.#admitted();
  }

  /** The account, when the token with this hash is one of its tokens; null otherwise. Creates no storage. */
  admit(tokenHash: string): Admitted | null {
    return this.#row.readOpen() !== undefined && this.#tokens.has(tokenHash) ? this.#admitted() : null;
  }

  /** Opens a tenant's account. Token and secret are shown once: only the token's hash is kept. */
  async open(sid: string, name: string, until: number): Promise<NewAccount> {
    const token = mintToken(sid);
    const hash = await hashToken(token);
    const { callbackSecret, sealed } = await this.#mintSecret();
    refuseLate(until);
    this.#atomically(() => {
      this.#open(sid, name, sealed);
      this.#tokens.add(hash, Date.now());
    });
    return { token, callbackSecret };
  }

  view(): AccountView | null {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const { sid, name, callbackUrl, fallbackUrl, supportUrl, createdAt, revision } = account;
    return { sid, name, callbackUrl, fallbackUrl, supportUrl, createdAt, revision, tokens: this.#tokens.all() };
  }

  /** Changes the given fields of the account as it was at `revision`; the version of before names none. */
  change(changes: AccountChanges, revision: number | undefined, until: number): AccountView | "outdated" | null {
    return this.#write(until, null, () => {
      const account = this.#row.readOpen();
      if (account === undefined) return null;
      if (revision !== undefined && revision !== account.revision) return "outdated";
      this.#row.change(account, changes);
      return this.view();
    });
  }

  /** Asked by the version of before alone, which shows no sender. */
  fallbackUrl(): string | null {
    return this.#row.readOpen()?.fallbackUrl ?? null;
  }

  /** Closes the account: its tokens at once, its links step by step, the first hundred before this returns. */
  async close(until: number): Promise<void> {
    refuseLate(until);
    if (this.#row.read() === undefined) return;
    this.#atomically(() => {
      this.#row.close(Date.now());
      this.#tokens.removeAll();
      this.#alarm.arm();
    });
    await this.alarm();
  }

  // Tokens and secrets.

  /** A further token, shown once. */
  async addToken(until: number): Promise<(TokenFacts & { token: string }) | null> {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const token = mintToken(account.sid);
    const hash = await hashToken(token);
    return this.#write(until, null, (now) => ({ ...this.#tokens.add(hash, now), token }));
  }

  /** Revokes a token; the next request with it is refused. False when there is none with this id. */
  removeToken(id: string, until: number): boolean {
    return this.#write(until, false, () => this.#tokens.remove(id));
  }

  /** A new signing secret, shown once; each one before signs too for 24 hours. */
  async rotateCallbackSecret(
    until: number,
  ): Promise<{ callbackSecret: string; previousSecretExpiresAt: number } | null> {
    const { callbackSecret, sealed } = await this.#mintSecret();
    refuseLate(until);
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const rotate = () => this.#secrets.rotate(account.callbackSecret, sealed, Date.now());
    return { callbackSecret, previousSecretExpiresAt: this.#atomically(rotate) };
  }

  /** The secrets that sign a callback now, newest first; none when the account is closed. Rejects like openSecrets. */
  async signingSecrets(): Promise<string[]> {
    return openSecrets(this.#sealingKeys(), await this.sealedSecrets());
  }

  /** The same, as they are stored: with the key of now, if those of before are known. */
  async sealedSecrets(): Promise<string[]> {
    for (const sealed of this.#storedSecrets()) {
      const resealed = await reseal(this.#sealingKeys(), sealed);
      if (resealed !== undefined && this.#row.readOpen() !== undefined) this.#secrets.replace(sealed, resealed);
    }
    return this.#storedSecrets();
  }

  // Idempotency-Keys.

  /**
   * Accepts a request that makes something: see `Accepted`. Null when the account is closed. What is made belongs to the book of this
   * month, which is open when this returns. Throws when that cannot be opened: then nothing is made.
   */
  async accept({ key, made }: Making, until: number): Promise<Accepted | null> {
    if (this.#row.readOpen() === undefined) return null;
    const repeated = key === null ? null : this.#keys.find(key.key, key.fingerprint, Date.now());
    if (repeated === "reused") return { kind: "reused" };
    if (repeated !== null) return { kind: "accepted", ...repeated, secrets: await this.sealedSecrets() };
    const [{ book, at }, secrets] = [await this.#openBook(until), await this.sealedSecrets()];
    return this.#write<Accepted | null>(until, null, () => {
      if (key === null) return { kind: "accepted", made, openedBy: nanoid(), at, book, secrets };
      const bound = this.#keys.claim({ ...key, made, book }, at);
      return bound === "reused" ? { kind: "reused" } : { kind: "accepted", ...bound, secrets };
    });
  }

  /**
   * The instant of what is made now and the number of its book, once that has its tables. Both are of one moment: opening takes a
   * while, in which another month may begin, and nothing in a book is newer than the book behind it.
   */
  async #openBook(until: number): Promise<{ book: number; at: number }> {
    const now = this.#write<(KnownBook & { at: number }) | null>(until, null, (at) => {
      const current = this.#books.current(at);
      return { ...current, at: this.#books.instant(at) };
    });
    const sid = this.#row.readOpen()?.sid;
    if (now === null || sid === undefined) throw new Error("the account was closed meanwhile");
    const { number: book, isOpened, at } = now;
    if (isOpened) return { book, at };
    await within(BOOK_TIMEOUT_MS, (late) => bookObject(this.env, { sid, book }).open({ sid, book }, late));
    this.#write(until, undefined, () => this.#books.opened(book));
    return { book, at };
  }

  /** The same for the version of before, and for a message: binds a key to what its request makes, which has no book. */
  claimKey(key: string, fingerprint: string, made: string, until: number): KeyClaim | null {
    return this.#write<KeyClaim | null>(until, null, (now) => {
      const bound = this.#keys.claim({ key, fingerprint, made, book: null }, now);
      return bound === "reused" ? { kind: "reused" } : { kind: "claimed", made: bound.made, openedBy: bound.openedBy };
    });
  }

  /** Gives a key free again: its request was refused and made nothing. */
  releaseKey(key: string, openedBy: string, until: number): void {
    this.#write(until, undefined, () => this.#keys.release(key, openedBy));
  }

  // The list of links.

  /**
   * Brings a link's line up to date. Returns the sealed secrets, with which the link signs while this object is out of
   * reach; null when the account is closed: then the link has to end, too.
   */
  async listLink(link: LinkSummary, until: number): Promise<string[] | null> {
    const isListed = this.#write(until, false, () => {
      if (this.#links.put(link)) this.#messages.linkChanged(link);
      if (link.closedAt !== null) this.#alarm.arm();
      return true;
    });
    return isListed ? this.sealedSecrets() : null;
  }

  /** Forgets a link, also of an account that is closing. Its message goes thirty days after `endedAt`. */
  unlistLink(link: ListedName, endedAt: number, until: number): void {
    refuseLate(until);
    if (this.#row.read() === undefined) return;
    this.#atomically(() => {
      this.#links.remove(link);
      if (link.msgid !== null) this.#messages.linkEnded(link.msgid, endedAt);
      this.#alarm.arm();
    });
  }

  findLinks(query: LinkQuery): ListedLink[] {
    return this.#row.readOpen() === undefined ? [] : this.#links.find(query);
  }

  // Messages.

  /**
   * Accepts a message: when this returns, it is written down with the alarm that sends it. The same msgid again changes
   * nothing. False when the account is closed.
   */
  addMessage(message: NewMessage, until: number): boolean {
    return this.#writeDue(until, false, (now) => {
      this.#messages.add(message, now);
      return true;
    });
  }

  message(msgid: string): MessageWithCallback | null {
    return this.#row.readOpen() === undefined ? null : this.#messages.read(msgid);
  }

  findMessages(query: MessageQuery): Message[] {
    return this.#row.readOpen() === undefined ? [] : this.#messages.find(query);
  }

  /** Gives out the right to hand a message to this carrier: to one caller, named by `claimId`, once; without one to nobody. */
  claimMessage(msgid: string, carrier: CarrierName | undefined, claimId: string, until: number): SendClaim {
    return this.#writeDue<SendClaim>(until, { kind: "nothing" }, (now) =>
      this.#messages.claim(msgid, carrier, claimId, now),
    );
  }

  /** Notes how sending ended; the status that follows, null for an unknown message. */
  messageSent(msgid: string, claimId: string, sent: Sent): MessageStatus | null {
    return this.#writeDue(ANY_TIME, null, (now) => this.#messages.sent(msgid, claimId, sent, now));
  }

  /** In how many milliseconds the carrier may be asked about a message; null when somebody else is going to ask. */
  messageQuestion(msgid: string): number | null {
    return this.#questions.waitMs(msgid, Date.now());
  }

  /** Notes the carrier's delivery report; the status that follows, null for an unknown message. */
  messageReported(msgid: string, status: MessageStatus, reason: string | null): MessageStatus | null {
    return this.#writeDue(ANY_TIME, null, (now) => this.#messages.reported(msgid, status, reason, now));
  }

  // Callbacks of messages.

  /** Gives out the right to make the next POST for a message's event, to one caller at a time. */
  async claimAttempt(eventId: string, until: number): Promise<Claim> {
    if (this.#row.readOpen() === undefined || !this.#ledger.isClaimable(eventId, Date.now()))
      return { kind: "nothing" };
    const secrets = await this.signingSecrets();
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    const claim = this.#writeDue(until, null, (now) => this.#ledger.claim(eventId, now));
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** One more attempt for a message's delivery report, now; null for an unknown message. */
  retryCallback(msgid: string, until: number): "accepted" | "delivered" | "no-url" | "no-event" | null {
    return this.#writeDue(until, null, (now) => {
      const message = this.#messages.read(msgid);
      if (message === null) return null;
      if (message.eventId === null) return message.callbackUrl === null ? "no-url" : "no-event";
      return this.#ledger.retry(message.eventId, now);
    });
  }

  /** Notes how an attempt ended; the state that follows. */
  reportAttempt(report: AttemptReport): CallbackState {
    return this.#writeDue<CallbackState>(ANY_TIME, "none", (now) => this.#ledger.report(report, now, randomFraction()));
  }

  /** A job came back from the dead letters: if its callback is still owed, the alarm sends another. */
  takeBackJob(eventId: string, until: number): void {
    this.#writeDue(until, undefined, (now) => this.#ledger.takeBackJob(eventId, now, now + jittered(RETRY_MS)));
  }

  // Of `main` alone: the accounts that it made.

  addTenant(sid: string, name: string, until: number): Tenant | null {
    return this.#write(until, null, (now) => this.#tenants.add(sid, name, now));
  }

  tenants(): Tenant[] {
    return this.#row.readOpen() === undefined ? [] : this.#tenants.all();
  }

  hasTenant(sid: string): boolean {
    return this.#row.readOpen() !== undefined && this.#tenants.has(sid);
  }

  removeTenant(sid: string, until: number): void {
    this.#write(until, undefined, (now) => this.#tenants.remove(sid, now));
  }

  /** The object of a removed account is empty: its sid is not needed any more. */
  forgetTenant(sid: string, until: number): void {
    this.#write(until, undefined, () => this.#tenants.forget(sid));
  }

  /** Their sids in order, so many behind `after`. */
  tenantSids(after: string, limit: number): string[] {
    return this.#row.readOpen() === undefined ? [] : this.#tenants.sids(after, limit);
  }

  // What the alarm does, and what is done where it may be gone.

  /**
   * The Cron Trigger comes by: the account's own alarm is set where it is gone, links are looked at, and secrets are
   * sealed anew. `gone`: there is no account, or not any more.
   */
  async wake(): Promise<"gone" | "open" | "closing"> {
    const wasOverdue = await this.#alarm.wake();
    const account = this.#row.read();
    if (account?.closedAt !== null) return account === undefined ? "gone" : "closing";
    await Promise.all([this.#wakeBooks(account.sid), this.#sweep.check(account, wasOverdue, Date.now())]);
    this.#alarm.arm();
    // Every account comes by here, also one that nobody uses: so a key that was replaced is soon needed by links only.
    await this.sealedSecrets();
    return "open";
  }

  /** One that cannot be reached holds up nothing: its turn comes again. */
  async #wakeBooks(sid: string): Promise<void> {
    const woken = this.#books
      .numbers()
      .map((book) => within(BOOK_WAKE_TIMEOUT_MS, () => bookObject(this.env, { sid, book }).wake()));
    for (const one of await Promise.allSettled(woken))
      if (one.status === "rejected") log("wake.failed", { what: "book", error: errorText(one.reason) });
  }

  /** A link of this account had lost its alarm: all of them are woken. */
  sweep(until: number): void {
    this.#writeDue(until, undefined, (now) => this.#sweep.begin(now));
  }

  override async alarm(): Promise<void> {
    await this.#alarm.run(async (now) => {
      const account = this.#row.read();
      if (account === undefined) return;
      const { sid, closedAt } = account;
      await (closedAt === null ? this.#performDue(account, now) : this.#closeStep(sid, closedAt));
    });
  }

  async #performDue(account: StoredAccount, now: number): Promise<void> {
    const { sid, sweepDueAt } = account;
    this.#messages.forgetDue(now);
    await Promise.all([
      this.#sendMessages(sid, now),
      sendDueJobs(this.#ledger, this.env, { sid }, now),
      sweepDueAt !== null && sweepDueAt <= now && this.#sweep.step(account, now),
    ]);
  }

  /** Hands the messages that are due to the queue; what it refuses comes due again after its lease. */
  async #sendMessages(sid: string, now: number): Promise<void> {
    const jobs = this.#messages.dueJobs(now);
    if (jobs.length === 0) return;
    try {
      const bodies = jobs.map(({ msgid }) => ({ body: { sid, msgid } satisfies SendJob }));
      // A queue that is silent must not hold up the next alarm. If it takes the jobs later, claims decide.
      await within(QUEUE_TIMEOUT_MS, () => this.env.MESSAGES.sendBatch(bodies));
    } catch (error) {
      log("message.queue_failed", { error: errorText(error) });
    }
    // The account may have been closed meanwhile, and its tables be gone.
    if (this.#row.readOpen() === undefined) return;
    for (const job of jobs) this.#messages.jobSent(job, Date.now());
  }

  /** Ends some links; with the last one the account's storage goes, too. */
  async #closeStep(sid: string, closedAt: number): Promise<void> {
    const end = (code: string, until: number) => linkObject(this.env, code).closeWithAccount(sid, until);
    const [areBooksGone, areLinksEnded] = await Promise.all([this.#closeBooks(sid, closedAt), this.#closing.step(end)]);
    if (!areBooksGone || !areLinksEnded) return;
    const deleted = this.ctx.storage.deleteAll();
    this.#forgetStorage();
    await deleted;
  }

  /** Closes the account's books, each of which ends its links; true when none is left. */
  async #closeBooks(sid: string, closedAt: number): Promise<boolean> {
    const closed = await Promise.allSettled(
      this.#books.all().map(async ({ number: book, isOpened }) => {
        const state = await within(BOOK_TIMEOUT_MS, (until) => bookObject(this.env, { sid, book }).close(until));
        // A call that opens it may be on its way still, and then nobody would know of the book.
        const isSettled = isOpened || Date.now() - closedAt > BOOK_TIMEOUT_MS;
        return state === "gone" && isSettled ? book : null;
      }),
    );
    const failed = closed.find((one) => one.status === "rejected");
    if (failed !== undefined) log("account.closing_failed", { links: 0, error: errorText(failed.reason) });
    // Another step may have been under way beside this one, and have ended the last.
    if (this.#row.read() === undefined) return false;
    for (const one of closed) if (one.status === "fulfilled" && one.value !== null) this.#books.remove(one.value);
    return this.#books.numbers().length === 0;
  }

  /** When the alarm has to act; null when it has not. */
  #dueAt(): number | null {
    const account = this.#row.read();
    if (account === undefined) return null;
    if (account.closedAt !== null) return this.#closing.dueAt() ?? account.closedAt;
    const due = [this.#messages.dueAt(), this.#ledger.dueAt(), account.sweepDueAt].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** All of the writes or none, also when one of them throws. The alarm belongs to them. */
  #atomically<T>(write: () => T): T {
    try {
      return this.ctx.storage.transactionSync(write);
    } catch (error) {
      this.#forgetStorage();
      throw error;
    }
  }

  /** What this instance remembers of its storage is not true any more. */
  #forgetStorage(): void {
    this.#alarm.forget();
    this.#row.forgotten();
    this.#ledger.forgotten();
    this.#messages.forgotten();
  }

  /** Carries out what writes, when it comes in time; `closed` when there is no open account. */
  #write<T>(until: number | undefined, closed: T, write: (now: number) => T): T {
    refuseLate(until);
    return this.#row.readOpen() === undefined ? closed : this.#atomically(() => write(Date.now()));
  }

  /** The same for what the alarm has to act on. */
  #writeDue<T>(until: number | undefined, closed: T, write: (now: number) => T): T {
    return this.#write(until, closed, (now) => {
      const written = write(now);
      this.#alarm.arm();
      return written;
    });
  }

  /** Opens the account, unless somebody was quicker. */
  #open(sid: string, name: string, callbackSecret: string): void {
    if (this.#row.read() === undefined) this.#row.open(TABLES, { sid, name, callbackSecret }, Date.now());
  }

  async #mintSecret(): Promise<{ callbackSecret: string; sealed: string }> {
    const callbackSecret = mintSecret();
    return { callbackSecret, sealed: await seal(this.#sealingKeys(), callbackSecret) };
  }

  #storedSecrets(): string[] {
    const account = this.#row.readOpen();
    return account === undefined ? [] : this.#secrets.all(account.callbackSecret, Date.now());
  }

  #sealingKeys(): readonly string[] {
    return settingsOf(this.env).sealingKeys;
  }

  #admitted(): Admitted | null {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    return { sid: account.sid, callbackUrl: account.callbackUrl, books: this.#books.numbers() };
  }
}
