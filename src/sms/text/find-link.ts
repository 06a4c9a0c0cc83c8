// The link in a message's text: the first URL, or else bare domain, where it begins and ends, and the short URL in its place.
// Whether the link may lead there is decided by link/address.ts.

import { type Evidence, evidenceOf, isHostName, JOINER, OTHER_SCRIPT, SPACED, UNSPACED } from "./domain.ts";
import { endOfHost, withoutGlue } from "./host-end.ts";
import { around, type Writing, writingOf } from "./homonyms.ts";
import { endOf, endOfPath, matchesAt } from "./link-end.ts";

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

interface Attested extends FoundLink {
  evidence: Evidence;
}

/**
 * The link in the text: the first with strong evidence (a scheme, `www.`, a path), else the first bare name that is
 * believed, else null. `recipient` is a number in E.164, whose country makes its own ending likelier. Takes linear time.
 * Throws a RangeError when the text is over LONGEST_TEXT.
 */
export function findLink(text: string, boundary: LinkBoundary, recipient = ""): FoundLink | null {
  if (text.length > LONGEST_TEXT) throw new RangeError(`findLink takes at most ${LONGEST_TEXT} UTF-16 units`);
  let weak: FoundLink | null = null;
  const links = boundary === "strict" ? strictLinks : naturalLinks;
  for (const { evidence, ...link } of links(text, writingOf(text, recipient))) {
    if (evidence === "strong") return link;
    weak ??= link;
  }
  return weak;
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
const LINE_END = / *(?:[\n\v\f\r\u0085\u2028\u2029]|$)/y;

function* strictLinks(text: string, writing: Writing): Generator<Attested> {
  for (const { 0: word, index: start } of text.matchAll(STRICT_WORD)) {
    if (/[\s\p{Cc}]/u.test(word) || !word.isWellFormed()) continue;
    const end = start + word.length;
    const [, domain = "", path = ""] = STRICT_DOMAIN.exec(word) ?? [];
    const hasScheme = SCHEME.test(word);
    const endsSentence = matchesAt(LINE_END, text, end);
    const surroundings = { path: pathAt(path, 0), endsSentence, ...around(text, start, end, writing) };
    const evidence = hasScheme ? "strong" : evidenceOf(domain, surroundings);
    const url = hasScheme ? word : `https://${word}`;
    if (evidence !== null && hasHost(url)) yield { start, end, url, evidence };
  }
}

function hasHost(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/\.$/, "");
  return host !== undefined && (host.startsWith("[") || isHostName(host));
}

// A Latin letter before it makes "http" the end of another word, and the short URL would not begin there either. Other
// scripts have prefixes: Hebrew "לhttps://".
const NO_LETTER_BEFORE = String.raw`(?<![[\p{L}&&\p{scx=Latn}]--${UNSPACED}])`;
// What holds no link: another kind of address, all of it, and "https:/example.com".
const FOREIGN = `${NO_LETTER_BEFORE}(?:mailto|javascript|https?):`;
const IN_WORD = String.raw`(?<=\p{L})${JOINER}(?=\p{L})`;
/** A scheme behind which a URL may stand, a foreign address, or a run of characters that may hold domains. */
const PIECES = new RegExp(
  `(?<scheme>${NO_LETTER_BEFORE}https?:\\/\\/)|${FOREIGN}[!-~]*|` +
    `(?<run>(?:(?!${FOREIGN})[${SPACED}${UNSPACED}._@＠+\\-]|${IN_WORD})+)(?<foreign>:\\/\\/[!-~]*)?`,
  "giv",
);
const KEY_CAP = /[\d#*]\uFE0F?\u20E3/g;
const UP_TO_SCHEME = /(?:(?!https?:\/\/)\S)*/iy;

function* naturalLinks(original: string, writing: Writing): Generator<Attested> {
  // The digit of "1️⃣" is part of a picture. Nothing else may move.
  const text = original.replace(KEY_CAP, (picture) => "\u20E3".repeat(picture.length));
  let from = 0;
  for (const { index, groups: { scheme, run, foreign } = {} } of text.matchAll(PIECES)) {
    if (index < from) continue;
    if (scheme !== undefined) {
      const found = urlAt(text, index, index + scheme.length);
      // What is no host behind a scheme holds none either: of "http://✪df.ws" no half may become a link.
      if (found === null) from = endOf(UP_TO_SCHEME, text, index + scheme.length) ?? 0;
      else yield { ...found, evidence: "strong" };
    } else if (run !== undefined && foreign === undefined) {
      const found = domainIn(text, index, run, writing);
      if (found === null) continue;
      yield found;
      from = found.end;
    }
  }
}

const USER = /[\w.~%!$&*+=:-]*@/y;

/** The URL whose scheme stands at `start` and ends at `at`. */
function urlAt(text: string, start: number, at: number): FoundLink | null {
  if (matchesAt(/https?:\/\//iy, text, at)) return null;
  const hostStart = endOf(USER, text, at) ?? at;
  const hostEnd = endOfHost(text, hostStart);
  return hostEnd === null ? null : linkFrom(text, start, hostEnd, "");
}

// Behind these a word with a dot is the tail of something else: a path, a hashtag, an amount, a parameter, another scheme, a
// word with an apostrophe, a name that is spelt in two scripts.
const TAIL_BEFORE = new RegExp(
  String.raw`(?<=[\/\\#$&%~]|[?&;\p{Nd}]\w{0,40}=|(?<!\s\p{L}{1,20}|^\p{L}{1,20})=|[\p{sc=Cyrl}\p{sc=Grek}]|` +
    String.raw`\b(?:tel|sms|data|blob|view-source):|\p{L}['’](?=\p{L}{1,2}\.))`,
  "ivy",
);
// "name@ example.com", "name(at)example.com".
const MAIL_BEFORE = /(?<=\w[@＠]\s|[\(\[\{]\s?(?:at|@)\s?[\)\]\}]\s?)/ivy;
const PATH_BEHIND = /\.?(?::\d+)?(?:\/|\?[^\s=]{0,64}=)/y;
const WORD_PATH = /\/(?:\p{L}+|\d+)(?![^\s.,;:!?\)])/vy;
const SENTENCE_END = /[.,;!?\)\]\}"»”…。、，！？）」』】]+(?![\p{L}\p{N}])|[ \t]*(?:[\r\n]|$)|\s+[\-–—\|]/vy;
const PROSE_TOUCHES = new RegExp(`(?<=${UNSPACED})|(?=${UNSPACED})`, "vy");
const WORDS = new RegExp(`(?:[${SPACED}._@＠+\\-]|${IN_WORD})+`, "gv");
// Behind a prefix of another script: "בexample.co.il", "ב-example.co.il".
const LATIN_WORDS = new RegExp(
  `(?<=${OTHER_SCRIPT}-?)[A-Za-z\\d](?:[${SPACED}--${OTHER_SCRIPT}]|[._@＠+\\-]|${IN_WORD})*`,
  "gv",
);
const UNSPACED_MAIL = new RegExp(`[@＠]${UNSPACED}`, "v");

function pathAt(text: string, at: number): "none" | "path" | "word" {
  if (!matchesAt(PATH_BEHIND, text, at)) return "none";
  return matchesAt(WORD_PATH, text, at) ? "word" : "path";
}

// "Reply STOP.www.example.com", "0212 555 01 21www.example.com".
const GLUED_WWW = /(?<=[.\d])www\.[^.]/i;

/** The first bare domain in a run: the run as a whole, or one of its words of a spaced script. */
function domainIn(text: string, runStart: number, run: string, writing: Writing): Attested | null {
  if (!run.includes(".") || UNSPACED_MAIL.test(run)) return null;
  for (const { 0: word, index } of [{ 0: run, index: 0 }, ...run.matchAll(WORDS), ...run.matchAll(LATIN_WORDS)]) {
    const offset = Math.max(0, word.search(GLUED_WWW));
    const start = runStart + index + offset;
    const [name = ""] = word.slice(offset).split("..", 1);
    const domain = withoutGlue(text, start, name);
    const end = start + domain.length;
    const touched = matchesAt(PROSE_TOUCHES, text, start) || matchesAt(PROSE_TOUCHES, text, end);
    const isCut = domain.length < name.length && text[end] === ".";
    const endsSentence = touched || isCut || matchesAt(SENTENCE_END, text, end);
    const surroundings = { path: pathAt(text, end), endsSentence, ...around(text, start, end, writing) };
    const evidence = evidenceOf(domain, surroundings);
    if (evidence === null || matchesAt(TAIL_BEFORE, text, start)) continue;
    if (evidence === "weak" && matchesAt(MAIL_BEFORE, text, start)) continue;
    const found = linkFrom(text, start, end, "https://");
    if (found !== null) return { ...found, evidence };
  }
  return null;
}

// "example.com:20% off", "https://example.com:0120444444": a number that nothing follows is seldom a port.
const PORT_BEFORE_PATH = /:\d+(?=[/?#])/y;
const PORT = new RegExp(
  String.raw`:(?:\d+(?=[\/?#])|\d{1,5}(?!\d|%|[:.,]\d|${SPACED}|${UNSPACED})|\d{4,5}(?=${UNSPACED}))`,
  "vy",
);

/** The link whose host ends at `hostEnd`, or null when its host or port is none. `before` is what makes it absolute. */
function linkFrom(text: string, start: number, hostEnd: number, before: string): FoundLink | null {
  const at = endOf(before === "" ? PORT : PORT_BEFORE_PATH, text, hostEnd) ?? hostEnd;
  if (!URL.canParse(before + text.slice(start, at))) return null;
  // "Seen example.com?Call us": without a scheme a question mark ends the sentence.
  const isAsked = before !== "" && text[at] === "?" && !matchesAt(PATH_BEHIND, text, at);
  const end = isAsked ? at : endOfPath(text, start, at);
  return { start, end, url: before + text.slice(start, end) };
}
