// What may stand in a host name, and which words with a dot in them are domains rather than prose, numbers or file names.

import { exists, isAtHome, isPlain, isSecondLevel, mayEndSentence } from "./endings.ts";
import { type Around, beginsSentence, isFrequentAtHome } from "./homonyms.ts";

// Codes of ISO 15924: Chinese, Japanese, Korean, and the scripts of Thailand, Laos, Cambodia and Myanmar.
const SCRIPTS = ["Hani", "Hira", "Kana", "Hang", "Bopo", "Thai", "Laoo", "Khmr", "Mymr"];
const anyOf = (property: string) => `[${SCRIPTS.map((script) => `\\p{${property}=${script}}`).join("")}]`;

// All are sets of the regular expressions' `v` flag.
/**
 * A letter, mark or full-width character of a script that puts no space between words, or none before particles: prose may
 * touch a URL. Marks count by the script that they are of, because an accent is shared with Latin (a decomposed ñ).
 */
export const UNSPACED =
  String.raw`[[[\p{L}\p{Nl}]&&${anyOf("scx")}][\p{M}&&${anyOf("sc")}]` +
  String.raw`[\u302A-\u302F\u3099\u309A][\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A]]`;
/** Any other letter, mark or digit. An emoji's variation selectors and key caps are marks, but part of no word. */
export const SPACED = String.raw`[[\p{L}\p{M}\p{Nd}]--${UNSPACED}--[\uFE00-\uFE0F\u20D0-\u20FF]]`;
/** Of the latter the letters and marks of other scripts than Latin: suffixes of many languages touch a URL. */
export const OTHER_SCRIPT = String.raw`[[[\p{L}\p{M}]&&${SPACED}]--\p{scx=Latn}--\p{sc=Zinh}]`;
/** Joins the parts of a word to one, but not of a host name: a name beside it is the half of another. */
export const JOINER = String.raw`[\u00AD\u00B7\u2010\u2011]`;

/** In characters: RFC 1035, section 2.3.4. Also keeps the conversion to punycode short. */
export const LONGEST_HOST = 253;
const LABEL = new RegExp(`^(?![_\\-])[${SPACED}${UNSPACED}_\\-·]{1,63}(?<![_\\-])$`, "v");
/** Two scripts of which one is glued to the name. */
const MIXED = new RegExp(
  `${SPACED}${UNSPACED}|${UNSPACED}${SPACED}|[A-Za-z]${OTHER_SCRIPT}|${OTHER_SCRIPT}[A-Za-z]|·`,
  "v",
);

/** Whether these are labels with dots between them: no empty one, and no hyphen or underscore at a label's edge. */
export function isHostName(host: string): boolean {
  return host.length <= LONGEST_HOST && host.split(".").every((label) => LABEL.test(label));
}

/** Whether a host name ends in a top-level domain that exists. One label alone does not. */
export function hasKnownEnding(host: string): boolean {
  return host.includes(".") && exists(endingOf(host));
}

/** The last label, in lower case. */
export function endingOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}

/** Whether the last two labels are one ending: "com.my". */
function hasSecondLevel(name: string): boolean {
  const [ending = "", label = "", registered] = name.toLowerCase().split(".").toReversed();
  return registered !== undefined && isSecondLevel(label, ending);
}

/** What stands round a bare name. */
export interface Surroundings extends Around {
  /** What stands right behind it: a path, or a query with a value; or a slash and one word, as in "yes.no/maybe". */
  path: "none" | "path" | "word";
  /** The sentence, line or text ends right behind it, or prose without spaces touches it. */
  endsSentence: boolean;
}

/** How well a link is attested: `weak` is what a sentence without a space behind its full stop could be, too. */
export type Evidence = "strong" | "weak";

/** What prose, numbers and file names look like. */
const PROSE = [
  /^[\p{Nd}.\-]+\.[^.]+$/v, // "press 1.call us", "at 12.30.to", "0120-444-444.to"
  /_[^.]*(?:\.[^.]*)?$/v, // "my_file.so": no registry takes an underscore
  /^(?:[bm]\.(?:arch|com|sc|tech)(?:\..+)?|www\.[^.]+)$/iv, // degrees, and half a name
];
/** Sites are known by numbers, too: 58.com, 12306.cn. */
const NUMBER = { bare: /^\d{2,5}\.(?:cn|com|net|org)$/i, withPath: /^(?:\d{3,6}\.[a-z]+|\d{2}\.(?:cn|com|net|org))$/i };
/** "Rs.500.in", "v3.12.at": an amount or a version with a word behind. */
const AMOUNT = /\.\p{Nd}+\.(?!(?:cn|com|net|org)$)[^.]+$/v;
/** "9 a.m.to", "come in.it": short as abbreviations, with an ending of two letters. */
const SHORT = /^(?:[a-z\d]{1,2}\.|(?:[a-z\d]{1,2}\.)*[a-z\d]\.)[a-z]{2}$/i;
/** "Order.no/5512", "yes.no/maybe", "Cust.ID/name": an abbreviation or an answer, with an alternative behind a slash. */
const PROSE_BEFORE_WORD = /\.(?:[Nn][Oo]$|(?<=\p{Ll}\.)I[Dd]$)/v;

/**
 * How well a word without a scheme is attested as a domain; null when it is none. Where it is hard to tell, it is none: a
 * sender sees the refusal at once, but a word of prose that became a link is seen by every recipient only.
 */
export function evidenceOf(word: string, surroundings: Surroundings): Evidence | null {
  const { path, endsSentence, recipient } = surroundings;
  if (!isHostName(word) || !hasKnownEnding(word) || word.split(".").some((label) => MIXED.test(label))) return null;
  if (/^www\.[^.]+\./i.test(word)) return "strong";
  const ending = endingOf(word);
  const isHome = isAtHome(ending, recipient);
  const isNumber = (path === "none" ? NUMBER.bare : NUMBER.withPath).test(word);
  if ((!isNumber && PROSE.some((shape) => shape.test(word))) || !isOneStyle(word, path)) return null;
  if (path !== "none") return path === "word" && !isHome && PROSE_BEFORE_WORD.test(word) ? null : "strong";
  if (AMOUNT.test(word) || (SHORT.test(word) && !isHome)) return null;
  if (hasSecondLevel(word) || (endsSentence && mayEndSentence(ending))) return "weak";
  if (!isPlain(ending) && !isHome && !isFrequentAtHome(ending, recipient)) return null;
  return !endsSentence && beginsSentence(word, ending, surroundings) ? null : "weak";
}

/**
 * Whether capitals are no sign of an ending that is a word by itself: "at 5.Me too", "Cust.ID". Who writes a name with
 * capitals writes it so throughout: "Example.Com/Sale", "Shop.Com.Tr".
 */
function isOneStyle(word: string, path: Surroundings["path"]): boolean {
  const ending = word.slice(word.lastIndexOf(".") + 1);
  const begun = /^\p{Lu}\p{Ll}/v.test(ending);
  if (path !== "none") return !begun || isPlain(ending.toLowerCase()) || (path === "path" && /^\p{Lu}/v.test(word));
  if (begun)
    return word.split(".").every((label) => /^\p{Lu}\p{Ll}|^\p{Nd}/v.test(label)) && /\.Com(?:\.\p{L}+)?$/v.test(word);
  return !/^\p{Lu}{2}$/v.test(ending) || !/\p{Ll}/v.test(word);
}
