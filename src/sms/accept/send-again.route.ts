// POST /sms/messages/:msgid/again: a new message with the text of an earlier one, to the same number. Its link is another, which leads where
// that of the first one does now: so each is noticed by itself.

import type { Context } from "hono";
import { accountSuspended } from "../../account/accept.ts";
import type { ApiEnv } from "../../account/authenticate.ts";
import { readIdempotencyKey, readNothing } from "../../http/input.ts";
import { addressRules } from "../../http/own-hosts.ts";
import { notFound } from "../../http/problem.ts";
import { insist, linkObject, messageKeeper } from "../../objects.ts";
import { type Message, MSGID } from "../message.ts";
import { smsRefusal } from "../sms-errors.ts";
import { checkSmsFields, messageFields } from "./message-fields.ts";
import { sendFields, takenByCarrier } from "./send-message.route.ts";

export async function sendAgain(c: Context<ApiEnv>): Promise<Response> {
  const takes = takenByCarrier(c.env);
  const key = readIdempotencyKey(c);
  await readNothing(c);
  const { sid, isSuspended } = c.get("account");
  if (isSuspended) throw accountSuspended();
  const msgid = c.req.param("msgid") ?? "";
  const message = MSGID.test(msgid) ? await insist(() => messageKeeper(c.env, sid, msgid).message(msgid)) : null;
  if (message === null) throw notFound("message");
  if (message.text === null || message.recipient === null)
    return smsRefusal(409, "The message is erased: nobody knows any more what it said, and to whom.");
  const code = message.link?.code;
  const link = code === undefined ? null : await insist(() => linkObject(c.env, code).status(sid));
  const schema = messageFields(addressRules(c.env, c.req.url), takes);
  return sendFields(c, key, checkSmsFields(fieldsOf(message, link?.callbackUrl), schema), takes);
}

/** As they were sent; @param ltCallbackUrl of the link, undefined where that is gone: then the account's own is taken */
function fieldsOf({ link, text, ...message }: Message, ltCallbackUrl: string | null | undefined): object {
  const { recipient, sender, tags, reference, callbackUrl: callbackurl } = message;
  const destination = link?.destination ?? null;
  const isTracked = link !== null && destination !== null;
  return {
    message: isTracked ? text?.replace(link.shortUrl, () => destination) : text,
    recipient,
    sender,
    tags: tags.join(","),
    reference,
    callbackurl,
    track_link: isTracked,
    ...(ltCallbackUrl !== undefined && { lt_callbackurl: ltCallbackUrl }),
  };
}
