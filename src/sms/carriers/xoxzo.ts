// Xoxzo's SMS API (docs.xoxzo.com: sms, errors, readme). Its link tracking is not used: the link in the text is ours.

import * as v from "valibot";
import { type Dialect, askCarrier, basicAuth, offer } from "./ask-carrier.ts";
import type { MakeCarrier, Report } from "./carrier.ts";
import { SHORT_NAMES } from "./senders.ts";

/** Its documents name the last two statuses in two ways. */
const REPORTS = new Map<string, Report>([
  ["QUEUED", { kind: "same" }],
  ["DELIVERING", { kind: "status", status: "DELIVERING", reason: null }],
  ["DELIVERED", { kind: "status", status: "DELIVERED", reason: null }],
  ["OK", { kind: "status", status: "DELIVERED", reason: null }],
  ["FAIL", { kind: "status", status: "FAIL", reason: null }],
  ["FAILED", { kind: "status", status: "FAIL", reason: null }],
]);

const Named = v.object({ msgid: v.pipe(v.string(), v.nonEmpty()) });
/** The documents show an array, the help page an object. */
const Accepted = v.union([
  v.pipe(
    v.looseTuple([Named]),
    v.transform(([first]) => first),
  ),
  Named,
]);
/** Field name → complaints. */
const Complaints = v.record(v.string(), v.union([v.string(), v.array(v.string())]));
const Status = v.object({ status: v.string() });
/** The names of complaints that are about no field. */
const FIELDLESS = ["detail", "non_field_errors"];

const dialect: Dialect = {
  credentials: "XOXZO_SID and XOXZO_AUTH_TOKEN",
  address: "XOXZO_API_URL",
  accepted: (body) => {
    const { success, output } = v.safeParse(Accepted, body);
    return success ? { kind: "accepted", carrierId: output.msgid, isDelivered: false } : undefined;
  },
  reason: (body) => {
    if (!v.is(Complaints, body)) return undefined;
    const lines = Object.entries(body).map(([field, said]) =>
      (FIELDLESS.includes(field) ? [said] : [`${field}:`, said]).flat().join(" "),
    );
    return lines.join(" ");
  },
  isStranger: (status) => status === 401,
  // None of its documents says what a 5xx means.
  isLater: () => false,
};

export const xoxzo: MakeCarrier = ({ XOXZO_SID: sid, XOXZO_AUTH_TOKEN: token, XOXZO_API_URL: api }) => {
  const headers = { authorization: basicAuth(sid, token) };
  return {
    // help.xoxzo.com, "How many characters would fit within 1 x SMS?"
    takes: { longestText: 660, ...SHORT_NAMES },
    send: ({ sender, recipient, text, reportUrl }) => {
      const body = new URLSearchParams({ message: text, recipient, sender, callbackurl: reportUrl });
      return offer(`${api}/sms/messages/`, { headers, body }, dialect);
    },
    // A report is not signed and its body is in no document, so it is only a hint to ask.
    readReport: async (_request, _body, { carrierId, mayAsk }) => {
      if (carrierId === null || !(await mayAsk())) return { kind: "later" };
      const asked = await askCarrier(`${api}/sms/messages/${encodeURIComponent(carrierId)}/`, { headers });
      if (asked.kind !== "answered" || asked.status !== 200 || !v.is(Status, asked.body)) return { kind: "later" };
      return REPORTS.get(asked.body.status) ?? { kind: "unreadable" };
    },
  };
};
