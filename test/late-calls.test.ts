// A call that was given up goes on all the same and may arrive after a newer one. What a caller wishes is refused then; what
// has happened counts whenever it comes. Each method of the objects is one or the other, or only asks.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { describe, expect, it, vi } from "vitest";
import { Account } from "../src/account/account.do.ts";
import type { KeyHashes } from "../src/account/sessions.ts";
import { Book } from "../src/book/book.do.ts";
import { type BookName, objectNameOf } from "../src/book/book.ts";
import { Campaign } from "../src/campaign/campaign.do.ts";
import { type CampaignFacts, mintCampaignId } from "../src/campaign/campaign.ts";
import { CampaignPart } from "../src/campaign/part.do.ts";
import { Link } from "../src/link/link.do.ts";
import type { Access, LinkFacts, LinkSummary } from "../src/link/link.ts";
import { changeNewest, within } from "../src/objects.ts";
import { api, createLink, IN_TIME } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { methodsOf } from "./support/methods.ts";

type Methods = Record<string, (...args: unknown[]) => unknown>;

const access = (): Access => ({
  id: nanoid(),
  at: Date.now(),
  kind: "person",
  reason: null,
  device: null,
  country: null,
});
const facts: LinkFacts = {
  code: "late",
  accountSid: "main",
  destination: "https://example.com/",
  shortUrl: "https://s.example.com/late",
  msgid: null,
  book: null,
  callbackUrl: "https://example.com/hook",
  tags: [],
  reference: null,
  createdAt: Date.now(),
  expiresAt: Date.now() + 3_600_000,
};
const summary: LinkSummary = { ...facts, firstAccessedAt: null, closedAt: null, revision: 9 };
const message = newMessage();

/** With their arguments, less `until`. */
const LINK_WISHES: Record<string, unknown[]> = {
  open: [facts, "request"],
  change: ["main", { reference: "late" }, undefined],
  close: ["main"],
  closeWithAccount: ["main"],
  endByOperator: ["main", "late"],
  retryCallback: ["main"],
  claimAttempt: ["EVENT"],
  takeBackJob: ["EVENT"],
};
const LINK_FACTS = ["access", "record", "reportAttempt", "acknowledged", "bookGone"];
const LINK_QUESTIONS = ["resolve", "status", "accesses", "tracking", "isLeft"];

/** Of an account and of a book: either keeps messages. */
const MESSAGE_WISHES: Record<string, unknown[]> = {
  addMessage: [newMessage()],
  claimMessage: [message.msgid, "http", "claim"],
  eraseMessage: [message.msgid],
  eraseMessagesTo: [message.recipient, ""],
  claimAttempt: ["EVENT"],
  retryCallback: [message.msgid],
  retryCallbacks: [{ id: "late", state: "owed", from: 0, to: 1e15, host: null, startAt: 0, limit: 9 }],
  takeBackJob: ["EVENT"],
};
const MESSAGE_FACTS = ["messageSent", "messageReported", "reportAttempt"];
const MESSAGE_QUESTIONS =
  "message messageQuestion messagesPage findMessages countMessages streamMessages callbacks health exportRows feedPage".split(
    " ",
  );

const HASHES: KeyHashes = { own: "late", admins: "late" };
const HASHES_OF_LINK: KeyHashes = { own: "link", admins: "link" };

const ACCOUNT_WISHES: Record<string, unknown[]> = {
  admitMain: [],
  open: ["late", "late"],
  change: [{ name: "late" }, undefined],
  close: [],
  accept: [{ what: "links", code: "late", openedBy: "late", key: { key: "late", digest: "digest" }, sender: null }],
  restrict: [{ suspended: true }, "REVISION"],
  addToken: [],
  removeToken: ["TOKEN"],
  addSession: [HASHES, { tokenId: null, name: null, scopes: null, expiresAt: Date.now() + 60_000 }, false],
  useSignInLink: [HASHES_OF_LINK, HASHES, Date.now() + 60_000],
  removeSession: ["SESSION"],
  addFeed: [{ name: null, numbers: "last4" }],
  removeFeed: ["FEED"],
  rotateCallbackSecret: [],
  noteAct: [
    { tokenId: null, sessionId: null },
    { id: "late", what: "exported", thing: "links", count: 1 },
  ],
  claimKey: ["late", "fingerprint", "code"],
  releaseKey: ["key", "OPENED_BY"],
  listLink: [summary],
  unlistLink: [summary, 0],
  ...MESSAGE_WISHES,
  addTenant: ["late", "late"],
  removeTenant: ["tenant"],
  sweep: [],
  forgetTenant: ["removed"],
  noteSigns: [1, [{ kind: "messages_failed", failed: 9, of: 9, share: 1, weekShare: 0 }]],
  archive: [1, { after: null, pieces: [], last: null }],
  makeCampaignKey: [],
};
const ACCOUNT_FACTS = ["admit", "admitFeed", "callbackSecretShown", ...MESSAGE_FACTS];
const ACCOUNT_QUESTIONS = [
  ...MESSAGE_QUESTIONS,
  ..."ping view activity feeds restricted admitSession sessions fallbackUrl isSuspended signingSecrets sealedSecrets linksPage findLinks tenants tenantSids hasTenant archivedFigures campaignKeys".split(
    " ",
  ),
];

const BOOK: BookName = { sid: "late", book: 1 };
const BOOK_WISHES: Record<string, unknown[]> = {
  open: [BOOK],
  close: [],
  sweep: [],
  ...MESSAGE_WISHES,
};
const BOOK_FACTS = ["report", "linkChanged", "campaignReport", "campaignGone", ...MESSAGE_FACTS];
const BOOK_QUESTIONS = ["linksPage", "journal", "lately", "figures", "campaigns", "campaign", ...MESSAGE_QUESTIONS];

const NUMBER = 4_711;
const CAMPAIGN: CampaignFacts = {
  id: mintCampaignId(Date.now(), 1),
  number: NUMBER,
  accountSid: "main",
  book: 1,
  keyId: "key",
  name: "late",
  url: "https://example.com/{number}",
  utm: {},
  template: "https://example.com/{number}",
  size: 9,
  callbackUrl: "http://localhost:1/",
  tags: [],
  reference: null,
  shortBase: "https://s.example.com/",
  createdAt: Date.now(),
  expiresAt: Date.now() + 3_600_000,
};
const CAMPAIGN_WISHES: Record<string, unknown[]> = {
  open: [CAMPAIGN, "request", []],
  join: [0],
  change: ["main", { name: "late" }, 1],
  close: ["main", null],
  endMember: ["main", 1, null],
  closeWithAccount: ["main"],
};
const CAMPAIGN_FACTS = ["partCounted"];
const CAMPAIGN_QUESTIONS = ["facts", "status", "parts"];
const PART_WISHES: Record<string, unknown[]> = {
  retryCallback: ["main", 1],
  claimAttempt: ["EVENT"],
  takeBackJob: ["EVENT"],
  free: [true],
};
const PART_FACTS = ["record", "reportAttempt"];
const PART_QUESTIONS = ["resolve", "status", "accesses", "lines"];

/** Called at any time, and each time does what is due by then. */
const PLATFORM = ["constructor", "alarm", "wake", "fetch"];

it.each([
  [Link, [...Object.keys(LINK_WISHES), ...LINK_FACTS, ...LINK_QUESTIONS]],
  [Account, [...Object.keys(ACCOUNT_WISHES), ...ACCOUNT_FACTS, ...ACCOUNT_QUESTIONS]],
  [Book, [...Object.keys(BOOK_WISHES), ...BOOK_FACTS, ...BOOK_QUESTIONS]],
  [Campaign, [...Object.keys(CAMPAIGN_WISHES), ...CAMPAIGN_FACTS, ...CAMPAIGN_QUESTIONS]],
  [CampaignPart, [...Object.keys(PART_WISHES), ...PART_FACTS, ...PART_QUESTIONS]],
])("each method of %o is a wish, a fact or a question", (objectClass, known) => {
  const methods = methodsOf(objectClass).filter((name) => !PLATFORM.includes(name));
  expect(methods.toSorted()).toEqual(known.toSorted());
});

/** The arguments of a wish, with what they stand for. */
function filled(args: unknown[], given: Record<string, unknown>): unknown[] {
  return args.map((arg) => (typeof arg === "string" ? (given[arg] ?? arg) : arg));
}

/** Keeps the message, in such a state that nothing but the late hour refuses this wish about it. */
function keepMessage(keeper: Account | Book, method: string): void {
  keeper.addMessage({ ...message, callbackUrl: "http://localhost:1/" }, IN_TIME);
  if (method !== "claimMessage") keeper.messageReported(message.msgid, "DELIVERED", null);
}

/** Every row of every table, and the alarm. */
async function contentOf({ storage }: DurableObjectState): Promise<unknown> {
  const tables = storage.sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .toArray();
  const rows = tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()]);
  return [rows, await storage.getAlarm()];
}

async function refuses(instance: object, state: DurableObjectState, method: string, args: unknown[]): Promise<void> {
  const before = await contentOf(state);
  const call = async () => (instance as Methods)[method]?.(...args, Date.now() - 1);
  await expect(call()).rejects.toThrow("given up");
  expect(await contentOf(state)).toEqual(before);
}

describe("a late wish changes nothing:", () => {
  it.each(Object.entries(LINK_WISHES).filter(([method]) => method !== "open"))("Link.%s", async (method, args) => {
    const { code } = await createLink({ callback_url: "http://localhost:1/" });
    await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
      link.access(access());
      const eventId = link.status("main")?.callback.eventId;
      await refuses(link, state, method, filled(args, { EVENT: eventId }));
    });
  });

  it("Link.open", async () => {
    await runInDurableObject(env.LINK.getByName(nanoid()), (link, state) =>
      refuses(link, state, "open", LINK_WISHES["open"] ?? []),
    );
  });

  const onNew = ["admitMain", "open"];
  it.each(onNew)("Account.%s", async (method) => {
    await runInDurableObject(env.ACCOUNT.getByName(nanoid()), (account, state) =>
      refuses(account, state, method, ACCOUNT_WISHES[method] ?? []),
    );
  });

  it.each(Object.entries(ACCOUNT_WISHES).filter(([method]) => !onNew.includes(method)))(
    "Account.%s",
    async (method, args) => {
      const sid = nanoid();
      await runInDurableObject(env.ACCOUNT.getByName(sid), async (account, state) => {
        await account.open(sid, "a tenant", IN_TIME);
        for (const tenant of ["tenant", "removed"]) account.addTenant(tenant, tenant, IN_TIME);
        account.removeTenant("removed", IN_TIME);
        await account.listLink({ ...summary, revision: 1 }, IN_TIME);
        keepMessage(account, method);
        account.addFeed({ name: null, numbers: "last4" }, IN_TIME);
        const key = await account.claimKey("key", "fingerprint", "code", IN_TIME);
        const terms = { tokenId: null, name: null, scopes: null, expiresAt: Date.now() + 60_000 };
        account.addSession(HASHES_OF_LINK, terms, true, IN_TIME);
        const given: Record<string, unknown> = {
          SESSION: account.sessions()[0]?.id,
          EVENT: account.message(message.msgid)?.eventId,
          TOKEN: account.view()?.tokens[0]?.id,
          FEED: account.feeds()?.[0]?.id,
          REVISION: account.view()?.revision,
          OPENED_BY: key?.kind === "claimed" ? key.openedBy : "",
        };
        await refuses(account, state, method, filled(args, given));
      });
    },
  );
});

describe("a late wish changes nothing of a book:", () => {
  it.each(Object.entries(BOOK_WISHES))("Book.%s", async (method, args) => {
    const name = { ...BOOK, sid: nanoid() };
    await runInDurableObject(env.BOOK.getByName(objectNameOf(name)), async (book, state) => {
      if (method !== "open") {
        book.open(name, IN_TIME);
        keepMessage(book, method);
      }
      await refuses(book, state, method, filled(args, { EVENT: book.message(message.msgid)?.eventId }));
    });
  });
});

describe("a late wish changes nothing of a campaign:", () => {
  let number = NUMBER;
  /** A campaign with a part in which somebody has tapped; the event of that. */
  async function tapped(): Promise<string | null> {
    number += 1;
    const book = { sid: "main", book: 1 };
    await env.BOOK.getByName(objectNameOf(book)).open(book, IN_TIME);
    const campaign = env.CAMPAIGN.getByName(String(number));
    await campaign.open({ ...CAMPAIGN, id: mintCampaignId(Date.now(), 1), number }, "request", [], IN_TIME);
    const part = env.CAMPAIGN_PART.getByName(`${number}.0`);
    await part.record([{ ...access(), member: 1, code: "code" }], nanoid());
    return (await part.status("main", 1, "code"))?.callback.eventId ?? null;
  }

  it.each(Object.entries(CAMPAIGN_WISHES))("Campaign.%s", async (method, args) => {
    await tapped();
    const name = String(method === "open" ? 0 : number);
    await runInDurableObject(env.CAMPAIGN.getByName(name), (campaign, state) => refuses(campaign, state, method, args));
  });

  it.each(Object.entries(PART_WISHES))("CampaignPart.%s", async (method, args) => {
    const eventId = await tapped();
    await runInDurableObject(env.CAMPAIGN_PART.getByName(`${number}.0`), (part, state) =>
      refuses(part, state, method, filled(args, { EVENT: eventId })),
    );
  });
});

it("a change that names the revision of before is refused, however the clocks go", async () => {
  const { code } = await createLink();
  const link = env.LINK.getByName(code);
  const revision = (await link.status("main"))?.revision;
  expect(await link.change("main", { reference: "first" }, revision, IN_TIME)).toMatchObject({ reference: "first" });
  expect(await link.change("main", { reference: "late" }, revision, IN_TIME)).toBe("outdated");
  expect(await link.status("main")).toMatchObject({ reference: "first" });
  const { body: made } = await api("POST", "/api/accounts", { name: "a tenant" });
  const account = env.ACCOUNT.getByName(made["sid"]);
  const { revision: start } = (await account.view()) ?? {};
  expect(await account.change({ name: "first" }, start, IN_TIME)).toMatchObject({ name: "first" });
  expect(await account.change({ name: "late" }, start, IN_TIME)).toBe("outdated");
  expect(await account.view()).toMatchObject({ name: "first" });
});

it("a change that another overtook starts again from what that left, and gives up when it is always overtaken", async () => {
  let revision = 1;
  const read = async () => ({ revision });
  const overtaken = (times: number) => async (from: number) => {
    if (revision <= times) revision++;
    return from === revision ? `from ${from}` : "outdated";
  };
  expect(await changeNewest(read, overtaken(3))).toBe("from 4");
  revision = 1;
  await expect(changeNewest(read, overtaken(Infinity))).rejects.toThrow("other changes were quicker");
  expect(await changeNewest(async () => null, overtaken(0))).toBeNull();
});

it("a change is not started again when its client may have given up and asked for another", async () => {
  const startedAt = Date.now();
  const clock = vi.spyOn(Date, "now");
  let starts = 0;
  const change = async () => {
    starts++;
    clock.mockReturnValue(startedAt + 16_000);
    return "outdated" as const;
  };
  await expect(changeNewest(async () => ({ revision: 1 }), change)).rejects.toThrow("other changes were quicker");
  clock.mockRestore();
  expect(starts).toBe(1);
});

it("the instant that a call carries lies half a second before its caller gives up", async () => {
  const before = Date.now();
  const until = await within(3_000, async (instant) => instant);
  expect(until - before).toBeGreaterThanOrEqual(2_500);
  expect(until - Date.now()).toBeLessThanOrEqual(2_500);
});

it("accesses whose writing breaks half way leave nothing, and are recorded as first when they come again", async () => {
  const { code } = await createLink({ callback_url: "http://localhost:1/" });
  await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
    const { sql } = state.storage;
    const before = await contentOf(state);
    const accesses = [access(), access()];
    for (const half of ["UPDATE OF first_accessed_at ON link", "INSERT ON callback"]) {
      // The table of callbacks is made by the first access itself.
      if (half.endsWith("callback")) sql.exec("CREATE TABLE callback (event_id TEXT) STRICT");
      sql.exec(`CREATE TRIGGER full BEFORE ${half} BEGIN SELECT RAISE(ABORT, 'database is full'); END`);
      expect(() => link.record(accesses)).toThrow();
      sql.exec("DROP TRIGGER full");
      if (half.endsWith("callback")) sql.exec("DROP TABLE callback");
      expect(await contentOf(state)).toEqual(before);
    }
    expect(link.record(accesses)).toEqual([
      { kind: "recorded", first: true },
      { kind: "recorded", first: false },
    ]);
    expect(link.status("main")?.callback.state).toBe("owed");
  });
});
