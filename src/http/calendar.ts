// Dates as clients write them.

import * as v from "valibot";

/** Whether `YYYY-MM-DD` is a day: Date.parse takes 30 February for 2 March. */
export function isDayOfCalendar(day: string): boolean {
  const instant = Date.parse(day);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}

/** An instant or a date of UTC, as Unix milliseconds. */
export const instantParameter = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    "must be an ISO 8601 instant or date, such as 2026-01-31T08:00:00Z (write a + as %2B)",
  ),
  v.check(
    (text) => isDayOfCalendar(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)),
    "is not a date of the calendar",
  ),
  v.transform(Date.parse),
);
