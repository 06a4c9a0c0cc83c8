// The recovery queue's consumer: replays accesses that their objects could not take at once.

import { errorText, log } from "../log.ts";
import { linkObject } from "../objects.ts";
import type { AccessJob } from "./record-access.ts";

const FIRST_DELAY_SECONDS = 10;
/** With the 100 retries of wrangler.toml this sums up to 23.6 hours; a free plan's queue keeps a message for 24. */
const LONGEST_DELAY_SECONDS = 900;
const LAST_DELIVERY = 101;

/**
 * Every message ends in exactly one of ack (recorded, or nothing to record) and retry (the object is out of reach). Those of
 * one link travel together.
 */
export async function consumeAccesses(batch: MessageBatch<AccessJob>, env: Env): Promise<void> {
  const byLink = Map.groupBy(batch.messages, ({ body }) => body.code);
  await Promise.all([...byLink].map(([code, messages]) => replay(code, messages, env)));
}

async function replay(code: string, messages: readonly Message<AccessJob>[], env: Env): Promise<void> {
  try {
    await linkObject(env, code).record(messages.map(({ body }) => body.access));
    for (const message of messages) message.ack();
  } catch (error) {
    for (const message of messages) tryAgain(message, errorText(error));
  }
}

function tryAgain(message: Message<AccessJob>, error: string): void {
  const { attempts } = message;
  log(attempts < LAST_DELIVERY ? "access.replay_failed" : "access.lost", { attempts, error });
  message.retry({ delaySeconds: Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS) });
}
