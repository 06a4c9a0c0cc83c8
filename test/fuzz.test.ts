// Requests that nobody would write by hand, to every route: made from the schemas that validate, right, nearly right and
// wrong, and raw garbage. Whatever comes, the answer is documented, has its documented shape and says what is wrong.
//
// VITE_FUZZ_RUNS=50000 npx vitest run --project workerd test/fuzz.test.ts

import { exports } from "cloudflare:workers";
import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import smsDocs from "../docs/sms.md?raw";
import { codeInPath } from "../src/link/code.ts";
import { isOptional, isRight, type Plan, plans, type WHO } from "./fuzz.requests.ts";
import { EVERYWHERE, nameOf, OF_BODIES, pathOf, type Route, ROUTES } from "./routes.table.ts";
import { ADMIN_TOKEN, api, createLink, eventually, ORIGIN, someAddress, statusOf, tap } from "./support/firsttap.ts";
import { send, settled, tenant } from "./support/sms.ts";

const RUNS = Number(import.meta.env["VITE_FUZZ_RUNS"] ?? 6_000);
const SEED = Number(import.meta.env["VITE_FUZZ_SEED"] ?? 20_261_124);
/** Requests to one account; the next ones go to a new account, so that lists stay short. */
const BATCH = 1_000;

/** Answers 500, so that its callback stays owed. */
const FAILING = "http://127.0.0.1:1/failing";

interface Fixtures {
  tokens: Record<(typeof WHO)[number], string>;
  /** All that paths can name; new links and messages are added. */
  things: Record<"code" | "campaign" | "id" | "session" | "sid" | "msgid" | "token" | "file", string[]>;
}

/** Two of everything; links are opened, messages are sent, and their callbacks are owed. */
async function setUp(): Promise<Fixtures> {
  const [own, foreign, ...others] = await Promise.all([tenant(), tenant(), tenant(), tenant()]);
  const two = <T>(make: () => Promise<T>) => Promise.all([make(), make()]);
  const link = async () => {
    const { code } = await createLink({ callback_url: FAILING }, own.token);
    await tap(code);
    await eventually(
      () => statusOf(code, own.token),
      ({ accessed }) => accessed,
    );
    return code as string;
  };
  const message = async () => {
    const msgid = await send({ track_link: "true", callbackurl: FAILING }, { login: own });
    await settled(msgid, { login: own });
    return msgid;
  };
  const made = async (what: string) =>
    (await api("POST", `/api/account/${what}`, undefined, { token: own.token })).body;
  const fields = { name: "fuzzed", url: "https://example.com/{number}", size: 9 };
  const campaign = async () => (await api("POST", "/api/campaigns", fields, { token: own.token })).body;
  const feeds = await two(() => made("feeds"));
  const tokens = await two(() => made("tokens"));
  await two(() => made("sign-in-links"));
  const { sessions } = (await api("GET", "/api/account/sessions", undefined, { token: own.token })).body;
  return {
    tokens: {
      own: `Bearer ${own.token}`,
      "own as Basic": `Basic ${btoa(`${own.sid}:${own.token}`)}`,
      admin: `Bearer ${ADMIN_TOKEN}`,
      foreign: `Bearer ${foreign.token}`,
      nobody: "",
      garbage: "Basic \u00ff\u00fe",
    },
    things: {
      code: await two(link),
      campaign: (await two(campaign)).map(({ id }) => id),
      id: [...tokens, ...feeds].map(({ id }) => id),
      session: sessions.map(({ id }: { id: string }) => id),
      token: feeds.map(({ url }) => url.split("/feed/")[1]),
      file: ["links.csv", "messages.csv", "accesses.ndjson", "callbacks", "message-callbacks.csv"],
      sid: others.map(({ sid }) => sid),
      msgid: await two(message),
    },
  };
}

/** The failing callback fails; no other leaves this process either. */
beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation((input) => {
    const isFailing = (input instanceof Request ? input.url : String(input)) === FAILING;
    return Promise.resolve(new Response(null, { status: isFailing ? 500 : 200 }));
  });
});

/** JSON and forms cannot say everything; what they say instead. */
const asJson = (fields: object): Record<string, unknown> => JSON.parse(JSON.stringify(fields));
const asText = (fields: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asJson(fields)).map(([name, value]) => [
      name,
      (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed(),
    ]),
  );

interface Exchange extends Plan {
  response: Response;
  text: string;
  pathname: string;
  /** The fields as the Worker reads them, where it comes to reading fields. */
  read: Record<string, unknown> | undefined;
}

/** The body as it is sent, its type, and the fields as the Worker will read them. */
function encode(sent: Plan["sent"]): {
  body?: string | Uint8Array<ArrayBuffer>;
  type?: string;
  read?: Record<string, unknown>;
} {
  if (sent === null) return {};
  if ("raw" in sent) return { body: sent.raw };
  if (sent.as === "json") {
    const read = asJson(sent.fields);
    return { body: JSON.stringify(read), type: "application/json", read };
  }
  const read = asText(sent.fields);
  return { body: new URLSearchParams(read).toString(), type: "application/x-www-form-urlencoded", read };
}

async function carryOut(plan: Plan, { tokens, things }: Fixtures): Promise<Exchange> {
  const route = ROUTES.find((each) => nameOf(each) === plan.meant);
  const named = Object.entries(plan.things).map(([name, which]) => {
    const known = things[name as keyof Fixtures["things"]] ?? [];
    return [name, typeof which === "number" ? (known[which % known.length] ?? "none") : which.toWellFormed()];
  });
  const path = route === undefined ? plan.path.toWellFormed() : pathOf(route, Object.fromEntries(named));
  const asked = typeof plan.query === "string" ? plan.query : asText(plan.query);
  const url = new URL(`${ORIGIN}${path}`);
  url.search = typeof asked === "string" ? asked : new URLSearchParams(asked).toString();
  const { body, type, read = typeof asked === "string" ? undefined : asked } = encode(plan.sent);
  const authorization = tokens[plan.who];
  const response = await exports.default.fetch(url.href, {
    method: plan.method,
    redirect: "manual",
    headers: {
      "cf-connecting-ip": someAddress(),
      ...plan.headers,
      ...(type !== undefined && { "content-type": type }),
      ...(authorization !== "" && { authorization }),
    },
    ...(body !== undefined && !/^(?:GET|HEAD)$/.test(plan.method) && { body }),
  });
  return { ...plan, response, text: await response.text(), pathname: url.pathname, read };
}

const PROBLEM = v.strictObject({
  type: v.pipe(v.string(), v.regex(/^urn:firsttap:problem:[a-z-]+$/)),
  status: v.number(),
  title: v.pipe(v.string(), v.nonEmpty()),
  detail: v.exactOptional(v.pipe(v.string(), v.nonEmpty())),
  errors: v.exactOptional(
    v.pipe(v.array(v.strictObject({ field: v.string(), message: v.pipe(v.string(), v.nonEmpty()) })), v.nonEmpty()),
  ),
});
const SMS_DETAIL = v.strictObject({ detail: v.pipe(v.string(), v.nonEmpty()) });
const SMS_FIELDS = v.pipe(
  v.record(v.string(), v.pipe(v.array(v.string()), v.nonEmpty())),
  v.check((fields) => Object.keys(fields).length > 0),
);
const PAGE = v.pipe(v.string(), v.startsWith("<!doctype html>"));

const [, smsErrors = ""] = /^## Errors\n(.*?)^## /ms.exec(smsDocs) ?? [];
const SMS_STATUSES = Array.from(smsErrors.matchAll(/^\| (\d{3}) \|/gm), ([, status]) => Number(status));
const PAGES = ["404 nothing-here", ...(ROUTES.find(({ path }) => path === "/:code")?.problems ?? [])];

const statusOfProblem = (problem: string) => Number(problem.slice(0, 3));

const HEADERS = {
  "cache-control": "private, no-store",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
};

const patterns = ROUTES.map(
  (route) =>
    [
      route,
      new RegExp(`^${route.path.replace(/:\w+/g, "[^/]+")}${route.path.startsWith("/sms/") ? "/?" : ""}$`),
    ] as const,
);

/** The route that the request comes to, if any. */
function routeOf(method: string, pathname: string): Route | undefined {
  if (codeInPath(pathname) !== undefined) return ROUTES.find(({ path }) => path === "/:code");
  const asked = method === "HEAD" ? "GET" : method;
  return patterns.find(
    ([route, pattern]) => route.path !== "/:code" && route.method === asked && pattern.test(pathname),
  )?.[0];
}

function expectDocumented({ response, text, method, pathname }: Exchange, route: Route | undefined): void {
  const { status, headers: answered } = response;
  for (const [name, value] of Object.entries(HEADERS)) expect([name, answered.get(name)]).toEqual([name, value]);
  if (status !== 302)
    expect(answered.get("content-security-policy")).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  const type = (answered.get("content-type") ?? "").split(";")[0];
  const isSms = /^\/sms(?:\/|$)/.test(pathname);
  const isApi = /^\/api(?:\/|$)/.test(pathname);
  if (status === 204 || status === 302 || method === "HEAD") expect(text).toBe("");
  if (status < 400) {
    expect([route && nameOf(route), status]).toEqual([route && nameOf(route), route?.ok]);
    if (text !== "" && route !== undefined && route.answer !== null) expectShape(route.answer, type, text);
  } else if (isSms) {
    expect([...SMS_STATUSES, ...(route?.problems ?? []).map(statusOfProblem)]).toContain(status);
    if (method !== "HEAD") v.parse(v.union([SMS_DETAIL, SMS_FIELDS]), JSON.parse(text));
    expect(type).toBe("application/json");
  } else {
    const known = isApi ? problemsOf(route, pathname) : [...PAGES, ...(route?.problems ?? [])];
    if (type === "text/html") expect(known.map(statusOfProblem)).toContain(status);
    else expect(type).toBe("application/problem+json");
    if (method === "HEAD") return;
    if (type === "text/html" && !isApi) return void v.parse(PAGE, text);
    const problem = v.parse(PROBLEM, JSON.parse(text));
    expect(problem.status).toBe(status);
    expect(known).toContain(`${status} ${problem.type.split(":").at(-1)}`);
  }
}

function problemsOf(route: Route | undefined, pathname: string): string[] {
  const ofAdmin = /^\/api\/accounts(?:\/|$)/.test(pathname) ? ["403 admin-only"] : [];
  return [
    ...EVERYWHERE,
    ...ofAdmin,
    ...(route?.problems ?? []),
    ...(route === undefined || route.method === "GET" ? [] : OF_BODIES),
  ];
}

function expectShape(answer: NonNullable<Route["answer"]>, type: string | undefined, text: string): void {
  if (answer === "text") expect(type).toBe("text/plain");
  else if (answer === "image") expect(type).toMatch(/^image\/(?:svg\+xml|png)$/);
  else if (answer === "rows" && type === "text/csv") expect(text).toMatch(/\r\n$/);
  else if (answer === "rows") {
    expect(type).toBe("application/x-ndjson");
    for (const line of text.split("\n").slice(0, -1)) expect(JSON.parse(line)).toBeTypeOf("object");
  } else if (answer === "page" && type === "text/html") v.parse(PAGE, text);
  else {
    expect(type).toBe("application/json");
    v.parse(answer === "page" ? v.strictObject({ title: v.string(), text: v.string() }) : answer, JSON.parse(text));
  }
}

/** What the schema says of the fields has to be what the answer says: taken, or refused by these names. */
function expectJudged({ response: { status }, text, read }: Exchange, route: Route): void {
  const schema = (route.body ?? route.query)?.schema;
  if (schema === undefined || read === undefined || ![route.ok, 400, 422].includes(status)) return;
  const isSms = route.path.startsWith("/sms/");
  const wrong = Object.entries<v.GenericSchema>(schema).flatMap(([name, of]) => {
    const value = read[name];
    // The SMS API takes what is empty for what is left out.
    const isLeftOut = !(name in read) || (isSms && isOptional(of) && (value === "" || value === null));
    return (isLeftOut ? isOptional(of) : isRight(of, value)) ? [] : [name];
  });
  // The SMS API ignores what it does not know.
  if (!isSms) wrong.push(...Object.keys(read).filter((name) => !Object.hasOwn(schema, name)));
  const named = status === route.ok ? [] : namedIn(JSON.parse(text));
  // A bad key is refused before the fields are read; a used one, a text without a link and one too long with its link after.
  if (named.length === 1 && named[0] === "Idempotency-Key" && (status === 400 || wrong.length === 0)) return;
  if (isSms && wrong.length === 0 && named.join() === "message") return;
  // What goes with some forms, files and exports only.
  const together = ["after", "for", "timezone", "columns", "changed_since"];
  if (route.answer === "rows" && wrong.length === 0 && named.every((name) => together.includes(name))) return;
  // Each end of a range is right by itself, and they do not go together.
  if (Object.hasOwn(schema, "from") && wrong.length === 0 && named.every((name) => ["from", "to"].includes(name)))
    return;
  // Nor do a template and what is added to it, a campaign and a smaller size, and a campaign and a tag.
  const ofCampaigns = Object.hasOwn(schema, "campaign") ? ["campaign"] : ["url", "size", "to"];
  const isOfCampaigns = Object.hasOwn(schema, "campaign") || route.path.startsWith("/api/campaigns");
  if (isOfCampaigns && wrong.length === 0 && named.every((name) => ofCampaigns.includes(name))) return;
  expect(named.toSorted()).toEqual(wrong.toSorted());
}

function namedIn(body: any): string[] {
  return Array.isArray(body.errors) ? body.errors.map(({ field }: { field: string }) => field) : Object.keys(body);
}

const tally = new Map<string, number>();
const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

it.each(
  Array.from({ length: Math.ceil(RUNS / BATCH) }, (_, n) => [n * BATCH + 1, Math.min((n + 1) * BATCH, RUNS), SEED + n]),
)(
  "requests %i to %i are answered as documented: seed %i",
  async (first, last, seed) => {
    const fixtures = await setUp();
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const exchange = await carryOut(plan, fixtures);
        const { response, method, pathname, text } = exchange;
        const route = routeOf(method, pathname);
        const what = `${method} ${pathname} ${response.status} ${text.slice(0, 300)}`;
        expect(response.status, what).toBeLessThan(500);
        try {
          expectDocumented(exchange, route);
          if (route !== undefined && nameOf(route) === plan.meant) expectJudged(exchange, route);
        } catch (error) {
          throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
        count(`${response.status}`);
        if (route !== undefined && response.status === route.ok) count(nameOf(route));
        const made = response.status === 201 && text.startsWith("{") ? JSON.parse(text) : {};
        if (made.short_url !== undefined && plan.who.startsWith("own")) fixtures.things.code.push(made.code);
      }),
      { seed, numRuns: last - first + 1 },
    );
  },
  300_000,
);

afterAll(() => {
  console.log(JSON.stringify(Object.fromEntries([...tally].toSorted(([a], [b]) => a.localeCompare(b)))));
});

/** Its account and its code have to belong together: test/operator.test.ts. */
const UNLIKELY = "DELETE /api/accounts/:sid/links/:code";

it("every route was asked rightly, too, and everything else was asked for", () => {
  for (const status of [302, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422])
    expect([status, tally.has(`${status}`)]).toEqual([status, true]);
  for (const route of ROUTES.filter((each) => nameOf(each) !== UNLIKELY))
    expect([nameOf(route), tally.has(nameOf(route))]).toEqual([nameOf(route), true]);
});
