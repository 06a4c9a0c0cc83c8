// Feeds: read-only addresses of an account's rows, for spreadsheets. What changes comes again; a token that was not made here asks nobody.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { feedToken, readFeedToken } from "../src/feed/feed-token.ts";
import worker from "../src/index.ts";
import { createLinkOfBefore, heard } from "./support/books.ts";
import { envWith } from "./support/faults.ts";
import { newMessage } from "./support/held-message.ts";
import { ADMIN_TOKEN, api, createLink, eventually, IN_TIME, ORIGIN, tap } from "./support/firsttap.ts";
import { type Login, messageOf, send, settled, sms, tenant } from "./support/sms.ts";

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function newFeed(token: string, terms: object = {}): Promise<Record<string, string>> {
  const { status, body } = await api("POST", "/api/account/feeds", terms, { token });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

const open = (url: string, method = "GET") => exports.default.fetch(url, { method, redirect: "manual" });

/** The lines of a file, and where the next page goes on. */
async function read(url: string): Promise<{ head: string; lines: string[]; next: string | null }> {
  const response = await open(url);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const [head = "", ...lines] = text.split("\r\n").slice(0, -1);
  return { head, lines, next: response.headers.get("x-next-cursor") };
}

/** Every page from a cursor on, up to the empty one; a fault when that does not come. */
async function readAll(url: string, since: string): Promise<{ lines: string[]; next: string; pages: number }> {
  const lines: string[] = [];
  let next = since;
  for (let pages = 1; pages < 200; pages += 1) {
    const page = await read(`${url}changed_since=${encodeURIComponent(next)}`);
    next = page.next ?? "";
    if (page.lines.length === 0) return { lines, next, pages };
    lines.push(...page.lines);
  }
  throw new Error("the pages do not end");
}

describe("a feed's token", () => {
  it("is the same each time, names its feed, and is known by each key of the deployment", async () => {
    const name = { sid: "main", id: "a".repeat(21) };
    const token = await feedToken(["newest", "before"], name);
    expect(token).toMatch(/^ft_feed_main_a{21}_[\w-]{43}$/);
    expect(await feedToken(["newest"], name)).toBe(token);
    expect(await readFeedToken(["another", "newest"], token)).toEqual(name);
    expect(await readFeedToken(["another", "before"], token)).toBeUndefined();
    await expect(feedToken([], name)).rejects.toThrow("ADMIN_TOKEN is missing");
  });

  it("with any other character is none", async () => {
    const token = await feedToken(["key"], { sid: "b".repeat(20), id: "a".repeat(21) });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom("A", "0", "-", "_", ".", "~", ""),
        async (n, other) => {
          const forged = token.slice(0, n) + other + token.slice(n + 1);
          if (forged !== token) expect(await readFeedToken(["key"], forged)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it("that was forged opens no object, in either form", async () => {
    const asked: string[] = [];
    const watching = { getByName: (name: string) => (asked.push(name), {}) };
    const sid = "c".repeat(20);
    const forged = await feedToken(["not this deployment's key"], { sid, id: "a".repeat(21) });
    for (const token of [forged, `ft_${sid}_${"a".repeat(43)}`, ADMIN_TOKEN, "x"]) {
      const request = new Request(`${ORIGIN}/feed/${token}/messages.csv`);
      const response = await worker.fetch(
        request as never,
        envWith({ ACCOUNT: watching, BOOK: watching }),
        {} as never,
      );
      expect([token, response.status]).toEqual([token, 404]);
    }
    expect(asked).toEqual([]);
  });

  it("is refused everywhere else, with what it is", async () => {
    const { token } = await tenant();
    const feed = (await newFeed(token))["url"]?.split("/").at(-1) ?? "";
    for (const [method, path] of [
      ["GET", "/api/links"],
      ["GET", "/api/account"],
      ["GET", "/api/export/messages.csv"],
      ["POST", "/api/account/feeds"],
      ["POST", "/api/links"],
    ] as const) {
      const { status, body } = await api(method, path, method === "POST" ? {} : undefined, { token: feed });
      expect([path, status, body["type"]]).toEqual([path, 403, "urn:firsttap:problem:feed-token"]);
    }
    const { sid } = await tenant();
    const refused = await sms("GET", "messages/", undefined, { login: { sid, token: feed } });
    expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining("feed")]);
    const tokenAsFeed = await open(`${ORIGIN}/feed/${token}/messages.csv`);
    expect(tokenAsFeed.status).toBe(404);
  });
});

describe("feeds", () => {
  it("are listed with their terms and the day of their last use, and end when they are revoked", async () => {
    const { token } = await tenant();
    const { url = "", ...made } = await newFeed(token, { name: "sheet" });
    expect(url).toMatch(/^https:\/\/s\.example\.com\/feed\/ft_feed_[0-9a-z]{20}_[\w-]{21}_[\w-]{43}$/);
    expect(made).toMatchObject({ name: "sheet", numbers: "last4", last_used_on: null });
    await newFeed(token, { numbers: "none" });
    const listed = async () => (await api("GET", "/api/account/feeds", undefined, { token })).body["feeds"];
    expect(await listed()).toEqual([made, expect.objectContaining({ name: null, numbers: "none" })]);
    await read(`${url}/links.csv`);
    expect((await listed())[0]).toEqual({ ...made, last_used_on: new Date().toISOString().slice(0, 10) });
    expect(JSON.stringify(await listed())).not.toContain(url.slice(-43));
    expect((await api("DELETE", `/api/account/feeds/${made["id"]}`, undefined, { token })).status).toBe(204);
    const refused = await open(`${url}/links.csv`);
    expect([refused.status, await refused.json()]).toEqual([
      404,
      expect.objectContaining({ type: "urn:firsttap:problem:not-found", detail: expect.stringContaining("feeds") }),
    ]);
    expect((await api("DELETE", `/api/account/feeds/${made["id"]}`, undefined, { token })).status).toBe(404);
  });

  it("write the day of their use once a day, and are read where nothing can be written", async () => {
    const { sid, token } = await tenant();
    const { id = "" } = await newFeed(token);
    await runInDurableObject(env.ACCOUNT.getByName(sid), (account, { storage }) => {
      const execute = vi.spyOn(Object.getPrototypeOf(storage.sql), "exec");
      const writes = () => {
        account.admitFeed(id);
        const found = execute.mock.calls.filter(([query]) => /^(?:INSERT|UPDATE|DELETE)/.test(String(query).trim()));
        execute.mockClear();
        return found.length;
      };
      expect([writes(), writes()]).toEqual([1, 0]);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS });
      expect([writes(), writes()]).toEqual([1, 0]);
      execute.mockRestore();
      vi.setSystemTime(Date.now() + DAY_MS);
      storage.sql.exec("CREATE TRIGGER full BEFORE UPDATE ON feed BEGIN SELECT RAISE(ABORT, 'database is full'); END");
      expect(account.admitFeed(id)).toEqual({ numbers: "last4", books: [] });
    });
  });

  it("end with their account, at once", async () => {
    const { sid, token } = await tenant();
    const { url } = await newFeed(token);
    expect((await open(`${url}/links.csv`)).status).toBe(200);
    await api("DELETE", `/api/accounts/${sid}`);
    expect((await open(`${url}/links.csv`)).status).toBe(404);
  });

  it("are read over https only, and robots.txt lets them be read", async () => {
    const { token } = await tenant();
    const { url = "" } = await newFeed(token);
    const clear = envWith({ ALLOW_LOCAL_ADDRESSES: "false" });
    const request = new Request(`${url}/links.csv`.replace("https:", "http:"));
    expect((await worker.fetch(request as never, clear, {} as never)).status).toBe(403);
    expect(await (await open(`${ORIGIN}/robots.txt`)).text()).toBe("User-agent: *\nAllow: /feed/\nDisallow: /\n");
  });

  it.each([
    ["numbers", "some"],
    ["name", ""],
    ["token", "mine"],
  ])("are not made with the %s %j", async (field, value) => {
    const { status, body } = await api("POST", "/api/account/feeds", { [field]: value });
    expect([status, body["errors"]]).toEqual([422, [{ field, message: expect.any(String) }]]);
  });

  it.each([
    ["links.csv?limit=5001", "limit"],
    ["links.csv?columns=code,colour", "columns"],
    ["messages.csv?columns=code", "columns"],
    ["links.csv?changed_since=x", "changed_since"],
    ["links.csv?changed_since=1.x", "changed_since"],
    ["links.csv?changed_since=0.x", "changed_since"],
    ["links.csv?timezone=Mars", "timezone"],
    ["links.csv?token=x", "token"],
  ])("%s is refused, and names %s", async (path, field) => {
    const { token } = await tenant();
    await createLink({}, token);
    const { url } = await newFeed(token);
    const response = await open(`${url}/${path}`);
    const body = await response.json<Record<string, unknown>>();
    expect([response.status, body["errors"]]).toEqual([422, [expect.objectContaining({ field })]]);
    expect(JSON.stringify(body)).not.toContain("ft_feed");
  });

  it("have no other files", async () => {
    const { url } = await newFeed((await tenant()).token);
    expect((await open(`${url}/accesses.csv`)).status).toBe(404);
    expect((await open(`${url}`)).status).toBe(404);
    expect((await open(`${url}/links.csv`, "POST")).status).toBe(404);
  });
});

describe("the newest rows", () => {
  it("come newest first, of all books, so many and with the columns that are wanted, with times of a place", async () => {
    const { sid, token } = await tenant();
    const { code: before } = await createLinkOfBefore({ accountSid: sid });
    const codes = [before];
    for (const reference of ["a", 'b,"c"', "=1+1"]) {
      const { code } = await createLink({ reference }, token);
      codes.unshift(code);
      await heard(code);
      // Each in another book.
      await runInDurableObject(
        env.ACCOUNT.getByName(sid),
        (_, { storage }) => void storage.sql.exec("UPDATE book SET full = 1"),
      );
    }
    const { url } = await newFeed(token);
    const { head, lines, next } = await read(`${url}/links.csv?columns=reference,code`);
    expect([head, next]).toEqual(["reference,code", null]);
    expect(lines).toEqual([`=1+1,${codes[0]}`, `"b,""c""",${codes[1]}`, `a,${codes[2]}`, `,${before}`]);
    expect((await read(`${url}/links.csv?columns=code&limit=2`)).lines).toEqual(codes.slice(0, 2));
    const { lines: timed } = await read(`${url}/links.csv?columns=created_at&limit=1&timezone=Asia/Tokyo`);
    expect(timed[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect((await read(`${url}/links.csv`)).head).toMatch(/^code,short_url,url,reference,.*,counted_at$/);
  });

  it("show of numbers what the feed was made with, also in the words of a carrier", async () => {
    const { sid, token } = await tenant();
    const login = { sid, token };
    const delivered = await send({}, { login });
    await settled(delivered, { login });
    await runInDurableObject(env.BOOK.getByName(`${sid}.1`), (_, { storage }) => {
      const words = "21211: +818012345678 is no number";
      storage.sql.exec("UPDATE message SET status = 'FAIL', reason = ?", words);
    });
    const shown = async (numbers: string) => {
      const { url } = await newFeed(token, { numbers });
      return (await read(`${url}/messages.csv?columns=recipient,reason`)).lines;
    };
    expect(await shown("full")).toEqual(["+818012345678,21211: +818012345678 is no number"]);
    expect(await shown("last4")).toEqual(["…5678,21211"]);
    expect(await shown("none")).toEqual([",21211"]);
    await sms("DELETE", `messages/${delivered}/`, undefined, { login });
    expect(await shown("last4")).toEqual([","]);
  });
});

describe("what has changed", () => {
  const COLUMNS = "columns=msgid,status,lt_accessed,recipient&";

  it("comes page by page, and again when a link is tapped later, leads elsewhere, or a person is erased", async () => {
    const { sid, token } = await tenant();
    const login = { sid, token };
    const { url = "" } = await newFeed(token, { numbers: "full" });
    const msgids: string[] = [];
    for (let n = 0; n < 5; n++) msgids.push(await send({ track_link: "true" }, { login }));
    for (const msgid of msgids) await settled(msgid, { login });
    const address = `${url}/messages.csv?${COLUMNS}limit=2&`;
    const lines = msgids.map((msgid) => `${msgid},DELIVERED,false,+818012345678`);
    const all = await readAll(address, "");
    expect(new Set(all.lines)).toEqual(new Set(lines));
    expect(all.pages).toBeGreaterThan(3);
    expect(await readAll(address, all.next)).toMatchObject({ lines: [], next: all.next, pages: 1 });

    const { link_tracking: tracking } = await messageOf(msgids[1] ?? "", { login });
    const code = String(tracking.shortlink).split("/").at(-1) ?? "";
    await tap(code);
    const opened = `${msgids[1]},DELIVERED,true,+818012345678`;
    const later = await eventually(
      () => readAll(address, all.next),
      ({ lines: found }) => found.includes(opened),
    );
    expect(later.lines).toEqual([opened]);

    await api("PATCH", `/api/links/${code}`, { url: "https://example.com/elsewhere" }, { token });
    await heard(code);
    const moved = await readAll(`${url}/messages.csv?columns=msgid,lt_original_link&`, later.next);
    expect(moved.lines).toEqual([`${msgids[1]},https://example.com/elsewhere`]);

    await sms("DELETE", `messages/${msgids[3]}/`, undefined, { login });
    expect((await readAll(address, moved.next)).lines).toEqual([`${msgids[3]},DELIVERED,false,`]);
  });

  it("of links comes again with each access, change and end", async () => {
    const { token } = await tenant();
    const { url } = await newFeed(token);
    const { code } = await createLink({}, token);
    await heard(code);
    const address = `${url}/links.csv?columns=code,accessed,person,url,ended_at&`;
    const first = await readAll(address, "");
    expect(first.lines).toEqual([`${code},false,0,https://example.com/offer,`]);
    await tap(code);
    await tap(code);
    await eventually(
      () => api("GET", `/api/links/${code}`, undefined, { token }),
      ({ body }) => body["access_counts"].person === 2,
    );
    await heard(code);
    const second = await readAll(address, first.next);
    expect(second.lines).toEqual([`${code},true,2,https://example.com/offer,`]);
    await api("DELETE", `/api/links/${code}`, undefined, { token });
    await heard(code);
    expect((await readAll(address, second.next)).lines).toEqual([
      expect.stringMatching(new RegExp(`^${code},true,2,https://example.com/offer,20`)),
    ]);
  });

  it("of before there were books comes once a day, all of it", async () => {
    const { sid, token } = await tenant();
    const msgids: string[] = [];
    await runInDurableObject(env.ACCOUNT.getByName(sid), (account) => {
      for (let n = 0; n < 5; n++) {
        const message = newMessage({ createdAt: Date.now() - 1_000 + n });
        account.addMessage(message, IN_TIME);
        msgids.push(message.msgid);
      }
    });
    const { url = "" } = await newFeed(token);
    const address = `${url}/messages.csv?columns=msgid&limit=2&`;
    const today = await readAll(address, "");
    expect(today.lines).toEqual(msgids.toSorted());
    expect((await readAll(address, today.next)).lines).toEqual([]);
    const { next } = await read(`${address}changed_since=`);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS });
    const tomorrow = await readAll(address, today.next);
    expect(tomorrow.lines).toEqual(msgids.toSorted());
    // What was under way at midnight goes to its end first.
    const rest = await readAll(address, next ?? "");
    expect(rest.lines).toEqual([...msgids.toSorted().slice(2), ...msgids.toSorted()]);
    expect((await readAll(address, tomorrow.next)).lines).toEqual([]);
  });

  it("goes through all books, and says nothing more of one that is gone", async () => {
    const { sid, token } = await tenant();
    const made: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { code } = await createLink({}, token);
      await heard(code);
      made.push(code);
      await runInDurableObject(
        env.ACCOUNT.getByName(sid),
        (_, { storage }) => void storage.sql.exec("UPDATE book SET full = 1"),
      );
    }
    const { url } = await newFeed(token);
    const address = `${url}/links.csv?columns=code&limit=1&`;
    const all = await readAll(address, "");
    expect(all.lines).toEqual(made);
    expect(all.next).toMatch(/^0\.\d+,1\.\d+,2\.\d+,3\.\d+$/);
    await runInDurableObject(env.BOOK.getByName(`${sid}.2`), (_, { storage }) => storage.deleteAll());
    await runInDurableObject(
      env.ACCOUNT.getByName(sid),
      (_, { storage }) => void storage.sql.exec("DELETE FROM book WHERE number = 2"),
    );
    const { code } = await createLink({}, token);
    await heard(code);
    expect((await readAll(address, all.next)).lines).toEqual([code]);
  });

  it("looks through a long journal of other things to the rows behind it", async () => {
    const { sid, token } = await tenant();
    const login = { sid, token };
    await createLink({}, token);
    await runInDurableObject(env.BOOK.getByName(`${sid}.1`), (_, { storage }) => {
      storage.sql.exec(
        `INSERT INTO journal (created_at, code, number, msgid, at, kind, fact, tags)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
         SELECT 1, 'code', i, NULL, 1, 'attempt', '{}', NULL FROM n`,
      );
    });
    const msgid = await send({}, { login });
    await settled(msgid, { login });
    const { url } = await newFeed(token);
    const { lines } = await read(`${url}/messages.csv?columns=msgid&changed_since=`);
    expect(lines).toEqual([msgid]);
  });
});

/** Whatever happens between two pages, in the end the newest state of everything was read. */
it("a reader that goes on from page to page has, in the end, what the account has", async () => {
  const login: Login = await tenant();
  const { url = "" } = await newFeed(login.token, { numbers: "full" });
  const book = env.BOOK.getByName(`${login.sid}.1`);
  await createLink({}, login.token);
  const have = new Map<string, string>();
  let since = "";
  const seen: string[] = [];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          accepted: fc.nat(3),
          reported: fc.array(fc.tuple(fc.nat(40), fc.constantFrom("DELIVERED", "FAIL", "DELIVERING")), {
            maxLength: 4,
          }),
          erased: fc.array(fc.nat(40), { maxLength: 1 }),
          limit: fc.integer({ min: 1, max: 4 }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (rounds) => {
        for (const { accepted, reported, erased, limit } of rounds) {
          await runInDurableObject(book, (instance) => {
            for (let n = 0; n < accepted; n++) {
              const message = newMessage();
              instance.addMessage(message, IN_TIME);
              seen.push(message.msgid);
            }
            const one = (n: number) => seen[n % Math.max(1, seen.length)] ?? "";
            for (const [n, status] of reported) instance.messageReported(one(n), status, null);
            for (const n of erased) instance.eraseMessage(one(n), IN_TIME);
          });
          const page = await read(
            `${url}/messages.csv?columns=msgid,status,recipient&limit=${limit}&changed_since=${since}`,
          );
          for (const line of page.lines) have.set(line.split(",")[0] ?? "", line);
          since = page.next ?? "";
        }
        const rest = await readAll(`${url}/messages.csv?columns=msgid,status,recipient&limit=3&`, since);
        for (const line of rest.lines) have.set(line.split(",")[0] ?? "", line);
        since = rest.next;
        const { lines } = await read(`${url}/messages.csv?columns=msgid,status,recipient&limit=5000`);
        expect(new Set(have.values())).toEqual(new Set(lines));
        expect(lines).toHaveLength(seen.length);
      },
    ),
    { numRuns: 15 },
  );
});
