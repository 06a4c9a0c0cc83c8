// The only code that touches KV: code → destination and expiry. A projection of the link's object, read by redirects.

import type { Code, Destination } from "./link.ts";

/** KV refuses an expiry less than 60 s ahead (limit of Workers KV); the entry itself carries the exact end. */
const SHORTEST_KV_LIFE_SECONDS = 60;

interface Entry {
  /** destination */
  d: string;
  /** expiry, Unix milliseconds */
  e: number;
}

export type Found =
  | { kind: "found"; destination: Destination; expiresAt: number }
  /** KV has no entry: unknown, or too new to be seen here, or gone. Only the link's object knows. */
  | { kind: "missing" }
  /** KV did not answer. */
  | { kind: "failed"; error: unknown };

/** One KV read. Never rejects, but may never be answered: a redirect that KV cannot answer is answered by the link's object. */
export async function findDestination(directory: KVNamespace, code: Code): Promise<Found> {
  try {
    const entry = await directory.get<Entry>(code, "json");
    if (entry === null) return { kind: "missing" };
    // Only link objects write entries; the check keeps a damaged one from becoming a Location header.
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
  const entry: Entry = { d: link.destination, e: link.expiresAt };
  const expiration = Math.max(Math.ceil(link.expiresAt / 1000), Math.ceil(now / 1000) + SHORTEST_KV_LIFE_SECONDS + 1);
  await directory.put(link.code, JSON.stringify(entry), { expiration });
}

/** Removes the entry. Cities that read it lately may serve it for up to about a minute more (KV's consistency). */
export async function removeDestination(directory: KVNamespace, code: string): Promise<void> {
  await directory.delete(code);
}

/** One read of a name that cannot be a code: whether KV answers at all. */
export async function directoryAnswers(directory: KVNamespace): Promise<void> {
  await directory.get("healthz");
}
