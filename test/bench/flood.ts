// Everybody opens one link at once: is every tap recorded, and how often is the link's object called for it?

import { setTimeout as sleep } from "node:timers/promises";
import { PART_SIZE } from "../../src/campaign/campaign.ts";
import { callApi, createCampaign, createLinks } from "./api.ts";
import { type Ask, saturate } from "./load.ts";
import { printTable } from "./numbers.ts";
import { withRuntime } from "./runtime.ts";

const CONNECTIONS = 64;
/** Asks in one go of the load, which ends by itself after 15 s. */
const ASKS_IN_ONE_GO = 2_000;
const RECORDED_TIMEOUT_MS = 60_000;
const CAMPAIGN_SIZE = 1_000_000;
/** The callbacks of all of them go out, five a batch of the queue. */
const CALLED_TIMEOUT_MS = 240_000;

interface Status {
  access_counts: { person: number };
  callback: { state: string; attempts: unknown[] };
}

/** Opens one link `taps` times as fast as the machine can, prints what came of it, and returns the targets that were missed. */
export async function floodOneLink(bundleDir: string, stateDir: string, taps: number): Promise<string[]> {
  return withRuntime(bundleDir, stateDir, async (runtime) => {
    const server = await runtime.urlOf("firsttap");
    const [link] = await createLinks(server, 1, { callback_url: `${runtime.receiver.url}/hook/flood` });
    if (link === undefined) throw new Error("no link to flood");
    const before = await linkCalls(server);
    const ask: Ask = { url: link, clientAddress: "198.18.0.1", status: 302 };
    const startedAt = performance.now();
    let answered = 0;
    while (answered < taps) {
      const go = Math.min(ASKS_IN_ONE_GO, taps - answered);
      answered += (
        await saturate(
          Array.from({ length: go }, () => ask),
          CONNECTIONS,
        )
      ).times.length;
    }
    const perSecond = (answered / (performance.now() - startedAt)) * 1_000;
    const status = await settled(server, link, answered);
    const calls = (await linkCalls(server)) - before;
    const recorded = status.access_counts.person;
    const posts = runtime.receiver.log("flood").length;
    printTable(
      `${taps} taps on one link over ${CONNECTIONS} connections`,
      ["answered 302", "per second", "recorded", "callbacks", "calls of the link's object"],
      [[answered, Math.round(perSecond), recorded, posts, calls].map(String)],
    );
    const missed: string[] = [];
    if (recorded !== answered) missed.push(`of ${answered} taps on one link ${recorded} were recorded`);
    if (posts !== 1) missed.push(`${answered} taps on one link made ${posts} callbacks`);
    return missed;
  });
}

/** So many links of a large campaign are tapped once each, as fast as the machine can; prints what came of it, and returns the targets that were missed. */
export async function floodCampaign(bundleDir: string, stateDir: string, taps: number): Promise<string[]> {
  return withRuntime(bundleDir, stateDir, async (runtime) => {
    const server = await runtime.urlOf("firsttap");
    const links = await createCampaign(server, CAMPAIGN_SIZE, {
      callback_url: `${runtime.receiver.url}/hook/campaign`,
    });
    const tapped = Array.from({ length: taps }, (_, n) => links[Math.floor((n * CAMPAIGN_SIZE) / taps)] ?? server);
    const asks = tapped.map((url): Ask => ({ url, clientAddress: "198.18.0.1", status: 302 }));
    const startedAt = performance.now();
    let answered = 0;
    while (answered < taps)
      answered += (await saturate(asks.slice(answered, answered + ASKS_IN_ONE_GO), CONNECTIONS)).times.length;
    const perSecond = (answered / (performance.now() - startedAt)) * 1_000;
    const deadline = Date.now() + CALLED_TIMEOUT_MS;
    const posts = () => runtime.receiver.log("campaign");
    while (posts().length < answered && Date.now() < deadline) await sleep(500);
    const events = new Set(posts().map(({ headers }) => headers["webhook-id"]));
    const codes = new Set(posts().map(({ body }) => (JSON.parse(body) as { data: { code: string } }).data.code));
    printTable(
      `${taps} first taps over a campaign of ${CAMPAIGN_SIZE}, over ${CONNECTIONS} connections`,
      ["answered 302", "per second", "links called back", "callbacks", "POSTs", "parts", "s until the last"],
      [
        [
          answered,
          Math.round(perSecond),
          codes.size,
          events.size,
          posts().length,
          Math.ceil(CAMPAIGN_SIZE / PART_SIZE),
          Math.round((performance.now() - startedAt) / 1_000),
        ].map(String),
      ],
    );
    return codes.size === answered && events.size === answered
      ? []
      : [`of ${answered} first taps of a campaign ${codes.size} were called back, ${events.size} times`];
  });
}

async function linkCalls(server: URL): Promise<number> {
  const answer = await fetch(new URL("/bench/operations", server));
  return ((await answer.json()) as { linkCalls: number }).linkCalls;
}

async function settled(server: URL, link: URL, taps: number): Promise<Status> {
  const deadline = Date.now() + RECORDED_TIMEOUT_MS;
  for (;;) {
    const status = (await callApi(server, "GET", `/api/links${link.pathname}`)) as Status;
    const isSettled = status.access_counts.person >= taps && status.callback.state === "delivered";
    if (isSettled || Date.now() > deadline) return status;
    await sleep(500);
  }
}
