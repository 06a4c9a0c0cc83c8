// A figure equals its rows: what the API answers is the sum over the journals of the account's books, up to the positions that it names;
// and what the journals say of messages is what became of them.

import { bookNamed } from "../../src/book/book.ts";
import type { Platform } from "./platform.ts";
import type { Row } from "./storage.ts";
import type { Tenant, World } from "./world.ts";

const CHECK = "a figure equals its rows";
/** Longer than a run, as far as anything happens in it. */
export const ALL_FIGURES = "/api/figures?from=2026-10-19&to=2027-11-15&by=week";
const STATES = { QUEUED: "waiting", DELIVERING: "sent", DELIVERED: "delivered", FAIL: "failed" };
const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";

/** As far as the check reads them. */
interface Answer {
  as_of: { books: { book: number; position: number; archived: boolean }[] };
  totals: Sums;
  buckets: Sums[];
}

interface Sums {
  messages: Record<string, unknown>;
  events: Record<string, unknown> & { left_out: object; callbacks: object; message_callbacks: Record<string, unknown> };
}

interface Fact {
  from: string | null;
  to: string;
  hasLink: boolean;
  parts: number;
  openedAt: number | null;
  access: string;
  count?: number;
  first: boolean;
  owed?: boolean;
  delivered?: boolean;
  state: string;
}

/** What a message leaves when it moves, or is opened. All else only grows. */
const PASSING = ["waiting", "sent", "not_opened"];

/** What was known before somebody asked: books that had ended, and what was told to those who were answered by then. */
export interface Before {
  ended: string[];
  told: ReadonlyMap<string, number> | undefined;
}

export function knownBefore(world: World, { sid }: Tenant): Before {
  return {
    ended: [...world.endedBooks.keys()].filter((name) => bookNamed(name).sid === sid),
    told: world.toldFigures.get(sid),
  };
}

/** An answer of the API, at any time. */
export function checkFigures(world: World, platform: Platform, { sid }: Tenant, body: object, before: Before): void {
  const answer = body as Answer;
  const right = new Map<string, number>();
  const positions = new Map(answer.as_of.books.map(({ book, position }) => [book, position]));
  for (const [book, position] of positions) {
    const name = `${sid}.${book}`;
    const rows = journalOf(world, platform, name);
    // Its account was closed meanwhile.
    if (rows === null) return;
    countRows(
      right,
      rows.filter((row) => Number(row["position"]) <= position),
    );
  }
  for (const name of before.ended)
    if (!answer.as_of.books.some(({ book, archived }) => archived && `${sid}.${book}` === name))
      world.violate(CHECK, `nothing is told of ${name}, which has ended`);
  count(right, "not_opened", (right.get("with_link") ?? 0) - (right.get("opened") ?? 0));
  const told = new Map(shownIn(answer.totals));
  for (const [name, shown] of told)
    if (shown !== (right.get(name) ?? 0))
      world.violate(CHECK, `${name} of ${sid}: ${shown}, and not ${right.get(name) ?? 0}`);
  for (const [name, n] of before.told ?? [])
    if (!PASSING.includes(name) && (told.get(name) ?? 0) < n)
      world.violate("figures never shrink", `${name} of ${sid}: ${told.get(name)}, and before ${n}`);
  world.toldFigures.set(sid, told);
  const tiled = new Map<string, number>();
  for (const bucket of answer.buckets) for (const [name, n] of shownIn(bucket)) count(tiled, name, n);
  for (const [name, shown] of told)
    if (tiled.get(name) !== shown) world.violate(CHECK, `${name} of ${sid}: the buckets are not the whole`);
}

/** Which of the totals are no sums of rows: the parts of a list, and of a distribution, and what that says of the middle. */
const NOT_OF_ROWS = /\.(?:other|count|(?:median|ninety_percent)\.\w+)$/;

/** The rows that an answer names, as NDJSON, add up to its totals. */
export function checkRows(world: World, { sid }: Tenant, body: object, text: string): void {
  const { totals } = body as Answer;
  const sums = new Map<string, number>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const row = JSON.parse(line) as { figure: string; count: number };
    count(sums, row.figure, row.count);
  }
  for (const [name, shown] of numbersOf(totals))
    if (!NOT_OF_ROWS.test(name) && (sums.get(name) ?? 0) !== shown)
      world.violate("a figure equals its export", `${name} of ${sid}: ${shown}, its rows ${sums.get(name) ?? 0}`);
}

/** The numbers in an answer, by their paths; lists apart. */
function numbersOf(fields: object, path = ""): [name: string, n: number][] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]): [string, number][] => {
    if (typeof value === "number") return [[path + name, value]];
    const isPart = typeof value === "object" && value !== null && !Array.isArray(value);
    return isPart ? numbersOf(value, `${path}${name}.`) : [];
  });
}

/** What a book has in its journal, or had when it ended; null when it was closed with its account. */
function journalOf(world: World, platform: Platform, name: string): readonly Row[] | null {
  const { storage } = platform.books.host(name);
  return storage.tables().includes("journal") ? storage.read("journal") : (world.endedBooks.get(name) ?? null);
}

/** When all is quiet: each message is in the journal as what became of it. */
export function checkMessagesInJournals(world: World, platform: Platform): void {
  for (const { name, storage } of platform.books.hosts.values()) {
    if (!storage.tables().includes("journal")) continue;
    const moves = Map.groupBy(
      storage.read("journal").filter(({ kind }) => kind === "message"),
      ({ msgid }) => String(msgid),
    );
    for (const message of storage.read("message")) {
      const of = `${String(message["msgid"])} of ${bookNamed(name).sid}`;
      const facts = (moves.get(String(message["msgid"])) ?? []).map(factOf);
      const isUnknown = message["status"] === "FAIL" && message["reason"] === MAY_HAVE_BEEN_SENT;
      const state = isUnknown ? "unknown" : STATES[message["status"] as keyof typeof STATES];
      if (facts.at(-1)?.to !== state) world.violate(CHECK, `${of}: ${state}, in the journal ${facts.at(-1)?.to}`);
      if (facts.filter(({ from }) => from === null).length !== 1) world.violate(CHECK, `${of}: not accepted once`);
      const opened = facts.map(({ openedAt }) => openedAt).filter((at) => at !== null);
      if (opened.length > 1 || (opened[0] ?? null) !== message["first_accessed_at"])
        world.violate(
          CHECK,
          `${of}: opened at ${String(message["first_accessed_at"])}, in the journal ${opened.join()}`,
        );
    }
  }
}

/** Counts that are shown by names of their own. */
function shownIn({ messages, events }: Sums): [name: string, n: number][] {
  const { left_out: leftOut, callbacks, message_callbacks: ofMessages } = events;
  return Object.entries({ ...messages, ...events, ...leftOut, ...callbacks, sent: messages["sent"] })
    .map(([name, n]): [string, unknown] => [
      // Two words are told twice: of messages, and of callbacks.
      name === "delivered" ? "callbacks delivered" : name,
      n,
    ])
    .concat([["delivered", messages["delivered"]]])
    .concat(Object.entries(ofMessages).map(([name, n]) => [`message callbacks ${name}`, n]))
    .filter((shown): shown is [string, number] => typeof shown[1] === "number" && shown[0] !== "cost_millionths");
}

function countRows(counts: Map<string, number>, rows: readonly Row[]): void {
  /** The state of each message, by its last row. */
  const states = new Map<string, string>();
  for (const row of rows) {
    const fact = factOf(row);
    switch (String(row["kind"])) {
      case "message":
        states.set(String(row["msgid"]), fact.to);
        if (fact.from === null) {
          count(counts, "accepted", 1);
          count(counts, "parts", fact.parts);
          if (fact.hasLink) count(counts, "with_link", 1);
        }
        if (fact.openedAt !== null) count(counts, "opened", 1);
        break;
      case "opened":
        count(counts, "links_made", 1);
        break;
      case "access":
      case "accesses":
        count(counts, fact.access === "person" ? "accesses" : fact.access, fact.count ?? 1);
        if (fact.first) count(counts, "first_accesses", 1);
        if (fact.owed === true) count(counts, "owed", 1);
        break;
      case "attempt":
        if (fact.delivered === true) count(counts, "callbacks delivered", 1);
        break;
      case "callback":
        count(counts, fact.state, 1);
        break;
      case "message_callback":
        count(counts, `message callbacks ${fact.state}`, 1);
        break;
      default:
    }
  }
  for (const state of states.values()) count(counts, state, 1);
}

function factOf({ fact }: Row): Fact {
  return JSON.parse(String(fact ?? "{}")) as Fact;
}

function count(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}
