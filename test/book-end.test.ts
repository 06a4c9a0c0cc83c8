// How a book ends: when, what goes and what stays, and that no figure shrinks on the way, wherever that is broken off.

import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Account } from "../src/account/account.do.ts";
import type { Book } from "../src/book/book.do.ts";
import { objectNameOf } from "../src/book/book.ts";
import type { ArchivePart } from "../src/book/ending.ts";
import { MOST_TAGS } from "../src/book/tallies.ts";
import worker from "../src/index.ts";
import type { Link } from "../src/link/link.do.ts";
import { mintMsgid, type NewMessage } from "../src/sms/message.ts";
import { heard, heardBy } from "./support/books.ts";
import { envWith } from "./support/faults.ts";
import { newMessage } from "./support/held-message.ts";
import { api, createLink, IN_TIME, ORIGIN, statusOf, tap } from "./support/firsttap.ts";
import { BEFORE_ALL, BEHIND_ALL } from "../src/timed-id.ts";
import { sms, tenant } from "./support/sms.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAY = Date.parse("2027-05-20T12:34:56.789Z");
const MAY_ENDS = Date.parse("2027-06-01T00:00:00Z") + 120 * DAY_MS;
const ALL_OF_IT = "from=2027-05-01&to=2028-01-01&by=week&timezone=Asia/Kathmandu";

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Login = Awaited<ReturnType<typeof tenant>>;

/** An account that made links and messages in May 2027: its book, and the codes of its links. */
async function madeInMay({ tags = [["spring"], ["spring", "sale"]] } = {}): Promise<{ login: Login; codes: string[] }> {
  setClock(MAY);
  const login = await tenant();
  const codes: string[] = [];
  for (const of of tags) {
    const { code } = await createLink({ tags: of, callback_url: "http://127.0.0.1:1/" }, login.token);
    await tap(code, { cf: { country: "JP" } });
    await vi.waitUntil(async () => (await statusOf(code, login.token))["accessed"] === true, 10_000);
    codes.push(code);
  }
  await inBook(login, (book) => {
    for (const [n, status] of (["DELIVERED", "FAIL", "DELIVERING"] as const).entries()) {
      const message = messageIn({ tags: ["sale"], cost: 0.0079, parts: n + 1 });
      setClock(MAY + n * HOUR_MS);
      book.addMessage(message, IN_TIME);
      book.messageReported(message.msgid, status, status === "FAIL" ? "30003: unknown" : null);
    }
  });
  // What is owed is given up, so that links are free to go.
  for (const code of codes) await api("PATCH", `/api/links/${code}`, { callback_url: null }, { token: login.token });
  for (const code of codes) await heard(code);
  return { login, codes };
}

function messageIn(fields: Partial<NewMessage> = {}): NewMessage {
  return newMessage({ msgid: mintMsgid(Date.now(), 1), ...fields });
}

async function inBook<T>(
  { sid }: { sid: string },
  look: (book: Book, state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), look);
}

async function inAccount<T>(
  { sid }: { sid: string },
  look: (account: Account, state: DurableObjectState) => T | Promise<T>,
): Promise<T> {
  return runInDurableObject(env.ACCOUNT.getByName(sid), look);
}

async function inLink<T>(code: string, look: (link: Link, state: DurableObjectState) => T | Promise<T>): Promise<T> {
  return runInDurableObject(env.LINK.getByName(code), look);
}

/** The link's own time is over, and it frees itself. */
async function forgotten(code: string): Promise<void> {
  setClock(Date.now() + 2 * DAY_MS);
  await inLink(code, async (link, { storage }) => {
    for (let alarms = 0; alarms < 20 && tablesOf(storage).length > 0; alarms++) await link.alarm();
    expect(tablesOf(storage)).toEqual([]);
  });
}

function tablesOf({ sql }: DurableObjectStorage): unknown[] {
  return sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'").toArray();
}

/** The alarm of a book acts, and each next one when it is due, so often at most. */
async function acts(book: Book, { storage }: DurableObjectState, most = 50): Promise<void> {
  for (let alarms = 0; alarms < most && tablesOf(storage).length > 0; alarms++) {
    const at = await storage.getAlarm();
    if (at !== null && at > Date.now() + 10 * DAY_MS) return;
    if (at !== null) setClock(Math.max(Date.now(), at));
    await book.alarm();
  }
}

const rowsOf = ({ storage }: DurableObjectState, table: string) => storage.sql.exec(`SELECT * FROM ${table}`).toArray();

/** What the API says, less how far books have come. */
async function figuresOf({ token }: Login, query = ""): Promise<Record<string, any>> {
  const { status, body } = await api("GET", `/api/figures?${ALL_OF_IT}${query}`, undefined, { token });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** All that can be asked of what was made in May. Equal age grows with the clock, so it is asked of one instant. */
async function allFigures(login: Login): Promise<unknown[]> {
  const now = Date.now();
  setClock(Date.parse("2028-01-01T00:00:00Z"));
  const asked = await Promise.all(
    ["", "&tag=spring", "&tag=sale", "&tag=nothing"].map((query) => figuresOf(login, query)),
  );
  setClock(now);
  return asked.map(({ totals, buckets }) => ({ totals, buckets }));
}

describe("a book ends", () => {
  it("120 days after its month, when its links are gone: its totals are its account's, and nothing is left of it", async () => {
    const { login, codes } = await madeInMay();
    const before = await allFigures(login);
    expect(before[0]).toMatchObject({
      totals: { messages: { accepted: 3, delivered: 1, failed: 1, sent: 1, parts: 6 }, events: { links_made: 2 } },
    });
    setClock(MAY_ENDS - 11 * DAY_MS);
    await inBook(login, async (book, state) => {
      await acts(book, state);
      expect(await state.storage.getAlarm()).toBe(MAY_ENDS);
      // What people wrote is gone already.
      expect(rowsOf(state, "message").map(({ recipient, forget_at }) => [recipient, forget_at])).toEqual(
        Array.from({ length: 3 }, () => ["", null]),
      );
      expect(rowsOf(state, "line").map(({ destination }) => destination)).toEqual([null, null]);
    });
    for (const code of codes) await forgotten(code);
    expect(await allFigures(login)).toEqual(before);
    await inBook(login, async (book, state) => {
      await acts(book, state);
      expect(tablesOf(state.storage)).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
    expect(await allFigures(login)).toEqual(before);
    const figures = await figuresOf(login);
    expect(figures["as_of"].books).toEqual([{ book: 1, position: expect.any(Number), archived: true }]);
    // The account comes by, and knows from then on that there is nothing to come by for.
    await inAccount(login, async (account, state) => {
      expect(rowsOf(state, "book")).toMatchObject([{ number: 1, emptied: 0 }]);
      await account.wake();
      expect(rowsOf(state, "book")).toMatchObject([{ number: 1, emptied: 1 }]);
    });
    // A new month has a new number.
    const { code } = await createLink({}, login.token);
    await inLink(code, (_, state) => expect(rowsOf(state, "link")).toMatchObject([{ book: 2 }]));
  });

  it("not while one of its links is there, whose alarm is set again; it asks once more a day later", async () => {
    const { login, codes } = await madeInMay();
    const [first = "", second = ""] = codes;
    setClock(MAY_ENDS);
    await inBook(login, (book, state) => acts(book, state, 3));
    await forgotten(first);
    await inLink(second, (_, { storage }) => storage.deleteAlarm());
    const dueAt = await inBook(login, async (book, state) => {
      state.storage.sql.exec("UPDATE book SET end_due_at = 1");
      await book.alarm();
      const [{ ended_at: endedAt, end_due_at: next } = {}] = rowsOf(state, "book");
      expect([endedAt, next]).toEqual([null, Date.now() + DAY_MS]);
      return Number(next);
    });
    await inLink(second, async (_, { storage }) => expect(await storage.getAlarm()).not.toBeNull());
    // One that cannot be reached may be there.
    await inBook(login, async (book, state) => {
      setClock(dueAt);
      const bound = book as unknown as { env: Env };
      bound.env = envWith({ LINK: { getByName: () => ({ isLeft: () => Promise.reject(new Error("down")) }) } });
      await book.alarm();
      expect(rowsOf(state, "book")).toMatchObject([{ ended_at: null, end_due_at: dueAt + DAY_MS }]);
      bound.env = env;
    });
    await forgotten(second);
    await inBook(login, async (book, state) => {
      await acts(book, state);
      expect(tablesOf(state.storage)).toEqual([]);
    });
  });

  it("after asking each of many links, five hundred an alarm, and goes on where the first was that is there", async () => {
    setClock(MAY);
    const login = await tenant();
    await createLink({}, login.token);
    await inBook(login, async (book, state) => {
      const codes = Array.from({ length: 1_234 }, (_, n) => `code-${String(n).padStart(4, "0")}`);
      const opened = {
        kind: "opened",
        destination: "https://example.com/",
        callbackUrl: null,
        tags: [],
        reference: null,
      };
      const of = { shortUrl: "https://s.example.com/", msgid: null, expiresAt: MAY + DAY_MS };
      const event = { number: 1, at: MAY, ...opened, ...of } as const;
      book.report(
        codes.map((code) => ({ sid: login.sid, book: 1, code, createdAt: MAY, after: 0, events: [event as never] })),
      );
      let there = ["code-0700", "code-1233"];
      const asked: string[] = [];
      const isLeft = (code: string) => () => {
        asked.push(code);
        return Promise.resolve(there.includes(code));
      };
      (book as unknown as { env: Env }).env = envWith({
        LINK: { getByName: (code: string) => ({ isLeft: isLeft(code) }) },
      });
      setClock(MAY_ENDS);
      const act = async (alarms: number) => {
        for (let n = 0; n < alarms; n++) await book.alarm();
      };
      // Blanked first, and the tallies brought forward; then a day is waited for.
      await act(4);
      setClock(MAY_ENDS + DAY_MS);
      await act(1);
      expect(asked).toHaveLength(500);
      await act(2);
      const known = new Set(asked);
      expect(codes.filter((code) => !known.has(code))).toEqual([]);
      asked.length = 0;
      await act(1);
      expect([asked, rowsOf(state, "book")]).toMatchObject([[], [{ ended_at: null, end_due_at: Date.now() + DAY_MS }]]);
      there = [];
      setClock(Date.now() + DAY_MS);
      await act(2);
      // The link that was really made stands before or behind them, as its code says.
      expect(asked[0]).toBeOneOf(["code-0499", "code-0500"]);
      expect(asked).not.toContain("code-0001");
      expect(rowsOf(state, "book")).toMatchObject([{ ended_at: Date.now() }]);
      await state.storage.deleteAlarm();
    });
  });

  it("not while a callback of a message is owed; what that says is without the person meanwhile", async () => {
    const { login, codes } = await madeInMay();
    for (const code of codes) {
      setClock(MAY + 121 * DAY_MS);
      await forgotten(code);
    }
    const message = await inBook(login, (book) => {
      setClock(MAY + DAY_MS);
      const owing = messageIn({ callbackUrl: "http://127.0.0.1:1/", reference: "order 7" });
      book.addMessage(owing, IN_TIME);
      setClock(MAY_ENDS - HOUR_MS);
      book.messageReported(owing.msgid, "DELIVERED", null);
      return owing;
    });
    const before = await allFigures(login);
    await inBook(login, async (book, state) => {
      setClock(MAY_ENDS);
      const row = () => rowsOf(state, "message").find(({ msgid }) => msgid === message.msgid);
      await acts(book, state, 4);
      expect(row()).toMatchObject({ recipient: "", text: "", forget_at: expect.any(Number) });
      const [callback] = rowsOf(state, "callback");
      expect(callback).toMatchObject({ state: "owed" });
      expect(JSON.stringify([row(), callback])).not.toContain(message.recipient);
      expect(rowsOf(state, "book")).toMatchObject([{ ended_at: null }]);
      // It is still there to be read.
      expect(book.message(message.msgid)).toMatchObject({ recipient: null, status: "DELIVERED" });
      state.storage.sql.exec("UPDATE callback SET state = 'exhausted', due_at = NULL");
      await acts(book, state);
      expect(tablesOf(state.storage)).toEqual([]);
    });
    expect(await allFigures(login)).toEqual(before);
  });

  it("once more from the beginning when something was told meanwhile", async () => {
    const { login, codes } = await madeInMay();
    for (const code of codes) {
      setClock(MAY + 121 * DAY_MS);
      await forgotten(code);
    }
    await inBook(login, async (book, state) => {
      setClock(MAY_ENDS);
      const asked: string[] = [];
      const isLeft = async () => {
        const opened = {
          number: 1,
          at: MAY,
          kind: "opened",
          destination: "https://example.com/late",
          callbackUrl: null,
        };
        const fields = { tags: [], reference: null, shortUrl: "https://s.example.com/", msgid: null, expiresAt: MAY };
        const events = [{ ...opened, ...fields } as never];
        if (asked.length === 2)
          book.report([{ sid: login.sid, book: 1, code: "late", createdAt: 1, after: 0, events }]);
        return false;
      };
      const getByName = (code: string) => ({ isLeft: () => (asked.push(code), isLeft()) });
      (book as unknown as { env: Env }).env = envWith({ LINK: { getByName } });
      while (asked.length === 0) {
        state.storage.sql.exec("UPDATE book SET end_due_at = 1");
        await book.alarm();
      }
      expect(rowsOf(state, "book")).toMatchObject([{ ended_at: null }]);
      await acts(book, state);
      expect(asked).toHaveLength(5);
      expect(asked).toContain("late");
      expect(tablesOf(state.storage)).toEqual([]);
    });
    expect(await figuresOf(login)).toMatchObject({ totals: { events: { links_made: 3 } } });
  });

  it("not before the account says so, which may still make something in it", async () => {
    const { login } = await madeInMay();
    const part: ArchivePart = { after: null, pieces: [], last: { position: 1, tags: [], rows: 0 } };
    setClock(MAY_ENDS - 1);
    await inAccount(login, (account, state) => {
      expect(account.archive(1, part, IN_TIME)).toBe("refused");
      expect(account.archive(7, part, IN_TIME)).toBe("refused");
      expect(rowsOf(state, "book")).toMatchObject([{ archived_at: null }]);
    });
  });
});

/** A book of May that takes nothing any more, and is about to hand over its totals. */
async function endedBook(): Promise<{ login: Login; before: unknown[] }> {
  // So many tags that its totals come in several parts.
  const { login, codes } = await madeInMay({ tags: [["spring"], ["sale"]] });
  await inBook(login, (book) => {
    for (let n = 0; n < 70; n++) {
      const message = messageIn({ tags: Array.from({ length: 7 }, (_, tag) => `tag ${7 * n + tag}`) });
      book.addMessage(message, IN_TIME);
      book.messageReported(message.msgid, "DELIVERED", null);
    }
  });
  for (const code of codes) {
    setClock(MAY + 121 * DAY_MS);
    await forgotten(code);
  }
  await inBook(login, async (book, state) => {
    setClock(MAY_ENDS);
    for (let alarms = 0; alarms < 10 && rowsOf(state, "book")[0]?.["ended_at"] === null; alarms++) {
      const at = await state.storage.getAlarm();
      setClock(Math.max(Date.now(), at ?? 0));
      await book.alarm();
    }
    expect(rowsOf(state, "book")).toMatchObject([{ ended_at: Date.now() }]);
    await state.storage.deleteAlarm();
  });
  return { login, before: await allFigures(login) };
}

/** From here on the book's account is this one around the real one. */
function around(
  book: Book,
  { sid }: Login,
  archive: (ask: () => Promise<unknown>, n: number) => Promise<unknown>,
): void {
  let n = 0;
  const getByName = () => ({
    archive: (...args: [number, ArchivePart, number]) =>
      archive(() => env.ACCOUNT.getByName(sid).archive(...args), n++),
  });
  (book as unknown as { env: Env }).env = envWith({ ACCOUNT: { getByName } });
}

describe("the totals of a book that has ended", () => {
  it("count once, and never less, wherever handing them over is broken off", async () => {
    const { login, before } = await endedBook();
    const calls = await inBook(login, async (book, state) => {
      let asked = 0;
      // Each call is lost on its way, then its answer is, before it is heard.
      around(book, login, async (ask, n) => {
        asked = n + 1;
        if (n % 3 === 0) throw new Error("lost");
        const answer = await ask();
        if (n % 3 === 1) throw new Error("its answer was lost");
        return answer;
      });
      const { sql } = state.storage;
      for (let alarms = 0; alarms < 60 && tablesOf(state.storage).length > 0; alarms++) {
        sql.exec("UPDATE book SET end_due_at = 1");
        // Some writes of the book itself are refused.
        const isRefused = alarms % 5 === 3;
        if (isRefused) sql.exec("CREATE TRIGGER full BEFORE UPDATE ON book BEGIN SELECT RAISE(FAIL, 'full'); END");
        if (alarms % 7 === 6) vi.spyOn(state.storage, "deleteAll").mockRejectedValueOnce(new Error("full"));
        await book.alarm();
        if (isRefused && tablesOf(state.storage).length > 0) sql.exec("DROP TRIGGER IF EXISTS full");
        expect(await allFigures(login)).toEqual(before);
      }
      expect(tablesOf(state.storage)).toEqual([]);
      return asked;
    });
    expect(calls).toBeGreaterThan(7);
    expect(await allFigures(login)).toEqual(before);
    // And by the account's own count.
    await inAccount(login, (_, state) => {
      const [{ n } = {}] = state.storage.sql.exec("SELECT COUNT(DISTINCT tag) AS n FROM archived_tally").toArray();
      expect(n).toBe(1 + 2 + 490);
    });
  });

  it("are not what came late, or twice, or with other borders", async () => {
    const { login } = await endedBook();
    const parts: ArchivePart[] = [];
    await inBook(login, async (book, state) => {
      const { sql } = state.storage;
      const getByName = () => ({
        archive: (_: number, part: ArchivePart) => {
          parts.push(part);
          return Promise.resolve(part.last === null ? "kept" : "again");
        },
      });
      (book as unknown as { env: Env }).env = envWith({ ACCOUNT: { getByName } });
      while (parts.at(-1)?.last == null) {
        sql.exec("UPDATE book SET end_due_at = 1");
        await book.alarm();
      }
      await state.storage.deleteAlarm();
    });
    const [first, second, ...others] = parts;
    if (first === undefined || second === undefined) throw new Error("one part holds it all");
    await inAccount(login, (account, state) => {
      const archive = (part: ArchivePart) => account.archive(1, part, IN_TIME);
      const archived = () => rowsOf(state, "book")[0]?.["archived_at"] ?? null;
      // What comes behind a part that is missing is not the whole.
      for (const part of [second, ...others]) expect(archive(part)).toBe(part.last === null ? "kept" : "again");
      expect(archived()).toBeNull();
      // Nor is it when an earlier part comes once more behind the later ones, because what followed it is given up.
      for (const part of [first, second, first]) expect(archive(part)).toBe("kept");
      expect(others.map(archive).at(-1) ?? archive({ ...second, after: first.after })).not.toBe("archived");
      expect(archived()).toBeNull();
      for (const part of parts) expect(archive(part)).toBe(part.last === null ? "kept" : "archived");
      expect(archived()).not.toBeNull();
      const kept = rowsOf(state, "archived_tally");
      // From then on nothing changes them.
      for (const part of parts) expect(archive(part)).toBe("archived");
      expect(rowsOf(state, "archived_tally")).toEqual(kept);
    });
  });

  it("are rows, too, which add up to the figures", async () => {
    const { login, before } = await endedBook();
    await inBook(login, (book, state) => acts(book, state));
    await inAccount(login, async (account) => {
      const { Archive } = await import("../src/account/archive.ts");
      const rows = [...new Archive(account["ctx" as never]["storage"]["sql"]).rows(1)].flat();
      const sum = (key: string, tag: string | null) =>
        rows
          .filter((row) => row.key === key && row.tag === tag && row.number <= MOST_TAGS)
          .reduce((n, { count }) => n + count, 0);
      const [all, spring, sale] = before as { totals: Record<string, any> }[];
      expect(sum("accepted", null)).toBe(all?.totals["messages"].accepted);
      expect(sum("links_made", "spring")).toBe(spring?.totals["events"].links_made);
      expect(sum("parts", "sale")).toBe(sale?.totals["messages"].parts);
      expect(sum("accepted", "tag 7")).toBe(1);
    });
  });

  it("are answered of one that ends while it is asked for", async () => {
    const { login, before } = await endedBook();
    const now = Date.now();
    // Admitted while the book was there, asked when it is not.
    let isEnded = false;
    const getByName = (name: string) => ({
      figures: async (question: never) => {
        if (!isEnded) await inBook(login, (book, state) => acts(book, state));
        isEnded = true;
        setClock(Date.parse("2028-01-01T00:00:00Z"));
        return env.BOOK.getByName(name).figures(question);
      },
    });
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/api/figures?${ALL_OF_IT}`, {
      headers: { authorization: `Bearer ${login.token}` },
    });
    setClock(Date.parse("2028-01-01T00:00:00Z"));
    const answer = await worker.fetch(request, envWith({ BOOK: { getByName } }), createExecutionContext());
    setClock(now);
    const { totals, buckets, as_of: asOf } = await answer.json<Record<string, any>>();
    expect(isEnded).toBe(true);
    expect({ totals, buckets }).toEqual(before[0]);
    expect(asOf.books).toMatchObject([{ book: 1, archived: true }]);
  });

  it("say of a tag that is not counted for itself what the book said", async () => {
    setClock(MAY);
    const login = await tenant();
    await createLink({ tags: ["first"] }, login.token);
    await inBook(login, async (book, { storage }) => {
      for (let number = 1; number <= MOST_TAGS; number++)
        storage.sql.exec("INSERT INTO tally_tag (number, tag) VALUES (?, ?)", number, `tag ${number}`);
      storage.sql.exec("DELETE FROM line");
      setClock(MAY_ENDS);
      await book.alarm();
      setClock(MAY_ENDS + DAY_MS);
      for (let alarms = 0; alarms < 5; alarms++) await book.alarm();
      expect(tablesOf(storage)).toEqual([]);
    });
    const asked = (query: string) => api("GET", `/api/figures?${query}`, undefined, { token: login.token });
    // Of the last thirty days it is known that nothing had a tag that is not counted for itself.
    const queries = [`${ALL_OF_IT}&tag=first`, `${ALL_OF_IT}&tag=tag%207`, "tag=first"];
    const answers = await Promise.all(queries.map(asked));
    expect(answers.map(({ status, body }) => [status, body["type"]])).toEqual([
      [422, "urn:firsttap:problem:too-many-tags"],
      [200, undefined],
      [200, undefined],
    ]);
  });

  it("are kept for 25 months, and the book's number for ever", async () => {
    const { login, before } = await endedBook();
    await inBook(login, (book, state) => acts(book, state));
    const wakeAt = async (instant: string) => {
      setClock(Date.parse(instant));
      await inAccount(login, (account) => account.wake());
    };
    await wakeAt("2029-06-30T23:59:00Z");
    expect(await allFigures(login)).toEqual(before);
    await wakeAt("2029-07-01T00:01:00Z");
    expect((await figuresOf(login))["as_of"].books).toEqual([]);
    await inAccount(login, (_, state) => {
      expect(["archived_tally", "archived_tag"].map((table) => rowsOf(state, table))).toEqual([[], []]);
      expect(rowsOf(state, "book")).toMatchObject([{ number: 1 }]);
    });
  });

  it("go with the account, also where it is closed while they are handed over", async () => {
    const { login } = await endedBook();
    await inBook(login, async (book, state) => {
      around(book, login, async (ask) => {
        expect(await ask()).toBe("kept");
        await env.ACCOUNT.getByName(login.sid).close(IN_TIME);
        return "kept";
      });
      await book.alarm();
      expect(tablesOf(state.storage)).toEqual([]);
      // A late alarm finds nothing to do.
      await book.alarm();
      expect([tablesOf(state.storage), await state.storage.getAlarm()]).toEqual([[], null]);
    });
    await inAccount(login, (_, { storage }) => expect(tablesOf(storage)).toEqual([]));
  });

  it("stay in the book while its account is closed, until that closes it", async () => {
    const { login } = await endedBook();
    await inBook(login, async (book, state) => {
      around(book, login, async () => "closed");
      await book.alarm();
      expect(rowsOf(state, "book")).toMatchObject([{ end_due_at: Date.now() + DAY_MS }]);
      expect(await book.close(IN_TIME)).toBe("gone");
      expect(tablesOf(state.storage)).toEqual([]);
    });
  });
});

describe("a book that has ended", () => {
  it("takes, sends and shows nothing any more, and makes no storage again", async () => {
    const { login } = await endedBook();
    const refusesAll = async (book: Book) => {
      expect(book.report([])).toBe("gone");
      expect(book.addMessage(messageIn(), IN_TIME)).toBe(false);
      expect(
        book.linksPage({ above: BEFORE_ALL, below: BEHIND_ALL, order: "newest", limit: 1, rows: 1_000 }).things,
      ).toEqual([]);
      expect(book.journal(0, 10)).toEqual([]);
      expect(book.eraseMessagesTo("+818012345678", "", IN_TIME)).toBeNull();
    };
    await inBook(login, async (book, state) => {
      await refusesAll(book);
      await acts(book, state);
      await refusesAll(book);
      expect(await book.wake()).toMatchObject({ isEmpty: true });
      book.sweep(IN_TIME);
      expect(tablesOf(state.storage)).toEqual([]);
    });
    const { body } = await api("GET", "/api/links", undefined, { token: login.token });
    expect(body["links"]).toEqual([]);
    expect((await sms("GET", "messages/", undefined, { login })).body).toEqual([]);
  });

  it("is looked after by its account until it is empty", async () => {
    const { login } = await endedBook();
    await inBook(login, async (book, state) => {
      const deletion = vi.spyOn(state.storage, "deleteAll").mockRejectedValueOnce(new Error("full"));
      while (deletion.mock.calls.length === 0) await book.alarm();
      vi.restoreAllMocks();
    });
    await inBook(login, async (_, state) => {
      // Its account has all of it, and its alarm is gone.
      expect(tablesOf(state.storage)).not.toEqual([]);
      await state.storage.deleteAlarm();
    });
    await inAccount(login, async (account, state) => {
      expect(rowsOf(state, "book")).toMatchObject([{ archived_at: expect.any(Number), emptied: 0 }]);
      await account.wake();
    });
    await inBook(login, async (book, state) => {
      expect(await state.storage.getAlarm()).not.toBeNull();
      await acts(book, state);
      expect(tablesOf(state.storage)).toEqual([]);
    });
  });

  it("and was never opened is not asked for ever, and its number does not come again", async () => {
    setClock(MAY);
    const login = await tenant();
    await inAccount(login, async (account, state) => {
      const bound = account as unknown as { env: Env };
      bound.env = envWith({ BOOK: { getByName: () => ({ open: () => Promise.reject(new Error("down")) }) } });
      const making = { what: "links", code: "code", openedBy: "request", key: null, sender: null } as const;
      await expect(account.accept(making, IN_TIME)).rejects.toThrow("down");
      bound.env = env;
      await account.wake();
      expect(rowsOf(state, "book")).toMatchObject([{ number: 1, opened: 0, emptied: 0 }]);
      setClock(MAY_ENDS);
      await account.wake();
      expect(rowsOf(state, "book")).toMatchObject([{ number: 1, emptied: 1 }]);
    });
    expect((await figuresOf(login))["as_of"].books).toEqual([]);
    await createLink({}, login.token);
    await inAccount(login, (_, state) => expect(rowsOf(state, "book").map(({ number }) => number)).toEqual([1, 2]));
  });
});

/** The book's object is empty. */
async function bookGone({ sid }: Login): Promise<void> {
  await inBook({ sid }, (_, { storage }) => storage.deleteAll());
  await evictDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })));
}

describe("a link whose book has ended", () => {
  it("takes that for an answer: it owes no report, still owes its callback, stands in the account's list, and goes in its time", async () => {
    setClock(MAY);
    const login = await tenant();
    const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" }, login.token);
    await heard(code);
    await bookGone(login);
    await tap(code);
    await vi.waitUntil(async () => (await statusOf(code, login.token))["accessed"] === true, 10_000);
    await inLink(code, async (link, state) => {
      await heardBy(link, state);
      const [row] = rowsOf(state, "link");
      expect(row).toMatchObject({ book: null, report_due_at: null, closed_at: null, listing_due_at: null });
      expect(Number(row?.["reported"])).toBeGreaterThan(1);
      expect(rowsOf(state, "callback")).toMatchObject([{ state: "owed" }]);
    });
    const { body } = await api("GET", "/api/links", undefined, { token: login.token });
    expect(body["links"]).toMatchObject([{ code, accessed: true }]);
    await api("PATCH", `/api/links/${code}`, { callback_url: null }, { token: login.token });
    setClock(MAY + 121 * DAY_MS);
    await forgotten(code);
    const list = await api("GET", "/api/links", undefined, { token: login.token });
    expect(list.body["links"]).toEqual([]);
  });

  it("stands in no list when its time is over, and is forgotten", async () => {
    setClock(MAY);
    const login = await tenant();
    const { code } = await createLink({ expires_in_seconds: 60 }, login.token);
    await heard(code);
    await inLink(code, (link, state) => {
      state.storage.sql.exec("UPDATE link SET reported = 0, report_due_at = 1");
      void link;
    });
    await bookGone(login);
    setClock(MAY + 33 * DAY_MS);
    await inLink(code, heardBy);
    await inAccount(login, (_, state) => expect(rowsOf(state, "link")).toEqual([]));
    await forgotten(code);
  });
});
