// The consumer of the messages' queue. It carries; the object that keeps a message decides.

import { forEachJob } from "../../queue.ts";
import type { SendJob } from "../message.ts";

/** Each sending goes on behind its answer: a carrier that hangs holds up neither its batch nor the queue. */
export async function consumeMessages(batch: MessageBatch<SendJob>, ctx: ExecutionContext): Promise<void> {
  await forEachJob(batch, (job) => ctx.exports.MessageSending.start(job));
}
