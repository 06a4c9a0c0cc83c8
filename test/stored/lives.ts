// How every state goes on, as clients, recipients, receivers and the carrier see it. Played on what this version stored and
// on what each version before it did; whatever is promised must hold for all of them.

import { createScheduledController } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import worker from "../../src/index.ts";
import { isSigned } from "../../src/callback/sign.ts";
import { isMinted } from "../../src/link/code.ts";
import { messageKeeper } from "../../src/objects.ts";
import { brokenNamespace, envWith, tapWith } from "../support/faults.ts";
import { Browser } from "../support/browser.ts";
import { api, ORIGIN, statusOf, tap } from "../support/firsttap.ts";
import { MESSAGE, messageOf, post, sms } from "../support/sms.ts";
import {
  act,
  actForMessage,
  callbacksDie,
  carrierReports,
  DAY_MS,
  MINUTE_MS,
  pass,
  SECOND_MS,
  scriptCarrier,
  setClock,
  twilioAnswer,
  until,
} from "./stage.ts";
import { type Hooks, loseAlarm, type Names, readDirectory, readObject } from "./state.ts";
import { FALLBACK_URL, KEYED, SUPPORT_URL } from "./states.ts";

export type Life = (names: Names, hooks: Hooks) => Promise<void>;

export const LIVES: Record<string, Life> = {
  "links are listed, opened, called back and changed": linksGoOn,
  "messages are sent, reported and called back": messagesGoOn,
  "chosen codes stay their account's": chosenStay,
  "accounts are changed, signed for and closed": accountsGoOn,
  "what there is is looked at": everythingIsRead,
  "alarms that are gone are set again": lostAlarmsAreFound,
  "what has ended leaves nothing behind": everythingEnds,
};

/** A link whose life the account `shop` follows. */
function shopLinks(names: Names, hooks: Hooks) {
  const { token, callbackSecret } = held(names.accounts, "shop");
  const status = (state: string) => statusOf(held(names.links, state), token);
  /** Its callback is POSTed, signed, and answered 200: the attempts that there are then. */
  const calledBack = async (state: string, secret = callbackSecret) => {
    const before = (await hooks.received(state)).length;
    await act("link", held(names.links, state));
    const { callback } = await until(() => status(state), { callback: { state: "delivered" } });
    const posts = await hooks.received(state);
    expect([state, posts.length]).toEqual([state, before + 1]);
    await expectSigned(posts.at(-1), callback.event_id, [secret]);
    return callback.attempts.map((attempt: { status: number | null }) => attempt.status);
  };
  const ask = (method: string, state: string, what = "", body?: object) =>
    api(method, `/api/links/${held(names.links, state)}${what}`, body, { token });
  return { token, status, calledBack, ask, code: (state: string) => held(names.links, state) };
}

async function linksGoOn(names: Names, hooks: Hooks): Promise<void> {
  const { token, status, calledBack, ask, code } = shopLinks(names, hooks);
  const listed = async (query: string) => {
    const { body } = await api("GET", `/api/links?limit=100${query}`, undefined, { token });
    return body["links"].map((link: { code: string }) => link.code).toSorted();
  };
  const codes = (...states: string[]) => states.map(code).toSorted();
  const accessed = ["exhausted", "failing", "delivered", "withdrawn", "attempted"];
  // Of the first access of these two the list has not heard yet.
  const unheard = ["uncalled", "owed"];
  const unopened = ["expired", "changed", "opened", "chosen", "previewed", "keyed"];
  expect(await listed("")).toEqual(codes(...accessed, ...unheard, ...unopened));
  expect(await listed("&accessed=true")).toEqual(codes(...accessed));
  expect(await listed("&tag=owed")).toEqual(codes("owed"));
  expect(await listed("&reference=order-7")).toEqual(codes("changed"));

  expect(await status("opened")).toMatchObject({ tags: ["offer", "opened"], reference: null, first_accessed_at: null });
  expect((await tap(code("opened"))).headers.get("location")).toBe("https://example.com/offer");
  const first = await until(() => status("opened"), { access_counts: { person: 1 } });
  expect(first["first_accessed_at"]).toBe(new Date(names.at).toISOString());
  expect(await calledBack("opened")).toEqual([200]);
  await tap(code("opened"));
  await until(() => status("opened"), { access_counts: { person: 2 }, first_accessed_at: first["first_accessed_at"] });

  // What has been written down once goes out as it was, however old it is.
  const { callback } = await status("failing");
  expect(await calledBack("failing")).toEqual([500, 302, 429, 200]);
  expect((await status("failing"))["callback"].event_id).toBe(callback.event_id);
  expect(await calledBack("owed")).toEqual([200]);
  // Its book hears of a first access in three seconds.
  pass(3 * SECOND_MS);
  for (const state of ["opened", "owed"]) await act("link", code(state));
  await until(() => listed("&accessed=true"), codes(...accessed, "opened", "owed"));
  expect((await ask("POST", "delivered", "/callback/retry")).status).toBe(409);
  expect((await ask("POST", "exhausted", "/callback/retry")).status).toBe(202);
  expect(await calledBack("exhausted")).toHaveLength(12);
  for (const state of ["withdrawn", "uncalled"]) {
    expect((await status(state))["callback"].state).toBe("none");
    await ask("PATCH", state, "", { callback_url: hooks.url(state) });
    expect((await ask("POST", state, "/callback/retry")).status).toBe(202);
    expect(await calledBack(state)).toEqual([200]);
  }

  expect((await tap(code("changed"))).headers.get("location")).toBe("https://example.com/moved");
  const moved = await ask("PATCH", "changed", "", { url: "https://example.com/again", reference: null });
  expect(moved.body).toMatchObject({ url: "https://example.com/again", tags: [], reference: null });
  expect((await tap(code("changed"))).headers.get("location")).toBe("https://example.com/again");

  const unreached = await tapWith(envWith({ LINK: brokenNamespace(new Error("down")) }), code("previewed"));
  expect(unreached.response.status).toBe(302);
  await until(() => status("previewed"), { access_counts: { preview: 1, person: 1 } });

  const keyed = { token, headers: KEYED.headers };
  expect((await api("POST", "/api/links", KEYED.body, keyed)).body["code"]).toBe(code("keyed"));
  expect((await api("POST", "/api/links", { url: "https://example.com/" }, keyed)).status).toBe(422);
  const taken = { token, headers: { "idempotency-key": "order-2" } };
  expect((await api("POST", "/api/links", { ...KEYED.body, code: "chosen" }, taken)).status).toBe(409);

  for (const state of ["ended", "expired"]) expect((await tap(code(state))).headers.get("location")).toBe(FALLBACK_URL);
  expect((await ask("GET", "ended")).status).toBe(404);
  await act("link", code("ended"));
  await until(() => hooks.received("ended"), { length: 1 });
  expect((await ask("DELETE", "chosen")).status).toBe(204);
  expect((await tap(code("chosen"))).headers.get("location")).toBe(FALLBACK_URL);

  // Whoever made the POST has not been heard of: its lease ends, and another follows.
  pass(MINUTE_MS);
  expect(await calledBack("attempted")).toEqual([null, 200]);
  // What could not be brought to KV and to the list when it was made is brought now.
  await act("link", code("alone"));
  await until(() => listed("&tag=alone"), codes("alone"));
  expect((await readDirectory()).map(({ key }) => key)).toContain(code("alone"));
}

async function chosenStay(names: Names, hooks: Hooks): Promise<void> {
  const { token, ask } = shopLinks(names, hooks);
  const url = "https://example.com/again";
  const open = (code: string, login = {}) => api("POST", "/api/links", { url, code }, login);
  expect((await open("chosen", { token })).status).toBe(409);
  await ask("DELETE", "chosen");
  expect((await open("chosen")).status).toBe(409);
  expect((await open("chosen", { token })).status).toBe(201);
  expect((await tap("chosen")).headers.get("location")).toBe(url);
  const { sid } = held(names.accounts, "shop");
  expect((await api("DELETE", `/api/accounts/${sid}/links/chosen?reason=phishing`)).status).toBe(204);
  expect((await ask("GET", "chosen")).body).toMatchObject({ ended: { by: "operator", reason: "phishing" } });
  expect((await open("chosen", { token })).status).toBe(409);

  // Versions before 2 gave every code free, and opened none again before.
  if (names.links["reopened"] === undefined) return;
  expect((await tap("forgotten")).status).toBe(404);
  expect((await open("forgotten", { token })).status).toBe(409);
  expect((await open("forgotten")).status).toBe(201);
  expect(await statusOf("reopened")).toMatchObject({ accessed: false, callback: { state: "none" } });
  // What the link before owes goes on, and its line leaves the list.
  await act("link", "reopened");
  await until(() => hooks.received("reopened"), { length: 1 });
  pass(MINUTE_MS);
  await act("link", "reopened");
  const { rows } = await readObject("account", "main");
  const listed = rows["link"]?.filter((line) => line["code"] === "reopened");
  // Where there are books, they list it.
  expect(listed).toHaveLength(names.books === undefined ? 1 : 0);
}

async function messagesGoOn(names: Names, hooks: Hooks): Promise<void> {
  const login = held(names.accounts, "sender");
  const msgid = (state: string) => held(names.messages, state);
  const message = (state: string) => messageOf(msgid(state), { login });
  const calledBack = async (state: string) => {
    await actForMessage(login.sid, msgid(state));
    const { callback } = await until(() => message(state), { callback: { state: "delivered" } });
    await expectSigned((await hooks.received(`message-${state}`)).at(-1), callback.event_id, [login.callbackSecret]);
  };
  const isTaken = (state: string) => until(() => message(state), { status: "DELIVERING", reason: null });
  for (const state of ["queued", "later"])
    await scriptCarrier((await message(state)).recipient, twilioAnswer(201, { sid: `SM-${state}`, status: "queued" }));

  const { body } = await sms("GET", "messages/?limit=100", undefined, { login });
  expect(Object.fromEntries(body.map((one: { msgid: string; status: string }) => [one.msgid, one.status]))).toEqual({
    [msgid("failed")]: "FAIL",
    [msgid("delivered")]: "DELIVERED",
    [msgid("untracked")]: "DELIVERING",
    [msgid("delivering")]: "DELIVERING",
    [msgid("reported")]: "DELIVERED",
    [msgid("later")]: "QUEUED",
    [msgid("claimed")]: "QUEUED",
    [msgid("queued")]: "QUEUED",
  });
  expect(await message("failed")).toMatchObject({ reason: "21211: Invalid 'To' Phone Number" });
  expect(await message("delivered")).toMatchObject({
    tags: ["a", "b"],
    reference: "order-8",
    callback: { state: "delivered" },
    link_tracking: { link: "https://example.com/a?b=1", accessed: true, access_count: 1 },
  });
  const retry = await sms("POST", `messages/${msgid("delivered")}/callback/retry`, undefined, { login });
  expect(retry.status).toBe(409);

  const dead = callbacksDie();
  await actForMessage(login.sid, msgid("queued"));
  await isTaken("queued");
  await dead();
  pass(15_000);
  await calledBack("reported");
  await carrierReports(login.sid, msgid("queued"), "delivered");
  await calledBack("queued");
  const code = held(names.links, "message-queued");
  await tap(code);
  await until(() => message("queued"), { link_tracking: { accessed: true, access_count: 1 } });
  await act("link", code);
  await until(() => message("queued"), { link_tracking: { callback: { state: "delivered" } } });
  expect(await hooks.received("link-queued")).toHaveLength(1);

  await carrierReports(login.sid, msgid("delivering"), "undelivered");
  expect(await message("delivering")).toMatchObject({ status: "FAIL", reason: "undelivered" });
  await calledBack("delivering");
  await carrierReports(login.sid, msgid("untracked"), "delivered");
  expect(await message("untracked")).toMatchObject({ status: "DELIVERED", callback: { state: "none" } });

  await isTaken("later");
  pass(MINUTE_MS);
  await actForMessage(login.sid, msgid("claimed"));
  await until(() => message("claimed"), { status: "FAIL", reason: "carrier did not answer, may have been sent" });

  const headers = { "idempotency-key": "order-9" };
  const [sent, repeated] = [await post({}, { login, headers }), await post({}, { login, headers })];
  expect([sent.status, repeated.body]).toEqual([201, sent.body]);

  // A carrier of before had this one, and does not sign its reports: whoever reports makes us ask it. It knows nothing of it.
  const [{ msgid: last }] = sent.body;
  const keeper = messageKeeper(env, login.sid, last);
  await keeper.claimMessage(last, "xoxzo", "a claim of before", Date.now() + MINUTE_MS);
  await keeper.messageSent(last, "a claim of before", { kind: "accepted", carrierId: "x1", isDelivered: false });
  const report = `${ORIGIN}/sms/reports/xoxzo/${login.sid}/${last}`;
  expect((await exports.default.fetch(report, { method: "POST" })).status).toBe(503);

  const { recipient } = await message("failed");
  expect((await sms("DELETE", `messages/${msgid("failed")}`, undefined, { login })).status).toBe(204);
  expect(await message("failed")).toMatchObject({ status: "FAIL", recipient: null, reason: null });
  const forgotten = await sms("POST", "forget", new URLSearchParams({ recipient: MESSAGE.recipient }), { login });
  expect([forgotten.status, forgotten.body.erased > 0, recipient]).toEqual([200, true, expect.stringMatching(/^\+81/)]);
  expect(await messageOf(last, { login })).toMatchObject({ status: "DELIVERING", recipient: null });
}

async function accountsGoOn(names: Names, hooks: Hooks): Promise<void> {
  const tenants = async () => (await api("GET", "/api/accounts")).body["accounts"].map((one: any) => one.name);
  expect(await tenants()).toEqual(["sender", "rotated", "shop", "new"]);
  const shop = await api("GET", "/api/account", undefined, held(names.accounts, "shop"));
  expect(shop.body).toMatchObject({ name: "shop", callback_url: hooks.url("shop"), fallback_url: FALLBACK_URL });
  expect(shop.body["tokens"]).toHaveLength(2);
  const restricted = `/api/accounts/${held(names.accounts, "shop").sid}`;
  expect((await api("PATCH", restricted, { suspended: true, links_per_day: 9 })).status).toBe(200);
  const asked = { token: held(names.accounts, "shop").token };
  expect((await api("GET", "/api/figures?from=2024-01-01&to=2024-01-02", undefined, asked)).status).toBe(200);
  expect((await api("POST", "/api/links", { url: "https://example.com/" }, asked)).status).toBe(403);
  await api("PATCH", restricted, { suspended: null });
  expect((await api("GET", restricted)).body).toMatchObject({ suspended: false, links_per_day: 9 });
  const health = await api("GET", "/healthz");
  expect(health.body).toEqual({ kv: "ok", object: "ok" });

  // For a day after a rotation both secrets sign.
  const rotated = held(names.accounts, "rotated");
  const owed = held(names.links, "rotated");
  await act("link", owed);
  const { callback } = await until(() => statusOf(owed, rotated.token), { callback: { state: "delivered" } });
  const [called] = await hooks.received("rotated");
  await expectSigned(called, callback.event_id, [rotated.callbackSecret]);
  expect(called?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);

  // A job that ten deliveries could not hand over goes back to its object, which sends another.
  const shopped = shopLinks(names, hooks);
  const dead = callbacksDie();
  await act("link", shopped.code("owed"));
  await dead();
  pass(15_000);
  expect(await shopped.calledBack("owed")).toEqual([200]);

  const young = held(names.accounts, "new");
  await api("PATCH", "/api/account", { name: "renamed", support_url: SUPPORT_URL }, young);
  const { body: over } = await api("POST", "/api/links", { url: "https://example.com/" }, young);
  expect((await api("DELETE", `/api/links/${over["code"]}`, undefined, young)).status).toBe(204);
  expect(await (await tap(over["code"])).text()).toMatch(new RegExp(`renamed.*"${SUPPORT_URL}"`, "s"));
  await api("PATCH", "/api/account", { fallback_url: FALLBACK_URL }, young);
  pass(5_000);
  expect((await tap(over["code"])).headers.get("location")).toBe(FALLBACK_URL);
  const { body: added } = await api("POST", "/api/account/tokens", undefined, young);
  const { body: viewed } = await api("GET", "/api/account", undefined, young);
  expect([viewed["name"], viewed["tokens"].length]).toEqual(["renamed", 2]);
  expect((await api("DELETE", `/api/account/tokens/${added["id"]}`, undefined, young)).status).toBe(204);
  expect((await api("POST", "/api/account/callback-secret", undefined, young)).status).toBe(201);
  const { body: made } = await api("POST", "/api/links", { url: "https://example.com/" }, young);
  for (const { sid, token } of [
    young,
    (await api("POST", "/api/accounts", { name: "more" })).body as { sid: string; token: string },
  ]) {
    expect((await api("DELETE", `/api/accounts/${sid}`)).status).toBe(204);
    expect((await api("GET", "/api/account", undefined, { token })).status).toBe(401);
    expect(await leftOf("account", sid)).toEqual({ alarm: null, rows: {} });
  }
  // The book may not have heard of it before it ended: then the link hears that its book is gone.
  const bookOf = async () => String((await readObject("link", made["code"])).rows["link"]?.[0]?.["book"]);
  await until(bookOf, "null");
  pass(5_000);
  expect((await tap(made["code"])).status).toBe(410);
  expect(await tenants()).toEqual(["sender", "rotated", "shop"]);
  // The account that made it keeps its sid until nothing of it is left.
  const kept = async () => (await readObject("account", "main")).rows["tenant"]?.map((tenant) => tenant["sid"]) ?? [];
  expect(await kept()).toContain(young.sid);
  await worker.scheduled(createScheduledController(), env);
  await until(async () => String((await kept()).includes(young.sid)), "false");

  // A closing that was interrupted goes on, and withdraws what was owed.
  const { sid, token } = held(names.accounts, "closing");
  expect((await api("GET", "/api/account", undefined, { token })).status).toBe(401);
  await act("account", sid);
  expect(await leftOf("account", sid)).toEqual({ alarm: null, rows: {} });
  for (const state of ["closing", "closing-owed"]) {
    const code = held(names.links, state);
    await act("link", code);
    expect((await tap(code)).status).toBe(410);
    expect(await hooks.received(state)).toEqual([]);
  }
}

async function everythingIsRead(names: Names): Promise<void> {
  const shop = held(names.accounts, "shop");
  const fileAt = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await exports.default.fetch(new URL(path, ORIGIN), { headers });
    return { status: answer.status, text: await answer.text() };
  };
  const links = await fileAt("/api/export/links.csv", shop.token);
  for (const state of ["opened", "owed"]) expect(links.text).toContain(held(names.links, state));
  const { body: opened } = await api("GET", `/api/links/${held(names.links, "delivered")}/accesses`, undefined, shop);
  expect(opened["accesses"].length).toBeGreaterThan(0);

  const { body: feed } = await api("POST", "/api/account/feeds", { numbers: "none" }, shop);
  expect((await api("GET", "/api/account/feeds", undefined, shop)).body["feeds"]).toMatchObject([{ id: feed["id"] }]);
  expect((await fileAt(`${feed["url"]}/links.csv`)).text).toContain(held(names.links, "opened"));
  expect((await api("DELETE", `/api/account/feeds/${feed["id"]}`, undefined, shop)).status).toBe(204);
  expect((await fileAt(`${feed["url"]}/links.csv`)).status).not.toBe(200);

  const owner = new Browser();
  expect((await owner.post("/dashboard/sign-in", { token: shop.token, next: "/dashboard" })).status).toBe(303);
  expect((await owner.get("/dashboard")).status).toBe(200);
  const { body: invitation } = await api("POST", "/api/account/sign-in-links", undefined, shop);
  const colleague = new Browser();
  expect((await colleague.post(new URL(invitation["url"]).pathname, {})).status).toBe(303);
  const { body: known } = await api("GET", "/api/account/sessions", undefined, shop);
  expect(known["sessions"]).toHaveLength(2);
  for (const { id } of known["sessions"])
    expect((await api("DELETE", `/api/account/sessions/${id}`, undefined, shop)).status).toBe(204);

  expect((await api("GET", "/api/callbacks", undefined, shop)).status).toBe(200);
  expect((await api("GET", "/api/health", undefined, shop)).body["checks"]).toHaveLength(9);
  const longAgo = { state: "exhausted", from: "2020-01-01", to: "2020-01-02" };
  const keyed = { ...shop, headers: { "idempotency-key": "retry" } };
  expect((await api("POST", "/api/callbacks/retry", longAgo, keyed)).body).toMatchObject({ taken: 0 });

  const sender = held(names.accounts, "sender");
  expect((await sms("GET", "messages/", undefined, { login: sender })).body).toHaveLength(8);
}

async function lostAlarmsAreFound(names: Names, hooks: Hooks): Promise<void> {
  const { calledBack, code } = shopLinks(names, hooks);
  const { sid } = held(names.accounts, "shop");
  const alarmsOf = (...states: string[]) =>
    Promise.all(states.map(async (state) => (await readObject("link", code(state))).alarm !== null));
  pass(10 * MINUTE_MS);
  for (const state of ["owed", "failing", "opened"]) await loseAlarm(code(state));
  // One that could not set its alarm comes back, and its account looks after the others.
  await env.WAKES.send({ codes: [code("owed")] });
  await until(() => alarmsOf("owed"), [true]);
  expect(await calledBack("owed")).toEqual([200]);
  await act("account", sid);
  const books = Object.entries(names.books ?? {}).filter(([, book]) => book.startsWith(`${sid}.`));
  for (const [, book] of books) await act("book", book);
  expect(await alarmsOf("failing", "opened")).toEqual([true, true]);
  expect((await calledBack("failing")).at(-1)).toBe(200);
  // With each Cron Trigger it looks at some.
  await loseAlarm(code("opened"));
  await worker.scheduled(createScheduledController(), env);
  await until(() => alarmsOf("opened"), [true]);
}

async function everythingEnds(names: Names): Promise<void> {
  setClock(names.at + 121 * DAY_MS);
  const { sid } = held(names.accounts, "closing");
  await act("account", sid);
  const end = async ([state, code]: [string, string]) => {
    const { status, headers } = await tap(code);
    expect([FALLBACK_URL, state === "forgotten" ? 404 : 410]).toContain(headers.get("location") ?? status);
    // What is owed still is brought first. Of chosen codes one row is left.
    const rows = isMinted(code) ? {} : { past_link: [{ unlisting_due_at: null }] };
    await until(
      async () => {
        // Its book hears of what is settled in three seconds.
        pass(SECOND_MS);
        await act("link", code);
        return { code, ...(await leftOf("link", code)) };
      },
      { code, alarm: null, rows },
    );
    expect(Object.keys((await readObject("link", code)).rows)).toEqual(Object.keys(rows));
  };
  // Side by side, because each waits for its book.
  await Promise.all(Object.entries(names.links).map(end));
  for (const book of Object.values(names.books ?? {})) {
    await act("book", book);
    const { rows } = await readObject("book", book);
    for (const { code, destination, reference, callback_url } of rows["line"] ?? [])
      expect([code, destination, reference, callback_url]).toEqual([code, null, null, null]);
    for (const { msgid, recipient, text, reference } of rows["message"] ?? [])
      expect([msgid, recipient, text, reference]).toEqual([msgid, "", "", expect.toBeOneOf([null, ""])]);
  }
  await booksEnd(names);
  const sender = held(names.accounts, "sender");
  await act("account", sender.sid);
  expect((await sms("GET", "messages/", undefined, { login: sender })).body).toEqual([]);
  const { rows } = await readObject("account", sender.sid);
  const left = Object.entries(rows).filter(([, lines]) => lines.length > 0);
  const counted = names.books === undefined ? [] : ["usage", "book", "archived_tally", "archived_tag"];
  expect(left.map(([table]) => table)).toEqual(["account", "token", ...counted]);
}

/** Weeks later books end, and what they have counted is told as before. */
async function booksEnd({ accounts, books = {} }: Names): Promise<void> {
  const counted = async (state: string) => {
    const { token } = held(accounts, state);
    const { body } = await api("GET", "/api/figures?from=2036-12-01&to=2037-12-31&by=week", undefined, { token });
    return { state, totals: body["totals"], books: body["as_of"].books.length };
  };
  const open = Object.keys(accounts).filter((state) => Object.hasOwn(books, `${state}-1`) && state !== "closing");
  // The delivery reports of 121 days arrive behind the alarm that sends for them.
  const owing = async (book: string) =>
    (await readObject("book", book)).rows["callback"]?.filter(({ state }) => state === "owed");
  for (const state of open) {
    const book = books[`${state}-1`] ?? "";
    await until(
      async () => {
        pass(SECOND_MS);
        await act("book", book);
        return { book, owed: (await owing(book)) ?? [] };
      },
      { book, owed: [] },
    );
  }
  const before: unknown[] = [];
  for (const state of open) before.push(await counted(state));
  for (const book of Object.values(books))
    await until(
      async () => {
        pass(DAY_MS);
        await act("book", book);
        return { book, tables: Object.keys((await readObject("book", book)).rows) };
      },
      { book, tables: [] },
    );
  for (const one of before) expect(await counted((one as { state: string }).state)).toEqual(one);
}

/** The POST carries this event, and for each secret a signature. */
async function expectSigned(
  called: { headers: Record<string, string>; body: string } | undefined,
  eventId: string,
  secrets: string[],
): Promise<void> {
  expect(called?.headers["webhook-id"]).toBe(eventId);
  const { ":method": method, ...headers } = called?.headers ?? {};
  expect(method).toBe("POST");
  for (const secret of secrets)
    expect(await isSigned(secret, new Headers(headers), called?.body ?? "", Date.now())).toBe(true);
}

async function leftOf(kind: "link" | "account", name: string): Promise<object> {
  const { alarm, rows } = await readObject(kind, name);
  return { alarm, rows };
}

function held<T>(what: Record<string, T>, state: string): T {
  const one = what[state];
  if (one === undefined) throw new Error(`nothing is in the state ${state}`);
  return one;
}
