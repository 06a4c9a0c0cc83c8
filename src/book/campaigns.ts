// The campaigns of a book: their lines, and what each has told of what was counted, which goes into the journal as far as it has grown. Every
// method is synchronous.

import type { CampaignLine, CampaignReport } from "../campaign/campaign.ts";
import { Told } from "../campaign/quarters.ts";
import { hasTable } from "../tables.ts";
import type { Journal } from "./journal.ts";

// Made with the first campaign. `line` is JSON; null when the campaign is over, and what people wrote is gone.
const TABLE = `
  CREATE TABLE campaign (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    line TEXT
  ) STRICT, WITHOUT ROWID;`;

/** Few enough for one invocation's limit of calls. */
const AT_ONCE = 100;

/** What its owner deleted is not shown; what the operator ended is. */
const IS_SHOWN = "line IS NOT NULL AND (line ->> 'closedAt' IS NULL OR line ->> 'endedReason' IS NOT NULL)";

export class Campaigns {
  readonly #sql: SqlStorage;
  readonly #journal: Journal;
  readonly #told: Told;

  constructor(sql: SqlStorage, journal: Journal) {
    this.#sql = sql;
    this.#journal = journal;
    this.#told = new Told(sql);
  }

  /** Takes what a campaign tells; an older line does not win. `now` is Unix milliseconds. */
  take({ line, quarters }: CampaignReport, now: number): void {
    if (!this.#hasTable()) this.#sql.exec(TABLE);
    this.#sql.exec(
      `INSERT INTO campaign (id, number, revision, line) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET revision = excluded.revision, line = excluded.line
         WHERE excluded.revision > campaign.revision AND campaign.line IS NOT NULL`,
      line.id,
      line.number,
      line.revision,
      JSON.stringify(line),
    );
    const grown = this.#told.take(line.id, quarters);
    if (grown.length > 0) this.#journal.addCampaign(line, grown, now);
  }

  /** So many lines before this id, the newest first; null is from the newest on. */
  page(before: string | null, limit: number): CampaignLine[] {
    return this.#lines(`${IS_SHOWN} AND id < ? ORDER BY id DESC LIMIT ?`, before ?? "~", limit);
  }

  find(id: string): CampaignLine | null {
    return this.#lines(`${IS_SHOWN} AND id = ?`, id)[0] ?? null;
  }

  /** The numbers of those that are not over yet, a hundred at most: with each turn the next hundred, and then the first again. */
  left(turn = 0): number[] {
    if (!this.#hasTable()) return [];
    const { n } = this.#sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM campaign WHERE line IS NOT NULL").one();
    const behind = (turn % Math.max(1, Math.ceil(n / AT_ONCE))) * AT_ONCE;
    const query = `SELECT number FROM campaign WHERE line IS NOT NULL ORDER BY id LIMIT ${AT_ONCE} OFFSET ?`;
    return Array.from(this.#sql.exec<{ number: number }>(query, behind), ({ number }) => number);
  }

  /** The campaign is over: what people wrote goes, what was counted stays. */
  gone(id: string): void {
    if (this.#hasTable()) this.#sql.exec("UPDATE campaign SET line = NULL WHERE id = ?", id);
  }

  /** The object of a campaign with this number is empty, or has never been. */
  remove(number: number): void {
    if (this.#hasTable()) this.#sql.exec("UPDATE campaign SET line = NULL WHERE number = ?", number);
  }

  #lines(which: string, ...values: SqlStorageValue[]): CampaignLine[] {
    if (!this.#hasTable()) return [];
    const rows = this.#sql.exec<{ line: string }>(`SELECT line FROM campaign WHERE ${which}`, ...values);
    return Array.from(rows, ({ line }) => JSON.parse(line) as CampaignLine);
  }

  #hasTable(): boolean {
    return hasTable(this.#sql, "campaign");
  }
}
