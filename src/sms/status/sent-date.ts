// The list's `sent_date`, with the operators as the SMS API's clients put them on the wire: they append a condition such as
// `>=2026-01-31` to `sent_date`, so the operator is part of the parameter's name. `sent_date>=D` is the name `sent_date>`
// with the value D; `sent_date>D` is a name without a value.

import { type FieldError, wrongFields } from "../../http/problem.ts";

const DAY_MS = 86_400_000;
const MOST_DAYS_BACK = 90;
const PARAMETER = /^sent_date([<>]?)(.*)$/s;

/** From the first instant inclusive to the last exclusive, Unix milliseconds. */
export interface Period {
  createdFrom: number;
  createdBefore: number;
}

/**
 * The period that all `sent_date` conditions of a query leave, at most 90 days back; days are UTC.
 * Throws 422 naming `sent_date` for what is no date, and for one longer ago.
 */
export function readSentDate(query: URLSearchParams, now: number): Period {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const oldest = today - MOST_DAYS_BACK * DAY_MS;
  // A message of this very millisecond belongs to the list, and so does one of a clock that is a little ahead.
  const period: Period = { createdFrom: oldest, createdBefore: now + DAY_MS };
  for (const [name, value] of query) {
    const [, operator, inName] = PARAMETER.exec(name) ?? [];
    if (operator === undefined || inName === undefined || (operator === "" && inName !== "")) continue;
    const orEqual = inName === "";
    const day = readDay(orEqual ? value : inName);
    if (day < oldest) throw wrongSentDate(`Invalid sent_date: at most ${MOST_DAYS_BACK} days back.`);
    if (operator !== "<")
      period.createdFrom = Math.max(period.createdFrom, operator === ">" && !orEqual ? day + DAY_MS : day);
    if (operator !== ">")
      period.createdBefore = Math.min(period.createdBefore, operator === "<" && !orEqual ? day : day + DAY_MS);
  }
  return period;
}

function readDay(text: string): number {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(text))
    throw wrongSentDate("Invalid sent_date format: write it as YYYY-MM-DD.");
  return day;
}

function wrongSentDate(message: string) {
  return wrongFields([{ field: "sent_date", message }] satisfies FieldError[]);
}
