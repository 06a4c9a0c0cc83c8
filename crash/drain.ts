// After the last kill: one server stays up until everything that is owed has arrived.

import { setTimeout as sleep } from "node:timers/promises";
import { type Server, statusOf } from "./client.ts";
import { isTapped, noteStatus, type RememberedLink } from "./memory.ts";
import type { Receipts } from "./receipts.ts";

/** A job that three kills swallowed comes again 44 s after the third (its lease doubles), so silence must last longer. */
const SILENCE_MS = 50_000;
const MOST_WAIT_MS = 120_000;
const MOST_ASKING_MS = 120_000;
const PARALLEL_READS = 10;

export interface Drained {
  /** Callbacks that had not come when the silent wait ended; what still comes needed a question to wake its object. */
  missingBeforeAsking: number;
  /** Links whose status did not settle in time. */
  unsettled: RememberedLink[];
}

/** Waits for the callbacks without a request, then reads every status until it is settled. Four minutes at most. */
export async function drain(server: Server, links: readonly RememberedLink[], receipts: Receipts): Promise<Drained> {
  const missing = await waitUntilSilent(links, receipts);
  receipts.verifyNew();
  const unsettled = await readUntilSettled(server, links, receipts);
  receipts.verifyNew();
  return { missingBeforeAsking: missing.filter(({ status }) => status?.accessed === true).length, unsettled };
}

/**
 * Waits until every tapped link is called back, or until nothing more comes. Asks nothing of the server, because a
 * question wakes the link's object, and that would hide an alarm which a restart forgot.
 */
async function waitUntilSilent(links: readonly RememberedLink[], receipts: Receipts): Promise<RememberedLink[]> {
  const deadline = Date.now() + MOST_WAIT_MS;
  let missing = links.filter(isTapped);
  let total = -1;
  let silentSince = Date.now();
  while (missing.length > 0 && Date.now() < Math.min(deadline, silentSince + SILENCE_MS)) {
    await sleep(250);
    missing = missing.filter((link) => receipts.acceptedOf(link) === 0);
    if (receipts.total() === total) continue;
    total = receipts.total();
    silentSince = Date.now();
  }
  return missing;
}

async function readUntilSettled(
  server: Server,
  links: readonly RememberedLink[],
  receipts: Receipts,
): Promise<RememberedLink[]> {
  const deadline = Date.now() + MOST_ASKING_MS;
  // A status from before the last kill proves nothing about what is stored now.
  for (const link of links) link.status = null;
  let unsettled = links.slice();
  do {
    const queue = unsettled.values();
    const readOn = async () => {
      for (const link of queue) {
        if (Date.now() > deadline) return;
        noteStatus(link, await statusOf(server, link.code), receipts.postsOf(link));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_READS }, readOn));
    unsettled = unsettled.filter((link) => !isSettled(link));
    if (unsettled.length > 0) await sleep(1_000);
  } while (unsettled.length > 0 && Date.now() < deadline);
  return unsettled;
}

function isSettled({ status, wasNotFound }: RememberedLink): boolean {
  return wasNotFound || (status !== null && (!status.accessed || status.callback.state !== "owed"));
}
