// The rules for jobs: each ends in exactly one of ack and retry, whatever happens to the others of its batch; and one of which
// nothing is heard is sent again.

import { errorText, log } from "./log.ts";

const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 300;
const FIRST_LEASE_MS = 20_000;
const LONGEST_LEASE_MS = 3_600_000;

/**
 * After so many milliseconds without a claim, a job counts as lost and is sent again. Doubles with every job sent, so that a slow
 * queue is not flooded.
 * @param jobsSent how many were sent for the same thing, from 1
 */
export function jobLeaseMs(jobsSent: number): number {
  return Math.min(FIRST_LEASE_MS * 2 ** (jobsSent - 1), LONGEST_LEASE_MS);
}

/** Handles the jobs side by side. One that cannot be handed over now comes again, after a wait that doubles. */
export async function forEachJob<Job>(batch: MessageBatch<Job>, handle: (job: Job) => Promise<unknown>): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await handle(message.body);
        message.ack();
      } catch (error) {
        log("queue.job_failed", { queue: batch.queue, attempts: message.attempts, error: errorText(error) });
        message.retry({
          delaySeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (message.attempts - 1), LONGEST_DELAY_SECONDS),
        });
      }
    }),
  );
}
