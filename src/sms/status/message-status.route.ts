// GET /sms/messages/:msgid/, GET /sms/messages/ and GET /sms/outbox: what became of the account's messages.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { answerJson } from "../../http/json.ts";
import { API_HEADERS, notFound, wrongFields } from "../../http/problem.ts";
import { insist, linkObject, messageKeeper } from "../../objects.ts";
import { messageStatusView, messageView, outboxView } from "./message-view.ts";
import { newestOf } from "../../book/walk.ts";
import { type Message, type MessageQuery, MSGID } from "../message.ts";
import { readSentDate } from "./sent-date.ts";

/** Clients of the SMS API read one page and no more, so a page is large. */
const LARGEST_LIMIT = 1_000;

export async function showMessage(c: Context<ApiEnv>): Promise<Response> {
  const { sid } = c.get("account");
  const msgid = c.req.param("msgid") ?? "";
  const message = MSGID.test(msgid) ? await insist(() => messageKeeper(c.env, sid, msgid).message(msgid)) : null;
  if (message === null) throw notFound("message");
  const code = message.link?.code;
  const tracking = code === undefined ? null : await insist(() => linkObject(c.env, code).tracking(sid));
  return answerJson(messageStatusView(message, tracking), 200, API_HEADERS);
}

/** Newest first, with the address of the next page in a `Link` header. */
export async function listMessages(c: Context<ApiEnv>): Promise<Response> {
  return answerPage(c, messageView);
}

/** The list with the messages' texts, for looking at what the embedded carrier keeps. */
export async function showOutbox(c: Context<ApiEnv>): Promise<Response> {
  return answerPage(c, outboxView);
}

async function answerPage(c: Context<ApiEnv>, view: (message: Message) => object): Promise<Response> {
  const url = new URL(c.req.url);
  const limit = readLimit(url.searchParams.get("limit"));
  const after = readCursor(url.searchParams.get("cursor"));
  const query = { ...readSentDate(url.searchParams, Date.now()), after };
  const find = (keeper: { findMessages: (asked: MessageQuery) => Promise<Message[]> }, most: number) =>
    keeper.findMessages({ ...query, limit: most });
  const found = await newestOf(c.env, c.get("account"), limit, find, newerFirst);
  const messages = found.slice(0, limit);
  const last = found.length > limit ? messages.at(-1) : undefined;
  const headers: Record<string, string> = { ...API_HEADERS };
  if (last !== undefined) {
    url.searchParams.set("cursor", last.msgid);
    headers["Link"] = `<${url.href}>; rel="next"`;
  }
  return answerJson(messages.map(view), 200, headers);
}

/** Message ids begin with their time. */
function newerFirst(one: Message, other: Message): number {
  return one.msgid < other.msgid ? 1 : -1;
}

function readLimit(text: string | null): number {
  const limit = text === null ? LARGEST_LIMIT : /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LARGEST_LIMIT) return limit;
  throw wrongFields([{ field: "limit", message: `Must be a whole number from 1 to ${LARGEST_LIMIT}.` }]);
}

function readCursor(text: string | null): string | null {
  if (text === null || text === "") return null;
  if (MSGID.test(text)) return text;
  throw wrongFields([{ field: "cursor", message: "Must be taken from the Link header of the page before." }]);
}
