// POST /api/account/callback-test: one signed POST to the account's callback URL, and how it ended. Nothing is owed and nothing is kept.

import { ApiRoutes } from "../account/api-routes.ts";
import { readNothing } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules } from "../http/own-hosts.ts";
import { accountObject, insist } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { deliver } from "./deliver.ts";
import { callbackEvent } from "./event.ts";

const NO_URL = "not sent: this account has no callback URL, set callback_url first";

export const callbackTest = new ApiRoutes().post("/callback-test", ["full"], async (c) => {
  await readNothing(c);
  const { sid, callbackUrl } = c.get("account");
  const { id, body } = callbackEvent("account.callback_test", Date.now(), { sid });
  if (callbackUrl === null) return answerJson({ event_id: id, status: null, error: NO_URL, duration_ms: 0 });
  const secrets = await insist(() => accountObject(c.env, sid).signingSecrets());
  const delivery = { url: callbackUrl, eventId: id, body, secrets };
  const outcome = await deliver(delivery, addressRules(c.env, c.req.url), settingsOf(c.env).callbackTimeoutSeconds);
  const { status, error, durationMs } = outcome;
  return answerJson(toJson({ eventId: id, status, error, durationMs }));
});
