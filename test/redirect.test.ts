// Promises 1, 4, 6 and 8: the tap, on good and bad days.

import {
  createExecutionContext,
  createMessageBatch,
  evictDurableObject,
  getQueueResult,
  runInDurableObject,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import worker from "../src/index.ts";
import { mintCode } from "../src/link/code.ts";
import { type AccessJob, accessOf } from "../src/redirect/record-access.ts";
import {
  IN_TIME,
  ADMIN_TOKEN,
  AGENTS,
  api,
  createLink,
  eventually,
  ORIGIN,
  recorded,
  statusOf,
  tap,
} from "./support/firsttap.ts";
import { heard, heardBy } from "./support/books.ts";
import { broken, brokenNamespace, envWith, platformError, tapWith } from "./support/faults.ts";
import { tenant } from "./support/sms.ts";

const PERSON = { kind: "person", reason: null, device: null } as const;

const countOf = async (code: string) => (await statusOf(code)).access_counts as Record<string, number>;

it("a tap is answered 302 with headers that let every tap reach us and tell nobody the code", async () => {
  const { code } = await createLink({ url: "https://example.com/日本語?x=1#part" });
  for (const method of ["GET", "HEAD"]) {
    const response = await tap(code, { method });
    expect(response.status).toBe(302);
    expect(Object.fromEntries(response.headers)).toEqual({
      location: "https://example.com/%E6%97%A5%E6%9C%AC%E8%AA%9E?x=1#part",
      "cache-control": "private, no-store",
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex, nofollow",
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
    });
  }
});

it.each(["", ".", ",", ")", "。", "%E3%80%82", "!?", "」", "/", "?utm_source=sms", "#top", ".?x=1", "…", "を開く"])(
  "a code with '%s' behind it opens the same link",
  async (tail) => {
    const { code } = await createLink();
    expect((await tap(code + tail)).status).toBe(302);
  },
);

it("a browser that loads a live link ahead is put off, so that the tap asks; what it would get of another is as ever", async () => {
  const { code } = await createLink({ url: "https://example.com/offer" });
  const ahead = { "sec-purpose": "prefetch;prerender" };
  const elsewhere = { get: async () => null };
  for (const put of [env, envWith({ DIRECTORY: elsewhere }), envWith({ RECORD_BEFORE_REDIRECT: "true" })]) {
    const { response, settled } = await tapWith(put, code, { ...ahead, accept: "text/html" });
    await settled();
    const told = ["cache-control", "retry-after", "location"].map((name) => response.headers.get(name));
    expect([response.status, ...told]).toEqual([503, "private, no-store", "60", null]);
  }
  const problem = await tap(code, { headers: { purpose: "prefetch", accept: "application/json" } });
  expect(await problem.json()).toMatchObject({ status: 503, type: "urn:firsttap:problem:loaded-ahead" });
  expect((await tap(code, { headers: { "x-moz": "prefetch" } })).status).toBe(503);
  expect((await tap(code, { headers: { "x-purpose": "preview" } })).status).toBe(302);
  expect((await tap(code)).status).toBe(302);
  expect((await recorded(code, 7)).access_counts).toMatchObject({ prefetch: 5, preview: 1, person: 1 });

  expect((await tap(mintCode(), { headers: ahead })).status).toBe(404);
  await api("DELETE", `/api/links/${code}`);
  expect((await tap(code, { headers: ahead })).status).toBe(410);
});

it.each([
  ["JP", "JP"],
  ["T1", null],
  ["XX", null],
  [undefined, null],
])("the platform's country %s is recorded as %s", async (given, country) => {
  const { code } = await createLink();
  await tap(code, { cf: { country: given } });
  expect((await recorded(code, 1)).accesses).toMatchObject([{ kind: "person", country }]);
});

it("a tap from a data centre is noted without the network's name, and is a person's unless it poses as a browser", async () => {
  const { code } = await createLink();
  const asOrganization = "Amazon.com, Inc.";
  await tap(code, { cf: { asOrganization: "SoftBank Corp." } });
  await tap(code, { cf: { asOrganization } });
  await tap(code, { cf: { asOrganization }, headers: { "sec-fetch-mode": "navigate" } });
  const { accesses } = await recorded(code, 3);
  const told = accesses.map(({ kind, reason, network }: Record<string, unknown>) => [kind, reason, network]);
  expect(told.toSorted()).toEqual([
    ["person", null, null],
    ["person", null, "data centre"],
    ["scanner", "data centre without sec-fetch-mode", "data centre"],
  ]);
  await runInDurableObject(env.LINK.getByName(code), async (_, { storage }) => {
    const stored = JSON.stringify(storage.sql.exec("SELECT * FROM access").toArray());
    expect(stored).not.toMatch(/amazon|softbank/i);
  });
});

it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])("%s on a short URL is 405", async (method) => {
  const { code } = await createLink();
  const response = await tap(code, { method });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

it("an unknown code is a readable page, or a problem where JSON is asked for, and creates no storage", async () => {
  const code = mintCode();
  const page = await tap(code, { headers: { accept: "text/html,*/*" } });
  expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  expect(await page.text()).toContain("<h1>We couldn’t find this link</h1>");
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  const problem = await tap(code, { headers: { accept: "application/json" } });
  expect(problem.headers.get("content-type")).toBe("application/problem+json");
  expect(await problem.json()).toMatchObject({ status: 404, type: "urn:firsttap:problem:unknown-link" });
  await runInDurableObject(env.LINK.getByName(code), async (_, state) => {
    expect(
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    ).toEqual([]);
    expect(await state.storage.getAlarm()).toBeNull();
  });
});

it("a deleted link answers 410 at once, or leads to the account's fallback URL, which a city may learn five seconds late", async () => {
  const { token } = await tenant();
  const { code } = await createLink({}, token);
  expect((await api("DELETE", `/api/links/${code}`, undefined, { token })).status).toBe(204);
  expect((await tap(code)).status).toBe(410);
  expect((await api("GET", `/api/links/${code}`, undefined, { token })).status).toBe(404);
  await api("PATCH", "/api/account", { fallback_url: "https://example.com/sorry" }, { token });
  const isLate = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 5_000);
  const response = await tap(code);
  expect([response.status, response.headers.get("location")]).toEqual([302, "https://example.com/sorry"]);
  isLate.mockReturnValue(Date.now() + 5_000);
  const down = await tapWith(envWith({ ACCOUNT: brokenNamespace(new Error("down")) }), code);
  expect(down.response.status).toBe(410);
  isLate.mockRestore();
});

/** The real objects, counted. */
function countedObjects(calls: string[]): Partial<Record<keyof Env, unknown>> {
  const counted = <T>(kind: string, getByName: (name: string) => T) => ({
    getByName: (name: string) => {
      calls.push(kind);
      return getByName(name);
    },
  });
  return {
    LINK: counted("link", (name) => env.LINK.getByName(name)),
    ACCOUNT: counted("account", (name) => env.ACCOUNT.getByName(name)),
  };
}

it("a link that has ended asks its object and its account once in five seconds, however often it is tapped", async () => {
  const { token } = await tenant();
  const { code } = await createLink({}, token);
  await api("DELETE", `/api/links/${code}`, undefined, { token });
  const calls: string[] = [];
  const ended = envWith(countedObjects(calls));
  const tapAt = async (at: number) => {
    const clock = vi.spyOn(Date, "now").mockReturnValue(at);
    expect((await tapWith(ended, code)).response.status).toBe(410);
    clock.mockRestore();
  };
  const start = Date.now();
  for (const ms of [0, 1, 4_999]) await tapAt(start + ms);
  expect(calls).toEqual(["link", "account"]);
  await tapAt(start + 5_000);
  expect(calls).toEqual(["link", "account", "link", "account"]);
});

it("a chosen code that was tapped after its end opens at once when it is opened again", async () => {
  const code = `again-${mintCode()}`;
  await createLink({ code });
  await api("DELETE", `/api/links/${code}`);
  const elsewhere = envWith({ DIRECTORY: { get: async () => null } });
  expect((await tapWith(elsewhere, code)).response.status).toBe(410);
  await createLink({ code });
  const { response, settled } = await tapWith(elsewhere, code);
  expect(response.status).toBe(302);
  await settled();
});

it("a link works the moment it exists, also where KV has not heard of it", async () => {
  const { code } = await createLink();
  const elsewhere = { get: async () => null };
  const { response, settled } = await tapWith(envWith({ DIRECTORY: elsewhere }), code);
  expect(response.status).toBe(302);
  await settled();
  expect((await countOf(code)).person).toBe(1);
});

it("an entry that KV lost is written again at the next tap", async () => {
  const { code } = await createLink();
  const entry = await env.DIRECTORY.get(code);
  await env.DIRECTORY.delete(code);
  await evictDurableObject(env.LINK.getByName(code));
  expect((await tap(code)).status).toBe(302);
  const healed = () => env.DIRECTORY.get(code);
  expect(await eventually(healed, (value) => value !== null)).toBe(entry);
});

it("KV is never read for a code before it is written, neither by the route nor by the object", async () => {
  const operations: string[] = [];
  const spying = {
    get: async (key: string) => (operations.push(`get ${key}`), null),
    put: async (key: string) => void operations.push(`put ${key}`),
  };
  const code = "never-read";
  await runInDurableObject(env.LINK.getByName(code), (instance) => {
    (instance as unknown as { env: Env }).env = envWith({ DIRECTORY: spying });
  });
  const request = new Request(`${ORIGIN}/api/links`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ url: "https://example.com/", code }),
  });
  const created = await worker.fetch(request as never, envWith({ DIRECTORY: spying }), createExecutionContext());
  expect(created.status).toBe(201);
  expect(operations).toEqual([`put ${code}`]);
});

it.each([
  ["down", new Error("KV is down"), 1_000],
  ["silent", "hang" as const, 2_000],
])(
  "with KV %s, links redirect through their objects, and the rate limit does not count it as guessing",
  async (_, how, withinMs) => {
    const { code } = await createLink();
    const down = envWith({ DIRECTORY: broken(how), GUESSES: { limit: async () => ({ success: false }) } });
    const { response, elapsedMs, settled } = await tapWith(down, code);
    expect(response.status).toBe(302);
    expect(elapsedMs).toBeLessThan(withinMs);
    await settled();
    expect((await countOf(code)).person).toBe(1);
  },
);

it("a change of destination that KV refuses reaches KV later, from the object's alarm", async () => {
  const { code } = await createLink({ url: "https://example.com/old" });
  const link = env.LINK.getByName(code);
  await runInDurableObject(link, async (instance, state) => {
    const bindings = instance as unknown as { env: Env };
    const real = bindings.env;
    bindings.env = envWith({ DIRECTORY: broken(new Error("429 Too Many Requests")) });
    const changed = await instance.change("main", { destination: "https://example.com/new" }, undefined, IN_TIME);
    expect(changed).toMatchObject({ destination: "https://example.com/new" });
    bindings.env = real;
    expect(await real.DIRECTORY.get(code)).toContain("/old");
    // From here on the alarm is for nothing else.
    await heardBy(instance, state);
    // An outage is not made worse: each failure in a row doubles the wait, give or take half of it. The first is above.
    for (const seconds of [20, 40, 80]) {
      bindings.env = envWith({ DIRECTORY: broken(new Error("still down")) });
      state.storage.sql.exec("UPDATE link SET directory_due_at = 1");
      await instance.alarm();
      const waits = (((await state.storage.getAlarm()) ?? 0) - Date.now()) / 1_000 / seconds;
      expect([waits > 0.4, waits < 1.5]).toEqual([true, true]);
    }
    bindings.env = real;
    state.storage.sql.exec("UPDATE link SET directory_due_at = 1");
    await instance.alarm();
  });
  expect((await tap(code)).headers.get("location")).toBe("https://example.com/new");
});

it("a write of KV that is refused again waits for an hour, then for the next day of UTC, the newest links first", async () => {
  const { code } = await createLink();
  await heard(code);
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    const bindings = instance as unknown as { env: Env };
    bindings.env = envWith({ DIRECTORY: broken(new Error("KV PUT failed: 429 Too Many Requests")) });
    const waits: number[] = [];
    for (const ageDays of [0, 0, 0, 45]) {
      state.storage.sql.exec("UPDATE link SET directory_due_at = 1, created_at = ?", Date.now() - ageDays * 86_400_000);
      await instance.alarm();
      waits.push(((await state.storage.getAlarm()) ?? 0) - Date.now());
    }
    const toMidnight = 86_400_000 - (Date.now() % 86_400_000);
    const [first = 0, second = 0, third = 0, older = 0] = waits;
    expect(first).toBeLessThan(15_100);
    expect(Math.abs(second - 3_600_000)).toBeLessThan(1_800_100);
    expect(Math.abs(third - toMidnight)).toBeLessThan(60_000);
    expect(Math.abs(older - toMidnight - 3 * 3_600_000)).toBeLessThan(60_000);
  });
});

it("a hanging or broken object, account and queue delay no redirect that KV can answer", async () => {
  const { code } = await createLink();
  for (const how of ["hang", new Error("down"), platformError({ overloaded: true })] as const) {
    const dead = envWith({
      LINK: brokenNamespace(how),
      ACCOUNT: brokenNamespace(how),
      ACCESSES: broken(how === "hang" ? new Error("down") : how),
      GUESSES: broken(new Error("down")),
    });
    const { response, elapsedMs } = await tapWith(dead, code);
    expect(response.status).toBe(302);
    expect(elapsedMs).toBeLessThan(200);
  }
});

it("an access that its object cannot take waits in the recovery queue, with its own id and time", async () => {
  const { code } = await createLink();
  const sent: AccessJob[] = [];
  const queue = { send: async (job: AccessJob) => void sent.push(job) };
  const before = Date.now();
  const { response, settled } = await tapWith(
    envWith({ LINK: brokenNamespace(platformError({ retryable: true })), ACCESSES: queue }),
    code,
  );
  expect(response.status).toBe(302);
  await settled();
  expect(sent).toHaveLength(1);
  const [job] = sent;
  const [access] = job?.accesses ?? [];
  expect([job && "code" in job && job.code, job?.batch, job?.accesses.length]).toEqual([code, access?.id, 1]);
  expect(access?.at).toBeGreaterThanOrEqual(before);

  const deliver = async (brokenEnv: Env) => {
    const ctx = createExecutionContext();
    const batch = createMessageBatch("firsttap-accesses", [{ id: "1", timestamp: 0, attempts: 1, body: job }]);
    await worker.queue(batch, brokenEnv, ctx);
    return getQueueResult(batch, ctx);
  };
  const failed = await deliver(envWith({ LINK: brokenNamespace(new Error("still down")) }));
  expect([failed.explicitAcks, failed.retryMessages.length]).toEqual([[], 1]);
  // The queue delivers at least once: twice here.
  for (let delivery = 0; delivery < 2; delivery++) expect((await deliver(env)).explicitAcks).toEqual(["1"]);
  const status = await statusOf(code);
  expect(status.access_counts.person).toBe(1);
  expect(status.first_accessed_at).toBe(new Date(access?.at ?? 0).toISOString());
});

it("an object that fails twice is asked a third time with a fresh stub; an overloaded one is not", async () => {
  const { code } = await createLink();
  for (const [error, stubs, queued] of [
    [platformError({ retryable: true }), 3, 0],
    [platformError({ overloaded: true }), 1, 1],
  ] as const) {
    let made = 0;
    let sent = 0;
    const namespace = {
      getByName: (name: string) => (++made < 3 ? broken(error) : env.LINK.getByName(name)),
    };
    const { settled } = await tapWith(envWith({ LINK: namespace, ACCESSES: { send: async () => void sent++ } }), code);
    await settled();
    expect([made, sent]).toEqual([stubs, queued]);
  }
});

it("what waits in the queue is replayed as it came, batches and single accesses; what is no job, or hangs, fails alone", async () => {
  const { code } = await createLink();
  const someone = () => accessOf(PERSON, Date.now(), null);
  const accesses = [someone(), someone(), someone()];
  const hanging = mintCode();
  const bodies = [
    null,
    "text",
    {},
    { code, access: null },
    { code, batch: accesses[0]?.id, accesses },
    { code: hanging, access: someone() },
    { code, access: { ...someone(), kind: null } },
    { code, access: someone() },
    { code, batch: accesses[0]?.id, accesses },
  ];
  const messages = bodies.map((body, n) => ({ id: String(n), timestamp: new Date(), attempts: 1, body }));
  const getByName = (name: string) => (name === hanging ? broken("hang") : env.LINK.getByName(name));
  const batch = createMessageBatch("firsttap-accesses", messages);
  const ctx = createExecutionContext();
  const startedAt = performance.now();
  await worker.queue(batch, envWith({ LINK: { getByName } }), ctx);
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, ctx);
  expect(explicitAcks.toSorted()).toEqual(["4", "7", "8"]);
  expect(retryMessages.map(({ msgId }) => msgId).toSorted()).toEqual(["0", "1", "2", "3", "5", "6"]);
  expect((await countOf(code))["person"]).toBe(4);
});

it("an access that cannot be replayed waits longer each time, less than four hours at most, for as long as any queue keeps it", async () => {
  const delays: number[] = [];
  const body = { code: mintCode(), access: accessOf(PERSON, Date.now(), null) };
  const messages = Array.from({ length: 101 }, (_, n) => n + 1).map((attempts) => ({
    attempts,
    body,
    retry: ({ delaySeconds }: { delaySeconds: number }) => void delays.push(delaySeconds),
  }));
  const batch = { queue: "firsttap-accesses", messages };
  await worker.queue(batch as never, envWith({ LINK: brokenNamespace(new Error("down")) }), createExecutionContext());
  expect([delays[0], delays[1], delays[6], delays[10], delays[11], delays[100]]).toEqual([
    10, 20, 640, 10_240, 13_200, 13_200,
  ]);
  const days = delays.slice(0, 100).reduce((sum, delay) => sum + delay, 0) / 86_400;
  expect([days > 13.5, days < 14]).toEqual([true, true]);
});

it("when the object and the queue both fail, the redirect still works and one log line says what was lost", async () => {
  const { code } = await createLink();
  const dead = envWith({
    LINK: brokenNamespace(platformError({ overloaded: true })),
    ACCESSES: broken(new Error("down")),
  });
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const { response, settled } = await tapWith(dead, code);
  expect(response.status).toBe(302);
  await settled();
  spy.mockRestore();
  const lost = lines
    .map((line) => JSON.parse(line))
    .filter((line) => line.fact === "access.lost" && line.code === code);
  expect(lost).toMatchObject([{ kind: "person", queue_error: expect.stringContaining("down") }]);
});

it("with RECORD_BEFORE_REDIRECT the access is recorded when the redirect is answered", async () => {
  const { code } = await createLink();
  const { response } = await tapWith(envWith({ RECORD_BEFORE_REDIRECT: "true" }), code);
  expect(response.status).toBe(302);
  expect((await countOf(code)).person).toBe(1);
  const gone = createExecutionContext();
  const kept = vi.spyOn(gone, "waitUntil");
  const request = new Request(`${ORIGIN}/${code}`, { redirect: "manual", headers: { "user-agent": AGENTS.iPhone } });
  await worker.fetch(request as never, envWith({ RECORD_BEFORE_REDIRECT: "true" }), gone);
  expect(kept, "for a visitor who does not wait for the answer").toHaveBeenCalledOnce();
  let sent = 0;
  const down = {
    LINK: brokenNamespace(platformError({ overloaded: true })),
    ACCESSES: { send: async () => void sent++ },
  };
  const queued = await tapWith(envWith({ ...down, RECORD_BEFORE_REDIRECT: "true" }), code);
  expect([queued.response.status, sent]).toEqual([302, 1]);
});

it("an unreachable link that KV does not know is 503 with Retry-After, never 404", async () => {
  const { response } = await tapWith(
    envWith({ LINK: brokenNamespace(platformError({ overloaded: true })) }),
    mintCode(),
  );
  const header = (name: string) => response.headers.get(name);
  expect([response.status, header("retry-after"), header("refresh")]).toEqual([503, "5", "5"]);
});

it("a client that guesses codes gets no other answered but what KV knows of minted ones; others may guess", async () => {
  const chosen = `chosen-${mintCode()}`;
  await createLink({ code: chosen });
  const { code } = await createLink();
  const from = (ip: string) => ({ headers: { "cf-connecting-ip": ip } });
  const statuses = new Set<number>();
  for (let guess = 0; guess < 220; guess++) statuses.add((await tap(mintCode(), from("203.0.113.7"))).status);
  expect(statuses).toEqual(new Set([404, 429]));
  expect((await tap(mintCode(), from("203.0.113.8"))).status).toBe(404);
  expect((await tap(code, from("203.0.113.8"))).status).toBe(302);

  const limited = { "cf-connecting-ip": "203.0.113.7" };
  const asked = brokenNamespace(new Error("was asked"));
  const { response, settled } = await tapWith(envWith({ GUESSES: broken("hang") }), code, limited);
  expect(response.status).toBe(302);
  await settled();
  const unwritten = { DIRECTORY: { get: async () => null }, LINK: asked, ACCOUNT: asked, GUESSES: broken("hang") };
  const told = [];
  for (const guessed of [code, mintCode()]) {
    const answered = (await tapWith(envWith(unwritten), guessed, limited)).response;
    told.push([answered.status, [...answered.headers], await answered.text()]);
  }
  expect(told[0]?.[0]).toBe(429);
  expect(told[1], "of what KV does not know nothing is told").toEqual(told[0]);
  const unread = { ...unwritten, DIRECTORY: broken(new Error("was read")) };
  for (const guessed of [chosen, "nobodys-choice"])
    expect((await tapWith(envWith(unread), guessed, limited)).response.status).toBe(429);
  expect((await tapWith(envWith(unread), code, limited)).response.status).toBe(503);

  const later = Date.now() + 61_000;
  vi.spyOn(Date, "now").mockReturnValue(later);
  expect((await tap(chosen, from("203.0.113.7"))).status).toBe(302);
  vi.mocked(Date.now).mockRestore();
});

it("the same misprint again is no further guess", async () => {
  const headers = { "cf-connecting-ip": "203.0.113.9" };
  const [once, again] = [mintCode(), mintCode()];
  for (let tapped = 0; tapped < 220; tapped++) expect((await tap(once, { headers })).status).toBe(404);
  expect((await tap(again, { headers })).status).toBe(404);
});

it("one IPv6 client owns 64 bits of addresses", async () => {
  const statuses = new Set<number>();
  for (let guess = 0; guess < 220; guess++) {
    const headers = { "cf-connecting-ip": `2001:db8::${guess.toString(16)}` };
    statuses.add((await tap(mintCode(), { headers })).status);
  }
  expect(statuses).toEqual(new Set([404, 429]));
});

it("guesses create no storage", async () => {
  for (let guess = 0; guess < 20; guess++) {
    const code = mintCode();
    expect((await tap(code)).status).toBe(404);
    await runInDurableObject(env.LINK.getByName(code), async (_, state) => {
      expect(state.storage.sql.exec("SELECT name FROM sqlite_master").toArray()).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
    expect(await env.DIRECTORY.get(code)).toBeNull();
  }
});

it("a link that has ended is never taken for a guess, however many people tap it from one address", async () => {
  const { token } = await tenant();
  const { code } = await createLink({}, token);
  await api("DELETE", `/api/links/${code}`, undefined, { token });
  const headers = { "cf-connecting-ip": "203.0.113.55" };
  for (let tapped = 0; tapped < 220; tapped++) expect((await tap(code, { headers })).status).toBe(410);
});

it("no IP address and no raw user agent is stored", async () => {
  const { code } = await createLink({ callback_url: "http://127.0.0.1:1/" });
  await tap(code, { headers: { "cf-connecting-ip": "198.51.100.23" } });
  await tap(code, { agent: "EvilBot/1.0 (secret-marker)", headers: { "cf-connecting-ip": "198.51.100.23" } });
  await recorded(code, 2);
  const stored = await runInDurableObject(env.LINK.getByName(code), async (_, state) =>
    ["link", "access", "callback"].map((table) =>
      JSON.stringify(state.storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
    ),
  );
  const all = stored.join() + ((await env.DIRECTORY.get(code)) ?? "");
  for (const secret of ["198.51.100.23", "secret-marker", "Mobile/15E148", AGENTS.iPhone])
    expect(all).not.toContain(secret);
});

it("paths that cannot be codes never reach KV", async () => {
  const counting = { get: () => Promise.reject(new Error("KV was read")) };
  for (const path of ["wp-login.php", ".env", "a/b", "ab", "x".repeat(65), "favicon.ico", "%00", "healthz/x"]) {
    const { response } = await tapWith(envWith({ DIRECTORY: counting }), path);
    expect([path, response.status]).toEqual([path, 404]);
  }
});

it("says what it is, whether it is well, and that robots should stay away", async () => {
  const get = (path: string) => exports.default.fetch(`${ORIGIN}${path}`);
  expect(await (await get("/")).text()).toContain("Links from text messages open here");
  expect(await (await get("/robots.txt")).text()).toContain("Disallow: /");
  expect(await (await get("/healthz")).json()).toEqual({ kv: "ok", object: "ok" });
  // Anybody may ask that, as often as he likes: so no account's object answers it.
  const asked: string[] = [];
  const getByName = (name: string) => {
    asked.push(name);
    return env.ACCOUNT.getByName(name);
  };
  const health = new Request(`${ORIGIN}/healthz`) as never;
  await worker.fetch(health, envWith({ ACCOUNT: { getByName } }), createExecutionContext());
  expect(asked).toEqual(["healthz"]);
  const sick = await worker.fetch(
    new Request(`${ORIGIN}/healthz`) as never,
    envWith({ DIRECTORY: broken(new Error("down")), ACCOUNT: brokenNamespace("hang") }),
    createExecutionContext(),
  );
  expect([sick.status, await sick.json()]).toEqual([503, { kv: "failed", object: "failed" }]);
});
