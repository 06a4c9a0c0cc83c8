// What stands for the content of a request with an Idempotency-Key. A plain hash would say who a message went to, to anybody who
// tries all numbers; so it is keyed with a secret of the deployment, which is not in the storage.

import { hmac, toBase64 } from "../digest.ts";

/**
 * The fingerprint to keep, first, and those by which an earlier one of the same request may have been kept: with another key, or,
 * by the version of before, the digest itself.
 * @param keys the deployment's, newest first; throws while there is none
 * @param digest SHA-256 of the request's fields
 */
export async function fingerprintsOf(
  keys: readonly string[],
  sid: string,
  digest: string,
): Promise<[string, ...string[]]> {
  const text = `firsttap Idempotency-Key of ${sid}: ${digest}`;
  const [newest, ...others] = await Promise.all(
    keys.map(async (key) => toBase64(await hmac("SHA-256", new TextEncoder().encode(key), text))),
  );
  if (newest === undefined) throw new Error("ADMIN_TOKEN is missing: npx wrangler secret put ADMIN_TOKEN");
  return [newest, ...others, digest];
}
