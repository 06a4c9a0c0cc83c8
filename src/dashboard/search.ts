// The one search box: a number, a code, a short URL, a msgid, or a reference of the account's own.

import type { Context } from "hono";
import { codeInPath } from "../link/code.ts";
import { MSGID } from "../sms/message.ts";
import { ask } from "./ask.ts";
import type { PageEnv } from "./session.ts";
import { numberIn } from "./typed-number.ts";
import { viewOf } from "./view.ts";

/** Leads to what was meant: the first of these that there is. */
export async function search(c: Context<PageEnv>): Promise<Response> {
  const view = viewOf(c);
  const text = (c.req.query("q") ?? "").trim();
  const typed = numberIn(text, view.account.country);
  const messages = `/dashboard/messages?${new URLSearchParams({ recipient: typed?.number ?? "" }).toString()}`;
  if (typed?.isCertain === true) return c.redirect(messages, 303);
  if (MSGID.test(text)) {
    const found = await ask(view, "GET", `/sms/messages/${text}/`);
    if (found.kind === "ok") return c.redirect(`/dashboard/messages/${text}`, 303);
  }
  const path = URL.parse(text)?.pathname ?? URL.parse(`https://${text}`)?.pathname ?? "";
  const code = codeInPath(path === "/" ? `/${text}` : path);
  if (code !== undefined) {
    const found = await ask(view, "GET", `/api/links/${code}`);
    if (found.kind === "ok") return c.redirect(`/dashboard/links/${code}`, 303);
  }
  const query = new URLSearchParams({ reference: text }).toString();
  if (typed !== undefined) {
    // Bare digits may be an order's, too.
    const found = await ask<{ links: unknown[] }>(view, "GET", `/api/links?${query}&limit=1`);
    if (found.kind === "ok" && found.body.links.length === 0) return c.redirect(messages, 303);
  }
  return c.redirect(`/dashboard/links?${query}`, 303);
}
