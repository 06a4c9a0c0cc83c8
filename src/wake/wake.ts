// The noun: objects whose alarm may be gone, and that are to look for themselves.

import type { BookName } from "../book/book.ts";
import type { PartName } from "../campaign/campaign.ts";

/** A campaign, by its number. */
export interface CampaignName {
  campaign: number;
}

/** What the queue carries: objects that could not set their alarm, or accounts whose turn it is. */
export type WakeJob =
  | { codes: string[] }
  | { sids: string[] }
  | { books: BookName[] }
  | { campaigns: (CampaignName | PartName)[] };

/** How often wrangler.toml's Cron Trigger wakes each account. */
export const WAKE_PERIOD_MS = 1_800_000;
