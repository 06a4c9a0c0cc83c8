// Every kind of answer carries the headers that keep it from being cached, framed, indexed, sniffed or told on; and
// whatever a client sent, no page holds it.

import { expect, it } from "vitest";
import { exports } from "cloudflare:workers";
import { mintCode } from "../src/link/code.ts";
import { broken, brokenNamespace, envWith, platformError, tapWith } from "./support/faults.ts";
import { ADMIN_TOKEN, api, createLink, ORIGIN } from "./support/firsttap.ts";
import { send, tenant } from "./support/sms.ts";

const EVERYWHERE = {
  "cache-control": /no-store/,
  "referrer-policy": /^no-referrer$/,
  "strict-transport-security": /max-age=\d{8}/,
  "x-content-type-options": /^nosniff$/,
  "x-robots-tag": /noindex/,
};
/** Of what a browser could show. */
const CONTENT = { "content-security-policy": /default-src 'none'.*frame-ancestors 'none'/ };

async function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(ORIGIN + path, { method, redirect: "manual", ...init });
}

const bearer = { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };
const browser = { headers: { accept: "text/html" } };
const program = { headers: { accept: "application/json" } };

/** What is answered, and by which status; some need a link or a message first. */
const ANSWERS: [name: string, status: number, make: () => Promise<Response>][] = [
  ["a redirect", 302, async () => ask("GET", `/${(await createLink())["code"]}`)],
  ["a redirect of HEAD", 302, async () => ask("HEAD", `/${(await createLink())["code"]}`)],
  [
    "the fallback of an ended link",
    302,
    async () => {
      const { token } = await tenant();
      await api("PATCH", "/api/account", { fallback_url: "https://example.com/over" }, { token });
      const { code } = await createLink({}, token);
      await api("DELETE", `/api/links/${code}`, undefined, { token });
      return ask("GET", `/${code}`);
    },
  ],
  [
    "an ended link",
    410,
    async () => {
      const { code } = await createLink();
      await api("DELETE", `/api/links/${code}`);
      return ask("GET", `/${code}`, browser);
    },
  ],
  ["an unknown link, for people", 404, () => ask("GET", `/${mintCode()}`, browser)],
  ["an unknown link, for programs", 404, () => ask("GET", `/${mintCode()}`, program)],
  ["an unknown path", 404, () => ask("GET", "/a/b/c.php", browser)],
  ["a POST to a link", 405, () => ask("POST", `/${mintCode()}`, browser)],
  [
    "a link out of reach",
    503,
    async () => {
      const dead = envWith({
        DIRECTORY: broken(new Error("down")),
        LINK: brokenNamespace(platformError({ overloaded: true })),
      });
      return (await tapWith(dead, mintCode())).response;
    },
  ],
  [
    "a client that guessed too much",
    429,
    async () => {
      const GUESSES = { limit: async () => ({ success: false }) };
      return (await tapWith(envWith({ GUESSES }), mintCode(), { "cf-connecting-ip": "192.0.2.200" })).response;
    },
  ],
  ["the front page", 200, () => ask("GET", "/", browser)],
  ["the front page for programs", 200, () => ask("GET", "/", program)],
  ["robots.txt", 200, () => ask("GET", "/robots.txt")],
  ["the health", 200, () => ask("GET", "/healthz")],
  ["the API without a credential", 401, () => ask("GET", "/api/account")],
  ["the API's list", 200, () => ask("GET", "/api/links", bearer)],
  ["an unknown route of the API", 404, () => ask("GET", "/api/nothing", bearer)],
  ["a body that is not JSON", 415, () => ask("POST", "/api/links", { ...bearer, body: "x" })],
  ["a message's status", 200, async () => ask("GET", `/sms/messages/${await send()}/`, bearer)],
  ["the messages", 200, () => ask("GET", "/sms/messages/", bearer)],
  ["an empty message", 400, () => ask("POST", "/sms/messages/", { ...bearer, body: new URLSearchParams() })],
  ["the SMS API without a credential", 401, () => ask("GET", "/sms/messages/")],
  ["an unknown message", 404, () => ask("GET", `/sms/messages/${"0".repeat(32)}`, bearer)],
  ["a method that the SMS API does not have", 405, () => ask("PUT", "/sms/messages/", bearer)],
  ["a report of nobody", 404, () => ask("POST", `/sms/reports/twilio/main/${"0".repeat(32)}`)],
];

it.each(ANSWERS)("%s (%i)", async (_, status, make) => {
  const response = await make();
  expect(response.status).toBe(status);
  const wanted = Object.entries(status === 302 ? EVERYWHERE : { ...EVERYWHERE, ...CONTENT });
  for (const [name, value] of wanted)
    expect([name, response.headers.get(name)]).toEqual([name, expect.stringMatching(value)]);
  for (const name of ["server", "x-powered-by"]) expect(response.headers.get(name)).toBeNull();
  // Whatever is answered ends its line: a terminal's prompt stands on the next one.
  expect(await response.text()).toMatch(status === 302 ? /^$/ : /[^\n]\n$/);
});

const HOSTILE = [
  "<script>alert(1)</script>",
  "%3Cscript%3Ealert(1)%3C/script%3E",
  `"><img src=x onerror=alert(1)>`,
  "{{7*7}}${7*7}",
  "javascript:alert(1)//",
  "%0d%0aSet-Cookie:%20a=b",
  "..%2f..%2fetc%2fpasswd",
  "‮‭hostile‬",
];

it.each(HOSTILE)("a page holds nothing of the address %s", async (text) => {
  for (const path of [`/${text}`, `/abc?x=${text}`, `/a/${text}`, `/abc%20${text}`])
    for (const init of [browser, program]) {
      const response = await ask("GET", path, init);
      const body = await response.text();
      expect([404, 405]).toContain(response.status);
      expect(body).not.toMatch(/alert|onerror|7\*7|49|passwd|hostile/);
      expect(JSON.stringify([...response.headers])).not.toMatch(/alert|set-cookie|passwd|hostile/i);
    }
});
