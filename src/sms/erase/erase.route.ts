// DELETE /sms/messages/:msgid and POST /sms/forget: a person's number, and what was said to it, are erased; that there was a message
// stays, so that no total shrinks.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { answerJson } from "../../http/json.ts";
import { accountClosed, API_HEADERS, notFound } from "../../http/problem.ts";
import { accountObject, bookObject, insist, messageKeeper } from "../../objects.ts";
import { readSmsFields, recipientFields } from "../accept/message-fields.ts";
import { type EraseStep, MSGID } from "../message.ts";

/** One message. The same again is answered the same. */
export async function eraseMessage(c: Context<ApiEnv>): Promise<Response> {
  const { sid } = c.get("account");
  const msgid = c.req.param("msgid") ?? "";
  const isErased =
    MSGID.test(msgid) && (await insist((until) => messageKeeper(c.env, sid, msgid).eraseMessage(msgid, until)));
  if (!isErased) throw notFound("message");
  return new Response(null, { status: 204, headers: API_HEADERS });
}

/** All messages to a number, and how many they were. One that was broken off is gone on with by asking again. */
export async function forgetRecipient(c: Context<ApiEnv>): Promise<Response> {
  const { sid, books } = c.get("account");
  const { recipient } = await readSmsFields(c, recipientFields);
  const keepers = [() => accountObject(c.env, sid), ...books.map((book) => () => bookObject(c.env, { sid, book }))];
  let erased = 0;
  for (const keeper of keepers)
    erased += await forgetIn((after, until) => keeper().eraseMessagesTo(recipient, after, until));
  return answerJson({ erased }, 200, API_HEADERS);
}

/** In steps, between which the object does other things. */
async function forgetIn(erase: (after: string, until: number) => Promise<EraseStep | null>): Promise<number> {
  let erased = 0;
  for (let after: string | null = ""; after !== null;) {
    const behind: string = after;
    const step: EraseStep | null = await insist((until) => erase(behind, until));
    if (step === null) throw accountClosed();
    erased += step.erased;
    after = step.next;
  }
  return erased;
}
