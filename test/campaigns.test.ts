// Campaigns: a million personal links in one call. Their codes are computed; what happens to members is kept by the rules of links.

import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { beforeAll, describe, expect, it } from "vitest";
import worker from "../src/index.ts";
import { envWith } from "./support/faults.ts";
import {
  ADMIN_TOKEN,
  AGENTS,
  api,
  eventually,
  ORIGIN,
  receiver,
  settledCallback,
  statusOf,
  tap,
} from "./support/firsttap.ts";

interface Line {
  number: number;
  code: string;
  short_url: string;
}

async function makeCampaign(fields: Record<string, unknown> = {}, token?: string): Promise<Record<string, any>> {
  const body = { name: "Spring", url: "https://shop.example.com/offer/{number}?c={code}", size: 10, ...fields };
  const options = token === undefined ? {} : { token };
  const made = await api("POST", "/api/campaigns", body, options);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

async function text(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers } });
}

async function linksOf(id: string, query = ""): Promise<Line[]> {
  const response = await text(`/api/campaigns/${id}/links${query}`);
  expect(response.status).toBe(200);
  const body = await response.text();
  return body.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
}

/** The campaign's number, which the API never says. */
async function numberOf(id: string): Promise<number> {
  const book = Number.parseInt(id.slice(13, 17), 36);
  return runInDurableObject(env.BOOK.getByName(`main.${book}`), (instance) => instance.campaign(id)?.number ?? -1);
}

describe("a campaign", () => {
  it("is made by one call, and each of its links leads where the template says", async () => {
    const { callback_url: _, ...fields } = { callback_url: null };
    const made = await makeCampaign({ ...fields, size: 5, utm: { source: "sms", campaign: "spring sale" } });
    expect(made).toMatchObject({ name: "Spring", size: 5, ended: null, ended_links: 0 });
    expect(made["links_url"]).toBe(`${ORIGIN}/api/campaigns/${made["id"]}/links`);
    const links = await linksOf(made["id"]);
    expect(links.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    for (const { number, code, short_url: shortUrl } of links) {
      expect(code).toMatch(/^[6-9B-DF-HJ-NP-RTWb-df-hj-km-np-rtwz]{11}$/);
      expect(shortUrl).toBe(`${ORIGIN}/${code}`);
      const response = await tap(code);
      expect([response.status, response.headers.get("location")]).toEqual([
        302,
        `https://shop.example.com/offer/${number}?c=${code}&utm_source=sms&utm_campaign=spring%20sale`,
      ]);
    }
  });

  it("is made once for an Idempotency-Key", async () => {
    const headers = { "idempotency-key": nanoid() };
    const body = { name: "Twice", url: "https://example.com/{number}", size: 3 };
    const [one, other] = [
      await api("POST", "/api/campaigns", body, { headers }),
      await api("POST", "/api/campaigns", body, { headers }),
    ];
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(other.body).toEqual(one.body);
    const reused = await api("POST", "/api/campaigns", { ...body, size: 4 }, { headers });
    expect(reused.status).toBe(422);
  });

  it.each([
    ["a size of nothing", { size: 0 }, "size"],
    ["a size beyond the largest", { size: 4_000_001 }, "size"],
    ["a placeholder in the host", { url: "https://{number}.example.com/" }, "url"],
    ["a placeholder in the port", { url: "https://example.com:{number}/" }, "url"],
    ["a placeholder in the scheme", { url: "{code}://example.com/" }, "url"],
    ["a placeholder for a user", { url: "https://{code}@example.com/" }, "url"],
    ["an unknown placeholder", { url: "https://example.com/{name}" }, "url"],
    ["a brace of no placeholder", { url: "https://example.com/{" }, "url"],
    ["a utm that is there already", { url: "https://example.com/?utm_source=a", utm: { source: "b" } }, "url"],
    ["an unknown utm", { utm: { colour: "red" } }, "utm"],
    ["a destination that is ours", { url: `${ORIGIN}/x` }, "url"],
    ["no name", { name: "" }, "name"],
  ])("is refused with %s, and nothing is made", async (_, fields, field) => {
    const body = { name: "Wrong", url: "https://example.com/{number}", size: 3, ...fields };
    const refused = await api("POST", "/api/campaigns", body);
    expect(refused.status, JSON.stringify(refused.body)).toBe(422);
    expect(refused.body["errors"]).toEqual([expect.objectContaining({ field })]);
  });

  it("answers a code beyond its size, and a code that is nobody's, as unknown", async () => {
    const { id } = await makeCampaign({ size: 2 });
    const [first] = await linksOf(id);
    const changed = `${first?.code.slice(0, -1)}${first?.code.endsWith("w") ? "z" : "w"}`;
    expect((await tap(changed)).status).toBe(404);
    expect((await text(`/api/links/${changed}`)).status).toBe(404);
    const number = await numberOf(id);
    await runInDurableObject(env.CAMPAIGN_PART.getByName(`${number}.0`), async (part, { storage }) => {
      const facts = await part.resolve(3, "code", "no key", Date.now());
      expect(facts).toEqual({ kind: "unknown" });
      expect(await storage.getAlarm()).toBeNull();
      expect(storage.sql.exec("SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'member'").one()).toEqual({ n: 0 });
    });
  });
});

it("each link of a campaign counts towards the links of the day", async () => {
  const { sid, token } = (await api("POST", "/api/accounts", { name: "capped" })).body;
  await api("PATCH", `/api/accounts/${sid}`, { links_per_day: 100 });
  const body = { name: "Capped", url: "https://example.com/{number}" };
  const make = (size: number) => api("POST", "/api/campaigns", { ...body, size }, { token });
  expect((await make(101)).body["type"]).toBe("urn:firsttap:problem:daily-cap");
  const { id } = (await make(60)).body;
  expect((await make(41)).status).toBe(429);
  const grow = (size: number) => api("PATCH", `/api/campaigns/${id}`, { size }, { token });
  expect([(await grow(101)).status, (await grow(100)).status]).toEqual([429, 200]);
  expect((await api("POST", "/api/links", { url: "https://example.com/" }, { token })).status).toBe(429);
});

describe("a member's link", () => {
  it("has one first access, counts the others, and calls back once", async () => {
    const hook = await receiver();
    const { id } = await makeCampaign({ callback_url: hook.url, tags: ["spring"], reference: "r-1" });
    const [, second] = await linksOf(id);
    const code = second?.code ?? "";
    await tap(code, { agent: AGENTS.applePreview });
    await Promise.all(Array.from({ length: 5 }, () => tap(code)));
    const status = await eventually(
      () => statusOf(code),
      (one) => one["access_counts"].person === 5 && one["access_counts"].preview === 1,
    );
    expect(status).toMatchObject({
      code,
      url: `https://shop.example.com/offer/2?c=${code}`,
      tags: ["spring"],
      reference: "r-1",
      msgid: null,
      accessed: true,
      ended: null,
    });
    await settledCallback(code, "delivered");
    const received = await hook.received();
    expect(received.length).toBe(1);
    expect(JSON.parse(received[0]?.body ?? "{}")).toMatchObject({
      type: "link.first_accessed",
      data: { code, url: status["url"], reference: "r-1", tags: ["spring"], msgid: null },
    });
    expect(received[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    const page = await api("GET", `/api/links/${code}/accesses?limit=2`);
    expect(page.body["accesses"].length).toBe(2);
    expect(page.body["next_cursor"]).not.toBeNull();
    const again = await api("POST", `/api/links/${code}/callback/retry`);
    expect([again.status, again.body["type"]]).toEqual([409, "urn:firsttap:problem:callback-delivered"]);
    expect((await text(`/api/links/${code}/qr.svg`)).status).toBe(200);
  });

  it("is tried again until its receiver answers 200", async () => {
    const hook = await receiver({ status: 500 }, { status: 200 });
    const { id } = await makeCampaign({ callback_url: hook.url });
    const [first] = await linksOf(id);
    await tap(first?.code ?? "");
    const callback = await settledCallback(first?.code ?? "", "delivered");
    expect(callback["attempts"].map(({ status }: { status: number }) => status)).toEqual([500, 200]);
  });

  it("calls the URL that the campaign has when it is called", async () => {
    const [before, after] = [await receiver({ status: 500 }), await receiver()];
    const { id } = await makeCampaign({ callback_url: before.url });
    const [first] = await linksOf(id);
    const code = first?.code ?? "";
    await tap(code);
    await settledCallback(code, "exhausted");
    expect((await api("PATCH", `/api/campaigns/${id}`, { callback_url: after.url })).status).toBe(200);
    expect((await api("POST", `/api/links/${code}/callback/retry`)).status).toBe(202);
    await settledCallback(code, "delivered");
    expect((await after.received()).length).toBe(1);
  });

  it("cannot be changed by itself, and says so", async () => {
    const { id } = await makeCampaign();
    const [first] = await linksOf(id);
    const refused = await api("PATCH", `/api/links/${first?.code}`, { url: "https://example.com/" });
    expect([refused.status, refused.body["type"]]).toEqual([409, "urn:firsttap:problem:of-a-campaign"]);
  });

  it("can be ended by itself", async () => {
    const { id } = await makeCampaign();
    const [first, second] = await linksOf(id);
    expect((await api("DELETE", `/api/links/${first?.code}`)).status).toBe(204);
    await eventually(
      () => tap(first?.code ?? ""),
      ({ status }) => status === 410,
    );
    expect((await api("GET", `/api/links/${first?.code}`)).status).toBe(404);
    expect((await tap(second?.code ?? "")).status).toBe(302);
    expect((await api("GET", `/api/campaigns/${id}`)).body["ended_links"]).toBe(1);
  });

  it("is another account's secret", async () => {
    const tenant = await api("POST", "/api/accounts", { name: "other" });
    const { token } = tenant.body;
    const { id } = await makeCampaign();
    const [first] = await linksOf(id);
    for (const [method, path] of [
      ["GET", `/api/links/${first?.code}`],
      ["GET", `/api/links/${first?.code}/accesses`],
      ["DELETE", `/api/links/${first?.code}`],
      ["POST", `/api/links/${first?.code}/callback/retry`],
      ["GET", `/api/campaigns/${id}`],
      ["GET", `/api/campaigns/${id}/links`],
      ["GET", `/api/campaigns/${id}/members`],
      ["DELETE", `/api/campaigns/${id}`],
      ["GET", `/api/figures?campaign=${id}`],
    ] as const)
      expect([method, path, (await api(method, path, undefined, { token })).status]).toEqual([method, path, 404]);
    expect((await api("GET", "/api/campaigns", undefined, { token })).body["campaigns"]).toEqual([]);
  });
});

it("the operator ends one link of a campaign, and its owner is told why", async () => {
  const { id } = await makeCampaign();
  const [first] = await linksOf(id);
  expect((await api("DELETE", `/api/accounts/main/links/${first?.code}?reason=phishing`)).status).toBe(204);
  expect(await statusOf(first?.code ?? "")).toMatchObject({ ended: { by: "operator", reason: "phishing" } });
  await eventually(
    () => tap(first?.code ?? ""),
    ({ status }) => status === 410,
  );
});

describe("the links", () => {
  it("are CSV where that is asked for, and a part of them", async () => {
    const { id } = await makeCampaign({ size: 9 });
    const all = await linksOf(id);
    const csv = await text(`/api/campaigns/${id}/links?from=3&to=4`, { accept: "text/csv" });
    expect(csv.headers.get("content-type")).toContain("text/csv");
    const lines = all.slice(2, 4).map(({ number, code, short_url: url }) => `${number},${code},${url}\r\n`);
    expect(await csv.text()).toBe(`number,code,short_url\r\n${lines.join("")}`);
    expect((await text(`/api/campaigns/${id}/links?to=10`)).status).toBe(422);
    expect((await text(`/api/campaigns/${id}/links?from=5&to=4`)).status).toBe(422);
  });

  it("grow with the campaign, and those that there are stay", async () => {
    const { id } = await makeCampaign({ size: 3 });
    const before = await linksOf(id);
    const grown = await api("PATCH", `/api/campaigns/${id}`, { size: 5_000 });
    expect([grown.status, grown.body["size"]]).toEqual([200, 5_000]);
    const after = await linksOf(id);
    expect(after.slice(0, 3)).toEqual(before);
    // KV may not have heard of it: then the part says it.
    expect((await tap(after[4_999]?.code ?? "")).status).toBe(302);
    expect((await api("PATCH", `/api/campaigns/${id}`, { size: 4 })).status).toBe(422);
  });

  it("of many are different", async () => {
    const { id } = await makeCampaign({ size: 1_000_000 });
    const csv = await (await text(`/api/campaigns/${id}/links.csv?from=950001`)).text();
    const lines = csv.trim().split("\r\n").slice(1);
    expect(lines.at(-1)).toMatch(/^1000000,/);
    expect(new Set(lines.map((line) => line.split(",")[1])).size).toBe(50_000);
  });

  it("are as many in one answer as the deployment allows", async () => {
    const { id } = await makeCampaign({ size: 9 });
    const request = new Request(`${ORIGIN}/api/campaigns/${id}/links?from=2`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    const response = await worker.fetch(request as never, envWith({ LARGEST_PAGE: "5" }), createExecutionContext());
    expect((await response.text()).trim().split("\n").length).toBe(5);
    expect(response.headers.get("link")).toBe(`<${ORIGIN}/api/campaigns/${id}/links?from=7>; rel="next"`);
  });
});

describe("the members", () => {
  let id = "";
  let links: Line[] = [];
  beforeAll(async () => {
    ({ id } = (await makeCampaign({ size: 9_000, callback_url: null })) as { id: string });
    links = await linksOf(id);
    for (const number of [2, 4_097, 9_000]) {
      await tap(links[number - 1]?.code ?? "");
      await eventually(
        () => statusOf(links[number - 1]?.code ?? ""),
        ({ accessed }) => accessed,
      );
    }
  });

  it("are listed, those that were opened or those that were not", async () => {
    const opened = await api("GET", `/api/campaigns/${id}/members?opened=true`);
    expect(opened.body["members"].map(({ number }: Line) => number)).toEqual([2, 4_097, 9_000]);
    expect(opened.body["members"][0]).toMatchObject({
      code: links[1]?.code,
      accessed: true,
      access_counts: { person: 1 },
    });
    expect(opened.body["next_cursor"]).toBeNull();
    const others = await api("GET", `/api/campaigns/${id}/members?opened=false&limit=2`);
    expect(others.body["members"].map(({ number }: Line) => number)).toEqual([1, 3]);
    const next = await api(
      "GET",
      `/api/campaigns/${id}/members?opened=false&limit=2&cursor=${others.body["next_cursor"]}`,
    );
    expect(next.body["members"].map(({ number }: Line) => number)).toEqual([4, 5]);
  });

  it("are CSV", async () => {
    const csv = await (await text(`/api/campaigns/${id}/members.csv?opened=true`)).text();
    expect(csv.split("\r\n").length).toBe(5);
    const notYet = await (await text(`/api/campaigns/${id}/members.csv?opened=false`)).text();
    expect(notYet.split("\r\n").length).toBe(9_000 - 3 + 2);
  });

  it("are what the figures of the campaign count, and its account's", async () => {
    const figures = await eventually(
      async () => (await api("GET", `/api/campaigns/${id}`)).body["figures"],
      (one) => one.totals.events.first_accesses === 3,
      60_000,
    );
    expect(figures.totals.events).toMatchObject({ links_made: 9_000, accesses: 3, first_accesses: 3 });
    const asked = await api("GET", `/api/figures?campaign=${id}`);
    expect(asked.body["totals"]).toEqual(figures.totals);
    expect(asked.body["campaign"]).toBe(id);
    const rows = await (await text(asked.body["rows"].replace(ORIGIN, ""))).text();
    const [head = "", ...lines] = rows.trim().split("\r\n");
    const count = head.split(",").indexOf("count");
    const sum = (figure: string) =>
      lines
        .filter((line) => line.startsWith(`${figure},`))
        .reduce((total, line) => total + Number(line.split(",")[count]), 0);
    expect(["links_made", "accesses", "first_accesses"].map((name) => sum(`events.${name}`))).toEqual([9_000, 3, 3]);
  }, 90_000);
});

describe("an end", () => {
  it("of a campaign ends all of its links, and shows none of them any more", async () => {
    const { id } = await makeCampaign();
    const [first] = await linksOf(id);
    await tap(first?.code ?? "");
    expect((await api("DELETE", `/api/campaigns/${id}`)).status).toBe(204);
    await eventually(
      () => tap(first?.code ?? ""),
      ({ status }) => status === 410,
    );
    for (const path of [`/api/campaigns/${id}`, `/api/campaigns/${id}/links`, `/api/links/${first?.code}`])
      expect((await api("GET", path)).status).toBe(404);
    const list = await api("GET", "/api/campaigns?limit=100");
    expect(list.body["campaigns"].map((one: { id: string }) => one.id)).not.toContain(id);
  });

  it("comes earlier where that is asked for", async () => {
    const { id } = await makeCampaign();
    const [first] = await linksOf(id);
    expect((await api("PATCH", `/api/campaigns/${id}`, { ends_in_seconds: 1 })).status).toBe(200);
    await eventually(
      () => tap(first?.code ?? ""),
      ({ status }) => status === 410,
    );
  });

  it("of an account ends its campaigns, and frees all that was stored", async () => {
    const { sid, token } = (await api("POST", "/api/accounts", { name: "closing" })).body;
    const { id } = await makeCampaign({ size: 5 }, token);
    const book = env.BOOK.getByName(`${sid}.1`);
    const number = await runInDurableObject(book, (instance) => instance.campaign(id)?.number ?? -1);
    const links = await exports.default.fetch(`${ORIGIN}/api/campaigns/${id}/links`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { code } = JSON.parse((await links.text()).split("\n")[0] ?? "{}") as Line;
    await tap(code);
    await eventually(
      () => statusOf(code, token),
      ({ accessed }) => accessed,
    );
    expect((await api("DELETE", `/api/accounts/${sid}`)).status).toBe(204);
    await eventually(
      () => tap(code),
      ({ status }) => status === 410,
    );
    const tables = (name: string, object: DurableObjectStub) =>
      runInDurableObject(object, (_, { storage }) =>
        storage.sql
          .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
          .toArray()
          .map((table) => `${name} ${table.name}`),
      );
    const left = await eventually(
      async () => [
        ...(await tables("part", env.CAMPAIGN_PART.getByName(`${number}.0`))),
        ...(await tables("campaign", env.CAMPAIGN.getByName(String(number)))),
      ],
      (names) => names.length === 1,
      60_000,
    );
    expect(left).toEqual(["campaign used"]);
  }, 90_000);
});
