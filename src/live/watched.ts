// Which books somebody watches, as this isolate has heard from their answers to reports: then what happens to a link is told at once, and
// not with the next report. Nobody is asked for it, so it costs nothing while nobody watches.

import { type BookName, objectNameOf } from "../book/book.ts";

/** Until when, Unix milliseconds: plain numbers, and few. */
const known = new Map<string, number>();
const MOST_KNOWN = 1_000;

/** The book has said that it is watched until then, at least; undefined says nothing. */
export function noteWatched(book: BookName, until: number | undefined): void {
  if (until === undefined) return;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(objectNameOf(book), until);
}

export function isWatched(book: BookName, now: number): boolean {
  return (known.get(objectNameOf(book)) ?? 0) > now;
}
