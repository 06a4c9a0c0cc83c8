// The load of one round: links and messages are made and their links tapped at once, and those of earlier rounds are
// looked at again, until the server is killed.

import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./ask.ts";
import { tap } from "./client.ts";
import { makeLink, makeMessage, send, unanswered, type World } from "./make.ts";
import { look, type MessagePlan, noteSurprise, noteTap, type RememberedLink, type Thing } from "./memory.ts";
import { randomFor } from "./random.ts";

/** Enough to keep two cores busy; more only makes each request slower. */
const PARALLEL = 8;
const PERSONS = 3;
const MOST_THINGS = 400;
const MESSAGE_SHARE = 0.3;
const REVISITED = 5;
const REVISIT_PAUSE_MS = 100;

export interface Round extends World {
  seed: number;
  number: number;
  /** The choices of the round itself; each link and each message has its own. */
  random: () => number;
  hasMessages: boolean;
  /** How many links and messages this round began to make. */
  begun: number;
}

/** Resolves when the server is killed and the last request has ended, or when enough was made. */
export async function load(server: Server, round: Round): Promise<void> {
  const keepMaking = async () => {
    while (!server.killed.aborted && round.begun < MOST_THINGS) await makeAndTap(server, round);
  };
  // Taken before anything is asked for: whatever is not answered now, a kill has swallowed.
  const swallowed = unanswered(round.memory);
  const earlier = [...round.memory.links, ...round.memory.messages];
  await Promise.all([
    ...swallowed.map((plan) => sendAgainAndTap(server, round, plan)),
    revisit(server, round, earlier),
    ...Array.from({ length: PARALLEL }, keepMaking),
  ]);
}

/** A link, alone or in a message, and who opens it. */
async function makeAndTap(server: Server, round: Round): Promise<void> {
  const n = round.begun++;
  const name = `${round.number}-${n}`;
  const random = randomFor(round.seed, round.number, n);
  const isMessage = random() < MESSAGE_SHARE && round.hasMessages;
  await tapAtOnce(
    server,
    round,
    isMessage
      ? await makeMessage(server, round, name, round.number * MOST_THINGS + n, random)
      : await makeLink(server, round, name, random),
  );
}

async function sendAgainAndTap(server: Server, round: Round, plan: MessagePlan): Promise<void> {
  await tapAtOnce(server, round, await send(server, round, plan));
}

/** Persons and perhaps a preview, all at once. */
async function tapAtOnce(server: Server, round: Round, link: RememberedLink | null): Promise<void> {
  if (link === null) return;
  await Promise.all([
    link.hasPreview && tap(server, link.id, "preview"),
    ...Array.from({ length: PERSONS }, () => tapAsPerson(server, round, link)),
  ]);
}

/** Looks at some again, and taps those links that are accessed already: a later access must not move the first. */
async function revisit(server: Server, round: Round, earlier: readonly Thing[]): Promise<void> {
  for (let n = 0; n < REVISITED && !server.killed.aborted; n++) {
    const thing = earlier[Math.floor(round.random() * earlier.length)];
    if (thing === undefined) return;
    noteSurprise(round.memory, `GET of a ${thing.kind}`, await look(server, thing, round.receipts));
    if (thing.kind === "link" && thing.fact !== null) await tapAsPerson(server, round, thing);
    await sleep(REVISIT_PAUSE_MS);
  }
}

async function tapAsPerson(server: Server, round: Round, link: RememberedLink): Promise<void> {
  const answer = await tap(server, link.id, "person");
  noteSurprise(round.memory, "GET /:code", answer);
  noteTap(link, answer);
}
