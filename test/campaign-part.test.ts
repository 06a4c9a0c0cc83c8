// What becomes of a member's taps when things fail: a part records by the rules of links, and tells its campaign what it has counted, however
// often a call, a batch or a report comes.

import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { afterEach, expect, it, vi } from "vitest";
import { objectNameOf } from "../src/book/book.ts";
import { type CampaignFacts, type MemberAccess, mintCampaignId } from "../src/campaign/campaign.ts";
import { entryName } from "../src/campaign/campaign-entry.ts";
import type { AccessKind } from "../src/link/link.ts";
import { broken, brokenNamespace, envWith, tapWith } from "./support/faults.ts";
import { ADMIN_TOKEN, api, eventually, IN_TIME, ORIGIN, statusOf } from "./support/firsttap.ts";
import worker from "../src/index.ts";

const MINUTE_MS = 60_000;

afterEach(() => vi.useRealTimers());

function setClock(at: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: at });
}

let numbers = 1_000_000;

/** A campaign that is opened by itself, without the API: so there is no key, and codes are what a test says. */
async function openCampaign(fields: Partial<CampaignFacts> = {}): Promise<CampaignFacts> {
  const sid = nanoid();
  await env.BOOK.getByName(objectNameOf({ sid, book: 1 })).open({ sid, book: 1 }, IN_TIME);
  numbers += 1;
  const facts: CampaignFacts = {
    id: mintCampaignId(Date.now(), 1),
    number: numbers,
    accountSid: sid,
    book: 1,
    keyId: "key",
    name: "Spring",
    url: "https://example.com/{number}",
    utm: {},
    template: "https://example.com/{number}",
    size: 10_000,
    callbackUrl: "http://localhost:1/",
    tags: ["spring"],
    reference: null,
    shortBase: "https://s.example.com/",
    createdAt: Date.now(),
    expiresAt: Date.now() + 90 * 86_400_000,
    ...fields,
  };
  const opened = await env.CAMPAIGN.getByName(String(facts.number)).open(facts, "request", ["sealed"], IN_TIME);
  expect(opened.kind).toBe("opened");
  return facts;
}

let accesses = 0;
function access(member: number, kind: AccessKind = "person", at = Date.now()): MemberAccess {
  const id = `${at.toString(36).padStart(9, "0")}${(accesses += 1)}`;
  return { id, at, kind, reason: null, device: "iPhone", country: "JP", member, code: `code-${member}` };
}

const partOfNumber = (number: number, part = 0) => env.CAMPAIGN_PART.getByName(`${number}.${part}`);

it("however often a batch comes, there is one first access of each member, and one callback is owed", async () => {
  const { number, accountSid } = await openCampaign();
  const part = partOfNumber(number);
  const batch = [access(1, "preview"), access(1), access(2), access(1)];
  const answers = await Promise.all([part.record(batch, "batch"), part.record(batch, "batch")]);
  expect(answers[0]?.filter((one) => one.kind === "recorded" && one.first).length).toBe(2);
  expect(new Set(answers[1]?.map(({ kind }) => kind))).toEqual(new Set(["repeated"]));
  // An older one that came late does not move the first.
  await part.record([access(1, "person", Date.now() - 3_600_000)], "late");
  const status = await part.status(accountSid, 1, "code-1");
  expect(status?.firstAccessedAt).toBe(batch[1]?.at);
  expect(status?.accessCounts).toMatchObject({ person: 3, preview: 1 });
  await runInDurableObject(part, (_, { storage }) => {
    expect(storage.sql.exec("SELECT state FROM callback").toArray()).toEqual([{ state: "owed" }, { state: "owed" }]);
    const counted = storage.sql.exec<{ counts: string }>("SELECT counts FROM counted").toArray();
    const sum: Record<string, number> = {};
    for (const { counts } of counted)
      for (const [key, n] of Object.entries(JSON.parse(counts) as Record<string, number>))
        sum[key] = (sum[key] ?? 0) + n;
    const of = { first_accesses: 2, callbacks_owed: 2, "device:iPhone": 2, "country:JP": 2 };
    expect(sum).toEqual({ person: 4, preview: 1, ...of });
  });
});

it("a member that thousands open keeps a thousand rows, counts all, and knows a repeat by its batch", async () => {
  const { number, accountSid } = await openCampaign({ callbackUrl: null });
  const part = partOfNumber(number);
  const of = (n: number) => Array.from({ length: 600 }, () => access(7, "person", Date.now() + n));
  const batches = [of(1), of(2), of(3)];
  for (const [n, batch] of batches.entries()) await part.record(batch, `0mwz${n}batch`);
  await part.record(batches[2] ?? [], "0mwz2batch");
  await part.record([access(8)], "other");
  expect((await part.status(accountSid, 7, "code-7"))?.accessCounts.person).toBe(1_800);
  expect(await part.lines(1, 4_096)).toEqual([
    { member: 7, firstAccessedAt: expect.any(Number), accessCounts: expect.objectContaining({ person: 1_800 }) },
    { member: 8, firstAccessedAt: expect.any(Number), accessCounts: { person: 1 } },
  ]);
});

it("nothing is stored of a campaign that there is not, nor of a member beyond its size", async () => {
  const { number } = await openCampaign({ size: 3 });
  expect(await partOfNumber(number, 9).record([access(40_000)], "b")).toEqual([{ kind: "unknown" }]);
  expect(await partOfNumber(number).record([access(4)], "b")).toEqual([{ kind: "unknown" }]);
  expect(await partOfNumber(999).record([access(1)], "b")).toEqual([{ kind: "unknown" }]);
  for (const name of [`${number}.9`, `${number}.0`, "999.0"])
    await runInDurableObject(env.CAMPAIGN_PART.getByName(name), async (_, { storage }) => {
      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'").toArray();
      expect([name, tables, await storage.getAlarm()]).toEqual([name, [], null]);
    });
});

it("a campaign counts what its parts have told, whatever comes twice, late or in another order", async () => {
  const { number } = await openCampaign();
  const campaign = env.CAMPAIGN.getByName(String(number));
  const at = (revision: number, person: number) => [{ quarter: 7, revision, counts: { person } }];
  for (const told of [at(2, 5), at(1, 3), at(2, 5), at(4, 9), at(3, 7)])
    expect(await campaign.partCounted(0, told)).toBe("noted");
  await campaign.partCounted(1, at(1, 2));
  await runInDurableObject(campaign, (_, { storage }) => {
    const [row] = storage.sql.exec<{ counts: string }>("SELECT counts FROM counted WHERE quarter = 7").toArray();
    expect(JSON.parse(row?.counts ?? "{}")).toEqual({ person: 11 });
  });
  expect(await env.CAMPAIGN.getByName("999").partCounted(0, at(1, 1))).toBe("gone");
});

it("a part that was evicted, and whose campaign was out of reach, tells it all the same", async () => {
  const { number, accountSid } = await openCampaign({ callbackUrl: null });
  const part = partOfNumber(number);
  await part.record([access(1), access(2)], "b");
  await evictDurableObject(part);
  setClock(Date.now() + MINUTE_MS);
  const alarm = () => runInDurableObject(part, (instance) => instance.alarm());
  await runInDurableObject(part, async (instance) => {
    const bound = instance as unknown as { env: Env };
    const own = bound.env;
    bound.env = envWith({ CAMPAIGN: brokenNamespace(new Error("down")) });
    await instance.alarm();
    bound.env = own;
  });
  setClock(Date.now() + MINUTE_MS);
  await alarm();
  const campaign = env.CAMPAIGN.getByName(String(number));
  setClock(Date.now() + MINUTE_MS);
  await runInDurableObject(campaign, (instance) => instance.alarm());
  const book = env.BOOK.getByName(objectNameOf({ sid: accountSid, book: 1 }));
  const entries = await book.journal(0, 10);
  const grown = entries.flatMap((entry) => (entry.kind === "campaign" ? entry.fact.grown : []));
  const sum = (key: string) =>
    grown.reduce((total, [, counts]) => total + ((counts as Record<string, number>)[key] ?? 0), 0);
  expect(["links_made", "person", "first_accesses"].map(sum)).toEqual([10_000, 2, 2]);
});

it("a campaign is forgotten thirty days behind its end, with its parts, but its number is never used again", async () => {
  const facts = await openCampaign({ callbackUrl: null });
  const { number, expiresAt, accountSid, id } = facts;
  const part = partOfNumber(number);
  await part.record([access(1)], "b");
  const campaign = env.CAMPAIGN.getByName(String(number));
  const step = async () => {
    await runInDurableObject(part, (instance) => instance.alarm());
    await runInDurableObject(campaign, (instance) => instance.alarm());
  };
  for (let at = expiresAt + 32 * 86_400_000, n = 0; n < 6; at += 15 * MINUTE_MS, n++) {
    setClock(at);
    await step();
  }
  for (const [object, left] of [
    [campaign, ["used"]],
    [part, []],
  ] as const)
    await runInDurableObject(object as DurableObjectStub, async (_, { storage }) => {
      const tables = storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT GLOB '_cf_*'");
      expect(tables.toArray().map(({ name }) => name)).toEqual(left);
      expect(await storage.getAlarm()).toBeNull();
    });
  expect(await env.DIRECTORY.get(entryName(number))).toBeNull();
  expect(await campaign.open(facts, "another", [], IN_TIME)).toEqual({ kind: "taken" });
  expect(await env.BOOK.getByName(objectNameOf({ sid: accountSid, book: 1 })).campaign(id)).toBeNull();
  expect(await part.record([access(1)], "late")).toEqual([{ kind: "unknown" }]);
});

interface Made {
  id: string;
  code: string;
  other: string;
}

async function makeByApi(fields: object = {}): Promise<Made> {
  const body = { name: "Spring", url: "https://example.com/{number}", size: 3, ...fields };
  const { id } = (await api("POST", "/api/campaigns", body)).body as { id: string };
  const request = new Request(`${ORIGIN}/api/campaigns/${id}/links`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const links = await worker.fetch(request as never, envWith({}), createExecutionContext());
  const [code = "", other = ""] = (await links.text())
    .split("\n")
    .map((line) => (/"code":"(\w+)"/.exec(line) ?? [])[1]);
  return { id, code, other };
}

it("KV alone answers a tap, and what cannot be recorded waits in the queue", async () => {
  const { code } = await makeByApi();
  const jobs: any[] = [];
  const down = brokenNamespace(new Error("down"));
  const alone = envWith({
    CAMPAIGN: down,
    CAMPAIGN_PART: down,
    LINK: down,
    ACCOUNT: down,
    ACCESSES: { send: async (job: unknown) => void jobs.push(job) },
  });
  const { response, settled } = await tapWith(alone, code);
  expect([response.status, response.headers.get("location")]).toEqual([302, "https://example.com/1"]);
  await settled();
  expect(jobs).toEqual([
    expect.objectContaining({ part: 0, accesses: [expect.objectContaining({ member: 1, code })] }),
  ]);
  const [job] = jobs;
  for (let n = 0; n < 2; n++) await partOfNumber(job.campaign).record(job.accesses, job.batch);
  expect((await statusOf(code))["access_counts"].person).toBe(1);
});

it("a code that is computed and nobody's costs no read and no call", async () => {
  const { code } = await makeByApi();
  // So that the keys are known.
  await (await tapWith(envWith({}), code)).settled();
  const nobodys = code.slice(1) + code.slice(0, 1);
  const untouched = (what: string) =>
    new Proxy({}, { get: () => () => Promise.reject(new Error(`${what} was asked`)) }) as never;
  const reads: string[] = [];
  const watched = envWith({
    LINK: untouched("a link"),
    CAMPAIGN: untouched("a campaign"),
    CAMPAIGN_PART: untouched("a part"),
    ACCOUNT: env.ACCOUNT,
    DIRECTORY: {
      get: (name: string, type: "json") => {
        reads.push(name);
        return env.DIRECTORY.get(name, type);
      },
    },
  });
  const first = await tapWith(watched, nobodys);
  expect(first.response.status).toBe(404);
  // The isolate has learned the keys now, with this environment.
  reads.length = 0;
  const { response } = await tapWith(watched, nobodys);
  expect([response.status, reads]).toEqual([404, []]);
});

it("where KV fails, or has lost the keys and the entry, the part answers", async () => {
  const { code, other } = await makeByApi();
  for (const [DIRECTORY, tapped] of [
    [broken(new Error("down")), code],
    [{ get: async () => null, put: async () => {} }, other],
  ] as const) {
    const { response, settled } = await tapWith(envWith({ DIRECTORY }), tapped);
    expect([response.status, response.headers.get("location")?.slice(0, 20)]).toEqual([302, "https://example.com/"]);
    await settled();
  }
  // And with the keys known, while everything else is down, what was read last.
  const known = envWith({});
  await (await tapWith(known, code)).settled();
  expect((await statusOf(code))["accessed"]).toBe(true);
});

it("a key that is replaced goes on to open the links that were made with it", async () => {
  const before = await makeByApi();
  const madeAt = Date.now() + MINUTE_MS;
  await runInDurableObject(env.ACCOUNT.getByName("main"), async (account, { storage }) => {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
    storage.sql.exec("INSERT INTO campaign_key (id, key, made_at) VALUES ('replaced', ?, ?)", key, madeAt);
    expect(account.campaignKeys().map(({ id }) => id)[0]).toBe("replaced");
  });
  await eventually(
    async () => (await env.DIRECTORY.get<{ id: string }[]>("keys:campaigns", "json"))?.length,
    (keys) => keys === 2,
  );
  const after = await makeByApi();
  for (const { code } of [before, after]) {
    // An isolate that knows no keys yet.
    const { response, settled } = await tapWith(envWith({}), code);
    expect([response.status, response.headers.get("location")]).toEqual([302, "https://example.com/1"]);
    await settled();
    expect((await statusOf(code))["access_counts"].person).toBe(1);
  }
  const keyOf = async ({ id }: Made) => {
    const line = await env.BOOK.getByName(objectNameOf({ sid: "main", book: 1 })).campaign(id);
    return (await env.CAMPAIGN.getByName(String(line?.number)).facts())?.keyId;
  };
  expect(await keyOf(after)).toBe("replaced");
  expect(await keyOf(before)).not.toBe("replaced");
});
