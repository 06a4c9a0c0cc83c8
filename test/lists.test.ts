// Lists of links and messages: whatever is asked for, in both orders, page by page, held against a model that looks at everything, over
// random histories; how many rows a page reads; and what is erased is found by nothing.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { nanoid } from "nanoid";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Book } from "../src/book/book.do.ts";
import { type LinkEvent, type LinkFact, type LinkReport, objectNameOf } from "../src/book/book.ts";
import type { Filters, Found, ListQuery, Order } from "../src/book/find.ts";
import { Journal } from "../src/book/journal.ts";
import { Lines } from "../src/book/lines.ts";
import { mintMsgid } from "../src/sms/message.ts";
import { BEFORE_ALL, BEHIND_ALL, placeOf, timeText } from "../src/timed-id.ts";
import { IN_TIME } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";

const RUNS = Number(import.meta.env["VITE_LIST_RUNS"] ?? 10);
const SEED = Number(import.meta.env["VITE_LIST_SEED"] ?? 20_261_127);
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const START = Date.UTC(2027, 4, 1);
/** A link is shown for thirty days behind its end. */
const SHOWN_AFTER_END = 30 * DAY;
/** A page may read so many rows more than it was allowed: a statement's last ones. */
const MORE_ROWS = 130;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A thing as whoever made it knows it. */
interface Thing {
  place: string;
  createdAt: number;
  code: string | null;
  destination: string | null;
  reference: string | null;
  tags: string[];
  recipient: string | null;
  firstAccessedAt: number | null;
  isHidden: boolean;
  shownUntil: number;
  /** Of a link's events. */
  number: number;
  msgid: string | null;
}

type What = "links" | "messages";

/** Some letters twice, so that many are found by the same. */
const TAGS = ["june", "June", "jun", "ÄÖ", "a#b", "=1"];
const RECIPIENTS = ["+818012345678", "+81801234567", "+4915112345678"];
const PATHS = ["Offer", "offer/2", "a?utm_source=SMS&x=%20", "ordersOFFERorders"];
const REFERENCES = [null, "Order 7", "order 77", "ÄÖÜ-1", "june", "xyz_%*?[a]"];

/** A book, and everything that is in it. */
class History {
  readonly things: Record<What, Map<string, Thing>> = { links: new Map(), messages: new Map() };
  now = START;
  /** Reports that are on their way. */
  readonly #late = new Map<string, LinkReport>();
  #made = 0;

  readonly book: Book;
  readonly state: DurableObjectState;
  readonly sid: string;

  constructor(book: Book, state: DurableObjectState, sid: string) {
    this.book = book;
    this.state = state;
    this.sid = sid;
  }

  pass(ms: number): void {
    // Behind that the book would end.
    if (this.now + ms > START + 145 * DAY) return;
    this.now += ms;
    vi.setSystemTime(this.now);
  }

  /** So many links, some of them of the same millisecond; `late` of a hundred are heard of later. */
  openMany(count: number, late: number): void {
    const reports = Array.from({ length: count }, () => this.#open(`${nanoid(6)}-${this.#made}`));
    for (const report of reports) {
      if (this.#made++ % 100 < late) this.#late.set(placeOf(report), report);
      else this.#report([report]);
      if (this.#made % 3 === 0) this.pass(1);
    }
  }

  /** The code of a link that is over, or not, has another one from now on. */
  reopen(n: number): void {
    const link = this.#nth("links", n);
    if (link?.code == null) return;
    this.end(n);
    this.pass(1);
    this.#report([this.#open(link.code)]);
  }

  hearLate(): void {
    const reports = [...this.#late.values()].toReversed();
    this.#late.clear();
    this.#report(reports);
  }

  change(n: number, pick: number): void {
    const link = this.#nth("links", n);
    if (link === undefined || link.isHidden) return;
    Object.assign(link, fieldsOf(pick));
    const { destination, tags, reference } = link;
    this.#happens(link, { kind: "changed", destination: destination ?? "", tags, reference, callbackUrl: null });
  }

  access(n: number): void {
    const link = this.#nth("links", n);
    if (link === undefined) return;
    const isFirst = link.firstAccessedAt === null;
    const visitor = { reason: null, device: null, country: null, network: null };
    link.firstAccessedAt ??= this.now;
    this.#happens(link, { kind: "access", access: "person", first: isFirst, ...visitor });
  }

  end(n: number): void {
    const link = this.#nth("links", n);
    if (link === undefined || link.isHidden) return;
    link.isHidden = true;
    link.shownUntil = Math.min(link.shownUntil, this.now + SHOWN_AFTER_END);
    const message = this.things.messages.get(link.msgid ?? "");
    if (message !== undefined) message.shownUntil = link.shownUntil;
    this.#happens(link, { kind: "ended" });
  }

  /** What the operator has ended its owner still sees. */
  bar(n: number): void {
    this.end(n);
    const link = this.#nth("links", n);
    if (link === undefined) return;
    link.isHidden = false;
    this.#happens(link, { kind: "barred", reason: "fraud" });
  }

  /** `delayMs` ago accepted, and kept only now. */
  send(count: number, pick: number, delayMs: number): void {
    for (let n = 0; n < count; n++) {
      const createdAt = this.now - delayMs;
      const { destination, reference, tags } = fieldsOf(pick + n);
      const recipient = RECIPIENTS[(pick + n) % RECIPIENTS.length] ?? "";
      const code = n % 2 === 0 ? `${nanoid(6)}-${this.#made++}` : null;
      const expiresAt = createdAt + DAY * (1 + (pick % 90));
      const msgid = mintMsgid(createdAt, 1);
      const link = code === null ? null : { code, destination, shortUrl: `https://s.example.com/${code}`, expiresAt };
      this.book.addMessage(newMessage({ msgid, createdAt, recipient, reference, tags, link }), IN_TIME);
      const shownUntil = (link === null ? createdAt + 90 * DAY : expiresAt) + SHOWN_AFTER_END;
      const thing = { place: msgid, createdAt, code, destination: link && destination, reference, tags, recipient };
      const state = { firstAccessedAt: null, isHidden: false, shownUntil, number: 0, msgid: null };
      this.things.messages.set(msgid, { ...thing, ...state });
      if (n % 3 === 0) this.pass(1);
    }
  }

  /** The link of a message is heard of, opened, and leads elsewhere. */
  follow(n: number, pick: number): void {
    const message = this.#nth("messages", n);
    if (message?.code == null || message.destination === null) return;
    const { createdAt, code, destination, tags, reference } = message;
    const place = placeOf({ createdAt, code });
    if (this.things.links.has(place)) return;
    const link = { ...message, place, recipient: null, msgid: message.place };
    link.shownUntil = message.shownUntil;
    this.things.links.set(place, link);
    const shortUrl = `https://s.example.com/${code}`;
    const expiresAt = link.shownUntil - SHOWN_AFTER_END;
    this.#happens(link, {
      kind: "opened",
      destination,
      tags,
      reference,
      callbackUrl: null,
      shortUrl,
      msgid: message.place,
      expiresAt,
    });
    const moved = fieldsOf(pick).destination;
    this.#happens(link, { kind: "changed", destination: moved, tags, reference, callbackUrl: null });
    const visitor = { reason: null, device: null, country: null, network: null };
    this.#happens(link, { kind: "access", access: "person", first: true, ...visitor });
    Object.assign(link, { destination: moved, firstAccessedAt: this.now });
    Object.assign(message, { destination: moved, firstAccessedAt: this.now });
  }

  erase(n: number): void {
    const message = this.#nth("messages", n);
    if (message === undefined || !this.book.eraseMessage(message.place, IN_TIME)) return;
    message.recipient = null;
  }

  forget(n: number): void {
    const recipient = RECIPIENTS[n % RECIPIENTS.length] ?? "";
    for (let after: string | null = ""; after !== null;)
      after = this.book.eraseMessagesTo(recipient, after, IN_TIME)?.next ?? null;
    for (const message of this.things.messages.values()) if (message.recipient === recipient) message.recipient = null;
  }

  /** The alarm comes, also to bring tallies and packs forward. */
  async alarm(): Promise<void> {
    const { sql } = this.state.storage;
    sql.exec("UPDATE book SET tallies_due_at = 1 WHERE tallies_due_at IS NOT NULL");
    // It forgets a hundred messages at once.
    const isLeft = () => sql.exec("SELECT 1 FROM message WHERE forget_at <= ? LIMIT 1", this.now).toArray().length > 0;
    do await this.book.alarm();
    while (isLeft());
    // Messages that are over are gone, whenever they are asked for.
    for (const { place, shownUntil } of this.things.messages.values())
      if (shownUntil <= this.now) this.things.messages.delete(place);
  }

  page(what: What, query: ListQuery): Found<{ createdAt: number; code?: string; msgid: string | null }> {
    return what === "links" ? this.book.linksPage(query) : this.book.messagesPage(query);
  }

  /** What is there to be found. */
  wanted(what: What, filters: Filters, range: { from: number; to: number }): string[] {
    const isThere = (thing: Thing) =>
      what === "messages" || (!thing.isHidden && thing.shownUntil > this.now && !this.#isLate(thing));
    return [...this.things[what].values()]
      .filter((thing) => isThere(thing) && isWanted(thing, filters))
      .filter(({ createdAt }) => createdAt >= range.from && createdAt < range.to)
      .map(({ place }) => place)
      .toSorted();
  }

  #isLate({ place }: Thing): boolean {
    return this.#late.has(place);
  }

  #nth(what: What, n: number): Thing | undefined {
    const all = [...this.things[what].values()].filter((thing) => !this.#isLate(thing));
    return all[n % Math.max(1, all.length)];
  }

  #open(code: string): LinkReport {
    const fields = fieldsOf(this.#made);
    const createdAt = this.now;
    const place = placeOf({ createdAt, code });
    const expiresAt = createdAt + (this.#made % 7 === 0 ? DAY : 90 * DAY);
    const shownUntil = expiresAt + SHOWN_AFTER_END;
    const state = { firstAccessedAt: null, isHidden: false, shownUntil, number: 1, recipient: null, msgid: null };
    this.things.links.set(place, { place, createdAt, code, ...fields, ...state });
    const fact = { kind: "opened", callbackUrl: null, shortUrl: `https://s.example.com/${code}`, msgid: null } as const;
    const event: LinkEvent = { number: 1, at: createdAt, ...fact, ...fields, expiresAt };
    return { sid: this.sid, book: 1, code, createdAt, after: 0, events: [event] };
  }

  #happens(link: Thing, fact: LinkFact): void {
    const event = { number: ++link.number, at: this.now, ...fact };
    const { code, createdAt } = link;
    this.#report([{ sid: this.sid, book: 1, code: code ?? "", createdAt, after: event.number - 1, events: [event] }]);
  }

  #report(reports: LinkReport[]): void {
    // The same again changes nothing.
    for (const sent of [reports, reports]) if (sent.length > 0) this.book.report(sent);
  }
}

function fieldsOf(pick: number) {
  const path = PATHS[pick % PATHS.length] ?? "";
  const tags = TAGS.filter((_, n) => (pick >> n) % 3 === 0);
  const reference = REFERENCES[pick % REFERENCES.length] ?? null;
  return { destination: `https://shop.example.com/${path}/${pick % 1_000}`, reference, tags };
}

/** As the documents say it. */
function isWanted(thing: Thing, { accessed, tag, reference, recipient, search }: Filters): boolean {
  if (accessed === true && thing.firstAccessedAt === null) return false;
  if (accessed === false && thing.firstAccessedAt !== null) return false;
  if (tag !== undefined && !thing.tags.some((one) => one === tag)) return false;
  if (reference !== undefined && thing.reference !== reference) return false;
  if (recipient !== undefined && thing.recipient !== recipient) return false;
  if (search === undefined) return true;
  const texts = [thing.code ?? "", thing.destination ?? "", thing.reference ?? ""];
  return texts.some((text) => text.toLowerCase().indexOf(search) >= 0);
}

type Step = (history: History) => void | Promise<void>;
const some = fc.nat(5_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom(0, 0, 5, 50)).map(
      ([count, late]): Step =>
        (history) =>
          history.openMany(count, late),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 200 }), some, fc.constantFrom(0, 0, 0, 50, 5_000)).map(
      ([count, pick, delayMs]): Step =>
        (history) =>
          history.send(count, pick, delayMs),
    ),
  },
  fc.constant<Step>((history) => history.hearLate()),
  fc.tuple(some, some).map(
    ([n, pick]): Step =>
      (history) =>
        history.change(n, pick),
  ),
  fc.tuple(some, some).map(
    ([n, pick]): Step =>
      (history) =>
        history.follow(n, pick),
  ),
  ...(["access", "end", "bar", "reopen", "erase", "forget"] as const).map((method) =>
    some.map(
      (n): Step =>
        (history) =>
          history[method](n),
    ),
  ),
  { weight: 3, arbitrary: fc.constant<Step>((history) => history.alarm()) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, SECOND, HOUR, 3 * DAY, 40 * DAY).map(
      (ms): Step =>
        (history) =>
          history.pass(ms),
    ),
  },
);

interface Asked {
  what: What;
  order: Order;
  limit: number;
  rows: number;
  filters: Filters;
  /** Of the searched text, the part from here on. */
  cut: number;
  range: { from: number; to: number };
  /** Of a hundred, between how many pages something else happens. */
  unrest: number;
}

/** Of something that is there, or not. */
const searched = fc.constantFrom(
  "offer",
  "order 7",
  "äöü",
  "%*?",
  "order",
  "_source=sms",
  "none such",
  "#june",
  "=order",
);
const instant = fc.oneof(fc.constant(0), fc.integer({ min: START, max: START + 2 * SECOND }), fc.constant(9e13));
const asked: fc.Arbitrary<Asked> = fc.record({
  what: fc.constantFrom<What>("links", "messages"),
  order: fc.constantFrom<Order>("newest", "oldest"),
  limit: fc.constantFrom(3, 20, 100),
  rows: fc.constantFrom(20, 300, 1_000),
  filters: fc.record(
    {
      accessed: fc.boolean(),
      tag: fc.constantFrom(...TAGS, "none"),
      reference: fc.constantFrom(...REFERENCES.filter((text) => text !== null), "none"),
      recipient: fc.constantFrom(...RECIPIENTS, "+15551234567"),
      search: searched,
    },
    { requiredKeys: [] },
  ),
  cut: fc.nat(6),
  range: fc.record({ from: instant, to: instant }),
  unrest: fc.constantFrom(0, 0, 30),
});

/** All pages, each within its bounds; the places that were shown. */
function read(history: History, { what, order, limit, rows, filters, range, unrest }: Asked): string[] {
  const shown: string[] = [];
  let above = range.from === 0 ? BEFORE_ALL : timeText(range.from);
  let below = timeText(range.to);
  for (let pages = 0; pages < 100_000; pages++) {
    const found = history.page(what, { ...filters, order, limit, rows, above, below });
    const places = found.things.map((thing) => ("code" in thing ? placeOf(thing as never) : (thing.msgid ?? "")));
    expect(places).toEqual(order === "newest" ? places.toSorted().toReversed() : places.toSorted());
    expect(found.rows).toBeLessThanOrEqual(rows + MORE_ROWS);
    shown.push(...places.slice(0, limit));
    const next = places.length > limit ? places[limit - 1] : found.isEnd ? undefined : found.place;
    if (next === undefined || next === null) {
      expect(found.isEnd).toBe(true);
      return shown;
    }
    // It goes on.
    if (order === "newest") {
      expect(next < below).toBe(true);
      below = next;
    } else {
      expect(next > above).toBe(true);
      above = next;
    }
    if ((pages * 37) % 100 < unrest) {
      history.openMany(1, 0);
      history.send(1, pages, 0);
    }
  }
  throw new Error("the pages have no end");
}

async function within(look: (history: History) => Promise<void> | void): Promise<void> {
  const sid = nanoid();
  vi.useFakeTimers({ toFake: ["Date"], now: START });
  await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), async (book, state) => {
    book.open({ sid, book: 1 }, IN_TIME);
    // Nothing is sent, and nobody is asked: neither its account nor its links are there.
    (book as unknown as { env: Env }).env = { ...env, MESSAGES: { sendBatch: async () => {} } } as unknown as Env;
    vi.spyOn(console, "log").mockImplementation(() => {});
    await look(new History(book, state, sid));
    await state.storage.deleteAlarm();
  });
}

describe("lists", () => {
  it("show what is asked for, each once and in order, after every history", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 30, size: "max" }),
        fc.array(asked, { minLength: 6, maxLength: 6 }),
        async (steps, questions) => {
          await within(async (history) => {
            // Enough for packs, in most histories.
            history.openMany(450, 3);
            history.send(450, 1, 0);
            for (const one of steps) {
              await one(history);
              history.pass(1);
            }
            for (const question of questions) {
              const { what, filters, order, range, cut, unrest } = question;
              const search = filters.search?.slice(Math.min(cut, filters.search.length - 3));
              const cleaned = { ...filters, ...(search !== undefined && { search }) };
              if (what === "links") delete cleaned.recipient;
              const before = history.wanted(what, cleaned, range);
              const shown = read(history, { ...question, filters: cleaned });
              if (unrest === 0) expect(shown).toEqual(order === "newest" ? before.toReversed() : before);
              else {
                const after = new Set(history.wanted(what, cleaned, range));
                expect(new Set(shown).size).toBe(shown.length);
                expect(before.filter((place) => !shown.includes(place))).toEqual([]);
                expect(shown.filter((place) => !after.has(place))).toEqual([]);
              }
            }
          });
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  }, 240_000);
});

/** The storage's SQL, with what is read and written counted as it is billed. */
function counted(sql: SqlStorage) {
  const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
  const exec = (query: string, ...values: unknown[]) => {
    const cursor = sql.exec(query, ...values);
    cursors.push(cursor);
    return cursor;
  };
  const sum = (of: "rowsRead" | "rowsWritten") => cursors.reduce((total, cursor) => total + cursor[of], 0);
  return { sql: { exec } as unknown as SqlStorage, sum };
}

/** Every row of every table. */
function dump({ storage }: DurableObjectState): string {
  const tables = storage.sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .toArray();
  return JSON.stringify(tables.map(({ name }) => storage.sql.exec(`SELECT * FROM ${name}`).toArray()));
}

const EVERYTHING = { above: BEFORE_ALL, below: BEHIND_ALL, order: "newest", limit: 20, rows: 1_000 } as const;

describe("of twenty thousand links", () => {
  const LINKS = 20_000;
  const RARE = "needle-in-the-haystack";

  /** Each thirty-first ended, each hundredth opened, and one in the middle unlike all others. */
  async function fill(history: History): Promise<void> {
    const { book, state, sid } = history;
    for (let from = 0; from < LINKS; from += 500) {
      const reports = Array.from({ length: 500 }, (_, k): LinkReport => {
        const n = from + k;
        const [createdAt, code] = [START + n, `code${n}`];
        const destination = `https://shop.example.com/orders/${n}`;
        const shortUrl = `https://s.example.com/${code}`;
        const isRare = n === LINKS / 2;
        const fields = { destination, tags: isRare ? [RARE] : ["usual"], reference: isRare ? RARE : `order ${n}` };
        const opened = { ...fields, kind: "opened", callbackUrl: null, shortUrl, msgid: null } as const;
        const events: LinkEvent[] = [{ number: 1, at: createdAt, ...opened, expiresAt: createdAt + 90 * DAY }];
        if (n % 31 === 0) events.push({ number: 2, at: createdAt, kind: "ended" });
        else if (n % 100 === 0) {
          const visitor = { reason: null, device: null, country: null, network: null };
          events.push({ number: 2, at: createdAt, kind: "access", access: "person", first: true, ...visitor });
        }
        return { sid, book: 1, code, createdAt, after: 0, events };
      });
      book.report(reports);
    }
    const row = () => state.storage.sql.exec<{ due: number | null }>("SELECT tallies_due_at AS due FROM book").one();
    while (row().due !== null) await history.alarm();
    await state.storage.deleteAlarm();
  }

  it("a page reads a thousand rows, whatever is asked for, and the rarest is found in a page or two", async () => {
    await within(async (history) => {
      await fill(history);
      const pagesTo = (filters: Filters, order: Order) => {
        let [above, below]: string[] = [BEFORE_ALL, BEHIND_ALL];
        for (let page = 1; ; page++) {
          const { sql, sum } = counted(history.state.storage.sql);
          const query = { ...EVERYTHING, ...filters, order, above: above ?? "", below: below ?? "" };
          const found = new Lines(sql, new Journal(sql)).find(query, history.now);
          // One more says how far packs go.
          expect(sum("rowsRead")).toBeLessThanOrEqual(1_000 + MORE_ROWS + 1);
          if (found.things.length > 0) return { page, found: found.things.length, rows: sum("rowsRead") };
          if (found.isEnd || found.place === null) return { page, found: 0, rows: sum("rowsRead") };
          if (order === "newest") below = found.place;
          else above = found.place;
        }
      };
      for (const order of ["newest", "oldest"] as const) {
        expect(pagesTo({}, order).rows).toBeLessThan(70);
        expect(pagesTo({ tag: "usual" }, order)).toMatchObject({ page: 1, found: 21 });
        expect(pagesTo({ search: "/orders/" }, order)).toMatchObject({ page: 1, found: 21 });
        // What has packs, or an index: far within twenty pages of a thousand links each.
        for (const filters of [{ tag: RARE }, { search: "in-the-hay" }, { search: "code10000" }])
          expect(pagesTo(filters, order).page).toBeLessThanOrEqual(2);
        expect(pagesTo({ reference: RARE }, order)).toMatchObject({ page: 1, found: 1 });
        expect(pagesTo({ reference: "none" }, order)).toMatchObject({ page: 1, found: 0 });
        expect(pagesTo({ search: "none such" }, order).page).toBeLessThanOrEqual(2);
        // What has neither is looked for link by link, a thousand a page.
        expect(pagesTo({ accessed: true }, order)).toMatchObject({ page: 1, found: 9 });
      }
    });
  }, 120_000);

  it("packs add less than one written row in a hundred links, and less when they are renewed together", async () => {
    await within(async (history) => {
      await fill(history);
      const { sql } = history.state.storage;
      const packs = () => sql.exec<{ words: string }>("SELECT words FROM line_pack").toArray();
      const before = packs();
      expect(before.length).toBeGreaterThan(LINKS / 128 - 8);
      expect(before.length).toBeLessThan(LINKS / 100);
      // All that was made at once ends at once.
      history.pass(121 * DAY);
      const written = counted(sql);
      new Lines(written.sql, new Journal(written.sql)).blankDue(history.now);
      const blanked = sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM line WHERE blank_at IS NULL").one().n;
      // A row and one of an index of each, and at most six packs.
      expect(written.sum("rowsWritten")).toBeLessThanOrEqual(3 * blanked + 6);
      expect(packs().length).toBe(before.length);
    });
  }, 120_000);
});

describe("a pack", () => {
  const packsOf = ({ state }: History, table = "line_pack") =>
    state.storage.sql
      .exec<{ first: string; last: string; words: string }>(`SELECT * FROM ${table} ORDER BY first`)
      .toArray();

  it("is parted when more and more comes late, or what came is long", async () => {
    await within(async (history) => {
      // For each link in a pack more than two come late, wherever chance puts them: with one for one no pack of five is long now and then.
      history.openMany(2_000, 70);
      await history.alarm();
      const before = packsOf(history).length;
      history.hearLate();
      expect(packsOf(history).length).toBeGreaterThan(before);
      for (let n = 0; n < 300; n++) history.change(n, n);
      const long = "x".repeat(2_000);
      for (let n = 0; n < 90; n++) {
        const { code, createdAt, number } = [...history.things.links.values()][n] ?? {};
        const fact = { kind: "changed", destination: `https://example.com/${long}`, callbackUrl: null } as const;
        const event = { number: (number ?? 0) + 1, at: 1, ...fact, tags: [], reference: null };
        const after = number ?? 0;
        history.book.report([
          { sid: history.sid, book: 1, code: code ?? "", createdAt: createdAt ?? 0, after, events: [event] },
        ]);
      }
      const packs = packsOf(history);
      for (const { words } of packs) {
        expect(words.split("\n").length).toBeLessThanOrEqual(256);
        expect(words.length).toBeLessThan(70_000);
      }
      for (const [n, { first, last }] of packs.entries()) {
        expect(first <= last).toBe(true);
        expect(last < (packs[n + 1]?.first ?? BEHIND_ALL)).toBe(true);
      }
    });
  }, 60_000);

  it("holds nothing of a person who was erased, of what was blanked, or of a message that is over", async () => {
    await within(async (history) => {
      const { state } = history;
      history.openMany(600, 0);
      history.send(900, 0, 0);
      while (packsOf(history, "message_pack").length < 3) await history.alarm();
      const [number = "", other = ""] = RECIPIENTS;
      const of = (text: string) => dump(state).toLowerCase().split(`"${text}`).length - 1;
      const inPacks = (text: string) =>
        [...packsOf(history), ...packsOf(history, "message_pack")].filter(({ words }) => words.includes(text)).length;
      expect([inPacks(number), inPacks(other), inPacks("shop.example.com")].every((packs) => packs > 2)).toBe(true);
      const erased = [...history.things.messages.keys()].find((_, n) => n % 3 === 0) ?? "";
      history.book.eraseMessage(erased, IN_TIME);
      const record = packsOf(history, "message_pack")
        .flatMap(({ words }) => words.split("\n"))
        .find((one) => one.startsWith(erased));
      expect(record).not.toContain(number);
      history.forget(0);
      expect([inPacks(`\u001f${number}\u001f`), of(number)]).toEqual([0, 0]);
      expect(inPacks(other)).toBeGreaterThan(2);
      // Some months later all is over, a hundred messages and five hundred links an alarm.
      history.pass(125 * DAY);
      const isLeft = () =>
        state.storage.sql.exec(
          "SELECT 1 FROM message WHERE forget_at IS NOT NULL UNION ALL SELECT 1 FROM line WHERE blank_at IS NOT NULL LIMIT 1",
        );
      while (isLeft().toArray().length > 0) await history.alarm();
      expect([inPacks("shop.example.com"), inPacks("order"), inPacks(other), inPacks("june")]).toEqual([0, 0, 0, 0]);
      for (const text of ["shop.example.com", "order 7", RECIPIENTS[1] ?? "", RECIPIENTS[2] ?? ""])
        expect(dump(state).toLowerCase()).not.toContain(text);
    });
  }, 60_000);

  it("finds a message that is kept late, and one whose link leads elsewhere since", async () => {
    await within(async (history) => {
      const { book, sid } = history;
      history.send(3, 0, 0);
      history.pass(SECOND);
      history.send(600, 0, 0);
      while (packsOf(history, "message_pack").length < 2) await history.alarm();
      const found = (filters: Filters) => history.page("messages", { ...EVERYTHING, ...filters }).things.length;
      const [createdAt, code] = [START + SECOND + 10, "latecomer"];
      const msgid = mintMsgid(createdAt, 1);
      const address = { destination: "https://example.com/first", shortUrl: "https://s.example.com/latecomer" };
      const link = { code, ...address, expiresAt: createdAt + DAY };
      expect(msgid < (packsOf(history, "message_pack").at(-1)?.last ?? "")).toBe(true);
      book.addMessage(newMessage({ msgid, createdAt, recipient: "+15551234567", link }), IN_TIME);
      expect([found({ recipient: "+15551234567" }), found({ search: "latecomer" })]).toEqual([1, 1]);
      const same = { at: createdAt, callbackUrl: null, tags: [], reference: null };
      const events: LinkEvent[] = [
        { ...same, ...link, number: 1, kind: "opened", msgid },
        { ...same, number: 2, kind: "changed", destination: "https://example.com/second" },
      ];
      book.report([{ sid, book: 1, code, createdAt, after: 0, events }]);
      expect([found({ search: "example.com/first" }), found({ search: "example.com/second" })]).toEqual([0, 1]);
    });
  }, 60_000);

  it("is as it was when the writes beside it are refused", async () => {
    await within(async (history) => {
      const { state, book } = history;
      history.send(600, 0, 0);
      while (packsOf(history, "message_pack").length < 2) await history.alarm();
      const before = dump(state);
      const [first = ""] = history.things.messages.keys();
      state.storage.sql.exec(
        "CREATE TRIGGER full BEFORE UPDATE ON message_pack BEGIN SELECT RAISE(ABORT, 'database is full'); END",
      );
      expect(() => book.eraseMessage(first, IN_TIME)).toThrow("database is full");
      expect(dump(state)).toBe(before);
      // Nor is a message deleted whose words stay.
      history.pass(125 * DAY);
      await state.storage.deleteAlarm();
      await book.alarm().catch(() => {});
      expect(state.storage.sql.exec("SELECT 1 FROM message WHERE recipient <> ''").toArray().length).toBe(600);
      state.storage.sql.exec("DROP TRIGGER full");
    });
  }, 60_000);
});
