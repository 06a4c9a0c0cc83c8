// Small readable pages for people, and the same as a problem (RFC 9457) for programs that ask for JSON.

import { problemResponse } from "./problem.ts";

export interface Page {
  status: number;
  /** Names the problem in JSON: `urn:firsttap:problem:<slug>`. */
  slug: string;
  title: string;
  text: string;
  headers?: Record<string, string>;
}

/** Headers of every page: nothing is cached, framed, indexed or run. */
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
  "X-Robots-Tag": "noindex, nofollow",
};

/** The page as HTML, or as a problem where the request asks for JSON and not for HTML. HEAD gets no body. */
export function answerPage(request: Request, page: Page): Response {
  const { status, slug, title, text } = page;
  if (asksForJson(request)) return problemResponse({ status, slug, title, detail: text }, page.headers);
  return htmlPage(status, page, page.headers, request.method === "HEAD");
}

/** Whether a program asks: JSON is wanted, and HTML is not. */
export function asksForJson(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return /\bjson\b/i.test(accept) && !/text\/html/i.test(accept);
}

/** A page of title and text, both constants of this program. */
export function htmlPage(
  status: number,
  { title, text }: Pick<Page, "title" | "text">,
  headers: Record<string, string> = {},
  isHead = false,
): Response {
  return new Response(isHead ? null : html(title, text), { status, headers: { ...PAGE_HEADERS, ...headers } });
}

// Title and text are constants of this program, never a client's input.
function html(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }
  body { max-width: 32rem; margin: 18vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
}
