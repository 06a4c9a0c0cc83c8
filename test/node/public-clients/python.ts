// The official Python client, github.com/xoxzo/xoxzo.cloudpy, xoxzo/cloudpy/cloudpy.py: 0.5.0 (87c4b79, any further field
// as a keyword) and 0.4.1 (the one on PyPI: three fields only, and a status without the final slash).
//
// Recorded with requests 2.34.2 on Python 3.11. 0.4.1 of 2018 ran with a requests of its time, of which only the number in
// User-Agent is known to differ.

import { expect } from "vitest";
import { type Answer, type Client, type Exchange, json, message, MSGID, SENTENCES } from "./exchange.ts";

const HEAD = `Host: {host}\r
User-Agent: python-requests/2.34.2\r
Accept-Encoding: gzip, deflate\r
Accept: */*\r
Connection: keep-alive\r
`;
const get = (path: string) => `GET /sms/messages/${path} HTTP/1.1\r\n${HEAD}Authorization: Basic {basic}\r\n\r\n`;
const post = (form: string) =>
  `POST /sms/messages/ HTTP/1.1\r\n${HEAD}Content-Length: {length}\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic {basic}\r\n\r\n${form}`;

/** `XoxzoClient.__parse`. */
function read({ status, body }: Answer): { errors: number | null; message: unknown; messages: unknown } {
  const parsed = json(body);
  if (status < 200 || status > 201) return { errors: status, message: parsed, messages: [] };
  return Array.isArray(parsed)
    ? { errors: null, message: {}, messages: parsed }
    : { errors: null, message: parsed, messages: [] };
}

const SENT = { errors: null, messages: [{ msgid: MSGID }] };
const LISTED = { errors: null, messages: expect.any(Array) };
const EMPTY = { errors: null, messages: [] };
const BAD_DATE = { errors: 400, message: { sent_date: SENTENCES }, messages: [] };
const BAD_RECIPIENT = { errors: 400, message: { recipient: SENTENCES }, messages: [] };
const UNKNOWN = { errors: 404, message: { detail: expect.any(String) }, messages: [] };

export const sendTracked: Exchange = {
  name: "send_sms(…, track_link='true', lt_callbackurl=…, tags='a,b', callbackurl=None)",
  request: post(
    "message=%E8%A9%B3%E3%81%97%E3%81%8F%E3%81%AF+https%3A%2F%2Fexample.com%2Foffer%3Fa%3D1%26b%3D2+%E3%82%92%E3%81%94%E8%A6%A7%E3%81%8F%E3%81%A0%E3%81%95%E3%81%84&recipient=%2B818012345678&sender=XOXZO&track_link=true&lt_callbackurl={hook}&tags=a%2Cb",
  ),
  read,
  expected: SENT,
};

export const statusOfTracked: Exchange = {
  name: "get_sms_delivery_status(msgid)",
  request: get("{msgid}/"),
  read,
  expected: (session) => ({
    errors: null,
    messages: [],
    message: message(session, {
      sender: "XOXZO",
      recipient: "+818012345678",
      tags: ["a", "b"],
      link_tracking: {
        link: "https://example.com/offer?a=1&b=2",
        shortlink: expect.stringMatching(`^http://${session.host}/[^/]+$`),
        accessed: false,
        accessed_on: null,
      },
    }),
  }),
};

export const sendPlain: Exchange = {
  name: "send_sms(message, recipient, sender)",
  request: post("message=Hello+from+Xoxzo&recipient=%2B818012345678&sender=814512345678"),
  read,
  expected: SENT,
};

// `get_sent_sms_list(">=…")` puts its argument behind `?sent_date`; the operator goes into the key.
const list = (operatorAndDay: string, wire: string, expected: Exchange["expected"]): Exchange => ({
  name: `get_sent_sms_list("${operatorAndDay}")`,
  request: get(`?sent_date${wire}`),
  read,
  expected,
});

const listWithTheMessage: Exchange["expected"] = (session) => ({
  errors: null,
  messages: [message(session, { sender: "XOXZO", tags: ["a", "b"], link_tracking: { accessed: false } })],
});

export const python050: Client = {
  name: "Python xoxzo.cloudpy 0.5.0",
  exchanges: [
    { name: "get_sent_sms_list() before anything was sent", request: get(""), read, expected: EMPTY },
    sendTracked,
    statusOfTracked,
    { name: "get_sent_sms_list()", request: get(""), read, expected: listWithTheMessage },
    list(">=today", "%3E={today}", listWithTheMessage),
    list("=today", "={today}", listWithTheMessage),
    list("<=today", "%3C={today}", listWithTheMessage),
    list(">yesterday", "%3E{today-1}", listWithTheMessage),
    list("<tomorrow", "%3C{today+1}", listWithTheMessage),
    list(">=tomorrow", "%3E={today+1}", EMPTY),
    list("=yesterday", "={today-1}", EMPTY),
    list("<=yesterday", "%3C={today-1}", EMPTY),
    list(">today", "%3E{today}", EMPTY),
    list("<today", "%3C{today}", EMPTY),
    // From here on, what its own tests ask for (tests/test_cloudpy.py).
    list(">=89 days ago", "%3E={today-89}", LISTED),
    list(">=91 days ago", "%3E={today-91}", BAD_DATE),
    list(">=2016-13-01", "%3E=2016-13-01", BAD_DATE),
    {
      name: "send_sms to a recipient with a trunk 0",
      request: post("message=Hello+from+Xoxzo&recipient=%2B8108012345678&sender=814512345678"),
      read,
      expected: BAD_RECIPIENT,
    },
    {
      name: "get_sms_delivery_status of an unknown msgid",
      request: get("dabd8e76-390f-421c-87b5-57f31339d0c5/"),
      read,
      expected: UNKNOWN,
    },
    {
      name: "send_sms with sid 123 and token 456",
      request: post("message=Hello+from+Xoxzo&recipient=%2B8108012345678&sender=814512345678").replace(
        "{basic}",
        "MTIzOjQ1Ng==",
      ),
      read,
      expected: { errors: 401, message: { detail: "Invalid sid/token" }, messages: [] },
    },
  ],
};

export const python041: Client = {
  name: "Python xoxzo.cloudpy 0.4.1",
  exchanges: [
    sendPlain,
    {
      name: "get_sms_delivery_status(msgid), without the final slash",
      request: get("{msgid}"),
      read,
      expected: (session) => ({
        errors: null,
        messages: [],
        message: message(session, { sender: "814512345678", recipient: "+818012345678" }),
      }),
    },
    { name: "get_sent_sms_list()", request: get(""), read, expected: LISTED },
    list(">=89 days ago", "%3E={today-89}", LISTED),
    {
      name: "get_sms_delivery_status of an unknown msgid",
      request: get("dabd8e76-390f-421c-87b5-57f31339d0c5"),
      read,
      expected: UNKNOWN,
    },
  ],
};
