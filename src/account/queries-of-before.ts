// How the version of before, which may be live beside this one, asks for links: in its words, of those that have no book, and however many
// rows are read for it.

import type { ListQuery } from "../book/find.ts";
import { BEFORE_ALL, BEHIND_ALL, placeOf, timeText } from "../timed-id.ts";
import type { LinkPlace } from "./link-list.ts";

/** Undefined or null is no condition. Instants are Unix milliseconds. */
export interface LinkQuery {
  limit: number;
  /** Continue behind this link of the page before. */
  after: LinkPlace | null;
  accessed?: boolean | undefined;
  tag?: string | undefined;
  reference?: string | undefined;
  /** Inclusive. */
  createdAfter?: number | undefined;
  /** Exclusive. */
  createdBefore?: number | undefined;
}

export function linksOfBefore({ limit, after, createdAfter, createdBefore, ...filters }: LinkQuery): ListQuery {
  const above = createdAfter === undefined ? BEFORE_ALL : timeText(createdAfter);
  const before = createdBefore === undefined ? BEHIND_ALL : timeText(createdBefore);
  const below = after === null || before < placeOf(after) ? before : placeOf(after);
  return { ...filters, above, below, order: "newest", rows: Infinity, limit };
}
