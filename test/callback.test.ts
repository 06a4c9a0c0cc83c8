// Promise 3: the callback stays owed until the receiver answered 200 or eleven POSTs were made.

import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { nanoid } from "nanoid";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../local/answers.ts";
import type { Account } from "../src/account/account.do.ts";
import { isHeld, signingSecretsOf } from "../src/account/known.ts";
import type { Link } from "../src/link/link.do.ts";
import worker from "../src/index.ts";
import { deliver } from "../src/callback/deliver.ts";
import { signedHeaders } from "../src/callback/sign.ts";
import {
  IN_TIME,
  api,
  createLink,
  eventually,
  receiver,
  recorded,
  settledCallback,
  statusOf,
  tap,
} from "./support/firsttap.ts";
import { tenant } from "./support/sms.ts";
import { broken, brokenNamespace, envWith, platformError } from "./support/faults.ts";

const FAIL: Answer = { status: 500 };

describe("a receiver that fails k times", () => {
  it.each(Array.from({ length: 13 }, (_, k) => k))("k = %i", async (k) => {
    const { url: callback_url, received } = await receiver(...Array.from({ length: k }, () => FAIL), { status: 200 });
    const { code } = await createLink({ callback_url });
    await tap(code);
    const callback = await settledCallback(code, k <= 10 ? "delivered" : "exhausted");
    const expected = Math.min(k + 1, 11);
    expect(callback.attempts).toHaveLength(expected);
    expect(callback.next_attempt_at).toBeNull();
    const posts = await received();
    expect(posts).toHaveLength(expected);
    expect(new Set(posts.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([callback.event_id]));
    expect(new Set(posts.map(({ body }) => body)).size).toBe(1);
  });
});

// What the receiver does, and how the attempt ends: its status, or the error's text.
const BEHAVIOURS: [string, Answer, number | string][] = [
  ["answers 200", { status: 200 }, 200],
  ["answers 200 with a body", { status: 200, body: '{"ok":true}' }, 200],
  ["answers 200 with 5 MB of body", { status: 200, bodyBytes: 5_000_000 }, 200],
  ["answers 200 and drips the body for ever", { status: 200, fault: "drip" }, 200],
  ["answers 200 and cuts the body", { status: 200, fault: "cut" }, 200],
  ["answers 200 after half the timeout", { status: 200, delayMs: 500 }, 200],
  ["answers 201", { status: 201 }, 201],
  ["answers 202", { status: 202 }, 202],
  ["answers 204", { status: 204 }, 204],
  ["answers 206", { status: 206 }, 206],
  ["answers 299", { status: 299 }, 299],
  ["redirects with 301", { status: 301, headers: { location: "/hook/elsewhere" } }, 301],
  ["redirects with 302", { status: 302, headers: { location: "/hook/elsewhere" } }, 302],
  ["redirects with 303", { status: 303, headers: { location: "/hook/elsewhere" } }, 303],
  ["redirects with 307", { status: 307, headers: { location: "/hook/elsewhere" } }, 307],
  ["redirects with 308", { status: 308, headers: { location: "/hook/elsewhere" } }, 308],
  ["answers 304", { status: 304 }, 304],
  ["answers 400", { status: 400 }, 400],
  ["answers 401", { status: 401 }, 401],
  ["answers 403", { status: 403 }, 403],
  ["answers 404", { status: 404 }, 404],
  ["answers 405", { status: 405 }, 405],
  ["answers 410", { status: 410 }, 410],
  ["answers 413", { status: 413 }, 413],
  ["answers 418", { status: 418 }, 418],
  ["answers 429", { status: 429 }, 429],
  ["answers 429 with nonsense in Retry-After", { status: 429, headers: { "retry-after": "soon" } }, 429],
  ["answers 500", { status: 500 }, 500],
  ["answers 500 and drips the body", { status: 500, fault: "drip" }, 500],
  ["answers 502", { status: 502 }, 502],
  ["answers 503", { status: 503 }, 503],
  ["answers 504", { status: 504 }, 504],
  ["answers 599", { status: 599 }, 599],
  ["answers 200 too late", { status: 200, delayMs: 1_500 }, "no answer within 0.5 s"],
  ["never answers", { fault: "hang" }, "no answer within 0.5 s"],
  ["resets the connection", { fault: "reset" }, "the connection failed"],
  ["answers something that is not HTTP", { fault: "garbage" }, "the connection failed"],
];

describe("a receiver that", () => {
  it.each(BEHAVIOURS)("%s", async (_, behaviour, expected) => {
    const { url, received } = await receiver(behaviour);
    const elsewhere = async () => (await fetch(new URL("/log/elsewhere", url))).json<unknown[]>();
    const rules = { allowLocal: true, ownHosts: [] };
    const delivery = { url, eventId: "evt_1", body: "{}", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] };
    const startedAt = Date.now();
    const timeoutSeconds = behaviour.delayMs === 500 ? 1 : 0.5;
    const outcome = await deliver(delivery, rules, timeoutSeconds);
    expect([outcome.status, outcome.error]).toEqual(typeof expected === "number" ? [expected, null] : [null, expected]);
    expect(Date.now() - startedAt).toBeLessThan(timeoutSeconds * 1_000 + 500);
    expect(await received()).toHaveLength(1);
    expect(await elsewhere(), "a redirect is never followed").toEqual([]);
  });

  it("is not there ends as a failed attempt", async () => {
    const rules = { allowLocal: true, ownHosts: [] };
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    for (const url of ["http://127.0.0.1:1/", "http://nobody.localhost:1/"])
      expect(await deliver({ url, eventId: "evt_1", body: "{}", secrets }, rules, 1)).toMatchObject({
        status: null,
        error: "the connection failed",
      });
  });
});

it("a callback URL that is no longer allowed is not POSTed to, and says so", async () => {
  const { url, received } = await receiver();
  const rules = { allowLocal: false, ownHosts: [] };
  const outcome = await deliver({ url, eventId: "evt_1", body: "{}", secrets: [] }, rules, 1);
  expect(outcome).toMatchObject({ status: null, error: expect.stringContaining("not sent: the callback URL") });
  expect(await received()).toEqual([]);
});

it("the official vector of Standard Webhooks comes out", async () => {
  const headers = await signedHeaders(
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    1_614_265_330,
    '{"test": 2432232314}',
  );
  expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

it("a callback carries the documented headers and is signed over the bytes that were sent", async () => {
  const { callback_secret } = (await api("POST", "/api/account/callback-secret")).body;
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url, reference: "日本語 🎉", tags: ["a", "b"] });
  await tap(code);
  await settledCallback(code, "delivered");
  const [post] = await received();
  expect(post?.headers).toMatchObject({
    ":method": "POST",
    "content-type": "application/json",
    "user-agent": expect.stringMatching(/^firsttap/),
    "webhook-timestamp": expect.stringMatching(/^\d{10}$/),
  });
  const verifier = new Webhook(callback_secret);
  expect(verifier.verify(post?.body ?? "", post?.headers ?? {})).toMatchObject({ data: { reference: "日本語 🎉" } });
  expect(() => verifier.verify(`${post?.body} `, post?.headers ?? {})).toThrow();
});

it("after a rotation the old secret signs, too, for 24 hours", async () => {
  const { sid, token } = (await api("POST", "/api/accounts", { name: "rotating" })).body;
  const rotate = async () => (await api("POST", "/api/account/callback-secret", undefined, { token })).body;
  const old = await rotate();
  const next = await rotate();
  expect(Date.parse(next.previous_secret_expires_at)).toBeGreaterThan(Date.now() + 23.9 * 3_600_000);
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url }, token);
  await tap(code);
  const [post] = await eventually(received, (posts) => posts.length === 1);
  for (const { callback_secret } of [old, next])
    expect(new Webhook(callback_secret).verify(post?.body ?? "", post?.headers ?? {})).toBeTruthy();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (instance, state) => {
    state.storage.sql.exec("UPDATE previous_secret SET expires_at = ?", Date.now());
    expect(await instance.signingSecrets()).toEqual([next.callback_secret]);
  });
});

describe("who claims attempts", () => {
  const start = Date.now();
  const at = (seconds: number) => vi.useFakeTimers({ toFake: ["Date"], now: start + seconds * 1_000 });
  afterEach(() => void vi.useRealTimers());

  /** An account whose secrets, and whether it is suspended, are what a test says; how often it was asked. */
  function account(sealed: string[] | Error, isSuspended = false) {
    const asked = vi.fn(async () => {
      if (sealed instanceof Error) throw sealed;
      return sealed;
    });
    const suspended = vi.fn(async () => isSuspended);
    const ACCOUNT = { getByName: () => ({ sealedSecrets: asked, isSuspended: suspended }) };
    return { asked, suspended, env: envWith({ ACCOUNT }) };
  }

  it("asks an account for its secrets once in half a minute, whatever it is asked about", async () => {
    const sid = nanoid();
    const before = account(["before"]);
    const after = account(["after"]);
    at(0);
    for (let claims = 0; claims < 3; claims++) expect(await signingSecretsOf(before.env, sid)).toEqual(["before"]);
    expect(before.asked).toHaveBeenCalledOnce();
    at(29.9);
    expect(await signingSecretsOf(after.env, sid)).toEqual(["before"]);
    expect(await signingSecretsOf(after.env, nanoid())).toEqual(["after"]);
    at(30);
    expect(await signingSecretsOf(after.env, sid)).toEqual(["after"]);
    expect(await signingSecretsOf(account(new Error("down")).env, sid)).toEqual(["after"]);
  });

  it("asks again about one that is closed, suspended, or out of reach", async () => {
    const sid = nanoid();
    at(0);
    await expect(signingSecretsOf(account(new Error("down")).env, sid)).rejects.toThrow("down");
    const closed = account([]);
    for (let claims = 0; claims < 2; claims++) expect(await signingSecretsOf(closed.env, sid)).toEqual([]);
    expect(closed.asked).toHaveBeenCalledTimes(2);
    const held = account([], true);
    for (let claims = 0; claims < 2; claims++) expect(await isHeld(held.env, sid)).toBe(true);
    expect(held.suspended).toHaveBeenCalledTimes(2);
    const lifted = account([], false);
    for (let claims = 0; claims < 2; claims++) expect(await isHeld(lifted.env, sid)).toBe(false);
    expect(lifted.suspended).toHaveBeenCalledOnce();
    at(30);
    expect(await isHeld(held.env, sid)).toBe(true);
  });

  it("asks again at once in the isolate that was told of a change", async () => {
    const { sid, token } = (await api("POST", "/api/accounts", { name: "changing" })).body;
    const secretsNow = () => signingSecretsOf(env, sid);
    const before = await secretsNow();
    await api("POST", "/api/account/callback-secret", undefined, { token });
    expect(await secretsNow()).toHaveLength(before.length + 1);
    expect(await isHeld(env, sid)).toBe(false);
    await api("PATCH", `/api/accounts/${sid}`, { suspended: true });
    expect(await isHeld(env, sid)).toBe(true);
    await api("DELETE", `/api/accounts/${sid}`);
    expect(await secretsNow()).toEqual([]);
  });

  it("tells a link the secrets, which keeps a copy for when they cannot be had", async () => {
    const { sid, token } = (await api("POST", "/api/accounts", { name: "told" })).body;
    const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" }, token);
    const sealed = await env.ACCOUNT.getByName(sid).sealedSecrets();
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      const bindings = link as unknown as { env: Env };
      const real = bindings.env;
      const unasked = account(new Error("nobody asks"));
      bindings.env = envWith({ ...unasked.env, CALLBACKS: { sendBatch: async () => {} } });
      link.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
      await state.storage.deleteAlarm();
      const eventId = link.status(sid)?.callback.eventId ?? "";
      const again = () => state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1, due_at = 1");
      const copy = () => state.storage.sql.exec("SELECT sealed_secrets AS copy FROM link").one()["copy"];
      state.storage.sql.exec("UPDATE link SET sealed_secrets = NULL");
      const told = await link.claimAttempt(eventId, IN_TIME, sealed);
      expect([told.kind, copy()]).toEqual(["claimed", JSON.stringify(sealed)]);
      again();
      expect(await link.claimAttempt(eventId, IN_TIME, null)).toMatchObject({ kind: "claimed", attempt: 2 });
      expect(unasked.asked).not.toHaveBeenCalled();
      again();
      // Its account is closed.
      expect(await link.claimAttempt(eventId, IN_TIME, [])).toEqual({ kind: "nothing" });
      expect(link.status(sid)?.callback.state).toBe("none");
      await state.storage.deleteAlarm();
      bindings.env = real;
    });
  });

  it("asks with a job that says whose secrets they are", async () => {
    const { sid, token } = (await api("POST", "/api/accounts", { name: "asked" })).body;
    const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" }, token);
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      const bindings = link as unknown as { env: Env };
      const real = bindings.env;
      const sendBatch = vi.fn(async () => {});
      bindings.env = envWith({ CALLBACKS: { sendBatch } });
      link.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
      await state.storage.deleteAlarm();
      await link.alarm();
      const { eventId } = link.status(sid)?.callback ?? {};
      expect(sendBatch).toHaveBeenCalledWith([{ body: { code, account: sid, eventId } }]);
      await state.storage.deleteAlarm();
      bindings.env = real;
    });
  });
});

it("a rotation takes away no secret before its answer has left: one that is carried out and not answered takes none", async () => {
  const { sid, token } = (await api("POST", "/api/accounts", { name: "rotating" })).body;
  const endsOf = () =>
    runInDurableObject(env.ACCOUNT.getByName(sid), (_, { storage }) =>
      storage.sql
        .exec<{ at: number }>("SELECT expires_at AS at FROM previous_secret")
        .toArray()
        .map(({ at }) => at),
    );
  const account = env.ACCOUNT.getByName(sid);
  const losesAnswer = {
    getByName: () => ({
      admit: (hash: string) => account.admit(hash),
      rotateCallbackSecret: async (until: number) => {
        await account.rotateCallbackSecret(until);
        throw new Error("Durable Object is unavailable");
      },
    }),
  };
  const ctx = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(
    "https://s.example.com/api/account/callback-secret",
    {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    },
  );
  const lost = await worker.fetch(request, envWith({ ACCOUNT: losesAnswer }), ctx);
  await waitOnExecutionContext(ctx);
  expect(lost.status).toBe(503);
  const aYear = Date.now() + 365 * 24 * 3_600_000;
  expect(await endsOf()).toEqual([expect.toSatisfy((at: number) => at > aYear)]);
  const { body } = await api("POST", "/api/account/callback-secret", undefined, { token });
  const end = Date.parse(body["previous_secret_expires_at"]);
  await eventually(endsOf, (ends) => ends.length === 2 && ends.every((at) => at === end));
});

it("a second rotation within the 24 hours does not silence the first secret", async () => {
  const first = (await api("POST", "/api/account/callback-secret")).body;
  for (let rotation = 0; rotation < 2; rotation++) await api("POST", "/api/account/callback-secret");
  expect(await env.ACCOUNT.getByName("main").signingSecrets()).toContain(first.callback_secret);
});

describe("signing secrets are sealed at rest", () => {
  const NEW_TOKEN = "another-admin-token-0123456789";

  /** An account with two secrets, in its object; `use` sees it under other settings and reads what is stored. */
  async function withAccount(
    use: (account: {
      instance: Account;
      login: { sid: string; token: string };
      secrets: string[];
      bind: (settings?: Partial<Record<keyof Env, unknown>>) => void;
      stored: () => string[];
    }) => Promise<void>,
  ): Promise<void> {
    const { body: opened } = await api("POST", "/api/accounts", { name: "sealed" });
    const login = { sid: opened["sid"] as string, token: opened["token"] as string };
    const { callback_secret } = (await api("POST", "/api/account/callback-secret", undefined, login)).body;
    await runInDurableObject(env.ACCOUNT.getByName(login.sid), async (instance: Account, state) => {
      const bindings = instance as unknown as { env: Env };
      const real = bindings.env;
      await use({
        instance,
        login,
        secrets: [callback_secret, opened["callback_secret"]],
        bind: (settings) => void (bindings.env = settings === undefined ? real : envWith(settings)),
        stored: () =>
          state.storage.sql
            .exec<{ s: string }>(
              "SELECT callback_secret AS s FROM account UNION ALL SELECT secret FROM previous_secret",
            )
            .toArray()
            .map(({ s }) => s),
      });
      bindings.env = real;
    });
  }

  it("with a key that names itself, and another ADMIN_TOKEN cannot read them: a rotation mends it", async () => {
    await withAccount(async ({ instance, secrets, bind, stored }) => {
      for (const secret of secrets) expect(JSON.stringify(stored())).not.toContain(secret.slice("whsec_".length));
      expect(await instance.signingSecrets()).toEqual(secrets);
      bind({ ADMIN_TOKEN: NEW_TOKEN });
      await expect(instance.signingSecrets()).rejects.toThrow("PREVIOUS_SECRETS_KEY");
      const before = stored();
      expect(await instance.sealedSecrets()).toEqual(before);
      const rotated = await instance.rotateCallbackSecret(IN_TIME);
      expect(await instance.signingSecrets()).toEqual([rotated?.callbackSecret]);
    });
  });

  it.each([
    ["a SECRETS_KEY where the ADMIN_TOKEN sealed", { SECRETS_KEY: "a new key" }],
    [
      "another SECRETS_KEY",
      { ADMIN_TOKEN: NEW_TOKEN, SECRETS_KEY: "a new key", PREVIOUS_SECRETS_KEY: env.ADMIN_TOKEN },
    ],
    ["another ADMIN_TOKEN", { ADMIN_TOKEN: NEW_TOKEN, PREVIOUS_SECRETS_KEY: env.ADMIN_TOKEN }],
  ])("with %s both keys open, and what is read is sealed anew, so that the old key can go", async (_, settings) => {
    await withAccount(async ({ instance, secrets, bind, stored }) => {
      const before = stored();
      bind(settings);
      expect(await instance.signingSecrets()).toEqual(secrets);
      const after = stored();
      expect(after.filter((sealed) => before.includes(sealed))).toEqual([]);
      expect(await instance.signingSecrets()).toEqual(secrets);
      expect(stored()).toEqual(after);
      bind({ ADMIN_TOKEN: NEW_TOKEN, ...settings, PREVIOUS_SECRETS_KEY: "" });
      expect(await instance.signingSecrets()).toEqual(secrets);
    });
  });

  it("an account that nobody uses is sealed anew by the Cron Trigger", async () => {
    await withAccount(async ({ instance, secrets, bind, stored }) => {
      const before = stored();
      bind({ SECRETS_KEY: "a new key" });
      await instance.wake();
      expect(stored().filter((sealed) => before.includes(sealed))).toEqual([]);
      bind({ ADMIN_TOKEN: NEW_TOKEN, SECRETS_KEY: "a new key" });
      expect(await instance.signingSecrets()).toEqual(secrets);
    });
  });

  it("with the old key, a link's copy still signs, and is sealed anew with the link's next attempt", async () => {
    await withAccount(async ({ login, bind }) => {
      const { code } = await createLink({ callback_url: "https://example.com/hook" }, login.token);
      const settings = { SECRETS_KEY: "a new key", CALLBACKS: { sendBatch: async () => {} } };
      await runInDurableObject(env.LINK.getByName(code), async (link: Link, state) => {
        const copies = () =>
          JSON.parse(state.storage.sql.exec<{ s: string }>("SELECT sealed_secrets AS s FROM link").one().s) as string[];
        const before = copies();
        const bindings = link as unknown as { env: Env };
        const real = bindings.env;
        bindings.env = envWith({ ...settings, ACCOUNT: brokenNamespace(new Error("down")) });
        link.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
        const { event_id } = state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one();
        expect(await link.claimAttempt(event_id, IN_TIME)).toMatchObject({ kind: "claimed" });
        bind(settings);
        bindings.env = envWith(settings);
        // The account tells those of now to whoever claims an attempt; the first has not been heard of for ten minutes.
        state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1");
        expect(await link.claimAttempt(event_id, IN_TIME)).toMatchObject({ kind: "claimed" });
        expect(copies()).toHaveLength(before.length);
        expect(copies().filter((sealed) => before.includes(sealed))).toEqual([]);
        bindings.env = real;
      });
    });
  });
});

it.each([
  ["silent", "hang" as const],
  ["broken", platformError({ retryable: true })],
])("while the account's object is %s, a link signs with the secrets that it learned last", async (_, trouble) => {
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url });
  const { callback_secret } = (await api("POST", "/api/account/callback-secret")).body;
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    const bindings = instance as unknown as { env: Env };
    const real = bindings.env;
    bindings.env = envWith({ ACCOUNT: brokenNamespace(trouble) });
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    const { event_id } = state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one();
    const claim = await instance.claimAttempt(event_id, IN_TIME);
    // The rotation came after the link was listed, and the secret before it still signs for a day.
    expect(claim).toMatchObject({ kind: "claimed", attempt: 1 });
    expect(JSON.stringify(claim)).not.toContain(callback_secret);
    expect(JSON.stringify(state.storage.sql.exec("SELECT * FROM link").toArray())).not.toContain("whsec_");
    bindings.env = real;
    state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1");
    expect(JSON.stringify(await instance.claimAttempt(event_id, IN_TIME))).toContain(callback_secret);
    state.storage.sql.exec("UPDATE callback SET due_at = 1, next_attempt_at = 1");
    await instance.alarm();
  });
  await settledCallback(code, "delivered");
  const [post] = await received();
  expect(new Webhook(callback_secret).verify(post?.body ?? "", post?.headers ?? {})).toBeTruthy();
});

it("a link that was never listed has no secrets: a slow account costs no attempt, and the callback comes later", async () => {
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url });
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    state.storage.sql.exec("UPDATE link SET sealed_secrets = NULL");
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    const { event_id } = state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one();
    const bindings = instance as unknown as { env: Env };
    const real = bindings.env;
    bindings.env = envWith({ ACCOUNT: brokenNamespace("hang") });
    await expect(instance.claimAttempt(event_id, IN_TIME)).rejects.toThrow("no answer");
    bindings.env = real;
    expect(state.storage.sql.exec("SELECT attempts FROM callback").toArray()).toEqual([{ attempts: "[]" }]);
    await instance.alarm();
  });
  expect((await settledCallback(code, "delivered")).attempts).toHaveLength(1);
  expect(await received()).toHaveLength(1);
});

it("Retry-After lengthens the wait", async () => {
  const { url: callback_url } = await receiver({ status: 503, headers: { "retry-after": "1800" } });
  const { code } = await createLink({ callback_url });
  await tap(code);
  const { callback } = await eventually(
    () => statusOf(code),
    (status) => status.callback.attempts[0]?.status === 503,
  );
  expect(Date.parse(callback.next_attempt_at)).toBeGreaterThan(Date.now() + 1_790_000);
  expect(callback.state).toBe("owed");
});

it("a hanging receiver does not hold up another link's callback", async () => {
  const hanging = await receiver({ fault: "hang" });
  const slow = await Promise.all(Array.from({ length: 20 }, () => createLink({ callback_url: hanging.url })));
  await Promise.all(slow.map(({ code }) => tap(code)));
  await eventually(hanging.received, (posts) => posts.length > 0);
  const quick = await receiver();
  const { code } = await createLink({ callback_url: quick.url });
  const startedAt = Date.now();
  await tap(code);
  await settledCallback(code, "delivered");
  // The timeout of this suite is 3 s: a consumer that waited for the hanging ones could not be as quick.
  expect(Date.now() - startedAt).toBeLessThan(2_000);
});

it("one more attempt can be asked for, also after the callback was exhausted, with the same event id", async () => {
  const { url: callback_url, received } = await receiver(...Array.from({ length: 12 }, () => FAIL), { status: 200 });
  const { code } = await createLink({ callback_url });
  const retry = () => api("POST", `/api/links/${code}/callback/retry`);
  expect((await retry()).status).toBe(409);
  await tap(code);
  const exhausted = await settledCallback(code, "exhausted");
  expect((await retry()).status).toBe(202);
  await eventually(received, (posts) => posts.length === 12);
  await settledCallback(code, "exhausted");
  expect((await retry()).status).toBe(202);
  const delivered = await settledCallback(code, "delivered");
  expect(delivered.event_id).toBe(exhausted.event_id);
  expect(delivered.attempts).toHaveLength(13);
  const refused = await retry();
  expect([refused.status, refused.body.type]).toEqual([409, "urn:firsttap:problem:callback-delivered"]);
});

it("after a recorded 200 no job, however often it is delivered, causes another POST", async () => {
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url });
  await tap(code);
  const { event_id: eventId } = await settledCallback(code, "delivered");
  const batch = createMessageBatch(
    "firsttap-callbacks",
    Array.from({ length: 10 }, (_, i) => ({ id: String(i), timestamp: 0, attempts: 1, body: { code, eventId } })),
  );
  const ctx = createExecutionContext();
  await worker.queue(batch, env, Object.assign(ctx, { exports: (await import("cloudflare:workers")).exports }));
  expect((await getQueueResult(batch, ctx)).explicitAcks).toHaveLength(10);
  await scheduler.wait(200);
  expect(await received()).toHaveLength(1);
});

it("duplicate jobs of an owed callback make one POST at a time", async () => {
  const { url: callback_url, received } = await receiver({ status: 200, delayMs: 300 });
  const { code } = await createLink({ callback_url });
  await tap(code);
  const { event_id: eventId } = (await recorded(code, 1)).callback;
  await env.CALLBACKS.sendBatch(Array.from({ length: 20 }, () => ({ body: { code, eventId } })));
  await settledCallback(code, "delivered");
  await scheduler.wait(200);
  expect(await received()).toHaveLength(1);
});

it("a job that the queue refuses, and one that it loses, are sent again from the object's alarm", async () => {
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url });
  const link = env.LINK.getByName(code);
  const held = await runInDurableObject(link, async (instance, state) => {
    const bindings = instance as unknown as { env: Env };
    const real = bindings.env;
    bindings.env = envWith({ CALLBACKS: broken(new Error("Too Many Requests")) });
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    await instance.alarm();
    const refused = await state.storage.getAlarm();
    // A queue that says yes and forgets.
    bindings.env = envWith({ CALLBACKS: { sendBatch: async () => {} } });
    state.storage.sql.exec("UPDATE callback SET due_at = 1");
    await instance.alarm();
    bindings.env = real;
    return { refused, lost: await state.storage.getAlarm() };
  });
  expect(held.refused).toBeGreaterThan(Date.now());
  expect(held.lost).toBeGreaterThan(Date.now());
  expect(await received()).toEqual([]);
  await runInDurableObject(link, async (instance, state) => {
    state.storage.sql.exec("UPDATE callback SET due_at = 2");
    await instance.alarm();
  });
  await settledCallback(code, "delivered");
  expect(await received()).toHaveLength(1);
});

it("a job that is claimed and reported while the queue still accepts it does not put off the next attempt", async () => {
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" });
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    const bindings = instance as unknown as { env: Env };
    const real = bindings.env;
    const outcome = { status: 500, error: null, durationMs: 1, retryAfterSeconds: 2 };
    const sendBatch = async ([job]: { body: { eventId: string } }[]) => {
      const { eventId } = job?.body ?? { eventId: "" };
      await instance.claimAttempt(eventId, IN_TIME);
      instance.reportAttempt({ eventId, attempt: 1, outcome });
    };
    bindings.env = envWith({ CALLBACKS: { sendBatch } });
    await instance.alarm();
    bindings.env = real;
    const { due_at, next_attempt_at } = state.storage.sql
      .exec<{ due_at: number; next_attempt_at: number }>("SELECT * FROM callback")
      .one();
    expect(due_at).toBe(next_attempt_at);
    await state.storage.deleteAlarm();
  });
});

it("an attempt of which nobody reports is repeated after its lease, and not charged", async () => {
  const { url: callback_url, received } = await receiver();
  const { code } = await createLink({ callback_url });
  const link = env.LINK.getByName(code);
  await runInDurableObject(link, async (instance, state) => {
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    const { event_id } = state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one();
    // Claimed by an invocation that then dies.
    expect(await instance.claimAttempt(event_id, IN_TIME)).toMatchObject({ kind: "claimed", attempt: 1 });
    expect(await instance.claimAttempt(event_id, IN_TIME)).toEqual({ kind: "nothing" });
    state.storage.sql.exec("UPDATE callback SET due_at = 1, next_attempt_at = 1");
    await instance.alarm();
  });
  const callback = await settledCallback(code, "delivered");
  expect(callback.attempts.map(({ status }: { status: number | null }) => status)).toEqual([null, 200]);
  expect(await received()).toHaveLength(1);
});

it("eleven lost attempts end the callback, said once in the log; asked again, it has all its eleven POSTs", async () => {
  const { url: callback_url, received } = await receiver(...Array.from({ length: 11 }, () => FAIL));
  const { code } = await createLink({ callback_url });
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const eventId = await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    const { event_id } = state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one();
    for (let lost = 1; lost <= 12; lost++) {
      const claim = await instance.claimAttempt(event_id, IN_TIME);
      expect(claim.kind).toBe(lost <= 11 ? "claimed" : "nothing");
      state.storage.sql.exec("UPDATE callback SET next_attempt_at = 1");
      const attempts = instance.status("main")?.callback.attempts ?? [];
      const earlier = attempts.map((attempt, n) => ({ ...attempt, n: n + 1, number: null, at: attempt.at - 60_000 }));
      state.storage.sql.exec("UPDATE callback SET attempts = ?", JSON.stringify(earlier));
    }
    expect(await instance.claimAttempt(event_id, IN_TIME)).toEqual({ kind: "nothing" });
    await state.storage.deleteAlarm();
    return event_id;
  });
  await evictDurableObject(env.LINK.getByName(code));
  expect(lines.filter((line) => line.includes("callback.exhausted"))).toHaveLength(1);
  spy.mockRestore();
  expect((await statusOf(code)).callback).toMatchObject({ state: "exhausted", event_id: eventId });
  expect((await api("POST", `/api/links/${code}/callback/retry`)).status).toBe(202);
  await settledCallback(code, "exhausted");
  expect(await received()).toHaveLength(11);
});

it("a job whose object cannot be reached is retried with a delay, never acknowledged", async () => {
  const ctx = createExecutionContext();
  const start = () => Promise.reject(new Error("no object"));
  const batch = createMessageBatch("firsttap-callbacks", [
    { id: "1", timestamp: 0, attempts: 1, body: { code: "abc", eventId: "evt_1" } },
    { id: "2", timestamp: 0, attempts: 9, body: { code: "abd", eventId: "evt_2" } },
  ]);
  await worker.queue(batch, env, Object.assign(ctx, { exports: { CallbackAttempt: { start } } }) as never);
  const result = await getQueueResult(batch, ctx);
  expect(result.explicitAcks).toEqual([]);
  expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(["1", "2"]);
});

it("a dead letter goes back to its object, which sends a new job if the callback is still owed", async () => {
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" });
  const link = env.LINK.getByName(code);
  const dueAt = (state: DurableObjectState) =>
    state.storage.sql.exec<{ due_at: number }>("SELECT due_at FROM callback").one().due_at;
  const eventId = await runInDurableObject(link, async (instance, state) => {
    instance.access({ id: "1", at: Date.now(), kind: "person", reason: null, device: null, country: null });
    await state.storage.deleteAlarm();
    state.storage.sql.exec("UPDATE callback SET due_at = ?", Date.now() + 3_600_000);
    return state.storage.sql.exec<{ event_id: string }>("SELECT event_id FROM callback").one().event_id;
  });
  const ctx = createExecutionContext();
  const body = { code, eventId };
  const batch = createMessageBatch("firsttap-callbacks-dead", [{ id: "1", timestamp: 0, attempts: 1, body }]);
  await worker.queue(batch, env, ctx);
  expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual(["1"]);
  await runInDurableObject(link, async (_, state) => {
    expect(dueAt(state)).toBeLessThan(Date.now() + 60_000);
    await state.storage.deleteAlarm();
  });
  const down = createMessageBatch("firsttap-callbacks-dead", [{ id: "2", timestamp: 0, attempts: 1, body }]);
  await worker.queue(down, envWith({ LINK: brokenNamespace(new Error("down")) }), ctx);
  expect((await getQueueResult(down, ctx)).retryMessages.map(({ msgId }) => msgId)).toEqual(["2"]);
});

it("a link without a callback URL owes nothing; given one later, it is called back when asked", async () => {
  const { code } = await createLink();
  await tap(code);
  const none = await eventually(
    () => statusOf(code),
    ({ accessed }) => accessed === true,
  );
  expect(none.callback).toMatchObject({ state: "none", event_id: expect.stringMatching(/^evt_/), attempts: [] });
  expect((await api("POST", `/api/links/${code}/callback/retry`)).body.type).toBe(
    "urn:firsttap:problem:no-callback-url",
  );
  const { url: callback_url, received } = await receiver();
  await api("PATCH", `/api/links/${code}`, { callback_url });
  expect((await api("POST", `/api/links/${code}/callback/retry`)).status).toBe(202);
  expect((await settledCallback(code, "delivered")).event_id).toBe(none.callback.event_id);
  expect(await received()).toHaveLength(1);
});

it("an owed callback survives the deletion of its link, and follows a change of its URL", async () => {
  const failing = await receiver({ status: 500, headers: { "retry-after": "3600" } });
  const { code } = await createLink({ callback_url: failing.url });
  await tap(code);
  await eventually(failing.received, (posts) => posts.length === 1);
  const next = await receiver();
  await api("PATCH", `/api/links/${code}`, { callback_url: next.url });
  await eventually(
    () => statusOf(code),
    ({ callback }) => callback.attempts[0]?.status === 500,
  );
  await api("DELETE", `/api/links/${code}`);
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    state.storage.sql.exec("UPDATE callback SET due_at = 1, next_attempt_at = 1");
    await instance.alarm();
  });
  await eventually(next.received, (posts) => posts.length === 1);
});

it("a test of the account's callback is signed, told of, owed to nobody and not repeated", async () => {
  const { token } = await tenant();
  const none = await api("POST", "/api/account/callback-test", undefined, { token });
  expect(none.body).toMatchObject({ status: null, error: expect.stringContaining("no callback URL") });
  const { url, received } = await receiver({ status: 500 }, { status: 200 });
  await api("PATCH", "/api/account", { callback_url: url }, { token });
  const { callback_secret: secret } = (await api("POST", "/api/account/callback-secret", undefined, { token })).body;
  const failed = await api("POST", "/api/account/callback-test", undefined, { token });
  expect(failed.body).toMatchObject({ status: 500, error: null });
  const good = await api("POST", "/api/account/callback-test", undefined, { token });
  expect(good.body["status"]).toBe(200);
  const posts = await received();
  expect(posts).toHaveLength(2);
  for (const { headers, body } of posts)
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: "account.callback_test" });
});
