// Reading a book's journal in steps.

import type { EntryRow } from "../book/journal.ts";
import type { Column } from "./column.ts";
import type { ExportRow, Steps } from "./steps.ts";
import { STEP } from "./steps.ts";

/** An entry as it is stored, and what is known of its link by now: erased, it reads as erased. */
export type Told = EntryRow & { reference: string | null };

/**
 * Rows of those entries for which the condition holds, behind a position and up to the one that is the last as this begins. Each step
 * looks at a thousand positions, of which it may want none: nobody waits for a step that looks for long.
 */
export function* journalSteps<Row extends ExportRow>(
  sql: SqlStorage,
  condition: string,
  rowsOf: (told: Told) => Row[],
  after = 0,
  upTo = Infinity,
): Steps<Row> & Generator<Row[]> {
  const last = sql.exec<{ last: number | null }>("SELECT MAX(position) AS last FROM journal").one().last ?? 0;
  const end = Math.min(upTo, last);
  for (let behind = after; behind < end; behind += STEP) {
    const rows = sql.exec<Told>(
      `SELECT position, journal.created_at AS createdAt, journal.code, number, journal.msgid, at, kind, fact, journal.tags, reference
       FROM journal LEFT JOIN line ON line.created_at = journal.created_at AND line.code = journal.code
       WHERE position > ? AND position <= ? AND ${condition} ORDER BY position`,
      behind,
      Math.min(behind + STEP, end),
    );
    yield Array.from(rows).flatMap(rowsOf);
  }
}

/** Of the link or message at that moment. */
export function tagsOf({ tags }: Pick<Told, "tags">): string[] {
  return tags === null ? [] : (JSON.parse(tags) as string[]);
}

/** What a row begins with that tells what happened to a link. Instants are Unix milliseconds. */
export interface LinkEventRow extends ExportRow {
  at: number;
  code: string;
  linkCreatedAt: number;
  reference: string | null;
  msgid: string | null;
  /** What the link had at that moment. */
  tags: readonly string[];
}

export const LINK_EVENT_COLUMNS: readonly Column<LinkEventRow>[] = [
  { name: "at", type: "instant", value: ({ at }) => at },
  { name: "code", type: "text", value: ({ code }) => code },
  { name: "link_created_at", type: "instant", value: ({ linkCreatedAt }) => linkCreatedAt },
  { name: "reference", type: "text", value: ({ reference }) => reference },
  { name: "msgid", type: "text", value: ({ msgid }) => msgid },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
];

/** @param count for how many things it stands */
export function linkEventRow(told: Told, count = 1): LinkEventRow {
  const { position, at, code, createdAt: linkCreatedAt, reference, msgid } = told;
  return { key: String(position), count, at, code: code ?? "", linkCreatedAt, reference, msgid, tags: tagsOf(told) };
}
