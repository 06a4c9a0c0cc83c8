// What earlier versions stored and sent is opened and answered by this one, and what this one stores and sends is written
// down for those to come: test/stored/README.md.

import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type BookName, type LinkReport, objectNameOf } from "../src/book/book.ts";
import worker, { Account, Book, Link } from "../src/index.ts";
import { LIVES } from "./stored/lives.ts";
import { type Call, type Job, recordTravelled, repeatable, type Travelled } from "./stored/record.ts";
import { methodOf, pathsOf, shapeOf } from "./stored/shape.ts";
import { act, actForKeeper, chooseCarrier, pass, seedRandomness, setClock, until } from "./stored/stage.ts";
import {
  emptyState,
  type Files,
  Hooks,
  jsonLines,
  type Kind,
  type Names,
  objectOf,
  openState,
  readDirectory,
  readObject,
  writeState,
} from "./stored/state.ts";
import { makeStates } from "./stored/states.ts";
import { brokenNamespace, envWith, tapWith } from "./support/faults.ts";
import { statusOf } from "./support/firsttap.ts";
import { methodsOf } from "./support/methods.ts";
import { messageOf } from "./support/sms.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What `npm run stored` writes. */
    fixtures?: Files;
  }
}

/** The files of each version, by its number. */
const VERSIONS = Map.groupBy(
  Object.entries(import.meta.glob("./stored/*/*", { query: "?raw", import: "default", eager: true })),
  ([path]) => Number(path.split("/").at(-2)),
);
const NEWEST = Math.max(...VERSIONS.keys());

/** Methods that nobody calls from outside: the platform's, those called from within, and what only earlier versions ask. */
const NEVER_SENT = [
  "constructor",
  "alarm",
  "access",
  "signingSecrets",
  "fallbackUrl",
  "findLinks",
  "findMessages",
  // Of who watches, and of what goes wrong.
  "activity",
  "fetch",
  "lately",
  "noteSigns",
  "journal",
  // Of campaigns, which no version before this one knows.
  "makeCampaignKey",
  "campaignKeys",
  "campaignReport",
  "campaignGone",
  "campaigns",
  "campaign",
  // Of links that the version of before made while this one accepted their messages.
  "linkChanged",
];
/** What an account is asked of links and messages that belong to no book: the lives of the versions that made these lead there. */
const OF_BEFORE_BOOKS = [
  "sweep",
  "listLink",
  "addMessage",
  "message",
  "claimMessage",
  "eraseMessage",
  "messageSent",
  "messageQuestion",
  "messageReported",
  "claimAttempt",
  "retryCallback",
  "reportAttempt",
  "takeBackJob",
  "linksPage",
  "messagesPage",
  "callbacks",
  "retryCallbacks",
].map((method) => `account.${method}`);

/** Their answers depend on what the alarm did in between, and are not repeated without it. */
const OF_ALARMS = ["link.wake", "account.wake", "book.wake", "book.figures"];

/** The states in which a callback is owed, so that nobody has to ask for one more attempt first. */
const OWED = ["failing", "owed", "ended", "attempted", "rotated", "reopened", "message-reported"];

beforeAll(chooseCarrier);
const consume = worker.queue.bind(worker);
afterEach(async () => {
  worker.queue = consume;
  vi.restoreAllMocks();
  vi.useRealTimers();
  await emptyState();
});

function filesOf(version: number): Files {
  const files = VERSIONS.get(version) ?? [];
  return Object.fromEntries(files.map(([path, text]) => [path.split("/").at(-1) ?? "", text]));
}

function travelledIn(files: Files): Travelled {
  const [calls, jobs] = [files["calls.json"], files["queues.json"]].map((text = "") => JSON.parse(text));
  return { calls, jobs };
}

async function opened(version: number): Promise<{ files: Files; names: Names; hooks: Hooks }> {
  const hooks = new Hooks();
  const files = hooks.show(filesOf(version));
  const names = await openState(files);
  setClock(names.at);
  return { files, names, hooks };
}

describe.each([...VERSIONS.keys()].toSorted((a, b) => a - b))("on what version %i stored", (version) => {
  it.each(Object.entries(LIVES))("%s", async (_, life) => {
    const { names, hooks } = await opened(version);
    await life(names, hooks);
  });

  it("KV alone answers taps", async () => {
    await opened(version);
    const down = brokenNamespace(new Error("down"));
    const alone = envWith({ LINK: down, ACCOUNT: down, ACCESSES: { send: async () => {} } });
    const live = (await readDirectory()).filter(({ value }) => (value as { e: number }).e > Date.now());
    expect(live.length).toBeGreaterThan(10);
    for (const { key, value } of live) {
      const { response } = await tapWith(alone, key);
      expect([key, response.status, response.headers.get("location")]).toEqual([key, 302, (value as { d: string }).d]);
    }
  });

  const jobs = Map.groupBy(travelledIn(filesOf(version)).jobs, ({ queue }) => queue);
  it.each([...jobs])("jobs of %s do what they say", async (_, ofQueue) => {
    const { names, hooks } = await opened(version);
    // Each twice, and at one instant: a later one would find the lease of the first to be over.
    const different = [...new Map(ofQueue.map((job) => [JSON.stringify(job.body), job])).values()];
    for (const job of different) await Promise.all([consumed(job), consumed(job)]);
    for (const job of different) await cameAbout(job, names, hooks);
  });

  it.each(Object.keys(LIVES))("its calls are answered: %s", async (life) => {
    const { files } = await opened(version);
    const wanted = new Set<string>();
    const found = new Set<string>();
    for (const call of travelledIn(files).calls.filter((one) => one.life === life)) {
      // An entrypoint is called by its own version only; what it is called with are the jobs.
      if (call.name === null) continue;
      setClock(call.at);
      const answer = await answerOf(call, call.name);
      if (OF_ALARMS.includes(methodOf(call))) continue;
      expect([methodOf(call), call.args, gistOf(answer)]).toEqual([methodOf(call), call.args, gistOf(call.answer)]);
      for (const path of pathsOf(call.answer)) wanted.add(`${methodOf(call)} ${path}`);
      for (const path of pathsOf(answer)) found.add(`${methodOf(call)} ${path}`);
      // Rows come with a function of their object's.
      (answer as Partial<Disposable> | null)?.[Symbol.dispose]?.();
    }
    expect([...wanted.difference(found)]).toEqual([]);
  });
});

it("what is stored and sent now has the shape of the newest fixtures", { timeout: 90_000 }, async ({ task }) => {
  const made = new Hooks();
  const state = made.hide(await writeState(await makeStates(made)));
  // Others than those that made the states: these have no script.
  const hooks = new Hooks();
  const travelled: Travelled = { calls: [], jobs: [] };
  for (const [name, life] of Object.entries(LIVES)) {
    await emptyState();
    const names = await openState(hooks.show(state));
    setClock(names.at);
    seedRandomness(2);
    const { calls, jobs } = repeatable(await recordTravelled(name, () => life(names, hooks)), state);
    travelled.calls.push(...calls);
    travelled.jobs.push(...jobs);
    vi.restoreAllMocks();
  }
  const sent = new Set(travelled.calls.map(({ to, method }) => `${to}.${method.split(".")[0]}`));
  const methods = Object.entries({ link: Link, account: Account, book: Book }).flatMap(([kind, objectClass]) =>
    methodsOf(objectClass).flatMap((name) => (NEVER_SENT.includes(name) ? [] : `${kind}.${name}`)),
  );
  const unsent = methods.filter((method) => !sent.has(method) && !OF_BEFORE_BOOKS.includes(method));
  expect(unsent, "no life in test/stored/lives.ts leads to a call of these: add what does").toEqual([]);

  const sentFiles = { "calls.json": jsonLines(travelled.calls), "queues.json": jsonLines(travelled.jobs) };
  const files: Files = { ...state, ...hooks.hide(sentFiles) };
  task.meta.fixtures = files;

  const shape = async (of: Files) => {
    await emptyState();
    return shapeOf(await openState(hooks.show(of)), travelledIn(of));
  };
  const today = await shape(files);
  const remedy =
    "What is stored or sent has changed. Objects, jobs and calls of the version before stay about: write down this one, too, with: npm run stored";
  expect(today, remedy).toEqual(Number.isFinite(NEWEST) ? await shape(filesOf(NEWEST)) : {});
});

/** Today's consumers take the job. */
async function consumed({ at, queue, body }: Job): Promise<void> {
  setClock(at);
  const batch = createMessageBatch(queue, [{ id: "1", timestamp: new Date(), attempts: 1, body }]);
  const ctx = createExecutionContext();
  await worker.queue(batch, envWith({}), ctx);
  const { explicitAcks } = await getQueueResult(batch, ctx);
  expect([body, explicitAcks]).toEqual([body, ["1"]]);
}

/** What the job was for happens, once, however many jobs say the same. */
async function cameAbout({ queue, body }: Job, names: Names, hooks: Hooks): Promise<void> {
  const { code = "", sid = "", msgid = "" } = body as Record<string, string>;
  // Of the account's events one is owed.
  const [hook = "message-reported"] = Object.entries(names.links).find(([, link]) => link === code) ?? [];
  switch (queue) {
    case "firsttap-messages":
      await until(() => messageOf(msgid, { login: names.accounts["sender"] }), { status: "DELIVERING" });
      return;
    case "firsttap-accesses":
      await until(() => statusOf(code, names.accounts["shop"]?.token), { access_counts: { person: 1 } });
      return;
    case "firsttap-callbacks-dead":
      pass(15_000);
      await (code === "" ? actForKeeper(sid, (body as Partial<BookName>).book ?? null) : act("link", code));
      await until(() => hooks.received(hook), { length: 1 });
      return;
    case "firsttap-wakes":
      for (const woken of "codes" in (body as object) ? (body as { codes: string[] }).codes : [])
        expect((await readObject("link", woken)).alarm).not.toBeNull();
      return;
    case "firsttap-reports":
      await hasHeard(body as LinkReport);
      return;
    case "firsttap-callbacks":
      await until(() => hooks.received(hook), { length: OWED.includes(hook) ? 1 : 0 });
      return;
    default:
      throw new Error(`say in test/stored.test.ts what jobs of ${queue} are for`);
  }
}

/** The book has the report's last event, if there is a book still. */
async function hasHeard({ sid, book, code, createdAt, events }: LinkReport): Promise<void> {
  const { rows } = await readObject("book", objectNameOf({ sid, book }));
  if (rows["line"] === undefined) return;
  const line = rows["line"].find((one) => one["code"] === code && one["created_at"] === createdAt);
  expect([code, Number(line?.["have"] ?? 0) >= (events.at(-1)?.number ?? 0)]).toEqual([code, true]);
}

/** The call as it was made, of today's object. */
async function answerOf({ to, method, args }: Call, name: string): Promise<unknown> {
  const [room, verb] = method.split(".");
  const stub: any = objectOf(to as Kind, name);
  return verb === undefined ? stub[room ?? ""](...args) : stub[room ?? ""][verb](...args);
}

/** What an answer says, without what depends on the clock and on chance. */
function gistOf(answer: unknown): unknown {
  if (typeof answer === "string") return answer;
  if (typeof answer !== "object" || answer === null) return answer === null ? null : typeof answer;
  return "kind" in answer ? answer.kind : Array.isArray(answer) ? "list" : "object";
}
