// Dates as clients write them.

/** Whether `YYYY-MM-DD` is a day: Date.parse takes 30 February for 2 March. */
export function isDayOfCalendar(day: string): boolean {
  const instant = Date.parse(day);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}
