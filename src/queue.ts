// The rules for jobs: each ends in exactly one of ack and retry, whatever happens to the others of its batch; and one of which
// nothing is heard is sent again.

import { errorText, log } from "./log.ts";

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

/** A job that cannot be handed over comes again after the first of these; the wait doubles each time, up to the longest. */
export interface Delays {
  firstSeconds: number;
  longestSeconds: number;
}

/** For jobs of which the object knows, too: it sends another when one does not come. */
const DELAYS: Delays = { firstSeconds: 2, longestSeconds: 300 };

/**
 * Handles the jobs side by side, so that one that fails, or is none, fails alone. `handle` is told which delivery of the job it
 * is, from 1 on.
 */
export async function forEachJob<Job>(
  batch: MessageBatch<Job>,
  handle: (job: Job, delivery: number) => Promise<unknown>,
  { firstSeconds, longestSeconds } = DELAYS,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await handle(message.body, message.attempts);
        message.ack();
      } catch (error) {
        log("queue.job_failed", { queue: batch.queue, attempts: message.attempts, error: errorText(error) });
        message.retry({ delaySeconds: Math.min(firstSeconds * 2 ** (message.attempts - 1), longestSeconds) });
      }
    }),
  );
}
