// KV shows what a link's object knows. What is noted of it is written with whatever the object writes next: should that be lost, KV is
// only written again.

import { endDestination, putDestination } from "./directory.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import { endOf, isLive, type StoredLink } from "./stored-link.ts";

/** A miss in KV shortly after a write is propagation, not loss: no need to write again. */
const HEAL_AFTER_MS = 60_000;

export class Projection {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #writtenAt = 0;

  constructor(keeping: Keeping, rows: LinkRows) {
    this.#keeping = keeping;
    this.#rows = rows;
  }

  /**
   * One write at a time, so that an older one cannot land on a newer one; and one that waits for it serves everybody who wants the
   * next. Rejects when KV does not take it.
   */
  write(): Promise<void> {
    const run = async () => {
      this.#next = undefined;
      const link = this.#rows.read();
      if (link !== undefined) await this.#bring(link);
    };
    this.#next ??= this.#writing.then(run);
    this.#writing = this.#next.catch(() => {});
    return this.#next;
  }

  /** A redirect has missed it in KV: whether it has to be written again, which is then begun. */
  isMissing(now: number): boolean {
    if (now - this.#writtenAt <= HEAL_AFTER_MS) return false;
    this.#writtenAt = now;
    return true;
  }

  /** Whoever was redirected long after the end of the link, at `at`, has seen an entry of KV that should not be there any more. */
  doubt(link: StoredLink, at: number): void {
    const now = Date.now();
    if (link.directoryDueAt !== null || at < endOf(link) + HEAL_AFTER_MS) return;
    if (now - this.#writtenAt > HEAL_AFTER_MS) this.#rows.set({ directoryDueAt: now });
  }

  async #bring(link: StoredLink): Promise<void> {
    const now = Date.now();
    this.#writtenAt = now;
    const { DIRECTORY } = this.#keeping.env();
    if (isLive(link, now)) await putDestination(DIRECTORY, link, now);
    // An entry that has expired says so itself; but KV may still hold one of the code's earlier link.
    else if (now < link.expiresAt || link.reopenedAt !== null) await endDestination(DIRECTORY, link, now);
    // A change that came since keeps it due.
    if (this.#rows.read()?.revision === link.revision)
      this.#rows.set({ directoryDueAt: null, failures: 0, refusals: 0 });
  }
}
