// The entry of KV that every tap of a campaign reads: a projection of the campaign's object, which alone writes it.

import type { CampaignState } from "./campaign.ts";
import { endOf, reservedOf } from "./campaign.ts";
import { errorText } from "../log.ts";
import { Remembered } from "../remembered.ts";
import { KEPT_AFTER_END_MS } from "../link/link.ts";

/** No code has such a name. */
export function entryName(campaign: number): string {
  return `campaign:${campaign}`;
}

/** While KV fails an isolate goes by the entry that it read last. */
const REMEMBERED_MS = 300_000;
const lastRead = new Remembered<Entry>();

interface Entry {
  /** template of destinations */
  d: string;
  /** end, Unix milliseconds */
  e: number;
  /** members that have been given out */
  m: number;
  /** revision */
  r: number;
  /** id of the key that its codes are computed with */
  k: string;
  /** sid of its account */
  a: string;
  /** members that were ended singly; those that the operator ended are negative */
  x?: number[];
  /** 1: ended by the operator, so that nothing of its owner's is shown */
  b?: 1;
}

export type FoundEntry =
  | { kind: "found"; entry: Entry }
  /** KV has none: unknown, or too new to be seen here. Only the objects know. */
  | { kind: "missing" }
  | { kind: "failed"; error: unknown };

/** One KV read. Never rejects, but may never be answered. */
export async function findEntry(directory: KVNamespace, campaign: number): Promise<FoundEntry> {
  const name = entryName(campaign);
  try {
    const entry = await directory.get<Entry>(name, "json");
    // The check keeps a damaged entry from becoming a Location header.
    if (entry === null || !entry.d.startsWith("http") || !Number.isFinite(entry.e)) return { kind: "missing" };
    lastRead.set(name, entry, Date.now(), REMEMBERED_MS);
    return { kind: "found", entry };
  } catch (error) {
    const entry = lastRead.get(name, Date.now());
    return entry === undefined ? { kind: "failed", error: errorText(error) } : { kind: "found", entry };
  }
}

/** Writes the entry, also of a campaign that has ended: late taps ask no object then. Called by the campaign's object alone. */
export async function putEntry(directory: KVNamespace, campaign: CampaignState): Promise<void> {
  const end = endOf(campaign);
  const entry: Entry = {
    d: campaign.template,
    e: end,
    m: reservedOf(campaign),
    r: campaign.revision,
    k: campaign.keyId,
    a: campaign.accountSid,
    ...(campaign.ended.length > 0 && {
      x: campaign.ended.map(({ member, reason }) => (reason === null ? member : -member)),
    }),
    ...(campaign.closedAt !== null && campaign.endedReason !== null && { b: 1 as const }),
  };
  const expiration = Math.ceil((end + KEPT_AFTER_END_MS) / 1_000);
  await directory.put(entryName(campaign.number), JSON.stringify(entry), { expiration });
}

/** Takes the entry out: the campaign is forgotten. */
export async function removeEntry(directory: KVNamespace, campaign: number): Promise<void> {
  await directory.delete(entryName(campaign));
}
