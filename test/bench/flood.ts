// Everybody opens one link at once: is every tap recorded, and how often is the link's object called for it?

import { setTimeout as sleep } from "node:timers/promises";
import { callApi, createLinks } from "./api.ts";
import { type Ask, saturate } from "./load.ts";
import { printTable } from "./numbers.ts";
import { withRuntime } from "./runtime.ts";

const CONNECTIONS = 64;
/** Asks in one go of the load, which ends by itself after 15 s. */
const ASKS_IN_ONE_GO = 2_000;
const RECORDED_TIMEOUT_MS = 60_000;

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
