// The Cron Trigger: each account looks after itself and its links. So what an object owes is done although its alarm is gone,
// which a quota, a spending limit or the platform itself can bring about.

import { MAIN_SID } from "../account/token.ts";
import { accountObject, insist } from "../objects.ts";
import type { WakeJob } from "./wake.ts";

const ACCOUNTS_A_JOB = 100;
/** The most that a queue takes at once. */
const LARGEST_BATCH = 100;

/** Puts a job into the queue for each hundred accounts, so that the time that a run takes hardly grows with their number. */
export async function wakeAccounts(env: Env): Promise<void> {
  const main = () => accountObject(env, MAIN_SID);
  await env.WAKES.send({ sids: [MAIN_SID] });
  for (let after: string | undefined = ""; after !== undefined;) {
    const from: string = after;
    const sids = await insist(() => main().tenantSids(from, ACCOUNTS_A_JOB * LARGEST_BATCH));
    const jobs: { body: WakeJob }[] = [];
    for (let n = 0; n < sids.length; n += ACCOUNTS_A_JOB)
      jobs.push({ body: { sids: sids.slice(n, n + ACCOUNTS_A_JOB) } });
    if (jobs.length > 0) await env.WAKES.sendBatch(jobs);
    after = sids.length === ACCOUNTS_A_JOB * LARGEST_BATCH ? sids.at(-1) : undefined;
  }
}
