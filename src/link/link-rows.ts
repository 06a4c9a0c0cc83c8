// The row of one link, and its tables. Whatever changes in it in one transaction is one statement, because each costs a row. Every method is
// synchronous: what a caller writes without an `await` between is one transaction.

import { attemptsColumn, LEDGER_TABLES } from "../callback/callback-rows.ts";
import { camelKeys } from "../http/json.ts";
import {
  addColumn,
  dropTables,
  forgetTables,
  hasTable,
  hasTables,
  type Step,
  updateRows,
  VERSION_COLUMN,
} from "../tables.ts";
import { ACCESS_COUNTS, ACCESS_EVENT, AccessRows, DROP_DUE_AT, NAMED } from "./access-rows.ts";
import { REPORT_DUE_AT, REPORTED, REPORTS_SENT, SENT_TO } from "./events.ts";
import type { AccessCounts, LinkFacts } from "./link.ts";
import { barColumn, PAST_TABLE } from "./past-links.ts";
import type { Opening, StoredLink } from "./stored-link.ts";

const REFUSALS_COLUMN = "refusals INTEGER NOT NULL DEFAULT 0";
const BOOK_COLUMNS = ["book INTEGER", REPORTED, SENT_TO, REPORT_DUE_AT, REPORTS_SENT];

/** Why the operator ended it; null where nobody did. */
const ENDED_REASON = "ended_reason TEXT";

const TABLE = `
  CREATE TABLE link (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    destination TEXT NOT NULL,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    first_accessed_at INTEGER,
    event_id TEXT,
    revision INTEGER NOT NULL,
    directory_due_at INTEGER,
    listing_due_at INTEGER,
    forget_due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    sealed_secrets TEXT,
    reopened_at INTEGER,
    ${REFUSALS_COLUMN},
    ${VERSION_COLUMN},
    ${ACCESS_COUNTS},
    ${DROP_DUE_AT},
    ${ENDED_REASON},
    ${BOOK_COLUMNS.join(", ")}
  ) STRICT;`;

/** From each version of the tables to the next; the one above is the last. Those of the first seven have `access` from the start. */
const STEPS: readonly Step[] = [
  (sql) => {
    addColumn(sql, "link", VERSION_COLUMN);
    addColumn(sql, "link", "sealed_secrets TEXT");
  },
  (sql) => addColumn(sql, "access", "network TEXT"),
  (sql) => {
    addColumn(sql, "link", "reopened_at INTEGER");
    addColumn(sql, "link", REFUSALS_COLUMN);
  },
  (sql) => {
    addColumn(sql, "link", ACCESS_COUNTS);
    addColumn(sql, "link", DROP_DUE_AT);
    addColumn(sql, "access", NAMED);
    const counts = new AccessRows(sql).countIfMany();
    if (counts !== null) sql.exec("UPDATE link SET access_counts = ?", JSON.stringify(counts));
  },
  (sql) => {
    addColumn(sql, "link", ENDED_REASON);
    barColumn(sql);
  },
  (sql) => {
    for (const column of BOOK_COLUMNS) addColumn(sql, "link", column);
    for (const column of ACCESS_EVENT) addColumn(sql, "access", column);
    if (hasTable(sql, "attempt")) addColumn(sql, "attempt", "number INTEGER");
  },
  attemptsColumn,
];

/** What may change of a link, once it is opened. */
export type LinkChanges = Partial<
  Omit<StoredLink, "code" | "accountSid" | "shortUrl" | "msgid" | "createdAt" | "expiresAt" | "openedBy" | "reopenedAt">
>;

interface LinkRow extends Record<string, SqlStorageValue> {
  code: string;
  account_sid: string;
  opened_by: string;
  destination: string;
  short_url: string;
  msgid: string | null;
  callback_url: string | null;
  tags: string;
  reference: string | null;
  created_at: number;
  expires_at: number;
  closed_at: number | null;
  ended_reason: string | null;
  first_accessed_at: number | null;
  event_id: string | null;
  revision: number;
  directory_due_at: number | null;
  listing_due_at: number | null;
  forget_due_at: number;
  failures: number;
  refusals: number;
  sealed_secrets: string | null;
  reopened_at: number | null;
  access_counts: string | null;
  drop_due_at: number | null;
  book: number | null;
  reported: number;
  sent_to: number;
  report_due_at: number | null;
  reports_sent: number;
}

export class LinkRows {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #hasTables = false;
  /** What has changed and is not written yet. */
  #changes: LinkChanges = {};

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** The link, with what is to be written of it; undefined when this code was never opened. Asking creates no storage. */
  read(): StoredLink | undefined {
    this.#hasTables ||= hasTables(this.#storage, "link", STEPS);
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<LinkRow>("SELECT * FROM link").toArray()[0];
    if (row === undefined) return undefined;
    const accessCounts = row.access_counts === null ? null : (JSON.parse(row.access_counts) as AccessCounts);
    return { ...camelKeys(row), tags: JSON.parse(row.tags) as string[], accessCounts, ...this.#changes };
  }

  /**
   * Writes the link; of one that the code had before, nothing stays but what it owes. Tables are made here and not in a
   * constructor: a guessed code must not cost billed storage.
   */
  open(link: LinkFacts, opening: Opening, dueAt: number): void {
    const { openedBy, revision, reopenedAt, forgetDueAt, sealedSecrets } = opening;
    const hasBook = link.book !== null;
    if (this.#hasTables) dropTables(this.#sql, [PAST_TABLE, ...LEDGER_TABLES]);
    this.#changes = {};
    this.#sql.exec(TABLE);
    this.#hasTables = true;
    this.#sql.exec(
      `INSERT INTO link (id, code, account_sid, opened_by, destination, short_url, msgid, callback_url, tags, reference,
         created_at, expires_at, revision, reopened_at, directory_due_at, listing_due_at, forget_due_at, version, sealed_secrets,
         book, report_due_at)
       VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      link.code,
      link.accountSid,
      openedBy,
      link.destination,
      link.shortUrl,
      link.msgid,
      link.callbackUrl,
      JSON.stringify(link.tags),
      link.reference,
      link.createdAt,
      link.expiresAt,
      revision,
      reopenedAt,
      dueAt,
      hasBook ? null : dueAt,
      forgetDueAt,
      STEPS.length,
      sealedSecrets,
      link.book,
      hasBook ? dueAt : null,
    );
  }

  /** Changes the link: what is given is read from now on, and is written with the next `flush`. */
  set(changes: LinkChanges): void {
    Object.assign(this.#changes, changes);
  }

  /** Writes what has changed. */
  flush(): void {
    const { tags, accessCounts, ...columns } = this.#changes;
    updateRows(this.#sql, "link", {
      ...columns,
      ...(tags && { tags: JSON.stringify(tags) }),
      ...(accessCounts && { accessCounts: JSON.stringify(accessCounts) }),
    });
    this.#changes = {};
  }

  /** Deletes everything but what stands in for a chosen code's earlier links. */
  forget(): void {
    dropTables(this.#sql, [PAST_TABLE]);
    this.forgotten();
  }

  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgotten(): void {
    this.#hasTables = false;
    this.#changes = {};
    forgetTables(this.#sql);
  }
}
