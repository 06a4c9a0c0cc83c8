// Behind the redirect, at the edge: accesses of one link travel together, and none waits for somebody who has died.

import { env } from "cloudflare:workers";
import { list as robots } from "isbot";
import { afterEach, expect, it, vi } from "vitest";
import { mintCode } from "../src/link/code.ts";
import type { Access, Code } from "../src/link/link.ts";
import { type AccessJob, accessOf, recordTogether } from "../src/redirect/record-access.ts";
import { broken, brokenNamespace, envWith, platformError } from "./support/faults.ts";
import { createLink, statusOf } from "./support/firsttap.ts";

const PERSON = { kind: "person", reason: null, device: null } as const;
const MOST_TOGETHER = 200;

const someone = (): Access => accessOf(PERSON, Date.now(), null);
const forEver = (): Promise<never> => new Promise(() => {});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Objects whose `record` is this. */
function recordingWith(record: (accesses: Access[], batch: string) => Promise<unknown>, others: object = {}): Env {
  return envWith({ LINK: { getByName: () => ({ record }) }, ...others });
}

/** How many persons the link's object has recorded. */
async function personsOf(code: string): Promise<number> {
  return (await statusOf(code))["access_counts"].person;
}

it("accesses of one link that come during a call to its object travel together, 200 at most", async () => {
  const gate = Promise.withResolvers<void>();
  const calls: string[][] = [];
  const batches = new Set<string>();
  const held = recordingWith((accesses, batch) => {
    calls.push(accesses.map(({ id }) => id));
    batches.add(batch);
    return gate.promise;
  });
  const code = mintCode();
  const accesses = Array.from({ length: 1 + MOST_TOGETHER + 2 }, someone);
  const taps = accesses.map((access) => recordTogether(held, code, access));
  await scheduler.wait(50);
  // A full list waits for nobody.
  expect(calls.map(({ length }) => length)).toEqual([1, MOST_TOGETHER]);
  // Another link does not wait for this one.
  void recordTogether(held, mintCode(), someone());
  expect(calls.map(({ length }) => length)).toEqual([1, MOST_TOGETHER, 1]);
  gate.resolve();
  await Promise.all(taps);
  expect(calls.map(({ length }) => length)).toEqual([1, MOST_TOGETHER, 1, 2]);
  expect(calls.flat()).toEqual(expect.arrayContaining(accesses.map(({ id }) => id)));
  expect(batches.size).toBe(4);
});

it("accesses do not wait for a call to their object that hangs longer than two seconds", async () => {
  // Pauses take no time here, but on the clock.
  const startedAt = Date.now();
  vi.spyOn(scheduler, "wait").mockImplementation(async (ms) => void vi.setSystemTime(Date.now() + ms));
  vi.setSystemTime(startedAt);
  let calls = 0;
  const hanging = recordingWith(() => (++calls === 1 ? forEver() : Promise.resolve([])));
  const code = mintCode();
  void recordTogether(hanging, code, someone());
  await recordTogether(hanging, code, someone());
  expect([Date.now() - startedAt, calls]).toEqual([2_000, 2]);
});

it.each([
  ["while it waits for a call", "wait"],
  ["with a call under way", "call"],
])(
  "an invocation that dies %s keeps nobody's access: 300 persons who tap one after another are recorded",
  async (_, death) => {
    const { code } = (await createLink()) as { code: Code };
    vi.setSystemTime(Date.now());
    // Nothing that it waits for ever comes: so an invocation looks from within when it has ended.
    const dead = recordingWith(forEver);
    const begun = [someone()];
    void recordTogether(dead, code, begun[0] as Access);
    if (death === "wait") {
      const waiting = vi.spyOn(scheduler, "wait").mockImplementation(forEver);
      for (let n = 0; n < 20; n++) begun.push(someone());
      for (const access of begun.slice(1)) void recordTogether(env, code, access);
      waiting.mockRestore();
    }
    vi.setSystemTime(Date.now() + 3_000);
    for (let n = 0; n < 300; n++) await recordTogether(env, code, someone());
    // Of the dead one's own call nothing is known.
    expect(await personsOf(code)).toBe(300 + begun.length - 1);
  },
);

it("whoever was slow and not dead brings nothing twice, and finds nothing left to bring", async () => {
  vi.setSystemTime(Date.now());
  const wakeUp = Promise.withResolvers<void>();
  const calls: string[][] = [];
  const recording = recordingWith(async (accesses) => void calls.push(accesses.map(({ id }) => id)));
  const [begun, slow, next] = [someone(), someone(), someone()];
  const code = mintCode();
  void recordTogether(recordingWith(forEver), code, begun);
  const waiting = vi.spyOn(scheduler, "wait").mockImplementation(() => wakeUp.promise);
  const slept = recordTogether(recording, code, slow);
  waiting.mockRestore();
  vi.setSystemTime(Date.now() + 3_000);
  await recordTogether(recording, code, next);
  wakeUp.resolve();
  await slept;
  expect(calls).toEqual([[slow.id, next.id]]);
});

it("a batch has one name for each try, by call and by queue, and is one message, which the queue can take", async () => {
  const jobs: AccessJob[] = [];
  const names: string[] = [];
  const gate = Promise.withResolvers<void>();
  const recording = recordingWith(
    async (accesses, batch) => {
      if (accesses.length === 1) return gate.promise;
      names.push(batch);
      throw platformError({ retryable: true });
    },
    { ACCESSES: { send: async (job: AccessJob) => void jobs.push(job) } },
  );
  const code = mintCode();
  const reason = robots.toSorted((a, b) => b.length - a.length)[0] ?? "";
  const longest = () => accessOf({ kind: "scanner", reason, device: "ChromeOS" }, Date.now(), "T1");
  const taps = Array.from({ length: 1 + MOST_TOGETHER }, () => recordTogether(recording, code, longest()));
  await taps.at(-1);
  gate.resolve();
  await Promise.all(taps);
  expect(jobs.map(({ accesses }) => accesses.length)).toEqual([MOST_TOGETHER]);
  expect(names).toEqual(Array.from({ length: 3 }, () => jobs[0]?.accesses[0]?.id));
  expect(jobs[0]?.batch).toBe(names[0]);
  expect(new TextEncoder().encode(JSON.stringify(jobs[0])).length).toBeLessThan(128_000 / 2);
});

it("accesses that neither their object nor the queue takes are lost one by one in the log, within the time that there is", async () => {
  let waitedMs = 0;
  vi.setSystemTime(Date.now());
  vi.spyOn(scheduler, "wait").mockImplementation(async (ms) => {
    waitedMs += ms;
    vi.setSystemTime(Date.now() + ms);
  });
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const down = envWith({
    LINK: brokenNamespace(platformError({ overloaded: true })),
    ACCESSES: broken(new Error("down")),
  });
  await recordTogether(down, mintCode(), someone());
  expect(lines.map((line) => JSON.parse(line).fact)).toEqual(["access.lost"]);
  // The last round begins within six seconds, and may take 21.
  expect(waitedMs).toBeGreaterThan(3_000);
  expect(waitedMs).toBeLessThanOrEqual(6_000);
});
