// One message on its way to the carrier, in an invocation of its own: claimed first, then sent, then reported.

import { WorkerEntrypoint } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { errorText, log } from "../../log.ts";
import { accountObject, insist } from "../../objects.ts";
import { settingsOf } from "../../settings.ts";
import type { CarrierName } from "../carriers/carrier-settings.ts";
import type { Sent } from "../carriers/carrier.ts";
import { carrierOf } from "../carriers/carriers.ts";
import type { SendClaim, SendJob } from "../message.ts";

/** Knocking and asking may have taken 15 of the 30 seconds that `waitUntil` has; a third try would pass them. */
const NOTE_TRIES = 2;

export class MessageSending extends WorkerEntrypoint<Env> {
  /**
   * Claims the message and returns; sending and its report follow behind. Throws when the object cannot be reached or no
   * carrier is set up: then nothing was sent. If this invocation dies on the way, the claim's lease ends and the message has failed, because
   * it may have been sent.
   */
  async start(job: SendJob): Promise<void> {
    const { carrier } = settingsOf(this.env);
    if (carrier === undefined) throw new Error("no carrier is set up: the problem is in the log line settings.wrong");
    const claimId = nanoid();
    try {
      // A claim whose answer was lost is given again to the one who asked.
      const claim = await insist((until) =>
        accountObject(this.env, job.sid).claimMessage(job.msgid, carrier, claimId, until),
      );
      if (claim.kind === "claimed") this.ctx.waitUntil(this.#send(job, carrier, claimId, claim));
    } catch (error) {
      // It may be claimed all the same, and would fail with the lease as if it had been sent.
      const unsent: Sent = { kind: "later", reason: "its account could not be reached", retryAfterSeconds: null };
      this.ctx.waitUntil(this.#note(job, carrier, claimId, unsent));
      throw error;
    }
  }

  async #send(
    job: SendJob,
    carrier: CarrierName,
    claimId: string,
    claim: SendClaim & { kind: "claimed" },
  ): Promise<void> {
    const { sid, msgid } = job;
    const { origin, sender, recipient, text } = claim;
    const reportUrl = `${origin}/sms/reports/${carrier}/${sid}/${msgid}`;
    const sent = await carrierOf(settingsOf(this.env), carrier).send({ msgid, sender, recipient, text, reportUrl });
    await this.#note(job, carrier, claimId, sent);
  }

  async #note({ sid, msgid }: SendJob, carrier: CarrierName, claimId: string, sent: Sent): Promise<void> {
    try {
      const status = await insist(() => accountObject(this.env, sid).messageSent(msgid, claimId, sent), NOTE_TRIES);
      log("message.sent", { sid, msgid, carrier, outcome: sent.kind, status });
    } catch (error) {
      log("message.report_failed", { sid, msgid, carrier, outcome: sent.kind, error: errorText(error) });
    }
  }
}
