// What each kind of request costs, counted at the bindings of the counting Worker. Counts do not depend on the machine,
// so these are what decides the exit code.

import { setTimeout as sleep } from "node:timers/promises";
import type { CarrierServers } from "../../local/carrier-servers.ts";
import { callApi, createCampaign, createLinks } from "./api.ts";
import { COST_COLUMNS, priced } from "./costs.ts";
import { USER_AGENT } from "./load.ts";
import { printTable } from "./numbers.ts";
import { type Runtime, withRuntime } from "./runtime.ts";

/** The columns: the counting Worker's totals, and what they are called. */
const COLUMNS = {
  kvReads: "KV reads",
  kvWrites: "KV writes",
  linkCalls: "Link calls",
  accountCalls: "Account calls",
  bookCalls: "Book calls",
  campaignCalls: "Campaign calls",
  partCalls: "Part calls",
  rowsRead: "rows read",
  rowsWritten: "rows written",
  alarmsSet: "alarms set",
  alarmRuns: "alarms run",
  queueSends: "queue sends",
  rateLimitCalls: "limit calls",
  logLines: "log lines",
};
type Column = keyof typeof COLUMNS;
export type Counts = Record<Column, number>;
const COLUMN_NAMES = Object.keys(COLUMNS) as Column[];

/** Things of each kind; the table shows their mean. */
const REPEATS = 5;
/** Totals that did not move for this long are final: alarms and queues are done, also a report that is due in 3 s and its queue. */
const QUIET_MS = 5_500;
const QUIET_TIMEOUT_MS = 40_000;

/** Requests of one kind, and what is waited for behind them. */
interface Kind {
  name: string;
  /** False when time brings it, and not a request. */
  isAsked?: boolean;
  run(): Promise<void>;
  done?(): boolean;
}

/**
 * Counts every kind, prints the table, and returns the targets that were missed, as sentences.
 * @param isDetailed prints of each kind which statements have written its rows, too
 */
export async function countOperations(bundleDir: string, stateDir: string, isDetailed: boolean): Promise<string[]> {
  const { counted, costs } = await withRuntime(bundleDir, stateDir, async (runtime) => {
    const server = await runtime.urlOf("firsttap");
    const counts = new Map<string, Counts>();
    const kinds = await makeKinds(server, runtime);
    for (const kind of kinds) {
      const before = await readStatements(server);
      counts.set(kind.name, await countKind(server, kind));
      if (isDetailed) printStatements(kind.name, before, await readStatements(server));
    }
    const prices = kinds.map((kind) => priced(kind.name, counts.get(kind.name), kind.isAsked !== false));
    return { counted: counts, costs: prices };
  });
  // In a state of its own, whose clock is right: nothing that is due comes there where it was set forward.
  const sizes = await withRuntime(bundleDir, `${stateDir}-sizes`, databaseSizes);
  printTable(
    `Operations of one request and all that follows it (mean of ${REPEATS})`,
    ["", ...Object.values(COLUMNS)],
    [...counted].map(([name, counts]) => [name, ...COLUMN_NAMES.map((column) => show(counts[column]))]),
  );
  printTable("What a million of them cost, US dollars", ["", ...COST_COLUMNS], costs);
  printTable(
    "Database of one object, bytes",
    ["", "bytes"],
    [
      ["a link's object", String(sizes.opened)],
      ["the same, accessed and called back", String(sizes.accessed)],
      ["an unknown code's, after a tap", String(sizes.unknown)],
      ["an object that was never asked", String(sizes.untouched)],
    ],
  );
  return [...missedTargets(counted), ...missedStorage(sizes)];
}

/** Links that are kept end sooner than those of messages, so that the end of each can be counted. */
const KEPT_FOR_SECONDS = 80 * 86_400;
/** Those 80 days, and the 30 for which an ended link is kept. */
const LONGER_THAN_KEPT_DAYS = 111.5;
/** 90 days, and these 30. */
const LONGER_THAN_A_LIFE_DAYS = 121.5;
const MORE_THAN_AN_HOUR_DAYS = 0.05;

/**
 * Four rows make the link and say that KV and its book have it, one counts it for its account; four are its line in the book with an index
 * of its reference, one of when it is blanked, and the journal.
 */
const MOST_ROWS_OF_A_LINK = 9;
/** When KV and the book may not have it, and when it is forgotten. */
const MOST_ALARMS_OF_A_LINK = 2;
/** Nine record the access and call back, of which four make tables; four tell the book: acknowledgement, line, and journal of both. */
const MOST_ROWS_OF_A_FIRST_TAP = 13;
/** When it is due, when its job may be lost or the book has to hear, when the report may be lost, and when the link is forgotten. */
const MOST_ALARMS_OF_A_FIRST_TAP = 4;

/** Means of five may be exceeded by so much: one of them was late. Who writes a row more writes it for each. */
const LATE = 0.5;

const CREATED = "create a link";
const WARM = "warm, repeated tap";
const ASLEEP = "repeated tap, of a link that slept";
const FIRST = "first tap, with callback";
const UNKNOWN = "unknown code";
const OF_CAMPAIGN = "first tap of a campaign's link, with callback";
const WARM_OF_CAMPAIGN = "warm, repeated tap of a campaign's link";
const NOBODYS = "computed code, nobody's";

/** Access, member and what is counted; the callback, with its index, claimed, called and reported. Telling the campaign, and the book, is shared by many. */
const MOST_ROWS_OF_A_MEMBER = 16;

/** In an order in which each kind finds the links that it needs. */
async function makeKinds(server: URL, { receiver, carriers }: Runtime): Promise<Kind[]> {
  let links: URL[] = [];
  let members: URL[] = [];
  const expired = await createLinks(server, REPEATS, { expires_in_seconds: 1 });
  const kept = await createLinks(server, REPEATS, {
    callback_url: `${receiver.url}/hook/kept`,
    expires_in_seconds: KEPT_FOR_SECONDS,
  });
  for (const link of kept) await tap(link, 302);
  await quietTotals(server, "setting up", () => receiver.log("kept").length === REPEATS);
  // Of these taps the book hears in an hour.
  for (const link of kept) await tap(link, 302);
  const ofEach = (call: (link: URL) => Promise<unknown>) => async () => {
    for (const link of links) await call(link);
  };
  return [
    {
      name: CREATED,
      run: async () => {
        links = await createLinks(server, REPEATS, { callback_url: `${receiver.url}/hook/bench` });
      },
    },
    {
      name: FIRST,
      run: ofEach((link) => tap(link, 302)),
      done: () => receiver.log("bench").length === REPEATS,
    },
    { name: "repeated tap, the first in an hour", run: ofEach((link) => tap(link, 302)) },
    { name: WARM, run: ofEach((link) => tap(link, 302)) },
    {
      name: ASLEEP,
      run: ofEach(async (link) => {
        await callApi(server, "GET", `/bench/sleep${link.pathname}`);
        await tap(link, 302);
      }),
    },
    {
      name: "send a tracked message",
      run: async () => {
        const fields = {
          message: "Look: https://example.com/",
          recipient: "+818012345678",
          sender: "BENCH",
          track_link: true,
          callbackurl: `${receiver.url}/hook/reports`,
        };
        for (let n = 0; n < REPEATS; n++) await callApi(server, "POST", "/sms/messages/", JSON.stringify(fields));
      },
      done: () => carriers.taken().length === REPEATS,
    },
    { name: "a carrier's report on its way", run: () => report(carriers, "DELIVERING") },
    {
      name: "a carrier's last report, with callback",
      run: () => report(carriers, "DELIVERED"),
      done: () => receiver.log("reports").length === REPEATS,
    },
    { name: "status", run: ofEach((link) => callApi(server, "GET", `/api/links${link.pathname}`)) },
    {
      name: "make a campaign of 1,000, and read its links",
      run: async () => {
        for (let n = 0; n < REPEATS; n++)
          members = await createCampaign(server, 1_000, { callback_url: `${receiver.url}/hook/members` });
        // The part is made by the first of all taps.
        await tap(members[REPEATS] ?? server, 302);
      },
      done: () => receiver.log("members").length === 1,
    },
    {
      name: OF_CAMPAIGN,
      run: async () => {
        for (const link of members.slice(0, REPEATS)) await tap(link, 302);
      },
      done: () => receiver.log("members").length === 1 + REPEATS,
    },
    {
      name: WARM_OF_CAMPAIGN,
      run: async () => {
        for (const link of members.slice(0, REPEATS)) await tap(link, 302);
      },
    },
    {
      name: NOBODYS,
      run: async () => {
        for (let n = 0; n < REPEATS; n++) await tap(new URL(`/6789BCDFGH${"6789B"[n] ?? ""}`, server), 404);
      },
    },
    { name: UNKNOWN, run: ofEach((link) => tap(unknown(link), 404)) },
    { name: "delete a link", run: ofEach((link) => callApi(server, "DELETE", `/api/links${link.pathname}`)) },
    { name: "tap on a deleted link", run: ofEach((link) => tap(link, 410)) },
    {
      name: "tap on an expired link",
      run: async () => {
        for (const link of expired) await tap(link, 410);
      },
    },
    {
      name: "report of an hour's taps",
      isAsked: false,
      run: async () => {
        await callApi(server, "GET", `/bench/later/${MORE_THAN_AN_HOUR_DAYS}`);
        for (const link of kept) await callApi(server, "GET", `/bench/alarm${link.pathname}`);
      },
    },
    {
      // A fifth of all that one book has counted above: it writes a row a quarter hour, key and tag, however many things there are.
      name: "tallies of a book",
      isAsked: false,
      run: async () => {
        await callApi(server, "GET", `/bench/later/${2 * MORE_THAN_AN_HOUR_DAYS}`);
        await callApi(server, "GET", "/bench/book-alarm/1");
      },
    },
    {
      name: "end of a link, opened and called back",
      isAsked: false,
      run: async () => {
        await callApi(server, "GET", `/bench/later/${LONGER_THAN_KEPT_DAYS}`);
        for (const link of kept) await callApi(server, "GET", `/bench/alarm${link.pathname}`);
        // What people wrote is blanked in their lines.
        await callApi(server, "GET", "/bench/book-alarm/1");
      },
    },
    {
      name: "end of a tracked message, with its link",
      isAsked: false,
      run: async () => {
        await callApi(server, "GET", `/bench/later/${LONGER_THAN_A_LIFE_DAYS}`);
        for (const { text } of carriers.taken())
          await callApi(server, "GET", `/bench/alarm${new URL(text.replace("Look: ", "")).pathname}`);
        await callApi(server, "GET", "/bench/book-alarm/1");
      },
    },
  ];
}

/** The carrier reports this of each message that it took. */
async function report(carriers: CarrierServers, status: string): Promise<void> {
  for (const { msgid } of carriers.taken()) {
    const answer = await fetch(`${carriers.url}/report/${msgid}`, { method: "POST", body: JSON.stringify({ status }) });
    if (answer.status !== 204) throw new Error(`a report of ${status} was answered ${answer.status}`);
  }
}

async function countKind(server: URL, kind: Kind): Promise<Counts> {
  const before = await readTotals(server);
  await kind.run();
  const after = await quietTotals(server, kind.name, () => kind.done?.() !== false);
  const counts = { ...after };
  for (const column of COLUMN_NAMES) counts[column] = (after[column] - before[column]) / REPEATS;
  return counts;
}

/** The totals when nothing moves any more. */
async function quietTotals(server: URL, name: string, done: () => boolean): Promise<Counts> {
  const deadline = Date.now() + QUIET_TIMEOUT_MS;
  let totals = await readTotals(server);
  while (Date.now() < deadline) {
    await sleep(QUIET_MS);
    const next = await readTotals(server);
    const isQuiet = JSON.stringify(next) === JSON.stringify(totals);
    if (isQuiet && done()) return next;
    totals = next;
  }
  throw new Error(`"${name}" did not come to rest within ${QUIET_TIMEOUT_MS} ms`);
}

/** Rows written and read, by statement. */
type Statements = Record<string, { written: number; read: number }>;

async function readStatements(server: URL): Promise<Statements> {
  return (await callApi(server, "GET", "/bench/statements")) as Statements;
}

function printStatements(kind: string, before: Statements, after: Statements): void {
  const rows = Object.entries(after).map(([name, { written, read }]) => {
    const known = before[name] ?? { written: 0, read: 0 };
    return [name, ...[written - known.written, read - known.read].map((n) => show(n / REPEATS))];
  });
  const counted = rows.filter((cells) => cells.slice(1).some((cell) => cell !== show(0)));
  printTable(`${kind}, by statement`, ["", "rows written", "rows read"], counted);
}

async function readTotals(server: URL): Promise<Counts> {
  return (await callApi(server, "GET", "/bench/operations")) as Counts;
}

async function tap(link: URL, status: number): Promise<void> {
  const answer = await fetch(link, { redirect: "manual", headers: { "user-agent": USER_AGENT, accept: "text/html" } });
  await answer.body?.cancel();
  if (answer.status !== status) throw new Error(`${link.href} answered ${answer.status} and not ${status}`);
}

function unknown(link: URL): URL {
  return new URL(`/unknown-${link.pathname.slice(1)}`, link);
}

interface Sizes {
  opened: number;
  accessed: number;
  unknown: number;
  untouched: number;
}

/** Bytes of the databases of some objects: a link's, before and behind its first access, one that was asked for an unknown code, a fresh one. */
async function databaseSizes(runtime: Runtime): Promise<Sizes> {
  const { receiver } = runtime;
  const server = await runtime.urlOf("firsttap");
  const [link] = await createLinks(server, 1, { callback_url: `${receiver.url}/hook/size` });
  if (link === undefined) throw new Error("no link was made");
  const sizeOf = async (path: string) => Number(await callApi(server, "GET", `/bench/database-bytes${path}`));
  const opened = await sizeOf(link.pathname);
  await tap(link, 302);
  await tap(unknown(link), 404);
  await quietTotals(server, "sizes", () => receiver.log("size").length === 1);
  const [accessed, unknownSize] = [await sizeOf(link.pathname), await sizeOf(unknown(link).pathname)];
  return { opened, accessed, unknown: unknownSize, untouched: await sizeOf("/untouched") };
}

function missedTargets(counted: ReadonlyMap<string, Counts>): string[] {
  const missed: string[] = [];
  const limit = (name: string, what: string, column: (counts: Counts) => number, most: number) => {
    const counts = counted.get(name);
    const count = counts === undefined ? Number.NaN : column(counts);
    if (!(count <= most)) missed.push(`${name}: ${show(count)} ${what}, at most ${most}`);
  };
  limit(WARM, "KV reads", (counts) => counts.kvReads, 1);
  limit(WARM, "KV writes", (counts) => counts.kvWrites, 0);
  limit(WARM, "object calls", (counts) => counts.linkCalls + counts.accountCalls + counts.bookCalls, 1);
  limit(WARM, "rows written", (counts) => counts.rowsWritten, 1);
  limit(WARM, "queue sends", (counts) => counts.queueSends, 0);
  limit(WARM, "alarms set", (counts) => counts.alarmsSet, 0);
  limit(ASLEEP, "rows written", (counts) => counts.rowsWritten, 1);
  limit(ASLEEP, "alarms set", (counts) => counts.alarmsSet, 0);
  limit(CREATED, "rows written", (counts) => counts.rowsWritten, MOST_ROWS_OF_A_LINK + LATE);
  limit(CREATED, "alarms set", (counts) => counts.alarmsSet, MOST_ALARMS_OF_A_LINK + LATE);
  limit(CREATED, "queue sends", (counts) => counts.queueSends, 0);
  limit(CREATED, "object calls", (counts) => counts.linkCalls + counts.accountCalls + counts.bookCalls, 4);
  limit(FIRST, "rows written", (counts) => counts.rowsWritten, MOST_ROWS_OF_A_FIRST_TAP + LATE);
  limit(FIRST, "alarms set", (counts) => counts.alarmsSet, MOST_ALARMS_OF_A_FIRST_TAP + LATE);
  // The callback, and one report of the first access and its answer.
  limit(FIRST, "queue sends", (counts) => counts.queueSends, 2);
  limit(OF_CAMPAIGN, "KV reads", (counts) => counts.kvReads, 1);
  limit(OF_CAMPAIGN, "rows written", (counts) => counts.rowsWritten, MOST_ROWS_OF_A_MEMBER + LATE);
  limit(WARM_OF_CAMPAIGN, "KV reads", (counts) => counts.kvReads, 1);
  limit(WARM_OF_CAMPAIGN, "Link calls", (counts) => counts.linkCalls, 0);
  limit(NOBODYS, "KV reads", (counts) => counts.kvReads, 0);
  // Of the taps before it a part may tell its campaign meanwhile.
  limit(NOBODYS, "object calls", (counts) => counts.linkCalls + counts.partCalls, 0);
  limit(UNKNOWN, "KV writes", (counts) => counts.kvWrites, 0);
  limit(UNKNOWN, "rows written", (counts) => counts.rowsWritten, 0);
  limit(UNKNOWN, "alarms set", (counts) => counts.alarmsSet, 0);
  limit(UNKNOWN, "queue sends", (counts) => counts.queueSends, 0);
  return missed;
}

function missedStorage(sizes: Sizes): string[] {
  if (sizes.unknown === sizes.untouched && sizes.unknown < sizes.opened) return [];
  return [`${UNKNOWN}: its object holds ${sizes.unknown} bytes, and an untouched one ${sizes.untouched}`];
}

/** Whole numbers as they are, zero as a dot, so that the eye finds what costs. */
function show(count: number): string {
  if (count === 0) return "·";
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}
