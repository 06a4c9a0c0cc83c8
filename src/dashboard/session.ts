// Who looks at the dashboard: the cookie of a session, and whose form it is that comes.

import { getCookie, setCookie } from "hono/cookie";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { SignedIn } from "../account/account.ts";
import { admitSession, type NewSession } from "../account/sign-in.ts";
import { SESSION_MS } from "../account/sessions.ts";
import { Problem } from "../http/problem.ts";

/** What every page behind the sign-in can rely on. */
export interface PageEnv {
  Bindings: Env;
  Variables: { account: SignedIn };
}

/** Signed out, this is shown first; then where one wanted to go. */
export const SIGN_IN = "/dashboard/sign-in";

/** Lets nobody through who is not signed in: a page sends him to the sign-in, and back from there. */
export const requireSession = createMiddleware<PageEnv>(async (c, next) => {
  const key = getCookie(c, cookieName(c));
  const account = key === undefined ? null : await admitSession(c.env, c.req.raw, key);
  if (account === null) {
    if (key !== undefined) forgetSession(c);
    const { pathname, search } = new URL(c.req.url);
    const wanted =
      c.req.method === "GET" && pathname !== "/dashboard" ? `?next=${encodeURIComponent(pathname + search)}` : "";
    return c.redirect(SIGN_IN + wanted, 303);
  }
  c.set("account", account);
  return next();
});

/** 403 for a form of another site: it would be sent along with our cookie. */
export const requireOwnForm = createMiddleware(async (c, next) => {
  const { method, url } = c.req;
  if (method !== "GET" && method !== "HEAD") {
    const site = c.req.header("sec-fetch-site");
    const isOwn = site === undefined ? c.req.header("origin") === new URL(url).origin : site === "same-origin";
    if (!isOwn)
      throw new Problem({
        status: 403,
        slug: "cross-site",
        title: "This form did not come from the dashboard itself",
        detail: "Open the dashboard and send it from there.",
      });
  }
  await next();
});

export function keepSession(c: Context, { key, expiresAt }: NewSession): void {
  const isHttps = new URL(c.req.url).protocol === "https:";
  // Lax: with Strict, whoever comes by a link from elsewhere would arrive signed out.
  const options = { path: "/", httpOnly: true, sameSite: "Lax", secure: isHttps } as const;
  const maxAge = Math.min(SESSION_MS, Math.max(0, expiresAt - Date.now())) / 1_000;
  setCookie(c, cookieName(c), key, { ...options, maxAge: Math.floor(maxAge) });
}

export function forgetSession(c: Context): void {
  keepSession(c, { key: "", expiresAt: 0 });
}

/** A page of ours that was wanted before signing in; the overview where it is none. */
export function nextPage(next: string | undefined): string {
  return next !== undefined && /^\/dashboard(?:[/?][!-~]*)?$/.test(next) && !next.startsWith(SIGN_IN)
    ? next
    : "/dashboard";
}

/** Only a local server speaks http, where browsers keep no `__Host-` cookie, or not all of them. */
function cookieName(c: Context): string {
  return new URL(c.req.url).protocol === "https:" ? "__Host-session" : "session";
}
