// One object per account, named by its sid. Each of its rooms keeps one thing: the account's row, tokens, secrets,
// Idempotency-Keys, the list of links, how far closing them has come, messages, callbacks, and with `main` the other accounts.
// This class says what may be asked of them from outside, and arms the one alarm that serves whatever is due first. Links work without it: it is asked by
// the API, and once per callback attempt for the secrets, of which a link has a copy.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { nanoid } from "nanoid";
import { Alarm } from "../alarm.ts";
import type { Sign } from "../alert/alert.ts";
import { Alerts, type Listener } from "../alert/alerts.ts";
import type { ArchiveAnswer, ArchivePart } from "../book/ending.ts";
import { type Found, type ListQuery, NOTHING_FOUND } from "../book/find.ts";
import type { FiguresQuestion } from "../book/tallies.ts";
import { openSecrets, reseal, seal } from "../callback/sealed.ts";
import { mintSecret } from "../callback/sign.ts";
import { accountExporter, type ExportLines, exportLines, type ExportQuestion } from "../export/exports.ts";
import { accountPage, type FeedPage, type FeedQuestion } from "../feed/feed-page.ts";
import { mintCampaignId } from "../campaign/campaign.ts";
import { type FeedFacts, Feeds, type FeedTerms, type Numbers } from "../feed/feeds.ts";
import { snake } from "../http/json.ts";
import type { LinkSummary } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { bookObject, linkObject, refuseLate, within } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { MESSAGE_TABLE } from "../sms/message-rows.ts";
import { type Keeping, keeperDueAt, MessageKeeper, performDue } from "../sms/message-keeper.ts";
import { bookOf, type MessageStatus, type MessageWithCallback, mintMsgid, type SendClaim } from "../sms/message.ts";
import { ACCOUNT_TABLE, AccountRow, pinnedViewsOf, restrictionsOf, type StoredAccount } from "./account-row.ts";
import {
  type Accepted,
  type AccountChanges,
  type AccountView,
  type Admitted,
  FULL_TERMS,
  type KeyClaim,
  MAIN_NAME,
  type Making,
  type NewAccount,
  type Refusal,
  type Restricted,
  type Restrictions,
  type Tenant,
  type TenantQuery,
  type TokenFacts,
  type TokenTerms,
} from "./account.ts";
import type { Act, ActivityQuery, By, Deed, Done, Who } from "./act.ts";
import { ACT_TABLE, Activity } from "./activity.ts";
import { Archive, type ArchivedFigures } from "./archive.ts";
import { Books, type KnownBook } from "./books.ts";
import { type CampaignKey, CampaignKeys, putKeys } from "./campaign-keys.ts";
import { Closing } from "./closing.ts";
import { fingerprintsOf } from "./fingerprint.ts";
import { IdempotencyKeys, KEY_TABLE } from "./idempotency-keys.ts";
import type { ListedLink } from "../link/listed-link.ts";
import { LINK_TABLE, LinkList, type ListedName } from "./link-list.ts";
import { type LinkQuery, linksOfBefore } from "./queries-of-before.ts";
import { USAGE_TABLE, Usage } from "./restrictions.ts";
import { SECRET_TABLE, Secrets } from "./secrets.ts";
import { type KeyHashes, type SessionFacts, Sessions, SESSION_TABLE, type SessionTerms } from "./sessions.ts";
import { Sweep } from "./sweep.ts";
import { TENANT_TABLE, Tenants } from "./tenants.ts";
import { hashToken, MAIN_SID, mintToken } from "./token.ts";
import { type Grant, isLimited, TOKEN_TABLE, Tokens } from "./tokens.ts";

const TABLES =
  ACCOUNT_TABLE +
  SECRET_TABLE +
  TOKEN_TABLE +
  LINK_TABLE +
  KEY_TABLE +
  TENANT_TABLE +
  MESSAGE_TABLE +
  USAGE_TABLE +
  SESSION_TABLE +
  ACT_TABLE;

/** A book answers in milliseconds; whoever makes the first thing of a month waits for it. */
const BOOK_TIMEOUT_MS = 3_000;
/** A book looks at a hundred links meanwhile, and waits for each of them for 20 s; we are waited for for 25 s. */
const BOOK_WAKE_TIMEOUT_MS = 22_000;

export class Account extends MessageKeeper {
  protected readonly keeping: Keeping = {
    owner: () => ({ sid: this.#row.read()?.sid ?? "" }),
    isOpen: () => this.#row.readOpen() !== undefined,
    write: (until, closed, write) => this.#writeDue(until, closed, write),
    signingSecrets: () => this.signingSecrets(),
    isSuspended: async () => this.isSuspended(),
    journal: null,
    failing: () => null,
    sweep: () => this.#row.readOpen(),
  };
  readonly #sql = this.ctx.storage.sql;
  readonly #row = new AccountRow(this.ctx.storage);
  readonly #tokens = new Tokens(this.#sql);
  readonly #sessions = new Sessions(this.#sql);
  readonly #feeds = new Feeds(this.#sql);
  readonly #secrets = new Secrets(this.#sql);
  readonly #keys = new IdempotencyKeys(this.#sql);
  readonly #books = new Books(this.#sql);
  readonly #alerts = new Alerts(
    this.#sql,
    () => this.#listener(),
    // Its address was checked against our own hosts when it was set.
    (event, url) => this.ledger.write({ event, url, ownHost: "" }, Date.now()),
  );
  readonly #archive = new Archive(this.#sql);
  readonly #usage = new Usage(this.#sql);
  readonly #activity = new Activity(this.#sql, this.#usage);
  readonly #links = new LinkList(this.#sql);
  readonly #closing = new Closing(this.#sql, this.#links);
  readonly #tenants = new Tenants(this.#sql);
  readonly #campaignKeys = new CampaignKeys(this.#sql);
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
    return this.#admitted({ ...FULL_TERMS, id: null });
  }

  /**
   * The account, when the token with this hash is one of its tokens and has not expired; null otherwise. Creates no storage.
   * The version of before does not say that it looks at scopes: it gets no token that has less than the full one.
   */
  admit(tokenHash: string, looksAtScopes = false): Admitted | null {
    if (this.#row.readOpen() === undefined) return null;
    const now = Date.now();
    const token = this.#tokens.find(tokenHash, now);
    if (token === undefined || (isLimited(token) && !looksAtScopes)) return null;
    noteUse(() => this.#tokens.noteUse(token, now));
    return this.#admitted(token);
  }

  /** Opens a tenant's account. Token and secret are shown once: only the token's hash is kept. */
  async open(sid: string, name: string, until: number): Promise<NewAccount> {
    const token = mintToken(sid);
    const hash = await hashToken(token);
    const { callbackSecret, sealed } = await this.#mintSecret();
    refuseLate(until);
    this.#atomically(() => {
      this.#open(sid, name, sealed);
      this.#tokens.add(hash, FULL_TERMS, Date.now());
    });
    return { token, callbackSecret };
  }

  /** Without its tokens for who tells recipients of it. */
  view(withTokens = true): AccountView | null {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const { sid, name, callbackUrl, fallbackUrl, supportUrl, alertUrl, createdAt, revision } = account;
    const { timezone, country, language } = account;
    const tokens = withTokens ? this.#tokens.valid(Date.now()) : [];
    const said = {
      name,
      callbackUrl,
      fallbackUrl,
      supportUrl,
      alertUrl,
      pinnedViews: pinnedViewsOf(account),
      timezone,
      country,
      language,
    };
    return { sid, ...said, createdAt, revision, tokens };
  }

  /** Changes the given fields of the account as it was at `revision`; the version of before names none. */
  change(
    changes: AccountChanges,
    revision: number | undefined,
    until: number,
    by?: By,
  ): AccountView | "outdated" | null {
    return this.#write(until, null, (now) => {
      const account = this.#row.readOpen();
      if (account === undefined) return null;
      if (revision !== undefined && revision !== account.revision) return "outdated";
      this.#row.change(account, changes);
      if ("alertUrl" in changes) {
        this.#alerts.step(now);
        this.#alarm.arm();
      }
      this.#note(by, "settings_changed", namesOf(changes), now);
      return this.view();
    });
  }

  /** The account as the operator sees it. */
  restricted(): Restricted | null {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const { sid, name, createdAt, suspendedAt, revision } = account;
    const used = this.#usage.used(Date.now());
    return { sid, name, createdAt, suspendedAt, revision, ...restrictionsOf(account), used };
  }

  /** Sets what the operator says, of the account as it was at `revision`. */
  restrict(changes: Partial<Restrictions>, revision: number, until: number, by?: By): Restricted | "outdated" | null {
    return this.#write(until, null, (now) => {
      const account = this.#row.readOpen();
      if (account === undefined) return null;
      if (revision !== account.revision) return "outdated";
      this.#row.restrict(account, changes, now);
      this.#note(by, "restricted", namesOf(changes), now);
      for (const what of ["links", "messages"] as const) this.#noteUsed(what, now);
      return this.restricted();
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

  /** A further token, shown once. The version of before gives no terms. */
  async addToken(
    until: number,
    terms: TokenTerms = FULL_TERMS,
    by?: By,
  ): Promise<(TokenFacts & { token: string }) | null> {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const token = mintToken(account.sid);
    const hash = await hashToken(token);
    return this.#write(until, null, (now) => {
      const added = this.#tokens.add(hash, terms, now);
      this.#note(by, "token_made", added.id, now);
      return { ...added, token };
    });
  }

  /** Revokes a token; the next request with it is refused. False when there is none with this id. */
  removeToken(id: string, until: number, by?: By): boolean {
    return this.#write(until, false, (now) => {
      // Before it goes: it may be the one that asks.
      const who = this.#who(by, now);
      return this.#noted(this.#tokens.remove(id), who, "token_revoked", id, now);
    });
  }

  /** Signs somebody in, or keeps a link that does, on these terms. The same again changes nothing. False when the account is closed. */
  addSession(hashes: KeyHashes, terms: SessionTerms, isLink: boolean, until: number, by?: By): boolean {
    return this.#write(until, false, (now) => {
      const isAdded = this.#sessions.add(hashes, terms, isLink, now);
      if (isAdded && isLink) this.#note(by, "sign_in_link_made", null, now);
      return true;
    });
  }

  /**
   * Uses a sign-in link up: in its place comes a session with these hashes, until `expiresAt` (Unix ms). Null when there is no such
   * link; the same call again, whose answer was lost, is answered the same.
   */
  useSignInLink(link: KeyHashes, session: KeyHashes, expiresAt: number, until: number): { sid: string } | null {
    return this.#write(until, null, (now) => {
      const sid = this.#row.readOpen()?.sid ?? "";
      if (this.#sessionOf(session, now)) return { sid };
      const found = this.#sessionOf(link, now);
      if (found?.isLink !== true) return null;
      this.#sessions.remove(found.id);
      this.#sessions.add(session, { ...found, expiresAt }, false, now);
      return { sid };
    });
  }

  /** Whoever has this session, with what its token, or its link, allows; null when it or its token has ended. */
  admitSession(hashes: KeyHashes): (Admitted & { sessionId: string; isAdmin: boolean }) | null {
    if (this.#row.readOpen() === undefined) return null;
    const now = Date.now();
    const session = this.#sessionOf(hashes, now);
    if (session === undefined || session.isLink) return null;
    const { id: sessionId, tokenId } = session;
    const { scopes, expiresAt } = (tokenId === null ? undefined : this.#tokens.withId(tokenId, now)) ?? FULL_TERMS;
    const admitted = this.#admitted({ id: tokenId, scopes: session.scopes ?? scopes, expiresAt });
    // A link has scopes of its own, however much they cover.
    return admitted && { ...admitted, sessionId, isAdmin: tokenId === null && session.scopes === null };
  }

  /** Sessions, and links that wait to be used, newest first. */
  sessions(): SessionFacts[] {
    return this.#row.readOpen() === undefined ? [] : this.#sessions.all(Date.now());
  }

  /** Ends a session, or takes a link back. False when there is none with this id. */
  removeSession(id: string, until: number, by?: By): boolean {
    return this.#write(until, false, (now) => {
      const who = this.#who(by, now);
      return this.#noted(this.#sessions.remove(id), who, "session_ended", id, now);
    });
  }

  /** Undefined also of one whose token was revoked or has expired. */
  #sessionOf(hashes: KeyHashes, now: number): SessionFacts | undefined {
    const session = this.#sessions.find(hashes, now);
    const isHeld = session?.tokenId == null || this.#tokens.withId(session.tokenId, now) !== undefined;
    return isHeld ? session : undefined;
  }

  /** A new signing secret, shown once; each one before signs too, until 24 hours after `callbackSecretShown`. */
  async rotateCallbackSecret(
    until: number,
    by?: By,
  ): Promise<{ callbackSecret: string; previousSecretExpiresAt: number } | null> {
    const { callbackSecret, sealed } = await this.#mintSecret();
    refuseLate(until);
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const rotate = () => {
      const now = Date.now();
      this.#note(by, "secret_rotated", null, now);
      return this.#secrets.rotate(account.callbackSecret, sealed, now);
    };
    return { callbackSecret, previousSecretExpiresAt: this.#atomically(rotate) };
  }

  /** The owner was answered the secret of this rotation: the time of those before it is counted. */
  callbackSecretShown(previousSecretExpiresAt: number): void {
    this.#write(undefined, undefined, () => this.#secrets.shown(previousSecretExpiresAt));
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

  // Who did what.

  /** Notes what was done elsewhere in the account; the same call again, whose answer was lost, notes no more. */
  noteAct(by: By, deed: Deed, until: number): void {
    this.#write(until, undefined, (now) => {
      const who = this.#who(by, now);
      if (who !== null) this.#activity.note(who, deed, now);
    });
  }

  /** Newest first; one more than the limit when there is a further page. */
  activity(query: ActivityQuery): Done[] {
    return this.#row.readOpen() === undefined ? [] : this.#activity.page(query, Date.now());
  }

  /** Whose request it is; null where the version of before does not say. */
  #who(by: By | undefined, now: number): Who | null {
    if (by === undefined) return null;
    const { tokenId, sessionId } = by;
    const session = sessionId === null ? undefined : this.#sessions.withId(sessionId, now);
    const token = tokenId === null ? undefined : this.#tokens.withId(tokenId, now);
    const kind = sessionId === null ? (tokenId === null ? "admin" : "token") : "session";
    return { kind, id: sessionId ?? tokenId, name: session?.name ?? token?.name ?? null };
  }

  #note(by: By | undefined, what: Act, thing: string | null, now: number): void {
    this.#noted(true, this.#who(by, now), what, thing, now);
  }

  /** Notes it if it was done, and says so. */
  #noted(isDone: boolean, who: Who | null, what: Act, thing: string | null, now: number): boolean {
    if (isDone && who !== null) this.#activity.note(who, { id: nanoid(), what, thing, count: 1 }, now);
    return isDone;
  }

  // Idempotency-Keys.

  /**
   * Accepts a request that makes something, counts it, and binds its key to what it makes: see `Accepted`. Of a request that comes
   * again nothing is counted, and it makes the same as the first. Null when the account is closed. What is made belongs to the book of
   * this month, which is open when this returns. Throws when that cannot be opened: then nothing is made.
   */
  async accept(making: Making, until: number): Promise<Accepted | null> {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    if (account.suspendedAt !== null) return { kind: "suspended" };
    const { what, key, code, openedBy } = making;
    const fingerprints = key && (await fingerprintsOf(this.#sealingKeys(), account.sid, key.digest));
    const find = (now: number) =>
      key === null || fingerprints === null ? null : this.#keys.find(key.key, fingerprints, now);
    const place = find(Date.now()) === null ? await this.#openBook(until) : null;
    const secrets = await this.sealedSecrets();
    return this.#write<Accepted | null>(until, null, (now) => {
      const bound = find(now);
      if (bound === "reused") return { kind: "reused" };
      const refusal = this.#refusal(making, bound !== null, now);
      if (refusal !== null) return refusal;
      if (bound !== null) return { kind: "claimed", ...bound, secrets };
      if (place === null) throw new Error("the key was given free meanwhile");
      const { at, book } = place;
      const made = nameOf(what, code, at, book);
      const named = { made, openedBy, at, book };
      if (key !== null && fingerprints !== null) this.#keys.bind(key.key, fingerprints, named, now);
      return { kind: "claimed", ...named, secrets };
    });
  }

  /** Why it may not be made; null when it may, and then it is counted. */
  #refusal({ what, openedBy, sender, by, size = 1 }: Making, isRepeated: boolean, now: number): Refusal | null {
    const account = this.#row.readOpen();
    if (account === undefined || account.suspendedAt !== null) return { kind: "suspended" };
    const { senders, messagesPerDay, linksPerDay } = restrictionsOf(account);
    if (sender !== null && senders !== null && !senders.includes(sender)) return { kind: "wrong-sender", senders };
    if (isRepeated) return null;
    const most = what === "messages" ? messagesPerDay : linksPerDay;
    const counted = what === "messages" ? what : "links";
    const waitSeconds = this.#usage.take(counted, openedBy, this.#who(by, now), most, now, size);
    if (most !== null) this.#noteUsed(counted, now);
    return waitSeconds === null ? null : { kind: "capped", most: most ?? 0, waitSeconds };
  }

  /** So much is used of what may be made today: near its end the owner is told. */
  #noteUsed(what: "links" | "messages", now: number): void {
    const account = this.#row.readOpen();
    const { links, messages } = this.#usage.used(now).today;
    const [used, most] = what === "links" ? [links, account?.linksPerDay] : [messages, account?.messagesPerDay];
    if (this.#alerts.used(what, used, most ?? null, now)) this.#alarm.arm();
  }

  // Alerts.

  /** All that a book sees now of which the owner should be told. */
  noteSigns(book: number, signs: readonly Sign[], until: number): void {
    this.#writeDue(until, undefined, (now) => this.#alerts.hear(book, signs, now));
  }

  #listener(): Listener | undefined {
    const account = this.#row.readOpen();
    return account && { url: account.alertUrl, name: account.name, language: account.language };
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
    const { number: book, openedAt, at } = now;
    if (openedAt !== null) return { book, at };
    await within(BOOK_TIMEOUT_MS, (late) => bookObject(this.env, { sid, book }).open({ sid, book }, late));
    this.#write(until, undefined, (then) => this.#books.opened(book, then));
    return { book, at };
  }

  // Books that end.

  /** Keeps a part of what a book that ends has counted; with the last part it counts here from now on, and not in the book. */
  archive(book: number, part: ArchivePart, until: number): ArchiveAnswer {
    return this.#write<ArchiveAnswer>(until, "closed", (now) => {
      const state = this.#books.ending(book, now);
      if (state !== "may-end") return state === "archived" ? state : "refused";
      const taken = this.#archive.take(book, part);
      if (taken !== "whole" || part.last === null) return taken === "again" ? taken : "kept";
      this.#books.archive({ number: book, position: part.last.position }, now);
      return "archived";
    });
  }

  /** What the books have counted that have ended, but for those that were still there to answer. Oldest first. */
  archivedFigures(question: FiguresQuestion, answered: number[]): ArchivedFigures[] {
    if (this.#row.readOpen() === undefined) return [];
    const books = this.#books.archived().filter(({ number }) => !answered.includes(number));
    return books.map((book) => ({ book: book.number, figures: this.#archive.figures(book, question) }));
  }

  /** Binds the key of a request that makes nothing in a book; of the version of before, of one that does. */
  async claimKey(key: string, digest: string, made: string, until: number): Promise<KeyClaim | null> {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const fingerprints = await fingerprintsOf(this.#sealingKeys(), account.sid, digest);
    if (account.suspendedAt !== null) return null;
    return this.#write<KeyClaim | null>(until, null, (now) => {
      const bound = this.#keys.find(key, fingerprints, now);
      if (bound === "reused") return { kind: "reused" };
      // The version of before would make the message once more here, and send it. The client's next try finds the newer one.
      if (bound !== null && bound.book !== null) throw new Error("what the key is bound to is in a book");
      const named = bound ?? { made, openedBy: nanoid(), at: now, book: null };
      if (bound === null) this.#keys.bind(key, fingerprints, named, now);
      return { kind: "claimed", made: named.made, openedBy: named.openedBy };
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
      if (this.#links.put(link)) this.messages.linkChanged(link);
      if (link.closedAt !== null) this.#alarm.arm();
      return true;
    });
    if (!isListed) return null;
    await this.#tellMessage(link);
    return this.sealedSecrets();
  }

  /** The version of before makes a link without a book, also of a message that is in one. Rejects while that cannot hear of it. */
  async #tellMessage(link: LinkSummary): Promise<void> {
    const book = link.msgid === null ? null : bookOf(link.msgid);
    if (book === null) return;
    await within(BOOK_TIMEOUT_MS, () => bookObject(this.env, { sid: link.accountSid, book }).linkChanged(link));
  }

  /** Forgets a link, also of an account that is closing. Its message goes thirty days after `endedAt`. */
  unlistLink(link: ListedName, endedAt: number, until: number): void {
    refuseLate(until);
    if (this.#row.read() === undefined) return;
    this.#atomically(() => {
      this.#links.remove(link);
      if (link.msgid !== null) this.messages.linkEnded(link.msgid, endedAt);
      this.#alarm.arm();
    });
  }

  /** One page of the links that have no book: see `find`. */
  linksPage(query: ListQuery): Found<ListedLink> {
    return this.#row.readOpen() === undefined ? NOTHING_FOUND : this.#links.find(query);
  }

  /** Asked by the version of before alone: one more than the limit when there is a further page. */
  findLinks(query: LinkQuery): readonly ListedLink[] {
    return this.linksPage(linksOfBefore(query)).things;
  }

  // Messages of books, about which the version of before asks here, because it knows no books.

  override message(msgid: string): MessageWithCallback | null {
    return this.#ofBook(msgid, (book) => book.message(msgid)) ?? super.message(msgid);
  }

  override eraseMessage(msgid: string, until: number): boolean {
    return this.#ofBook(msgid, (book) => book.eraseMessage(msgid, until)) ?? super.eraseMessage(msgid, until);
  }

  override async claimMessage(...asked: Parameters<MessageKeeper["claimMessage"]>): Promise<SendClaim> {
    return this.#ofBook<SendClaim>(asked[0], (book) => book.claimMessage(...asked)) ?? super.claimMessage(...asked);
  }

  override messageSent(...told: Parameters<MessageKeeper["messageSent"]>): MessageStatus | null {
    return this.#ofBook(told[0], (book) => book.messageSent(...told)) ?? super.messageSent(...told);
  }

  override messageQuestion(msgid: string): number | null {
    return this.#ofBook(msgid, (book) => book.messageQuestion(msgid)) ?? super.messageQuestion(msgid);
  }

  override messageReported(...told: Parameters<MessageKeeper["messageReported"]>): MessageStatus | null {
    return this.#ofBook(told[0], (book) => book.messageReported(...told)) ?? super.messageReported(...told);
  }

  override retryCallback(msgid: string, until: number): ReturnType<MessageKeeper["retryCallback"]> {
    return this.#ofBook(msgid, (book) => book.retryCallback(msgid, until)) ?? super.retryCallback(msgid, until);
  }

  /** What the book answers that keeps the message; undefined when that is this object itself. */
  #ofBook<T>(msgid: string, ask: (book: ReturnType<typeof bookObject>) => Promise<T>): T | undefined {
    const book = bookOf(msgid);
    if (book === null) return undefined;
    // Who asks waits for a promise as for an answer.
    return ask(bookObject(this.env, { sid: this.ctx.id.name ?? "", book })) as T;
  }

  // Exports and feeds: of what was made before there were books, and of the totals of books that have ended.

  /** As a book's. */
  exportRows(asked: ExportQuestion): ExportLines | "unknown" | "gone" {
    if (this.#row.readOpen() === undefined) return "gone";
    const archived = {
      books: this.#books.archived().map(({ number }) => number),
      rows: (book: number) => this.#archive.rows(book),
    };
    return exportLines(asked, accountExporter(this.#sql, archived), 0);
  }

  /** As a book's; see `accountPage`. */
  feedPage(asked: FeedQuestion): FeedPage | "unknown" | "gone" {
    return this.#row.readOpen() === undefined ? "gone" : accountPage(this.#sql, asked, Date.now());
  }

  /** A further feed, whose token the caller signs; null when the account is closed. */
  addFeed(terms: FeedTerms, until: number, by?: By): FeedFacts | null {
    return this.#write(until, null, (now) => {
      const feed = this.#feeds.add(terms, now);
      this.#note(by, "feed_made", feed.id, now);
      return feed;
    });
  }

  feeds(): FeedFacts[] | null {
    return this.#row.readOpen() === undefined ? null : this.#feeds.all();
  }

  /** False when there is none with this id; the next request with its token is refused. */
  removeFeed(id: string, until: number, by?: By): boolean {
    return this.#write(until, false, (now) =>
      this.#noted(this.#feeds.remove(id), this.#who(by, now), "feed_revoked", id, now),
    );
  }

  /** What a request with the token of this feed may read; null when there is none. The day of its use is noted, where it can be. */
  admitFeed(id: string): { numbers: Numbers; books: number[] } | null {
    const feed = this.#row.readOpen() && this.#feeds.find(id);
    if (feed === undefined) return null;
    noteUse(() => this.#feeds.noteUse(feed, Date.now()));
    return { numbers: feed.numbers, books: this.#books.numbers() };
  }

  // Of `main` alone: the accounts that it made.

  addTenant(sid: string, name: string, until: number): Tenant | null {
    return this.#write(until, null, (now) => this.#tenants.add(sid, name, now));
  }

  /** Newest first; one more than the limit when there is a further page. The version of before asks for all. */
  tenants(query: TenantQuery = { limit: Number.MAX_SAFE_INTEGER - 1, after: null }): Tenant[] {
    return this.#row.readOpen() === undefined ? [] : this.#tenants.find(query);
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

  /** The keys that members' codes are computed with, newest first. Somebody has not found them in KV: they are shown there again. */
  campaignKeys(): CampaignKey[] {
    const keys = this.#row.readOpen() === undefined ? [] : this.#campaignKeys.all();
    if (keys.length > 0) this.ctx.waitUntil(this.#showKeys(keys));
    return keys;
  }

  /** The same, with a first one. */
  async makeCampaignKey(until: number): Promise<CampaignKey[]> {
    const before = this.#row.readOpen() === undefined ? [] : this.#campaignKeys.all();
    if (before.length > 0) return before;
    const keys = this.#write<CampaignKey[]>(until, [], (now) => {
      this.#campaignKeys.makeFirst(now);
      return this.#campaignKeys.all();
    });
    await this.#showKeys(keys);
    return keys;
  }

  /** Where KV does not take them, whoever misses them there asks here. */
  async #showKeys(keys: readonly CampaignKey[]): Promise<void> {
    try {
      await within(BOOK_TIMEOUT_MS, () => putKeys(this.env.DIRECTORY, keys));
    } catch (error) {
      log("campaign.keys_failed", { error: errorText(error) });
    }
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
    this.#keys.forgetEnded(Date.now());
    this.#write(undefined, undefined, (now) => {
      for (const book of this.#books.forgetOld(now)) this.#archive.forget(book);
      this.#activity.forgetOld(now);
      for (const event of this.#alerts.forgetOld(now)) this.ledger.forget(event);
      this.#usage.forgetOld(now);
    });
    await Promise.all([this.#wakeBooks(account.sid), this.#sweep.check(account, wasOverdue, Date.now())]);
    this.#alarm.arm();
    // Every account comes by here, also one that nobody uses: so a key that was replaced is soon needed by links only.
    await this.sealedSecrets();
    return "open";
  }

  /** One that cannot be reached holds up nothing: its turn comes again. */
  async #wakeBooks(sid: string): Promise<void> {
    const woken = this.#books.left().map(async ({ number: book }) => {
      const { isFull, isEmpty } = await within(BOOK_WAKE_TIMEOUT_MS, () => bookObject(this.env, { sid, book }).wake());
      if (isFull) this.#write(undefined, undefined, () => this.#books.full(book));
      if (isEmpty) this.#write(undefined, undefined, (now) => this.#books.empty(book, now));
    });
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
    const { sweepDueAt } = account;
    this.#atomically(() => {
      this.messages.forgetDue(now);
      this.#alerts.step(now);
    });
    await Promise.all([
      performDue(this.env, this.keeping, this.messages, this.ledger, now),
      sweepDueAt !== null && sweepDueAt <= now && this.#sweep.step(account, now),
    ]);
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
      this.#books.left().map(async ({ number: book, openedAt }) => {
        const state = await within(BOOK_TIMEOUT_MS, (until) => bookObject(this.env, { sid, book }).close(until));
        // A call that opens it, perhaps once more, may be on its way still, and then nobody would know of the book.
        const isSettled = Date.now() - (openedAt ?? closedAt) > BOOK_TIMEOUT_MS;
        return state === "gone" && isSettled ? book : null;
      }),
    );
    const failed = closed.find((one) => one.status === "rejected");
    if (failed !== undefined) log("account.closing_failed", { links: 0, error: errorText(failed.reason) });
    // Another step may have been under way beside this one, and have ended the last.
    if (this.#row.read() === undefined) return false;
    for (const one of closed) if (one.status === "fulfilled" && one.value !== null) this.#books.remove(one.value);
    return this.#books.left().length === 0;
  }

  /** When the alarm has to act; null when it has not. */
  #dueAt(): number | null {
    const account = this.#row.read();
    if (account === undefined) return null;
    if (account.closedAt !== null) return this.#closing.dueAt() ?? account.closedAt;
    const keptDueAt = keeperDueAt(this.messages, this.ledger);
    const due = [keptDueAt, account.sweepDueAt, this.#alerts.dueAt()].filter((at) => at !== null);
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
    this.ledger.forgotten();
    this.messages.forgotten();
    this.#usage.forgotten();
    this.#alerts.forgotten();
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

  /** Whether the operator has suspended it: then it makes and sends nothing. One that is closed does neither, too, and its books ask. */
  isSuspended(): boolean {
    return this.#row.readOpen()?.suspendedAt !== null;
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

  #admitted(token: Grant): Admitted | null {
    const account = this.#row.readOpen();
    if (account === undefined) return null;
    const { sid, callbackUrl, timezone, country, suspendedAt } = account;
    const { id: tokenId, scopes, expiresAt } = token;
    const isSuspended = suspendedAt !== null;
    const [books, hasArchive] = [this.#books.numbers(), this.#books.archived().length > 0];
    const hasThingsOfBefore = this.#links.isAny() || this.messages.isAny();
    const has = { books, hasArchive, hasThingsOfBefore };
    return {
      sid,
      callbackUrl,
      timezone,
      country,
      pinnedViews: pinnedViewsOf(account),
      ...has,
      isSuspended,
      tokenId,
      scopes,
      expiresAt,
    };
  }
}

/** The names of the fields that are changed, as the API has them. */
function namesOf(changes: object): string {
  return Object.keys(changes).map(snake).join(", ");
}

/** What something that is made now is called; see `Claimed.made`. */
function nameOf(what: Making["what"], code: string, at: number, book: number): string {
  switch (what) {
    case "links":
      return code;
    case "messages":
      return `${mintMsgid(at, book)} ${code}`;
    case "campaigns":
      return `${mintCampaignId(at, book)} ${code}`;
  }
}

/** The use of a token or feed, once a UTC day. Whoever may only read goes on where no storage takes a write. */
function noteUse(note: () => void): void {
  try {
    note();
  } catch (error) {
    log("token.use_not_noted", { error: errorText(error) });
  }
}
