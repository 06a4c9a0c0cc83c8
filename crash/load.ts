// The load of one round: links are created and tapped at once, and links of earlier rounds are looked at again,
// until the server is killed.

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer as Script } from "../local/answers.ts";
import { createLink, type Server, statusOf, tap } from "./client.ts";
import { noteStatus, noteTap, remember, type RememberedLink } from "./memory.ts";
import { randomFor } from "./random.ts";
import type { Receipts } from "./receipts.ts";

/** Enough to keep two cores busy; more only makes each request slower. */
const PARALLEL_LINKS = 8;
const PERSONS = 3;
const MOST_LINKS = 400;
const REVISITED_LINKS = 5;
const REVISIT_PAUSE_MS = 100;
/** Longer than a POST takes, so that a kill often falls between the POST and the report of its outcome. */
const SLOW_RECEIVER_MS = 300;

export interface Round {
  seed: number;
  number: number;
  /** The choices of the round itself; each link has its own. */
  random: () => number;
  receiverUrl: string;
  receipts: Receipts;
  /** Every link that was ever created; the load adds its own. */
  links: RememberedLink[];
  /** How many links this round began to create. */
  begun: number;
  /** Answers that nobody should get from a server that runs, with their number. */
  surprises: Map<string, number>;
}

/** Resolves when the server is killed and the last request has ended, or when enough links were made. */
export async function load(server: Server, round: Round): Promise<void> {
  const keepMaking = async () => {
    while (!server.killed.aborted && round.begun < MOST_LINKS) await makeAndTap(server, round);
  };
  await Promise.all([revisit(server, round), ...Array.from({ length: PARALLEL_LINKS }, keepMaking)]);
}

/** A link, then persons and perhaps a preview, all at once. */
async function makeAndTap(server: Server, round: Round): Promise<void> {
  const link = await make(server, round);
  if (link === null) return;
  await Promise.all([
    link.hasPreview && tap(server, link.code, "preview"),
    ...Array.from({ length: PERSONS }, () => tapAsPerson(server, round, link)),
  ]);
}

/** A link with a callback URL of its own; null when nobody saw that it was created. */
async function make(server: Server, round: Round): Promise<RememberedLink | null> {
  const n = round.begun++;
  const hookId = `${round.number}-${n}`;
  const random = randomFor(round.seed, round.number, n);
  const script = receiverScript(random());
  const hasPreview = random() < 0.5;
  // A receiver without a script answers 200 at once.
  if (script.length > 0)
    await fetch(`${round.receiverUrl}/script/${hookId}`, { method: "PUT", body: JSON.stringify(script) });
  const created = await createLink(server, `${round.receiverUrl}/hook/${hookId}`);
  noteSurprise(round, "POST /api/links", created);
  if (created.kind !== "answered") return null;
  const refusals = script.filter(({ status }) => status === 500).length;
  const link = remember({ code: created.value, hookId, refusals, hasPreview });
  round.links.push(link);
  return link;
}

/** Seven of ten receivers answer 200 at once, two answer 500 before, one takes its time. */
function receiverScript(choice: number): Script[] {
  if (choice < 0.7) return [];
  if (choice < 0.8) return [{ status: 500 }, { status: 200 }];
  if (choice < 0.9) return [{ status: 500 }, { status: 500 }, { status: 200 }];
  return [{ status: 200, delayMs: SLOW_RECEIVER_MS }];
}

/** Reads some links again, and taps those that are accessed already: a later access must not move the first. */
async function revisit(server: Server, round: Round): Promise<void> {
  const earlier = round.links.slice();
  for (let n = 0; n < REVISITED_LINKS && !server.killed.aborted; n++) {
    const link = earlier[Math.floor(round.random() * earlier.length)];
    if (link === undefined) return;
    const status = await statusOf(server, link.code);
    noteSurprise(round, "GET /api/links/:code", status);
    noteStatus(link, status, round.receipts.postsOf(link));
    if (link.status?.accessed === true) await tapAsPerson(server, round, link);
    await sleep(REVISIT_PAUSE_MS);
  }
}

async function tapAsPerson(server: Server, round: Round, link: RememberedLink): Promise<void> {
  const answer = await tap(server, link.code, "person");
  noteSurprise(round, "GET /:code", answer);
  noteTap(link, answer);
}

function noteSurprise(round: Round, request: string, answer: { kind: string; status?: number }): void {
  if (answer.kind !== "refused") return;
  const what = `${request} was answered ${answer.status}`;
  round.surprises.set(what, (round.surprises.get(what) ?? 0) + 1);
}
