// Callbacks that fail, and many of them tried once more: what is taken is tried, paced, once, and by the objects themselves, whatever
// becomes of the request.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../local/answers.ts";
import type { Book } from "../src/book/book.do.ts";
import { objectNameOf } from "../src/book/book.ts";
import type { BulkRetry, RetryWish } from "../src/callback/bulk-retry/bulk-retry.ts";
import type { FailingCallbacks } from "../src/callback/bulk-retry/failing.ts";
import { eventuallyHeard } from "./support/books.ts";
import { api, createLink, eventually, IN_TIME, receiver, statusOf, tap } from "./support/firsttap.ts";
import { type Login, messageOf, send, tenant } from "./support/sms.ts";

/** Until the callback is given up; what is tried then is delivered. */
const FAILS: Answer[] = [...Array.from({ length: 11 }, () => ({ status: 500 })), { status: 200 }];
const ALWAYS = { from: "2020-01-01", to: "2100-01-01" };

let login: Login;
beforeEach(async () => {
  login = await tenant();
});

const asked = (path = "", token = login.token) => api("GET", `/api/callbacks${path}`, undefined, { token });
const retry = (body: object, headers: Record<string, string> = {}, token = login.token) =>
  api("POST", "/api/callbacks/retry", body, { token, headers });
const bookOf = (sid: string) => env.BOOK.getByName(objectNameOf({ sid, book: 1 }));
const inBook = <T>(check: (book: Book, state: DurableObjectState) => T | Promise<T>) =>
  runInDurableObject(bookOf(login.sid), check);

/** So many links of the account's own whose callbacks were given up; the next attempt is answered 200. */
async function exhaustedLinks(count: number): Promise<{ codes: string[]; url: string; posts: () => Promise<number> }> {
  const hooks = await Promise.all(Array.from({ length: count }, () => receiver(...FAILS)));
  const codes = await Promise.all(
    hooks.map(async ({ url: callback_url }) => (await createLink({ callback_url }, login.token))["code"] as string),
  );
  for (const code of codes) await tap(code);
  for (const code of codes)
    await eventually(
      () => statusOf(code, login.token),
      ({ callback }) => callback.state === "exhausted",
      20_000,
    );
  await eventuallyHeard(
    codes,
    async () => (await asked("?state=exhausted")).body["callbacks"],
    (found) => found.length === count,
  );
  const posts = async () =>
    (await Promise.all(hooks.map(({ received }) => received()))).reduce((sum, { length }) => sum + length, 0);
  return { codes, url: hooks[0]?.url ?? "", posts };
}

it("what fails is told by host and last answer, with the links and messages that it is of, and when the host last answered 200", async () => {
  expect((await asked()).body).toEqual({ groups: [], callbacks: [], complete: true });
  const good = await receiver();
  const { code: delivered } = await createLink({ callback_url: good.url }, login.token);
  await tap(delivered);
  const { codes, url } = await exhaustedLinks(2);
  const reports = await receiver(...FAILS);
  const msgid = await send({ callbackurl: reports.url }, { login });
  const { body } = await eventually(
    () => asked("?state=exhausted"),
    ({ body: { callbacks } }) => callbacks.length === 3,
  );
  const { host } = new URL(url);
  expect(body["groups"]).toEqual([
    {
      state: "exhausted",
      host,
      status: 500,
      error: null,
      callbacks: 3,
      oldest_at: expect.any(String),
      last_tried_at: expect.any(String),
      answered_at: expect.any(String),
    },
  ]);
  expect(body["callbacks"].map((one: Record<string, unknown>) => one["code"] ?? one["msgid"]).toSorted()).toEqual(
    [...codes, msgid].toSorted(),
  );
  for (const one of body["callbacks"])
    expect(one).toMatchObject({ state: "exhausted", host, attempts: 11, status: 500 });
  expect((await asked("?host=elsewhere.example")).body).toMatchObject({ groups: [], callbacks: [] });
  expect((await asked("?limit=1")).body["callbacks"]).toHaveLength(1);
  expect((await asked("", (await tenant()).token)).body).toMatchObject({ groups: [], callbacks: [] });
});

it("a callback that failed and was delivered in one report costs no row; one that fails is there until it is delivered", async () => {
  const { codes } = await exhaustedLinks(1);
  const rows = () => inBook((_, { storage }) => storage.sql.exec("SELECT * FROM failing_callback").toArray());
  expect(await rows()).toHaveLength(1);
  const { url: callback_url } = await receiver({ status: 500 });
  const { code } = await createLink({ callback_url }, login.token);
  const written = await inBook(async (book, { storage }) => {
    const line = storage.sql.exec<{ created_at: number }>("SELECT created_at FROM line WHERE code = ?", code).one();
    const event = { kind: "attempt", eventId: "evt_a", error: null, durationMs: 1, at: Date.now() } as const;
    const report = (after: number, ...statuses: number[]) =>
      book.report([
        {
          sid: login.sid,
          book: 1,
          code,
          createdAt: line.created_at,
          after,
          events: statuses.map((status, n) => ({ ...event, attempt: after + n, status, number: after + n + 1 })),
        },
      ]);
    report(1, 500, 200);
    const atOnce = storage.sql.exec("SELECT * FROM failing_callback WHERE code = ?", code).toArray().length;
    return atOnce;
  });
  expect(written).toBe(0);
  expect((await api("POST", `/api/links/${codes[0]}/callback/retry`, undefined, { token: login.token })).status).toBe(
    202,
  );
  await settledOf(codes);
  await eventuallyHeard(codes, rows, (left) => left.length === 0);
});

async function settledOf(codes: readonly string[]): Promise<void> {
  for (const code of codes)
    await eventually(
      async () => (await api("GET", `/api/links/${code}`, undefined, { token: login.token })).body["callback"].state,
      (state) => state === "delivered",
      20_000,
    );
}

describe("POST /api/callbacks/retry", () => {
  it("takes what is meant, says how many, and each is delivered by one more POST", async () => {
    const { codes, posts } = await exhaustedLinks(3);
    const reports = await receiver(...FAILS);
    const msgid = await send({ callbackurl: reports.url }, { login });
    await eventually(
      () => asked("?state=exhausted"),
      ({ body: { callbacks } }) => callbacks.length === 4,
    );
    const none = { taken: 0, more: false, ends_at: null };
    expect((await retry({ state: "exhausted", ...ALWAYS, host: "elsewhere.example" })).body).toEqual(none);
    expect((await retry({ state: "owed", ...ALWAYS })).body).toEqual(none);
    expect((await retry({ state: "exhausted", from: "2020-01-01", to: "2020-01-02" })).body).toEqual(none);
    const key = { "idempotency-key": nanoid() };
    const taken = await retry({ state: "exhausted", ...ALWAYS }, key);
    expect([taken.status, taken.body]).toEqual([202, { taken: 4, more: false, ends_at: expect.any(String) }]);
    // Its answer was lost: the same again takes nothing more.
    expect((await retry({ state: "exhausted", ...ALWAYS }, key)).body).toEqual(taken.body);
    expect((await retry({ state: "owed", ...ALWAYS }, key)).body["errors"]).toMatchObject([
      { field: "Idempotency-Key" },
    ]);
    await settledOf(codes);
    await eventually(
      () => messageOf(msgid, { login }),
      ({ callback }) => callback.state === "delivered",
    );
    expect([await posts(), (await reports.received()).length]).toEqual([36, 12]);
    await eventuallyHeard(codes, asked, ({ body }) => body["callbacks"].length === 0);
  });

  it("is paced: 20 a second, over all that was asked for so far", async () => {
    await createLink({}, login.token);
    await inBook(async (_, { storage }) => {
      const { sql } = storage;
      const { failing, retries } = roomsOf(_);
      await exhaust(sql, failing, 45);
      const wish = wishOf({ id: "one" });
      const now = Date.now();
      const first = retries.take(wish, now);
      expect(first).toEqual({ taken: 45, isMore: false, endsAt: now + 2_000 });
      const due = sql.exec<{ n: number }>(
        "SELECT COUNT(*) AS n FROM failing_callback GROUP BY retry_at ORDER BY retry_at",
      );
      expect(Array.from(due, ({ n }) => n)).toEqual([20, 20, 5]);
      await exhaust(sql, failing, 3);
      expect(retries.take(wishOf({ id: "two" }), now)).toEqual({ taken: 3, isMore: false, endsAt: now + 3_000 });
      expect(retries.take(wishOf({ id: "three" }), now)).toEqual({ taken: 0, isMore: false, endsAt: now + 4_000 });
      // However late the alarm is, it asks the links of one second, and then waits for the next.
      expect(retries.begin(now + 60_000)).toHaveLength(20);
      expect([retries.begin(now + 60_999), retries.begin(now + 61_000).length]).toEqual([[], 20]);
    });
  });

  it("takes no more than its limit of one object, says that there is more, and gets that with the next request", async () => {
    await createLink({}, login.token);
    await inBook(async (book, { storage }) => {
      const { failing, retries } = roomsOf(book);
      await exhaust(storage.sql, failing, 5);
      expect(retries.take(wishOf({ id: "one", limit: 3 }), Date.now())).toMatchObject({ taken: 3, isMore: true });
      expect(retries.take(wishOf({ id: "two", limit: 3 }), Date.now())).toMatchObject({ taken: 2, isMore: false });
    });
  });

  it("a link that cannot be reached is asked again later; one that owes nothing any more is forgotten", async () => {
    await createLink({}, login.token);
    await inBook(async (book, { storage }) => {
      const { failing, retries } = roomsOf(book);
      await exhaust(storage.sql, failing, 3);
      const now = Date.now();
      retries.take(wishOf({}), now);
      const [out, taken, gone] = retries.begin(now);
      if (out === undefined || taken === undefined || gone === undefined) throw new Error("three were taken");
      retries.answered(
        [
          { name: out, answer: null },
          { name: taken, answer: "accepted" },
          { name: gone, answer: "unknown" },
        ],
        now,
      );
      expect(failing.retryDueAt()).toBe(now + 600_000);
      const left = failing.find({ state: null, from: 0, to: Infinity, host: null }, 9);
      expect(left.map(({ code }) => code).toSorted()).toEqual([out.code, taken.code].toSorted());
    });
  });

  it("survives that the book's object dies right behind the answer, and goes on from its alarm", async () => {
    const { codes } = await exhaustedLinks(2);
    expect((await retry({ state: "exhausted", ...ALWAYS })).body["taken"]).toBe(2);
    await evictDurableObject(bookOf(login.sid));
    await runDurableObjectAlarm(bookOf(login.sid));
    await settledOf(codes);
  });

  it("another link of the same code is not tried in its place", async () => {
    const { codes } = await exhaustedLinks(1);
    await runInDurableObject(env.LINK.getByName(codes[0] ?? ""), (link) => {
      expect(link.retryCallback(login.sid, IN_TIME, 1)).toBe("unknown");
    });
  });

  it("is for the scopes full and support, and not for a suspended account; what is wrong is named", async () => {
    for (const [scope, status] of [
      ["full", 202],
      ["support", 202],
      ["links", 403],
      ["send", 403],
      ["read", 403],
    ] as const) {
      const { body } = await api("POST", "/api/account/tokens", { scopes: [scope] }, { token: login.token });
      expect([scope, (await retry({ state: "owed", ...ALWAYS }, {}, body["token"])).status]).toEqual([scope, status]);
    }
    const wrong = async (body: object) => {
      const answer = await retry(body);
      return [answer.status, answer.body["errors"].map(({ field }: { field: string }) => field).toSorted()];
    };
    expect(await wrong({})).toEqual([422, ["from", "state", "to"]]);
    expect(await wrong({ state: "delivered", from: "yesterday", to: 5, host: "https://a.example/", more: 1 })).toEqual([
      422,
      ["from", "host", "more", "state", "to"],
    ]);
    expect(await wrong({ state: "owed", from: "2026-01-02", to: "2026-01-02" })).toEqual([422, ["to"]]);
    await api("PATCH", `/api/accounts/${login.sid}`, { suspended: true });
    expect((await retry({ state: "owed", ...ALWAYS })).body["type"]).toBe("urn:firsttap:problem:account-suspended");
  });
});

function wishOf(given: Partial<RetryWish>): RetryWish {
  return { id: "id", state: "exhausted", from: 0, to: 1e15, host: null, startAt: 0, limit: 5_000, ...given };
}

/** The rooms of a book that nobody else has the keys of. */
function roomsOf(book: Book): { failing: FailingCallbacks; retries: BulkRetry } {
  const { retries, keeping } = book as unknown as {
    retries: BulkRetry;
    keeping: { failing: () => FailingCallbacks };
  };
  return { failing: keeping.failing(), retries };
}

/** Writes down so many callbacks that were given up. */
async function exhaust(sql: SqlStorage, failing: FailingCallbacks, count: number): Promise<void> {
  const line = { callbackUrl: "https://hooks.example/", firstAccessedAt: Date.now(), delivered: [] };
  const before = failing.find({ state: null, from: 0, to: Infinity, host: null }, 100).length;
  for (let n = 0; n < count; n++) {
    const event = { kind: "callback", eventId: `evt_${n}`, state: "exhausted", number: 1, at: Date.now() } as const;
    failing.follow({ createdAt: before + n, code: `c${before + n}` }, [{ event, line }]);
  }
  // Nothing here is to be tried by the alarm itself.
  expect(sql.exec("SELECT * FROM failing_callback").toArray()).toHaveLength(before + count);
}
