// The operator's means against abuse: an account is suspended or capped, may send in some names only, and one link of it is ended.
// Recipients of its other links notice nothing.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Account } from "../src/account/account.do.ts";
import { objectNameOf } from "../src/book/book.ts";
import { mintMsgid } from "../src/sms/message.ts";
import { api, createLink, eventually, IN_TIME, receiver, statusOf, tap } from "./support/firsttap.ts";
import { ACCEPTED, holding, newMessage, withQueue } from "./support/held-message.ts";
import { type Login, post, send, settled, sms, tenant } from "./support/sms.ts";

const DAY_MS = 86_400_000;
const SUSPENDED = "the account is suspended";
const SERVICE = "MG0123456789abcdef0123456789abcdef";
const making = (code: string, fields = {}) => ({
  what: "links" as const,
  code,
  openedBy: code,
  key: null,
  sender: null,
  ...fields,
});

afterEach(() => {
  vi.useRealTimers();
});

async function restrict({ sid }: Login, fields: object): Promise<Record<string, any>> {
  const { status, body } = await api("PATCH", `/api/accounts/${sid}`, fields);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const link = (login: Login, headers = {}) =>
  api("POST", "/api/links", { url: "https://example.com/" }, { token: login.token, headers });

describe("a suspended account", () => {
  it("makes nothing, and says why; what it has can be read, erased and ended", async () => {
    const login = await tenant();
    const { token } = login;
    const { code } = await createLink({}, token);
    const msgid = await send({}, { login });
    await settled(msgid, { login });
    await restrict(login, { suspended: true });
    for (const refused of [
      await link(login),
      await link(login, { "idempotency-key": "key" }),
      await api("PATCH", `/api/links/${code}`, { url: "https://example.com/elsewhere" }, { token }),
      await api("PATCH", "/api/account", { fallback_url: "https://example.com/elsewhere" }, { token }),
    ])
      expect(refused).toMatchObject({ status: 403, body: { type: "urn:firsttap:problem:account-suspended" } });
    expect(await post({}, { login })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining("suspended this account: It makes and sends nothing") },
    });
    expect(await statusOf(code, token)).toMatchObject({ url: "https://example.com/offer" });
    expect((await api("PATCH", `/api/links/${code}`, { reference: "kept" }, { token })).status).toBe(200);
    expect((await api("PATCH", "/api/account", { callback_url: null }, { token })).status).toBe(200);
    expect((await sms("DELETE", `messages/${msgid}`, undefined, { login })).status).toBe(204);
    expect((await api("DELETE", `/api/links/${code}`, undefined, { token })).status).toBe(204);
    await restrict(login, { suspended: null });
    expect([(await link(login)).status, (await post({}, { login })).status]).toEqual([201, 201]);
  });

  it("has links that redirect, record and call back", async () => {
    const login = await tenant();
    const { url, received } = await receiver();
    const { code } = await createLink({ callback_url: url }, login.token);
    await restrict(login, { suspended: true });
    expect((await tap(code)).headers.get("location")).toBe("https://example.com/offer");
    await eventually(received, (posts) => posts.length === 1);
    expect(await statusOf(code, login.token)).toMatchObject({ accessed: true });
  });

  it("hands nothing to a queue or carrier; a message goes on when that is lifted, or fails after its 24 hours", async () => {
    const message = newMessage();
    await holding(message, async ({ account, passTime }) => {
      const suspend = (suspended: boolean) => account.restrict({ suspended }, revisionOf(account), IN_TIME);
      suspend(true);
      const jobs = vi.fn();
      const restore = withQueue(account, { sendBatch: jobs });
      // A job from before comes late.
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED", reason: SUSPENDED });
      await passTime();
      expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED", reason: SUSPENDED });
      expect(jobs).not.toHaveBeenCalled();
      suspend(false);
      await passTime();
      expect(jobs).toHaveBeenCalledOnce();
      expect(await account.claimMessage(message.msgid, "http", "B", IN_TIME)).toMatchObject({ kind: "claimed" });
      restore();
    });
    const old = newMessage({ createdAt: Date.now() - DAY_MS });
    await holding(old, async ({ account, passTime }) => {
      account.restrict({ suspended: true }, revisionOf(account), IN_TIME);
      await passTime();
      expect(account.message(old.msgid)).toMatchObject({ status: "FAIL", reason: "given up after 24 hours" });
    });
  });

  it("hands over nothing that a book keeps either, until that is lifted", async () => {
    const login = await tenant();
    const name = { sid: login.sid, book: 1 };
    const message = newMessage({ msgid: mintMsgid(Date.now(), name.book) });
    const { msgid } = message;
    await runInDurableObject(env.BOOK.getByName(objectNameOf(name)), async (book, { storage }) => {
      const passTime = async () => {
        storage.sql.exec("UPDATE message SET send_due_at = 1 WHERE send_due_at IS NOT NULL");
        await book.alarm();
        await storage.deleteAlarm();
      };
      const jobs = vi.fn();
      const restore = withQueue(book, { sendBatch: jobs });
      book.open(name, IN_TIME);
      await restrict(login, { suspended: true });
      expect(book.addMessage(message, IN_TIME)).toBe(true);
      await storage.deleteAlarm();
      expect(await book.claimMessage(msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      await passTime();
      expect(book.message(msgid)).toMatchObject({ status: "QUEUED", reason: SUSPENDED });
      expect(jobs).not.toHaveBeenCalled();
      await restrict(login, { suspended: false });
      await passTime();
      expect(jobs).toHaveBeenCalledOnce();
      expect(await book.claimMessage(msgid, "http", "B", IN_TIME)).toMatchObject({ kind: "claimed" });
      restore();
    });
  });

  it("does not stop what a carrier is being given: whoever has the claim gets it again, and reports", async () => {
    const message = newMessage();
    await holding(message, async ({ account }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      account.restrict({ suspended: true }, revisionOf(account), IN_TIME);
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toMatchObject({ kind: "claimed" });
      expect(account.messageSent(message.msgid, "A", ACCEPTED)).toBe("DELIVERING");
    });
  });

  it("is one since it was suspended first, until that is lifted", async () => {
    const login = await tenant();
    const { suspended_at: since } = await restrict(login, { suspended: true });
    expect(await restrict(login, { suspended: true, links_per_day: 5 })).toMatchObject({
      suspended: true,
      suspended_at: since,
      links_per_day: 5,
    });
    expect(await restrict(login, { suspended: false })).toMatchObject({ suspended: false, suspended_at: null });
  });
});

describe("a cap", () => {
  it("lets through so many links a day, and not one more, however many come at once", async () => {
    const login = await tenant();
    await restrict(login, { links_per_day: 3 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => link(login)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, ...Array(7).fill(429)]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ type: "urn:firsttap:problem:daily-cap", detail: expect.any(String) });
    const seconds = Number(refused?.headers.get("retry-after"));
    expect(Math.abs(seconds - (DAY_MS - (Date.now() % DAY_MS)) / 1_000)).toBeLessThan(60);
    // Of messages there is none.
    expect((await post({ track_link: "true" }, { login })).status).toBe(201);
    const { body } = await api("GET", `/api/accounts/${login.sid}`);
    expect(body["used"]).toEqual({ today: { links: 3, messages: 1 }, month: { links: 3, messages: 1 } });
    await restrict(login, { links_per_day: null });
    expect((await link(login)).status).toBe(201);
  });

  it("counts a request that comes again with its key once, and answers it also when the cap is reached", async () => {
    const login = await tenant();
    await restrict(login, { links_per_day: 1, messages_per_day: 1 });
    for (const made of [() => link(login, { "idempotency-key": "l" }), () => keyedMessage(login)]) {
      const [first, again] = [await made(), await made()];
      expect([first.status, again.body]).toEqual([201, first.body]);
    }
    expect((await link(login, { "idempotency-key": "another" })).status).toBe(429);
    expect(await post({}, { login })).toMatchObject({
      status: 429,
      body: {
        detail: expect.stringMatching(/^Request was throttled\. Expected available in \d+ seconds\. The account/),
      },
    });
    // What was refused has used no key up.
    await restrict(login, { links_per_day: 2 });
    expect((await link(login, { "idempotency-key": "another" })).status).toBe(201);
  });

  const keyedMessage = (login: Login) => post({}, { login, headers: { "idempotency-key": "m" } });

  it("counts a call whose answer was lost once, begins anew each day of UTC, and forgets the months before", async () => {
    const { sid } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      const accept = (code: string) => account.accept(making(code), IN_TIME);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2027, 0, 30, 12) });
      account.restrict({ linksPerDay: 2 }, revisionOf(account), IN_TIME);
      expect(await accept("a")).toMatchObject({ kind: "claimed", made: "a" });
      expect(await accept("a")).toMatchObject({ kind: "claimed", made: "a" });
      expect(await accept("b")).toMatchObject({ kind: "claimed" });
      expect(await accept("c")).toEqual({ kind: "capped", most: 2, waitSeconds: 43_200 });
      vi.setSystemTime(Date.UTC(2027, 0, 31) - 1);
      expect(await accept("c")).toMatchObject({ kind: "capped", waitSeconds: 1 });
      vi.setSystemTime(Date.UTC(2027, 0, 31));
      expect(await accept("c")).toMatchObject({ kind: "claimed" });
      expect(account.restricted()?.used).toEqual({
        today: { links: 1, messages: 0 },
        month: { links: 3, messages: 0 },
      });
      vi.setSystemTime(Date.UTC(2027, 1, 1));
      await accept("d");
      expect(account.restricted()?.used.month).toEqual({ links: 1, messages: 0 });
      // Days are kept for 90 days, because they say also who made what.
      expect(storage.sql.exec("SELECT * FROM usage").toArray()).toHaveLength(3);
      vi.setSystemTime(Date.UTC(2027, 4, 1));
      await accept("e");
      expect(storage.sql.exec("SELECT day FROM usage").toArray()).toHaveLength(2);
    });
  });

  it("counts it once also where the object died with the answer, and the call comes to its next instance, on the next day", async () => {
    const { sid } = await tenant();
    const stub = env.ACCOUNT.getByName(sid);
    const codes = Array.from({ length: 120 }, (_, n) => `code-${n}`);
    const accept = (which: string[]) =>
      runInDurableObject(stub, async (account) => {
        for (const code of which)
          expect(await account.accept(making(code), IN_TIME)).toMatchObject({ kind: "claimed" });
        return account.restricted()?.used.month.links;
      });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2027, 0, 31) - 1 });
    expect(await accept(codes)).toBe(120);
    await evictDurableObject(stub);
    vi.setSystemTime(Date.UTC(2027, 0, 31));
    expect(await accept(["new", ...codes.slice(-100)])).toBe(121);
    await evictDurableObject(stub);
    expect(await accept(["new", ...codes.slice(-99)])).toBe(121);
  });

  it("of senders leaves those that are named, exactly", async () => {
    const login = await tenant();
    await restrict(login, { senders: ["SHOP", "+815012345678", SERVICE] });
    for (const sender of ["BANK", "shop", "815012345678"])
      expect(await post({ sender }, { login })).toMatchObject({
        status: 400,
        body: { sender: [`Must be one that the operator allows: SHOP, +815012345678, ${SERVICE}.`] },
      });
    expect((await post({ sender: "SHOP" }, { login })).status).toBe(201);
    expect((await post({ sender: SERVICE }, { login })).status).toBe(201);
    await restrict(login, { senders: [] });
    expect((await post({}, { login })).status).toBe(400);
    expect((await api("GET", `/api/accounts/${login.sid}`)).body["used"].today.messages).toBe(2);
  });

  it.each([
    ["messages_per_day", -1],
    ["links_per_day", 1.5],
    ["senders", ["MY.SHOP"]],
    ["senders", ["MG0123456789abcdef0123456789abcde"]],
    ["senders", "SHOP"],
    ["suspended", "yes"],
    ["name", "another"],
  ])("is not %s %j", async (field, value) => {
    const { sid } = await tenant();
    const { status, body } = await api("PATCH", `/api/accounts/${sid}`, { [field]: value });
    expect([status, body["errors"]]).toEqual([422, [{ field, message: expect.any(String) }]]);
  });
});

it("`main` can be restricted as well, and there is no account where there is none", async () => {
  expect(await restrict({ sid: "main", token: "" }, { links_per_day: 1_000 })).toMatchObject({ sid: "main" });
  await restrict({ sid: "main", token: "" }, { links_per_day: null });
  const closed = await tenant();
  await api("DELETE", `/api/accounts/${closed.sid}`);
  for (const sid of [closed.sid, "nobody"])
    for (const [method, body] of [["GET"], ["PATCH", { suspended: true }]] as const)
      expect((await api(method, `/api/accounts/${sid}`, body)).status).toBe(404);
});

describe("a link that the operator ends", () => {
  const end = ({ sid }: Login, code: string, reason = "phishing") =>
    api("DELETE", `/api/accounts/${sid}/links/${code}?reason=${encodeURIComponent(reason)}`);

  it("redirects no more, also not to what its owner wrote for late taps, and tells its owner why", async () => {
    const login = await tenant();
    const { token } = login;
    await api("PATCH", "/api/account", { fallback_url: "https://example.com/phish" }, { token });
    const { code } = await createLink({}, token);
    expect((await end(login, code)).status).toBe(204);
    const late = await tap(code);
    expect([late.status, late.headers.get("location")]).toEqual([410, null]);
    const ended = { by: "operator", reason: "phishing", at: expect.any(String) };
    expect(await statusOf(code, token)).toMatchObject({ code, ended });
    const { body } = await api("GET", "/api/links", undefined, { token });
    expect(body["links"]).toEqual([expect.objectContaining({ code, ended })]);
    const changed = await api("PATCH", `/api/links/${code}`, { url: "https://example.com/b" }, { token });
    expect(changed).toMatchObject({ status: 409, body: { type: "urn:firsttap:problem:ended-by-operator" } });
    expect((await api("DELETE", `/api/links/${code}`, undefined, { token })).status).toBe(204);
    expect(await statusOf(code, token)).toMatchObject({ ended });
  });

  it.each([false, true])(
    "is not opened again under its chosen code; deleted by its owner before: %s",
    async (before) => {
      const login = await tenant();
      const chosen = `chosen-${crypto.randomUUID()}`;
      const { code } = await createLink({ code: chosen }, login.token);
      if (before) await api("DELETE", `/api/links/${code}`, undefined, { token: login.token });
      expect((await end(login, code)).status).toBe(204);
      const reopen = () =>
        api("POST", "/api/links", { url: "https://example.com/", code: chosen }, { token: login.token });
      expect((await reopen()).status).toBe(409);
      // A month later only the row of the chosen code is left.
      await runInDurableObject(env.LINK.getByName(code), async (object, { storage }) => {
        storage.sql.exec("UPDATE link SET forget_due_at = 1");
        await object.alarm();
        expect(storage.sql.exec("SELECT is_barred FROM past_link").toArray()).toEqual([{ is_barred: 1 }]);
      });
      expect((await reopen()).status).toBe(409);
    },
  );

  it("is one of that account, and has a reason", async () => {
    const login = await tenant();
    const { code } = await createLink({}, login.token);
    expect((await end(await tenant(), code)).status).toBe(404);
    expect((await end(login, "no-such-code")).status).toBe(404);
    expect((await api("DELETE", `/api/accounts/${login.sid}/links/${code}`)).status).toBe(422);
    expect((await tap(code)).status).toBe(302);
  });

  it("still owes its callback", async () => {
    const login = await tenant();
    const { url, received } = await receiver({ status: 500 }, { status: 200 });
    const { code } = await createLink({ callback_url: url }, login.token);
    await tap(code);
    await eventually(received, (posts) => posts.length === 1);
    await end(login, code);
    await api("POST", `/api/links/${code}/callback/retry`, undefined, { token: login.token });
    await eventually(received, (posts) => posts.length === 2);
  });
});

it("the list of accounts has pages, newest first", async () => {
  const sids: string[] = [];
  for (let n = 0; n < 5; n++) sids.unshift((await tenant()).sid);
  const found: string[] = [];
  for (let cursor = "", page = 0; page < 3; page++) {
    const { status, body } = await api("GET", `/api/accounts?limit=2${cursor}`);
    expect([status, body["accounts"].length]).toEqual([200, 2]);
    found.push(...body["accounts"].map(({ sid }: { sid: string }) => sid));
    cursor = `&cursor=${body["next_cursor"]}`;
  }
  expect(found.slice(0, 5)).toEqual(sids);
  const { body } = await api("GET", "/api/accounts");
  expect(body["accounts"].slice(0, 5).map(({ sid }: { sid: string }) => sid)).toEqual(sids);
  for (const query of ["limit=0", "limit=1001", "cursor=x"])
    expect((await api("GET", `/api/accounts?${query}`)).status).toBe(422);
});

it("a page of accounts is read off an index", async () => {
  await runInDurableObject(env.ACCOUNT.getByName("main"), (_, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
       INSERT INTO tenant (sid, name, created_at) SELECT printf('%020d', i), 'x', i FROM n`,
    );
    const execute = vi.spyOn(Object.getPrototypeOf(storage.sql), "exec");
    const account = _.tenants({ limit: 10, after: { createdAt: 3_000, sid: "" } });
    const [cursor] = execute.mock.results.map(({ value }) => value).slice(-1);
    execute.mockRestore();
    expect([account.length, cursor.rowsRead < 50]).toEqual([11, true]);
    storage.sql.exec("DELETE FROM tenant WHERE name = 'x'");
  });
});

function revisionOf(account: Account): number {
  return account.restricted()?.revision ?? 0;
}
