// The account itself: its one row, and what its owner says of it.

import { attemptsColumn } from "../callback/callback-rows.ts";
import { camelKeys, type CamelKeys } from "../http/json.ts";
import { addColumn, forgetTables, hasTables, type Step, VERSION_COLUMN } from "../tables.ts";
import { timeColumns } from "../sms/message-rows.ts";
import type { AccountChanges, Restrictions } from "./account.ts";
import { ACT_TABLE } from "./activity.ts";
import { addEndColumns } from "./books.ts";
import { BOOK_COLUMN } from "./idempotency-keys.ts";
import { ENDED_REASON_COLUMN } from "./link-list.ts";
import { LOCALE_COLUMNS } from "./locale.ts";
import { SESSION_TABLE } from "./sessions.ts";
import { type PinnedView, PINS_COLUMN } from "./pinned-views.ts";
import { TENANT_INDEX } from "./tenants.ts";
import { MAKERS_COLUMN, NAMES_COLUMN, RESTRICTION_COLUMNS, USAGE_TABLE } from "./restrictions.ts";
import { TOKEN_COLUMNS, TOKEN_INDEX } from "./tokens.ts";

/** Of a row that an earlier version made, before changes were counted. */
const REVISION_COLUMN = "revision INTEGER NOT NULL DEFAULT 1";

const SUPPORT_COLUMN = "support_url TEXT";
const ALERT_COLUMN = "alert_url TEXT";

export const ACCOUNT_TABLE = `
  CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sid TEXT NOT NULL,
    name TEXT NOT NULL,
    callback_url TEXT,
    fallback_url TEXT,
    callback_secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    ${REVISION_COLUMN},
    ${VERSION_COLUMN},
    woken_at INTEGER,
    checked_to TEXT,
    sweep_due_at INTEGER,
    swept_to TEXT,
    ${SUPPORT_COLUMN},
    ${RESTRICTION_COLUMNS.join(",\n    ")},
    ${LOCALE_COLUMNS.join(", ")},
    ${ALERT_COLUMN},
    ${PINS_COLUMN}
  ) STRICT;`;

/** From each version of an account's tables, of all of them, to the next. */
const STEPS: readonly Step[] = [
  (sql) => {
    addColumn(sql, "account", REVISION_COLUMN);
    addColumn(sql, "account", VERSION_COLUMN);
    addColumn(sql, "link", "closed_at INTEGER");
  },
  (sql) => {
    for (const column of ["woken_at INTEGER", "checked_to TEXT", "sweep_due_at INTEGER", "swept_to TEXT"])
      addColumn(sql, "account", column);
    addColumn(sql, "tenant", "closed_at INTEGER");
  },
  (sql) => addColumn(sql, "account", SUPPORT_COLUMN),
  (sql) => addColumn(sql, "idempotency", BOOK_COLUMN),
  (sql) => {
    for (const column of TOKEN_COLUMNS) addColumn(sql, "token", column);
    sql.exec(TOKEN_INDEX);
  },
  (sql) => {
    for (const column of RESTRICTION_COLUMNS) addColumn(sql, "account", column);
    sql.exec(USAGE_TABLE + TENANT_INDEX);
    addColumn(sql, "link", ENDED_REASON_COLUMN);
  },
  (sql) => {
    addEndColumns(sql);
    for (const column of LOCALE_COLUMNS) addColumn(sql, "account", column);
  },
  (sql) => sql.exec(SESSION_TABLE),
  (sql) => {
    attemptsColumn(sql);
    addColumn(sql, "usage", NAMES_COLUMN);
  },
  timeColumns,
  (sql) => {
    sql.exec(ACT_TABLE);
    addColumn(sql, "usage", MAKERS_COLUMN);
  },
  (sql) => addColumn(sql, "account", ALERT_COLUMN),
  (sql) => addColumn(sql, "account", PINS_COLUMN),
];

interface Row extends Record<string, SqlStorageValue> {
  sid: string;
  name: string;
  callback_url: string | null;
  fallback_url: string | null;
  callback_secret: string;
  created_at: number;
  closed_at: number | null;
  revision: number;
  woken_at: number | null;
  checked_to: string | null;
  sweep_due_at: number | null;
  swept_to: string | null;
  support_url: string | null;
  suspended_at: number | null;
  messages_per_day: number | null;
  links_per_day: number | null;
  senders: string | null;
  timezone: string | null;
  country: string | null;
  language: string | null;
  alert_url: string | null;
  /** A JSON array. */
  pinned_views: string | null;
}

/** Instants are Unix milliseconds. */
export type StoredAccount = CamelKeys<Row>;

export class AccountRow {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #hasTables = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** The account, also while it is being closed; undefined when there is none. Asking creates no storage. */
  read(): StoredAccount | undefined {
    this.#hasTables ||= hasTables(this.#storage, "account", STEPS);
    if (!this.#hasTables) return undefined;
    const row = this.#sql.exec<Row>("SELECT * FROM account").toArray()[0];
    return row && camelKeys(row);
  }

  /** The account, unless it is closed. */
  readOpen(): StoredAccount | undefined {
    const account = this.read();
    return account?.closedAt === null ? account : undefined;
  }

  /** Makes the account. `tables` are those of all its rooms: an object that nobody opened costs no storage. */
  open(tables: string, account: Pick<StoredAccount, "sid" | "name" | "callbackSecret">, now: number): void {
    this.#sql.exec(tables);
    this.#hasTables = true;
    this.#sql.exec(
      "INSERT INTO account (id, sid, name, callback_secret, created_at, version) VALUES (1, ?, ?, ?, ?, ?)",
      account.sid,
      account.name,
      account.callbackSecret,
      now,
      STEPS.length,
    );
  }

  change(account: StoredAccount, changes: AccountChanges): void {
    const { pinnedViews = pinnedViewsOf(account), ...others } = changes;
    const { name, callbackUrl, fallbackUrl, supportUrl, alertUrl, ...locale } = { ...account, ...others };
    const { timezone, country, language } = locale;
    this.#sql.exec(
      `UPDATE account SET name = ?, callback_url = ?, fallback_url = ?, support_url = ?, alert_url = ?, pinned_views = ?, timezone = ?, country = ?,
         language = ?, revision = revision + 1`,
      name,
      callbackUrl,
      fallbackUrl,
      supportUrl,
      alertUrl,
      JSON.stringify(pinnedViews),
      timezone,
      country,
      language,
    );
  }

  /** Writes what the operator sets; what is suspended already stays so since when it was. */
  restrict(account: StoredAccount, changes: Partial<Restrictions>, now: number): void {
    const { suspended, messagesPerDay, linksPerDay, senders } = { ...restrictionsOf(account), ...changes };
    this.#sql.exec(
      `UPDATE account SET suspended_at = ?, messages_per_day = ?, links_per_day = ?, senders = ?,
         revision = revision + 1`,
      suspended ? (account.suspendedAt ?? now) : null,
      messagesPerDay,
      linksPerDay,
      senders && JSON.stringify(senders),
    );
  }

  /** The Cron Trigger came, and the links up to this line were looked at. */
  woken(checkedTo: string | null, now: number): void {
    this.#sql.exec("UPDATE account SET woken_at = ?, checked_to = ?", now, checkedTo);
  }

  /** The next step of a sweep is due at `dueAt`, behind the line `sweptTo`; null is none. */
  sweeps(sweptTo: string | null, dueAt: number | null): void {
    this.#sql.exec("UPDATE account SET swept_to = ?, sweep_due_at = ?", sweptTo, dueAt);
  }

  close(now: number): void {
    this.#sql.exec("UPDATE account SET closed_at = ?", now);
  }

  /** All storage was deleted. */
  forgotten(): void {
    this.#hasTables = false;
    forgetTables(this.#sql);
  }
}

export function pinnedViewsOf({ pinnedViews }: StoredAccount): PinnedView[] {
  return pinnedViews === null ? [] : (JSON.parse(pinnedViews) as PinnedView[]);
}

export function restrictionsOf({ suspendedAt, messagesPerDay, linksPerDay, senders }: StoredAccount): Restrictions {
  const suspended = suspendedAt !== null;
  return {
    suspended,
    messagesPerDay,
    linksPerDay,
    senders: senders === null ? null : (JSON.parse(senders) as string[]),
  };
}
