// One object per account, named by its sid: tokens, settings, the signing secret, its messages, and the list of its links.
// The account `main` also keeps the list of the accounts that it made. Links work without it: it is asked by the API, and
// once per callback attempt for the secrets, of which a link has a copy. One alarm serves whatever is due first.

import { DurableObject } from "cloudflare:workers";
import { nanoid } from "nanoid";
import type { AttemptReport, CallbackState, Claim } from "../callback/callback.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { randomFraction } from "../callback/schedule.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import { mintSecret } from "../callback/sign.ts";
import { camelKeys, type CamelKeys } from "../http/json.ts";
import type { LinkSummary } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { linkObject, QUEUE_TIMEOUT_MS, within } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { hasTable } from "../tables.ts";
import type { CarrierName } from "../sms/carriers/carrier-settings.ts";
import type { Sent } from "../sms/carriers/carrier.ts";
import { MessageBook } from "../sms/message-book.ts";
import { MESSAGE_TABLE } from "../sms/message-rows.ts";
import type {
  Message,
  MessageQuery,
  MessageStatus,
  MessageWithCallback,
  NewMessage,
  SendClaim,
  SendJob,
} from "../sms/message.ts";
import type { AccountChanges, AccountView, Admitted, KeyClaim, NewAccount, Tenant } from "./account.ts";
import { ACCOUNT_TABLES, findLinks, type LinkQuery, type ListedLink, listLink } from "./account-rows.ts";
import { openSecrets, seal, sealingKeyOf } from "../callback/sealed.ts";
import { hashToken, MAIN_SID, mintToken } from "./token.ts";

/** After a rotation the old secret signs too, so that receivers have a day to change theirs. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;
/** Each signature is 47 characters of a header; receivers take a few kilobytes. */
const MOST_PREVIOUS_SECRETS = 10;
const IDEMPOTENCY_MS = 24 * 3_600_000;
/** Links that one step of closing an account ends: few enough for one invocation's limit of calls. */
const CLOSING_STEP = 100;
const CLOSING_TIMEOUT_MS = 20_000;
/** What fails is tried again after this. */
const RETRY_MS = 10_000;

interface AccountRow extends Record<string, SqlStorageValue> {
  sid: string;
  name: string;
  callback_url: string | null;
  fallback_url: string | null;
  callback_secret: string;
  created_at: number;
  closed_at: number | null;
}

export class Account extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #ledger = new CallbackLedger(this.#sql, settingsOf(this.env), "many");
  readonly #messages = new MessageBook(this.#sql, this.#ledger);
  #hasTables = false;
  #armedAt: number | undefined;

  /** Answers; says only that objects work. */
  ping(): void {}

  /** Opens the account `main` at its first use: it needs no set-up but the secret ADMIN_TOKEN. */
  async admitMain(): Promise<Admitted | null> {
    if (this.#read() === undefined) {
      const { sealed } = await this.#mintSecret();
      this.#open(MAIN_SID, "main", sealed);
    }
    return this.#admitted();
  }

  /** The account, when the token with this hash is one of its tokens; null otherwise. Creates no storage. */
  admit(tokenHash: string): Admitted | null {
    if (this.#readOpen() === undefined) return null;
    const known = this.#sql.exec("SELECT 1 FROM token WHERE hash = ?", tokenHash).toArray().length > 0;
    return known ? this.#admitted() : null;
  }

  /** Opens a tenant's account. Token and secret are shown once: only the token's hash is kept. */
  async open(sid: string, name: string): Promise<NewAccount> {
    const token = mintToken(sid);
    const hash = await hashToken(token);
    const { callbackSecret, sealed } = await this.#mintSecret();
    this.#open(sid, name, sealed);
    this.#addToken(hash);
    return { token, callbackSecret };
  }

  view(): AccountView | null {
    const account = this.#readOpen();
    if (account === undefined) return null;
    const { sid, name, callbackUrl, fallbackUrl, createdAt } = account;
    const tokens = this.#sql
      .exec<{ id: string; createdAt: number }>("SELECT id, created_at AS createdAt FROM token ORDER BY created_at, id")
      .toArray();
    return { sid, name, callbackUrl, fallbackUrl, createdAt, tokens };
  }

  change(changes: AccountChanges): AccountView | null {
    const account = this.#readOpen();
    if (account === undefined) return null;
    const { name, callbackUrl, fallbackUrl } = { ...account, ...changes };
    this.#sql.exec("UPDATE account SET name = ?, callback_url = ?, fallback_url = ?", name, callbackUrl, fallbackUrl);
    return this.view();
  }

  /** A further token, shown once. */
  async addToken(): Promise<{ id: string; token: string; createdAt: number } | null> {
    const account = this.#readOpen();
    if (account === undefined) return null;
    const token = mintToken(account.sid);
    const hash = await hashToken(token);
    return { ...this.#addToken(hash), token };
  }

  /** Revokes a token; the next request with it is refused. False when there is none with this id. */
  removeToken(id: string): boolean {
    return this.#readOpen() !== undefined && this.#sql.exec("DELETE FROM token WHERE id = ?", id).rowsWritten > 0;
  }

  /** A new signing secret, shown once; each one before signs too for 24 hours. */
  async rotateCallbackSecret(): Promise<{ callbackSecret: string; previousSecretExpiresAt: number } | null> {
    const { callbackSecret, sealed } = await this.#mintSecret();
    const account = this.#readOpen();
    if (account === undefined) return null;
    const previousSecretExpiresAt = Date.now() + ROTATION_OVERLAP_MS;
    this.#sql.exec("DELETE FROM previous_secret WHERE expires_at <= ?", Date.now());
    this.#sql.exec("INSERT INTO previous_secret VALUES (?, ?)", account.callbackSecret, previousSecretExpiresAt);
    this.#sql.exec("UPDATE account SET callback_secret = ?", sealed);
    return { callbackSecret, previousSecretExpiresAt };
  }

  /** The secrets that sign a callback now, newest first; none when the account is closed. Rejects like openSecrets. */
  signingSecrets(): Promise<string[]> {
    return openSecrets(this.#sealingKey(), this.sealedSecrets());
  }

  /** The same, as they are stored. */
  sealedSecrets(): string[] {
    const account = this.#readOpen();
    if (account === undefined) return [];
    const previous = this.#sql
      .exec<{ secret: string }>(
        "SELECT secret FROM previous_secret WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?",
        Date.now(),
        MOST_PREVIOUS_SECRETS,
      )
      .toArray();
    return [account.callbackSecret, ...previous.map(({ secret }) => secret)];
  }

  /** Where taps on this account's ended links lead; null for our own page. */
  fallbackUrl(): string | null {
    return this.#readOpen()?.fallbackUrl ?? null;
  }

  /**
   * Binds an Idempotency-Key for 24 hours to the name of what its request makes: a code, or a msgid with its code.
   * `fingerprint` stands for the request's content.
   */
  claimKey(key: string, fingerprint: string, made: string): KeyClaim {
    const now = Date.now();
    this.#sql.exec("DELETE FROM idempotency WHERE created_at <= ?", now - IDEMPOTENCY_MS);
    this.#sql.exec(
      "INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      key,
      fingerprint,
      made,
      nanoid(),
      now,
    );
    const claim = this.#sql
      .exec<{ fingerprint: string; made: string; opened_by: string }>("SELECT * FROM idempotency WHERE key = ?", key)
      .one();
    if (claim.fingerprint !== fingerprint) return { kind: "reused" };
    return { kind: "claimed", made: claim.made, openedBy: claim.opened_by };
  }

  /** Gives a key free again: its request was refused and made nothing. A claim that came since is another's, and stays. */
  releaseKey(key: string, openedBy: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ? AND opened_by = ?", key, openedBy);
  }

  /**
   * Brings a link's line up to date. Returns the sealed secrets, with which the link signs while this object is out of
   * reach; null when the account is closed: then the link has to end, too.
   */
  listLink(link: LinkSummary): string[] | null {
    if (this.#readOpen() === undefined) return null;
    if (listLink(this.#sql, link)) this.#messages.linkChanged(link);
    if (link.closedAt !== null) this.#arm();
    return this.sealedSecrets();
  }

  /** Forgets a link. Its message goes thirty days after `endedAt`. */
  unlistLink(link: { createdAt: number; code: string; msgid: string | null }, endedAt: number): void {
    if (this.#read() === undefined) return;
    this.#sql.exec("DELETE FROM link WHERE created_at = ? AND code = ?", link.createdAt, link.code);
    if (link.msgid !== null) this.#messages.linkEnded(link.msgid, endedAt);
    this.#arm();
  }

  findLinks(query: LinkQuery): ListedLink[] {
    return this.#readOpen() === undefined ? [] : findLinks(this.#sql, query);
  }

  /**
   * Accepts a message: when this returns, it is written down with the alarm that sends it. The same msgid again changes
   * nothing. False when the account is closed.
   */
  addMessage(message: NewMessage): boolean {
    if (this.#readOpen() === undefined) return false;
    this.#messages.add(message, Date.now());
    this.#arm();
    return true;
  }

  message(msgid: string): MessageWithCallback | null {
    return this.#readOpen() === undefined ? null : this.#messages.read(msgid);
  }

  findMessages(query: MessageQuery): Message[] {
    return this.#readOpen() === undefined ? [] : this.#messages.find(query);
  }

  /** Gives out the right to hand a message to the carrier: to one caller, named by `claimId`, once. */
  claimMessage(msgid: string, carrier: CarrierName, claimId: string): SendClaim {
    if (this.#readOpen() === undefined) return { kind: "nothing" };
    const claim = this.#messages.claim(msgid, carrier, claimId, Date.now());
    this.#arm();
    return claim;
  }

  /** Notes how sending ended; the status that follows, null for an unknown message. */
  messageSent(msgid: string, claimId: string, sent: Sent): MessageStatus | null {
    if (this.#readOpen() === undefined) return null;
    const status = this.#messages.sent(msgid, claimId, sent, Date.now());
    this.#arm();
    return status;
  }

  /** Notes the carrier's delivery report; the status that follows, null for an unknown message. */
  messageReported(msgid: string, status: MessageStatus, reason: string | null): MessageStatus | null {
    if (this.#readOpen() === undefined) return null;
    const following = this.#messages.reported(msgid, status, reason, Date.now());
    this.#arm();
    return following;
  }

  /** Gives out the right to make the next POST for a message's event, to one caller at a time. */
  async claimAttempt(eventId: string): Promise<Claim> {
    if (!this.#ledger.isClaimable(eventId, Date.now())) return { kind: "nothing" };
    const secrets = await this.signingSecrets();
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    if (this.#readOpen() === undefined) return { kind: "nothing" };
    const claim = this.#ledger.claim(eventId, Date.now());
    this.#arm();
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** One more attempt for a message's delivery report, now; null for an unknown message. */
  retryCallback(msgid: string): "accepted" | "delivered" | "no-url" | "no-event" | null {
    const message = this.message(msgid);
    if (message === null) return null;
    if (message.eventId === null) return message.callbackUrl === null ? "no-url" : "no-event";
    const retried = this.#ledger.retry(message.eventId, Date.now());
    this.#arm();
    return retried;
  }

  /** Notes how an attempt ended; the state that follows. */
  reportAttempt(report: AttemptReport): CallbackState {
    if (this.#readOpen() === undefined) return "none";
    const state = this.#ledger.report(report, Date.now(), randomFraction());
    this.#arm();
    return state;
  }

  /** A job came back from the dead letters: if its callback is still owed, the alarm sends another. */
  takeBackJob(eventId: string): void {
    this.#ledger.takeBackJob(eventId, Date.now(), Date.now() + RETRY_MS);
    this.#arm();
  }

  /** Of `main` alone: the accounts that it made. */
  addTenant(sid: string, name: string): Tenant {
    const createdAt = Date.now();
    this.#sql.exec("INSERT INTO tenant (sid, name, created_at) VALUES (?, ?, ?)", sid, name, createdAt);
    return { sid, name, createdAt };
  }

  tenants(): Tenant[] {
    return this.#sql
      .exec<{ sid: string; name: string; created_at: number }>("SELECT * FROM tenant ORDER BY created_at DESC, sid")
      .toArray()
      .map(camelKeys);
  }

  hasTenant(sid: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tenant WHERE sid = ?", sid).toArray().length > 0;
  }

  removeTenant(sid: string): void {
    this.#sql.exec("DELETE FROM tenant WHERE sid = ?", sid);
  }

  /** Closes the account: its tokens at once, its links step by step, the first hundred before this returns. */
  async close(): Promise<void> {
    if (this.#read() === undefined) return;
    this.#sql.exec("UPDATE account SET closed_at = ?", Date.now());
    this.#sql.exec("DELETE FROM token");
    void this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    await this.alarm();
  }

  /** Does what is due. Never throws: the platform drops an alarm for good after six failures. */
  override async alarm(): Promise<void> {
    this.#armedAt = undefined;
    try {
      const account = this.#read();
      if (account === undefined) return;
      await (account.closedAt === null ? this.#performDue(account.sid, Date.now()) : this.#closeStep(account.sid));
      this.#arm();
    } catch (error) {
      log("account.alarm_failed", { error: errorText(error) });
      await this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    }
  }

  async #performDue(sid: string, now: number): Promise<void> {
    this.#messages.forgetDue(now);
    await Promise.all([this.#sendMessages(sid, now), sendDueJobs(this.#ledger, this.env, { sid }, now)]);
  }

  /** Hands the messages that are due to the queue; what it refuses comes due again after its lease. */
  async #sendMessages(sid: string, now: number): Promise<void> {
    const jobs = this.#messages.dueJobs(now);
    if (jobs.length === 0) return;
    try {
      const bodies = jobs.map(({ msgid }) => ({ body: { sid, msgid } satisfies SendJob }));
      // A queue that is silent must not hold up the next alarm. If it takes the jobs later, claims decide.
      await within(QUEUE_TIMEOUT_MS, this.env.MESSAGES.sendBatch(bodies));
    } catch (error) {
      log("message.queue_failed", { error: errorText(error) });
    }
    // The account may have been closed meanwhile, and its tables be gone.
    if (this.#readOpen() === undefined) return;
    for (const job of jobs) this.#messages.jobSent(job, Date.now());
  }

  /** Ends some links; with the last one the account's storage goes, too. */
  async #closeStep(sid: string): Promise<void> {
    const links = this.#sql
      .exec<{ createdAt: number; code: string; msgid: string | null }>(
        "SELECT created_at AS createdAt, code, msgid FROM link LIMIT ?",
        CLOSING_STEP,
      )
      .toArray();
    const closed = links.map(({ code }) => linkObject(this.env, code).closeWithAccount(sid));
    await within(CLOSING_TIMEOUT_MS, Promise.all(closed));
    for (const link of links) this.unlistLink(link, Date.now());
    if (links.length === CLOSING_STEP) {
      await this.ctx.storage.setAlarm(Date.now());
      return;
    }
    const deleted = this.ctx.storage.deleteAll();
    this.#hasTables = false;
    this.#ledger.forgotten();
    await deleted;
  }

  /** Sets the alarm to the earliest due time. Not awaited: an `await` would split it from the rows written beside it. */
  #arm(): void {
    // A closed account's alarm is set by its steps.
    if (this.#readOpen() === undefined) return;
    const earliest = Math.min(...[this.#messages.dueAt(), this.#ledger.dueAt()].filter((at) => at !== null));
    if (earliest === this.#armedAt || earliest === Infinity) return;
    this.#armedAt = earliest;
    void this.ctx.storage.setAlarm(earliest);
  }

  /** Opens the account, unless somebody was quicker. */
  #open(sid: string, name: string, sealedSecret: string): void {
    if (this.#read() !== undefined) return;
    this.#sql.exec(ACCOUNT_TABLES + MESSAGE_TABLE);
    this.#hasTables = true;
    this.#sql.exec(
      "INSERT INTO account (id, sid, name, callback_secret, created_at) VALUES (1, ?, ?, ?, ?)",
      sid,
      name,
      sealedSecret,
      Date.now(),
    );
  }

  async #mintSecret(): Promise<{ callbackSecret: string; sealed: string }> {
    const callbackSecret = mintSecret();
    return { callbackSecret, sealed: await seal(this.#sealingKey(), callbackSecret) };
  }

  #sealingKey(): string {
    return sealingKeyOf(settingsOf(this.env));
  }

  #addToken(hash: string): { id: string; createdAt: number } {
    const token = { id: nanoid(), createdAt: Date.now() };
    this.#sql.exec("INSERT INTO token (id, hash, created_at) VALUES (?, ?, ?)", token.id, hash, token.createdAt);
    return token;
  }

  #admitted(): Admitted | null {
    const account = this.#readOpen();
    return account === undefined ? null : { sid: account.sid, callbackUrl: account.callbackUrl };
  }

  #read(): CamelKeys<AccountRow> | undefined {
    this.#hasTables ||= hasTable(this.#sql, "account") && hasTable(this.#sql, "link", ["closed_at INTEGER"]);
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<AccountRow>("SELECT * FROM account").toArray()[0];
    return row && camelKeys(row);
  }

  #readOpen(): CamelKeys<AccountRow> | undefined {
    const account = this.#read();
    return account?.closedAt === null ? account : undefined;
  }
}
