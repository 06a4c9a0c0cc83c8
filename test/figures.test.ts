// GET /api/figures, through the whole Worker: what was sent and opened shows, of the account alone, as it was asked.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { MOST_TAGS } from "../src/book/tallies.ts";
import { AGENTS, api, createLink, eventually, receiver, tap } from "./support/firsttap.ts";
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
  await tap(String(tracking.shortlink).split("/").at(-1) ?? "");
  const figures = await eventually(
    () => figuresOf(token),
    ({ totals }) => totals.messages.opened === 1 && totals.events.callbacks.delivered === 1,
    20_000,
  );
  expect(figures).toMatchObject({
    by: "day",
    timezone: "UTC",
    tag: null,
    as_of: { books: [{ book: 1, position: expect.any(Number) }] },
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
  expect(figures["buckets"].at(-1)).toMatchObject({ messages: { accepted: 1 }, events: { first_accesses: 2 } });
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
  const { status, body } = await api("GET", "/api/figures?tag=first", undefined, { token });
  expect([status, body["type"]]).toEqual([422, "urn:firsttap:problem:too-many-tags"]);
  expect(body["detail"]).toContain("reference");
  await figuresOf(token, "?tag=tag%207");
});
