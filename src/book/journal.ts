// A book's journal: what happened to its links and messages, in the order in which the book learned of it. Its position orders; a late
// event comes late, with its own time. An entry says all that is counted of it. What people wrote (destination, reference, addresses,
// numbers, texts) stands in the lines and messages alone, where it is blanked.

import type { CampaignLine } from "../campaign/campaign.ts";
import type { CampaignFact } from "../campaign/quarters.ts";
import type { MessageCallback, MessageMove } from "../sms/message.ts";
import type { AccessFact, AttemptFact, CallbackFact, LinkEvent, RolledAccesses } from "./book.ts";
import type { LineName } from "./lines.ts";

// Not AUTOINCREMENT, which writes one more row with each: rows go with the whole book only, so no position comes again.
// `code` and `number` (of the link's own events) are of what happened to a link, `msgid` of a
// message or of a link's message. `tags`: those of the link or message at that moment, a JSON array; null is none.
export const JOURNAL_TABLE = `
  CREATE TABLE journal (
    position INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    code TEXT,
    number INTEGER,
    msgid TEXT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    fact TEXT,
    tags TEXT
  ) STRICT;`;

const CAMPAIGN_TAG = "\u0001";

/** What happened, and what more is known of it. */
export type EntryFact =
  | { kind: "opened" | "changed" | "ended" | "barred"; fact: null }
  /** `owed`: from now on the link owes a callback. */
  | { kind: "access"; fact: AccessFact & { owed?: true } }
  | { kind: "accesses"; fact: RolledAccesses }
  /** `delivered`: by this attempt the callback is, and was not before. */
  | { kind: "attempt"; fact: AttemptFact & { delivered?: true } }
  | { kind: "callback"; fact: CallbackFact }
  | { kind: "message"; fact: Omit<MessageMove, "msgid" | "acceptedAt" | "tags"> }
  | { kind: "message_callback"; fact: Pick<MessageCallback, "eventId" | "state"> }
  /** What was counted of a campaign has grown. */
  | { kind: "campaign"; fact: CampaignFact };

/** What an entry is about. Instants are Unix milliseconds. */
interface Subject {
  /** When the link was made, or the message accepted. */
  createdAt: number;
  /** Null for what happened to a message. */
  code: string | null;
  /** Of the link's own events. */
  number: number | null;
  msgid: string | null;
  at: number;
  tags: readonly string[];
}

/** One row of the journal. */
export type JournalEntry = { position: number } & Subject & EntryFact;

/** The same as it is stored; `fact` and `tags` are JSON. */
export interface EntryRow extends Record<string, SqlStorageValue> {
  position: number;
  createdAt: number;
  code: string | null;
  number: number | null;
  msgid: string | null;
  at: number;
  kind: string;
  fact: string | null;
  tags: string | null;
}

export class Journal {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * What happened to a link. `tags` are those that it has from this event on.
   * @param means what only the link's line knows: whether a callback is owed, or delivered, from this event on
   */
  addEvent(
    { createdAt, code, msgid }: LineName & { msgid: string | null },
    event: LinkEvent,
    tags: readonly string[],
    means: { owed: boolean; delivered: boolean },
  ): void {
    this.#add({ createdAt, code, number: event.number, msgid, at: event.at, tags, ...factOf(event, means) });
  }

  /** What became of a message, at an instant (Unix ms). */
  addMove({ msgid, acceptedAt, tags, ...fact }: MessageMove, at: number): void {
    this.#add({ createdAt: acceptedAt, code: null, number: null, msgid, at, tags, kind: "message", fact });
  }

  /** How a message's callback came to stand, at an instant (Unix ms). */
  addCallback({ msgid, acceptedAt, tags, ...fact }: MessageCallback, at: number): void {
    this.#add({ createdAt: acceptedAt, code: null, number: null, msgid, at, tags, kind: "message_callback", fact });
  }

  /** By how much the counts of a campaign have grown, as was learned at an instant (Unix ms). */
  addCampaign({ id: campaign, createdAt, tags }: CampaignLine, grown: CampaignFact["grown"], at: number): void {
    const fact = { campaign, grown };
    this.#add({ createdAt, code: null, number: null, msgid: null, at, tags, kind: "campaign", fact });
  }

  /** The position of the newest entry; 0 when there is none. */
  last(): number {
    return (
      this.#sql.exec<{ position: number | null }>("SELECT MAX(position) AS position FROM journal").one().position ?? 0
    );
  }

  /** So many entries behind a position, which is 0 before the first. */
  read(after: number, limit: number): JournalEntry[] {
    const rows = this.#sql.exec<EntryRow>(
      `SELECT position, created_at AS createdAt, code, number, msgid, at, kind, fact, tags FROM journal
       WHERE position > ? ORDER BY position LIMIT ?`,
      after,
      limit,
    );
    return Array.from(rows, entryOf);
  }

  #add(entry: Subject & EntryFact): void {
    const { createdAt, code, number, msgid, at, kind, fact, tags } = entry;
    this.#sql.exec(
      "INSERT INTO journal (created_at, code, number, msgid, at, kind, fact, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      createdAt,
      code,
      number,
      msgid,
      at,
      kind,
      fact === null ? null : JSON.stringify(fact),
      tags.length === 0 ? null : JSON.stringify(tags),
    );
  }
}

/** Under which tags an entry is counted: those that it had; and each campaign is counted for itself, as if it were a tag. */
export function countedTags(entry: JournalEntry): readonly string[] {
  return entry.kind === "campaign" ? [...entry.tags, campaignTag(entry.fact.campaign)] : entry.tags;
}

/** No tag that people give holds a control character. */
export function campaignTag(id: string): string {
  return CAMPAIGN_TAG + id;
}

export function isCampaignTag(tag: string): boolean {
  return tag.startsWith(CAMPAIGN_TAG);
}

export function entryOf({ position, createdAt, code, number, msgid, at, kind, fact, tags }: EntryRow): JournalEntry {
  const told = fact === null ? null : (JSON.parse(fact) as unknown);
  const had = tags === null ? [] : (JSON.parse(tags) as string[]);
  return { position, createdAt, code, number, msgid, at, kind, fact: told, tags: had } as JournalEntry;
}

function factOf(event: LinkEvent, { owed, delivered }: { owed: boolean; delivered: boolean }): EntryFact {
  const { number: _number, at: _at, ...told } = event;
  switch (told.kind) {
    case "opened":
    case "changed":
    case "ended":
    case "barred":
      return { kind: told.kind, fact: null };
    case "access": {
      const { kind, ...fact } = told;
      return { kind, fact: owed ? { ...fact, owed } : fact };
    }
    case "accesses": {
      const { kind, ...fact } = told;
      return { kind, fact };
    }
    case "attempt": {
      const { kind, ...fact } = told;
      return { kind, fact: delivered ? { ...fact, delivered } : fact };
    }
    case "callback": {
      const { kind, ...fact } = told;
      return { kind, fact };
    }
  }
}
