// Reading in steps: an object that is read from end to end has to serve others meanwhile. Each step goes on behind the last row of the one
// before, so what is written in between comes by its place or not at all, and never twice.

/** What a row of any export has. */
export interface ExportRow {
  /** Its place within its object. */
  key: string;
  /** For how many things it stands. */
  count: number;
}

/** The rows of each step; a step may have none. */
export type Steps<Row> = Iterable<Row[]>;

/** Rows of a step: some milliseconds. */
export const STEP = 1_000;

/**
 * @param first the rows are behind this place
 * @param read the next rows behind a place, so many at most; the last of them says where the next step goes on
 */
export function* inSteps<Row extends Place, Place>(
  first: Place,
  read: (behind: Place, limit: number) => Row[],
): Generator<Row[], undefined, void> {
  let behind = first;
  for (;;) {
    const rows = read(behind, STEP);
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < STEP) return;
    behind = last;
  }
}
