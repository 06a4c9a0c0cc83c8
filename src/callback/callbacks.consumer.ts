// The consumers of the callback queue and of its dead letters. They carry; the object that owes decides.

import { forEachJob } from "../queue.ts";
import { CALL_TIMEOUT_MS, callbackOwner, within } from "../objects.ts";
import type { CallbackJob } from "./callback.ts";

/** Every job ends in exactly one of ack (an attempt began, or none is due) and retry (its object is out of reach). */
export async function consumeCallbacks(batch: MessageBatch<CallbackJob>, ctx: ExecutionContext): Promise<void> {
  await forEachJob(batch, (job) => ctx.exports.CallbackAttempt.start(job));
}

/** What could not be handed over goes back to its object: if it still owes the callback, it sends a new job. */
export async function consumeDeadCallbacks(batch: MessageBatch<CallbackJob>, env: Env): Promise<void> {
  await forEachJob(batch, (job) =>
    within(CALL_TIMEOUT_MS, (until) => callbackOwner(env, job).takeBackJob(job.eventId, until)),
  );
}
