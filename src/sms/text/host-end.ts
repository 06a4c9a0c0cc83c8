// Where the host ends that begins at a place of a text: people glue the next sentence, a suffix or a dash to it.

import {
  endingOf,
  hasKnownEnding,
  isHostName,
  JOINER,
  LONGEST_HOST,
  OTHER_SCRIPT,
  SPACED,
  UNSPACED,
} from "./domain.ts";
import { exists, isInUse, isPlain, isSecondLevel } from "./endings.ts";
import { endOf, matchesAt, WORD_BEHIND } from "./link-end.ts";

const ADDRESS_6 = /\[[\da-f:.]+\]/iy;
const HOST = new RegExp(`(?:[${SPACED}_·\\-]|\\.(?!\\.))*`, "vy");
const UNSPACED_HOST = new RegExp(`(?:[${SPACED}${UNSPACED}_·\\-]|\\.(?!\\.))*`, "vy");
const ONE_KIND = new RegExp(`^(?:[${SPACED}_\\-]+|${UNSPACED}+)`, "v");
// "http://✪df.ws", "https://best‑deals.com": what stands before this is the half of a name.
const HALF = new RegExp(`[[\\p{S}--\\p{ASCII}]${JOINER}]|\\.\\.`, "vy");

/**
 * Where the host ends that stands behind a scheme at `at`, or null when there is none. Without prose behind it, it may
 * be any name: a scheme says that this is a URL. With prose, what exists decides: "https://example.comをご覧" ends
 * behind "com", "https://tokyo観光.jpをご覧" behind "jp".
 */
export function endOfHost(text: string, at: number): number | null {
  const address = endOf(ADDRESS_6, text, at);
  if (address !== undefined) return address;
  const spaced = withoutGlue(text, at, text.slice(at, endOf(HOST, text, at)));
  const all = text.slice(at, endOf(UNSPACED_HOST, text, at)).replace(/\.+$/, "");
  const last = all.lastIndexOf(".") + 1;
  const mixed = all.slice(0, last) + (ONE_KIND.exec(all.slice(last))?.[0] ?? "");
  const known = [spaced, withoutGlue(text, at, mixed)].find((name) => isHostName(name) && hasKnownEnding(name));
  if (known !== undefined) return at + known.length;
  return isHostName(spaced) && !matchesAt(HALF, text, at + spaced.length) ? at + spaced.length : null;
}

const PATH_BEHIND = /\.?(?::\d+)?[/?#]/y;
const SUFFIX = new RegExp(`(?:-[^.]*|(?<=[a-z])${OTHER_SCRIPT}[^.]*)$`, "iv");

/**
 * The name that begins at `at` without what is glued to it and none of it: dots and dashes, a suffix ("example.hu-n",
 * "example.comवर"), the next sentence ("example.com.To stop").
 */
export function withoutGlue(text: string, at: number, name: string): string {
  if (name.length > 2 * LONGEST_HOST) return name;
  for (;;) {
    const trimmed = name.replace(/[._-]+$/, "");
    const shorter = trimmed.replace(SUFFIX, "");
    if (!hasKnownEnding(trimmed) && hasKnownEnding(shorter)) return shorter;
    const dot = trimmed.lastIndexOf(".");
    if (dot < 0 || !isSentence(text, at + trimmed.length, trimmed.slice(0, dot), trimmed.slice(dot + 1)))
      return trimmed;
    name = trimmed.slice(0, dot);
  }
}

/** Whether the word that stands behind this host and a dot, and ends at `end`, is the first of a sentence. */
function isSentence(text: string, end: number, host: string, word: string): boolean {
  const [before, ending] = [endingOf(host), word.toLowerCase()];
  if (!hasKnownEnding(host) || isPlain(ending) || isSecondLevel(before, ending)) return false;
  if (/^\p{Lu}\p{Ll}*$/v.test(word) && /(?:^|\.)\p{Ll}[^.]*$/v.test(host)) return true;
  if (!isInUse(before) || matchesAt(PATH_BEHIND, text, end)) return false;
  return !exists(ending) || (isPlain(before) && matchesAt(WORD_BEHIND, text, end));
}
