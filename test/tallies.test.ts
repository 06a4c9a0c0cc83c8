// What a book counts, held against its journal and against what is known of its links and messages, after every step of random
// histories; and the tallies' own rules.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { nanoid } from "nanoid";
import { afterEach, expect, it, vi } from "vitest";
import type { Book } from "../src/book/book.do.ts";
import { bookNamed, type LinkEvent, type LinkFact } from "../src/book/book.ts";
import { Journal, type JournalEntry } from "../src/book/journal.ts";
import {
  type BookFigures,
  type Counts,
  type FiguresQuestion,
  type Stretch,
  incrementsOf,
  MOST_TAGS,
} from "../src/book/tallies.ts";
import { bookExporter, type ExportName } from "../src/export/exports.ts";
import { figuresOf } from "../src/figures/figure-names.ts";
import { countedReason } from "../src/sms/reason.ts";
import { mintMsgid, type NewMessage } from "../src/sms/message.ts";
import { IN_TIME } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";

const QUARTER = 900_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2027, 2, 27, 21);
const EVER = { starts: [START - DAY], end: START + 400 * DAY, at: START + 400 * DAY };
/** Since when the book of these histories may end. */
const ENDS_AT = Date.UTC(2027, 3, 1) + 120 * DAY;
const KINDS = ["person", "preview", "prefetch", "scanner", "probe"] as const;
const TAGS = ["spring", "winter", "übung"];

afterEach(() => {
  vi.useRealTimers();
});

/** A link as its own object would know it. */
interface Model {
  code: string;
  createdAt: number;
  msgid: string | null;
  /** Behind each event. */
  tags: string[][];
  events: LinkEvent[];
  callbackUrl: string | null;
  firstAccessedAt: number | null;
  /** The number of the last event that the book has acknowledged, and that the link has heard of. */
  have: number;
  acknowledged: number;
}

interface MessageRow extends Record<string, SqlStorageValue> {
  tags: string;
  status: string;
  reason: string | null;
  parts: number;
  code: string | null;
  created_at: number;
  first_accessed_at: number | null;
}

/** What is read here of rows of any export. */
interface ExportedRow {
  count: number;
  figure?: string;
  of?: string | null;
  kind?: string;
  first?: boolean;
  state?: string;
}

/** A book in a random history, and everything else that is known of it. */
class History {
  readonly links: Model[] = [];
  readonly msgids: string[] = [];
  /** Figures of before. */
  readonly seen: { tag: string | null; totals: Counts; position: number }[] = [];
  now = START;
  /** What was known last while the book was there. */
  #journal: JournalEntry[] = [];
  #messages: MessageRow[] = [];
  /** What was told last of each tag. */
  readonly told = new Map<string | null, Counts>();
  #book: Book;
  #state: DurableObjectState;
  #sid: string;

  constructor(book: Book, state: DurableObjectState, sid: string) {
    this.#book = book;
    this.#state = state;
    this.#sid = sid;
  }

  pass(ms: number): void {
    this.now += ms;
    vi.setSystemTime(this.now);
  }

  openLink(
    tags: string[],
    callbackUrl: string | null,
    createdAt = this.now,
    msgid: string | null = null,
    code = nanoid(10),
  ): Model {
    const link: Model = {
      code,
      createdAt,
      msgid,
      tags: [],
      events: [],
      callbackUrl,
      firstAccessedAt: null,
      have: 0,
      acknowledged: 0,
    };
    this.links.push(link);
    const fields = { destination: "https://example.com/", callbackUrl, tags, reference: null };
    const opened = { shortUrl: `https://s.example.com/${link.code}`, msgid, expiresAt: createdAt + 90 * DAY };
    this.#happens(link, { kind: "opened", ...fields, ...opened }, tags);
    return link;
  }

  accept(tags: string[], isTracked: boolean, isAddedLater: boolean): void {
    const msgid = mintMsgid(this.now, 1);
    const createdAt = this.now;
    const link = isTracked ? this.openLink(tags, null, createdAt, msgid) : null;
    const message = newMessage({
      msgid,
      createdAt,
      tags,
      parts: 1 + (this.msgids.length % 3),
      cost: 0.0079,
      link: link && {
        code: link.code,
        destination: "https://example.com/",
        shortUrl: `https://s.example.com/${link.code}`,
        expiresAt: createdAt + 90 * DAY,
      },
    });
    if (isAddedLater) this.#later = message;
    else this.#add(message);
  }

  #later: NewMessage | null = null;

  /** A message whose link the book has heard of before. */
  addLate(): void {
    if (this.#later !== null) this.#add(this.#later);
    this.#later = null;
  }

  #add(message: NewMessage): void {
    this.#book.addMessage(message, IN_TIME);
    // The same again changes nothing.
    this.#book.addMessage(message, IN_TIME);
    this.msgids.push(message.msgid);
  }

  async send(n: number, how: "accepted" | "delivered" | "refused" | "silent"): Promise<void> {
    const msgid = this.msgids[n % this.msgids.length];
    if (msgid === undefined) return;
    await this.#book.claimMessage(msgid, "http", "claim", IN_TIME);
    const sent = {
      accepted: { kind: "accepted", carrierId: "C", isDelivered: false },
      delivered: { kind: "accepted", carrierId: "C", isDelivered: true },
      refused: { kind: "refused", reason: "21211: no such number +818012345678" },
      silent: { kind: "silent" },
    } as const;
    this.#book.messageSent(msgid, "claim", sent[how]);
  }

  report(n: number, status: "DELIVERED" | "FAIL" | "DELIVERING"): void {
    const msgid = this.msgids[n % this.msgids.length];
    if (msgid !== undefined) this.#book.messageReported(msgid, status, status === "FAIL" ? "switched off: 0801" : null);
  }

  erase(n: number): void {
    const msgid = this.msgids[n % this.msgids.length];
    if (msgid !== undefined) this.#book.eraseMessage(msgid, IN_TIME);
  }

  /** Deleted by its owner. */
  end(n: number): void {
    const link = this.#link(n);
    if (link !== undefined) this.#happens(link, { kind: "ended" });
  }

  /** The code of a link that has ended has another one, which is made no earlier. */
  reopen(n: number, tags: string[]): void {
    const link = this.#link(n);
    if (link === undefined || link.msgid !== null) return;
    this.end(n);
    const newest = Math.max(...this.links.filter(({ code }) => code === link.code).map(({ createdAt }) => createdAt));
    this.openLink(tags, null, Math.max(this.now, newest + 1), null, link.code);
  }

  /** More accesses than a link keeps singly: alike, of one quarter of an hour. */
  rolledUp(n: number, access: (typeof KINDS)[number], count: number): void {
    const link = this.#link(n);
    if (link === undefined) return;
    const alike = { device: n % 2 === 0 ? "iPhone" : null, country: "JP", network: null };
    this.#happens(link, { kind: "accesses", access, count, ...alike });
  }

  access(n: number, access: (typeof KINDS)[number]): void {
    const link = this.#link(n);
    if (link === undefined) return;
    const first = access === "person" && link.firstAccessedAt === null;
    if (first) link.firstAccessedAt = this.now;
    const seen = {
      reason: null,
      device: n % 2 === 0 ? "iPhone" : null,
      country: n % 3 === 0 ? "JP" : null,
      network: null,
    };
    this.#happens(link, { kind: "access", access, first, ...seen });
  }

  change(n: number, tags: string[], callbackUrl: string | null): void {
    const link = this.#link(n);
    if (link === undefined) return;
    link.callbackUrl = callbackUrl;
    const fields = { destination: "https://example.com/2", callbackUrl, tags, reference: null };
    this.#happens(link, { kind: "changed", ...fields }, tags);
  }

  callback(n: number, state: "owed" | "exhausted" | "withdrawn" | "delivered"): void {
    const link = this.#link(n);
    if (link === undefined) return;
    const eventId = link.code;
    if (state === "delivered")
      this.#happens(link, { kind: "attempt", eventId, attempt: 1, status: 200, error: null, durationMs: 9 });
    else this.#happens(link, { kind: "callback", eventId, state });
  }

  /** Reports of links go out from what each has heard, in any order, some of them twice, some without their answer. */
  deliver(order: number, isTwice: boolean, isHeard: boolean): void {
    const reports = this.links.map((link) => ({
      sid: this.#sid,
      book: 1,
      code: link.code,
      createdAt: link.createdAt,
      after: link.acknowledged,
      events: link.events.filter(({ number }) => number > link.acknowledged).slice(0, 1 + (order % 4)),
    }));
    const told = order % 2 === 0 ? reports : reports.toReversed();
    const sent = isTwice ? [...told, ...told] : told;
    const answer = this.#book.report(sent.filter(({ events }) => events.length > 0));
    // Links take that for an answer, too: nobody hears of what comes from here on.
    if (answer === "gone") return;
    for (const { code, createdAt, have } of answer) {
      const link = this.links.find((one) => one.code === code && one.createdAt === createdAt);
      if (link === undefined) continue;
      link.have = have;
      if (isHeard) link.acknowledged = have;
    }
  }

  /** The alarm brings the tallies forward. */
  async bringForward(): Promise<void> {
    if (this.#isThere())
      this.#state.storage.sql.exec("UPDATE book SET tallies_due_at = 0 WHERE tallies_due_at IS NOT NULL");
    await this.#book.alarm();
  }

  /** The book's alarm comes, so often; when its time is over, each next one when the next step of ending is due. */
  async comeToPass(alarms: number): Promise<void> {
    for (let acted = 0; acted < alarms; acted++) {
      const [book] = this.#isThere() ? this.#state.storage.sql.exec("SELECT end_due_at AS at FROM book") : [];
      if (this.now >= ENDS_AT && book?.["at"] != null) this.pass(Math.max(0, Number(book["at"]) - this.now));
      await this.#book.alarm();
      // What is known is kept behind each, because the last one leaves nothing.
      this.journal();
      this.messages();
    }
  }

  isEnded(): boolean {
    return !this.#isThere();
  }

  #isThere(): boolean {
    return this.#state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'book'").toArray().length > 0;
  }

  journal(): JournalEntry[] {
    const { sql } = this.#state.storage;
    // One that hands over its totals shows its rows to nobody any more, but has them.
    if (this.#isThere()) this.#journal = new Journal(sql).read(0, 1_000_000);
    return this.#journal;
  }

  /** From the book, or what its account keeps of it. */
  async figures(starts: number[], end: number, tag: string | null, further?: Stretch[]): Promise<BookFigures> {
    const question: FiguresQuestion = { starts, end, tag, at: EVER.at, ...(further !== undefined && { further }) };
    const found = this.#book.figures(question);
    if (typeof found !== "string") return found;
    const [archived] = await env.ACCOUNT.getByName(this.#sid).archivedFigures(question, []);
    if (found !== "gone" || archived === undefined || typeof archived.figures === "string") throw new Error(found);
    return archived.figures;
  }

  /**
   * What an export has: the book's, or, of figures when it has ended, what its account keeps of it. With `upTo` of figures what it had at
   * that position.
   */
  async rows(name: ExportName, tag: string | null = null, upTo: number | null = null): Promise<ExportedRow[]> {
    const range = { start: EVER.starts[0] ?? 0, end: EVER.end, at: EVER.at, tag };
    const figures = { ...range, upTo: upTo === null ? null : { 1: upTo }, archived: { only: 1 } };
    const asked = { name, form: { kind: "ndjson" }, after: null, limit: null, figures } as const;
    const steps = this.#isThere() ? bookExporter(this.#state.storage.sql, 1)[name]?.(asked) : undefined;
    if (steps !== undefined && steps !== "unknown") return [...steps].flat();
    const part = await env.ACCOUNT.getByName(this.#sid).exportRows(asked);
    if (part === "gone" || part === "unknown") throw new Error(part);
    const lines = (await new Response(part.lines).text()).split("\n").slice(0, -1);
    part[Symbol.dispose]();
    return lines.map((line): ExportedRow => JSON.parse(line));
  }

  messages(): MessageRow[] {
    if (this.#isThere()) this.#messages = this.#state.storage.sql.exec<MessageRow>("SELECT * FROM message").toArray();
    return this.#messages;
  }

  #link(n: number): Model | undefined {
    return this.links[n % Math.max(1, this.links.length)];
  }

  #happens(link: Model, fact: LinkFact, tags = link.tags.at(-1) ?? []): void {
    link.tags.push(tags);
    link.events.push({ number: link.events.length + 1, at: this.now, ...fact });
  }
}

type Step = (history: History) => void | Promise<void>;

const place = fc.nat(50);
const someTags = fc.subarray(TAGS);
const hook = fc.constantFrom(null, "https://example.com/hook");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(someTags, hook).map(
    ([tags, url]): Step =>
      (history) =>
        void history.openLink(tags, url),
  ),
  fc.tuple(someTags, fc.boolean(), fc.boolean()).map(
    ([tags, isTracked, isLater]): Step =>
      (history) =>
        history.accept(tags, isTracked, isLater),
  ),
  fc.constant<Step>((history) => history.addLate()),
  fc.tuple(place, fc.constantFrom("accepted", "delivered", "refused", "silent")).map(
    ([which, how]): Step =>
      (history) =>
        history.send(which, how),
  ),
  fc.tuple(place, fc.constantFrom("DELIVERED", "FAIL", "DELIVERING")).map(
    ([which, status]): Step =>
      (history) =>
        history.report(which, status),
  ),
  place.map(
    (which): Step =>
      (history) =>
        history.erase(which),
  ),
  fc.tuple(place, fc.constantFrom(...KINDS)).map(
    ([which, kind]): Step =>
      (history) =>
        history.access(which, kind),
  ),
  place.map(
    (which): Step =>
      (history) =>
        history.end(which),
  ),
  fc.tuple(place, someTags).map(
    ([which, tags]): Step =>
      (history) =>
        history.reopen(which, tags),
  ),
  fc.tuple(place, fc.constantFrom(...KINDS), fc.integer({ min: 2, max: 500 })).map(
    ([which, kind, count]): Step =>
      (history) =>
        history.rolledUp(which, kind, count),
  ),
  fc.integer({ min: 1, max: 4 }).map(
    (alarms): Step =>
      (history) =>
        history.comeToPass(alarms),
  ),
  fc.tuple(place, someTags, hook).map(
    ([which, tags, url]): Step =>
      (history) =>
        history.change(which, tags, url),
  ),
  fc.tuple(place, fc.constantFrom("owed", "exhausted", "withdrawn", "delivered")).map(
    ([which, state]): Step =>
      (history) =>
        history.callback(which, state),
  ),
  fc.tuple(place, fc.boolean(), fc.boolean()).map(
    ([order, isTwice, isHeard]): Step =>
      (history) =>
        history.deliver(order, isTwice, isHeard),
  ),
  fc.constant<Step>((history) => history.deliver(3, false, true)),
  fc.constant<Step>((history) => history.bringForward()),
  fc.integer({ min: 1, max: 30 * HOUR }).map(
    (ms): Step =>
      (history) =>
        history.pass(ms),
  ),
);

/** The same sums by another way: over all that is known of links and messages. */
function knownCounts(history: History, tag: string | null): Counts {
  const counts: Counts = {};
  const count = (key: string, by = 1) => {
    if (by !== 0) counts[key] = (counts[key] ?? 0) + by;
  };
  const isCounted = (tags: readonly string[]) => tag === null || tags.includes(tag);
  for (const row of history.messages()) {
    if (!isCounted(JSON.parse(row.tags) as string[])) continue;
    count("accepted");
    const isUnknown = row.status === "FAIL" && row.reason === "carrier did not answer, may have been sent";
    const states: Record<string, string> = {
      QUEUED: "waiting",
      DELIVERING: "sent",
      DELIVERED: "delivered",
      FAIL: "failed",
    };
    count(isUnknown ? "unknown" : (states[row.status] ?? ""));
    count("parts", row.parts);
    count("cost", 7_900);
    if (row.code !== null) count("with_link");
    if (row.first_accessed_at === null) continue;
    count("opened");
    for (const hours of [1, 24, 168])
      if (row.first_accessed_at - row.created_at < hours * HOUR) count(`opened_within_${hours}`);
  }
  for (const { events, tags, have } of history.links) {
    let callbackUrl: string | null = null;
    let isDelivered = false;
    for (const [index, event] of events.slice(0, have).entries()) {
      if (event.kind === "opened" || event.kind === "changed") ({ callbackUrl } = event);
      const isNews: boolean = !isDelivered && event.kind === "attempt";
      isDelivered ||= isNews;
      if (!isCounted(tags[index] ?? [])) continue;
      if (event.kind === "opened") count("links_made");
      if (event.kind === "access") count(event.access);
      if (event.kind === "accesses") count(event.access, event.count);
      if (event.kind === "access" && event.first) count("first_accesses");
      if (event.kind === "access" && event.first && callbackUrl !== null) count("callbacks_owed");
      if (event.kind === "callback") count(`callbacks_${event.state}`);
      if (isNews) count("callbacks_delivered");
    }
  }
  return counts;
}

/** And over the rows of the journal. */
function journalCounts(entries: readonly JournalEntry[], tag: string | null, from: number, to: number): Counts {
  const counts: Counts = {};
  for (const entry of entries) {
    if (tag !== null && !entry.tags.includes(tag)) continue;
    for (const { key, at, n: by } of incrementsOf(entry))
      if (at >= from && at < to) counts[key] = (counts[key] ?? 0) + by;
  }
  return Object.fromEntries(Object.entries(counts).filter(([, sum]) => sum !== 0));
}

/** Without what is told beside. */
function plain(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([key]) => !key.startsWith("with_link_older")));
}

/** What a message leaves when it moves; all else only grows. */
const PASSING = ["waiting", "sent"];

/** The sums of a column `count`, by what else a row says. */
function sumsOf(rows: readonly ExportedRow[], nameOf: (row: ExportedRow) => string): Counts {
  const sums: Counts = {};
  for (const row of rows) sums[nameOf(row)] = (sums[nameOf(row)] ?? 0) + row.count;
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

const figureSums = (rows: readonly ExportedRow[]) => sumsOf(rows, ({ figure, of }) => `${figure} of ${of}`);

/** What an answer shows, under the names that it has there. */
const shownSums = (counts: Counts) => {
  const figures = Object.entries(counts).flatMap(([key, n]) => figuresOf(key, n));
  return figureSums(figures);
};

/**
 * Each figure is the sum of its rows; and what is listed thing by thing says the same, as long as the book is there. Of all, and of the
 * tags, in turn.
 */
async function checkRows(history: History): Promise<void> {
  const tag = [null, ...TAGS][history.seen.length % (TAGS.length + 1)] ?? null;
  const { totals, position } = await history.figures(EVER.starts, EVER.end, tag);
  expect(figureSums(await history.rows("figures", tag))).toEqual(shownSums(totals));
  history.seen.push({ tag, totals, position });
  if (history.isEnded() || tag !== null) return;
  const of = (...keys: string[]) => Object.fromEntries(Object.entries(totals).filter(([key]) => keys.includes(key)));
  const accesses = await history.rows("accesses");
  expect(sumsOf(accesses, ({ kind }) => String(kind))).toEqual(of(...KINDS));
  const first = accesses.filter((row) => row.first === true);
  expect(sumsOf(first, () => "first_accesses")).toEqual(of("first_accesses"));
  expect(sumsOf(await history.rows("links"), () => "links_made")).toEqual(of("links_made"));
  const messages = await history.rows("messages");
  expect(sumsOf(messages, ({ state }) => String(state))).toEqual(
    of("waiting", "sent", "delivered", "failed", "unknown"),
  );
  const callbacks = (await history.rows("callbacks")).filter(({ state }) => state !== "attempted");
  expect(sumsOf(callbacks, ({ state }) => `callbacks_${state}`)).toEqual(
    of(...["owed", "delivered", "exhausted", "withdrawn"].map((state) => `callbacks_${state}`)),
  );
}

async function check(history: History): Promise<void> {
  await checkRows(history);
  const entries = history.journal();
  const cut = START + 30 * HOUR;
  for (const tag of [null, ...TAGS]) {
    const behindCut = { starts: [cut], end: EVER.end };
    const before = { starts: [EVER.starts[0] ?? 0], end: cut, only: ["accepted", "opened_after"] };
    const figures = await history.figures([EVER.starts[0] ?? 0, START + QUARTER, cut], EVER.end, tag, [
      behindCut,
      before,
    ]);
    expect(figures.position).toBe(entries.at(-1)?.position ?? 0);
    expect(plain(figures.totals)).toEqual(journalCounts(entries, tag, EVER.starts[0] ?? 0, EVER.end));
    const known = knownCounts(history, tag);
    const told = Object.fromEntries(Object.entries(plain(figures.totals)).filter(([key]) => !key.includes(":")));
    expect(told).toEqual(known);
    const last = figures.buckets.at(-1) ?? {};
    const ofLast = journalCounts(entries, tag, cut, EVER.end);
    const isDelay = (key: string) => key.startsWith("opened_after:") || key.startsWith("delivered_after:");
    expect(plain(last)).toEqual(Object.fromEntries(Object.entries(ofLast).filter(([key]) => !isDelay(key))));
    const isAskedBefore = (key: string) => key === "accepted" || key.startsWith("opened_after:");
    expect(figures.further?.map(({ totals }) => plain(totals))).toEqual([
      ofLast,
      Object.fromEntries(
        Object.entries(journalCounts(entries, tag, EVER.starts[0] ?? 0, cut)).filter(([key]) => isAskedBefore(key)),
      ),
    ]);
    for (const [key, atLeast] of Object.entries(history.told.get(tag) ?? {}))
      if (!PASSING.includes(key)) expect([tag, key, (figures.totals[key] ?? 0) >= atLeast]).toEqual([tag, key, true]);
    history.told.set(tag, plain(figures.totals));
    const states = ["waiting", "sent", "delivered", "failed", "unknown"].map((state) => figures.totals[state] ?? 0);
    expect(states.reduce((sum, count) => sum + count, 0)).toBe(figures.totals["accepted"] ?? 0);
  }
}

async function inBook(work: (history: History, book: Book, state: DurableObjectState) => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  const sid = nanoid().replaceAll(".", "");
  await runInDurableObject(env.BOOK.getByName(`${sid}.1`), async (book, state) => {
    await env.ACCOUNT.getByName(sid).open(sid, "an account", IN_TIME);
    const making = { what: "links", code: "code", openedBy: "request", key: null, sender: null } as const;
    expect(await env.ACCOUNT.getByName(sid).accept(making, IN_TIME)).toMatchObject({ book: 1 });
    await work(new History(book, state, sid), book, state);
  });
}

it("figures are the sums over the journal, and over what is known of links and messages, after every step, also of a book that ends", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 40, size: "max" }),
      fc.array(step, { minLength: 10, maxLength: 10, size: "max" }),
      async (steps, lastSteps) => {
        await inBook(async (history, book) => {
          const take = async (one: Step) => {
            await one(history);
            await check(history);
          };
          for (const one of steps) await take(one);
          // Whatever came since: at their positions the rows still are what the figures were.
          for (const { tag, totals, position } of history.seen)
            expect(figureSums(await history.rows("figures", tag, position))).toEqual(shownSums(totals));
          // Its time is over. What is told meanwhile it hears, or not any more.
          history.pass(Math.max(0, ENDS_AT - history.now));
          for (const one of lastSteps) {
            await take((late) => late.comeToPass(2));
            await take(one);
          }
          for (let hours = 0; hours < 120 && !history.isEnded(); hours += 3) {
            history.pass(3 * HOUR);
            await take((late) => late.comeToPass(3));
          }
          expect(history.isEnded()).toBe(true);
          for (const one of steps.slice(0, 5)) await take(one);
          await env.ACCOUNT.getByName(bookNamed(book["ctx"].id.name).sid).close(IN_TIME);
          await expect(check(history)).rejects.toThrow("gone");
        });
      },
    ),
    { numRuns: 20 },
  );
}, 240_000);

it("a thousand entries do not wait for their quarter of an hour, and a few do", async () => {
  await inBook(async (history, _book, state) => {
    const dueAt = () => state.storage.sql.exec("SELECT tallies_due_at AS at, tallied_to AS done FROM book").one();
    history.openLink([], null);
    history.deliver(0, false, true);
    expect(dueAt()).toEqual({ at: START + QUARTER, done: 0 });
    for (let made = 0; made < 999; made++) history.openLink([], null);
    history.pass(1_000);
    history.deliver(0, false, true);
    expect(dueAt()).toEqual({ at: START + 1_000, done: 0 });
    expect(await state.storage.getAlarm()).toBe(START + 1_000);
    await history.bringForward();
    expect(dueAt()).toEqual({ at: null, done: 1_000 });
    await check(history);
  });
});

it(`tags beyond the first ${MOST_TAGS} of a book are counted together, and asking for one is answered so`, async () => {
  await inBook(async (history, book) => {
    for (let made = 0; made < MOST_TAGS; made++) history.openLink([`tag ${made}`], null);
    history.deliver(0, false, true);
    await history.bringForward();
    for (const tag of ["one more", "another"]) history.openLink([tag, "tag 7"], null);
    history.deliver(0, false, true);
    for (const isForward of [false, true]) {
      if (isForward) await history.bringForward();
      expect((await history.figures(EVER.starts, EVER.end, "tag 7")).totals).toEqual({ links_made: 3 });
      expect((await history.figures(EVER.starts, EVER.end, `tag ${MOST_TAGS - 1}`)).totals).toEqual({ links_made: 1 });
      expect((await history.figures(EVER.starts, EVER.end, null)).totals).toEqual({ links_made: MOST_TAGS + 2 });
      expect(book.figures({ ...EVER, tag: "one more" })).toBe("too-many-tags");
      // Where nothing has a tag that is not counted for itself, nothing has this one.
      const before = { starts: [START - 3 * DAY], end: Math.floor(START / DAY) * DAY };
      expect(book.figures({ ...EVER, ...before, tag: "one more" })).toEqual(expect.objectContaining({ totals: {} }));
    }
  });
});

it("what is brought forward is noted in the same transaction: an interruption counts nothing twice", async () => {
  await inBook(async (history, _book, state) => {
    history.openLink([], null);
    history.deliver(0, false, true);
    const { sql } = state.storage;
    sql.exec("CREATE TRIGGER broken BEFORE UPDATE OF tallied_to ON book BEGIN SELECT RAISE(FAIL, 'full'); END");
    await history.bringForward();
    expect(sql.exec("SELECT * FROM tally").toArray()).toEqual([]);
    sql.exec("DROP TRIGGER broken");
    await history.bringForward();
    expect(sql.exec("SELECT key, counts FROM tally").toArray()).toEqual([{ key: "links_made", counts: '{"84":1}' }]);
    await check(history);
  });
});

it("shares at an age are of messages that have it", async () => {
  await inBook(async (history, book) => {
    history.accept([], true, false);
    history.pass(30 * 60_000);
    history.access(0, "person");
    history.deliver(3, false, true);
    history.accept([], true, false);
    const at = (instant: number) => {
      const found = book.figures({ ...EVER, tag: null, at: instant });
      return typeof found === "string" ? {} : found.totals;
    };
    expect(at(START + HOUR)).toMatchObject({ opened: 1, with_link: 2 });
    expect(at(START + HOUR)).not.toHaveProperty("with_link_older_than_1");
    expect(at(START + HOUR)).not.toHaveProperty("opened_within_1");
    const hourAndQuarter = at(START + HOUR + QUARTER);
    expect(hourAndQuarter).toMatchObject({ with_link_older_than_1: 1, opened_within_1: 1 });
    expect(hourAndQuarter).not.toHaveProperty("with_link_older_than_24");
    expect(at(START + 9 * DAY)).toMatchObject({ with_link_older_than_168: 2, opened_within_168: 1 });
  });
});

it.each([
  [null, "no reason given"],
  ["30003", "30003"],
  ["21211: no such number +818012345678", "21211"],
  ["HTTP 400: rejected", "HTTP 400"],
  ["UNROUTABLE", "UNROUTABLE"],
  ["Rejected: Hello Taro, your order is ready", "another reason"],
  ["Unknown subscriber Jane Doe", "another reason"],
  ["090-1234-5678 does not answer", "another reason"],
  ["819012345678", "another reason"],
  ["given up after 24 hours: Hello Taro", "given up after 24 hours"],
])("a message that failed with %j is counted as %j: nothing of its number or text", (reason, counted) => {
  expect(countedReason(reason)).toBe(counted);
});
