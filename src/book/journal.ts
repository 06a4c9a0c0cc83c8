// A book's journal: what happened to its links, in the order in which the book learned of it. Its position orders; a late event comes
// late, with its own time. What people wrote (destination, reference, addresses) stands in the lines alone, where it is blanked.

import type { LinkEvent, LinkFact } from "./book.ts";
import type { LineName } from "./lines.ts";

// Not AUTOINCREMENT, which writes one more row with each: rows go with the whole book only, so no position comes again.
// `tags`: those of the link at that moment, a JSON array; null is none.
export const JOURNAL_TABLE = `
  CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    fact TEXT,
    tags TEXT
  ) STRICT;`;

/** One row of the journal. Instants are Unix milliseconds. */
export interface JournalEntry extends LineName {
  position: number;
  /** Of the link's own events. */
  number: number;
  at: number;
  kind: LinkFact["kind"];
  /** What more is known of an access, an attempt or a callback; null otherwise. */
  fact: Record<string, unknown> | null;
  tags: string[];
}

interface Row extends Record<string, SqlStorageValue> {
  position: number;
  createdAt: number;
  code: string;
  number: number;
  at: number;
  kind: LinkFact["kind"];
  fact: string | null;
  tags: string | null;
}

export class Journal {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** `tags` are those that the link has from this event on. */
  add({ createdAt, code }: LineName, event: LinkEvent, tags: readonly string[]): void {
    this.#sql.exec(
      "INSERT INTO journal (created_at, code, number, at, kind, fact, tags) VALUES (?, ?, ?, ?, ?, ?, ?)",
      createdAt,
      code,
      event.number,
      event.at,
      event.kind,
      factOf(event),
      tags.length === 0 ? null : JSON.stringify(tags),
    );
  }

  /** So many entries behind a position, which is 0 before the first. */
  read(after: number, limit: number): JournalEntry[] {
    const rows = this.#sql.exec<Row>(
      `SELECT position, created_at AS createdAt, code, number, at, kind, fact, tags FROM journal
       WHERE position > ? ORDER BY position LIMIT ?`,
      after,
      limit,
    );
    return Array.from(rows, ({ fact, tags, ...entry }) => ({
      ...entry,
      fact: fact === null ? null : (JSON.parse(fact) as Record<string, unknown>),
      tags: tags === null ? [] : (JSON.parse(tags) as string[]),
    }));
  }
}

function factOf(event: LinkEvent): string | null {
  if (["opened", "changed", "ended", "barred"].includes(event.kind)) return null;
  const { number: _number, at: _at, kind: _kind, ...fact } = event;
  return JSON.stringify(fact);
}
