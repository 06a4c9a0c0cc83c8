// Messages when answers are lost, notes come late and stores are silent: sent once all the same, and never falsely reported.

import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, inject, it, vi } from "vitest";
import { type LinkEvent, objectNameOf } from "../src/book/book.ts";
import worker from "../src/index.ts";
import { mintCode } from "../src/link/code.ts";
import { CARRIERS } from "../src/sms/carriers/carriers.ts";
import { LONG_NAMES } from "../src/sms/carriers/senders.ts";
import { MessageSending } from "../src/sms/send/message-sending.entrypoint.ts";
import { mintMsgid } from "../src/sms/message.ts";
import { bookOf } from "./support/books.ts";
import { brokenNamespace, envWith } from "./support/faults.ts";
import { IN_TIME, api, eventually, ORIGIN } from "./support/firsttap.ts";
import { ACCEPTED, holding, LATER, newMessage, withQueue } from "./support/held-message.ts";
import { MESSAGE, messageOf, send, settled, sms, tenant } from "./support/sms.ts";

const SETTINGS = {
  CARRIER: "http",
  HTTP_CARRIER_URL: "https://carrier.example.com/",
  HTTP_CARRIER_SECRET: `whsec_${btoa("x".repeat(32))}`,
};
const EMPTY = {
  TWILIO_ACCOUNT_SID: "",
  TWILIO_AUTH_TOKEN: "",
  TWILIO_API_URL: "",
  XOXZO_SID: "",
  XOXZO_AUTH_TOKEN: "",
  XOXZO_API_URL: "",
};
const SILENT_QUEUE = { sendBatch: async () => {} };

/** An account whose one message waits, and is not sent by its own alarm. */
async function waiting() {
  const message = newMessage();
  const { login } = await holding(message, async () => {});
  return { msgid: message.msgid, login };
}

/** Sends through an account's object of which the first `lost` answers to `method` are lost, after it was carried out. */
async function sendLosing(
  method: string,
  job: { sid: string; msgid: string },
  how: "hang" | "throw",
  settings = {},
  lost = 1,
) {
  let left = lost;
  const stub = new Proxy(
    {},
    {
      get:
        (_, name: string) =>
        async (...values: unknown[]) => {
          const real = env.ACCOUNT.getByName(job.sid) as unknown as Record<string, (...given: unknown[]) => unknown>;
          const answer = await real[name]?.(...values);
          if (name !== method || left-- <= 0) return answer;
          if (how === "throw") throw new Error("Network connection lost.");
          return new Promise(() => {});
        },
    },
  );
  const ctx = createExecutionContext();
  const sending = new MessageSending(ctx, envWith({ ACCOUNT: { getByName: () => stub }, ...settings }));
  const started = sending.start(job);
  await started.catch(() => {});
  await waitOnExecutionContext(ctx);
  return started;
}

it("a repeated note `later` does not free the claim of the next try, so nothing is sent twice", async () => {
  const { msgid, ...message } = newMessage();
  await holding({ msgid, ...message }, async ({ account, passTime }) => {
    const restore = withQueue(account, SILENT_QUEUE);
    expect((await account.claimMessage(msgid, "http", "A", IN_TIME)).kind).toBe("claimed");
    account.messageSent(msgid, "A", LATER);
    await passTime();
    expect((await account.claimMessage(msgid, "http", "A", IN_TIME)).kind, "a claim that is over").toBe("nothing");
    expect((await account.claimMessage(msgid, "http", "B", IN_TIME)).kind).toBe("claimed");
    // The answer to A's note was lost, so it comes again.
    account.messageSent(msgid, "A", LATER);
    expect((await account.claimMessage(msgid, "http", "C", IN_TIME)).kind).toBe("nothing");
    expect(account.messageSent(msgid, "B", ACCEPTED)).toBe("DELIVERING");
    await passTime();
    expect((await account.claimMessage(msgid, "http", "D", IN_TIME)).kind).toBe("nothing");
    restore();
  });
});

it("an accepted message never goes out again, whatever was noted before", async () => {
  const message = newMessage();
  await holding(message, async ({ account, passTime }) => {
    const restore = withQueue(account, SILENT_QUEUE);
    await account.claimMessage(message.msgid, "http", "A", IN_TIME);
    account.messageSent(message.msgid, "A", LATER);
    expect(account.messageSent(message.msgid, "A", ACCEPTED)).toBe("DELIVERING");
    await passTime();
    expect((await account.claimMessage(message.msgid, "http", "B", IN_TIME)).kind).toBe("nothing");
    restore();
  });
});

it("with a real carrier: the answer to a note is lost, and the SMS leaves once", async () => {
  const { msgid, login } = await waiting();
  const offers: string[] = [];
  const spy = vi.spyOn(CARRIERS, "http").mockImplementation(() => ({
    takes: { longestText: 1_600, ...LONG_NAMES },
    send: async () => {
      offers.push(msgid);
      return offers.length === 1 ? LATER : ACCEPTED;
    },
  }));
  await runInDurableObject(env.ACCOUNT.getByName(login.sid), (account) => void withQueue(account, SILENT_QUEUE));
  const first = sendLosing("messageSent", { sid: login.sid, msgid }, "hang", SETTINGS);
  // The wait before the second try is 1.6 to 2.4 s, and A's note is repeated after 5 s.
  await scheduler.wait(2_700);
  await sendLosing("nothing", { sid: login.sid, msgid }, "hang", SETTINGS);
  await first;
  await sendLosing("nothing", { sid: login.sid, msgid }, "hang", SETTINGS);
  spy.mockRestore();
  expect(offers).toHaveLength(2);
  expect(await messageOf(msgid, { login })).toMatchObject({ status: "DELIVERING" });
}, 20_000);

it("a claim whose answer was lost is given again to the one who asked, and the message is sent", async () => {
  const { msgid, login } = await waiting();
  await sendLosing("claimMessage", { sid: login.sid, msgid }, "throw");
  expect(await messageOf(msgid, { login })).toMatchObject({ status: "DELIVERED" });
});

it("a claim whose answers are all lost sent nothing: the message waits and is sent, and does not fail as if it had been", async () => {
  const { msgid, login } = await waiting();
  await expect(sendLosing("claimMessage", { sid: login.sid, msgid }, "throw", {}, 3)).rejects.toThrow("lost");
  expect(await messageOf(msgid, { login })).toMatchObject({ status: "QUEUED" });
  await runInDurableObject(env.ACCOUNT.getByName(login.sid), async (account, state) => {
    expect(state.storage.sql.exec("SELECT claimed_at, reason FROM message").one()).toEqual({
      claimed_at: null,
      reason: "its account could not be reached",
    });
    state.storage.sql.exec("UPDATE message SET send_due_at = 1");
    await account.alarm();
  });
  await eventually(
    () => messageOf(msgid, { login }),
    ({ status }) => status === "DELIVERED",
  );
});

it("a claim that is carried out behind its own note sent nothing, and does not fail the message", async () => {
  const message = newMessage();
  await holding(message, async ({ account, passTime }) => {
    const restore = withQueue(account, SILENT_QUEUE);
    account.messageSent(message.msgid, "A", LATER);
    expect((await account.claimMessage(message.msgid, "http", "A", IN_TIME)).kind).toBe("nothing");
    await passTime();
    expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED" });
    expect((await account.claimMessage(message.msgid, "http", "B", IN_TIME)).kind).toBe("claimed");
    restore();
  });
});

it.each(["", "twillio", "twilio"])(
  "a message that waits when CARRIER becomes %j goes on waiting, says why, and is sent when there is a carrier again",
  async (CARRIER) => {
    const { msgid, login } = await waiting();
    // Whatever is lost: nothing was claimed, so nothing can fail as if it had been sent.
    await sendLosing("claimMessage", { sid: login.sid, msgid }, "throw", { CARRIER });
    expect(await messageOf(msgid, { login })).toMatchObject({ status: "QUEUED", reason: "no carrier is set up" });
    await runInDurableObject(env.ACCOUNT.getByName(login.sid), async (account, state) => {
      const waits = { carrier: null, claimed_at: null, tries: 1 };
      expect(state.storage.sql.exec("SELECT carrier, claimed_at, tries FROM message").one()).toEqual(waits);
      state.storage.sql.exec("UPDATE message SET send_due_at = 1");
      await account.alarm();
    });
    expect(await settled(msgid, { login })).toMatchObject({ status: "DELIVERED", reason: null });
  },
);

it("whoever chooses the outbox for a deployment is told that nothing was sent", async () => {
  const { msgid, login } = await waiting();
  await sendLosing("nothing", { sid: login.sid, msgid }, "hang", { CARRIER: "outbox", ALLOW_LOCAL_ADDRESSES: "false" });
  expect(await messageOf(msgid, { login })).toMatchObject({ status: "FAIL", reason: "outbox: not sent" });
});

it("a queue that never answers does not hold up the account's next alarm", async () => {
  await holding(newMessage(), async ({ account }) => {
    const restore = withQueue(account, { sendBatch: () => new Promise(() => {}) });
    const ended = await Promise.race([account.alarm().then(() => "ended"), scheduler.wait(9_000).then(() => "hangs")]);
    restore();
    expect(ended).toBe("ended");
  });
});

it("an older copy of a link does not win in a message that its account's own object keeps", async () => {
  const expiresAt = Date.now() + 86_400_000;
  const link = { code: mintCode(), destination: "https://example.com/a", shortUrl: `${ORIGIN}/x`, expiresAt };
  const message = newMessage({ link });
  const { login } = await holding(message, async ({ account }) => {
    const copy = (destination: string, revision: number) =>
      account.listLink(
        {
          ...link,
          accountSid: "",
          destination,
          msgid: message.msgid,
          callbackUrl: null,
          tags: [],
          reference: null,
          createdAt: message.createdAt,
          firstAccessedAt: null,
          closedAt: null,
          revision,
        },
        IN_TIME,
      );
    await copy("https://example.com/new", 3);
    await copy("https://example.com/old", 2);
  });
  const [listed] = (await sms("GET", "messages/", undefined, { login })).body;
  expect(listed.link_tracking.link).toBe("https://example.com/new");
});

it("an earlier report of a link does not win in the message that its book keeps", async () => {
  const login = await tenant();
  const msgid = await send({ track_link: "true" }, { login });
  const { link_tracking: tracking } = await settled(msgid, { login });
  const code = new URL(tracking.shortlink).pathname.slice(1);
  const shown = async () => (await sms("GET", "messages/", undefined, { login })).body[0].link_tracking.link;
  const facts = await runInDurableObject(env.LINK.getByName(code), (link) => link.status(login.sid));
  if (facts === null) throw new Error("there is no link");
  const opened: LinkEvent = { number: 1, at: facts.createdAt, kind: "opened", ...facts };
  await api("PATCH", `/api/links/${code}`, { url: "https://example.com/new" }, { token: login.token });
  expect(await shown()).toBe("https://example.com/new");
  const book = await bookOf(code);
  const { createdAt } = facts;
  const late = { ...book, code, createdAt, after: 0, events: [opened] };
  expect(await env.BOOK.getByName(objectNameOf(book)).report([late])).toMatchObject([{ code, have: 2 }]);
  expect(await shown()).toBe("https://example.com/new");
});

it.each([502, 503, 520, 522, 524, 530])(
  "a front door that answers %i: nothing is sent, and the message waits",
  async (status) => {
    const id = crypto.randomUUID();
    const at = (what: string) => `${inject("receiverUrl")}/${what}/${id}`;
    await fetch(at("script").replace(id, ""), { method: "PUT", body: JSON.stringify([{ status }]) });
    const carrier = CARRIERS.http(
      { ...EMPTY, HTTP_CARRIER_URL: at("hook"), HTTP_CARRIER_SECRET: SETTINGS.HTTP_CARRIER_SECRET },
      true,
    );
    const sent = await carrier.send({
      msgid: "m",
      sender: "S",
      recipient: "+818012345678",
      text: "t",
      reportUrl: at("hook"),
    });
    expect([sent.kind, await (await fetch(at("log"))).json()]).toEqual(["later", []]);
  },
);

it("an unknown parameter is ignored, also when it comes twice or is not UTF-8", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  for (const more of ["&x=1&x=2", "&x=%ff"]) {
    const sent = await sms("POST", "messages/", new URLSearchParams(MESSAGE).toString() + more, { headers });
    expect([more, sent.status]).toEqual([more, 201]);
  }
});

it("a message that no job reached for three days is of no use any more, and has failed", async () => {
  const message = newMessage({ createdAt: Date.now() - 3 * 86_400_000 });
  await holding(message, async ({ account }) => {
    expect((await account.claimMessage(message.msgid, "http", "A", IN_TIME)).kind).toBe("nothing");
    expect(account.message(message.msgid)).toMatchObject({ status: "FAIL", reason: "given up after 24 hours" });
  });
});

it("closing an account while its alarm sends jobs leaves no alarm and says nothing wrong", async () => {
  await holding(newMessage(), async ({ account, state }) => {
    const gate = Promise.withResolvers<void>();
    const restore = withQueue(account, { sendBatch: () => gate.promise });
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const alarm = account.alarm();
    await scheduler.wait(10);
    await account.close(IN_TIME);
    gate.resolve();
    await alarm;
    spy.mockRestore();
    restore();
    expect(lines.filter((line) => line.includes("alarm_failed"))).toEqual([]);
    expect(await state.storage.getAlarm()).toBeNull();
  });
});

/** A report as a carrier POSTs it, unsigned. */
async function report(settings: Partial<Record<keyof Env, unknown>>, path: string): Promise<number> {
  const headers = { "cf-connecting-ip": "192.0.2.99" };
  const url = `${ORIGIN}/sms/reports/${path}`;
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { method: "POST", headers });
  const ctx = createExecutionContext();
  const { status } = await worker.fetch(request, envWith(settings), ctx);
  await waitOnExecutionContext(ctx);
  return status;
}

it("a report of a settled message does not make us ask the carrier", async () => {
  const message = newMessage();
  const { login } = await holding(message, async ({ account }) => {
    await account.claimMessage(message.msgid, "xoxzo", "A", IN_TIME);
    account.messageSent(message.msgid, "A", { ...ACCEPTED, isDelivered: true });
  });
  const id = crypto.randomUUID();
  const XOXZO_API_URL = `${inject("receiverUrl")}/hook/${id}`;
  const settings = { CARRIER: "xoxzo", XOXZO_SID: "s", XOXZO_AUTH_TOKEN: "t", XOXZO_API_URL };
  expect(await report(settings, `xoxzo/${login.sid}/${message.msgid}`)).toBe(204);
  expect(await (await fetch(XOXZO_API_URL.replace("/hook/", "/log/"))).json()).toEqual([]);
});

/** A message that the carrier has, and its address: whatever comes there is a question about its status. */
async function askable() {
  const message = newMessage();
  const { login } = await holding(message, async ({ account }) => {
    await account.claimMessage(message.msgid, "xoxzo", "A", IN_TIME);
    account.messageSent(message.msgid, "A", ACCEPTED);
  });
  const XOXZO_API_URL = `${inject("receiverUrl")}/hook/${crypto.randomUUID()}`;
  const says = (status: string) =>
    fetch(XOXZO_API_URL.replace("/hook/", "/script/"), {
      method: "PUT",
      body: JSON.stringify([{ body: JSON.stringify({ status }) }]),
    });
  const settings = { CARRIER: "xoxzo", XOXZO_SID: "s", XOXZO_AUTH_TOKEN: "t", XOXZO_API_URL };
  return {
    ...message,
    login,
    says,
    report: () => report(settings, `xoxzo/${login.sid}/${message.msgid}`),
    questions: async () => (await (await fetch(XOXZO_API_URL.replace("/hook/", "/log/"))).json<unknown[]>()).length,
  };
}

it("reports that anybody can have sent ask the carrier once in ten seconds, and the last one is asked about", async () => {
  const { msgid, login, says, report: reports, questions } = await askable();
  await says("DELIVERING");
  expect(await reports()).toBe(204);
  await says("DELIVERED");
  const startedAt = Date.now();
  const [patient, ...others] = Array.from({ length: 20 }, reports);
  expect(new Set(await Promise.all(others))).toEqual(new Set([503]));
  expect(await questions()).toBe(1);
  expect(await patient).toBe(204);
  expect(Date.now() - startedAt).toBeGreaterThan(8_000);
  expect(await questions()).toBe(2);
  expect(await messageOf(msgid, { login })).toMatchObject({ status: "DELIVERED" });
}, 20_000);

it("whoever may ask about a message is decided by the clock, for each message by itself", async () => {
  await holding(newMessage(), async ({ account }) => {
    let now = 1_000_000;
    const spy = vi.spyOn(Date, "now").mockImplementation(() => now);
    const asks: [at: number, msgid: string, wait: number | null][] = [
      [0, "a", 0],
      [0, "b", 0],
      [4_000, "a", 6_000],
      [9_999, "a", null],
      [10_000, "a", 10_000],
      [10_000, "b", 0],
      [19_999, "a", null],
      [40_000, "a", 0],
    ];
    for (const [at, msgid, wait] of asks) {
      now = 1_000_000 + at;
      expect([at, msgid, account.messageQuestion(msgid)]).toEqual([at, msgid, wait]);
    }
    spy.mockRestore();
  });
});

it("guesses at the address for unsigned reports are limited before an object is asked; for another account they are not", async () => {
  const xoxzo = { CARRIER: "xoxzo", XOXZO_SID: "s", XOXZO_AUTH_TOKEN: "t", XOXZO_API_URL: "https://api.example.com" };
  const guess = (settings: object, sid: string) =>
    report({ ...xoxzo, ...settings }, `xoxzo/${sid}/${mintMsgid(Date.now(), 1)}`);
  const statuses = new Set<number>();
  for (let n = 0; n < 220; n++) statuses.add(await guess({}, "main"));
  expect(statuses).toEqual(new Set([404, 429]));
  expect(await guess({ ACCOUNT: brokenNamespace(new Error("was asked")) }, "main")).toBe(429);
  expect(await guess({}, (await tenant()).sid)).toBe(404);
});

it("a report that is not signed by a carrier that signs reaches no object, and is no guess", async () => {
  const settings = { ...SETTINGS, ACCOUNT: brokenNamespace(new Error("was asked")) };
  for (let n = 0; n < 220; n++) expect(await report(settings, `http/main/${mintMsgid(Date.now(), 1)}`)).toBe(403);
});

it("a null lt_callbackurl means no callback, not even the account's", async () => {
  const login = await tenant();
  await api("PATCH", "/api/account", { callback_url: "https://example.com/hook" }, { token: login.token });
  for (const [more, callbackUrl] of [
    [{}, "https://example.com/hook"],
    [{ lt_callbackurl: null }, null],
  ] as const) {
    const body = JSON.stringify({ ...MESSAGE, track_link: true, ...more });
    await sms("POST", "messages/", body, { login, headers: { "content-type": "application/json" } });
    const [link] = (await api("GET", "/api/links", undefined, { token: login.token })).body["links"];
    expect(link.callback_url).toBe(callbackUrl);
  }
});
