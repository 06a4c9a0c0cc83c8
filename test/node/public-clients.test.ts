// Programs written for Xoxzo's SMS API work against firsttap by changing the host: the public clients' requests, byte for
// byte, against a real local server, and the answers through each client's own eyes.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";
import { type ScriptedReceiver, startScriptedReceiver } from "../../local/scripted-receiver.ts";
import { appsScript, fetchSentMessages } from "./public-clients/apps-script.ts";
import { curl, sendWithCallback } from "./public-clients/curl.ts";
import { type Client, type Exchange, type Session, TIME } from "./public-clients/exchange.ts";
import { nodeFetch } from "./public-clients/node-fetch.ts";
import { php } from "./public-clients/php.ts";
import { play } from "./public-clients/player.ts";
import { python041, python050, sendPlain, sendTracked, statusOfTracked } from "./public-clients/python.ts";
import { ruby } from "./public-clients/ruby.ts";
import { woocommerce } from "./public-clients/woocommerce.ts";

const ADMIN_TOKEN = "public-clients-admin-token-0123456789";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const START_TIMEOUT_MS = 90_000;
const CLIENTS: Client[] = [python050, python041, php, ruby, woocommerce, appsScript, curl, nodeFetch];

const state = mkdtempSync(join(tmpdir(), "firsttap-public-clients-"));
let receiver: ScriptedReceiver;
let server: DevServer;

beforeAll(async () => {
  receiver = await startScriptedReceiver();
  server = await startDevServer({
    port: await freePort(),
    persistTo: state,
    vars: {
      ADMIN_TOKEN,
      ALLOW_LOCAL_ADDRESSES: "true",
      CARRIER: "outbox",
      CALLBACK_RETRY_SECONDS: "1,1,1,1,1,1,1,1,1,1",
    },
  });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await server.stop();
  await receiver.close();
  rmSync(state, { recursive: true, force: true });
});

function sessionOf(sid: string, token: string): Session {
  const { host } = new URL(server.url);
  return { host, sid, token, hook: `${receiver.url}/hook/${sid}`, msgid: "", sentAt: Date.now() };
}

async function openAccount(name: string): Promise<Session> {
  const answer = await fetch(`${server.url}/api/accounts`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  const { sid, token } = (await answer.json()) as { sid: string; token: string };
  return sessionOf(sid, token);
}

async function check(exchange: Exchange, session: Session): Promise<void> {
  const seen = await play(exchange, session);
  const { expected } = exchange;
  expect(seen).toMatchObject(typeof expected === "function" ? expected(session) : expected);
}

describe.each(CLIENTS)("$name", ({ name, exchanges }) => {
  let session: Session;
  beforeAll(async () => {
    session = await openAccount(name);
  });
  it.each(exchanges)("$name", (exchange) => check(exchange, session));
});

it("the operator's own sid and token are an account too", async () => {
  const session = sessionOf("main", ADMIN_TOKEN);
  for (const exchange of python041.exchanges) await check(exchange, session);
});

it("a delivery report comes to the documented `callbackurl`", async () => {
  const session = await openAccount("delivery report");
  await check(sendWithCallback, session);
  await vi.waitFor(() => expect(receiver.log(session.sid)).toHaveLength(1), 20_000);
  expect(receiver.log(session.sid)[0]?.body).toContain(session.msgid);
});

it("a tracked message's whole life: sent, delivered, opened, called back, seen in status and sheet", async () => {
  const session = await openAccount("whole life");
  await check(sendPlain, session);
  await check(sendTracked, session);
  await check(statusOfTracked, session);
  const status = async () => ((await play(statusOfTracked, session)) as { message: any }).message;
  await vi.waitFor(async () => expect(await status()).toMatchObject({ status: "DELIVERED" }), 20_000);
  const { link, shortlink } = (await status()).link_tracking;
  const row = [session.msgid, "+818012345678", "XOXZO", "DELIVERED", 1, expect.any(Number), TIME];
  const plain = [expect.any(String), "+818012345678", "814512345678", expect.any(String), 1, expect.any(Number), TIME];
  const untracked = [...plain, false, undefined, undefined, undefined, ""];
  const unopened = [...row, false, null, link, shortlink, "a,b"];
  expect(await play(fetchSentMessages, session)).toEqual([unopened, untracked]);

  const tap = await fetch(shortlink, { redirect: "manual", headers: { "user-agent": PHONE } });
  expect([tap.status, tap.headers.get("location")]).toEqual([302, "https://example.com/offer?a=1&b=2"]);

  await vi.waitFor(() => expect(receiver.log(session.sid)).toHaveLength(1), 20_000);
  expect(receiver.log(session.sid)[0]?.headers[":method"]).toBe("POST");
  await vi.waitFor(
    async () => expect(await status()).toMatchObject({ link_tracking: { accessed: true, accessed_on: TIME } }),
    20_000,
  );
  const { accessed_on: accessedOn } = (await status()).link_tracking;
  const opened = [...row, true, accessedOn, link, shortlink, "a,b"];
  await vi.waitFor(async () => expect(await play(fetchSentMessages, session)).toEqual([opened, untracked]), 20_000);
  expect(receiver.log(session.sid)).toHaveLength(1);
});
