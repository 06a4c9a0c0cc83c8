// GET /api/health: how the account stands, and what to do about it. It says what is stored; what is not known here is said to be unknown.

import { ApiRoutes } from "../../account/api-routes.ts";
import type { Admitted } from "../../account/account.ts";
import { allBooks, keeperOf } from "../../book/keepers.ts";
import { answerJson, toJson } from "../../http/json.ts";
import { insist } from "../../objects.ts";
import { WAKE_PERIOD_MS } from "../../wake/wake.ts";
import { readQuery } from "../../http/input.ts";
import { ADVICE, type CheckName } from "./advice.ts";
import { type CarrierAnswer, type HealthPart, NOTHING, sumOf, type Tally } from "./health.ts";
import { VERSION } from "./version.ts";

/** A message is with its carrier within seconds; so many minutes are an outage. */
const LONG_WAITING_MS = 600_000;
/** By then a callback was tried five times. */
const LONG_OWED_MS = 3_600_000;
const LONG_ASLEEP_MS = 2.5 * WAKE_PERIOD_MS;
/** Of so many messages within the hour, so large a part failed. */
const FEW = 20;
const MANY_FAILED = 0.2;

/** `unknown`: what is stored does not say. */
export type CheckState = "good" | "bad" | "unknown";

/** Instants are Unix milliseconds. */
export interface Check {
  name: CheckName;
  state: CheckState;
  /** How many; null where nothing is counted, or nobody knows. */
  count: number | null;
  /** Of `last_wake` when it was, of others since when. */
  sinceAt: number | null;
  /** What it is made of: reasons, or the carrier's answers. */
  parts: CarrierAnswer[];
  advice: string;
}

export const health = new ApiRoutes().get("/", ["read", "support"], async (c) => {
  readQuery(c, {});
  const account = c.get("account");
  const parts = await Promise.all(
    keepersOf(account).map((book) => insist(() => keeperOf(c.env, account.sid, book).health())),
  );
  const now = Date.now();
  const checks = checksOf(
    parts.filter((part) => part !== null),
    now,
  ).map((check) => ({
    ...check,
    parts: check.parts.map((part) => ({ ...part })),
  }));
  const complete = parts.every((part) => part?.isWhole !== false);
  return answerJson(toJson({ at: now, version: VERSION, complete, checks }));
});

/** The account's own object too: the Cron Trigger comes by there first. */
function keepersOf(account: Admitted): number[] {
  return allBooks(account);
}

function checksOf(parts: readonly HealthPart[], now: number): Check[] {
  const waiting = parts.flatMap((part) => part.waiting);
  const owed = parts.map(({ callbacks }) => callbacks.owed).reduce(sumOf, NOTHING);
  const exhausted = parts.map(({ callbacks }) => callbacks.exhausted).reduce(sumOf, NOTHING);
  const answers = together(parts.flatMap((part) => part.answers));
  const failed = answers.filter(({ state }) => state === "failed" || state === "unknown").reduce(count, 0);
  const all = answers.filter(({ state }) => state !== "sent").reduce(count, 0);
  // An object that was made since then was not woken yet.
  const woken = parts.map(({ wokenAt }) => wokenAt).filter((at) => at !== null);
  const wokenAt = woken.length === 0 ? null : Math.min(...woken);
  const sweeping = parts.filter(({ isSweeping }) => isSweeping).length;
  return [
    {
      ...tallied("messages_waiting", waiting.reduce<Tally>(sumOf, NOTHING), now - LONG_WAITING_MS),
      parts: together(waiting.map(({ reason, count: n }) => ({ state: "waiting", reason, count: n }))),
    },
    tallied("callbacks_owed", owed, now - LONG_OWED_MS),
    tallied("callbacks_exhausted", exhausted, now),
    {
      ...checked("carrier_answers", all >= FEW && failed > all * MANY_FAILED ? "bad" : "good"),
      count: answers.reduce(count, 0),
      parts: answers,
    },
    {
      ...checked("last_wake", wokenAt === null ? "unknown" : wokenAt < now - LONG_ASLEEP_MS ? "bad" : "good"),
      sinceAt: wokenAt,
    },
    { ...checked("sweep", sweeping === 0 ? "good" : "bad"), count: sweeping },
    checked("queue_backlog", "unknown"),
    checked("dead_letters", "unknown"),
    checked("accesses_lost", "unknown"),
  ];
}

function checked(name: CheckName, state: CheckState): Check {
  return { name, state, count: null, sinceAt: null, parts: [], advice: ADVICE[name] };
}

/** @param goodSince whatever is older (Unix ms) does not stand well */
function tallied(name: CheckName, { count: n, oldestAt }: Tally, goodSince: number): Check {
  const isBad = oldestAt !== null && oldestAt < goodSince;
  return { ...checked(name, isBad ? "bad" : "good"), count: n, sinceAt: oldestAt };
}

function count(sum: number, one: { count: number }): number {
  return sum + one.count;
}

/** Those that are alike as one, the most frequent first. */
function together(answers: readonly CarrierAnswer[]): CarrierAnswer[] {
  const alike = Map.groupBy(answers, ({ state, reason }) => JSON.stringify([state, reason])).values();
  return Array.from(alike, ([first, ...others]) => ({
    state: first?.state ?? "",
    reason: first?.reason ?? null,
    count: others.reduce(count, first?.count ?? 0),
  })).toSorted((one, other) => other.count - one.count);
}
