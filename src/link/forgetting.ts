// The end of a link's object, some weeks after the link's: its storage is freed, to zero rows, or the one that keeps a chosen code for its
// account, and no alarm.

import { errorText, log } from "../log.ts";
import { isMinted } from "./code.ts";
import type { Duties } from "./duties.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { Listing } from "./listing.ts";
import type { PastLinks } from "./past-links.ts";
import { pastOf, type StoredLink } from "./stored-link.ts";

interface Rooms {
  storage: DurableObjectStorage;
  rows: LinkRows;
  past: PastLinks;
  listing: Listing;
  duties: Duties;
}

export class Forgetting {
  readonly #keeping: Keeping;
  readonly #rooms: Rooms;

  constructor(keeping: Keeping, rooms: Rooms) {
    this.#keeping = keeping;
    this.#rooms = rooms;
  }

  /** Whether the link's time is over, and it owes nothing. */
  isDue(link: StoredLink, now: number): boolean {
    return !this.#keeping.owes(link) && link.forgetDueAt <= now;
  }

  /** Forgets the link, or tries again later. */
  async forget(link: StoredLink): Promise<void> {
    const { rows, listing, duties } = this.#rooms;
    try {
      await listing.unlist(link);
    } catch (error) {
      log("link.forget_failed", { error: errorText(error) });
      duties.postpone("forget", link);
      return;
    }
    // Others may have come in during the await: the code was opened again, or something is owed again.
    const now = rows.read();
    if (now?.createdAt !== link.createdAt || this.#keeping.owes(now)) return;
    await (isMinted(link.code) ? this.#freeAll() : this.#freeBut(link));
  }

  async #freeAll(): Promise<void> {
    // It clears the alarm, too.
    const deleted = this.#rooms.storage.deleteAll();
    this.#keeping.forgetStorage();
    await deleted;
  }

  async #freeBut(link: StoredLink): Promise<void> {
    const { storage, past, rows } = this.#rooms;
    this.#keeping.write(() => {
      past.add(pastOf(link), null);
      rows.forget();
    });
    const cleared = storage.deleteAlarm();
    this.#keeping.forgetStorage();
    await cleared;
  }
}
