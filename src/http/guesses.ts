// Counting guesses per client: unknown codes and failed logins. What is right is never counted, so it is never limited.

import { errorText, log } from "../log.ts";

/** Counts one guess; true when this client made more than the limit in wrangler.toml allows. Never throws. */
export async function isGuessingTooMuch(env: Env, request: Request, what: "code" | "login"): Promise<boolean> {
  try {
    const { success } = await env.GUESSES.limit({ key: `${what}:${clientOf(request)}` });
    return !success;
  } catch (error) {
    log("guesses.limit_failed", { error: errorText(error) });
    return false;
  }
}

/** The address that Cloudflare saw (no other header is trusted); of IPv6 the first 64 bits, which one client owns. */
function clientOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "none";
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  return [...head.split(":"), "0", "0", "0"].slice(0, 4).join(":");
}
