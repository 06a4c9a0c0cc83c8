// Counting guesses per client: unknown codes and failed logins. What is right is never counted, so it is never limited.

import { errorText, log } from "../log.ts";

/** The period of the rate limit in wrangler.toml. */
const PERIOD_MS = 60_000;
/** Clients that one isolate remembers as guessing; more is an attack from many, which this limit cannot stop. */
const MOST_BLOCKED = 10_000;

// Client → Unix milliseconds until which this isolate asks no object for it. Only saves calls; the counter decides.
const blockedUntil = new Map<string, number>();

/** Counts one guess; true when this client made more than the limit in wrangler.toml allows. Never throws. */
export async function isGuessingTooMuch(env: Env, request: Request, what: "code" | "login"): Promise<boolean> {
  try {
    const client = clientOf(request);
    const { success } = await env.GUESSES.limit({ key: `${what}:${client}` });
    if (!success && what === "code") block(client);
    return !success;
  } catch (error) {
    log("guesses.limit_failed", { error: errorText(error) });
    return false;
  }
}

/** Whether this client guessed too many codes within the last minute, as far as this isolate knows. Counts nothing. */
export function isBlocked(request: Request): boolean {
  return (blockedUntil.get(clientOf(request)) ?? 0) > Date.now();
}

function block(client: string): void {
  if (blockedUntil.size >= MOST_BLOCKED) blockedUntil.clear();
  blockedUntil.set(client, Date.now() + PERIOD_MS);
}

/** The address that Cloudflare saw (no other header is trusted); of IPv6 the first 64 bits, which one client owns. */
function clientOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "none";
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  return [...head.split(":"), "0", "0", "0"].slice(0, 4).join(":");
}
