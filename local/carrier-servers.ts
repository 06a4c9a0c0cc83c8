// The carriers as real HTTP servers on one port: they check what the real ones check, answer as those do, and keep
// count of every message that they took. The tests and the crash rounds send through them; GET /settings answers the
// settings that choose and reach them.
//
//   PUT  /script/RECIPIENT  a JSON array of answers (CarrierAnswer): the first for the first message to this number, …,
//                           the last for all that follow; {} is what the carrier answers by itself
//   GET  /log/RECIPIENT     what came for this number, oldest first (Offered)
//   GET  /taken             every message that was taken, oldest first (Taken)
//   POST /report/MSGID      a JSON {"status", "code"?} in the carrier's own words: the carrier reports it to us, and the
//                           answer's status is ours

import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import type { Answer } from "./answers.ts";

/** How to answer one message. */
export type CarrierAnswer = Omit<Answer, "bodyBytes"> & {
  /** The message is taken although the answer does not say so: it is counted, and reports can be made of it. */
  taken?: boolean;
};

/** One message that a carrier will deliver. */
export interface Taken {
  carrier: "twilio" | "xoxzo" | "http";
  /** The carrier's own name for it. */
  carrierId: string;
  /** Ours. */
  msgid: string;
  sender: string;
  recipient: string;
  text: string;
  reportUrl: string;
}

/** One request that came. */
export interface Offered {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface CarrierServers {
  url: string;
  /** The settings with which each of the carriers is reached. */
  settings: Record<string, string>;
  taken(): readonly Taken[];
  close(): Promise<void>;
}

/** What a carrier makes of a request, if no script says otherwise. */
interface Verdict {
  recipient: string;
  /** Undefined when it is refused. */
  message?: Taken;
  answer: Answer;
}

const TWILIO_SID = `AC${"0".repeat(32)}`;
const TOKENS = { twilio: "twilio-token", xoxzo: "xoxzo-token" };
const XOXZO_SID = "xoxzo-sid";
const SECRET = `whsec_${Buffer.from("the adapter's secret, only for tests").toString("base64")}`;
const FORM = "application/x-www-form-urlencoded";

/** Starts them on a free port of the loopback interface. */
export async function startCarrierServers(port = 0): Promise<CarrierServers> {
  const scripts = new Map<string, CarrierAnswer[]>();
  const logs = new Map<string, Offered[]>();
  const taken: Taken[] = [];
  /** Xoxzo's statuses, by its own ids. */
  const statuses = new Map<string, string>();

  function offered(verdict: Verdict, offer: Offered): CarrierAnswer {
    const { recipient, message, answer } = verdict;
    const log = logs.get(recipient) ?? [];
    logs.set(recipient, log);
    log.push(offer);
    const script = scripts.get(recipient) ?? [];
    const scripted = script[log.length - 1] ?? script.at(-1) ?? {};
    const isScripted = Object.keys(scripted).some((key) => key !== "taken" && key !== "delayMs");
    if (message !== undefined && (scripted.taken ?? !isScripted)) {
      taken.push(message);
      statuses.set(message.carrierId, "QUEUED");
    }
    return isScripted ? scripted : { ...answer, ...scripted };
  }

  async function route(request: IncomingMessage, body: string): Promise<CarrierAnswer> {
    const path = request.url ?? "";
    const [, what = "", name = ""] = path.split("/").map(decodeURIComponent);
    if (request.method === "HEAD") return { status: 404 };
    if (what === "settings") return json(200, settings);
    if (what === "taken") return json(200, taken);
    if (what === "log") return json(200, logs.get(name) ?? []);
    if (what === "script") {
      scripts.set(name, JSON.parse(body) as CarrierAnswer[]);
      return { status: 204 };
    }
    if (what === "report") return { status: await report(name, JSON.parse(body) as { status: string; code?: number }) };
    const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
    const offer = { path, headers, body };
    if (what === "twilio") return offered(twilio(offer), offer);
    if (what === "adapter") return offered(adapter(offer), offer);
    if (what === "xoxzo" && request.method === "POST") return offered(xoxzo(offer), offer);
    if (what === "xoxzo") return xoxzoStatus(offer, taken, statuses);
    return { status: 404 };
  }

  /** Reports as the carrier does, to the address that it was given. Answers with the status of our answer. */
  async function report(msgid: string, { status, code }: { status: string; code?: number }): Promise<number> {
    const message = taken.find((one) => one.msgid === msgid);
    if (message === undefined) return 404;
    statuses.set(message.carrierId, status);
    const answer = await fetch(message.reportUrl, { method: "POST", ...reportOf(message, status, code) });
    return answer.status;
  }

  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => route(request, body))
      .then((answer) => reply(response, answer))
      // Whoever asked died in the middle of it, or asked for nonsense.
      .catch(() => response.destroy());
  });
  // As in scripted-receiver.ts.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the carriers did not start");
  const url = `http://127.0.0.1:${address.port}`;
  const settings = {
    TWILIO_ACCOUNT_SID: TWILIO_SID,
    TWILIO_AUTH_TOKEN: TOKENS.twilio,
    TWILIO_API_URL: `${url}/twilio`,
    XOXZO_SID,
    XOXZO_AUTH_TOKEN: TOKENS.xoxzo,
    XOXZO_API_URL: `${url}/xoxzo`,
    HTTP_CARRIER_URL: `${url}/adapter/messages`,
    HTTP_CARRIER_SECRET: SECRET,
  };
  return {
    url,
    settings,
    taken: () => taken,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function twilio({ path, headers, body }: Offered): Verdict {
  const form = formOf(headers, body);
  const [recipient, sender, text] = ["To", "From", "Body"].map((name) => form.get(name) ?? "") as [
    string,
    string,
    string,
  ];
  const service = form.get("MessagingServiceSid");
  const reportUrl = form.get("StatusCallback") ?? "";
  const refuse = (status: number, code: number, message: string): Verdict => {
    const more = `https://www.twilio.com/docs/errors/${code}`;
    return { recipient, answer: json(status, { code, message, more_info: more, status }) };
  };
  if (!isAuthorized(headers, TWILIO_SID, TOKENS.twilio)) return refuse(401, 20_003, "Authenticate");
  if (path !== `/twilio/2010-04-01/Accounts/${TWILIO_SID}/Messages.json`)
    return refuse(404, 20_404, `The requested resource ${path} was not found`);
  if (recipient === "") return refuse(400, 21_604, "A 'To' phone number is required.");
  if (!/^\+[1-9]\d{6,14}$/.test(recipient)) return refuse(400, 21_211, `Invalid 'To' Phone Number: ${recipient}`);
  if (service !== null && !/^MG[0-9a-fA-F]{32}$/.test(service))
    return refuse(400, 21_701, `The Messaging Service does not exist: ${service}`);
  if (service === null && !/^(?:\+[1-9]\d{6,14}|\d{3,6}|(?=.*[A-Za-z])[\w &+-]{1,11})$/.test(sender))
    return refuse(400, 21_212, `Invalid From Number (caller ID): ${sender}`);
  if (text === "") return refuse(400, 21_602, "Message body is required.");
  if (text.length > 1_600)
    return refuse(400, 21_617, "The concatenated message body exceeds the 1600 character limit.");
  if (!URL.canParse(reportUrl)) return refuse(400, 21_609, "The 'StatusCallback' URL is not a valid URL.");
  const sid = `SM${randomBytes(16).toString("hex")}`;
  const uri = `/2010-04-01/Accounts/${TWILIO_SID}/Messages/${sid}.json`;
  const resource = {
    account_sid: TWILIO_SID,
    api_version: "2010-04-01",
    body: text,
    date_created: new Date().toUTCString(),
    date_sent: null,
    date_updated: new Date().toUTCString(),
    direction: "outbound-api",
    error_code: null,
    error_message: null,
    // A messaging service chooses it later.
    from: service === null ? sender : null,
    messaging_service_sid: service,
    num_media: "0",
    num_segments: "1",
    price: null,
    price_unit: "USD",
    sid,
    status: service === null ? "queued" : "accepted",
    subresource_uris: { media: uri.replace(".json", "/Media.json") },
    to: recipient,
    uri,
  };
  const message = {
    carrier: "twilio",
    carrierId: sid,
    msgid: lastPart(reportUrl),
    sender: service ?? sender,
    recipient,
    text,
    reportUrl,
  } as const;
  return { recipient, message, answer: json(201, resource) };
}

function xoxzo({ path, headers, body }: Offered): Verdict {
  const form = formOf(headers, body);
  const [recipient, sender, text] = ["recipient", "sender", "message"].map((name) => form.get(name) ?? "") as [
    string,
    string,
    string,
  ];
  const reportUrl = form.get("callbackurl") ?? "";
  const refuse = (status: number, said: unknown): Verdict => ({ recipient, answer: json(status, said) });
  if (path !== "/xoxzo/sms/messages/") return { recipient, answer: { status: 404, body: "<h1>Not Found</h1>" } };
  if (!isAuthorized(headers, XOXZO_SID, TOKENS.xoxzo)) return refuse(401, { detail: "Invalid sid/token" });
  const missing = ["message", "recipient", "sender"].filter((name) => (form.get(name) ?? "") === "");
  if (missing.length > 0)
    return refuse(400, Object.fromEntries(missing.map((name) => [name, ["This field is required."]])));
  if (!/^\+[1-9]\d{6,14}$/.test(recipient)) return refuse(400, { recipient: ["Invalid recipient"] });
  if (!/^(?:\d{1,15}|[A-Za-z0-9]{1,10})$/.test(sender)) return refuse(400, { sender: ["Invalid sender"] });
  if (text.length > 660) return refuse(400, { message: ["Message too long"] });
  const msgid = randomBytes(16).toString("hex");
  const message = {
    carrier: "xoxzo",
    carrierId: msgid,
    msgid: lastPart(reportUrl),
    sender,
    recipient,
    text,
    reportUrl,
  } as const;
  return { recipient, message, answer: json(201, [{ msgid }]) };
}

function xoxzoStatus({ path, headers }: Offered, taken: Taken[], statuses: Map<string, string>): Answer {
  if (!isAuthorized(headers, XOXZO_SID, TOKENS.xoxzo)) return json(401, { detail: "Invalid sid/token" });
  const id = /^\/xoxzo\/sms\/messages\/([^/]+)\/$/.exec(path)?.[1];
  const message = taken.find(({ carrierId }) => carrierId === id);
  if (message === undefined) return { status: 404, body: "<h1>Not Found</h1>" };
  const { carrierId, recipient, sender } = message;
  const sent = { cost: 15, msgid: carrierId, recipient, sender, sent_time: "2026-11-20 02:37:47", tags: [] };
  return json(200, {
    ...sent,
    status: statuses.get(carrierId),
    url: `https://api.xoxzo.com/sms/messages/${carrierId}/`,
  });
}

function adapter({ headers, body }: Offered): Verdict {
  const { msgid = "", sender = "", recipient = "", text = "", report_url: reportUrl = "" } = fieldsOf(body);
  try {
    new Webhook(SECRET).verify(body, headers);
  } catch {
    return { recipient, answer: json(401, { reason: "wrong signature" }) };
  }
  if (headers["content-type"] !== "application/json" || [msgid, sender, recipient, text, reportUrl].includes(""))
    return { recipient, answer: json(400, { reason: "a field is missing" }) };
  const message = {
    carrier: "http",
    carrierId: `adapter-${msgid}`,
    msgid,
    sender,
    recipient,
    text,
    reportUrl,
  } as const;
  return { recipient, message, answer: json(202, { id: message.carrierId }) };
}

/** The carrier's report of a status in its own words, signed as it signs. */
function reportOf(message: Taken, status: string, code?: number): { headers?: Record<string, string>; body: string } {
  switch (message.carrier) {
    case "xoxzo":
      return { body: "" };
    case "http": {
      const body = JSON.stringify({
        msgid: message.msgid,
        status,
        ...(code === undefined ? {} : { reason: String(code) }),
      });
      const [id, at] = [`report_${randomBytes(8).toString("hex")}`, new Date()];
      const signature = new Webhook(SECRET).sign(id, at, body);
      const timestamp = String(Math.floor(at.getTime() / 1_000));
      return { headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature }, body };
    }
    case "twilio": {
      const form = new URLSearchParams({
        AccountSid: TWILIO_SID,
        ApiVersion: "2010-04-01",
        From: message.sender,
        MessageSid: message.carrierId,
        MessageStatus: status,
        SmsSid: message.carrierId,
        SmsStatus: status,
        To: message.recipient,
        ...(code === undefined ? {} : { ErrorCode: String(code) }),
      });
      form.sort();
      const content = [message.reportUrl, ...form].flat().join("");
      const signature = createHmac("sha1", TOKENS.twilio).update(content).digest("base64");
      return { headers: { "content-type": FORM, "x-twilio-signature": signature }, body: form.toString() };
    }
  }
}

function isAuthorized(headers: Record<string, string>, name: string, password: string): boolean {
  return headers["authorization"] === `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}

function formOf(headers: Record<string, string>, body: string): URLSearchParams {
  return new URLSearchParams(headers["content-type"]?.startsWith(FORM) === true ? body : "");
}

function fieldsOf(body: string): Record<string, string> {
  try {
    return JSON.parse(body) as Record<string, string>;
  } catch {
    return {};
  }
}

function lastPart(url: string): string {
  return url.split("/").at(-1) ?? "";
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function reply(
  response: ServerResponse,
  { status = 200, headers = {}, body = "", fault, delayMs = 0 }: CarrierAnswer,
): void {
  switch (fault) {
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "garbage":
      response.socket?.end("this is not HTTP\r\n\r\n");
      return;
    case "cut":
      response.writeHead(status, { ...headers, "content-length": String(body.length + 1_000) });
      response.write(`${body} `);
      setTimeout(() => response.socket?.destroy(), 20);
      return;
    case "drip":
      response.writeHead(status, headers);
      response.write(" ");
      return;
    case undefined:
      setTimeout(() => response.writeHead(status, headers).end(body), delayMs);
  }
}
