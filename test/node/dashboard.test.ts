// The dashboard in a real browser: what people do with it, with and without scripts; and of each page and its states, in light and
// dark, narrow and wide, that everybody can read it.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jsQR from "jsqr";
import { type Browser, type BrowserContext, chromium, type Page as Tab } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DevServer } from "../../local/dev-server.ts";
import { freePort } from "../../local/dev-server.ts";
import { signInLink, startFilledServer } from "../../local/filled.ts";
import { chromiumOptions } from "./chromium.ts";

const ADMIN_TOKEN = "dashboard-admin-token-0123456789abcdef";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** A headless Chromium says that it is one, and would be a scanner. */
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const MESSAGES = 60;
const QR_PIXELS = 300;

const state = mkdtempSync(join(tmpdir(), "firsttap-dashboard-"));
let server: DevServer;
let browser: Browser;
let url: string;

beforeAll(async () => {
  const options = {
    port: await freePort(),
    persistTo: join(state, "server"),
    vars: { ADMIN_TOKEN, ALLOW_LOCAL_ADDRESSES: "true", CARRIER: "outbox" },
    args: ["--inspector-port", "0"],
  };
  server = await startFilledServer(options, MESSAGES);
  url = server.url;
  browser = await chromium.launch(chromiumOptions());
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(state, { recursive: true, force: true });
});

/** A browser of its own, which notes what was refused to it. */
async function visitor(
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ tab: Tab; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on(
    "console",
    (message) => /Content Security|Refused|CSP|Uncaught/i.test(message.text()) && complaints.push(message.text()),
  );
  tab.on("pageerror", (error) => complaints.push(String(error)));
  return { tab, context, complaints };
}

async function signedIn(options: Parameters<typeof visitor>[0] = {}) {
  const one = await visitor(options);
  await one.tab.goto(`${url}/dashboard/sign-in`);
  await one.tab.fill("#token", ADMIN_TOKEN);
  await one.tab.click("button.main");
  await one.tab.waitForURL(`${url}/dashboard`);
  return one;
}

async function api(method: string, path: string, body?: object): Promise<Record<string, any>> {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, any>;
}

describe.each([true, false])("a day at the dashboard, scripts %s:", (javaScriptEnabled) => {
  it("signs in by form, makes a link, sees it opened, has its callback tried again, changes and ends it", async () => {
    const receiver = createServer((_, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const callbackUrl = `http://localhost:${(receiver.address() as AddressInfo).port}/hook`;
    try {
      const { tab, complaints, context } = await signedIn({ javaScriptEnabled });
      await tab.goto(`${url}/dashboard/links/new`);
      await tab.fill("#url", "https://example.com/made-by-hand");
      await tab.fill("#tags", "a day, by hand");
      await tab.click("details summary");
      await tab.fill("#callback_url", callbackUrl);
      await tab.click("text=Make the link");
      await tab.waitForURL(/\/dashboard\/links\/\w+\?made=1/);
      const shortUrl = (await tab.textContent("#short-url"))?.trim() ?? "";
      expect(await tab.textContent("main")).toContain("Nobody has opened it yet.");

      const tapped = await fetch(shortUrl, { redirect: "manual", headers: { "user-agent": PHONE } });
      expect(tapped.status).toBe(302);
      await expect
        .poll(async () => (await tab.goto(tab.url().replace("?made=1", "")), tab.textContent("main")), {
          timeout: 20_000,
        })
        .toMatch(/Opened once by what looks like a person\.[^]*iPhone[^]*It is owed, and was tried/);

      await tab.click("text=Try once more");
      await tab.waitForURL(/done=retried/);
      await tab.fill("#reference", "changed by hand");
      await tab.click("text=Save");
      await tab.waitForURL(/done=changed/);
      expect(await tab.textContent(".facts")).toContain("changed by hand");
      // A change that is refused says which field, and keeps what was typed.
      await tab.fill("#url", "not a url");
      await tab.click("text=Save");
      expect(await tab.getAttribute("#url", "aria-invalid")).toBe("true");
      expect(await tab.inputValue("#url")).toBe("not a url");

      await tab.click("text=End this link");
      await tab.click("text=End it now");
      await tab.waitForURL(`${url}/dashboard/links`);
      expect((await fetch(shortUrl, { redirect: "manual", headers: { "user-agent": PHONE } })).status).toBe(410);
      expect(complaints).toEqual([]);
      await context.close();
    } finally {
      receiver.close();
    }
  });

  it("sends a message, follows it, and erases it; forgets a number", async () => {
    const { tab, complaints, context } = await signedIn({ javaScriptEnabled });
    await tab.goto(`${url}/dashboard/messages/new`);
    await tab.fill("#recipient", "+818011112222");
    await tab.fill("#sender", "SHOP");
    await tab.fill("#message", "Your offer: https://example.com/offer");
    await tab.click("button.main");
    await tab.waitForURL(/\/dashboard\/messages\/\w{32}\?made=1/);
    await expect
      .poll(async () => (await tab.goto(tab.url()), tab.textContent(".line")), { timeout: 20_000 })
      .toContain("Delivered, as the carrier says");
    expect(await tab.textContent("h1")).toContain("+818011112222");
    await tab.click("text=Erase this message");
    await tab.click("text=Erase for good");
    await tab.waitForURL(/done=erased/);
    expect(await tab.textContent("h1")).toContain("erased");

    await tab.goto(`${url}/dashboard/settings`);
    await tab.click("#forget summary");
    await tab.fill("#recipient", "+818011112222");
    await tab.click("#forget .danger");
    expect(await tab.textContent("#forget")).toContain("0 messages were erased.");
    expect(complaints).toEqual([]);
    await context.close();
  });

  it("signs in by a link from another site, and is out at the next page when its session is ended", async () => {
    const link = await signInLink(url, ADMIN_TOKEN, "read");
    // Another site, for browsers: another host.
    const elsewhere = createServer((_, response) =>
      response.setHeader("Content-Type", "text/html").end(`<a href="${link}">in</a>`),
    );
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    try {
      const { tab, context, complaints } = await visitor({ javaScriptEnabled });
      await tab.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
      await tab.click("a");
      await tab.click("button");
      await tab.waitForURL(`${url}/dashboard`);
      expect(await tab.textContent("main")).toContain("Opened by what looks like a person");
      // `read` sees no whole number.
      await tab.goto(`${url}/dashboard/messages`);
      expect(await tab.textContent("tbody")).toMatch(/\+81 •••• \d{4}/);
      expect(await tab.textContent("tbody")).not.toMatch(/\+\d{11}/);
      // A shared page opens signed in, from elsewhere, too.
      await tab.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
      await tab.goto(`${url}/dashboard/links`);
      expect(await tab.textContent("h1")).toBe("Links");
      const { sessions } = await api("GET", "/api/account/sessions");
      const mine = sessions.find(
        (session: { name: string | null; is_link: boolean }) => session.name !== null && !session.is_link,
      );
      await fetch(`${url}/api/account/sessions/${mine.id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      await tab.goto(`${url}/dashboard/links`);
      expect(tab.url()).toContain("/dashboard/sign-in?next=");
      expect(complaints).toEqual([]);
      await context.close();
    } finally {
      elsewhere.close();
    }
  });
});

it("the QR codes, as SVG and as PNG, in light and dark, are read as the short URL, and downloaded under its code", async () => {
  const { code, short_url: shortUrl } = await api("POST", "/api/links", { url: "https://example.com/printed" });
  for (const colorScheme of ["light", "dark"] as const) {
    const { tab, context } = await signedIn({ colorScheme });
    await tab.goto(`${url}/dashboard/links/${code}`);
    expect(await tab.getAttribute(".qr a", "download")).toBe(`${code}.svg`);
    for (const image of ["qr.svg", "qr.png"]) {
      // One character for each pixel.
      const pixels = await tab.evaluate<string>(`(async () => {
        const image = new Image();
        image.src = "/dashboard/links/${code}/${image}";
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = ${QR_PIXELS};
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, ${QR_PIXELS}, ${QR_PIXELS});
        const { data } = context.getImageData(0, 0, ${QR_PIXELS}, ${QR_PIXELS});
        let text = "";
        for (let at = 0; at < data.length; at += 4) text += data[at] > 127 ? "1" : "0";
        return text;
      })()`);
      // White around it, whatever the theme.
      expect(pixels.slice(0, QR_PIXELS)).toBe("1".repeat(QR_PIXELS));
      const colours = Uint8ClampedArray.from(
        Array.from(pixels).flatMap((pixel) => [pixel, pixel, pixel, 1].map((on) => Number(on) * 255)),
      );
      expect([image, jsQR(colours, QR_PIXELS, QR_PIXELS)?.data]).toEqual([image, shortUrl]);
    }
    await context.close();
  }
});

it("shows the pages of recipients in a frame, which the policies of both allow", async () => {
  const { tab, complaints, context } = await signedIn();
  await tab.goto(`${url}/dashboard/preview`);
  await tab.selectOption("select[name=lang]", "ja");
  await tab.waitForURL(/lang=ja/);
  const framed = tab.frameLocator("iframe");
  await framed.getByText("このリンクは有効期限が切れています").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

const tapAs = (shortUrl: string) => fetch(shortUrl, { redirect: "manual", headers: { "user-agent": PHONE } });

it("shows a tap as it comes, says how late it is, and stops and goes on", async () => {
  const { tab, complaints, context } = await signedIn();
  await tab.goto(`${url}/dashboard/live`);
  await tab.getByText("Live.").first().waitFor();
  const follow = async (isWarm: boolean) => {
    const { code, short_url } = await api("POST", "/api/links", { url: "https://example.com/live" });
    const tappedAt = Date.now();
    expect((await tapAs(short_url)).status).toBe(302);
    await tab.waitForSelector(`#live a[href="/dashboard/links/${code}"]`, { timeout: isWarm ? 2_000 : 8_000 });
    return Date.now() - tappedAt;
  };
  await follow(false);
  for (let n = 0; n < 3; n++) expect(await follow(true)).toBeLessThan(2_000);
  expect(await tab.textContent("#live li")).toMatch(/^\d\d:\d\d:\d\d Opened for the first time [\w-]+ iPhone/);
  expect(await tab.textContent("#live-state")).toMatch(/^Live\. The last news came \d+\.\d s after it happened\.$/);
  const shown = await tab.locator("#live li").count();
  await tab.click("#live-stop");
  expect(await tab.textContent("#live-state")).toBe("Stopped.");
  const { code, short_url } = await api("POST", "/api/links", { url: "https://example.com/live" });
  await tapAs(short_url);
  await tab.waitForTimeout(2_000);
  expect(await tab.locator("#live li").count()).toBe(shown);
  // What was missed comes when it goes on.
  await tab.click("#live-stop");
  await tab.waitForSelector(`#live a[href="/dashboard/links/${code}"]`, { timeout: 8_000 });
  expect(complaints).toEqual([]);
  await context.close();
});

it("fifty viewers see twenty first taps a second, each once, nineteen of twenty within two seconds", async () => {
  const { context } = await signedIn();
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  await context.close();
  const [viewers, perSecond, seconds] = [50, 20, 10];
  const links = [];
  for (let n = 0; n < perSecond * seconds + 1; n++)
    links.push(await api("POST", "/api/links", { url: "https://example.com/many" }));
  const arrived = new Map<string, number[]>();
  const sockets = await Promise.all(
    Array.from({ length: viewers }, async () => {
      const address = `${url.replace("http", "ws")}/dashboard/live/socket?book=1&after=${Number.MAX_SAFE_INTEGER}`;
      // Node's own, which lets a program say what a browser says by itself.
      const socket = new WebSocket(address, { headers: { cookie, origin: url } } as never);
      socket.addEventListener("message", ({ data }) => {
        for (const { what, code } of JSON.parse(String(data)).news)
          if (what === "opened") arrived.set(code, [...(arrived.get(code) ?? []), Date.now()]);
      });
      await new Promise((resolve, reject) => {
        socket.addEventListener("open", resolve);
        socket.addEventListener("error", reject);
      });
      return socket;
    }),
  );
  const [warm, ...rest] = links;
  await tapAs(warm?.["short_url"]);
  await expect.poll(() => arrived.get(warm?.["code"])?.length, { timeout: 10_000 }).toBe(viewers);
  const tapped = new Map<string, number>();
  const beganAt = Date.now();
  await Promise.all(
    rest.map(async (link, n) => {
      await new Promise((resolve) => setTimeout(resolve, (n * 1_000) / perSecond));
      tapped.set(link["code"], Date.now());
      await tapAs(link["short_url"]);
    }),
  );
  const tappedFor = Date.now() - beganAt;
  await expect
    .poll(() => rest.filter((link) => arrived.get(link["code"])?.length === viewers).length, { timeout: 30_000 })
    .toBe(rest.length);
  for (const socket of sockets) socket.close();
  const delays = rest
    .flatMap(({ code }) => (arrived.get(code) ?? []).map((at) => at - (tapped.get(code) ?? 0)))
    .toSorted((one, other) => one - other);
  const [p50, p95, last] = [0.5, 0.95, 1].map((part) => delays[Math.ceil(part * delays.length) - 1]);
  console.log(
    `live: ${rest.length} taps in ${tappedFor} ms, ${delays.length} news; p50 ${p50}, p95 ${p95}, last ${last} ms`,
  );
  expect(p95).toBeLessThan(2_000);
}, 120_000);

it("pins a view, and leads back to it", async () => {
  const { tab, complaints, context } = await signedIn();
  await tab.goto(`${url}/dashboard/links?tag=pinned`);
  await tab.click(".pins summary");
  await tab.fill(".pins input[name=name]", "Pinned by hand");
  await tab.click(".pins form button");
  await tab.waitForURL(`${url}/dashboard/links?tag=pinned`);
  await tab.goto(`${url}/dashboard`);
  await tab.click("text=Pinned by hand");
  await tab.waitForURL(`${url}/dashboard/links?tag=pinned`);
  expect(complaints).toEqual([]);
  await context.close();
});

const PAGES = [
  "/dashboard",
  "/dashboard?range=90",
  "/dashboard?range=1",
  "/dashboard?from=2030-01-01&to=2020-01-01",
  "/dashboard?range=7&tag=no+such+tag",
  "/dashboard/links",
  "/dashboard/links?tag=none",
  "/dashboard/links?created_after=x",
  "/dashboard/links/new",
  "/dashboard/links/nosuchcode",
  "/dashboard/messages",
  "/dashboard/messages/new",
  "/dashboard/callbacks",
  "/dashboard/callbacks?host=localhost%3A1&state=owed",
  "/dashboard/callbacks?taken=3&more=1&ends=2026-11-28T00:00:00.000Z",
  "/dashboard/health",
  "/dashboard/settings",
  "/dashboard/accounts",
  "/dashboard/accounts/main",
  "/dashboard/settings/data",
  "/dashboard/settings/activity",
  "/dashboard/live",
  "/dashboard/links?tag=pinned",
  "/dashboard/report",
  "/dashboard/report?week=2025-W01",
  "/dashboard/preview?shows=ended&lang=ja",
  "/dashboard/nothing",
];

/** What no page may have, in words. Runs in the page. */
const LOOK = `(() => {
  const found = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push("the page scrolls sideways: " + wide);
  for (const svg of document.querySelectorAll("svg[role], main > svg, section > svg"))
    if (!svg.getAttribute("aria-label") && svg.getAttribute("aria-hidden") !== "true") found.push("an SVG without a name");
  for (const text of document.querySelectorAll("svg text")) {
    const size = parseFloat(getComputedStyle(text).fontSize) * (text.getScreenCTM()?.a ?? 1);
    if (size < 12) found.push("text of " + size + " px in a picture");
  }
  for (const box of document.querySelectorAll("*"))
    if (/auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth && !["INPUT", "TEXTAREA", "HTML"].includes(box.tagName))
      if (box.tabIndex < 0 || !(box.getAttribute("aria-label") || box.tagName === "PRE")) found.push("a box that scrolls without name or focus: " + box.className);
  if (document.querySelector("[style], script:not([src]), style")) found.push("inline style or script");
  for (const element of document.querySelectorAll("*"))
    for (const { name } of element.attributes) if (name.startsWith("on")) found.push("an attribute " + name);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  return found;
})()`;

it.each([
  ["light, 1440 px", { viewport: { width: 1_440, height: 900 }, colorScheme: "light" }],
  ["dark, 320 px", { viewport: { width: 320, height: 640 }, colorScheme: "dark" }],
  ["Japanese, 320 px", { viewport: { width: 320, height: 640 }, locale: "ja-JP" }],
  ["forced colours, 1440 px", { viewport: { width: 1_440, height: 900 }, forcedColors: "active" }],
] as const)("%s: axe finds nothing, nor do our own checks, on any page", async (_, look) => {
  // axe is put into the page, which the policy of the pages forbids; what they do themselves is watched in the days above.
  const { tab, context } = await signedIn({ ...look, bypassCSP: true });
  const { links } = await api("GET", "/api/links?accessed=true&limit=1");
  // A report that nobody takes.
  const report = { recipient: "+818012345678", sender: "SHOP", message: "hello", callbackurl: "http://localhost:1/" };
  await api("POST", "/sms/messages/", report);
  await expect
    .poll(async () => (await tab.goto(`${url}/dashboard/callbacks`), tab.textContent("main")), { timeout: 20_000 })
    .toContain("localhost:1");
  for (const page of [...PAGES, `/dashboard/links/${links[0].code}`, `/dashboard/messages/${links[0].msgid}`]) {
    await tab.goto(url + page);
    // Tables are behind summaries.
    await tab.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))");
    expect([page, await tab.evaluate(LOOK)]).toEqual([page, []]);
    await tab.evaluate(AXE);
    const violations = await tab.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ").slice(0, 300)))`,
    );
    expect([page, violations]).toEqual([page, []]);
  }
  await context.close();
});
