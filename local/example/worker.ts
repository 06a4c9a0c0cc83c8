// Fills a local server's state with ninety days of a shop's messages and links. It is a Worker of its own, with the objects of the
// product: what happened then is told to them by the methods that are called when it happens, with the instants as arguments.

import { nanoid } from "nanoid";
import worker from "../../src/index.ts";
import { mintCode } from "../../src/link/code.ts";
import type { Access, Destination, LinkFacts } from "../../src/link/link.ts";
import { LINK_LIFETIME_SECONDS } from "../../src/link/link.ts";
import { accountObject, bookObject, linkObject } from "../../src/objects.ts";
import { mintMsgid, type NewMessage } from "../../src/sms/message.ts";
import { MAY_HAVE_BEEN_SENT } from "../../src/sms/reason.ts";
import { timeText } from "../../src/timed-id.ts";

export { Account, Book, CallbackAttempt, Campaign, CampaignPart, Link, MessageSending } from "../../src/index.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SID = "main";
const FOREVER = Infinity;
const AT_ONCE = 20;
/** A shop's campaigns: what was sent, when in the week, and to whom. */
const CAMPAIGNS = [
  { tag: "spring sale", path: "sale", sender: "SHOP", text: "Our spring sale begins today:" },
  { tag: "delivery", path: "parcel", sender: "SHOP", text: "Your parcel is on its way:" },
  { tag: "reminder", path: "visit", sender: "CLINIC", text: "Your visit is tomorrow:" },
  { tag: "誕生日", path: "birthday", sender: "SHOP", text: "お誕生日おめでとうございます" },
] as const;
const REASONS = [
  "30003: Unreachable destination handset",
  "30006: Landline or unreachable carrier",
  "21610: Unsubscribed recipient",
  MAY_HAVE_BEEN_SENT,
];
const DEVICES = ["iPhone", "Android", "Android", "iPhone", "iPad", null];
const COUNTRIES = ["JP", "JP", "JP", "JP", "US", "SG"];

export default {
  ...worker,
  /** `POST /?messages=900&seed=1` fills, once; the answer says with how much. */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/healthz") return new Response("ok");
    const filled = await fill(
      env,
      new URL(request.url).origin,
      Number(searchParams.get("messages")),
      Number(searchParams.get("seed")),
    );
    return Response.json(filled);
  },
} satisfies ExportedHandler<Env>;

async function fill(
  env: Env,
  origin: string,
  messages: number,
  seed: number,
): Promise<{ messages: number; accesses: number }> {
  const random = randomFrom(seed);
  const account = accountObject(env, SID);
  await account.admitMain(FOREVER);
  const making = { what: "links", code: mintCode(), openedBy: nanoid(), key: null, sender: null } as const;
  const accepted = await account.accept(making, FOREVER);
  if (accepted?.kind !== "claimed" || accepted.book === null) throw new Error("the account accepts nothing");
  const { book, secrets } = accepted;
  const now = Date.now();
  const plans = Array.from({ length: messages }, () => planOf(now, random)).toSorted((a, b) => a.at - b.at);
  let accesses = 0;
  for (let done = 0; done < plans.length; done += AT_ONCE)
    await Promise.all(
      plans.slice(done, done + AT_ONCE).map(async (plan) => {
        accesses += await play(env, { origin, book, secrets }, plan);
      }),
    );
  return { messages: plans.length, accesses };
}

interface Plan {
  at: number;
  campaign: (typeof CAMPAIGNS)[number];
  number: string;
  reference: string;
  ending: "DELIVERED" | "FAIL" | "sent";
  reason: string | null;
  opened: Omit<Access, "id">[];
}

/** Twice a week at a fixed hour, to many, and in between to one after the other. What is sent in the evening is opened soonest. */
function planOf(now: number, random: () => number): Plan {
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  const back = Math.floor(89 * random() ** 1.15);
  const today = Math.floor(now / DAY_MS);
  const weekday = (today - back + 3) % 7;
  const isCampaign = random() < 0.7;
  // Tuesdays at ten, Thursdays at eighteen.
  const day = isCampaign ? today - back - weekday + pick([1, 3]) : today - back;
  const hour = !isCampaign ? pick([8, 9, 10, 11, 12, 15, 17, 19]) : (day + 3) % 7 === 1 ? 10 : 18;
  const at = Math.min(
    day * DAY_MS + hour * HOUR_MS + Math.floor(random() * HOUR_MS),
    now - Math.floor(random() * HOUR_MS),
  );
  const fate = random();
  const ending = fate < 0.93 ? "DELIVERED" : fate < 0.985 ? "FAIL" : "sent";
  const opened: Omit<Access, "id">[] = [];
  const add = (later: number, access: Omit<Access, "id" | "at" | "country">) => {
    const then = Math.round(at + later);
    if (then < now) opened.push({ at: then, country: pick(COUNTRIES), ...access });
  };
  if (ending === "DELIVERED") {
    if (random() < 0.35)
      add(2_000 + random() * 8_000, {
        kind: "preview",
        reason: "facebookexternalhit and Twitterbot",
        device: "iPhone",
      });
    const likely = hour >= 17 ? 0.72 : 0.55;
    // Most within minutes, some the day after.
    const times = random() < likely ? 1 + Math.floor(random() * 1.4) : 0;
    for (let time = 0; time < times; time += 1)
      add(Math.exp(3.4 + random() * 7.6) * 1_000, { kind: "person", reason: null, device: pick(DEVICES) });
    if (random() < 0.04)
      add(HOUR_MS * random() * 30, { kind: "scanner", reason: "user agent: security scanner", device: null });
  }
  return {
    at,
    campaign: pick(CAMPAIGNS),
    number: `+8190${String(Math.floor(random() * 1e8)).padStart(8, "0")}`,
    reference: `order-${Math.floor(10_000 + random() * 90_000)}`,
    ending,
    reason: ending === "FAIL" ? pick(REASONS) : null,
    opened: opened.toSorted((a, b) => a.at - b.at),
  };
}

/** Lets it happen; how many accesses it had. */
async function play(
  env: Env,
  { origin, book, secrets }: { origin: string; book: number; secrets: string[] },
  plan: Plan,
): Promise<number> {
  const { at, campaign, number, reference, ending, reason, opened } = plan;
  const code = mintCode();
  const msgid = mintMsgid(at, book);
  const link: LinkFacts = {
    code,
    accountSid: SID,
    destination: `https://shop.example.com/${campaign.path}?order=${reference}` as Destination,
    shortUrl: `${origin}/${code}`,
    callbackUrl: null,
    tags: [campaign.tag],
    reference,
    book,
    msgid,
    createdAt: at,
    expiresAt: at + LINK_LIFETIME_SECONDS * 1_000,
  };
  await linkObject(env, code).open(link, nanoid(), FOREVER, secrets);
  const { destination, shortUrl, expiresAt } = link;
  const message: NewMessage = {
    msgid,
    origin,
    sender: campaign.sender,
    recipient: number,
    text: `${campaign.text} ${shortUrl}`,
    parts: 1,
    cost: 0.08,
    tags: link.tags,
    reference,
    callbackUrl: null,
    link: { code, destination, shortUrl, expiresAt },
    createdAt: at,
  };
  const keeper = bookObject(env, { sid: SID, book });
  await keeper.addMessage(message, FOREVER);
  await keeper.messageSent(msgid, nanoid(), { kind: "accepted", carrierId: null, isDelivered: false });
  if (ending !== "sent") await keeper.messageReported(msgid, ending, reason);
  for (const access of opened)
    await linkObject(env, code).access({ id: `${timeText(access.at)}${nanoid(12)}`, ...access });
  return opened.length;
}

/** Numbers from 0 to 1, the same from the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
