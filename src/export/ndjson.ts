// NDJSON: each row a JSON object on a line of its own, as the API's lists show it.

import type { Column } from "./column.ts";
import { isoInstant } from "./instant-text.ts";

/** The lines: keys are the columns' names, in their order; instants are ISO 8601 UTC with milliseconds. */
export function* ndjsonLines<Row>(
  columns: readonly Column<Row>[],
  rows: Iterable<Row>,
): Generator<string, undefined, void> {
  for (const row of rows) {
    const line: Record<string, unknown> = {};
    for (const column of columns) line[column.name] = jsonValue(column, row);
    yield `${JSON.stringify(line)}\n`;
  }
}

function jsonValue<Row>(column: Column<Row>, row: Row): unknown {
  if (column.type !== "instant") return column.value(row);
  const at = column.value(row);
  return at === null ? null : isoInstant(at);
}
