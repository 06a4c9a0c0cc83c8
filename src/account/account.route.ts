// /api/account: the account that asks.

import * as v from "valibot";
import { readFields, readNothing, readOptionalFields } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules } from "../http/own-hosts.ts";
import { notFound, wrongFields } from "../http/problem.ts";
import type { AddressRules } from "../link/address.ts";
import { callbackUrlField, destinationField, plainText, secondsField } from "../link/fields.ts";
import { errorText, log } from "../log.ts";
import {
  accountObject,
  CALL_TIMEOUT_MS,
  changeNewest,
  insist,
  LONGEST_BACKGROUND_MS,
  tell,
  within,
} from "../objects.ts";
import { accountSuspended } from "./accept.ts";
import { type AccountView, FULL_TERMS, type TokenAnswer, type TokenFacts } from "./account.ts";
import { byOf } from "./act.ts";
import { ApiRoutes } from "./api-routes.ts";
import { localeFields } from "./locale.ts";
import { pinnedViewsField } from "./pinned-views.ts";
import { forgetKnown } from "./known.ts";
import { FULL, SCOPES } from "./scopes.ts";

export const LONGEST_NAME = 100;
const LONGEST_TOKEN_SECONDS = 315_360_000;

/** For what must not be done twice: a token, a secret. */
export const once = <P extends Promise<unknown>>(call: (until: number) => P) => within(CALL_TIMEOUT_MS, call);

/** Null when the account was closed between authenticating and now. */
export function present<T>(answer: T | null): T {
  if (answer === null) throw notFound("account");
  return answer;
}

export const accountChangeFields = (rules: AddressRules) => ({
  name: v.exactOptional(plainText(LONGEST_NAME)),
  callback_url: v.exactOptional(callbackUrlField(rules)),
  fallback_url: v.exactOptional(v.nullable(destinationField(rules))),
  support_url: v.exactOptional(v.nullable(destinationField(rules))),
  alert_url: v.exactOptional(callbackUrlField(rules)),
  pinned_views: v.exactOptional(pinnedViewsField),
  ...localeFields,
});
/** On pages, and where late taps are led. */
const RECIPIENTS_SEE = ["name", "fallbackUrl", "supportUrl"];
/** Repeats are dropped. */
export const scopesField = v.pipe(
  v.array(v.picklist(SCOPES, `each must be one of ${SCOPES.join(", ")}`), "must be an array of scopes"),
  v.minLength(1, `must have at least one of ${SCOPES.join(", ")}`),
  v.transform((scopes) => [...new Set(scopes)]),
);
export const newTokenFields = {
  name: v.optional(v.nullable(plainText(LONGEST_NAME)), null),
  scopes: v.optional(scopesField, [...FULL]),
  expires_in_seconds: v.exactOptional(secondsField(LONGEST_TOKEN_SECONDS, "ten years")),
};

export const account = new ApiRoutes()
  .get("/", ["read", "support"], async (c) =>
    answerJson(viewOf(present(await insist(() => own(c.env, c.get("account").sid).view())))),
  )
  .patch("/", ["full"], async (c) => {
    const rules = addressRules(c.env, c.req.url);
    const changes = await readFields(c, accountChangeFields(rules));
    const { sid, isSuspended } = c.get("account");
    if (isSuspended && RECIPIENTS_SEE.some((name) => name in changes)) throw accountSuspended();
    const changed = await changeNewest(
      () => own(c.env, sid).view(),
      (revision, until) => own(c.env, sid).change(changes, revision, until, byOf(c.get("account"))),
    );
    refusePassedOver(changes, changed);
    return answerJson(viewOf(present(changed)));
  })
  .post("/tokens", ["full"], async (c) => {
    const { name, scopes, expiresInSeconds } = await readOptionalFields(c, newTokenFields);
    const { sid, expiresAt } = c.get("account");
    const terms = { name, scopes, expiresAt: expiryOf(expiresInSeconds, expiresAt, Date.now()) };
    const added = present(await once((until) => own(c.env, sid).addToken(until, terms, byOf(c.get("account")))));
    await refuseWithoutTerms(c.env, sid, added);
    return answerJson(toJson({ ...viewOfToken(added), token: added.token }), 201);
  })
  .delete("/tokens/:id", ["full"], async (c) => {
    const by = c.get("account");
    const isRemoved = await once((until) => own(c.env, by.sid).removeToken(c.req.param("id"), until, byOf(by)));
    if (!isRemoved) throw notFound("token");
    return c.body(null, 204);
  })
  .post("/callback-secret", ["full"], async (c) => {
    await readNothing(c);
    const { sid } = c.get("account");
    const rotated = present(await once((until) => own(c.env, sid).rotateCallbackSecret(until, byOf(c.get("account")))));
    forgetKnown(sid);
    c.executionCtx.waitUntil(noteShown(c.env, sid, rotated.previousSecretExpiresAt));
    return answerJson(toJson({ ...rotated }), 201);
  });

const own = accountObject;

/** Tells the account that its new secret was shown. Never throws: where that is not known, the secret before signs on. */
async function noteShown(env: Env, sid: string, previousSecretExpiresAt: number): Promise<void> {
  try {
    await tell(Date.now() + LONGEST_BACKGROUND_MS, () => own(env, sid).callbackSecretShown(previousSecretExpiresAt));
  } catch (error) {
    log("account.secret_kept", { sid, error: errorText(error) });
  }
}

/** When a new token expires, Unix milliseconds: not after the token that makes it. Throws 422. */
function expiryOf(seconds: number | undefined, makersExpiry: number | null, now: number): number | null {
  if (seconds === undefined) return makersExpiry;
  const expiresAt = now + seconds * 1_000;
  if (makersExpiry === null || expiresAt <= makersExpiry) return expiresAt;
  const message = "must end before the token that makes it";
  throw wrongFields([{ field: "expires_in_seconds", message }]);
}

/** An object that runs the version of before makes a token that may do all: nobody gets it. */
async function refuseWithoutTerms(env: Env, sid: string, { id, scopes }: TokenAnswer): Promise<void> {
  if (scopes !== undefined) return;
  await once((until) => own(env, sid).removeToken(id, until));
  throw new Error("the account's object runs the version of before, which makes tokens without terms");
}

function viewOfToken(token: TokenAnswer): TokenFacts {
  const { id, name, scopes, createdAt, expiresAt, lastUsedOn } = { ...FULL_TERMS, lastUsedOn: null, ...token };
  return { id, name, scopes, createdAt, expiresAt, lastUsedOn };
}

/** What the owner is shown; the revision is ours. */
function viewOf({ sid, name, callbackUrl, fallbackUrl, supportUrl, createdAt, tokens, ...rest }: AccountView) {
  const { alertUrl = null, pinnedViews = [], timezone = null, country = null, language = null } = rest;
  const shown = { sid, name, callbackUrl, fallbackUrl, supportUrl, alertUrl, timezone, country, language, createdAt };
  const pinned = pinnedViews.map((pin) => ({ ...pin }));
  return toJson({ ...shown, pinnedViews: pinned, tokens: tokens.map((token) => ({ ...viewOfToken(token) })) });
}

/** An object that runs the version of before passes over what it does not know: nobody is told that it was set. */
function refusePassedOver(changes: object, changed: AccountView | null): void {
  if (changed !== null && !Object.keys(changes).every((name) => name in changed))
    throw new Error("the account's object runs the version of before, which does not know all of these fields");
}
