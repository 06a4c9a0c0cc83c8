// The carriers against real servers that behave like them. Whatever a carrier does, a message is offered once, and is
// offered again only if it was surely not accepted.

import { beforeAll, expect, inject, it, vi } from "vitest";
import { customAlphabet } from "nanoid";
import { Webhook } from "standardwebhooks";
import type { Answer } from "../local/answers.ts";
import { isSecret, isSigned, mintSecret, signedHeaders } from "../src/callback/sign.ts";
import { readSettings } from "../src/settings.ts";
import type { CarrierSettings } from "../src/sms/carriers/carrier-settings.ts";
import type { Carrier, Outgoing, Reported, Sent } from "../src/sms/carriers/carrier.ts";
import { CARRIERS } from "../src/sms/carriers/carriers.ts";
import "./support/provided.ts";

const NAMES = ["twilio", "xoxzo", "http"] as const;
type Name = (typeof NAMES)[number];
type Script = Answer & { taken?: boolean };

const someDigits = customAlphabet("0123456789", 8);
const someMsgid = customAlphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 32);
const NOWHERE = "http://127.0.0.1:1";
const mayAsk = async () => true;

let settings: CarrierSettings;
beforeAll(async () => {
  settings = await getJson("/settings");
});

async function getJson(path: string): Promise<any> {
  return (await fetch(inject("carrierUrl") + path)).json();
}

function carrier(name: Name, changed: Partial<CarrierSettings> = {}): Carrier {
  return CARRIERS[name]({ ...settings, ...changed }, true);
}

function someMessage(fields: Partial<Outgoing> = {}): Outgoing {
  const msgid = someMsgid();
  const reportUrl = `${inject("receiverUrl")}/hook/${msgid}`;
  const recipient = `+8190${someDigits()}`;
  return {
    msgid,
    sender: "XOXZO",
    recipient,
    text: "詳細: https://s.example.com/Xk7 👍 a+b&c=d%",
    reportUrl,
    ...fields,
  };
}

async function script(recipient: string, ...answers: Script[]): Promise<void> {
  const url = `${inject("carrierUrl")}/script/${encodeURIComponent(recipient)}`;
  await fetch(url, { method: "PUT", body: JSON.stringify(answers) });
}

const offered = (recipient: string) => getJson(`/log/${encodeURIComponent(recipient)}`);

/** Sends through a carrier that answers so, and checks that the message was offered once. */
async function sendTo(name: Name, answer: Script, fields: Partial<Outgoing> = {}): Promise<Sent> {
  const message = someMessage(fields);
  await script(message.recipient, answer);
  const sent = await carrier(name).send(message);
  expect(await offered(message.recipient)).toHaveLength(1);
  return sent;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Script => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

const SILENT: Sent = { kind: "silent" };
const UNREACHABLE: Sent = { kind: "later", reason: "the carrier cannot be reached", retryAfterSeconds: null };
const later = (reason: string, retryAfterSeconds: number | null = null): Sent => ({
  kind: "later",
  reason,
  retryAfterSeconds,
});
const refused = (reason: string): Sent => ({ kind: "refused", reason });
const accepted = (carrierId: unknown, isDelivered = false) => ({ kind: "accepted", carrierId, isDelivered }) as Sent;

const CREDENTIALS: Record<Name, string> = {
  twilio: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
  xoxzo: "XOXZO_SID and XOXZO_AUTH_TOKEN",
  http: "HTTP_CARRIER_SECRET",
};
const ADDRESS: Record<Name, string> = { twilio: "TWILIO_API_URL", xoxzo: "XOXZO_API_URL", http: "HTTP_CARRIER_URL" };
/** Later, when the operator has mended this. */
const mended = (reason: string, problem: string): Sent => ({ ...later(reason), problem }) as Sent;
const stranger = (name: Name) => mended("the carrier refuses our credentials", `check ${CREDENTIALS[name]}`);
const misplaced = (name: Name, status: number) =>
  mended(`the carrier takes no messages at this address (HTTP ${status})`, `check ${ADDRESS[name]}`);
/** An unreadable 2xx: what an adapter's own 2xx says is enough. */
const unreadable = (name: Name) => (name === "http" ? accepted(null) : SILENT);

it.each(NAMES)("%s accepts a message once, under its own id", async (name) => {
  const message = someMessage();
  const sent = await carrier(name).send(message);
  const taken = (await getJson("/taken")).filter(({ msgid }: { msgid: string }) => msgid === message.msgid);
  expect(taken).toEqual([{ ...message, carrier: name, carrierId: expect.any(String) }]);
  expect(sent).toEqual(accepted(taken[0].carrierId));
});

const ANSWERS: [string, Script, (name: Name) => Sent][] = [
  ...[400, 402, 403, 409, 410, 422].map((status): [string, Script, (name: Name) => Sent] => [
    `${status}`,
    { status },
    () => refused(`HTTP ${status}`),
  ]),
  ["401", { status: 401 }, stranger],
  ["404", { status: 404 }, (name) => (name === "twilio" ? stranger(name) : misplaced(name, 404))],
  ["405", { status: 405 }, (name) => misplaced(name, 405)],
  ["429", { status: 429 }, () => later("HTTP 429")],
  ["429 with Retry-After", { status: 429, headers: { "retry-after": "7" } }, () => later("HTTP 429", 7)],
  ...[500, 501, 502, 503, 504, 520, 522, 524, 530].map((status): [string, Script, (name: Name) => Sent] => [
    `${status}`,
    { status },
    () => SILENT,
  ]),
  ...[521, 523, 525, 526].map((status): [string, Script, (name: Name) => Sent] => [
    `${status}`,
    { status },
    () => UNREACHABLE,
  ]),
  ...[301, 302, 303, 307, 308].map((status): [string, Script, (name: Name) => Sent] => [
    `${status}`,
    { status, headers: { location: "/taken" } },
    () => SILENT,
  ]),
  ["a reset connection", { fault: "reset" }, () => SILENT],
  ["something that is not HTTP", { fault: "garbage" }, () => SILENT],
  ["201 and a body that breaks off", { ...json(201, [{ msgid: "m", sid: "SM" }]), fault: "cut" }, unreadable],
  ["201 and no body", { status: 201 }, unreadable],
  ["201 and a web page", { status: 201, body: "<h1>Welcome</h1>" }, unreadable],
  ["201 and other JSON", json(201, { hello: ["world"] }), unreadable],
  ["201 and null", json(201, null), unreadable],
  ["201 and an empty id", json(201, { sid: "", msgid: "", id: "", status: "queued" }), unreadable],
  ["201 and too much", json(201, [{ sid: "SM1", msgid: "x1", id: "a1", more: "x".repeat(70_000) }]), unreadable],
  ["400 and a body that breaks off", { status: 400, body: "{", fault: "cut" }, () => refused("HTTP 400")],
  ["400 and other JSON", json(400, { hello: { world: 1 } }), () => refused("HTTP 400")],
];

it.each(ANSWERS)("after %s it is known whether the message may be sent again", async (_, answer, wanted) => {
  for (const name of NAMES) expect(await sendTo(name, answer), name).toEqual(wanted(name));
});

it("a carrier that never answers, or never ends its answer, may have sent the message", async () => {
  const startedAt = Date.now();
  const cases = NAMES.flatMap((name) => [
    sendTo(name, { fault: "hang", taken: true }).then((sent) => expect(sent).toEqual(SILENT)),
    sendTo(name, { status: 201, fault: "drip" }).then((sent) => expect(sent).toEqual(unreadable(name))),
  ]);
  await Promise.all(cases);
  expect(Date.now() - startedAt).toBeLessThan(15_000);
});

it.each([NOWHERE, "https://nowhere.invalid", ""])(
  "a message is kept for later when the carrier is at %j",
  async (url) => {
    for (const name of NAMES)
      expect(await carrier(name, { [ADDRESS[name]]: url }).send(someMessage()), name).toEqual(UNREACHABLE);
  },
);

it.each([
  ["connects and breaks off", { fault: "reset" }],
  ["answers 521", { status: 521 }],
  ["never answers", { fault: "hang" }],
] satisfies [string, Answer][])("nothing is sent to a carrier whose front door %s", async (_, door) => {
  const receiver = inject("receiverUrl");
  const hook = `${receiver}/hook/${someMsgid()}`;
  // The receiver's answer to whatever is no hook.
  await fetch(`${receiver}/script/`, { method: "PUT", body: JSON.stringify([door]) });
  const sent = NAMES.map((name) => carrier(name, { [ADDRESS[name]]: hook }).send(someMessage()));
  expect(await Promise.all(sent)).toEqual([UNREACHABLE, UNREACHABLE, UNREACHABLE]);
  expect(await (await fetch(hook.replace("/hook/", "/log/"))).json()).toEqual([]);
});

it.each(NAMES)("wrong credentials for %s keep the message for later and name the settings", async (name) => {
  const wrong = { TWILIO_AUTH_TOKEN: "pässword", XOXZO_AUTH_TOKEN: "wrong", HTTP_CARRIER_SECRET: mintSecret() };
  expect(await carrier(name, wrong).send(someMessage())).toEqual(stranger(name));
});

/** As the route does: what is not signed by a carrier that signs is not read. */
async function readReportBy(by: Carrier, request: Request, body: string, message: Reported) {
  return (await by.isSigned?.(request, body)) === false ? { kind: "forged" } : by.readReport?.(request, body, message);
}

it("without its settings no carrier throws", async () => {
  const none = Object.fromEntries(Object.keys(settings).map((key) => [key, ""])) as CarrierSettings;
  for (const name of NAMES) {
    const empty = CARRIERS[name](none, true);
    expect((await empty.send(someMessage())).kind, name).toBe("later");
    const report = new Request("https://s.example.com/", { method: "POST", headers: { "x-twilio-signature": "x" } });
    const reported = await readReportBy(empty, report, "", { msgid: someMsgid(), carrierId: "1", mayAsk });
    expect(reported?.kind, name).toBe(name === "xoxzo" ? "later" : "forged");
  }
});

it("no setting's name is in a reason, which the sender reads", async () => {
  const names = Object.keys(settings).join("|");
  const wrong = { TWILIO_AUTH_TOKEN: "wrong", XOXZO_AUTH_TOKEN: "wrong", HTTP_CARRIER_SECRET: mintSecret() };
  for (const name of NAMES)
    for (const sent of [await carrier(name, wrong).send(someMessage()), await sendTo(name, { status: 405 })])
      expect((sent as Sent & { kind: "later" }).reason, name).not.toMatch(new RegExp(names));
});

/** A body that notes when nobody reads it any more. */
function watchedBody(text: string, isEndless: boolean, closed: () => void): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (isEndless) return;
      controller.close();
      closed();
    },
    cancel: closed,
  });
}

it.each([202, 302, 400, 401, 404, 429, 500, 503, 521, 530])(
  "a sending that is answered %i has one connection open at a time, and none at its end",
  async (answered) => {
    for (const name of NAMES)
      for (const isEndless of [false, true]) {
        let open = 0;
        const methods: string[] = [];
        const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (...asked) => {
          const { method } = new Request(...asked);
          methods.push(method);
          expect(open, `${name} ${method}`).toBe(0);
          open++;
          await scheduler.wait(1);
          // A gateway may answer HEAD with a body.
          return new Response(
            watchedBody("x".repeat(40_000), isEndless, () => void open--),
            { status: method === "HEAD" ? 200 : answered },
          );
        });
        await carrier(name).send(someMessage());
        spy.mockRestore();
        expect([name, methods, open]).toEqual([name, ["HEAD", "POST"], 0]);
      }
  },
);

it("the outbox delivers on one's own machine only; a message of a deployment has not been sent", async () => {
  const logged = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(await CARRIERS.outbox(settings, true).send(someMessage())).toEqual(accepted(null, true));
  expect(logged).toHaveBeenCalledOnce();
  expect(await CARRIERS.outbox(settings, false).send(someMessage())).toEqual(refused("outbox: not sent"));
  expect(logged, "no text in a deployment's log").toHaveBeenCalledOnce();
  logged.mockRestore();
});

it("a reason is one line of at most 300 characters", async () => {
  const reason = `a\r\nb\u0000\u202Ec ${"😀".repeat(200)}`;
  const sent = await sendTo("http", json(400, { reason }));
  const { reason: shown } = sent as Sent & { kind: "refused" };
  expect(shown).toMatch(/^a b c 😀/u);
  expect(shown.length).toBeLessThanOrEqual(300);
  expect(shown.isWellFormed()).toBe(true);
});

// What each one takes

const SERVICE = "MG0123456789abcdefABCDEF0123456789";
const EVERYWHERE = ["XOXZO", "a", "ABCDEFGHI9", "1", "123456789012345", "+818012345678", "+123456789012345"];
const LONG = ["ABCDEFGHIJK", "1234567890A", "My Shop", "My-Shop", "my_shop", "3-4 you", "a  b", "ab-", "ab_"];
const NOWHERE_TAKEN = ["", "+", "1234567890123456", "+1234567890123456", "+ABC", "1+2", "ABCDEFGHIJKL", "12-34", "1 2"]
  .concat([
    " ab",
    "ab ",
    "-ab",
    "_ab",
    "a.b",
    "A&B",
    "Café",
    "ＸＯＸＺＯ",
    "１２３",
    "ショップ",
    "XOXZO\n",
    "a\tb",
    "a\u00a0b",
  ])
  .concat([
    SERVICE.slice(1),
    SERVICE.slice(0, -1),
    `${SERVICE}0`,
    SERVICE.replace("MG", "mg"),
    SERVICE.replace("MG", "AC"),
  ]);

it.each([
  ["outbox", 1_600, [...EVERYWHERE, ...LONG, SERVICE]],
  ["twilio", 1_600, [...EVERYWHERE, ...LONG, SERVICE]],
  ["http", 1_600, [...EVERYWHERE, ...LONG]],
  ["xoxzo", 660, EVERYWHERE],
] as const)("%s takes texts of %i characters, and these senders and no other", (name, longest, senders) => {
  const { takes } = CARRIERS[name](settings, true);
  const all = [...EVERYWHERE, ...LONG, SERVICE, ...NOWHERE_TAKEN];
  expect(all.filter((sender) => takes.isSender(sender))).toEqual(senders);
  expect(takes.longestText).toBe(longest);
});

it.each(NAMES)("%s itself takes what we say that it takes, at its longest", async (name) => {
  const { takes } = carrier(name);
  const text = "あ".repeat(takes.longestText);
  for (const sender of [...EVERYWHERE.slice(0, 3), ...LONG, SERVICE].filter((one) => takes.isSender(one)))
    expect(await carrier(name).send(someMessage({ sender, text }))).toMatchObject({ kind: "accepted" });
});

// Twilio

const twilioError = (status: number, code: number, message: string, headers = {}) =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers);
const twilioMessage = (status: string, error: object = {}) =>
  json(201, { sid: "SM1", status, error_code: null, ...error });

it.each([
  [twilioError(400, 21_610, "unsubscribed recipient"), refused("21610: unsubscribed recipient")],
  [twilioError(403, 20_003, "Permission Denied"), stranger("twilio")],
  [twilioError(429, 20_429, "Too Many Requests", { "retry-after": "3" }), later("20429: Too Many Requests", 3)],
  [twilioError(503, 20_503, "Service unavailable", { "retry-after": "9" }), later("20503: Service unavailable", 9)],
  [twilioError(503, 20_500, "Internal Server Error"), SILENT],
  [twilioError(500, 20_500, "Internal Server Error"), SILENT],
  [twilioError(500, 20_503, "Service unavailable"), SILENT],
  [twilioError(500, 20_003, "Permission Denied"), SILENT],
  [
    twilioMessage("failed", { error_code: 30_007, error_message: "Message filtered" }),
    refused("30007: Message filtered"),
  ],
  [twilioMessage("undelivered", { error_code: 30_003 }), refused("30003: undelivered")],
  [twilioMessage("canceled"), refused("canceled")],
  [twilioMessage("delivered"), accepted("SM1", true)],
  [twilioMessage("accepted"), accepted("SM1")],
  [twilioMessage("a new status"), accepted("SM1")],
])("Twilio's answers are read as its documents have them: %j", async (answer, wanted) => {
  expect(await sendTo("twilio", answer)).toEqual(wanted);
});

it.each([
  [{ recipient: "" }, "21604: A 'To' phone number is required."],
  [{ recipient: "+0" }, "21211: Invalid 'To' Phone Number: +0"],
  [{ sender: "a*b" }, "21212: Invalid From Number (caller ID): a*b"],
  [{ text: "a".repeat(1_601) }, "21617: The concatenated message body exceeds the 1600 character limit."],
  [{ text: "" }, "21602: Message body is required."],
])("Twilio refuses %j", async (fields, reason) => {
  expect(await carrier("twilio").send(someMessage(fields))).toEqual(refused(reason));
});

it("Twilio is asked with parameters of its CreateMessage and nothing else", async () => {
  // twilio/twilio-oai, spec/json/twilio_api_v2010.json, CreateMessageRequest: `To` is required, the others are optional.
  const parameters = [
    ["To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod"],
    ["ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "ShortenUrls"],
    ["ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "RiskCheck", "From", "MessagingServiceSid", "Body"],
    ["MediaUrl", "ContentSid"],
  ].flat();
  const message = someMessage();
  await carrier("twilio").send(message);
  const [{ headers, body, path }] = await offered(message.recipient);
  const form = new URLSearchParams(body);
  expect(parameters).toEqual(expect.arrayContaining([...form.keys()]));
  expect([...form]).toEqual([
    ["To", message.recipient],
    ["From", message.sender],
    ["Body", message.text],
    ["StatusCallback", message.reportUrl],
  ]);
  expect(path).toBe(`/twilio/2010-04-01/Accounts/${settings.TWILIO_ACCOUNT_SID}/Messages.json`);
  expect(headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
});

it.each([
  ["819012345678", "+819012345678"],
  ["1234567", "+1234567"],
  ["123456", "123456"],
  ["12345", "12345"],
  ["SHOP24", "SHOP24"],
  ["Big-Shop_24", "Big-Shop_24"],
  ["My Shop", "My Shop"],
])("the sender %s is %s to Twilio", async (sender, from) => {
  const message = someMessage({ sender });
  expect((await carrier("twilio").send(message)).kind).toBe("accepted");
  const [{ body }] = await offered(message.recipient);
  expect(new URLSearchParams(body).get("From")).toBe(from);
});

it("a messaging service goes to Twilio as one, without a sender, and its answer is read", async () => {
  const message = someMessage({ sender: SERVICE });
  const sent = await carrier("twilio").send(message);
  expect(sent).toEqual({ kind: "accepted", carrierId: expect.stringMatching(/^SM/), isDelivered: false });
  const [{ body }] = await offered(message.recipient);
  expect([...new URLSearchParams(body)]).toEqual([
    ["To", message.recipient],
    ["MessagingServiceSid", SERVICE],
    ["Body", message.text],
    ["StatusCallback", message.reportUrl],
  ]);
});

async function twilioSignature(url: string, fields: Record<string, string>, token = settings.TWILIO_AUTH_TOKEN) {
  const content = Object.keys(fields)
    .toSorted()
    .reduce((text, key) => text + key + fields[key], url);
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(token), algorithm, false, ["sign"]);
  const digest = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(content));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

interface TwilioReport {
  fields: Record<string, string>;
  signature?: string | null;
  signedUrl?: string;
  url?: string;
  token?: string;
}

async function twilioReport({ fields, signature, url = REPORT_URL, signedUrl = url, token }: TwilioReport) {
  const signed = signature === undefined ? await twilioSignature(signedUrl, fields) : signature;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    ...(signed === null ? {} : { "x-twilio-signature": signed }),
  };
  const body = new URLSearchParams(fields).toString();
  const request = new Request(url, { method: "POST", headers, body });
  const changed = token === undefined ? {} : { TWILIO_AUTH_TOKEN: token };
  return readReportBy(carrier("twilio", changed), request, body, { msgid: "m", carrierId: null, mayAsk });
}

const REPORT_URL = "https://s.example.com/sms/reports/twilio/main/0123456789abcdefghijABCDEFGHIJ01?a=b%20c";
const status = (to: string, reason: string | null = null) => ({ kind: "status", status: to, reason });

it.each([
  ["accepted", { kind: "same" }],
  ["scheduled", { kind: "same" }],
  ["queued", { kind: "same" }],
  ["receiving", { kind: "same" }],
  ["received", { kind: "same" }],
  ["sending", status("DELIVERING")],
  ["sent", status("DELIVERING")],
  ["partially_delivered", status("DELIVERING")],
  ["delivered", status("DELIVERED")],
  ["read", status("DELIVERED")],
  ["undelivered", status("FAIL", "undelivered")],
  ["failed", status("FAIL", "failed")],
  ["canceled", status("FAIL", "canceled")],
  ["DELIVERED", { kind: "unreadable" }],
  ["constructor", { kind: "unreadable" }],
  ["", { kind: "unreadable" }],
])("Twilio's status %s is read", async (word, wanted) => {
  expect(await twilioReport({ fields: { MessageSid: "SM1", MessageStatus: word, SmsStatus: "delivered" } })).toEqual(
    wanted,
  );
});

it("Twilio's error code is the reason of a failure, and of nothing else", async () => {
  const failed = { MessageStatus: "undelivered", ErrorCode: "30003" };
  expect(await twilioReport({ fields: failed })).toEqual(status("FAIL", "30003: undelivered"));
  const told = { ...failed, ErrorMessage: "Unreachable destination\nhandset" };
  expect(await twilioReport({ fields: told })).toEqual(status("FAIL", "30003: Unreachable destination handset"));
  expect(await twilioReport({ fields: { MessageStatus: "delivered", ErrorCode: "0" } })).toEqual(status("DELIVERED"));
});

it("Twilio's signature may be over the URL with its port or without", async () => {
  const fields = { MessageStatus: "read", Body: "ä +&=" };
  const withPort = REPORT_URL.replace(".com", ".com:443");
  expect(await twilioReport({ fields, signedUrl: withPort })).toEqual(status("DELIVERED"));
  const local = REPORT_URL.replace("https://s.example.com", "http://localhost:8787");
  expect(await twilioReport({ fields, url: local })).toEqual(status("DELIVERED"));
  expect(await twilioReport({ fields, url: local, signedUrl: local.replace(":8787", "") })).toEqual(
    status("DELIVERED"),
  );
  expect(await twilioReport({ fields, url: local, signedUrl: local.replace(":8787", ":80") })).toEqual({
    kind: "forged",
  });
});

it.each([
  ["without a signature", { signature: null }],
  ["with an empty signature", { signature: "" }],
  ["with any signature", { signature: "c2lnbmF0dXJlc2lnbmF0dXJlc2k=" }],
  ["with a signature that is not base64", { signature: "$$$" }],
  ["signed for another URL", { signedUrl: REPORT_URL.replace("main", "other") }],
  ["signed for http", { signedUrl: REPORT_URL.replace("https:", "http:") }],
  ["signed with another token", { token: "another" }],
])("a report %s is not Twilio's", async (_, forgery) => {
  expect(await twilioReport({ fields: { MessageStatus: "delivered" }, ...forgery })).toEqual({ kind: "forged" });
});

it("a report that was changed on the way is not Twilio's", async () => {
  const signature = await twilioSignature(REPORT_URL, { MessageStatus: "delivered" });
  expect(await twilioReport({ fields: { MessageStatus: "failed" }, signature })).toEqual({ kind: "forged" });
  expect(await twilioReport({ fields: { MessageStatus: "delivered", A: "" }, signature })).toEqual({ kind: "forged" });
});

it.each([
  // The worked example of Twilio's security guide, in its two printings.
  ["+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc="],
  ["+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
])("Twilio's published example is signed right (%s)", async (from, signature) => {
  const fields = { CallSid: "CA1234567890ABCDE", Caller: from, Digits: "1234", From: from, To: "+18005551212" };
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  // It is Twilio's, but it is about a call.
  expect(await twilioReport({ fields, url, signature, token: "12345" })).toEqual({ kind: "unreadable" });
  expect(await twilioReport({ fields, url, signature, token: "12346" })).toEqual({ kind: "forged" });
});

// Xoxzo

it.each([
  [json(201, [{ msgid: "x1" }]), accepted("x1")],
  [json(201, { msgid: "x1" }), accepted("x1")],
  [json(201, []), SILENT],
  [json(401, { detail: "Invalid sid/token" }), stranger("xoxzo")],
  [json(403, { non_field_errors: ["Not enough credits, required: 20"] }), refused("Not enough credits, required: 20")],
  [
    json(429, { detail: "Request was throttled. Expected available in 1 second." }, { "retry-after": "1" }),
    later("Request was throttled. Expected available in 1 second.", 1),
  ],
  [json(503, { detail: "down" }), SILENT],
  [json(400, { message: ["too long", "bad"], sender: ["bad"] }), refused("message: too long bad sender: bad")],
])("Xoxzo's answers are read as its documents have them: %j", async (answer, wanted) => {
  expect(await sendTo("xoxzo", answer)).toEqual(wanted);
});

it.each([
  [{ text: "" }, "message: This field is required."],
  [{ recipient: "+0" }, "recipient: Invalid recipient"],
  [{ text: "a".repeat(661) }, "message: Message too long"],
])("Xoxzo refuses %j", async (fields, reason) => {
  expect(await carrier("xoxzo").send(someMessage(fields))).toEqual(refused(reason));
});

it("Xoxzo is asked to send and to report, not to track links", async () => {
  const message = someMessage();
  await carrier("xoxzo").send(message);
  const [{ body }] = await offered(message.recipient);
  expect([...new URLSearchParams(body)]).toEqual([
    ["message", message.text],
    ["recipient", message.recipient],
    ["sender", message.sender],
    ["callbackurl", message.reportUrl],
  ]);
});

it.each([
  ["QUEUED", { kind: "same" }],
  ["DELIVERING", status("DELIVERING")],
  ["DELIVERED", status("DELIVERED")],
  ["OK", status("DELIVERED")],
  ["FAIL", status("FAIL")],
  ["FAILED", status("FAIL")],
  ["delivered", { kind: "unreadable" }],
])("a report of Xoxzo makes us ask, and it answers %s", async (word, wanted) => {
  const message = someMessage();
  const sent = await carrier("xoxzo").send(message);
  const { body, request } = await reportedBy(message, { status: word });
  const { carrierId } = sent as Sent & { kind: "accepted" };
  expect(await carrier("xoxzo").readReport?.(request, body, { ...message, carrierId, mayAsk })).toEqual(wanted);
});

it("a report of Xoxzo that may not make us ask asks nothing, and is to come again", async () => {
  const spy = vi.spyOn(globalThis, "fetch");
  const unasked = { msgid: "m", carrierId: "x1", mayAsk: async () => false };
  const request = new Request(REPORT_URL, { method: "POST" });
  expect(await carrier("xoxzo").readReport?.(request, "", unasked)).toEqual({ kind: "later" });
  expect(spy).not.toHaveBeenCalled();
  spy.mockRestore();
});

it("a report of Xoxzo waits until Xoxzo can be asked", async () => {
  const request = () => new Request(REPORT_URL, { method: "POST" });
  const read = (changed: Partial<CarrierSettings>, carrierId: string | null = "x1") =>
    carrier("xoxzo", changed).readReport?.(request(), "status=DELIVERED", { msgid: "m", carrierId, mayAsk });
  expect(await read({}, null)).toEqual({ kind: "later" });
  expect(await read({}, "unknown")).toEqual({ kind: "later" });
  expect(await read({}, "../../taken")).toEqual({ kind: "later" });
  expect(await read({ XOXZO_AUTH_TOKEN: "wrong" })).toEqual({ kind: "later" });
  expect(await read({ XOXZO_API_URL: NOWHERE })).toEqual({ kind: "later" });
  const delivered = JSON.stringify({ status: "DELIVERED" });
  for (const answer of [{ status: 500, body: delivered }, { fault: "reset" }, { body: "garbage" }, { body: "[]" }]) {
    const id = someMsgid();
    await fetch(`${inject("receiverUrl")}/script/${id}`, { method: "PUT", body: JSON.stringify([answer]) });
    const api = `${inject("receiverUrl")}/hook/${id}`;
    expect(await read({ XOXZO_API_URL: api }), JSON.stringify(answer)).toEqual({ kind: "later" });
  }
});

// An adapter

it("a message to an adapter is signed by Standard Webhooks, with the msgid as its id", async () => {
  const message = someMessage();
  const sent = await carrier("http").send(message);
  expect(sent).toEqual(accepted(`adapter-${message.msgid}`));
  const [{ headers, body }] = await offered(message.recipient);
  const { msgid, sender, recipient, text, reportUrl } = message;
  expect(new Webhook(settings.HTTP_CARRIER_SECRET).verify(body, headers)).toEqual({
    msgid,
    sender,
    recipient,
    text,
    report_url: reportUrl,
  });
  expect(headers).toMatchObject({
    "webhook-id": msgid,
    "content-type": "application/json",
    "user-agent": "firsttap/1",
  });
});

it.each([
  [{ status: 200 }, accepted(null)],
  [{ status: 204 }, accepted(null)],
  [json(202, { id: "a1" }), accepted("a1")],
  [json(202, { id: "a1", status: "DELIVERED" }), accepted("a1", true)],
  [json(202, { id: 17, status: "DELIVERED" }), accepted(null, true)],
  [json(202, { id: "a1", status: { is: "odd" } }), accepted("a1")],
  [json(202, { id: "a".repeat(201) }), accepted(null)],
  [json(400, { reason: "no such number" }), refused("no such number")],
  [json(403, { reason: "no credit" }), refused("no credit")],
  [json(429, { reason: "slowly" }, { "retry-after": "30" }), later("slowly", 30)],
  [json(503, { accepted: false, reason: "restarting" }, { "retry-after": "5" }), later("restarting", 5)],
  [json(503, { accepted: false }), later("HTTP 503")],
  [json(502, { accepted: false, reason: "the carrier is down" }), later("the carrier is down")],
  [json(422, { accepted: false, reason: "no such number" }), refused("no such number")],
  // What gateways say, and not the adapter: it may have handed the message over before its connection broke.
  [{ status: 503, body: "upstream connect error or disconnect/reset before headers" }, SILENT],
  [{ status: 503, body: "<title>Application error</title>", headers: { "retry-after": "5" } }, SILENT],
  [json(503, { message: "Service Unavailable" }), SILENT],
  [json(503, { kind: "Status", status: "Failure", reason: "ServiceUnavailable", code: 503 }), SILENT],
  [json(503, { accepted: "false" }), SILENT],
  [json(503, { accepted: true }), SILENT],
  [json(503, false), SILENT],
  [json(500, { reason: "crashed" }), SILENT],
] satisfies [Script, Sent][])("an adapter's answer is read: %j", async (answer, wanted) => {
  expect(await sendTo("http", answer)).toEqual(wanted);
});

async function adapterReport(body: string, change: (headers: Headers) => void = () => {}, ageSeconds = 0) {
  const at = new Date(Date.now() - ageSeconds * 1_000);
  const signature = new Webhook(settings.HTTP_CARRIER_SECRET).sign("r1", at, body);
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const headers = new Headers({ "webhook-id": "r1", "webhook-timestamp": timestamp, "webhook-signature": signature });
  change(headers);
  const request = new Request(REPORT_URL, { method: "POST", headers, body });
  return readReportBy(carrier("http"), request, body, { msgid: "m", carrierId: null, mayAsk });
}

const DELIVERED = JSON.stringify({ msgid: "m", status: "DELIVERED" });

it.each([
  [{ msgid: "m", status: "DELIVERING" }, status("DELIVERING")],
  [{ msgid: "m", status: "DELIVERED", reason: null }, status("DELIVERED")],
  [{ msgid: "m", status: "FAIL" }, status("FAIL")],
  [{ msgid: "m", status: "FAIL", reason: "number\nunknown", more: 1 }, status("FAIL", "number unknown")],
  [{ msgid: "m", status: "delivered" }, { kind: "unreadable" }],
  [{ msgid: "m", status: "FAIL", reason: 7 }, { kind: "unreadable" }],
  [{ status: "DELIVERED" }, { kind: "unreadable" }],
  [{ msgid: "another", status: "DELIVERED" }, { kind: "unreadable" }],
  [["DELIVERED"], { kind: "unreadable" }],
  [null, { kind: "unreadable" }],
])("an adapter's report %j is read", async (report, wanted) => {
  expect(await adapterReport(JSON.stringify(report))).toEqual(wanted);
});

it.each(["", "{", "status=DELIVERED"])("a signed report %j is unreadable", async (body) => {
  expect(await adapterReport(body)).toEqual({ kind: "unreadable" });
});

it.each([
  [
    "with several signatures",
    (headers: Headers) => headers.set("webhook-signature", `v1,AAAA v1a,BBBB ${headers.get("webhook-signature")} v1,`),
  ],
  ["four minutes old", () => {}, 240],
  ["from four minutes ahead", () => {}, -240],
] as [string, (headers: Headers) => void, number?][])("a report %s is the adapter's", async (_, change, age) => {
  expect(await adapterReport(DELIVERED, change, age)).toEqual(status("DELIVERED"));
});

it.each([
  ...["webhook-id", "webhook-timestamp", "webhook-signature"].flatMap(
    (name): [string, (headers: Headers) => void][] => [
      [`without ${name}`, (headers) => headers.delete(name)],
      [`with an empty ${name}`, (headers) => headers.set(name, "")],
      [`with another ${name}`, (headers) => headers.set(name, `${headers.get(name)}1`)],
    ],
  ),
  ["with a timestamp in milliseconds", (headers: Headers) => headers.set("webhook-timestamp", String(Date.now()))],
  ["with a timestamp that is none", (headers: Headers) => headers.set("webhook-timestamp", "NaN")],
  [
    "with half a signature",
    (headers: Headers) => headers.set("webhook-signature", (headers.get("webhook-signature") ?? "").slice(0, 20)),
  ],
  [
    "with an unversioned signature",
    (headers: Headers) => headers.set("webhook-signature", (headers.get("webhook-signature") ?? "").slice(3)),
  ],
  ["six minutes old", () => {}, 360],
  ["from six minutes ahead", () => {}, -360],
] as [string, (headers: Headers) => void, number?][])("a report %s is not the adapter's", async (_, change, age) => {
  expect(await adapterReport(DELIVERED, change, age)).toEqual({ kind: "forged" });
});

it("a report with another body or another secret is not the adapter's", async () => {
  const now = Date.now();
  const headers = new Headers(
    await signedHeaders([mintSecret(), settings.HTTP_CARRIER_SECRET], "r1", Math.floor(now / 1_000), DELIVERED),
  );
  expect(await isSigned(settings.HTTP_CARRIER_SECRET, headers, DELIVERED, now)).toBe(true);
  expect(await isSigned(settings.HTTP_CARRIER_SECRET, headers, `${DELIVERED} `, now)).toBe(false);
  expect(await isSigned(mintSecret(), headers, DELIVERED, now)).toBe(false);
  expect(await isSigned("", headers, DELIVERED, now)).toBe(false);
});

it("the published example of Standard Webhooks is signed right", async () => {
  const headers = new Headers({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  expect(await isSigned(secret, headers, '{"test": 2432232314}', 1_614_265_330_000)).toBe(true);
});

it.each([
  [`whsec_${btoa("x".repeat(24))}`, true],
  [`whsec_${btoa("x".repeat(64))}`, true],
  [`whsec_${btoa("x".repeat(23))}`, false],
  [`whsec_${btoa("x".repeat(65))}`, false],
  [btoa("x".repeat(32)), false],
  ["whsec_", false],
  ["whsec_$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$$", false],
])("%s may be a secret: %s", (secret, isRight) => {
  expect(isSecret(secret)).toBe(isRight);
  const { problems } = readSettings({
    ADMIN_TOKEN: "0123456789abcdef",
    CARRIER: "http",
    HTTP_CARRIER_URL: "https://adapter.example.com/",
    HTTP_CARRIER_SECRET: secret,
  } as unknown as Env);
  expect(problems).toEqual(
    isRight ? [] : [expect.stringMatching(/^HTTP_CARRIER_SECRET must be .* wrangler secret put/)],
  );
});

// The servers' own reports, signed by Node's crypto and by the package standardwebhooks.

/** What the carrier POSTed to the report URL of this message. */
async function reportedBy(message: Outgoing, report: object): Promise<{ body: string; request: Request }> {
  const url = `${inject("carrierUrl")}/report/${message.msgid}`;
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(report) });
  expect(answer.status).toBe(200);
  const [{ headers, body }] = await (await fetch(message.reportUrl.replace("/hook/", "/log/"))).json<any>();
  // Not a header.
  const { ":method": method, ...sent } = headers;
  return { body, request: new Request(message.reportUrl, { method, headers: sent, body }) };
}

it.each([
  ["twilio", { status: "sent" }, status("DELIVERING")],
  ["twilio", { status: "undelivered", code: 30_005 }, status("FAIL", "30005: undelivered")],
  ["http", { status: "DELIVERED" }, status("DELIVERED")],
  ["http", { status: "FAIL", code: 17 }, status("FAIL", "17")],
] as const)("what the server of %s reports (%j) is read", async (name, report, wanted) => {
  const message = someMessage();
  await carrier(name).send(message);
  const { body, request } = await reportedBy(message, report);
  expect(await readReportBy(carrier(name), request, body, { ...message, carrierId: null, mayAsk })).toEqual(wanted);
});
