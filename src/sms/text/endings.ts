// Which endings a bare name needs to be a link. Of the 1,438 top-level domains most are words ("today", "how"), and a full
// stop without a space behind it turns any two sentences into such a name: "is ready.it ships today". So the lists hold what
// businesses really put bare into messages, and the more often people begin a sentence with it, the more has to speak for it.
// Whatever is in none of them is a link with `http://`, `www.` or a path only.

import tlds from "tlds";

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

// The package follows IANA's list, with international names in Unicode.
const TOP_LEVEL = new Set(tlds);
let punycode: ReadonlySet<string> | undefined;

/** Whether this top-level domain exists, in Unicode or punycode. Lower case. */
export function exists(ending: string): boolean {
  if (!ending.startsWith("xn--")) return TOP_LEVEL.has(ending);
  punycode ??= new Set(tlds.map((known) => URL.parse(`https://${known}`)?.hostname ?? known));
  return punycode.has(ending);
}

/**
 * Believed anywhere: of 36 languages' 3,000 most frequent words these are none that a sentence is likely to begin with. (The
 * Portuguese "com" and the Dutch and Turkish "net" are. They are kept, because most of all links end so.)
 */
const PLAIN = words(
  "com net org edu gov mobi ae bg ch cl cn fr hu jp kz lt mx nl nz pk ro ru sk tr tw ua uk uy vn рф 中国 中國",
);

/**
 * Words, particles or abbreviations somewhere ("de", "in", "shop"), so believed only where the sentence ends behind them: as
 * the whole of a sentence they would make no sense. What people do say alone ("now", "lol", "no") is in no list.
 */
const SENTENCE_ENDS = words(
  "ai app asia at au az biz br ca cat club co cz de ec ee es eu fi fm gg gh gr hk id ie il in info io ir ke lk lu lv ng online pe " +
    "pl pt qa sa se sg shop si site store th tv tz xyz za",
);

/**
 * Countries' endings that are words elsewhere but hardly at home, with the beginning of the numbers there: believed for such a
 * recipient. Not `es`, `id`, `in`, `my`, `si`, `us`: at home, too, they are among the most frequent words.
 */
const AT_HOME: ReadonlyMap<string, string> = new Map(
  (
    "ca+1 ru+7 kz+7 eg+20 za+27 gr+30 be+32 cat+34 it+39 at+43 dk+45 se+46 no+47 pl+48 de+49 pe+51 ar+54 br+55 " +
    "co+57 ve+58 au+61 ph+63 sg+65 th+66 jp+81 kr+82 vn+84 cn+86 lk+94 mm+95 ir+98 ma+212 dz+213 tn+216 sn+221 " +
    "ci+225 ng+234 cm+237 gh+233 ke+254 tz+255 mz+258 na+264 et+251 pt+351 lu+352 ie+353 is+354 fi+358 al+355 " +
    "lv+371 ee+372 am+374 by+375 me+382 hr+385 ba+387 mk+389 cz+420 li+423 gt+502 sv+503 hn+504 cr+506 pa+507 " +
    "bo+591 ec+593 py+595 hk+852 kh+855 la+856 bd+880 jo+962 iq+964 sa+966 om+968 il+972 bh+973 qa+974 mn+976 " +
    "np+977 az+994 ge+995 uz+998"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, entry.indexOf("+")), entry.slice(entry.indexOf("+"))]),
);

const COMMERCE =
  "ar au bd bo br co cy do ec eg es gh gt hk jo kh kw lb lk ly mt my na ng ni np om pa pe ph pk pl pt py";
const COMPANY = "ao at bw cr id il in ke kr ma mz nz th tz ug uz za zm zw";
/** Second levels under which a country's registry gives out names, where its own ending is no plain one: `co.in`. */
const SECOND_LEVELS: Partial<Record<string, ReadonlySet<string>>> = {
  com: words(`${COMMERCE} qa sa sg sv ve`),
  co: words(COMPANY),
  ...Object.fromEntries(
    ["net", "org", "gov", "edu", "ac", "go", "or"].map((label) => [label, words(`${COMMERCE} ${COMPANY}`)]),
  ),
};

/** Whether names are registered directly under these two labels. */
export function isSecondLevel(label: string, ending: string): boolean {
  return SECOND_LEVELS[label]?.has(ending) ?? false;
}

export function isPlain(ending: string): boolean {
  return PLAIN.has(ending) || (ending.startsWith("xn--") && exists(ending));
}

/** Whether a business puts names with this ending into messages, bare or not, more often than sentences begin with it. */
export function isInUse(ending: string): boolean {
  return isPlain(ending) || SENTENCE_ENDS.has(ending) || AT_HOME.has(ending);
}

/** Whether the recipient, in E.164, has a number of the country that this ending is of. */
export function isAtHome(ending: string, recipient: string): boolean {
  const prefix = AT_HOME.get(ending);
  return prefix !== undefined && recipient.startsWith(prefix);
}

/** Whether a bare name with this ending is believed where the sentence ends behind it. */
export function mayEndSentence(ending: string): boolean {
  return SENTENCE_ENDS.has(ending);
}
