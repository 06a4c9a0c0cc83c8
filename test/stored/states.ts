// A deployment in which every object is in another state: links from opened to exhausted, accounts from new to closing,
// messages from queued to reported. It is made as clients make it, and stands still when this returns.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { broken, brokenNamespace, envWith, platformError } from "../support/faults.ts";
import { ADMIN_TOKEN, AGENTS, api, createLink, statusOf, tap } from "../support/firsttap.ts";
import { messageOf, send } from "../support/sms.ts";
import {
  act,
  actForMessage,
  carrierReports,
  DAY_MS,
  holdReports,
  MINUTE_MS,
  pass,
  scriptCarrier,
  seedRandomness,
  setClock,
  START,
  twilioAnswer,
  until,
} from "./stage.ts";
import { objectNameOf } from "../../src/book/book.ts";
import { type Hooks, type Kind, type Names, objectOf, readObject } from "./state.ts";

export const FALLBACK_URL = "https://example.com/ended";
export const SUPPORT_URL = "https://example.com/help";
/** The request of which a repeat must make nothing. */
export const KEYED = { headers: { "idempotency-key": "order-1" }, body: { url: "https://example.com/keyed" } };
export async function makeStates(hooks: Hooks): Promise<Names> {
  seedRandomness(1);
  setClock(START);
  const names: Names = { at: START, accounts: {}, books: {}, links: {}, messages: {} };
  const reports = holdReports();
  await makeAccounts(names, hooks);
  await makeChosen(names, hooks, reports.arrive);
  await makeLinks(names, hooks);
  await makeClosing(names, hooks, reports.arrive);
  await makeMessages(names, hooks);
  await reports.arrive();
  reports.arriveByThemselves();
  names.books = await booksOf(names);
  names.at = Date.now();
  return names;
}

/** By the state of their account, and their number. */
async function booksOf({ accounts }: Names): Promise<Record<string, string>> {
  const books: Record<string, string> = {};
  for (const [state, { sid }] of Object.entries(accounts))
    for (const { number } of (await readObject("account", sid)).rows["book"] ?? [])
      books[`${state}-${Number(number)}`] = objectNameOf({ sid, book: Number(number) });
  return books;
}

async function makeAccounts({ accounts }: Names, hooks: Hooks): Promise<void> {
  const main = await api("POST", "/api/account/callback-secret");
  accounts["main"] = { sid: "main", token: ADMIN_TOKEN, callbackSecret: main.body["callback_secret"] };
  for (const name of ["new", "shop", "rotated", "sender", "closing"]) {
    pass(1_000);
    const { sid, token, callback_secret: callbackSecret } = (await api("POST", "/api/accounts", { name })).body;
    accounts[name] = { sid, token, callbackSecret };
    // Its token is used.
    await api("GET", "/api/account", undefined, { token });
  }
  const { token } = accountOf(accounts, "shop");
  const urls = { callback_url: hooks.url("shop"), fallback_url: FALLBACK_URL, support_url: SUPPORT_URL };
  await api("PATCH", "/api/account", urls, { token });
  const terms = { name: "figures", scopes: ["read"], expires_in_seconds: 86_400 * 365 };
  await api("POST", "/api/account/tokens", terms, { token });
}

/** Codes that `main` chose: of one the link was forgotten, another was opened again while a callback was owed. */
async function makeChosen({ links }: Names, hooks: Hooks, arrive: () => Promise<void>): Promise<void> {
  const make = async (code: string, fields: object) => {
    links[code] = (await createLink({ code, ...fields }))["code"];
  };
  await make("forgotten", { expires_in_seconds: 60 });
  // Or it would not be forgotten.
  await arrive();
  pass(31 * DAY_MS);
  await act("link", "forgotten");
  await make("reopened", { callback_url: hooks.url("reopened") });
  await tap("reopened");
  await until(() => statusOf("reopened"), { access_counts: { person: 1 } });
  await api("DELETE", "/api/links/reopened");
  await make("reopened", { url: "https://example.com/anew" });
}

async function makeLinks({ accounts, links }: Names, hooks: Hooks): Promise<void> {
  const { token } = accountOf(accounts, "shop");
  const make = async (state: string, fields: object = {}, by = token) => {
    pass(1_000);
    const { code } = await createLink({ callback_url: hooks.url(state), tags: ["offer", state], ...fields }, by);
    links[state] = code;
    return code as string;
  };
  /** A person opens the link; `posts` POSTs are answered as scripted. */
  const makeTapped = async (state: string, posts: number, fields: object = {}, by = token) => {
    const code = await make(state, fields, by);
    await tap(code);
    await until(() => statusOf(code, by), { access_counts: { person: 1 } });
    for (let n = 1; n <= posts; n++) {
      pass(MINUTE_MS);
      await act("link", code);
      await until(() => reportsOf(code, by), `${n} reported`);
    }
    return code;
  };
  await hooks.script("exhausted", { status: 500 });
  await makeTapped("exhausted", 11);
  await hooks.script("failing", { status: 500 }, { status: 302 }, { status: 429 }, { status: 200 });
  await makeTapped("failing", 3);
  await makeTapped("delivered", 1);
  await make("expired", { expires_in_seconds: 60 });
  pass(MINUTE_MS);
  const ended = await makeTapped("ended", 0);
  await api("DELETE", `/api/links/${ended}`, undefined, { token });
  const withdrawn = await makeTapped("withdrawn", 0);
  await api("PATCH", `/api/links/${withdrawn}`, { callback_url: null }, { token });
  const changed = await make("changed", { reference: "order-7" });
  await api("PATCH", `/api/links/${changed}`, { url: "https://example.com/moved", tags: [] }, { token });
  await makeTapped("uncalled", 0, { callback_url: null });
  await make("opened");
  await make("chosen", { code: "chosen" });
  const previewed = await make("previewed");
  await tap(previewed, { agent: AGENTS.applePreview, cf: { asOrganization: "Amazon.com, Inc." } });
  await until(() => statusOf(previewed, token), { access_counts: { preview: 1 } });
  await cutOff(
    "link",
    "alone",
    {
      DIRECTORY: broken(new Error("down")),
      ACCOUNT: brokenNamespace(new Error("down")),
      BOOK: brokenNamespace(new Error("down")),
      REPORTS: broken(new Error("down")),
    },
    () => make("alone", { code: "alone" }),
  );
  links["keyed"] = (await api("POST", "/api/links", KEYED.body, { token, headers: KEYED.headers })).body["code"];
  await makeTapped("owed", 0);
  const rotated = accountOf(accounts, "rotated");
  await makeTapped("rotated", 0, {}, rotated.token);
  await api("POST", "/api/account/callback-secret", undefined, { token: rotated.token });
  const attempted = await makeTapped("attempted", 0);
  pass(3_000);
  await notHeardOf(env.LINK, () => act("link", attempted));
}

/** An account whose closing began, and could not go on. */
async function makeClosing({ accounts, links }: Names, hooks: Hooks, arrive: () => Promise<void>): Promise<void> {
  const { sid, token } = accountOf(accounts, "closing");
  for (const state of ["closing", "closing-owed"])
    links[state] = (await createLink({ callback_url: hooks.url(state) }, token))["code"];
  const code = links["closing-owed"] ?? "";
  await tap(code);
  await until(() => statusOf(code, token), { access_counts: { person: 1 } });
  await arrive();
  const down = brokenNamespace(new Error("down"));
  await cutOff("account", sid, { LINK: down, BOOK: down }, async () => {
    const closed = await api("DELETE", `/api/accounts/${sid}`);
    expect(closed.status).toBe(204);
  });
}

async function makeMessages({ accounts, links, messages }: Names, hooks: Hooks): Promise<void> {
  const login = accountOf(accounts, "sender");
  const make = async (state: string, answer: object, fields: Record<string, string> = {}) => {
    pass(100);
    const recipient = `+8190${String(10_000_000 + Object.keys(messages).length)}`;
    await scriptCarrier(recipient, answer);
    const hook = { callbackurl: hooks.url(`message-${state}`), lt_callbackurl: hooks.url(`link-${state}`) };
    const msgid = await send({ recipient, track_link: "true", ...hook, ...fields }, { login });
    messages[state] = msgid;
    const { link_tracking } = await messageOf(msgid, { login });
    if (link_tracking !== undefined) links[`message-${state}`] = new URL(link_tracking.shortlink).pathname.slice(1);
    return msgid;
  };
  const makeSent = async (state: string, answer: object, status: string, fields: Record<string, string> = {}) => {
    const msgid = await make(state, answer, fields);
    await actForMessage(login.sid, msgid);
    await until(() => messageOf(msgid, { login }), { status, ...(status === "QUEUED" && { reason: "20503: busy" }) });
    return msgid;
  };
  const taken = (state: string) => twilioAnswer(201, { sid: `SM-${state}`, status: "queued" });
  const refused = twilioAnswer(400, { code: 21_211, message: "Invalid 'To' Phone Number" });
  await makeSent("failed", refused, "FAIL");
  const delivered = await makeSent("delivered", taken("delivered"), "DELIVERING", {
    tags: "a,b",
    reference: "order-8",
  });
  await carrierReports(login.sid, delivered, "delivered");
  await actForMessage(login.sid, delivered);
  await until(() => messageOf(delivered, { login }), { callback: { state: "delivered" } });
  const opened = links["message-delivered"] ?? "";
  await tap(opened);
  await until(() => statusOf(opened, login.token), { access_counts: { person: 1 } });
  await act("link", opened);
  await until(() => statusOf(opened, login.token), { callback: { state: "delivered" } });
  await makeSent("untracked", taken("untracked"), "DELIVERING", { track_link: "", callbackurl: "" });
  await makeSent("delivering", taken("delivering"), "DELIVERING");
  const reported = await makeSent("reported", taken("reported"), "DELIVERING");
  await makeSent("later", twilioAnswer(503, { code: 20_503, message: "busy" }), "QUEUED");
  // From here on the alarm of their book must not come: each of these would go on.
  const claimed = await make("claimed", taken("claimed"));
  await notHeardOf(env.BOOK, () => actForMessage(login.sid, claimed));
  await make("queued", taken("queued"));
  await carrierReports(login.sid, reported, "delivered");
}

/** How many POSTs have been reported. */
async function reportsOf(code: string, token: string): Promise<string> {
  const { attempts } = (await statusOf(code, token))["callback"];
  const reported = attempts.filter(({ status, error }: Record<string, unknown>) => (status ?? error) !== null);
  return `${reported.length} reported`;
}

/** Whoever takes the right to do something, and does it, is not heard of again: it reaches the object only once. */
async function notHeardOf(namespace: DurableObjectNamespace, begin: () => Promise<void>): Promise<void> {
  const getByName = namespace.getByName.bind(namespace);
  let calls = 0;
  const reached = vi.spyOn(namespace, "getByName").mockImplementation((name) => {
    calls += 1;
    return calls === 1 ? getByName(name) : (broken(platformError({ overloaded: true })) as DurableObjectStub);
  });
  await begin();
  await until(async () => `${calls} calls`, "2 calls");
  reached.mockRestore();
}

/** While `work` goes on, this object does not reach what the bindings replace. */
async function cutOff(kind: Kind, name: string, bindings: object, work: () => Promise<unknown>): Promise<void> {
  const bind = (change: (own: Env) => Env) =>
    runInDurableObject(objectOf(kind, name), (object) => {
      const bound = object as unknown as { env: Env };
      const own = bound.env;
      bound.env = change(own);
      return own;
    });
  await bind(() => envWith(bindings));
  await work();
  await bind(() => envWith({}));
}

function accountOf(accounts: Names["accounts"], name: string) {
  const account = accounts[name];
  if (account === undefined) throw new Error(`there is no account ${name}`);
  return account;
}
