// In which language a request wants its answer.

import { PAGE_TEXTS, type PageTexts } from "./page-texts.ts";

const DEFAULT_LANGUAGE = "en";
/** Browsers send a handful, and a header may be long. */
const MOST_RANGES = 20;

const LANGUAGES = new Map<string, PageTexts>(Object.entries(PAGE_TEXTS));

/** A language range and its weight, by RFC 9110 (12.5.4). Not `*`: whoever takes any language takes English. */
const RANGE = /^\s*([a-z0-9-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i;

/** The best language that `Accept-Language` asks for, as in the attribute `lang`, and its texts; English where we speak none. */
export function languageOf(request: Request): { lang: string; texts: PageTexts } {
  const header = request.headers.get("accept-language") ?? "";
  const ranges = header
    .split(",", MOST_RANGES)
    .flatMap((item) => {
      const [, range, weight = "1"] = RANGE.exec(item) ?? [];
      return range === undefined || Number(weight) === 0 ? [] : { range, weight: Number(weight) };
    })
    .toSorted((a, b) => b.weight - a.weight);
  for (const lang of ranges.flatMap(({ range }) => tagsOf(range))) {
    const texts = LANGUAGES.get(lang);
    if (texts !== undefined) return { lang, texts };
  }
  return { lang: DEFAULT_LANGUAGE, texts: PAGE_TEXTS[DEFAULT_LANGUAGE] };
}

/**
 * What RFC 4647 (3.4, lookup) tries for a range, longest first. `Intl.Locale` knows the script where the range names a country
 * (zh-TW is zh-Hant), and the present name of a language (older Androids say "in" for Indonesian).
 */
function tagsOf(range: string): string[] {
  try {
    const { language, script } = new Intl.Locale(range).maximize();
    return [`${language}-${script ?? ""}`, language];
  } catch {
    // No language tag.
    return [];
  }
}
