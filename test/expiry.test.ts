// Promise 5: after 90 days the link is gone, to the second, and some weeks later its storage is, too.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { heard, listed } from "./support/books.ts";
import { api, createLink, eventually, receiver, recorded, settledCallback, tap } from "./support/firsttap.ts";

const DAY_MS = 24 * 3_600_000;
const DAYS_90_MS = 90 * DAY_MS;

/** Moves the clock that the Worker and its objects read; alarms and KV go on in real time. */
function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => void vi.useRealTimers());

it("a link redirects at 90 days − 1 s and answers 410 at 90 days + 1 s", async () => {
  const { code, created_at, expires_at } = await createLink();
  expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(DAYS_90_MS);
  setClock(Date.parse(expires_at) - 1_000);
  expect((await tap(code)).status).toBe(302);
  setClock(Date.parse(expires_at) + 1_000);
  // KV's own expiry runs on the real clock: the entry is still there, and is not trusted.
  expect(await env.DIRECTORY.get(code)).not.toBeNull();
  expect((await tap(code)).status).toBe(410);
  expect((await recorded(code, 1)).access_counts.person).toBe(1);
});

it("a shorter life ends to the millisecond, too", async () => {
  const { code, expires_at } = await createLink({ expires_in_seconds: 1 });
  setClock(Date.parse(expires_at) - 1);
  expect((await tap(code)).status).toBe(302);
  setClock(Date.parse(expires_at));
  expect((await tap(code)).status).toBe(410);
});

it("KV is told to forget the link when it ends", async () => {
  const { code, expires_at } = await createLink();
  const { keys } = await env.DIRECTORY.list({ prefix: code });
  expect(keys[0]?.expiration).toBe(Math.ceil(Date.parse(expires_at) / 1_000));
});

it("an access of before the end that arrives after it counts; one of after the end does not", async () => {
  const { code, expires_at } = await createLink();
  const link = env.LINK.getByName(code);
  const access = { kind: "person", reason: null, device: null, country: null } as const;
  setClock(Date.parse(expires_at) + 60_000);
  expect(await link.access({ ...access, id: "b", at: Date.parse(expires_at) })).toEqual({ kind: "ended" });
  expect(await link.access({ ...access, id: "a", at: Date.parse(expires_at) - 1 })).toEqual({
    kind: "recorded",
    first: true,
  });
});

it.each(["expired", "deleted"])(
  "30 to 31 days after its end, of a link that %s no row and no alarm is left",
  async (how) => {
    const { url: callback_url } = await receiver();
    const { code, expires_at } = await createLink({ callback_url, tags: ["x"] });
    await tap(code);
    await settledCallback(code, "delivered");
    await listed("limit=100", (links) => links.some((link) => link["code"] === code));
    const endsAt = how === "expired" ? Date.parse(expires_at) : Date.now();
    if (how === "deleted") await api("DELETE", `/api/links/${code}`);
    await heard(code);
    const link = env.LINK.getByName(code);

    setClock(endsAt + 30 * DAY_MS - 60_000);
    await runDurableObjectAlarm(link);
    expect((await tap(code)).status).toBe(410);

    setClock(endsAt + 31 * DAY_MS + 60_000);
    await runDurableObjectAlarm(link);
    await runInDurableObject(link, async (_, state) => {
      const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'");
      expect(tables.toArray()).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
    await env.DIRECTORY.delete(code);
    expect((await tap(code)).status).toBe(404);
    const { body } = await api("GET", "/api/links?limit=100");
    expect(body.links.map((one: { code: string }) => one.code)).not.toContain(code);
  },
);

it("until it is told to forget, an ended link keeps its alarm", async () => {
  const { code } = await createLink();
  await heard(code);
  await runInDurableObject(env.LINK.getByName(code), async (_, state) => {
    expect(await state.storage.getAlarm()).toBeGreaterThan(Date.now() + DAYS_90_MS);
  });
});

it("an Idempotency-Key is forgotten after 24 hours", async () => {
  const create = () =>
    api("POST", "/api/links", { url: "https://example.com/" }, { headers: { "idempotency-key": "day-key" } });
  const first = (await create()).body.code;
  setClock(Date.now() + DAY_MS - 60_000);
  expect((await create()).body.code).toBe(first);
  setClock(Date.now() + 120_000);
  const later = await eventually(create, () => true);
  expect(later.body.code).not.toBe(first);
});
