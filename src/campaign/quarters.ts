// Counts by quarter hours of UTC, as a campaign's objects hand them on: each says how much it has counted altogether, with a revision, and the
// newest wins. So a report that is lost, comes twice or late changes nothing.

import { QUARTER_MS } from "../figures/time-zone.ts";
import { hasTable } from "../tables.ts";
import type { QuarterCounts } from "./campaign.ts";

type Counts = Record<string, number>;

/** By how much counts of a campaign have grown since its book heard of them last. */
export interface CampaignFact {
  campaign: string;
  grown: [quarter: number, counts: Counts][];
}

/** What a campaign's report adds to the tallies; instants are Unix milliseconds. */
export function incrementsIn({ grown }: CampaignFact): { key: string; at: number; n: number }[] {
  return grown.flatMap(([quarter, counts]) =>
    Object.entries(counts).map(([key, n]) => ({ key, at: quarter * QUARTER_MS, n })),
  );
}

export function quarterOf(at: number): number {
  return Math.floor(at / QUARTER_MS);
}

/** What is counted here, and up to which revision whoever is told of it has it. */
export const COUNTED_TABLE = `
  CREATE TABLE counted (
    quarter INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0,
    counts TEXT NOT NULL
  ) STRICT;`;
/** What others have told of: each part of a campaign, or each campaign of a book. */
export const TOLD_TABLE = `
  CREATE TABLE told (
    teller TEXT NOT NULL,
    quarter INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (teller, quarter)
  ) STRICT, WITHOUT ROWID;`;

/** So many quarter hours are told of in one go. */
const MOST_TOLD = 500;

interface CountedRow extends Record<string, SqlStorageValue> {
  quarter: number;
  revision: number;
  counts: string;
}

/** What an object counts, to tell another. */
export class Counted {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds to the counts of one quarter hour. */
  add(quarter: number, counts: Counts): void {
    const [row] = this.#sql
      .exec<CountedRow>("SELECT quarter, revision, counts FROM counted WHERE quarter = ?", quarter)
      .toArray();
    const sum = row === undefined ? {} : (JSON.parse(row.counts) as Counts);
    for (const [key, n] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + n;
    this.#sql.exec(
      `INSERT INTO counted (quarter, revision, counts) VALUES (?, 1, ?)
       ON CONFLICT DO UPDATE SET revision = revision + 1, counts = excluded.counts`,
      quarter,
      JSON.stringify(sum),
    );
  }

  /** What is to be told, as much as fits. */
  untold(): QuarterCounts[] {
    const rows = this.#sql.exec<CountedRow>(
      `SELECT quarter, revision, counts FROM counted WHERE revision > told ORDER BY quarter LIMIT ${MOST_TOLD}`,
    );
    return Array.from(rows, ({ quarter, revision, counts }) => ({
      quarter,
      revision,
      counts: JSON.parse(counts) as Counts,
    }));
  }

  isAnyUntold(): boolean {
    return this.#sql.exec("SELECT 1 FROM counted WHERE revision > told LIMIT 1").toArray().length > 0;
  }

  /** Whoever is told has it up to these revisions. */
  heard(quarters: readonly QuarterCounts[]): void {
    for (const { quarter, revision } of quarters)
      this.#sql.exec("UPDATE counted SET told = ? WHERE quarter = ? AND told < ?", revision, quarter, revision);
  }

  /** The sum of all quarter hours. */
  totals(): Counts {
    const totals: Counts = {};
    for (const { counts } of this.#sql.exec<{ counts: string }>("SELECT counts FROM counted"))
      for (const [key, n] of Object.entries(JSON.parse(counts) as Counts)) totals[key] = (totals[key] ?? 0) + n;
    return totals;
  }
}

/** What an object hears of what others have counted. */
export class Told {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Takes what is newer than what is known, and answers by how much it has grown. */
  take(teller: string, quarters: readonly QuarterCounts[]): [quarter: number, counts: Counts][] {
    if (!hasTable(this.#sql, "told")) this.#sql.exec(TOLD_TABLE);
    return quarters.flatMap(({ quarter, revision, counts }) => {
      const [row] = this.#sql
        .exec<CountedRow>(
          "SELECT quarter, revision, counts FROM told WHERE teller = ? AND quarter = ?",
          teller,
          quarter,
        )
        .toArray();
      if (row !== undefined && row.revision >= revision) return [];
      this.#sql.exec(
        `INSERT INTO told (teller, quarter, revision, counts) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET revision = excluded.revision, counts = excluded.counts`,
        teller,
        quarter,
        revision,
        JSON.stringify(counts),
      );
      const before = row === undefined ? {} : (JSON.parse(row.counts) as Counts);
      const grown = Object.entries(counts).flatMap(([key, n]) => {
        const by = n - (before[key] ?? 0);
        return by === 0 ? [] : [[key, by] as const];
      });
      return grown.length === 0 ? [] : [[quarter, Object.fromEntries(grown)]];
    });
  }
}
