// In which form a client wants an export.

export type Format = "csv" | "ndjson";

export const CONTENT_TYPES: Record<Format, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  ndjson: "application/x-ndjson",
};

/** An accept header may be long; a client of ours names one or two types. */
const MOST_RANGES = 20;

/** By the path's ending (`.csv`, `.ndjson`), else by the `Accept` header and its weights, else NDJSON. */
export function formatOf(path: string, accept: string | undefined): Format {
  const ending = /\.(csv|ndjson)$/.exec(path)?.[1];
  if (ending !== undefined) return ending as Format;
  const weights = new Map(
    (accept ?? "").split(",", MOST_RANGES).map((item) => {
      const [type = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [type, weight === undefined ? 1 : Number(weight) || 0];
    }),
  );
  return (weights.get("text/csv") ?? 0) > (weights.get("application/x-ndjson") ?? 0) ? "csv" : "ndjson";
}
