// GET /sms/messages/:msgid/, GET /sms/messages/ and GET /sms/outbox: what became of the account's messages.

import type { Context } from "hono";
import type { ApiEnv } from "../../account/authenticate.ts";
import { answerJson } from "../../http/json.ts";
import { API_HEADERS, notFound, type Problem, wrongFields } from "../../http/problem.ts";
import { insist, linkObject, messageKeeper } from "../../objects.ts";
import { messageStatusView, messageView, outboxView } from "./message-view.ts";
import { pageOf } from "../../book/walk.ts";
import { allBooks, keeperOf } from "../../book/keepers.ts";
import { transfer } from "../../export/transfer.ts";
import { timeText } from "../../timed-id.ts";
import { type Message, type MessageQuery, MSGID, placeOfMessage } from "../message.ts";
import { readSentDate } from "./sent-date.ts";

const LARGEST_LIMIT = 1_000;
/** Clients of the SMS API read one page and no more: so without a limit it is whole. As much of it as they can take, some 40 MB. */
const MOST_LISTED = 80_000;

export async function showMessage(c: Context<ApiEnv>): Promise<Response> {
  const { sid } = c.get("account");
  const msgid = c.req.param("msgid") ?? "";
  const message = MSGID.test(msgid) ? await insist(() => messageKeeper(c.env, sid, msgid).message(msgid)) : null;
  if (message === null) throw notFound("message");
  const code = message.link?.code;
  const tracking = code === undefined ? null : await insist(() => linkObject(c.env, code).tracking(sid));
  return answerJson(messageStatusView(message, tracking), 200, API_HEADERS);
}

/** Newest first: all of them, or with `limit` a page and the address of the next one in a `Link` header. */
export async function listMessages(c: Context<ApiEnv>): Promise<Response> {
  if (new URL(c.req.url).searchParams.has("limit")) return answerPage(c, messageView);
  const period = periodOf(new URL(c.req.url).searchParams);
  const account = c.get("account");
  const keepers = allBooks(account).toReversed();
  const ask = (book: number) => keeperOf(c.env, account.sid, book);
  const counts = await Promise.all(
    keepers.map((book) => insist(() => ask(book).countMessages(period, MOST_LISTED + 1))),
  );
  if (counts.reduce((sum, count) => sum + count, 0) > MOST_LISTED) throw tooMany();
  const headers = { ...API_HEADERS, "Content-Type": "application/json" };
  // A body that nobody reads would be made all the same.
  if (c.req.method === "HEAD") return new Response(null, { headers });
  const parts = keepers.map((book) => async (given: number) => {
    const part = await insist(() => ask(book).streamMessages(period, given === 0));
    return part === "gone" ? null : part;
  });
  return new Response(await transfer("list of messages", "[", parts, "]\n"), { headers });
}

/** The list with the messages' texts, for looking at what the embedded carrier keeps. */
export async function showOutbox(c: Context<ApiEnv>): Promise<Response> {
  return answerPage(c, outboxView);
}

async function answerPage(c: Context<ApiEnv>, view: (message: Message) => object): Promise<Response> {
  const url = new URL(c.req.url);
  const limit = readLimit(url.searchParams.get("limit"));
  const { after, createdFrom, createdBefore } = periodOf(url.searchParams);
  const before = timeText(createdBefore);
  const below = after === null || before < after ? before : after;
  // Every row is shown, so a page ends with its limit, before so many are read.
  const query = { order: "newest", above: timeText(createdFrom), below, limit, rows: 2 * LARGEST_LIMIT } as const;
  const page = await pageOf(
    c.env,
    c.get("account"),
    query,
    (keeper, asked) => keeper.messagesPage(asked),
    placeOfMessage,
  );
  const headers: Record<string, string> = { ...API_HEADERS };
  if (page.next !== null) {
    url.searchParams.set("cursor", page.next);
    headers["Link"] = `<${url.href}>; rel="next"`;
  }
  return answerJson(page.things.map(view), 200, headers);
}

function periodOf(query: URLSearchParams): Omit<MessageQuery, "limit"> {
  return { ...readSentDate(query, Date.now()), after: readCursor(query.get("cursor")) };
}

function tooMany(): Problem {
  const message = `There are more than ${MOST_LISTED} messages: ask for fewer days, or for pages with limit.`;
  return wrongFields([{ field: "sent_date", message }]);
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
