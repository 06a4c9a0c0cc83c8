// The Worker on one screen: taps, everything else, the queues, and the objects.

import { app } from "./app.ts";
import type { LinkReport } from "./book/book.ts";
import { consumeReports } from "./book/reports.consumer.ts";
import type { CallbackJob } from "./callback/callback.ts";
import { consumeCallbacks, consumeDeadCallbacks } from "./callback/callbacks.consumer.ts";
import { codeInPath } from "./link/code.ts";
import { consumeAccesses } from "./redirect/accesses.consumer.ts";
import type { AccessJob } from "./redirect/record-access.ts";
import { redirect } from "./redirect/redirect.ts";
import { wakeAccounts } from "./wake/wake-accounts.ts";
import type { WakeJob } from "./wake/wake.ts";
import { consumeWakes } from "./wake/wakes.consumer.ts";
import type { SendJob } from "./sms/message.ts";
import { consumeMessages } from "./sms/send/messages.consumer.ts";

export { Account } from "./account/account.do.ts";
export { Book } from "./book/book.do.ts";
export { CallbackAttempt } from "./callback/attempt.entrypoint.ts";
export { Campaign } from "./campaign/campaign.do.ts";
export { CampaignPart } from "./campaign/part.do.ts";
export { Link } from "./link/link.do.ts";
export { MessageSending } from "./sms/send/message-sending.entrypoint.ts";

/** By the end of a queue's name: what comes before it is the deployment's, so that two fit into one account. */
const CONSUMERS: Readonly<
  Record<string, (batch: MessageBatch<never>, env: Env, ctx: ExecutionContext) => Promise<void>>
> = {
  "-accesses": (batch: MessageBatch<AccessJob>, env) => consumeAccesses(batch, env),
  "-callbacks": (batch: MessageBatch<CallbackJob>, _, ctx) => consumeCallbacks(batch, ctx),
  "-callbacks-dead": (batch: MessageBatch<CallbackJob>, env) => consumeDeadCallbacks(batch, env),
  "-messages": (batch: MessageBatch<SendJob>, _, ctx) => consumeMessages(batch, ctx),
  "-reports": (batch: MessageBatch<LinkReport>, env) => consumeReports(batch, env),
  "-wakes": (batch: MessageBatch<WakeJob>, env) => consumeWakes(batch, env),
};

export default {
  fetch(request, env, ctx) {
    const code = codeInPath(new URL(request.url).pathname);
    return code === undefined ? app.fetch(request, env, ctx) : redirect(request, code, env, ctx);
  },

  async queue(batch, env, ctx) {
    const end = Object.keys(CONSUMERS).find((name) => batch.queue.endsWith(name));
    const consume = CONSUMERS[end ?? ""];
    if (consume === undefined) throw new Error(`The queue ${batch.queue} has no consumer in src/index.ts`);
    await consume(batch as MessageBatch<never>, env, ctx);
  },

  async scheduled(_controller, env) {
    await wakeAccounts(env);
  },
} satisfies ExportedHandler<Env>;
