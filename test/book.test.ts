// A book: what it takes of the reports of its links, what it keeps of that, and how it ends. And which book a thing is made in.

import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Account } from "../src/account/account.do.ts";
import type { Claimed, Making } from "../src/account/account.ts";
import type { Book } from "../src/book/book.do.ts";
import { type LinkEvent, type LinkFact, type LinkReport, objectNameOf } from "../src/book/book.ts";
import type { Filters } from "../src/book/find.ts";
import { Journal } from "../src/book/journal.ts";
import { Lines } from "../src/book/lines.ts";
import worker from "../src/index.ts";
import { Link } from "../src/link/link.do.ts";
import { bookOf as bookIn, mintMsgid } from "../src/sms/message.ts";
import { NO_ACCESSES } from "../src/link/link.ts";
import type { ListedLink } from "../src/link/listed-link.ts";
import { BEFORE_ALL, BEHIND_ALL } from "../src/timed-id.ts";
import { createLinkOfBefore, heard, journalOf, linesIn, listed } from "./support/books.ts";
import { brokenNamespace, envWith, platformError } from "./support/faults.ts";
import { newMessage } from "./support/held-message.ts";
import { api, createLink, IN_TIME, ORIGIN, statusOf, tap } from "./support/firsttap.ts";
import { messageOf, send, tenant } from "./support/sms.ts";

const DAY_MS = 24 * 3_600_000;
/** A month's last moment, and the next one's first. */
const MAY = Date.parse("2027-05-31T23:59:59.999Z");
const JUNE = MAY + 1;

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Held {
  book: Book;
  state: DurableObjectState;
  sid: string;
  /** What the book has of a table, in its order. */
  rows: (table: string) => Record<string, SqlStorageValue>[];
}

/** Opens a book of its own and looks at it from within its object. */
async function within(look: (held: Held) => unknown): Promise<void> {
  const sid = nanoid();
  await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), async (book, state) => {
    book.open({ sid, book: 1 }, IN_TIME);
    await look({ book, state, sid, rows: (table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray() });
    await state.storage.deleteAlarm();
  });
}

const SECRET = "what people wrote";
const opened = (fields: object = {}): LinkFact => ({
  kind: "opened",
  destination: `https://example.com/?${SECRET}`,
  callbackUrl: `https://example.com/hook?${SECRET}`,
  tags: ["a"],
  reference: `reference, ${SECRET}`,
  shortUrl: "https://s.example.com/code",
  msgid: null,
  expiresAt: 90 * DAY_MS,
  ...fields,
});
const visitor = { reason: null, device: "iPhone", country: "JP", network: null };
const accessed = (access: "person" | "preview", first = false): LinkFact => ({
  kind: "access",
  access,
  first,
  ...visitor,
});

/** A report of these facts, of which the first has the number behind `after`. */
function report(code: string, after: number, facts: LinkFact[], createdAt = 1_000): LinkReport {
  const events = facts.map((fact, n): LinkEvent => ({ number: after + n + 1, at: createdAt + after + n, ...fact }));
  return { sid: "sid", book: 1, code, createdAt, after, events };
}

const FACTS = [opened(), accessed("preview"), accessed("person", true), accessed("person")];

/** What a book lists of links, newest first. */
function listedBy(book: Book, filters: Filters = {}): readonly ListedLink[] {
  const all = { above: BEFORE_ALL, below: BEHIND_ALL, order: "newest", limit: 10, rows: 1_000 } as const;
  return book.linksPage({ ...all, ...filters }).things;
}

describe("a book", () => {
  it("takes an event once, whatever comes twice, late or in another order", async () => {
    await within(({ book, rows }) => {
      const have = (of: LinkReport[]) => book.report(of);
      const [first, all] = [report("code", 0, FACTS.slice(0, 2)), report("code", 0, FACTS)];
      const acknowledged = { code: "code", createdAt: 1_000, have: 4 };
      expect(have([all])).toEqual([acknowledged]);
      const before = [rows("line"), rows("journal")];
      expect(have([first])).toEqual([acknowledged]);
      expect(have([all, first, all])).toEqual([acknowledged, acknowledged, acknowledged]);
      expect([rows("line"), rows("journal")]).toEqual(before);
      expect(book.journal(0, 10).map(({ number, kind }) => [number, kind])).toEqual([
        [1, "opened"],
        [2, "access"],
        [3, "access"],
        [4, "access"],
      ]);
      const [line] = rows("line");
      expect(JSON.parse(line?.["access_counts"] as string)).toMatchObject({ person: 2, preview: 1 });
      expect(line).toMatchObject({ have: 4, first_accessed_at: 1_002 });
      // Half of the next is known already.
      expect(have([report("code", 2, [...FACTS.slice(2), accessed("person")])])).toEqual([
        { ...acknowledged, have: 5 },
      ]);
      expect(rows("journal")).toHaveLength(5);
    });
  });

  it("takes nothing of a report that leaves a gap, and answers how far it has come", async () => {
    await within(({ book, rows }) => {
      const nothing = { code: "code", createdAt: 1_000, have: 0 };
      expect(book.report([report("code", 1, FACTS.slice(1))])).toEqual([nothing]);
      expect([rows("line"), rows("journal")]).toEqual([[], []]);
      book.report([report("code", 0, FACTS.slice(0, 1))]);
      expect(book.report([report("code", 3, FACTS.slice(3))])).toEqual([{ ...nothing, have: 1 }]);
      expect(rows("journal")).toHaveLength(1);
      expect(book.report([report("code", 1, FACTS.slice(1))])).toEqual([{ ...nothing, have: 4 }]);
    });
  });

  it("takes of a report what it understands: a later version may know more kinds of events", async () => {
    await within(({ book, rows }) => {
      const unknown = { kind: "rolled-up" } as unknown as LinkFact;
      const have = book.report([report("code", 0, [opened(), accessed("person", true), unknown, accessed("person")])]);
      expect(have).toEqual([{ code: "code", createdAt: 1_000, have: 2 }]);
      expect([rows("journal").length, rows("line")[0]?.["have"]]).toEqual([2, 2]);
    });
  });

  it("takes all reports of a call or none, and they count when they come again", async () => {
    await within(({ book, state, rows }) => {
      state.storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.number = 4 BEGIN SELECT RAISE(ABORT, 'database is full'); END",
      );
      const both = [report("one", 0, FACTS.slice(0, 2)), report("other", 0, FACTS)];
      expect(() => book.report(both)).toThrow("database is full");
      expect([rows("line"), rows("journal")]).toEqual([[], []]);
      state.storage.sql.exec("DROP TRIGGER full");
      expect(book.report(both)).toMatchObject([{ have: 2 }, { have: 4 }]);
    });
  });

  it("keeps the links apart that a chosen code has one after the other", async () => {
    await within(({ book, rows }) => {
      setClock(3_000);
      const ended = { kind: "ended" } as const;
      const later = report("promo", 0, [opened({ tags: ["later"] }), accessed("person", true)], 2_000);
      // In any order.
      expect(book.report([later, report("promo", 0, [...FACTS, ended])])).toEqual([
        { code: "promo", createdAt: 2_000, have: 2 },
        { code: "promo", createdAt: 1_000, have: 5 },
      ]);
      const lines = rows("line").map((line) => ({ ...line, counts: JSON.parse(line["access_counts"] as string) }));
      expect(lines).toMatchObject([
        { created_at: 1_000, have: 5, closed_at: 1_004, first_accessed_at: 1_002, counts: { person: 2, preview: 1 } },
        { created_at: 2_000, have: 2, closed_at: null, first_accessed_at: 2_001, counts: { person: 1, preview: 0 } },
      ]);
      expect(listedBy(book)).toMatchObject([{ createdAt: 2_000, tags: ["later"] }]);
    });
  });

  it("lists a link as it stands, and not when it has ended by deletion", async () => {
    await within(({ book }) => {
      const find = (query = {}) => listedBy(book, query);
      setClock(1_000);
      book.report([report("code", 0, [opened()])]);
      const changed = { destination: "https://example.com/2", callbackUrl: null, tags: ["b"], reference: null };
      book.report([report("code", 1, [{ kind: "changed", ...changed }, accessed("person", true)])]);
      expect(find()).toEqual([
        {
          code: "code",
          createdAt: 1_000,
          expiresAt: 90 * DAY_MS,
          firstAccessedAt: 1_002,
          shortUrl: "https://s.example.com/code",
          msgid: null,
          closedAt: null,
          endedReason: null,
          accessCounts: { ...NO_ACCESSES, person: 1 },
          countedAt: 1_000,
          ...changed,
        },
      ]);
      expect([find({ tag: "a" }), find({ accessed: false }), find({ tag: "b", accessed: true }).length]).toEqual([
        [],
        [],
        1,
      ]);
      // Each entry has the tags from that event on.
      expect(book.journal(0, 10).map(({ tags }) => tags)).toEqual([["a"], ["b"], ["b"]]);
      book.report([report("code", 3, [{ kind: "ended" }])]);
      expect(find()).toEqual([]);
    });
  });

  it("has in its journal what happened and nothing that people wrote", async () => {
    await within(({ book, rows }) => {
      const changed = { destination: SECRET, callbackUrl: SECRET, tags: ["b"], reference: SECRET };
      const attempt = { eventId: "evt_1", attempt: 1, status: 500, error: null, durationMs: 7 };
      const facts: LinkFact[] = [
        ...FACTS,
        { kind: "changed", ...changed },
        { kind: "attempt", ...attempt },
        { kind: "callback", eventId: "evt_1", state: "exhausted" },
        { kind: "ended" },
      ];
      book.report([report("code", 0, facts)]);
      expect(JSON.stringify(rows("journal"))).not.toContain(SECRET);
      expect(JSON.stringify(rows("line"))).toContain(SECRET);
      const known = Object.fromEntries(
        book.journal(0, 10).map(({ number, kind, fact }) => [`${number} ${kind}`, fact]),
      );
      expect(known).toEqual({
        "1 opened": null,
        "2 access": { access: "preview", first: false, ...visitor },
        "3 access": { access: "person", first: true, ...visitor, owed: true },
        "4 access": { access: "person", first: false, ...visitor },
        "5 changed": null,
        "6 attempt": attempt,
        "7 callback": { eventId: "evt_1", state: "exhausted" },
        "8 ended": null,
      });
      expect(book.journal(6, 1).map(({ number }) => number)).toEqual([7]);
    });
  });

  it.each([
    ["expired", [opened({ expiresAt: 5 * DAY_MS })], 5 * DAY_MS],
    ["was deleted", [opened(), { kind: "ended" } as const], 1_001],
  ])(
    "blanks what people wrote thirty days after its link %s, from its alarm, and keeps the rest",
    async (_, facts, end) => {
      await within(async ({ book, state, rows }) => {
        setClock(Date.now());
        book.report([report("code", 0, [...facts, accessed("person", true)])]);
        const [before] = rows("line");
        const blankAt = end + 30 * DAY_MS;
        // In this platform's time it is long past: the alarm comes at once, and waits here.
        expect(before?.["blank_at"]).toBe(blankAt);
        expect(await state.storage.getAlarm()).not.toBeNull();
        setClock(blankAt - 1);
        await book.alarm();
        expect(rows("line")).toEqual([before]);
        setClock(blankAt);
        expect(listedBy(book)).toEqual([]);
        await book.alarm();
        const blank = { destination: null, callback_url: null, reference: null, blank_at: null };
        expect(rows("line")).toEqual([{ ...before, ...blank }]);
        expect(JSON.stringify([rows("line"), rows("journal")])).not.toContain(SECRET);
      });
    },
  );

  it("blanks a thousand lines an alarm, and has the next one at once", async () => {
    await within(async ({ book, state, rows }) => {
      setClock(1_000);
      book.report(Array.from({ length: 1_200 }, (_, n) => report(`code-${n}`, 0, [opened()])));
      await state.storage.deleteAlarm();
      setClock(200 * DAY_MS);
      const left = () => rows("line").filter((line) => line["destination"] !== null).length;
      await book.alarm();
      expect(left()).toBe(200);
      expect(await state.storage.getAlarm()).not.toBeNull();
      await book.alarm();
      expect(left()).toBe(0);
    });
  });

  it("forgets a message thirty days after its link's end, also when somebody ends the link once more behind that", async () => {
    await within(async ({ book, state, rows }) => {
      const createdAt = Date.now();
      const expiresAt = createdAt + DAY_MS;
      const msgid = mintMsgid(createdAt, 1);
      const link = {
        code: "code",
        destination: "https://example.com/",
        shortUrl: "https://s.example.com/code",
        expiresAt,
      };
      book.addMessage(newMessage({ msgid, createdAt, link }), IN_TIME);
      book.report([report("code", 0, [opened({ msgid, expiresAt })], createdAt)]);
      const ended: LinkEvent = { number: 2, at: expiresAt + 20 * DAY_MS, kind: "ended" };
      book.report([{ ...report("code", 1, [], createdAt), events: [ended] }]);
      expect(rows("message")[0]).toMatchObject({ forget_at: expiresAt + 30 * DAY_MS });
      await state.storage.deleteAlarm();
    });
  });

  it("blanks a message whose time is over, a thousand an alarm, and keeps its row: that it was sent, opened and what it cost", async () => {
    await within(async ({ book, state, rows }) => {
      setClock(Date.now());
      const createdAt = Date.now();
      const expiresAt = createdAt + 90 * DAY_MS;
      const destination = `https://example.com/?${SECRET}`;
      const link = { code: "code", destination, shortUrl: "https://s.example.com/code", expiresAt };
      const personal = { sender: "0312345678", recipient: "+818012345678", text: SECRET, reference: SECRET };
      const msgid = mintMsgid(createdAt, 1);
      const own = { msgid, createdAt, link, ...personal, parts: 2, cost: 0.0158, tags: ["a"] };
      book.addMessage(newMessage({ ...own, callbackUrl: `https://example.com/?${SECRET}` }), IN_TIME);
      for (let n = 0; n < 1_100; n++)
        book.addMessage(newMessage({ msgid: mintMsgid(createdAt, 1), createdAt, ...personal }), IN_TIME);
      await book.claimMessage(msgid, "twilio", "claim", IN_TIME);
      book.messageSent(msgid, "claim", { kind: "accepted", carrierId: SECRET, isDelivered: false });
      book.messageReported(msgid, "FAIL", `30003: ${SECRET}`);
      state.storage.sql.exec("UPDATE callback SET state = 'delivered', due_at = NULL");
      state.storage.sql.exec("UPDATE message SET send_due_at = NULL");
      const journal = rows("journal");
      setClock(createdAt + 120 * DAY_MS);
      const blank = () => rows("message").filter(({ forget_at: at }) => at === null).length;
      await book.alarm();
      expect(blank()).toBe(1_000);
      expect(await state.storage.getAlarm()).not.toBeNull();
      await book.alarm();
      expect(blank()).toBe(1_101);
      expect(JSON.stringify([rows("message"), rows("callback")])).not.toMatch(
        new RegExp(`${SECRET}|0312345678|818012345678`),
      );
      const row = () => rows("message").find((one) => one["msgid"] === msgid);
      expect(row()).toMatchObject({ msgid, status: "FAIL", parts: 2, cost: 0.0158, tags: '["a"]', code: "code" });
      expect(rows("journal")).toEqual(journal);
      // For everybody it is gone; nobody moves it any more.
      const period = { createdFrom: 0, createdBefore: Number.MAX_SAFE_INTEGER };
      expect([book.message(msgid), book.findMessages({ limit: 9, after: null, ...period })]).toEqual([null, []]);
      expect(book.eraseMessage(msgid, IN_TIME)).toBe(false);
      expect(book.messageReported(msgid, "DELIVERED", null)).toBeNull();
      expect(book.messageSent(msgid, "claim", { kind: "refused", reason: SECRET })).toBeNull();
      // But that its link was opened is counted, also when it is told only now, and brings nothing back.
      const facts = [opened({ msgid, destination, expiresAt }), accessed("person", true), { kind: "ended" } as const];
      book.report([report("code", 0, facts, createdAt)]);
      expect(row()).toMatchObject({ destination: null, first_accessed_at: createdAt + 1, forget_at: null });
      const asked = { starts: [createdAt - DAY_MS], end: createdAt + DAY_MS, tag: null, at: Date.now() };
      expect(book.figures(asked)).toMatchObject({ totals: { accepted: 1_101, failed: 1, opened: 1, parts: 1_102 } });
      await state.storage.deleteAlarm();
    });
  });

  it("looks for links that may still be there among young lines alone, however many old ones it has", async () => {
    await within(async ({ book, state }) => {
      const now = Date.now();
      const old = now - 200 * DAY_MS;
      const codes = Array.from({ length: 300 }, (_, n) => `old-${n}`);
      book.report(codes.map((code) => report(code, 0, [opened({ expiresAt: old + 90 * DAY_MS })], old)));
      book.report([report("young", 0, [opened({ expiresAt: now + DAY_MS })], now - 89 * DAY_MS)]);
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      const exec = (query: string, ...values: unknown[]) => {
        const cursor = state.storage.sql.exec(query, ...values);
        cursors.push(cursor);
        return cursor;
      };
      const sql = { exec } as unknown as SqlStorage;
      const names = new Lines(sql, new Journal(sql)).namesBehind(null, 50);
      expect(names.map(({ code }) => code)).toEqual(["young"]);
      expect(cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThan(10);
    });
  });

  it("that nobody opened knows and takes nothing, and makes no storage", async () => {
    await runInDurableObject(env.BOOK.getByName(`${nanoid()}.1`), async (book, { storage }) => {
      expect(book.report([report("code", 0, FACTS)])).toBe("gone");
      expect([listedBy(book), book.journal(0, 1)]).toEqual([[], []]);
      expect(await book.close(IN_TIME)).toBe("gone");
      await book.wake();
      book.sweep(IN_TIME);
      await book.alarm();
      expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray()).toEqual([]);
      expect(await storage.getAlarm()).toBeNull();
    });
  });

  it("is opened once: again changes nothing", async () => {
    await within(({ book, sid, rows }) => {
      book.report([report("code", 0, FACTS)]);
      const before = [rows("book"), rows("line")];
      book.open({ sid, book: 1 }, IN_TIME);
      expect([rows("book"), rows("line")]).toEqual(before);
    });
  });
});

describe("a book whose account is closed", () => {
  /** From here on links' objects are these; the codes in the order in which they were to end. */
  function bindLinks(book: Book, fails: (code: string) => boolean): string[] {
    const asked: string[] = [];
    const getByName = (code: string) => ({
      closeWithAccount: async () => {
        asked.push(code);
        if (fails(code)) throw new Error("down");
      },
    });
    (book as unknown as { env: Env }).env = envWith({ LINK: { getByName } });
    return asked;
  }

  it("ends its links newest first, a hundred a step, around those that fail, and leaves nothing", async () => {
    await within(async ({ book, state, sid, rows }) => {
      setClock(1_000);
      const codes = Array.from({ length: 130 }, (_, n) => `code-${n}`);
      book.report(codes.map((code, n) => report(code, 0, [opened()], 1_000 + n)));
      let isDown = true;
      const asked = bindLinks(book, (code) => isDown && code === "code-7");
      expect(await book.close(IN_TIME)).toBe("closing");
      expect(asked).toEqual(codes.toReversed().slice(0, 100));
      // From its first moment on it takes nothing, and is not opened again.
      expect(book.report([report("late", 0, FACTS)])).toBe("gone");
      book.open({ sid, book: 1 }, IN_TIME);
      expect([listedBy(book), book.journal(0, 1)]).toEqual([[], []]);
      await state.storage.deleteAlarm();
      await book.alarm();
      expect(asked).toEqual(codes.toReversed());
      expect(rows("line").map(({ code }) => code)).toEqual(["code-7"]);
      expect(await book.close(IN_TIME)).toBe("closing");
      isDown = false;
      await book.alarm();
      expect(await book.close(IN_TIME)).toBe("gone");
      expect(state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray()).toEqual(
        [],
      );
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("gives nobody a message or a callback any more, though it has not heard of that", async () => {
    // Its account's object has no account, as when that is gone already.
    await within(async ({ book, state }) => {
      const [unsent, failed] = [mintMsgid(Date.now(), 1), mintMsgid(Date.now(), 1)];
      book.addMessage(newMessage({ msgid: unsent }), IN_TIME);
      book.addMessage(newMessage({ msgid: failed, callbackUrl: "https://example.com/hook" }), IN_TIME);
      book.messageReported(failed, "FAIL", "no such number");
      await state.storage.deleteAlarm();
      expect(await book.claimMessage(unsent, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      const eventId = book.message(failed)?.eventId ?? "";
      // Without a secret nothing is signed, and what is not signed is not sent.
      expect(await book.claimAttempt(eventId, IN_TIME)).toEqual({ kind: "nothing" });
      expect(book.message(failed)?.callback).toMatchObject({ state: "none", eventId, attempts: [] });
    });
  });

  it("may end while its alarm waits for the account: nothing of it is sent or asked for, and no alarm is left", async () => {
    await within(async ({ book, state }) => {
      book.addMessage(newMessage({ msgid: mintMsgid(Date.now(), 1) }), IN_TIME);
      const sendBatch = vi.fn(async () => {});
      const isSuspended = async () => {
        expect(await book.close(IN_TIME)).toBe("gone");
        return false;
      };
      (book as unknown as { env: Env }).env = envWith({
        ACCOUNT: { getByName: () => ({ isSuspended }) },
        MESSAGES: { sendBatch },
      });
      await state.storage.deleteAlarm();
      await book.alarm();
      expect(sendBatch).not.toHaveBeenCalled();
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("sets its alarm again when its account comes by, if that is gone", async () => {
    await within(async ({ book, state }) => {
      book.report([report("code", 0, [opened({ expiresAt: Date.now() + DAY_MS })], Date.now())]);
      bindLinks(book, () => true);
      expect(await book.close(IN_TIME)).toBe("closing");
      await state.storage.deleteAlarm();
      expect(await book.close(IN_TIME)).toBe("closing");
      expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now());
    });
  });

  it("is closed with each other book of it, the account goes last, and nothing is left", async () => {
    const { sid, token } = await tenant();
    const codes: string[] = [];
    for (const at of [MAY, JUNE]) {
      setClock(at);
      codes.push((await createLink({}, token))["code"]);
    }
    for (const code of codes) await heard(code);
    // A call that opens a book once more would be refused by now.
    setClock(JUNE + 60_000);
    const books = [1, 2].map((book) => env.BOOK.getByName(objectNameOf({ sid, book })));
    // The first is out of reach: its account stays as long, and asks again after a while and not at once.
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      const bound = account as unknown as { env: Env };
      const own = bound.env;
      const getByName = (name: string) =>
        name.endsWith(".1") ? { close: () => Promise.reject(new Error("down")) } : own.BOOK.getByName(name);
      bound.env = envWith({ BOOK: { getByName } });
      await account.close(IN_TIME);
      expect(storage.sql.exec("SELECT number FROM book").toArray()).toEqual([{ number: 1 }]);
      for (const seconds of [10, 20, 40]) {
        const pause = Number(storage.sql.exec("SELECT due_at FROM closing").one()["due_at"]) - Date.now();
        expect([pause >= seconds * 500, pause <= seconds * 1_500]).toEqual([true, true]);
        setClock(Date.now() + pause);
        await account.alarm();
      }
      bound.env = own;
      await account.alarm();
    });
    for (const stub of [...books, env.ACCOUNT.getByName(sid)])
      await runInDurableObject<Book | Account, void>(stub as never, async (_, { storage }) => {
        expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray()).toEqual([]);
        expect(await storage.getAlarm()).toBeNull();
      });
    for (const code of codes) expect((await tap(code)).status).toBe(410);
  });

  it.each([
    ["the first that opens it", 0],
    ["one that opens it once more", 1],
  ])("stays its account's until no call can open it any more, %s is on its way", async (_, passing) => {
    const { sid } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      const bound = account as unknown as { env: Env };
      const own = bound.env;
      const name = objectNameOf({ sid, book: 1 });
      // The last call that opens the book is slow, and arrives behind the one that closes it.
      const slow = Promise.withResolvers<void>();
      let calls = 0;
      const open = async (...args: Parameters<Book["open"]>) => {
        if (calls++ === passing) await slow.promise;
        await own.BOOK.getByName(name).open(...args);
      };
      const close = (until: number) => own.BOOK.getByName(name).close(until);
      bound.env = envWith({ BOOK: { getByName: () => ({ open, close }) } });
      const accepting = Array.from({ length: passing + 1 }, (__, n) => account.accept(making(`code-${n}`), IN_TIME));
      for (const quick of accepting.slice(0, passing)) expect(await quick).toMatchObject({ kind: "claimed", book: 1 });
      await scheduler.wait(10);
      await account.close(IN_TIME);
      slow.resolve();
      expect(await accepting.at(-1)).toBeNull();
      expect(storage.sql.exec("SELECT number FROM book").toArray()).toEqual([{ number: 1 }]);
      bound.env = own;
      setClock(Date.now() + 60_000);
      await account.alarm();
      expect(await storage.getAlarm()).toBeNull();
    });
    await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), (__, { storage }) => {
      expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray()).toEqual([]);
    });
  });
});

it("what is made behind a book that is full is in a further one of the same month", async () => {
  const { sid } = await tenant();
  const first = await accept(sid);
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account) => {
    const bound = account as unknown as { env: Env };
    const own = bound.env;
    bound.env = envWith({ BOOK: { getByName: () => ({ wake: async () => ({ isFull: true }) }) } });
    await account.wake();
    bound.env = own;
  });
  expect((await accept(sid)).book).toBe((first.book ?? 0) + 1);
  expect((await accept(sid)).book).toBe((first.book ?? 0) + 1);
});

describe("what looks after links", () => {
  it("sets the alarm of a book that is gone, and wakes its links, which set theirs", async () => {
    const { sid, token } = await tenant();
    const { code } = await createLink({}, token);
    await heard(code);
    const link = env.LINK.getByName(code);
    const book = env.BOOK.getByName(objectNameOf({ sid, book: 1 }));
    await runInDurableObject(link, async (_, { storage }) => {
      storage.sql.exec("UPDATE link SET directory_due_at = 1");
      await storage.deleteAlarm();
    });
    await runInDurableObject(book, (_, { storage }) => storage.deleteAlarm());
    await env.ACCOUNT.getByName(sid).wake();
    await runInDurableObject(book, async (_, { storage }) => {
      expect(await storage.getAlarm()).not.toBeNull();
      // One had lost its alarm, so others may have.
      const { sweep_due_at, swept_to } = storage.sql.exec("SELECT * FROM book").one();
      expect([sweep_due_at === null && swept_to === null, typeof (await storage.getAlarm())]).toEqual([
        expect.any(Boolean),
        "number",
      ]);
    });
    await runInDurableObject(link, async (_, { storage }) => expect(await storage.getAlarm()).not.toBeNull());
  });
});

function making(code: string): Making {
  return { what: "links", code, openedBy: code, key: null, sender: null };
}

/** Accepts something new, as its account does for a request. */
async function accept(sid: string, key: string | null = null): Promise<Claimed> {
  const keyed = key === null ? null : { key, digest: "digest" };
  const accepted = await env.ACCOUNT.getByName(sid).accept({ ...making(nanoid()), key: keyed }, IN_TIME);
  if (accepted?.kind !== "claimed") throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
  return accepted;
}

describe("which book a thing is made in:", () => {
  it("the first of a month opens a new one; a clock that was set back does not, and no instant is before another", async () => {
    const { sid } = await tenant();
    const made: Pick<Claimed, "at" | "book">[] = [];
    for (const at of [MAY, MAY, JUNE, JUNE - 40 * DAY_MS, JUNE + 5, JUNE + 31 * DAY_MS]) {
      setClock(at);
      const { book, at: instant } = await accept(sid);
      made.push({ book, at: instant });
    }
    expect(made).toEqual([
      { book: 1, at: MAY },
      { book: 1, at: MAY },
      { book: 2, at: JUNE },
      { book: 2, at: JUNE },
      { book: 2, at: JUNE + 5 },
      { book: 3, at: JUNE + 31 * DAY_MS },
    ]);
    // Not before the book itself, also when the account's object begins anew.
    await evictDurableObject(env.ACCOUNT.getByName(sid));
    setClock(MAY);
    expect(await accept(sid)).toMatchObject({ book: 3, at: JUNE + 31 * DAY_MS });
  });

  it("a request that comes again in another month, with the same key, is of the same book, instant and code", async () => {
    const { token } = await tenant();
    const options = { token, headers: { "idempotency-key": "order-7" } };
    const create = () => api("POST", "/api/links", { url: "https://example.com/" }, options);
    setClock(MAY);
    const first = await create();
    setClock(JUNE);
    // Something else has opened the new month's book.
    const { code } = await createLink({}, token);
    const again = await create();
    expect([again.status, again.body]).toEqual([201, first.body]);
    await heard(first.body["code"]);
    await heard(code);
    const sid = (await api("GET", "/api/account", undefined, { token })).body["sid"];
    for (const [book, made] of [
      [1, first.body["code"]],
      [2, code],
    ] as const) {
      expect(await linesIn({ sid, book }, made)).toHaveLength(1);
      expect(await linesIn({ sid, book: 3 - book }, made)).toEqual([]);
    }
  });

  it("two requests with one key at once are bound to one thing in one book", async () => {
    const { sid } = await tenant();
    setClock(JUNE);
    const both = await Promise.all([accept(sid, "key"), accept(sid, "key")]);
    expect(both[1]).toEqual(both[0]);
  });

  it("where it takes a while to open a book, another month may begin: what is made is of the moment when its book was", async () => {
    const { sid } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account) => {
      const bound = account as unknown as { env: Env };
      const own = bound.env;
      const reached = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const getByName = (name: string) => ({
        open: async (...args: Parameters<Book["open"]>) => {
          if (name.endsWith(".1")) {
            reached.resolve();
            await gate.promise;
          }
          await own.BOOK.getByName(name).open(...args);
        },
      });
      bound.env = envWith({ BOOK: { getByName } });
      setClock(MAY);
      const slow = account.accept(making("slow"), IN_TIME);
      await reached.promise;
      setClock(JUNE);
      expect(await account.accept(making("quick"), IN_TIME)).toMatchObject({ book: 2, at: JUNE });
      gate.resolve();
      expect(await slow).toMatchObject({ book: 1, at: MAY });
      bound.env = own;
    });
  });

  it("where a book cannot be opened, POST /api/links answers 503 and makes nothing; with the next try it is there", async () => {
    const { sid, token } = await tenant();
    const open = vi.spyOn(Link.prototype, "open");
    const stub = env.ACCOUNT.getByName(sid);
    const create = () => api("POST", "/api/links", { url: "https://example.com/" }, { token });
    const bind = (others?: object) =>
      runInDurableObject(stub, (account) => {
        (account as unknown as { env: Env }).env = others === undefined ? env : envWith(others);
      });
    await bind({ BOOK: brokenNamespace(new Error("down")) });
    const refused = await create();
    expect([refused.status, refused.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
    expect(open).not.toHaveBeenCalled();
    expect((await api("GET", "/api/links", undefined, { token })).body["links"]).toEqual([]);
    await bind();
    const { status, body } = await create();
    expect([status, open.mock.calls.length]).toEqual([201, 1]);
    await heard(body["code"]);
    expect(await linesIn({ sid, book: 1 }, body["code"])).toHaveLength(1);
  });
});

it("the list goes from book to book, page by page, with what is of before there were books between", async () => {
  const { sid, token } = await tenant();
  const codes: string[] = [];
  for (const month of ["2027-05", "2027-06", "2027-07"])
    for (let day = 1; day <= 3; day++) {
      setClock(Date.parse(`${month}-0${day}T00:00:00Z`));
      const { code } = await createLink({ tags: [month] }, token);
      await heard(code);
      codes.unshift(code);
    }
  const before = await createLinkOfBefore({ accountSid: sid, createdAt: Date.parse("2027-06-02T12:00:00Z") });
  codes.splice(codes.length - 5, 0, before.code);
  for (const limit of [1, 2, 4, 100]) {
    const seen: string[] = [];
    for (let cursor = ""; ;) {
      const path = `/api/links?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const { body } = await api("GET", path, undefined, { token });
      seen.push(...body["links"].map((link: { code: string }) => link.code));
      if (body["next_cursor"] === null) break;
      cursor = body["next_cursor"];
    }
    expect([limit, seen]).toEqual([limit, codes]);
  }
  const june = await listed("tag=2027-06", () => true, token);
  expect(june.map(({ code }) => code)).toEqual(codes.filter((code) => code !== before.code).slice(3, 6));
});

it("where a book cannot be asked, and the account neither, the list is answered 503, and no rejection is left alone", async () => {
  const { sid, token } = await tenant();
  await createLink({}, token);
  const account = env.ACCOUNT.getByName(sid);
  const linksPage = async () => {
    await scheduler.wait(100);
    throw platformError({ overloaded: true });
  };
  const getByName = () => ({ admit: (hash: string) => account.admit(hash), linksPage });
  const ctx = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/api/links`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const BOOK = brokenNamespace(platformError({ overloaded: true }));
  const answer = await worker.fetch(request, envWith({ BOOK, ACCOUNT: { getByName } }), ctx);
  expect(answer.status).toBe(503);
  // The runner fails where one is.
  await scheduler.wait(200);
});

it("the book counts what the link's status counts, and marks the first access", async () => {
  const { code } = await createLink();
  for (let taps = 0; taps < 3; taps++) await tap(code);
  const status = await vi.waitUntil(
    async () => {
      const now = await statusOf(code);
      return now["access_counts"].person === 3 && now;
    },
    { timeout: 10_000 },
  );
  await heard(code);
  const accesses = (await journalOf(code)).filter(({ kind }) => kind === "access");
  expect(accesses.map(({ fact }) => fact?.["first"]).filter(Boolean)).toHaveLength(1);
  const first = accesses.find(({ fact }) => fact?.["first"] === true);
  expect(first?.at).toBe(Date.parse(status["first_accessed_at"]));
});

it("a message in a book hears of the first access to its link, also where the version of before has made that, which knows no books", async () => {
  const login = await tenant();
  const sent = await send({ track_link: "true" }, { login });
  const { link_tracking: tracked } = await messageOf(sent, { login });
  const code = new URL(tracked.shortlink).pathname.slice(1);
  await heard(code);
  await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
    storage.sql.exec("UPDATE link SET book = NULL, report_due_at = NULL");
    link.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    const down = envWith({ ACCOUNT: brokenNamespace(new Error("down")) });
    const bindings = link as unknown as { env: Env };
    const real = bindings.env;
    bindings.env = down;
    await link.alarm();
    bindings.env = real;
    storage.sql.exec("UPDATE link SET listing_due_at = 1");
    await link.alarm();
    expect(storage.sql.exec("SELECT listing_due_at FROM link").one()).toEqual({ listing_due_at: null });
  });
  const { first_accessed_at: at } = await statusOf(code, login.token);
  const book = objectNameOf({ sid: login.sid, book: bookIn(sent) ?? 0 });
  const message = await runInDurableObject(env.BOOK.getByName(book), (instance) => instance.message(sent));
  expect(message?.firstAccessedAt).toBe(Date.parse(at));
});
