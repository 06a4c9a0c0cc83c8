// Alerts: an owner is told of what is wrong once an hour of each kind at most, and once when it is over; signed, retried and owed as every
// callback; and by a book that looks only when something has happened.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { nanoid } from "nanoid";
import { afterEach, expect, it, vi } from "vitest";
import type { Account } from "../src/account/account.do.ts";
import type { Sign } from "../src/alert/alert.ts";
import type { Book } from "../src/book/book.do.ts";
import { objectNameOf } from "../src/book/book.ts";
import { ADMIN_TOKEN, api, createLink, eventually, IN_TIME, receiver, tap } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { tenant } from "./support/sms.ts";

const HOUR_MS = 3_600_000;
const FAILS = [...Array.from({ length: 11 }, () => ({ status: 500 })), { status: 200 }];

afterEach(() => {
  vi.useRealTimers();
});

/** What waits in the account's own ledger, oldest first. */
function toldBy({ storage }: DurableObjectState): { text: string; data: Record<string, any> }[] {
  const rows = storage.sql.exec<{ body: string }>(
    "SELECT body FROM callback JOIN alert_told USING (event_id) ORDER BY alert_told.rowid",
  );
  return Array.from(rows, ({ body }) => JSON.parse(body));
}

const inBook = <T>(sid: string, check: (book: Book, state: DurableObjectState) => T | Promise<T>) =>
  runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), check);

/** The book looks, as it does when its tallies are due. */
const look = (sid: string) =>
  inBook(sid, async (book, { storage }) => {
    storage.sql.exec("UPDATE book SET tallies_due_at = 1");
    await book.alarm();
  });

it("a cap that is near is told once, with a signature, as a text that a chat shows", async () => {
  const { sid, token } = await tenant();
  const { url, received } = await receiver({ status: 500 }, { status: 200 });
  const { body: secret } = await api("POST", "/api/account/callback-secret", undefined, { token });
  const changed = await api("PATCH", "/api/account", { alert_url: url, name: "A shop" }, { token });
  expect(changed.body["alert_url"]).toBe(url);
  await api("PATCH", `/api/accounts/${sid}`, { links_per_day: 10 }, { token: ADMIN_TOKEN });
  for (let n = 0; n < 10; n++) await createLink({}, token);
  const posts = await eventually(received, ({ length }) => length === 2);
  const [first, second] = posts;
  const body = second?.body ?? "";
  expect(body).toBe(first?.body);
  const event = new Webhook(secret["callback_secret"]).verify(body, second?.headers ?? {}) as Record<string, any>;
  expect(event).toMatchObject({
    type: "account.alert",
    text: "firsttap (A shop)\n9 of the 10 links of today (UTC) are used.",
    data: { alert: "cap_near", state: "on", about: [{ what: "links", used: 9, most: 10 }] },
  });
  // The operator gives more: it is over.
  await api("PATCH", `/api/accounts/${sid}`, { links_per_day: 100 }, { token: ADMIN_TOKEN });
  const after = await eventually(received, ({ length }) => length === 3);
  expect(JSON.parse(after[2]?.body ?? "")).toMatchObject({ data: { state: "over" } });
  for (const wrong of ["javascript:alert(1)", "https://s.example.com/x", 7])
    expect((await api("PATCH", "/api/account", { alert_url: wrong }, { token })).body["errors"]).toMatchObject([
      { field: "alert_url" },
    ]);
});

async function withAccount(check: (account: Account, state: DurableObjectState) => Promise<void>): Promise<void> {
  const sid = nanoid();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, state) => {
    await account.open(sid, "a tenant", IN_TIME);
    await check(account, state);
  });
}

it("one kind is told once an hour at most, all that is new of it together, and what is over once", async () => {
  await withAccount(async (account, state) => {
    const now = Date.UTC(2027, 2, 3, 12);
    vi.useFakeTimers({ toFake: ["Date"], now });
    account.change({ alertUrl: "https://example.com/alerts" }, undefined, IN_TIME);
    const host = (name: string, callbacks: number): Sign => ({
      kind: "callbacks_exhausted",
      host: name,
      callbacks,
      status: 500,
      error: null,
    });
    const failed: Sign = { kind: "messages_failed", failed: 60, of: 200, share: 0.3, weekShare: 0.02 };
    account.noteSigns(1, [host("a.example", 1)], IN_TIME);
    expect(toldBy(state)).toHaveLength(1);
    // The same, and another of its kind: both wait. Another kind does not.
    account.noteSigns(1, [host("a.example", 2), host("b.example", 1), failed], IN_TIME);
    expect(toldBy(state).map(({ data }) => data["alert"])).toEqual(["callbacks_exhausted", "messages_failed"]);
    expect(toldBy(state)[1]?.text).toContain("30 % of the last 200 messages failed; in the week before it was 2 %.");
    expect(await state.storage.getAlarm()).toBeLessThanOrEqual(now + HOUR_MS);
    vi.setSystemTime(now + HOUR_MS);
    await account.alarm();
    expect(toldBy(state)[2]).toMatchObject({
      data: {
        state: "on",
        about: [
          { host: "a.example", callbacks: 2 },
          { host: "b.example", callbacks: 1 },
        ],
      },
    });
    // Nothing new: nothing more, however long it lasts.
    vi.setSystemTime(now + 5 * HOUR_MS);
    account.noteSigns(1, [host("a.example", 2), host("b.example", 1), failed], IN_TIME);
    await account.alarm();
    expect(toldBy(state)).toHaveLength(3);
    // One is over, while another book still sees it; then it is over there, too.
    account.noteSigns(2, [host("a.example", 1)], IN_TIME);
    account.noteSigns(1, [host("b.example", 1), failed], IN_TIME);
    const count = toldBy(state).length;
    account.noteSigns(2, [], IN_TIME);
    expect(toldBy(state).slice(count)).toMatchObject([{ data: { state: "over", about: [{ host: "a.example" }] } }]);
    // What comes and goes within the hour is told of neither.
    account.noteSigns(2, [host("c.example", 1)], IN_TIME);
    account.noteSigns(2, [], IN_TIME);
    expect(toldBy(state)).toHaveLength(count + 1);
    // Without an address nobody is told, nothing is due, and the storage is not asked.
    account.change({ alertUrl: null }, undefined, IN_TIME);
    account.noteSigns(1, [], IN_TIME);
    expect(toldBy(state)).toHaveLength(count + 1);
    vi.setSystemTime(now + 40 * 24 * HOUR_MS);
    await account.wake();
    expect(toldBy(state)).toEqual([]);
  });
});

it("in the account's language, and a cap is over with its day", async () => {
  await withAccount(async (account, state) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2027, 2, 3, 23) });
    account.change({ alertUrl: "https://example.com/alerts", language: "ja" }, undefined, IN_TIME);
    account.restrict({ linksPerDay: 1 }, account.view()?.revision ?? 0, IN_TIME);
    const making = { what: "links", key: null, sender: null } as const;
    await account.accept({ ...making, code: "a", openedBy: "a" }, IN_TIME);
    expect(toldBy(state).map(({ text }) => text)).toEqual([
      "firsttap (a tenant)\n本日(UTC)のリンクの上限1件のうち1件を使用しました。",
    ]);
    vi.setSystemTime(Date.UTC(2027, 2, 4));
    await account.alarm();
    expect(toldBy(state)[1]).toMatchObject({ data: { state: "over" } });
  });
});

it("a host to which callbacks were given up is told of by the book, and answers again", async () => {
  const { sid, token } = await tenant();
  const alerts = await receiver();
  await api("PATCH", "/api/account", { alert_url: alerts.url }, { token });
  const hook = await receiver(...FAILS);
  const { code } = await createLink({ callback_url: hook.url }, token);
  await look(sid);
  await tap(code);
  await eventually(
    async () => (await api("GET", "/api/callbacks?state=exhausted", undefined, { token })).body["callbacks"],
    ({ length }) => length === 1,
    20_000,
  );
  await look(sid);
  const [on] = await eventually(alerts.received, ({ length }) => length === 1);
  const { host } = new URL(hook.url);
  expect(JSON.parse(on?.body ?? "")).toMatchObject({
    text: expect.stringContaining(`Callbacks to ${host} fail: 1 given up, the last answer was 500.`),
    data: { alert: "callbacks_exhausted", about: [{ host, callbacks: 1, status: 500, error: null }] },
  });
  // It looks again and sees the same: the account is not asked.
  await look(sid);
  await api("POST", `/api/links/${code}/callback/retry`, undefined, { token });
  await eventually(hook.received, ({ length }) => length === 12);
  await eventually(
    async () => (await api("GET", "/api/callbacks", undefined, { token })).body["callbacks"],
    ({ length }) => length === 0,
    20_000,
  );
  await look(sid);
  const told = await eventually(alerts.received, ({ length }) => length === 2);
  expect(JSON.parse(told[1]?.body ?? "")).toMatchObject({ data: { state: "over" } });
});

it("messages that fail more than usual are told of: a fifth, of twenty, and twice the week's share, until it is a fifth again", async () => {
  const { sid, token } = await tenant();
  await createLink({}, token);
  const seen = () =>
    inBook(sid, async (book, { storage }) => {
      storage.sql.exec("UPDATE book SET tallies_due_at = 1");
      await book.alarm();
      const { signs } = storage.sql.exec<{ signs: string | null }>("SELECT signs FROM book").one();
      return JSON.parse(signs ?? "[]") as Sign[];
    });
  const end = (count: number, status: "DELIVERED" | "FAIL") =>
    inBook(sid, (book) => {
      for (let n = 0; n < count; n++) {
        const message = newMessage();
        book.addMessage(message, IN_TIME);
        book.messageReported(message.msgid, status, status === "FAIL" ? "unreachable" : null);
      }
    });
  await end(19, "FAIL");
  expect(await seen()).toEqual([]);
  await end(1, "FAIL");
  expect(await seen()).toMatchObject([{ kind: "messages_failed", failed: 20, of: 20, share: 1, weekShare: 0 }]);
  await end(200, "DELIVERED");
  expect(await seen()).toEqual([]);
  await end(41, "FAIL");
  // 41 of 200, and of the 61 before them 20.
  expect(await seen()).toEqual([]);
  await end(100, "FAIL");
  expect(await seen()).toMatchObject([{ kind: "messages_failed", failed: 141, of: 200 }]);
  await end(161, "DELIVERED");
  expect(await seen()).toEqual([]);
}, 30_000);
