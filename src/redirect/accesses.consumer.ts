// The recovery queue's consumer: replays accesses that their objects could not take at once.

import { errorText, log } from "../log.ts";
import { linkObject } from "../objects.ts";
import type { AccessJob } from "./record-access.ts";

const FIRST_DELAY_SECONDS = 10;
/** With the 100 retries of wrangler.toml this sums up to 23.6 hours; a free plan's queue keeps a message for 24. */
const LONGEST_DELAY_SECONDS = 900;
const LAST_DELIVERY = 101;

/** Every message ends in exactly one of ack (recorded, or nothing to record) and retry (the object is out of reach). */
export async function consumeAccesses(batch: MessageBatch<AccessJob>, env: Env): Promise<void> {
  await Promise.all(batch.messages.map((message) => replay(message, env)));
}

async function replay(message: Message<AccessJob>, env: Env): Promise<void> {
  try {
    await linkObject(env, message.body.code).access(message.body.access);
    message.ack();
  } catch (error) {
    log(message.attempts < LAST_DELIVERY ? "access.replay_failed" : "access.lost", {
      attempts: message.attempts,
      error: errorText(error),
    });
    message.retry({ delaySeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (message.attempts - 1), LONGEST_DELAY_SECONDS) });
  }
}
