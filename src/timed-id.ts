// Ids that begin with their time, so that they sort by it as text.

/** Enough for instants until the year 5188, so that the digits never grow. */
export const TIME_DIGITS = 9;

/** What ids of this instant (Unix ms) begin with; in ASCII order it stands before them and behind all older ones. */
export function timeText(at: number): string {
  return at.toString(36).padStart(TIME_DIGITS, "0");
}

/** When the id was made, Unix milliseconds. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, TIME_DIGITS), 36);
}

/** The place of a link in its list, which is such an id, too. */
export function placeOf({ createdAt, code }: { createdAt: number; code: string }): string {
  return timeText(createdAt) + code;
}

/** Before all ids, and behind all. */
export const BEFORE_ALL = "";
export const BEHIND_ALL = "~";
