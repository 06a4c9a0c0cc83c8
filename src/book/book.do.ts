// One object per month of an account, named by its sid and number: where the links of that month are listed and counted, and where its
// messages live. What it knows of links came in their reports. Links work without it: they keep what it has not heard. Its account opens
// it, and closes it; or it ends by itself when its time is over, and its account keeps its totals.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { Closing } from "../account/closing.ts";
import type { ListedLink } from "../link/listed-link.ts";
import { Sweep } from "../account/sweep.ts";
import { Alarm } from "../alarm.ts";
import type { Sign } from "../alert/alert.ts";
import { ENDS, exhaustedSigns, failedSigns } from "../alert/signs.ts";
import { standingOf } from "../callback/bulk-retry/standing.ts";
import { QUARTER_MS } from "../figures/time-zone.ts";
import { errorText, log } from "../log.ts";
import { bookExporter, type ExportLines, exportLines, type ExportQuestion } from "../export/exports.ts";
import { bookPage, type FeedPage, type FeedQuestion } from "../feed/feed-page.ts";
import type { News } from "../live/news.ts";
import { Viewers } from "../live/viewers.ts";
import { accountObject, CALL_TIMEOUT_MS, campaignObject, linkObject, refuseLate, within } from "../objects.ts";
import { WAKE_PERIOD_MS } from "../wake/wake.ts";
import { type Keeping, keeperDueAt, MessageKeeper, performDue } from "../sms/message-keeper.ts";
import type { LinkNews } from "../sms/message-book.ts";
import { MESSAGE_TABLE, packedMessages } from "../sms/message-rows.ts";
import { type Acknowledged, bookNamed, type BookName, type LinkReport } from "./book.ts";
import { BOOK_TABLE, BookRow, type StoredBook } from "./book-row.ts";
import { type ArchivePart, Ending } from "./ending.ts";
import { type Found, type ListQuery, NOTHING_FOUND } from "./find.ts";
import type { CampaignLine, CampaignReport } from "../campaign/campaign.ts";
import { Campaigns } from "./campaigns.ts";
import { Journal, JOURNAL_TABLE, type JournalEntry } from "./journal.ts";
import { LINE_TABLE, type LineName, Lines } from "./lines.ts";
import { PACK_TABLES, Packs, packTable } from "./packs.ts";
import { type BookFigures, type FiguresQuestion, bringForwardAt, Tallies, TALLY_TABLE } from "./tallies.ts";

const PACKS = PACK_TABLES.map(packTable).join("");
const TABLES = BOOK_TABLE + LINE_TABLE + JOURNAL_TABLE + TALLY_TABLE + MESSAGE_TABLE + PACKS;
/** Of the 10 GB that an object may hold: what belongs to the things in a book goes on to come for months. */
const FULL_BYTES = 2e9;
/** A campaign looks at a hundred parts meanwhile. */
const CAMPAIGN_WAKE_TIMEOUT_MS = 10_000;
/** An account answers in milliseconds. */
const ACCOUNT_TIMEOUT_MS = 3_000;
const WEEK_MS = 604_800_000;

function noAnswer(error: unknown): null {
  log("callback.retry_failed", { error: errorText(error) });
  return null;
}

export class Book extends MessageKeeper {
  protected readonly keeping: Keeping = {
    owner: () => bookNamed(this.ctx.id.name),
    isOpen: () => this.#row.readOpen() !== undefined,
    write: (until, closed, write) => this.#write(until, closed, write),
    isSuspended: () => this.#isSuspended(),
    signingSecrets: () => this.#signingSecrets(),
    journal: {
      moved: (move, at) => this.#journal.addMove(move, at),
      called: (callback, at) => this.#journal.addCallback(callback, at),
      linkOf: ({ createdAt, link }) => link && this.#lines.newsOf({ createdAt, code: link.code }),
      packs: () => this.#messagePacks,
    },
    failing: () => this.#lines.failing,
    sweep: () => this.#row.readOpen(),
  };
  readonly #sql = this.ctx.storage.sql;
  readonly #row = new BookRow(this.ctx.storage);
  readonly #journal = new Journal(this.#sql);
  readonly #viewers = new Viewers(this.ctx, this.#journal);
  readonly #lines = new Lines(this.#sql, this.#journal);
  readonly #messagePacks = new Packs(this.#sql, "message_pack", packedMessages(this.#sql));
  readonly #tallies = new Tallies(this.#sql, this.#journal);
  readonly #campaigns = new Campaigns(this.#sql, this.#journal);
  readonly #closing = new Closing(this.#sql, this.#lines);
  readonly #sweep = new Sweep(this.env, this.#row, this.#lines);
  readonly #ending = new Ending(this.#row, this.#journal, this.#lines, this.#tallies, () => this.#isQuiet());
  readonly #alarm = new Alarm(bookNamed(this.ctx.id.name), this.ctx.storage, this.env.WAKES, () => this.#dueAt());

  /** Opens the book, for its account. The same again changes nothing; one that was closed is not opened again. */
  open(name: BookName, until: number): void {
    refuseLate(until);
    if (this.#row.read() === undefined) this.#atomically(() => this.#row.open(TABLES, name, Date.now()));
  }

  /** What has happened to links: how far the book has come with each; `gone` when it has ended, or its account is closed. */
  report(reports: LinkReport[]): Acknowledged[] | "gone" {
    if (this.#row.readOpen() === undefined) return "gone";
    const watchedUntil = this.#viewers.watchedUntil();
    return this.#atomically(() =>
      this.#lines.take(reports, Date.now()).map(({ acknowledged, line }) => {
        if (line !== null) this.messages.linkChanged(line);
        return watchedUntil === undefined ? acknowledged : { ...acknowledged, watchedUntil };
      }),
    );
  }

  /** Somebody who is signed in wants to watch. Nothing else comes so: a WebSocket cannot be asked for otherwise. */
  override fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    if (this.#row.readOpen() === undefined) return new Response(null, { status: 404 });
    return this.#viewers.accept(Number(searchParams.get("after")), Number(searchParams.get("until")));
  }

  /** What happened lately, for whoever begins to watch. */
  lately(): { position: number; news: News[] } {
    return this.#row.readOpen() === undefined ? { position: 0, news: [] } : this.#viewers.lately();
  }

  /** A message's link has changed that reports to no book: the version of before has made it. */
  linkChanged(news: LinkNews): void {
    this.#write(undefined, undefined, () => this.messages.linkChanged(news));
  }

  /** What a campaign tells of itself, and of what was counted; `gone` when the book has ended, or its account is closed. */
  campaignReport(report: CampaignReport): "noted" | "gone" {
    return this.#write<"noted" | "gone">(undefined, "gone", (now) => {
      this.#campaigns.take(report, now);
      return "noted";
    });
  }

  /** The campaign is over, and its object about to be empty. */
  campaignGone(id: string): void {
    if (this.#row.read() !== undefined) this.#atomically(() => this.#campaigns.gone(id));
  }

  /** So many campaigns before this id, the newest first; null is from the newest on. */
  campaigns(before: string | null, limit: number): CampaignLine[] {
    return this.#row.readOpen() === undefined ? [] : this.#campaigns.page(before, limit);
  }

  /** Null when the book has none with this id. */
  campaign(id: string): CampaignLine | null {
    return this.#row.readOpen() === undefined ? null : this.#campaigns.find(id);
  }

  /** One page of the links: see `find`. */
  linksPage(query: ListQuery): Found<ListedLink> {
    return this.#row.readOpen() === undefined ? NOTHING_FOUND : this.#lines.find(query, Date.now());
  }

  /** So many entries of the journal behind a position, which is 0 before the first. */
  journal(after: number, limit: number): JournalEntry[] {
    return this.#row.readOpen() === undefined ? [] : this.#journal.read(after, limit);
  }

  /**
   * What the journal adds up to, in all stretches of time that are asked for; `too-many-tags` when the tag is not among those that are counted each for itself. `gone` of a book whose
   * storage went when its account had its totals.
   */
  figures(question: FiguresQuestion): BookFigures | "too-many-tags" | "gone" {
    const book = this.#row.read();
    return book?.closedAt !== null ? "gone" : this.#tallies.figures(book.talliedTo, question);
  }

  /** The rows of an export, as a stream that is made as it is read: see `exportLines`. `gone` as of figures. */
  exportRows(asked: ExportQuestion): ExportLines | "unknown" | "gone" {
    if (this.#row.read()?.closedAt !== null) return "gone";
    const { book } = bookNamed(this.ctx.id.name);
    return exportLines(asked, bookExporter(this.#sql, book), book);
  }

  /** A page of a feed: see `bookPage`. */
  feedPage(asked: FeedQuestion): FeedPage | "unknown" | "gone" {
    return this.#row.read()?.closedAt !== null ? "gone" : bookPage(this.#sql, asked);
  }

  /** Ends the links of the book step by step, because its account is closed; `gone` when that is done and nothing is left. */
  async close(until: number): Promise<"closing" | "gone"> {
    refuseLate(until);
    const book = this.#row.read();
    if (book === undefined) return "gone";
    if (book.closedAt === null) {
      this.#atomically(() => this.#row.close(Date.now()));
      await this.alarm();
    } else await this.#alarm.wake();
    return this.#row.read() === undefined ? "gone" : "closing";
  }

  /**
   * Its account comes by: the book's own alarm is set where it is gone, and links are looked at. `isFull`: it should get no more things;
   * `isEmpty`: it was not opened, or has ended.
   */
  async wake(): Promise<{ isFull: boolean; isEmpty: boolean }> {
    const wasOverdue = await this.#alarm.wake();
    const book = this.#row.readOpen();
    if (book !== undefined) {
      await Promise.all([
        this.#sweep.check(book, wasOverdue, Date.now()),
        this.#ofCampaigns(
          this.#campaigns.left(Math.floor(Date.now() / WAKE_PERIOD_MS)),
          (campaign) => campaign.wake(),
          CAMPAIGN_WAKE_TIMEOUT_MS,
        ),
      ]);
      this.#alarm.arm();
    }
    return { isFull: this.#sql.databaseSize > FULL_BYTES, isEmpty: this.#row.read() === undefined };
  }

  /** A link of this book had lost its alarm: all of them are woken. */
  sweep(until: number): void {
    refuseLate(until);
    if (this.#row.readOpen() !== undefined) this.#atomically(() => this.#sweep.begin(Date.now()));
  }

  override async alarm(): Promise<void> {
    await this.#alarm.run(async (now) => {
      const book = this.#row.read();
      if (book === undefined) return;
      await (book.closedAt === null ? this.#performDue(book, now) : this.#closeStep(book));
    });
  }

  async #performDue(book: StoredBook, now: number): Promise<void> {
    this.#atomically(() => {
      this.#lines.blankDue(now);
      this.messages.forgetDue(now);
      if (book.talliesDueAt !== null && book.talliesDueAt <= now)
        for (const packs of [this.#lines.packs, this.#messagePacks]) packs.extend();
    });
    await Promise.all([
      performDue(this.env, this.keeping, this.messages, this.ledger, now),
      book.sweepDueAt !== null && book.sweepDueAt <= now && this.#sweep.step(book, now),
      this.#retryLinks(book, now),
    ]);
    if (book.talliesDueAt !== null && book.talliesDueAt <= now) await this.#tellSigns(now);
    this.#bringTalliesForward(now);
    await this.#end(now);
  }

  /** Tells the account what its owner should know, when that has changed. Where it cannot be told, it is with the next tallies. */
  async #tellSigns(now: number): Promise<void> {
    const book = this.#row.readOpen();
    if (book === undefined) return;
    const { sid, number } = book;
    const before = JSON.parse(book.signs ?? "[]") as Sign[];
    const signs = this.#signs(book, before, now);
    const said = JSON.stringify(signs);
    if (said === JSON.stringify(before)) return;
    try {
      await within(ACCOUNT_TIMEOUT_MS, (until) => accountObject(this.env, sid).noteSigns(number, signs, until));
      this.#write(undefined, undefined, () => this.#row.signsTold(said));
    } catch (error) {
      log("alert.not_told", { sid, book: number, error: errorText(error) });
    }
  }

  #signs({ talliedTo }: StoredBook, before: readonly Sign[], now: number): Sign[] {
    const all = { state: "exhausted", host: null, from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 } as const;
    const standing = standingOf(this.#sql, this.ledger, this.#lines.failing, all);
    const end = Math.ceil(now / QUARTER_MS) * QUARTER_MS;
    const week = () => {
      const asked = { starts: [end - WEEK_MS], end, only: [...ENDS], tag: null, at: now };
      const figures = this.#tallies.figures(talliedTo, asked);
      return figures === "too-many-tags" ? {} : figures.totals;
    };
    const wasFailing = before.some(({ kind }) => kind === "messages_failed");
    return [...exhaustedSigns(standing), ...failedSigns(this.#sql, wasFailing, week)];
  }

  /** Asks the links whose callbacks are to be tried once more; one that cannot be reached holds up no other. */
  async #retryLinks({ sid }: StoredBook, now: number): Promise<void> {
    const asked = this.retries.begin(now).map(async (name) => {
      const { code, createdAt } = name;
      const ask = (until: number) => linkObject(this.env, code).retryCallback(sid, until, createdAt);
      return { name, answer: await within(CALL_TIMEOUT_MS, async (until) => ask(until)).catch(noAnswer) };
    });
    const answers = await Promise.all(asked);
    if (answers.length > 0) this.#write(undefined, undefined, (then) => this.retries.answered(answers, then));
  }

  /** The next step, when it is due; behind all else, which has to be done before. */
  async #end(now: number): Promise<void> {
    const book = this.#row.read();
    if (book?.closedAt !== null || this.#ending.dueAt(book) > now) return;
    const { sid, number } = book;
    const asked = {
      isLeft: async ({ createdAt, code }: LineName) => linkObject(this.env, code).isLeft(createdAt),
      archive: async (part: ArchivePart, until: number) => accountObject(this.env, sid).archive(number, part, until),
    };
    if (await this.#ending.step(book, asked, now)) await this.#deleteAll();
  }

  /** When they are due; in the one transaction that notes how far they have come, so that nothing is counted twice. */
  #bringTalliesForward(now: number): void {
    this.#atomically(() => {
      const { talliesDueAt = null, talliedTo = 0 } = this.#row.readOpen() ?? {};
      if (talliesDueAt === null || talliesDueAt > now) return;
      this.#row.tallied(this.#tallies.bringForward(talliedTo));
    });
  }

  /** Ends some links; with the last one the book's storage goes, too. */
  async #closeStep({ sid }: StoredBook): Promise<void> {
    const end = (code: string, until: number) => linkObject(this.env, code).closeWithAccount(sid, until);
    const [areLinksEnded] = await Promise.all([this.#closing.step(end), this.#closeCampaigns(sid)]);
    if (areLinksEnded && this.#row.read() !== undefined && this.#campaigns.left().length === 0) await this.#deleteAll();
  }

  async #closeCampaigns(sid: string): Promise<void> {
    const closed = await this.#ofCampaigns(
      this.#campaigns.left(),
      (campaign, until) => campaign.closeWithAccount(sid, until),
      ACCOUNT_TIMEOUT_MS,
    );
    if (this.#row.read() === undefined) return;
    this.#atomically(() => {
      for (const [number, state] of closed) if (state === "gone") this.#campaigns.remove(number);
    });
  }

  /** Asks the objects of campaigns that are not over; undefined where one did not answer, which holds up no other. */
  async #ofCampaigns<T>(
    numbers: readonly number[],
    ask: (campaign: ReturnType<typeof campaignObject>, until: number) => Promise<T>,
    patienceMs: number,
  ): Promise<[number: number, answer: T | undefined][]> {
    const answers = await Promise.allSettled(
      numbers.map((number) => within(patienceMs, (until) => ask(campaignObject(this.env, number), until))),
    );
    return answers.map((answer, n) => [numbers[n] ?? 0, answer.status === "fulfilled" ? answer.value : undefined]);
  }

  async #deleteAll(): Promise<void> {
    this.#viewers.end();
    // It clears the alarm, too.
    const deleted = this.ctx.storage.deleteAll();
    this.#forgetStorage();
    await deleted;
  }

  /** When the alarm has to act; null when it has not. */
  #dueAt(): number | null {
    const book = this.#row.read();
    if (book === undefined) return null;
    if (book.closedAt !== null) return this.#closing.dueAt() ?? book.closedAt;
    return Math.min(this.#workDueAt() ?? Infinity, this.#ending.dueAt(book));
  }

  /** Nothing is due, at any time, and no campaign is left. */
  #isQuiet(): boolean {
    return this.#workDueAt() === null && this.#campaigns.left().length === 0;
  }

  /** The same but for ending, which waits for all of it. */
  #workDueAt(): number | null {
    const { sweepDueAt = null, talliesDueAt = null } = this.#row.readOpen() ?? {};
    const messagesDueAt = keeperDueAt(this.messages, this.ledger);
    const due = [this.#lines.dueAt(), messagesDueAt, this.retries.dueAt(), sweepDueAt, talliesDueAt].filter(
      (at) => at !== null,
    );
    return due.length === 0 ? null : Math.min(...due);
  }

  async #isSuspended(): Promise<boolean> {
    const { sid } = bookNamed(this.ctx.id.name);
    return within(ACCOUNT_TIMEOUT_MS, async () => accountObject(this.env, sid).isSuspended());
  }

  async #signingSecrets(): Promise<string[]> {
    const { sid } = bookNamed(this.ctx.id.name);
    return within(ACCOUNT_TIMEOUT_MS, () => accountObject(this.env, sid).signingSecrets());
  }

  #write<T>(until: number | undefined, closed: T, write: (now: number) => T): T {
    refuseLate(until);
    return this.#row.readOpen() === undefined ? closed : this.#atomically(() => write(Date.now()));
  }

  /** All of the writes or none, also when one of them throws. The alarm belongs to them. */
  #atomically<T>(write: () => T): T {
    try {
      const before = this.#viewers.position();
      const written = this.ctx.storage.transactionSync(() => {
        const done = write();
        this.#noteTallies();
        this.#alarm.arm();
        return done;
      });
      this.#viewers.tell(before);
      return written;
    } catch (error) {
      this.#forgetStorage();
      throw error;
    }
  }

  /** Whatever is in the journal comes to the tallies in time. */
  #noteTallies(): void {
    const book = this.#row.readOpen();
    if (book === undefined) return;
    const dueAt = bringForwardAt(this.#journal.last() - book.talliedTo, book.talliesDueAt, Date.now());
    if (dueAt !== null && dueAt !== book.talliesDueAt) this.#row.talliesDue(dueAt);
  }

  /** What this instance remembers of its storage is not true any more. */
  #forgetStorage(): void {
    this.#alarm.forget();
    this.#row.forgotten();
    this.ledger.forgotten();
    this.messages.forgotten();
    this.#tallies.forgotten();
  }
}
