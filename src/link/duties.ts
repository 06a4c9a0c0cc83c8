// What a link has to bring elsewhere, each with a due time in its row until it has arrived: to KV, and to the account's list or to its book.

import { errorText, log } from "../log.ts";
import { within } from "../objects.ts";
import { isRefusal, refusedDelayMs, retryDelayMs } from "./duty-schedule.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { Listing } from "./listing.ts";
import type { Projection } from "./projection.ts";
import type { Reports } from "./reports.ts";
import type { StoredLink } from "./stored-link.ts";

/** `listing`: to the list or the book. */
export type Duty = "directory" | "listing";

/** A duty is performed at once; this long later the alarm performs it if a crash came between. */
export const DUTY_LEASE_MS = 10_000;
/** A write of KV takes milliseconds; a silent one must hold up neither an alarm nor a caller, who waits for 5 s. */
const DUTY_TIMEOUT_MS = 4_000;

const COLUMNS = { directory: "directoryDueAt", listing: "listingDueAt", forget: "forgetDueAt" } as const;

export class Duties {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  readonly #reports: Reports;
  readonly #perform: Readonly<Record<Duty, () => Promise<void>>>;

  constructor(keeping: Keeping, rows: LinkRows, projection: Projection, listing: Listing, reports: Reports) {
    this.#keeping = keeping;
    this.#rows = rows;
    this.#reports = reports;
    this.#perform = { directory: () => projection.write(), listing: () => listing.list() };
  }

  /**
   * Performs what was written down as due, at once: so what an owner asked for is in KV and listed when the answer comes. That all of it is
   * done is one row. Never rejects.
   */
  async performNow(duties: readonly Duty[] = ["directory", "listing"]): Promise<void> {
    const hasBook = this.#rows.read()?.book != null;
    const projected = duties.includes("directory") ? this.#try("directory") : Promise.resolve();
    const isListed = duties.includes("listing") && (hasBook ? this.#tell(projected) : this.#try("listing"));
    await Promise.all([projected, isListed]);
    this.#keeping.write(() => {});
  }

  /** Performs those that are due at `now` (Unix ms). What is noted of it is written with whatever the object writes next. */
  async performDue(link: StoredLink, now: number): Promise<void> {
    await Promise.all([
      isDue(link.directoryDueAt, now) && this.#try("directory"),
      isDue(link.listingDueAt, now) && this.#try("listing"),
      isDue(this.#reports.dueAt(link), now) && this.#reports.send(),
    ]);
  }

  /** What has failed is due again later, and ever later. */
  postpone(duty: Duty | "forget", link: StoredLink, isRefused = false): void {
    const now = Date.now();
    const delay = isRefused ? refusedDelayMs(link, now) : retryDelayMs(link.failures);
    const refusals = isRefused ? link.refusals + 1 : link.refusals;
    this.#keeping.write(() => this.#rows.set({ [COLUMNS[duty]]: now + delay, failures: link.failures + 1, refusals }));
  }

  async #try(duty: Duty): Promise<void> {
    try {
      await within(DUTY_TIMEOUT_MS, () => this.#perform[duty]());
    } catch (error) {
      log(`link.${duty}_failed`, { error: errorText(error) });
      const link = this.#rows.read();
      if (link !== undefined) this.postpone(duty, link, duty === "directory" && isRefusal(error));
    }
  }

  async #tell(beside: Promise<void>): Promise<void> {
    try {
      await this.#reports.tellAll(beside);
    } catch (error) {
      // The alarm goes on with it.
      log("link.report_failed", { error: errorText(error) });
    }
  }
}

export function isDue(at: number | null, now: number): boolean {
  return at !== null && at <= now;
}
