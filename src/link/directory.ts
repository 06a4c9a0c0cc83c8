// The only code that touches KV: code → destination and expiry. A projection of the link's object, read by redirects.

import type { Code, Destination } from "./link.ts";

/** KV refuses an expiry less than 60 s ahead (limit of Workers KV); the entry itself carries the exact end. */
const SHORTEST_KV_LIFE_SECONDS = 60;

interface Entry {
  /** destination; empty where the link was ended */
  d: string;
  /** expiry, Unix milliseconds */
  e: number;
}

/** Leads nowhere: whoever reads it takes it for a miss, and asks the link's object, which knows that the link has ended. */
const ENDED: Entry = { d: "", e: 0 };

export type Found =
  | { kind: "found"; destination: Destination; expiresAt: number }
  /** Of a campaign, whose entry says so. `isBarred`: by the operator. */
  | { kind: "ended"; accountSid: string; isBarred: boolean }
  /** KV has no destination: unknown, or too new to be seen here, or ended. Only the link's object knows. */
  | { kind: "missing" }
  /** KV did not answer. */
  | { kind: "failed"; error: unknown };

/** One KV read. Never rejects, but may never be answered: a redirect that KV cannot answer is answered by the link's object. */
export async function findDestination(directory: KVNamespace, code: Code): Promise<Found> {
  try {
    const entry = await directory.get<Entry>(code, "json");
    if (entry === null) return { kind: "missing" };
    // Besides what says that a link has ended, the check keeps a damaged entry from becoming a Location header.
    if (!entry.d.startsWith("http") || !Number.isFinite(entry.e)) return { kind: "missing" };
    return { kind: "found", destination: entry.d as Destination, expiresAt: entry.e };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** Writes the entry. Called by the link's object alone, one write at a time, so that an older write cannot win. */
export async function putDestination(
  directory: KVNamespace,
  link: { code: string; destination: string; expiresAt: number },
  now: number,
): Promise<void> {
  await put(directory, link, { d: link.destination, e: link.expiresAt }, now);
}

/**
 * Takes the destination of a link that was ended out of KV. Cities that read it lately may serve it for up to about a minute
 * more (KV's consistency). Deletions have a daily quota of their own on the free plan, so they are asked for first; where KV
 * refuses one, the entry is overwritten by one that leads nowhere. Throws when KV refuses that, too.
 */
export async function endDestination(
  directory: KVNamespace,
  link: { code: string; expiresAt: number },
  now: number,
): Promise<void> {
  try {
    await directory.delete(link.code);
  } catch {
    await put(directory, link, ENDED, now);
  }
}

async function put(
  directory: KVNamespace,
  { code, expiresAt }: { code: string; expiresAt: number },
  entry: Entry,
  now: number,
): Promise<void> {
  const expiration = Math.max(Math.ceil(expiresAt / 1000), Math.ceil(now / 1000) + SHORTEST_KV_LIFE_SECONDS + 1);
  await directory.put(code, JSON.stringify(entry), { expiration });
}

/** One read of a name that cannot be a code: whether KV answers at all. */
export async function directoryAnswers(directory: KVNamespace): Promise<void> {
  await directory.get("healthz");
}
