// One attempt, in an invocation of its own: it has its own six connections and its own time, so that a receiver that
// hangs holds up neither its batch nor the queue (a consumer's next batch waits until this one is done).

import { WorkerEntrypoint } from "cloudflare:workers";
import { errorText, log } from "../log.ts";
import { insist, linkObject } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import type { CallbackJob, Claimed } from "./callback.ts";
import { deliver } from "./deliver.ts";

export class CallbackAttempt extends WorkerEntrypoint<Env> {
  /**
   * Claims the attempt and returns; the POST and its report follow behind. Throws when the object cannot be reached: then
   * nothing was sent. If this invocation dies on the way, the claim's lease ends and the object tries again.
   */
  async start(job: CallbackJob): Promise<void> {
    // A claim whose answer was lost is not given out again before its lease ends, so asking again is harmless.
    const claim = await insist(() => linkObject(this.env, job.code).claimAttempt(job.eventId));
    if (claim.kind === "claimed") this.ctx.waitUntil(this.#deliver(job, claim));
  }

  async #deliver(job: CallbackJob, claim: Claimed): Promise<void> {
    const settings = settingsOf(this.env);
    const rules = { allowLocal: settings.allowLocalAddresses, ownHosts: [new URL(claim.shortUrl).host] };
    if (settings.shortDomain !== undefined) rules.ownHosts.push(settings.shortDomain);
    const outcome = await deliver({ ...claim, eventId: job.eventId }, rules, settings.callbackTimeoutSeconds);
    try {
      const report = { eventId: job.eventId, attempt: claim.attempt, outcome };
      const state = await insist(() => linkObject(this.env, job.code).reportAttempt(report));
      const { code, eventId } = job;
      const facts = { code, event_id: eventId, attempt: claim.attempt, status: outcome.status, error: outcome.error };
      log("callback.attempted", { ...facts, duration_ms: outcome.durationMs, state });
    } catch (error) {
      log("callback.report_failed", { code: job.code, event_id: job.eventId, error: errorText(error) });
    }
  }
}
