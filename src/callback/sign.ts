// Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, secrets as `whsec_` + base64.

import { hmac, isSameText, toBase64 } from "../digest.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
/** What the standard asks for. */
const LEAST_SECRET_BYTES = 24;
const MOST_SECRET_BYTES = 64;
/** How far a sender's clock may be from ours; the standard's libraries allow the same. */
const TOLERANCE_SECONDS = 300;

/** A new signing secret. */
export function mintSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/**
 * The three headers of one attempt.
 * @param secrets every secret that a receiver may hold, newest first; each adds one signature
 * @param timestampSeconds Unix seconds of the attempt, not of the event
 * @param body the very bytes that are sent
 */
export async function signedHeaders(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string,
): Promise<Record<string, string>> {
  const signatures = await Promise.all(secrets.map((secret) => signature(secret, id, String(timestampSeconds), body)));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatures.join(" "),
  };
}

/**
 * Whether a request was signed with this secret, within five minutes of now. Never throws.
 * @param body the very bytes that came
 * @param now Unix milliseconds
 */
export async function isSigned(secret: string, headers: Headers, body: string, now: number): Promise<boolean> {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  if (!isSecret(secret) || !id || timestamp === null || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const right = await signature(secret, id, timestamp, body);
  for (const given of (headers.get("webhook-signature") ?? "").split(" "))
    if (await isSameText(given, right)) return true;
  return false;
}

/** Whether this is a signing secret: `whsec_` and the base64 of 24 to 64 bytes. */
export function isSecret(text: string): boolean {
  try {
    const { length } = bytesOf(text);
    return text.startsWith(PREFIX) && length >= LEAST_SECRET_BYTES && length <= MOST_SECRET_BYTES;
  } catch {
    return false;
  }
}

async function signature(secret: string, id: string, timestamp: string, body: string): Promise<string> {
  return `v1,${toBase64(await hmac("SHA-256", bytesOf(secret), `${id}.${timestamp}.${body}`))}`;
}

function bytesOf(secret: string): Uint8Array {
  return Uint8Array.from(atob(secret.slice(PREFIX.length)), (char) => char.charCodeAt(0));
}
