// `npm run demo`: the whole story by itself, against a real local server and a real receiver, one line per step. Ends
// with a non-zero exit code when a step went wrong.

import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { temporaryFolder } from "./belongings.ts";
import { runCommand } from "./command.ts";
import { type DevServer, freePort, startDevServer } from "./dev-server.ts";
import { type ScriptedReceiver, startScriptedReceiver } from "./scripted-receiver.ts";

const TOKEN = "demo-admin-token-for-one-run-only";
const STEP_TIMEOUT_MS = 20_000;
const PERSON =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const OTHER_PERSON =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36";
const PREVIEW_BOT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)";

const DEMO_RECIPIENT = "+818012345678";

/** The part of a message's status that the demo reads. */
interface MessageStatus {
  status: string;
  parts: number;
  link_tracking: { shortlink: string; link: string; accessed: boolean; accessed_on: string | null; callback: Callback };
}

interface Callback {
  state: string;
  event_id: string;
  attempts: { status: number; duration_ms: number }[];
}

interface Status {
  accessed: boolean;
  first_accessed_at: string | null;
  access_counts: Record<string, number>;
  callback: Callback;
}

const printed: string[] = [];
let receiver: ScriptedReceiver;
let server: DevServer;

await runCommand(async () => {
  receiver = await startScriptedReceiver();
  server = await startDevServer({
    port: await freePort(),
    persistTo: temporaryFolder("firsttap-demo-").path,
    vars: {
      ADMIN_TOKEN: TOKEN,
      ALLOW_LOCAL_ADDRESSES: "true",
      CALLBACK_RETRY_SECONDS: "1,1,1,1,1,1,1,1,1,1",
      CARRIER: "outbox",
    },
    onLine: (line) => printed.push(line),
  });
  try {
    await playLink();
    await playMessage();
    await playCampaign();
  } catch (error) {
    throw new Error(`FAILED: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  console.log("All of it happened as promised.");
  return 0;
});

async function playLink(): Promise<void> {
  const secret = (await api<{ callback_secret: string }>("POST", "/api/account/callback-secret")).callback_secret;
  const answers = [{ status: 500 }, { status: 500 }, { status: 200 }];
  await fetch(`${receiver.url}/script/demo`, { method: "PUT", body: JSON.stringify(answers) });

  const link = await api<{ code: string; short_url: string; url: string }>("POST", "/api/links", {
    url: "https://example.com/offer",
    callback_url: `${receiver.url}/hook/demo`,
    reference: "demo",
  });
  say("create", `${link.short_url} leads to ${link.url}`);

  say("preview", await open(link, PREVIEW_BOT));
  const previewed = await until(link.code, ({ access_counts }) => access_counts["preview"] === 1);
  assert.equal(previewed.accessed, false, "a preview must not count as the first access");
  say("status", "a preview was recorded; nobody has opened the link yet");

  say("person", await open(link, PERSON));
  const delivered = await until(link.code, ({ callback }) => callback.state === "delivered");
  for (const [index, attempt] of delivered.callback.attempts.entries())
    say("callback", `POST ${index + 1} was answered ${attempt.status} after ${attempt.duration_ms} ms`);
  const statuses = delivered.callback.attempts.map(({ status }) => status);
  assert.deepEqual(statuses, [500, 500, 200], "the receiver answered 500, 500, 200");

  const posts = receiver.log("demo");
  for (const { body, headers } of posts) new Webhook(secret).verify(body, headers);
  const ids = new Set(posts.map(({ headers }) => headers["webhook-id"]));
  assert.deepEqual([...ids], [delivered.callback.event_id], "every attempt carries the same webhook-id");
  say("receiver", `${posts.length} POSTs came, all with ${delivered.callback.event_id}, all signed right`);

  say("person 2", await open(link, OTHER_PERSON));
  const status = await until(link.code, ({ access_counts }) => access_counts["person"] === 2);
  assert.equal(status.first_accessed_at, delivered.first_accessed_at, "the first access never moves");
  assert.equal(receiver.log("demo").length, 3, "a second person causes no callback");
  say("status", `first opened at ${status.first_accessed_at}, ${JSON.stringify(status.access_counts)}`);
}

/** The same story, as a sender of messages sees it: through the SMS API, with the embedded carrier. */
async function playMessage(): Promise<void> {
  const [sent] = await sms<{ msgid: string }[]>(
    "messages/",
    new URLSearchParams({
      message: "Hello Aiko, your table is ready: https://example.com/tables/7?guest=aiko See you!",
      recipient: DEMO_RECIPIENT,
      sender: "DEMO",
      track_link: "true",
      lt_callbackurl: `${receiver.url}/hook/demo-message`,
    }),
  );
  assert.ok(sent);
  const ask = () => sms<MessageStatus>(`messages/${sent.msgid}/`);
  const before = await wait(ask, ({ status }) => status === "DELIVERED");
  say("message", `${sent.msgid} is ${before.status}, ${before.parts} part`);
  const { shortlink, link } = before.link_tracking;
  const line = await wait(
    async () => printed.find((text) => text.includes("outbox.message") && text.includes(sent.msgid)),
    (text) => text !== undefined,
  );
  const { text } = JSON.parse(line ?? "{}") as { text: string };
  assert.equal(text, `Hello Aiko, your table is ready: ${shortlink} See you!`, "the first link is a short one");
  say("outbox", text);

  say("recipient", await open({ short_url: shortlink, url: link }, PERSON));
  const after = await wait(ask, ({ link_tracking: { callback } }) => callback.state === "delivered");
  const [post] = receiver.log("demo-message");
  const { data } = JSON.parse(post?.body ?? "{}") as { data: { msgid: string } };
  assert.equal(data.msgid, sent.msgid, "the callback names the message");
  say("callback", `POST was answered ${after.link_tracking.callback.attempts[0]?.status}, for ${data.msgid}`);
  say("status", `opened at ${after.link_tracking.accessed_on} UTC`);
}

/** A thousand personal links, made by one call: who has opened theirs, and who has not. */
async function playCampaign(): Promise<void> {
  const size = 1_000;
  const opened = 40;
  const { id } = await api<{ id: string }>("POST", "/api/campaigns", {
    name: "Demo",
    url: "https://example.com/sale?customer={number}",
    size,
    callback_url: `${receiver.url}/hook/demo-campaign`,
  });
  const lines = await rows(`/api/campaigns/${id}/links.csv`);
  assert.equal(lines.length, size, "there is a link for each");
  say("campaign", `${size} links, the first is ${lines[0]?.split(",")[2]}`);

  // Every 25th, and each once.
  const chosen = lines.filter((_, index) => index % (size / opened) === 0).map((line) => line.split(","));
  await Promise.all(
    chosen.map(([number = "", , shortUrl = ""]) =>
      open({ short_url: shortUrl, url: `https://example.com/sale?customer=${number}` }, PERSON),
    ),
  );
  const openers = () => api<{ members: { number: number }[] }>("GET", `/api/campaigns/${id}/members?opened=true`);
  const { members } = await wait(openers, (answer) => answer.members.length === opened);
  assert.deepEqual(
    members.map(({ number }) => String(number)),
    chosen.map(([number]) => number),
    "those who tapped have opened theirs, and nobody else has",
  );
  say(
    "members",
    `${members.length} have opened it: ${members
      .slice(0, 3)
      .map(({ number }) => number)
      .join(", ")}, …`,
  );
  const notYet = await rows(`/api/campaigns/${id}/members.csv?opened=false`);
  assert.equal(notYet.length, size - opened, "all others have not");
  say("not yet", `${notYet.length} have not, as CSV for another message`);

  const ids = await wait(
    async () => new Set(receiver.log("demo-campaign").map(({ headers }) => headers["webhook-id"])),
    (all) => all.size === opened,
  );
  say("callbacks", `${ids.size} first accesses, one callback each`);
}

/** The lines of a CSV, without its head. */
async function rows(path: string): Promise<string[]> {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.ok(answer.ok, `GET ${path} answered ${answer.status}`);
  return (await answer.text()).trim().split("\r\n").slice(1);
}

function say(step: string, text: string): void {
  console.log(`${step.padEnd(10)} ${text}`);
}

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}

async function open(link: { short_url: string; url: string }, agent: string): Promise<string> {
  const answer = await fetch(link.short_url, { redirect: "manual", headers: { "user-agent": agent } });
  assert.equal(answer.status, 302, "a tap is answered 302");
  assert.equal(answer.headers.get("location"), link.url, "and leads to the destination");
  return `GET was answered 302 to ${answer.headers.get("location")}`;
}

function until(code: string, isWanted: (status: Status) => boolean): Promise<Status> {
  return wait(() => api<Status>("GET", `/api/links/${code}`), isWanted);
}

/** A call of the SMS API as its clients make it: with Basic auth, and a form where something is sent. */
async function sms<T>(path: string, form?: URLSearchParams): Promise<T> {
  const answer = await fetch(`${server.url}/sms/${path}`, {
    method: form === undefined ? "GET" : "POST",
    headers: { authorization: `Basic ${btoa(`main:${TOKEN}`)}` },
    ...(form === undefined ? {} : { body: form }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `/sms/${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}

async function wait<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + STEP_TIMEOUT_MS;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    assert.ok(Date.now() < deadline, `not within ${STEP_TIMEOUT_MS} ms; the last answer is ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
