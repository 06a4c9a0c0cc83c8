// The rows of a part: what it knows of its campaign, and of each member to whom something has happened. Every method is synchronous.

import { MEMBER_ACCESS_TABLES, type AccessState } from "../link/access-rows.ts";
import type { AccessCounts } from "../link/link.ts";
import { forgetTables, hasTables, type Step, updateRows, VERSION_COLUMN } from "../tables.ts";
import type { MemberLine, PartFacts, PartName } from "./campaign.ts";
import { COUNTED_TABLE } from "./quarters.ts";

const TABLES = `
  CREATE TABLE part (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    campaign INTEGER NOT NULL,
    part INTEGER NOT NULL,
    facts TEXT NOT NULL,
    facts_at INTEGER NOT NULL,
    ${VERSION_COLUMN}
  ) STRICT;
  CREATE TABLE member (
    member INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    first_accessed_at INTEGER,
    event_id TEXT,
    access_counts TEXT,
    drop_due_at INTEGER
  ) STRICT;
  ${MEMBER_ACCESS_TABLES}
  ${COUNTED_TABLE}`;

const STEPS: readonly Step[] = [];

/** A member to whom something has happened. Instants are Unix milliseconds. */
export interface StoredMember extends AccessState {
  member: number;
  code: string;
  firstAccessedAt: number | null;
  eventId: string | null;
}

interface MemberRow extends Record<string, SqlStorageValue> {
  member: number;
  code: string;
  first_accessed_at: number | null;
  event_id: string | null;
  access_counts: string | null;
  drop_due_at: number | null;
}

/** The campaign as it was at an instant (Unix ms). */
export interface KnownFacts {
  facts: PartFacts;
  at: number;
}

export class MemberRows {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  #isOpen = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
  }

  /** What is known of the campaign; undefined of a part in which nothing has happened. Asking creates no storage. */
  facts(): KnownFacts | undefined {
    if (!this.isOpen()) return undefined;
    const [row] = this.#sql.exec<{ facts: string; facts_at: number }>("SELECT facts, facts_at FROM part").toArray();
    return row && { facts: JSON.parse(row.facts) as PartFacts, at: row.facts_at };
  }

  isOpen(): boolean {
    this.#isOpen ||= hasTables(this.#storage, "part", STEPS);
    return this.#isOpen;
  }

  open({ campaign, part }: PartName, { facts, at }: KnownFacts): void {
    this.#sql.exec(TABLES);
    this.#isOpen = true;
    this.#sql.exec(
      "INSERT INTO part (id, campaign, part, facts, facts_at, version) VALUES (1, ?, ?, ?, ?, ?)",
      campaign,
      part,
      JSON.stringify(facts),
      at,
      STEPS.length,
    );
  }

  noteFacts({ facts, at }: KnownFacts): void {
    updateRows(this.#sql, "part", { facts: JSON.stringify(facts), factsAt: at });
  }

  read(member: number): StoredMember | undefined {
    if (!this.isOpen()) return undefined;
    const [row] = this.#sql.exec<MemberRow>("SELECT * FROM member WHERE member = ?", member).toArray();
    return row && storedMember(row);
  }

  /** Writes what has changed of a member, all of which is one row. */
  write({ member, code, firstAccessedAt, eventId, accessCounts, dropDueAt }: StoredMember): void {
    this.#sql.exec(
      `INSERT INTO member (member, code, first_accessed_at, event_id, access_counts, drop_due_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET first_accessed_at = excluded.first_accessed_at, event_id = excluded.event_id,
         access_counts = excluded.access_counts, drop_due_at = excluded.drop_due_at`,
      member,
      code,
      firstAccessedAt,
      eventId,
      accessCounts && JSON.stringify(accessCounts),
      dropDueAt,
    );
  }

  /** Those of whom rows have to be dropped at `now` (Unix ms). */
  dropsDue(now: number): StoredMember[] {
    if (!this.isOpen()) return [];
    const query = "SELECT * FROM member WHERE drop_due_at <= ? ORDER BY drop_due_at LIMIT 20";
    return Array.from(this.#sql.exec<MemberRow>(query, now), storedMember);
  }

  /** When rows have to be dropped next, Unix ms; null when none have. Looks at all members. */
  dropDueAt(): number | null {
    if (!this.isOpen()) return null;
    return this.#sql.exec<{ at: number | null }>("SELECT MIN(drop_due_at) AS at FROM member").one().at;
  }

  /** The members from one to another to whom something has happened. */
  lines(from: number, to: number): MemberLine[] {
    if (!this.isOpen()) return [];
    const counted = new Map<number, Record<string, number>>();
    const rows = this.#sql.exec<{ member: number; kind: string; n: number }>(
      "SELECT member, kind, COUNT(*) AS n FROM access WHERE member BETWEEN ? AND ? GROUP BY member, kind",
      from,
      to,
    );
    for (const { member, kind, n } of rows) counted.set(member, { ...counted.get(member), [kind]: n });
    const members = this.#sql.exec<MemberRow>(
      "SELECT * FROM member WHERE member BETWEEN ? AND ? ORDER BY member",
      from,
      to,
    );
    return Array.from(members, storedMember).map(({ member, firstAccessedAt, accessCounts }) => ({
      member,
      firstAccessedAt,
      accessCounts: accessCounts ?? counted.get(member) ?? {},
    }));
  }

  /** All storage was deleted, or put back to an earlier state. */
  forgotten(): void {
    this.#isOpen = false;
    forgetTables(this.#sql);
  }
}

function storedMember(row: MemberRow): StoredMember {
  const { member, code, first_accessed_at: firstAccessedAt, event_id: eventId, drop_due_at: dropDueAt } = row;
  const accessCounts = row.access_counts === null ? null : (JSON.parse(row.access_counts) as AccessCounts);
  return { member, code, firstAccessedAt, eventId, accessCounts, dropDueAt };
}
