// The Apps Script of Xoxzo's guide "How to Analyze track_link Results – Easily with Google Sheets" (github.com/xoxzo/
// help.xoxzo.com, content/Xoxzo Cloud Telephony/SMS API/link-tracking-analysis-en.md, 2025-09-25).
//
// Inferred from published captures of UrlFetchApp's requests (User-Agent, Accept-Encoding); their order is a guess.

import { type Answer, type Client, type Exchange } from "./exchange.ts";

/** The rows that the script writes into the sheet. */
function rows({ status, body }: Answer): unknown[][] {
  if (status !== 200) throw new Error(`HTTP ${status}: ${body}`);
  const items = JSON.parse(body) as any[];
  return items.map((it) => {
    const lt = it.link_tracking || {};
    return [
      it.msgid,
      it.recipient,
      it.sender,
      it.status,
      it.parts,
      it.cost,
      it.sent_time,
      lt.accessed === true,
      lt.accessed_on,
      lt.link,
      lt.shortlink,
      Array.isArray(it.tags) ? it.tags.join(",") : "",
    ];
  });
}

export const fetchSentMessages: Exchange = {
  name: "fetchSentMessagesNow()",
  request:
    "GET /sms/messages/?sent_date%3E={today-6} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (compatible; Google-Apps-Script; beanserver; +https://script.google.com; id: UAEmdDd8-EFiXubNCcQqNSsoe9JR3TFSawg)\r\nAuthorization: Basic {basic}\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n",
  read: rows,
  expected: [],
};

export const appsScript: Client = { name: "Apps Script of the Google Sheets guide", exchanges: [fetchSentMessages] };
