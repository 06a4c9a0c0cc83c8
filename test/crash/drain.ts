// After the last kill: one server stays up until everything that is owed has arrived.

import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./ask.ts";
import { type Listed, listMessages } from "./client.ts";
import { send, unanswered, type World } from "./make.ts";
import { isAwaited, isSettled, look, type Memory, rememberMessage, type Thing } from "./memory.ts";
import type { Receipts } from "./receipts.ts";

/**
 * How long after the start something may still be under way. A job that five kills swallowed comes again 320 s after the
 * fifth (its lease doubles from 20 s on); a message that was claimed has failed after 60 s.
 */
const PATIENCE_MS = 330_000;
/** While something comes more often than this, the wait goes on. */
const SILENCE_MS = 5_000;
const MOST_WAIT_MS = 360_000;
const MOST_ASKING_MS = 150_000;
const PARALLEL_READS = 10;

export interface Drained {
  /** Without a callback when the silent wait ended; what still comes needed a question to wake its object. */
  missingBeforeAsking: Thing[];
  /** Whose status did not settle in time. */
  unsettled: Thing[];
  /** The account's messages at the end. */
  listed: Listed;
}

/** Waits for the callbacks without a request, then reads every status until it is settled. Nine minutes at most. */
export async function drain(server: Server, world: World): Promise<Drained> {
  const { memory, receipts } = world;
  const missing = await waitUntilSilent(thingsOf(memory), receipts);
  receipts.verifyNew();
  await Promise.all(unanswered(memory).map((plan) => send(server, world, plan)));
  adopt(memory, await listMessages(server));
  const things = thingsOf(memory);
  const unsettled = await readUntilSettled(server, things, receipts);
  receipts.verifyNew();
  const listed = await listMessages(server);
  return { missingBeforeAsking: missing.filter(({ status }) => status?.fact != null), unsettled, listed };
}

/**
 * Waits until every callback has come that has to, or until nothing more comes. Asks nothing of the server, because a
 * question wakes the object that owes, and that would hide an alarm which a restart forgot.
 */
async function waitUntilSilent(things: readonly Thing[], receipts: Receipts): Promise<Thing[]> {
  const startedAt = Date.now();
  let missing = things.filter(isAwaited);
  let total = -1;
  let silentSince = startedAt;
  const isPatient = () => {
    const waited = Date.now() - startedAt;
    return waited < PATIENCE_MS || (waited < MOST_WAIT_MS && Date.now() - silentSince < SILENCE_MS);
  };
  while (missing.length > 0 && isPatient()) {
    await sleep(250);
    receipts.verifyNew();
    missing = missing.filter(({ hook }) => receipts.acceptedOf(hook).length === 0);
    if (receipts.total() === total) continue;
    total = receipts.total();
    silentSince = Date.now();
  }
  return missing;
}

/** Messages whose 201 nobody saw are there all the same: they are judged as all others. */
function adopt({ plans, messages }: Memory, listed: Listed): void {
  for (const plan of plans.filter(({ msgid }) => msgid === null)) {
    const found = listed.find(({ recipient }) => recipient === plan.request.recipient);
    if (found !== undefined) messages.push(rememberMessage(found.msgid, plan));
  }
}

async function readUntilSettled(server: Server, things: readonly Thing[], receipts: Receipts): Promise<Thing[]> {
  const deadline = Date.now() + MOST_ASKING_MS;
  // A status from before the last kill proves nothing about what is stored now.
  for (const thing of things) thing.status = null;
  let unsettled = things.slice();
  do {
    const queue = unsettled.values();
    const readOn = async () => {
      for (const thing of queue) {
        if (Date.now() > deadline) return;
        await look(server, thing, receipts);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_READS }, readOn));
    unsettled = unsettled.filter((thing) => !isSettled(thing));
    if (unsettled.length > 0) await sleep(1_000);
  } while (unsettled.length > 0 && Date.now() < deadline);
  return unsettled;
}

function thingsOf({ links, messages }: Memory): Thing[] {
  return [...links, ...messages];
}
