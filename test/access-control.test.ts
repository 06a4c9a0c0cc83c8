// Who may do what: every route by every kind of credential, and the known holes of other link shorteners.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import apiDocs from "../docs/api.md?raw";
import reliability from "../docs/reliability.md?raw";
import smsDocs from "../docs/sms.md?raw";
import { app } from "../src/app.ts";
import { hashToken } from "../src/account/token.ts";
import worker from "../src/index.ts";
import { heard } from "./support/books.ts";
import { colleague } from "./support/browser.ts";
import { envWith } from "./support/faults.ts";
import {
  ADMIN_TOKEN,
  api,
  createLink,
  eventually,
  ORIGIN,
  receiver,
  someAddress,
  statusOf,
  tap,
} from "./support/firsttap.ts";
import { type Login, MESSAGE, messageOf, send, settled, tenant } from "./support/sms.ts";
import { type Scope, SCOPES } from "../src/account/scopes.ts";
import { addressOf, EVERYWHERE, nameOf, OF_BODIES, pathOf, type Route, ROUTES } from "./routes.table.ts";

const bearer = (token: string) => `Bearer ${token}`;
const basic = (sid: string, token: string) => `Basic ${btoa(`${sid}:${token}`)}`;

/** Asks with the header as it is; each time as a client of its own, or the wrong logins would be limited. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    redirect: "manual",
    headers: { "cf-connecting-ip": someAddress(), ...headers },
    ...(body !== undefined && { body }),
  });
}

// First, while the account `main` is not open yet.
it("Kutt, RobinMJD/kutt 3.2.6-sr94.66, and CVE-2021-21276 (Polr): a hundred first requests open one main account", async () => {
  const asked = await Promise.all(Array.from({ length: 100 }, () => api("GET", "/api/account")));
  expect(new Set(asked.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
  await runInDurableObject(env.ACCOUNT.getByName("main"), (_, { storage }) => {
    expect(storage.sql.exec("SELECT sid FROM account").toArray()).toEqual([{ sid: "main" }]);
  });
});

describe("the table of routes", () => {
  it("lists every route of the app, and no other", () => {
    const listed = ROUTES.filter(({ path }) => path !== "/:code").flatMap((route) =>
      ["", ...(route.endings ?? []), ...(route.path.startsWith("/sms/") ? ["/"] : [])].map(
        (end) => nameOf(route) + end,
      ),
    );
    // The dashboard's pages are no API, and have tests of their own.
    const routes = app.routes.filter(({ path }) => !path.startsWith("/dashboard"));
    const inApp = routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
    expect(inApp.toSorted()).toEqual(listed.toSorted());
    // Middleware and what answers all the rest.
    const others = routes.filter(({ method }) => method === "ALL").map(({ path }) => path);
    expect(new Set(others)).toEqual(new Set(["/*", "/api/*", "/sms/*", "/feed/*"]));
  });

  it("has the problems that docs/api.md names, by section and in the list of all", () => {
    const documented = Array.from(
      apiDocs.matchAll(/^\| (\d{3}) \| `([a-z-]+)` \|/gm),
      ([, code, slug]) => `${code} ${slug}`,
    );
    const ofPages = Array.from(
      /use the same form[^:]*: (.*?)\.\n/s.exec(apiDocs)?.[1]?.matchAll(/`([a-z-]+)` \((\d+)\)/g) ?? [],
    );
    const inTable = [
      ...EVERYWHERE,
      ...OF_BODIES,
      ...ROUTES.flatMap(({ path, problems }) => (path.startsWith("/sms/") ? [] : problems)),
    ];
    // These two are for outages, which no request makes.
    const outages = ["503 wrong-settings", "503 temporarily-unavailable"];
    const all = [...documented, ...ofPages.map(([, slug, code]) => `${code} ${slug}`)];
    expect(new Set(all)).toEqual(new Set([...inTable, ...outages]));
    for (const section of apiDocs.split(/^#{2,3} /m)) {
      const [title = "", ...text] = section.split("\n");
      const anchor = title.toLowerCase().replaceAll(" ", "-");
      const named = Array.from(text.join("\n").matchAll(/(\d{3}) `([a-z-]+)`/g), ([, code, slug]) => `${code} ${slug}`);
      const routes = ROUTES.filter((route) => route.section === anchor);
      if (routes.length > 0)
        expect(
          routes.flatMap(({ problems }) => problems),
          anchor,
        ).toEqual(expect.arrayContaining(named));
    }
  });

  it("gives each scope the routes that docs/api.md gives it", () => {
    const documented = Array.from(
      apiDocs.matchAll(/^\| `(\w+)` \| (.*`[A-Z]+ .*) \|$/gm),
      ([, scope = "", routes = ""]) => [
        scope,
        Array.from(routes.matchAll(/`([A-Z]+ [^`]*?)\/?`/g), ([, name]) => name).toSorted(),
      ],
    );
    const inTable = ["send", "links", "support"].map((scope) => [
      scope,
      ROUTES.filter(({ scopes }) => scopes?.some((one) => one === scope))
        .map(nameOf)
        .toSorted(),
    ]);
    expect(documented).toEqual(inTable);
  });

  it("names sections that docs/api.md has, and documented routes of the SMS API", () => {
    for (const { section } of ROUTES) if (section !== undefined) expect(apiDocs).toContain(`(#${section})`);
    for (const route of ROUTES)
      if (route.path.startsWith("/sms/")) {
        expect(smsDocs).toContain(`\`${nameOf(route).replace(/:carrier.*/, "…")}`);
        for (const problem of route.problems) expect(smsDocs).toMatch(new RegExp(`[|\`] ?${problem.slice(0, 3)}[ \`]`));
      }
  });
});

/** What a route may name, all of one account. */
type Things = Record<
  "code" | "campaign" | "id" | "session" | "feedId" | "token" | "file" | "sid" | "msgid" | "carrier",
  string
>;

const NOTHING: Things = {
  code: "none",
  campaign: "none",
  id: "none",
  session: "none",
  feedId: "none",
  token: "none",
  file: "none",
  sid: "none",
  msgid: "none",
  carrier: "none",
};

/** The path of a route that would name everything. */
const ALL_PATH = Object.keys(NOTHING)
  .map((name) => `/:${name}`)
  .join("");

/**
 * What the path names: an opened link, a sent message, a token, a session and a feed; and, for the admin, one more account. `areOwed`:
 * both callbacks fail.
 */
async function thingsOf({ token, sid }: Login, areOwed: boolean, path = ALL_PATH): Promise<Things> {
  const names = (thing: keyof Things) => path.includes(`:${thing}`);
  const things = { ...NOTHING, file: "messages.csv", carrier: "outbox" };
  const script = Array.from({ length: 50 }, () => ({ status: 500 }));
  const url = areOwed ? (await receiver(...script)).url : undefined;
  if (names("code")) {
    things.code = (await createLink({ callback_url: url ?? null }, token))["code"];
    await tap(things.code);
    await eventually(
      () => statusOf(things.code, token),
      ({ accessed }) => accessed,
    );
  }
  if (names("id")) things.id = (await api("POST", "/api/account/tokens", undefined, { token })).body["id"];
  if (names("msgid")) {
    things.msgid = await send({ callbackurl: url }, { login: { sid, token } });
    await settled(things.msgid, { login: { sid, token } });
  }
  if (names("session")) {
    await api("POST", "/api/account/sign-in-links", undefined, { token });
    things.session = (await api("GET", "/api/account/sessions", undefined, { token })).body["sessions"][0].id;
  }
  if (path.includes("/feeds/") || names("feedId") || names("token")) {
    const feed = (await api("POST", "/api/account/feeds", undefined, { token })).body;
    const [, feedToken = ""] = /\/feed\/(.*)$/.exec(feed["url"]) ?? [];
    Object.assign(things, { feedId: feed["id"], token: feedToken });
  }
  if (names("campaign")) {
    const fields = { name: "Spring", url: "https://example.com/{number}", size: 3 };
    things.campaign = (await api("POST", "/api/campaigns", fields, { token })).body["id"];
  }
  if (names("sid")) things.sid = (await tenant()).sid;
  return things;
}

/** Of an account the operator names what is the account's own; a feed has an id, as a token has. */
function thingsIn({ path }: Route, { sid }: Login, things: Things): Things {
  if (path.includes("/feeds/")) return { ...things, id: things.feedId };
  return path.includes("/:sid/") && path.includes(":code") ? { ...things, sid } : things;
}

/** Good for nothing. */
const BAD = [
  "none",
  "an empty header",
  "a scheme without a token",
  "a token in two words",
  "broken Basic",
  "another scheme",
  "a wrong token",
  "a shortened token",
  "a revoked token",
  "a closed account's token",
  "Basic with another account's sid",
  "ADMIN_TOKEN with another account's sid",
] as const;
const GOOD = ["another account's token", "ADMIN_TOKEN", "the account's token", "the account's token as Basic"] as const;
type Credential = (typeof BAD)[number] | (typeof GOOD)[number];

/** The status that this route owes to this credential. */
function expected({ who, isOwned, ok }: Route, credential: Credential): number {
  if (who === "anyone" || who === "carrier") return ok;
  if (BAD.some((bad) => bad === credential)) return 401;
  if (who === "admin") return credential === "ADMIN_TOKEN" ? ok : 403;
  return isOwned && !credential.startsWith("the account's") ? 404 : ok;
}

/** An account with what it has, and every credential that its routes are asked with. */
interface Scene {
  own: Login;
  things: Things;
  headers: Partial<Record<Credential, string>>;
  before: unknown;
}

/** All that the account has; attempts go on all the time. */
async function everythingOf({ own, things }: Pick<Scene, "own" | "things">): Promise<unknown> {
  const { callback: _, ...message } = await messageOf(things.msgid, { login: own });
  const account = await api("GET", "/api/account", undefined, { token: own.token });
  const links = await api("GET", "/api/links", undefined, { token: own.token });
  const campaigns = await api("GET", "/api/campaigns", undefined, { token: own.token });
  return [account.body, links.body, campaigns.body, message];
}

const ownHeaders = ({ sid, token }: Login): Partial<Record<Credential, string>> => ({
  "the account's token": bearer(token),
  "the account's token as Basic": basic(sid, token),
});

async function sceneOf(areOwed: boolean): Promise<Scene> {
  const other = await tenant();
  const closed = await tenant();
  await api("DELETE", `/api/accounts/${closed.sid}`);
  const own = await tenant();
  const revoked = (await api("POST", "/api/account/tokens", undefined, { token: own.token })).body;
  await api("DELETE", `/api/account/tokens/${revoked["id"]}`, undefined, { token: own.token });
  const things = await thingsOf(own, areOwed);
  await heard(things.code);
  const before = await everythingOf({ own, things });
  expect(JSON.stringify(before)).toContain('"accessed":true');
  const headers = {
    "an empty header": "",
    "a scheme without a token": "Bearer ",
    "a token in two words": `Bearer ${own.token.slice(0, 30)} ${own.token.slice(30)}`,
    "broken Basic": "Basic !!!",
    "another scheme": `Token ${own.token}`,
    "a wrong token": bearer(`ft_${own.sid}_${"a".repeat(43)}`),
    "a shortened token": bearer(own.token.slice(0, -1)),
    "a revoked token": bearer(revoked["token"]),
    "a closed account's token": bearer(closed.token),
    "Basic with another account's sid": basic(other.sid, own.token),
    "ADMIN_TOKEN with another account's sid": basic(own.sid, ADMIN_TOKEN),
    "another account's token": bearer(other.token),
    ADMIN_TOKEN: bearer(ADMIN_TOKEN),
    ...ownHeaders(own),
  };
  return { own, things, headers, before };
}

/** Who reads or is refused changes nothing: so one account is asked by everybody but by itself, and nothing of it is different after each. */
const SHARED: Partial<Record<"read" | "changed", Promise<Scene>>> = {};

describe.each(ROUTES.map((route) => [nameOf(route), route] as const))("%s answers", (_, route) => {
  const areOwed = route.path.endsWith("/retry");
  const reads = route.method === "GET";
  let shared: Scene;
  let own: Pick<Scene, "own" | "things">;
  beforeAll(async () => {
    shared = await (SHARED[reads ? "read" : "changed"] ??= sceneOf(!reads));
    own = shared;
    if (reads) return;
    const login = await tenant();
    own = { own: login, things: await thingsOf(login, areOwed, route.path) };
  });

  it.each([...BAD, ...GOOD].map((credential) => [credential, expected(route, credential)] as const))(
    "%s with %i",
    async (credential, status) => {
      // What the account's own token may do was done by then, and cannot be done twice.
      if (credential === "the account's token as Basic" && route.method === "DELETE")
        own = { ...own, things: await thingsOf(own.own, areOwed, route.path) };
      const isOwn = credential.startsWith("the account's");
      const authorization = isOwn ? ownHeaders(own.own)[credential] : shared.headers[credential];
      // Whom the operator may end or change is nobody that others are asked with, and what others may do to it is not refused.
      const asked = isOwn || route.who !== "account" ? own : shared;
      const response = await ask(
        route.method,
        addressOf(route, thingsIn(route, asked.own, asked.things)),
        {
          // Or there are more accounts than one client may guess at in a minute.
          "cf-connecting-ip": someAddress(),
          ...(authorization !== undefined && { authorization }),
          ...(route.body !== undefined && { "content-type": "application/json" }),
          ...(route.path === "/:code" && { "user-agent": "" }),
        },
        route.body && JSON.stringify(route.body.good),
      );
      expect(response.status, await response.clone().text()).toBe(status);
      if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/Bearer .*Basic/);
      if (credential === "ADMIN_TOKEN" && route.who === "account")
        expect(await everythingOf(shared)).toEqual(shared.before);
    },
  );
});

/**
 * The states of an account, how it comes there, what its tokens are answered then by a route that their scope covers or not, and
 * what is answered where nobody needs one.
 */
const KINDS: Record<
  string,
  {
    make: (sid: string) => Promise<unknown>;
    owed: (route: Route, isCovered: boolean) => number;
    owedToAnyone?: (route: Route) => number;
  }
> = {
  open: { make: async () => {}, owed: ({ ok }, isCovered) => (isCovered ? ok : 403) },
  closed: {
    make: (sid) => api("DELETE", `/api/accounts/${sid}`),
    owed: () => 401,
    owedToAnyone: ({ ok, closed = ok }) => closed,
  },
  suspended: {
    make: (sid) => api("PATCH", `/api/accounts/${sid}`, { suspended: true }),
    owed: ({ ok, makes, isSeen }, isCovered) => (isCovered && makes !== true && isSeen !== true ? ok : 403),
  },
  capped: {
    make: (sid) => api("PATCH", `/api/accounts/${sid}`, { messages_per_day: 0, links_per_day: 0 }),
    owed: ({ ok, makes }, isCovered) => (isCovered ? (makes === true ? 429 : ok) : 403),
  },
};
const OF_TOKENS = ROUTES.filter(({ who }) => who === "account" || who === "admin");
const OF_ANYONE = ROUTES.filter((route) => !OF_TOKENS.includes(route));

describe.each(Object.entries(KINDS))("of an account that is %s", (_, { make, owed, owedToAnyone = ({ ok }) => ok }) => {
  /** An account of this kind, what it has, and a token of this scope. */
  const ofKind = async (scopes: readonly Scope[], thingsFor: (own: Login) => Promise<Things>) => {
    const own = await tenant();
    const things = await thingsFor(own);
    const tokens = new Map<Scope, string>();
    for (const scope of scopes) {
      const { body } = await api("POST", "/api/account/tokens", { scopes: [scope] }, { token: own.token });
      tokens.set(scope, body["token"]);
    }
    await make(own.sid);
    return { own, things, tokens };
  };

  /** For all that changes nothing: what is read or refused. */
  let unchanged: Awaited<ReturnType<typeof ofKind>>;
  beforeAll(async () => {
    unchanged = await ofKind(SCOPES, (own) => thingsOf(own, false));
  });

  // Each has things of its own, or changes nothing.
  it.concurrent.each(
    OF_TOKENS.flatMap((route) =>
      SCOPES.map((scope) => {
        const isCovered = route.who === "account" && (scope === "full" || route.scopes?.includes(scope) === true);
        return [scope, nameOf(route), owed(route, isCovered), route, isCovered] as const;
      }),
    ),
  )("a token with the scope %s: %s answers %i", async (scope, name, status, route, isCovered) => {
    const changes = status < 300 && route.method !== "GET";
    const { own, things, tokens } = changes
      ? await ofKind([scope], (login) => thingsOf(login, route.path.endsWith("/retry"), route.path))
      : unchanged;
    // Who is refused is so before anything is looked for, but for what is counted when it is known.
    const named = status < 300 || status === 429 ? thingsIn(route, own, things) : NOTHING;
    const token = tokens.get(scope) ?? "";
    const answered = await ask(
      route.method,
      pathOf(route, named),
      {
        authorization: bearer(token),
        // Together they would be guessing too much.
        "cf-connecting-ip": someAddress(),
        ...(route.body !== undefined && { "content-type": "application/json" }),
      },
      route.body && JSON.stringify(route.body.good),
    );
    expect(answered.status, await answered.clone().text()).toBe(status);
    if (status === 429) expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0);
    if (status !== 403) return;
    const { type, detail } = await answered.json<Record<string, string>>();
    if (isCovered) expect(name.includes("/sms/") ? detail : type).toMatch(/suspended/);
    else if (name.includes("/sms/"))
      expect(detail).toContain(`with the scope ${[...(route.scopes ?? []), "full"].join(" or ")}.`);
    else if (route.who === "admin") expect(type).toBe("urn:firsttap:problem:admin-only");
    else
      expect([type, detail]).toEqual([
        "urn:firsttap:problem:missing-scope",
        `Use a token with the scope ${[...(route.scopes ?? []), "full"].join(" or ")}.`,
      ]);
  });

  it.each(OF_ANYONE.map((route) => [nameOf(route), owedToAnyone(route), route] as const))(
    "its links, feeds and messages, without a token: %s answers %i",
    async (_name, status, route) => {
      const answered = await ask(route.method, pathOf(route, unchanged.things), { "user-agent": "" });
      expect(answered.status, await answered.text()).toBe(status);
    },
  );
});

it("docs/reliability.md counts the routes, credentials, scopes and states of an account that are tried", () => {
  const ofScopes = [OF_TOKENS.length, SCOPES.length, Object.keys(KINDS).length].join(" × ");
  expect(reliability).toContain(`| ${ROUTES.length} × ${BAD.length + GOOD.length}; ${ofScopes} |`);
});

/** The dashboard's forms, each with the route that it asks, in an order in which one leaves the next what it needs. */
const FORMS = (things: Things): [route: string, path: string, fields: Record<string, string>][] => [
  ["POST /api/links", "links/new", { url: "https://example.com/a", key: "link" }],
  ["POST /sms/messages", "messages/new", { ...MESSAGE, key: "message" }],
  ["POST /api/links/:code/callback/retry", `links/${things.code}/retry`, {}],
  ["POST /sms/messages/:msgid/callback/retry", `messages/${things.msgid}/retry`, {}],
  ["PATCH /api/links/:code", `links/${things.code}`, { url: "https://example.com/b" }],
  ["PATCH /api/account", "settings", { name: "changed", callback_url: "https://example.com/callback" }],
  ["POST /api/account/callback-test", "settings/test", {}],
  ["POST /api/account/callback-secret", "settings/secret", {}],
  ["POST /api/account/tokens", "settings/tokens", { name: "more", scope: "read" }],
  ["POST /api/account/sign-in-links", "settings/sign-in-links", { name: "more", scope: "read" }],
  ["DELETE /api/account/sessions/:session", `settings/sessions/${things.session}/end`, {}],
  ["DELETE /api/account/tokens/:id", `settings/tokens/${things.id}/revoke`, {}],
  ["POST /sms/forget", "settings/forget", { recipient: "+818000000000" }],
  ["DELETE /sms/messages/:msgid", `messages/${things.msgid}/erase`, {}],
  ["DELETE /api/links/:code", `links/${things.code}/end`, {}],
];

/** What is done is shown at once, or somewhere else. */
const DONE = 200;

describe.each(Object.entries(KINDS))("at the dashboard of an account that is %s", (kind, { make, owed }) => {
  it.each(SCOPES)("a session with the scope %s: its forms answer what their routes do", async (scope) => {
    const own = await tenant();
    await api("PATCH", "/api/account", { callback_url: (await receiver()).url }, { token: own.token });
    const things = await thingsOf(own, true);
    const browser = await colleague(scope, own.token);
    await make(own.sid);
    const answers: [string, number][] = [];
    const due: [string, number][] = [];
    for (const [name, path, fields] of FORMS(things)) {
      const route = ROUTES.find((one) => nameOf(one) === name);
      if (route === undefined) throw new Error(`there is no route ${name}`);
      // Recipients see where a link leads, which the form for changing one always names.
      const asked = fields["url"] === undefined ? route : { ...route, isSeen: true };
      const status = owed(asked, scope === "full" || route.scopes?.includes(scope) === true);
      due.push([name, status < 400 ? DONE : status]);
      answers.push([name, await statusOfForm(path, fields)]);
    }
    // The operator's pages are there for ADMIN_TOKEN alone, whatever a session covers.
    const operators = [
      "accounts",
      ...["", "/suspend", "/resume", "/end-link", "/close"].map((end) => `accounts/${own.sid}${end}`),
    ];
    for (const path of operators) {
      due.push([path, kind === "closed" ? 401 : 404]);
      answers.push([path, await statusOfForm(path, { name: "more", code: things.code, reason: "phishing" })]);
    }
    expect(answers).toEqual(due);

    /** 401 for the way to the sign-in. */
    async function statusOfForm(path: string, fields: Record<string, string>): Promise<number> {
      const { status, location } = await browser.post(`/dashboard/${path}`, fields);
      if (location?.startsWith("/dashboard/sign-in") === true) return 401;
      return status < 400 ? DONE : status;
    }
  });
});

it("each GET that an account may ask is covered by the scope read", () => {
  const gets = ROUTES.filter(({ who, method }) => who === "account" && method === "GET");
  expect(gets.filter(({ scopes }) => !scopes?.includes("read")).map(nameOf)).toEqual([]);
});

const WITHOUT_BODY = OF_TOKENS.filter(({ method, body }) => method !== "GET" && body === undefined);
it.concurrent.each(WITHOUT_BODY.map((route) => [nameOf(route), route] as const))(
  "%s takes no body: anything but none or {} is refused, and changes nothing",
  async (name, route) => {
    const own = route.who === "admin" ? { sid: "main", token: ADMIN_TOKEN } : await tenant();
    const things = await thingsOf(own, route.path.endsWith("/retry"), route.path);
    const asked = (body: BodyInit | undefined, type: string) =>
      ask(
        route.method,
        addressOf(route, thingsIn(route, own, things)),
        { authorization: bearer(own.token), "content-type": type },
        body,
      );
    for (const [body, type] of [
      ['{"scopes":["read"]}', "application/json"],
      ["overlap_seconds=0", "application/x-www-form-urlencoded"],
      ["[]", "application/json"],
    ] as const) {
      const refused = await asked(body, type);
      expect([body, refused.status]).toEqual([body, name.includes("/sms/") ? 400 : 422]);
      expect(await refused.text()).toContain("ust be left out: this route takes no body");
    }
    expect((await asked(" {} ", "text/plain")).status).toBe(route.ok);
  },
);

describe("tokens", () => {
  const made = async (terms: object, by: string) =>
    (await api("POST", "/api/account/tokens", terms, { token: by })).body;
  const statusWith = async (by: string, method = "GET", path = "/api/account") =>
    (await ask(method, path, { authorization: bearer(by) })).status;

  it("may have several scopes, and are listed with their terms and the day of their last use", async () => {
    const { token } = await tenant();
    const both = await made({ name: "shop", scopes: ["send", "links", "send"] }, token);
    expect(both).toMatchObject({ name: "shop", scopes: ["send", "links"], expires_at: null, last_used_on: null });
    expect(await statusWith(both["token"], "GET", "/sms/messages/")).toBe(403);
    const sent = await api("POST", "/sms/messages/", MESSAGE, { token: both["token"] });
    expect([sent.status, (await createLink({}, both["token"]))["code"]]).toEqual([201, expect.any(String)]);
    const { tokens } = (await api("GET", "/api/account", undefined, { token })).body;
    const today = new Date().toISOString().slice(0, 10);
    expect(tokens).toEqual([
      expect.objectContaining({ name: null, scopes: ["full"], last_used_on: today }),
      { ...both, token: undefined, last_used_on: today },
    ]);
  });

  it("write the day of their use once a day", async () => {
    const { sid, token } = await tenant();
    const rowsWritten = (hash: string) =>
      runInDurableObject(env.ACCOUNT.getByName(sid), (account, { storage }) => {
        const execute = vi.spyOn(Object.getPrototypeOf(storage.sql), "exec");
        account.admit(hash, true);
        const writes = execute.mock.calls.filter(([query]) => /^(?:INSERT|UPDATE|DELETE)/.test(String(query).trim()));
        execute.mockRestore();
        return writes.length;
      });
    const hash = await hashToken(token);
    expect([await rowsWritten(hash), await rowsWritten(hash)]).toEqual([1, 0]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
    expect([await rowsWritten(hash), await rowsWritten(hash)]).toEqual([1, 0]);
    vi.useRealTimers();
  });

  it("are admitted where nothing can be written", async () => {
    const { sid, token } = await tenant();
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      storage.sql.exec("CREATE TRIGGER full BEFORE UPDATE ON token BEGIN SELECT RAISE(ABORT, 'database is full'); END");
      expect(account.admit(await hashToken(token), true)).toMatchObject({ sid, scopes: ["full"] });
    });
  });

  it("are refused like unknown ones from the moment on in which they expire, and are not listed any more", async () => {
    const { token } = await tenant();
    const short = await made({ expires_in_seconds: 60 }, token);
    const lifetimeMs = Date.parse(short["expires_at"]) - Date.parse(short["created_at"]);
    expect(lifetimeMs).toBeGreaterThan(50_000);
    expect(lifetimeMs).toBeLessThanOrEqual(60_000);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(short["expires_at"]) - 1 });
    expect(await statusWith(short["token"])).toBe(200);
    vi.setSystemTime(Date.parse(short["expires_at"]));
    const answers = [short["token"], `ft_main_${"a".repeat(43)}`].map(async (by) => {
      const response = await ask("GET", "/api/account", { authorization: bearer(by) });
      return [response.status, await response.text()];
    });
    const [expired, unknown] = await Promise.all(answers);
    expect(expired).toEqual(unknown);
    const { tokens } = (await api("GET", "/api/account", undefined, { token })).body;
    vi.useRealTimers();
    expect(tokens).toHaveLength(1);
  });

  it("make none that outlive them", async () => {
    const { token } = await tenant();
    const hour = await made({ expires_in_seconds: 3_600 }, token);
    const by = hour["token"];
    expect((await made({}, by))["expires_at"]).toBe(hour["expires_at"]);
    expect((await made({ expires_in_seconds: 60 }, by))["token"]).toEqual(expect.any(String));
    const longer = await api("POST", "/api/account/tokens", { expires_in_seconds: 7_200 }, { token: by });
    expect([longer.status, longer.body["errors"]]).toEqual([
      422,
      [{ field: "expires_in_seconds", message: "must end before the token that makes it" }],
    ]);
  });

  it.each([
    ["scopes", []],
    ["scopes", ["admin"]],
    ["scopes", "full"],
    ["name", ""],
    ["expires_in_seconds", 0],
    ["expires_in_seconds", 315_360_001],
    ["token", "ft_main_mine"],
  ])("are not made with the %s %j", async (field, value) => {
    const { status, body } = await api("POST", "/api/account/tokens", { [field]: value });
    expect([status, body["errors"]]).toEqual([422, [{ field, message: expect.any(String) }]]);
  });

  // Two versions are live while a deployment rolls out.
  it("of the version of before may do all; to its Workers and objects the limited ones are unknown", async () => {
    const { sid, token } = await tenant();
    const limited = [await made({ scopes: ["read"] }, token), await made({ expires_in_seconds: 60 }, token)];
    const hashes = await Promise.all(limited.map((one) => hashToken(one["token"])));
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
      const ofBefore = { id: "of-before", hash: await hashToken("before") };
      storage.sql.exec("INSERT INTO token (id, hash, created_at) VALUES (?, ?, 0)", ofBefore.id, ofBefore.hash);
      expect(account.admit(ofBefore.hash)).toMatchObject({ sid, scopes: ["full"], expiresAt: null });
      for (const hash of hashes) {
        expect([account.admit(hash), account.admit(hash, true)]).toEqual([null, expect.objectContaining({ sid })]);
        expect(storage.sql.exec("SELECT 1 FROM token WHERE hash = ?", hash).toArray()).toEqual([]);
      }
    });
  });

  it("that an object of the version of before made without their terms are revoked, and shown to nobody", async () => {
    const { sid, token } = await tenant();
    const account = env.ACCOUNT.getByName(sid);
    // Its Worker knows what the request may do, and its object takes no terms.
    const before = {
      admit: async () => ({ sid, callbackUrl: null }),
      addToken: async (until: number) => {
        const { id, createdAt, token: added } = (await account.addToken(until)) ?? {};
        return { id, createdAt, token: added };
      },
      removeToken: (id: string, until: number) => account.removeToken(id, until),
    };
    const request = new Request(`${ORIGIN}/api/account/tokens`, {
      method: "POST",
      headers: { authorization: bearer(token), "content-type": "application/json" },
      body: JSON.stringify({ scopes: ["read"] }),
    });
    const response = await worker.fetch(
      request as never,
      envWith({ ACCOUNT: { getByName: () => before } }),
      {} as never,
    );
    expect([response.status, (await account.view())?.tokens.length]).toEqual([503, 1]);
  });

  it("are stored as their SHA-256 alone: no row of the account's object holds one", async () => {
    const { sid, token } = await tenant();
    const { body: second } = await api("POST", "/api/account/tokens", undefined, { token });
    await createLink({}, token);
    await runInDurableObject(env.ACCOUNT.getByName(sid), async (_, { storage }) => {
      const tables = storage.sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .toArray();
      const rows = tables
        .filter(({ name }) => !name.startsWith("_cf"))
        .map(({ name }) => JSON.stringify(storage.sql.exec(`SELECT * FROM "${name}"`).toArray()));
      for (const each of [token, second["token"]]) {
        expect(rows.join()).toContain(await hashToken(each));
        expect(rows.join()).not.toContain(each.slice(-43));
      }
    });
  });

  it("are refused from the request after the one that revokes them, and from the one that closes the account", async () => {
    const { sid, token } = await tenant();
    const { body: second } = await api("POST", "/api/account/tokens", undefined, { token });
    expect(await statusWith(second["token"])).toBe(200);
    await api("DELETE", `/api/account/tokens/${second["id"]}`, undefined, { token });
    expect([await statusWith(second["token"]), await statusWith(token)]).toEqual([401, 200]);
    await api("DELETE", `/api/accounts/${sid}`);
    expect(await statusWith(token)).toBe(401);
  });
});

describe("a hole of another shortener is closed:", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  // What PHP's == would take for a secret, and what looks like the token.
  const lookAlike = ADMIN_TOKEN.replace("t", "т").replace("o", "ο");
  it.each(["0", "1", "true", "null", "[]", "{}", "Array", "0e462097431906509019562988736854", "\ufeff", lookAlike])(
    "CVE-2019-14537 (YOURLS, type juggling): the token %j is 401",
    async (text) => {
      const bytes = String.fromCharCode(...new TextEncoder().encode(text));
      for (const authorization of [bearer(bytes), basic("main", bytes), basic(bytes, ADMIN_TOKEN), basic(bytes, bytes)])
        expect((await ask("GET", "/api/account", { authorization })).status).toBe(401);
      const inQuery = new URLSearchParams({ token: text, signature: text, sid: "main" });
      expect((await ask("GET", `/api/account?${inQuery.toString()}`)).status).toBe(401);
    },
  );

  it.each(["", "0", " "])(
    "CVE-2021-21276 (Polr, set-up key): without ADMIN_TOKEN the credential %j opens nothing",
    async (text) => {
      const unset = envWith({ ADMIN_TOKEN: "", ALLOW_LOCAL_ADDRESSES: "false" });
      for (const authorization of [bearer(text), basic("main", text), basic("", "")]) {
        const request = new Request(`${ORIGIN}/api/accounts`, { headers: { authorization } });
        expect((await worker.fetch(request as never, unset, {} as never)).status).toBe(503);
      }
    },
  );

  it("Kutt (validators.handler.js): javascript: is refused at creation, and neither KV nor an object makes a Location of it", async () => {
    for (const url of ["javascript:alert(1)", "JavaScript://example.com/%0aalert(1)", "data:text/html,x"])
      expect((await api("POST", "/api/links", { url })).status).toBe(422);
    const { code } = await createLink();
    const entry = JSON.stringify({ d: "javascript:alert(1)", e: Date.now() + 60_000 });
    await env.DIRECTORY.put(code, entry);
    const response = await tap(code);
    expect(response.headers.get("location")).toBe("https://example.com/offer");
  });

  it("CVE-2026-50887 (Shlink), CVEs of URL Shortify and Extend Link: a destination is never fetched", async () => {
    const { url, received } = await receiver();
    const { code } = await createLink({ url });
    await tap(code);
    await settled(await send({ message: `See ${url}`, track_link: "true" }));
    await eventually(
      () => statusOf(code),
      ({ accessed }) => accessed,
    );
    expect(await received()).toEqual([]);
  });

  it("Dub 7dbbccd: a callback's redirect into the inside is not followed", async () => {
    const inside = await receiver();
    const outside = await receiver({ status: 307, headers: { location: inside.url } }, { status: 200 });
    const { code } = await createLink({ callback_url: outside.url });
    await tap(code);
    await eventually(outside.received, (posts) => posts.length === 2);
    expect(await inside.received()).toEqual([]);
  });

  it("Shlink #2522, YOURLS #4111 (trusted proxies): no header that names an address makes a guesser another client", async () => {
    const cfAddress = someAddress();
    // Were one of them trusted, each request would be another client's.
    const client = () => ({
      "cf-connecting-ip": cfAddress,
      "x-forwarded-for": someAddress(),
      "x-real-ip": someAddress(),
      forwarded: `for=${someAddress()}`,
      "true-client-ip": someAddress(),
      "client-ip": someAddress(),
    });
    const statuses: number[] = [];
    for (let n = 0; n < 210; n++) statuses.push((await ask("GET", "/api/account", client())).status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    for (let n = 0; n < 210; n++) {
      const headers = { ...client(), authorization: bearer(`guess-${n}`) };
      statuses.push((await ask("GET", "/api/account", headers)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
  it("GHSA-5h77-88j3-r659, CVE-2020-27388, CVE-2014-8488 (YOURLS, stored XSS): nothing that was sent is in any page", async () => {
    const fields = { url: `https://example.com/?q=${SCRIPT.replaceAll(" ", "")}`, tags: [SCRIPT], reference: SCRIPT };
    const { code } = await createLink(fields);
    const hostile = { referer: SCRIPT, "user-agent": `Mozilla/5.0 ${SCRIPT}`, "accept-language": SCRIPT };
    expect((await ask("GET", `/${code}`, hostile)).status).toBe(302);
    await api("DELETE", `/api/links/${code}`);
    const encoded = encodeURIComponent(SCRIPT);
    for (const path of ["/", `/${code}`, `/unknown-1?q=${encoded}`, `/${encoded}`, `/abc/${encoded}`]) {
      const response = await ask("GET", path, hostile);
      const page = await response.text();
      expect([path, response.headers.get("content-type")]).toEqual([path, "text/html; charset=utf-8"]);
      expect(page).not.toMatch(/alert|onerror|<script|<img/i);
    }
    const authorization = bearer(ADMIN_TOKEN);
    for (const path of [
      "/api/links",
      "/sms/messages/",
      `/api/${encoded}`,
      `/sms/${encoded}`,
      `/api/links?${encoded}=1`,
    ]) {
      const { headers } = await ask("GET", path, { ...hostile, authorization });
      expect(headers.get("content-type")).toMatch(/^application\/(?:problem\+)?json/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("YOURLS #4030 (JSONP): no parameter makes JSON a script", async () => {
    const authorization = bearer(ADMIN_TOKEN);
    for (const path of ["/api/account", "/api/links", "/sms/messages/", "/healthz"])
      for (const name of ["callback", "jsonp", "format"]) {
        const response = await ask("GET", `${path}?${name}=alert`, { authorization });
        expect(response.headers.get("content-type")).toMatch(/json/);
        expect(JSON.parse(await response.text())).toBeTypeOf("object");
      }
  });

  it("CVE-2022-0088 (YOURLS, CSRF): there are no cookies to ride on, and no other origin may read or send JSON", async () => {
    const cookie = `token=${ADMIN_TOKEN}; authorization=${bearer(ADMIN_TOKEN)}; sid=main`;
    const origin = "https://evil.example.org";
    for (const route of ROUTES.filter(({ who }) => who === "account" || who === "admin")) {
      const path = pathOf(route, { code: "abc", id: "x", sid: "main", msgid: "a".repeat(32) });
      const answered = await ask(route.method, path, { cookie, origin });
      const status = route.method === "GET" ? 401 : 403;
      expect([nameOf(route), answered.status, answered.headers.get("set-cookie")]).toEqual([
        nameOf(route),
        status,
        null,
      ]);
      const plain = await ask(route.method, path, { cookie });
      expect([nameOf(route), plain.status]).toEqual([nameOf(route), 401]);
      const preflight = await ask("OPTIONS", path, { origin, "access-control-request-method": route.method });
      for (const { headers } of [answered, preflight])
        expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
    const authorization = basic("main", ADMIN_TOKEN);
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]) {
      const sent = (more: Record<string, string>) =>
        ask("POST", "/api/accounts", { authorization, "content-type": type, ...more }, '{"name":"x"}');
      expect([(await sent({ origin })).status, (await sent({})).status]).toEqual([403, 415]);
    }
  });

  // A browser that was asked for Basic credentials sends them along with other sites' forms.
  it("CVE-2022-0088 (YOURLS, CSRF): a form of another site changes nothing", async () => {
    // Old browsers tell one of the two.
    const told = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: ORIGIN },
      { origin: "https://evil.example.org" },
      { origin: "null" },
      { origin: ORIGIN.replace("https", "http") },
    ];
    for (const site of told)
      for (const [path, body] of [
        ["/sms/messages/", new URLSearchParams(MESSAGE)],
        ["/api/account/tokens", undefined],
        ["/api/account/callback-secret", undefined],
      ] as const) {
        const headers = { authorization: basic("main", ADMIN_TOKEN), ...site };
        expect([site, path, (await ask("POST", path, headers as Record<string, string>, body)).status]).toEqual([
          site,
          path,
          403,
        ]);
      }
    const own = { authorization: basic("main", ADMIN_TOKEN), origin: ORIGIN, "sec-fetch-site": "same-origin" };
    expect((await ask("POST", "/api/account/tokens", own)).status).toBe(201);
  });

  it.each([
    ["http://s.example.com", "false", 403],
    ["https://s.example.com", "false", 200],
    ["http://192.168.1.7:8787", "false", 403],
    ["http://127.0.0.1.example.com", "false", 403],
    ["http://notlocalhost", "false", 403],
    ["http://localhost:8787", "false", 200],
    ["http://127.0.0.1:8787", "false", 200],
    ["http://[::1]:8787", "false", 200],
    // A phone in the network of somebody's own machine.
    ["http://192.168.1.7:8787", "true", 200],
    ["http://s.example.com", "true", 200],
  ])("tokens in clear: %s with ALLOW_LOCAL_ADDRESSES=%s answers %i", async (origin, allowLocal, status) => {
    const local = envWith({ ALLOW_LOCAL_ADDRESSES: allowLocal });
    const answered = async (path: string, authorization: string, body?: object) => {
      const headers = { authorization, "content-type": "application/json" };
      const init = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
      return worker.fetch(new Request(`${origin}${path}`, init) as never, local, {} as never);
    };
    for (const path of ["/api/account", "/sms/messages/", "/sms/outbox"]) {
      const response = await answered(path, bearer(ADMIN_TOKEN));
      expect([path, response.status]).toEqual([path, status]);
      if (status === 403) expect(await response.text()).toContain("Use https");
    }
    if (status === 403) return;
    const { short_url } = await (
      await answered("/api/links", bearer(ADMIN_TOKEN), { url: "https://example.com/" })
    ).json<any>();
    expect(short_url.startsWith(`${origin}/`)).toBe(true);
  });

  it("YOURLS #3034 (clickjacking): no page and no answer may be framed", async () => {
    const { code } = await createLink();
    await api("DELETE", `/api/links/${code}`);
    for (const path of [
      "/",
      `/${code}`,
      "/unknown-2",
      "/a/b",
      "/robots.txt",
      "/healthz",
      "/api/account",
      "/sms/outbox",
    ]) {
      const { headers } = await ask("GET", path);
      expect([path, headers.get("content-security-policy")]).toEqual([
        path,
        expect.stringContaining("frame-ancestors 'none'"),
      ]);
    }
  });

  it("YOURLS #4111 (=== on secrets): ADMIN_TOKEN is compared in constant time, also with a credential of another length", async () => {
    const compared = vi.spyOn(crypto.subtle, "timingSafeEqual");
    for (const token of ["x", ADMIN_TOKEN, `${ADMIN_TOKEN}x`]) {
      compared.mockClear();
      await ask("GET", "/api/account", { authorization: bearer(token) });
      expect(compared).toHaveBeenCalledOnce();
    }
  });

  it("GHSA-fp4x-ggrf-wmc6 (h3, open redirect): no path becomes a Location", async () => {
    const { code } = await createLink();
    for (const path of [
      "//evil.example.org",
      "//evil.example.org/%2e%2e",
      "/\\evil.example.org",
      "/%2f%2fevil.example.org",
      "/.//evil.example.org",
      "/%0d%0aLocation:https://evil.example.org",
      "/api//evil.example.org",
      "/sms//evil.example.org",
      `/${code}//evil.example.org`,
      `/${code}/`,
    ]) {
      const { headers, status } = await ask("GET", path);
      expect([path, status === 302 ? headers.get("location") : null]).toEqual([
        path,
        status === 302 ? "https://example.com/offer" : null,
      ]);
    }
  });

  it("zod's .url(), Dub's isValidUrl: of all schemes only http and https are taken", async () => {
    const scheme = fc.stringMatching(/^[a-z][a-z\d+.-]{0,12}$/).filter((text) => !["http", "https"].includes(text));
    await fc.assert(
      fc.asyncProperty(scheme, fc.constantFrom(":", "://", ":/", ":\\\\"), async (name, slashes) => {
        const { status, body } = await api("POST", "/api/links", { url: `${name}${slashes}example.com/` });
        expect([status, body["errors"]?.[0]?.field]).toEqual([422, "url"]);
      }),
      { numRuns: 200, seed: 20_261_124 },
    );
  });
});
