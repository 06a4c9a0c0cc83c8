// The recovery queue's consumer: replays accesses that their objects could not take at once.

import type { Access } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { CALL_TIMEOUT_MS, within } from "../objects.ts";
import { type Delays, forEachJob } from "../queue.ts";
import { type AccessJob, bring } from "./record-access.ts";

/** What the version of before has sent, or still sends: one access. */
interface SingleAccessJob {
  code: string;
  access: Access;
}

/** With the 100 retries of wrangler.toml this sums up to 13.8 days: no queue keeps a message for longer than 14. */
const DELAYS: Delays = { firstSeconds: 10, longestSeconds: 13_200 };
const LAST_DELIVERY = 101;

/** Each batch of accesses comes to its object as it would have come at once, and by itself: one that fails, fails alone. */
export async function consumeAccesses(batch: MessageBatch<AccessJob | SingleAccessJob>, env: Env): Promise<void> {
  await forEachJob(
    batch,
    async (job, delivery) => {
      try {
        await replay(job, env);
      } catch (error) {
        if (delivery === LAST_DELIVERY) log("access.lost", { deliveries: delivery, error: errorText(error) });
        throw error;
      }
    },
    DELAYS,
  );
}

async function replay(job: AccessJob | SingleAccessJob, env: Env): Promise<void> {
  const whole = "access" in job ? { code: job.code, accesses: [job.access], batch: job.access.id } : job;
  await within(CALL_TIMEOUT_MS, () => bring(env, whole));
}
