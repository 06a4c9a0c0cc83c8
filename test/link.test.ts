// The link's object: what it has to bring to KV, and to its account's list where it is of before there were books, stays due until it
// has arrived. What it tells its book is in link-events.test.ts.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import type { Link } from "../src/link/link.do.ts";
import { ATTEMPT_LEASE_MS } from "../src/callback/schedule.ts";
import { brokenNamespace, envWith } from "./support/faults.ts";
import { createLinkOfBefore } from "./support/books.ts";
import { IN_TIME, createLink } from "./support/firsttap.ts";

const DAY_MS = 24 * 3_600_000;
const RETRY_MS = 10_000;
const PERSON = { kind: "person", reason: null, device: null, country: null } as const;

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => void vi.useRealTimers());

interface Held {
  link: Link;
  state: DurableObjectState;
  /** The columns of the link's row that say what is due, and when it ended. */
  row: () => Record<"directory_due_at" | "listing_due_at" | "forget_due_at" | "failures", number | null>;
  /** From now on the object has these bindings; without any, its own. */
  bind: (bindings?: Partial<Record<keyof Env, unknown>>) => void;
}

type Look = (held: Held, created: Record<string, any>) => unknown;

/** Creates a link and looks at it from within its object, with no alarm of its own to come between. */
async function within(fields: object, look: Look): Promise<void> {
  await lookAt(await createLink({ callback_url: "http://127.0.0.1:1/", ...fields }), look);
}

/** The same with a link of before there were books, which brings what it knows to its account's list. */
async function withinOneOfBefore(look: Look): Promise<void> {
  await lookAt(await createLinkOfBefore({ callbackUrl: "http://127.0.0.1:1/" }), look);
}

async function lookAt(created: Record<string, any>, look: Look): Promise<void> {
  await runInDurableObject(env.LINK.getByName(created["code"]), async (link, state) => {
    const bindings = link as unknown as { env: Env };
    const own = bindings.env;
    const bind = (others?: object) => void (bindings.env = others === undefined ? own : envWith(others));
    const row = () => state.storage.sql.exec("SELECT * FROM link").one() as ReturnType<Held["row"]>;
    await look({ link, state, row, bind }, created);
    bind();
    await state.storage.deleteAlarm();
  });
}

it("KV is written once at a time, and a write that arrived does not count for a change that came since", async () => {
  await withinOneOfBefore(async ({ link, state, row, bind }) => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const written: string[] = [];
    const put = (_: string, entry: string) => gates[written.push(JSON.parse(entry).d) - 1]?.promise;
    bind({ DIRECTORY: { put } });
    const changes = ["https://example.com/1", "https://example.com/2"].map(async (destination, n) => {
      await scheduler.wait(n * 20);
      await link.change("main", { destination }, undefined, IN_TIME);
    });
    await scheduler.wait(60);
    expect(written).toEqual(["https://example.com/1"]);
    // Should this be the last that is heard of this invocation, the alarm writes.
    expect(await state.storage.getAlarm()).toBeLessThanOrEqual(Date.now() + RETRY_MS);
    gates[0]?.resolve();
    await scheduler.wait(20);
    expect(written).toEqual(["https://example.com/1", "https://example.com/2"]);
    expect(row().directory_due_at).not.toBeNull();
    gates[1]?.resolve();
    await Promise.all(changes);
    expect(row()).toMatchObject({ directory_due_at: null, listing_due_at: null, failures: 0 });
  });
});

it("a miss in KV within a minute of a write is propagation: nothing is written again", async () => {
  await within({}, async ({ link, bind }) => {
    let puts = 0;
    bind({ DIRECTORY: { put: async () => void puts++ } });
    const wroteAt = Date.now();
    await link.change("main", { destination: "https://example.com/moved" }, undefined, IN_TIME);
    expect(puts).toBe(1);
    setClock(wroteAt + 55_000);
    expect(link.resolve(Date.now()).kind).toBe("live");
    await scheduler.wait(10);
    expect(puts).toBe(1);
    setClock(wroteAt + 65_000);
    link.resolve(Date.now());
    await scheduler.wait(10);
    expect(puts).toBe(2);
  });
});

it("a change of what KV does not hold costs no write of KV", async () => {
  await withinOneOfBefore(async ({ link, row, bind }) => {
    let puts = 0;
    bind({ DIRECTORY: { put: async () => void puts++ } });
    await link.change(
      "main",
      { tags: ["new"], destination: link.status("main")?.destination ?? "" },
      undefined,
      IN_TIME,
    );
    expect([puts, row().directory_due_at, row().listing_due_at]).toEqual([0, null, null]);
  });
});

it("what the account cannot be told stays due, and is told it when it is back", async () => {
  await withinOneOfBefore(async ({ link, state, row, bind }) => {
    bind({ ACCOUNT: brokenNamespace(new Error("down")) });
    const at = Date.now();
    expect(link.access({ ...PERSON, id: "1", at })).toEqual({ kind: "recorded", first: true });
    expect(await state.storage.getAlarm()).toBeLessThanOrEqual(Date.now());
    await link.alarm();
    expect(row().listing_due_at).toBeGreaterThan(at + RETRY_MS / 2 - 1);
    expect(row().failures).toBe(1);
    bind();
    state.storage.sql.exec("UPDATE link SET listing_due_at = 1");
    await link.alarm();
    expect(row()).toMatchObject({ listing_due_at: null, failures: 0 });
  });
});

it("another account can neither end a link nor withdraw its callback", async () => {
  await within({}, async ({ link }) => {
    link.access({ ...PERSON, id: "1", at: Date.now() });
    await link.closeWithAccount("another", IN_TIME);
    expect(await link.close("another", IN_TIME)).toBe(false);
    expect(link.resolve(Date.now()).kind).toBe("live");
    expect(link.status("main")?.callback.state).toBe("owed");
    expect([link.tracking("another"), link.status("another")]).toEqual([null, null]);
    expect(link.retryCallback("another", IN_TIME)).toBe("unknown");
  });
});

it("a link that ends with its account owes no callback", async () => {
  await within({}, async ({ link, state }) => {
    link.access({ ...PERSON, id: "1", at: Date.now() });
    await state.storage.deleteAlarm();
    await link.closeWithAccount("main", IN_TIME);
    expect(link.resolve(Date.now())).toEqual({ kind: "ended", accountSid: "main", isBarred: false });
    expect(link.tracking("main")?.callback).toMatchObject({ state: "none", nextAttemptAt: null });
  });
});

it("whoever claims an attempt sets the alarm for the case that nobody hears of it again", async () => {
  await withinOneOfBefore(async ({ link, state, bind }) => {
    const at = Date.now();
    setClock(at);
    link.access({ ...PERSON, id: "1", at });
    bind({ CALLBACKS: { sendBatch: async () => {} } });
    await link.alarm();
    bind();
    const { eventId } = link.tracking("main")?.callback ?? {};
    setClock(at + 1_000);
    expect((await link.claimAttempt(eventId ?? "", IN_TIME)).kind).toBe("claimed");
    expect(await state.storage.getAlarm()).toBe(at + 1_000 + ATTEMPT_LEASE_MS);
  });
});

it("a link that is deleted after its end is forgotten 30 to 31 days after its end", async () => {
  await within({}, async ({ link, row }, { expires_at }) => {
    const end = Date.parse(expires_at);
    setClock(end + DAY_MS);
    expect(await link.close("main", IN_TIME)).toBe(true);
    expect(Math.abs(Number(row().forget_due_at) - end - 30.5 * DAY_MS)).toBeLessThanOrEqual(DAY_MS / 2 + 10_000);
  });
});

it("what its account's list cannot be told is not forgotten yet; once forgotten, the code is free again", async () => {
  await withinOneOfBefore(async ({ link, state, row, bind }, { expires_at }) => {
    link.access({ ...PERSON, id: "1", at: Date.now() });
    const { eventId } = link.tracking("main")?.callback ?? {};
    const facts = link.status("main");
    if (facts === null || eventId == null) throw new Error("the link was not opened");
    const outcome = { status: 200, error: null, durationMs: 1, retryAfterSeconds: null };
    await link.claimAttempt(eventId, IN_TIME);
    link.reportAttempt({ eventId, attempt: 1, outcome });
    const late = Date.parse(expires_at) + 31 * DAY_MS;
    setClock(late);
    bind({ ACCOUNT: brokenNamespace(new Error("down")) });
    // Once for what is still due before, which the list need not hear any more.
    await link.alarm();
    expect(row()).toMatchObject({ listing_due_at: null, failures: 0 });
    await link.alarm();
    const again = Number(row().forget_due_at);
    expect(Math.abs(again - late - RETRY_MS)).toBeLessThanOrEqual(RETRY_MS / 2);
    expect(link.resolve(late).kind).toBe("ended");
    bind();
    setClock(again - 1);
    await link.alarm();
    expect(link.resolve(late).kind).toBe("ended");
    setClock(again);
    await link.alarm();
    expect(link.resolve(late).kind).toBe("unknown");
    expect(await state.storage.getAlarm()).toBeNull();
    expect((await link.open({ ...facts, expiresAt: late + DAY_MS }, "another", IN_TIME)).kind).toBe("opened");
    expect(link.access({ ...PERSON, id: "1", at: late })).toEqual({ kind: "recorded", first: true });
  });
});

it("an alarm that fails comes again", async () => {
  await within({}, async ({ link, state }) => {
    await state.storage.deleteAlarm();
    state.storage.sql.exec("ALTER TABLE link RENAME TO broken");
    const before = Date.now();
    await link.alarm();
    expect(await state.storage.getAlarm()).toBeGreaterThanOrEqual(before + RETRY_MS);
    state.storage.sql.exec("ALTER TABLE broken RENAME TO link");
  });
});

it("of more than a hundred accesses the status shows the newest hundred, and counts all", async () => {
  await within({}, async ({ link }) => {
    const at = Date.now();
    const accesses = Array.from({ length: 101 }, (_, n) => ({ ...PERSON, id: String(100 + n), at: at + n }));
    link.record(accesses);
    const status = link.status("main");
    expect(status?.accesses.map((access) => access.at - at)).toEqual(Array.from({ length: 100 }, (_, n) => 100 - n));
    expect(status?.accessCounts).toEqual({ person: 101, preview: 0, prefetch: 0, scanner: 0, probe: 0 });
    expect(link.tracking("main")?.personAccesses.slice(0, 2)).toEqual([at, at + 1]);
  });
});
