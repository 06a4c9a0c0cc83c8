// Promise 2: however many open a link at once, one access by a person is the first, and it never moves.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { accessOf } from "../src/redirect/record-access.ts";
import { listed } from "./support/books.ts";
import { AGENTS, createLink, receiver, recorded, settledCallback, statusOf, tap } from "./support/firsttap.ts";

const PERSON = { kind: "person", reason: null, device: "iPhone" } as const;

it("the object itself answers 'first' to exactly one of many concurrent accesses", async () => {
  const { code } = await createLink();
  const at = Date.now();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => env.LINK.getByName(code).access(accessOf(PERSON, at + i, null))),
  );
  expect(answers.filter((answer) => answer.kind === "recorded" && answer.first)).toHaveLength(1);
});

it("a preview, a prefetch, a scanner and a HEAD request before the person are recorded, but not the first access", async () => {
  const { code } = await createLink();
  await tap(code, { agent: AGENTS.applePreview });
  await tap(code, { headers: { "sec-purpose": "prefetch" } });
  await tap(code, { agent: "curl/8.5.0" });
  await tap(code, { method: "HEAD" });
  const counts = { person: 0, preview: 1, prefetch: 1, scanner: 1, probe: 1 };
  const before = await recorded(code, 4);
  expect(before).toMatchObject({ accessed: false, first_accessed_at: null, access_counts: counts });
  expect(before.callback).toEqual({ state: "none", event_id: null, next_attempt_at: null, attempts: [] });

  await tap(code);
  const after = await recorded(code, 5);
  expect(after).toMatchObject({ accessed: true, access_counts: { ...counts, person: 1 } });
  expect(after.accesses.map(({ kind, reason }: Record<string, unknown>) => [kind, reason])).toEqual([
    ["person", null],
    ["probe", "HEAD"],
    ["scanner", expect.any(String)],
    ["prefetch", "sec-purpose"],
    ["preview", "facebookexternalhit"],
  ]);
});

it("a replay of an access neither counts twice nor moves the first access", async () => {
  const { code } = await createLink();
  const link = env.LINK.getByName(code);
  const access = accessOf(PERSON, Date.now(), "JP");
  expect(await link.access(access)).toEqual({ kind: "recorded", first: true });
  await evictDurableObject(link);
  for (let replay = 0; replay < 5; replay++) expect(await link.access(access)).toEqual({ kind: "repeated" });
  expect(await statusOf(code)).toMatchObject({ access_counts: { person: 1 } });
});

it("an access that arrives late keeps its own time, and an earlier one that arrives later moves nothing", async () => {
  const { code } = await createLink();
  const link = env.LINK.getByName(code);
  const tappedAt = Date.now() - 60_000;
  await link.access(accessOf(PERSON, tappedAt, null));
  await link.access(accessOf(PERSON, tappedAt - 30_000, null));
  const status = await statusOf(code);
  expect(status.first_accessed_at).toBe(new Date(tappedAt).toISOString());
  expect(status.access_counts.person).toBe(2);
});

it("the first access survives the eviction of its object between any two steps", async () => {
  const { url: callback_url, received } = await receiver({ status: 500 }, { status: 503 }, { status: 200 });
  const { code } = await createLink({ callback_url });
  const link = env.LINK.getByName(code);
  const evict = () => evictDurableObject(link).catch(() => "it was not running");
  await evict();
  await tap(code);
  await evict();
  const first = (await recorded(code, 1)).first_accessed_at;
  for (let step = 0; step < 30; step++) {
    await evict();
    if ((await statusOf(code)).callback.state === "delivered") break;
    await scheduler.wait(10);
  }
  // An attempt whose object was evicted between claim and report is repeated after its lease of 34 s.
  const callback = await settledCallback(code, "delivered", 110_000);
  await evict();
  const status = await statusOf(code);
  expect(status).toMatchObject({ first_accessed_at: first, callback: { event_id: callback.event_id } });
  expect(new Set((await received()).map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([callback.event_id]));
}, 120_000);

it("the callback is owed in the same transaction as the first access", async () => {
  const crashing = await createLink({ callback_url: "http://127.0.0.1:1/" });
  await runInDurableObject(env.LINK.getByName(crashing.code), async (instance, state) => {
    // A write that fails after the first access was written takes the first access back with it.
    expect(() =>
      state.storage.transactionSync(() => {
        instance.access(accessOf(PERSON, Date.now(), null));
        throw new Error("crash");
      }),
    ).toThrow("crash");
    const rows = state.storage.sql.exec(
      "SELECT (SELECT COUNT(*) FROM sqlite_master WHERE name = 'callback') AS owed, first_accessed_at FROM link",
    );
    expect(rows.one()).toEqual({ owed: 0, first_accessed_at: null });
  });
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" });
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    // Without a crash, all four are there before anything could come between.
    instance.access(accessOf(PERSON, Date.now(), null));
    const after = state.storage.sql.exec(
      "SELECT callback.state, link.first_accessed_at IS NOT NULL AS accessed FROM callback, link",
    );
    expect(after.one()).toEqual({ state: "owed", accessed: 1 });
    expect(await state.storage.getAlarm()).toBeLessThanOrEqual(Date.now());
    await state.storage.deleteAlarm();
  });
});

it("the list of links shows the first access, too", async () => {
  const { code } = await createLink({ reference: "list-me" });
  const [before] = await listed("reference=list-me", (links) => links.length === 1);
  expect(before).toMatchObject({ code, accessed: false, first_accessed_at: null });
  await tap(code);
  const [after] = await listed("reference=list-me", ([link]) => link?.["accessed"] === true);
  expect(after?.["first_accessed_at"]).toBe((await statusOf(code)).first_accessed_at);
});
