// A person's right: number and text of a message are erased at once, wherever they are, and nothing that comes late brings them
// back. That there was a message, and what became of it, stays.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { Books } from "../src/account/books.ts";
import { fingerprintsOf } from "../src/account/fingerprint.ts";
import type { Sent } from "../src/sms/carriers/carrier.ts";
import { objectNameOf } from "../src/book/book.ts";
import { bookOf, mintMsgid } from "../src/sms/message.ts";
import { pathOf, ROUTES } from "./routes.table.ts";
import { colleague } from "./support/browser.ts";
import { api, IN_TIME, ORIGIN, receiver } from "./support/firsttap.ts";
import { ACCEPTED, holding, LATER, newMessage } from "./support/held-message.ts";
import { type Login, MESSAGE, messageOf, post, send, settled, sms, tenant } from "./support/sms.ts";

const NUMBER = "+819055501234";
const TEXT = "A word that nobody else says: xylograph";
const REFUSED: Sent = { kind: "refused", reason: `21610: ${NUMBER} has stopped` };
const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";
const ERASED_UNSENT = "erased before it was sent";

const EXPORTS = ["links", "accesses", "messages", "callbacks", "message-callbacks", "figures"];
const FORMS = [".csv", ".ndjson", ".csv?for=spreadsheet"];

/** The message's life is told by the test alone. */
const personal = (fields = {}) => newMessage({ recipient: NUMBER, text: TEXT, ...fields });

/** Every row of every table of an object. */
function rowsOf({ storage }: DurableObjectState): string {
  const tables = storage.sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .toArray();
  return JSON.stringify(tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]));
}

function expectNobody(stored: string): void {
  expect(stored).not.toContain(NUMBER.slice(1));
  expect(stored).not.toContain("xylograph");
}

/** Every method of the account's object that can come late. */
const LATE: Record<string, (msgid: string) => unknown[]> = {
  claimMessage: (msgid) => [msgid, "http", "late", IN_TIME],
  messageReported: (msgid) => [msgid, "FAIL", REFUSED.kind === "refused" ? REFUSED.reason : ""],
  messageSent: (msgid) => [msgid, "A", REFUSED],
};

describe("DELETE /sms/messages/:msgid", () => {
  it("erases number, text and reason; the message stays, with its status", async () => {
    const login = await tenant();
    const msgid = await send({ recipient: NUMBER, message: TEXT, reference: "order-7" }, { login });
    const before = await settled(msgid, { login });
    for (const slash of ["", "/", ""])
      expect(await sms("DELETE", `messages/${msgid}${slash}`, undefined, { login })).toMatchObject({
        status: 204,
        body: null,
      });
    expect(await messageOf(msgid, { login })).toEqual({ ...before, recipient: null });
    const { body: listed } = await sms("GET", "messages/", undefined, { login });
    expect(listed).toEqual([expect.objectContaining({ msgid, recipient: null, reference: "order-7" })]);
    const { body: outbox } = await sms("GET", "outbox", undefined, { login });
    expect(outbox).toEqual([expect.objectContaining({ msgid, recipient: null, message: null })]);
  });

  it("is 404 for another account's message, which stays as it is, and for one that there is not", async () => {
    const login = await tenant();
    const msgid = await send({ recipient: NUMBER }, { login });
    const stranger = { login: await tenant() };
    for (const strange of [msgid, mintMsgid(Date.now(), 1), "x"])
      expect([strange, (await sms("DELETE", `messages/${strange}`, undefined, stranger)).status]).toEqual([
        strange,
        404,
      ]);
    expect(await messageOf(msgid, { login })).toMatchObject({ recipient: NUMBER });
  });

  it("of a message that nobody has yet: it does not leave, and says so", async () => {
    const message = personal();
    await holding(message, async ({ account, state, passTime }) => {
      expect(account.eraseMessage(message.msgid, IN_TIME)).toBe(true);
      expect(account.message(message.msgid)).toMatchObject({ status: "FAIL", reason: ERASED_UNSENT, recipient: null });
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      await passTime();
      expect(account.message(message.msgid)).toMatchObject({ status: "FAIL", reason: ERASED_UNSENT });
      expectNobody(rowsOf(state));
    });
  });

  it("of one that waits for its next try: it is not tried again", async () => {
    const message = personal();
    await holding(message, async ({ account, state, passTime }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      account.messageSent(message.msgid, "A", { ...LATER, reason: `busy with ${NUMBER}` });
      account.eraseMessage(message.msgid, IN_TIME);
      expect(account.message(message.msgid)).toMatchObject({ status: "FAIL", reason: ERASED_UNSENT });
      await passTime();
      expect(await account.claimMessage(message.msgid, "http", "B", IN_TIME)).toEqual({ kind: "nothing" });
      expectNobody(rowsOf(state));
    });
  });

  it.each<[string, Sent | null, object]>([
    ["the carrier takes it", ACCEPTED, { status: "DELIVERING", reason: null, carrierId: "SM1" }],
    ["the carrier refuses it", REFUSED, { status: "FAIL", reason: null }],
    ["the carrier is silent", { kind: "silent" }, { status: "FAIL", reason: MAY_HAVE_BEEN_SENT }],
    ["the carrier is busy", LATER, { status: "FAIL", reason: ERASED_UNSENT }],
    ["its sender dies", null, { status: "FAIL", reason: MAY_HAVE_BEEN_SENT }],
  ])("of one that is being given to the carrier: %s", async (_, sent, expected) => {
    const message = personal({ callbackUrl: "http://localhost:1/" });
    await holding(message, async ({ account, state, passTime }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      account.eraseMessage(message.msgid, IN_TIME);
      expectNobody(rowsOf(state));
      expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED", recipient: null });
      // Its holder asks again because it never got the answer: nobody gives away what is erased.
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      if (sent === null) await passTime();
      else account.messageSent(message.msgid, "A", sent);
      expect(account.message(message.msgid)).toMatchObject(expected);
      expectNobody(rowsOf(state));
    });
  });

  it.each(Object.entries(LATE))("is not undone by a late %s", async (method, argumentsOf) => {
    for (const wasGiven of [true, false]) {
      const message = personal({ callbackUrl: "http://localhost:1/" });
      await holding(message, async ({ account, state }) => {
        if (wasGiven) {
          await account.claimMessage(message.msgid, "http", "A", IN_TIME);
          account.messageSent(message.msgid, "A", ACCEPTED);
        }
        account.eraseMessage(message.msgid, IN_TIME);
        const late = (account as unknown as Record<string, (...args: unknown[]) => unknown>)[method];
        const answer = late?.apply(account, argumentsOf(message.msgid));
        expectNobody(rowsOf(state) + JSON.stringify(answer));
        // Its own acceptance, too, may have been on its way for long.
        account.addMessage(message, IN_TIME);
        expectNobody(rowsOf(state));
      });
    }
  });

  it("takes the number out of a report that is owed, and out of one that was delivered", async () => {
    const login = await tenant();
    const failing = await receiver({ status: 500 }, { status: 200 });
    const answering = await receiver();
    const delivered = await send({ recipient: NUMBER, callbackurl: answering.url }, { login });
    const msgid = await send({ recipient: NUMBER, callbackurl: failing.url }, { login });
    const attempted = (times: number) =>
      vi.waitUntil(async () => (await messageOf(msgid, { login }))["callback"].attempts.length === times, 10_000);
    await attempted(1);
    await vi.waitUntil(async () => (await answering.received()).length === 1, 10_000);
    for (const erased of [msgid, delivered]) await sms("DELETE", `messages/${erased}`, undefined, { login });
    await sms("POST", `messages/${msgid}/callback/retry`, undefined, { login });
    await vi.waitUntil(async () => (await failing.received()).length === 2, 10_000);
    const [first, second] = await failing.received();
    expect(JSON.parse(first?.body ?? "").data).toMatchObject({ msgid, recipient: NUMBER });
    expect(JSON.parse(second?.body ?? "").data).toEqual({
      ...JSON.parse(first?.body ?? "").data,
      recipient: null,
    });
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    await expectNothingStored(login);
  });

  it("leaves number and text in no object, no key of KV and no log line", async () => {
    const login = await tenant();
    const log = vi.spyOn(console, "log");
    const msgid = await send(
      { recipient: NUMBER, message: `${TEXT} https://example.com/a`, track_link: "true" },
      { login, headers: { "idempotency-key": "key" } },
    );
    await settled(msgid, { login });
    const before = await everythingStored(login);
    for (const told of [NUMBER, TEXT]) expect(before).toContain(told);
    log.mockClear();
    await sms("DELETE", `messages/${msgid}`, undefined, { login });
    // The same request again makes nothing anew.
    const again = await post(
      { recipient: NUMBER, message: `${TEXT} https://example.com/a`, track_link: "true" },
      { login, headers: { "idempotency-key": "key" } },
    );
    expect(again.body).toEqual([{ msgid }]);
    expect(await messageOf(msgid, { login })).toMatchObject({ recipient: null, link_tracking: { accessed: false } });
    expectNobody(JSON.stringify(log.mock.calls));
    await expectNothingStored(login);
    for (const { name } of (await env.DIRECTORY.list()).keys) expectNobody((await env.DIRECTORY.get(name)) ?? "");
  });
});

describe("of a person who was erased", () => {
  it("no route shows number or text, no export, no feed and no page of the dashboard, which all did", async () => {
    const login = await tenant();
    const { token } = login;
    // Its callback's body and a carrier's words would name the number, too.
    const refusing = await receiver(...Array.from({ length: 50 }, () => ({ status: 500 })));
    const fields = { recipient: NUMBER, message: `${TEXT} https://example.com/a`, track_link: "true" };
    const msgid = await send({ ...fields, callbackurl: refusing.url }, { login });
    const { link_tracking: tracking } = await settled(msgid, { login });
    const code = String(tracking.shortlink).split("/").at(-1) ?? "";
    const feed = (await api("POST", "/api/account/feeds", { numbers: "full" }, { token })).body["url"];
    const made = { name: "Spring", url: "https://example.com/{number}", size: 3 };
    const campaign = (await api("POST", "/api/campaigns", made, { token })).body["id"];
    const browser = await colleague("full", token);
    const addresses = ROUTES.filter(({ who, method }) => method === "GET" && who === "account").flatMap((route) => {
      const path = pathOf(route, { code, msgid, campaign, file: "messages.csv" });
      return path.startsWith("/api/export/messages")
        ? EXPORTS.flatMap((name) => FORMS.map((form) => `/api/export/${name}${form}`))
        : [path];
    });
    const found = `/api/messages?recipient=${encodeURIComponent(NUMBER)}`;
    const shown = async () => {
      const pages: [string, string][] = [];
      for (const path of [...addresses, found]) {
        const answer = await exports.default.fetch(ORIGIN + path, { headers: { authorization: `Bearer ${token}` } });
        expect([path, answer.status]).toEqual([path, 200]);
        pages.push([path, await answer.text()]);
      }
      for (const file of ["messages.csv", "messages.csv?changed_since=", "links.csv"])
        pages.push([`/feed/${file}`, await (await exports.default.fetch(`${feed}/${file}`)).text()]);
      for (const page of ["", "/links", `/links/${code}`, "/messages", `/messages/${msgid}`, "/settings"])
        pages.push([`/dashboard${page}`, (await browser.get(`/dashboard${page}`)).html]);
      return pages
        .filter(([, text]) => text.includes(NUMBER.slice(1)) || text.includes("xylograph"))
        .map(([path]) => path);
    };
    expect(await shown()).toEqual(
      expect.arrayContaining([
        "/sms/messages",
        `/sms/messages/${msgid}`,
        "/sms/outbox",
        "/api/messages",
        found,
        ...FORMS.map((form) => `/api/export/messages${form}`),
        "/feed/messages.csv",
        "/feed/messages.csv?changed_since=",
        "/dashboard/messages",
        `/dashboard/messages/${msgid}`,
      ]),
    );
    await sms("DELETE", `messages/${msgid}`, undefined, { login });
    expect(await shown()).toEqual([]);
  });
});

describe("POST /sms/forget", () => {
  it("erases all messages to a number, says how many, and leaves those to others", async () => {
    const login = await tenant();
    const stranger = await tenant();
    const theirs = await send({ recipient: NUMBER }, { login: stranger });
    const other = await send({ recipient: "+819055501235" }, { login });
    const msgids = await Promise.all([1, 2, 3].map(() => send({ recipient: NUMBER, message: TEXT }, { login })));
    const forget = () => sms("POST", "forget", new URLSearchParams({ recipient: NUMBER }), { login });
    expect(await forget()).toMatchObject({ status: 200, body: { erased: 3 } });
    expect(await forget()).toMatchObject({ status: 200, body: { erased: 0 } });
    for (const msgid of msgids) expect(await messageOf(msgid, { login })).toMatchObject({ recipient: null });
    expect(await messageOf(other, { login })).toMatchObject({ recipient: "+819055501235" });
    expect(await messageOf(theirs, { login: stranger })).toMatchObject({ recipient: NUMBER });
    await expectNothingStored(login);
  });

  it("goes through all books, also behind one whose object was not opened, and through what is of before", async () => {
    const login = await tenant();
    const { sid } = login;
    const stub = env.ACCOUNT.getByName(sid);
    const inFirst = await send({ recipient: NUMBER, message: TEXT }, { login });
    await settled(inFirst, { login });
    await runInDurableObject(stub, (account, { storage }) => {
      expect(account.addMessage(personal(), IN_TIME)).toBe(true);
      storage.sql.exec("UPDATE book SET full = 1");
    });
    const inSecond = await send({ recipient: NUMBER, message: TEXT }, { login });
    expect([bookOf(inFirst), bookOf(inSecond)]).toEqual([1, 2]);
    await settled(inSecond, { login });
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("INSERT INTO book (number, month, from_at) SELECT 3, month, from_at FROM book WHERE number = 2");
    });
    const forgotten = await sms("POST", "forget", new URLSearchParams({ recipient: NUMBER }), { login });
    expect(forgotten).toMatchObject({ status: 200, body: { erased: 3 } });
    await runInDurableObject(stub, (_, { storage }) => storage.sql.exec("DELETE FROM book WHERE number = 3").toArray());
    await expectNothingStored(login);
  });

  it("takes a number in the form in which messages take it, as JSON and as a form, and no other", async () => {
    const headers = { "content-type": "application/json" };
    expect(await sms("POST", "forget/", JSON.stringify({ recipient: MESSAGE.recipient }), { headers })).toMatchObject({
      status: 200,
    });
    for (const recipient of ["090-5550-1234", "819055501234", "+81 90 5550 1234", ""])
      expect(await sms("POST", "forget", new URLSearchParams({ recipient }))).toMatchObject({
        status: 400,
        body: { recipient: [expect.any(String)] },
      });
    expect(await sms("GET", "forget")).toMatchObject({ status: 405 });
  });

  it("goes through more messages than one step looks at, and goes on where it was broken off", async () => {
    const login = await tenant();
    const last = await send({ recipient: NUMBER, message: TEXT }, { login });
    await settled(last, { login });
    await runInDurableObject(env.ACCOUNT.getByName(login.sid), (account, { storage }) => {
      // Messages of before, each second one of every hundred to this number, in three steps and a bit.
      storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
         INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, created_at, status, jobs_sent, tries, forget_at)
         SELECT printf('0%031d', i), 'https://s.example.com', 'SHOP', IIF(i % 100 = 0, ?, '+819055501235'), ?, 1, 0, '[]', 1, 'DELIVERED', 0, 0, 9e15
         FROM n`,
        NUMBER,
        TEXT.replace("xylograph", ""),
      );
      const first = account.eraseMessagesTo(NUMBER, "", IN_TIME);
      expect(first).toEqual({ erased: 500, next: `0${"50000".padStart(31, "0")}` });
    });
    const forgotten = await sms("POST", "forget", new URLSearchParams({ recipient: NUMBER }), { login });
    expect(forgotten.body).toEqual({ erased: 701 });
    await expectNothingStored(login);
    // The machine may have much other work beside a hundred thousand rows.
  }, 120_000);

  it("erases no more than a thousand in one step", async () => {
    const login = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(login.sid), (account, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO message (msgid, origin, sender, recipient, text, parts, cost, tags, created_at, status, jobs_sent, tries, forget_at)
         SELECT printf('0%031d', i), 'https://s.example.com', 'SHOP', ?, ?, 1, 0, '[]', 1, 'DELIVERED', 0, 0, 9e15 FROM n`,
        NUMBER,
        TEXT,
      );
      expect(account.eraseMessagesTo(NUMBER, "", IN_TIME)?.erased).toBe(1_000);
    });
    const forgotten = await sms("POST", "forget", new URLSearchParams({ recipient: NUMBER }), { login });
    expect(forgotten.body).toEqual({ erased: 1_500 });
    await expectNothingStored(login);
  });
});

describe("the fingerprint of a request with an Idempotency-Key", () => {
  const DIGEST = "0".repeat(64);
  /** As the version of before writes it. */
  const INSERT = "INSERT INTO idempotency (key, fingerprint, made, opened_by, created_at) VALUES";

  it("is keyed: without the deployment's secret nobody finds out who a message went to", async () => {
    const [kept] = await fingerprintsOf(["secret"], "sid", DIGEST);
    expect(kept).not.toContain(DIGEST);
    for (const [keys, sid, digest] of [
      [["another"], "sid", DIGEST],
      [["secret"], "another", DIGEST],
      [["secret"], "sid", "1".repeat(64)],
    ] as const)
      expect((await fingerprintsOf(keys, sid, digest))[0]).not.toBe(kept);
    await expect(fingerprintsOf([], "sid", DIGEST)).rejects.toThrow("ADMIN_TOKEN");
  });

  it("is known again when it was kept with the key of before, or by the version of before", async () => {
    const [kept] = await fingerprintsOf(["before"], "sid", DIGEST);
    expect(await fingerprintsOf(["now", "before"], "sid", DIGEST)).toContain(kept);
    const { sid } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      storage.sql.exec(`${INSERT} ('key', ?, 'code', 'request', ?)`, DIGEST, Date.now());
      expect(await account.claimKey("key", DIGEST, "other", IN_TIME)).toMatchObject({ kind: "claimed", made: "code" });
      expect(await account.claimKey("key", "another", "other", IN_TIME)).toEqual({ kind: "reused" });
      await account.claimKey("new", DIGEST, "code", IN_TIME);
      const rows = storage.sql.exec("SELECT fingerprint FROM idempotency WHERE key = 'new'").toArray();
      expect(rows).not.toContainEqual({ fingerprint: DIGEST });
    });
  });

  it("is gone a day later, though no other key comes", async () => {
    const { sid } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      await account.claimKey("kept", DIGEST, "code", IN_TIME);
      storage.sql.exec(`${INSERT} ('over', ?, 'code', 'request', ?)`, DIGEST, Date.now() - 864e5);
      await account.wake();
      expect(storage.sql.exec("SELECT key FROM idempotency").toArray()).toEqual([{ key: "kept" }]);
    });
  });
});

/** Every row of the account's object, of its books, and of the links that they list. */
async function everythingStored({ sid }: Login): Promise<string> {
  const { rows, books } = await runInDurableObject(env.ACCOUNT.getByName(sid), (_, state) => ({
    rows: rowsOf(state),
    books: new Books(state.storage.sql).numbers(),
  }));
  const inBooks = await Promise.all(
    books.map((book) =>
      runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book })), (_, state) => ({
        rows: rowsOf(state),
        codes: state.storage.sql
          .exec<{ code: string }>("SELECT code FROM line UNION SELECT code FROM message WHERE code IS NOT NULL")
          .toArray(),
      })),
    ),
  );
  const codes = inBooks.flatMap((book) => book.codes);
  const inLinks = await Promise.all(
    codes.map(({ code }) => runInDurableObject(env.LINK.getByName(code), (_, state) => rowsOf(state))),
  );
  return [rows, ...inBooks.map((book) => book.rows), ...inLinks].join("\n");
}

async function expectNothingStored(login: Login): Promise<void> {
  expectNobody(await everythingStored(login));
}
