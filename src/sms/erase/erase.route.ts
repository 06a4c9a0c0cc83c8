// DELETE /sms/messages/:msgid and POST /sms/forget: a person's number, and what was said to it, are erased; that there was a message
// stays, so that no total shrinks.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { answerJson } from "../../http/json.ts";
import { accountClosed, API_HEADERS, notFound } from "../../http/problem.ts";
import { accountObject, insist } from "../../objects.ts";
import { readSmsFields, recipientFields } from "../accept/message-fields.ts";
import { type EraseStep, MSGID } from "../message.ts";

/** One message. The same again is answered the same. */
export async function eraseMessage(c: Context<ApiEnv>): Promise<Response> {
  const { sid } = c.get("account");
  const msgid = c.req.param("msgid") ?? "";
  const isErased = MSGID.test(msgid) && (await insist((until) => accountObject(c.env, sid).eraseMessage(msgid, until)));
  if (!isErased) throw notFound("message");
  return new Response(null, { status: 204, headers: API_HEADERS });
}

/**
 * All messages to a number, and how many they were. In steps between which the account's object does other things; one that was
 * broken off is gone on with by asking again.
 */
export async function forgetRecipient(c: Context<ApiEnv>): Promise<Response> {
  const { sid } = c.get("account");
  const { recipient } = await readSmsFields(c, recipientFields);
  let erased = 0;
  let step: EraseStep | null = { erased: 0, next: "" };
  while (step.next !== null) {
    const after: string = step.next;
    step = await insist((until) => accountObject(c.env, sid).eraseMessagesTo(recipient, after, until));
    if (step === null) throw accountClosed();
    erased += step.erased;
  }
  return answerJson({ erased }, 200, API_HEADERS);
}
