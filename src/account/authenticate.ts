// Every API request comes from an account; this says which, or refuses with a problem that says how to mend it.

import { createMiddleware } from "hono/factory";
import { isSameText } from "../digest.ts";
import { isFeedToken } from "../feed/feed-token.ts";
import { isGuessingTooMuch, isLimited, LIMIT_SECONDS, noteAccount } from "../http/guesses.ts";
import { Problem } from "../http/problem.ts";
import { accountObject, insist } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { type Admitted, UNSAID } from "./account.ts";
import { type Credential, hashToken, isSid, MAIN_SID, readCredential, sidOfToken } from "./token.ts";

/** What every API route can rely on. */
export interface ApiEnv {
  Bindings: Env;
  Variables: {
    account: Required<Admitted>;
    /** The credential was the secret ADMIN_TOKEN itself. */
    isAdmin: boolean;
  };
}

const CHALLENGE = { "WWW-Authenticate": 'Bearer realm="firsttap", Basic realm="firsttap", charset="UTF-8"' };

/** Told to everybody: while there is none, nobody can prove to be the operator. */
const NO_ADMIN_TOKEN = "ADMIN_TOKEN is missing or unsafe: set it with: npx wrangler secret put ADMIN_TOKEN";
const SEE_LOG = "The log line settings.wrong says which setting, and the remedy.";

/** Refuses a request without a valid credential: 401, 429 after too many wrong ones, 503 while settings are wrong. */
export const authenticate = createMiddleware<ApiEnv>(async (c, next) => {
  if (settingsOf(c.env).adminToken === undefined) throw wrongSettings(NO_ADMIN_TOKEN);
  refuseOtherSites(c.req.raw);
  const credential = readCredential(c.req.raw);
  if (credential === undefined)
    throw unauthorized("Send the header Authorization: Bearer TOKEN, or Basic with the account's sid and token.");
  if (isFeedToken(credential.token)) throw feedOnly();
  const { account, isAdmin } = await admitCredential(c.env, c.req.raw, credential);
  c.set("account", account);
  c.set("isAdmin", isAdmin);
  await next();
});

/** Whose credential it is. Throws as `authenticate` answers. */
export async function admitCredential(
  env: Env,
  request: Request,
  credential: Credential,
): Promise<Pick<ApiEnv["Variables"], "account" | "isAdmin">> {
  const { adminToken = "", problems } = settingsOf(env);
  let isAdmin = false;
  const account = await admitOnce(env, request, sidOf(credential), async () => {
    isAdmin = (credential.sid ?? MAIN_SID) === MAIN_SID && (await isSameText(credential.token, adminToken));
    if (!isAdmin) return admitToken(env, credential);
    if (problems.length > 0) throw wrongSettings(problems.join("; "));
    return insist((until) => accountObject(env, MAIN_SID).admitMain(until));
  });
  if (account === null) throw unauthorized("The token is wrong, revoked, or of another account than the sid.");
  return { account: { ...UNSAID, ...account }, isAdmin };
}

/**
 * Who proves to belong to the account with this sid; null where he proves nothing, which counts as a guess. Throws 429 when there
 * were too many, 503 while settings are wrong.
 * @param ask asks the account
 */
export async function admitOnce<T extends { sid: string }>(
  env: Env,
  request: Request,
  sid: string,
  ask: () => Promise<T | null>,
): Promise<T | null> {
  const { adminToken, problems } = settingsOf(env);
  if (adminToken === undefined) throw wrongSettings(NO_ADMIN_TOKEN);
  const guess = { what: "login", sid } as const;
  if (isLimited(request, guess, Date.now())) throw tooManyLogins();
  const admitted = await ask();
  if (admitted === null) {
    if (await isGuessingTooMuch(env, request, guess)) throw tooManyLogins();
    return null;
  }
  if (problems.length > 0) throw wrongSettings(problems.join("; "));
  noteAccount(admitted.sid, Date.now());
  return admitted;
}

/** A browser sends Basic credentials that somebody once typed along with other sites' forms; programs send no such headers. */
function refuseOtherSites({ method, headers, url }: Request): void {
  if (method === "GET" || method === "HEAD") return;
  const site = headers.get("sec-fetch-site") ?? "none";
  const ownOrigin = new URL(url).origin;
  const isOwn = (site === "none" || site === "same-origin") && (headers.get("origin") ?? ownOrigin) === ownOrigin;
  if (isOwn) return;
  throw new Problem({
    status: 403,
    slug: "cross-site",
    title: "A page of another site may not ask this",
    detail: "Call the API from a server.",
  });
}

async function admitToken(env: Env, credential: Credential): Promise<Admitted | null> {
  const sid = sidOfToken(credential.token);
  requirePlace(env);
  if (sid === undefined || sid !== sidOf(credential)) return null;
  const hash = await hashToken(credential.token);
  return insist(() => accountObject(env, sid).admit(hash, true));
}

/** Throws 503 where no object can be asked whose token or session it is. */
export function requirePlace(env: Env): void {
  if (settingsOf(env).dataLocation === undefined) throw wrongSettings(SEE_LOG);
}

/** Whose account it is for: Basic says it, Bearer's token does; ADMIN_TOKEN, which says nothing, is for `main`. Empty for what is no sid. */
function sidOf({ sid, token }: Credential): string {
  const named = sid ?? sidOfToken(token) ?? MAIN_SID;
  return isSid(named) ? named : "";
}

/** What is wrong is told to whoever has a right token. */
function wrongSettings(detail: string): Problem {
  return new Problem({ status: 503, slug: "wrong-settings", title: "This deployment is not set up yet", detail });
}

/** Whatever it is of: it says what it is. */
function feedOnly(): Problem {
  return new Problem({
    status: 403,
    slug: "feed-token",
    title: "A feed's token reads its feed and nothing else",
    detail: "Use a token of the account.",
  });
}

function tooManyLogins(): Problem {
  return new Problem(
    { status: 429, slug: "too-many-failed-logins", title: "Too many failed logins: wait a minute" },
    { "Retry-After": String(LIMIT_SECONDS) },
  );
}

function unauthorized(detail: string): Problem {
  return new Problem({ status: 401, slug: "unauthorized", title: "A valid credential is needed", detail }, CHALLENGE);
}
