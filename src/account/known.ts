// What an isolate knows of an account for a while, because it claims one thing after the other: with which secrets it signs, and that it may
// send. Plain data, and only what lets things go on: whoever is suspended, or closed, is asked about again.

import { accountObject, within } from "../objects.ts";
import { Remembered } from "../remembered.ts";

/** So long after a change the last claim begins that does not know of it; what it sends has left another half minute later. */
const KNOWN_MS = 30_000;
/** An account answers in milliseconds; who waits for this has a claim to make in the same time. */
const ACCOUNT_TIMEOUT_MS = 3_000;

const secrets = new Remembered<readonly string[]>();
const senders = new Remembered<true>();

/** The secrets that sign, as they are sealed, newest first; none when the account is closed. Rejects while it is out of reach. */
export async function signingSecretsOf(env: Env, sid: string): Promise<readonly string[]> {
  const askedAt = Date.now();
  const known = secrets.get(sid, askedAt);
  if (known !== undefined) return known;
  const sealed = await within(ACCOUNT_TIMEOUT_MS, () => accountObject(env, sid).sealedSecrets());
  if (sealed.length > 0) secrets.set(sid, sealed, askedAt, KNOWN_MS);
  return sealed;
}

/** Whether the account may send nothing: it is suspended, or closed. Rejects while it is out of reach. */
export async function isHeld(env: Env, sid: string): Promise<boolean> {
  const askedAt = Date.now();
  if (senders.get(sid, askedAt) === true) return false;
  const isSuspended = await within(ACCOUNT_TIMEOUT_MS, async () => accountObject(env, sid).isSuspended());
  if (!isSuspended) senders.set(sid, true, askedAt, KNOWN_MS);
  return isSuspended;
}

/** It has changed: this isolate, at least, asks it again. */
export function forgetKnown(sid: string): void {
  secrets.forget(sid);
  senders.forget(sid);
}
