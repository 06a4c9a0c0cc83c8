// POST /sms/messages/:msgid/callback/retry: one more attempt for the delivery report, with the same event id.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { readNothing } from "../../http/input.ts";
import { answerJson } from "../../http/json.ts";
import { API_HEADERS, notFound } from "../../http/problem.ts";
import { insist, messageKeeper } from "../../objects.ts";
import { smsRefusal } from "../sms-errors.ts";

const REFUSALS = {
  delivered: "The callback is delivered: it is never sent again.",
  "no-url": "The message has no callbackurl.",
  "no-event": "The message is neither delivered nor has it failed yet, so there is nothing to call back.",
};

export async function retryCallback(c: Context<ApiEnv>): Promise<Response> {
  await readNothing(c);
  const { sid } = c.get("account");
  const msgid = c.req.param("msgid") ?? "";
  const retried = await insist((until) => messageKeeper(c.env, sid, msgid).retryCallback(msgid, until));
  if (retried === null) throw notFound("message");
  if (retried !== "accepted") return smsRefusal(409, REFUSALS[retried]);
  return answerJson({ accepted: true }, 202, API_HEADERS);
}
