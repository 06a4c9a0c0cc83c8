// Who did what: each deed once, by the name of then, in the account's own transaction, without what is nobody's business; and what is made
// costs no row of its own.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { byOf } from "../src/account/act.ts";
import { Browser } from "./support/browser.ts";
import { ADMIN_TOKEN, api, createLink, IN_TIME, ORIGIN } from "./support/firsttap.ts";
import { send, sms, tenant } from "./support/sms.ts";

const DAY_MS = 86_400_000;

interface Deed {
  at: string;
  by: { kind: string; id: string | null; name: string | null };
  what: string;
  thing: string | null;
  count: number;
}

afterEach(() => {
  vi.useRealTimers();
});

async function activity(token: string, query = ""): Promise<{ activity: Deed[]; next_cursor: string | null }> {
  const { status, body } = await api("GET", `/api/account/activity${query}`, undefined, { token });
  expect(status).toBe(200);
  return body as never;
}

const summary = ({ by, what, thing, count }: Deed) => [by.kind, by.name, what, thing, count];

it("what is done is noted once, by the name of its token or session, and stays when that is gone", async () => {
  const { sid, token } = await tenant();
  const login = { login: { sid, token } };
  const { body: shop } = await api("POST", "/api/account/tokens", { name: "shop" }, { token });
  const { code } = await createLink({}, shop["token"]);
  await createLink({}, shop["token"]);
  const msgid = await send({}, { login: { sid, token: shop["token"] } });
  await api("PATCH", `/api/links/${code}`, { reference: "secret reference" }, { token: shop["token"] });
  await api("DELETE", `/api/links/${code}`, undefined, { token: shop["token"] });
  await sms("DELETE", `messages/${msgid}/`, undefined, login);
  await sms("POST", "forget", new URLSearchParams({ recipient: "+818099998888" }), login);
  await (
    await exports.default.fetch(`${ORIGIN}/api/export/links.csv`, { headers: { authorization: `Bearer ${token}` } })
  ).text();
  await api("PATCH", "/api/account", { name: "new name", callback_url: "https://example.com/hook" }, { token });
  await api("POST", "/api/account/callback-secret", undefined, { token });
  const { body: feed } = await api("POST", "/api/account/feeds", {}, { token });
  await api("DELETE", `/api/account/feeds/${feed["id"]}`, undefined, { token });
  await api("PATCH", `/api/accounts/${sid}`, { links_per_day: 100 }, { token: ADMIN_TOKEN });
  await api("DELETE", `/api/account/tokens/${shop["id"]}`, undefined, { token });
  // What changes nothing is nothing that was done.
  await api("DELETE", `/api/account/tokens/${shop["id"]}`, undefined, { token });
  await api("DELETE", `/api/links/${code}x`, undefined, { token });
  const { body: link } = await api("POST", "/api/account/sign-in-links", { name: "Aiko", scopes: ["full"] }, { token });
  const browser = new Browser();
  await browser.post(new URL(link["url"]).pathname);
  await browser.post("/dashboard/settings", { name: "by hand" });

  const { activity: found, next_cursor: next } = await activity(token);
  expect(next).toBeNull();
  expect(found.map(summary).toSorted()).toEqual(
    [
      ["token", "shop", "links_made", null, 2],
      ["token", "shop", "messages_sent", null, 1],
      ["token", null, "token_made", shop["id"], 1],
      ["token", "shop", "link_changed", code, 1],
      ["token", "shop", "link_ended", code, 1],
      ["token", null, "message_erased", msgid, 1],
      ["token", null, "number_erased", null, 0],
      ["token", null, "exported", "links", 1],
      ["token", null, "settings_changed", "name, callback_url", 1],
      ["token", null, "secret_rotated", null, 1],
      ["token", null, "feed_made", feed["id"], 1],
      ["token", null, "feed_revoked", feed["id"], 1],
      ["admin", null, "restricted", "links_per_day", 1],
      ["token", null, "token_revoked", shop["id"], 1],
      ["token", null, "sign_in_link_made", null, 1],
      ["session", "Aiko", "settings_changed", "name, callback_url, fallback_url, support_url, alert_url", 1],
    ].toSorted(),
  );
  expect(JSON.stringify(found)).not.toMatch(/8099998888|secret reference|example\.com|new name|whsec|ft_/);
  expect(found.map(({ at }) => at)).toEqual(
    found
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );

  // The same in pages, and at the dashboard.
  const paged: Deed[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await activity(token, `?limit=3${cursor && `&cursor=${cursor}`}`);
    paged.push(...page.activity);
    cursor = page.next_cursor;
  }
  expect(paged).toEqual(found);
  const { html } = await browser.get("/dashboard/settings/activity");
  expect(html).toContain("Dashboard session of");
  expect(html).toContain("Aiko");
  expect(html).toContain("Made 2 links");
  expect(html).toContain(`/dashboard/links/${code}`);
  expect((await activity((await tenant()).token)).activity).toEqual([]);
});

it("a link that is made writes no row more, a call whose answer was lost notes nothing more, and a hundred a day have a row", async () => {
  const { sid } = await tenant();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
    const by = byOf({ tokenId: account.view()?.tokens[0]?.id ?? null });
    const rows = () => storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM act").one().n;
    const making = { what: "links", openedBy: "request", key: null, sender: null, by } as const;
    for (const code of ["one", "two", "two"]) await account.accept({ ...making, code, openedBy: code }, IN_TIME);
    expect(rows()).toBe(0);
    expect(storage.sql.exec("SELECT * FROM usage").toArray()).toHaveLength(1);
    expect(account.activity({ limit: 9, after: null })).toMatchObject([{ what: "links_made", count: 2 }]);

    const deed = (id: string) => ({ id, what: "link_ended", thing: id, count: 1 }) as const;
    for (let n = 0; n < 130; n++) account.noteAct(by, deed(`ended-${n}`), IN_TIME);
    for (const id of ["ended-129", "ended-7"]) account.noteAct(by, deed(id), IN_TIME);
    expect(rows()).toBe(100);
    const ended = account.activity({ limit: 999, after: null }).filter(({ what }) => what === "link_ended");
    expect(ended.reduce((sum, { count }) => sum + count, 0)).toBe(130);
    expect(ended.find(({ count }) => count > 1)).toMatchObject({ thing: null, count: 31 });
  });
});

it("is forgotten after 90 days", async () => {
  const { sid } = await tenant();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
    const by = byOf({ tokenId: null });
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now });
    account.noteAct(by, { id: "one", what: "exported", thing: "links", count: 1 }, IN_TIME);
    await account.accept({ what: "links", code: "one", openedBy: "one", key: null, sender: null, by }, IN_TIME);
    vi.setSystemTime(now + 89 * DAY_MS);
    expect(account.activity({ limit: 9, after: null })).toHaveLength(2);
    vi.setSystemTime(now + 91 * DAY_MS);
    expect(account.activity({ limit: 9, after: null })).toEqual([]);
    await account.wake();
    for (const table of ["act", "usage"]) expect(storage.sql.exec(`SELECT * FROM ${table}`).toArray()).toEqual([]);
  });
});
