// Where the path, query and fragment of a URL end that stands within a text. Regular expressions are sticky or see a short
// tail only, which keeps the search linear. Brackets, soft punctuation and hard ends are those of UTS #58 (Unicode Link
// Detection); where it would let words into a URL that people glue to it, what people write decides.

import { OTHER_SCRIPT, SPACED, UNSPACED } from "./domain.ts";

// Not the comma in "…/a,https://…". Joiners shape letters of some scripts, but emoji too. "utf8=✓&" is of many a form, a dash
// between letters of many a title. A letter of another script than Latin begins a part of the path, or a suffix of prose.
const IN_PATH =
  String.raw`(?!'?[,;\|]'?https?:\/\/|(?<=[A-Za-z\d])${OTHER_SCRIPT})` +
  String.raw`[!#$%&'\(\)*+,.\/:;=?@\[\]_\{\|\}~\-${SPACED}]|` +
  String.raw`(?<=[${SPACED}--\p{ASCII}])[\u200C\u200D]|(?<==)[\p{S}--\p{ASCII}](?=&)|(?<=${SPACED})–(?=${SPACED})`;
// Behind the dot of DNS's root, too: "http://example.com./a".
const PATH = new RegExp(`\\.?[\\/?#](?:${IN_PATH})*`, "ivy");
// "…/aをご覧" is glued, "…/wiki/東京" begins a part of the path. No word begins with the four particles.
const UNSPACED_PATH = new RegExp(
  String.raw`(?<=[\/?&=#_+\-]|[_\-]\(|[A-Za-z]:)(?!を|まで|にて|です)${UNSPACED}` +
    String.raw`(?:${IN_PATH}|${UNSPACED}|[・[\p{S}--\p{ASCII}]](?=[${SPACED}${UNSPACED}]))*`,
  "ivy",
);
const POLITE = /(?:です|ます|ました|ません|でした|ください|下さい)$/;
const NO_WORD_BEFORE = /(?<![\p{L}\p{M}\p{N}])/vy;
const NO_WORD_BEHIND = /[^\p{L}\p{M}\p{N}\s]*(?:\s|$)|[\p{Pe}\p{Pf}"'>]/vy;

/** Where the path, query and fragment end that may stand at `at`. The URL begins at `start`. */
export function endOfPath(text: string, start: number, at: number): number {
  let end = endOf(PATH, text, at) ?? at;
  // Where unspaced prose begins can only be guessed, so it is in the path only of a URL that the sender has set off.
  const unspacedEnd = end > at ? endOf(UNSPACED_PATH, text, end) : undefined;
  if (unspacedEnd !== undefined && isSetOff(text, start, unspacedEnd) && !POLITE.test(text.slice(end, unspacedEnd)))
    end = unspacedEnd;
  end = withoutMarks(text, at, endOfBalance(text, at, end));
  return withoutProse(text, start, at, end);
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

/** Without the punctuation in front of `end`. */
function withoutMarks(text: string, at: number, end: number): number {
  while (end > at && ".,;:!?'*|".includes(text.charAt(end - 1))) end -= 1;
  return end;
}

/** In UTF-16 units: longer than the words and suffixes that are looked for. */
const TAIL = 40;
/** What is glued to a path and none of it, at the end of the link. */
const PROSE_BEHIND = [
  /'\p{L}{1,7}$/v, // "/indirim'den": a suffix behind a name
  /:(?:een|hin|in|ksi|ll[aä]|lle|lt[aä]|n|ss[aä]|st[aä])$/v, // "/kauppa:ssa": Finnish writes it so
  /!+\p{L}+$/v, // "/sale!Hurry"
  /\.-+\p{L}*$/v, // "/kyc.-SBI": who sends it, as in India
  /(?<=[\p{L}\d])\(\p{L}{2,}\)$/v, // "/3BP4(End)"
];
/** The next sentence, where it goes on: "/t/88.Reply STOP", "/sale...ends Sunday". */
const SENTENCE_BEHIND = /(?<!\.\p{Lu}[^.]*)\.(?:\.+\p{L}|\p{Lu})\p{L}*$/v;
const FILE = /\.(?:aspx?|cgi|csv|docx?|gif|html?|ics|jpe?g|jsp|mp[34]|pdf|php|png|shtml|svg|txt|webp|xlsx?|xml|zip)$/i;
/** The sentence goes on. */
export const WORD_BEHIND = /[^\p{L}\p{N}\s]*\s+[\p{L}\p{N}]/vy;

/** Without words that are glued to the link's end, and without the underscores or tildes that stand round the link. */
function withoutProse(text: string, start: number, at: number, end: number): number {
  const begin = Math.max(at, end - TAIL);
  const tail = text.slice(begin, end);
  const behind = PROSE_BEHIND.map((shape) => tail.search(shape)).find((index) => index > 0);
  if (behind !== undefined) return withoutMarks(text, at, begin + behind);
  for (let around = start - 1; "_~".includes(text[around] ?? "?") && text[around] === text[end - 1]; around--) end -= 1;
  const goesOn = matchesAt(WORD_BEHIND, text, end) && !FILE.test(tail);
  const sentence = goesOn ? tail.search(SENTENCE_BEHIND) : -1;
  return sentence > 0 ? withoutMarks(text, at, begin + sentence) : end;
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
