// The accesses of a link, page by page, the newest first: those that are kept singly, and on the last page, where there were more, how many
// of each kind are not. So the counts of all pages add up to what the link had counted when the first one was asked for.

import { BEHIND_ALL } from "../timed-id.ts";
import type { AccessRows } from "./access-rows.ts";
import { type AccessCounts, type AccessKind, type LinkStatus, NO_ACCESSES } from "./link.ts";

export interface AccessPage {
  accesses: CountedAccess[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** One access, or so many of a kind that are not kept singly: then nothing else is known of them. */
type CountedAccess = Omit<LinkStatus["accesses"][number], "at"> & { at: number | null; count: number };

const KINDS = Object.keys(NO_ACCESSES) as AccessKind[];
/** The access behind which the page begins, and how many of each kind are not shown yet. Empty is the first page. */
export const ACCESS_CURSOR = new RegExp(`^(?:[A-Za-z0-9_-]{9,64}(?:\\.\\d{1,15}){${KINDS.length}})?$`);

/** @param counts all that were ever recorded, of each kind; asked for with the first page alone */
export function accessPage(rows: AccessRows, counts: () => AccessCounts, cursor: string, limit: number): AccessPage {
  const { after, left } = readCursor(cursor) ?? { after: BEHIND_ALL, left: { ...counts() } };
  const found = rows.page(after, limit + 1);
  const shown = found.slice(0, limit);
  for (const { kind } of shown) left[kind] -= 1;
  const accesses = shown.map(({ at, kind, reason, device, country, network }): CountedAccess => {
    return { at, kind, reason, device, country, network, count: 1 };
  });
  const last = found.length > limit ? shown.at(-1) : undefined;
  if (last !== undefined) return { accesses, nextCursor: cursorOf(last.id, left) };
  // Less than none: some came late, behind the first page.
  const others = KINDS.filter((kind) => left[kind] > 0).map((kind): CountedAccess => {
    const unknown = { at: null, reason: null, device: null, country: null, network: null };
    return { ...unknown, kind, count: left[kind] };
  });
  return { accesses: [...accesses, ...others], nextCursor: null };
}

function readCursor(cursor: string): { after: string; left: AccessCounts } | null {
  if (cursor === "") return null;
  const [after = "", ...numbers] = cursor.split(".");
  const left = { ...NO_ACCESSES };
  for (const [n, kind] of KINDS.entries()) left[kind] = Number(numbers[n] ?? 0);
  return { after, left };
}

function cursorOf(id: string, left: AccessCounts): string {
  return [id, ...KINDS.map((kind) => Math.max(0, left[kind]))].join(".");
}
