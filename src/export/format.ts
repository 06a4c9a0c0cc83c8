// In which form a client wants a list.

export type Format = "csv" | "ndjson" | "json";

export const CONTENT_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson",
  json: "application/json",
};

const BY_TYPE = new Map<string, Format>([
  ["text/csv", "csv"],
  ["application/x-ndjson", "ndjson"],
  ["application/json", "json"],
  ["application/*", "json"],
  ["*/*", "json"],
]);

/** An accept header may be long; a client of ours names one or two types. */
const MOST_RANGES = 20;

/** By the path's ending (`.csv`, `.ndjson`), else by the `Accept` header and its weights, else JSON. */
export function formatOf(path: string, accept: string | undefined): Format {
  const ending = /\.(csv|ndjson)$/.exec(path)?.[1];
  if (ending !== undefined) return ending as Format;
  const wishes = (accept ?? "").split(",", MOST_RANGES).flatMap((item) => {
    const [type = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
    const format = BY_TYPE.get(type);
    const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    return format === undefined || !(weight > 0) ? [] : { format, weight };
  });
  // Of equal weights the first one wins: sorting is stable.
  return wishes.toSorted((a, b) => b.weight - a.weight)[0]?.format ?? "json";
}
