// What may stand in a host name, and which words with a dot in them are domains rather than prose or file names.

import tlds from "tlds";

// Codes of ISO 15924: Chinese, Japanese, Korean, and the scripts of Thailand, Laos, Cambodia and Myanmar.
const SCRIPTS = ["Hani", "Hira", "Kana", "Hang", "Bopo", "Thai", "Laoo", "Khmr", "Mymr"];

// Both are sets of the regular expressions' `v` flag.
/** A letter or mark of a script that puts no space between words, or none before particles: prose may touch a URL. */
export const UNSPACED = String.raw`[[\p{L}\p{M}\p{Nl}]&&[${SCRIPTS.map((script) => `\\p{scx=${script}}`).join("")}]]`;
/** Any other letter, mark or digit. An emoji's variation selectors and key caps are marks, but part of no word. */
export const SPACED = String.raw`[[\p{L}\p{M}\p{Nd}]--${UNSPACED}--[\uFE00-\uFE0F\u20D0-\u20FF]]`;

/** In characters: RFC 1035, section 2.3.4. Also keeps the conversion to punycode short. */
const LONGEST_HOST = 253;
const LABEL = new RegExp(`^(?![_\\-])[${SPACED}${UNSPACED}_\\-]{1,63}(?<![_\\-])$`, "v");
const MIXED = new RegExp(`${SPACED}${UNSPACED}|${UNSPACED}${SPACED}`, "v");

// The package follows IANA's list, with international names in Unicode.
const TOP_LEVEL = new Set(tlds);
const PUNYCODE = /^xn--[a-z\d-]+$/;

/** What prose looks like that lacks a space behind its full stop, whatever follows it. */
const PROSE = [
  /\.\p{Lu}\p{Ll}+$/v, // "see you at 5.Me too": a phone begins the next sentence with a capital
  /^(?!\d{3,}\.[^.]+$)[\d.]+\.[^.]+$/, // "press 1.call us", "at 12.30.to"; but 163.com
  /^\p{Lu}\.\p{Lu}+$/v, // "B.COM": an abbreviation
  /_[^.]*(?:\.[^.]*)?$/, // "my_file.so": no registry takes an underscore
];
/** What is a domain only when something says so: `www.` before it, or a path behind it. */
const AMBIGUOUS = [
  /\.(?:java|md|mov|sh|zip)$/, // better known as file names
  /^(?:.{1,2}\.|(?:.{1,2}\.)*.\.).{2}$/v, // short as abbreviations: "come in.it is", "9 a.m.to"
];

/** Whether these are labels with dots between them: no empty one, and no hyphen or underscore at a label's edge. */
export function isHostName(host: string): boolean {
  return host.length <= LONGEST_HOST && host.split(".").every((label) => LABEL.test(label));
}

/** Whether a host name ends in a top-level domain that exists. One label alone does not. */
export function hasKnownEnding(host: string): boolean {
  const ending = host.slice(host.lastIndexOf(".") + 1).toLowerCase();
  return ending.length < host.length && (TOP_LEVEL.has(ending) || PUNYCODE.test(ending));
}

/**
 * Whether a word without a scheme is a domain. `hasPath`: a path, query or fragment follows. Where it is hard to tell, it
 * is not: a sender sees the refusal at once, but a word of prose that became a link is seen by every recipient only.
 */
export function isBareDomain(word: string, hasPath: boolean): boolean {
  if (!isHostName(word) || !hasKnownEnding(word) || word.split(".").some((label) => MIXED.test(label))) return false;
  if (/^www\.[^.]+\./i.test(word)) return true;
  if (PROSE.some((shape) => shape.test(word))) return false;
  return hasPath || !AMBIGUOUS.some((shape) => shape.test(word.toLowerCase()));
}
