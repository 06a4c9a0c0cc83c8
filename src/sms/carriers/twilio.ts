// Twilio's Programmable Messaging. What is sent and read here is from Twilio's OpenAPI document (twilio/twilio-oai,
// twilio_api_v2010.json: CreateMessage, api.v2010.account.message), its error dictionary (docs/api/errors/CODE), and
// its guides "Track the Message Status of Outbound Messages" and "Secure webhooks".

import * as v from "valibot";
import { hmac, isSameText, toBase64 } from "../../digest.ts";
import { type Dialect, basicAuth, offer, printable } from "./ask-carrier.ts";
import type { MakeCarrier, Report } from "./carrier.ts";
import { isMessagingService, LONG_NAMES_OR_SERVICES } from "./senders.ts";

/** Every value of message_enum_status. `receiving` and `received` are of messages to us; a scheduled one is not ours. */
const STATUSES = new Map<string | null, "same" | "DELIVERING" | "DELIVERED" | "FAIL">([
  ["accepted", "same"],
  ["scheduled", "same"],
  ["queued", "same"],
  ["receiving", "same"],
  ["received", "same"],
  ["sending", "DELIVERING"],
  ["sent", "DELIVERING"],
  // Of several recipients; ours is one, so this says nothing of it yet.
  ["partially_delivered", "DELIVERING"],
  ["delivered", "DELIVERED"],
  ["read", "DELIVERED"],
  ["undelivered", "FAIL"],
  ["failed", "FAIL"],
  ["canceled", "FAIL"],
]);

const Message = v.object({
  sid: v.pipe(v.string(), v.nonEmpty()),
  status: v.string(),
  error_code: v.nullish(v.number()),
  error_message: v.nullish(v.string()),
});
const Refusal = v.object({ code: v.number(), message: v.string() });

/** 20003, "Permission Denied": who we say we are is not so. */
const WRONG_CREDENTIALS = 20_003;
/**
 * 20503, "Service unavailable": to be tried again. After a 500 Twilio warns (20500) that a repeat may send twice, and a
 * 503 without this code can be a proxy's, whose own connection broke.
 */
const UNAVAILABLE = 20_503;

const dialect: Dialect = {
  credentials: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
  address: "TWILIO_API_URL",
  accepted: (body) => {
    const { success, output } = v.safeParse(Message, body);
    if (!success) return undefined;
    const status = STATUSES.get(output.status);
    return status === "FAIL"
      ? { kind: "refused", reason: reasonOf(output.error_code, output.error_message ?? output.status) }
      : { kind: "accepted", carrierId: output.sid, isDelivered: status === "DELIVERED" };
  },
  reason: (body) => (v.is(Refusal, body) ? reasonOf(body.code, body.message) : undefined),
  // 404: the account of the address, which is the setting's, does not exist.
  isStranger: (status, body) =>
    status === 401 || status === 404 || (status === 403 && codeOf(body) === WRONG_CREDENTIALS),
  isLater: (status, body) => status === 503 && codeOf(body) === UNAVAILABLE,
};

export const twilio: MakeCarrier = ({ TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, TWILIO_API_URL: api }) => ({
  // 21617: "The concatenated message body exceeds the 1600 character limit".
  takes: { longestText: 1_600, ...LONG_NAMES_OR_SERVICES },
  send: ({ sender, recipient, text, reportUrl }) =>
    offer(
      `${api}/2010-04-01/Accounts/${encodeURIComponent(sid)}/Messages.json`,
      {
        headers: { authorization: basicAuth(sid, token) },
        body: new URLSearchParams({ To: recipient, ...fromOf(sender), Body: text, StatusCallback: reportUrl }),
      },
      dialect,
    ),
  isSigned: async (request, body) => {
    const signature = request.headers.get("x-twilio-signature");
    return signature !== null && isSigned(token, request.url, new URLSearchParams(body), signature);
  },
  readReport: async (_request, body) => reportOf(new URLSearchParams(body)),
});

function reportOf(form: URLSearchParams): Report {
  const word = form.get("MessageStatus");
  const status = STATUSES.get(word);
  if (status === undefined) return { kind: "unreadable" };
  if (status === "same") return { kind: "same" };
  const reason = status === "FAIL" ? reasonOf(form.get("ErrorCode"), form.get("ErrorMessage") ?? word) : null;
  return { kind: "status", status, reason };
}

/** Phone numbers go to Twilio in E.164. Up to six digits are a short code, which has no `+`. A messaging service chooses a sender itself. */
function fromOf(sender: string): Record<string, string> {
  if (isMessagingService(sender)) return { MessagingServiceSid: sender };
  return { From: /^\d{7,}$/.test(sender) ? `+${sender}` : sender };
}

function codeOf(body: unknown): number | undefined {
  return v.is(Refusal, body) ? body.code : undefined;
}

/** The code is what Twilio's error dictionary is opened with. */
function reasonOf(code: number | string | null | undefined, message: string | null): string {
  return printable([code, message].filter(Boolean).join(": "));
}

/**
 * HMAC-SHA1, keyed with the auth token, over the URL and each parameter's name and value, sorted by name. Twilio's
 * libraries accept the URL with its port and without: its back end does not always sign the same one.
 */
async function isSigned(token: string, url: string, form: URLSearchParams, signature: string): Promise<boolean> {
  if (token === "") return false;
  form.sort();
  const { protocol, hostname, port, pathname, search } = new URL(url);
  for (const part of ["", `:${port || (protocol === "https:" ? 443 : 80)}`]) {
    const content = [`${protocol}//${hostname}${part}${pathname}${search}`, ...form].flat().join("");
    const digest = await hmac("SHA-1", new TextEncoder().encode(token), content);
    if (await isSameText(toBase64(digest), signature)) return true;
  }
  return false;
}
