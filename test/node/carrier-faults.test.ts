// The whole product with each carrier's server behind it: whatever the carrier does, what the sender of the message then
// reads, and that nothing is sent twice.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CarrierAnswer, type CarrierServers, startCarrierServers } from "../../local/carrier-servers.ts";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";
import { type ScriptedReceiver, startScriptedReceiver } from "../../local/scripted-receiver.ts";

const TOKEN = "carrier-faults-admin-token";
const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";
const WAIT_MS = 40_000;

interface Message {
  status: string;
  reason: string | null;
  callback: { state: string };
}

let recipients = 0;

interface Words {
  delivered: string;
  failed: string;
  underway: string;
}
const CARRIERS: [string, Words][] = [
  ["twilio", { delivered: "delivered", failed: "undelivered", underway: "sent" }],
  ["xoxzo", { delivered: "DELIVERED", failed: "FAIL", underway: "DELIVERING" }],
  ["http", { delivered: "DELIVERED", failed: "FAIL", underway: "DELIVERING" }],
];

describe.each(CARRIERS)("with the carrier %s", (carrier, words) => {
  const state = mkdtempSync(join(tmpdir(), `firsttap-${carrier}-`));
  let receiver: ScriptedReceiver;
  let carriers: CarrierServers;
  let server: DevServer;

  beforeAll(async () => {
    receiver = await startScriptedReceiver();
    carriers = await startCarrierServers();
    server = await startDevServer({
      port: await freePort(),
      persistTo: state,
      vars: {
        ADMIN_TOKEN: TOKEN,
        ALLOW_LOCAL_ADDRESSES: "true",
        CALLBACK_RETRY_SECONDS: "1,1,1,1,1,1,1,1,1,1",
        CARRIER: carrier,
        ...carriers.settings,
      },
      args: ["--inspector-port", "0"],
    });
  });

  afterAll(async () => {
    await server.stop();
    await carriers.close();
    await receiver.close();
    rmSync(state, { recursive: true, force: true });
  });

  const authorization = `Basic ${btoa(`main:${TOKEN}`)}`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}/sms/${path}`, { ...init, headers: { authorization } });
  const read = async (msgid: string) => (await (await ask(`messages/${msgid}/`)).json()) as Message;

  /** Sends a message to a number at which the carrier answers so. */
  async function send(...answers: CarrierAnswer[]): Promise<string> {
    const recipient = `+8190${String(10_000_000 + recipients++)}`;
    const script = `${carriers.url}/script/${encodeURIComponent(recipient)}`;
    if (answers.length > 0) await fetch(script, { method: "PUT", body: JSON.stringify(answers) });
    const form = { message: "See https://example.com/", recipient, sender: "SHOP", track_link: "1" };
    const body = new URLSearchParams({ ...form, callbackurl: `${receiver.url}/hook/${recipient.slice(1)}` });
    const sent = await ask("messages/", { method: "POST", body });
    expect(sent.status).toBe(201);
    const [{ msgid }] = (await sent.json()) as [{ msgid: string }];
    return msgid;
  }

  async function until(msgid: string, isWanted: (message: Message) => boolean): Promise<Message> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const message = await read(msgid);
      if (isWanted(message)) return message;
      if (Date.now() > deadline) throw new Error(`not within ${WAIT_MS} ms: ${JSON.stringify(message)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const left = (status: string) => (message: Message) => message.status !== status;
  const taken = (msgid: string) => carriers.taken().filter((message) => message.msgid === msgid);

  /** The carrier reports a status; the answer that it gets. */
  async function report(msgid: string, status: string, code?: number): Promise<number> {
    const body = JSON.stringify({ status, ...(code !== undefined && { code }) });
    return (await fetch(`${carriers.url}/report/${msgid}`, { method: "POST", body })).status;
  }

  it("an accepted message is DELIVERING, then DELIVERED by the report, which is called back once", async () => {
    const msgid = await send();
    expect(await until(msgid, left("QUEUED"))).toMatchObject({ status: "DELIVERING", reason: null });
    expect(await report(msgid, words.delivered)).toBe(204);
    const message = await until(msgid, ({ callback }) => callback.state === "delivered");
    expect(message).toMatchObject({ status: "DELIVERED", reason: null });
    expect(taken(msgid)).toHaveLength(1);
    const posts = [...receiver.all().values()].flat().filter(({ body }) => body.includes(msgid));
    expect(posts.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(["message.delivered"]);
  });

  it.each<[string, CarrierAnswer, string, RegExp | string]>([
    ["a refusal", { status: 400, body: "no" }, "FAIL", /HTTP 400/],
    ["500", { status: 500 }, "FAIL", MAY_HAVE_BEEN_SENT],
    ["500 although it took the message", { status: 500, taken: true }, "FAIL", MAY_HAVE_BEEN_SENT],
    [
      "a gateway's 503 behind which it took the message",
      { status: 503, body: "upstream connect error or disconnect/reset before headers", taken: true },
      "FAIL",
      MAY_HAVE_BEEN_SENT,
    ],
    ["530 although it took the message", { status: 530, taken: true }, "FAIL", MAY_HAVE_BEEN_SENT],
    [
      "a redirect although it took the message",
      { status: 303, headers: { location: "/taken" }, taken: true },
      "FAIL",
      MAY_HAVE_BEEN_SENT,
    ],
    ["a broken connection", { fault: "reset", taken: true }, "FAIL", MAY_HAVE_BEEN_SENT],
    ["silence", { fault: "hang", taken: true }, "FAIL", MAY_HAVE_BEEN_SENT],
  ])("%s ends as it should, and the message is offered once", async (_, answer, status, reason) => {
    const msgid = await send(answer);
    const message = await until(msgid, left("QUEUED"));
    expect(message.status).toBe(status);
    expect(message.reason).toMatch(reason);
    expect(taken(msgid).length).toBe(answer.taken === true ? 1 : 0);
  });

  it("garbage with a 201 is read as far as the carrier documents it", async () => {
    const msgid = await send({ status: 201, body: "<html>", taken: true });
    const expected =
      carrier === "http" ? { status: "DELIVERING", reason: null } : { status: "FAIL", reason: MAY_HAVE_BEEN_SENT };
    expect(await until(msgid, left("QUEUED"))).toMatchObject(expected);
    expect(taken(msgid)).toHaveLength(1);
  });

  it("429 keeps the message, says why, and it is sent later, once", async () => {
    const msgid = await send({ status: 429, headers: { "retry-after": "1" } }, {});
    expect(await until(msgid, ({ reason }) => reason !== null)).toEqual(
      expect.objectContaining({ status: "QUEUED", reason: "HTTP 429" }),
    );
    expect(await until(msgid, left("QUEUED"))).toMatchObject({ status: "DELIVERING", reason: null });
    expect(taken(msgid)).toHaveLength(1);
  });

  it("reports out of order move the status forward only", async () => {
    const msgid = await send();
    await until(msgid, left("QUEUED"));
    for (const word of [words.delivered, words.underway, words.failed])
      expect(await report(msgid, word, 30_003)).toBe(204);
    expect(await read(msgid)).toMatchObject({ status: "DELIVERED", reason: null });
  });

  it("a report of failure says why", async () => {
    const msgid = await send();
    await until(msgid, left("QUEUED"));
    expect(await report(msgid, words.failed, 30_003)).toBe(204);
    const message = await read(msgid);
    expect(message.status).toBe("FAIL");
    if (carrier !== "xoxzo") expect(message.reason).toContain("30003");
  });

  it("a report of an unknown message is 404, one with a bad signature 403, and neither changes anything", async () => {
    const msgid = await send();
    await until(msgid, left("QUEUED"));
    const [sent] = taken(msgid);
    if (sent === undefined) throw new Error("nobody has the message");
    const { reportUrl } = sent;
    const post = async (url: string) =>
      (await fetch(url, { method: "POST", body: "MessageStatus=delivered", headers: { "x-twilio-signature": "x" } }))
        .status;
    const unknown = [reportUrl.slice(0, -32) + "0".repeat(32), reportUrl.replace("/main/", `/${"a".repeat(20)}/`)];
    for (const url of unknown) {
      // Where reports are signed, nothing is looked up for who cannot sign.
      expect(await post(url)).toBe(carrier === "xoxzo" ? 404 : 403);
      if (carrier === "xoxzo") continue;
      sent.reportUrl = url;
      expect(await report(msgid, words.delivered)).toBe(404);
    }
    sent.reportUrl = reportUrl;
    // Xoxzo does not sign: its report only makes us ask it, and it says that the message is queued.
    expect(await post(reportUrl)).toBe(carrier === "xoxzo" ? 204 : 403);
    expect(await read(msgid)).toMatchObject({ status: "DELIVERING" });
  });

  it("a carrier that is down loses nothing: the message waits, says why, and is sent once when it is back", async () => {
    const port = Number(new URL(carriers.url).port);
    const before = carriers;
    await carriers.close();
    let msgid = "";
    try {
      const form = { message: "Hello", recipient: "+819099999999", sender: "SHOP" };
      const sent = await ask("messages/", { method: "POST", body: new URLSearchParams(form) });
      [{ msgid }] = (await sent.json()) as [{ msgid: string }];
      expect(await until(msgid, ({ reason }) => reason !== null)).toMatchObject({
        status: "QUEUED",
        reason: "the carrier cannot be reached",
      });
    } finally {
      carriers = await startCarrierServers(port);
    }
    expect(await until(msgid, left("QUEUED"))).toMatchObject({ status: "DELIVERING", reason: null });
    expect(taken(msgid)).toHaveLength(1);
    expect(before.taken().some((message) => message.msgid === msgid)).toBe(false);
  });
});
