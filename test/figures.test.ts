// GET /api/figures, through the whole Worker: what was sent and opened shows, of the account alone, as it was asked.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { type FiguresQuestion, MOST_TAGS } from "../src/book/tallies.ts";
import { eventuallyHeard } from "./support/books.ts";
import { Browser } from "./support/browser.ts";
import { envWith, tapWith } from "./support/faults.ts";
import { AGENTS, api, createLink, eventually, IN_TIME, receiver, tap } from "./support/firsttap.ts";
import { send, settled, sms, tenant } from "./support/sms.ts";

const figuresOf = async (token: string, query = "") => {
  const { status, body } = await api("GET", `/api/figures${query}`, undefined, { token });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

it("shows what became of messages, and what happened to links", async () => {
  const { sid, token } = await tenant();
  const login = { sid, token };
  const hook = await receiver();
  await createLink({ callback_url: hook.url, tags: ["june"] }, token);
  const { code } = await createLink({ callback_url: hook.url }, token);
  await tap(code, { agent: AGENTS.applePreview });
  await tap(code, { cf: { country: "JP" } });
  const msgid = await send({ track_link: "true", tags: "june" }, { login });
  const { link_tracking: tracking } = await settled(msgid, { login });
  const tracked = String(tracking.shortlink).split("/").at(-1) ?? "";
  await tap(tracked);
  const figures = await eventuallyHeard(
    [code, tracked],
    () => figuresOf(token),
    ({ totals }) => totals.messages.opened === 1 && totals.events.callbacks.delivered === 1,
    20_000,
  );
  expect(figures).toMatchObject({
    by: "day",
    timezone: "UTC",
    tag: null,
    as_of: { books: [{ book: 1, position: expect.any(Number), archived: false }] },
    totals: {
      messages: {
        accepted: 1,
        waiting: 0,
        sent: 0,
        delivered: 1,
        failed: 0,
        unknown: 0,
        with_link: 1,
        opened: 1,
        not_opened: 0,
        parts: 1,
        shares: expect.arrayContaining([{ what: "opened", count: 1, of: "with_link", of_count: 1, share: 1 }]),
        // It is not an hour old.
        opened_within: expect.arrayContaining([
          { hours: 1, what: "opened_within_1", count: 0, of: "with_link_older_than_1", of_count: 0, share: null },
        ]),
        time_to_open: { count: 1, median: null, ninety_percent: null },
      },
      events: {
        links_made: 3,
        accesses: 2,
        left_out: { preview: 1, prefetch: 0, scanner: 0, probe: 0 },
        first_accesses: 2,
        callbacks: { owed: 1, delivered: 1, exhausted: 0, withdrawn: 0 },
        first_access_devices: { commonest: [{ name: "iPhone", count: 2 }], other: 0 },
      },
    },
  });
  expect(figures["buckets"]).toHaveLength(30);
  expect(figures["buckets"].at(-1)).toMatchObject({
    messages: { accepted: 1, failures: { commonest: [], other: 0 } },
    events: {
      first_accesses: 2,
      first_access_countries: {
        commonest: [
          { name: null, count: 1 },
          { name: "JP", count: 1 },
        ],
      },
    },
  });
  const ofJune = await figuresOf(token, "?by=week&timezone=Asia/Tokyo&tag=june");
  expect(ofJune["totals"].events).toMatchObject({ links_made: 2, accesses: 1, callbacks: { owed: 0 } });
  expect(ofJune["buckets"].at(-1).end).toMatch(/T00:00:00\+09:00$/);
  expect((await figuresOf(token, "?tag=july"))["totals"].events.links_made).toBe(0);
  // A person is erased, and no figure shrinks.
  expect((await sms("DELETE", `messages/${msgid}/`, undefined, { login })).status).toBe(204);
  const { totals } = await figuresOf(token);
  expect(totals.messages).toEqual(figures["totals"].messages);
  expect(totals.events.links_made).toBe(3);
  expect((await figuresOf((await tenant()).token))["totals"].events.links_made).toBe(0);
});

it("shows what became of the callbacks of messages, beside those of links", async () => {
  const { sid, token } = await tenant();
  const login = { sid, token };
  const [good, bad] = [await receiver(), await receiver(...Array.from({ length: 20 }, () => ({ status: 500 })))];
  const msgids: string[] = [];
  for (const { url } of [good, good, bad])
    msgids.push(await send({ callbackurl: url, tags: url === good.url ? "good" : "bad" }, { login }));
  for (const msgid of msgids) await settled(msgid, { login });
  const callbacks = async (query = "") => (await figuresOf(token, query))["totals"].events;
  await eventually(callbacks, ({ message_callbacks: { delivered } }) => delivered === 2);
  expect(await callbacks("?tag=bad")).toMatchObject({
    callbacks: { owed: 0, delivered: 0, exhausted: 0, withdrawn: 0 },
    message_callbacks: { owed: 1, delivered: 0, exhausted: 0, withdrawn: 0 },
  });
  await runInDurableObject(env.BOOK.getByName(`${sid}.1`), async (book, { storage }) => {
    const eventOf = (msgid = "") => book.message(msgid)?.eventId ?? "";
    // A second 200 for what is delivered is no second delivery.
    const outcome = { status: 200, error: null, durationMs: 1, retryAfterSeconds: null };
    const begin = (eventId: string, n: number) =>
      storage.sql.exec(
        "UPDATE callback SET attempts = json_insert(attempts, '$[#]', json(?)) WHERE event_id = ?",
        JSON.stringify({ n, at: Date.now(), status: null, error: null, durationMs: null, number: null }),
        eventId,
      );
    begin(eventOf(msgids[0]), 99);
    expect(book.reportAttempt({ eventId: eventOf(msgids[0]), attempt: 99, outcome })).toBe("delivered");
    // The other is given up, asked for once more, and its account is closed behind that.
    const failing = eventOf(msgids[2]);
    await eventually(
      async () => book.message(msgids[2] ?? "")?.callback.attempts.length ?? 0,
      (attempts) => attempts > 0,
    );
    for (let n = 50; n < 62; n++) {
      begin(failing, n);
      book.reportAttempt({ eventId: failing, attempt: n, outcome: { ...outcome, status: 500 } });
    }
    expect(book.message(msgids[2] ?? "")?.callback.state).toBe("exhausted");
    expect(book.retryCallback(msgids[2] ?? "", IN_TIME)).toBe("accepted");
    (book as unknown as { env: Env }).env = envWith({ ACCOUNT: { getByName: () => ({ signingSecrets: () => [] }) } });
    await book.claimAttempt(failing, IN_TIME);
    (book as unknown as { env: Env }).env = env;
  });
  expect(await callbacks()).toMatchObject({
    callbacks: { owed: 0, delivered: 0, exhausted: 0, withdrawn: 0 },
    message_callbacks: { owed: 4, delivered: 2, exhausted: 1, withdrawn: 1 },
  });
  const exported = async () => {
    const { response } = await tapWith(env, "api/export/message-callbacks.ndjson", {
      authorization: `Bearer ${token}`,
    });
    const lines = (await response.text()).trimEnd().split("\n");
    return lines.map((line): { state: string; tags: string[]; attempt: number | null } => JSON.parse(line));
  };
  const countOf = (rows: { state: string }[], state: string) => rows.filter((row) => row.state === state).length;
  const states = ["owed", "delivered", "exhausted", "withdrawn"];
  const sums = (rows: { state: string }[]) => Object.fromEntries(states.map((state) => [state, countOf(rows, state)]));
  const rows = await exported();
  expect(sums(rows)).toEqual((await callbacks()).message_callbacks);
  expect(sums(rows.filter(({ tags }) => tags.includes("bad")))).toEqual(
    (await callbacks("?tag=bad")).message_callbacks,
  );
  expect(rows.filter(({ state }) => state === "delivered").map(({ attempt }) => attempt)).toEqual([1, 1]);
  expect(countOf(rows, "attempted")).toBeGreaterThan(11);
  // When the messages are blank, what was counted is there still, and what was kept with them is not.
  await runInDurableObject(env.BOOK.getByName(`${sid}.1`), async (book, { storage }) => {
    storage.sql.exec("UPDATE message SET forget_at = 0");
    await book.alarm();
  });
  const left = await exported();
  expect([sums(left), left.length]).toEqual([(await callbacks()).message_callbacks, 8]);
  expect(left.every(({ attempt }) => attempt === null)).toBe(true);
});

it("are of the account's own time zone where none is named", async () => {
  const { token } = await tenant();
  await api("PATCH", "/api/account", { timezone: "Asia/Kathmandu" }, { token });
  const own = await figuresOf(token);
  expect([own["timezone"], own["from"].slice(10)]).toEqual(["Asia/Kathmandu", "T00:00:00+05:45"]);
  const named = await figuresOf(token, "?timezone=UTC");
  expect([named["timezone"], named["from"].slice(10)]).toEqual(["UTC", "T00:00:00+00:00"]);
});

it("names what is wrong with a question, and the remedy", async () => {
  const { token } = await tenant();
  const asked = (query: string) => api("GET", `/api/figures?${query}`, undefined, { token });
  for (const [query, field] of [
    ["by=month", "by"],
    ["from=2026-13-01", "from"],
    ["from=2026-01-01&to=2026-03-01&by=hour", "from"],
    ["timezone=Mars", "timezone"],
    ["tag=", "tag"],
    ["campaign=1", "campaign"],
  ] as const) {
    const { status, body } = await asked(query);
    expect([status, body["errors"]], query).toEqual([422, [expect.objectContaining({ field })]]);
  }
});

it("says so when a month has more tags than are counted", async () => {
  const { sid, token } = await tenant();
  await createLink({ tags: ["first"] }, token);
  await eventually(
    () => figuresOf(token),
    ({ totals }) => totals.events.links_made === 1,
  );
  await runInDurableObject(env.BOOK.getByName(`${sid}.1`), (_book, { storage }) => {
    for (let number = 1; number <= MOST_TAGS; number++)
      storage.sql.exec("INSERT INTO tally_tag (number, tag) VALUES (?, ?)", number, `tag ${number}`);
  });
  // It remembers what its tallies have not seen yet.
  await evictDurableObject(env.BOOK.getByName(`${sid}.1`));
  const { status, body } = await api("GET", "/api/figures?tag=first", undefined, { token });
  expect([status, body["type"]]).toEqual([422, "urn:firsttap:problem:too-many-tags"]);
  expect(body["detail"]).toContain("reference");
  await figuresOf(token, "?tag=tag%207");
});

it("the dashboard's overview asks each book once for all of its pictures", async () => {
  const { token } = await tenant();
  await createLink({}, token);
  await eventually(
    () => figuresOf(token),
    ({ totals }) => totals.events.links_made === 1,
  );
  const { cookie = "" } = await new Browser().signIn(token);
  const calls: string[] = [];
  const BOOK = {
    getByName: (name: string) =>
      new Proxy(env.BOOK.getByName(name), {
        get(book, method) {
          calls.push(String(method));
          return (question: FiguresQuestion) => book.figures(question);
        },
      }),
  };
  const { response } = await tapWith(envWith({ BOOK }), "dashboard", { cookie });
  expect(await response.text()).toContain('class="pictures"');
  expect(calls).toEqual(["figures"]);
});
