// Promise 2 in a real browser: a page links to a short URL, and the browser loads it ahead. The click has to ask again, or a
// person's access is lost.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chromiumOptions } from "./chromium.ts";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";

const ADMIN_TOKEN = "prefetch-admin-token-0123456789abcdef";
/** A headless Chromium says that it is one, and would be a scanner. */
const AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const TIMEOUT_MS = 15_000;

const state = mkdtempSync(join(tmpdir(), "firsttap-prefetch-"));
const servers: Server[] = [];
let firsttap: DevServer | undefined;

beforeAll(async () => {
  firsttap = await startDevServer({
    port: await freePort(),
    persistTo: join(state, "firsttap"),
    vars: { ADMIN_TOKEN, ALLOW_LOCAL_ADDRESSES: "true" },
    args: ["--inspector-port", "0"],
  });
});

afterAll(async () => {
  await firsttap?.stop();
  for (const server of servers) server.close();
  rmSync(state, { recursive: true, force: true });
});

const WAYS: [name: string, head: (url: string) => string][] = [
  ["prefetch by speculation rules", (url) => speculation("prefetch", url)],
  ["prerender by speculation rules", (url) => speculation("prerender", url)],
  ["<link rel=prefetch>", (url) => `<link rel="prefetch" href="${url}">`],
];

function speculation(action: "prefetch" | "prerender", url: string): string {
  return `<script type="speculationrules">${JSON.stringify({ [action]: [{ urls: [url], eagerness: "immediate" }] })}</script>`;
}

it.each(WAYS)("after %s, the click asks again and is a person's", async (_, head) => {
  // All three are of one site, where browsers load ahead most; the destination allows it even for prerendering.
  const destination = await serve((request, response) => {
    response.setHeader("Supports-Loading-Mode", "credentialed-prerender");
    response.setHeader("Content-Type", "text/html").end(`<title>The offer</title><p>${request.url}</p>`);
  });
  const link = await api("POST", "/api/links", { url: `${destination}/offer` });
  const shortUrl: string = link.short_url;
  const page = await serve((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>A message</title>${head(shortUrl)}<a href="${shortUrl}">the offer</a>`);
  });

  const { executablePath, args } = chromiumOptions();
  const browser = await chromium.launchPersistentContext(mkdtempSync(join(state, "profile-")), {
    executablePath,
    args: [...args, `--user-agent=${AGENT}`],
  });
  try {
    const tab = await browser.newPage();
    await tab.goto(page);
    await countsOf(link.code, { prefetch: 1 });
    await tab.click("a");
    await tab.waitForURL(`${destination}/offer`, { timeout: TIMEOUT_MS });
    expect(await tab.title()).toBe("The offer");
    const { accesses } = await countsOf(link.code, { prefetch: 1, person: 1 });
    expect(accesses).toMatchObject([
      { kind: "person", reason: null, device: "Linux" },
      { kind: "prefetch", reason: "sec-purpose" },
    ]);
  } finally {
    await browser.close();
  }
});

/** Serves on a port of its own; its origin. */
async function serve(listener: RequestListener): Promise<string> {
  const port = await freePort();
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return `http://localhost:${port}`;
}

async function api(method: string, path: string, body?: object): Promise<Record<string, any>> {
  const answer = await fetch(`${firsttap?.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, any>;
}

/** The link's status as soon as its counts are these, all others 0; fails with the last one. */
async function countsOf(code: string, counts: Record<string, number>): Promise<Record<string, any>> {
  const wanted = { person: 0, preview: 0, prefetch: 0, scanner: 0, probe: 0, ...counts };
  return expect
    .poll(async () => (await api("GET", `/api/links/${code}`)).access_counts, { timeout: TIMEOUT_MS })
    .toEqual(wanted)
    .then(() => api("GET", `/api/links/${code}`));
}
