// The dashboard's pages, as a browser is answered them: what none of them holds, what each keeps from whom, and what forms do twice.

import { env, exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { STYLE } from "../src/dashboard/style.ts";
import type { Answer } from "../local/answers.ts";
import { eventuallyHeard } from "./support/books.ts";
import { Browser, colleague } from "./support/browser.ts";
import { api, createLink, eventually, ORIGIN, receiver, statusOf, tap } from "./support/firsttap.ts";
import { messageOf, send, settled, tenant } from "./support/sms.ts";

const SOURCES = import.meta.glob("../src/dashboard/*.tsx", { query: "?raw", import: "default", eager: true });
const TEXTS = import.meta.glob("../src/dashboard/texts.ts", { query: "?raw", import: "default", eager: true });

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Texts that people and attackers write into fields. */
const HOSTILE = [
  "</title><script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "javascript:alert(1)",
  "{{7*7}} ${7*7} &lt;b&gt; &#39;",
  "مرحبا بالعالم \u202Eabc",
  "あ".repeat(255),
  "x".repeat(255),
];

/** What stands in a page beside what it was written as. */
function problemsOf(html: string): string[] {
  const tags = html.replace(/="[^"]*"/g, '=""');
  const inTags = [
    [/\sstyle=/i, "an attribute style"],
    [/<[^>]*\son[a-z]+\s*=/i, "an attribute on…"],
  ].flatMap(([pattern, what]) => ((pattern as RegExp).test(tags) ? [what as string] : []));
  const inAll = [
    [/<style/i, "an inline style"],
    [/<script(?![^>]*\ssrc=)/i, "an inline script"],
    [/href="(?!\/|\?|#|http)/i, "a link to somewhere strange"],
    [/\[object |undefined|NaN/, "a value that is none"],
  ].flatMap(([pattern, what]) => ((pattern as RegExp).test(html) ? [what as string] : []));
  return [...inTags, ...inAll];
}

it("style and script have their content in their address, and are kept for ever", async () => {
  const page = await (await exports.default.fetch(`${ORIGIN}/dashboard/sign-in`)).text();
  const addresses = Array.from(page.matchAll(/"(\/dashboard\/assets\/[^"]+)"/g), ([, address]) => address);
  expect(addresses).toHaveLength(2);
  for (const address of addresses) {
    const asset = await exports.default.fetch(`${ORIGIN}${address}`);
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
    expect(asset.headers.get("content-type")).toMatch(/^text\/(?:css|javascript)/);
    // A page of another version of this deployment asks for what that had.
    const other = await exports.default.fetch(`${ORIGIN}${address?.replace(/\.\w+$/, ".other")}`);
    expect(await other.text()).toBe(await asset.text());
    expect(other.headers.get("cache-control")).toMatch(/no-store/);
  }
  expect((await exports.default.fetch(`${ORIGIN}/dashboard/assets/toString.1`)).status).toBe(404);
});

it("every page has the policy, keeps nothing inline, and holds what others wrote as text alone", async () => {
  const { sid, token } = await tenant();
  const browser = await new Browser().signIn(token);
  const login = { login: { sid, token } };
  const paths = [
    "/dashboard",
    "/dashboard?range=1",
    "/dashboard/links",
    "/dashboard/messages",
    "/dashboard/callbacks",
    "/dashboard/health",
    "/dashboard/settings",
    "/dashboard/settings/data",
    "/dashboard/settings/activity",
    "/dashboard/report?week=2026-W48",
    "/dashboard/links/new",
    "/dashboard/messages/new",
    "/dashboard/none",
  ];
  for (const [index, text] of HOSTILE.entries()) {
    const tag = text.slice(0, 64);
    const { code } = await createLink({ reference: text, tags: [tag], code: `h${"o".repeat(60)}${index}` }, token);
    const msgid = await send({ reference: text, tags: tag.replaceAll(",", " ") }, login);
    await tap(code);
    paths.push(`/dashboard/links/${code}`, `/dashboard/messages/${msgid}`);
    const query = encodeURIComponent(text);
    paths.push(
      `/dashboard?tag=${query}&from=${query}&zone=${query}`,
      `/dashboard/links?tag=${query}&reference=${query}&created_after=${query}`,
      `/dashboard/messages?created_after=${query}&recipient=${query}&cursor=${query}`,
      `/dashboard/callbacks?host=${query}&state=${query}&taken=${query}&ends=${query}`,
      `/dashboard/links/${query}`,
      `/dashboard/report?week=${query}&zone=${query}`,
      `/dashboard/settings/activity?cursor=${query}`,
      `/dashboard/messages/${query}`,
    );
    await api("PATCH", "/api/account", { name: text.slice(0, 100) }, { token });
  }
  paths.push(
    `/dashboard/links/${(await createLink({ url: `https://example.com/${"a".repeat(2_020)}` }, token))["code"]}`,
  );
  for (const path of paths) {
    const page = await browser.get(path);
    expect([
      path,
      page.headers.get("content-security-policy"),
      page.headers.get("referrer-policy"),
      page.headers.get("cache-control"),
    ]).toEqual([path, CSP, "same-origin", "private, no-store"]);
    expect([path, problemsOf(page.html)]).toEqual([path, []]);
    expect(page.html).not.toMatch(/<(?:img src=x|script>alert)/);
  }
  // What was typed comes back as it was, in its field.
  for (const text of HOSTILE) {
    const refused = await browser.post("/dashboard/links/new", { url: text, reference: text, key: "hostile" });
    expect(refused.status).toBe(422);
    expect(problemsOf(refused.html)).toEqual([]);
    expect(refused.html).toContain('aria-invalid="true"');
  }
});

it("a search leads to what it names, and never out of the dashboard", async () => {
  const { sid, token } = await tenant();
  const browser = await new Browser().signIn(token);
  const { code, short_url: shortUrl } = await createLink({ reference: "order-7" }, token);
  const msgid = await send({}, { login: { sid, token } });
  const found = async (q: string) =>
    (await browser.get(`/dashboard/search?${new URLSearchParams({ q }).toString()}`)).location;
  for (const q of [code, shortUrl, shortUrl.replace("https://", ""), ` ${code} `])
    expect(await found(q)).toBe(`/dashboard/links/${code}`);
  expect(await found(msgid)).toBe(`/dashboard/messages/${msgid}`);
  for (const q of ["+81 80-1234-5678", "0081 80 1234 5678", "＋８１８０１２３４５６７８", "+81 (80) 1234‐5678"])
    expect(await found(q)).toBe("/dashboard/messages?recipient=%2B818012345678");
  expect((await browser.get("/dashboard/messages?recipient=%2B818000000000")).html).not.toContain(msgid);
  const { recipient } = await messageOf(msgid, { login: { sid, token } });
  expect((await browser.get((await found(recipient)) ?? "")).html).toContain(msgid);
  // As they are dialled in the account's country. Bare digits without a prefix are a reference first.
  await api("PATCH", "/api/account", { country: "JP" }, { token });
  for (const q of ["080-1234-5678", "０８０－１２３４－５６７８", "08012345678"])
    expect(await found(q)).toBe("/dashboard/messages?recipient=%2B818012345678");
  expect((await browser.get("/dashboard/messages?recipient=080-1234-5678")).html).toContain(msgid);
  const typed = { recipient: "080-1234-5678", sender: "SHOP", message: "Hello", key: "typed-number" };
  const sent = await browser.post("/dashboard/messages/new", typed);
  const sentTo = (await messageOf(sent.location?.slice(20, 52) ?? "", { login: { sid, token } })).recipient;
  expect(sentTo).toBe("+818012345678");
  await api("PATCH", "/api/account", { country: "SG" }, { token });
  expect(await found("81234567")).toBe("/dashboard/messages?recipient=%2B6581234567");
  await createLink({ reference: "81234567" }, token);
  expect(await found("81234567")).toBe("/dashboard/links?reference=81234567");
  expect(await found("order-7")).toBe("/dashboard/links?reference=order-7");
  for (const q of ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
    expect(await found(q)).toMatch(/^\/dashboard\/links/);
});

it("a form that is sent twice makes one link, and one message", async () => {
  const { token } = await tenant();
  const browser = await new Browser().signIn(token);
  const keyIn = (html: string) => /name="key" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const key = keyIn((await browser.get("/dashboard/links/new")).html);
  const link = { url: "https://example.com/once", key };
  const made = await Promise.all([
    browser.post("/dashboard/links/new", link),
    browser.post("/dashboard/links/new", link),
  ]);
  expect(made[0]?.location).toMatch(/^\/dashboard\/links\/\w+\?made=1$/);
  expect(made[1]?.location).toBe(made[0]?.location);
  const message = {
    recipient: "+818012345678",
    sender: "SHOP",
    message: "hello",
    key: keyIn((await browser.get("/dashboard/messages/new")).html),
  };
  const sent = [
    await browser.post("/dashboard/messages/new", message),
    await browser.post("/dashboard/messages/new", message),
  ];
  expect(sent[0]?.location).toBe(sent[1]?.location);
  expect((await api("GET", "/api/links", undefined, { token })).body["links"]).toHaveLength(1);
});

it("`read` sees the ends of numbers alone, `support` the whole, and neither makes anything", async () => {
  const { sid, token } = await tenant();
  const msgid = await send({ recipient: "+818012345678" }, { login: { sid, token } });
  for (const [scope, number] of [
    ["read", "+81 •••• 5678"],
    ["support", "+818012345678"],
    ["full", "+818012345678"],
  ] as const) {
    const browser = await colleague(scope, token);
    for (const path of ["/dashboard/messages", `/dashboard/messages/${msgid}`]) {
      const { html } = await browser.get(path);
      expect(html).toContain(number);
      if (scope === "read") expect(html).not.toContain("12345678");
      if (scope !== "full") expect(html).not.toMatch(/messages\/new|Erase for good/);
    }
  }
});

it(
  "callbacks that fail are shown with their link or message; one is tried once more, or all by a form that is sent twice",
  { timeout: 90_000 },
  async () => {
    const { sid, token } = await tenant();
    const fails: Answer[] = [...Array.from({ length: 11 }, () => ({ status: 503 })), { status: 200 }];
    const hooks = await Promise.all([receiver(...fails), receiver(...fails)]);
    const { code } = await createLink({ callback_url: hooks[0]?.url }, token);
    await tap(code);
    const msgid = await send({ callbackurl: hooks[1]?.url }, { login: { sid, token } });
    const browser = await new Browser().signIn(token);
    const page = () => browser.get("/dashboard/callbacks");
    await eventually(
      () => statusOf(code, token),
      ({ callback }) => callback.state === "exhausted",
      30_000,
    );
    const { html } = await eventuallyHeard(
      [code],
      () => browser.get("/dashboard/callbacks?state=exhausted"),
      ({ html: text }) => text.includes("2 callbacks were not answered 200"),
      30_000,
    );
    expect(html).toMatch(/>503<[^]*>Given up<[^]*>not lately</);
    for (const path of [`links/${code}`, `messages/${msgid}`]) expect(html).toContain(`href="/dashboard/${path}"`);
    // Who only reads is shown no form.
    expect((await (await colleague("read", token)).get("/dashboard/callbacks")).html).not.toMatch(/Try (?:once|many)/);
    const wrong = await browser.post("/dashboard/callbacks", { state: "exhausted", from: "x", to: "", key: "a" });
    expect([wrong.status, wrong.html.match(/aria-invalid="true"/g)?.length]).toEqual([422, 2]);

    const once = await browser.post(`/dashboard/callbacks/messages/${msgid}`);
    expect(once.location).toBe("/dashboard/callbacks?done=retried");
    const form = { state: "exhausted", from: "2020-01-01T00:00", to: "2100-01-01T00:00", host: "", key: "retry-all" };
    const made = [await browser.post("/dashboard/callbacks", form), await browser.post("/dashboard/callbacks", form)];
    expect(made[0]?.location).toMatch(/\?taken=[12]&ends=/);
    expect(made[1]?.location).toBe(made[0]?.location);
    expect((await browser.get(made[0]?.location ?? "")).html).toMatch(/callbacks? (?:is|are) tried once more\./);
    await eventuallyHeard([code], page, ({ html: text }) => text.includes("No callback fails."), 30_000);
    for (const { received } of hooks) expect(await received()).toHaveLength(12);
  },
);

it("a message is sent again by a form, once, to the same number; its line says when the carrier took it", async () => {
  const { sid, token } = await tenant();
  const login = { login: { sid, token } };
  const msgid = await send({ track_link: "true" }, login);
  await settled(msgid, login);
  const browser = await new Browser().signIn(token);
  const { html } = await browser.get(`/dashboard/messages/${msgid}`);
  expect(html).toMatch(
    /<time[^>]*>[\d:]+<\/time><span>Given to the carrier<[^]*<time[^>]*>[\d:]+<\/time><span>Delivered,/,
  );
  expect((await (await colleague("support", token)).get(`/dashboard/messages/${msgid}`)).html).not.toContain("Send it");
  const key = /name="key" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const again = () => browser.post(`/dashboard/messages/${msgid}/again`, { key });
  const made = [await again(), await again()];
  expect(made[0]?.location).toMatch(/^\/dashboard\/messages\/\w{32}\?made=1$/);
  expect(made[1]?.location).toBe(made[0]?.location);
  expect(made[0]?.location).not.toContain(msgid);
  expect((await browser.get(made[0]?.location ?? "")).html).toContain("+818012345678");
});

it("a feed is made with its ready formula, shown once, and revoked; everything can be downloaded", async () => {
  const { token } = await tenant();
  await createLink({ reference: "order-7" }, token);
  const browser = await new Browser().signIn(token);
  const path = "/dashboard/settings/data";
  const made = await browser.post(`${path}/feeds`, { name: "sheet <of> marketing", numbers: "none" });
  expect(made.status).toBe(200);
  const [, formula = ""] = /id="feed-links"[^>]*>([^<]*)</.exec(made.html) ?? [];
  const [, address = ""] = /^=IMPORTDATA\("([^"]*)"\)$/.exec(
    formula.replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
  ) ?? [formula];
  const read = () => exports.default.fetch(address);
  expect(await (await read()).text()).toContain("order-7");
  const { html } = await browser.get(path);
  expect(html).toContain("sheet &lt;of&gt; marketing");
  expect(html).not.toContain("ft_feed_");
  expect((await browser.post(`${path}/feeds`, { numbers: "some" })).status).toBe(422);
  for (const scope of ["read", "support"]) {
    const other = await colleague(scope, token);
    expect((await other.post(`${path}/feeds`, { numbers: "none" })).status).toBe(403);
    expect((await other.get(path)).html).not.toMatch(/<select id="numbers"/);
    expect([scope, (await other.get(`${path}/links.csv`)).status]).toEqual([scope, scope === "read" ? 200 : 403]);
  }
  const downloads = Array.from(html.matchAll(/href="(\/dashboard\/settings\/data\/[^"]+)"/g), ([, one = ""]) => one);
  expect(downloads).toHaveLength(18);
  for (const one of downloads) {
    const file = await browser.get(one.replaceAll("&amp;", "&"));
    expect([one, file.status, file.headers.get("content-disposition")]).toEqual([
      one,
      200,
      expect.stringMatching(/^attachment/),
    ]);
  }
  expect((await browser.get(`${path}/none.csv`)).status).toBe(404);
  const [, revoke = ""] = /action="([^"]+\/revoke)"/.exec(html) ?? [];
  expect((await browser.post(revoke)).location).toBe(`${path}?done=1`);
  expect((await read()).status).toBe(404);
});

it("another account's things are 404, on every page and by every form", async () => {
  const owner = await tenant();
  const { code } = await createLink({}, owner.token);
  const msgid = await send({}, { login: owner });
  await settled(msgid, { login: owner });
  const stranger = await new Browser().signIn((await tenant()).token);
  for (const path of [`links/${code}`, `links/${code}/qr.svg`, `links/${code}/qr.png`, `messages/${msgid}`])
    expect([path, (await stranger.get(`/dashboard/${path}`)).status]).toEqual([path, 404]);
  for (const path of [
    `links/${code}`,
    `links/${code}/end`,
    `links/${code}/retry`,
    `messages/${msgid}/again`,
    `messages/${msgid}/erase`,
    `messages/${msgid}/retry`,
    `callbacks/links/${code}`,
    `callbacks/messages/${msgid}`,
    "settings/tokens/none/revoke",
    "settings/sessions/none/end",
    "settings/data/feeds/none/revoke",
  ])
    expect([path, (await stranger.post(`/dashboard/${path}`, { url: "https://example.com/taken" })).status]).toEqual([
      path,
      404,
    ]);
  expect((await api("GET", `/api/links/${code}`, undefined, { token: owner.token })).body).toMatchObject({
    url: "https://example.com/offer",
  });
});

it("the overview's figures are those of the API", async () => {
  const { sid, token } = await tenant();
  const login = { login: { sid, token } };
  const msgids = await Promise.all([
    send({ tags: "a" }, login),
    send({ tags: "a" }, login),
    send({ tags: "b", track_link: "true" }, login),
  ]);
  await Promise.all(msgids.map((msgid) => settled(msgid, login)));
  const { link_tracking: tracking } = await (
    await exports.default.fetch(`${ORIGIN}/sms/messages/${msgids[2]}/`, {
      headers: { authorization: `Bearer ${token}` },
    })
  ).json<Record<string, any>>();
  const code = tracking.shortlink.split("/").at(-1);
  await tap(code);
  const figures = await eventuallyHeard(
    [code],
    async () => (await api("GET", "/api/figures", undefined, { token })).body["totals"],
    ({ messages }) => messages.delivered === 3 && messages.opened === 1,
  );
  const browser = await new Browser().signIn(token);
  const { html } = await browser.get("/dashboard");
  expect(html).toContain(
    `${figures.messages.accepted} messages were accepted: ${figures.messages.delivered} delivered, ${figures.messages.opened} opened`,
  );
  expect((await browser.get("/dashboard?tag=a")).html).toContain("2 messages were accepted: 2 delivered, 0 opened");
  expect((await browser.get("/dashboard?from=2024-01-01&to=2024-02-01")).html).toContain(
    "Nothing was made or sent in this range.",
  );
});

it("a section that cannot be read says so, and the rest of the page stands", async () => {
  const { token } = await tenant();
  await createLink({}, token);
  const browser = await new Browser().signIn(token);
  const { app } = await import("../src/app.ts");
  const BOOK = {
    getByName: () => ({
      figures: () => Promise.reject(new Error("down")),
      linksPage: () => Promise.reject(new Error("down")),
      callbacks: () => Promise.reject(new Error("down")),
      health: () => Promise.reject(new Error("down")),
    }),
  };
  const out = { ...env, BOOK } as unknown as Env;
  for (const path of ["/dashboard", "/dashboard/links", "/dashboard/callbacks", "/dashboard/health"]) {
    const context = { waitUntil() {}, passThroughOnException() {}, props: {} };
    const page = await app.request(ORIGIN + path, { headers: { cookie: browser.cookie ?? "" } }, out, context);
    const html = await page.text();
    expect(html).toContain("This cannot be read just now.");
    expect(html).toMatch(/<nav[^]*<h1>/);
  }
});

it("in Japanese, no page holds an English sentence of the file", async () => {
  const { token } = await tenant();
  const { code } = await createLink({}, token);
  await tap(code);
  const browser = await new Browser().signIn(token);
  await eventually(
    async () => (await api("GET", `/api/links/${code}`, undefined, { token })).body,
    ({ accessed }) => accessed,
  );
  const english = Array.from(
    (Object.values(TEXTS)[0] ?? "").split("const JAPANESE")[0]?.matchAll(/: "([A-Z][^"{}]{12,})"/g) ?? [],
    ([, text]) => text ?? "",
  );
  expect(english.length).toBeGreaterThan(60);
  for (const path of [
    "/dashboard",
    "/dashboard/links",
    `/dashboard/links/${code}`,
    "/dashboard/links/new",
    "/dashboard/messages",
    "/dashboard/messages/new",
    "/dashboard/callbacks",
    "/dashboard/health",
    "/dashboard/settings",
    "/dashboard/settings/data",
  ]) {
    const { html } = await browser.get(path, { "accept-language": "ja" });
    expect(html).toMatch(/^<!doctype html><html lang="ja">/);
    expect([path, english.filter((text) => html.includes(text))]).toEqual([path, []]);
  }
});

it("pages are put together from the file of sentences: none stands in the TSX itself", () => {
  for (const [path, source] of Object.entries(SOURCES)) {
    const texts = Array.from(source.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[^<>{}=;]*)</g), ([, text]) => text);
    expect([path, texts]).toEqual([path, []]);
  }
});

it("text has a contrast of 4.5:1, marks, borders and focus 3:1, in light and dark", () => {
  const blocks = Array.from(STYLE.matchAll(/:root \{([^}]*)\}/g), ([, block = ""]) => block);
  const tokensOf = (block: string) =>
    Object.fromEntries(
      Array.from(block.matchAll(/--(\w[\w-]*): (#[0-9a-f]{6})/g), ([, name, colour]) => [name, colour]),
    );
  const light = tokensOf(blocks[0] ?? "");
  const dark = { ...light, ...tokensOf(blocks[1] ?? "") };
  expect(Object.keys(tokensOf(blocks[1] ?? "")).toSorted()).toEqual(Object.keys(light).toSorted());
  for (const [theme, tokens] of Object.entries({ light, dark }))
    for (const ground of ["ground", "surface"]) {
      for (const text of ["ink", "soft", "accent", "good", "bad"])
        expect(contrast(tokens[text], tokens[ground]), `${theme}: ${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      for (const mark of ["edge", "people", "machines", "sent", "faint", "accent"])
        expect(contrast(tokens[mark], tokens[ground]), `${theme}: ${mark} on ${ground}`).toBeGreaterThanOrEqual(3);
      expect(contrast(tokens["on-accent"], tokens["accent"]), theme).toBeGreaterThanOrEqual(4.5);
    }
});

/** WCAG 2's ratio of two colours. */
function contrast(one = "", other = ""): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

it("no GET changes anything", async () => {
  const { sid, token } = await tenant();
  const login = { login: { sid, token } };
  const { code } = await createLink({}, token);
  const msgid = await send({}, login);
  await settled(msgid, login);
  await tap(code);
  await eventually(
    async () => (await api("GET", `/api/links/${code}`, undefined, { token })).body,
    ({ accesses }) => accesses.length === 1,
  );
  const browser = await new Browser().signIn(token);
  const everything = async () => [
    (await api("GET", "/api/links", undefined, { token })).body,
    (await api("GET", "/api/account", undefined, { token })).body,
    (await api("GET", "/api/account/sessions", undefined, { token })).body,
  ];
  const before = await everything();
  for (const path of [
    "sign-out",
    `links/${code}/end`,
    `links/${code}/retry`,
    `messages/${msgid}/erase`,
    "settings/secret",
    "settings/tokens",
    "settings/forget",
  ])
    expect((await browser.get(`/dashboard/${path}`)).status, path).toBe(404);
  expect(await everything()).toEqual(before);
});

it("the operator makes, restricts, suspends and closes accounts, and ends a link; nobody else sees that there are others", async () => {
  const operator = await new Browser().signIn();
  const made = await operator.post("/dashboard/accounts", { name: "</title>Shop" });
  const [token = "", sid = ""] = /ft_([0-9a-z]+)_[\w-]+/.exec(made.html.replaceAll("<wbr/>", "")) ?? [];
  expect([made.status, problemsOf(made.html)]).toEqual([200, []]);
  const path = `/dashboard/accounts/${sid}`;
  expect((await operator.get("/dashboard/accounts")).html).toContain(`href="${path}"`);
  const accountNow = async () => (await api("GET", `/api/accounts/${sid}`)).body;

  const wrong = await operator.post(path, { messages_per_day: "many", links_per_day: "", senders: "" });
  expect([wrong.status, problemsOf(wrong.html)]).toEqual([422, []]);
  expect(wrong.html).toMatch(/value="many"|aria-invalid="true"/);
  const restricted = { messages_per_day: "10", links_per_day: "", senders: "Shop, Sale" };
  expect((await operator.post(path, restricted)).location).toBe(`${path}?done=1`);
  expect(await accountNow()).toMatchObject({
    messages_per_day: 10,
    links_per_day: null,
    senders: ["Shop", "Sale"],
    suspended: false,
  });
  const [owner, { code: kept, url }] = await Promise.all([new Browser().signIn(token), createLink({}, token)]);
  await operator.post(`${path}/suspend`);
  expect(await accountNow()).toMatchObject({ suspended: true, messages_per_day: 10 });
  // Of a link all may be changed but where it leads.
  const changed = { url, url_before: url, callback_url: "", tags: "new", reference: "" };
  expect((await owner.post(`/dashboard/links/${kept}`, changed)).status).toBe(303);
  expect((await api("GET", `/api/links/${kept}`, undefined, { token })).body["tags"]).toEqual(["new"]);
  const moved = { ...changed, url: "https://example.com/elsewhere" };
  expect((await owner.post(`/dashboard/links/${kept}`, moved)).status).toBe(403);
  expect((await operator.get(path)).html).toContain(`action="${path}/resume"`);
  await operator.post(`${path}/resume`);
  expect(await accountNow()).toMatchObject({ suspended: false });

  const { code } = await createLink({}, token);
  expect((await operator.post(`${path}/end-link`, { code, reason: "" })).status).toBe(422);
  expect((await operator.post(`${path}/end-link`, { code: ` ${code} `, reason: "phishing" })).status).toBe(303);
  expect((await tap(code)).status).toBe(410);

  // An owner, whoever has a link of the operator's with any scope, and a token of the operator's account.
  const { body } = await api("POST", "/api/account/tokens");
  const others = [new Browser().signIn(token), colleague("full"), new Browser().signIn(body["token"])];
  for (const other of await Promise.all(others)) {
    expect((await other.get("/dashboard")).html).not.toContain("/dashboard/accounts");
    for (const hidden of ["/dashboard/accounts", path]) expect((await other.get(hidden)).status).toBe(404);
    expect((await other.post("/dashboard/accounts", { name: "mine" })).status).toBe(404);
    expect((await other.post(`${path}/close`)).status).toBe(404);
  }
  expect((await operator.get("/dashboard/accounts/none")).status).toBe(404);
  expect((await operator.post(`${path}/close`)).location).toBe("/dashboard/accounts");
  expect((await operator.get(path)).status).toBe(404);
});
