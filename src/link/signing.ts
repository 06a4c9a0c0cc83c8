// With which secrets a link signs. They are its account's: whoever claims an attempt has asked for those of now. While the account is out of
// reach those sign that the link has a copy of.

import type { Claim } from "../callback/callback.ts";
import type { CallbackLedger } from "../callback/ledger.ts";
import { openSecrets } from "../callback/sealed.ts";
import { errorText, log } from "../log.ts";
import { accountObject, refuseLate, within } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import type { Keeping } from "./keeping.ts";
import type { LinkRows } from "./link-rows.ts";
import type { StoredLink } from "./stored-link.ts";

/** Shorter than the caller of a claim waits: or it would be gone when the attempt is claimed, and the attempt lost. */
const ACCOUNT_TIMEOUT_MS = 3_000;

export class Signing {
  readonly #keeping: Keeping;
  readonly #rows: LinkRows;
  readonly #ledger: CallbackLedger;

  constructor(keeping: Keeping, rows: LinkRows, ledger: CallbackLedger) {
    this.#keeping = keeping;
    this.#rows = rows;
    this.#ledger = ledger;
  }

  /**
   * Gives out the right to make the next POST, with what signs it. Rejects while that cannot be had, or when the caller has given up.
   * @param told see `Link.claimAttempt`
   */
  async claim(eventId: string, until: number, told: readonly string[] | null | undefined): Promise<Claim> {
    const before = this.#rows.read();
    if (before === undefined || !this.#ledger.isClaimable(eventId, Date.now())) return { kind: "nothing" };
    const sealed = told ?? (await this.#sealed(before, told === null));
    const secrets = await openSecrets(settingsOf(this.#keeping.env()).sealingKeys, sealed);
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    refuseLate(until);
    const claim = this.#keeping.write(() => {
      const copy = JSON.stringify(sealed);
      if (copy !== before.sealedSecrets) this.#rows.set({ sealedSecrets: copy });
      // Nobody could tell that it was us.
      if (secrets.length === 0) this.#ledger.withdraw(eventId);
      return this.#ledger.claim(eventId, Date.now());
    });
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** Newest first; none when the account is closed. */
  async #sealed({ accountSid, sealedSecrets }: StoredLink, isOutOfReach: boolean): Promise<readonly string[]> {
    const copy = sealedSecrets === null ? null : (JSON.parse(sealedSecrets) as string[]);
    if (isOutOfReach && copy !== null) return copy;
    try {
      return await within(ACCOUNT_TIMEOUT_MS, () => accountObject(this.#keeping.env(), accountSid).sealedSecrets());
    } catch (error) {
      if (copy === null) throw error;
      log("account.secrets_failed", { error: errorText(error) });
      return copy;
    }
  }
}
