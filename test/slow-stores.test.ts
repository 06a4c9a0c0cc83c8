// Stores that answer late, or never: what waits for them, and what must not.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import type { Link } from "../src/link/link.do.ts";
import type { Access } from "../src/link/link.ts";
import { createLinkOfBefore, heard } from "./support/books.ts";
import { broken, brokenNamespace, envWith, tapWith } from "./support/faults.ts";
import { api, createLink, eventually, IN_TIME, recorded, tap } from "./support/firsttap.ts";

/** Longer than anything here may take, shorter than the test. */
const FOR_EVER_MS = 20_000;

it.each([
  ["broken", new Error("down")],
  ["silent", "hang" as const],
])("KV that answers after more than a second redirects all the same while the link's object is %s", async (_, how) => {
  const { code } = await createLink();
  const slow = {
    get: async (key: string) => {
      await scheduler.wait(1_200);
      return env.DIRECTORY.get(key, "json");
    },
  };
  const bindings = { DIRECTORY: slow, LINK: brokenNamespace(how), ACCESSES: broken(new Error("down")) };
  const { response, elapsedMs } = await tapWith(envWith(bindings), code);
  expect(response.status).toBe(302);
  expect(elapsedMs).toBeLessThan(4_000);
});

it("KV that answers late with a link that has ended does not redirect", async () => {
  const { code } = await createLink();
  const slow = {
    get: async () => {
      await scheduler.wait(1_200);
      return { d: "https://example.com/", e: Date.now() - 2_000 };
    },
  };
  const bindings = { DIRECTORY: slow, LINK: brokenNamespace(new Error("down")) };
  expect((await tapWith(envWith(bindings), code)).response.status).toBe(503);
});

it("an access that neither its object nor the queue took is offered to both again", async () => {
  const { code } = await createLink();
  let calls = 0;
  const record = (accesses: Access[], batch: string) => {
    if (++calls <= 3) throw new Error("down");
    return env.LINK.getByName(code).record(accesses, batch);
  };
  const bindings = { LINK: { getByName: () => ({ record }) }, ACCESSES: broken(new Error("down")) };
  const { response, settled } = await tapWith(envWith(bindings), code);
  expect(response.status).toBe(302);
  await settled();
  expect((await recorded(code, 1))["access_counts"].person).toBe(1);
  expect(calls).toBe(4);
});

it("a KV that never answers a write holds up no alarm, no deletion and no later write", async () => {
  const { code } = await createLink();
  await runInDurableObject(env.LINK.getByName(code), async (instance, state) => {
    const restore = withBindings(instance, { DIRECTORY: { put: never, delete: never } });
    state.storage.sql.exec("UPDATE link SET directory_due_at = 1");
    await state.storage.deleteAlarm();
    expect(await orForEver(instance.alarm())).toBe("ended");
    expect(await orForEver(instance.close("main", IN_TIME))).toBe("ended");
    restore();
    expect(state.storage.sql.exec("SELECT directory_due_at FROM link").one()["directory_due_at"]).toBeGreaterThan(0);
  });
}, 60_000);

it("taps that KV cannot answer do not pile up writes of KV", async () => {
  const { code } = await createLink();
  await runInDurableObject(env.LINK.getByName(code), async (instance) => {
    const written = Promise.withResolvers<void>();
    const put = vi.fn(() => written.promise);
    const restore = withBindings(instance, { DIRECTORY: { put } });
    const now = Date.now();
    const clock = vi.spyOn(Date, "now");
    for (const minutes of [2, 4, 6]) {
      clock.mockReturnValue(now + minutes * 60_000);
      for (let n = 0; n < 100; n++) instance.resolve(now);
      await scheduler.wait(10);
    }
    written.resolve();
    await scheduler.wait(100);
    clock.mockRestore();
    restore();
    // The first, and one more for all that came meanwhile.
    expect(put).toHaveBeenCalledTimes(2);
  });
});

it("the secrets of a deleted account are gone from all its links, also from those that it had deleted", async () => {
  const { body: account } = await api("POST", "/api/accounts", { name: "gone" });
  const login = { token: account["token"] as string };
  const codes = [await createLink({}, login.token), await createLink({}, login.token)].map(({ code }) => code);
  codes.push((await createLinkOfBefore({ accountSid: account["sid"] })).code);
  expect((await api("DELETE", `/api/links/${codes[0]}`, undefined, login)).status).toBe(204);
  for (const code of codes) await heard(code);
  // Of this its book may not have heard yet: it ends when it has told.
  const { code: newest } = await createLink({}, login.token);
  expect((await api("DELETE", `/api/accounts/${account["sid"]}`)).status).toBe(204);
  const secretsOf = (code: string) =>
    runInDurableObject(
      env.LINK.getByName(code),
      (_, { storage }) => storage.sql.exec("SELECT sealed_secrets FROM link").one()["sealed_secrets"],
    );
  for (const code of codes) expect((await secretsOf(code)) ?? "[]").toBe("[]");
  await eventually(
    () => secretsOf(newest),
    (secrets) => secrets === null,
  );
  expect((await tap(newest)).status).toBe(410);
});

function withBindings(instance: Link, bindings: Record<string, unknown>): () => void {
  const holder = instance as unknown as { env: Env };
  const real = holder.env;
  holder.env = envWith(bindings);
  return () => {
    holder.env = real;
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

async function orForEver(work: Promise<unknown>): Promise<string> {
  return Promise.race([work.then(() => "ended"), scheduler.wait(FOR_EVER_MS).then(() => "hangs")]);
}
