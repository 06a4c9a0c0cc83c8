// Counting guesses per client: unknown codes, failed logins, reports of nothing. What is right is never counted; but a client that guessed
// codes too often gets no code looked up for a while, or the answers would still tell it which ones exist.

import { hmac, toBase64 } from "../digest.ts";
import { errorText, log } from "../log.ts";
import { settingsOf } from "../settings.ts";

/** The period of the limit in wrangler.toml. */
export const LIMIT_SECONDS = 60;
/** A few megabytes at most; whoever guesses from more addresses is forgotten early. */
const MOST_REMEMBERED = 10_000;

/** Clients over the limit that this isolate has seen, and until when (Unix ms) they are limited; the oldest first. */
const limited = new Map<string, number>();

/** Whether this client guessed codes too often in the last minute. Asks nobody, so that it takes the same time for all. */
export function isLimited(request: Request, now: number): boolean {
  return now < (limited.get(clientOf(request)) ?? 0);
}

/** Counts one guess; true when this client made more than the limit in wrangler.toml allows. Never throws. */
export async function isGuessingTooMuch(
  env: Env,
  request: Request,
  what: "code" | "login" | "report",
): Promise<boolean> {
  const client = clientOf(request);
  try {
    const { success } = await env.GUESSES.limit({ key: `${what}:${await pseudonymOf(client, env)}` });
    if (!success && what === "code") remember(client, Date.now() + LIMIT_SECONDS * 1_000);
    return !success;
  } catch (error) {
    log("guesses.limit_failed", { error: errorText(error) });
    return false;
  }
}

/** The limiter keeps its keys, and an address is nobody's to keep: it gets this instead. */
async function pseudonymOf(client: string, env: Env): Promise<string> {
  const key = new TextEncoder().encode(settingsOf(env).sealingKeys[0] ?? "this deployment has no secret yet");
  return toBase64(await hmac("SHA-256", key, client));
}

function remember(client: string, until: number): void {
  limited.delete(client);
  limited.set(client, until);
  const [oldest] = limited.keys();
  if (limited.size > MOST_REMEMBERED && oldest !== undefined) limited.delete(oldest);
}

/** The address that Cloudflare saw (no other header is trusted); of IPv6 the first 64 bits, which one client owns. */
function clientOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "none";
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  return [...head.split(":"), "0", "0", "0"].slice(0, 4).join(":");
}
