// The SMS API: what its clients send, what they read, and what is refused.

import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Account } from "../src/account/account.do.ts";
import type { Book } from "../src/book/book.do.ts";
import worker from "../src/index.ts";
import { eventuallyHeard } from "./support/books.ts";
import { envWith } from "./support/faults.ts";
import { newMessage } from "./support/held-message.ts";
import { AGENTS, api, eventually, IN_TIME, ORIGIN, receiver, statusOf, tap } from "./support/firsttap.ts";
import { type Login, MAIN, MESSAGE, messageOf, post, postJson, send, settled, sms, tenant } from "./support/sms.ts";

const MSGID = /^[A-Za-z0-9]{32}$/;
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

it("a message is sent with a short link, its recipient opens it, both callbacks arrive, and the status says so", async () => {
  const login = await tenant();
  const { body: rotated } = await api("POST", "/api/account/callback-secret", undefined, { token: login.token });
  const opened = await receiver({ status: 500 }, { status: 200 });
  const delivered = await receiver({ status: 500 }, { status: 200 });
  const fields = {
    track_link: "true",
    lt_callbackurl: opened.url,
    callbackurl: delivered.url,
    tags: "a,b",
    reference: "order-7",
  };
  const sent = await post(fields, { login });
  expect(sent.status).toBe(201);
  expect(sent.headers.get("content-type")).toMatch(/^application\/json/);
  expect(sent.body).toEqual([{ msgid: expect.stringMatching(MSGID) }]);
  const [{ msgid }] = sent.body;

  const before = await settled(msgid, { login });
  const code = new URL(before.link_tracking.shortlink).pathname.slice(1);
  expect(before).toEqual({
    msgid,
    url: `${ORIGIN}/sms/messages/${msgid}/`,
    sender: "SHOP",
    recipient: "+818012345678",
    status: "DELIVERED",
    reason: null,
    sent_time: expect.stringMatching(TIME),
    cost: 0,
    parts: 1,
    tags: ["a", "b"],
    reference: "order-7",
    given_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    settled_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    callback: expect.objectContaining({ event_id: expect.stringMatching(/^evt_/) }),
    link_tracking: {
      link: "https://example.com/a?b=1",
      shortlink: `${ORIGIN}/${code}`,
      accessed: false,
      accessed_on: null,
      access_count: 0,
      accesses: [],
      callback: { state: "none", event_id: null, next_attempt_at: null, attempts: [] },
    },
  });
  const [kept] = (await sms("GET", "outbox", undefined, { login })).body;
  expect(kept).toMatchObject({ msgid, message: `Your offer: ${ORIGIN}/${code} Bye`, recipient: "+818012345678" });

  expect((await tap(code, { agent: AGENTS.applePreview })).status).toBe(302);
  expect((await tap(code)).headers.get("location")).toBe("https://example.com/a?b=1");
  await eventually(
    () => messageOf(msgid, { login }),
    (message) => message.link_tracking.callback.state === "delivered" && message.callback.state === "delivered",
  );
  expect((await tap(code, { agent: AGENTS.android })).status).toBe(302);
  const after = await eventually(
    () => messageOf(msgid, { login }),
    (message) => message.link_tracking.access_count === 2,
  );
  const { link_tracking: tracking, callback } = after;
  expect(tracking).toMatchObject({ accessed: true, accessed_on: tracking.accesses[0] });
  expect(tracking.accesses).toEqual([expect.stringMatching(TIME), expect.stringMatching(TIME)]);
  expect(tracking.callback.attempts).toMatchObject([{ status: 500 }, { status: 200 }]);
  expect(callback.attempts).toMatchObject([{ status: 500 }, { status: 200 }]);

  const webhook = new Webhook(rotated["callback_secret"]);
  const openedPosts = await opened.received();
  expect(openedPosts.map(({ body, headers }) => webhook.verify(body, headers))[0]).toMatchObject({
    type: "link.first_accessed",
    data: { code, msgid, reference: "order-7", tags: ["a", "b"], url: "https://example.com/a?b=1" },
  });
  const deliveredPosts = await delivered.received();
  const { callback: _, link_tracking: __, given_at: ___, settled_at: ____, ...reported } = before;
  expect(deliveredPosts.map(({ body, headers }) => webhook.verify(body, headers))[0]).toMatchObject({
    type: "message.delivered",
    data: reported,
  });
  for (const posts of [openedPosts, deliveredPosts]) {
    expect(posts).toHaveLength(2);
    expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  }
  // The message's book hears of a first access within seconds.
  const listed = await eventually(
    async () => (await sms("GET", "messages/", undefined, { login })).body[0],
    (message) => message.link_tracking.accessed,
  );
  expect(listed.link_tracking).toEqual({
    link: "https://example.com/a?b=1",
    shortlink: `${ORIGIN}/${code}`,
    accessed: true,
    accessed_on: tracking.accessed_on,
  });
});

describe("POST /sms/messages/", () => {
  it("takes JSON, with booleans, and Bearer", async () => {
    const body = JSON.stringify({ ...MESSAGE, track_link: true });
    const response = await exports.default.fetch(`${ORIGIN}/sms/messages/`, {
      method: "POST",
      headers: { authorization: `Bearer ${MAIN.token}`, "content-type": "application/json; charset=utf-8" },
      body,
    });
    expect(response.status).toBe(201);
    const [{ msgid }] = await response.json<[{ msgid: string }]>();
    expect((await settled(msgid)).link_tracking.link).toBe("https://example.com/a?b=1");
  });

  it("takes multipart forms, and a form without its content type as curl's --data-binary with no header", async () => {
    const multipart = new FormData();
    for (const [name, value] of Object.entries(MESSAGE)) multipart.set(name, value);
    expect((await sms("POST", "messages/", multipart)).status).toBe(201);
  });

  it("answers the same without the final slash, and never redirects a POST", async () => {
    const form = new URLSearchParams(MESSAGE);
    const bare = await sms("POST", "messages", form);
    const slashed = await sms("POST", "messages/", form);
    expect([bare.status, slashed.status]).toEqual([201, 201]);
    const [{ msgid }] = bare.body;
    expect((await sms("GET", `messages/${msgid}`)).body).toEqual((await sms("GET", `messages/${msgid}/`)).body);
  });

  it.each(["true", "True", "TRUE", "1"])("tracks with track_link=%s", async (track_link) => {
    expect(await messageOf(await send({ track_link }))).toHaveProperty("link_tracking");
  });

  it.each(["false", "False", "0", "", undefined])("does not track with track_link=%s", async (track_link) => {
    expect(await messageOf(await send({ track_link }))).not.toHaveProperty("link_tracking");
  });

  it.each([true, "true", 1])("tracks with the JSON value %s", async (track_link) => {
    const { body } = await postJson({ ...MESSAGE, track_link });
    expect(await messageOf(body[0].msgid)).toHaveProperty("link_tracking");
  });

  it("without track_link sends the text as it is", async () => {
    const msgid = await send({ message: "  See https://example.com/a \r\n" });
    const outbox = (await sms("GET", "outbox/")).body as { msgid: string; message: string }[];
    expect(outbox.find((kept) => kept.msgid === msgid)?.message).toBe("  See https://example.com/a \r\n");
  });

  it("ignores what it does not know, as the clients of this API expect", async () => {
    expect((await post({ jp_kp: "true", nonsense: "x" })).status).toBe(201);
  });

  it("counts the parts of what is sent", async () => {
    const long = `https://example.com/${"a".repeat(200)}`;
    const message = `Go to ${long} now`;
    expect((await messageOf(await send({ message, track_link: "true" }))).parts).toBe(1);
    expect((await messageOf(await send({ message }))).parts).toBe(2);
    expect((await messageOf(await send({ message: `あ${"い".repeat(70)}` }))).parts).toBe(2);
  });

  it("limits what is sent to 1,600 characters, not what was written", async () => {
    const long = `https://example.com/${"a".repeat(1_500)}`;
    expect((await post({ message: `${"x".repeat(1_540)} ${long}`, track_link: "true" })).status).toBe(201);
    expect((await messageOf(await send({ message: "x".repeat(1_600) }))).parts).toBe(11);
    expect((await messageOf(await send({ message: "あ".repeat(1_600) }))).parts).toBe(24);
    for (const message of ["あ".repeat(1_601), `${"x".repeat(1_580)} ${long}`, "x".repeat(20_000)]) {
      const refused = await post({ message, track_link: message.includes(long) ? "true" : "false" });
      expect([refused.status, refused.body]).toEqual([400, { message: [expect.stringMatching(/^Message too long/)] }]);
    }
  });

  it("calls back the account's URL when the message names none", async () => {
    const login = await tenant();
    const { url, received } = await receiver();
    await api("PATCH", "/api/account", { callback_url: url }, { token: login.token });
    const msgid = await send({ track_link: "true" }, { login });
    const { link_tracking: tracking } = await messageOf(msgid, { login });
    await tap(new URL(tracking.shortlink).pathname.slice(1));
    const [first] = await eventually(received, (posts) => posts.length > 0);
    expect(JSON.parse(first?.body ?? "{}").data.msgid).toBe(msgid);
  });
});

describe("Idempotency-Key", () => {
  const keyed = (key: string) => ({ headers: { "idempotency-key": key } });

  it("repeated gives the same msgid and one SMS, also side by side", async () => {
    const login = await tenant();
    const fields = { track_link: "true" };
    const repeats = await Promise.all(Array.from({ length: 8 }, () => post(fields, { login, ...keyed("once") })));
    expect(new Set(repeats.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(repeats.map(({ body }) => body[0].msgid)).size).toBe(1);
    const again = await post(fields, { login, ...keyed("once") });
    expect(again.body).toEqual(repeats[0]?.body);
    expect((await sms("GET", "outbox", undefined, { login })).body).toHaveLength(1);
    expect((await api("GET", "/api/links", undefined, { token: login.token })).body["links"]).toHaveLength(1);
  });

  it("with another message is refused, and nothing is sent", async () => {
    const login = await tenant();
    await send({}, { login, ...keyed("key") });
    const refused = await post({ sender: "OTHER" }, { login, ...keyed("key") });
    expect([refused.status, refused.body]).toEqual([400, { "Idempotency-Key": [expect.stringContaining("new key")] }]);
    expect((await sms("GET", "outbox", undefined, { login })).body).toHaveLength(1);
  });

  it("is free again after a refused request, because that made nothing", async () => {
    const login = await tenant();
    expect((await post({ recipient: "nobody" }, { login, ...keyed("mended") })).status).toBe(400);
    expect((await post({}, { login, ...keyed("mended") })).status).toBe(201);
  });
});

const REQUIRED = ["This field is required."];
// What is wrong, the fields on top of a good message (undefined leaves one out), and the whole answer.
const REFUSED: [string, Record<string, string | undefined>, object][] = [
  ["no message", { message: undefined }, { message: REQUIRED }],
  ["no recipient", { recipient: undefined }, { recipient: REQUIRED }],
  ["no sender", { sender: undefined }, { sender: REQUIRED }],
  [
    "nothing at all",
    { message: undefined, recipient: undefined, sender: undefined },
    { message: REQUIRED, recipient: REQUIRED, sender: REQUIRED },
  ],
  ["an empty message", { message: "" }, { message: ["This field may not be blank."] }],
  ["white space for a message", { message: " \n\u3000" }, { message: ["This field may not be blank."] }],
  ["a NUL", { message: "a\0b" }, { message: ["Null characters are not allowed."] }],
  ["a trunk 0 behind the country code", { recipient: "+8108012345678" }, { recipient: [expect.any(String)] }],
  ["a trunk 0 for a country code", { recipient: "+08012345678" }, { recipient: [expect.any(String)] }],
  ["a recipient without +", { recipient: "818012345678" }, { recipient: [expect.any(String)] }],
  ["a recipient with spaces", { recipient: "+81 80 1234 5678" }, { recipient: [expect.any(String)] }],
  ["full-width digits", { recipient: "+８１８０１２３４５６７８" }, { recipient: [expect.any(String)] }],
  ["a word for a recipient", { recipient: "mother" }, { recipient: [expect.any(String)] }],
  ["an empty recipient", { recipient: "" }, { recipient: [expect.any(String)] }],
  ["an empty sender", { sender: "" }, { sender: [expect.any(String)] }],
  ["a sender of 12 letters", { sender: "ABCDEFGHIJKL" }, { sender: [expect.any(String)] }],
  ["a sender of 16 digits", { sender: "1234567890123456" }, { sender: [expect.any(String)] }],
  ["a sender with a full stop", { sender: "MY.SHOP" }, { sender: [expect.any(String)] }],
  ["kana for a sender", { sender: "みせ" }, { sender: [expect.any(String)] }],
  ["a strange track_link", { track_link: "maybe" }, { track_link: ["Must be a valid boolean."] }],
  [
    "no link to track",
    { message: "Hello", track_link: "true" },
    { message: [expect.stringContaining("no link was found")] },
  ],
  [
    "prose for a link, to any other country",
    { message: "Bestellen auf example.it jetzt", recipient: "+491701234567", track_link: "true" },
    { message: [expect.stringContaining("Write it with https://")] },
  ],
  [
    "a link to an address that is not allowed",
    { message: `See ${ORIGIN}/abc`, track_link: "true" },
    { message: [expect.stringContaining("leads to this service itself")] },
  ],
  ["an unusable lt_callbackurl", { lt_callbackurl: "ftp://example.com/" }, { lt_callbackurl: [expect.any(String)] }],
  ["a relative callbackurl", { callbackurl: "/hook" }, { callbackurl: [expect.any(String)] }],
  ["21 tags", { tags: Array.from({ length: 21 }, (_, n) => `t${n}`).join(",") }, { tags: [expect.any(String)] }],
  ["a tag of 65 characters", { tags: "x".repeat(65) }, { tags: [expect.any(String)] }],
  ["a reference of 256 characters", { reference: "x".repeat(256) }, { reference: [expect.any(String)] }],
];

describe("a message is refused, and nothing is sent, with", () => {
  it.each(REFUSED)("%s", async (_, fields, answer) => {
    const login = await tenant();
    const refused = await post(fields, { login });
    expect([refused.status, refused.body]).toEqual([400, answer]);
    expect((await sms("GET", "messages/", undefined, { login })).body).toEqual([]);
    expect((await api("GET", "/api/links", undefined, { token: login.token })).body["links"]).toEqual([]);
  });

  it.each([
    ["a number", { message: 5 }, { message: ["Not a valid string."] }],
    ["an array", { message: ["a"] }, { message: ["Not a valid string."] }],
    ["an object", { recipient: {} }, { recipient: ["Not a valid string."] }],
    ["null", { sender: null }, { sender: ["This field may not be null."] }],
    ["half a surrogate pair", { message: "a\ud800" }, { message: [expect.stringContaining("surrogate")] }],
    ["an array of tags", { tags: ["a"] }, { tags: ["Not a valid string."] }],
    ["an object for track_link", { track_link: {} }, { track_link: ["Must be a valid boolean."] }],
    ["a number for lt_callbackurl", { lt_callbackurl: 7 }, { lt_callbackurl: [expect.any(String)] }],
  ])("JSON: %s", async (_, fields, answer) => {
    const refused = await postJson({ ...MESSAGE, ...fields });
    expect([refused.status, refused.body]).toEqual([400, answer]);
  });

  it.each([
    [
      "a field twice",
      "message=a&message=b&recipient=%2B818012345678&sender=S",
      400,
      { message: ["Is given more than once."] },
    ],
    [
      "bytes that are not UTF-8",
      "message=%ff&recipient=%2B818012345678&sender=S",
      400,
      { detail: expect.stringContaining("UTF-8") },
    ],
    [
      "a + that is not %2B",
      "message=a&recipient=+818012345678&sender=S",
      400,
      { recipient: [expect.stringContaining("write it as %2B")] },
    ],
    ["an empty form", "", 400, { message: REQUIRED, recipient: REQUIRED, sender: REQUIRED }],
  ])("a form with %s", async (_, body, status, answer) => {
    const refused = await sms("POST", "messages/", body, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect([refused.status, refused.body]).toEqual([status, answer]);
  });

  it.each([
    ["broken JSON", "application/json", "{", 400],
    ["a JSON array", "application/json", "[]", 400],
    ["a JSON string", "application/json", '"x"', 400],
    ["XML", "application/xml", "<a/>", 415],
    ["text", "text/plain", "hello", 415],
    ["a broken multipart form", "multipart/form-data; boundary=x", "nonsense", 400],
    ["more than 64 KB", "application/json", JSON.stringify({ message: "x".repeat(70_000) }), 413],
  ])("%s", async (_, type, body, status) => {
    const refused = await sms("POST", "messages/", body, { headers: { "content-type": type } });
    expect([refused.status, refused.body]).toEqual([status, { detail: expect.any(String) }]);
  });

  it("an unusable Idempotency-Key", async () => {
    const refused = await post({}, { headers: { "idempotency-key": "a b" } });
    expect([refused.status, refused.body]).toEqual([400, { "Idempotency-Key": [expect.any(String)] }]);
  });
});

describe("a name that is not quite one of ours", () => {
  it.each([
    // A letter too few, too many, another one, two swapped; a word's other spelling; two letters, where a name is long enough.
    ["lt_callbacurl", "lt_callbackurl"],
    ["lt_callback_url", "lt_callbackurl"],
    ["lt_callbackUrl", "lt_callbackurl"],
    ["ltcallback", undefined],
    ["callback_url", "callbackurl"],
    ["callbakurl", "callbackurl"],
    ["track_lnik", "track_link"],
    ["trackLink", "track_link"],
    ["track-link", "track_link"],
    ["Track_Link", "track_link"],
    ["tracklinks", "track_link"],
    ["recipent", "recipient"],
    ["reciepients", "recipient"],
    ["referense", "reference"],
    ["refrence", "reference"],
    ["mesage", "message"],
    ["massages", "message"],
    ["send", "sender"],
    ["tag", "tags"],
    ["tgas", "tags"],
    // Other words: the SMS API that we are compatible with knows some of them, and ignores the others.
    ["page", undefined],
    ["type", undefined],
    ["text", undefined],
    ["jp_kp", undefined],
    ["jp_kp_sender", undefined],
    ["track", undefined],
    ["reserve_date", undefined],
    ["__proto__", undefined],
    ["", undefined],
    ["x".repeat(100), undefined],
  ])("%s", async (name, meant) => {
    const login = await tenant();
    const json = `${JSON.stringify(MESSAGE).slice(0, -1)},${JSON.stringify(name)}:"x"}`;
    const headers = { "content-type": "application/json" };
    const form = new URLSearchParams({ ...MESSAGE });
    form.append(name, "x");
    const answers = [
      await sms("POST", "messages/", form, { login }),
      await sms("POST", "messages/", json, { login, headers }),
    ];
    const refusal = { [name]: [`Is unknown: did you mean ${meant}? Nothing was sent.`] };
    const expected = meant === undefined ? [201, [{ msgid: expect.stringMatching(MSGID) }]] : [400, refusal];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([expected, expected]);
    expect((await sms("GET", "messages/", undefined, { login })).body).toHaveLength(meant === undefined ? 2 : 0);
  });

  it("is heard where the help page of the API that we are compatible with has it", async () => {
    const { url, received } = await receiver({ status: 200 });
    const msgid = await send({ track_link: "true", lt_callbackur: url });
    const { link_tracking: tracking } = await settled(msgid);
    await tap(new URL(tracking.shortlink).pathname.slice(1));
    expect(await eventually(received, (posts) => posts.length > 0)).toHaveLength(1);
    const twice = await post({ lt_callbackur: url, lt_callbackurl: url });
    expect([twice.status, twice.body]).toEqual([400, { lt_callbackurl: ["Is given more than once."] }]);
    const wrong = await post({ lt_callbackur: "ftp://example.com/" });
    expect([wrong.status, wrong.body]).toEqual([400, { lt_callbackurl: [expect.stringContaining("must begin with")] }]);
  });
});

describe("who asks", () => {
  it.each([
    ["nobody", {}],
    ["a wrong token", { authorization: `Basic ${btoa("main:wrong-token-0123456789")}` }],
    ["another account's sid", { authorization: `Basic ${btoa(`someone:${MAIN.token}`)}` }],
    ["nonsense", { authorization: "Basic !!!" }],
  ])("%s is 401 with the detail that clients know", async (_, headers) => {
    for (const [method, path] of [
      ["POST", "messages/"],
      ["GET", "messages/"],
      ["GET", `messages/${"a".repeat(32)}/`],
      ["GET", "outbox"],
    ] as const) {
      const response = await exports.default.fetch(`${ORIGIN}/sms/${path}`, {
        method,
        headers: { "cf-connecting-ip": "192.0.2.1", ...headers },
      });
      expect([response.status, await response.json()]).toEqual([401, { detail: "Invalid sid/token" }]);
      expect(response.headers.get("www-authenticate")).toMatch(/Basic/);
    }
  });

  it("too many wrong logins are throttled in the words that clients know", async () => {
    const request = () =>
      exports.default.fetch(`${ORIGIN}/sms/messages/`, {
        headers: { authorization: `Basic ${btoa("main:wrong")}`, "cf-connecting-ip": "192.0.2.77" },
      });
    let response = await request();
    for (let n = 0; n < 130 && response.status === 401; n++) response = await request();
    expect([response.status, await response.json()]).toEqual([
      429,
      { detail: "Request was throttled. Expected available in 60 seconds." },
    ]);
    expect(response.headers.get("retry-after")).toBe("60");
  });

  it("an account sees its own messages only", async () => {
    const [mine, other] = [await tenant(), await tenant()];
    const msgid = await send({ track_link: "true" }, { login: mine });
    for (const login of [other, MAIN]) {
      const answer = await sms("GET", `messages/${msgid}/`, undefined, { login });
      expect([answer.status, answer.body]).toEqual([404, { detail: "Not found." }]);
      const lists = [
        await sms("GET", "messages/", undefined, { login }),
        await sms("GET", "outbox", undefined, { login }),
      ];
      for (const { body } of lists) expect(JSON.stringify(body)).not.toContain(msgid);
    }
  });
});

describe("other addresses and methods", () => {
  it.each([
    ["GET", "messages/unknown/", 404],
    ["GET", `messages/${"0".repeat(32)}`, 404],
    ["GET", "nonsense", 404],
    ["PUT", "messages/", 405],
    ["POST", "outbox", 405],
  ])("%s /sms/%s is %i", async (method, path, status) => {
    const answer = await sms(method, path);
    expect([answer.status, answer.body]).toEqual([status, { detail: expect.any(String) }]);
  });
});

describe("GET /sms/messages/", () => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

  it("lists newest first, paged by Link headers", async () => {
    const login = await tenant();
    const sent: string[] = [];
    for (let n = 0; n < 5; n++) {
      sent.unshift(await send({}, { login }));
      await scheduler.wait(2);
    }
    const pages: string[][] = [];
    let path = "messages/?limit=2";
    for (;;) {
      const { body, headers } = await sms("GET", path, undefined, { login });
      pages.push(body.map(({ msgid }: { msgid: string }) => msgid));
      const next = /^<(.+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
      if (next === undefined) break;
      path = next.slice(`${ORIGIN}/sms/`.length);
    }
    expect(pages).toEqual([sent.slice(0, 2), sent.slice(2, 4), sent.slice(4)]);
    expect((await sms("GET", "messages", undefined, { login })).body).toHaveLength(5);
  });

  // As the clients put it on the wire, and whether a message of today is in the list.
  it.each([
    [`sent_date%3E=${day(0)}`, true],
    [`sent_date>=${day(0)}`, true],
    [`sent_date%3E=${day(1)}`, false],
    [`sent_date%3E=${day(-1)}`, true],
    [`sent_date=${day(0)}`, true],
    [`sent_date=${day(-1)}`, false],
    [`sent_date%3C=${day(0)}`, true],
    [`sent_date%3C=${day(-1)}`, false],
    [`sent_date%3E${day(-1)}`, true],
    [`sent_date%3E${day(0)}`, false],
    [`sent_date>${day(-1)}`, true],
    [`sent_date%3C${day(0)}`, false],
    [`sent_date%3C${day(1)}`, true],
    [`sent_date%3E=${day(-7)}&sent_date%3C${day(1)}`, true],
    [`sent_date%3E=${day(-7)}&sent_date%3C${day(0)}`, false],
    [`sent_date%3E=${day(-89)}`, true],
    [`sent_date=${day(-90)}`, false],
    ["unknown=1", true],
  ])("?%s: %s", async (query, isListed) => {
    const login = await tenant();
    const msgid = await send({}, { login });
    const { status, body } = await sms("GET", `messages/?${query}`, undefined, { login });
    expect(status).toBe(200);
    expect(body.map((message: { msgid: string }) => message.msgid)).toEqual(isListed ? [msgid] : []);
  });

  /** A message that is sent: its copies are not to be. */
  const sendOne = async (login: Login) => settled(await send({}, { login }), { login });

  /** So many copies of the one message that a keeper has, of this moment and on. */
  const copy = (keeper: DurableObjectStub<Book> | DurableObjectStub<Account>, copies: number) =>
    runInDurableObject<Book | Account, void>(keeper, (_, { storage }) => {
      const columns = storage.sql.exec("SELECT * FROM message").columnNames.filter((name) => name !== "msgid");
      storage.sql.exec(
        `INSERT INTO message (msgid, ${columns.join()})
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         SELECT substr(msgid, 1, 20) || printf('%012d', i), ${columns.join()} FROM n, message`,
        copies,
      );
    });

  it("is whole without a limit, newest first, of all books and of before there were books", async () => {
    const login = await tenant();
    const list = async () => (await sms("GET", "messages/", undefined, { login })).body as { msgid: string }[];
    expect(await list()).toEqual([]);
    const account = env.ACCOUNT.getByName(login.sid);
    await runInDurableObject(account, (instance) => {
      instance.addMessage(
        newMessage({ createdAt: Date.now() - 60_000, text: 'with "quotes", a comma and 日本' }),
        IN_TIME,
      );
    });
    expect(await list()).toHaveLength(1);
    await sendOne(login);
    await copy(env.BOOK.getByName(`${login.sid}.1`), 2_300);
    await runInDurableObject(account, (_, { storage }) => void storage.sql.exec("UPDATE book SET full = 1"));
    await sendOne(login);
    await copy(env.BOOK.getByName(`${login.sid}.2`), 999);
    const all = await list();
    expect(all).toHaveLength(1 + 2_301 + 1_000);
    const msgids = all.map(({ msgid }) => msgid);
    expect(msgids).toEqual(msgids.toSorted().toReversed());
    const cursor = msgids[1_500];
    const behind = await sms("GET", `messages/?cursor=${cursor}`, undefined, { login });
    expect(behind.body).toEqual(all.slice(1_501));
    const head = await sms("HEAD", "messages/", undefined, { login });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "application/json"]);
  });

  it("is refused where it would be more than 80,000, with the remedy, and never cut", async () => {
    const login = await tenant();
    await sendOne(login);
    const book = env.BOOK.getByName(`${login.sid}.1`);
    await copy(book, 79_999);
    const list = (query = "") => sms("GET", `messages/${query}`, undefined, { login });
    expect((await list()).body).toHaveLength(80_000);
    await send({}, { login });
    const refused = await list();
    expect([refused.status, refused.body]).toEqual([
      400,
      { sent_date: [expect.stringMatching(/more than 80000 .*fewer days.*limit/)] },
    ]);
    expect((await list(`?sent_date%3C=${day(-1)}`)).body).toEqual([]);
    expect((await list("?limit=1000")).body).toHaveLength(1_000);
  });

  it("breaks off, and does not end, when a book breaks off", async () => {
    const login = await tenant();
    await sendOne(login);
    await copy(env.BOOK.getByName(`${login.sid}.1`), 20_000);
    const headers = { authorization: `Basic ${btoa(`${login.sid}:${login.token}`)}` };
    const response = await exports.default.fetch(`${ORIGIN}/sms/messages/`, { headers });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await runInDurableObject(env.BOOK.getByName(`${login.sid}.1`), (_, { storage }) => storage.deleteAll());
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow();
  });

  it("an empty cursor is the first page", async () => {
    const [first, empty] = [await sms("GET", "messages/?limit=1"), await sms("GET", "messages/?limit=1&cursor=")];
    expect([empty.status, empty.body]).toEqual([200, first.body]);
  });

  it.each([
    ["sent_date=2016-13-01", "sent_date"],
    ["sent_date=2026-02-30", "sent_date"],
    ["sent_date=yesterday", "sent_date"],
    ["sent_date=", "sent_date"],
    ["sent_date%3E", "sent_date"],
    [`sent_date%3E=${day(-91)}`, "sent_date"],
    [`sent_date%3C=${day(-91)}`, "sent_date"],
    [`sent_date%3C${day(-91)}`, "sent_date"],
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=x", "limit"],
    ["cursor=x", "cursor"],
  ])("?%s is 400 naming %s", async (query, field) => {
    const answer = await sms("GET", `messages/?${query}`);
    expect([answer.status, answer.body]).toEqual([400, { [field]: [expect.any(String)] }]);
  });
});

describe("the settings of a deployment", () => {
  /** Sends a tracked message with these settings, and reads it as it was kept. */
  async function sendWith(bindings: Partial<Record<keyof Env, string>>, message: string, fields = {}) {
    const login = await tenant();
    const body = new URLSearchParams({ ...MESSAGE, message, track_link: "true", ...fields });
    const headers = { authorization: `Basic ${btoa(`${login.sid}:${login.token}`)}` };
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/sms/messages/`, {
      method: "POST",
      headers,
      body,
    });
    const ctx = createExecutionContext();
    const response = await worker.fetch(request, envWith(bindings), ctx);
    await waitOnExecutionContext(ctx);
    const kept = await sms("GET", "outbox", undefined, { login });
    const links = (await api("GET", "/api/links", undefined, { token: login.token })).body["links"];
    return { status: response.status, answer: await response.json(), kept: kept.body[0], links };
  }
  const GLUED = "詳細はhttps://example.com/aをご覧ください";

  it("LINK_BOUNDARY=natural finds a link between kana, strict only between spaces", async () => {
    const natural = await sendWith({ LINK_BOUNDARY: "natural" }, GLUED);
    expect(natural.kept.message).toMatch(/^詳細はhttps:\/\/s\.example\.com\/\w+をご覧ください$/);
    const strict = await sendWith({ LINK_BOUNDARY: "strict" }, GLUED);
    expect([strict.status, strict.answer]).toEqual([400, { message: [expect.stringContaining("no link was found")] }]);
    const spaced = await sendWith({ LINK_BOUNDARY: "strict" }, "See https://example.com/a, now");
    expect(spaced.kept.link_tracking.link).toBe("https://example.com/a,");
  });

  it("the recipient's country makes its own ending a link", async () => {
    const message = "Bestellen auf example.de jetzt";
    const msgid = await send({ message, recipient: "+491701234567", track_link: "true" });
    expect((await messageOf(msgid)).link_tracking.link).toMatch(/^https:\/\/example\.de\/?$/);
  });

  it("SHORT_DOMAIN is the host of the short link", async () => {
    const { kept } = await sendWith({ SHORT_DOMAIN: "go.example.org" }, "See example.com/a now");
    expect(kept.message).toMatch(/^See https:\/\/go\.example\.org\/\w{10} now$/);
    expect(kept.link_tracking.link).toBe("https://example.com/a");
  });

  it("COST_PER_PART is multiplied by the parts", async () => {
    const { kept } = await sendWith({ COST_PER_PART: "7.5" }, `example.com ${"あ".repeat(70)}`);
    expect([kept.parts, kept.cost]).toEqual([2, 15]);
  });

  const XOXZO = { CARRIER: "xoxzo", XOXZO_SID: "sid", XOXZO_AUTH_TOKEN: "token" };
  const TWILIO = { CARRIER: "twilio", TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "token" };

  it.each([
    [
      XOXZO,
      "x".repeat(661),
      "Message too long: 661 characters as it would be sent, of at most 660 that the carrier takes. Shorten it.",
    ],
    [
      TWILIO,
      "x".repeat(1_601),
      "Message too long: 1601 characters as it would be sent, of at most 1600 that the carrier takes. Shorten it.",
    ],
  ])(
    "%j: a text that its carrier does not take is refused, and nothing is made of it",
    async (settings, text, said) => {
      const track_link = "false";
      const refused = await sendWith(settings, text, { track_link });
      expect([refused.status, refused.answer, refused.kept]).toEqual([400, { message: [said] }, undefined]);
      const taken = await sendWith({ ...settings, COST_PER_PART: "2" }, text.slice(1), { track_link });
      const parts = Math.ceil((text.length - 1) / 153);
      expect([taken.status, taken.kept.parts, taken.kept.cost]).toEqual([201, parts, 2 * parts]);
    },
  );

  it("a sender that the carrier does not take is refused with those that it takes", async () => {
    const fields = { sender: "Big-Shop 24" };
    expect((await sendWith(TWILIO, "example.com", fields)).kept.sender).toBe("Big-Shop 24");
    const { status, answer, kept } = await sendWith(XOXZO, "example.com", fields);
    expect([status, kept]).toEqual([400, undefined]);
    expect(answer).toEqual({ sender: ["Must be at most 10 letters and digits, or at most 15 digits."] });
  });

  it.each(["", " "])(
    "without a carrier (%j) a message is refused with the remedy, and nothing is made of it",
    async (CARRIER) => {
      const { status, answer, kept, links } = await sendWith({ CARRIER }, "example.com");
      expect([status, kept, links]).toEqual([503, undefined, []]);
      expect(answer).toEqual({
        detail: expect.stringMatching(/^No carrier is set up.*: set CARRIER to .*wrangler\.toml/),
      });
    },
  );

  it("without a carrier everything but sending goes on", async () => {
    const login = await tenant();
    const msgid = await send({}, { login });
    const authorization = `Basic ${btoa(`${login.sid}:${login.token}`)}`;
    for (const path of ["/sms/messages/", `/sms/messages/${msgid}/`, "/sms/outbox", "/api/links"]) {
      const request = new Request<unknown, IncomingRequestCfProperties>(ORIGIN + path, { headers: { authorization } });
      const { status } = await worker.fetch(request, envWith({ CARRIER: "" }), createExecutionContext());
      expect([path, status]).toEqual([path, 200]);
    }
  });

  it("a carrier without its settings is named before anything is accepted", async () => {
    const { status, answer, kept } = await sendWith({ CARRIER: "twilio" }, "example.com");
    expect([status, kept]).toEqual([503, undefined]);
    expect(answer).toEqual({ detail: expect.stringContaining("npx wrangler secret put TWILIO_AUTH_TOKEN") });
  });
});

it("a message outlives its link: a deleted link's message still says what was seen", async () => {
  const msgid = await send({ track_link: "true" });
  const { link_tracking: tracking } = await settled(msgid);
  const code = new URL(tracking.shortlink).pathname.slice(1);
  await tap(code);
  await eventually(
    () => statusOf(code),
    ({ accessed }) => accessed,
  );
  await eventuallyHeard(
    [code],
    async () => (await sms("GET", "messages/?limit=1000")).body.find((message: any) => message.msgid === msgid),
    (message) => message.link_tracking.accessed === true,
  );
  expect((await api("DELETE", `/api/links/${code}`)).status).toBe(204);
  expect((await messageOf(msgid)).link_tracking).toMatchObject({ accessed: true, access_count: 1 });
});
