// The lines in the account's own list: of a link without a book, and of a code's links before this one. The list answers with the secrets
// that sign now.

import type { ListedName } from "../account/link-list.ts";
import { errorText, log } from "../log.ts";
import { accountObject, within } from "../objects.ts";
import { retryDelayMs } from "./duty-schedule.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { PastLinks } from "./past-links.ts";
import { endOf, factsOf, keptUntil, type StoredLink } from "./stored-link.ts";

/** A silent account must not hold up a link: what it is asked for is asked again later. */
const ACCOUNT_TIMEOUT_MS = 3_000;

export class Listing {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  readonly #past: PastLinks;

  constructor(keeping: Keeping, rows: LinkRows, past: PastLinks) {
    this.#keeping = keeping;
    this.#rows = rows;
    this.#past = past;
  }

  /** The account's list shows what this object knows; the revision keeps an older copy from winning. Rejects when it cannot be told. */
  async list(): Promise<void> {
    const link = this.#rows.read();
    if (link === undefined) return;
    // What came to the list now would stay there for ever.
    if (Date.now() >= keptUntil(link)) return this.#rows.set({ listingDueAt: null });
    const { firstAccessedAt, closedAt, endedReason, revision } = link;
    const account = accountObject(this.#keeping.env(), link.accountSid);
    const summary = { ...factsOf(link), firstAccessedAt, closedAt, endedReason, revision };
    const secrets = await within(ACCOUNT_TIMEOUT_MS, (until) => account.listLink(summary, until));
    // It was closed while this link was made, so this was not among the links that ended with it.
    if (secrets === null && closedAt === null) return this.#keeping.accountGone(link.accountSid);
    if (this.#rows.read()?.revision === revision)
      this.#rows.set({ listingDueAt: null, failures: 0, sealedSecrets: JSON.stringify(secrets ?? []) });
  }

  /** Takes this link's line off the list; those of a book stay there, and say that it has ended. Rejects when the list cannot be told. */
  async unlist(link: StoredLink): Promise<void> {
    const { accountSid, createdAt, code, msgid } = link;
    if (link.book === null) await this.#unlist(accountSid, { createdAt, code, msgid }, endOf(link));
  }

  /** Takes the lines of this code's earlier links off the list, which are due at `now`. */
  async unlistPast({ accountSid, code }: StoredLink, now: number): Promise<void> {
    for (const { createdAt, endedAt, failures } of this.#past.due(now))
      try {
        // No message has a chosen code.
        await this.#unlist(accountSid, { createdAt, code, msgid: null }, endedAt);
        this.#keeping.write(() => this.#past.remove(createdAt));
      } catch (error) {
        log("link.listing_failed", { error: errorText(error) });
        this.#keeping.write(() => this.#past.postpone(createdAt, Date.now() + retryDelayMs(failures)));
      }
  }

  async #unlist(accountSid: string, line: ListedName, endedAt: number): Promise<void> {
    const account = accountObject(this.#keeping.env(), accountSid);
    await within(ACCOUNT_TIMEOUT_MS, (until) => account.unlistLink(line, endedAt, until));
  }
}
