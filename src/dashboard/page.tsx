// The frame of every page.

import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import { assetUrl } from "./assets.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "private, no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
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
export function Document({ title, children }: { title: string; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="stylesheet" href={assetUrl("style")} />
        <script type="module" src={assetUrl("script")}></script>
      </head>
      <body>{children}</body>
    </html>
  );
}
