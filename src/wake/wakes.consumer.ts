// The consumer of the wakes: objects set the alarm that they lost, and an account with a link that had lost its own looks
// through all of them.

import { MAIN_SID } from "../account/token.ts";
import { errorText, log } from "../log.ts";
import type { BookName } from "../book/book.ts";
import type { PartName } from "../campaign/campaign.ts";
import {
  accountObject,
  bookObject,
  CALL_TIMEOUT_MS,
  campaignObject,
  linkObject,
  partObject,
  within,
} from "../objects.ts";
import { jittered } from "../random.ts";
import type { CampaignName, WakeJob } from "./wake.ts";

/** What refuses an object's writes lasts for hours or days. With the 100 retries of wrangler.toml this sums up to three days. */
const RETRY_SECONDS = 2_700;
/** An account looks at a hundred links meanwhile, and waits for each of them for 20 s. */
const WAKE_TIMEOUT_MS = 25_000;

/** Each job ends in exactly one of ack and retry; an account is not waited for, because the next Cron Trigger wakes it again. */
export async function consumeWakes(batch: MessageBatch<WakeJob>, env: Env): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      const job = message.body;
      const woken = await Promise.all(wakings(env, job));
      if ("sids" in job || woken.every(Boolean)) message.ack();
      else message.retry({ delaySeconds: Math.round(jittered(RETRY_SECONDS)) });
    }),
  );
}

function wakings(env: Env, job: WakeJob): Promise<boolean>[] {
  if ("sids" in job) return job.sids.map(wakeAccount(env));
  if ("books" in job) return job.books.map(wakeBook(env));
  if ("campaigns" in job) return job.campaigns.map(wakeCampaign(env));
  return job.codes.map(wakeLink(env));
}

function wakeBook(env: Env) {
  return (name: BookName) =>
    succeeds("book", async () => {
      await within(WAKE_TIMEOUT_MS, () => bookObject(env, name).wake());
    });
}

function wakeCampaign(env: Env) {
  return (name: CampaignName | PartName) =>
    succeeds("campaign", async () => {
      const object = "part" in name ? partObject(env, name) : campaignObject(env, name.campaign);
      await within(WAKE_TIMEOUT_MS, () => object.wake());
    });
}

function wakeAccount(env: Env) {
  return (sid: string) =>
    succeeds("account", async () => {
      const state = await within(WAKE_TIMEOUT_MS, () => accountObject(env, sid).wake());
      // Of those that were removed the last one to know is the account that made them.
      if (state === "gone")
        await within(CALL_TIMEOUT_MS, (until) => accountObject(env, MAIN_SID).forgetTenant(sid, until));
    });
}

function wakeLink(env: Env) {
  return (code: string) =>
    succeeds("link", async () => {
      const owner = await within(CALL_TIMEOUT_MS, () => linkObject(env, code).wake());
      if (owner === null) return;
      const keeper = typeof owner === "string" ? accountObject(env, owner) : bookObject(env, owner);
      await within(CALL_TIMEOUT_MS, (until) => keeper.sweep(until));
    });
}

async function succeeds(what: string, wake: () => Promise<unknown>): Promise<boolean> {
  try {
    await wake();
    return true;
  } catch (error) {
    log("wake.failed", { what, error: errorText(error) });
    return false;
  }
}
