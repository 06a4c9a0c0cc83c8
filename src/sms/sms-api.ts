// The SMS API under /sms, in the shapes of Xoxzo's: each address with and without its final slash, because clients use
// both and a POST that is redirected becomes a GET.

import { Hono } from "hono";
import { ApiRoutes } from "../account/api-routes.ts";
import { type ApiEnv, authenticate } from "../account/authenticate.ts";
import { requireHttps } from "../http/own-hosts.ts";
import { Problem } from "../http/problem.ts";
import { errorText, log } from "../log.ts";
import { listMessages, showMessage, showOutbox } from "./status/message-status.route.ts";
import { retryCallback } from "./status/retry-callback.route.ts";
import { eraseMessage, forgetRecipient } from "./erase/erase.route.ts";
import { readReport } from "./report/report.route.ts";
import { sendAgain } from "./accept/send-again.route.ts";
import { sendMessage } from "./accept/send-message.route.ts";
import { smsError, smsRefusal } from "./sms-errors.ts";

/** What each address takes, for those who ask in another way. */
const METHODS: [path: RegExp, allowed: string][] = [
  [/^\/sms\/messages\/?$/, "GET, HEAD, POST"],
  [/^\/sms\/messages\/[^/]+\/?$/, "DELETE, GET, HEAD"],
  [/^\/sms\/outbox\/?$/, "GET, HEAD"],
  [/^\/sms\/forget\/?$/, "POST"],
  [/^\/sms\/messages\/[^/]+\/(?:callback\/retry|again)\/?$/, "POST"],
];

/** What accounts ask; the dashboard asks the same. */
export const smsRoutes = new ApiRoutes()
  .post(["/messages", "/messages/"], ["send"], sendMessage)
  .get(["/messages", "/messages/"], ["read", "support"], listMessages)
  .get(["/messages/:msgid", "/messages/:msgid/"], ["send", "read", "support"], showMessage)
  .delete(["/messages/:msgid", "/messages/:msgid/"], ["full"], eraseMessage)
  .post(["/forget", "/forget/"], ["full"], forgetRecipient)
  .post(["/messages/:msgid/callback/retry", "/messages/:msgid/callback/retry/"], ["send", "support"], retryCallback)
  .post(["/messages/:msgid/again", "/messages/:msgid/again/"], ["send"], sendAgain)
  .get(["/outbox", "/outbox/"], ["read"], showOutbox);

export const sms = new Hono<ApiEnv>()
  .use(requireHttps)
  // A carrier has no credential: its reports are signed, or only make us ask it.
  .on("POST", ["/reports/:carrier/:sid/:msgid", "/reports/:carrier/:sid/:msgid/"], readReport)
  .use(authenticate)
  .route("/", smsRoutes.hono)
  .all("*", (c) => {
    const allowed = METHODS.find(([path]) => path.test(c.req.path))?.[1];
    if (allowed === undefined) return smsRefusal(404, "Not found.");
    return smsRefusal(405, `Method "${c.req.method}" not allowed.`, { Allow: allowed });
  })
  .onError((error, c) => {
    if (error instanceof Problem) return smsError(error);
    log("sms.failed", { route: c.req.routePath, method: c.req.method, error: errorText(error) });
    return smsRefusal(503, "The request could not be completed just now. Try again in a moment.", {
      "Retry-After": "5",
    });
  });
