// The one rule for jobs: each ends in exactly one of ack and retry, whatever happens to the others of its batch.

import { errorText, log } from "./log.ts";

const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 300;

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
