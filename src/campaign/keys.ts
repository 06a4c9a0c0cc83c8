// The deployment's keys as an isolate has them: plain bytes in memory, never a promise, which would die with the request that began it.

import { type CampaignKey, KEYS_NAME } from "../account/campaign-keys.ts";
import { MAIN_SID } from "../account/token.ts";
import { errorText, log } from "../log.ts";
import { accountObject, insist, within } from "../objects.ts";
import { MemberCodes, type MemberOfCampaign } from "./member-code.ts";

/** So long an isolate goes on with what it has before it looks behind an answer whether there is a newer key. */
const FRESH_MS = 60_000;
/** That there is none is remembered for this long, and `main` is asked no more often. */
const NONE_MS = 5_000;
/** KV answers in milliseconds. */
const DIRECTORY_PATIENCE_MS = 1_000;

/** A key that codes can be computed with. */
export interface KnownKey {
  id: string;
  codes: MemberCodes;
}

interface Known {
  keys: readonly KnownKey[];
  /** Unix milliseconds. */
  readAt: number;
}

const known = new WeakMap<Env, Known>();

/**
 * The keys, newest first; none while there is no campaign. Rejects when they cannot be had.
 * @param mayAsk whether `main` may be asked where KV has none: not on behalf of a client that guesses
 * @param behind work that goes on behind the answer
 */
export async function campaignKeys(
  env: Env,
  mayAsk: boolean,
  behind: (work: Promise<unknown>) => void,
): Promise<readonly KnownKey[]> {
  const now = Date.now();
  const { keys, readAt } = known.get(env) ?? { keys: [], readAt: -Infinity };
  if (keys.length > 0) {
    if (now - readAt > FRESH_MS) {
      known.set(env, { keys, readAt: now });
      behind(refresh(env, keys));
    }
    return keys;
  }
  if (now - readAt < NONE_MS) return keys;
  const inDirectory = await within(DIRECTORY_PATIENCE_MS, () => readDirectory(env)).catch(failed);
  if (inDirectory.length > 0 || !mayAsk) return remember(env, inDirectory, mayAsk ? now : readAt);
  return remember(env, await insist(() => accountObject(env, MAIN_SID).campaignKeys()), now);
}

/** The key that a new campaign's codes are computed with; it is made with the first campaign. Rejects when it cannot be had. */
export async function keyForNew(env: Env): Promise<KnownKey> {
  const made = await insist((until) => accountObject(env, MAIN_SID).makeCampaignKey(until));
  const [newest] = remember(env, made, Date.now());
  if (newest === undefined) throw new Error("there is no account that keeps the campaigns' keys");
  return newest;
}

/** The key with this id; rejects when it cannot be had. */
export async function keyNamed(env: Env, id: string): Promise<KnownKey> {
  const isIt = (key: KnownKey) => key.id === id;
  const key =
    (await campaignKeys(env, true, () => {})).find(isIt) ??
    remember(env, await insist(() => accountObject(env, MAIN_SID).campaignKeys()), Date.now()).find(isIt);
  if (key === undefined) throw new Error("the key of these codes is gone");
  return key;
}

/** Whose code it may be, by each of the keys: all but one of 935 that are guessed are nobody's. */
export function membersNamed(keys: readonly KnownKey[], code: string): { member: MemberOfCampaign; keyId: string }[] {
  return keys.flatMap(({ id, codes }) => {
    const member = codes.memberOf(code);
    return member?.purpose === "link" ? [{ member, keyId: id }] : [];
  });
}

async function readDirectory(env: Env): Promise<CampaignKey[]> {
  return (await env.DIRECTORY.get<CampaignKey[]>(KEYS_NAME, "json")) ?? [];
}

async function refresh(env: Env, keys: readonly KnownKey[]): Promise<void> {
  const found = await readDirectory(env).catch(failed);
  if (found.some(({ id }) => !keys.some((key) => key.id === id))) remember(env, found, Date.now());
}

function failed(error: unknown): CampaignKey[] {
  log("campaign.keys_failed", { error: errorText(error) });
  return [];
}

function remember(env: Env, found: readonly CampaignKey[], readAt: number): readonly KnownKey[] {
  const before = known.get(env)?.keys ?? [];
  const keys = found.map(
    ({ id, key }) => before.find((one) => one.id === id) ?? { id, codes: new MemberCodes(bytesOf(key)) },
  );
  known.set(env, { keys, readAt });
  return keys;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
