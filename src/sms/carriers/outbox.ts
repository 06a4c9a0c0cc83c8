// The embedded carrier, for trying everything without a contract: each message stays in the account's outbox
// (GET /sms/outbox). A local server prints it, because its link is there to be opened, and calls it delivered. Elsewhere
// somebody may believe that it was, so there it has failed.

import { log } from "../../log.ts";
import type { MakeCarrier } from "./carrier.ts";

export const outbox: MakeCarrier = (_, isLocal) => ({
  send({ msgid, text }) {
    if (!isLocal) return Promise.resolve({ kind: "refused", reason: "outbox: not sent" });
    log("outbox.message", { msgid, text });
    return Promise.resolve({ kind: "accepted", carrierId: null, isDelivered: true });
  },
});
