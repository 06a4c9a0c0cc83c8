// The API: what it creates, lists, changes and refuses. Promise 9: bad input gets a clear error and changes nothing.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Account } from "../src/account/account.do.ts";
import { mintSid } from "../src/account/token.ts";
import worker from "../src/index.ts";
import { Link } from "../src/link/link.do.ts";
import { mintCode } from "../src/link/code.ts";
import { EXAMPLE_ADMIN_TOKEN } from "../src/settings.ts";
import { eventuallyHeard, heard, listed } from "./support/books.ts";
import { IN_TIME, ADMIN_TOKEN, api, createLink, eventually, ORIGIN, statusOf, tap } from "./support/firsttap.ts";
import { broken, brokenNamespace, envWith, platformError } from "./support/faults.ts";
import { tenant } from "./support/sms.ts";

const raw = (path: string, init: RequestInit) => exports.default.fetch(`${ORIGIN}${path}`, init);
const authorized = (headers: Record<string, string> = {}) => ({ authorization: `Bearer ${ADMIN_TOKEN}`, ...headers });

describe("creating a link", () => {
  it("answers the link, where it is, and when it ends", async () => {
    const { status, headers, body } = await api("POST", "/api/links", {
      url: "HTTPS://Example.COM:443/a/../b?q=日本#f",
      callback_url: "http://127.0.0.1:1/",
      tags: ["b", "a", "b"],
      reference: "order 7",
    });
    expect([status, headers.get("location"), headers.get("cache-control")]).toEqual([
      201,
      `/api/links/${body.code}`,
      "private, no-store",
    ]);
    expect(body).toEqual({
      code: expect.stringMatching(/^[6789BCDFGHJKLMNPQRTWbcdfghjkmnpqrtwz]{10}$/),
      short_url: `${ORIGIN}/${body.code}`,
      url: "https://example.com/b?q=%E6%97%A5%E6%9C%AC#f",
      callback_url: "http://127.0.0.1:1/",
      tags: ["b", "a"],
      reference: "order 7",
      msgid: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it("takes a chosen code once, however many ask for it at the same time", async () => {
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => api("POST", "/api/links", { url: "https://example.com/", code: "My_Promo-1" })),
    );
    expect(asked.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, ...Array<number>(19).fill(409)]);
    expect(asked.find(({ status }) => status === 409)?.body.errors).toEqual([
      { field: "code", message: expect.stringContaining("taken") },
    ]);
  });

  it("takes the account's callback URL when it has none of its own, and none when it is null", async () => {
    await api("PATCH", "/api/account", { callback_url: "http://127.0.0.1:1/account" });
    expect((await createLink()).callback_url).toBe("http://127.0.0.1:1/account");
    expect((await createLink({ callback_url: null })).callback_url).toBeNull();
    await api("PATCH", "/api/account", { callback_url: null });
  });

  it("puts short URLs on SHORT_DOMAIN where it is set", async () => {
    const request = new Request(`${ORIGIN}/api/links`, {
      method: "POST",
      headers: authorized({ "content-type": "application/json" }),
      body: JSON.stringify({ url: "https://example.com/" }),
    });
    const answer = await worker.fetch(request as never, envWith({ SHORT_DOMAIN: "go.example.org" }), {} as never);
    const { short_url, code } = await answer.json<Record<string, string>>();
    expect(short_url).toBe(`https://go.example.org/${code}`);
  });

  it("with an Idempotency-Key makes one link, however often and however concurrently it is asked", async () => {
    const create = (body: object, key = "key-1") =>
      api("POST", "/api/links", body, { headers: { "idempotency-key": key } });
    const fields = { url: "https://example.com/", tags: ["x"] };
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(fields)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await create({ ...fields, tags: ["y"] })).body.errors[0].field).toBe("Idempotency-Key");
    expect((await create(fields, "key-2")).body.code).not.toBe(answers[0]?.body.code);
    expect((await create(fields, "")).status).toBe(400);
    expect((await create(fields, "ü".repeat(3))).status).toBe(400);
    expect((await create(fields, "x".repeat(256))).status).toBe(400);
    // A key that claimed a code which somebody else has is refused the same way each time.
    await createLink({ code: "taken-code" });
    const taken = { url: "https://example.com/", code: "taken-code" };
    for (let repeat = 0; repeat < 2; repeat++) expect((await create(taken, "key-3")).status).toBe(409);
  });

  it("whose list and KV are out of reach is working at once, and listed when they are back: of before there were books", async () => {
    const code = mintCode();
    await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
      const bindings = instance as unknown as { env: Env };
      const real = bindings.env;
      const down = new Error("down");
      bindings.env = envWith({ DIRECTORY: broken(down), ACCOUNT: brokenNamespace(down) });
      const createdAt = Date.now();
      const fields = { destination: "https://example.com/", callbackUrl: null, tags: [], reference: "unlisted" };
      const facts = {
        code,
        accountSid: "main",
        shortUrl: `${ORIGIN}/${code}`,
        book: null,
        msgid: null,
        createdAt,
        expiresAt: createdAt + 60_000,
      };
      expect(await instance.open({ ...fields, ...facts }, "request", IN_TIME)).toMatchObject({ kind: "opened" });
      bindings.env = real;
      expect((await tap(code)).status).toBe(302);
      state.storage.sql.exec("UPDATE link SET directory_due_at = 1, listing_due_at = 1");
      await instance.alarm();
    });
    expect(await env.DIRECTORY.get(code)).toContain("https://example.com/");
    expect((await api("GET", "/api/links?reference=unlisted")).body.links).toHaveLength(1);
  });
});

describe("bad input is refused, names the field and changes nothing:", () => {
  const url = "https://example.com/";
  const wrong: [string, unknown, string, RegExp][] = [
    ["no url", {}, "url", /required|must|Invalid key/i],
    ["url of a wrong type", { url: 7 }, "url", /must be a string/],
    ["url null", { url: null }, "url", /must be a string/],
    ["url empty", { url: "" }, "url", /absolute URL/],
    ["url relative", { url: "/path" }, "url", /absolute URL/],
    ["url with a script", { url: "javascript:alert(1)" }, "url", /https:\/\//],
    ["url with credentials", { url: "https://a:b@example.com/" }, "url", /user name or password/],
    ["url on our own domain", { url: `${ORIGIN}/abc` }, "url", /loop/],
    ["url too long", { url: `https://example.com/${"x".repeat(2_048)}` }, "url", /2048/],
    ["an unknown field", { url, colour: "red" }, "colour", /unknown.*url, callback_url/],
    ["a read-only field", { url, short_url: "https://x.example.com/" }, "short_url", /read-only/],
    ["__proto__", JSON.parse(`{"url":"${url}","__proto__":{"admin":true}}`), "__proto__", /unknown/],
    ["callback_url that is no URL", { url, callback_url: "nowhere" }, "callback_url", /absolute URL/],
    ["callback_url of a wrong type", { url, callback_url: ["x"] }, "callback_url", /must be a string/],
    ["expiry of 0", { url, expires_in_seconds: 0 }, "expires_in_seconds", /from 1 to 7776000/],
    ["expiry beyond 90 days", { url, expires_in_seconds: 7_776_001 }, "expires_in_seconds", /90 days/],
    ["expiry with a fraction", { url, expires_in_seconds: 1.5 }, "expires_in_seconds", /whole number/],
    ["expiry as text", { url, expires_in_seconds: "60" }, "expires_in_seconds", /must be a number/],
    ["code too short", { url, code: "ab" }, "code", /3 to 64/],
    ["code with a slash", { url, code: "a/b/c" }, "code", /letter/],
    ["a reserved code", { url, code: "API" }, "code", /reserved/],
    ["tags as text", { url, tags: "a,b" }, "tags", /array/],
    ["a tag of a wrong type", { url, tags: ["a", 1] }, "tags", /each tag must be a string/],
    ["too many tags", { url, tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, "tags", /at most 20/],
    ["an empty tag", { url, tags: [""] }, "tags", /1 to 64/],
    ["reference too long", { url, reference: "x".repeat(256) }, "reference", /1 to 255/],
    ["NUL in the reference", { url, reference: "a\0b" }, "reference", /control/],
    ["a lone surrogate", { url, reference: "a\ud800" }, "reference", /control|characters/],
    ["an array for a body", [], "", /JSON object/],
    ["null for a body", null, "", /JSON object/],
  ];
  it.each(wrong)("%s", async (_, body, field, message) => {
    const made = [vi.spyOn(Account.prototype, "accept"), vi.spyOn(Link.prototype, "open")];
    const { status, headers, body: problem } = await api("POST", "/api/links", body);
    expect([status, headers.get("content-type")]).toEqual([422, "application/problem+json"]);
    expect(problem).toMatchObject({
      status: 422,
      title: expect.any(String),
      type: "urn:firsttap:problem:wrong-fields",
    });
    expect(problem.errors).toContainEqual({ field, message: expect.stringMatching(message) });
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it("(and a link that is made is seen by those who watch for it)", async () => {
    const made = [vi.spyOn(Account.prototype, "accept"), vi.spyOn(Link.prototype, "open")];
    await createLink();
    for (const spy of made) expect(spy).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });

  it("several wrong fields are all named at once", async () => {
    const { body } = await api("POST", "/api/links", { url: 1, tags: 2, code: 3, x: 4 });
    expect(body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(["code", "tags", "url", "x"]);
  });

  it.each<[string, BodyInit, Record<string, string>, number]>([
    ["malformed JSON", "{", { "content-type": "application/json" }, 400],
    ["an empty body", "", { "content-type": "application/json" }, 400],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), { "content-type": "application/json" }, 400],
    ["another content type", "url=x", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["no content type", new Uint8Array([0x7b, 0x7d]), {}, 415],
    ["more than 64 KB", JSON.stringify({ url, x: "x".repeat(65_536) }), { "content-type": "application/json" }, 413],
  ])("%s", async (_, body, headers, status) => {
    const answer = await raw("/api/links", {
      method: "POST",
      body,
      headers: authorized(headers),
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, type: expect.stringMatching(/^urn:firsttap:problem:/) });
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=x", "limit"],
    ["limit=1&limit=2", "limit"],
    ["cursor=nonsense", "cursor"],
    ["accessed=maybe", "accessed"],
    ["created_after=yesterday", "created_after"],
    ["created_before=2026-13-01", "created_before"],
    ["created_before=2026-02-30", "created_before"],
    ["code=abc", "code"],
    ["colour=red", "colour"],
  ])("the query %s", async (query, field) => {
    const { status, body } = await api("GET", `/api/links?${query}`);
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });

  it("no JSON whatsoever makes the API fail: never a 5xx, always the documented shape", async () => {
    const body = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          url: fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue()),
          code: fc.oneof(fc.string(), fc.jsonValue()),
          tags: fc.jsonValue(),
          reference: fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()),
          expires_in_seconds: fc.oneof(fc.double(), fc.integer()),
          callback_url: fc.oneof(fc.webUrl(), fc.string(), fc.constant(null)),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(body, async (fields) => {
        const { status, body: answer } = await api("POST", "/api/links", fields);
        expect([201, 409, 422]).toContain(status);
        if (status !== 201) expect(answer.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
  });
});

describe("credentials", () => {
  const basic = (sid: string, token: string) => `Basic ${btoa(`${sid}:${token}`)}`;
  it("are a Bearer token, or sid and token as Basic", async () => {
    for (const authorization of [`Bearer ${ADMIN_TOKEN}`, `bearer ${ADMIN_TOKEN}`, basic("main", ADMIN_TOKEN)])
      expect((await raw("/api/account", { headers: { authorization } })).status).toBe(200);
  });

  it.each([
    [undefined],
    [""],
    ["Bearer"],
    ["Bearer "],
    ["Bearer wrong"],
    [`Token ${ADMIN_TOKEN}`],
    [`Bearer ${ADMIN_TOKEN}x`],
    [`Bearer ${ADMIN_TOKEN.slice(0, -1)}`],
    [`Bearer ${ADMIN_TOKEN.toUpperCase()}`],
    ["Bearer ft_main_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ["Bearer ft_00000000000000000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    [basic("main", "wrong")],
    [basic("other", ADMIN_TOKEN)],
    [basic("", ADMIN_TOKEN)],
    ["Basic %%%"],
    ["Basic bm9jb2xvbg=="],
    ["Bearer null"],
    ["Bearer 0"],
    ["Bearer true"],
    ["Bearer []"],
  ])("%s is 401 and says how to do it (CVE-2019-14537)", async (authorization) => {
    const answer = await raw("/api/account", authorization === undefined ? {} : { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    expect(await answer.json()).toMatchObject({
      type: "urn:firsttap:problem:unauthorized",
      detail: expect.any(String),
    });
  });

  it("that are wrong too often are answered 429, and so is a right one from there, until a minute has passed", async () => {
    const { sid, token } = await tenant();
    const statusWith = async (by: string, ip = "203.0.113.99") => {
      const headers = { "cf-connecting-ip": ip, authorization: by };
      return (await raw("/api/account", { headers })).status;
    };
    const statuses = new Set<number>();
    for (let guess = 0; guess < 220; guess++)
      statuses.add(await statusWith(`Bearer ft_${sid}_${String(guess).padStart(43, "a")}`));
    expect(statuses).toEqual(new Set([401, 429]));
    expect([await statusWith(`Bearer ${token}`), await statusWith(`Basic ${btoa(`${sid}:${token}`)}`)]).toEqual([
      429, 429,
    ]);
    // Neither those behind the same address nor the account elsewhere are shut out.
    const other = await tenant();
    const free = [await statusWith(`Bearer ${other.token}`), await statusWith(`Bearer ${ADMIN_TOKEN}`)];
    expect([...free, await statusWith(`Bearer ${token}`, "203.0.113.98")]).toEqual([200, 200, 200]);
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
    expect(await statusWith(`Bearer ${token}`)).toBe(200);
    clock.mockRestore();
  });

  it("of ever other sids are refused before an object is asked, but where the account is known", async () => {
    const asked: string[] = [];
    const accounts = {
      getByName: (sid: string) => {
        asked.push(sid);
        return env.ACCOUNT.getByName(sid);
      },
    };
    const known = await tenant();
    const statusWith = async (token: string) => {
      const headers = { "cf-connecting-ip": "203.0.113.97", authorization: `Bearer ${token}` };
      const request = new Request(`${ORIGIN}/api/account`, { headers });
      return (await worker.fetch(request as never, envWith({ ACCOUNT: accounts }), {} as never)).status;
    };
    expect(await statusWith(known.token)).toBe(200);
    asked.length = 0;
    const statuses = new Set<number>();
    for (let n = 0; n < 300; n++) statuses.add(await statusWith(`ft_${mintSid()}_${"a".repeat(43)}`));
    expect(statuses).toEqual(new Set([401, 429]));
    expect(asked.length).toBeLessThan(210);
    expect(await statusWith(known.token)).toBe(200);
  });

  it("can be added and revoked; a revoked token is refused at once", async () => {
    const { status, body } = await api("POST", "/api/account/tokens");
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        name: null,
        scopes: ["full"],
        created_at: expect.any(String),
        expires_at: null,
        last_used_on: null,
        token: expect.stringMatching(/^ft_main_[\w-]{43}$/),
      },
    ]);
    expect((await api("GET", "/api/account", undefined, { token: body.token })).body.tokens).toEqual([
      { ...body, token: undefined, last_used_on: new Date().toISOString().slice(0, 10) },
    ]);
    expect((await api("GET", "/api/accounts", undefined, { token: body.token })).status).toBe(403);
    expect((await api("DELETE", `/api/account/tokens/${body.id}`)).status).toBe(204);
    expect((await api("GET", "/api/account", undefined, { token: body.token })).status).toBe(401);
    expect((await api("DELETE", `/api/account/tokens/${body.id}`)).status).toBe(404);
  });

  it.each([
    ["missing", undefined],
    ["short", "short"],
    ["the public example", EXAMPLE_ADMIN_TOKEN],
  ])(
    "of a deployment whose ADMIN_TOKEN is %s: the API refuses and names it and nothing else, and links still redirect",
    async (_, token) => {
      const { code } = await createLink();
      const unsafe = envWith({ ADMIN_TOKEN: token, ALLOW_LOCAL_ADDRESSES: "false", COST_PER_PART: "much" });
      const ctx = { waitUntil: () => {} } as never;
      const headers = { authorization: `Bearer ${token}` };
      const answer = await worker.fetch(new Request(`${ORIGIN}/api/account`, { headers }) as never, unsafe, ctx);
      expect(answer.status).toBe(503);
      expect((await answer.json<{ detail: string }>()).detail).toBe(
        "ADMIN_TOKEN is missing or unsafe: set it with: npx wrangler secret put ADMIN_TOKEN",
      );
      expect((await worker.fetch(new Request(`${ORIGIN}/${code}`) as never, unsafe, ctx)).status).toBe(302);
    },
  );
});

describe("a wrong setting", () => {
  const answers = async (settings: object, authorization: string | undefined) => {
    const headers = {
      "cf-connecting-ip": "203.0.113.96",
      ...(authorization !== undefined && { authorization }),
    };
    const request = new Request(`${ORIGIN}/api/account`, { headers });
    const response = await worker.fetch(request as never, envWith(settings), {} as never);
    return [response.status, (await response.json<{ detail: string }>()).detail] as const;
  };

  it("is told to who has a right token, and to nobody else", async () => {
    const { sid, token } = await tenant();
    for (const right of [ADMIN_TOKEN, token])
      expect(await answers({ COST_PER_PART: "much" }, `Bearer ${right}`)).toEqual([
        503,
        expect.stringContaining("COST_PER_PART must be a number"),
      ]);
    for (const wrong of [undefined, "Bearer x", `Bearer ft_${sid}_${"a".repeat(43)}`]) {
      const [status, detail] = await answers({ COST_PER_PART: "much" }, wrong);
      expect([status, detail.includes("COST")]).toEqual([401, false]);
    }
  });

  it("of where objects lie is told to the holder of ADMIN_TOKEN; whose other tokens are nobody can be asked", async () => {
    const settings = { DATA_LOCATION: "the moon" };
    const { token } = await tenant();
    expect(await answers(settings, `Bearer ${ADMIN_TOKEN}`)).toEqual([503, expect.stringContaining("DATA_LOCATION")]);
    const [status, detail] = await answers(settings, `Bearer ${token}`);
    expect([status, detail.includes("DATA_LOCATION")]).toEqual([503, false]);
  });
});

describe("the list of links", () => {
  it("is newest first, by cursor, and has each link once", async () => {
    const tag = "paged";
    const created: string[] = [];
    for (let n = 0; n < 7; n++) created.push((await createLink({ tags: [tag], reference: `r${n}` })).code);
    await listed(`tag=${tag}`, (links) => links.length === 7);
    const seen: string[] = [];
    let cursor: string | null = "";
    do {
      const page: string = cursor;
      const { body } = await api("GET", `/api/links?limit=3&tag=${tag}&cursor=${page}`);
      seen.push(...body.links.map(({ code }: { code: string }) => code));
      cursor = body.next_cursor;
    } while (cursor !== null && seen.length < 20);
    expect([...seen].toSorted()).toEqual([...created].toSorted());
    const { body } = await api("GET", "/api/links?limit=100");
    const times = body.links.map(({ created_at }: { created_at: string }) => created_at);
    expect(times).toEqual([...times].toSorted().toReversed());
  });

  it("can be narrowed by access, tag, reference and time", async () => {
    const a = await createLink({ tags: ["narrow", "日本"], reference: "ref a" });
    const b = await createLink({ tags: ["narrow"], reference: "ref b" });
    await tap(a.code);
    await eventuallyHeard(
      [a["code"]],
      () => api("GET", "/api/links?tag=narrow&accessed=true"),
      ({ body }) => body.links.length === 1,
    );
    const codes = async (query: string) =>
      (await api("GET", `/api/links?${query}`)).body.links.map(({ code }: { code: string }) => code).toSorted();
    await heard(b.code);
    const both = [a.code, b.code].toSorted();
    expect(await codes("tag=narrow")).toEqual(both);
    expect(await codes("tag=narrow&accessed=true")).toEqual([a.code]);
    expect(await codes("tag=narrow&accessed=false")).toEqual([b.code]);
    expect(await codes(`tag=${encodeURIComponent("日本")}`)).toEqual([a.code]);
    expect(await codes("reference=ref%20b")).toEqual([b.code]);
    expect(await codes(`tag=narrow&created_after=${a.created_at}`)).toEqual(both);
    expect(await codes(`tag=narrow&created_before=${a.created_at}`)).toEqual([]);
    expect(await codes("tag=narrow&created_after=2099-01-01")).toEqual([]);
  });
});

describe("changing a link", () => {
  it("changes what is given, keeps the rest, and redirects to the new destination at once", async () => {
    const { code } = await createLink({ tags: ["a"], reference: "r" });
    await listed("reference=r", (links) => links.length === 1);
    const { status, body } = await api("PATCH", `/api/links/${code}`, { url: "https://example.org/new" });
    expect([status, body.url, body.tags, body.reference]).toEqual([200, "https://example.org/new", ["a"], "r"]);
    expect((await tap(code)).headers.get("location")).toBe("https://example.org/new");
    const next = await api("PATCH", `/api/links/${code}`, { tags: [], reference: null, callback_url: null });
    expect([next.body.tags, next.body.reference, next.body.callback_url]).toEqual([[], null, null]);
    await heard(code);
    expect((await api("GET", `/api/links?reference=r`)).body.links).toEqual([]);
    expect((await api("PATCH", `/api/links/${code}`, {})).status).toBe(200);
  });

  it.each(["code", "short_url", "created_at", "expires_at", "accessed", "first_accessed_at", "callback"])(
    "refuses the read-only field %s",
    async (field) => {
      const { code } = await createLink();
      const before = await statusOf(code);
      const { status, body } = await api("PATCH", `/api/links/${code}`, { [field]: "x", url: "https://example.org/" });
      expect([status, body.errors[0].field, body.errors[0].message]).toEqual([
        422,
        field,
        expect.stringMatching(/read-only/),
      ]);
      expect(await statusOf(code)).toEqual(before);
    },
  );

  it("deletes it from the list and the API, and opens its code again", async () => {
    const { code } = await createLink({ reference: "delete-me", code: "delete-me" });
    await listed("reference=delete-me", (links) => links.length === 1);
    expect((await api("DELETE", `/api/links/${code}`)).status).toBe(204);
    expect((await api("DELETE", `/api/links/${code}`)).status).toBe(404);
    expect((await api("PATCH", `/api/links/${code}`, {})).status).toBe(404);
    await heard(code);
    expect((await api("GET", "/api/links?reference=delete-me")).body.links).toEqual([]);
    expect((await api("POST", "/api/links", { url: "https://example.com/", code })).status).toBe(201);
  });
});

describe("accounts", () => {
  it("are made, listed and deleted by ADMIN_TOKEN alone; what is shown once is never shown again", async () => {
    const { status, body: made } = await api("POST", "/api/accounts", { name: "Example Ltd" });
    expect([status, made]).toEqual([
      201,
      {
        sid: expect.stringMatching(/^[0-9a-z]{20}$/),
        name: "Example Ltd",
        created_at: expect.any(String),
        token: expect.stringMatching(/^ft_/),
        callback_secret: expect.stringMatching(/^whsec_/),
      },
    ]);
    const all = await api("GET", "/api/accounts");
    expect(all.body.accounts).toContainEqual({ sid: made.sid, name: made.name, created_at: made.created_at });
    const own = await api("GET", "/api/account", undefined, { token: made.token });
    expect(JSON.stringify([all.body, own.body])).not.toMatch(/whsec_|ft_/);
    for (const [method, path] of [
      ["POST", "/api/accounts"],
      ["GET", "/api/accounts"],
      ["DELETE", `/api/accounts/${made.sid}`],
    ] as const)
      expect((await api(method, path, undefined, { token: made.token })).status).toBe(403);
    expect((await api("DELETE", "/api/accounts/main")).status).toBe(404);
    expect((await api("POST", "/api/accounts", { name: "" })).status).toBe(422);
  });

  it("that are deleted take their links and tokens along, and owe no callbacks", async () => {
    const { body: made } = await api("POST", "/api/accounts", { name: "short-lived" });
    const links = await Promise.all(
      Array.from({ length: 120 }, () => createLink({ callback_url: "http://127.0.0.1:1/" }, made.token)),
    );
    await tap(links[0]?.code);
    expect((await api("DELETE", `/api/accounts/${made.sid}`)).status).toBe(204);
    expect((await api("GET", "/api/account", undefined, { token: made.token })).status).toBe(401);
    for (const { code } of links)
      await eventually(
        () => tap(code),
        ({ status }) => status === 410,
      );
    expect((await api("GET", "/api/accounts")).body.accounts).not.toContainEqual(
      expect.objectContaining({ sid: made.sid }),
    );
    expect((await api("DELETE", `/api/accounts/${made.sid}`)).status).toBe(404);
  });

  it("that are deleted while a link is being made end that link, too", async () => {
    const { body: made } = await api("POST", "/api/accounts", { name: "racing" });
    const [link] = await Promise.all([
      api("POST", "/api/links", { url: "https://example.com/" }, { token: made.token }),
      api("DELETE", `/api/accounts/${made.sid}`),
    ]);
    if (link.status === 201)
      await eventually(
        () => tap(link.body.code),
        ({ status }) => status === 410,
      );
    else expect(link.status).toBe(401);
  });
});

it("promise 7: on every route, another account's things do not exist", async () => {
  const mine = (await api("POST", "/api/accounts", { name: "mine" })).body;
  const theirs = (await api("POST", "/api/accounts", { name: "theirs" })).body;
  const { code } = await createLink({ reference: "mine", tags: ["mine"], code: "of-mine" }, mine.token);
  const { id } = (await api("POST", "/api/account/tokens", undefined, { token: mine.token })).body;
  for (const token of [theirs.token, ADMIN_TOKEN]) {
    const ask = (method: string, path: string, body?: unknown) => api(method, path, body, { token });
    for (const [method, path, body] of [
      ["GET", `/api/links/${code}`],
      ["PATCH", `/api/links/${code}`, { url: "https://evil.example.org/" }],
      ["DELETE", `/api/links/${code}`],
      ["POST", `/api/links/${code}/callback/retry`],
      ["DELETE", `/api/account/tokens/${id}`],
    ] as const) {
      const foreign = await ask(method, path, body);
      const unknown = await ask(method, path.replace(code, "no-such-code").replace(id, "no-such-id"), body);
      expect([method, path, foreign.status]).toEqual([method, path, 404]);
      // Nothing tells a foreign thing from one that does not exist.
      expect(foreign.body).toEqual(unknown.body);
    }
    for (const query of ["", "?reference=mine", "?tag=mine"])
      expect(JSON.stringify((await ask("GET", `/api/links${query}`)).body)).not.toContain(code);
    expect((await ask("POST", "/api/links", { url: "https://example.com/", code })).status).toBe(409);
  }
  const status = await statusOf(code, mine.token);
  expect(status).toMatchObject({ url: "https://example.com/offer", tags: ["mine"] });
});

it("an unknown route or method of the API is 404, and an outage is 503 with Retry-After, both as problems", async () => {
  for (const [method, path] of [
    ["GET", "/api/nothing"],
    ["PUT", "/api/links"],
    ["GET", "/api"],
    ["POST", "/api/links/x/y/z"],
  ] as const)
    expect((await api(method, path)).status).toBe(404);
  const ctx = { waitUntil: () => {} } as never;
  for (const down of [
    { ACCOUNT: brokenNamespace(platformError({ overloaded: true })) },
    { ACCOUNT: brokenNamespace(new Error("gone")) },
    { LINK: brokenNamespace(new Error("gone")) },
    { DIRECTORY: broken(new Error("gone")), ACCOUNT: brokenNamespace(new Error("gone")) },
  ]) {
    const request = new Request(`${ORIGIN}/api/links/abc`, { headers: authorized() });
    const answer = await worker.fetch(request as never, envWith(down), ctx);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  }
});
