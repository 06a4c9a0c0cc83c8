// `npm run screenshots [-- FOLDER]`: every page of the dashboard, full and empty, with wrong input, light and dark, narrow and wide, as
// pictures to look at. Needs Chromium (test/node/chromium.ts).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { temporaryFolder } from "../../local/belongings.ts";
import { runCommand } from "../../local/command.ts";
import { freePort, startDevServer } from "../../local/dev-server.ts";
import { signInLink, startFilledServer } from "../../local/filled.ts";
import { chromiumOptions } from "../node/chromium.ts";

const TOKEN = "screenshots-admin-token-for-one-run";
const MESSAGES = Number(process.env["MESSAGES"] ?? 900);
const [, , folder = "screenshots"] = process.argv;
const LOOKS = [
  { name: "light-1440", width: 1_440, colorScheme: "light", locale: "en-GB" },
  { name: "dark-1440", width: 1_440, colorScheme: "dark", locale: "en-GB" },
  { name: "light-320", width: 320, colorScheme: "light", locale: "en-GB" },
  { name: "dark-320-ja", width: 320, colorScheme: "dark", locale: "ja-JP" },
] as const;
const PAGES = [
  ["overview", "/dashboard"],
  ["overview-90", "/dashboard?range=90"],
  ["links", "/dashboard/links"],
  ["new-link", "/dashboard/links/new"],
  ["messages", "/dashboard/messages"],
  ["new-message", "/dashboard/messages/new"],
  ["callbacks", "/dashboard/callbacks"],
  ["health", "/dashboard/health"],
  ["settings", "/dashboard/settings"],
  ["data", "/dashboard/settings/data"],
  ["live", "/dashboard/live"],
  ["activity", "/dashboard/settings/activity"],
  ["report", "/dashboard/report"],
  ["preview", "/dashboard/preview?shows=ended"],
  ["nothing", "/dashboard/nothing"],
  ["wrong-range", "/dashboard?from=2030-01-01&to=2020-01-01"],
] as const;

await runCommand(async () => {
  mkdirSync(folder, { recursive: true });
  const full = await startFilledServer(await options(), MESSAGES);
  const empty = await startDevServer(await options());
  const browser = await chromium.launch(chromiumOptions());
  try {
    for (const { name, width, colorScheme, locale } of LOOKS) {
      const look = { viewport: { width, height: 900 }, colorScheme, locale };
      await picture(browser, look, full.url, `${name}-full`, [...PAGES, ...(await things(full.url))]);
      await picture(browser, look, empty.url, `${name}-empty`, PAGES.slice(0, -2));
    }
  } finally {
    await browser.close();
    await Promise.all([full.stop(), empty.stop()]);
  }
  return 0;
});

async function options() {
  return {
    port: await freePort(),
    persistTo: temporaryFolder("firsttap-pictures-").path,
    vars: { ADMIN_TOKEN: TOKEN, ALLOW_LOCAL_ADDRESSES: "true", CARRIER: "outbox" },
    args: ["--inspector-port", "0"],
  };
}

type Look = NonNullable<Parameters<Browser["newContext"]>[0]>;

async function picture(
  browser: Browser,
  look: Look,
  url: string,
  name: string,
  pages: readonly (readonly [string, string])[],
) {
  const context = await browser.newContext(look);
  await signIn(context, url);
  const tab = await context.newPage();
  for (const [page, path] of pages) {
    await tab.goto(url + path);
    await tab.screenshot({ path: join(folder, `${page}-${name}.png`), fullPage: true });
  }
  await context.close();
}

async function signIn(context: BrowserContext, url: string): Promise<void> {
  const tab = await context.newPage();
  await tab.goto(await signInLink(url, TOKEN));
  await tab.screenshot({ path: join(folder, `sign-in-${tab.viewportSize()?.width}.png`) });
  await tab.click("button");
  await tab.waitForURL(`${url}/dashboard`);
  await tab.close();
}

/** One link and one message that were opened. */
async function things(url: string): Promise<[string, string][]> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${url}/api/links?accessed=true&limit=1`, { headers });
  const { links } = (await answer.json()) as { links: { code: string; msgid: string }[] };
  return links.flatMap(({ code, msgid }) => [
    ["link", `/dashboard/links/${code}`],
    ["message", `/dashboard/messages/${msgid}`],
  ]);
}
