// The official Ruby client, github.com/xoxzo/xoxzo.cloudruby, lib/xoxzo/cloudruby.rb (a2df6f5), on HTTParty; an older
// version (db289ba) sent JSON.
//
// Recorded with HTTParty 0.21.0 on Ruby 3.1. Inferred: the HTTParty of 2018 sends the same headers.

import { type Answer, type Client, type Exchange, json, message, MSGID, SENTENCES } from "./exchange.ts";

const TAIL = "User-Agent: Ruby\r\nAuthorization: Basic {basic}\r\nConnection: close\r\nHost: {host}\r\n";
const ENCODINGS = "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3\r\n";
const get = (path: string) => `GET /sms/messages/${path} HTTP/1.1\r\n${ENCODINGS}Accept: */*\r\n${TAIL}\r\n`;
const post = (type: string, body: string) =>
  `POST /sms/messages/ HTTP/1.1\r\nContent-Type: ${type}\r\nAccept: application/json\r\n${ENCODINGS}${TAIL}Content-Length: {length}\r\n\r\n${body}`;
const postForm = (form: string) => post("application/x-www-form-urlencoded", form);

interface XoxzoResponse {
  errors: number | null;
  message: unknown;
  messages: unknown;
}

function readMessages({ status, body }: Answer, wanted: number): XoxzoResponse {
  return status === wanted
    ? { errors: null, message: {}, messages: json(body) }
    : { errors: status, message: json(body) ?? {}, messages: [] };
}

const readSent = (answer: Answer) => readMessages(answer, 201);
const readListed = (answer: Answer) => readMessages(answer, 200);

function readShown({ status, body }: Answer): XoxzoResponse {
  return { errors: status === 200 ? null : status, message: json(body) ?? {}, messages: [] };
}

const SENT = { errors: null, messages: [{ msgid: MSGID }] };
const listWithBoth: Exchange["expected"] = (session) => ({
  errors: null,
  messages: [message(session, {}), { msgid: MSGID }],
});
const list = (operatorAndDay: string, wire: string, expected: Exchange["expected"]): Exchange => ({
  name: `get_sent_sms_list(sent_date: "${operatorAndDay}")`,
  request: get(`?sent_date${wire}`),
  read: readListed,
  expected,
});

export const ruby: Client = {
  name: "Ruby xoxzo-cloudruby",
  exchanges: [
    {
      name: "send_sms of an older version, as JSON",
      request: post(
        "application/json",
        '{"message":"こんにちはRuby Lib です","recipient":"+818012345678","sender":"8108012345678"}',
      ),
      read: readSent,
      expected: SENT,
    },
    {
      name: "send_sms(message:, recipient:, sender:)",
      request: postForm(
        "message=%E3%81%93%E3%82%93%E3%81%AB%E3%81%A1%E3%81%AFRuby%20Lib%20%E3%81%A7%E3%81%99&recipient=%2B818012345678&sender=8108012345678",
      ),
      read: readSent,
      expected: SENT,
    },
    {
      name: "get_sms_delivery_status(msgid:), without the final slash",
      request: get("{msgid}"),
      read: readShown,
      expected: (session) => ({
        errors: null,
        message: message(session, { sender: "8108012345678", recipient: "+818012345678" }),
        messages: [],
      }),
    },
    { name: "get_sent_sms_list()", request: get(""), read: readListed, expected: listWithBoth },
    list(">=30 days ago", "%3E={today-30}", listWithBoth),
    list("=today", "={today}", listWithBoth),
    list("<=today", "%3C={today}", listWithBoth),
    list(">yesterday", "%3E{today-1}", listWithBoth),
    list("<today", "%3C{today}", { errors: null, messages: [] }),
    {
      name: "send_sms to a recipient that is no E.164",
      request: postForm(
        "message=%E3%81%93%E3%82%93%E3%81%AB%E3%81%A1%E3%81%AFRuby%20Lib%20%E3%81%A7%E3%81%99&recipient=%2B0808012345678&sender=8108012345678",
      ),
      read: readSent,
      expected: { errors: 400, message: { recipient: SENTENCES }, messages: [] },
    },
    {
      name: "get_sms_delivery_status of an unknown msgid",
      request: get("0123456789"),
      read: readShown,
      expected: { errors: 404, messages: [] },
    },
  ],
};
