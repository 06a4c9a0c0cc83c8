// One message on its way to the carrier, called by the consumer: claimed first, then sent and reported behind the answer. One
// connection at a time, as for the attempt of a callback.

import { WorkerEntrypoint } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { isHeld } from "../../account/known.ts";
import { errorText, log } from "../../log.ts";
import { insist, LONGEST_BACKGROUND_MS, messageKeeper, tell } from "../../objects.ts";
import { settingsOf } from "../../settings.ts";
import type { CarrierName } from "../carriers/carrier-settings.ts";
import type { Sent } from "../carriers/carrier.ts";
import { carrierOf } from "../carriers/carriers.ts";
import { bookOf, type SendClaim, type SendJob } from "../message.ts";

export class MessageSending extends WorkerEntrypoint<Env> {
  /**
   * Claims the message and returns; sending and its report follow behind. Throws when the object cannot be reached: then
   * nothing was sent. If this invocation dies on the way, the claim's lease ends and the message has failed, because it may
   * have been sent.
   */
  async start(job: SendJob): Promise<void> {
    const { carrier } = settingsOf(this.env);
    const claimId = nanoid();
    try {
      // Where messages of before there were books are kept, it is known.
      const isSuspended = bookOf(job.msgid) === null ? undefined : await insist(() => isHeld(this.env, job.sid));
      // A claim whose answer was lost is given again to the one who asked.
      const claim = await insist((until) =>
        messageKeeper(this.env, job.sid, job.msgid).claimMessage(job.msgid, carrier, claimId, until, isSuspended),
      );
      // Without a carrier the message waits, and says so: then nothing is claimed.
      if (claim.kind === "claimed" && carrier !== undefined)
        this.ctx.waitUntil(this.#send(job, carrier, claimId, claim));
    } catch (error) {
      // It may be claimed all the same, and would fail with the lease as if it had been sent.
      const unsent: Sent = { kind: "later", reason: "its account could not be reached", retryAfterSeconds: null };
      this.ctx.waitUntil(this.#note(job, carrier, claimId, unsent, Date.now() + LONGEST_BACKGROUND_MS));
      throw error;
    }
  }

  async #send(
    job: SendJob,
    carrier: CarrierName,
    claimId: string,
    claim: SendClaim & { kind: "claimed" },
  ): Promise<void> {
    const end = Date.now() + LONGEST_BACKGROUND_MS;
    const { sid, msgid } = job;
    const { origin, sender, recipient, text } = claim;
    const reportUrl = `${origin}/sms/reports/${carrier}/${sid}/${msgid}`;
    const sent = await carrierOf(settingsOf(this.env), carrier).send({ msgid, sender, recipient, text, reportUrl });
    await this.#note(job, carrier, claimId, sent, end);
  }

  async #note(
    { sid, msgid }: SendJob,
    carrier: CarrierName | undefined,
    claimId: string,
    sent: Sent,
    end: number,
  ): Promise<void> {
    try {
      const status = await tell(end, () => messageKeeper(this.env, sid, msgid).messageSent(msgid, claimId, sent));
      const problem = sent.kind === "later" ? sent.problem : undefined;
      log("message.sent", { sid, msgid, carrier, outcome: sent.kind, status, problem });
    } catch (error) {
      log("message.report_failed", { sid, msgid, carrier, outcome: sent.kind, error: errorText(error) });
    }
  }
}
