// The embedded carrier, for trying everything without a contract: each message stays in the account's outbox
// (GET /sms/outbox). A local server prints it, because its link is there to be opened, and calls it delivered. Elsewhere
// somebody may believe that it was, so there it has failed.

import { log } from "../../log.ts";
import type { MakeCarrier } from "./carrier.ts";
import { LONG_NAMES_OR_SERVICES } from "./senders.ts";

export const outbox: MakeCarrier = (_, isLocal) => ({
  // All that any carrier takes, so that it can be tried.
  takes: { longestText: 1_600, ...LONG_NAMES_OR_SERVICES },
  send({ msgid, text }) {
    if (!isLocal) return Promise.resolve({ kind: "refused", reason: "outbox: not sent" });
    log("outbox.message", { msgid, text });
    return Promise.resolve({ kind: "accepted", carrierId: null, isDelivered: true });
  },
});
