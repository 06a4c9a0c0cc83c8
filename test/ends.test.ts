// Ends are ends: what was deleted never redirects again, a chosen code stays its account's, and forgetting leaves no line behind.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { afterEach, expect, it, vi } from "vitest";
import type { Link } from "../src/link/link.do.ts";
import { createLinkOfBefore, heard, heardBy } from "./support/books.ts";
import { brokenNamespace, envWith } from "./support/faults.ts";
import { api, createLink, eventually, IN_TIME, receiver, recorded, statusOf, tap } from "./support/firsttap.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** An ended link's storage is freed by then. */
const FORGOTTEN_AFTER_MS = 31 * DAY_MS + MINUTE_MS;
const PERSON = { kind: "person", reason: null, device: null, country: null } as const;
const ENDED = { d: "", e: 0 };

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => void vi.useRealTimers());

interface Held {
  link: Link;
  state: DurableObjectState;
  row: () => Record<string, SqlStorageValue>;
  /** From now on the object has these bindings; without any, its own. */
  bind: (bindings?: Partial<Record<keyof Env, unknown>>) => void;
}

/** Looks at a link from within its object, with no alarm of its own to come between. */
async function within(code: string, look: (held: Held) => unknown): Promise<void> {
  await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
    const bound = link as unknown as { env: Env };
    const own = bound.env;
    const bind = (others?: object) => void (bound.env = others === undefined ? own : envWith(others));
    await state.storage.deleteAlarm();
    await look({ link, state, row: () => state.storage.sql.exec("SELECT * FROM link").one(), bind });
    bind();
    await state.storage.deleteAlarm();
  });
}

/** KV as the object sees it, with what is refused. */
function directory({ refuses }: { refuses: ("put" | "delete")[] }) {
  const asked: string[] = [];
  const method =
    (name: "put" | "delete") =>
    (...args: unknown[]) => {
      asked.push(name);
      if (refuses.includes(name)) return Promise.reject(new Error("429 Too Many Requests"));
      return (env.DIRECTORY[name] as (...all: unknown[]) => Promise<void>)(...args);
    };
  return { asked, DIRECTORY: { put: method("put"), delete: method("delete") } };
}

/** Does what is due, as if it were due now. */
async function runDuties(link: Link): Promise<void> {
  (link as unknown as { ctx: DurableObjectState }).ctx.storage.sql.exec("UPDATE link SET directory_due_at = 1");
  await link.alarm();
}

async function act(code: string): Promise<void> {
  await runDurableObjectAlarm(env.LINK.getByName(code));
}

/** What is in the tables of a link's object. */
async function tablesOf(code: string): Promise<Record<string, unknown[]>> {
  return runInDurableObject(env.LINK.getByName(code), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
      .toArray();
    return Object.fromEntries(tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]));
  });
}

/** What the account's own list has, of links of before there were books. */
async function linesOf(sid: string, code: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(env.ACCOUNT.getByName(sid), (_, { storage }) =>
    storage.sql.exec("SELECT * FROM link WHERE code = ?", code).toArray(),
  );
}

async function tenant(): Promise<{ sid: string; token: string }> {
  const { body } = await api("POST", "/api/accounts", { name: "another" });
  return { sid: body["sid"], token: body["token"] };
}

const chosen = () => `chosen-${nanoid(12)}`;

it("where KV refuses to delete, a deleted link's entry is overwritten by one that leads nowhere", async () => {
  const { code, expires_at } = await createLink();
  await within(code, async ({ link, row, bind }) => {
    const { DIRECTORY, asked } = directory({ refuses: ["delete"] });
    bind({ DIRECTORY });
    await link.close("main", IN_TIME);
    expect([asked, row()["directory_due_at"]]).toEqual([["delete", "put"], null]);
  });
  expect(await env.DIRECTORY.get(code, "json")).toEqual(ENDED);
  const { keys } = await env.DIRECTORY.list({ prefix: code });
  expect(keys[0]?.expiration).toBe(Math.ceil(Date.parse(expires_at) / 1_000));
  expect((await tap(code)).status).toBe(410);
});

it("a link that was deleted has ended, also for an instance of its object whose clock is behind", async () => {
  const { code } = await createLink();
  await within(code, async ({ link, row, bind }) => {
    bind(directory({ refuses: ["put", "delete"] }));
    await link.close("main", IN_TIME);
    bind();
    setClock(Number(row()["closed_at"]) - 20);
    await runDuties(link);
  });
  expect(await env.DIRECTORY.get(code)).toBeNull();
});

it("a link that KV cannot be told of is not forgotten: nothing would be left that knows of the entry", async () => {
  const { code } = await createLink();
  const deletedAt = Date.now();
  await within(code, async ({ link, state, row, bind }) => {
    bind(directory({ refuses: ["put", "delete"] }));
    await link.close("main", IN_TIME);
    await heardBy(link, state);
    setClock(deletedAt + FORGOTTEN_AFTER_MS);
    await link.alarm();
    expect(row()["directory_due_at"]).toBeGreaterThan(Date.now());
    expect(await env.DIRECTORY.get(code)).not.toBeNull();
    bind();
    setClock(Number(row()["directory_due_at"]));
    await link.alarm();
    expect(await env.DIRECTORY.get(code)).toBeNull();
    expect(row()["directory_due_at"]).toBeNull();
    await link.alarm();
    expect(link.resolve(Date.now()).kind).toBe("unknown");
  });
});

it("while the link waits for KV to be forgotten, its alarm comes for KV and not at once", async () => {
  const { code } = await createLink();
  const deletedAt = Date.now();
  await within(code, async ({ link, state, row, bind }) => {
    bind(directory({ refuses: ["put", "delete"] }));
    await link.close("main", IN_TIME);
    await heardBy(link, state);
    setClock(deletedAt + FORGOTTEN_AFTER_MS);
    await link.alarm();
    expect(await state.storage.getAlarm()).toBe(row()["directory_due_at"]);
  });
});

it("a link that was opened again and has expired is taken out of KV where KV still has the one before", async () => {
  const code = chosen();
  await createLink({ code });
  const entry = (await env.DIRECTORY.get(code)) ?? "";
  await api("DELETE", `/api/links/${code}`);
  const { expires_at } = await createLink({ code, expires_in_seconds: 60 });
  await within(code, async ({ link }) => {
    // KV has refused all that came behind the first link.
    await env.DIRECTORY.put(code, entry);
    setClock(Date.parse(expires_at));
    await runDuties(link);
  });
  expect(await env.DIRECTORY.get(code)).toBeNull();
});

it("a callback that is owed still, however late, is brought before the link is forgotten", async () => {
  const { url: callback_url, received } = await receiver();
  const { code, expires_at } = await createLink({ callback_url });
  await within(code, async ({ link }) => {
    setClock(Date.parse(expires_at) + FORGOTTEN_AFTER_MS);
    link.access({ ...PERSON, id: "replayed", at: Date.parse(expires_at) - 1 });
    await link.alarm();
  });
  await eventually(received, (posts) => posts.length === 1);
  await heard(code);
  await eventually(
    async () => {
      await act(code);
      return tablesOf(code);
    },
    (tables) => Object.keys(tables).length === 0,
  );
});

it("a tap that KV redirected long after the deletion lets the object delete the entry again", async () => {
  const { code } = await createLink();
  const entry = (await env.DIRECTORY.get(code)) ?? "";
  const deletedAt = Date.now();
  await within(code, async ({ link, row }) => {
    await link.close("main", IN_TIME);
    // KV has lost the deletion.
    await env.DIRECTORY.put(code, entry);
    setClock(deletedAt + 2 * MINUTE_MS);
    // What KV serves in its first minute is its consistency, and expected.
    expect(link.access({ ...PERSON, id: "1", at: deletedAt + MINUTE_MS - SECOND_MS })).toEqual({ kind: "ended" });
    expect(row()["directory_due_at"]).toBeNull();
    expect(link.access({ ...PERSON, id: "2", at: deletedAt + 2 * MINUTE_MS })).toEqual({ kind: "ended" });
    await link.alarm();
    expect(await env.DIRECTORY.get(code)).toBeNull();
  });
});

it("a link that is deleted after it has expired costs no write of KV: its entry says so itself", async () => {
  const { code, expires_at } = await createLink();
  await within(code, async ({ link, row, bind }) => {
    const { DIRECTORY, asked } = directory({ refuses: [] });
    bind({ DIRECTORY });
    setClock(Date.parse(expires_at));
    expect(await link.close("main", IN_TIME)).toBe(true);
    expect([asked, row()["directory_due_at"]]).toEqual([[], null]);
  });
});

it("a link that is being forgotten is not changed, and is brought to no list any more", async () => {
  const { code, expires_at } = await createLinkOfBefore();
  await within(code, async ({ link, state, bind }) => {
    const listed: unknown[] = [];
    const changed: unknown[] = [];
    const unlistLink = async () => {
      // In the middle of forgetting, its owner comes in, and an access that was replayed late.
      changed.push(await link.change("main", { reference: "ghost" }, undefined, IN_TIME));
      link.access({ ...PERSON, id: "late", at: Date.parse(expires_at) - 1 });
    };
    bind({ ACCOUNT: { getByName: () => ({ unlistLink, listLink: (summary: unknown) => void listed.push(summary) }) } });
    setClock(Date.parse(expires_at) + FORGOTTEN_AFTER_MS);
    await link.alarm();
    expect(changed).toEqual([null]);
    // The late access is a first one: it is here still.
    state.storage.sql.exec("UPDATE link SET listing_due_at = 1");
    await link.alarm();
    expect(listed).toEqual([]);
    expect(link.tracking("main")?.personCount).toBe(1);
  });
});

it("what was sent to the list before a link's time was over has arrived, or is refused, before it is forgotten", async () => {
  const { code, expires_at } = await createLinkOfBefore();
  const keptUntil = Date.parse(expires_at) + 30 * DAY_MS;
  await within(code, async ({ link, row, bind }) => {
    setClock(keptUntil - 1);
    expect((await link.change("main", { reference: "last" }, undefined, IN_TIME)) ?? "null").toMatchObject({
      reference: "last",
    });
    setClock(keptUntil);
    expect(link.status("main")).toBeNull();
    // A call to the list takes three seconds at the most.
    expect(row()["forget_due_at"]).toBeGreaterThan(keptUntil + 3 * SECOND_MS);
    bind({ ACCOUNT: brokenNamespace(new Error("down")) });
  });
});

it("the code of a deleted or expired link is opened again by its account, at once, and by nobody else", async () => {
  const [owner, { token }] = [await tenant(), await tenant()];
  const code = chosen();
  const create = (url: string, login = { token: owner.token }) => api("POST", "/api/links", { url, code }, login);
  expect((await create("https://example.com/1")).status).toBe(201);
  expect((await create("https://example.com/2")).body).toMatchObject({ type: "urn:firsttap:problem:code-taken" });
  await api("DELETE", `/api/links/${code}`, undefined, { token: owner.token });
  expect((await create("https://example.com/evil", { token })).status).toBe(409);
  expect((await create("https://example.com/3")).status).toBe(201);
  expect((await tap(code)).headers.get("location")).toBe("https://example.com/3");
  expect((await create("https://example.com/4")).status).toBe(409);
  setClock(Date.now() + 91 * DAY_MS);
  expect((await create("https://example.com/evil", { token })).status).toBe(409);
  expect((await create("https://example.com/5")).status).toBe(201);
  expect((await tap(code)).headers.get("location")).toBe("https://example.com/5");
});

it("a code that was opened again has nothing of the link before", async () => {
  const { url: callback_url, received } = await receiver({ status: 500 }, { status: 200 });
  const code = chosen();
  const before = await createLink({ code, callback_url, reference: "before", tags: ["x"] });
  await tap(code);
  const { callback } = await eventually(
    () => recorded(code, 1),
    (status) => status["callback"].attempts[0]?.status === 500,
  );
  await api("DELETE", `/api/links/${code}`);
  const again = await createLink({ code, callback_url: null });
  expect(Date.parse(again["created_at"])).toBeGreaterThan(Date.parse(before["created_at"]));
  const status = await statusOf(code);
  expect(status).toMatchObject({ accessed: false, accesses: [], reference: null, tags: [] });
  expect(status["callback"]).toMatchObject({ state: "none", event_id: null });

  // An access that was made on the link before is not one of this, whenever it comes.
  const at = Date.parse(before["created_at"]);
  expect(await env.LINK.getByName(code).access({ ...PERSON, id: "old", at })).toEqual({ kind: "ended" });
  expect(await env.LINK.getByName(code).resolve(at)).toMatchObject({ kind: "ended" });
  await tap(code);
  expect((await recorded(code, 1))["first_accessed_at"]).not.toBe(status["first_accessed_at"]);

  // What the link before owed goes on, to where it went and under its name.
  await within(code, async ({ link, state }) => {
    state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1, due_at = 1 WHERE event_id = ?", callback.event_id);
    await link.alarm();
  });
  const posts = await eventually(received, (all) => all.length === 2);
  expect(posts.map(({ headers }) => headers["webhook-id"])).toEqual([callback.event_id, callback.event_id]);
});

it("the line of the link before leaves the list, also when the account is out of reach at first", async () => {
  const code = chosen();
  const before = await createLinkOfBefore({ code });
  await api("DELETE", `/api/links/${code}`);
  const again = await createLinkOfBefore({ code });
  const times = async () => (await linesOf("main", code)).map((line) => line["created_at"]);
  const [old, now] = [before, again].map(({ createdAt }) => createdAt);
  expect(await times()).toEqual([old, now]);
  await within(code, async ({ link, state, bind }) => {
    const due = () => Number(state.storage.sql.exec("SELECT * FROM past_link").one()["unlisting_due_at"]);
    setClock(due());
    bind({ ACCOUNT: brokenNamespace(new Error("down")) });
    for (const pause of [10, 20, 40]) {
      await link.alarm();
      expect(due() - Date.now()).toBeGreaterThanOrEqual(pause * 0.5 * SECOND_MS);
      expect(due() - Date.now()).toBeLessThanOrEqual(pause * 1.5 * SECOND_MS);
      expect(await state.storage.getAlarm()).toBe(due());
      setClock(due());
    }
    bind();
    await link.alarm();
    expect(await times()).toEqual([now]);
    // A late copy of the link before is not brought, because there is nobody who would.
    expect(state.storage.sql.exec("SELECT * FROM past_link").toArray()).toEqual([]);
  });
});

it.each([
  ["that a book lists", (code: string) => createLink({ code, expires_in_seconds: 60 })],
  ["of before there were books", (code: string) => createLinkOfBefore({ code, expiresAt: Date.now() + MINUTE_MS })],
])(
  "of a chosen code %s one row is left: it opens again for its account, with a revision above all",
  async (_which, open) => {
    const code = chosen();
    const { expires_at } = await open(code);
    await tap(code);
    await recorded(code, 1);
    await heard(code);
    const revision = (await env.LINK.getByName(code).status("main"))?.revision ?? 0;
    setClock(Date.parse(expires_at) + FORGOTTEN_AFTER_MS);
    // The first may bring what is due still.
    for (let alarms = 0; alarms < 2; alarms++) await act(code);
    const { past_link, ...others } = await tablesOf(code);
    expect(others).toEqual({});
    expect(past_link).toEqual([
      expect.objectContaining({
        account_sid: "main",
        revision,
        ended_at: Date.parse(expires_at),
        unlisting_due_at: null,
      }),
    ]);
    await runInDurableObject(env.LINK.getByName(code), async (_, { storage }) => {
      expect(await storage.getAlarm()).toBeNull();
    });
    expect((await tap(code)).status).toBe(404);
    const { token } = await tenant();
    const create = (login = {}) => api("POST", "/api/links", { url: "https://example.com/again", code }, login);
    expect((await create({ token })).status).toBe(409);
    expect(await tablesOf(code)).toEqual({ past_link });
    expect((await create()).status).toBe(201);
    expect((await env.LINK.getByName(code).status("main"))?.revision).toBeGreaterThan(revision);
    const tables = await tablesOf(code);
    expect([tables["past_link"], tables["access"]]).toEqual([[], undefined]);
    expect(await linesOf("main", code)).toEqual([]);
  },
);

it("clocks that differ by an hour neither keep a deleted code from being opened again nor its accesses from counting", async () => {
  const code = chosen();
  await createLink({ code });
  const now = Date.now();
  setClock(now + 60 * MINUTE_MS);
  await api("DELETE", `/api/links/${code}`);
  setClock(now);
  await createLink({ code });
  expect((await tap(code)).status).toBe(302);
  expect((await recorded(code, 1))["accessed"]).toBe(true);
});

it.each([
  ["that a book lists", (code: string) => createLink({ code })],
  [
    "of before there were books, when the lines before are off the list,",
    (code: string) => createLinkOfBefore({ code }),
  ],
])("a code %s that was opened again is forgotten like any other", async (_which, open) => {
  const code = chosen();
  await open(code);
  await api("DELETE", `/api/links/${code}`);
  await open(code);
  await api("DELETE", `/api/links/${code}`);
  await heard(code);
  setClock(Date.now() + FORGOTTEN_AFTER_MS);
  for (let alarms = 0; alarms < 2; alarms++) await act(code);
  expect(Object.keys(await tablesOf(code))).toEqual(["past_link"]);
  expect((await tablesOf(code))["past_link"]).toHaveLength(1);
  expect(await linesOf("main", code)).toEqual([]);
});

it("a code that is opened again while its link is being forgotten stays open", async () => {
  const code = chosen();
  const { expires_at } = await createLinkOfBefore({ code, expiresAt: Date.now() + MINUTE_MS });
  await within(code, async ({ link, bind }) => {
    setClock(Date.parse(expires_at) + FORGOTTEN_AFTER_MS);
    const createdAt = Date.now();
    const facts = {
      code,
      accountSid: "main",
      destination: "https://example.com/again",
      shortUrl: `https://s.example.com/${code}`,
      msgid: null,
      book: null,
      callbackUrl: null,
      tags: [],
      reference: null,
      createdAt,
      expiresAt: createdAt + DAY_MS,
    };
    const unlistLink = () => link.open(facts, "another request", IN_TIME);
    bind({ ACCOUNT: { getByName: () => ({ unlistLink, listLink: async () => [] }) } });
    await link.alarm();
    expect(link.resolve(Date.now())).toEqual({ kind: "live", destination: "https://example.com/again" });
  });
});

it("a repeat of the request that opened a link gets that link, deleted or not, and opens nothing again", async () => {
  const code = chosen();
  const headers = { "idempotency-key": nanoid() };
  const create = () => api("POST", "/api/links", { url: "https://example.com/", code }, { headers });
  const first = await create();
  await api("DELETE", `/api/links/${code}`);
  const repeated = await create();
  expect([repeated.status, repeated.body["created_at"]]).toEqual([201, first.body["created_at"]]);
  expect((await tap(code)).status).toBe(410);
});

it("an account that is closed takes with it what a link before owed", async () => {
  const { sid, token } = await tenant();
  const code = chosen();
  await createLink({ code, callback_url: "http://localhost:1/" }, token);
  await env.LINK.getByName(code).access({ ...PERSON, id: "1", at: Date.now() });
  await api("DELETE", `/api/links/${code}`, undefined, { token });
  await createLink({ code }, token);
  await env.LINK.getByName(code).closeWithAccount(sid, IN_TIME);
  const { callback } = await tablesOf(code);
  expect(callback).toEqual([expect.objectContaining({ state: "none", due_at: null })]);
});
