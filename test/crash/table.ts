// Rows of counts, some with a demand, and how they look when printed.

export interface Row {
  what: string;
  count: number;
  /** What the count has to be; without it, the row only tells. */
  demand?: { exactly: number } | { atLeast: number };
}

export interface Section {
  title: string;
  rows: Row[];
}

export const NEVER = { exactly: 0 };

/** How many of these are so. */
export function countOf<T>(things: readonly T[], isSo: (thing: T) => boolean): number {
  return things.filter(isSo).length;
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Whether every demand is met. */
export function hasPassed(sections: readonly Section[]): boolean {
  return sections.every(({ rows }) => rows.every(isMet));
}

/** The rows as text, one a line under their titles. */
export function table(sections: readonly Section[]): string {
  const width = Math.max(...sections.flatMap(({ rows }) => rows.map(({ what }) => what.length)));
  const line = (row: Row) => `  ${row.what.padEnd(width)}  ${String(row.count).padStart(6)}  ${remark(row)}`.trimEnd();
  return sections.map(({ title, rows }) => [title, ...rows.map(line)].join("\n")).join("\n\n");
}

function remark(row: Row): string {
  if (row.demand === undefined) return "";
  const demand = "exactly" in row.demand ? String(row.demand.exactly) : `at least ${row.demand.atLeast}`;
  return isMet(row) ? "ok" : `FAILED, must be ${demand}`;
}

function isMet({ count, demand }: Row): boolean {
  if (demand === undefined) return true;
  return "exactly" in demand ? count === demand.exactly : count >= demand.atLeast;
}
