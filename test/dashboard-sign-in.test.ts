// Signing in: a token or a link becomes a session, which ends in time, by hand, and with its token; and nobody else's form is heard.

import { env, exports } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { Browser, colleague } from "./support/browser.ts";
import { ADMIN_TOKEN, api, ORIGIN } from "./support/firsttap.ts";
import { tenant } from "./support/sms.ts";

const HOUR_MS = 3_600_000;

async function tokenOf(token: string, scopes = ["full"]) {
  return (await api("POST", "/api/account/tokens", { scopes }, { token })).body;
}

/** Whether this browser is shown the overview. */
async function isIn(browser: Browser): Promise<boolean> {
  return (await browser.get("/dashboard")).status === 200;
}

it("a token is exchanged for a cookie that no script reads and no other site's form sends, for twelve hours", async () => {
  const { token } = await tenant();
  const browser = new Browser();
  const answer = await browser.post("/dashboard/sign-in", { token, next: "/dashboard/links?tag=a" });
  expect([answer.status, answer.location]).toEqual([303, "/dashboard/links?tag=a"]);
  const cookie = answer.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(
    /^__Host-session=[0-9a-z]{20}\.[\w-]{22}; Max-Age=43(?:199|200); Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(cookie).not.toContain(token.slice(-22));
  expect(await isIn(browser)).toBe(true);
});

it("on a local server's http the cookie has neither prefix nor Secure", async () => {
  const answer = await exports.default.fetch("http://localhost/dashboard/sign-in", {
    method: "POST",
    redirect: "manual",
    headers: { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ token: ADMIN_TOKEN }),
  });
  expect(answer.headers.get("set-cookie")).toMatch(
    /^session=main\.[\w-]{22}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
  );
});

it("signed out, a page leads to the sign-in and from there back, and never to another site", async () => {
  const browser = new Browser();
  const page = await browser.get("/dashboard/links?tag=a%26b");
  expect([page.status, page.location]).toEqual([303, "/dashboard/sign-in?next=%2Fdashboard%2Flinks%3Ftag%3Da%2526b"]);
  const form = await browser.get(page.location ?? "");
  expect(form.html).toContain('name="next" value="/dashboard/links?tag=a%26b"');
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/dashboard.evil.example",
    "/dashboard/sign-in",
    "/api/account",
  ]) {
    const answer = await new Browser().post("/dashboard/sign-in", { token: ADMIN_TOKEN, next });
    expect([next, answer.location]).toEqual([next, "/dashboard"]);
  }
});

it("only the hash of a session is stored", async () => {
  const { sid, token } = await tenant();
  const browser = await new Browser().signIn(token);
  const key = browser.cookie?.split("=")[1] ?? "";
  await runInDurableObject(env.ACCOUNT.getByName(sid), (_, { storage }) => {
    const rows = JSON.stringify(storage.sql.exec("SELECT * FROM session").toArray());
    expect(rows).toMatch(/"hash":"[0-9a-f]{64}"/);
    expect(rows).not.toContain(key.split(".")[1]);
  });
});

it("a session ends after twelve hours, when it is ended, and at the next page with the token it came from", async () => {
  const { token } = await tenant();
  const late = await new Browser().signIn(token);
  const out = await new Browser().signIn(token);
  const further = await tokenOf(token);
  const revoked = await new Browser().signIn(further["token"]);
  expect(await Promise.all([late, out, revoked].map(isIn))).toEqual([true, true, true]);

  await api("DELETE", `/api/account/tokens/${further["id"]}`, undefined, { token });
  expect(await isIn(revoked)).toBe(false);
  expect(revoked.cookie).toBeUndefined();

  const key = out.cookie;
  expect((await out.post("/dashboard/sign-out")).location).toBe("/dashboard/sign-in");
  out.cookie = key;
  expect(await isIn(out)).toBe(false);

  const now = Date.now();
  const clock = vi.spyOn(Date, "now");
  clock.mockReturnValue(now + 12 * HOUR_MS - 60_000);
  expect(await isIn(late)).toBe(true);
  clock.mockReturnValue(now + 12 * HOUR_MS);
  expect(await isIn(late)).toBe(false);
  clock.mockRestore();
});

it("a session that came from ADMIN_TOKEN ends when that is replaced", async () => {
  const browser = await new Browser().signIn();
  const replaced = { ...env, ADMIN_TOKEN: "another-admin-token-0123456789" };
  const { app } = await import("../src/app.ts");
  const ask = (by: Env) =>
    app.request(`${ORIGIN}/dashboard/links`, { headers: { cookie: browser.cookie ?? "" } }, by, {
      waitUntil() {},
      passThroughOnException() {},
      props: {},
    });
  expect((await ask(env)).status).toBe(200);
  expect((await ask(replaced)).status).toBe(303);
});

it("a sign-in link shows a button, and signs in once, with its scope, within a day", async () => {
  const { token } = await tenant();
  const made = await api("POST", "/api/account/sign-in-links", { name: "desk", scopes: ["support"] }, { token });
  const path = new URL(made.body["url"]).pathname;
  const browser = new Browser();
  // Previews and prefetches look at it, as often as they like.
  for (let looked = 0; looked < 3; looked++) expect((await browser.get(path)).html).toContain("<button");
  expect((await browser.post(path)).location).toBe("/dashboard");
  expect(await isIn(browser)).toBe(true);
  const { sessions } = (await api("GET", "/api/account/sessions", undefined, { token })).body;
  expect(sessions).toMatchObject([{ is_link: false, name: "desk", scopes: ["support"] }]);
  const again = await new Browser().post(path);
  expect(again.status).toBe(410);
  const old = new URL((await api("POST", "/api/account/sign-in-links", {}, { token })).body["url"]).pathname;
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 24 * HOUR_MS);
  expect((await new Browser().post(old)).status).toBe(410);
  clock.mockRestore();
  // What a link gave ends with the token of who made it.
  await api("DELETE", `/api/account/sessions/${sessions[0].id}`, undefined, { token });
  expect(await isIn(browser)).toBe(false);
});

it("a call that uses a link up, and whose answer was lost, is answered the same when it comes again", async () => {
  const { sid } = await tenant();
  const account = env.ACCOUNT.getByName(sid);
  const [link, session, other] = ["link", "session", "other"].map((text) => ({ own: text, admins: `${text} admin` }));
  if (!link || !session || !other) throw new Error("three");
  const expiresAt = Date.now() + HOUR_MS;
  await account.addSession(link, { tokenId: null, name: null, scopes: ["read"], expiresAt }, true, Infinity);
  expect(await account.useSignInLink(link, session, expiresAt, Infinity)).toEqual({ sid });
  expect(await account.useSignInLink(link, session, expiresAt, Infinity)).toEqual({ sid });
  expect(await account.useSignInLink(link, other, expiresAt, Infinity)).toBeNull();
  expect(await account.admitSession(session)).toMatchObject({ sid, scopes: ["read"], tokenId: null });
  expect(await account.admitSession(link)).toBeNull();
});

it("a form of another site is refused, also one of the same site, and one that does not say where it is from", async () => {
  const browser = await new Browser().signIn();
  const from = (headers: Record<string, string>) =>
    browser.post("/dashboard/links/new", { url: "https://example.com/", key: "k" }, headers);
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site", origin: ORIGIN },
  ])
    expect((await from(headers)).status).toBe(403);
  const bare = (headers: Record<string, string>) =>
    exports.default.fetch(`${ORIGIN}/dashboard/sign-out`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie: browser.cookie ?? "", ...headers },
    });
  for (const headers of [{}, { origin: "null" }, { origin: "https://evil.example" }])
    expect((await bare(headers)).status).toBe(403);
  expect(await isIn(browser)).toBe(true);
  expect((await bare({ origin: ORIGIN })).status).toBe(303);
  expect(await isIn(browser)).toBe(false);
});

it("/api and /sms do not know the cookie, and a session's key is no token", async () => {
  const browser = await new Browser().signIn();
  const cookie = browser.cookie ?? "";
  for (const path of ["/api/account", "/api/links", "/sms/messages/"]) {
    expect((await exports.default.fetch(ORIGIN + path, { headers: { cookie } })).status).toBe(401);
    const authorization = `Bearer ${cookie.split("=")[1]}`;
    expect((await exports.default.fetch(ORIGIN + path, { headers: { authorization } })).status).toBe(401);
  }
});

it("who guesses at tokens, links or sessions too often is not heard for a minute, also with the right one", async () => {
  const { sid, token } = await tenant();
  const browser = new Browser();
  const wrong = `ft_${sid}_${"a".repeat(43)}`;
  for (let guesses = 0; guesses < 99; guesses++) await browser.post("/dashboard/sign-in", { token: wrong });
  browser.cookie = `__Host-session=${sid}.${"b".repeat(22)}`;
  await browser.get("/dashboard");
  const last = await browser.post(`/dashboard/sign-in/${sid}.${"c".repeat(22)}`);
  expect([last.status, last.headers.get("retry-after")]).toEqual([429, "60"]);
  expect((await browser.post("/dashboard/sign-in", { token })).status).toBe(429);
  await new Browser().signIn(token);
});

it.each(["full", "send", "links", "read", "support"])(
  "with the scope %s a form does what its routes do, and no more",
  async (scope) => {
    const { token } = await tenant();
    const browser = await colleague(scope, token);
    const makes = await browser.post("/dashboard/links/new", { url: "https://example.com/", key: scope });
    expect(makes.status).toBe(scope === "full" || scope === "links" ? 303 : 403);
    const sends = await browser.post("/dashboard/messages/new", {
      recipient: "+818012345678",
      sender: "SHOP",
      message: "hello",
      key: `${scope}-message`,
    });
    expect(sends.status).toBe(scope === "full" || scope === "send" ? 303 : 403);
    const settings = await browser.post("/dashboard/settings/tokens", { name: "more", scope: "full" });
    expect(settings.status).toBe(scope === "full" ? 200 : 403);
    // No session is the operator's.
    expect((await browser.get("/dashboard/accounts")).status).toBe(404);
  },
);
