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
    const copy = before.sealedSecrets === null ? null : (JSON.parse(before.sealedSecrets) as string[]);
    const sealed = await sealedSecrets(this.#keeping.env(), before.accountSid, copy, told);
    const secrets = await openSecrets(settingsOf(this.#keeping.env()).sealingKeys, sealed);
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    refuseLate(until);
    const claim = this.#keeping.write(() => {
      const newest = JSON.stringify(sealed);
      if (newest !== before.sealedSecrets) this.#rows.set({ sealedSecrets: newest });
      // Nobody could tell that it was us.
      if (secrets.length === 0) this.#ledger.withdraw(eventId);
      return this.#ledger.claim(eventId, Date.now());
    });
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }
}

/**
 * The secrets with which something of an account is signed now, as they are sealed, newest first; none when the account is closed.
 * Rejects while they cannot be had.
 * @param copy those that were known last; null is none
 * @param told those of now, of who claims; null while the account is out of reach, undefined where nobody has asked it
 */
export async function sealedSecrets(
  env: Env,
  accountSid: string,
  copy: readonly string[] | null,
  told: readonly string[] | null | undefined,
): Promise<readonly string[]> {
  if (told != null) return told;
  if (told === null && copy !== null) return copy;
  try {
    return await within(ACCOUNT_TIMEOUT_MS, () => accountObject(env, accountSid).sealedSecrets());
  } catch (error) {
    if (copy === null) throw error;
    log("account.secrets_failed", { error: errorText(error) });
    return copy;
  }
}
