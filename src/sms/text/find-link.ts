// The link in a message's text: the first URL or bare domain, where it begins and ends, and the short URL in its place.
// Whether the link may lead there is decided by link/address.ts.

import { isBareDomain, isHostName, SPACED, UNSPACED } from "./domain.ts";
import { endOf, endOfHost, endOfPath, matchesAt, withoutDotsBehind } from "./link-end.ts";

/** In UTF-16 units, far above any SMS. A caller refuses longer text before asking. */
export const LONGEST_TEXT = 10_000;

/**
 * Where a link begins and ends. `strict`: at ASCII spaces, line breaks and the text's edges only, as Xoxzo demands (help
 * page "link tracking"). `natural`: also at what people write around a link: punctuation, brackets, and words of scripts
 * that use no spaces.
 */
export type LinkBoundary = "natural" | "strict";

export interface FoundLink {
  /** Where the link begins and ends in the text, in UTF-16 units. */
  start: number;
  end: number;
  /** The absolute URL: as written, behind `https://` where the text has a bare domain. */
  url: string;
}

/** The first link in the text, or null. Takes linear time. Throws a RangeError when the text is over LONGEST_TEXT. */
export function findLink(text: string, boundary: LinkBoundary): FoundLink | null {
  if (text.length > LONGEST_TEXT) throw new RangeError(`findLink takes at most ${LONGEST_TEXT} UTF-16 units`);
  return boundary === "strict" ? findStrict(text) : findNatural(text);
}

/**
 * The text with the short URL in place of the link, all else byte for byte. Nothing is inserted, even where a word stands
 * directly behind: a phone's linkifier may take such a word along, and the redirect drops it again (link/code.ts).
 */
export function replaceLink(text: string, found: FoundLink, shortUrl: string): string {
  return text.slice(0, found.start) + shortUrl + text.slice(found.end);
}

const STRICT_WORD = /[^ \n\v\f\r\u0085\u2028\u2029]+/g;
const SCHEME = /^https?:\/\//i;
const STRICT_DOMAIN = /^([^:/?#@]+)(?::\d+)?([/?#].*)?$/;

function findStrict(text: string): FoundLink | null {
  for (const { 0: word, index: start } of text.matchAll(STRICT_WORD)) {
    const url = SCHEME.test(word) ? word : strictDomainUrl(word);
    if (url === null || /[\s\p{Cc}]/u.test(word) || !word.isWellFormed() || !hasHost(url)) continue;
    return { start, end: start + word.length, url };
  }
  return null;
}

function strictDomainUrl(word: string): string | null {
  const [, domain, path] = STRICT_DOMAIN.exec(word) ?? [];
  return domain !== undefined && isBareDomain(domain, path !== undefined) ? `https://${word}` : null;
}

function hasHost(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, "");
  return host !== undefined && (host.startsWith("[") || isHostName(host));
}

// A letter before it makes "http" the end of another word, and the short URL would not begin there either.
const NO_LETTER_BEFORE = String.raw`(?<![\p{L}--${UNSPACED}])`;
// What holds no link: another kind of address, all of it, and "https:/example.com".
const FOREIGN = `${NO_LETTER_BEFORE}(?:mailto|javascript|https?):`;
/** A scheme behind which a URL may stand, a foreign address, or a run of characters that may hold domains. */
const PIECES = new RegExp(
  `(?<scheme>${NO_LETTER_BEFORE}https?:\\/\\/)|${FOREIGN}[!-~]*|` +
    `(?<run>(?:(?!${FOREIGN})[${SPACED}${UNSPACED}._@＠+\\-])+)(?<foreign>:\\/\\/[!-~]*)?`,
  "giv",
);

function findNatural(text: string): FoundLink | null {
  for (const { index, groups: { scheme, run, foreign } = {} } of text.matchAll(PIECES)) {
    let found: FoundLink | null = null;
    if (scheme !== undefined) found = urlAt(text, index, index + scheme.length);
    else if (run !== undefined && foreign === undefined) found = domainIn(text, index, run);
    if (found !== null) return found;
  }
  return null;
}

const USER = /[\w.~%!$&*+=:-]*@/y;

/** The URL whose scheme stands at `start` and ends at `at`. */
function urlAt(text: string, start: number, at: number): FoundLink | null {
  const hostStart = endOf(USER, text, at) ?? at;
  const hostEnd = endOfHost(text, hostStart);
  return hostEnd === null ? null : linkFrom(text, start, hostEnd, "");
}

// Behind these a word with a dot is the tail of something else: a path, a hashtag, an amount, a parameter, another scheme.
const TAIL_BEFORE = /(?<=[/\\#$=&%~]|\b(?:tel|sms|data|blob|view-source):)/iy;
const PATH_BEHIND = /(?::\d+)?(?:\/|[?#][\w%])/y;
const WORDS = new RegExp(`[${SPACED}._@＠+\\-]+`, "gv");
const UNSPACED_MAIL = new RegExp(`[@＠]${UNSPACED}`, "v");

/** The first bare domain in a run: the run as a whole, or one of its words of a spaced script. */
function domainIn(text: string, runStart: number, run: string): FoundLink | null {
  if (UNSPACED_MAIL.test(run)) return null;
  for (const { 0: word, index } of [{ 0: run, index: 0 }, ...run.matchAll(WORDS)]) {
    const start = runStart + index;
    const domain = withoutDotsBehind(word);
    const hasPath = matchesAt(PATH_BEHIND, text, start + domain.length);
    if (!isBareDomain(domain, hasPath) || matchesAt(TAIL_BEFORE, text, start)) continue;
    const found = linkFrom(text, start, start + domain.length, "https://");
    if (found !== null) return found;
  }
  return null;
}

const PORT = /:\d+/y;
const MORE_DIGITS = /:\d/y;

/** The link whose host ends at `hostEnd`, or null when its host or port is none. `before` is what makes it absolute. */
function linkFrom(text: string, start: number, hostEnd: number, before: string): FoundLink | null {
  const at = endOf(PORT, text, hostEnd) ?? hostEnd;
  if (matchesAt(MORE_DIGITS, text, at) || !URL.canParse(before + text.slice(start, at))) return null;
  const end = endOfPath(text, start, at);
  return { start, end, url: before + text.slice(start, end) };
}
