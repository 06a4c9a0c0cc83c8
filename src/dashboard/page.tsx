// The frame of every page, and what pages are put together from.

import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Refused } from "./ask.ts";
import { assetUrl } from "./assets.ts";
import type { TextName } from "./texts.ts";
import type { Reader, View } from "./view.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": CSP,
  // With `no-referrer` browsers send `Origin: null` along with our own forms.
  "Referrer-Policy": "same-origin",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
  "X-Robots-Tag": "noindex, nofollow",
};

/** A whole page as an answer. */
export async function answerHtml(page: Html, status = 200, headers: Record<string, string> = {}): Promise<Response> {
  const html = await page;
  return new Response(`<!doctype html>${html.toString()}`, { status, headers: { ...HEADERS, ...headers } });
}

/** What stands around every page. */
export function Document({ reader, title, children }: { reader: Reader; title: string; children?: Child }) {
  return (
    <html lang={reader.lang}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · firsttap`}</title>
        <link rel="stylesheet" href={assetUrl("style")} />
        <script type="module" src={assetUrl("script")}></script>
      </head>
      <body>{children}</body>
    </html>
  );
}

const PLACES: readonly [path: string, name: TextName][] = [
  ["/dashboard", "overview"],
  ["/dashboard/links", "links"],
  ["/dashboard/messages", "messages"],
  ["/dashboard/callbacks", "callbacks"],
  ["/dashboard/live", "live"],
  ["/dashboard/health", "health"],
  ["/dashboard/settings", "settings"],
];

/** For whoever signed in with ADMIN_TOKEN. */
const OPERATOR_PLACES: typeof PLACES = [["/dashboard/accounts", "accounts"]];

/** A page behind the sign-in. `here`: the place in the navigation that it belongs to. */
export function Page({
  view,
  title,
  here,
  children,
}: {
  view: View;
  title: string;
  here?: TextName;
  children?: Child;
}) {
  const { say, account } = view;
  return (
    <Document reader={view} title={title}>
      <a class="skip" href="#main">
        {say("toContent")}
      </a>
      <header class="top">
        <a class="brand" href="/dashboard">
          firsttap
        </a>
        <nav aria-label={say("places")}>
          {[...PLACES, ...(account.isAdmin ? OPERATOR_PLACES : [])].map(([path, name]) => (
            <a href={path} aria-current={name === here ? "page" : undefined}>
              {say(name)}
            </a>
          ))}
        </nav>
        <form class="search" role="search" action="/dashboard/search">
          <input name="q" type="search" aria-label={say("searchFor")} placeholder={say("searchFor")} maxlength={2100} />
        </form>
        <form method="post" action="/dashboard/sign-out" class="out">
          <span class="soft" dir="ltr">
            {account.sid}
          </span>
          <button class="plain">{say("signOut")}</button>
        </form>
      </header>
      {account.isSuspended && <p class="note bad">{say("suspended")}</p>}
      <main id="main" tabindex={-1}>
        {children}
      </main>
    </Document>
  );
}

/** Of others: what they wrote keeps its own direction, and breaks where it has to. */
export function Theirs({ children }: { children?: Child }) {
  return <bdi class="theirs">{children}</bdi>;
}

/** Codes, numbers and URLs: from left to right, and broken anywhere. */
export function Code({ children }: { children?: Child }) {
  return (
    <bdi class="code" dir="ltr">
      {children}
    </bdi>
  );
}

/** An instant (Unix ms or ISO), in the zone of the view; what there is not is a dash. */
export function Time({ view, at, as = "moment" }: { view: View; at: number | string | null; as?: "moment" | "clock" }) {
  if (at === null) return <span class="soft">–</span>;
  return <time datetime={new Date(at).toISOString()}>{view[as](at)}</time>;
}

/** Why something was not done, or could not be read. The API's own sentence is English. */
export function Refusal({ view, refused }: { view: Reader; refused: Refused | undefined }) {
  if (refused === undefined) return null;
  return (
    <div class="note bad" role="alert">
      <p>{view.say(refused.status === 503 ? "outOfReach" : "notDone")}</p>
      <p lang="en">{[refused.title, refused.detail].filter(Boolean).join(". ")}</p>
    </div>
  );
}

/** What is told in this answer alone, to be copied. */
export function ShownOnce({ view, sentence, text }: { view: Reader; sentence: string; text: string }) {
  return (
    <div class="note good" role="status">
      <p>{sentence}</p>
      <p class="copyable">
        <output id="shown" class="code" dir="ltr">
          {text}
        </output>
        <button type="button" data-copy="shown" hidden>
          {view.say("copy")}
        </button>
      </p>
    </div>
  );
}

/** A table that scrolls in its own box, so that the page never does. */
export function Table({ label, head, children }: { label: string; head: Child[]; children?: Child }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabindex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">{cell}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
