// A message on its way: sent once, whatever is lost, repeated or late; its status moves forward only; then it is forgotten.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { objectNameOf } from "../src/book/book.ts";
import type { Sent } from "../src/sms/carriers/carrier.ts";
import { bookOf, type NewMessage, type SendJob } from "../src/sms/message.ts";
import { messagesDueAt, messagesToSend } from "../src/sms/message-rows.ts";
import { GIVE_UP_AFTER_MS, retryDelayMs } from "../src/sms/send/send-schedule.ts";
import { MOST_UNDER_WAY } from "../src/under-way.ts";
import { IN_TIME, api, eventually, receiver, tap } from "./support/firsttap.ts";
import { broken } from "./support/faults.ts";
import { ACCEPTED, type Held, holding, LATER, newMessage, withQueue } from "./support/held-message.ts";
import { type Login, messageOf, post, send, settled, sms, tenant } from "./support/sms.ts";

const DAY_MS = 86_400_000;
const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";

const TABLE_OF_MESSAGES = "SELECT name FROM sqlite_master WHERE name = 'message'";

describe("one SMS", () => {
  it("is claimed by one of many jobs", async () => {
    const message = newMessage();
    await holding(message, async ({ account }) => {
      const claims = await Promise.all(
        Array.from({ length: 5 }, (_, n) => account.claimMessage(message.msgid, "http", `claim ${n}`, IN_TIME)),
      );
      expect(claims.map(({ kind }) => kind)).toEqual(["claimed", "nothing", "nothing", "nothing", "nothing"]);
      expect(account.messageSent(message.msgid, "A", ACCEPTED)).toBe("DELIVERING");
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
    });
  });

  it("is never sent again when its sender dies between claim and report: it may have been sent", async () => {
    const message = newMessage();
    await holding(message, async ({ account, passTime }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      const jobs = vi.fn();
      const restore = withQueue(account, { sendBatch: jobs });
      await passTime();
      restore();
      expect(jobs).not.toHaveBeenCalled();
      expect(account.message(message.msgid)).toMatchObject({ status: "FAIL", reason: MAY_HAVE_BEEN_SENT });
      // Whoever comes back from the dead changes nothing but the carrier's id.
      expect(account.messageSent(message.msgid, "A", ACCEPTED)).toBe("FAIL");
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
    });
  });

  it.each([
    ["refuses the job", broken(new Error("Too Many Requests"))],
    ["takes the job and forgets it", { sendBatch: async () => {} }],
  ])("is sent all the same when the queue %s", async (_, queue) => {
    const message = newMessage();
    const { login } = await holding(message, async ({ account, state, passTime }) => {
      const restore = withQueue(account, queue);
      await passTime();
      restore();
      expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED" });
      const { send_due_at } = state.storage.sql.exec<{ send_due_at: number }>("SELECT send_due_at FROM message").one();
      expect(send_due_at - Date.now()).toBeGreaterThan(10_000);
      await passTime();
    });
    expect(await settled(message.msgid, { login })).toMatchObject({ status: "DELIVERED" });
  });

  it("that is claimed and put off while the queue still accepts its job keeps the time of its next try", async () => {
    const message = newMessage();
    await holding(message, async ({ account, state, passTime }) => {
      const restore = withQueue(account, {
        sendBatch: async () => {
          await account.claimMessage(message.msgid, "http", "A", IN_TIME);
          account.messageSent(message.msgid, "A", { ...LATER, retryAfterSeconds: 600 });
        },
      });
      await passTime();
      restore();
      const { send_due_at } = state.storage.sql.exec<{ send_due_at: number }>("SELECT send_due_at FROM message").one();
      expect(send_due_at - Date.now()).toBeGreaterThan(590_000);
    });
  });

  it("waits when the carrier asks for it, says why, is not claimed before its time, and is sent then", async () => {
    const message = newMessage();
    await holding(message, async ({ account, passTime }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      expect(account.messageSent(message.msgid, "A", { ...LATER, retryAfterSeconds: 60 })).toBe("QUEUED");
      expect(account.message(message.msgid)).toMatchObject({ status: "QUEUED", reason: "busy" });
      expect(await account.claimMessage(message.msgid, "http", "A", IN_TIME)).toEqual({ kind: "nothing" });
      const restore = withQueue(account, { sendBatch: async () => {} });
      await passTime();
      restore();
      expect(await account.claimMessage(message.msgid, "twilio", "B", IN_TIME)).toMatchObject({ kind: "claimed" });
      expect(account.messageSent(message.msgid, "B", ACCEPTED)).toBe("DELIVERING");
      expect(account.message(message.msgid)).toMatchObject({ reason: null, carrier: "twilio", carrierId: "SM1" });
    });
  });

  it("is given up after 24 hours, with the carrier's last reason", async () => {
    const message = newMessage();
    await holding(message, async ({ account }) => {
      await account.claimMessage(message.msgid, "http", "A", IN_TIME);
      vi.spyOn(Date, "now").mockReturnValue(message.createdAt + GIVE_UP_AFTER_MS);
      expect(account.messageSent(message.msgid, "A", LATER)).toBe("FAIL");
      vi.mocked(Date.now).mockRestore();
      expect(account.message(message.msgid)?.reason).toBe("given up after 24 hours: busy");
    });
  });

  it("goes out once though the queue delivers its job twenty times", async () => {
    const message = newMessage();
    const lines: string[] = [];
    const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const { login } = await holding(message, async ({ login: { sid } }) => {
      await env.MESSAGES.sendBatch(Array.from({ length: 20 }, () => ({ body: { sid, msgid: message.msgid } })));
    });
    await settled(message.msgid, { login });
    await scheduler.wait(300);
    spy.mockRestore();
    expect(lines.filter((line) => line.includes("outbox.message") && line.includes(message.msgid))).toHaveLength(1);
  });
});

describe("many messages of one account", () => {
  /** Those that one alarm gives to the queue, which takes them. */
  async function handOver({ account }: Held): Promise<string[]> {
    const jobs: string[] = [];
    const restore = withQueue(account, {
      sendBatch: async (batch: { body: SendJob }[]) => void jobs.push(...batch.map(({ body }) => body.msgid)),
    });
    await account.alarm();
    restore();
    return jobs;
  }

  it("are handed over a hundred at a time, and once each: no job waits in line until it counts as lost", async () => {
    const start = Date.now();
    const messages = Array.from({ length: 250 }, (_, n) => newMessage({ createdAt: start + n }));
    const [first, ...others] = messages as [NewMessage, ...NewMessage[]];
    await holding(first, async (held) => {
      const { account } = held;
      for (const message of others) account.addMessage(message, IN_TIME);
      const taken: string[] = [];
      let underWay: string[] = [];
      for (let alarms = 0; taken.length < messages.length && alarms < 50; alarms++) {
        const jobs = await handOver(held);
        taken.push(...jobs);
        underWay.push(...jobs);
        expect(underWay.length).toBeLessThanOrEqual(MOST_UNDER_WAY);
        if (taken.length < messages.length) expect(underWay).toHaveLength(MOST_UNDER_WAY);
        // Some are claimed, of which some are done: accepted, refused, put off.
        for (const [n, msgid] of underWay.slice(0, 40).entries()) {
          await account.claimMessage(msgid, "http", msgid, IN_TIME);
          const sent = [ACCEPTED, REFUSED, { ...LATER, retryAfterSeconds: 600 }][n % 4];
          if (sent === undefined) continue;
          account.messageSent(msgid, msgid, sent);
          underWay = underWay.filter((other) => other !== msgid);
        }
      }
      expect(taken.toSorted()).toEqual(messages.map(({ msgid }) => msgid).toSorted());
    });
  });

  it("are counted in their rows by an object that begins anew", async () => {
    const messages = Array.from({ length: MOST_UNDER_WAY + 10 }, () => newMessage());
    const [first, ...others] = messages as [NewMessage, ...NewMessage[]];
    const { login } = await holding(first, async (held) => {
      for (const message of others) held.account.addMessage(message, IN_TIME);
      const [claimed = ""] = await handOver(held);
      await held.account.claimMessage(claimed, "http", "A", IN_TIME);
    });
    const account = env.ACCOUNT.getByName(login.sid);
    await evictDurableObject(account);
    await runInDurableObject(account, async (instance, state) => {
      expect(await handOver({ account: instance, state, login, passTime: async () => {} })).toEqual([]);
      // The next alarm is for the first job that may have got lost.
      expect((await state.storage.getAlarm()) ?? 0).toBeGreaterThan(Date.now() + 10_000);
    });
  });
});

describe("the wait before the next try", () => {
  it("doubles from two seconds to a quarter of an hour, and the carrier can lengthen it", () => {
    const waits = Array.from({ length: 12 }, (_, n) => retryDelayMs(n + 1, null, 0.5));
    expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(waits.slice(-2)).toEqual([900_000, 900_000]);
    expect([retryDelayMs(1, null, 0), retryDelayMs(1, null, 1)]).toEqual([1_600, 2_400]);
    expect([retryDelayMs(1, 30, 0.5), retryDelayMs(1, 1, 0.5), retryDelayMs(1, 1e9, 0.5)]).toEqual([
      30_000, 2_000, 3_600_000,
    ]);
  });
});

type Step = ["sent", Sent] | ["reported", "DELIVERING" | "DELIVERED" | "FAIL", string | null];
const SILENT: Sent = { kind: "silent" };
const REFUSED: Sent = { kind: "refused", reason: "no such number" };
// What happens to a claimed message, and the status and reason at the end.
const COURSES: [string, Step[], string, string | null][] = [
  ["accepted", [["sent", ACCEPTED]], "DELIVERING", null],
  ["accepted as delivered", [["sent", { ...ACCEPTED, isDelivered: true }]], "DELIVERED", null],
  ["refused", [["sent", REFUSED]], "FAIL", "no such number"],
  ["silence", [["sent", SILENT]], "FAIL", MAY_HAVE_BEEN_SENT],
  [
    "accepted, delivered",
    [
      ["sent", ACCEPTED],
      ["reported", "DELIVERED", null],
    ],
    "DELIVERED",
    null,
  ],
  [
    "accepted, failed",
    [
      ["sent", ACCEPTED],
      ["reported", "FAIL", "30003"],
    ],
    "FAIL",
    "30003",
  ],
  [
    "accepted, delivering, delivered",
    [
      ["sent", ACCEPTED],
      ["reported", "DELIVERING", null],
      ["reported", "DELIVERED", null],
    ],
    "DELIVERED",
    null,
  ],
  [
    "reports out of order: delivered, delivering",
    [
      ["sent", ACCEPTED],
      ["reported", "DELIVERED", null],
      ["reported", "DELIVERING", null],
    ],
    "DELIVERED",
    null,
  ],
  [
    "delivered, then failed",
    [
      ["sent", ACCEPTED],
      ["reported", "DELIVERED", null],
      ["reported", "FAIL", "late"],
    ],
    "DELIVERED",
    null,
  ],
  [
    "failed, then delivered",
    [
      ["sent", ACCEPTED],
      ["reported", "FAIL", "30003"],
      ["reported", "DELIVERED", null],
    ],
    "FAIL",
    "30003",
  ],
  [
    "a report before the answer",
    [
      ["reported", "DELIVERING", null],
      ["sent", ACCEPTED],
    ],
    "DELIVERING",
    null,
  ],
  [
    "the last report before the answer",
    [
      ["reported", "DELIVERED", null],
      ["sent", ACCEPTED],
    ],
    "DELIVERED",
    null,
  ],
  [
    "a report, then silence",
    [
      ["reported", "DELIVERED", null],
      ["sent", SILENT],
    ],
    "DELIVERED",
    null,
  ],
  [
    "a report while the answer is lost",
    [
      ["reported", "DELIVERING", null],
      ["sent", SILENT],
    ],
    "DELIVERING",
    null,
  ],
];

describe("the status moves forward only", () => {
  it.each(COURSES)("%s", async (_, steps, status, reason) => {
    const message = newMessage();
    await holding(message, async ({ account, passTime }) => {
      await account.claimMessage(message.msgid, "twilio", "A", IN_TIME);
      for (const step of steps)
        if (step[0] === "sent") account.messageSent(message.msgid, "A", step[1]);
        else account.messageReported(message.msgid, step[1], step[2]);
      expect(account.message(message.msgid)).toMatchObject({ status, reason });
      await passTime();
      expect(account.message(message.msgid), "nor does time change it").toMatchObject({ status, reason });
    });
  });

  it("and the delivery report is called back once, with the final status", async () => {
    const { url: callbackUrl, received } = await receiver({ status: 500 }, { status: 200 });
    const message = newMessage({ callbackUrl });
    const { login } = await holding(message, async ({ account }) => {
      await account.claimMessage(message.msgid, "twilio", "A", IN_TIME);
      account.messageSent(message.msgid, "A", ACCEPTED);
      account.messageReported(message.msgid, "FAIL", "30003: unreachable");
      account.messageReported(message.msgid, "DELIVERED", null);
    });
    const { callback } = await eventually(
      () => messageOf(message.msgid, { login }),
      (found) => found["callback"].state === "delivered",
    );
    const posts = await received();
    expect(posts.map(({ headers }) => headers["webhook-id"])).toEqual([callback.event_id, callback.event_id]);
    expect(JSON.parse(posts[1]?.body ?? "{}")).toMatchObject({
      type: "message.failed",
      data: { msgid: message.msgid, status: "FAIL", reason: "30003: unreachable", recipient: "+818012345678" },
    });
  });
});

it("an exhausted delivery report is sent once more when asked for, with the same id, and never after a 200", async () => {
  const { url: callbackUrl, received } = await receiver(...Array.from({ length: 11 }, () => ({ status: 500 })));
  const message = newMessage({ callbackUrl });
  const retry = (login: Login, msgid = message.msgid) =>
    sms("POST", `messages/${msgid}/callback/retry`, undefined, { login });
  const { login } = await holding(message, async ({ account, login: owner }) => {
    expect(account.retryCallback(message.msgid, IN_TIME)).toBe("no-event");
    await account.claimMessage(message.msgid, "twilio", "A", IN_TIME);
    account.messageSent(message.msgid, "A", { ...ACCEPTED, isDelivered: true });
    return owner;
  });
  const stateIs = (state: string) =>
    eventually(
      () => messageOf(message.msgid, { login }),
      (found) => found["callback"].state === state,
    );
  await stateIs("exhausted");
  await fetch(callbackUrl.replace("/hook/", "/script/"), { method: "PUT", body: JSON.stringify([{ status: 200 }]) });
  const asked = await retry(login);
  expect([asked.status, asked.body]).toEqual([202, { accepted: true }]);
  await stateIs("delivered");
  const posts = await received();
  expect(posts).toHaveLength(12);
  expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  for (const [msgid, status] of [
    [message.msgid, 409],
    [await send({}, { login }), 409],
    ["0".repeat(32), 404],
  ] as const) {
    const refused = await retry(login, msgid);
    expect([refused.status, refused.body]).toEqual([status, { detail: expect.any(String) }]);
  }
  expect((await retry(await tenant())).status).toBe(404);
});

describe("a message is forgotten", () => {
  const bookObjectOf = ({ sid }: Login, msgid: string) =>
    env.BOOK.getByName(objectNameOf({ sid, book: bookOf(msgid) ?? 0 }));
  const counts = (state: DurableObjectState) =>
    ["message", "callback"].map(
      (table) => state.storage.sql.exec<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`).one().n,
    );

  it("30 days after its link's end, with its callback, and leaves no row and no alarm", async () => {
    const { url: callbackUrl } = await receiver();
    const message = newMessage({ callbackUrl });
    const { login } = await holding(message, async ({ account }) => {
      await account.claimMessage(message.msgid, "twilio", "A", IN_TIME);
      account.messageSent(message.msgid, "A", { ...ACCEPTED, isDelivered: true });
    });
    await eventually(
      () => messageOf(message.msgid, { login }),
      (found) => found["callback"].state === "delivered",
    );
    await runInDurableObject(env.ACCOUNT.getByName(login.sid), async (account, state) => {
      const { forget_at } = state.storage.sql.exec<{ forget_at: number }>("SELECT forget_at FROM message").one();
      expect(forget_at - message.createdAt).toBe(120 * DAY_MS);
      expect(await state.storage.getAlarm()).toBe(forget_at);
      expect(counts(state)).toEqual([1, 1]);
      vi.spyOn(Date, "now").mockReturnValue(forget_at);
      await state.storage.deleteAlarm();
      await account.alarm();
      vi.mocked(Date.now).mockRestore();
      expect(counts(state)).toEqual([0, 0]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
    expect((await sms("GET", `messages/${message.msgid}/`, undefined, { login })).status).toBe(404);
  });

  it("earlier when its link is deleted earlier: 30 days after that", async () => {
    const login = await tenant();
    const msgid = await send({ track_link: "true" }, { login });
    const { link_tracking: tracking } = await settled(msgid, { login });
    await api("DELETE", `/api/links/${new URL(tracking.shortlink).pathname.slice(1)}`, undefined, {
      token: login.token,
    });
    await runInDurableObject(bookObjectOf(login, msgid), (_, state) => {
      const { forget_at } = state.storage.sql.exec<{ forget_at: number }>("SELECT forget_at FROM message").one();
      expect(Math.abs(forget_at - Date.now() - 30 * DAY_MS)).toBeLessThan(10_000);
    });
  });

  it("at once with its account", async () => {
    const login = await tenant();
    const msgid = await send({}, { login });
    await settled(msgid, { login });
    expect((await api("DELETE", `/api/accounts/${login.sid}`)).status).toBe(204);
    for (const stub of [env.ACCOUNT.getByName(login.sid), bookObjectOf(login, msgid)] as DurableObjectStub[])
      await runInDurableObject(stub, async (_, state) => {
        // What could not be closed in three seconds, where other tests run, goes on by itself.
        await vi.waitFor(() => expect(state.storage.sql.exec(TABLE_OF_MESSAGES).toArray()).toEqual([]), 20_000);
        expect(await state.storage.getAlarm()).toBeNull();
      });
  });
});

it("finding out what is due reads a few rows, however many messages there are", async () => {
  const { result: read } = await holding(newMessage(), async ({ account, state: { storage } }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    for (let n = 0; n < 300; n++) {
      const { msgid } = newMessage();
      storage.sql.exec(
        `INSERT INTO message SELECT ?, origin, sender, recipient, text, parts, cost, tags, reference, callback_url, code,
           destination, short_url, link_expires_at, created_at, 'DELIVERED', reason, carrier, carrier_id,
           first_accessed_at, event_id, NULL, 0, NULL, NULL, 0, forget_at, NULL, NULL
         FROM message LIMIT 1`,
        msgid,
      );
    }
    const counting = { exec: (query: string, ...values: unknown[]) => track(storage.sql.exec(query, ...values)) };
    const track = (cursor: (typeof cursors)[number]) => {
      cursors.push(cursor);
      return cursor;
    };
    expect(messagesDueAt(counting as unknown as SqlStorage).send).toBeGreaterThan(0);
    expect(messagesToSend(counting as unknown as SqlStorage, Date.now(), 100)).toHaveLength(1);
    expect(account.message("0".repeat(32))).toBeNull();
    return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
  });
  expect(read).toBeLessThan(10);
});

it("a message of a closed account is neither accepted nor sent", async () => {
  const message = newMessage();
  await holding(message, async ({ account, state }) => {
    state.storage.sql.exec("UPDATE account SET closed_at = 1");
    expect(account.addMessage(newMessage(), IN_TIME)).toBe(false);
    expect(await account.claimMessage(message.msgid, "twilio", "A", IN_TIME)).toEqual({ kind: "nothing" });
    expect(account.messageReported(message.msgid, "DELIVERED", null)).toBeNull();
  });
});

it("a recipient's number is in no log line, in no key or value of KV and in no link's object", async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const login = await tenant();
  const { url: callbackurl } = await receiver({ status: 500 }, { status: 200 });
  const number = "+818098765432";
  const msgid = await send(
    { track_link: "true", recipient: number, callbackurl, lt_callbackurl: callbackurl },
    { login },
  );
  await post({ recipient: "+8108098765432" }, { login });
  const { link_tracking: tracking } = await settled(msgid, { login });
  const code = new URL(tracking.shortlink).pathname.slice(1);
  await tap(code);
  await eventually(
    () => messageOf(msgid, { login }),
    (found) => found["callback"].state === "delivered" && found["link_tracking"].callback.state === "delivered",
  );
  spy.mockRestore();
  expect(lines.length).toBeGreaterThan(3);
  const { keys } = await env.DIRECTORY.list();
  const values = await Promise.all(keys.map(async ({ name }) => `${name} ${await env.DIRECTORY.get(name)}`));
  const rows = await runInDurableObject(env.LINK.getByName(code), (_, state) =>
    ["link", "access", "callback"].flatMap((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
  );
  for (const text of [...lines, ...values, JSON.stringify(rows)]) expect(text).not.toContain("8098765432");
});
