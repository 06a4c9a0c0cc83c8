// What the account's figures say: after each kill not less than before, and at the end as much as its lists have.

import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { askApi, type Server } from "./ask.ts";
import { type Listed, listLinks, listMessages, type ListedLinks } from "./client.ts";

/** A book hears of what is settled within seconds. */
const PATIENCE_MS = 60_000;
/** What a message leaves when it moves. All else only grows. */
const PASSING = new Set(["waiting", "sent"]);

const counts = v.record(v.string(), v.unknown());
const Answer = v.pipe(
  v.object({ totals: v.object({ messages: counts, events: counts }) }),
  v.transform(({ totals }) => new Map([...numbersIn(totals.messages), ...numbersIn(totals.events)])),
);

export type Figures = ReadonlyMap<string, number>;

/** The totals of the last thirty days, by name; none when there was no answer. */
export async function readFigures(server: Server): Promise<Figures> {
  const answer = await askApi(server, "GET", "/api/figures?by=week", Answer);
  return answer.kind === "answered" ? answer.value : new Map();
}

/** Those that say less than before. */
export function shrunk(before: Figures, now: Figures): string[] {
  if (now.size === 0) return [];
  return [...before].flatMap(([name, n]) => (PASSING.has(name) || (now.get(name) ?? 0) >= n ? [] : name));
}

/** Those that are not what the lists add up to, once they had time to be. */
export async function unequal(server: Server): Promise<string[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const listed = expected(await listMessages(server), await listLinks(server));
    const figures = await readFigures(server);
    const wrong = [...listed].flatMap(([name, n]) =>
      figures.get(name) === n ? [] : `${name}: ${figures.get(name)}, and not ${n}`,
    );
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    await sleep(1_000);
  }
}

function expected(messages: Listed, links: ListedLinks): Figures {
  const of = (status: string) => messages.filter((message) => message.status === status).length;
  return new Map([
    ["accepted", messages.length],
    ["with_link", messages.length],
    ["waiting", of("QUEUED")],
    ["sent", of("DELIVERING")],
    ["delivered", of("DELIVERED")],
    ["opened", messages.filter(({ link_tracking: { accessed } }) => accessed).length],
    ["links_made", links.length],
    ["first_accesses", links.filter(({ accessed }) => accessed).length],
  ]);
}

function numbersIn(entries: Record<string, unknown>): [name: string, n: number][] {
  return Object.entries(entries).filter((entry): entry is [string, number] => typeof entry[1] === "number");
}
