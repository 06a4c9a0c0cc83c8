// The tables of one link and the statements on them. Every method is synchronous: what a caller writes without an
// `await` between is one transaction.

import { camelKeys } from "../http/json.ts";
import { ATTEMPT_NUMBER, LEDGER_TABLES } from "../callback/ledger.ts";
import { addColumn, dropTables, hasTable, hasTables, type Step, VERSION_COLUMN } from "../tables.ts";
import { ACCESS_COUNTS, ACCESS_EVENT, AccessRows, type AccessState, DROP_DUE_AT, NAMED } from "./access-rows.ts";
import { REPORT_DUE_AT, REPORTED, REPORTS_SENT, type ReportState, SENT_TO } from "./events.ts";
import { type AccessCounts, type Ending, KEPT_AFTER_END_MS, type LinkFacts, type LinkFields } from "./link.ts";
import { barColumn, PAST_TABLE, type PastLink } from "./past-links.ts";

const REFUSALS_COLUMN = "refusals INTEGER NOT NULL DEFAULT 0";
const BOOK_COLUMNS = ["book INTEGER", REPORTED, SENT_TO, REPORT_DUE_AT, REPORTS_SENT];

/** Why the operator ended it; null where nobody did. */
const ENDED_REASON = "ended_reason TEXT";

const TABLES = `
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
  ) STRICT;
  CREATE TABLE access (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    device TEXT,
    country TEXT,
    network TEXT,
    ${NAMED},
    ${ACCESS_EVENT.join(", ")}
  ) STRICT, WITHOUT ROWID;`;

/** From each version of the tables to the next; the one above is the last. */
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
    new AccessRows(sql).countIfMany();
  },
  (sql) => {
    addColumn(sql, "link", ENDED_REASON);
    barColumn(sql);
  },
  (sql) => {
    for (const column of BOOK_COLUMNS) addColumn(sql, "link", column);
    for (const column of ACCESS_EVENT) addColumn(sql, "access", column);
    if (hasTable(sql, "attempt")) addColumn(sql, "attempt", ATTEMPT_NUMBER);
  },
];

/** The list of a link without a book, or the book, is to hear of a change. */
const TELL_AT = `listing_due_at = CASE WHEN book IS NULL THEN ? END,
  report_due_at = CASE WHEN book IS NOT NULL THEN MIN(?, IFNULL(report_due_at, 9e15)) END`;

/** What has to be brought elsewhere, each with a due time until it has arrived. */
export type Duty = "directory" | "listing";

/** The link's row. Instants are Unix milliseconds. */
export interface StoredLink extends LinkFacts, AccessState, ReportState {
  openedBy: string;
  closedAt: number | null;
  /** The operator's, who ended it; null where nobody or the owner did. */
  endedReason: string | null;
  firstAccessedAt: number | null;
  /** The event that the first access made. */
  eventId: string | null;
  /** Grows with every change, so that a duty that was performed for an older state is not taken for done. */
  revision: number;
  directoryDueAt: number | null;
  listingDueAt: number | null;
  forgetDueAt: number;
  /** Duties that failed in a row. */
  failures: number;
  /** Writes that KV refused in a row, because it takes no more of them. */
  refusals: number;
  /** The account's signing secrets as of the last listing, sealed; a JSON array. Null until then. */
  sealedSecrets: string | null;
  /** Null for a code's first link; else since when accesses are of this link, and not of the one before. */
  reopenedAt: number | null;
}

/** What a link begins with that its owner does not say. Instants are Unix milliseconds. */
export type Opening = Pick<StoredLink, "openedBy" | "revision" | "reopenedAt" | "forgetDueAt" | "sealedSecrets">;

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

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** The link, or undefined when this code was never opened. Asking creates no storage. */
  read(): StoredLink | undefined {
    this.#hasTables ||= hasTables(this.#storage, "link", STEPS);
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<LinkRow>("SELECT * FROM link").toArray()[0];
    if (row === undefined) return undefined;
    const accessCounts = row.access_counts === null ? null : (JSON.parse(row.access_counts) as AccessCounts);
    return { ...camelKeys(row), tags: JSON.parse(row.tags) as string[], accessCounts };
  }

  /**
   * Writes the link; of one that the code had before, nothing stays but what it owes. Tables are made here and not in a
   * constructor: a guessed code must not cost billed storage.
   */
  open(link: LinkFacts, opening: Opening, dueAt: number): void {
    const { openedBy, revision, reopenedAt, forgetDueAt, sealedSecrets } = opening;
    const hasBook = link.book !== null;
    if (this.#hasTables) dropTables(this.#sql, [PAST_TABLE, ...LEDGER_TABLES]);
    this.#sql.exec(TABLES);
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

  /** Deletes everything but what stands in for a chosen code's earlier links. */
  forget(): void {
    dropTables(this.#sql, [PAST_TABLE]);
    this.#hasTables = false;
  }

  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgotten(): void {
    this.#hasTables = false;
  }

  /** Writes the fields; `dueAt` is when the list or the book, and with another destination KV, is due if nobody is quicker. */
  change(fields: LinkFields, dueAt: number, isMoved: boolean): void {
    this.#sql.exec(
      `UPDATE link SET destination = ?, callback_url = ?, tags = ?, reference = ?,
         revision = revision + 1, directory_due_at = COALESCE(?, directory_due_at), ${TELL_AT}`,
      fields.destination,
      fields.callbackUrl,
      JSON.stringify(fields.tags),
      fields.reference,
      isMoved ? dueAt : null,
      dueAt,
      dueAt,
    );
  }

  close(now: number, dueAt: number, forgetDueAt: number): void {
    this.#sql.exec(
      `UPDATE link SET closed_at = ?, forget_due_at = ?, revision = revision + 1, directory_due_at = ?, ${TELL_AT}`,
      now,
      forgetDueAt,
      dueAt,
      dueAt,
      dueAt,
    );
  }

  /** The operator has ended it, whether it was closed before or not. */
  setEndedReason(reason: string, dueAt: number): void {
    this.#sql.exec(`UPDATE link SET ended_reason = ?, revision = revision + 1, ${TELL_AT}`, reason, dueAt, dueAt);
  }

  /** The condition is the promise: a first access is written once and never moves. */
  setFirstAccess(at: number, eventId: string, dueAt: number): void {
    this.#sql.exec(
      `UPDATE link SET first_accessed_at = ?, event_id = ?, revision = revision + 1, ${TELL_AT}
       WHERE first_accessed_at IS NULL`,
      at,
      eventId,
      dueAt,
      dueAt,
    );
  }

  /** KV has the link as of `revision`; a change that came since keeps it due. */
  projected(revision: number): void {
    this.#sql.exec("UPDATE link SET directory_due_at = NULL, failures = 0, refusals = 0 WHERE revision = ?", revision);
  }

  /** The list has the link as of `revision`, and answered with the secrets that sign now. */
  listed(revision: number, sealedSecrets: readonly string[]): void {
    this.#sql.exec(
      "UPDATE link SET listing_due_at = NULL, failures = 0, sealed_secrets = ? WHERE revision = ?",
      JSON.stringify(sealedSecrets),
      revision,
    );
  }

  /** The list need not hear of the link any more. */
  unlisted(): void {
    this.#sql.exec("UPDATE link SET listing_due_at = NULL");
  }

  /** The book is to hear of the link at `dueAt`, or before. */
  tellBook(dueAt: number): void {
    this.#sql.exec(
      "UPDATE link SET report_due_at = MIN(?, IFNULL(report_due_at, ?)) WHERE book IS NOT NULL",
      dueAt,
      dueAt,
    );
  }

  /** A report is on its way, of events up to `sentTo`; without an answer another follows at `dueAt`. */
  reportSent(sentTo: number, dueAt: number): void {
    this.#sql.exec(
      "UPDATE link SET sent_to = MAX(sent_to, ?), report_due_at = ?, reports_sent = reports_sent + 1",
      sentTo,
      dueAt,
    );
  }

  /** The book has everything up to this event; what follows is due at `dueAt`, and rows that it has are dropped at `dropDueAt`. */
  acknowledged(number: number, dueAt: number | null, dropDueAt: number | null): void {
    this.#sql.exec(
      "UPDATE link SET reported = ?, sent_to = MAX(sent_to, ?), report_due_at = ?, reports_sent = 0, drop_due_at = ?",
      number,
      number,
      dueAt,
      dropDueAt,
    );
  }

  /** The book has no more than this, whatever it had acknowledged. */
  tellAgain(have: number, dueAt: number): void {
    this.#sql.exec("UPDATE link SET reported = ?, report_due_at = ?, reports_sent = 0", have, dueAt);
  }

  /** There is no book any more to tell anything: as if it had every event up to the last. The account's list is due at `dueAt`. */
  leaveBook(last: number, dueAt: number): void {
    this.#sql.exec("UPDATE link SET book = NULL, report_due_at = NULL, reported = ?, listing_due_at = ?", last, dueAt);
  }

  /** KV served what it should not. */
  doubtDirectory(dueAt: number): void {
    this.#sql.exec("UPDATE link SET directory_due_at = ?", dueAt);
  }

  /** Those that sign while the account is out of reach: a sealed JSON array. */
  keepSecrets(sealedSecrets: string): void {
    this.#sql.exec("UPDATE link SET sealed_secrets = ?", sealedSecrets);
  }

  /** The account is gone, and nothing is signed any more. */
  forgetSecrets(): void {
    this.#sql.exec("UPDATE link SET sealed_secrets = NULL");
  }

  postpone(duty: Duty | "forget", at: number, isRefused: boolean): void {
    const refusals = isRefused ? "refusals + 1" : "refusals";
    this.#sql.exec(`UPDATE link SET ${duty}_due_at = ?, failures = failures + 1, refusals = ${refusals}`, at);
  }
}

/** The instant from which the link no longer redirects. */
export function endOf(link: StoredLink): number {
  return Math.min(link.expiresAt, link.closedAt ?? Infinity);
}

/** Whether it redirects. Whatever the clock says that this instance of its object has: one that was closed has ended. */
export function isLive(link: StoredLink, now: number): boolean {
  return link.closedAt === null && now < link.expiresAt;
}

/** From when on nothing of the link is read or changed by its owner: it is about to be forgotten. */
export function keptUntil(link: StoredLink): number {
  return endOf(link) + KEPT_AFTER_END_MS;
}

/** What is kept of the link when it is over. */
export function pastOf(link: StoredLink): PastLink {
  const { createdAt, accountSid, revision, endedReason } = link;
  return { createdAt, accountSid, revision, endedAt: endOf(link), isBarred: endedReason !== null };
}

/** How the operator ended the link; null where it was not the operator. */
export function endingOf({ closedAt, endedReason }: StoredLink): Ending | null {
  return closedAt === null || endedReason === null ? null : { by: "operator", reason: endedReason, at: closedAt };
}

/** The link without what only its object needs. */
export function factsOf(link: StoredLink): LinkFacts {
  const { code, accountSid, destination, shortUrl, book, msgid, callbackUrl, tags, reference, createdAt, expiresAt } =
    link;
  return { code, accountSid, destination, shortUrl, book, msgid, callbackUrl, tags, reference, createdAt, expiresAt };
}
