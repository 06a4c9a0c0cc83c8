// What reading costs when there is much: an account with so many links in one book, as many messages in another, and a link with as many
// accesses; rows read, calls of objects and time of each question, and of a search the pages that it takes.

import { performance } from "node:perf_hooks";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { callApi, createLinks } from "./api.ts";
import { median, printTable } from "./numbers.ts";
import type { Counts } from "./operations.ts";
import { withRuntime } from "./runtime.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** Made by one call. */
const AT_ONCE = 500;
/** Each question is asked so often; the time is the median. */
const REPEATS = 5;
/** Of one page; a thousand, and what the account and the last statement of a page read beside. */
const MOST_ROWS = 1_200;
const MOST_PAGES = 2_000;
/** Of more messages the SMS API gives pages only. */
const LONGEST_WHOLE_LIST = 80_000;
const WHOLE_LIST = "SMS API: all of them, without limit";

interface Question {
  name: string;
  path: string;
  /** Which things are asked for page by page until one is found, or there is no further page; absent where it is one answer. */
  until?: "links" | "messages";
}

/** As far as it is read here. */
interface Answer {
  links?: unknown[];
  messages?: unknown[];
  next_cursor?: string | null;
}

interface Measured {
  name: string;
  pages: number;
  found: boolean;
  /** Of the page that read most, beside the account's own. */
  rows: number;
  allRows: number;
  calls: number;
  /** Of the first page. */
  ms: number;
  /** Of all pages. */
  allMs: number;
}

/** Prints a table for each size up to `most`, and returns the pages that read too much, as sentences. */
export async function measureGrowth(bundleDir: string, stateDir: string, most: number): Promise<string[]> {
  const missed: string[] = [];
  for (const size of SIZES.filter((n) => n <= most)) {
    const dir = join(stateDir, String(size));
    const measured = await withRuntime(bundleDir, dir, async (runtime) => {
      const server = await runtime.urlOf("firsttap");
      const { questions, made } = await fill(server, size);
      console.log(`\n${size} links, messages and accesses: ${made}`);
      const answers: Measured[] = [];
      for (const question of questions) answers.push(await measure(server, question));
      return answers;
    });
    await rm(dir, { recursive: true, force: true });
    printTable(
      `Reading among ${size} links, messages and accesses (times: median of ${REPEATS})`,
      ["", "rows of a page", "object calls", "ms", "pages until found", "rows in all", "ms in all"],
      measured.map(({ name, rows, calls, ms, pages, found, allRows, allMs }) => {
        const page = [name, String(rows), String(calls), ms.toFixed(1)];
        if (pages === 1 && found) return [...page, "1", "", ""];
        return [...page, found ? String(pages) : `${pages}, none`, String(allRows), allMs.toFixed(0)];
      }),
    );
    for (const { name, rows } of measured)
      if (rows > MOST_ROWS && name !== WHOLE_LIST) missed.push(`${name}, of ${size}: a page reads ${rows} rows`);
  }
  return missed;
}

/** Fills two books of `main` and one link; what to ask then. */
async function fill(server: URL, size: number): Promise<{ questions: Question[]; made: string }> {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(0);
  const [first] = await createLinks(server, 1);
  const code = first?.pathname.slice(1) ?? "";
  await inSteps(size, (from, count) => ask(server, `/bench/fill/links/1?from=${from}&count=${count}&size=${size}`));
  await ask(server, "/bench/fill/next-book");
  await createLinks(server, 1);
  await inSteps(size, (from, count) => ask(server, `/bench/fill/messages/2?from=${from}&count=${count}&size=${size}`));
  const bytes = [await bringForward(server, 1), await bringForward(server, 2)];
  await inSteps(size, async (from, count) => {
    await ask(server, `/bench/fill/accesses/${code}?from=${from}&count=${count}`);
    if (from % 10_000 === 0) await ask(server, `/bench/alarm/${code}`);
  });
  const [size1 = 0, size2 = 0] = bytes.map((n) => Math.round(n / size));
  const made = `filled in ${seconds()} s; a link takes ${size1} bytes in its book, a message ${size2}`;
  return { questions: await questionsFor(server, code, size), made };
}

async function bringForward(server: URL, book: number): Promise<number> {
  for (;;) {
    const { bytes, isDue } = (await ask(server, `/bench/fill/forward/${book}`)) as { bytes: number; isDue: boolean };
    if (!isDue) return bytes;
  }
}

async function inSteps(size: number, step: (from: number, count: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < size; from += AT_ONCE) await step(from, Math.min(AT_ONCE, size - from));
}

/** The seventh of all is the one that is looked for: it is among the oldest. */
async function questionsFor(server: URL, code: string, size: number): Promise<Question[]> {
  const { links } = (await ask(server, "/api/links?reference=order-7")) as { links: { code: string }[] };
  const seventh = links[0]?.code ?? "";
  const messages = (await ask(server, "/api/messages?order=oldest&limit=20")) as {
    messages: { msgid: string; link: { code: string } | null }[];
  };
  const message = messages.messages[7];
  const middle = new Date(Date.now() - 14 * 86_400_000).toISOString();
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const until = "links";
  return [
    { name: "links, newest first", path: "/api/links" },
    { name: "links, oldest first", path: "/api/links?order=oldest" },
    { name: "links of before two weeks ago", path: `/api/links?created_before=${middle}` },
    { name: "links of a tag that half have", path: "/api/links?tag=usual", until },
    { name: "links of a tag that one old link has", path: "/api/links?tag=rare", until },
    { name: "links of a reference", path: "/api/links?reference=order-7", until },
    { name: "search: an old link's code", path: `/api/links?search=${seventh}`, until },
    { name: "search: what stands in each", path: "/api/links?search=shop.example", until },
    { name: "search: what stands nowhere", path: "/api/links?search=no-such-thing", until },
    {
      name: "links opened, none of the newer half is",
      path: `/api/links?accessed=true&created_before=${hourAgo}`,
      until,
    },
    { name: "links not opened", path: "/api/links?accessed=false", until },
    { name: "messages, newest first", path: "/api/messages" },
    { name: "messages to a number, an old one", path: "/api/messages?recipient=%2B818099999999", until: "messages" },
    { name: "messages of a tag that one old one has", path: "/api/messages?tag=rare", until: "messages" },
    { name: "messages of a reference, an old one", path: "/api/messages?reference=order-7", until: "messages" },
    {
      name: "message search: an old link's code",
      path: `/api/messages?search=${message?.link?.code ?? ""}`,
      until: "messages",
    },
    { name: "message search: what stands nowhere", path: "/api/messages?search=no-such-thing", until: "messages" },
    { name: "message by its id", path: `/sms/messages/${message?.msgid ?? ""}/` },
    { name: "SMS API: a page of 1,000", path: "/sms/messages/?limit=1000" },
    {
      name: "SMS API: a page of 1,000, far behind",
      path: `/sms/messages/?limit=1000&cursor=${messages.messages[19]?.msgid ?? ""}`,
    },
    ...(size > LONGEST_WHOLE_LIST ? [] : [{ name: WHOLE_LIST, path: "/sms/messages/" }]),
    { name: "status of the link with all accesses", path: `/api/links/${code}` },
    { name: "its accesses, a page of 100", path: `/api/links/${code}/accesses?limit=100` },
    { name: "figures of thirty days", path: "/api/figures" },
  ];
}

async function measure(server: URL, { name, path, until }: Question): Promise<Measured> {
  const asked: { ms: number; counts: Counts }[] = [];
  let answer: Answer = {};
  for (let n = 0; n < REPEATS; n++) {
    const before = await totals(server);
    const startedAt = performance.now();
    answer = (await ask(server, path)) as Answer;
    const ms = performance.now() - startedAt;
    asked.push({ ms, counts: difference(before, await totals(server)) });
  }
  // An alarm may come between.
  const usual = (of: (counts: Counts) => number) => median(asked.map(({ counts }) => of(counts)));
  const rows = usual(({ rowsRead }) => rowsRead);
  const calls = usual(({ accountCalls, bookCalls, linkCalls }) => accountCalls + bookCalls + linkCalls);
  const ms = median(asked.map((one) => one.ms));
  const measured = { name, pages: 1, found: true, rows, allRows: rows, calls, ms, allMs: ms };
  if (until === undefined) return measured;
  const isFound = () => (answer[until] ?? []).length > 0;
  const startedAt = performance.now();
  while (!isFound() && answer.next_cursor != null && measured.pages < MOST_PAGES) {
    const before = await totals(server);
    answer = (await ask(server, `${path}&cursor=${answer.next_cursor}`)) as Answer;
    const { rowsRead } = difference(before, await totals(server));
    measured.pages += 1;
    measured.rows = Math.max(measured.rows, rowsRead);
    measured.allRows += rowsRead;
  }
  measured.allMs += performance.now() - startedAt;
  measured.found = isFound();
  return measured;
}

async function ask(server: URL, path: string): Promise<unknown> {
  return callApi(server, "GET", path);
}

async function totals(server: URL): Promise<Counts> {
  return (await ask(server, "/bench/operations")) as Counts;
}

function difference(before: Counts, after: Counts): Counts {
  const columns = Object.keys(after) as (keyof Counts)[];
  return Object.fromEntries(columns.map((column) => [column, after[column] - before[column]])) as Counts;
}
