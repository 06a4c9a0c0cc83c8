// The consumer of the messages' queue. It carries; the account's object decides.

import { forEachJob } from "../../queue.ts";
import type { SendJob } from "../message.ts";

/** Each sending runs in an invocation of its own: a carrier that hangs holds up neither its batch nor the queue. */
export async function consumeMessages(batch: MessageBatch<SendJob>, ctx: ExecutionContext): Promise<void> {
  await forEachJob(batch, (job) => ctx.exports.MessageSending.start(job));
}
