// What a link's owner does with it, and the operator: changes and ends it. Each is written in one transaction with the event that its book
// hears of, and makes another revision.

import type { CallbackLedger } from "../callback/ledger.ts";
import { type Duty, DUTY_LEASE_MS } from "./duties.ts";
import { forgetAt } from "./duty-schedule.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkChanges, LinkRows } from "./link-rows.ts";
import type { LinkFields } from "./link.ts";
import type { Reports } from "./reports.ts";
import type { StoredLink } from "./stored-link.ts";

export class Ownership {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  readonly #reports: Reports;
  readonly #ledger: CallbackLedger;

  constructor(keeping: Keeping, rows: LinkRows, reports: Reports, ledger: CallbackLedger) {
    this.#keeping = keeping;
    this.#rows = rows;
    this.#reports = reports;
    this.#ledger = ledger;
  }

  /** Changes the given fields; the duties that follow. */
  change(link: StoredLink, changes: Partial<LinkFields>): Duty[] {
    const { destination, callbackUrl, tags, reference } = { ...link, ...changes };
    const fields = { destination, callbackUrl, tags, reference };
    const isMoved = destination !== link.destination;
    this.#keeping.write(() => {
      this.#reports.happened(link, { kind: "changed", ...fields });
      this.#set(link, { ...fields, ...(isMoved && { directoryDueAt: Date.now() + DUTY_LEASE_MS }) });
      if (link.eventId !== null) this.#ledger.readdress(link.eventId, callbackUrl);
    });
    // KV takes one write per second and code, so none is spent on what it does not hold.
    return isMoved ? ["directory", "listing"] : ["listing"];
  }

  /** Ends the link. */
  close(link: StoredLink): void {
    this.#keeping.write(() => this.#close(link));
  }

  /** Ends the link for good, also one that has ended. */
  bar(link: StoredLink, reason: string): void {
    this.#keeping.write(() => {
      if (link.closedAt === null) this.#close(link);
      this.#reports.happened(link, { kind: "barred", reason });
      this.#set(link, { endedReason: reason });
    });
  }

  /** Nothing is owed any more, and nothing signed: the account is gone, and with it the secret. */
  withdraw(link: StoredLink): void {
    this.#keeping.write(() => {
      if (link.sealedSecrets !== null) this.#rows.set({ sealedSecrets: null });
      this.#ledger.withdrawAll();
    });
  }

  #close(link: StoredLink): void {
    const now = Date.now();
    this.#reports.happened(link, { kind: "ended" });
    const forgetDueAt = forgetAt(Math.min(now, link.expiresAt));
    this.#set(link, { closedAt: now, forgetDueAt, directoryDueAt: now + DUTY_LEASE_MS });
  }

  /** Where the link has no book, its account's list is to hear of it. */
  #set({ book, revision }: StoredLink, changes: LinkChanges): void {
    this.#rows.set({ ...changes, revision: revision + 1 });
    if (book === null) this.#rows.set({ listingDueAt: Date.now() + DUTY_LEASE_MS });
  }
}
