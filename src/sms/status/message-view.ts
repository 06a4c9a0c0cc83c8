// A message in the SMS API's shape (Xoxzo's), and beside it what only firsttap knows.

import type { CallbackView } from "../../callback/callback.ts";
import { toJson } from "../../http/json.ts";
import type { LinkTracking } from "../../link/link.ts";
import type { Message, MessageWithCallback } from "../message.ts";

/** `YYYY-MM-DD HH:MM:SS` in UTC, from Unix milliseconds. */
export function apiTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** A message as the list and its delivery report show it. */
export function messageView(message: Message) {
  const { msgid, origin, sender, recipient, status, reason, createdAt, cost, parts, tags, reference, link } = message;
  return {
    msgid,
    url: messageUrl(origin, msgid),
    sender,
    recipient,
    status,
    reason,
    sent_time: apiTime(createdAt),
    cost,
    parts,
    tags,
    reference,
    ...(link !== null && {
      link_tracking: {
        link: link.destination,
        shortlink: link.shortUrl,
        ...accessView(message.firstAccessedAt),
      },
    }),
  };
}

/** A message with its callbacks, and with its link's accesses; `tracking` is null when the link's object has none. */
export function messageStatusView(message: MessageWithCallback, tracking: LinkTracking | null) {
  const view = messageView(message);
  return {
    ...view,
    // Ours, so in our own form: ISO 8601 instants.
    given_at: isoTime(message.givenAt),
    settled_at: isoTime(message.settledAt),
    callback: callbackView(message.callback),
    ...(view.link_tracking !== undefined && {
      link_tracking: { ...view.link_tracking, ...(tracking !== null && trackingView(tracking)) },
    }),
  };
}

/** A message as the outbox shows it: with its text. */
export function outboxView(message: Message) {
  return { ...messageView(message), message: message.text };
}

function messageUrl(origin: string, msgid: string): string {
  return `${origin}/sms/messages/${msgid}/`;
}

function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function accessView(firstAccessedAt: number | null) {
  return {
    accessed: firstAccessedAt !== null,
    accessed_on: firstAccessedAt === null ? null : apiTime(firstAccessedAt),
  };
}

function trackingView({ destination, firstAccessedAt, personCount, personAccesses, callback }: LinkTracking) {
  return {
    link: destination,
    ...accessView(firstAccessedAt),
    access_count: personCount,
    accesses: personAccesses.map(apiTime),
    callback: callbackView(callback),
  };
}

// The same.
function callbackView({ attempts, ...callback }: CallbackView): unknown {
  return toJson({ ...callback, attempts: attempts.map((attempt) => ({ ...attempt })) });
}
