// What a link tells its book: every event once, numbered where it happens, and told again until the book has it.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type LinkReport, objectNameOf } from "../src/book/book.ts";
import type { Link } from "../src/link/link.do.ts";
import type { Access, AccessKind } from "../src/link/link.ts";
import { accessOf } from "../src/redirect/record-access.ts";
import { bookOf, createLinkOfBefore, heard, heardBy, journalOf, linesIn } from "./support/books.ts";
import { brokenNamespace, envWith } from "./support/faults.ts";
import {
  AGENTS,
  api,
  createLink,
  eventually,
  IN_TIME,
  receiver,
  recorded,
  settledCallback,
  statusOf,
  tap,
} from "./support/firsttap.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => void vi.useRealTimers());

interface Held {
  link: Link;
  state: DurableObjectState;
  code: string;
  row: () => Record<string, SqlStorageValue>;
  /** From now on the object has these bindings, and else its own. */
  bind: (bindings?: Partial<Record<keyof Env, unknown>>) => void;
}

/** Nothing is called back. */
const SILENT = { CALLBACKS: { sendBatch: async () => {} } };

/**
 * Creates a link of which its book has heard, and looks at it from within its object, with no alarm of its own to come between, and no
 * callback.
 */
async function within(look: (held: Held) => unknown, fields: object = {}): Promise<string> {
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/", ...fields });
  await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
    await heardBy(link, state);
    await state.storage.deleteAlarm();
    const bound = link as unknown as { env: Env };
    const own = bound.env;
    const bind = (others = {}) => void (bound.env = envWith({ ...SILENT, ...others }));
    bind();
    await look({ link, state, code, row: () => state.storage.sql.exec("SELECT * FROM link").one(), bind });
    bound.env = own;
    await state.storage.deleteAlarm();
  });
  return code;
}

/** A queue that takes reports and brings them nowhere, or refuses them; nor does the link reach its book by itself. */
function queue(how: "loses" | "refuses") {
  const reports: LinkReport[] = [];
  const send = async (report: LinkReport) => {
    reports.push(report);
    if (how === "refuses") throw new Error("down");
  };
  return { ...SILENT, reports, REPORTS: { send }, BOOK: brokenNamespace(new Error("down")) };
}

/** In real time, whatever the clock says. */
const comes = (isSo: () => boolean) => eventually(async () => isSo(), Boolean);

const accesses = (kind: AccessKind, n: number, at = Date.now()): Access[] =>
  Array.from({ length: n }, (_, ms) => accessOf({ kind, reason: null, device: null }, at + ms, null));
const changeOf = (link: Link, reference: string) => link.change("main", { reference }, undefined, IN_TIME);

it("a link's story is in its book's journal, each event once and in its order", async () => {
  const { url: callback_url } = await receiver({ status: 500 }, { status: 200 });
  const { code } = await createLink({ callback_url, tags: ["a"] });
  await tap(code, { agent: AGENTS.applePreview });
  await recorded(code, 1);
  await tap(code);
  const { event_id } = await settledCallback(code, "delivered");
  await api("PATCH", `/api/links/${code}`, { tags: ["b"], url: "https://example.org/" });
  await tap(code, { agent: AGENTS.android });
  const status = await recorded(code, 3);
  await api("DELETE", `/api/links/${code}`);
  await heard(code);
  const journal = await journalOf(code);
  expect(journal.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(journal.map(({ kind, fact, tags }) => [kind, fact, tags])).toMatchObject([
    ["opened", null, ["a"]],
    ["access", { access: "preview", first: false, reason: "facebookexternalhit" }, ["a"]],
    ["access", { access: "person", first: true, device: "iPhone" }, ["a"]],
    ["attempt", { eventId: event_id, attempt: 1, status: 500, error: null }, ["a"]],
    ["attempt", { eventId: event_id, attempt: 2, status: 200, error: null }, ["a"]],
    ["changed", null, ["b"]],
    ["access", { access: "person", first: false }, ["b"]],
    ["ended", null, ["b"]],
  ]);
  expect(journal[2]?.at).toBe(Date.parse(status["first_accessed_at"]));
  const [line] = await linesIn(await bookOf(code), code);
  expect(line).toMatchObject({
    destination: "https://example.org/",
    tags: '["b"]',
    have: 8,
    closed_at: journal[7]?.at,
  });
  expect(JSON.parse(line?.["access_counts"] as string)).toEqual(status["access_counts"]);
});

it("a delivered callback is told within seconds, however late it was; failures wait for what comes, for an hour at most", async () => {
  await within(async ({ link, state, row, bind }) => {
    bind(queue("loses"));
    link.access(accesses("person", 1)[0] as Access);
    bind();
    await heardBy(link, state);
    await state.storage.deleteAlarm();
    const { eventId } = link.status("main")?.callback ?? {};
    const end = async (status: number) => {
      state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1");
      const claim = await link.claimAttempt(eventId ?? "", IN_TIME);
      if (claim.kind !== "claimed") throw new Error("not claimed");
      const outcome = { status, error: null, durationMs: 1, retryAfterSeconds: null };
      link.reportAttempt({ eventId: eventId ?? "", attempt: claim.attempt, outcome });
      return Number(row()["report_due_at"]) - Date.now();
    };
    expect(Math.abs((await end(500)) - HOUR_MS)).toBeLessThan(SECOND_MS);
    expect(await end(200)).toBeLessThanOrEqual(3 * SECOND_MS);
    expect(await state.storage.getAlarm()).toBeLessThanOrEqual(Date.now() + 3 * SECOND_MS);
    await heardBy(link, state);
  }).then(async (code) => {
    const attempts = (await journalOf(code)).filter(({ kind }) => kind === "attempt");
    expect(attempts.map(({ fact }) => fact?.["status"])).toEqual([500, 200]);
  });
});

it("how a callback stands otherwise is told, too: exhausted, asked for again, withdrawn", async () => {
  const { url: callback_url } = await receiver(...Array.from({ length: 11 }, () => ({ status: 500 })), {
    status: 500,
  });
  const { code } = await createLink({ callback_url });
  await tap(code);
  await settledCallback(code, "exhausted", 25_000);
  await runInDurableObject(env.LINK.getByName(code), async (link) => {
    expect(link.retryCallback("main", IN_TIME)).toBe("accepted");
    await link.change("main", { callbackUrl: null }, undefined, IN_TIME);
  });
  await heard(code);
  const states = (await journalOf(code)).filter(({ kind }) => kind === "callback").map(({ fact }) => fact?.["state"]);
  expect(states).toEqual(["exhausted", "owed", "withdrawn"]);
  const attempts = (await journalOf(code)).filter(({ kind }) => kind === "attempt");
  expect(attempts.map(({ fact }) => fact?.["attempt"]).slice(0, 11)).toEqual(
    Array.from({ length: 11 }, (_, n) => n + 1),
  );
});

it.each([
  ["in a batch", (link: Link, all: Access[]) => link.record(all, all[0]?.id)],
  ["in a batch without a name", (link: Link, all: Access[]) => link.record(all)],
  ["one by one", (link: Link, all: Access[]) => all.map((access) => link.access(access))],
])("the first access is one entry of the journal, also when persons come %s, and again", async (_, record) => {
  const code = await within(async ({ link, state, bind }) => {
    bind(queue("loses"));
    const all = [...accesses("preview", 2), ...accesses("person", 3)];
    record(link, all);
    record(link, all);
    record(link, accesses("person", 2));
    bind();
    await heardBy(link, state);
  });
  const entries = (await journalOf(code)).filter(({ kind }) => kind === "access");
  expect(entries.map(({ fact }) => [fact?.["access"], fact?.["first"]])).toEqual([
    ["preview", false],
    ["preview", false],
    ["person", true],
    ["person", false],
    ["person", false],
    ["person", false],
    ["person", false],
  ]);
  const [line] = await linesIn(await bookOf(code), code);
  const { first_accessed_at } = await statusOf(code);
  expect([line?.["first_accessed_at"], entries[2]?.at]).toEqual(Array(2).fill(Date.parse(first_accessed_at)));
});

it("what its owner does is with the book when it is answered, without the queue", async () => {
  const code = `chosen-${nanoid(12)}`;
  const { BOOK: _unreached, ...down } = queue("loses");
  const told = async () => (await linesIn(await bookOf(code), code)).map((line) => [line["have"], line["reference"]]);
  await runInDurableObject(env.LINK.getByName(code), (link) => {
    (link as unknown as { env: Env }).env = envWith(down);
  });
  await createLink({ code, reference: "opened" });
  expect(await told()).toEqual([[1, "opened"]]);
  await api("PATCH", `/api/links/${code}`, { reference: "changed" });
  expect(await told()).toEqual([[2, "changed"]]);
  await api("DELETE", `/api/links/${code}`);
  expect(await told()).toEqual([[3, "changed"]]);
  expect(down.reports).toEqual([]);
});

describe.each(["loses", "refuses"] as const)("where the queue %s reports", (how) => {
  it("the link reports again, all of it, less and less often, and the book has it once in the end", async () => {
    const code = await within(async ({ link, state, row, bind }) => {
      const down = queue(how);
      bind(down);
      setClock(Date.now());
      // Before it is answered the link tries to tell its book itself.
      await changeOf(link, "1");
      for (const seconds of [20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]) {
        expect(row()["report_due_at"]).toBe(Date.now() + seconds * SECOND_MS);
        expect(await state.storage.getAlarm()).toBe(row()["report_due_at"]);
        setClock(Number(row()["report_due_at"]) - 1);
        await link.alarm();
        setClock(Number(row()["report_due_at"]));
        await link.alarm();
      }
      expect(down.reports).toHaveLength(10);
      for (const { after, events } of down.reports)
        expect([after, events.map(({ number }) => number)]).toEqual([1, [2]]);
      bind();
      setClock(Number(row()["report_due_at"]));
      await link.alarm();
      await comes(() => row()["report_due_at"] === null);
      expect(row()).toMatchObject({ reported: 2, reports_sent: 0 });
      expect(state.storage.sql.exec("SELECT * FROM event").toArray()).toEqual([]);
    });
    expect((await journalOf(code)).map(({ number, kind }) => [number, kind])).toEqual([
      [1, "opened"],
      [2, "changed"],
    ]);
  });
});

it("a link is not forgotten before its book has heard that it has ended", async () => {
  await within(async ({ link, state, row, bind }) => {
    const down = queue("loses");
    bind(down);
    await link.close("main", IN_TIME);
    setClock(Date.now() + 40 * DAY_MS);
    await link.alarm();
    await link.alarm();
    expect(down.reports).toHaveLength(1);
    expect(row()["closed_at"]).not.toBeNull();
    bind();
    setClock(Number(row()["report_due_at"]));
    await heardBy(link, state);
    await link.alarm();
    expect(state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray()).toEqual([]);
  });
});

it("further accesses are told together within the hour, or at once when they are 250", async () => {
  await within(async ({ link, state, row, bind }) => {
    const down = queue("loses");
    bind(down);
    link.access(accesses("person", 1)[0] as Access);
    bind();
    await heardBy(link, state);
    bind(down);
    setClock(Date.now());
    const at = Date.now();
    for (const kind of ["person", "preview"] as const) link.access(accesses(kind, 1)[0] as Access);
    expect(row()["report_due_at"]).toBe(at + HOUR_MS);
    setClock(at + HOUR_MS / 2);
    link.record(accesses("scanner", 247), "batch");
    expect(row()["report_due_at"]).toBe(at + HOUR_MS);
    link.access(accesses("person", 1)[0] as Access);
    expect(row()["report_due_at"]).toBe(at + HOUR_MS / 2);
  });
});

it("what does not fit into one report follows at once, in reports that a message of the queue holds", async () => {
  const code = await within(async ({ link, state, row, bind }) => {
    const down = queue("loses");
    bind(down);
    for (let n = 0; n < 30; n++) await changeOf(link, `${n} ${"x".repeat(250)}`);
    for (let n = 0; n < 10; n++)
      await link.change("main", { destination: `https://example.com/${n}${"ü".repeat(6_000)}` }, undefined, IN_TIME);
    link.record(accesses("scanner", 700), "batch");
    await link.close("main", IN_TIME);
    setClock(Number(row()["report_due_at"]));
    bind({
      ...down,
      REPORTS: {
        send: async (report: LinkReport) => {
          expect(new TextEncoder().encode(JSON.stringify(report)).length).toBeLessThan(128_000);
          down.reports.push(report);
          await env.REPORTS.send(report);
        },
      },
    });
    await link.alarm();
    for (let reports = 1; row()["report_due_at"] !== null; reports = down.reports.length) {
      // Each acknowledgement makes the next due.
      await comes(() => row()["reports_sent"] === 0);
      if (row()["report_due_at"] === null) break;
      expect([reports, Number(row()["report_due_at"]) - Date.now()]).toEqual([reports, 0]);
      await link.alarm();
    }
    expect(down.reports.length).toBeGreaterThanOrEqual(4);
    expect(state.storage.sql.exec("SELECT * FROM event").toArray()).toEqual([]);
  });
  const numbers = (await journalOf(code)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: 742 }, (_, n) => n + 1));
});

describe("a number", () => {
  it("that was taken by what was rolled back is the next one's, and none is left out", async () => {
    const code = await within(async ({ link, state, bind }) => {
      bind(queue("loses"));
      const { sql } = state.storage;
      for (const half of ["INSERT ON access", "UPDATE OF first_accessed_at ON link", "INSERT ON event"]) {
        if (half.endsWith("event")) await changeOf(link, "the table is made");
        sql.exec(`CREATE TRIGGER full AFTER ${half} BEGIN SELECT RAISE(ABORT, 'database is full'); END`);
        if (half.endsWith("event")) await expect(changeOf(link, "broken")).rejects.toThrow("database is full");
        else expect(() => link.record(accesses("person", 3), "batch")).toThrow("database is full");
        sql.exec("DROP TRIGGER full");
      }
      link.record(accesses("person", 2), "batch");
      bind();
      await heardBy(link, state);
    });
    expect((await journalOf(code)).map(({ number, kind }) => [number, kind])).toEqual([
      [1, "opened"],
      [2, "changed"],
      [3, "access"],
      [4, "access"],
    ]);
  });

  it("is never used again, also when nothing is left of what had it and the object begins anew", async () => {
    const code = await within(async ({ link, state }) => {
      await changeOf(link, "first");
      await heardBy(link, state);
      expect(state.storage.sql.exec("SELECT * FROM event").toArray()).toEqual([]);
    });
    await evictDurableObject(env.LINK.getByName(code));
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      await changeOf(link, "second");
      await heardBy(link, state);
    });
    expect((await journalOf(code)).map(({ number }) => number)).toEqual([1, 2, 3]);
    const [line] = await linesIn(await bookOf(code), code);
    expect(line?.["reference"]).toBe("second");
  });
});

it("a book hears as what a link was opened, also when it was changed before the first report", async () => {
  const { code } = await createLink({ reference: "opened so", tags: ["a"] });
  await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
    // Nothing was acknowledged yet, or it is as if it were not.
    storage.sql.exec("UPDATE link SET reported = 0");
    const down = queue("loses");
    (link as unknown as { env: Env }).env = envWith(down);
    await link.change("main", { reference: "changed", tags: ["b"] }, undefined, IN_TIME);
    storage.sql.exec("UPDATE link SET report_due_at = 1");
    await link.alarm();
    (link as unknown as { env: Env }).env = env;
    expect(down.reports[0]?.events).toMatchObject([
      { number: 1, kind: "opened", reference: "opened so", tags: ["a"] },
      { number: 2, kind: "changed", reference: "changed", tags: ["b"] },
    ]);
  });
});

it("a book hears as what a link was opened, also when something else was noted before it was changed", async () => {
  const fields = { reference: "opened so", tags: ["a"] };
  await within(async ({ link, state, bind }) => {
    state.storage.sql.exec("UPDATE link SET reported = 0");
    const down = queue("loses");
    bind(down);
    link.access(accesses("person", 1)[0] as Access);
    state.storage.sql.exec("UPDATE callback SET state = 'exhausted'");
    expect(link.retryCallback("main", IN_TIME)).toBe("accepted");
    for (const reference of ["changed", "changed again"])
      await link.change("main", { reference, tags: ["b"], callbackUrl: null }, undefined, IN_TIME);
    state.storage.sql.exec("UPDATE link SET report_due_at = 1");
    await link.alarm();
    expect(down.reports[0]?.events).toMatchObject([
      { number: 1, kind: "opened", ...fields, callbackUrl: "http://127.0.0.1:1/" },
      { number: 2, kind: "access", first: true },
      { number: 3, kind: "callback", state: "owed" },
      { number: 4, kind: "changed", reference: "changed", tags: ["b"], callbackUrl: null },
      { number: 5, kind: "callback", state: "withdrawn" },
      { number: 6, kind: "changed", reference: "changed again" },
    ]);
  }, fields);
});

describe("an acknowledgement", () => {
  it("of an earlier link of the code, or of less than was acknowledged, changes nothing", async () => {
    await within(async ({ link, state, row, bind }) => {
      bind(queue("loses"));
      await changeOf(link, "1");
      await changeOf(link, "2");
      const createdAt = Number(row()["created_at"]);
      link.acknowledged(createdAt, 2);
      expect(row()["reported"]).toBe(2);
      const before = [row(), state.storage.sql.exec("SELECT * FROM event").toArray()];
      link.acknowledged(createdAt, 1);
      link.acknowledged(createdAt - 1, 3);
      await link.bookGone(createdAt - 1);
      expect([row(), state.storage.sql.exec("SELECT * FROM event").toArray()]).toEqual(before);
    });
  });

  it("of what was known when the report was made leaves due what came since", async () => {
    await within(async ({ link, row, bind }) => {
      bind(queue("loses"));
      setClock(Date.now());
      await changeOf(link, "1");
      link.access(accesses("person", 1)[0] as Access);
      link.acknowledged(Number(row()["created_at"]), 2);
      // A first access is with its book in seconds.
      expect(row()["report_due_at"]).toBeLessThanOrEqual(Date.now() + 3 * SECOND_MS);
    });
  });
});

it("a book that was put back to an earlier state gets again what its link still has, and how it stands", async () => {
  const { code } = await createLink({ callback_url: null, tags: ["a"], reference: "first" });
  await heard(code);
  const name = await bookOf(code);
  const book = env.BOOK.getByName(objectNameOf(name));
  const lineOf = async () => (await linesIn(name, code))[0];
  const before = await lineOf();
  await tap(code);
  await tap(code, { agent: AGENTS.applePreview });
  await eventually(
    () => statusOf(code),
    ({ accesses: all }) => all.length === 2,
  );
  await api("PATCH", `/api/links/${code}`, { tags: ["b"], reference: "second" });
  await heard(code);
  const known = await lineOf();
  await runInDurableObject(book, (_, { storage }) => {
    storage.sql.exec("DELETE FROM journal WHERE code = ? AND number > 1", code);
    const columns = Object.keys(before ?? {});
    const values = Object.values(before ?? {});
    storage.sql.exec(
      `UPDATE line SET ${columns.map((column) => `${column} = ?`).join()} WHERE code = ?`,
      ...values,
      code,
    );
  });
  await evictDurableObject(book);
  await tap(code);
  await eventually(
    () => statusOf(code),
    ({ accesses: all }) => all.length === 3,
  );
  await heard(code);
  const [line] = await linesIn(name, code);
  expect(line).toMatchObject({
    first_accessed_at: known?.["first_accessed_at"],
    tags: '["b"]',
    reference: "second",
    access_counts: JSON.stringify({ ...JSON.parse(known?.["access_counts"] as string), person: 2 }),
  });
  const numbers = (await journalOf(code)).map(({ number }) => Number(number));
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  // No number of before is used again, and nothing is said once more when the book has it.
  await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
    const { reported } = storage.sql.exec("SELECT reported FROM link").one();
    expect(reported).toBe(Math.max(...numbers));
    link.acknowledged(Number(before?.["created_at"]), 1, 1);
    expect(storage.sql.exec("SELECT reported, report_due_at FROM link").one()).toEqual({
      reported,
      report_due_at: null,
    });
    await storage.deleteAlarm();
  });
});

it("where the book is gone because its account is closed, the link ends, and owes no callback any more", async () => {
  const { body: account } = await api("POST", "/api/accounts", { name: "closing" });
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" }, account["token"]);
  await heard(code);
  // The book does not know of this when it ends.
  await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
    (link as unknown as { env: Env }).env = envWith(queue("loses"));
    link.access(accesses("person", 1)[0] as Access);
    await storage.deleteAlarm();
  });
  await runInDurableObject(env.BOOK.getByName(`${account["sid"]}.1`), (_, { storage }) => storage.deleteAll());
  await evictDurableObject(env.BOOK.getByName(`${account["sid"]}.1`));
  await runInDurableObject(env.ACCOUNT.getByName(account["sid"]), (_, { storage }) =>
    storage.sql.exec("UPDATE account SET closed_at = 1"),
  );
  await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
    (link as unknown as { env: Env }).env = env;
    await heardBy(link, state);
    expect(link.resolve(Date.now()).kind).toBe("ended");
    expect(link.tracking(account["sid"])?.callback.state).toBe("none");
    expect(state.storage.sql.exec("SELECT book, sealed_secrets FROM link").one()).toEqual({
      book: null,
      sealed_secrets: null,
    });
    await state.storage.deleteAlarm();
  });
});

it("no row is dropped of which the book has not heard, and then all that nobody needs", async () => {
  const code = await within(async ({ link, state, row, bind }) => {
    const down = queue("refuses");
    bind(down);
    const count = () => state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM access").one().n;
    let at = Date.now();
    const record = (n: number) => {
      for (let batch = 0; batch < n / 100; batch++, at += 100) {
        const all = accesses("scanner", 100, at);
        link.record(all, all[0]?.id);
      }
    };
    record(2_500);
    for (let alarms = 0; alarms < 40; alarms++) await link.alarm();
    expect([count(), row()["reported"]]).toEqual([2_500, 1]);
    bind();
    await heardBy(link, state);
    expect(row()["reported"]).toBe(2_501);
    record(100);
    for (let alarms = 0; alarms < 40 && Number(row()["drop_due_at"]) <= Date.now(); alarms++) await link.alarm();
    // The newest thousand, and for some days the first, which have no names.
    expect(count()).toBeLessThanOrEqual(2_200);
    expect(count()).toBeGreaterThanOrEqual(2_000);
    await heardBy(link, state);
  });
  const numbers = (await journalOf(code)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: 2_601 }, (_, n) => n + 1));
  const [line] = await linesIn(await bookOf(code), code);
  expect(JSON.parse(line?.["access_counts"] as string)).toMatchObject({ scanner: 2_600 });
});

it("of a link that has had thousands of accesses the book hears once an hour, and rolled up, however many come", async () => {
  await within(async ({ link, state, row, bind }) => {
    const sent: LinkReport[] = [];
    bind({ REPORTS: { send: async (report: LinkReport) => void sent.push(report) } });
    const many = accesses("scanner", 7_000);
    for (let n = 0; n < many.length; n += 100) link.record(many.slice(n, n + 100), many[n]?.id);
    // What came while it was no such link yet is due at once; what is behind it is not.
    link.acknowledged(Number(row()["created_at"]), 5_500);
    expect(Number(row()["report_due_at"])).toBeGreaterThan(Date.now() + HOUR_MS / 2);
    for (let alarms = 0; Number(row()["drop_due_at"] ?? Infinity) <= Date.now() && alarms < 100; alarms++)
      await link.alarm();
    const rolled = state.storage.sql
      .exec<{ n: number }>(
        "SELECT SUM(json_extract(fact, '$.count')) AS n FROM event WHERE json_extract(fact, '$.kind') = 'accesses'",
      )
      .one().n;
    expect(rolled).toBeGreaterThan(400);
    expect(link.status("main")?.accessCounts.scanner).toBe(7_000);
  });
});

describe("while the book is out of reach for too long, accesses are rolled up", () => {
  const MINUTE_MS = 60 * SECOND_MS;
  /** The start of a quarter of an hour in which nothing else happens. */
  const QUARTER = Date.UTC(2037, 0, 1, 12);

  const alike = (n: number, kind: AccessKind, at: number, country = "JP"): Access[] =>
    accesses(kind, n, at).map((access) => ({ ...access, country }));

  /** Records them in batches of a hundred, named as the edge names them; returns the batches. */
  function recordAll(link: Link, all: readonly Access[]): Access[][] {
    const batches: Access[][] = [];
    for (let n = 0; n < all.length; n += 100) batches.push(all.slice(n, n + 100));
    for (const batch of batches) link.record(batch, batch[0]?.id);
    return batches;
  }

  /** The alarm comes as often as rows are to be dropped. */
  async function drop({ link, row }: Held): Promise<void> {
    for (let alarms = 0; alarms < 100; alarms++) {
      if (Number(row()["drop_due_at"] ?? Infinity) > Date.now()) return;
      await link.alarm();
    }
    throw new Error("there is always more to drop");
  }

  const rowsOf = ({ state }: Held) => state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM access").one().n;
  const rolledIn = ({ state }: Held) =>
    state.storage.sql
      .exec<{ fact: string }>("SELECT fact FROM event WHERE json_extract(fact, '$.kind') = 'accesses'")
      .toArray()
      .map(({ fact }) => JSON.parse(fact) as { count: number });

  /** How many accesses the journal holds of each kind, tags and country, however many an entry stands for. */
  async function countsIn(code: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind, fact, tags } of await journalOf(code)) {
      if (kind !== "access" && kind !== "accesses") continue;
      const name = [...tags, fact?.["access"], fact?.["country"]].join(" ");
      counts[name] = (counts[name] ?? 0) + Number(fact?.["count"] ?? 1);
    }
    return counts;
  }

  it("by quarter, kind and origin, each counted, but for the first access; and a batch that comes again is known", async () => {
    setClock(QUARTER);
    const code = await within(async (held) => {
      const { link, state, bind } = held;
      bind(queue("refuses"));
      const first = alike(1, "person", QUARTER + 12 * MINUTE_MS);
      const batches = recordAll(link, [
        ...alike(1_100, "scanner", QUARTER),
        ...first,
        // Before it by the clock of the edge, and recorded behind it: so it is not of the thousand persons that stay anyway.
        ...alike(1_500, "person", QUARTER + 5 * MINUTE_MS),
        ...alike(2_000, "person", QUARTER + 14 * MINUTE_MS),
        ...alike(1_000, "person", QUARTER + 16 * MINUTE_MS),
        ...alike(500, "person", QUARTER + 16 * MINUTE_MS, "DE"),
        ...alike(1_500, "preview", QUARTER + 18 * MINUTE_MS),
      ]);
      const before = link.status("main");
      await drop(held);
      // The newest thousand, as many of the oldest persons, and those that have no names.
      expect(rowsOf(held)).toBeLessThan(4_000);
      expect(rolledIn(held).reduce((sum, { count }) => sum + count, 0)).toBe(7_601 - rowsOf(held));
      expect(state.storage.sql.exec("SELECT id FROM access WHERE first = 1").toArray()).toEqual([{ id: first[0]?.id }]);
      for (const batch of batches)
        expect(link.record(batch, batch[0]?.id)).toEqual(batch.map(() => ({ kind: "repeated" })));
      expect(link.status("main")).toMatchObject({ ...before, accesses: before?.accesses });
      bind();
      await changeOf(link, "all is told");
    });
    expect(await countsIn(code)).toEqual({
      "scanner JP": 1_100,
      "person JP": 4_501,
      "person DE": 500,
      "preview JP": 1_500,
    });
    const journal = await journalOf(code);
    const quarters = new Set(journal.filter(({ kind }) => kind === "accesses").map(({ at }) => at - QUARTER));
    expect(quarters).toEqual(new Set([0, 15 * MINUTE_MS]));
    expect(journal.filter(({ fact }) => fact?.["first"] === true)).toHaveLength(1);
    const [line] = await linesIn(await bookOf(code), code);
    const { first_accessed_at, access_counts } = await statusOf(code);
    expect(line?.["first_accessed_at"]).toBe(Date.parse(first_accessed_at));
    expect(JSON.parse(line?.["access_counts"] as string)).toEqual(access_counts);
    const numbers = journal.map(({ number }) => Number(number));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  });

  it("but for those that a report has held, which may come to the book late", async () => {
    setClock(QUARTER);
    const code = await within(async (held) => {
      const { link, state, row, bind } = held;
      // Those that have no names are not rolled up, either.
      recordAll(link, alike(1_200, "scanner", QUARTER));
      await heardBy(link, state);
      const down = queue("loses");
      bind(down);
      recordAll(link, alike(5_500, "scanner", QUARTER + MINUTE_MS));
      await link.alarm();
      const [late] = down.reports;
      expect([late?.after, late?.events.length]).toEqual([1_201, 300]);
      await drop(held);
      expect(rolledIn(held).length).toBeGreaterThan(0);
      setClock(Number(row()["report_due_at"]));
      await link.alarm();
      expect(down.reports[1]?.events.slice(0, 300)).toEqual(late?.events);
      const { sid, book } = late as LinkReport;
      await env.BOOK.getByName(`${sid}.${book}`).report([late as LinkReport]);
      bind();
      await changeOf(link, "all is told");
    });
    expect(await countsIn(code)).toEqual({ "scanner JP": 6_700 });
  });

  it("on either side of a change, with the tags that the link had then", async () => {
    setClock(QUARTER);
    const code = await within(
      async (held) => {
        const { link, bind } = held;
        bind(queue("refuses"));
        recordAll(link, alike(3_500, "scanner", QUARTER));
        await link.change("main", { tags: ["after"] }, undefined, IN_TIME);
        recordAll(link, alike(3_500, "scanner", QUARTER + MINUTE_MS));
        await drop(held);
        expect(rolledIn(held).length).toBeGreaterThan(0);
        bind();
        await changeOf(link, "all is told");
      },
      { tags: ["before"] },
    );
    expect(await countsIn(code)).toEqual({ "before scanner JP": 3_500, "after scanner JP": 3_500 });
  });
});

describe("a chosen code that is opened again", () => {
  const chosen = () => `chosen-${nanoid(12)}`;

  it("has told its book all of the link before, whose events are never the next one's", async () => {
    const code = chosen();
    await createLink({ code, tags: ["before"] });
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      await heardBy(link, state);
      const { BOOK: _unreached, ...down } = queue("loses");
      const own = link as unknown as { env: Env };
      own.env = envWith(queue("loses"));
      link.record(accesses("person", 400), "batch");
      await link.close("main", IN_TIME);
      // From here on it is the queue alone that brings nothing: opening again does not wait for it.
      own.env = envWith(down);
      await state.storage.deleteAlarm();
    });
    expect(await linesIn(await bookOf(code), code)).toMatchObject([{ have: 1, closed_at: null }]);
    await createLink({ code, tags: ["after"] });
    const [first, then] = await linesIn(await bookOf(code), code);
    expect(first).toMatchObject({ have: 402, tags: '["before"]' });
    expect(first?.["closed_at"]).not.toBeNull();
    expect(then).toMatchObject({ have: 1, tags: '["after"]', closed_at: null });
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      (link as unknown as { env: Env }).env = env;
      expect(state.storage.sql.exec("SELECT * FROM access").toArray()).toEqual([]);
      link.record(accesses("person", 2), "batch");
      await heardBy(link, state);
    });
    const lines = await linesIn(await bookOf(code), code);
    expect(lines.map((line) => [line["have"], line["tags"]])).toEqual([
      [402, '["before"]'],
      [3, '["after"]'],
    ]);
    const journal = await journalOf(code);
    for (const line of lines) {
      const own = journal.filter(({ createdAt }) => createdAt === line["created_at"]);
      expect(own.map(({ number }) => number)).toEqual(Array.from({ length: Number(line["have"]) }, (_, n) => n + 1));
      expect(own.filter(({ fact }) => fact?.["first"] === true)).toHaveLength(1);
    }
  });

  it("tells with its next link what becomes of the callback that the one before owed, under that one's name", async () => {
    const { url: callback_url } = await receiver({ status: 500 }, { status: 200 });
    const code = chosen();
    await createLink({ code, callback_url });
    await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
      (link as unknown as { env: Env }).env = envWith(SILENT);
      link.record(accesses("person", 1), "batch");
      await link.close("main", IN_TIME);
      (link as unknown as { env: Env }).env = env;
      await storage.deleteAlarm();
    });
    const { created_at } = await createLink({ code });
    const eventId = await runInDurableObject(env.LINK.getByName(code), async (link, { storage }) => {
      await link.alarm();
      return storage.sql.exec<{ id: string }>("SELECT event_id AS id FROM callback").one().id;
    });
    const attempts = await eventually(
      async () => {
        await heard(code);
        return (await journalOf(code)).filter(({ kind }) => kind === "attempt");
      },
      ({ length }) => length === 2,
    );
    expect(attempts.map(({ createdAt, fact }) => [createdAt, fact?.["eventId"], fact?.["status"]])).toEqual([
      [Date.parse(created_at), eventId, 500],
      [Date.parse(created_at), eventId, 200],
    ]);
    expect(await statusOf(code)).toMatchObject({ accessed: false, callback: { state: "none" } });
  });

  it("stays closed while its book cannot be told, and nothing of the link before is lost", async () => {
    const code = chosen();
    const { created_at: createdAt } = await createLink({ code });
    await heard(code);
    // Clocks of other tests may have been ahead, and what an account makes is never of before.
    const again = { ...(await factsOf(code)), createdAt: Date.parse(createdAt) + 5 };
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      (link as unknown as { env: Env }).env = envWith(queue("loses"));
      await link.close("main", IN_TIME);
      const before = state.storage.sql.exec("SELECT code, created_at, closed_at FROM link").one();
      await expect(link.open(again, "another request", IN_TIME)).rejects.toThrow("down");
      expect(state.storage.sql.exec("SELECT code, created_at, closed_at FROM link").one()).toEqual(before);
      (link as unknown as { env: Env }).env = env;
      expect(await link.open(again, "another request", IN_TIME)).toMatchObject({ kind: "opened" });
      await heardBy(link, state);
    });
    await eventually(
      async () => linesIn(await bookOf(code), code),
      (lines) => lines.length === 2,
    );
  });

  async function factsOf(code: string) {
    const { sid: accountSid, book } = await bookOf(code);
    const fields = { destination: "https://example.com/again", callbackUrl: null, tags: [], reference: null };
    const expiresAt = Date.now() + DAY_MS;
    return { code, accountSid, book, shortUrl: `https://s.example.com/${code}`, msgid: null, expiresAt, ...fields };
  }
});

it("a link of before there were books goes on without one: its account's own object lists it, and no book hears of it", async () => {
  const { code } = await createLinkOfBefore({ reference: "of before" });
  const stub = env.LINK.getByName(code);
  await runInDurableObject(stub, (_, { storage }) => {
    for (const column of ["book", "reported", "report_due_at", "reports_sent"])
      storage.sql.exec(`ALTER TABLE link DROP COLUMN ${column}`);
    for (const column of ["number", "first"]) storage.sql.exec(`ALTER TABLE access DROP COLUMN ${column}`);
    storage.sql.exec("UPDATE link SET version = 4");
  });
  await evictDurableObject(stub);
  await runInDurableObject(stub, async (link, state) => {
    const down = queue("loses");
    (link as unknown as { env: Env }).env = envWith(down);
    expect(link.record(accesses("person", 300), "batch").slice(0, 2)).toEqual([
      { kind: "recorded", first: true },
      { kind: "recorded", first: false },
    ]);
    await link.alarm();
    await link.change("main", { tags: ["changed"] }, undefined, IN_TIME);
    const [row] = state.storage.sql.exec("SELECT * FROM link").toArray();
    expect(row).toMatchObject({ book: null, reported: 0, report_due_at: null, listing_due_at: null });
    const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'event'").toArray();
    expect([down.reports, tables]).toEqual([[], []]);
    (link as unknown as { env: Env }).env = env;
    await state.storage.deleteAlarm();
  });
  const { body } = await api("GET", "/api/links?reference=of%20before");
  expect(body["links"]).toMatchObject([{ code, accessed: true, tags: ["changed"] }]);
});
