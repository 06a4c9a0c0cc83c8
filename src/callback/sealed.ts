// Secrets at rest: a signing secret has to be known to sign, so it cannot be hashed; it is sealed with a key that is not in
// the storage. AES-256-GCM, with a key derived by HKDF (RFC 5869) from a secret of the deployment. What is sealed begins with
// the name of its key, so that another key can take over: `NAME.BASE64`. Earlier versions wrote no name.

import { toBase64 } from "../digest.ts";

const IV_BYTES = 12;
/** Eight characters of base64: they say which key it is, and nothing of it. */
const NAME_BITS = 48;
const SEALING = new TextEncoder().encode("firsttap signing secrets");
const NAMING = new TextEncoder().encode("firsttap key name");
const NO_SALT = new Uint8Array();

/** Seals a text with the first of the keys; `openSecrets` reads it wherever that key is known. Throws while there is none. */
export async function seal(keys: readonly string[], text: string): Promise<string> {
  const [newest] = keys;
  if (newest === undefined) throw new Error("ADMIN_TOKEN is missing: npx wrangler secret put ADMIN_TOKEN");
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyFrom(newest);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(text));
  return `${await nameOf(newest)}.${toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]))}`;
}

/**
 * Sealed secrets as they sign, newest first. Rejects when the newest cannot be read: a callback waits then, rather than going
 * out unsigned.
 */
export async function openSecrets(keys: readonly string[], sealed: readonly string[]): Promise<string[]> {
  if (sealed.length === 0) return [];
  const [newest, ...others] = await Promise.all(sealed.map((secret) => unseal(keys, secret)));
  if (newest === undefined)
    throw new Error("the callback secret cannot be read: set PREVIOUS_SECRETS_KEY to the key of before, or rotate it");
  return [newest, ...others.filter((secret) => secret !== undefined)];
}

/** The same secret sealed with the first of the keys; undefined when it is already, or none of them opens it. */
export async function reseal(keys: readonly string[], sealed: string): Promise<string | undefined> {
  const [newest] = keys;
  if (newest === undefined || sealed.startsWith(`${await nameOf(newest)}.`)) return undefined;
  const text = await unseal(keys, sealed);
  return text === undefined ? undefined : seal(keys, text);
}

/** The sealed text, or undefined when it was sealed with another key. */
async function unseal(keys: readonly string[], sealed: string): Promise<string | undefined> {
  const [base64 = "", name] = sealed.split(".").toReversed();
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const iv = bytes.subarray(0, IV_BYTES);
  for (const secret of keys) {
    if (name !== undefined && name !== (await nameOf(secret))) continue;
    try {
      const key = await keyFrom(secret);
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(IV_BYTES));
      return new TextDecoder().decode(text);
    } catch {
      // Sealed with another key, which may come next.
    }
  }
  return undefined;
}

async function keyFrom(secret: string): Promise<CryptoKey> {
  const derived = { name: "HKDF", hash: "SHA-256", salt: NO_SALT, info: SEALING };
  const use = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(derived, await materialOf(secret), use, false, ["encrypt", "decrypt"]);
}

async function nameOf(secret: string): Promise<string> {
  const derived = { name: "HKDF", hash: "SHA-256", salt: NO_SALT, info: NAMING };
  const bits = await crypto.subtle.deriveBits(derived, await materialOf(secret), NAME_BITS);
  return toBase64(new Uint8Array(bits));
}

async function materialOf(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey", "deriveBits"]);
}
