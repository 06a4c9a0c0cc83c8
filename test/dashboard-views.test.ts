// Views that are pinned, the report of a week, and the pages of recipients as their owner sees them.

import { expect, it } from "vitest";
import { mondayOf, weekOf } from "../src/dashboard/report.page.tsx";
import { PREVIEWS } from "../src/http/page.ts";
import { Browser, colleague } from "./support/browser.ts";
import { api, createLink } from "./support/firsttap.ts";
import { send, settled, tenant } from "./support/sms.ts";

const DAY_MS = 86_400_000;

it("a view is pinned under a name, for everybody of the account, by its owner alone, twenty at most", async () => {
  const { token } = await tenant();
  const pinned = async () => (await api("GET", "/api/account", undefined, { token })).body["pinned_views"];
  const owner = await new Browser().signIn(token);
  const path = "/dashboard/links?tag=june&accessed=false";
  expect((await owner.get(path)).html).toContain('action="/dashboard/pins"');
  const answered = await owner.post("/dashboard/pins", { name: " June, <b>unopened</b> ", path });
  expect([answered.status, answered.location]).toEqual([303, path]);
  expect(await pinned()).toEqual([{ name: "June, <b>unopened</b>", path }]);
  const { html } = await owner.get(path);
  expect(html).toContain("June, &lt;b&gt;unopened&lt;/b&gt;");
  expect(html).toContain("/dashboard/pins/remove");
  const reader = await colleague("read", token);
  for (const page of ["/dashboard", "/dashboard/messages", "/dashboard/callbacks"]) {
    const shown = (await reader.get(page)).html;
    expect(shown).toContain('href="/dashboard/links?tag=june&amp;accessed=false"');
    expect(shown).not.toContain("/dashboard/pins");
  }
  await reader.post("/dashboard/pins", { name: "mine", path: "/dashboard" });
  // The same view under another name is the same view.
  await owner.post("/dashboard/pins", { name: "June", path });
  for (let n = 1; n < 20; n++) await owner.post("/dashboard/pins", { name: `view ${n}`, path: `/dashboard?tag=${n}` });
  const refused = await owner.post("/dashboard/pins", { name: "one more", path: "/dashboard/messages" });
  expect(refused.location).toBe("/dashboard/messages?unpinned=1");
  expect((await owner.get(refused.location ?? "")).html).toContain("20 views at most");
  expect(await pinned()).toHaveLength(20);
  expect((await pinned())[0]).toEqual({ name: "June", path });
  await owner.post("/dashboard/pins/remove", { path });
  expect(await pinned()).toHaveLength(19);
});

it.each([
  "https://evil.example/dashboard",
  "//evil.example/dashboard",
  "/dashboards",
  "/dashboard\\evil",
  "javascript:alert(1)",
  "/dashboard?a=b c",
  `/dashboard?${"x".repeat(1_000)}`,
])("%s is no view of the dashboard", async (path) => {
  const { token } = await tenant();
  const { status, body } = await api("PATCH", "/api/account", { pinned_views: [{ name: "x", path }] }, { token });
  expect([status, body["errors"]?.[0]?.field]).toEqual([422, "pinned_views"]);
  const owner = await new Browser().signIn(token);
  expect((await owner.post("/dashboard/pins", { name: "x", path })).location).toMatch(/^\/dashboard(?:$|[?/])/);
});

it("weeks are those of ISO 8601", () => {
  const dateOf = (week: string) => {
    const day = mondayOf(week);
    return day === null ? null : new Date(day * DAY_MS).toISOString().slice(0, 10);
  };
  expect(dateOf("2026-W48")).toBe("2026-11-23");
  expect(dateOf("2026-W01")).toBe("2025-12-29");
  expect(dateOf("2026-W53")).toBe("2026-12-28");
  expect(dateOf("2027-W01")).toBe("2027-01-04");
  for (const wrong of ["2027-W53", "2026-W00", "2026-W54", "1999-W01", "2026-48", "", "<b>"])
    expect(dateOf(wrong)).toBeNull();
  // The Mondays of fifteen years.
  for (let day = 20_458; day < 26_000; day += 7) expect(mondayOf(weekOf(day))).toBe(day);
});

it("the report has a day a line, and its sums are the figures", async () => {
  const { sid, token } = await tenant();
  const login = { login: { sid, token } };
  for (let n = 0; n < 3; n++) await settled(await send({}, login), login);
  await createLink({}, token);
  const browser = await new Browser().signIn(token);
  const today = Math.floor(Date.now() / DAY_MS);
  const monday = today - ((today - 4) % 7);
  const { html } = await browser.get("/dashboard/report");
  expect(html).toContain(`Report of the week ${weekOf(monday)}`);
  const rows = Array.from(html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs), ([, row = ""]) =>
    Array.from(row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs), ([, cell = ""]) => cell.replace(/<[^>]*>/g, "")),
  );
  expect(rows).toHaveLength(9);
  const days = rows.slice(1, 8);
  const sums = rows[0]?.slice(1).map((_, column) => days.reduce((sum, row) => sum + Number(row[column + 1]), 0));
  expect(rows[8]?.slice(1).map(Number)).toEqual(sums);
  expect(rows[8]?.slice(0, 3)).toEqual(["All", "3", "3"]);
  // Another week has nothing, and leads on.
  const before = await browser.get(`/dashboard/report?week=${weekOf(monday - 7)}`);
  expect(before.html).toContain(`?week=${weekOf(monday)}`);
  expect(before.html).not.toContain("The week is not over yet");
});

it("the pages of recipients are framed by ours alone, in a sandbox, in every language, and name the sender", async () => {
  const { token } = await tenant();
  const name = "Café <script>alert(1)</script>";
  await api("PATCH", "/api/account", { name, fallback_url: "https://example.com/late" }, { token });
  const browser = await new Browser().signIn(token);
  const page = await browser.get("/dashboard/preview?shows=ended&lang=ja");
  expect(page.headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'; frame-src 'self'$/);
  expect(page.html).toContain('sandbox="" src="/dashboard/preview/ended?lang=ja"');
  expect(page.html).toContain("https://example.com/late");
  for (const shows of PREVIEWS) {
    const framed = await browser.get(`/dashboard/preview/${shows}?lang=ar`);
    expect(framed.status).toBe(200);
    expect(framed.headers.get("content-security-policy")).toMatch(/frame-ancestors 'self'.*; sandbox$/);
    expect(framed.html).toContain('lang="ar" dir="rtl"');
    expect(framed.html).not.toContain("<script");
    expect(framed.html.includes("Café")).toBe(shows === "ended");
  }
  expect((await browser.get("/dashboard/preview/none")).status).toBe(404);
  expect((await new Browser().get("/dashboard/preview/ended")).location).toMatch(/sign-in/);
  const { code, url } = await createLink({}, token);
  const link = (await browser.get(`/dashboard/links/${code}`)).html;
  expect(link).toContain("What happens on a tap");
  expect(link).toContain(url);
});
