// One object per account, named by its sid: tokens, settings, the signing secret, and the list of its links. The account
// `main` also keeps the list of the accounts that it made. Links work without it: it is asked by the API, and once per
// callback attempt for the secrets.

import { DurableObject } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { mintSecret } from "../callback/sign.ts";
import { camelKeys, type CamelKeys } from "../http/json.ts";
import type { LinkSummary } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { linkObject } from "../objects.ts";
import type { AccountChanges, AccountView, Admitted, KeyClaim, NewAccount, Tenant } from "./account.ts";
import { ACCOUNT_TABLES, findLinks, type LinkQuery, type ListedLink, listLink } from "./account-rows.ts";
import { hashToken, MAIN_SID, mintToken } from "./token.ts";

/** After a rotation the old secret signs too, so that receivers have a day to change theirs. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;
/** Each signature is 47 characters of a header; receivers take a few kilobytes. */
const MOST_PREVIOUS_SECRETS = 10;
const IDEMPOTENCY_MS = 24 * 3_600_000;
/** Links that one step of closing an account ends: few enough for one invocation's limit of calls. */
const CLOSING_STEP = 100;
const CLOSING_RETRY_MS = 10_000;

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
  #hasTables = false;

  /** Answers; says only that objects work. */
  ping(): void {}

  /** Opens the account `main` at its first use: it needs no set-up but the secret ADMIN_TOKEN. */
  admitMain(): Admitted | null {
    if (this.#read() === undefined) this.#open(MAIN_SID, "main");
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
    const callbackSecret = this.#open(sid, name);
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
  rotateCallbackSecret(): { callbackSecret: string; previousSecretExpiresAt: number } | null {
    const account = this.#readOpen();
    if (account === undefined) return null;
    const callbackSecret = mintSecret();
    const previousSecretExpiresAt = Date.now() + ROTATION_OVERLAP_MS;
    this.#sql.exec("DELETE FROM previous_secret WHERE expires_at <= ?", Date.now());
    this.#sql.exec("INSERT INTO previous_secret VALUES (?, ?)", account.callbackSecret, previousSecretExpiresAt);
    this.#sql.exec("UPDATE account SET callback_secret = ?", callbackSecret);
    return { callbackSecret, previousSecretExpiresAt };
  }

  /** The secrets that sign a callback now, newest first; none when the account is closed. */
  signingSecrets(): string[] {
    const account = this.#readOpen();
    if (account === undefined) return [];
    const previous = this.#sql.exec<{ secret: string }>(
      "SELECT secret FROM previous_secret WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?",
      Date.now(),
      MOST_PREVIOUS_SECRETS,
    );
    return [account.callbackSecret, ...Array.from(previous, ({ secret }) => secret)];
  }

  /** Where taps on this account's ended links lead; null for our own page. */
  fallbackUrl(): string | null {
    return this.#readOpen()?.fallbackUrl ?? null;
  }

  /** Binds an Idempotency-Key to a code for 24 hours. `fingerprint` stands for the request's content. */
  claimKey(key: string, fingerprint: string, code: string): KeyClaim {
    const now = Date.now();
    this.#sql.exec("DELETE FROM idempotency WHERE created_at <= ?", now - IDEMPOTENCY_MS);
    this.#sql.exec(
      "INSERT INTO idempotency (key, fingerprint, code, opened_by, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      key,
      fingerprint,
      code,
      nanoid(),
      now,
    );
    const claim = this.#sql
      .exec<{ fingerprint: string; code: string; opened_by: string }>("SELECT * FROM idempotency WHERE key = ?", key)
      .one();
    if (claim.fingerprint !== fingerprint) return { kind: "reused" };
    return { kind: "claimed", code: claim.code, openedBy: claim.opened_by };
  }

  /** Gives a key free again: its request was refused and made nothing. A claim that came since is another's, and stays. */
  releaseKey(key: string, openedBy: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE key = ? AND opened_by = ?", key, openedBy);
  }

  /** Brings a link's line up to date. False when the account is closed: then the link has to end, too. */
  listLink(link: LinkSummary): boolean {
    if (this.#readOpen() === undefined) return false;
    listLink(this.#sql, link);
    return true;
  }

  /** Takes a link off the list: it was deleted or forgotten. */
  unlistLink(createdAt: number, code: string): void {
    if (this.#read() !== undefined)
      this.#sql.exec("DELETE FROM link WHERE created_at = ? AND code = ?", createdAt, code);
  }

  findLinks(query: LinkQuery): ListedLink[] {
    return this.#readOpen() === undefined ? [] : findLinks(this.#sql, query);
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
    void this.ctx.storage.setAlarm(Date.now() + CLOSING_RETRY_MS);
    await this.alarm();
  }

  /** Goes on closing. Never throws: the platform drops an alarm after six failures. */
  override async alarm(): Promise<void> {
    try {
      await this.#closeStep();
    } catch (error) {
      log("account.closing_failed", { error: errorText(error) });
      await this.ctx.storage.setAlarm(Date.now() + CLOSING_RETRY_MS);
    }
  }

  /** Ends some links; with the last one the account's storage goes, too. */
  async #closeStep(): Promise<void> {
    const account = this.#read();
    if (account === undefined || account.closedAt === null) return;
    const links = this.#sql
      .exec<{ created_at: number; code: string }>("SELECT created_at, code FROM link LIMIT ?", CLOSING_STEP)
      .toArray();
    await Promise.all(links.map(({ code }) => linkObject(this.env, code).closeWithAccount(account.sid)));
    for (const { created_at, code } of links) this.unlistLink(created_at, code);
    if (links.length === CLOSING_STEP) {
      await this.ctx.storage.setAlarm(Date.now());
      return;
    }
    const deleted = this.ctx.storage.deleteAll();
    this.#hasTables = false;
    await deleted;
  }

  #open(sid: string, name: string): string {
    const callbackSecret = mintSecret();
    this.#sql.exec(ACCOUNT_TABLES);
    this.#hasTables = true;
    this.#sql.exec(
      "INSERT INTO account (id, sid, name, callback_secret, created_at) VALUES (1, ?, ?, ?, ?)",
      sid,
      name,
      callbackSecret,
      Date.now(),
    );
    return callbackSecret;
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
    this.#hasTables ||= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'account'").toArray().length > 0;
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<AccountRow>("SELECT * FROM account").toArray()[0];
    return row && camelKeys(row);
  }

  #readOpen(): CamelKeys<AccountRow> | undefined {
    const account = this.#read();
    return account?.closedAt === null ? account : undefined;
  }
}
