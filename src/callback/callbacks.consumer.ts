// The consumers of the callback queue and of its dead letters. They carry; the link's object decides.

import { errorText, log } from "../log.ts";
import { linkObject } from "../objects.ts";
import type { CallbackJob } from "./callback.ts";

const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 300;

/** Every job ends in exactly one of ack (an attempt began, or none is due) and retry (its object is out of reach). */
export async function consumeCallbacks(batch: MessageBatch<CallbackJob>, ctx: ExecutionContext): Promise<void> {
  await forEachJob(batch, (job) => ctx.exports.CallbackAttempt.start(job));
}

/** What could not be handed over goes back to its object: if it still owes the callback, it sends a new job. */
export async function consumeDeadCallbacks(batch: MessageBatch<CallbackJob>, env: Env): Promise<void> {
  await forEachJob(batch, (job) => linkObject(env, job.code).takeBackJob(job.eventId));
}

async function forEachJob(batch: MessageBatch<CallbackJob>, handle: (job: CallbackJob) => Promise<unknown>) {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await handle(message.body);
        message.ack();
      } catch (error) {
        log("callback.job_failed", { queue: batch.queue, attempts: message.attempts, error: errorText(error) });
        message.retry({
          delaySeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (message.attempts - 1), LONGEST_DELAY_SECONDS),
        });
      }
    }),
  );
}
