// The event of a message: its delivery report, as the SMS API shows the message.

import type { CallbackEvent } from "../../callback/callback.ts";
import { callbackEvent } from "../../callback/event.ts";
import type { Message } from "../message.ts";
import { impersonal } from "../reason.ts";
import { messageView } from "../status/message-view.ts";

/** `message.delivered` or `message.failed`, by the message's final status. `at` is Unix milliseconds. */
export function deliveryEvent(message: Message, at: number): CallbackEvent {
  const type = message.status === "DELIVERED" ? "message.delivered" : "message.failed";
  return callbackEvent(type, at, messageView(message));
}

/** The body of a delivery report, without what is erased with its message. */
export function withoutPerson(body: string): string {
  const event = JSON.parse(body) as { data: { reason: string | null } };
  return JSON.stringify({
    ...event,
    data: { ...event.data, recipient: null, reason: impersonal(event.data.reason) },
  });
}
