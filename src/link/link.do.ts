// One object per link, named by its code: the truth about the link. It decides, alone and once, which access is the
// first, writes in the same transaction that a callback is owed, and brings what it knows to KV, to the account's list or book
// and to the queue. Each of its rooms keeps one thing; this class says what may be asked of them from outside, and arms the one alarm that
// serves whatever is due first.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import { Alarm } from "../alarm.ts";
import type { BookName } from "../book/book.ts";
import type { AttemptReport, CallbackState, Claim } from "../callback/callback.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import { refuseLate } from "../objects.ts";
import { jittered, randomFraction } from "../random.ts";
import { settingsOf } from "../settings.ts";
import { type AccessPage, accessPage } from "./access-pages.ts";
import { AccessRows } from "./access-rows.ts";
import { Duties, DUTY_LEASE_MS, isDue } from "./duties.ts";
import { DUTY_RETRY_MS } from "./duty-schedule.ts";
import { isWatched, noteWatched } from "../live/watched.ts";
import { LinkEvents } from "./events.ts";
import { Forgetting } from "./forgetting.ts";
import type { Keeping } from "./keeping.ts";
import { LinkRows } from "./link-rows.ts";
import type { Access, Changed, LinkFacts, LinkFields, LinkStatus, LinkTracking } from "./link.ts";
import type { Opened, Recorded, Resolved, Retried } from "./link.ts";
import { Listing } from "./listing.ts";
import { Opening } from "./opening.ts";
import { Ownership } from "./ownership.ts";
import { isOfPast, PastLinks } from "./past-links.ts";
import { Projection } from "./projection.ts";
import { Recording } from "./recording.ts";
import { Reports } from "./reports.ts";
import { Signing } from "./signing.ts";
import { endingOf, endOf, factsOf, keptFor, ownedBy, shownTo, type StoredLink } from "./stored-link.ts";

export class Link extends DurableObject<Env> {
  readonly #keeping: Keeping = {
    env: () => this.env,
    write: (write) => this.#write(write),
    owes: (link) => this.#owesAt(link) !== null,
    accountGone: (accountSid) => this.closeWithAccount(accountSid, Infinity),
    bookGone: (createdAt) => this.bookGone(createdAt),
    forgetStorage: () => this.#forgetStorage(),
  };
  readonly #rows = new LinkRows(this.ctx.storage);
  readonly #past = new PastLinks(this.ctx.storage.sql);
  readonly #accesses = new AccessRows(this.ctx.storage.sql);
  readonly #ledger = new CallbackLedger(this.ctx.storage.sql, settingsOf(this.env), "one", {
    ended: (status) => this.#reports.attemptEnded(this.#rows.read(), status),
    stands: (eventId, state) => this.#reports.happened(this.#rows.read(), { kind: "callback", eventId, state }),
  });
  readonly #events = new LinkEvents(this.ctx.storage.sql, this.#ledger);
  readonly #reports = new Reports(this.#keeping, this.#rows, this.#events);
  readonly #projection = new Projection(this.#keeping, this.#rows);
  readonly #listing = new Listing(this.#keeping, this.#rows, this.#past);
  readonly #duties = new Duties(this.#keeping, this.#rows, this.#projection, this.#listing, this.#reports);
  readonly #ownership = new Ownership(this.#keeping, this.#rows, this.#reports, this.#ledger);
  readonly #opening = new Opening(this.#keeping, {
    rows: this.#rows,
    past: this.#past,
    ledger: this.#ledger,
    events: this.#events,
    reports: this.#reports,
    ownership: this.#ownership,
    duties: this.#duties,
  });
  readonly #signing = new Signing(this.#keeping, this.#rows, this.#ledger);
  readonly #recording = new Recording({
    rows: this.#rows,
    accesses: this.#accesses,
    events: this.#events,
    ledger: this.#ledger,
    reports: this.#reports,
    projection: this.#projection,
  });
  readonly #forgetting = new Forgetting(this.#keeping, {
    storage: this.ctx.storage,
    rows: this.#rows,
    past: this.#past,
    listing: this.#listing,
    duties: this.#duties,
  });
  readonly #alarm = new Alarm({ code: this.ctx.id.name ?? "" }, this.ctx.storage, this.env.WAKES, () => this.#dueAt());

  /**
   * Opens the link under this object's code, unless the code is taken. `openedBy` names the request: the same request
   * again (a lost answer, an Idempotency-Key) gets the same link. A chosen code whose link has ended may be opened again, by
   * the same account: to a link with nothing of the one before, which still gets the callback that it owes.
   * @param secrets the account's signing secrets, sealed, with which the link signs while the account is out of reach
   */
  async open(facts: LinkFacts, openedBy: string, until: number, secrets: string[] | null = null): Promise<Opened> {
    // The version of before knows no books.
    const link = { ...facts, book: facts.book ?? null };
    return this.#opening.open(link, openedBy, until, secrets && JSON.stringify(secrets));
  }

  /** Where the link leads at `at` (Unix ms), for a redirect that KV could not answer. Creates no storage. */
  resolve(at: number): Resolved {
    const link = this.#rows.read();
    if (link === undefined) return { kind: "unknown" };
    if (at >= endOf(link) || isOfPast(link, at))
      return { kind: "ended", accountSid: link.accountSid, isBarred: link.endedReason !== null };
    if (this.#projection.isMissing(Date.now())) this.ctx.waitUntil(this.#duties.performNow(["directory"]));
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
    const recorded = this.#write(() =>
      batch === undefined
        ? accesses.flatMap((access) => this.#recording.record([access], access.id))
        : this.#recording.record(accesses, batch),
    );
    const book = this.#bookName();
    if (book !== null && isWatched(book, Date.now())) this.ctx.waitUntil(this.#reports.tellWatched());
    return recorded;
  }

  /** Null of a link that is in none. */
  #bookName(): BookName | null {
    const { accountSid: sid, book = null } = this.#rows.read() ?? {};
    return sid === undefined || book === null ? null : { sid, book };
  }

  /** The status, or null when the link is not this account's. */
  status(accountSid: string): LinkStatus | null {
    const link = shownTo(this.#rows.read(), accountSid, Date.now());
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

  /** One page of the accesses, behind a cursor; null when the link is not this account's. */
  accesses(accountSid: string, cursor: string, limit: number): AccessPage | null {
    const link = shownTo(this.#rows.read(), accountSid, Date.now());
    if (link === undefined) return null;
    return accessPage(this.#accesses, () => link.accessCounts ?? this.#accesses.count(), cursor, limit);
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

  /** Changes the given fields of the link as it was at `revision` (the version of before names none), and answers the next status. */
  async change(
    accountSid: string,
    changes: Partial<LinkFields>,
    revision: number | undefined,
    until: number,
  ): Promise<Changed> {
    refuseLate(until);
    const link = ownedBy(this.#rows.read(), accountSid, Date.now());
    if (link === undefined) return null;
    // Clocks may differ by more than `until` allows for.
    if (revision !== undefined && revision !== link.revision) return "outdated";
    await this.#duties.performNow(this.#ownership.change(link, changes));
    return this.status(accountSid);
  }

  /** Ends the link. A callback that is owed stays owed. False when the link is not this account's. */
  async close(accountSid: string, until: number): Promise<boolean> {
    refuseLate(until);
    const link = shownTo(this.#rows.read(), accountSid, Date.now());
    if (link === undefined) return false;
    if (link.closedAt !== null) return true;
    this.#ownership.close(link);
    await this.#duties.performNow();
    return true;
  }

  /** Ends the link for good, also one that its owner has deleted: nobody opens its code again. False as for `close`. */
  async endByOperator(accountSid: string, reason: string, until: number): Promise<boolean> {
    refuseLate(until);
    const link = keptFor(this.#rows.read(), accountSid, Date.now());
    if (link === undefined) return false;
    this.#ownership.bar(link, reason);
    await this.#duties.performNow();
    return true;
  }

  /** Ends the link because its account is gone, and with it the secret that signs: nothing is owed any more. */
  async closeWithAccount(accountSid: string, until: number): Promise<void> {
    await this.close(accountSid, until);
    const link = this.#rows.read();
    if (link?.accountSid === accountSid) this.#ownership.withdraw(link);
  }

  /** One more attempt for the callback, now; of the link that was made at `createdAt` (Unix ms), where that is said. */
  retryCallback(accountSid: string, until: number, createdAt?: number): Retried {
    refuseLate(until);
    const link = shownTo(this.#rows.read(), accountSid, Date.now());
    if (link === undefined || link.createdAt !== (createdAt ?? link.createdAt)) return "unknown";
    const { eventId } = link;
    return eventId === null ? "not-accessed" : this.#write(() => this.#ledger.retry(eventId, Date.now()));
  }

  /**
   * Gives out the right to make the next POST, to one caller at a time, and never after a recorded 200.
   * @param sealed the account's secrets, null while it is out of reach; the version of before does not ask for them
   */
  async claimAttempt(eventId: string, until: number, sealed?: readonly string[] | null): Promise<Claim> {
    return this.#signing.claim(eventId, until, sealed);
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
   * that has less than it had acknowledged was put back to an earlier state. Somebody may watch it, until `watchedUntil` (Unix ms) at least.
   */
  acknowledged(createdAt: number, have: number, after = 0, watchedUntil?: number): void {
    const book = this.#bookName();
    if (book !== null) noteWatched(book, watchedUntil);
    this.#reports.heard(createdAt, have, after);
  }

  /**
   * There is no such book any more: its time is over, or the account's is. Nobody is to hear what was not acknowledged; which of the two it
   * is the account's own list knows, where the link stands from now on, if it has not ended for so long that it stands nowhere.
   */
  async bookGone(createdAt: number): Promise<void> {
    const link = this.#rows.read();
    if (link?.createdAt !== createdAt || link.book === null) return;
    this.#write(() => this.#reports.leaveBook(link, Date.now() + DUTY_LEASE_MS));
    await this.#duties.performNow(["listing"]);
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
    if (this.#forgetting.isDue(link, now)) return this.#forgetting.forget(link);
    await Promise.all([
      this.#duties.performDue(link, now),
      link.reopenedAt !== null && this.#listing.unlistPast(link, now),
      sendDueJobs(this.#ledger, this.env, { code: link.code, account: link.accountSid }, now),
    ]);
    this.#write(() => isDue(link.dropDueAt, now) && this.#recording.drop(now));
  }

  /** Writes all or nothing, also when something throws half way, together with the alarm that follows. */
  #write<T>(write: () => T): T {
    try {
      return this.ctx.storage.transactionSync(() =>
        this.#alarm.armBehind(() => {
          const written = write();
          this.#rows.flush();
          return written;
        }),
      );
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
    this.#reports.forgotten();
  }

  #dueAt(): number | null {
    const link = this.#rows.read();
    if (link === undefined) return null;
    return Math.min(this.#owesAt(link) ?? link.forgetDueAt, link.dropDueAt ?? Infinity);
  }

  /** When the link has to bring something somewhere; null when nothing is due. Before that it is not forgotten. */
  #owesAt(link: StoredLink): number | null {
    const { directoryDueAt, listingDueAt, reopenedAt } = link;
    const pastDueAt = reopenedAt === null ? null : this.#past.dueAt();
    const due = [directoryDueAt, listingDueAt, this.#reports.dueAt(link), pastDueAt, this.#ledger.dueAt()].filter(
      (at) => at !== null,
    );
    return due.length === 0 ? null : Math.min(...due);
  }
}
