// Signing in to the dashboard: a token, or a link that an owner made, is exchanged for a session. /api and /sms know none of this.

import { accountObject, insist } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { type SignedIn, UNSAID } from "./account.ts";
import { admitCredential, admitOnce, requirePlace } from "./authenticate.ts";
import { hashesOf, mintKey, SESSION_MS, sidOfKey } from "./sessions.ts";
import type { Credential } from "./token.ts";

/** An account's object of the version before does not say who is the operator. */
const UNSAID_OF_SESSION = { ...UNSAID, isAdmin: false };

/** A new session; its key is the cookie. */
export interface NewSession {
  key: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** Exchanges a token. Throws as `authenticate` does. */
export async function signIn(env: Env, request: Request, credential: Credential): Promise<NewSession> {
  const { account } = await admitCredential(env, request, credential);
  const { sid, tokenId } = account;
  const session = newSession(sid);
  const { expiresAt } = session;
  const hashes = await keyHashes(env, session.key);
  const terms = { tokenId, name: null, scopes: null, expiresAt };
  await insist((until) => accountObject(env, sid).addSession(hashes, terms, false, until));
  return session;
}

/** Uses a sign-in link up. Null when it was used, has expired, or never was. Throws 429 after too many guesses. */
export async function signInByLink(env: Env, request: Request, link: string): Promise<NewSession | null> {
  const sid = sidOfKey(link);
  if (sid === undefined) return null;
  const session = newSession(sid);
  requirePlace(env);
  const [linkHashes, hashes] = await Promise.all([keyHashes(env, link), keyHashes(env, session.key)]);
  const { expiresAt } = session;
  const used = await admitOnce(env, request, sid, () =>
    insist((until) => accountObject(env, sid).useSignInLink(linkHashes, hashes, expiresAt, until)),
  );
  return used && session;
}

/** Who is signed in with this key; null when nobody is (any more). Throws 429 after too many guesses. */
export async function admitSession(env: Env, request: Request, key: string): Promise<SignedIn | null> {
  const sid = sidOfKey(key);
  if (sid === undefined) return null;
  requirePlace(env);
  const hashes = await keyHashes(env, key);
  const admitted = await admitOnce(env, request, sid, () => insist(() => accountObject(env, sid).admitSession(hashes)));
  return admitted && { ...UNSAID_OF_SESSION, ...admitted };
}

/** Ends a session. */
export async function signOut(env: Env, { sid, sessionId }: SignedIn): Promise<void> {
  await insist((until) => accountObject(env, sid).removeSession(sessionId, until));
}

function newSession(sid: string): NewSession {
  return { key: mintKey(sid), expiresAt: Date.now() + SESSION_MS };
}

function keyHashes(env: Env, key: string) {
  return hashesOf(key, settingsOf(env).adminToken ?? "");
}
