// The official PHP client, github.com/xoxzo/xoxzo.cloudphp, src/XoxzoClient.php (dc4976d), on Guzzle 6.
//
// Recorded with Guzzle 7.4.5, curl 7.88.1 and PHP 8.2. Inferred: Guzzle 6 names itself, curl and PHP in User-Agent (the
// value here is one that public logs show); its headers go to curl in the same order.

import { expect } from "vitest";
import { type Answer, type Client, type Exchange, json, message, MSGID, SENTENCES } from "./exchange.ts";

const HEAD = "Host: {host}\r\nUser-Agent: GuzzleHttp/6.3.3 curl/7.64.0 PHP/7.3.5\r\n";
const get = (path: string) => `GET /sms/messages/${path} HTTP/1.1\r\n${HEAD}Authorization: Basic {basic}\r\n\r\n`;

/** The bytes of `send_sms`. */
export function post(form: string): string {
  return `POST /sms/messages/ HTTP/1.1\r\n${HEAD}Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic {basic}\r\nContent-Length: {length}\r\n\r\n${form}`;
}

/** The answer to `send_sms`: no error only when it is exactly 201. */
export function readSent({ status, body }: Answer): { errors: number | null; messages: unknown } {
  return { errors: status === 201 ? null : status, messages: json(body) };
}

function readShown({ status, body }: Answer): { errors: number | null; messages: unknown } {
  return { errors: status === 200 ? null : status, messages: json(body) };
}

const listWithTheMessage: Exchange["expected"] = (session) => ({ errors: null, messages: [message(session, {})] });
const list = (operatorAndDay: string, wire: string, expected: Exchange["expected"]): Exchange => ({
  name: `get_sent_sms_list("${operatorAndDay}")`,
  request: get(`?sent_date${wire}`),
  read: readShown,
  expected,
});

export const php: Client = {
  name: "PHP xoxzo.cloudphp",
  exchanges: [
    {
      name: "send_sms($message, $recipient, $sender)",
      request: post("message=Hello+form+Xoxzo+PHP+lib&recipient=%2B818012345678&sender=818012345678"),
      read: readSent,
      expected: { errors: null, messages: [{ msgid: MSGID }] },
    },
    {
      name: "get_sms_delivery_status($msgid), without the final slash",
      request: get("{msgid}"),
      read: readShown,
      expected: (session) => ({
        errors: null,
        messages: message(session, { sender: "818012345678", recipient: "+818012345678" }),
      }),
    },
    {
      name: 'get_sms_delivery_status(""), which its tests use as a list',
      request: get(""),
      read: readShown,
      expected: listWithTheMessage,
    },
    { name: 'get_sent_sms_list("")', request: get(""), read: readShown, expected: listWithTheMessage },
    list(">=today", "%3E={today}", listWithTheMessage),
    list("=today", "={today}", listWithTheMessage),
    list("<=today", "%3C={today}", listWithTheMessage),
    list(">yesterday", "%3E{today-1}", listWithTheMessage),
    list("<today", "%3C{today}", { errors: null, messages: [] }),
    list(">=2016-13-01", "%3E=2016-13-01", { errors: 400, messages: { sent_date: SENTENCES } }),
    {
      name: "send_sms to a recipient with a trunk 0",
      request: post("message=Hello+form+Xoxzo+PHP+lib&recipient=%2B8108012345678&sender=814512345678"),
      read: readSent,
      expected: { errors: 400, messages: { recipient: SENTENCES } },
    },
    {
      name: "get_sms_delivery_status of an unknown msgid",
      request: get("W0kYZfyBeTpqcPv2AnKolSjOwDr3d87i-xxx"),
      read: readShown,
      expected: { errors: 404, messages: { detail: expect.any(String) } },
    },
  ],
};
