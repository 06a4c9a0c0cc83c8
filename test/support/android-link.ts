// What Android's text fields and message apps make a link of: the rule of AOSP's `Patterns.AUTOLINK_WEB_URL`, with what
// `Linkify` adds to it. Written from the rule's description; Android matches with ICU, whose word boundary is meant here.

import tlds from "tlds";

/** A link that Android shows: where it stands in the text, in UTF-16 units, and what a tap on it opens. */
export interface AndroidLink {
  start: number;
  end: number;
  url: string;
}

// RFC 3987's ucschar without its spaces: letters and signs of all scripts, emoji included.
const UCS = String.raw`[[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\u{10000}-\u{1fffd}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}\u{e1000}-\u{efffd}]--[\u00a0\u2000-\u200a\u2028\u2029\u202f\u3000]]`;
const LABEL_CHARACTER = `a-zA-Z0-9${UCS}`;
const LABEL = String.raw`[${LABEL_CHARACTER}](?:[${LABEL_CHARACTER}_\-]{0,61}[${LABEL_CHARACTER}])?`;
const BYTE = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const IP_ADDRESS = String.raw`(?:${BYTE}(?:\.${BYTE}){3})`;
const ENDING = String.raw`(?:${tlds.join("|")}|xn--[\w\-]{0,58}\w)`;
const STRICT_HOST = String.raw`(?:(?:${LABEL}\.)+${ENDING}|${IP_ADDRESS})`;
const RELAXED_HOST = String.raw`(?:(?:${LABEL}(?:\.(?=\S))?)+|${IP_ADDRESS})`;
const USER_CHARACTER = String.raw`(?:[a-zA-Z0-9$\-_.+!*'\(\),;?&=]|%[a-fA-F0-9]{2})`;
const USER_INFO = String.raw`(?:${USER_CHARACTER}{1,64}(?::${USER_CHARACTER}{1,25})?@)`;
const PORT = String.raw`(?::\d{1,5})`;
const PATH_AND_QUERY = String.raw`(?:[\/?](?:[${LABEL_CHARACTER};\/?:@&=#~\-.+!*'\(\),_$]|%[a-fA-F0-9]{2})*)`;

// ICU: a sign that combines with the one before it is no place for a boundary, and is looked through.
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d`;
const COMBINING = String.raw`\p{Grapheme_Extend}\p{Cf}`;
const BEHIND_WORD = `[[${WORD}]--[${COMBINING}]][${COMBINING}]*`;
const BOUNDARY = `(?:(?![${COMBINING}])(?:(?<=${BEHIND_WORD})(?![${WORD}])|(?<!${BEHIND_WORD})(?=[${WORD}]))|$|^)`;

const WITHOUT_PROTOCOL = `${BOUNDARY}(?<!:\\/\\/)${STRICT_HOST}${PORT}?${PATH_AND_QUERY}?${BOUNDARY}`;
const WITH_PROTOCOL = `${BOUNDARY}(?:https?|rtsp|ftp):\\/\\/${USER_INFO}?${RELAXED_HOST}?${PORT}?${PATH_AND_QUERY}?${BOUNDARY}`;
const AUTOLINK_WEB_URL = new RegExp(`${WITHOUT_PROTOCOL}|${WITH_PROTOCOL}`, "giv");

/** The links that Android shows in a text, in its order. */
export function androidLinks(text: string): AndroidLink[] {
  return Array.from(text.matchAll(AUTOLINK_WEB_URL), ({ 0: shown, index: start }) => ({
    start,
    end: start + shown.length,
    url: /^(?:https?|rtsp|ftp):\/\//i.test(shown) ? shown : `http://${shown}`,
  })).filter(({ start }) => text[start - 1] !== "@");
}
