// POST /sms/reports/:carrier/:sid/:msgid: a carrier tells what became of a message. The carrier's file decides whether the
// report is the carrier's, and what it says.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { readBody } from "../../http/input.ts";
import { API_HEADERS, notFound } from "../../http/problem.ts";
import { isGuessingTooMuch, isLimited, LIMIT_SECONDS, noteAccount } from "../../http/guesses.ts";
import { log } from "../../log.ts";
import { insist, messageKeeper } from "../../objects.ts";
import { settingsOf } from "../../settings.ts";
import { type CarrierName, missingSettings } from "../carriers/carrier-settings.ts";
import type { Report } from "../carriers/carrier.ts";
import { CARRIERS, carrierOf } from "../carriers/carriers.ts";
import { isFinal, type Message, MSGID } from "../message.ts";
import { isSid } from "../../account/token.ts";
import { smsRefusal } from "../sms-errors.ts";

const RETRY_AFTER_SECONDS = 60;

export async function readReport(c: Context<ApiEnv>): Promise<Response> {
  const { carrier: name = "", sid = "", msgid = "" } = c.req.param();
  const carrier = isReporting(name, c.env) ? carrierOf(settingsOf(c.env), name) : undefined;
  if (carrier?.readReport === undefined || !isSid(sid) || !MSGID.test(msgid)) throw notFound("message");
  const body = await readBody(c.req.raw);
  const guess = carrier.isSigned === undefined ? ({ what: "report", sid } as const) : undefined;
  if ((await carrier.isSigned?.(c.req.raw, body)) === false)
    return smsRefusal(403, "The signature is missing, wrong or too old.");
  if (guess !== undefined && isLimited(c.req.raw, guess, Date.now())) return tooMany();
  const message = await insist(() => messageKeeper(c.env, sid, msgid).message(msgid));
  if (message === null || message.carrier !== name) {
    if (guess !== undefined && (await isGuessingTooMuch(c.env, c.req.raw, guess))) return tooMany();
    throw notFound("message");
  }
  noteAccount(sid, Date.now());
  // Nothing moves it any more, and a report that is not signed would make us ask the carrier for nothing.
  if (isFinal(message.status)) return answer("same");
  const mayAsk = () => waitToAsk(c.env, sid, msgid);
  const noted = note(c.env, sid, message, carrier.readReport(c.req.raw, body, { ...message, mayAsk }));
  // Whoever reports may hang up before the carrier may be asked.
  c.executionCtx.waitUntil(noted.catch(() => {}));
  return answer(await noted);
}

/** Writes down what is reported; what to answer. */
async function note(env: Env, sid: string, { msgid, carrier }: Message, reading: Promise<Report>) {
  const report = await reading;
  if (report.kind !== "status") return report.kind;
  const { status, reason } = report;
  const following = await insist(() => messageKeeper(env, sid, msgid).messageReported(msgid, status, reason));
  log("message.reported", { sid, msgid, carrier, reported: status, status: following });
  return "same";
}

/** Waits until the carrier may be asked about the message; false when somebody else is going to ask. */
async function waitToAsk(env: Env, sid: string, msgid: string): Promise<boolean> {
  const waitMs = await insist(() => messageKeeper(env, sid, msgid).messageQuestion(msgid));
  if (waitMs === null) return false;
  await scheduler.wait(waitMs);
  return true;
}

/** The carrier of a message may no longer be the one that is chosen, but its settings have to be there still. */
function isReporting(name: string, env: Env): name is CarrierName {
  return isCarrierName(name) && missingSettings(name, settingsOf(env).carrierSettings).length === 0;
}

function isCarrierName(name: string): name is CarrierName {
  return Object.hasOwn(CARRIERS, name);
}

function tooMany(): Response {
  return smsRefusal(429, `Request was throttled. Expected available in ${LIMIT_SECONDS} seconds.`, {
    "Retry-After": String(LIMIT_SECONDS),
  });
}

function answer(kind: Exclude<Report["kind"], "status">): Response {
  switch (kind) {
    case "same":
      return new Response(null, { status: 204, headers: API_HEADERS });
    case "unreadable":
      return smsRefusal(400, "This is no delivery report of this carrier.");
    case "later":
      return smsRefusal(503, "The carrier could not be asked about it just now.", {
        "Retry-After": String(RETRY_AFTER_SECONDS),
      });
  }
}
