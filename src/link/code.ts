// Codes: minting, choosing, and finding one in a path that a phone may have decorated.

import { customAlphabet } from "nanoid";
import type { Code } from "./link.ts";

/** nanoid's "nolookalikesSafe": no vowels, so it spells nothing; no 1/l/I, 0/O, 5/S, 2/Z, which look alike. */
export const CODE_ALPHABET = "6789BCDFGHJKLMNPQRTWbcdfghjkmnpqrtwz";
const CODE_LENGTH = 10;
const mint = customAlphabet(CODE_ALPHABET, CODE_LENGTH);

/** First path parts that are ours, or that a visitor or crawler expects to mean something else. Lower case. */
const RESERVED = new Set(
  (
    "about abuse account accounts admin api app assets auth blog campaigns cdn-cgi contact dashboard demo docs events " +
    "export exports faq favicon feed feeds figures health healthz help home humans imprint index link links login logout " +
    "members message messages metrics openapi privacy public qr robots security settings sheets signup sitemap sms static " +
    "status stop stops support terms u unsubscribe webhook webhooks well-known www"
  ).split(" "),
);

/**
 * The form of minted codes, and of eleven characters besides: what has it can be told by its form, and ends where that ends. So
 * nobody may choose a code that begins in it: a path would ask for another.
 */
const MINTED_FORM = `[${CODE_ALPHABET}]{${CODE_LENGTH},${CODE_LENGTH + 1}}(?![${CODE_ALPHABET}])`;
const BEGINS_MINTED = new RegExp(`^${MINTED_FORM}`);

const SHAPE = /^[A-Za-z0-9_-]{3,64}$/;

/** A new code: 10 characters, 51.7 bits from the platform's cryptographic randomness. */
export function mintCode(): Code {
  return mint() as Code;
}

/** Whether a code has the form of minted ones, so that nobody can choose it. */
export function isMinted(code: string): boolean {
  const isAsLong = code.length === CODE_LENGTH || code.length === CODE_LENGTH + 1;
  return isAsLong && Array.from(code).every((character) => CODE_ALPHABET.includes(character));
}

/** A chosen code, or the sentence that says why it cannot be one. */
export function parseChosenCode(text: string): { kind: "code"; code: Code } | { kind: "refused"; message: string } {
  if (!SHAPE.test(text))
    return { kind: "refused", message: "must be 3 to 64 characters, each a letter, a digit, _ or -" };
  if (RESERVED.has(text.toLowerCase())) return { kind: "refused", message: "is a reserved word: choose another" };
  if (BEGINS_MINTED.test(text))
    return { kind: "refused", message: "begins in the form of a minted code: use a vowel in its first ten characters" };
  return { kind: "code", code: text as Code };
}

// A phone that turns text into links takes along what stands behind them: punctuation ("/Xk7….", "/Xk7…。"), a word without
// a space ("/Xk7…を開く"), an ending ("/Xk7…'den"), or what the sender hung on ("/Xk7…&utm=1").
//
// A minted code ends where its form ends, whatever follows.
const MINTED_IN_PATH = new RegExp(`^/(${MINTED_FORM})`);
// A chosen code may be any word, and so may what a robot asks for. What follows is dropped where it cannot be a path's: other
// script, or punctuation that ends a code in a text. Path text (".php", "/wp-admin") is not worth a KV read.
const CHOSEN_IN_PATH = /^\/([A-Za-z0-9_-]{3,64})(?:[&?;'"([!:].*|[^A-Za-z0-9_-]*(?:[^\0-\x7f].*)?)$/s;

/** The code that a request's path (as in `URL.pathname`) asks for, or undefined when it cannot be one. */
export function codeInPath(pathname: string): Code | undefined {
  const path = decodePath(pathname);
  const code = (MINTED_IN_PATH.exec(path) ?? CHOSEN_IN_PATH.exec(path))?.[1];
  return code === undefined || RESERVED.has(code.toLowerCase()) ? undefined : (code as Code);
}

// Byte by byte: what a phone took along may be cut within a character, or be in Shift_JIS, and is dropped anyway.
function decodePath(pathname: string): string {
  return pathname.replace(/%([0-9a-f]{2})/gi, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
}
