// The account's object: its secrets, its keys, its list, and how it ends.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { nanoid } from "nanoid";
import type { Account } from "../src/account/account.do.ts";
import { openSecrets, reseal, seal } from "../src/callback/sealed.ts";
import { isSid, mintSid, readCredential } from "../src/account/token.ts";
import type { LinkSummary } from "../src/link/link.ts";
import { envWith } from "./support/faults.ts";
import { ACCEPTED, newMessage } from "./support/held-message.ts";
import { IN_TIME } from "./support/firsttap.ts";

const ALL = { limit: 10, after: null, createdFrom: 0, createdBefore: Infinity };
const HOUR_MS = 3_600_000;

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}
afterEach(() => void vi.useRealTimers());

/** Opens an account of its own and looks at it from within its object. */
async function within(look: (account: Account, state: DurableObjectState, sid: string) => unknown): Promise<void> {
  const sid = nanoid();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, state) => {
    await account.open(sid, "a tenant", IN_TIME);
    await look(account, state, sid);
  });
}

/** A new secret that its owner is shown. */
async function rotate(account: Account): Promise<string> {
  const rotated = await account.rotateCallbackSecret(IN_TIME);
  account.callbackSecretShown(rotated?.previousSecretExpiresAt ?? 0);
  return rotated?.callbackSecret ?? "";
}

function link(accountSid: string, fields: Partial<LinkSummary> = {}): LinkSummary {
  return {
    code: "code1",
    accountSid,
    destination: "https://example.com/",
    shortUrl: "https://s.example.com/code1",
    msgid: null,
    callbackUrl: null,
    tags: [],
    reference: null,
    createdAt: 1_000,
    expiresAt: 2_000,
    firstAccessedAt: null,
    closedAt: null,
    revision: 1,
    ...fields,
  };
}

it("an account that was never opened, or is closed, knows nothing and takes nothing", async () => {
  const sid = nanoid();
  await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, { storage }) => {
    const check = async () => {
      expect([account.view(), account.admit("hash"), account.fallbackUrl()]).toEqual([null, null, null]);
      expect([
        account.change({ name: "x" }, undefined, IN_TIME),
        await account.addToken(IN_TIME),
        account.removeToken("x", IN_TIME),
      ]).toEqual([null, null, false]);
      expect([await account.signingSecrets(), await account.rotateCallbackSecret(IN_TIME)]).toEqual([[], null]);
      expect([await account.listLink(link(sid), IN_TIME), account.findLinks({ limit: 1, after: null })]).toEqual([
        null,
        [],
      ]);
      expect([account.message("m"), account.retryCallback("m", IN_TIME)]).toEqual([null, null]);
      expect(await account.claimAttempt("evt_a", IN_TIME)).toEqual({ kind: "nothing" });
      expect([account.addMessage(newMessage(), IN_TIME), account.findMessages(ALL)]).toEqual([false, []]);
      expect([account.messageSent("m", "A", ACCEPTED), account.messageReported("m", "FAIL", null)]).toEqual([
        null,
        null,
      ]);
      account.unlistLink(link(sid), 0, IN_TIME);
      account.takeBackJob("evt_a", IN_TIME);
      await account.close(IN_TIME);
    };
    await check();
    expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'account'").toArray()).toEqual([]);
    await account.open(sid, "a tenant", IN_TIME);
    await account.close(IN_TIME);
    await check();
    expect(await storage.getAlarm()).toBeNull();
  });
});

it("the secrets of ten rotations sign beside the newest, each for 24 hours, newest first", async () => {
  await within(async (account, { storage }) => {
    const at = Date.now();
    const secrets: string[] = [];
    for (let rotation = 0; rotation < 12; rotation++) {
      setClock(at + rotation);
      secrets.unshift(await rotate(account));
    }
    expect(await account.signingSecrets()).toEqual(secrets.slice(0, 11));
    // The secret before the newest was replaced at `at + 11`, the one before it at `at + 10`.
    setClock(at + 10 + 24 * HOUR_MS);
    expect(await account.signingSecrets()).toEqual(secrets.slice(0, 2));
    await account.rotateCallbackSecret(IN_TIME);
    expect(storage.sql.exec("SELECT * FROM previous_secret").toArray()).toHaveLength(2);
  });
});

it("the secret that its owner has signs until 24 hours after another was shown, however many were made and not shown", async () => {
  await within(async (account, { storage }) => {
    const at = Date.now();
    setClock(at);
    const shown = await rotate(account);
    for (let rotation = 1; rotation <= 12; rotation++) {
      setClock(at + rotation * 24 * HOUR_MS);
      const lost = (await account.rotateCallbackSecret(IN_TIME))?.callbackSecret;
      const secrets = await account.signingSecrets();
      expect([secrets[0], secrets.includes(shown), secrets.length <= 11]).toEqual([lost, true, true]);
    }
    expect(storage.sql.exec("SELECT * FROM previous_secret").toArray()).toHaveLength(10);
    const next = await rotate(account);
    const overlap = () => account.signingSecrets().then((secrets) => secrets.includes(shown));
    setClock(at + 13 * 24 * HOUR_MS - 1);
    expect(await overlap()).toBe(true);
    setClock(at + 13 * 24 * HOUR_MS);
    expect(await account.signingSecrets()).toEqual([next]);
  });
});

it("that a secret was shown counts for those before it, not for a newer one, and once", async () => {
  await within(async (account) => {
    const at = Date.now();
    setClock(at);
    const first = await account.rotateCallbackSecret(IN_TIME);
    setClock(at + HOUR_MS);
    const second = await account.rotateCallbackSecret(IN_TIME);
    for (let told = 0; told < 2; told++) account.callbackSecretShown(first?.previousSecretExpiresAt ?? 0);
    setClock(at + 24 * HOUR_MS);
    expect(await account.signingSecrets()).toEqual([second?.callbackSecret, first?.callbackSecret]);
  });
});

it("the version of before repeats nothing that was accepted into a book: it would keep, and send, the message once more", async () => {
  await within(async (account) => {
    const key = { key: "key", digest: "a" };
    const making = { what: "messages", code: "code", openedBy: "request", key, sender: "SHOP" } as const;
    const accepted = await account.accept(making, IN_TIME);
    await expect(account.claimKey("key", "a", "other", IN_TIME)).rejects.toThrow("book");
    expect(await account.claimKey("key", "b", "other", IN_TIME)).toEqual({ kind: "reused" });
    expect(await account.accept({ ...making, openedBy: "repeat" }, IN_TIME)).toEqual(accepted);
  });
});

it("an Idempotency-Key belongs to one request for 24 hours, and only that one gives it free", async () => {
  await within(async (account) => {
    const at = Date.now();
    setClock(at);
    const claim = await account.claimKey("key", "a", "code1", IN_TIME);
    expect(claim).toMatchObject({ kind: "claimed", made: "code1" });
    expect(await account.claimKey("key", "a", "code2", IN_TIME)).toEqual(claim);
    expect(await account.claimKey("key", "b", "code2", IN_TIME)).toEqual({ kind: "reused" });
    account.releaseKey("key", "somebody else", IN_TIME);
    account.releaseKey("another key", claim?.kind === "claimed" ? claim.openedBy : "", IN_TIME);
    setClock(at + 24 * HOUR_MS - 1);
    expect(await account.claimKey("key", "b", "code2", IN_TIME)).toEqual({ kind: "reused" });
    account.releaseKey("key", claim?.kind === "claimed" ? claim.openedBy : "", IN_TIME);
    expect(await account.claimKey("key", "b", "code2", IN_TIME)).toMatchObject({ kind: "claimed", made: "code2" });
    setClock(at + 48 * HOUR_MS - 1);
    expect(await account.claimKey("key", "c", "code3", IN_TIME)).toMatchObject({ kind: "claimed", made: "code3" });
  });
});

it("a deleted link is listed no more, also not by a call that was under way for longer than its deletion", () =>
  within(async (account, _, sid) => {
    await account.listLink(link(sid), IN_TIME);
    await account.listLink(link(sid, { closedAt: 1_500, revision: 2 }), IN_TIME);
    await account.listLink(link(sid), IN_TIME);
    expect(account.findLinks({ limit: 1, after: null })).toEqual([]);
  }));

it("an older copy of a link does not win in the list, and a link leaves it alone", async () => {
  await within(async (account, _, sid) => {
    const listed = () => account.findLinks({ limit: 10, after: null }).map(({ destination }) => destination);
    await account.listLink(link(sid, { destination: "https://example.com/2", revision: 2 }), IN_TIME);
    await account.listLink(link(sid, { destination: "https://example.com/1", revision: 1 }), IN_TIME);
    await account.listLink(link(sid, { destination: "https://example.com/again", revision: 2 }), IN_TIME);
    expect(listed()).toEqual(["https://example.com/2"]);
    await account.listLink(link(sid, { code: "code0", destination: "https://example.com/0" }), IN_TIME);
    await account.listLink(link(sid, { createdAt: 999, destination: "https://example.com/old" }), IN_TIME);
    expect(listed()).toEqual(["https://example.com/2", "https://example.com/0", "https://example.com/old"]);
    account.unlistLink(link(sid), 0, IN_TIME);
    expect(listed()).toEqual(["https://example.com/0", "https://example.com/old"]);
  });
});

it("the list is narrowed by time: from the first instant on, and before the last", async () => {
  await within(async (account, _, sid) => {
    for (const createdAt of [1_000, 2_000, 3_000]) await account.listLink(link(sid, { createdAt }), IN_TIME);
    const found = account.findLinks({ limit: 10, after: null, createdAfter: 1_000, createdBefore: 3_000 });
    expect(found.map(({ createdAt }) => createdAt)).toEqual([2_000, 1_000]);
    expect(account.findLinks({ limit: 1, after: null })).toHaveLength(2);
    const after = { createdAt: 2_000, code: "code1" };
    expect(account.findLinks({ limit: 10, after }).map(({ createdAt }) => createdAt)).toEqual([1_000]);
  });
});

it("a message's callback is owed once its end is reported, and to nobody who claims it while the account closes", async () => {
  await within(async (account, { storage }) => {
    const queues = { MESSAGES: { sendBatch: async () => {} }, CALLBACKS: { sendBatch: async () => {} } };
    (account as unknown as { env: Env }).env = envWith(queues);
    const silent = newMessage();
    const { msgid, ...fields } = newMessage({ callbackUrl: "http://127.0.0.1:1/" });
    for (const message of [silent, { msgid, ...fields }]) expect(account.addMessage(message, IN_TIME)).toBe(true);
    expect([account.retryCallback(silent.msgid, IN_TIME), account.retryCallback(msgid, IN_TIME)]).toEqual([
      "no-url",
      "no-event",
    ]);
    await account.claimMessage(msgid, "http", "A", IN_TIME);
    expect(account.messageSent(msgid, "A", ACCEPTED)).toBe("DELIVERING");
    expect(account.messageReported(msgid, "DELIVERED", null)).toBe("DELIVERED");
    const eventId = account.message(msgid)?.eventId ?? "";
    const dueAt = () => storage.sql.exec<{ due_at: number }>("SELECT due_at FROM callback").one().due_at;
    const at = Date.now() + HOUR_MS;
    setClock(at);
    account.takeBackJob(eventId, IN_TIME);
    expect(Math.abs(dueAt() - at - 10_000)).toBeLessThanOrEqual(5_000);
    expect(account.retryCallback(msgid, IN_TIME)).toBe("accepted");
    expect(dueAt()).toBe(at);
    expect(await account.claimAttempt(eventId, IN_TIME)).toMatchObject({ kind: "claimed", attempt: 1 });
    setClock(at + HOUR_MS);
    const claiming = account.claimAttempt(eventId, IN_TIME);
    const closing = account.close(IN_TIME);
    expect(await claiming).toEqual({ kind: "nothing" });
    await closing;
  });
});

it("an account ends its links a hundred at a time, and leaves no row and no alarm", async () => {
  await within(async (account, { storage }, sid) => {
    for (let n = 0; n < 100; n++) await account.listLink(link(sid, { code: `never-opened-${n}` }), IN_TIME);
    await account.close(IN_TIME);
    expect(account.view()).toBeNull();
    expect(await storage.getAlarm()).not.toBeNull();
    const tables = () =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray();
    // A link that is not ended in three seconds has its turn again: a hundred take longer where other tests run.
    for (let alarms = 0; alarms < 10 && tables().length > 0; alarms++) await account.alarm();
    expect(tables()).toEqual([]);
    expect(await storage.getAlarm()).toBeNull();
  });
});

/** From here on links' objects are these; `asked` has the codes in the order in which they were to end. */
function bindLinks(account: Account, fails: (code: string) => Error | "hang" | undefined): string[] {
  const asked: string[] = [];
  const getByName = (code: string) => ({
    closeWithAccount: () => {
      asked.push(code);
      const how = fails(code);
      return how === "hang" ? new Promise(() => {}) : how === undefined ? Promise.resolve() : Promise.reject(how);
    },
  });
  (account as unknown as { env: Env }).env = envWith({ LINK: { getByName } });
  return asked;
}

it("an account ends its newest links first, around those that fail, and asks these again less and less often", async () => {
  await within(async (account, { storage }, sid) => {
    const codes = Array.from({ length: 230 }, (_, n) => `code-${n}`);
    for (const [n, code] of codes.entries()) await account.listLink(link(sid, { code, createdAt: 1_000 + n }), IN_TIME);
    const failing = ["code-7", "code-150", "code-229"];
    let isDown = true;
    const asked = bindLinks(account, (code) => (isDown && failing.includes(code) ? new Error("down") : undefined));
    const left = () => storage.sql.exec<{ code: string }>("SELECT code FROM link").toArray();
    const at = Date.now();
    setClock(at);
    await account.close(IN_TIME);
    expect(asked).toEqual(codes.toReversed().slice(0, 100));
    // At once; but the platform sets no alarm for a time that its own clock has passed.
    expect(await storage.getAlarm()).toBeLessThan(at + 1_000);
    await storage.deleteAlarm();
    await account.alarm();
    await storage.deleteAlarm();
    await account.alarm();
    expect(asked).toEqual(codes.toReversed());
    expect(left().map(({ code }) => code)).toEqual(failing);
    for (const seconds of [10, 20, 40, 80]) {
      const pause = ((await storage.getAlarm()) ?? 0) - Date.now();
      expect(pause).toBeGreaterThanOrEqual(seconds * 500);
      expect(pause).toBeLessThanOrEqual(seconds * 1_500);
      await storage.deleteAlarm();
      setClock(Date.now() + pause);
      await account.alarm();
      expect(asked.splice(0).slice(-3)).toEqual(failing.toReversed());
    }
    isDown = false;
    await account.alarm();
    const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'");
    expect([tables.toArray(), await storage.getAlarm()]).toEqual([[], null]);
  });
});

it("nobody waits for a link that does not answer: neither who deletes the account nor the other links", async () => {
  await within(async (account, { storage }, sid) => {
    for (const code of ["silent", "other"]) await account.listLink(link(sid, { code }), IN_TIME);
    bindLinks(account, (code) => (code === "silent" ? "hang" : undefined));
    const begunAt = performance.now();
    await account.close(IN_TIME);
    expect(performance.now() - begunAt).toBeLessThan(4_500);
    expect(storage.sql.exec("SELECT code FROM link").toArray()).toEqual([{ code: "silent" }]);
    await storage.deleteAlarm();
  });
});

it("two steps of closing at once harm nothing", async () => {
  await within(async (account, { storage }, sid) => {
    await account.listLink(link(sid), IN_TIME);
    await Promise.all([account.close(IN_TIME), account.close(IN_TIME)]);
    expect(storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('account', 'closing')").toArray()).toEqual(
      [],
    );
    expect(await storage.getAlarm()).toBeNull();
  });
});

it("of Idempotency-Keys that have ended each request deletes a thousand and its own", async () => {
  await within(async (account, { storage }) => {
    const at = Date.now();
    setClock(at);
    for (let n = 0; n < 2_500; n++) await account.claimKey(`key-${n}`, "before", `made-${n}`, IN_TIME);
    const left = () => Number(storage.sql.exec("SELECT COUNT(*) AS n FROM idempotency").one()["n"]);
    setClock(at + 24 * HOUR_MS - 1);
    expect(await account.claimKey("key-2400", "after", "made", IN_TIME)).toEqual({ kind: "reused" });
    expect(left()).toBe(2_500);
    setClock(at + 24 * HOUR_MS);
    // Its own is free, though it is not among the first thousand.
    expect(await account.claimKey("key-2400", "after", "made", IN_TIME)).toMatchObject({
      kind: "claimed",
      made: "made",
    });
    expect(left()).toBe(1_500);
    for (const [key, rows] of [
      ["a", 501],
      ["b", 3],
    ] as const) {
      await account.claimKey(key, "after", "made", IN_TIME);
      expect(left()).toBe(rows);
    }
  });
});

it("an alarm that fails comes again", async () => {
  await within(async (account, { storage }) => {
    storage.sql.exec("ALTER TABLE account RENAME TO broken");
    const before = Date.now();
    await account.alarm();
    expect(await storage.getAlarm()).toBeGreaterThanOrEqual(before + 10_000);
    storage.sql.exec("ALTER TABLE broken RENAME TO account");
    await storage.deleteAlarm();
  });
});

it("a second opening changes nothing but adds a token, and of the accounts made the newest comes first, then by sid", async () => {
  await within(async (account, _, sid) => {
    await account.open("another", "another name", IN_TIME);
    expect(account.view()).toMatchObject({
      sid,
      name: "a tenant",
      callbackUrl: null,
      fallbackUrl: null,
      supportUrl: null,
    });
    const at = Date.now();
    for (const [n, made] of ["b", "a", "c"].entries()) {
      setClock(at + Math.floor(n / 2));
      account.addTenant(made, made, IN_TIME);
    }
    expect(account.tenants().map((tenant) => tenant.sid)).toEqual(["c", "b", "a"]);
    account.removeTenant("a", IN_TIME);
    expect(["a", "b", "x"].map((made) => account.hasTenant(made))).toEqual([false, true, false]);
  });
});

it("what earlier versions sealed, without the name of its key, is read for ever, and with its own key only", async () => {
  const sealed = "mkHnqSk+d03o/Cbsfu1dGQ+9dJ4XsQ+AN2VfCyRxhdIA+rG3v50=";
  expect(await openSecrets(["test-key"], [sealed])).toEqual(["whsec_test"]);
  expect(await openSecrets(["another-key", "test-key"], [sealed])).toEqual(["whsec_test"]);
  await expect(openSecrets(["another-key"], [sealed])).rejects.toThrow("PREVIOUS_SECRETS_KEY");
  expect(await reseal(["test-key"], sealed)).toMatch(/^cWrRB1NA\./);
});

it("what is sealed names its key, is sealed by the first and opened by each, and is sealed anew when the first is another", async () => {
  const sealed = await seal(["old"], "whsec_test");
  expect(await seal(["old"], "whsec_test")).not.toBe(sealed);
  expect(sealed).toMatch(/^[A-Za-z0-9+/]{8}\.[A-Za-z0-9+/]+=*$/);
  expect(await openSecrets(["new", "old"], [sealed])).toEqual(["whsec_test"]);
  await expect(openSecrets(["new"], [sealed])).rejects.toThrow("PREVIOUS_SECRETS_KEY");
  // The name decides, and a false name opens nothing.
  await expect(openSecrets(["old"], [sealed.replace(/^......../, "AAAAAAAA")])).rejects.toThrow("PREVIOUS_SECRETS_KEY");
  expect(await reseal(["old", "new"], sealed)).toBeUndefined();
  expect(await reseal(["new"], sealed)).toBeUndefined();
  expect(await reseal([], sealed)).toBeUndefined();
  const resealed = (await reseal(["new", "old"], sealed)) ?? "";
  expect(resealed.slice(0, 8)).not.toBe(sealed.slice(0, 8));
  expect(await openSecrets(["new"], [resealed])).toEqual(["whsec_test"]);
  await expect(seal([], "whsec_test")).rejects.toThrow("ADMIN_TOKEN");
});

it("a sid is `main`, or twenty digits and small letters", () => {
  const sid = mintSid();
  expect([isSid("main"), isSid(sid)]).toEqual([true, true]);
  for (const text of ["", "Main", "main0", "xmain", `${sid}0`, `0${sid}`, sid.slice(1), sid.slice(1) + "A"])
    expect([text, isSid(text)]).toEqual([text, false]);
});

it("a Bearer token may have spaces round it, as RFC 9110 allows", () => {
  const credential = (authorization: string) =>
    readCredential(new Request("https://a.example", { headers: { authorization } }));
  for (const header of ["Bearer t", "bearer   t", "BEARER t "])
    expect(credential(header)).toEqual({ sid: null, token: "t" });
  for (const header of ["Bearer", "Bearer a b", "xBearer t", "Bearert"]) expect(credential(header)).toBeUndefined();
});
