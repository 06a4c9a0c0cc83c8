// Small readable pages for people, in their language, and the same as a problem (RFC 9457) for programs that ask for JSON.

import { languageOf } from "./language.ts";
import type { PageTexts } from "./page-texts.ts";
import { problemResponse } from "./problem.ts";

export interface Page {
  status: number;
  /** Names the problem in JSON: `urn:firsttap:problem:<slug>`. */
  slug: string;
  /** What programs read, in English. */
  title: string;
  text: string;
  /** What people read. */
  shows: Shown;
  headers?: Record<string, string>;
}
/** The name of a page's texts. */
export type Shown = Exclude<keyof PageTexts, "dir" | "support">;

/** Who sent the link, as far as recipients may know. */
export interface Sender {
  name: string | null;
  /** Where recipients find help. */
  supportUrl: string | null;
}
const UNKNOWN_SENDER: Sender = { name: null, supportUrl: null };

const STYLE = `
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif }
body { max-width: 32rem; margin: 8vh auto 0; padding: 0 1.5rem; text-wrap: pretty; word-break: auto-phrase }
h1 { font-size: 1.3rem; line-height: 1.3; text-wrap: balance }
bdi { overflow-wrap: anywhere }
`;
/** Of the style above: browsers use no other. test/page.test.ts says the right one after a change. */
const STYLE_HASH = "sha256-LoO50cwp2QrLgTq1gIqi1KXGVkrIep5CIJgDrc2MJco=";

/** Headers of every page: nothing is cached, framed, indexed or run. */
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": `default-src 'none'; style-src '${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
  "X-Robots-Tag": "noindex, nofollow",
};

/** Those that recipients see, as their owner looks at them. */
export const PREVIEWS = ["ended", "unknown", "wait", "about"] as const satisfies readonly Shown[];

/** A page as a recipient sees it, to be framed by a page of ours; nothing in it leads or runs anywhere. */
export function previewOf(lang: string, shows: Shown, sender?: Sender): Response {
  const request = new Request("https://preview.invalid/", { headers: { "accept-language": lang } });
  const policy = PAGE_HEADERS["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'");
  return htmlPage(request, 200, shows, { "Content-Security-Policy": `${policy}; sandbox` }, sender);
}

/** The page as HTML, or as a problem where the request asks for JSON and not for HTML. HEAD gets no body. */
export function answerPage(request: Request, page: Page, sender?: Sender): Response {
  const { status, slug, title, text, shows, headers } = page;
  if (asksForJson(request)) return problemResponse({ status, slug, title, detail: text }, headers);
  return htmlPage(request, status, shows, headers, sender);
}

/** Whether a program asks: JSON is wanted, and HTML is not. */
export function asksForJson(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return /\bjson\b/i.test(accept) && !/text\/html/i.test(accept);
}

/** The page in the language of the request. */
export function htmlPage(
  request: Request,
  status: number,
  shows: Shown,
  headers: Record<string, string> = {},
  sender = UNKNOWN_SENDER,
): Response {
  const { lang, texts } = languageOf(request);
  const body = request.method === "HEAD" ? null : htmlOf(lang, texts, shows, sender);
  return new Response(body, { status, headers: { ...PAGE_HEADERS, "Content-Language": lang, ...headers } });
}

/** What is not a constant of this program is escaped: a name may be any text. */
function htmlOf(lang: string, texts: PageTexts, shows: Shown, { name, supportUrl }: Sender): string {
  const [title, text] = texts[shows];
  return `<!doctype html>
<html lang="${lang}" dir="${texts.dir ?? "ltr"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
${name === null ? "" : `<p><bdi>${escaped(name)}</bdi></p>`}
<h1>${title}</h1>
<p>${text}</p>
${supportUrl === null ? "" : `<p><a href="${escaped(supportUrl)}">${texts.support}</a></p>`}
</html>
`;
}

/** Text that stays text in HTML, also in an attribute in quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
