// Endings that are believed in the middle of a sentence, and are words that sentences begin with where a language is spoken:
// "seu pedido chegou.com o cartão". A capital behind the full stop tells them apart (see domain.ts), so what follows is for
// texts that begin their sentences small, or are written in capitals. A business seldom does either, and friends often do.

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

interface Homonym {
  ending: string;
  /** The beginnings of the numbers, in E.164, where it is spoken. */
  numbers: string[];
  /**
   * What hardly ever stands behind the word, but behind a name: conjunctions, subjects, a verb or another preposition, as the
   * word's kind has it.
   */
  behindName: ReadonlySet<string>;
  /** What shows the language to any number: two words, frequent in it, of which hardly two are in another language. */
  spoken: RegExp;
}

const NOWHERE = /(?!)/;

const homonym = (ending: string, numbers: string, behindName: string, spoken = NOWHERE): Homonym => ({
  ending,
  numbers: numbers.split(" "),
  behindName: words(behindName),
  spoken,
});

const HOMONYMS = [
  // "With" in Portuguese.
  homonym(
    "com",
    "+55 +351 +258 +244 +238",
    "e ou de do da dos das em no na nos nas ao aos à às por pelo pela para pra que se não nao é já ja eu me te agora hoje",
    /^(?:o|em|uma|aos?|voc[êe]s?|seus?|suas|pel[oa]|às|são|até|já|é|foi|noss[oa]s?|n[ãa]o|nem|t[eê]m|sem|bem|quem|muit[oa]s?|isso|el[ea]s?|depois|ainda|ent[ãa]o|tamb[ée]m|tudo|meus?|minhas?|lhe|hoje|amanh[ãa]|ontem|obrigad[oa]|est[ãa]o|estamos|temos|pode[mr]?|fazer|ficar|\p{L}+(?:ção|ções|ão))$/v,
  ),
  // "Net" in Turkish, "just" in Dutch. Turkish says "your" by a suffix, which its messages are full of.
  homonym(
    "net",
    "+90",
    "ve veya ya ile için icin adresinden adresine adresinde adresi sitesinden sitesinde sitesi üzerinden uzerinden",
    /^(?:ve|bir|bu|i[çc]in|ile|daha|kadar|g[üu]n|son|her|[çc]ok|gibi|say[ıi]n|nolu|tl|.*[ığ].*|.*[aeıiuü]n[ıiuü]z(?:[aeıiuü]|[dt][ae]n?)?)$/v,
  ),
  homonym(
    "net",
    "+31 +32 +597",
    "en of om via vanaf",
    /^(?:het|een|uw?|voor|niet|bij|wij|onze|naar|zijn|wordt|kunt|bent|deze|ook|om|tot|heeft|van|aan|maar|nog|geen|weer|jouw|jullie|zodra|vandaag|worden|werd|hebben|heb|zal|zult|kun|graag|gaat|staat|ligt|hij|zij|onder|naast)$/v,
  ),
  // "See" in Swedish, "now" in Norwegian, "few" in Azerbaijani, "go" in Spanish, "my" in French, "after" in Afrikaans.
  homonym("se", "+46", "och eller samt för med från före innan är har kan ska jag du vi ni ta få"),
  homonym("no", "+47", "og eller samt før fra hvis med eg jeg du vi ta få din vår ikkje ikke"),
  homonym("az", "+994", "və ve ya ilə üçün saytından saytinda saytında saytı"),
  homonym("ve", "+58", "o u antes desde"),
  homonym("ma", "+212", "et ou pour avant dès des"),
  homonym("na", "+264", "and or for to en of vir before"),
];

/** The same, but so frequent that they are believed at home only if something speaks for a name, however the text is written. */
const FREQUENT = [
  homonym(
    "in",
    "+91",
    "and or for to from at by with on is are was will do not please pls kindly visit call click get use we you",
  ),
  homonym("id", "+62", "atau agar supaya karena jika sebelum sampai"),
  homonym("es", "+34", "y o e u se te le les nos"),
  homonym("my", "+60", "dan atau untuk and or for to from at before"),
  homonym("si", "+386", "in ali"),
];

/** How a text is written, and to whom. */
export interface Writing {
  /** It begins its sentences small, or is in capitals throughout. */
  isCareless: boolean;
  /** A number in E.164, or empty. */
  recipient: string;
}

/** What stands round a bare name in a text. */
export interface Around extends Writing {
  before: string;
  behind: string;
}

/** In UTF-16 units, on either side: the sentence, and most of its neighbours. */
const NEIGHBOURHOOD = 120;

const SMALL = /\p{Ll}/v;
const WORD = /\p{L}[\p{L}\p{M}]*/gv;
const NEXT_WORD = /^\s+[^\p{L}\p{N}\s]?(\p{N}|\p{L}[\p{L}\p{M}]*)/v;
const LAST_WORD = /(\p{L}[\p{L}\p{M}]*)[^\p{L}\p{N}]*$/v;
/** How a text is written: its first sentence speaks for all. */
export function writingOf(text: string, recipient: string): Writing {
  return { isCareless: /^\P{L}*\p{Ll}/v.test(text) || !SMALL.test(text), recipient };
}

/** What stands round the name that begins and ends there. */
export function around(text: string, start: number, end: number, writing: Writing): Around {
  const before = text.slice(Math.max(0, start - NEIGHBOURHOOD), start);
  return { before, behind: text.slice(end, end + NEIGHBOURHOOD), ...writing };
}

/** Behind these, in several languages, stands the name of a site. */
const BEFORE_NAME = words(
  "acesse besøk besök bezoek online site sitio visit visita visite web website websted webbplats www ziyaret",
);

/** Whether this ending of a name in the middle of a sentence is rather the first word of the next one. */
export function beginsSentence(name: string, ending: string, surroundings: Around): boolean {
  const next = NEXT_WORD.exec(surroundings.behind)?.[1] ?? "";
  const isWord = (row: Homonym) =>
    row.ending === ending && isSpoken(row, surroundings) && !isMarked(name, next, row, surroundings.before);
  const isSmall = surroundings.isCareless || /\.\p{Lu}\p{Ll}+$/v.test(name);
  if (isSmall && next !== "" && HOMONYMS.some(isWord)) return true;
  // "Cust.id: 5", "Order.id 55821"
  return FREQUENT.some((row) => isWord(row) || (row.ending === ending && !/^\p{L}/v.test(next)));
}

/** Whether the ending is so frequent a word at home that a name needs more to be believed. */
export function isFrequentAtHome(ending: string, recipient: string): boolean {
  return FREQUENT.some((row) => row.ending === ending && isOf(row, recipient));
}

const isOf = ({ numbers }: Homonym, recipient: string) => numbers.some((number) => recipient.startsWith(number));

function isSpoken(row: Homonym, { before, behind, recipient }: Around): boolean {
  if (isOf(row, recipient)) return true;
  const neighbours = new Set(`${before} ${behind}`.match(WORD)?.map(lower));
  return [...neighbours].filter((word) => row.spoken.test(word)).length >= 2;
}

/** Whether a name stands there all the same: before "or", first in its line, behind "visit", in capitals among small words. */
function isMarked(name: string, next: string, { ending, behindName }: Homonym, before: string): boolean {
  if (behindName.has(lower(next)) || lower(next) === ending || /(?:^|\n)\P{L}*$/v.test(before)) return true;
  const last = LAST_WORD.exec(before)?.[1] ?? "";
  return BEFORE_NAME.has(lower(last)) || (!SMALL.test(name) && SMALL.test(last) && SMALL.test(next));
}

const lower = (word: string) => word.normalize("NFC").toLowerCase();
