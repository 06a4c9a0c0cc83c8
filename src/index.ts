// The Worker on one screen: taps, everything else, the queues, and the objects.

import { app } from "./app.ts";
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
export { CallbackAttempt } from "./callback/attempt.entrypoint.ts";
export { Link } from "./link/link.do.ts";
export { MessageSending } from "./sms/send/message-sending.entrypoint.ts";

export default {
  fetch(request, env, ctx) {
    const code = codeInPath(new URL(request.url).pathname);
    return code === undefined ? app.fetch(request, env, ctx) : redirect(request, code, env, ctx);
  },

  async queue(batch, env, ctx) {
    switch (batch.queue) {
      case "firsttap-accesses":
        return consumeAccesses(batch as MessageBatch<AccessJob>, env);
      case "firsttap-callbacks":
        return consumeCallbacks(batch as MessageBatch<CallbackJob>, ctx);
      case "firsttap-callbacks-dead":
        return consumeDeadCallbacks(batch as MessageBatch<CallbackJob>, env);
      case "firsttap-messages":
        return consumeMessages(batch as MessageBatch<SendJob>, ctx);
      case "firsttap-wakes":
        return consumeWakes(batch as MessageBatch<WakeJob>, env);
    }
    throw new Error(`The queue ${batch.queue} has no consumer in src/index.ts`);
  },

  async scheduled(_controller, env) {
    await wakeAccounts(env);
  },
} satisfies ExportedHandler<Env>;
