// The WooCommerce plugin, github.com/xoxzo/wooxplugin: admin/XoxzoSmsClient.php sends with the PHP client,
// admin/XoxzoSmsResponse.php asks for the status with wp_remote_request, and admin/XoxzoListTableSms.php asks again with
// plain curl at the `url` that the status told.
//
// Recorded with WordPress 6.1.9 (both of its transports), PHP 8.2 and curl 7.88.1. The shop's address is ours.

import { expect } from "vitest";
import { type Answer, type Client, json, message, MSGID } from "./exchange.ts";
import { post, readSent } from "./php.ts";

const GET = "GET /sms/messages/{msgid}/ HTTP/1.1\r\nHost: {host}\r\n";
const SHOP = "User-Agent: WordPress/6.1.9; https://shop.example\r\n";

/** `fetch_status`: the fields that it keeps. Throws where it would keep a line without them. */
function readStatus({ status, body }: Answer): Record<string, unknown> {
  if (status !== 200 && status !== 201) throw new Error(`the plugin keeps no status of a ${status}`);
  const { msgid, sender, sent_time, cost, url, status: state, recipient } = json(body) as Record<string, unknown>;
  return { msgid, sender, sent_time, cost, url, status: state, recipient };
}

/** The bulk refresh looks at no status code, and finds its line again by the very `url` that it asked. */
function readRefreshed({ body }: Answer): unknown {
  return json(body);
}

export const woocommerce: Client = {
  name: "WooCommerce wooxplugin",
  exchanges: [
    {
      name: "an order's payment link is sent",
      request: post(
        "message=%5B%E5%BA%97%5D+Order%27s+payment+is+here+https%3A%2F%2Fexample.com%2Fpay%3Forder%3D1.&recipient=%2B818012345678&sender=Xoxzo",
      ),
      read: readSent,
      expected: { errors: null, messages: [{ msgid: MSGID }] },
    },
    {
      name: "its status is kept (curl transport)",
      request: `${GET}${SHOP}Accept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\nReferer: http://{host}/sms/messages/{msgid}/\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\r\n`,
      read: readStatus,
      expected: ({ msgid }) => ({ msgid, sender: "Xoxzo", recipient: "+818012345678", cost: expect.any(Number) }),
    },
    {
      name: "its status is kept (socket transport)",
      request: `${GET}${SHOP}Accept-Encoding: deflate;q=1.0, compress;q=0.5, gzip;q=0.5\r\nAuthorization: Basic {basic}\r\nConnection: Close\r\n\r\n`,
      read: readStatus,
      expected: ({ msgid }) => ({ msgid, sender: "Xoxzo", recipient: "+818012345678", cost: expect.any(Number) }),
    },
    {
      name: "its status is refreshed at the url that was kept",
      request: `${GET}Authorization: Basic {basic}\r\nAccept: */*\r\n\r\n`,
      read: readRefreshed,
      expected: (session) => message(session, { sender: "Xoxzo", recipient: "+818012345678" }),
    },
  ],
};
