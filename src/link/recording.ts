// Where it is decided, alone and once, which access is the first: with it, in the same transaction, a callback is owed.

import type { CallbackLedger } from "../callback/ledger.ts";
import type { AccessRows } from "./access-rows.ts";
import { type LinkEvents, MOST_UNREPORTED, MOST_UNREPORTED_OF_MANY, SOON_MS } from "./events.ts";
import { oweFirstAccess, recordedAs, type Taken, takeAccesses } from "./first-access.ts";
import type { LinkRows } from "./link-rows.ts";
import type { Access, Recorded } from "./link.ts";
import { isOfPast } from "./past-links.ts";
import type { Projection } from "./projection.ts";
import { hasMany, type Reports } from "./reports.ts";
import { endOf, type StoredLink } from "./stored-link.ts";

interface Rooms {
  rows: LinkRows;
  accesses: AccessRows;
  events: LinkEvents;
  ledger: CallbackLedger;
  reports: Reports;
  projection: Projection;
}

export class Recording {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** Records what came together under the name of a batch, by which it is recognised when it comes again. */
  record(accesses: readonly Access[], batch: string): Recorded[] {
    const { rows, reports, projection } = this.#rooms;
    const link = rows.read();
    if (link === undefined) return accesses.map(() => ({ kind: "unknown" }));
    const now = Date.now();
    const isOfLink = ({ at }: Access) => at < endOf(link) && !isOfPast(link, at);
    const taken = this.#take(link, accesses.filter(isOfLink), batch, now);
    const { added, first } = taken;
    if (first !== undefined) this.#owe(link, first, now);
    else if (added.length > 0) reports.dueLater(link, now);
    projection.doubt(link, Math.max(...accesses.map(({ at }) => at)));
    return recordedAs(accesses, isOfLink, taken);
  }

  /** Drops rows of a link that has many: those that its book has, or rolled up. */
  drop(now: number): void {
    const { rows, accesses, events } = this.#rooms;
    const link = rows.read();
    if (link === undefined) return;
    const most = hasMany(link) ? MOST_UNREPORTED_OF_MANY : MOST_UNREPORTED;
    const isFarBehind = link.book !== null && events.last(link) - link.reported > most;
    const rollUp = isFarBehind ? (old: Parameters<LinkEvents["rollUp"]>[0]) => events.rollUp(old, link) : null;
    rows.set({ dropDueAt: accesses.drop(now, link.reported, rollUp) });
  }

  #take(link: StoredLink, ofLink: readonly Access[], batch: string, now: number): Taken {
    const { rows, accesses, events, reports } = this.#rooms;
    const taken = takeAccesses(accesses, link, ofLink, batch, now, () => reports.numberFor(link));
    rows.set(taken.state);
    // From now on rows may be rolled up; a report may have held all that there are, and this is noted nowhere.
    if (link.accessCounts === null && taken.state.accessCounts != null) rows.set({ sentTo: events.last(link) });
    return taken;
  }

  /** The first access: its time is written once. */
  #owe(link: StoredLink, first: Access, now: number): void {
    const { rows, ledger, reports } = this.#rooms;
    const eventId = oweFirstAccess(ledger, link, first, now);
    rows.set({ firstAccessedAt: first.at, eventId, revision: link.revision + 1 });
    if (link.book === null) rows.set({ listingDueAt: now });
    else reports.dueBy(link, now + SOON_MS);
  }
}
