// One object per link, named by its code: the truth about the link. It decides, alone and once, which access is the
// first, writes in the same transaction that a callback is owed, and brings what it knows to KV, to the account's list
// and to the queue. What has to be brought stays due in a row until it arrived; one alarm serves the earliest due time.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import { Alarm } from "../alarm.ts";
import { openSecrets } from "../callback/sealed.ts";
import type { AttemptReport, CallbackState, Claim } from "../callback/callback.ts";
import { firstAccessedEvent } from "../callback/event.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import type { ListedName } from "../account/link-list.ts";
import { errorText, log } from "../log.ts";
import { accountObject, bookObject, QUEUE_TIMEOUT_MS, refuseLate, within } from "../objects.ts";
import { jobLeaseMs } from "../queue.ts";
import { jittered, randomFraction } from "../random.ts";
import { settingsOf } from "../settings.ts";
import type { BookName, LinkEvent, LinkFact } from "../book/book.ts";
import { type AccessEvent, AccessRows, totalOf } from "./access-rows.ts";
import { isMinted } from "./code.ts";
import { endDestination, putDestination } from "./directory.ts";
import {
  DUTY_RETRY_MS,
  forgetAt,
  isRefusal,
  refusedDelayMs,
  retryDelayMs,
  UNLISTING_PAUSE_MS,
} from "./duty-schedule.ts";
import {
  LATER_MS,
  lastOf,
  LinkEvents,
  MANY_ACCESSES,
  MANY_EVENTS,
  MOST_UNREPORTED,
  MOST_UNREPORTED_OF_MANY,
  SOON_MS,
} from "./events.ts";
import {
  type Duty,
  endingOf,
  endOf,
  factsOf,
  isLive,
  keptUntil,
  LinkRows,
  pastOf,
  type StoredLink,
} from "./link-rows.ts";
import {
  type Access,
  type Changed,
  type LinkFacts,
  type LinkFields,
  type LinkStatus,
  type LinkTracking,
  type Opened,
  type Recorded,
  type Resolved,
  type Retried,
} from "./link.ts";
import { isFromBefore, isOfPast, mayReopen, type PastLink, PastLinks, openedAgainAt } from "./past-links.ts";

/** A duty is performed at once; this long later the alarm performs it if a crash came between. */
const DUTY_LEASE_MS = 10_000;
/** A write of KV takes milliseconds; a silent one must hold up neither an alarm nor a caller, who waits for 5 s. */
const DUTY_TIMEOUT_MS = 4_000;
/** A silent account must not hold up a link: what it is asked for is asked again later. */
const ACCOUNT_TIMEOUT_MS = 3_000;
/** The same for its book. */
const BOOK_TIMEOUT_MS = 3_000;
/** A miss in KV shortly after a write is propagation, not loss: no need to write again. */
const HEAL_AFTER_MS = 60_000;

export class Link extends DurableObject<Env> {
  readonly #rows = new LinkRows(this.ctx.storage);
  readonly #past = new PastLinks(this.ctx.storage.sql);
  readonly #accesses = new AccessRows(this.ctx.storage.sql);
  readonly #events = new LinkEvents(this.ctx.storage.sql);
  readonly #ledger = new CallbackLedger(this.ctx.storage.sql, settingsOf(this.env), "one", {
    ended: (status) => this.#attemptEnded(status),
    stands: (eventId, state) => this.#happened(this.#rows.read(), { kind: "callback", eventId, state }),
  });
  readonly #alarm = new Alarm({ code: this.ctx.id.name ?? "" }, this.ctx.storage, this.env.WAKES, () => this.#dueAt());
  #projection: Promise<void> = Promise.resolve();
  #nextProjection: Promise<void> | undefined;
  #projectedAt = 0;

  /**
   * Opens the link under this object's code, unless the code is taken. `openedBy` names the request: the same request
   * again (a lost answer, an Idempotency-Key) gets the same link. A chosen code whose link has ended may be opened again, by
   * the same account: to a link with nothing of the one before, which still gets the callback that it owes.
   * @param secrets the account's signing secrets, sealed, with which the link signs while the account is out of reach
   */
  async open(facts: LinkFacts, openedBy: string, until: number, secrets: string[] | null = null): Promise<Opened> {
    // The version of before knows no books.
    const link = { ...facts, book: facts.book ?? null };
    const ended = this.#rows.read();
    const isOver = ended !== undefined && ended.openedBy !== openedBy && !isLive(ended, Date.now());
    if (isOver && mayReopen(pastOf(ended), link)) {
      // Its line gives way to the next one's.
      if (ended.closedAt === null && ended.book !== null) this.#write(() => this.#close(ended));
      await this.#tellAll();
    }
    refuseLate(until);
    const now = Date.now();
    const existing = this.#rows.read();
    if (existing?.openedBy === openedBy) return { kind: "opened", link: factsOf(existing) };
    const before = existing === undefined ? this.#past.newest(link.code) : pastOf(existing);
    const isLiveStill = existing !== undefined && isLive(existing, now);
    if (before !== undefined && (isLiveStill || !mayReopen(before, link) || isFromBefore(before, link)))
      return { kind: "taken" };
    // In the list a line is named by code and time, and clocks may be set.
    const opened = { ...link, createdAt: Math.max(link.createdAt, (before?.createdAt ?? 0) + 1) };
    const opening = {
      openedBy,
      revision: (before?.revision ?? 0) + 1,
      reopenedAt: before === undefined ? null : openedAgainAt(before, opened, now),
      forgetDueAt: forgetAt(opened.expiresAt),
      sealedSecrets: secrets === null ? null : JSON.stringify(secrets),
    };
    this.#write(() => {
      if (before !== undefined) {
        this.#past.removeUnlisted();
        // A line in a book stays, and says that it has ended.
        if (existing?.book === null) this.#past.add(before, now + UNLISTING_PAUSE_MS);
        this.#ledger.forgetSettled();
        this.#ledger.forgetNumbers();
        this.#events.forgotten();
      }
      this.#rows.open(opened, opening, now + DUTY_LEASE_MS);
    });
    await this.#performDuties();
    return { kind: "opened", link: opened };
  }

  /** Where the link leads at `at` (Unix ms), for a redirect that KV could not answer. Creates no storage. */
  resolve(at: number): Resolved {
    const link = this.#rows.read();
    if (link === undefined) return { kind: "unknown" };
    if (at >= endOf(link) || isOfPast(link, at))
      return { kind: "ended", accountSid: link.accountSid, isBarred: link.endedReason !== null };
    if (Date.now() - this.#projectedAt > HEAL_AFTER_MS) {
      this.#projectedAt = Date.now();
      this.ctx.waitUntil(this.#tryDuty("directory"));
    }
    return { kind: "live", destination: link.destination };
  }

  /** Records one access: see `record`. */
  access(access: Access): Recorded {
    const [recorded] = this.record([access]);
    return recorded as Recorded;
  }

  /**
   * Records accesses that came together: with the first access, the owed callback and the alarm, all of them or none. A batch
   * is counted once, however often it comes under its name. Without a name (from the version before) each access is alone.
   */
  record(accesses: readonly Access[], batch?: string): Recorded[] {
    return this.#write(() =>
      batch === undefined
        ? accesses.flatMap((access) => this.#record([access], access.id))
        : this.#record(accesses, batch),
    );
  }

  #record(accesses: readonly Access[], batch: string): Recorded[] {
    const link = this.#rows.read();
    if (link === undefined) return accesses.map(() => ({ kind: "unknown" }));
    const now = Date.now();
    const isOfLink = ({ at }: Access) => at < endOf(link) && !isOfPast(link, at);
    let hasFirst = link.firstAccessedAt !== null;
    const eventOf = ({ kind }: Access): AccessEvent => {
      const isFirst = !hasFirst && kind === "person";
      hasFirst ||= isFirst;
      return { number: this.#numberFor(link), isFirst };
    };
    const added = this.#accesses.add(accesses.filter(isOfLink), batch, link, now, eventOf);
    const first = link.firstAccessedAt === null ? added.find(({ kind }) => kind === "person") : undefined;
    if (first !== undefined) {
      const event = firstAccessedEvent(link, first.at);
      this.#rows.setFirstAccess(first.at, event.id, link.book === null ? now : now + SOON_MS);
      this.#ledger.write({ event, url: link.callbackUrl, ownHost: new URL(link.shortUrl).host }, now);
    } else if (added.length > 0) this.#tellBook(link, now);
    this.#doubtDirectory(link, Math.max(...accesses.map(({ at }) => at)));
    return accesses.map((access) => {
      if (!isOfLink(access)) return { kind: "ended" };
      return added.includes(access) ? { kind: "recorded", first: access === first } : { kind: "repeated" };
    });
  }

  /** Whoever was redirected long after the end of the link has seen an entry of KV that should not be there any more. */
  #doubtDirectory(link: StoredLink, at: number): void {
    const now = Date.now();
    if (link.directoryDueAt !== null || at < endOf(link) + HEAL_AFTER_MS) return;
    if (now - this.#projectedAt > HEAL_AFTER_MS) this.#rows.doubtDirectory(now);
  }

  /** The status, or null when the link is not this account's. */
  status(accountSid: string): LinkStatus | null {
    const link = this.#shown(accountSid);
    if (link === undefined) return null;
    return {
      ...factsOf(link),
      ended: endingOf(link),
      firstAccessedAt: link.firstAccessedAt,
      accessCounts: link.accessCounts ?? this.#accesses.count(),
      accesses: this.#accesses.newest(),
      callback: this.#ledger.view(link.eventId),
      revision: link.revision,
    };
  }

  /** What a message's status shows of its link, also after the link was deleted; null when it is not this account's. */
  tracking(accountSid: string): LinkTracking | null {
    const link = this.#rows.read();
    if (link?.accountSid !== accountSid) return null;
    return {
      destination: link.destination,
      firstAccessedAt: link.firstAccessedAt,
      personCount: (link.accessCounts ?? this.#accesses.count()).person,
      personAccesses: this.#accesses.oldestByPersons(),
      callback: this.#ledger.view(link.eventId),
    };
  }

  /** Changes the given fields of the link as it was at `revision`, and answers the next status. */
  async change(
    accountSid: string,
    changes: Partial<LinkFields>,
    revision: number | undefined,
    until: number,
  ): Promise<Changed> {
    refuseLate(until);
    const link = this.#owned(accountSid);
    if (link === undefined) return null;
    // Clocks may differ by more than `until` allows for. (The version of before names no revision.)
    if (revision !== undefined && revision !== link.revision) return "outdated";
    const { destination, callbackUrl, tags, reference } = { ...link, ...changes };
    const isMoved = destination !== link.destination;
    const fields = { destination, callbackUrl, tags, reference };
    this.#write(() => {
      this.#happened(link, { kind: "changed", ...fields });
      this.#rows.change(fields, Date.now() + DUTY_LEASE_MS, isMoved);
      if (link.eventId !== null) this.#ledger.readdress(link.eventId, callbackUrl);
    });
    // KV takes one write per second and code, so none is spent on what it does not hold.
    await this.#performDuties(isMoved ? ["directory", "listing"] : ["listing"]);
    return this.status(accountSid);
  }

  /** Ends the link. A callback that is owed stays owed. False when the link is not this account's. */
  async close(accountSid: string, until: number): Promise<boolean> {
    refuseLate(until);
    const link = this.#shown(accountSid);
    if (link === undefined) return false;
    if (link.closedAt !== null) return true;
    this.#write(() => this.#close(link));
    await this.#performDuties();
    return true;
  }

  /** Ends the link for good, also one that its owner has deleted: nobody opens its code again. False as for `close`. */
  async endByOperator(accountSid: string, reason: string, until: number): Promise<boolean> {
    refuseLate(until);
    const link = this.#kept(accountSid);
    if (link === undefined) return false;
    this.#write(() => {
      if (link.closedAt === null) this.#close(link);
      this.#happened(link, { kind: "barred", reason });
      this.#rows.setEndedReason(reason, Date.now() + DUTY_LEASE_MS);
    });
    await this.#performDuties();
    return true;
  }

  #close(link: StoredLink): void {
    const now = Date.now();
    this.#happened(link, { kind: "ended" });
    this.#rows.close(now, now + DUTY_LEASE_MS, forgetAt(Math.min(now, link.expiresAt)));
  }

  /** Ends the link because its account is gone, and with it the secret that signs: nothing is owed any more. */
  async closeWithAccount(accountSid: string, until: number): Promise<void> {
    await this.close(accountSid, until);
    const link = this.#rows.read();
    if (link?.accountSid !== accountSid) return;
    this.#write(() => {
      this.#rows.forgetSecrets();
      this.#ledger.withdrawAll();
    });
  }

  /** One more attempt for the callback, now. */
  retryCallback(accountSid: string, until: number): Retried {
    refuseLate(until);
    const link = this.#shown(accountSid);
    if (link === undefined) return "unknown";
    const { eventId } = link;
    return eventId === null ? "not-accessed" : this.#write(() => this.#ledger.retry(eventId, Date.now()));
  }

  /** Gives out the right to make the next POST, to one caller at a time, and never after a recorded 200. */
  async claimAttempt(eventId: string, until: number): Promise<Claim> {
    const before = this.#rows.read();
    if (before === undefined || !this.#ledger.isClaimable(eventId, Date.now())) return { kind: "nothing" };
    const sealed = await this.#sealedSecrets(before);
    const secrets = await openSecrets(settingsOf(this.env).sealingKeys, sealed);
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    refuseLate(until);
    const claim = this.#write(() => {
      const copy = JSON.stringify(sealed);
      if (copy !== before.sealedSecrets) this.#rows.keepSecrets(copy);
      if (secrets.length === 0) this.#ledger.withdraw(eventId);
      return this.#ledger.claim(eventId, Date.now());
    });
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** Notes how an attempt ended; the state that follows. */
  reportAttempt(report: AttemptReport): CallbackState {
    return this.#write(() => this.#ledger.report(report, Date.now(), randomFraction()));
  }

  /** A job came back from the dead letters: if its callback is still owed, the alarm sends another. */
  takeBackJob(eventId: string, until: number): void {
    refuseLate(until);
    this.#write(() => this.#ledger.takeBackJob(eventId, Date.now(), Date.now() + jittered(DUTY_RETRY_MS)));
  }

  /**
   * The book has the events up to `have`, of the link that was made at `createdAt` (Unix ms), and was told what follows on `after`. A book
   * that has less than it had acknowledged was put back to an earlier state.
   */
  acknowledged(createdAt: number, have: number, after = 0): void {
    const link = this.#rows.read();
    if (link?.createdAt !== createdAt || link.book === null) return;
    if (have < after && after === link.reported) return this.#tellAgain(link, have);
    if (have < link.reported) return;
    this.#write(() => {
      const now = Date.now();
      this.#events.acknowledged(have);
      const dropDueAt = link.accessCounts === null ? link.dropDueAt : now;
      this.#rows.acknowledged(have, this.#nextReportAt({ ...link, reported: have }, now), dropDueAt);
    });
  }

  /** The book gets once more what is still here of what it has lost, and behind that how the link stands now. */
  #tellAgain(link: StoredLink, have: number): void {
    const { destination, callbackUrl, tags, reference, closedAt, endedReason } = link;
    const now = Date.now();
    this.#write(() => {
      const before = { ...link, reported: have };
      this.#events.add(before, { kind: "changed", destination, callbackUrl, tags, reference }, now);
      if (closedAt !== null) this.#events.add(before, { kind: "ended" }, closedAt);
      if (endedReason !== null) this.#events.add(before, { kind: "barred", reason: endedReason }, now);
      this.#rows.tellAgain(have, now);
    });
  }

  /** When to report what came while a report was on its way, or did not fit into it; null when that is nothing. */
  #nextReportAt(link: StoredLink, now: number): number | null {
    if (link.reported >= this.#events.last(link)) return null;
    const { events } = this.#events.report(link) ?? { events: [] };
    const isMany = events.length >= MANY_EVENTS && !hasMany(link);
    return isMany || events.some(settles) ? now : now + LATER_MS;
  }

  /**
   * There is no such book any more: its time is over, or the account's is. Nobody is to hear what was not acknowledged; which of the two it
   * is the account's own list knows, where the link stands from now on, if it has not ended for so long that it stands nowhere.
   */
  async bookGone(createdAt: number): Promise<void> {
    const link = this.#rows.read();
    if (link?.createdAt !== createdAt || link.book === null) return;
    this.#write(() => {
      const last = this.#events.last(link);
      this.#events.acknowledged(last);
      this.#rows.leaveBook(last, Date.now() + DUTY_LEASE_MS);
    });
    await this.#performDuties(["listing"]);
  }

  /** Whether the link of this book's line, made at `createdAt`, is still there: then its alarm is, too. */
  async isLeft(createdAt: number): Promise<boolean> {
    if (this.#rows.read()?.createdAt !== createdAt) return false;
    await this.#alarm.wake();
    return true;
  }

  /** Sets the alarm where it is gone; whoever keeps the list, when something was overdue: there are links like this one. */
  async wake(): Promise<string | BookName | null> {
    const link = this.#rows.read();
    if (!(await this.#alarm.wake()) || link === undefined) return null;
    return link.book === null ? link.accountSid : { sid: link.accountSid, book: link.book };
  }

  override async alarm(): Promise<void> {
    await this.#alarm.run((now) => this.#performDue(now));
  }

  async #performDue(now: number): Promise<void> {
    const link = this.#rows.read();
    if (link === undefined) return;
    if (this.#owesAt(link) === null && link.forgetDueAt <= now) return this.#forget(link);
    await Promise.all([
      isDue(link.directoryDueAt, now) && this.#tryDuty("directory"),
      isDue(link.listingDueAt, now) && this.#tryDuty("listing"),
      isDue(link.reportDueAt, now) && this.#report(),
      link.reopenedAt !== null && this.#unlistPast(link, now),
      sendDueJobs(this.#ledger, this.env, { code: link.code }, now),
    ]);
    if (isDue(link.dropDueAt, now)) this.#write(() => this.#dropAccesses(now));
  }

  /** The account knows which secrets sign now; while it is out of reach, those sign that it told last. */
  async #sealedSecrets({ accountSid, sealedSecrets }: StoredLink): Promise<string[]> {
    try {
      // Shorter than our caller waits for us: or it would be gone when the attempt is claimed, and the attempt lost.
      return await within(ACCOUNT_TIMEOUT_MS, () => accountObject(this.env, accountSid).sealedSecrets());
    } catch (error) {
      if (sealedSecrets === null) throw error;
      log("account.secrets_failed", { error: errorText(error) });
      return JSON.parse(sealedSecrets) as string[];
    }
  }

  /** The account's link, also one that was deleted. */
  #kept(accountSid: string): StoredLink | undefined {
    const link = this.#rows.read();
    if (link?.accountSid !== accountSid || Date.now() >= keptUntil(link)) return undefined;
    return link;
  }

  /** What the account may read: what it has deleted is gone for it, what the operator has ended is not. */
  #shown(accountSid: string): StoredLink | undefined {
    const link = this.#kept(accountSid);
    return link?.closedAt == null || link.endedReason !== null ? link : undefined;
  }

  #owned(accountSid: string): StoredLink | undefined {
    const link = this.#shown(accountSid);
    return link?.closedAt === null ? link : undefined;
  }

  /** Performs what was written down as due, at once: so what an owner asked for is in KV and listed when the answer comes. */
  async #performDuties(duties: readonly Duty[] = ["directory", "listing"]): Promise<void> {
    const hasBook = this.#rows.read()?.book != null;
    await Promise.all(
      duties.map((duty) => (hasBook && duty === "listing" ? this.#tryToTellAll() : this.#tryDuty(duty))),
    );
    this.#alarm.arm();
  }

  async #tryToTellAll(): Promise<void> {
    try {
      await this.#tellAll();
    } catch (error) {
      // The alarm goes on with it.
      log("link.report_failed", { error: errorText(error) });
    }
  }

  /** The number of the link's next event; null where it has no book. */
  #numberFor(link: StoredLink | undefined): number | null {
    return link === undefined || link.book === null ? null : this.#events.next(link);
  }

  /** Notes what has happened, for the book. */
  #happened(link: StoredLink | undefined, fact: LinkFact): void {
    if (link === undefined || link.book === null) return;
    const now = Date.now();
    this.#events.add(link, fact, now);
    this.#tellBookAt(link, now + SOON_MS);
  }

  /** The number of the event that the end of an attempt is. Delivered is settled; a failure waits with what comes. */
  #attemptEnded(status: number | null): number | null {
    const link = this.#rows.read();
    const number = this.#numberFor(link);
    if (link === undefined || number === null) return null;
    if (status === 200) this.#tellBookAt(link, Date.now() + SOON_MS);
    else this.#tellBook(link, Date.now());
    return number;
  }

  /** The book hears of further accesses within the hour, or when there are many. */
  #tellBook(link: StoredLink, now: number): void {
    const unreported = this.#events.last(link) - link.reported;
    const isMany = unreported >= MANY_EVENTS && link.reportsSent === 0 && !hasMany(link);
    this.#tellBookAt(link, isMany ? now : now + LATER_MS);
  }

  #tellBookAt({ book, reportDueAt }: StoredLink, dueAt: number): void {
    if (book !== null && (reportDueAt === null || dueAt < reportDueAt)) this.#rows.tellBook(dueAt);
  }

  #dropAccesses(now: number): void {
    const link = this.#rows.read();
    if (link === undefined) return;
    const most = hasMany(link) ? MOST_UNREPORTED_OF_MANY : MOST_UNREPORTED;
    const isFarBehind = link.book !== null && this.#events.last(link) - link.reported > most;
    this.#accesses.drop(now, link.reported, isFarBehind ? (rows) => this.#events.rollUp(rows, link) : null);
  }

  /** Hands the queue a report of what the book has not acknowledged. Never throws: without an answer another follows. */
  async #report(): Promise<void> {
    const link = this.#rows.read();
    if (link === undefined) return;
    const report = this.#events.report(link);
    if (report === null) return this.#write(() => this.#rows.acknowledged(link.reported, null, link.dropDueAt));
    this.#write(() => this.#rows.reportSent(lastOf(report), Date.now() + jobLeaseMs(link.reportsSent + 1)));
    try {
      await within(QUEUE_TIMEOUT_MS, () => this.env.REPORTS.send(report));
    } catch (error) {
      log("link.report_failed", { error: errorText(error) });
    }
  }

  /** Tells the book all that it has not heard of this link, without a queue: somebody waits for it. */
  async #tellAll(): Promise<void> {
    for (;;) {
      const link = this.#rows.read();
      const report = link === undefined ? null : this.#events.report(link);
      if (link === undefined || report === null) return;
      this.#write(() => this.#rows.reportSent(lastOf(report), Date.now() + jobLeaseMs(link.reportsSent + 1)));
      const answer = await within(BOOK_TIMEOUT_MS, () => bookObject(this.env, report).report([report]));
      if (answer === "gone") return this.bookGone(report.createdAt);
      const have = answer[0]?.have ?? 0;
      this.acknowledged(report.createdAt, have, report.after);
      if (have === report.after) throw new Error("the book does not take what the link before still has to report");
    }
  }

  /** Performs a duty, or leaves it due for later. */
  async #tryDuty(duty: Duty): Promise<void> {
    try {
      await within(DUTY_TIMEOUT_MS, () => (duty === "directory" ? this.#project() : this.#list()));
    } catch (error) {
      log(`link.${duty}_failed`, { error: errorText(error) });
      const link = this.#rows.read();
      if (link !== undefined) this.#postpone(duty, link, duty === "directory" && isRefusal(error));
    }
  }

  #postpone(duty: Duty | "forget", link: StoredLink, isRefused = false): void {
    const now = Date.now();
    const delay = isRefused ? refusedDelayMs(link, now) : retryDelayMs(link.failures);
    this.#write(() => this.#rows.postpone(duty, now + delay, isRefused));
  }

  /**
   * KV shows what this object knows. One write at a time, so that an older one cannot land on a newer one; and one that
   * waits for it serves everybody who wants the next.
   */
  #project(): Promise<void> {
    const run = async () => {
      this.#nextProjection = undefined;
      const link = this.#rows.read();
      if (link === undefined) return;
      const now = Date.now();
      this.#projectedAt = now;
      if (isLive(link, now)) await putDestination(this.env.DIRECTORY, link, now);
      // An entry that has expired says so itself; but KV may still hold one of the code's earlier link.
      else if (now < link.expiresAt || link.reopenedAt !== null) await endDestination(this.env.DIRECTORY, link, now);
      this.#rows.projected(link.revision);
    };
    this.#nextProjection ??= this.#projection.then(run);
    this.#projection = this.#nextProjection.catch(() => {});
    return this.#nextProjection;
  }

  /** The account's list shows what this object knows; the revision keeps an older copy from winning. */
  async #list(): Promise<void> {
    const link = this.#rows.read();
    if (link === undefined) return;
    // What came to the list now would stay there for ever.
    if (Date.now() >= keptUntil(link)) return this.#rows.unlisted();
    const { firstAccessedAt, closedAt, endedReason, revision } = link;
    const account = accountObject(this.env, link.accountSid);
    const summary = { ...factsOf(link), firstAccessedAt, closedAt, endedReason, revision };
    const secrets = await within(ACCOUNT_TIMEOUT_MS, (until) => account.listLink(summary, until));
    // The account was closed while this link was made, so it was not among the links that ended with it.
    if (secrets === null && closedAt === null) return this.closeWithAccount(link.accountSid, Infinity);
    this.#rows.listed(link.revision, secrets ?? []);
  }

  /** Takes the lines of this code's earlier links off the list. */
  async #unlistPast({ accountSid, code }: StoredLink, now: number): Promise<void> {
    for (const { createdAt, endedAt, failures } of this.#past.due(now))
      try {
        // No message has a chosen code.
        await this.#unlist(accountSid, { createdAt, code, msgid: null }, endedAt);
        this.#write(() => this.#past.remove(createdAt));
      } catch (error) {
        log("link.listing_failed", { error: errorText(error) });
        this.#write(() => this.#past.postpone(createdAt, Date.now() + retryDelayMs(failures)));
      }
  }

  async #unlist(accountSid: string, line: ListedName, endedAt: number): Promise<void> {
    const account = accountObject(this.env, accountSid);
    await within(ACCOUNT_TIMEOUT_MS, (until) => account.unlistLink(line, endedAt, until));
  }

  /** Frees the storage, to zero rows, or the one that keeps a chosen code for its account, and no alarm. */
  async #forget(link: StoredLink): Promise<void> {
    try {
      const { accountSid, book, createdAt, code, msgid } = link;
      if (book === null) await this.#unlist(accountSid, { createdAt, code, msgid }, endOf(link));
    } catch (error) {
      log("link.forget_failed", { error: errorText(error) });
      this.#postpone("forget", link);
      return;
    }
    // Others may have come in during the await: the code was opened again, or something is owed again.
    const now = this.#rows.read();
    if (now?.createdAt !== link.createdAt || this.#owesAt(now) !== null) return;
    await (isMinted(link.code) ? this.#freeAll() : this.#freeBut(pastOf(link)));
  }

  async #freeAll(): Promise<void> {
    // It clears the alarm, too.
    const deleted = this.ctx.storage.deleteAll();
    this.#forgetStorage();
    await deleted;
  }

  async #freeBut(link: PastLink): Promise<void> {
    this.#write(() => {
      this.#past.add(link, null);
      this.#rows.forget();
    });
    const cleared = this.ctx.storage.deleteAlarm();
    this.#forgetStorage();
    await cleared;
  }

  /** Writes all or nothing, also when something throws half way, together with the alarm that follows. */
  #write<T>(write: () => T): T {
    try {
      return this.ctx.storage.transactionSync(() => {
        const written = write();
        this.#alarm.arm();
        return written;
      });
    } catch (error) {
      this.#forgetStorage();
      throw error;
    }
  }

  /** What this instance remembers of its storage is not true any more. */
  #forgetStorage(): void {
    this.#alarm.forget();
    this.#rows.forgotten();
    this.#ledger.forgotten();
    this.#events.forgotten();
  }

  #dueAt(): number | null {
    const link = this.#rows.read();
    if (link === undefined) return null;
    return Math.min(this.#owesAt(link) ?? link.forgetDueAt, link.dropDueAt ?? Infinity);
  }

  /** When the link has to bring something somewhere; null when nothing is due. Before that it is not forgotten. */
  #owesAt({ directoryDueAt, listingDueAt, reportDueAt, reopenedAt }: StoredLink): number | null {
    const pastDueAt = reopenedAt === null ? null : this.#past.dueAt();
    const due = [directoryDueAt, listingDueAt, reportDueAt, pastDueAt, this.#ledger.dueAt()].filter(
      (at) => at !== null,
    );
    return due.length === 0 ? null : Math.min(...due);
  }
}

/** Whether it says how the link, or its callback, stands: further accesses and failures can wait for each other. */
function settles(event: LinkEvent): boolean {
  if (event.kind === "access") return event.first;
  return event.kind !== "attempt" || event.status === 200;
}

/** Whether it had so many accesses that its book does not hear of each. */
function hasMany({ accessCounts }: StoredLink): boolean {
  return accessCounts !== null && totalOf(accessCounts) > MANY_ACCESSES;
}

function isDue(at: number | null, now: number): boolean {
  return at !== null && at <= now;
}
