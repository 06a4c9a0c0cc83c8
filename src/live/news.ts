// The noun: what somebody who watches is shown of an entry of the journal.

import type { JournalEntry } from "../book/journal.ts";

/** What happened; `machine` is an access that does not count as opened. */
export const HAPPENINGS = ["opened", "again", "machine", "sent", "delivered", "failed"] as const;

/** One line. `position` is in the book's journal, `at` Unix milliseconds. */
export interface News {
  position: number;
  at: number;
  what: (typeof HAPPENINGS)[number];
  /** Of an access. */
  code: string | null;
  /** Of a message. */
  msgid: string | null;
  device: string | null;
  country: string | null;
}

/** What a book sends: `now` is when, Unix milliseconds. */
export interface Bulletin {
  now: number;
  news: News[];
}

/** Null of what is no news: it says nothing of a tap, or of what became of a message. */
export function newsOf({ position, at, code, msgid, ...entry }: JournalEntry): News | null {
  if (entry.kind === "access") {
    const { access, first, device, country } = entry.fact;
    const what = first ? "opened" : access === "person" ? "again" : "machine";
    return { position, at, what, code, msgid: null, device, country };
  }
  if (entry.kind !== "message" || entry.fact.from === entry.fact.to) return null;
  const what = HAPPENINGS.find((one) => one === entry.fact.to);
  return what === undefined ? null : { position, at, what, code: null, msgid, device: null, country: null };
}
