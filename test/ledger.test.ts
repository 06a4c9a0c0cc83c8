// Promise 3 where it is kept: what is owed, who may POST next, and when nothing is owed any more. The clock is an argument.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it as rule, vi } from "vitest";
import { nanoid } from "nanoid";
import type { Outcome } from "../src/callback/callback.ts";
import { attemptsColumn, type DueJob } from "../src/callback/callback-rows.ts";
import { CallbackLedger } from "../src/callback/ledger.ts";
import { sendDueJobs } from "../src/callback/send-jobs.ts";
import { ATTEMPT_LEASE_MS as LEASE_MS, MOST_LOST_ATTEMPTS, MOST_POSTS } from "../src/callback/schedule.ts";
import { jobLeaseMs } from "../src/queue.ts";
import { MOST_UNDER_WAY } from "../src/under-way.ts";
import { envWith } from "./support/faults.ts";

const NOW = 1_700_000_000_000;
const PACE = { callbackRetrySeconds: [10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800] };
/** The middle of the jitter: a wait is as long as planned. */
const NO_JITTER = 0.5;
const NOTHING = { state: "none", eventId: null, nextAttemptAt: null, attempts: [] };
const OWED = { event: { id: "evt_a", body: "{}" }, url: "https://example.com/a", ownHost: "s.example.com" };
const OTHER = { ...OWED, event: { id: "evt_b", body: "{}" }, url: "https://example.com/b" };

/** Of the version that kept attempts in a table of their own. */
const TABLES_OF_BEFORE = `
  CREATE TABLE callback (event_id TEXT PRIMARY KEY, url TEXT, own_host TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, next_attempt_at INTEGER, due_at INTEGER, jobs_sent INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE attempt (event_id TEXT NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER, error TEXT,
    duration_ms INTEGER, PRIMARY KEY (event_id, n)) STRICT, WITHOUT ROWID;`;

/** A rule of the ledger, tried on one with empty tables, in the storage of an object of its own. */
function it(name: string, check: (ledger: CallbackLedger) => void, events: "one" | "many" = "many"): void {
  rule(name, () =>
    runInDurableObject(env.LINK.getByName(nanoid()), (_, { storage }) => {
      check(new CallbackLedger(storage.sql, PACE, events));
    }),
  );
}

function answered(status: number | null): Outcome {
  return { status, error: status === null ? "no answer" : null, durationMs: 7, retryAfterSeconds: null };
}

/** One POST at `at` with this answer; the state that follows. */
function post(ledger: CallbackLedger, at: number, status: number | null = 500, eventId = "evt_a") {
  const attempt = ledger.claim(eventId, at)?.attempt ?? Number.NaN;
  return ledger.report({ eventId, attempt, outcome: answered(status) }, at, NO_JITTER);
}

function nextAttemptAt(ledger: CallbackLedger, eventId = "evt_a"): number {
  return ledger.view(eventId).nextAttemptAt ?? Number.NaN;
}

/** POSTs that all fail, each as soon as it may be; the state that follows the last. */
function postUntilExhausted(ledger: CallbackLedger, posts: number): string | undefined {
  let state: string | undefined;
  for (let n = 0; n < posts; n++) state = post(ledger, nextAttemptAt(ledger));
  return state;
}

/** Attempts of which nobody reports, each as soon as it may be. */
function lose(ledger: CallbackLedger, attempts: number, eventId = "evt_a"): void {
  for (let n = 0; n < attempts; n++) ledger.claim(eventId, nextAttemptAt(ledger, eventId));
}

it("of an event that was never written nothing is owed, and nothing can be done", (ledger) => {
  for (const write of [() => {}, () => ledger.write(OTHER, NOW)]) {
    write();
    expect([ledger.view(null), ledger.view("evt_a")]).toEqual([NOTHING, NOTHING]);
    expect([ledger.claim("evt_a", NOW), ledger.retry("evt_a", NOW)]).toEqual([null, "no-url"]);
    expect(ledger.report({ eventId: "evt_a", attempt: 1, outcome: answered(200) }, NOW, 0)).toBe("none");
    ledger.jobSent({ eventId: "evt_a", dueAt: NOW }, NOW + 1);
    ledger.takeBackJob("evt_a", NOW, NOW + 1);
    ledger.readdress("evt_a", null);
    ledger.withdraw("evt_a");
    ledger.forget("evt_a");
  }
  expect([ledger.dueAt(), ledger.view("evt_b").state]).toEqual([NOW, "owed"]);
});

it("before the first event nothing is due", (ledger) => {
  expect([ledger.dueAt(), ledger.dueJobs(NOW)]).toEqual([null, []]);
});

it("an event is owed, due and to be claimed from the moment it is written", (ledger) => {
  ledger.write(OWED, NOW);
  expect(ledger.view("evt_a")).toEqual({ state: "owed", eventId: "evt_a", nextAttemptAt: NOW, attempts: [] });
  expect(ledger.dueAt()).toBe(NOW);
  expect([ledger.dueJobs(NOW - 1), ledger.dueJobs(NOW)]).toEqual([[], [{ eventId: "evt_a", dueAt: NOW }]]);
  expect([ledger.isClaimable("evt_a", NOW - 1), ledger.isClaimable("evt_a", NOW)]).toEqual([false, true]);
  expect(ledger.claim("evt_a", NOW)).toEqual({ attempt: 1, url: OWED.url, ownHost: "s.example.com", body: "{}" });
});

it("without a URL an event is kept, and not owed", (ledger) => {
  ledger.write({ ...OWED, url: null }, NOW);
  expect(ledger.view("evt_a")).toEqual({ ...NOTHING, eventId: "evt_a" });
  expect([ledger.dueAt(), ledger.claim("evt_a", NOW), ledger.retry("evt_a", NOW)]).toEqual([null, null, "no-url"]);
});

it("an attempt belongs to one caller until its lease ends, then the next may begin", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.claim("evt_a", NOW);
  expect(ledger.dueAt()).toBe(NOW + LEASE_MS);
  expect(ledger.claim("evt_a", NOW + LEASE_MS - 1)).toBeNull();
  expect(ledger.claim("evt_a", NOW + LEASE_MS)?.attempt).toBe(2);
  expect(ledger.claim("evt_a", NOW + LEASE_MS)).toBeNull();
});

it("after a failed POST the next one has to wait, and the alarm with it", (ledger) => {
  ledger.write(OWED, NOW);
  expect(post(ledger, NOW + 5)).toBe("owed");
  const next = NOW + 5 + 10_000;
  expect([nextAttemptAt(ledger), ledger.dueAt()]).toEqual([next, next]);
  expect([ledger.claim("evt_a", next - 1), ledger.claim("evt_a", next)?.attempt]).toEqual([null, 2]);
});

it("eleven POSTs are made, each after its own wait, and then nothing is owed", (ledger) => {
  ledger.write(OWED, NOW);
  for (const seconds of PACE.callbackRetrySeconds) {
    const at = nextAttemptAt(ledger);
    expect(post(ledger, at, null)).toBe("owed");
    expect(nextAttemptAt(ledger) - at).toBe(seconds * 1_000);
  }
  const last = nextAttemptAt(ledger);
  expect(post(ledger, last)).toBe("exhausted");
  const { attempts, ...stands } = ledger.view("evt_a");
  expect(stands).toEqual({ state: "exhausted", eventId: "evt_a", nextAttemptAt: null });
  expect(attempts.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => null), 500]);
  expect(attempts.at(-1)).toEqual({ at: last, status: 500, error: null, durationMs: 7 });
  expect([ledger.dueAt(), ledger.claim("evt_a", Infinity)]).toEqual([null, null]);
});

it("the log tells of a callback that was given up, and of no other end", (ledger) => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  ledger.write(OWED, NOW);
  ledger.write(OTHER, NOW);
  ledger.write({ ...OWED, event: { id: "evt_c", body: "{}" } }, NOW);
  post(ledger, NOW, 200, "evt_b");
  ledger.withdraw("evt_c");
  postUntilExhausted(ledger, MOST_POSTS);
  spy.mockRestore();
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { fact: "callback.exhausted", event_id: "evt_a", attempts: MOST_POSTS },
  ]);
});

it("attempts of which nobody reports are not charged, up to eleven of them", (ledger) => {
  ledger.write(OWED, NOW);
  lose(ledger, MOST_LOST_ATTEMPTS - 1);
  const at = nextAttemptAt(ledger);
  post(ledger, at);
  expect(nextAttemptAt(ledger) - at).toBe(10_000);
  expect(postUntilExhausted(ledger, MOST_POSTS - 1)).toBe("exhausted");
});

it("after eleven lost attempts nothing is owed", (ledger) => {
  ledger.write(OWED, NOW);
  for (let lost = 0; lost < 11; lost++) expect(ledger.claim("evt_a", nextAttemptAt(ledger))?.attempt).toBe(lost + 1);
  expect(ledger.claim("evt_a", nextAttemptAt(ledger))).toBeNull();
  expect([ledger.view("evt_a").state, ledger.dueAt()]).toEqual(["exhausted", null]);
});

it("a lost attempt waits as long for the next one as a failed POST: an outage of hours does not use them up", (ledger) => {
  ledger.write(OWED, NOW);
  for (const seconds of [34, 34, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 34]) {
    const at = nextAttemptAt(ledger);
    expect(ledger.claim("evt_a", at - 1)).toBeNull();
    expect(ledger.claim("evt_a", at)).not.toBeNull();
    expect([ledger.dueAt(), nextAttemptAt(ledger)]).toEqual([at + seconds * 1_000, at + seconds * 1_000]);
  }
});

it("after a recorded 200 there is never another POST", (ledger) => {
  ledger.write(OWED, NOW);
  const lost = ledger.claim("evt_a", NOW)?.attempt ?? 0;
  expect(post(ledger, NOW + LEASE_MS, 200)).toBe("delivered");
  const delivered = { state: "delivered", nextAttemptAt: null };
  expect(ledger.report({ eventId: "evt_a", attempt: lost, outcome: answered(500) }, NOW, 0)).toBe("delivered");
  ledger.takeBackJob("evt_a", Infinity, NOW);
  ledger.readdress("evt_a", OTHER.url);
  ledger.readdress("evt_a", null);
  ledger.withdraw("evt_a");
  expect(ledger.retry("evt_a", Infinity)).toBe("delivered");
  expect(ledger.view("evt_a")).toMatchObject(delivered);
  expect([ledger.dueAt(), ledger.claim("evt_a", Infinity)]).toEqual([null, null]);
});

it("any status but 200 is a failure", (ledger) => {
  for (const status of [null, 100, 199, 201, 204, 302, 404, 500]) {
    const eventId = `evt_${status}`;
    ledger.write({ ...OWED, event: { id: eventId, body: "{}" } }, NOW);
    expect(post(ledger, NOW, status, eventId)).toBe("owed");
  }
});

it("a repeated report changes nothing", (ledger) => {
  ledger.write(OWED, NOW);
  post(ledger, NOW);
  const before = ledger.view("evt_a");
  const repeated = { eventId: "evt_a", attempt: 1, outcome: answered(200) };
  expect(ledger.report(repeated, NOW + 1_000, NO_JITTER)).toBe("owed");
  expect(ledger.report({ ...repeated, attempt: 2 }, NOW + 1_000, NO_JITTER)).toBe("owed");
  expect(ledger.view("evt_a")).toEqual(before);
});

it("a late failure is written down, and decides nothing while a newer attempt is under way", (ledger) => {
  ledger.write(OWED, NOW);
  lose(ledger, 2);
  const nextAt = nextAttemptAt(ledger);
  const late = { eventId: "evt_a", attempt: 1, outcome: answered(503) };
  expect(ledger.report(late, NOW + LEASE_MS + 1, NO_JITTER)).toBe("owed");
  expect(ledger.view("evt_a").attempts.map(({ status }) => status)).toEqual([503, null]);
  expect([ledger.dueAt(), nextAttemptAt(ledger)]).toEqual([nextAt, nextAt]);
});

it("a late failure of a lost attempt does not take away the one more that was asked for since", (ledger) => {
  ledger.write(OWED, NOW);
  expect(postUntilExhausted(ledger, MOST_POSTS - 1)).toBe("owed");
  const attempt = ledger.claim("evt_a", nextAttemptAt(ledger))?.attempt ?? 0;
  const at = nextAttemptAt(ledger);
  expect(ledger.retry("evt_a", at)).toBe("accepted");
  expect(ledger.report({ eventId: "evt_a", attempt, outcome: answered(500) }, at + 1, NO_JITTER)).toBe("owed");
  expect(ledger.dueAt()).toBe(at);
  expect(ledger.claim("evt_a", at + 2)).not.toBeNull();
});

it("one attempt at a time, also when the URL was taken away and given again meanwhile", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.claim("evt_a", NOW);
  ledger.readdress("evt_a", null);
  ledger.readdress("evt_a", OTHER.url);
  expect(ledger.retry("evt_a", NOW + 1)).toBe("accepted");
  expect(ledger.claim("evt_a", NOW + LEASE_MS - 1)).toBeNull();
  expect(ledger.dueAt()).toBe(NOW + LEASE_MS);
  expect(ledger.claim("evt_a", NOW + LEASE_MS)?.url).toBe(OTHER.url);
});

it("a late 200 delivers, even while a newer attempt is under way or after the last POST failed", (ledger) => {
  for (const { event, url } of [OWED, OTHER]) {
    ledger.write({ event, url, ownHost: "" }, NOW);
    lose(ledger, 2, event.id);
  }
  expect(ledger.report({ eventId: "evt_a", attempt: 1, outcome: answered(200) }, NOW, 0)).toBe("delivered");
  expect(ledger.dueJobs(Infinity)).toEqual([{ eventId: "evt_b", dueAt: nextAttemptAt(ledger, "evt_b") }]);
  lose(ledger, MOST_LOST_ATTEMPTS - 1, "evt_b");
  expect(ledger.view("evt_b").state).toBe("exhausted");
  expect(ledger.report({ eventId: "evt_b", attempt: 2, outcome: answered(500) }, NOW, 0)).toBe("exhausted");
  expect(ledger.report({ eventId: "evt_b", attempt: 1, outcome: answered(200) }, NOW, 0)).toBe("delivered");
});

for (const events of ["one", "many"] as const)
  it(
    `a job that nobody claims is sent again, after twice as long each time, and at first again after a claim: of an owner of ${events}`,
    (ledger) => {
      ledger.write(OWED, NOW);
      for (const jobs of [1, 2, 3]) {
        const dueAt = ledger.dueAt() ?? 0;
        expect(ledger.dueJobs(dueAt - 1)).toEqual([]);
        const [job] = ledger.dueJobs(dueAt);
        ledger.jobSent(job as DueJob, dueAt + 5);
        expect(ledger.dueAt()).toBe(dueAt + 5 + jobLeaseMs(jobs));
      }
      post(ledger, NOW);
      ledger.jobSent({ eventId: "evt_a", dueAt: nextAttemptAt(ledger) }, NOW);
      expect(ledger.dueAt()).toBe(NOW + jobLeaseMs(1));
    },
    events,
  );

rule(
  "of an owner of one event the first job is no row: a new instance sends another, and the next ones later and later",
  async () => {
    await runInDurableObject(env.LINK.getByName(nanoid()), (_, { storage }) => {
      const begin = () => new CallbackLedger(storage.sql, PACE, "one");
      const row = () => storage.sql.exec("SELECT * FROM callback").one();
      begin().write(OWED, NOW);
      const before = row();
      const send = (now: number) => {
        const ledger = begin();
        for (const job of ledger.dueJobs(now)) ledger.jobSent(job, now);
        return ledger.dueAt();
      };
      expect(send(NOW)).toBe(NOW + jobLeaseMs(1));
      expect(row()).toEqual(before);
      expect(begin().dueAt()).toBe(NOW);
      // The alarm comes when the lease of the first is over, whoever knows of it.
      expect(send(NOW + jobLeaseMs(1))).toBe(NOW + jobLeaseMs(1) + jobLeaseMs(2));
      expect(begin().dueAt()).toBe(NOW + jobLeaseMs(1) + jobLeaseMs(2));
      expect(begin().claim("evt_a", NOW + 1)?.attempt).toBe(1);
    });
  },
);

rule("attempts that an earlier version wrote are told and counted, and go on in the callback's row", async () => {
  await runInDurableObject(env.LINK.getByName(nanoid()), (_, { storage }) => {
    const { sql } = storage;
    sql.exec(TABLES_OF_BEFORE);
    for (const id of ["evt_a", "evt_b"]) {
      const values = [id, OWED.url, "s.example.com", "{}", "owed", NOW, NOW, 0];
      sql.exec("INSERT INTO callback VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ...values);
      for (let n = 1; n < MOST_POSTS; n++)
        sql.exec("INSERT INTO attempt VALUES (?, ?, ?, 500, NULL, 7)", id, n, NOW - 1_000 + n);
      sql.exec("INSERT INTO attempt (event_id, n, at) VALUES (?, ?, ?)", id, MOST_POSTS, NOW - LEASE_MS);
    }
    attemptsColumn(sql);
    const ledger = new CallbackLedger(sql, PACE, "many");
    expect(ledger.view("evt_a").attempts).toHaveLength(MOST_POSTS);
    expect(ledger.view("evt_a").attempts[0]).toEqual({ at: NOW - 999, status: 500, error: null, durationMs: 7 });
    const late = { eventId: "evt_a", attempt: MOST_POSTS, outcome: answered(500) };
    expect(ledger.claim("evt_b", NOW)?.attempt).toBe(MOST_POSTS + 1);
    expect(ledger.view("evt_b").attempts).toHaveLength(MOST_POSTS + 1);
    expect(ledger.report(late, NOW, NO_JITTER)).toBe("exhausted");
    expect(sql.exec("SELECT COUNT(*) AS n FROM attempt").one()).toEqual({ n: 2 * MOST_POSTS });
    ledger.forget("evt_a");
    expect(sql.exec("SELECT DISTINCT event_id AS id FROM attempt").toArray()).toEqual([{ id: "evt_b" }]);
    expect(ledger.view("evt_a")).toEqual(NOTHING);
  });
});

it("of an event that is asked for again and again the newest two hundred attempts are kept, and go on to be counted", (ledger) => {
  ledger.write(OWED, NOW);
  postUntilExhausted(ledger, MOST_POSTS);
  for (let n = MOST_POSTS + 1; n <= 250; n++) {
    const at = NOW + n * 1_000_000_000;
    ledger.retry("evt_a", at);
    expect(ledger.claim("evt_a", at)?.attempt).toBe(n);
    expect(ledger.report({ eventId: "evt_a", attempt: n, outcome: answered(500) }, at, NO_JITTER)).toBe("exhausted");
  }
  expect(ledger.view("evt_a").attempts.map(({ at }) => (at - NOW) / 1_000_000_000)).toEqual(
    Array.from({ length: 200 }, (_, n) => n + 51),
  );
});

it("a job of an earlier due time moves nothing", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.claim("evt_a", NOW);
  ledger.jobSent({ eventId: "evt_a", dueAt: NOW }, NOW + 7);
  expect(ledger.dueAt()).toBe(NOW + LEASE_MS);
});

it("a job that comes back is due again only where an attempt could be made", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.takeBackJob("evt_a", NOW, NOW + 1_000);
  expect(ledger.dueAt()).toBe(NOW + 1_000);
  ledger.claim("evt_a", NOW);
  ledger.takeBackJob("evt_a", NOW + 1, NOW + 1_000);
  expect(ledger.dueAt()).toBe(NOW + LEASE_MS);
});

it("one more attempt can be asked for at once, and is no more than one", (ledger) => {
  ledger.write(OWED, NOW);
  postUntilExhausted(ledger, MOST_POSTS);
  const at = NOW + 1_000_000_000;
  expect(ledger.retry("evt_a", at)).toBe("accepted");
  expect(ledger.view("evt_a")).toMatchObject({ state: "owed", nextAttemptAt: at });
  expect(ledger.dueAt()).toBe(at);
  expect(post(ledger, at)).toBe("exhausted");
});

it("asked for while an attempt is under way, one more attempt is that one", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.claim("evt_a", NOW);
  expect(ledger.retry("evt_a", NOW + LEASE_MS - 1)).toBe("accepted");
  expect([ledger.dueAt(), ledger.claim("evt_a", NOW + LEASE_MS - 1)]).toEqual([NOW + LEASE_MS, null]);
  expect(ledger.retry("evt_a", NOW + LEASE_MS)).toBe("accepted");
  expect(ledger.claim("evt_a", NOW + LEASE_MS)?.attempt).toBe(2);
});

it("asked for after eleven lost attempts, the event has all its eleven POSTs", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.write(OTHER, NOW);
  ledger.claim("evt_b", NOW);
  lose(ledger, MOST_LOST_ATTEMPTS + 1);
  expect(ledger.view("evt_a").state).toBe("exhausted");
  ledger.retry("evt_a", NOW + 100_000_000);
  expect(postUntilExhausted(ledger, MOST_POSTS)).toBe("exhausted");
  const { attempts } = ledger.view("evt_a");
  expect(attempts.filter(({ error }) => error === "no report")).toHaveLength(MOST_LOST_ATTEMPTS);
  expect(ledger.view("evt_b").attempts).toEqual([{ at: NOW, status: null, error: null, durationMs: null }]);
});

it("a changed URL is used from the next attempt on; without one nothing is owed", (ledger) => {
  ledger.write(OWED, NOW);
  post(ledger, NOW);
  ledger.readdress("evt_a", OTHER.url);
  expect(ledger.claim("evt_a", nextAttemptAt(ledger))?.url).toBe(OTHER.url);
  ledger.readdress("evt_a", null);
  expect(ledger.view("evt_a")).toMatchObject({ state: "none", nextAttemptAt: null });
  expect([ledger.dueAt(), ledger.claim("evt_a", Infinity)]).toEqual([null, null]);
});

it("what is withdrawn is owed no more; what was settled stays as it is", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.write(OTHER, NOW);
  ledger.withdraw("evt_a");
  expect([ledger.view("evt_a").state, ledger.view("evt_b").state]).toEqual(["none", "owed"]);
  post(ledger, NOW, 200, "evt_b");
  ledger.withdraw("evt_b");
  expect(ledger.view("evt_b").state).toBe("delivered");
});

it("events of one owner stand each for itself", (ledger) => {
  ledger.write(OWED, NOW);
  ledger.write(OTHER, NOW + 1);
  post(ledger, NOW, 500);
  expect(ledger.view("evt_b")).toEqual({ state: "owed", eventId: "evt_b", nextAttemptAt: NOW + 1, attempts: [] });
  expect(ledger.claim("evt_b", NOW + 1)).toMatchObject({ attempt: 1, url: OTHER.url });
  ledger.jobSent({ eventId: "evt_a", dueAt: nextAttemptAt(ledger) }, NOW);
  expect(ledger.dueJobs(Infinity).map(({ eventId }) => eventId)).toEqual(["evt_a", "evt_b"]);
  ledger.forget("evt_a");
  expect(ledger.view("evt_a")).toEqual(NOTHING);
  expect(ledger.view("evt_b").attempts).toHaveLength(1);
  ledger.write(OWED, NOW);
  expect(ledger.claim("evt_a", NOW)?.attempt).toBe(1);
});

describe("a hundred are under way at most", () => {
  const eventIds = Array.from({ length: MOST_UNDER_WAY + 2 }, (_, n) => `evt_${n}`);
  /** All owed, the last for longest. */
  const owe = (ledger: CallbackLedger) => {
    for (const [n, id] of eventIds.entries()) ledger.write({ ...OWED, event: { id, body: "{}" } }, NOW - n);
  };
  /** The jobs that one alarm hands over. */
  const handOver = (ledger: CallbackLedger, now: number) => {
    const jobs = ledger.dueJobs(now);
    for (const job of jobs) ledger.jobSent(job, now);
    return jobs.map(({ eventId }) => eventId);
  };

  it("those that have waited longest go first, and the next alarm is for what may have got lost", (ledger) => {
    owe(ledger);
    expect(ledger.dueAt()).toBe(NOW - 101);
    const jobs = ledger.dueJobs(NOW);
    expect([jobs.length, jobs[0]]).toEqual([MOST_UNDER_WAY, { eventId: "evt_101", dueAt: NOW - 101 }]);
    // Also while the queue is still taking them.
    expect([ledger.dueJobs(NOW), ledger.dueAt()]).toEqual([[], NOW + jobLeaseMs(1)]);
    for (const job of jobs) ledger.jobSent(job, NOW + 5);
    expect(handOver(ledger, NOW + 6)).toEqual([]);
    expect(ledger.dueAt()).toBe(NOW + 5 + jobLeaseMs(1));
  });

  const ENDS: Record<string, (ledger: CallbackLedger) => void> = {
    "was delivered": (ledger) => post(ledger, NOW, 200, "evt_50"),
    failed: (ledger) => post(ledger, NOW, 500, "evt_50"),
    "came back": (ledger) => ledger.takeBackJob("evt_50", NOW, NOW + 60_000),
    "was withdrawn": (ledger) => ledger.withdraw("evt_50"),
    "was forgotten": (ledger) => ledger.forget("evt_50"),
  };
  for (const [how, end] of Object.entries(ENDS))
    it(`one that ${how} makes room for the next, which is due at once`, (ledger) => {
      owe(ledger);
      handOver(ledger, NOW);
      end(ledger);
      expect(ledger.dueAt()).toBe(NOW - 1);
      expect(handOver(ledger, NOW)).toEqual(["evt_1"]);
      expect(handOver(ledger, NOW)).toEqual([]);
    });

  it("an attempt takes its place until its lease ends, then others do", (ledger) => {
    owe(ledger);
    for (const id of handOver(ledger, NOW)) ledger.claim(id, NOW + 1);
    expect(handOver(ledger, NOW + LEASE_MS)).toEqual([]);
    // The two that waited, and all whose attempts are lost.
    expect(handOver(ledger, NOW + 1 + LEASE_MS)).toHaveLength(MOST_UNDER_WAY);
    expect(handOver(ledger, NOW + 1 + LEASE_MS)).toEqual([]);
  });

  rule("an instance that begins anew finds in the rows what is under way", async () => {
    await runInDurableObject(env.LINK.getByName(nanoid()), (_, { storage }) => {
      const [first, second] = [1, 2].map(() => new CallbackLedger(storage.sql, PACE, "many"));
      if (first === undefined || second === undefined) throw new Error("two were made");
      owe(first);
      for (const id of handOver(first, NOW).slice(0, 40)) first.claim(id, NOW + 1);
      post(first, nextAttemptAt(first, "evt_30"), 500, "evt_30");
      expect(handOver(second, NOW + 2)).toEqual(["evt_1"]);
      expect(handOver(second, NOW + jobLeaseMs(1))).toHaveLength(MOST_UNDER_WAY - 40 - 1);
    });
  });
});

rule("when all storage was deleted, the ledger begins anew", async () => {
  await runInDurableObject(env.LINK.getByName(nanoid()), async (_, { storage }) => {
    const ledger = new CallbackLedger(storage.sql, PACE, "one");
    ledger.write(OWED, NOW);
    await storage.deleteAll();
    ledger.forgotten();
    expect(ledger.view("evt_a")).toEqual(NOTHING);
    ledger.write(OTHER, NOW);
    expect(new CallbackLedger(storage.sql, PACE, "one").dueAt()).toBe(NOW);
  });
});

rule(
  "a hundred jobs go to the queue in one call, also when it refuses them: then they come due after their lease",
  async () => {
    await runInDurableObject(env.LINK.getByName(nanoid()), async (_, { storage }) => {
      const ledger = new CallbackLedger(storage.sql, PACE, "many");
      for (let n = 0; n < 101; n++) ledger.write({ ...OWED, event: { id: `evt_${n}`, body: "{}" } }, NOW + n);
      const batches: unknown[][] = [];
      const sendBatch = async (jobs: unknown[]) => {
        batches.push(jobs);
        if (batches.length === 1) throw new Error("Too Many Requests");
      };
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      const refusing = envWith({ CALLBACKS: { sendBatch } });
      // Who knows whether it took them after all: so the others wait as well.
      for (let alarm = 0; alarm < 3; alarm++) await sendDueJobs(ledger, refusing, { sid: "s" }, NOW + 1_000);
      expect(batches.map((jobs) => jobs.length)).toEqual([100]);
      expect(log.mock.calls).toHaveLength(1);
      await sendDueJobs(ledger, refusing, { sid: "s" }, Date.now() + jobLeaseMs(1));
      expect(batches.map((jobs) => jobs.length)).toEqual([100, 100]);
      expect(batches[1]?.[0]).toEqual({ body: { sid: "s", eventId: "evt_100" } });
      expect(log.mock.calls).toHaveLength(1);
    });
  },
);
