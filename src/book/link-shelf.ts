// A table of links, a book's or that of an account's own object, as a list to find in.

import { listedLink, type ListedLink, type ListRow } from "../link/listed-link.ts";
import { BEFORE_ALL, BEHIND_ALL, placeOf, TIME_DIGITS, timeOf } from "../timed-id.ts";
import { type Filters, isAskedFor, type Shelf } from "./find.ts";

/**
 * @param columns what is read of a row: a ListRow, and what `isListed` needs
 * @param isListed whether the row is one that is shown
 */
export function linkShelf<R extends ListRow>(
  table: "line" | "link",
  columns: string,
  filters: Filters,
  isListed: (row: R) => boolean,
): Shelf<R, ListedLink> {
  const ofReference = filters.reference === undefined ? [] : [filters.reference];
  return {
    scan: (reader, { above, below }, order, limit) => {
      const direction = order === "newest" ? "DESC" : "ASC";
      return reader.read<R>(
        `SELECT ${columns} FROM ${table} WHERE ${ofReference.length === 0 ? "" : "reference = ? AND"}
           (created_at, code) > (?, ?) AND (created_at, code) < (?, ?)
         ORDER BY created_at ${direction}, code ${direction} LIMIT ?`,
        ...ofReference,
        ...nameAt(above),
        ...nameAt(below),
        limit,
      );
    },
    at: (reader, place) => {
      const query = `SELECT ${columns} FROM ${table} WHERE created_at = ? AND code = ?`;
      return reader.read<R>(query, ...nameAt(place))[0];
    },
    placeOf: ({ created_at: createdAt, code }) => placeOf({ createdAt, code }),
    match: (row) => {
      if (!isListed(row)) return null;
      const link = listedLink(row);
      return isAskedFor(link, filters) ? link : null;
    },
  };
}

/** What names the link at a place, or no link before or behind all. */
export function nameAt(place: string): [createdAt: number, code: string] {
  if (place === BEFORE_ALL) return [-1, ""];
  if (place === BEHIND_ALL) return [Number.MAX_SAFE_INTEGER, ""];
  return [timeOf(place), place.slice(TIME_DIGITS)];
}
