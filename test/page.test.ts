// What recipients see where no link opens: in their language, from a known sender where there is one, and never their fault.

import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { senderOf } from "../src/account/account.ts";
import { languageOf } from "../src/http/language.ts";
import { htmlPage, type Shown } from "../src/http/page.ts";
import { PAGE_TEXTS, type PageTexts } from "../src/http/page-texts.ts";
import { mintCode } from "../src/link/code.ts";
import { broken, brokenNamespace, envWith, platformError, tapWith } from "./support/faults.ts";
import { api, createLink, ORIGIN, tap } from "./support/firsttap.ts";
import { tenant } from "./support/sms.ts";

const LANGUAGES = Object.entries<PageTexts>(PAGE_TEXTS);
const SHOWN: Shown[] = ["about", "unknown", "ended", "wait"];
const LARGEST_PAGE_BYTES = 3_000;

const wanting = (language: string) => new Request(ORIGIN, { headers: { "accept-language": language } });

it.each([
  ["", "en"],
  ["ja", "ja"],
  ["ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", "ja"],
  ["JA-jp", "ja"],
  ["de-CH-1996", "de"],
  ["en;q=0.5, fr;q=0.7, de;q=0.6", "fr"],
  ["en ; q=0.5 ,\tes ; q=0.7", "es"],
  ["tlh, eo;q=0.9, tr;q=0.1", "tr"],
  ["tlh", "en"],
  ["*", "en"],
  ["*, de;q=0.5", "de"],
  ["de;q=0, fr;q=0.000, id;q=0.001", "id"],
  ["de;q=0", "en"],
  ["pt;q=1.000, ru", "pt"],
  ["ru;q=0.99, hi", "hi"],
  // Neither a weight nor a tag: no range.
  ["de;q=2, de;q=0.1234, de;q=, d/e, 日本, ar;q=0.1", "ar"],
  ["constructor, __proto__, tostring, valueof", "en"],
  // Who reads which script, and what older phones call it.
  ["zh", "zh"],
  ["zh-CN", "zh"],
  ["zh-SG,zh;q=0.9", "zh"],
  ["zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"],
  ["zh-HK", "zh-Hant"],
  ["zh-Hant-CN", "zh-Hant"],
  ["zh-Hans-TW", "zh"],
  ["in-ID", "id"],
])("Accept-Language: %s gets %s", (header, lang) => {
  expect(languageOf(wanting(header)).lang).toBe(lang);
});

it("of a long Accept-Language the first twenty count, so it costs no time", async () => {
  expect(languageOf(wanting(`${"xx,".repeat(19)}ja,de`)).lang).toBe("ja");
  expect(languageOf(wanting(`${"xx,".repeat(20)}ja,de`)).lang).toBe("en");
  await scheduler.wait(1);
  const before = Date.now();
  for (const item of ["de;q=0.1   ", "-", ";q=", " "]) languageOf(wanting(`ja,${item.repeat(20_000)}`));
  await scheduler.wait(1);
  expect(Date.now() - before).toBeLessThan(500);
});

describe.each(LANGUAGES)("in %s", (lang, texts) => {
  it("each page is small, says its language and direction, and holds nothing that a browser would run or load", async () => {
    for (const shown of SHOWN) {
      const sender = { name: "株".repeat(100), supportUrl: "https://example.com/help" };
      const response = htmlPage(wanting(lang), 200, shown, {}, sender);
      const body = await response.text();
      expect(response.headers.get("content-language")).toBe(lang);
      expect(body).toContain(`<html lang="${lang}" dir="${lang === "ar" ? "rtl" : "ltr"}">`);
      const [title, text] = texts[shown];
      for (const part of [`<title>${title}</title>`, `<h1>${title}</h1>`, `<p>${text}</p>`, `>${texts.support}</a>`])
        expect(body).toContain(part);
      expect(body).not.toMatch(/<(?:script|img|link|iframe|form|meta http)|\bon\w+=|firsttap/i);
      expect(new TextEncoder().encode(body).byteLength).toBeLessThan(LARGEST_PAGE_BYTES);
      const [, style = ""] = /<style>(.*)<\/style>/s.exec(body) ?? [];
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
      const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
      expect(response.headers.get("content-security-policy")).toContain(
        `default-src 'none'; style-src 'sha256-${hash}';`,
      );
    }
  });

  it("the texts are plain, whole and short", () => {
    for (const text of [...SHOWN.flatMap((shown) => texts[shown]), texts.support]) {
      expect(text).toMatch(/^\S[^<>&"\n]*\S$/);
      expect(text).toBe(text.normalize("NFC"));
      expect(text.length).toBeLessThan(140);
    }
    for (const shown of SHOWN) expect(texts[shown].map((text) => /[.。।]$/.test(text))).toEqual([false, true]);
  });
});

const JAPANESE = { accept: "text/html", "accept-language": "ja" };
const PROGRAM = { accept: "application/json", "accept-language": "ja" };
const overloaded = brokenNamespace(platformError({ overloaded: true }));

/** Each page as it comes about, with these headers of the request. */
const PAGES: [
  name: string,
  status: number,
  shown: Shown,
  ask: (headers: Record<string, string>) => Promise<Response>,
][] = [
  ["the front page", 200, "about", (headers) => tap("", { headers })],
  ["an unknown code", 404, "unknown", (headers) => tap(mintCode(), { headers })],
  ["a path that is no code", 404, "unknown", (headers) => tap("a/b.php", { headers })],
  [
    "an ended link",
    410,
    "ended",
    async (headers) => {
      const { code } = await createLink();
      await api("DELETE", `/api/links/${code}`);
      return tap(code, { headers });
    },
  ],
  ["another method", 405, "about", (headers) => tap(mintCode(), { method: "POST", headers })],
  [
    "a prefetch",
    503,
    "about",
    async (headers) => tap((await createLink())["code"], { headers: { ...headers, "sec-purpose": "prefetch" } }),
  ],
  [
    "a link out of reach",
    503,
    "wait",
    async (headers) => {
      const dead = envWith({ DIRECTORY: broken(new Error("down")), LINK: overloaded });
      return (await tapWith(dead, mintCode(), headers)).response;
    },
  ],
  [
    "a client that guessed too much",
    429,
    "wait",
    async (headers) => {
      const limiting = envWith({ GUESSES: { limit: async () => ({ success: false }) } });
      return (await tapWith(limiting, mintCode(), { "cf-connecting-ip": "192.0.2.77", ...headers })).response;
    },
  ],
];

it.each(PAGES)("%s is told in the recipient's language, and to programs in English", async (_, status, shown, ask) => {
  const page = await ask(JAPANESE);
  expect([page.status, page.headers.get("content-language")]).toEqual([status, "ja"]);
  expect(await page.text()).toContain(`<h1>${PAGE_TEXTS.ja[shown][0]}</h1>`);
  const told = await ask(PROGRAM);
  expect(told.status).toBe(status);
  expect(await told.text()).toMatch(/^\{[\x20-\x7e]+\}\n$/);
  const waits = shown === "wait" ? page.headers.get("retry-after") : null;
  expect(page.headers.get("refresh"), "a browser waits as long as a program").toBe(waits);
});

it("of a path without a code the page is that of an unknown code, byte for byte, and costs no read", async () => {
  const untouched = envWith({ DIRECTORY: broken("hang"), LINK: brokenNamespace("hang"), GUESSES: broken("hang") });
  const gist = async (response: Response) => [
    response.status,
    Object.fromEntries(response.headers),
    await response.text(),
  ];
  const unknown = await gist(await tap(mintCode(), { headers: JAPANESE }));
  for (const path of ["ab", "あいう", "a.php", "%E3%81%82", "a".repeat(65), "abc/def", "admin", "%00", ".env"]) {
    const { response } = await tapWith(untouched, path, JAPANESE);
    expect([path, ...(await gist(response))]).toEqual([path, ...unknown]);
  }
});

async function endedPageOf(account: Record<string, unknown>, headers = {}, bindings = {}) {
  const { token } = await tenant();
  expect((await api("PATCH", "/api/account", account, { token })).status).toBe(200);
  const { code } = await createLink({}, token);
  await api("DELETE", `/api/links/${code}`, undefined, { token });
  const { response } = await tapWith(envWith(bindings), code, headers);
  expect(response.status).toBe(410);
  return response.text();
}

it("the page of an ended link names the sender and leads to its support, and escapes both", async () => {
  const name = `A & B <script>alert(1)</script> "'`;
  const page = await endedPageOf({ name, support_url: "https://example.com/help?a=1&b='<x>" });
  expect(page).toContain("<bdi>A &#38; B &#60;script&#62;alert(1)&#60;/script&#62; &#34;&#39;</bdi>");
  expect(page).toContain(`<a href="https://example.com/help?a=1&#38;b=%27%3Cx%3E">Help and contact</a>`);
  const nameOnly = await endedPageOf({ name: "Example Ltd" });
  expect(nameOnly).toContain("<bdi>Example Ltd</bdi>");
  expect(nameOnly).not.toContain("<a ");
});

it("no sender is named where the account is out of reach, closed, or has no name but main", async () => {
  const account = { name: "Example Ltd", support_url: "https://example.com/help" };
  expect(await endedPageOf(account, {}, { ACCOUNT: overloaded })).not.toMatch(/Example|<bdi>|<a /);
  const { sid, token } = await tenant();
  await api("PATCH", "/api/account", account, { token });
  const { code } = await createLink({}, token);
  await api("DELETE", `/api/accounts/${sid}`);
  const closed = await tap(code);
  expect([closed.status, /<bdi>|<a /.test(await closed.text())]).toEqual([410, false]);
  expect(senderOf({ sid: "main", name: "main", supportUrl: null }).name).toBeNull();
  expect(senderOf({ sid: "main", name: "Example Ltd", supportUrl: null }).name).toBe("Example Ltd");
  expect(senderOf({ sid: "another", name: "main", supportUrl: null }).name).toBe("main");
});

it("an account of the version before, which knows no support_url, still names the sender and its fallback URL", async () => {
  const answering = (view: object) => ({ ACCOUNT: { getByName: () => ({ view: async () => view }) } });
  const before = { sid: "sid", name: "Example Ltd", fallbackUrl: null };
  const page = await endedPageOf({}, {}, answering(before));
  expect(page).toContain("<bdi>Example Ltd</bdi>");
  expect(page).not.toContain("<a ");
  const { token } = await tenant();
  const { code } = await createLink({}, token);
  await api("DELETE", `/api/links/${code}`, undefined, { token });
  const fallbackUrl = "https://example.com/over";
  const { response } = await tapWith(envWith(answering({ ...before, fallbackUrl })), code);
  expect([response.status, response.headers.get("location")]).toEqual([302, fallbackUrl]);
});

it("support_url is set, shown and cleared like any destination", async () => {
  const { sid, token } = await tenant();
  const change = (support_url: unknown) => api("PATCH", "/api/account", { support_url }, { token });
  expect((await change("https://Example.com:443/help")).body["support_url"]).toBe("https://example.com/help");
  expect((await api("GET", "/api/account", undefined, { token })).body).toMatchObject({
    sid,
    fallback_url: null,
    support_url: "https://example.com/help",
  });
  for (const wrong of ["javascript:alert(1)", "mailto:help@example.com", "", 1, `${ORIGIN}/help`])
    expect((await change(wrong)).body["errors"]).toMatchObject([{ field: "support_url" }]);
  expect((await change(null)).body["support_url"]).toBeNull();
  expect((await env.ACCOUNT.getByName(sid).view())?.supportUrl).toBeNull();
});

it("HEAD of the front page is as long as nothing", async () => {
  const head = await exports.default.fetch(ORIGIN, { method: "HEAD", headers: JAPANESE });
  expect([head.status, head.headers.get("content-language"), await head.text()]).toEqual([200, "ja", ""]);
});
