// How rows become text. A form is told to the object that holds the rows, and made into an encoder there.

import { type TimeZone, timeZone } from "../figures/time-zone.ts";
import type { Column } from "./column.ts";
import { csv, spreadsheet } from "./csv.ts";
import { ndjson } from "./ndjson.ts";

/** `timezone`: local times of this place instead of UTC. */
export type Form =
  | { kind: "csv"; timezone: string | null }
  | { kind: "spreadsheet"; timezone: string }
  | { kind: "ndjson" };

export interface Encoder<Row> {
  /** What stands before the first line of all. */
  head: string;
  line: (row: Row) => string;
}

export function encoderFor<Row>(form: Form, columns: readonly Column<Row>[]): Encoder<Row> {
  switch (form.kind) {
    case "csv":
      return csv(columns, form.timezone === null ? null : knownZone(form.timezone));
    case "spreadsheet":
      return spreadsheet(columns, knownZone(form.timezone));
    case "ndjson":
      return ndjson(columns);
  }
}

/** Whoever asks has checked the name. */
function knownZone(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === null) throw new Error("no such time zone");
  return zone;
}
