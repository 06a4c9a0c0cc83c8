// GET /api/health: what is stored is told, of all objects of the account; what is not known is said to be unknown.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import type { Answer } from "../local/answers.ts";
import { objectNameOf } from "../src/book/book.ts";
import { VERSION } from "../src/status/health/version.ts";
import { api, createLink, eventually, IN_TIME, receiver } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { type Login, send, settled, tenant } from "./support/sms.ts";

const PACKAGE = import.meta.glob("../package.json", { query: "?raw", import: "default", eager: true });
const MINUTE_MS = 60_000;

let login: Login;
beforeEach(async () => {
  login = await tenant();
  await createLink({}, login.token);
});

const checks = async (): Promise<Record<string, any>> => {
  const { body } = await api("GET", "/api/health", undefined, { token: login.token });
  return Object.fromEntries(body["checks"].map((check: { name: string }) => [check.name, check]));
};
const inBook = <T>(check: (state: DurableObjectState) => T) =>
  runInDurableObject(env.BOOK.getByName(objectNameOf({ sid: login.sid, book: 1 })), (_, state) => check(state));

it("an account where nothing is amiss stands well, and what nobody here knows is unknown", async () => {
  const found = await checks();
  expect(Object.values(found).filter(({ state }) => state === "bad")).toEqual([]);
  for (const name of ["queue_backlog", "dead_letters", "accesses_lost", "last_wake"])
    expect(found[name]).toMatchObject({ state: "unknown", count: null, since_at: null, advice: /\w/ });
  expect(Object.values(PACKAGE).map((text) => (JSON.parse(text) as { version: string }).version)).toEqual([VERSION]);
});

it("messages that wait are counted with why, and when the oldest was accepted", async () => {
  const at = Date.now() - 11 * MINUTE_MS;
  await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid: login.sid, book: 1 })), (book, { storage }) => {
    for (const msgid of ["a", "b"]) book.addMessage({ ...newMessage(), msgid, createdAt: at }, IN_TIME);
    const later = Date.now() + 60 * MINUTE_MS;
    storage.sql.exec("UPDATE message SET send_due_at = ?, reason = 'no carrier is set up' WHERE msgid = 'a'", later);
    storage.sql.exec("UPDATE message SET send_due_at = ?, reason = 'call +818012345678' WHERE msgid = 'b'", later);
  });
  expect((await checks())["messages_waiting"]).toMatchObject({
    state: "bad",
    count: 2,
    since_at: new Date(at).toISOString(),
    // A carrier's own words may hold a number.
    parts: expect.arrayContaining([
      { state: "waiting", reason: "no carrier is set up", count: 1 },
      { state: "waiting", reason: "another reason", count: 1 },
    ]),
  });
});

it("what messages came to is counted for an hour; callbacks that were given up want somebody to look", async () => {
  const fails: Answer[] = Array.from({ length: 11 }, () => ({ status: 500 }));
  const hook = await receiver(...fails);
  const msgid = await send({ callbackurl: hook.url }, { login });
  await settled(msgid, { login });
  const found = await eventually(checks, ({ callbacks_exhausted: { count } }) => count === 1);
  expect(found["callbacks_exhausted"].state).toBe("bad");
  expect(found["callbacks_owed"]).toMatchObject({ state: "good", count: 0, since_at: null });
  expect(found["carrier_answers"]).toMatchObject({
    state: "good",
    count: 1,
    parts: [{ state: "delivered", count: 1 }],
  });
  await inBook(({ storage }) => storage.sql.exec("UPDATE journal SET at = at - ?", 61 * MINUTE_MS));
  expect((await checks())["carrier_answers"]).toMatchObject({ count: 0, parts: [] });
});

it("the Cron Trigger's last visit is the oldest of all objects', and a sweep is told", async () => {
  const before = Date.now() - 80 * MINUTE_MS;
  await inBook(({ storage }) => storage.sql.exec("UPDATE book SET woken_at = ?", before));
  await env.ACCOUNT.getByName(login.sid).wake();
  await inBook(({ storage }) => storage.sql.exec("UPDATE book SET woken_at = ?, sweep_due_at = ?", before, 9e15));
  const found = await checks();
  expect(found["last_wake"]).toMatchObject({ state: "bad", since_at: new Date(before).toISOString() });
  expect(found["sweep"]).toMatchObject({ state: "bad", count: 1 });
});
