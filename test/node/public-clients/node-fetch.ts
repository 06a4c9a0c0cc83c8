// A program in the wild that uses no client: a shop's Next.js route that confirms reservations with `fetch` and
// `URLSearchParams`, and looks at no answer. Its code is in a public repository; the shop's texts are changed.
//
// Recorded with Node 24.

import { type Answer, type Client, json, MSGID } from "./exchange.ts";

export const nodeFetch: Client = {
  name: "fetch of Node",
  exchanges: [
    {
      name: "fetch(url, { method: 'POST', body: form.toString() }), with line breaks in the message",
      request:
        "POST /sms/messages/ HTTP/1.1\r\nhost: {host}\r\nconnection: keep-alive\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic {basic}\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\ncontent-length: {length}\r\n\r\nrecipient=%2B818012345678&sender=Zero&message=%E3%80%90%E5%BA%97%E3%80%91%E3%81%94%E4%BA%88%E7%B4%84%E3%82%92%E5%8F%97%E3%81%91%E4%BB%98%E3%81%91%E3%81%BE%E3%81%97%E3%81%9F%E3%80%82%0A2026-11-24+19%3A00%E3%80%9C+%2F+75%E5%88%86%0A%E5%86%85%E5%AE%B9%E7%A2%BA%E8%AA%8D%E3%81%AE%E4%B8%8A%E3%80%81%E5%BA%97%E8%88%97%E3%82%88%E3%82%8A%E6%8A%98%E3%82%8A%E8%BF%94%E3%81%97%E3%81%94%E9%80%A3%E7%B5%A1%E3%81%97%E3%81%BE%E3%81%99%E3%80%82",
      read: ({ status, body }: Answer) => ({ status, body: json(body) }),
      expected: { status: 201, body: [{ msgid: MSGID }] },
    },
  ],
};
