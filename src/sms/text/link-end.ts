// Where the parts of a URL end that stands within a text. Its regular expressions are sticky: they match at the given
// place or not at all, which keeps the search linear.

import { hasKnownEnding, isHostName, SPACED, UNSPACED } from "./domain.ts";

const ADDRESS_6 = /\[[\da-f:.]+\]/iy;
const HOST = new RegExp(`[${SPACED}._\\-]*`, "vy");
const UNSPACED_HOST = new RegExp(`[${SPACED}${UNSPACED}._\\-]*`, "vy");
const ONE_KIND = new RegExp(`^(?:[${SPACED}_\\-]+|${UNSPACED}+)`, "v");

/**
 * Where the host ends that stands behind a scheme at `at`, or null when there is none. Without prose behind it, it may
 * be any name: a scheme says that this is a URL. With prose, what exists decides: "https://example.comをご覧" ends
 * behind "com", "https://tokyo観光.jpをご覧" behind "jp".
 */
export function endOfHost(text: string, at: number): number | null {
  const address = endOf(ADDRESS_6, text, at);
  if (address !== undefined) return address;
  const spaced = withoutDotsBehind(text.slice(at, endOf(HOST, text, at)));
  const all = withoutDotsBehind(text.slice(at, endOf(UNSPACED_HOST, text, at)));
  const last = all.lastIndexOf(".") + 1;
  const mixed = all.slice(0, last) + (ONE_KIND.exec(all.slice(last))?.[0] ?? "");
  const host = [spaced, mixed].find((name) => isHostName(name) && hasKnownEnding(name)) ?? spaced;
  return isHostName(host) ? at + host.length : null;
}

// Not the comma in "…/a,https://…". Joiners shape letters of some scripts, but emoji too.
const IN_PATH =
  String.raw`(?!'?[,;\|]'?https?:\/\/)[!#$%&'\(\)*+,.\/:;=?@\[\]_\{\|\}~\-${SPACED}]|` +
  String.raw`(?<=[${SPACED}--\p{ASCII}])[\u200C\u200D]`;
const PATH = new RegExp(`[\\/?#](?:${IN_PATH})*`, "ivy");
// "…/aをご覧" is glued, "…/wiki/東京" begins a part of the path. No word begins with the four particles.
const UNSPACED_PATH = new RegExp(
  String.raw`(?<=[\/?&=#_+\-])(?!を|まで|にて|です)${UNSPACED}` +
    String.raw`(?:${IN_PATH}|${UNSPACED}|[・[\p{S}--\p{ASCII}]](?=[${SPACED}${UNSPACED}]))*`,
  "ivy",
);
const NO_WORD_BEFORE = /(?<![\p{L}\p{M}\p{N}])/vy;
const NO_WORD_BEHIND = /[^\p{L}\p{M}\p{N}\s]*(?:\s|$)|[\p{Pe}\p{Pf}"'>]/vy;

/** Where the path, query and fragment end that may stand at `at`. The URL begins at `start`. */
export function endOfPath(text: string, start: number, at: number): number {
  let end = endOf(PATH, text, at) ?? at;
  // Where unspaced prose begins can only be guessed, so it is in the path only of a URL that the sender has set off.
  const unspacedEnd = end > at ? endOf(UNSPACED_PATH, text, end) : undefined;
  if (unspacedEnd !== undefined && isSetOff(text, start, unspacedEnd)) end = unspacedEnd;
  end = endOfBalance(text, at, end);
  while (end > at && ".,;:!?'*|".includes(text.charAt(end - 1))) end -= 1;
  return end;
}

function isSetOff(text: string, start: number, end: number): boolean {
  return matchesAt(NO_WORD_BEFORE, text, start) && matchesAt(NO_WORD_BEHIND, text, end);
}

const CLOSING: Partial<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Where the first bracket stands that has no partner in this part of the text, or the part's end. */
function endOfBalance(text: string, start: number, end: number): number {
  const open: { at: number; closing: string }[] = [];
  for (let at = start; at < end; at++) {
    const character = text.charAt(at);
    const closing = CLOSING[character];
    if (closing !== undefined) open.push({ at, closing });
    else if (open.at(-1)?.closing === character) open.pop();
    else if (")]}".includes(character)) return open[0]?.at ?? at;
  }
  return open[0]?.at ?? end;
}

/** "example.com..." is a host with a sentence's end behind it. */
export function withoutDotsBehind(word: string): string {
  let end = word.length;
  while (word[end - 1] === ".") end -= 1;
  return word.slice(0, end);
}

/** Whether a sticky regular expression matches at this place. */
export function matchesAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}

/** Where the match of a sticky regular expression ends that begins at this place, or undefined. */
export function endOf(sticky: RegExp, text: string, at: number): number | undefined {
  return matchesAt(sticky, text, at) ? sticky.lastIndex : undefined;
}
