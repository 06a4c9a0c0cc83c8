// curl, as Xoxzo's documents and blog write it: docs.xoxzo.com/en/sms.html, blog 2017-11-15 (status), 2019-03-15 (tags),
// 2021-03-01 (link tracking), the announcement of `callbackurl`, and the help page "What is link-tracking?" (JSON).
//
// Recorded with curl 7.88.1. The documents' callback URLs are replaced by {hook}. No document has curl send an operator,
// which it would leave as it is: `?sent_date>=…` with a bare `>` is refused by the local runtime (400, "invalid URI").

import { expect } from "vitest";
import { type Answer, type Client, type Exchange, json, message, MSGID, SENTENCES } from "./exchange.ts";

const HEAD = "Host: {host}\r\nAuthorization: Basic {basic}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n";
const get = (path: string) => `GET /sms/messages/${path} HTTP/1.1\r\n${HEAD}\r\n`;
const postForm = (form: string) =>
  `POST /sms/messages/ HTTP/1.1\r\n${HEAD}Content-Length: {length}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n${form}`;
const postJson = (body: string) =>
  `POST /sms/messages/ HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n${body}`;

/** What a terminal shows. */
function read({ status, headers, body }: Answer): { status: number; type: string | undefined; body: unknown } {
  return { status, type: headers.get("content-type")?.split(";")[0], body: json(body) };
}

const type = "application/json";
const SENT = { status: 201, type, body: [{ msgid: MSGID }] };
const listWithTheMessage: Exchange["expected"] = (session) => ({
  status: 200,
  type,
  body: expect.arrayContaining([expect.objectContaining({ msgid: session.msgid })]),
});

export const sendWithCallback: Exchange = {
  name: "--data-urlencode 'callbackurl=…'",
  request: postForm(
    "sender=%2B818011112222&recipient=%2B818033334444&message=%E3%81%8A%E3%81%AF%E3%82%88%E3%81%86&callbackurl={hook}",
  ),
  read,
  expected: SENT,
};

export const curl: Client = {
  name: "curl as documented",
  exchanges: [
    {
      name: "--data-urlencode 'track_link=true' 'lt_callbackurl=…'",
      request: postForm(
        "recipient=%2B818012345678&sender=XOXZO&message=test+link+tracking+https%3A%2F%2Fwww.xoxzo.com%2Fen%2F&track_link=true&lt_callbackurl={hook}",
      ),
      read,
      expected: SENT,
    },
    {
      name: "status of a tracked message",
      request: get("{msgid}/"),
      read,
      expected: (session) => ({
        status: 200,
        type,
        body: message(session, { link_tracking: { link: "https://www.xoxzo.com/en/", accessed: false } }),
      }),
    },
    {
      name: "the JSON of the help page",
      request: postJson(
        '{\n    "sender": "Sender",\n    "message": "test link tracking https://www.xoxzo.com/en/",\n    "recipient": "+818012345678",\n    "track_link": "true"\n}',
      ),
      read,
      expected: SENT,
    },
    {
      name: "--data-urlencode 'tags=tag1,tag2,tag3', with a + before the sender",
      request: postForm("sender=%2B818011112222&recipient=%2B818012345678&message=Hello+world&tags=tag1%2Ctag2%2Ctag3"),
      read,
      expected: SENT,
    },
    {
      name: "status of a tagged message",
      request: get("{msgid}/"),
      read,
      expected: (session) => ({ status: 200, type, body: message(session, { tags: ["tag1", "tag2", "tag3"] }) }),
    },
    sendWithCallback,
    { name: "list", request: get(""), read, expected: listWithTheMessage },
    { name: "list of a day", request: get("?sent_date={today}"), read, expected: listWithTheMessage },
    {
      name: "list of a day without messages",
      request: get("?sent_date={today-30}"),
      read,
      expected: { status: 200, type, body: [] },
    },
    {
      name: "no message",
      request: postForm("recipient=%2B818012345678&sender=XOXZO"),
      read,
      expected: { status: 400, type, body: { message: ["This field is required."] } },
    },
    {
      name: "list of a day too long ago",
      request: get("?sent_date=2017-10-31"),
      read,
      expected: { status: 400, type, body: { sent_date: SENTENCES } },
    },
  ],
};
