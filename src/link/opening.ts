// How a link begins. A chosen code whose link has ended may be opened again, by the same account: to a link with nothing of the one before,
// which still gets the callback that it owes.

import type { CallbackLedger } from "../callback/ledger.ts";
import { refuseLate } from "../objects.ts";
import { type Duties, DUTY_LEASE_MS } from "./duties.ts";
import { forgetAt, UNLISTING_PAUSE_MS } from "./duty-schedule.ts";
import type { LinkEvents } from "./events.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { LinkFacts, Opened } from "./link.ts";
import type { Ownership } from "./ownership.ts";
import { isFromBefore, mayReopen, openedAgainAt, type PastLink, type PastLinks } from "./past-links.ts";
import type { Reports } from "./reports.ts";
import { factsOf, isLive, pastOf, type StoredLink } from "./stored-link.ts";

interface Rooms {
  rows: LinkRows;
  past: PastLinks;
  ledger: CallbackLedger;
  events: LinkEvents;
  reports: Reports;
  ownership: Ownership;
  duties: Duties;
}

export class Opening {
  readonly #keeping: Keeping;
  readonly #rooms: Rooms;

  constructor(keeping: Keeping, rooms: Rooms) {
    this.#keeping = keeping;
    this.#rooms = rooms;
  }

  /** Opens the link, unless its code is taken. `sealedSecrets`: a JSON array. See `Link.open`. */
  async open(link: LinkFacts, openedBy: string, until: number, sealedSecrets: string | null): Promise<Opened> {
    const { rows, past, duties } = this.#rooms;
    await this.#settle(rows.read(), link, openedBy);
    refuseLate(until);
    const now = Date.now();
    const existing = rows.read();
    if (existing?.openedBy === openedBy) return { kind: "opened", link: factsOf(existing) };
    const before = existing === undefined ? past.newest(link.code) : pastOf(existing);
    const isLiveStill = existing !== undefined && isLive(existing, now);
    if (before !== undefined && (isLiveStill || !mayReopen(before, link) || isFromBefore(before, link)))
      return { kind: "taken" };
    // In the list a line is named by code and time, and clocks may be set.
    const opened = { ...link, createdAt: Math.max(link.createdAt, (before?.createdAt ?? 0) + 1) };
    const opening = {
      openedBy,
      revision: (before?.revision ?? 0) + 1,
      reopenedAt: before === undefined ? null : openedAgainAt(before, opened, now),
      forgetDueAt: forgetAt(opened.expiresAt),
      sealedSecrets,
    };
    this.#keeping.write(() => {
      if (before !== undefined) this.#beginAnew(before, existing, now);
      rows.open(opened, opening, now + DUTY_LEASE_MS);
    });
    await duties.performNow();
    return { kind: "opened", link: opened };
  }

  /** The link before is over for its book, too, before another takes its place. Rejects while the book cannot be told. */
  async #settle(ended: StoredLink | undefined, link: LinkFacts, openedBy: string): Promise<void> {
    const { ownership, reports } = this.#rooms;
    if (ended === undefined || ended.openedBy === openedBy || isLive(ended, Date.now())) return;
    if (!mayReopen(pastOf(ended), link)) return;
    // Its line gives way to the next one's.
    if (ended.closedAt === null && ended.book !== null) ownership.close(ended);
    await reports.tellAll();
  }

  #beginAnew(before: PastLink, existing: StoredLink | undefined, now: number): void {
    const { past, ledger, events, reports } = this.#rooms;
    past.removeUnlisted();
    // A line in a book stays, and says that it has ended.
    if (existing?.book === null) past.add(before, now + UNLISTING_PAUSE_MS);
    ledger.beginAnew();
    events.forgotten();
    reports.forgotten();
  }
}
