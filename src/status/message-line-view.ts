// A message as one line of GET /api/messages: in our own form, beside which the SMS API has its.

import type { Message } from "../sms/message.ts";

export function messageLineView(message: Message) {
  const { msgid, sender, recipient, status, reason, createdAt, parts, cost, tags, reference, link, firstAccessedAt } =
    message;
  return {
    msgid,
    sender,
    recipient,
    status,
    reason,
    createdAt,
    parts,
    cost,
    tags,
    reference,
    link: link && { code: link.code, shortUrl: link.shortUrl, url: link.destination, expiresAt: link.expiresAt },
    accessed: firstAccessedAt !== null,
    firstAccessedAt,
  };
}
