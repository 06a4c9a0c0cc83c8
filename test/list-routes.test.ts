// GET /api/links, GET /api/messages and GET /api/links/:code/accesses: what clients ask and are answered, across books and what is of before
// there were books.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { nanoid } from "nanoid";
import { describe, expect, it } from "vitest";
import { Books } from "../src/account/books.ts";
import { type LinkFact, type LinkReport, objectNameOf } from "../src/book/book.ts";
import type { Filters, Order } from "../src/book/find.ts";
import { pageOf } from "../src/book/walk.ts";
import type { Access, AccessKind } from "../src/link/link.ts";
import { accessOf } from "../src/redirect/record-access.ts";
import { mintMsgid } from "../src/sms/message.ts";
import { BEFORE_ALL, BEHIND_ALL, placeOf } from "../src/timed-id.ts";
import { createLinkOfBefore, eventuallyHeard, heard, listed } from "./support/books.ts";
import { api, createLink, eventually, IN_TIME, tap } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { type Login, send, sms, tenant } from "./support/sms.ts";

const DAY = 24 * 3_600_000;

type Things = Record<string, any>[];

/** All pages; what was shown, and how many pages there were. */
async function pages(path: string, what: string, token: string): Promise<{ shown: Things; pages: Things }> {
  const shown: Things = [];
  const all: Things = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { status, body } = await api("GET", `${path}&cursor=${encodeURIComponent(cursor)}`, undefined, { token });
    expect(status, JSON.stringify(body)).toBe(200);
    shown.push(...body[what]);
    all.push(body);
    cursor = body["next_cursor"];
  }
  return { shown, pages: all };
}

const codesOf = (links: Things) => links.map(({ code }) => code);

/** As a book hears of so many links. */
function reports(sid: string, createdAt: number, count: number, fields: object = {}): LinkReport[] {
  return Array.from({ length: count }, (_, n): LinkReport => {
    const code = `${nanoid(8)}aeiou`;
    const opened = {
      kind: "opened",
      destination: "https://example.com/",
      callbackUrl: null,
      tags: [],
      reference: null,
      shortUrl: `https://s.example.com/${code}`,
      msgid: null,
      expiresAt: createdAt + 90 * DAY,
      ...fields,
    } satisfies LinkFact;
    return {
      sid,
      book: 1,
      code,
      createdAt: createdAt + n,
      after: 0,
      events: [{ number: 1, at: createdAt + n, ...opened }],
    };
  });
}

/** A further book of the account, open. */
async function openBook(sid: string, fromAt: number): Promise<number> {
  const book = await runInDurableObject(env.ACCOUNT.getByName(sid), (_, { storage }) => {
    const books = new Books(storage.sql);
    storage.sql.exec("UPDATE book SET full = 1");
    const { number } = books.current(fromAt);
    books.opened(number, fromAt);
    return number;
  });
  await env.BOOK.getByName(objectNameOf({ sid, book })).open({ sid, book }, IN_TIME);
  return book;
}

describe("GET /api/links", () => {
  it("lists both ways, and goes on where new links come in", async () => {
    const { token } = await tenant();
    const codes: string[] = [];
    for (let n = 0; n < 5; n++) codes.push((await createLink({ reference: `Order ${n}` }, token))["code"]);
    await listed("limit=100", (links) => links.length === 5, token);
    const first = await api("GET", "/api/links?limit=2&order=oldest", undefined, { token });
    expect(codesOf(first.body["links"])).toEqual(codes.slice(0, 2));
    expect(first.body).toMatchObject({ searched_up_to: null });
    const newest = await api("GET", "/api/links?limit=2", undefined, { token });
    expect(codesOf(newest.body["links"])).toEqual(codes.toReversed().slice(0, 2));
    expect(newest.body).toMatchObject({ searched_back_to: null });
    codes.push((await createLink({}, token))["code"]);
    await listed("limit=100", (links) => links.length === 6, token);
    const rest = await api("GET", `/api/links?limit=100&order=oldest&cursor=${first.body["next_cursor"]}`, undefined, {
      token,
    });
    expect(codesOf(rest.body["links"])).toEqual(codes.slice(2));
    expect(rest.body["next_cursor"]).toBeNull();
    const older = await api("GET", `/api/links?cursor=${newest.body["next_cursor"]}`, undefined, { token });
    expect(codesOf(older.body["links"])).toEqual(codes.slice(0, 3).toReversed());
  });

  it("searches codes, destinations and references, whatever the case", async () => {
    const { token } = await tenant();
    const fields = { url: "https://shop.example.com/Offer/%E6%98%A5", reference: "Bestellung ÄÖ 12", tags: ["June"] };
    const { code } = await createLink({ ...fields, code: `Summer-${nanoid(5)}` }, token);
    await createLink({}, token);
    await listed("limit=100", (links) => links.length === 2, token);
    const found = async (query: string) =>
      codesOf((await api("GET", `/api/links?${query}`, undefined, { token })).body["links"]);
    for (const text of ["summer-", code.slice(2, 9), "OFFER/", "%e6%98", "äö 12", "stell", "BESTELLUNG ÄÖ 12"])
      expect([text, await found(`search=${encodeURIComponent(text)}`)]).toEqual([text, [code]]);
    for (const text of ["june", "summery", "offer12"]) expect(await found(`search=${text}`)).toEqual([]);
    expect(await found("tag=June")).toEqual([code]);
    expect(await found("tag=june")).toEqual([]);
    expect(await found("search=summer&accessed=true")).toEqual([]);
    expect(await found(`reference=${encodeURIComponent("Bestellung ÄÖ 12")}&search=offer`)).toEqual([code]);
  });

  it.each([
    ["search=ab", "search", "at least 3"],
    ["search=a%00b", "search", "control"],
    ["order=random", "order", "newest or oldest"],
    ["recipient=%2B818012345678", "recipient", "is unknown"],
    ["cursor=x", "cursor", "next_cursor"],
  ])("refuses %s", async (query, field, message) => {
    const { status, body } = await api("GET", `/api/links?${query}`);
    expect(status).toBe(422);
    expect(body["errors"]).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  it("shows what each link was counted, and as of when", async () => {
    const { token } = await tenant();
    const before = Date.now();
    const { code } = await createLink({}, token);
    await tap(code);
    await tap(code, { agent: "facebookexternalhit/1.1" });
    await eventually(
      async () => (await api("GET", `/api/links/${code}`, undefined, { token })).body["accesses"],
      (accesses) => accesses.length === 2,
    );
    await heard(code);
    const [line] = await listed("accessed=true", (links) => links.length === 1, token);
    expect(line?.["access_counts"]).toEqual({ person: 1, preview: 1, prefetch: 0, scanner: 0, probe: 0 });
    expect(Date.parse(line?.["counted_at"])).toBeGreaterThanOrEqual(before);
  });

  it("comes short where it would read too much, says how far it has searched, and goes on from there", async () => {
    const { sid, token } = await tenant();
    await createLink({}, token);
    const book = env.BOOK.getByName(objectNameOf({ sid, book: 1 }));
    const at = Date.now() - 10_000;
    const made = [...reports(sid, at, 2_500), ...reports(sid, at - DAY, 1, { tags: ["rare"] })];
    for (let n = 0; n < made.length; n += 500) await book.report(made.slice(n, n + 500));
    for (const [order, name] of [
      ["newest", "searched_back_to"],
      ["oldest", "searched_up_to"],
    ] as const) {
      const { shown, pages: all } = await pages(`/api/links?accessed=true&order=${order}`, "links", token);
      expect([shown, all.length]).toEqual([[], 3]);
      const searched = all.map((page) => page[name]);
      expect(searched.at(-1)).toBeNull();
      for (const [n, instant] of searched.slice(0, -1).entries()) {
        const shownAt = Number(all[n]?.["next_cursor"].split(".")[0]);
        expect(Date.parse(instant)).toBe(shownAt);
      }
      const rare = await pages(`/api/links?tag=rare&order=${order}`, "links", token);
      expect(rare.shown).toHaveLength(1);
    }
  });

  it("lists everything once, both ways, however few rows are read for a page: of several books, with what is of before", async () => {
    const { sid, token } = await tenant();
    const at = Date.now() - 100 * DAY;
    const places: string[] = [];
    await createLink({}, token);
    // It opened the first book; but books are one behind the other in time, and it is younger than what the others get.
    await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), (_, { storage }) => {
      storage.sql.exec("DELETE FROM line");
    });
    for (let n = 1; n <= 3; n++) {
      const book = n === 1 ? 1 : await openBook(sid, at + n * DAY);
      const stub = env.BOOK.getByName(objectNameOf({ sid, book }));
      const made = reports(sid, at + n * DAY, 25, { tags: [n === 2 ? "two" : "other"] });
      await stub.report(made);
      places.push(...made.map(placeOf));
    }
    // Before the first, between, and in the middle of a book.
    for (const createdAt of [at - DAY, at - DAY + 1, at + DAY + 7, at + 2.5 * DAY, at + 3 * DAY + 3]) {
      const { code } = await createLinkOfBefore({ accountSid: sid, createdAt, tags: ["other"] });
      places.push(placeOf({ code, createdAt }));
    }
    places.sort();
    const admitted = { sid, callbackUrl: null, books: [3, 2, 1], hasThingsOfBefore: true };
    const question = fc.record({
      order: fc.constantFrom<Order>("newest", "oldest"),
      limit: fc.constantFrom(1, 3, 10, 100),
      rows: fc.constantFrom(20, 41, 1_000),
      tag: fc.constantFrom(undefined, "two", "other", "none"),
    });
    await fc.assert(
      fc.asyncProperty(question, async ({ order, limit, rows, tag }) => {
        const filters: Filters = tag === undefined ? {} : { tag };
        let [above, below] = [BEFORE_ALL as string, BEHIND_ALL as string];
        const shown: string[] = [];
        for (let next: string | null = ""; next !== null;) {
          const query = { ...filters, order, limit, rows, above, below };
          const page = await pageOf(env, admitted, query, (keeper, asked) => keeper.linksPage(asked), placeOf);
          expect(page.things.length).toBeLessThanOrEqual(limit);
          shown.push(...page.things.filter(({ createdAt }) => createdAt < Date.now() - DAY).map(placeOf));
          next = page.next;
          if (next !== null && order === "newest") below = next;
          else if (next !== null) above = next;
        }
        const wanted = places.filter((_, n) => tag === undefined || tagOf(n) === tag);
        expect(shown).toEqual(order === "newest" ? wanted.toReversed() : wanted);
      }),
      { numRuns: 60 },
    );
    function tagOf(n: number): string {
      const createdAt = Number.parseInt(places[n]?.slice(0, 9) ?? "", 36);
      const isInTwo = createdAt >= at + 2 * DAY && createdAt < at + 2.5 * DAY;
      return isInTwo ? "two" : "other";
    }
  }, 60_000);

  it("asks an account's own object for a list where there is something of before there were books, and only there", async () => {
    const { sid, token } = await tenant();
    const { code } = await createLink({}, token);
    await listed("limit=1", (links) => links.length === 1, token);
    const admitted = async () => {
      const answer = await runInDurableObject(env.ACCOUNT.getByName(sid), (account, { storage }) => {
        const [row] = storage.sql.exec<{ hash: string }>("SELECT hash FROM token").toArray();
        return account.admit(row?.hash ?? "", true);
      });
      return answer?.hasThingsOfBefore;
    };
    expect(await admitted()).toBe(false);
    const before = await createLinkOfBefore({ accountSid: sid });
    await listed("limit=10", (links) => links.length === 2, token);
    expect(await admitted()).toBe(true);
    const all = await api("GET", "/api/links", undefined, { token });
    expect(new Set(codesOf(all.body["links"]))).toEqual(new Set([code, before.code]));
    expect(all.body["links"].find((link: { code: string }) => link.code === before.code)).toMatchObject({
      access_counts: null,
      counted_at: null,
    });
  });
});

describe("GET /api/messages", () => {
  it("lists messages by what is asked for, those of before there were books too", async () => {
    const login = await tenant();
    const { sid, token } = login;
    const ask = (query: string) => api("GET", `/api/messages?${query}`, undefined, { token });
    const ids = async (query: string) => {
      const { status, body } = await ask(query);
      expect(status, JSON.stringify(body)).toBe(200);
      return body["messages"].map(({ msgid }: { msgid: string }) => msgid);
    };
    const of = (fields: Record<string, string>) => send(fields, { login });
    const first = await of({ recipient: "+818011112222", tags: "june,sale", reference: "A-1" });
    const second = await of({ recipient: "+818033334444", track_link: "true", tags: "sale" });
    const before = newMessage({ recipient: "+818011112222", reference: "old", createdAt: Date.now() - DAY });
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      account.addMessage(before, IN_TIME);
      account.messageReported(before.msgid, "DELIVERED", null);
      await storage.deleteAlarm();
    });
    expect(await ids("")).toEqual([second, first, before.msgid]);
    expect(await ids("order=oldest")).toEqual([before.msgid, first, second]);
    expect(await ids("recipient=%2B818011112222")).toEqual([first, before.msgid]);
    expect(await ids("tag=sale")).toEqual([second, first]);
    expect(await ids("reference=A-1")).toEqual([first]);
    expect(await ids("search=EXAMPLE.com/a?b")).toEqual([second]);
    expect(await ids(`created_before=${new Date(before.createdAt + 1).toISOString()}`)).toEqual([before.msgid]);
    expect(await ids("accessed=true")).toEqual([]);
    const { body } = await ask(`recipient=%2B818033334444`);
    const [line] = body["messages"];
    expect(line).toMatchObject({ msgid: second, recipient: "+818033334444", accessed: false, tags: ["sale"] });
    expect(Object.keys(line.link)).toEqual(["code", "short_url", "url", "expires_at"]);
    expect(await ids(`search=${line.link.code.slice(1, 8).toUpperCase()}`)).toEqual([second]);
    await tap(line.link.code);
    await eventuallyHeard(
      [line.link.code],
      () => ids("accessed=true"),
      (found) => found.length === 1 && found[0] === second,
    );
    const page = await ask("limit=1");
    expect(await ids(`limit=1&cursor=${page.body["next_cursor"]}`)).toEqual([first]);
    await sms("DELETE", `messages/${first}`, undefined, { login });
    expect(await ids("recipient=%2B818011112222")).toEqual([before.msgid]);
    expect((await ask("reference=A-1")).body["messages"]).toMatchObject([{ msgid: first, recipient: null }]);
  });

  it.each([
    ["recipient=090", "recipient", "E.164"],
    ["recipient=+818012345678", "recipient", "%2B"],
    ["cursor=1.summer", "cursor", "next_cursor"],
    ["sent_date=2026-01-01", "sent_date", "is unknown"],
  ])("refuses %s", async (query, field, message) => {
    const { status, body } = await api("GET", `/api/messages?${query}`);
    expect(status).toBe(422);
    expect(body["errors"]).toEqual([{ field, message: expect.stringContaining(message) }]);
  });
});

describe("GET /api/links/:code/accesses", () => {
  const KINDS: AccessKind[] = ["person", "preview", "prefetch", "scanner", "probe"];

  /** Records them as they come from the edge, in batches of a hundred. */
  async function record(code: string, kinds: AccessKind[], at: number): Promise<void> {
    const accesses = kinds.map((kind, n): Access => accessOf({ kind, reason: null, device: null }, at + n, "JP"));
    for (let n = 0; n < accesses.length; n += 100) {
      const batch = accesses.slice(n, n + 100);
      await env.LINK.getByName(code).record(batch, batch[0]?.id);
    }
  }

  function sumOf(accesses: Things): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const { kind, count } of accesses) sum[kind] = (sum[kind] ?? 0) + count;
    return sum;
  }

  it("pages through all, newest first, and each counts one", async () => {
    const { token } = await tenant();
    const { code } = await createLink({}, token);
    const kinds = Array.from({ length: 250 }, (_, n) => KINDS[n % 3] ?? "person");
    await record(code, kinds, Date.now() - 1_000);
    const { shown, pages: all } = await pages(`/api/links/${code}/accesses?limit=100`, "accesses", token);
    expect(all.map(({ accesses }) => accesses.length)).toEqual([100, 100, 50]);
    expect(shown.map(({ kind }) => kind)).toEqual(kinds.toReversed());
    expect(shown.every(({ count, at, country }) => count === 1 && at !== null && country === "JP")).toBe(true);
  });

  it("ends with how many of each kind are not kept singly, so that all pages add up, though accesses come in meanwhile", async () => {
    const { sid, token } = await tenant();
    const { code } = await createLinkOfBefore({ accountSid: sid, createdAt: Date.now() - 40 * DAY });
    const kinds = Array.from({ length: 7_000 }, (_, n): AccessKind => (n % 10 === 0 ? "preview" : "person"));
    await record(code, kinds, Date.now() - 30 * DAY);
    await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
      for (let alarms = 0; alarms < 60; alarms++) {
        storage.sql.exec("UPDATE link SET drop_due_at = 1");
        await link.alarm();
      }
    });
    const counted = { person: 6_300, preview: 700 };
    const first = await api("GET", `/api/links/${code}/accesses?limit=100`, undefined, { token });
    await record(code, ["scanner", "person"], Date.now());
    const { shown } = await pages(`/api/links/${code}/accesses?limit=100`, "accesses", token);
    expect(sumOf(shown)).toEqual({ ...counted, person: 6_301, scanner: 1 });
    const singly = shown.filter(({ at }) => at !== null);
    expect(singly.length).toBeLessThan(3_000);
    const rolled = shown.slice(singly.length);
    expect(rolled.map(({ kind, at, count }) => [kind, at, count > 1])).toEqual([
      ["person", null, true],
      ["preview", null, true],
    ]);
    // Those that read on do not see what came in, nor count it.
    const rest: Things = [...first.body["accesses"]];
    for (let cursor = first.body["next_cursor"]; cursor !== null;) {
      const { body } = await api("GET", `/api/links/${code}/accesses?limit=100&cursor=${cursor}`, undefined, { token });
      rest.push(...body["accesses"]);
      cursor = body["next_cursor"];
    }
    expect(sumOf(rest)).toEqual(counted);
  }, 60_000);

  it("is 404 for another account's link, and for one that was deleted", async () => {
    const [own, stranger] = [await tenant(), await tenant()];
    const { code } = await createLink({}, own.token);
    const ask = (login: Login) => api("GET", `/api/links/${code}/accesses`, undefined, login);
    expect((await ask(own)).body).toEqual({ accesses: [], next_cursor: null });
    expect((await ask(stranger)).status).toBe(404);
    await api("DELETE", `/api/links/${code}`, undefined, own);
    expect((await ask(own)).status).toBe(404);
  });
});

describe("the version of before, which knows no books, asks the account's object", () => {
  it("about a message of a book, and is answered by it", async () => {
    const { sid, token } = await tenant();
    await createLink({}, token);
    const book = await openBook(sid, Date.now());
    const stub = env.BOOK.getByName(objectNameOf({ sid, book }));
    const msgid = mintMsgid(Date.now(), book);
    await runInDurableObject(stub, async (held, { storage }) => {
      held.addMessage(newMessage({ msgid, callbackUrl: "http://localhost:1/" }), IN_TIME);
      await storage.deleteAlarm();
    });
    const account = env.ACCOUNT.getByName(sid);
    expect(await account.message(msgid)).toMatchObject({ msgid, status: "QUEUED" });
    expect(await account.claimMessage(msgid, "http", "A", IN_TIME)).toMatchObject({ kind: "claimed", msgid });
    expect(await account.messageSent(msgid, "A", { kind: "accepted", carrierId: "C", isDelivered: false })).toBe(
      "DELIVERING",
    );
    expect(await account.messageQuestion(msgid)).toEqual(expect.any(Number));
    expect(await account.messageReported(msgid, "DELIVERED", null)).toBe("DELIVERED");
    expect(await account.retryCallback(msgid, IN_TIME)).toBe("accepted");
    expect(await account.eraseMessage(msgid, IN_TIME)).toBe(true);
    expect(await stub.message(msgid)).toMatchObject({ status: "DELIVERED", recipient: null });
    // Of another account's it hears nothing.
    const other = await tenant();
    expect(await env.ACCOUNT.getByName(other.sid).message(msgid)).toBeNull();
  });
});
