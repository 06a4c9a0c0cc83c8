// /api/account/sign-in-links: how an owner lets a colleague into the dashboard.

import * as v from "valibot";
import { readOptionalFields } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { accountClosed, notFound } from "../http/problem.ts";
import { plainText } from "../link/fields.ts";
import { accountObject } from "../objects.ts";
import { settingsOf } from "../settings.ts";
import { LONGEST_NAME, once, scopesField } from "./account.route.ts";
import { byOf } from "./act.ts";
import { ApiRoutes } from "./api-routes.ts";
import { hashesOf, mintKey, type SessionFacts, SIGN_IN_LINK_MS } from "./sessions.ts";

export const signInLinkFields = {
  name: v.optional(v.nullable(plainText(LONGEST_NAME)), null),
  scopes: v.optional(scopesField, ["read"]),
};

export const signInLinks = new ApiRoutes()
  .post("/sign-in-links", ["full"], async (c) => {
    const { name, scopes } = await readOptionalFields(c, signInLinkFields);
    const { sid, tokenId } = c.get("account");
    const by = byOf(c.get("account"));
    const key = mintKey(sid);
    const hashes = await hashesOf(key, settingsOf(c.env).adminToken ?? "");
    const expiresAt = Date.now() + SIGN_IN_LINK_MS;
    const terms = { tokenId, name, scopes, expiresAt };
    const isAdded = await once((until) => accountObject(c.env, sid).addSession(hashes, terms, true, until, by));
    if (!isAdded) throw accountClosed();
    const url = new URL(`/dashboard/sign-in/${key}`, c.req.url).href;
    return answerJson(toJson({ url, name, scopes, expiresAt }), 201);
  })
  .get("/sessions", ["read", "support"], async (c) => {
    const sessions = await once(() => accountObject(c.env, c.get("account").sid).sessions());
    return answerJson(toJson({ sessions: sessions.map(sessionView) }));
  })
  .delete("/sessions/:session", ["full"], async (c) => {
    const { sid } = c.get("account");
    const by = byOf(c.get("account"));
    const id = c.req.param("session");
    const isRemoved = await once((until) => accountObject(c.env, sid).removeSession(id, until, by));
    if (!isRemoved) throw notFound("session");
    return c.body(null, 204);
  });

/** A session, or a sign-in link that waits to be used. */
export function sessionView({ id, isLink, tokenId, name, scopes, createdAt, expiresAt }: SessionFacts) {
  return { id, isLink, tokenId, name, scopes, createdAt, expiresAt };
}
