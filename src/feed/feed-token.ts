// A feed's token: it names its account and its feed, and is signed by the deployment. So one that is forged is told without asking anybody,
// and nothing that is stored is a token.

import { hmac, isSameText, toBase64 } from "../digest.ts";

const TOKEN = /^ft_feed_(main|[0-9a-z]{20})_([\w-]{21})_([\w-]{43})$/;

/** Which feed of which account. */
export interface FeedName {
  sid: string;
  id: string;
}

/**
 * The token of a feed, the same each time as long as the key is the same.
 * @param keys the deployment's, newest first; throws while there is none
 */
export async function feedToken([newest]: readonly string[], name: FeedName): Promise<string> {
  if (newest === undefined) throw new Error("ADMIN_TOKEN is missing: npx wrangler secret put ADMIN_TOKEN");
  return `ft_feed_${name.sid}_${name.id}_${await signatureOf(newest, name)}`;
}

/** The feed that a token is of; undefined for one that none of these keys has signed. */
export async function readFeedToken(keys: readonly string[], token: string): Promise<FeedName | undefined> {
  const [, sid, id, signature = ""] = TOKEN.exec(token) ?? [];
  if (sid === undefined || id === undefined) return undefined;
  for (const key of keys) if (await isSameText(signature, await signatureOf(key, { sid, id }))) return { sid, id };
  return undefined;
}

/** Whether the text has the form of a feed's token. */
export function isFeedToken(text: string): boolean {
  return TOKEN.test(text);
}

async function signatureOf(key: string, { sid, id }: FeedName): Promise<string> {
  const signature = await hmac("SHA-256", new TextEncoder().encode(key), `firsttap feed ${id} of ${sid}`);
  return toBase64(signature).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}
