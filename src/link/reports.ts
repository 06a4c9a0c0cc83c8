// What a link owes its book: a report of its events, due until the book has said that it has them. Further accesses wait for each other, what
// says how the link stands does not; what its owner does is told at once.

import type { LinkEvent, LinkFact, LinkReport } from "../book/book.ts";
import { errorText, log } from "../log.ts";
import { noteWatched } from "../live/watched.ts";
import { bookObject, QUEUE_TIMEOUT_MS, within } from "../objects.ts";
import { jobLeaseMs } from "../queue.ts";
import { totalOf } from "./access-rows.ts";
import { LATER_MS, lastOf, type LinkEvents, MANY_ACCESSES, MANY_EVENTS, SOON_MS } from "./events.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { StoredLink } from "./stored-link.ts";

/** A silent book must not hold up a link: what it has not heard it hears later. */
const BOOK_TIMEOUT_MS = 3_000;

export class Reports {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  readonly #events: LinkEvents;
  /**
   * The first since the book was heard: for which due time it was sent, and when it counts as lost (Unix ms). It stands here only, and
   * costs no row; a new instance may send it again.
   */
  #first: { dueAt: number; leaseEnd: number } | undefined;

  constructor(keeping: Keeping, rows: LinkRows, events: LinkEvents) {
    this.#keeping = keeping;
    this.#rows = rows;
    this.#events = events;
  }

  /** When the next report is due, Unix milliseconds; null while the book has everything. */
  dueAt({ reportDueAt }: StoredLink): number | null {
    return this.#first !== undefined && this.#first.dueAt === reportDueAt ? this.#first.leaseEnd : reportDueAt;
  }

  /** The number of the link's next event; null where it has no book. */
  numberFor(link: StoredLink): number | null {
    return link.book === null ? null : this.#events.next(link);
  }

  /** Notes what has happened. */
  happened(link: StoredLink | undefined, fact: LinkFact): void {
    if (link === undefined || link.book === null) return;
    const now = Date.now();
    this.#events.add(link, fact, now);
    this.dueBy(link, now + SOON_MS);
  }

  /** The number of the event that the end of an attempt is. Delivered is settled; a failure waits with what comes. */
  attemptEnded(link: StoredLink | undefined, status: number | null): number | null {
    const number = link === undefined ? null : this.numberFor(link);
    if (link === undefined || number === null) return null;
    if (status === 200) this.dueBy(link, Date.now() + SOON_MS);
    else this.dueLater(link, Date.now());
    return number;
  }

  /** The book hears of what comes within the hour, or when it is much. */
  dueLater(link: StoredLink, now: number): void {
    const isUnderWay = link.reportsSent > 0 || this.#first?.dueAt === link.reportDueAt;
    const isMany = this.#unreported(link) >= MANY_EVENTS && !isUnderWay && !hasMany(link);
    this.dueBy(link, isMany ? now : now + LATER_MS);
  }

  /** The book hears of what has happened at `at` (Unix ms), or before. */
  dueBy(link: StoredLink, at: number): void {
    const dueAt = this.dueAt(link);
    if (link.book === null || (dueAt !== null && dueAt <= at)) return;
    this.#rows.set({ reportDueAt: at });
  }

  /** The book has the events up to `have`. */
  #acknowledged(link: StoredLink, have: number): void {
    const now = Date.now();
    this.#events.acknowledged(have);
    this.#rows.set({
      reported: have,
      sentTo: Math.max(link.sentTo, have),
      reportDueAt: this.#nextAt({ ...link, reported: have }, now),
      reportsSent: 0,
      dropDueAt: link.accessCounts === null ? link.dropDueAt : now,
    });
    this.forgotten();
  }

  /** Hands the queue what the book has not acknowledged. Never throws: without an answer another report follows. */
  async send(): Promise<void> {
    const link = this.#rows.read();
    if (link === undefined) return;
    const report = this.#events.report(link);
    if (report === null) return this.#keeping.write(() => this.#rows.set({ reportDueAt: null, reportsSent: 0 }));
    this.#keeping.write(() => this.#noteSent(link, report));
    try {
      await within(QUEUE_TIMEOUT_MS, () => this.#keeping.env().REPORTS.send(report));
    } catch (error) {
      log("link.report_failed", { error: errorText(error) });
    }
  }

  /**
   * Tells the book all that it has not heard, without a queue: somebody waits for it. Rejects when the book cannot be told; then the
   * report that is due is sent.
   * @param beside what else is noted in the link's row when it has come to its end: then both are noted together
   */
  async tellAll(beside: Promise<void> = Promise.resolve()): Promise<void> {
    for (;;) {
      const link = this.#rows.read();
      const report = link === undefined ? null : this.#events.report(link);
      if (link === undefined || report === null) return;
      if (link.accessCounts !== null) this.#keeping.write(() => this.#noteHeld(link, report));
      const answer = await within(BOOK_TIMEOUT_MS, () => bookObject(this.#keeping.env(), report).report([report]));
      await beside;
      if (answer === "gone") return this.#keeping.bookGone(report.createdAt);
      const have = answer[0]?.have ?? 0;
      noteWatched(report, answer[0]?.watchedUntil);
      this.heard(report.createdAt, have, report.after);
      if (have === report.after) throw new Error("the book does not take what the link before still has to report");
    }
  }

  /**
   * The book says that it has the events up to `have`, of the link that was made at `createdAt` (Unix ms), and was told what follows on
   * `after`. A book that has less than it had acknowledged was put back to an earlier state.
   */
  heard(createdAt: number, have: number, after: number): void {
    const link = this.#rows.read();
    if (link?.createdAt !== createdAt || link.book === null) return;
    if (have < after && after === link.reported) this.#keeping.write(() => this.#tellAgain(link, have));
    else if (have >= link.reported) this.#keeping.write(() => this.#acknowledged(link, have));
  }

  /** Somebody watches the book: he sees it now, and not with the next report, which is sent where this fails. */
  async tellWatched(): Promise<void> {
    try {
      await this.tellAll();
    } catch (error) {
      log("link.report_failed", { error: errorText(error) });
    }
  }

  /** There is no book any more to tell anything: as if it had every event up to the last. The account's list is due at `dueAt`. */
  leaveBook(link: StoredLink, dueAt: number): void {
    const last = this.#events.last(link);
    this.#events.acknowledged(last);
    this.#rows.set({ book: null, reportDueAt: null, reported: last, listingDueAt: dueAt });
    this.forgotten();
  }

  /** The book gets once more what is still here of what it has lost, and behind that how the link stands now. */
  #tellAgain(link: StoredLink, have: number): void {
    const { destination, callbackUrl, tags, reference, closedAt, endedReason } = link;
    const now = Date.now();
    const before = { ...link, reported: have };
    this.#events.add(before, { kind: "changed", destination, callbackUrl, tags, reference }, now);
    if (closedAt !== null) this.#events.add(before, { kind: "ended" }, closedAt);
    if (endedReason !== null) this.#events.add(before, { kind: "barred", reason: endedReason }, now);
    this.#rows.set({ reported: have, reportDueAt: now, reportsSent: 0 });
    this.forgotten();
  }

  /** Another link begins here, or what is known of reports that are on their way may be wrong. */
  forgotten(): void {
    this.#first = undefined;
  }

  /** A report is on its way; without an answer another follows when its lease ends. */
  #noteSent(link: StoredLink, report: LinkReport): void {
    const now = Date.now();
    const dueAt = link.reportDueAt ?? now;
    // Of the first the row does not know; but it was sent, if it was due for so long.
    const sent = Math.max(link.reportsSent, now < dueAt + jobLeaseMs(1) ? 0 : 1) + 1;
    const leaseEnd = now + jobLeaseMs(sent);
    if (sent === 1 && link.accessCounts === null) {
      this.#first = { dueAt, leaseEnd };
    } else {
      this.#rows.set({ reportsSent: sent, reportDueAt: leaseEnd });
      this.#noteHeld(link, report);
    }
  }

  /** Accesses that a report has held are not rolled up any more. Only a link that had many of them rolls any up. */
  #noteHeld({ sentTo }: StoredLink, report: LinkReport): void {
    this.#rows.set({ sentTo: Math.max(sentTo, lastOf(report)) });
  }

  #unreported(link: StoredLink): number {
    return this.#events.last(link) - link.reported;
  }

  /** When to report what came while a report was on its way, or did not fit into it; null when that is nothing. */
  #nextAt(link: StoredLink, now: number): number | null {
    if (this.#unreported(link) <= 0) return null;
    const { events } = this.#events.report(link) ?? { events: [] };
    const isMany = events.length >= MANY_EVENTS && !hasMany(link);
    return isMany || events.some(settles) ? now : now + LATER_MS;
  }
}

/** Whether it says how the link, or its callback, stands: further accesses and failures can wait for each other. */
function settles(event: LinkEvent): boolean {
  if (event.kind === "access") return event.first;
  return event.kind !== "attempt" || event.status === 200;
}

/** Whether it had so many accesses that its book does not hear of each. */
export function hasMany({ accessCounts }: StoredLink): boolean {
  return accessCounts !== null && totalOf(accessCounts) > MANY_ACCESSES;
}
