// One attempt, called by the consumer: it goes on behind its answer, so that a receiver that hangs holds up neither its batch
// nor the queue (a consumer's next batch waits until this one is done). Its connections are those of the whole batch, which
// has six: so it opens one at a time, and wrangler.toml gives a batch five jobs.

import { WorkerEntrypoint } from "cloudflare:workers";
import { signingSecretsOf } from "../account/known.ts";
import { errorText, log } from "../log.ts";
import { callbackOwner, insist, LONGEST_BACKGROUND_MS, tell } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import type { CallbackJob, Claimed } from "./callback.ts";
import { deliver } from "./deliver.ts";

export class CallbackAttempt extends WorkerEntrypoint<Env> {
  /**
   * Claims the attempt and returns; the POST and its report follow behind. Throws when the object cannot be reached: then
   * nothing was sent. If this invocation dies on the way, the claim's lease ends and the object tries again.
   */
  async start(job: CallbackJob): Promise<void> {
    const secrets = await this.#secretsFor(job);
    // A claim whose answer was lost is not given out again before its lease ends, so asking again is harmless.
    const claim = await insist((until) => callbackOwner(this.env, job).claimAttempt(job.eventId, until, secrets));
    if (claim.kind === "claimed") this.ctx.waitUntil(this.#deliver(job, claim));
  }

  /** Null while their account is out of reach; undefined where the object knows them itself, or whose they are. */
  async #secretsFor(job: CallbackJob): Promise<readonly string[] | null | undefined> {
    const account = "book" in job ? job.sid : job.account;
    if (account === undefined) return undefined;
    try {
      return await signingSecretsOf(this.env, account);
    } catch (error) {
      log("account.secrets_failed", { error: errorText(error) });
      return null;
    }
  }

  async #deliver(job: CallbackJob, claim: Claimed): Promise<void> {
    const end = Date.now() + LONGEST_BACKGROUND_MS;
    const settings = settingsOf(this.env);
    const rules = { allowLocal: settings.allowLocalAddresses, ownHosts: [claim.ownHost] };
    if (settings.shortDomain !== undefined) rules.ownHosts.push(settings.shortDomain);
    const outcome = await deliver({ ...claim, eventId: job.eventId }, rules, settings.callbackTimeoutSeconds);
    const { eventId, account: _account, ...owner } = job;
    try {
      const { attempt } = claim;
      const state = await tell(end, () => callbackOwner(this.env, job).reportAttempt({ eventId, attempt, outcome }));
      const facts = { ...owner, event_id: eventId, attempt, status: outcome.status, error: outcome.error };
      log("callback.attempted", { ...facts, duration_ms: outcome.durationMs, state });
    } catch (error) {
      log("callback.report_failed", { ...owner, event_id: eventId, error: errorText(error) });
    }
  }
}
