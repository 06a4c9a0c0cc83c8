// The noun: a book is the object of what an account made in one month; things from before there were books are in the account's own
// object. And what a book is told: reports of links, which number what happens to them.

import type { AccessKind, LinkFields } from "../link/link.ts";

/** Which book of which account; numbers begin with 1 and are never used again. */
export interface BookName {
  sid: string;
  book: number;
}

const KEPT_AFTER_MONTH_MS = 120 * 24 * 3_600_000;

/**
 * From when on a book of the month (of UTC) of this instant may end, Unix ms: a link lives for 90 days, and what people wrote is blanked
 * thirty days later.
 */
export function bookEndsAt(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) + KEPT_AFTER_MONTH_MS;
}

/** What the book's object is called. */
export function objectNameOf({ sid, book }: BookName): string {
  return `${sid}.${book}`;
}

/** Which book an object of this name is. */
export function bookNamed(objectName = ""): BookName {
  const [sid = "", book] = objectName.split(".");
  return { sid, book: Number(book) };
}

/** What a link was made as. Instants are Unix milliseconds. */
export interface OpenedLink extends LinkFields {
  shortUrl: string;
  msgid: string | null;
  expiresAt: number;
}

/** What happened to a link. Numbers of one link only grow, in the order of its object's transactions. */
export type LinkEvent = {
  number: number;
  /** Unix milliseconds. */
  at: number;
} & LinkFact;

export type LinkFact =
  | ({ kind: "opened" } & OpenedLink)
  | ({ kind: "changed" } & LinkFields)
  | { kind: "ended" }
  /** The operator has ended it, and says why. */
  | { kind: "barred"; reason: string }
  | ({ kind: "access" } & AccessFact)
  | ({ kind: "accesses" } & RolledAccesses)
  | ({ kind: "attempt" } & AttemptFact)
  | ({ kind: "callback" } & CallbackFact);

/** One access; `first` is the first access, and there is one of it at most. */
export interface AccessFact {
  access: AccessKind;
  first: boolean;
  reason: string | null;
  device: string | null;
  country: string | null;
  network: string | null;
}

/**
 * Further accesses of one quarter hour that are alike in all that is counted, rolled into one because there were too many to keep
 * singly until the book hears of them. `at` is when the quarter began.
 */
export interface RolledAccesses {
  access: AccessKind;
  count: number;
  device: string | null;
  country: string | null;
  network: string | null;
}

/** How one attempt of a callback ended; with status 200 the callback is delivered. */
export interface AttemptFact {
  eventId: string;
  attempt: number;
  status: number | null;
  error: string | null;
  durationMs: number | null;
}

/** How a callback came to stand otherwise; a first access owes one that has an address, and says no more of it. */
export interface CallbackFact {
  eventId: string;
  state: "owed" | "exhausted" | "withdrawn";
}

/**
 * What the queue carries: everything that the link's book has not acknowledged, the oldest first, as much as fits. So whatever is
 * lost, comes twice, late or in another order: the next report holds it again, and a book takes what follows on what it has.
 */
export interface LinkReport extends BookName {
  code: string;
  /** With the code it names the link: a chosen code can have one after the other. Unix milliseconds. */
  createdAt: number;
  /** The number of the event before the first one here; 0 when that is the first of all. */
  after: number;
  events: LinkEvent[];
}

/** How far a book has come with the events of one link; `have` is the number of the last. */
export interface Acknowledged {
  code: string;
  createdAt: number;
  have: number;
  /** Somebody watches the book until then at least (Unix ms), and should see at once what happens. */
  watchedUntil?: number;
}
