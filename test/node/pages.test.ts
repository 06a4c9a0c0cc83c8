// The pages in a real browser: each fits the screen of a small phone, in every language, light and dark.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page as Tab } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { htmlPage, type Sender, type Shown } from "../../src/http/page.ts";
import { PAGE_TEXTS } from "../../src/http/page-texts.ts";
import { chromiumOptions } from "./chromium.ts";

const PHONE = { width: 320, height: 568 };
const DESKTOP = { width: 1_280, height: 800 };
const SHOWN: Shown[] = ["about", "unknown", "ended", "wait"];
/** The longest name that an account can have, in wide letters and without a space. */
const SENDER: Sender = { name: "W".repeat(100), supportUrl: "https://example.com/help" };

let answer: () => Response;
const server = createServer((request, response) => {
  if (request.url !== "/") return void response.writeHead(204).end();
  const answered = answer();
  void answered.text().then((body) => response.writeHead(200, Object.fromEntries(answered.headers)).end(body));
});
let browser: Browser;
let tab: Tab;
/** What the browser refused or missed. */
const complaints: string[] = [];
let url: string;

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await chromium.launch(chromiumOptions());
  tab = await browser.newPage();
  tab.on("console", (message) => complaints.push(message.text()));
});

afterAll(async () => {
  await browser.close();
  server.close();
});

function shows(lang: string, shown: Shown, sender?: Sender, headers?: Record<string, string>): void {
  const request = new Request(url, { headers: { "accept-language": lang } });
  answer = () => htmlPage(request, 200, shown, headers, sender);
}

/** What of the page one sees at once, and how it looks. */
async function seen(): Promise<Record<string, any>> {
  const script = `(() => {
    const { scrollWidth, scrollHeight, lang, dir } = document.documentElement;
    const { left, right } = document.querySelector("h1 + p").getBoundingClientRect();
    const { color } = getComputedStyle(document.body);
    const { title, body } = document;
    return { lang, dir, title, text: body.innerText, size: [scrollWidth, scrollHeight], left, right, color };
  })()`;
  return tab.evaluate<Record<string, any>>(script);
}

it.each(Object.keys(PAGE_TEXTS))("%s fits a small phone and a desktop", async (lang) => {
  for (const { width, height } of [PHONE, DESKTOP]) {
    await tab.setViewportSize({ width, height });
    for (const shown of SHOWN) {
      const sender = shown === "ended" ? SENDER : undefined;
      shows(lang, shown, sender);
      await tab.goto(url);
      const { text, size, left, right, ...told } = await seen();
      const [title, sentence] = PAGE_TEXTS[lang as keyof typeof PAGE_TEXTS][shown];
      expect(told).toMatchObject({ lang, dir: lang === "ar" ? "rtl" : "ltr", title });
      for (const part of [title, sentence, sender?.name ?? ""]) expect(text).toContain(part);
      expect([shown, ...size]).toEqual([shown, width, height]);
      // The style is in force: the text keeps off the edges.
      expect(Math.min(left, width - right)).toBeGreaterThan(20);
    }
  }
  expect(complaints).toEqual([]);
});

it("a phone that is dark gets a dark page", async () => {
  shows("en", "ended", SENDER);
  for (const [colorScheme, color] of [
    ["dark", "rgb(255, 255, 255)"],
    ["light", "rgb(0, 0, 0)"],
  ] as const) {
    await tab.emulateMedia({ colorScheme });
    await tab.goto(url);
    expect([colorScheme, (await seen())["color"]]).toEqual([colorScheme, color]);
  }
});

it("a page that asks to wait asks again by itself, and the link opens", async () => {
  shows("en", "wait", undefined, { Refresh: "1" });
  await tab.goto(url);
  expect(await tab.title()).toBe("One moment, please");
  answer = () => new Response("<title>The offer</title>", { headers: { "Content-Type": "text/html" } });
  await expect.poll(() => tab.title(), { timeout: 10_000 }).toBe("The offer");
});
