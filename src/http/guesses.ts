// Counting guesses per client: unknown codes, failed logins, reports of nothing. What is right is never counted. Whoever guessed too
// often is refused before anything is looked up for him, or the answers would still tell which guess was right.

import { hmac, toBase64 } from "../digest.ts";
import { errorText, log } from "../log.ts";
import { Remembered } from "../remembered.ts";
import { settingsOf } from "../settings.ts";

/** The period of the limit in wrangler.toml. */
export const LIMIT_SECONDS = 60;
const LIMIT_MS = LIMIT_SECONDS * 1_000;
/** An account is there for long; this only bounds what an isolate remembers. */
const ACCOUNT_MS = 3_600_000;

/** What is guessed: a code, or the token or message of the account with this sid, which may be guessed as well. */
export type Guess = { what: "code"; code: string } | { what: "login" | "report"; sid: string };

/** One of the counters that a guess counts in. `once`: the same again is no further guess. */
interface Counter {
  name: string;
  once?: string;
}

/** Clients over a limit that this isolate has seen, by client and counter. */
const limited = new Remembered<true>();
/** What counts once, and has been counted. */
const counted = new Remembered<true>();
/** Sids of accounts that there are: nobody's guesses at others shut these out. */
const accounts = new Remembered<true>();

/**
 * Whether this client guessed too often in the last minute to be heard at `now` (Unix ms). Asks nobody, so that it takes the same
 * time for all. Also what is right is refused then.
 */
export function isLimited(request: Request, guess: Guess, now: number): boolean {
  const client = clientOf(request);
  const isKnown = guess.what !== "code" && accounts.get(guess.sid, now) === true;
  return countersOf(guess).some(
    ({ name, once }) => !(isKnown && once !== undefined) && limited.get(`${client} ${name}`, now) === true,
  );
}

/** Counts a wrong guess; true when this client made more than the limit in wrangler.toml allows. Never throws. */
export async function isGuessingTooMuch(env: Env, request: Request, guess: Guess): Promise<boolean> {
  const client = clientOf(request);
  const isOver = await Promise.all(countersOf(guess).map((counter) => isOverLimit(env, client, counter)));
  return isOver.includes(true);
}

/** An account with this sid answered. */
export function noteAccount(sid: string, now: number): void {
  accounts.set(sid, true, now, ACCOUNT_MS);
}

/** One wrong program shuts out nobody else behind its address: tokens are counted by account, too, and different accounts besides. */
function countersOf(guess: Guess): Counter[] {
  if (guess.what === "code") return [{ name: "code", once: guess.code }];
  return [{ name: `${guess.what}:${guess.sid}` }, { name: "sid", once: guess.sid }];
}

async function isOverLimit(env: Env, client: string, { name, once }: Counter): Promise<boolean> {
  const now = Date.now();
  if (once !== undefined) {
    const guessed = `${client} ${name} ${once}`;
    if (counted.get(guessed, now) === true) return false;
    counted.set(guessed, true, now, LIMIT_MS);
  }
  try {
    const { success } = await env.GUESSES.limit({ key: `${name}:${await pseudonymOf(client, env)}` });
    if (!success) limited.set(`${client} ${name}`, true, Date.now(), LIMIT_MS);
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

/** The address that Cloudflare saw (no other header is trusted); of IPv6 the first 64 bits, which one client owns. */
function clientOf(request: Request): string {
  const address = request.headers.get("cf-connecting-ip") ?? "none";
  if (!address.includes(":")) return address;
  const [head = ""] = address.split("::");
  return [...head.split(":"), "0", "0", "0"].slice(0, 4).join(":");
}
