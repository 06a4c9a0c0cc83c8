// The event of a message: its delivery report, as the SMS API shows the message.

import type { CallbackEvent } from "../../callback/callback.ts";
import { callbackEvent } from "../../callback/event.ts";
import type { Message } from "../message.ts";
import { messageView } from "../status/message-view.ts";

/** `message.delivered` or `message.failed`, by the message's final status. `at` is Unix milliseconds. */
export function deliveryEvent(message: Message, at: number): CallbackEvent {
  const type = message.status === "DELIVERED" ? "message.delivered" : "message.failed";
  return callbackEvent(type, at, messageView(message));
}
