// What the account's figures say: after each kill not less than before, and at the end as much as its lists have.

import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { insistOn, type Server } from "./ask.ts";
import { type Listed, listLinks, listMessages, type ListedLinks } from "./client.ts";

/** A book hears of what is settled within seconds; but a report that five kills swallowed comes again 320 s after the fifth, as jobs do. */
const PATIENCE_MS = 330_000;
/** What a message leaves when it moves, or is opened. All else only grows. */
const PASSING = new Set(["waiting", "sent", "not_opened"]);

const counts = v.record(v.string(), v.unknown());
const Answer = v.pipe(
  v.object({ totals: v.object({ messages: counts, events: counts }) }),
  v.transform(({ totals }) => new Map([...numbersIn(totals.messages), ...numbersIn(totals.events)])),
);

export type Figures = ReadonlyMap<string, number>;

/** The totals of the last thirty days, by name. Throws when they cannot be had. */
export function readFigures(server: Server): Promise<Figures> {
  return insistOn(server, "/api/figures?by=week", Answer);
}

/** Those that say less than before. */
export function shrunk(before: Figures, now: Figures): string[] {
  return [...before].flatMap(([name, n]) =>
    PASSING.has(name) || (now.get(name) ?? 0) >= n ? [] : `${name}: ${now.get(name)}, and before ${n}`,
  );
}

/** Those that are not what the lists add up to, once they had time to be. */
export async function unequal(server: Server): Promise<string[]> {
  const startedAt = Date.now();
  for (;;) {
    const listed = expected(await listMessages(server), await listLinks(server));
    const figures = await readFigures(server);
    const wrong = [...listed].flatMap(([name, n]) =>
      figures.get(name) === n ? [] : `${name}: ${figures.get(name)}, and not ${n}`,
    );
    const waitedMs = Date.now() - startedAt;
    if (wrong.length === 0)
      console.log(`The figures are what the lists add up to, ${Math.round(waitedMs / 1_000)} s later.`);
    if (wrong.length === 0 || waitedMs > PATIENCE_MS) return wrong;
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
