// From the ledger to the queue: the object's alarm hands over what is due.

import { errorText, log } from "../log.ts";
import { QUEUE_TIMEOUT_MS, within } from "../objects.ts";
import type { CallbackJob, CallbackOwner, OfAccount } from "./callback.ts";
import type { CallbackLedger } from "./ledger.ts";

/** Sends a job for each event that is due. Never throws: what the queue refuses comes due again after its lease. */
export async function sendDueJobs(
  ledger: CallbackLedger,
  env: Env,
  owner: CallbackOwner & OfAccount,
  now: number,
): Promise<void> {
  const jobs = ledger.dueJobs(now);
  if (jobs.length === 0) return;
  try {
    const bodies = jobs.map(({ eventId }) => ({ body: { ...owner, eventId } satisfies CallbackJob }));
    // A queue that is silent must not hold up the next alarm. If it takes the jobs later, claims decide.
    await within(QUEUE_TIMEOUT_MS, () => env.CALLBACKS.sendBatch(bodies));
  } catch (error) {
    log("callback.send_failed", { error: errorText(error) });
  }
  for (const job of jobs) ledger.jobSent(job, Date.now());
}
