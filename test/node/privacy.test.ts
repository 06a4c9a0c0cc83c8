// Promise 8: no IP address and no raw user agent is stored, no token or secret is readable, and phone numbers are in the
// account's books only. A real server is used in every way there is; then every byte that it stored or logged is searched.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startCarrierServers } from "../../local/carrier-servers.ts";
import { freePort, startDevServer } from "../../local/dev-server.ts";
import { startScriptedReceiver } from "../../local/scripted-receiver.ts";

const ADMIN_TOKEN = "privacy-admin-token-marker";
const SECRETS_KEY = "privacy-secrets-key-marker";
const ADDRESS = "203.0.113.77";
const ADDRESS_6 = "2001:db8:1:2::77";
const AGENT = "Mozilla/5.0 (Linux; Android 14; PrivacyMarker) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36";
const ROBOT = "curl/8.5.0 (robot-marker)";
const REFERRER = "https://referrer-marker.example.com/";
const RECIPIENT = "+818055512345";
const REFUSED_RECIPIENT = "+818055554321";
const TIMEOUT_MS = 30_000;
/** `wrangler dev`, and no deployment, prints each request's path, in which a feed has its token, and a link that signs in its key. */
const WRANGLERS_OWN = /\[wrangler:info\]\S* \S*(?:GET|POST) \S*\/(?:feed|sign-in)\//;

it("what a server stored and logged names nobody who tapped, and no secret; numbers are in the account's books only", async () => {
  const state = mkdtempSync(join(tmpdir(), "firsttap-privacy-"));
  const lines: string[] = [];
  const receiver = await startScriptedReceiver();
  const carriers = await startCarrierServers();
  const server = await startDevServer({
    port: await freePort(),
    persistTo: state,
    vars: {
      ADMIN_TOKEN,
      SECRETS_KEY,
      ALLOW_LOCAL_ADDRESSES: "true",
      CALLBACK_RETRY_SECONDS: "1,1,1,1,1,1,1,1,1,1",
      CARRIER: "http",
      ...carriers.settings,
    },
    args: ["--inspector-port", "0"],
    onLine: (line) => void (WRANGLERS_OWN.test(line) || lines.push(line)),
  });
  const secrets: string[] = [];
  try {
    secrets.push(...(await useEverything(server.url, receiver.url, carriers.url)));
  } finally {
    await server.stop();
    await carriers.close();
    await receiver.close();
  }
  const files = filesIn(state);
  for (const kind of ["firsttap-Link", "firsttap-Account", "firsttap-Book"])
    expect([kind, files.some(({ path }) => path.includes(kind))]).toEqual([kind, true]);
  expect(files.some(({ path }) => path.includes("kv"))).toBe(true);
  const everywhere = [...files, { path: "the log", text: lines.join("\n") }];
  const found = (needle: string) => everywhere.filter(({ text }) => text.includes(needle)).map(({ path }) => path);

  for (const person of [ADDRESS, ADDRESS_6, "2001:db8:1:2", "PrivacyMarker", "robot-marker", "referrer-marker"])
    expect([person, found(person)]).toEqual([person, []]);
  const { HTTP_CARRIER_SECRET } = carriers.settings;
  for (const secret of [ADMIN_TOKEN, SECRETS_KEY, HTTP_CARRIER_SECRET ?? "", ...secrets]) {
    expect(secret.length).toBeGreaterThan(15);
    expect([secret, found(secret.replace("whsec_", ""))]).toEqual([secret, []]);
  }
  expect(found(RECIPIENT.slice(1)).length).toBeGreaterThan(0);
  for (const number of [RECIPIENT, REFUSED_RECIPIENT])
    expect(found(number.slice(1)).filter((path) => !path.includes("firsttap-Book"))).toEqual([]);
  rmSync(state, { recursive: true, force: true });
}, 120_000);

/** Uses every route, well and wrongly; the tokens and secrets that it was shown. */
async function useEverything(server: string, receiver: string, carriers: string): Promise<string[]> {
  const ask = async (method: string, path: string, body?: object, token = ADMIN_TOKEN) => {
    const answer = await fetch(server + path, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "cf-connecting-ip": ADDRESS,
        "user-agent": AGENT,
        "idempotency-key": `key-${Math.random()}`,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return text === "" ? {} : JSON.parse(text);
  };
  const tap = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server}/${path}`, {
      redirect: "manual",
      headers: { "cf-connecting-ip": ADDRESS, "user-agent": AGENT, referer: REFERRER, ...headers },
    });
  await fetch(`${receiver}/script/fails`, { method: "PUT", body: JSON.stringify([{ status: 500 }, { status: 200 }]) });
  await fetch(`${carriers}/script/${encodeURIComponent(REFUSED_RECIPIENT)}`, {
    method: "PUT",
    body: JSON.stringify([{ status: 400, body: JSON.stringify({ reason: `no such number ${REFUSED_RECIPIENT}` }) }]),
  });

  const tenant = await ask("POST", "/api/accounts", { name: "privacy" });
  const token: string = tenant.token;
  const further = await ask("POST", "/api/account/tokens", undefined, token);
  const rotated = await ask("POST", "/api/account/callback-secret", undefined, token);
  await ask("PATCH", "/api/account", { callback_url: `${receiver}/hook/fails` }, token);
  const link = await ask("POST", "/api/links", { url: "https://example.com/", reference: "r" }, token);
  for (const headers of [
    {},
    { "user-agent": ROBOT },
    { "cf-connecting-ip": ADDRESS_6 },
    { "sec-purpose": "prefetch" },
    { accept: "application/json" },
  ])
    await tap(link.code, headers);
  for (let guess = 0; guess < 130; guess++) await tap(`guess-${guess}`, { "cf-connecting-ip": ADDRESS_6 });
  for (let login = 0; login < 3; login++) await ask("GET", "/api/account", undefined, "wrong-token-0123456789");
  const message = { message: "See https://example.com/", sender: "SHOP", track_link: true };
  const callbackurl = `${receiver}/hook/fails`;
  const sent = await ask("POST", "/sms/messages/", { ...message, recipient: RECIPIENT, callbackurl }, token);
  const refused = await ask("POST", "/sms/messages/", { ...message, recipient: REFUSED_RECIPIENT, callbackurl }, token);
  await ask("POST", "/sms/messages/", { ...message, recipient: "+8108055512345" }, token);
  const status = (msgid: string) => ask("GET", `/sms/messages/${msgid}/`, undefined, token);
  await until(async () => (await status(sent[0].msgid)).status === "DELIVERING");
  await fetch(`${carriers}/report/${sent[0].msgid}`, { method: "POST", body: JSON.stringify({ status: "DELIVERED" }) });
  await tap(new URL((await status(sent[0].msgid)).link_tracking.shortlink).pathname.slice(1));
  for (const [{ msgid }] of [sent, refused])
    await until(async () => (await status(msgid)).callback.state === "delivered");
  await until(
    async () => (await ask("GET", `/api/links/${link.code}`, undefined, token)).callback.state === "delivered",
  );
  const feed = await ask("POST", "/api/account/feeds", { numbers: "full" }, token);
  for (const path of ["links.csv", "messages.csv?changed_since=", "messages.csv?colour=red", "nothing.csv"])
    await (
      await fetch(`${feed.url}/${path}`, { headers: { "cf-connecting-ip": ADDRESS, "user-agent": AGENT } })
    ).text();
  const rows = await fetch(`${server}/api/export/messages.csv`, { headers: { authorization: `Bearer ${token}` } });
  expect(await rows.text()).toContain(RECIPIENT);
  const { url: signInLink } = await ask("POST", "/api/account/sign-in-links", { scopes: ["full"] }, token);
  const signedIn = await fetch(signInLink, {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "cf-connecting-ip": ADDRESS, "user-agent": AGENT },
  });
  const [cookie = ""] = signedIn.headers.getSetCookie()[0]?.split(";") ?? [];
  for (const page of ["", "/links", "/messages", `/messages/${sent[0].msgid}`, "/settings"]) {
    const shown = await fetch(`${server}/dashboard${page}`, {
      redirect: "manual",
      headers: { cookie, "cf-connecting-ip": ADDRESS, "user-agent": AGENT },
    });
    expect([page, shown.status, await shown.text()]).toEqual([page, 200, expect.stringContaining("</html>")]);
  }
  await ask("PATCH", `/api/links/${link.code}`, { url: "https://example.com/b" }, token);
  await ask("DELETE", `/api/links/${link.code}`, undefined, token);
  await tap(link.code);
  await ask("DELETE", `/api/account/tokens/${further.id}`, undefined, token);
  return [
    token,
    tenant.callback_secret,
    further.token,
    rotated.callback_secret,
    feed.url.split("/feed/")[1].slice(-43),
    signInLink.split(".").at(-1),
    cookie.split(".").at(-1) ?? "",
  ];
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not within ${TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Every file below, as text in which ASCII is readable. */
function filesIn(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, text: readFileSync(path, "latin1") }));
}
