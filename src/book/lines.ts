// A book's list of links: one line each, brought up to date by the link's reports. The links' own objects are the truth.

import type { ListedName } from "../account/link-list.ts";
import { FailingCallbacks, type Heard } from "../callback/bulk-retry/failing.ts";
import { type AccessCounts, KEPT_AFTER_END_MS, LINK_LIFETIME_SECONDS, NO_ACCESSES } from "../link/link.ts";
import { isShown, type ListedLink, listedLink, type ListRow } from "../link/listed-link.ts";
import type { Acknowledged, LinkEvent, LinkReport, OpenedLink } from "./book.ts";
import { find, type Found, type ListQuery, Reader } from "./find.ts";
import type { Journal } from "./journal.ts";
import { linkShelf, nameAt } from "./link-shelf.ts";
import { needlesOf, type Packed, Packs, wordsOf } from "./packs.ts";
import { placeOf } from "../timed-id.ts";
import type { LinkNews } from "../sms/message-book.ts";

// `have`: the number of the last of the link's events that the book has. `blank_at`: when what people wrote is blanked, thirty days
// after the link's end; null when it is. `delivered`: the events whose callbacks were delivered, a JSON array.
export const LINE_TABLE = `
  CREATE TABLE line (
    created_at INTEGER NOT NULL,
    code TEXT NOT NULL,
    destination TEXT,
    short_url TEXT NOT NULL,
    msgid TEXT,
    callback_url TEXT,
    tags TEXT NOT NULL,
    reference TEXT,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    ended_reason TEXT,
    first_accessed_at INTEGER,
    access_counts TEXT NOT NULL,
    delivered TEXT NOT NULL,
    have INTEGER NOT NULL,
    counted_at INTEGER NOT NULL,
    blank_at INTEGER,
    PRIMARY KEY (created_at, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX line_by_reference ON line (reference, created_at) WHERE reference IS NOT NULL;
  CREATE INDEX line_to_blank ON line (blank_at) WHERE blank_at IS NOT NULL;`;

/** A link is freed a day after its line is blank, or as many days later as it finds it hard to. */
const LONGEST_AFTER_END_MS = KEPT_AFTER_END_MS + 15 * 86_400_000;
/** Lines that one alarm blanks; the next alarm follows at once when more are due. */
const MOST_BLANKED = 1_000;

/** What names a line. */
export interface LineName {
  /** Unix milliseconds. */
  createdAt: number;
  code: string;
}

/** A line as events change it. Instants are Unix milliseconds. */
interface Line extends OpenedLink {
  closedAt: number | null;
  /** The operator's, who ended it; null where nobody or the owner did. */
  endedReason: string | null;
  firstAccessedAt: number | null;
  accessCounts: AccessCounts;
  /** Ids of events: of a code's earlier link, too, which still gets the callback that it owes. */
  delivered: readonly string[];
}

/** What became of a report: what to answer, and the line where there was news for it. */
interface Taken {
  acknowledged: Acknowledged;
  line: Line | null;
}

interface Row extends ListRow {
  access_counts: string;
  counted_at: number;
  delivered: string;
  have: number;
  blank_at: number | null;
}

export class Lines implements Packed {
  readonly #sql: SqlStorage;
  readonly #journal: Journal;
  readonly packs: Packs;
  /** The callbacks of its links that fail. */
  readonly failing: FailingCallbacks;

  constructor(sql: SqlStorage, journal: Journal) {
    this.#sql = sql;
    this.#journal = journal;
    this.packs = new Packs(sql, "line_pack", this);
    this.failing = new FailingCallbacks(sql);
  }

  /** Takes what is news of reports, one after the other: see `#take`. */
  take(reports: readonly LinkReport[], now: number): Taken[] {
    const stale: string[] = [];
    const taken = reports.map((report) => {
      const { isFoundOtherwise, ...one } = this.#take(report, now);
      if (isFoundOtherwise) stale.push(placeOf(report));
      return one;
    });
    this.packs.renew(stale);
    return taken;
  }

  /**
   * Takes those events of a report that follow on what the book has, into the journal and the line. Whatever came before changes
   * nothing; of a report that leaves a gap nothing is taken, and its link reports again from what is answered.
   */
  #take({ code, createdAt, after, events }: LinkReport, now: number): Taken & { isFoundOtherwise: boolean } {
    const name = { code, createdAt };
    const row = this.#read(name);
    const have = row?.have ?? 0;
    const news = after > have ? [] : events.filter(({ number }) => number > have);
    let line = row && lineOf(row);
    let last = have;
    const heard: Heard[] = [];
    for (const event of news) {
      const next = following(line, event);
      if (next === undefined) break;
      this.#journal.addEvent({ ...name, msgid: next.msgid }, event, next.tags, {
        owed: event.kind === "access" && event.first && next.callbackUrl !== null,
        delivered: next.delivered.length > (line?.delivered.length ?? 0),
      });
      line = next;
      last = event.number;
      heard.push({ event, line });
    }
    const acknowledged = { ...name, have: last };
    if (line === undefined || last === have) return { acknowledged, line: null, isFoundOtherwise: false };
    this.#write(name, row, { ...columnsOf(line), have: last, counted_at: now });
    this.failing.follow(name, heard);
    const isFoundOtherwise = news.some(({ kind }) => kind === "opened" || kind === "changed");
    return { acknowledged, line, isFoundOtherwise };
  }

  /** What a message shows of its link; null when the book has not heard of it. */
  newsOf(name: LineName): LinkNews | null {
    const row = this.#read(name);
    return row === undefined ? null : lineOf(row);
  }

  /** With so many rows read as the query allows. */
  find(query: ListQuery, now: number): Found<ListedLink> {
    const isListed = (row: Row) => row.blank_at !== null && row.blank_at > now && isShown(row);
    // A reference has an index of its own.
    const packs = needlesOf(query).length === 0 || query.reference !== undefined ? null : this.packs;
    return find(new Reader(this.#sql, query.rows), linkShelf("line", "*", query, isListed), packs, query);
  }

  placesBehind(place: string, limit: number): string[] {
    const rows = this.#sql.exec<{ createdAt: number; code: string }>(
      "SELECT created_at AS createdAt, code FROM line WHERE (created_at, code) > (?, ?) ORDER BY created_at, code LIMIT ?",
      ...nameAt(place),
      limit,
    );
    return Array.from(rows, placeOf);
  }

  wordsAt(place: string): string[] | null {
    const [createdAt, code] = nameAt(place);
    const row = this.#read({ createdAt, code });
    return row === undefined || row.blank_at === null ? null : wordsOf(listedLink(row));
  }

  /**
   * Newest first, of links that may still be there: the lines behind this one, or from the newest on. Those that are too old to be are
   * not even looked at: every half hour somebody asks, of each book.
   */
  namesBehind(name: LineName | null, limit: number): ListedName[] {
    const endedAfter = Date.now() - LONGEST_AFTER_END_MS;
    return this.#sql
      .exec<{ createdAt: number; code: string; msgid: string | null }>(
        `SELECT created_at AS createdAt, code, msgid FROM line
         WHERE (created_at, code) < (?, ?) AND created_at > ? AND MIN(expires_at, IFNULL(closed_at, expires_at)) > ?
         ORDER BY created_at DESC, code DESC LIMIT ?`,
        name?.createdAt ?? Number.MAX_SAFE_INTEGER,
        name?.code ?? "",
        endedAfter - LINK_LIFETIME_SECONDS * 1_000,
        endedAfter,
        limit,
      )
      .toArray();
  }

  /** All of them, in their order: so many behind this one, or from the first on. */
  namesFrom(name: LineName | null, limit: number): LineName[] {
    return this.#sql
      .exec<{ createdAt: number; code: string }>(
        `SELECT created_at AS createdAt, code FROM line WHERE (created_at, code) > (?, ?) ORDER BY created_at, code LIMIT ?`,
        name?.createdAt ?? -1,
        name?.code ?? "",
        limit,
      )
      .toArray();
  }

  /** None: lines stay until the book ends, so none of them says that its link should be gone. */
  oldest(): ListedName[] {
    return [];
  }

  remove({ createdAt, code }: LineName): void {
    this.#sql.exec("DELETE FROM line WHERE created_at = ? AND code = ?", createdAt, code);
  }

  /** When lines have to be blanked, Unix milliseconds; null when none is left to be. */
  dueAt(): number | null {
    // The condition lets SQLite use the index, which holds no NULL.
    const query = "SELECT MIN(blank_at) AS at FROM line WHERE blank_at IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query).one().at;
  }

  /** Blanks what people wrote, of links whose time is over; what is counted stays. */
  blankDue(now: number): void {
    const due = this.#sql
      .exec<{ createdAt: number; code: string }>(
        `SELECT created_at AS createdAt, code FROM line WHERE blank_at <= ? ORDER BY blank_at LIMIT ${MOST_BLANKED}`,
        now,
      )
      .toArray();
    for (const name of due) {
      this.#sql.exec(
        `UPDATE line SET destination = NULL, callback_url = NULL, reference = NULL, ended_reason = NULL, blank_at = NULL
         WHERE created_at = ? AND code = ?`,
        name.createdAt,
        name.code,
      );
      this.failing.remove(name);
    }
    this.packs.renew(due.map(placeOf));
  }

  #read({ createdAt, code }: LineName): Row | undefined {
    return this.#sql.exec<Row>("SELECT * FROM line WHERE created_at = ? AND code = ?", createdAt, code).toArray()[0];
  }

  /** Writes what differs from the row that was there: an index that holds none of it costs nothing then. */
  #write({ createdAt, code }: LineName, before: Row | undefined, line: Columns): void {
    const changed = Object.entries(line).filter(([column, value]) => value !== before?.[column]);
    const columns = changed.map(([column]) => column);
    const values = [...changed.map(([, value]) => value), createdAt, code];
    const query =
      before === undefined
        ? `INSERT INTO line (${[...columns, "created_at", "code"].join(", ")}) VALUES (${values.map(() => "?").join(", ")})`
        : `UPDATE line SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE created_at = ? AND code = ?`;
    this.#sql.exec(query, ...values);
  }
}

type Columns = Record<string, SqlStorageValue>;

/** A line as its row has it, without what names it. */
function columnsOf(line: Line): Columns {
  return {
    destination: line.destination,
    short_url: line.shortUrl,
    msgid: line.msgid,
    callback_url: line.callbackUrl,
    tags: JSON.stringify(line.tags),
    reference: line.reference,
    expires_at: line.expiresAt,
    closed_at: line.closedAt,
    ended_reason: line.endedReason,
    first_accessed_at: line.firstAccessedAt,
    access_counts: JSON.stringify(line.accessCounts),
    delivered: JSON.stringify(line.delivered),
    blank_at: Math.min(line.expiresAt, line.closedAt ?? Infinity) + KEPT_AFTER_END_MS,
  };
}

/** The line behind an event; undefined for an event of a link that was never opened here, or of a kind that a later version knows. */
function following(line: Line | undefined, event: LinkEvent): Line | undefined {
  if (event.kind === "opened") {
    const { number: _number, at: _at, kind: _kind, ...opened } = event;
    return {
      ...opened,
      closedAt: null,
      endedReason: null,
      firstAccessedAt: null,
      accessCounts: NO_ACCESSES,
      delivered: [],
    };
  }
  if (line === undefined) return undefined;
  switch (event.kind) {
    case "changed": {
      const { destination, callbackUrl, tags, reference } = event;
      return { ...line, destination, callbackUrl, tags, reference };
    }
    case "ended":
      return { ...line, closedAt: event.at };
    case "barred":
      return { ...line, endedReason: event.reason };
    case "access": {
      const accessCounts = { ...line.accessCounts, [event.access]: line.accessCounts[event.access] + 1 };
      return { ...line, accessCounts, firstAccessedAt: event.first ? event.at : line.firstAccessedAt };
    }
    case "accesses": {
      const accessCounts = { ...line.accessCounts, [event.access]: line.accessCounts[event.access] + event.count };
      return { ...line, accessCounts };
    }
    case "attempt": {
      // The report of an attempt may come behind that of a later one, which was answered 200 as well.
      const isNews = event.status === 200 && !line.delivered.includes(event.eventId);
      return isNews ? { ...line, delivered: [...line.delivered, event.eventId] } : line;
    }
    case "callback":
      return line;
  }
}

function lineOf(row: Row): Line {
  const { destination, shortUrl, msgid, callbackUrl, tags, reference, expiresAt, firstAccessedAt } = listedLink(row);
  const accessCounts = JSON.parse(row.access_counts) as AccessCounts;
  const delivered = JSON.parse(row.delivered) as string[];
  const fields = { destination, shortUrl, msgid, callbackUrl, tags, reference, expiresAt };
  return {
    ...fields,
    closedAt: row.closed_at,
    endedReason: row.ended_reason,
    firstAccessedAt,
    accessCounts,
    delivered,
  };
}
