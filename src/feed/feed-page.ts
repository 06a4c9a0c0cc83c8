// A page of a feed, as the object makes it that holds the rows: the newest things, or those that have changed behind a place in its
// journal, in the order of their changes.

import type { Column } from "../export/column.ts";
import { encoderFor } from "../export/encoder.ts";
import {
  BEFORE_ALL_LINKS,
  LINK_COLUMNS,
  linkKey,
  type LinkRow,
  linkRows,
  linksBehind,
  type LinkTable,
} from "../export/links.ts";
import { MESSAGE_COLUMNS, type MessageRow, messageRows, messagesBehind } from "../export/messages.ts";
import { DAY_MS } from "../figures/time-zone.ts";
import { countedReason } from "../sms/reason.ts";
import type { Numbers } from "./feeds.ts";

interface Rows {
  links: LinkRow;
  messages: MessageRow;
}
export type FeedFile = keyof Rows;

/** What an object is asked for. */
export interface FeedQuestion {
  file: FeedFile;
  /** Names, in the order that is wanted; null is all. */
  columns: readonly string[] | null;
  numbers: Numbers;
  /** Times of this place; null is UTC in ISO 8601. */
  timezone: string | null;
  /** The most rows. */
  limit: number;
  /** The newest, or what has changed behind a place of the object; null is all that has. */
  since: "newest" | { place: string | null };
}

/** Lines without their head. */
export interface FeedPage {
  text: string;
  rows: number;
  /** Where the next page goes on. */
  place: string;
  /** Nothing more has changed by now. */
  isEnd: boolean;
}

/** An object's rows of one kind. `key` is a row's own. */
interface Shelf<Row> {
  newest(limit: number): Row[];
  /** In the order of their keys, behind this one or from the first on. */
  behind(key: string, limit: number): Row[];
  named(keys: readonly string[]): Row[];
}

/** So many positions of a journal one page looks at: some milliseconds. */
const LOOKED_AT = 20_000;

/** Which entries of a journal change a row, and its key. */
const CHANGES: Record<FeedFile, { key: string; condition: string }> = {
  links: {
    key: "created_at || '.' || code",
    condition: "kind IN ('opened', 'changed', 'ended', 'barred', 'access', 'accesses')",
  },
  messages: { key: "msgid", condition: "msgid IS NOT NULL AND kind IN ('message', 'changed')" },
};

const COLUMNS: { [File in FeedFile]: readonly Column<Rows[File]>[] } = {
  links: LINK_COLUMNS,
  messages: MESSAGE_COLUMNS,
};

/** The columns of a file by these names, in their order; null is all. `unknown` when one is not there. */
export function feedColumns<File extends FeedFile>(
  file: File,
  names: readonly string[] | null,
): readonly Column<Rows[File]>[] | "unknown" {
  const all: readonly Column<Rows[File]>[] = COLUMNS[file];
  if (names === null) return all;
  const found = names.map((name) => all.find((column) => column.name === name));
  return found.includes(undefined) ? "unknown" : found.filter((column) => column !== undefined);
}

/** A page of a book. */
export function bookPage(sql: SqlStorage, asked: FeedQuestion): FeedPage | "unknown" {
  const { since, limit, file } = asked;
  const shelf = shelfOf(sql, asked, "line");
  if (since === "newest") return page(asked, shelf.newest(limit), "", true);
  const behind = /^\d{1,15}$/.test(since.place ?? "0") ? Number(since.place) : null;
  if (behind === null) return "unknown";
  const last = sql.exec<{ last: number | null }>("SELECT MAX(position) AS last FROM journal").one().last ?? 0;
  const { key, condition } = CHANGES[file];
  const looked = Math.min(behind + LOOKED_AT, last);
  const entries = sql.exec<{ position: number; key: string }>(
    `SELECT position, ${key} AS key FROM journal WHERE position > ? AND position <= ? AND ${condition} ORDER BY position`,
    behind,
    looked,
  );
  const keys = new Set<string>();
  let place = Math.max(behind, looked);
  for (const entry of entries) {
    if (keys.size === limit && !keys.has(entry.key)) {
      place = entry.position - 1;
      break;
    }
    keys.add(entry.key);
  }
  return page(asked, shelf.named([...keys]), String(place), place >= last);
}

/**
 * A page of an account's own object, whose things are of before there were books and change in no journal: they come all of them, once
 * a day. Its places are the day of UTC that is done with, or with a key behind a dot one that is under way.
 */
export function accountPage(sql: SqlStorage, asked: FeedQuestion, now: number): FeedPage | "unknown" {
  const { since, limit } = asked;
  const shelf = shelfOf(sql, asked, "link");
  if (since === "newest") return page(asked, shelf.newest(limit), "", true);
  const [, day = "", key = ""] = /^(\d{1,6})(?:\.([\w.-]{1,80}))?$/.exec(since.place ?? "0") ?? [];
  if (day === "") return "unknown";
  const today = String(Math.floor(now / DAY_MS));
  if (key === "" && Number(day) >= Number(today)) return page(asked, [], day, true);
  const rows = shelf.behind(key, limit);
  const begun = key === "" ? today : day;
  const last = rows.length < limit ? undefined : rows.at(-1);
  return page(asked, rows, last === undefined ? begun : `${begun}.${last.key}`, last === undefined);
}

function shelfOf<File extends FeedFile>(
  sql: SqlStorage,
  { file, numbers }: FeedQuestion & { file: File },
  table: LinkTable,
): Shelf<Rows[File]> {
  const messages = (rows: MessageRow[]) => rows.map((row) => shown(row, numbers));
  const shelves: { [Name in FeedFile]: Shelf<Rows[Name]> } = {
    links: {
      newest: (limit) => linkRows(sql, table, "ORDER BY created_at DESC, code DESC LIMIT ?", limit),
      behind: (key, limit) => linksBehind(sql, table, linkKey(key) ?? BEFORE_ALL_LINKS, limit),
      named: (keys) => {
        const which = "WHERE (created_at, code) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
        const named = keys.flatMap((key) => linkKey(key) ?? []).map(({ createdAt, code }) => [createdAt, code]);
        return inOrder(keys, linkRows(sql, table, which, JSON.stringify(named)));
      },
    },
    messages: {
      newest: (limit) => messages(messageRows(sql, "ORDER BY msgid DESC LIMIT ?", limit)),
      behind: (key, limit) => messages(messagesBehind(sql, key, limit)),
      named: (keys) => {
        const which = "WHERE msgid IN (SELECT value FROM json_each(?))";
        return inOrder(keys, messages(messageRows(sql, which, JSON.stringify(keys))));
      },
    },
  };
  return shelves[file];
}

/** Those that are there. */
function inOrder<Row extends { key: string }>(keys: readonly string[], rows: readonly Row[]): Row[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return keys.flatMap((key) => byKey.get(key) ?? []);
}

function page<File extends FeedFile>(
  { file, columns, timezone }: FeedQuestion & { file: File },
  rows: readonly Rows[File][],
  place: string,
  isEnd: boolean,
): FeedPage {
  const wanted = feedColumns(file, columns);
  if (wanted === "unknown") throw new Error("no such column");
  const { line } = encoderFor({ kind: "csv", timezone }, wanted);
  return { text: rows.map(line).join(""), rows: rows.length, place, isEnd };
}

/** What a feed may show of a message. A carrier's own words can hold the number, too. */
function shown(message: MessageRow, numbers: Numbers): MessageRow {
  if (numbers === "full") return message;
  const { recipient, reason } = message;
  const end = recipient === null || numbers === "none" ? null : `…${recipient.slice(-4)}`;
  return { ...message, recipient: end, reason: reason && countedReason(reason) };
}
