// The row of a campaign, and the names of the parts that there are. Every method is synchronous.

import { camelKeys } from "../http/json.ts";
import { dropTables, forgetTables, hasTable, hasTables, type Step, updateRows, VERSION_COLUMN } from "../tables.ts";
import type { CampaignFacts, CampaignState } from "./campaign.ts";
import { COUNTED_TABLE } from "./quarters.ts";

// `facts`: what the campaign is, as JSON. `joined`: parts that are there; a part is named here before anything is stored in it.
const TABLES = `
  CREATE TABLE campaign (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    facts TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    sealed_secrets TEXT NOT NULL,
    directory_due_at INTEGER,
    book_due_at INTEGER,
    forget_due_at INTEGER NOT NULL,
    freeing_since INTEGER,
    account_gone INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    woken_to INTEGER NOT NULL DEFAULT -1,
    ${VERSION_COLUMN}
  ) STRICT;
  CREATE TABLE joined (part INTEGER PRIMARY KEY) STRICT;
  ${COUNTED_TABLE}`;

/** What stays for good: codes of this number lie in people's phones, so that it is never another campaign's. */
const USED_TABLE = "used";

const STEPS: readonly Step[] = [];

interface Row extends Record<string, SqlStorageValue> {
  facts: string;
  opened_by: string;
  sealed_secrets: string;
  directory_due_at: number | null;
  book_due_at: number | null;
  forget_due_at: number;
  freeing_since: number | null;
  account_gone: number;
  failures: number;
  refusals: number;
  woken_to: number;
}

/** Instants are Unix milliseconds. */
export interface StoredCampaign {
  state: CampaignState;
  openedBy: string;
  sealedSecrets: string[];
  /** When KV has to be written, and the book told; null while they know all. */
  directoryDueAt: number | null;
  bookDueAt: number | null;
  forgetDueAt: number;
  /** Since when its parts are freed, and no further one comes. */
  freeingSince: number | null;
  /** 1: its account is closed, and nothing is owed any more. */
  accountGone: number;
  /** Duties that failed in a row, and writes that KV refused. */
  failures: number;
  refusals: number;
  /** The last part that was woken. */
  wokenTo: number;
}

export type CampaignChanges = Partial<Omit<StoredCampaign, "openedBy">>;

export class CampaignRow {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #isOpen = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** Undefined when there is no campaign, or not any more. Asking creates no storage. */
  read(): StoredCampaign | undefined {
    this.#isOpen ||= hasTables(this.#storage, "campaign", STEPS);
    if (!this.#isOpen) return undefined;
    const [row] = this.#sql.exec<Row>("SELECT * FROM campaign").toArray();
    if (row === undefined) return undefined;
    const { facts, sealedSecrets, ...others } = camelKeys(row);
    const sealed = JSON.parse(sealedSecrets) as string[];
    return { ...others, sealedSecrets: sealed, state: JSON.parse(facts) as CampaignState };
  }

  /** Whether there was a campaign of this number, which is over. */
  isUsed(): boolean {
    return hasTable(this.#sql, USED_TABLE);
  }

  open(facts: CampaignFacts, openedBy: string, sealedSecrets: string[], dueAt: number, forgetDueAt: number): void {
    const state: CampaignState = { ...facts, revision: 1, closedAt: null, endedReason: null, ended: [] };
    this.#sql.exec(TABLES);
    this.#isOpen = true;
    this.#sql.exec(
      `INSERT INTO campaign (id, facts, opened_by, sealed_secrets, directory_due_at, book_due_at, forget_due_at, version)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?)`,
      JSON.stringify(state),
      openedBy,
      JSON.stringify(sealedSecrets),
      dueAt,
      dueAt,
      forgetDueAt,
      STEPS.length,
    );
  }

  set({ state, sealedSecrets, ...columns }: CampaignChanges): void {
    updateRows(this.#sql, "campaign", {
      ...columns,
      ...(state && { facts: JSON.stringify(state) }),
      ...(sealedSecrets && { sealedSecrets: JSON.stringify(sealedSecrets) }),
    });
  }

  /** A part is about to be made. */
  join(part: number): void {
    this.#sql.exec("INSERT INTO joined (part) VALUES (?) ON CONFLICT DO NOTHING", part);
  }

  /** So many of the parts that there are, in order behind one of them. */
  parts(after: number, limit: number): number[] {
    const query = "SELECT part FROM joined WHERE part > ? ORDER BY part LIMIT ?";
    return Array.from(this.#sql.exec<{ part: number }>(query, after, limit), ({ part }) => part);
  }

  freed(parts: readonly number[]): void {
    for (const part of parts) this.#sql.exec("DELETE FROM joined WHERE part = ?", part);
  }

  /** Deletes everything but what keeps the number from being used again. */
  forget(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${USED_TABLE} (id INTEGER PRIMARY KEY) STRICT`);
    dropTables(this.#sql, [USED_TABLE]);
    this.forgotten();
  }

  /** All storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#isOpen = false;
    forgetTables(this.#sql);
  }
}
