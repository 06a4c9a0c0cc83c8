// Secrets at rest: a signing secret has to be known to sign, so it cannot be hashed; it is sealed with a key that is not in
// the storage. AES-256-GCM, with a key derived by HKDF (RFC 5869) from a secret of the deployment.

import { toBase64 } from "../digest.ts";
import type { Settings } from "../settings.ts";

const IV_BYTES = 12;
const INFO = new TextEncoder().encode("firsttap signing secrets");

/** Seals a text so that only `open` with the same key reads it. */
export async function seal(key: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    await keyFrom(key),
    new TextEncoder().encode(text),
  );
  return toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

/**
 * Sealed secrets as they sign, newest first. Rejects when the newest cannot be read: a callback waits then, rather than going
 * out unsigned.
 */
export async function openSecrets(key: string, sealed: readonly string[]): Promise<string[]> {
  if (sealed.length === 0) return [];
  const [newest, ...others] = await Promise.all(sealed.map((secret) => unseal(key, secret)));
  if (newest === undefined)
    throw new Error("the callback secret cannot be read: set SECRETS_KEY to the ADMIN_TOKEN of before, or rotate it");
  return [newest, ...others.filter((secret) => secret !== undefined)];
}

/** The key that seals. Throws, with the remedy, while the deployment has none. */
export function sealingKeyOf({ sealingKey }: Pick<Settings, "sealingKey">): string {
  if (sealingKey === undefined) throw new Error("ADMIN_TOKEN is missing: npx wrangler secret put ADMIN_TOKEN");
  return sealingKey;
}

/** The sealed text, or undefined when it was sealed with another key. */
async function unseal(key: string, sealed: string): Promise<string | undefined> {
  const bytes = Uint8Array.from(atob(sealed), (char) => char.charCodeAt(0));
  const iv = bytes.subarray(0, IV_BYTES);
  try {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyFrom(key), bytes.subarray(IV_BYTES));
    return new TextDecoder().decode(text);
  } catch {
    return undefined;
  }
}

async function keyFrom(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: INFO },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
