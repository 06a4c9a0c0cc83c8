// Live: whoever is signed in, at our own page, sees taps and outcomes as they come, within two seconds; nobody else does, and nothing is asked
// or sent while nobody watches.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { objectNameOf } from "../src/book/book.ts";
import type { Bulletin, News } from "../src/live/news.ts";
import { Browser, colleague } from "./support/browser.ts";
import { AGENTS, createLink, eventually, IN_TIME, ORIGIN, recorded, tap } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { send, tenant } from "./support/sms.ts";

afterEach(() => {
  vi.useRealTimers();
});

const socketPath = (book: number | string, after = 0) => `/dashboard/live/socket?book=${book}&after=${after}`;

function upgrade(browser: Browser, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(ORIGIN + path, {
    headers: { upgrade: "websocket", origin: ORIGIN, cookie: browser.cookie ?? "", ...headers },
    redirect: "manual",
  });
}

/** Watches, and notes what comes and when. */
async function watching(browser: Browser, after = 0) {
  const { status, webSocket } = await upgrade(browser, socketPath(1, after));
  if (webSocket === null) throw new Error(`no socket: ${status}`);
  const seen: (News & { arrivedAt: number })[] = [];
  let closed: number | undefined;
  webSocket.accept();
  webSocket.addEventListener("message", ({ data }) => {
    const { news } = JSON.parse(data as string) as Bulletin;
    seen.push(...news.map((one) => ({ ...one, arrivedAt: Date.now() })));
  });
  webSocket.addEventListener("close", ({ code }) => (closed = code));
  const until = (isWanted: (news: typeof seen) => boolean) => eventually(async () => seen, isWanted, 8_000);
  return { seen, until, closed: () => closed, close: () => webSocket.close() };
}

it("a tap is seen within two seconds once the links know that somebody watches, and each thing once", async () => {
  const { sid, token } = await tenant();
  const browser = await new Browser().signIn(token);
  const { code } = await createLink({}, token);
  const viewer = await watching(browser);
  await tap(code);
  // The first report after somebody began to watch comes as any report does, and its answer says that he does.
  await viewer.until((news) => news.some(({ what }) => what === "opened"));
  for (let n = 0; n < 3; n++) {
    const next = await createLink({}, token);
    const tappedAt = Date.now();
    await tap(next["code"]);
    const seen = await viewer.until((news) => news.some((one) => one.what === "opened" && one.code === next["code"]));
    expect((seen.at(-1)?.arrivedAt ?? Infinity) - tappedAt).toBeLessThan(2_000);
  }
  // Machines, and who opens it again, which are otherwise reported within the hour.
  await tap(code, { agent: AGENTS.iPhone });
  await tap(code, { agent: "facebookexternalhit/1.1" });
  await viewer.until((news) => ["again", "machine"].every((what) => news.some((one) => one.what === what)));
  const msgid = await send({}, { login: { sid, token } });
  await viewer.until((news) => news.some((one) => one.msgid === msgid && one.what === "delivered"));
  expect(new Set(viewer.seen.map(({ position }) => position)).size).toBe(viewer.seen.length);
  expect(JSON.stringify(viewer.seen)).not.toMatch(/\+81|example\.com/);
  viewer.close();
  // Who comes later is told what he has missed.
  const [first] = viewer.seen;
  const later = await watching(browser, first?.position);
  await later.until((news) => news.length === viewer.seen.length - 1);
  later.close();
});

it("only somebody who is signed in watches, from our own page, his own account, with a scope that reads", async () => {
  const { token } = await tenant();
  await createLink({}, token);
  const browser = await new Browser().signIn(token);
  expect((await upgrade(browser, socketPath(1))).status).toBe(101);
  expect((await upgrade(browser, socketPath(1), { cookie: "" })).status).toBe(303);
  for (const origin of ["https://evil.example", "null", ORIGIN.replace("https", "http"), ""])
    expect([origin, (await upgrade(browser, socketPath(1), { origin })).status]).toEqual([origin, 403]);
  expect((await upgrade(browser, socketPath(1), { upgrade: "" })).status).toBe(426);
  for (const book of [0, 2, "x", "1.5"]) expect((await upgrade(browser, socketPath(book))).status).toBe(404);
  expect((await upgrade(await colleague("links", token), socketPath(1))).status).toBe(403);
  expect((await upgrade(await colleague("read", token), socketPath(1))).status).toBe(101);
  // Another account's book of the same number is another book.
  const other = await tenant();
  const stranger = await new Browser().signIn(other.token);
  await createLink({}, other.token);
  const viewer = await watching(stranger);
  const { code } = await createLink({}, token);
  await tap(code);
  await recorded(code, 1).catch(() => null);
  await scheduler.wait(500);
  expect(viewer.seen.filter((one) => one.code === code)).toEqual([]);
  viewer.close();
});

it("what is sent ends after half an hour, and the page without script is a list", async () => {
  const { sid, token } = await tenant();
  const browser = await new Browser().signIn(token);
  const { code } = await createLink({}, token);
  expect((await browser.get("/dashboard/live")).html).toContain("Nothing has happened yet");
  const viewer = await watching(browser);
  await tap(code);
  await viewer.until((news) => news.length === 1);
  const { html } = await browser.get("/dashboard/live");
  expect(html).toContain("Opened for the first time");
  expect(html).toContain(`/dashboard/links/${code}`);
  expect(html).toMatch(/data-books="{&quot;1&quot;:\d+}"/);
  await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid, book: 1 })), async (book, state) => {
    expect(state.getWebSockets()).toHaveLength(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31 * 60_000 });
    const message = newMessage();
    book.addMessage(message, IN_TIME);
    book.messageReported(message.msgid, "FAIL", "unreachable");
    expect(book.lately().news.at(-1)).toMatchObject({ what: "failed", msgid: message.msgid });
  });
  vi.useRealTimers();
  expect(
    await eventually(
      async () => viewer.closed(),
      (closed) => closed !== undefined,
    ),
  ).toBe(4_000);
  expect(viewer.seen).toHaveLength(1);
});
