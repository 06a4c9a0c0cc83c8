// DELETE /sms/messages/:msgid and POST /sms/forget: a person's number, and what was said to it, are erased; that there was a message
// stays, so that no total shrinks.

import type { Context } from "hono";
import { byOf } from "../../account/act.ts";
import type { ApiEnv } from "../../account/authenticate.ts";
import { noteAct } from "../../account/note-act.ts";
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
  await noteAct(c.env, sid, byOf(c.get("account")), { what: "message_erased", thing: msgid });
  return new Response(null, { status: 204, headers: API_HEADERS });
}

/** All messages to a number, and how many they were. One that was broken off is gone on with by asking again. */
export async function forgetRecipient(c: Context<ApiEnv>): Promise<Response> {
  const { sid, books } = c.get("account");
  const { recipient } = await readSmsFields(c, recipientFields);
  const keptByAccount = await forgetIn((after, until) =>
    accountObject(c.env, sid).eraseMessagesTo(recipient, after, until),
  );
  if (keptByAccount === null) throw accountClosed();
  let erased = keptByAccount;
  for (const book of books) {
    const keptByBook = await forgetIn((after, until) =>
      bookObject(c.env, { sid, book }).eraseMessagesTo(recipient, after, until),
    );
    // A book that could not be opened yet keeps nothing, and holds up none behind it.
    erased += keptByBook ?? 0;
  }
  // Not which number: that is what was forgotten.
  await noteAct(c.env, sid, byOf(c.get("account")), { what: "number_erased", count: erased });
  return answerJson({ erased }, 200, API_HEADERS);
}

/** In steps, between which the object does other things. Null when the object is not open. */
async function forgetIn(erase: (after: string, until: number) => Promise<EraseStep | null>): Promise<number | null> {
  let erased = 0;
  for (let after: string | null = ""; after !== null;) {
    const behind: string = after;
    const step: EraseStep | null = await insist((until) => erase(behind, until));
    if (step === null) return null;
    erased += step.erased;
    after = step.next;
  }
  return erased;
}
