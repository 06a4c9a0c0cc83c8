// The one search box: a number, a code, a short URL, a msgid, or a reference of the account's own.

import type { Context } from "hono";
import { codeInPath } from "../link/code.ts";
import { isRecipient } from "../sms/accept/numbers.ts";
import { MSGID } from "../sms/message.ts";
import { ask } from "./ask.ts";
import type { PageEnv } from "./session.ts";
import { viewOf } from "./view.ts";

/** What people write between the digits of a number. */
const BETWEEN_DIGITS = /[\s().\-/‐-―]/g;

/** A number as people write it, with + or 00 and country code, as E.164; undefined for anything else. */
export function numberIn(text: string): string | undefined {
  const number = text.normalize("NFKC").replaceAll(BETWEEN_DIGITS, "").replace(/^00/, "+");
  return isRecipient(number) ? number : undefined;
}

/** Leads to what was meant: the first of these that there is. */
export async function search(c: Context<PageEnv>): Promise<Response> {
  const view = viewOf(c);
  const text = (c.req.query("q") ?? "").trim();
  const recipient = numberIn(text);
  if (recipient !== undefined)
    return c.redirect(`/dashboard/messages?${new URLSearchParams({ recipient }).toString()}`, 303);
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
  return c.redirect(`/dashboard/links?${new URLSearchParams({ reference: text }).toString()}`, 303);
}
