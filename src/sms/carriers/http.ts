// Any other carrier, through an adapter of the operator's own: a server that takes our JSON and speaks to the carrier.
// Both directions are signed like our callbacks, with one secret. docs/sms.md is the adapter's documentation.

import * as v from "valibot";
import { isSecret, isSigned, signedHeaders } from "../../callback/sign.ts";
import { type Dialect, offer, printable } from "./ask-carrier.ts";
import type { MakeCarrier } from "./carrier.ts";
import { LONG_NAMES } from "./senders.ts";

const LONGEST_CARRIER_ID = 200;

/** All of it is optional, each by itself: an adapter that answers 2xx has accepted the message, whatever else it says. */
const Accepted = v.fallback(
  v.object({
    id: v.fallback(v.nullable(v.pipe(v.string(), v.nonEmpty(), v.maxLength(LONGEST_CARRIER_ID))), null),
    status: v.fallback(v.string(), ""),
  }),
  { id: null, status: "" },
);
const Refusal = v.object({ reason: v.string() });
/** No gateway says this by itself, in words that the adapter alone was taught. */
const NotAccepted = v.object({ accepted: v.literal(false) });
const Delivery = v.object({
  /** The signature is not over the URL, so the body has to say which message it is about. */
  msgid: v.string(),
  status: v.picklist(["DELIVERING", "DELIVERED", "FAIL"]),
  reason: v.nullish(v.pipe(v.string(), v.transform(printable)), null),
});

const dialect: Dialect = {
  credentials: "HTTP_CARRIER_SECRET",
  address: "HTTP_CARRIER_URL",
  accepted: (body) => {
    const { id, status } = v.parse(Accepted, body);
    return { kind: "accepted", carrierId: id, isDelivered: status === "DELIVERED" };
  },
  reason: (body) => (v.is(Refusal, body) ? body.reason : undefined),
  isStranger: (status) => status === 401,
  isLater: (status, body) => status >= 500 && v.is(NotAccepted, body),
};

export const http: MakeCarrier = ({ HTTP_CARRIER_URL: url, HTTP_CARRIER_SECRET: secret }) => ({
  // Which carrier stands behind the adapter, nobody here knows: this is what most take, and what is too much the adapter refuses.
  takes: { longestText: 1_600, ...LONG_NAMES },
  send: async ({ msgid, sender, recipient, text, reportUrl }) => {
    if (!isSecret(secret)) return { kind: "later", reason: "the carrier cannot be reached", retryAfterSeconds: null };
    const body = JSON.stringify({ msgid, sender, recipient, text, report_url: reportUrl });
    const signed = await signedHeaders([secret], msgid, Math.floor(Date.now() / 1_000), body);
    return offer(url, { headers: { ...signed, "content-type": "application/json" }, body }, dialect);
  },
  isSigned: async (request, body) => isSigned(secret, request.headers, body, Date.now()),
  readReport: async (_request, body, { msgid }) => {
    const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), Delivery), body);
    if (!success || output.msgid !== msgid) return { kind: "unreadable" };
    return { kind: "status", status: output.status, reason: output.reason };
  },
});
