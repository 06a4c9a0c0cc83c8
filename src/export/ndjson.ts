// NDJSON: each row a JSON object on a line of its own.

import type { Column } from "./column.ts";
import type { Encoder } from "./encoder.ts";
import { isoInstant } from "./instant-text.ts";

/** Keys are the columns' names, in their order; instants are ISO 8601 UTC with milliseconds. */
export function ndjson<Row>(columns: readonly Column<Row>[]): Encoder<Row> {
  return {
    head: "",
    line(row) {
      const line: Record<string, unknown> = {};
      for (const column of columns) line[column.name] = jsonValue(column, row);
      return `${JSON.stringify(line)}\n`;
    },
  };
}

function jsonValue<Row>(column: Column<Row>, row: Row): unknown {
  if (column.type !== "instant") return column.value(row);
  const at = column.value(row);
  return at === null ? null : isoInstant(at);
}
