// Bringing accesses to their link's object, behind the redirect: three tries, then the recovery queue, and the same again.

import { customAlphabet } from "nanoid";
import { type MemberAccess, type PartName, partObjectName } from "../campaign/campaign.ts";
import type { Access, Code, Recorded, Visitor } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { insist, linkObject, partObject, QUEUE_TIMEOUT_MS, within } from "../objects.ts";
import { timeText } from "../timed-id.ts";

/**
 * What the recovery queue carries: accesses as they were, under the name that they came to the object with, so that a replay
 * neither counts twice nor moves a time.
 */
export type AccessJob = LinkAccesses | MemberAccesses;

/** Of one link. */
interface LinkAccesses {
  code: string;
  batch: string;
  accesses: readonly Access[];
}

/** Of members of one part of a campaign. */
interface MemberAccesses extends PartName {
  batch: string;
  accesses: readonly MemberAccess[];
}

/** Where accesses are recorded: a link's own object, by its code, or a part of a campaign. */
type Recorder = Code | PartName;

const randomPart = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 12);

/** The access that a request is. `at` is Unix milliseconds at the edge. */
export function accessOf(visitor: Visitor, at: number, country: string | null): Access {
  return { ...visitor, id: timeText(at) + randomPart(), at, country };
}

/** Accesses that go to one object, in this isolate, that wait for a call under way to end and then travel together. */
interface Gathering {
  accesses: Access[];
  /** Until then somebody is about to bring them (Unix ms). Whoever finds it past brings them himself: that one has died. */
  until: number;
}

const waiting = new Map<string, Gathering>();
/** Until when (Unix ms) to wait for the call that was begun last. One whose owner died is waited for no longer, either. */
const underway = new Map<string, number>();
/** One message of a queue holds 128 KB, which is 640 bytes for each of so many; an access has a third of that. */
const MOST_TOGETHER = 200;
const PAUSE_MS = 10;
/** A call takes milliseconds; one that is not back by now is in trouble, and nobody waits for it any longer. */
const LONGEST_WAIT_MS = 2_000;
/** In a busy isolate, whoever waits goes on somewhat later than the clock says. */
const TAKEN_OVER_AFTER_MS = 3_000;
const FIRST_PAUSE_MS = 250;
/** Waiting for others takes up to 2 s, a round with a silent object and a silent queue 21 s, and 30 s after the answer all ends. */
const LAST_ROUND_MS = 6_000;

/**
 * Records the access, with all others that go to its object and come while a call to that is under way, so that a link, or a campaign, that
 * thousands open at once costs its objects few calls. Whoever begins a list brings it, and whoever fills it; the others need not
 * wait, since a request that has been answered lives until its background work is done. Should it die all the same, the next
 * access takes over what it left. Never rejects.
 */
export async function recordTogether(env: Env, recorder: Recorder, access: Access): Promise<void> {
  const now = Date.now();
  // No code holds a dot.
  const name = typeof recorder === "string" ? recorder : partObjectName(recorder);
  const list = waiting.get(name) ?? { accesses: [], until: 0 };
  list.accesses.push(access);
  if (list.accesses.length < MOST_TOGETHER) {
    if (now < list.until) return;
    list.until = now + TAKEN_OVER_AFTER_MS;
    waiting.set(name, list);
    const patience = now + LONGEST_WAIT_MS;
    while (Date.now() < Math.min(patience, underway.get(name) ?? 0)) await scheduler.wait(PAUSE_MS);
  }
  if (waiting.get(name) === list) waiting.delete(name);
  const [first, ...others] = list.accesses.splice(0);
  // Somebody else has filled the list, or has taken it over.
  if (first === undefined) return;
  const patience = Date.now() + LONGEST_WAIT_MS;
  underway.set(name, patience);
  try {
    await recordAccesses(env, recorder, [first, ...others]);
  } finally {
    if (underway.get(name) === patience) underway.delete(name);
  }
}

/**
 * Records accesses, or queues them when the object cannot be reached; asks both again while there is time. They are one batch,
 * named after the first of them. Never rejects: tracking cannot break a redirect.
 */
export async function recordAccesses(
  env: Env,
  recorder: Recorder,
  accesses: readonly [Access, ...Access[]],
): Promise<void> {
  const job = jobOf(recorder, accesses);
  const lastRoundAt = Date.now() + LAST_ROUND_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const unreached = await errorOf(insist(() => bring(env, job)));
    if (unreached === null) return;
    const refused = await errorOf(within(QUEUE_TIMEOUT_MS, () => env.ACCESSES.send(job)));
    if (refused === null) return log("access.queued", { count: accesses.length, error: unreached });
    if (Date.now() + pause > lastRoundAt) {
      for (const { kind } of accesses)
        log("access.lost", { ...whoseOf(recorder), kind, object_error: unreached, queue_error: refused });
      return;
    }
    await scheduler.wait(pause);
  }
}

/** To the object that records them. */
export async function bring(env: Env, job: AccessJob): Promise<Recorded[]> {
  if ("part" in job) return partObject(env, job).record(job.accesses, job.batch);
  return linkObject(env, job.code).record(job.accesses, job.batch);
}

function jobOf(recorder: Recorder, accesses: readonly [Access, ...Access[]]): AccessJob {
  const batch = accesses[0].id;
  if (typeof recorder === "string") return { code: recorder, batch, accesses };
  // A tap of a member is seen as one.
  return { ...recorder, batch, accesses: accesses as readonly Access[] as readonly MemberAccess[] };
}

function whoseOf(recorder: Recorder): { code: string } | { campaign: number; part: number } {
  return typeof recorder === "string" ? { code: recorder } : { ...recorder };
}

/** What went wrong, or null. */
async function errorOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(() => null, errorText);
}
