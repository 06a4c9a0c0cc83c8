// The recovery queue's consumer: replays accesses that their objects could not take at once.

import { errorText, log } from "../log.ts";
import { linkObject } from "../objects.ts";
import type { AccessJob } from "./record-access.ts";

const FIRST_DELAY_SECONDS = 10;
/** With 100 deliveries (wrangler.toml) this reaches beyond the 24 hours that a free plan's queue keeps a message. */
const LONGEST_DELAY_SECONDS = 900;

/** Every message ends in exactly one of ack (recorded, or nothing to record) and retry (the object is out of reach). */
export async function consumeAccesses(batch: MessageBatch<AccessJob>, env: Env): Promise<void> {
  await Promise.all(batch.messages.map((message) => replay(message, env)));
}

async function replay(message: Message<AccessJob>, env: Env): Promise<void> {
  try {
    await linkObject(env, message.body.code).access(message.body.access);
    message.ack();
  } catch (error) {
    log("access.replay_failed", { attempts: message.attempts, error: errorText(error) });
    message.retry({ delaySeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (message.attempts - 1), LONGEST_DELAY_SECONDS) });
  }
}
