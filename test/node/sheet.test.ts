// The script of docs/sheets, as it is printed, in a stand-in for Google Sheets: against the feed of a real server with 5,000 messages, and for what
// would take a server hours against one that is made. At the end the sheet has to be what the account has; and each fault that such scripts
// have in the wild has to be seen.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";
import type { Column } from "../../src/export/column.ts";
import { csv } from "../../src/export/csv.ts";
import { type AppsScript, appsScript, type CellValue, type FeedAnswer } from "../support/apps-script.ts";

const SCRIPT = readFileSync(new URL("../../docs/sheets/firsttap.gs", import.meta.url), "utf8");
const FEED = "https://go.example.com/feed/ft_feed_token";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LARGEST_PAGE = 5_000;

interface Message {
  msgid: string;
  recipient: string;
  sender: string;
  status: string;
  parts: number;
  cost: number;
  sentAt: number;
  openedAt: number | null;
  tags: string[];
}

const COLUMNS: Column<Message>[] = [
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "recipient", type: "text", value: ({ recipient }) => recipient },
  { name: "sender", type: "text", value: ({ sender }) => sender },
  { name: "status", type: "text", value: ({ status }) => status },
  { name: "parts", type: "number", value: ({ parts }) => parts },
  { name: "cost", type: "number", value: ({ cost }) => cost },
  { name: "sent_time", type: "instant", value: ({ sentAt }) => sentAt },
  { name: "lt_accessed", type: "boolean", value: ({ openedAt }) => openedAt !== null },
  { name: "lt_accessed_on", type: "instant", value: ({ openedAt }) => openedAt },
  { name: "lt_original_link", type: "text", value: ({ msgid }) => `https://shop.example.com/?m=${msgid},"a"` },
  { name: "lt_shortlink", type: "text", value: ({ msgid }) => `https://go.example.com/${msgid}` },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
];

/** An account's messages and its journal, and the feed of both. */
function account() {
  const messages = new Map<string, Message>();
  const journal: string[] = [];
  return {
    messages,
    failing: false,
    accept(at: number): string {
      const number = messages.size + 1;
      const msgid = `m${String(number).padStart(6, "0")}`;
      const recipient = `+8180${String(number).padStart(8, "0")}`;
      const tags = number % 3 === 0 ? ["=1+1"] : number % 3 === 1 ? [] : ["sale", "2026-11"];
      messages.set(msgid, {
        msgid,
        recipient,
        sender: number % 2 === 0 ? "0120123456" : "Shop",
        status: "DELIVERING",
        parts: 1,
        cost: 0.08,
        sentAt: at,
        openedAt: null,
        tags,
      });
      journal.push(msgid);
      return msgid;
    },
    change(msgid: string, change: Partial<Message>) {
      const message = messages.get(msgid);
      if (message === undefined) throw new Error("no such message");
      messages.set(msgid, { ...message, ...change });
      journal.push(msgid);
    },
    answer(url: string): FeedAnswer {
      const { origin, pathname, searchParams } = new URL(url);
      if (`${origin}${pathname}` !== `${FEED}/messages.csv`) return { status: 404, headers: {}, text: "" };
      if (this.failing) return { status: 503, headers: {}, text: "" };
      const limit = Math.min(Number(searchParams.get("limit")), LARGEST_PAGE);
      const since = Number(searchParams.get("changed_since") || 0);
      const page = journal.slice(since, since + limit);
      const rows = [...new Set(page)].map((msgid) => messages.get(msgid) as Message);
      const headers = { "x-next-cursor": String(since + page.length) };
      return { status: 200, headers, text: [csv(COLUMNS).head, ...rows.map(csv(COLUMNS).line)].join("") };
    },
  };
}

type Account = ReturnType<typeof account>;

function installed(source: string): { owner: Account; google: AppsScript } {
  const owner = account();
  const google = appsScript(source, (url) => owner.answer(url));
  google.answer = `${FEED}/`;
  return { owner, google };
}

/** Every trigger that there is fires, as it does each hour. */
function hour(google: AppsScript): void {
  google.now += HOUR_MS;
  for (const { id, handler } of google.triggers) google.run(handler, { triggerUid: id });
}

function expected(owner: Account): CellValue[][] {
  return [...owner.messages.values()].map((message) => [
    message.msgid,
    message.recipient,
    message.sender,
    message.status,
    message.parts,
    message.cost,
    new Date(message.sentAt),
    message.openedAt !== null,
    message.openedAt === null ? "" : new Date(message.openedAt),
    `https://shop.example.com/?m=${message.msgid},"a"`,
    `https://go.example.com/${message.msgid}`,
    message.tags.join(", "),
  ]);
}

const expectEqual = (google: AppsScript, owner: Account) => expectRows(google, expected(owner));

/** Order apart, for a sheet may be sorted, and milliseconds, which not everybody tells. */
function expectRows(google: AppsScript, wanted: CellValue[][]): void {
  const told = (row: CellValue[]) =>
    JSON.stringify(row.map((cell) => (cell instanceof Date ? Math.floor(+cell / 1_000) : cell)));
  const lines = (rows: CellValue[][]) => rows.map(told).toSorted();
  const [found, right] = [lines(google.rows("Messages")), lines(wanted)];
  expect(found.length).toBe(right.length);
  const wrong = found.findIndex((line, index) => line !== right[index]);
  expect(found[wrong]).toBe(right[wrong]);
}

/** 50,000 messages: set up, and a change of every one, each in at most three of the six minutes that Google gives. */
function largeSheet(source: string): void {
  const { owner, google } = installed(source);
  for (let number = 0; number < 50_000; number += 1) owner.accept(google.now);
  expect(google.run("setUp")).toBeLessThan(3 * 60_000);
  expect(google.rows("Messages")).toHaveLength(50_000);
  const scattered = [...owner.messages.keys()].filter((_, number) => number % 25 === 0);
  for (const msgid of scattered) owner.change(msgid, { openedAt: google.now });
  google.now += HOUR_MS;
  expect(google.run("update")).toBeLessThan(3 * 60_000);
  expectEqual(google, owner);
}

it("50,000 messages, and 2,000 scattered changes, take at most three minutes each", () => {
  largeSheet(SCRIPT);
});

const FAULTS: [string, string, string][] = [
  ["no paging", "while (Date.now() < until) {", "if (Date.now() < until) {"],
  [
    "row-wise writes",
    "write(sheet.getRange(ids.length + 2, 1, rows.length, COLUMNS.length), rows);",
    "rows.forEach((row, y) => write(sheet.getRange(ids.length + 2 + y, 1, 1, COLUMNS.length), [row]));",
  ],
  ["format not set", "  range.setNumberFormats(rows.map(() => formats));", ""],
  ["doubled trigger", "ScriptApp.deleteTrigger(trigger);", "trigger;"],
  [
    "window of 7 days",
    "writeRows(sheet, ids, page.rows);",
    "writeRows(sheet, ids, page.rows.filter((row) => Date.now() - row[6] < 7 * 24 * 3600 * 1000));",
  ],
  ["cursor lost", '    properties.setProperty("CURSOR", cursor);', ""],
];

function planted([, right, wrong]: (typeof FAULTS)[number]): string {
  expect(SCRIPT.split(right)).toHaveLength(2);
  return SCRIPT.replace(right, wrong);
}

const ADMIN_TOKEN = "sheet-admin-token-0123456789";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const MESSAGES = 5_000;
/** One message of four has a link: a link's object is most of what sending costs. */
const TRACKED = 4;
const LINKS = MESSAGES / TRACKED;
/** In the weeks of these numbers behind the sending a message is sent, and links are opened: a 25th of them for each week since the last. */
const WEEKS = [1, 2, 4, 7, 10];
const PARTS = 25;
const CONNECTIONS = 16;
const SETTLED = { timeout: 120_000, interval: 500 };

const state = mkdtempSync(join(tmpdir(), "firsttap-sheet-"));
let server: DevServer;
beforeAll(async () => {
  const vars = { ADMIN_TOKEN, ALLOW_LOCAL_ADDRESSES: "true", CARRIER: "outbox", COST_PER_PART: "0.08" };
  server = await startDevServer({ port: await freePort(), persistTo: state, vars });
}, 90_000);
afterAll(async () => {
  await server.stop();
  rmSync(state, { recursive: true, force: true });
});

async function ask(method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

async function eachOf<T>(things: readonly T[], work: (thing: T, n: number) => Promise<unknown>): Promise<void> {
  const left = things.entries();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const [n, thing] of left) await work(thing, n);
    }),
  );
}

/** Waits until so many messages are delivered and opened. By the figures, which cost the same however many there are. */
async function settled(wanted: { delivered: number; opened: number }): Promise<void> {
  await vi.waitFor(async () => {
    const { totals } = await ask("GET", "/api/figures?by=week");
    expect(totals.messages).toMatchObject(wanted);
  }, SETTLED);
}

/** All that the account has, as the SMS API lists it, in the sheet's own columns. */
async function listed(): Promise<CellValue[][]> {
  const time = (text: string | null) => (text === null ? "" : new Date(`${text.replace(" ", "T")}Z`));
  return (await ask("GET", "/sms/messages/")).map(({ link_tracking: tracked, ...message }: any) => [
    message.msgid,
    message.recipient,
    message.sender,
    message.status,
    message.parts,
    message.cost,
    time(message.sent_time),
    ...(tracked ? [tracked.accessed, time(tracked.accessed_on), tracked.link, tracked.shortlink] : ["", "", "", ""]),
    message.tags.join(", "),
  ]);
}

/** The real feed, at an address that scripts take. What it has said is kept until `changed`: all scripts ask for the same. */
function feedOfServer(feed: string): { answer: (url: string) => FeedAnswer; changed: () => void } {
  const said = new Map<string, FeedAnswer>();
  return {
    answer(url) {
      const answer = said.get(url) ?? fetchNow(url.replace(new URL(feed).origin, server.url));
      said.set(url, answer);
      return answer;
    },
    changed: () => said.clear(),
  };
}

/** A script waits for what it fetches. */
function fetchNow(url: string): FeedAnswer {
  const answer = execFileSync("curl", ["-si", url], { encoding: "utf8", maxBuffer: 1e8 });
  const end = answer.indexOf("\r\n\r\n");
  const [first = "", ...lines] = answer.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(":") + 2)]));
  return { status: Number(first.split(" ")[1]), headers, text: answer.slice(end + 4) };
}

/**
 * 5,000 messages are there when it is set up, further ones come, and links are opened up to ten weeks later. The script and each fault go
 * through the same.
 */
it("the sheet is what the account is, with numbers as text and links that are opened weeks later; faults are seen", async () => {
  const send = (n: number) =>
    ask("POST", "/sms/messages/", {
      message: `Your offer: https://shop.example.com/?m=${n}&a="b" Bye`,
      recipient: `+8180${String(n).padStart(8, "0")}`,
      sender: n % 2 === 0 ? "0120123456" : "Shop",
      tags: n % 3 === 0 ? "=1+1" : n % 3 === 1 ? "" : "sale,2026-11",
      ...(n % TRACKED === 0 && { track_link: "true" }),
    });
  await eachOf(Array.from({ length: MESSAGES }), (_, n) => send(n));
  await settled({ delivered: MESSAGES, opened: 0 });
  const first = await listed();
  const links = first.map((row) => String(row[10])).filter((link) => link !== "");
  const { url } = await ask("POST", "/api/account/feeds", { numbers: "full" });
  const feed = String(url).replace(/^http:\/\/[^/]+/, "https://go.example.com");
  const { answer, changed } = feedOfServer(feed);
  // Its clock begins now.
  const installedHere = (source: string) =>
    Object.assign(appsScript(source, answer), { now: Date.now(), answer: feed });

  const right = installedHere(SCRIPT);
  const faulty = FAULTS.map((fault) => ({ name: fault[0], google: installedHere(planted(fault)), seen: "" }));
  const begin = (google: AppsScript) => {
    expect(google.run("setUp")).toBeLessThan(60_000);
    google.run("setUp");
    expect(google.triggers).toHaveLength(1);
  };
  const all = async (work: (google: AppsScript) => void) => {
    work(right);
    for (const one of faulty) {
      try {
        if (one.seen === "") work(one.google);
      } catch (error) {
        one.seen = String(error);
      }
    }
  };
  await all(begin);
  expectRows(right, first);

  for (const [n, week] of WEEKS.entries()) {
    const before = WEEKS[n - 1] ?? 0;
    await send(MESSAGES + week);
    const opened = links.filter((_, number) => number % PARTS >= before && number % PARTS < week);
    await eachOf(opened, (link) => fetch(link, { redirect: "manual", headers: { "user-agent": PHONE } }));
    await settled({ delivered: MESSAGES + n + 1, opened: (LINKS / PARTS) * week });
    changed();
    await all((google) => {
      google.now += (week - before) * 7 * DAY_MS;
      hour(google);
    });
  }
  const wanted = await listed();
  await all((google) => {
    hour(google);
    expectRows(google, wanted);
    // An hour in which nothing happened is one look, with nothing read or written again.
    const before = { fetches: google.fetches, now: google.now + HOUR_MS };
    hour(google);
    expect(google.fetches - before.fetches).toBe(1);
    expect(google.now - before.now).toBeLessThan(5_000);
  });
  // A sheet of a few pages in one does not show it.
  const unseen = faulty.filter(({ seen }) => seen === "").map(({ name }) => name);
  expect(unseen).toEqual(["no paging"]);
}, 1_800_000);

it("a sheet of more than one page shows the fault: no paging", () => {
  const [fault] = FAULTS;
  if (fault === undefined) throw new Error("no fault");
  expect(() => largeSheet(planted(fault))).toThrow(/^expected/);
});

it("goes on after runs that Google ended anywhere, and hours in which the feed was down", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          accepted: fc.nat(40),
          changed: fc.array(fc.nat(1_000), { maxLength: 20 }),
          end: fc.nat(30),
          down: fc.boolean(),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      (hours) => {
        const { owner, google } = installed(SCRIPT);
        google.run("setUp");
        for (const { accepted, changed, end, down } of hours) {
          for (let number = 0; number < accepted; number += 1) owner.accept(google.now);
          const ids = [...owner.messages.keys()];
          for (const number of changed)
            if (ids.length > 0) owner.change(ids[number % ids.length] ?? "", { openedAt: google.now });
          google.endAtCall = end + 1;
          owner.failing = down;
          try {
            hour(google);
          } catch {
            // The next hour sees to it.
          }
        }
        owner.failing = false;
        hour(google);
        expectEqual(google, owner);
      },
    ),
    { numRuns: 60 },
  );
});

it("does nothing for a trigger that another editor set up before, and starts anew when the sheet was emptied", () => {
  const { owner, google } = installed(SCRIPT);
  owner.accept(google.now);
  google.run("setUp");
  const { fetches } = google;
  google.run("update", { triggerUid: "of-somebody-else" });
  expect(google.fetches).toBe(fetches);
  google.empty("Messages");
  hour(google);
  expectEqual(google, owner);
});

it("says what to do, and never the token", () => {
  const { owner, google } = installed(SCRIPT);
  google.answer = "https://go.example.com/api/links";
  expect(() => google.run("setUp")).toThrow("https://HOST/feed/TOKEN");
  expect(() => google.run("update")).toThrow("Set up");
  google.answer = FEED;
  owner.failing = true;
  expect(() => google.run("setUp")).toThrow(/^(?!.*ft_feed_token).*503/);
  google.answer = `${FEED}-revoked`;
  expect(() => google.run("setUp")).toThrow(/^(?!.*ft_feed_token).*revoked/);
  const away = appsScript(SCRIPT, (url) => {
    throw new Error(`Address unavailable: ${url}`);
  });
  away.answer = FEED;
  expect(() => away.run("setUp")).toThrow(/^(?!.*ft_feed_token).*could not be reached/);
});
