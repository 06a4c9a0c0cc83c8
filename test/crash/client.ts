// What the rounds ask for: links and messages of an account, and the taps of a person and of a link preview.

import * as v from "valibot";
import { type Answer, ask, askApi, insistOn, type Server } from "./ask.ts";

const DESTINATION = "https://example.com/offer";
const AGENTS = {
  person:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  preview: "WhatsApp/2.23.20.0",
};
/** The first answer of a server waits for all of its code. */
const FIRST_ANSWER_MS = 60_000;
/** The most that the list of messages gives at once. */
const PAGE = 1_000;

/** One POST /sms/messages/. Repeated with the same key it has to be the same. */
export interface MessageRequest {
  /** Nobody else's, so it tells which message this is where the msgid is not known. */
  recipient: string;
  key: string | null;
  linkCallbackUrl: string;
  callbackUrl: string;
}

const callback = v.object({
  state: v.picklist(["none", "owed", "delivered", "exhausted"]),
  event_id: v.nullable(v.string()),
  attempts: v.array(v.object({ error: v.nullable(v.string()) })),
});
const Created = v.pipe(
  v.object({ code: v.string() }),
  v.transform(({ code }) => code),
);
const Accepted = v.pipe(
  v.tuple([v.object({ msgid: v.string() })]),
  v.transform(([{ msgid }]) => msgid),
);
const Secret = v.object({ callback_secret: v.string() });
const Listed = v.array(
  v.object({
    msgid: v.string(),
    recipient: v.string(),
    status: v.string(),
    link_tracking: v.object({ accessed: v.boolean() }),
  }),
);
const LinkPage = v.object({ links: v.array(v.object({ accessed: v.boolean() })), next_cursor: v.nullable(v.string()) });
// A `fact` is what happens once and then never changes, and what the callback tells of: a link's first access (when) …
const LinkStatus = v.pipe(
  v.object({
    first_accessed_at: v.nullable(v.string()),
    access_counts: v.object({ person: v.number() }),
    callback,
  }),
  v.transform(({ first_accessed_at, access_counts, ...status }) => ({
    ...status,
    fact: first_accessed_at,
    personCount: access_counts.person,
  })),
);
// … and a message's end (DELIVERED or FAIL).
const MessageStatus = v.pipe(
  v.object({
    status: v.picklist(["QUEUED", "DELIVERING", "DELIVERED", "FAIL"]),
    reason: v.nullable(v.string()),
    link_tracking: v.object({ shortlink: v.pipe(v.string(), v.url()) }),
    callback,
  }),
  v.transform(({ link_tracking, ...status }) => ({
    ...status,
    fact: status.status === "DELIVERED" || status.status === "FAIL" ? status.status : null,
    code: new URL(link_tracking.shortlink).pathname.slice(1),
  })),
);

/** The parts of GET /api/links/:code and GET /sms/messages/:msgid/ that the rounds judge. */
export type Status = Pick<LinkStatus, "fact" | "callback">;
export type LinkStatus = v.InferOutput<typeof LinkStatus>;
export type MessageStatus = v.InferOutput<typeof MessageStatus>;
export type Listed = v.InferOutput<typeof Listed>;
export type ListedLinks = v.InferOutput<typeof LinkPage>["links"];

/** Creates a link to a fixed destination; its code. */
export function createLink(server: Server, callbackUrl: string): Promise<Answer<string>> {
  return askApi(server, "POST", "/api/links", Created, { body: { url: DESTINATION, callback_url: callbackUrl } });
}

/** Sends a message with a tracked link to the same destination; its msgid. */
export function sendMessage(server: Server, request: MessageRequest): Promise<Answer<string>> {
  const body = {
    message: `Your parcel is on its way: ${DESTINATION} shows where.`,
    recipient: request.recipient,
    sender: "firsttap",
    track_link: true,
    lt_callbackurl: request.linkCallbackUrl,
    callbackurl: request.callbackUrl,
  };
  const headers = request.key === null ? {} : { headers: { "idempotency-key": request.key } };
  return askApi(server, "POST", "/sms/messages/", Accepted, { body, ...headers });
}

/** Opens a short URL. Answered means 302 with the destination. */
export async function tap(server: Server, code: string, as: keyof typeof AGENTS): Promise<Answer<null>> {
  const answer = await ask(server, "GET", `/${code}`, { headers: { "user-agent": AGENTS[as] } });
  if (answer === null) return { kind: "unanswered" };
  const isRedirect = answer.status === 302 && answer.location === DESTINATION;
  return isRedirect ? { kind: "answered", value: null } : { kind: "refused", status: answer.status };
}

/** The status of a link, or `refused` with 404. */
export function linkStatusOf(server: Server, code: string): Promise<Answer<LinkStatus>> {
  return askApi(server, "GET", `/api/links/${code}`, LinkStatus);
}

/** The status of a message, or `refused` with 404. */
export function messageStatusOf(server: Server, msgid: string): Promise<Answer<MessageStatus>> {
  return askApi(server, "GET", `/sms/messages/${msgid}/`, MessageStatus);
}

/** Every message of the account. Throws: without the list there is no verdict. */
export async function listMessages(server: Server): Promise<Listed> {
  const listed: Listed = [];
  for (let cursor = ""; ;) {
    const page = await insistOn(server, `/sms/messages/?limit=${PAGE}${cursor}`, Listed);
    listed.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return listed;
    cursor = `&cursor=${last.msgid}`;
  }
}

/** Every link of the account. Throws like `listMessages`. */
export async function listLinks(server: Server): Promise<ListedLinks> {
  const listed: ListedLinks = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: v.InferOutput<typeof LinkPage> = await insistOn(
      server,
      `/api/links?limit=100&cursor=${cursor}`,
      LinkPage,
    );
    listed.push(...page.links);
    cursor = page.next_cursor;
  }
  return listed;
}

/** A new secret that signs every callback from now on. Throws: without it no round makes sense. */
export async function rotateCallbackSecret(server: Server): Promise<string> {
  const answer = await askApi(server, "POST", "/api/account/callback-secret", Secret, {
    timeoutMs: FIRST_ANSWER_MS,
  });
  if (answer.kind !== "answered") throw new Error(`No callback secret: ${JSON.stringify(answer)}`);
  return answer.value.callback_secret;
}
