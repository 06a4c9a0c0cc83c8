// How often the search for a link is wrong, on texts from a seed. For the figures of docs/reliability.md, which it prints:
//
// VITE_TEXTS=20000 npx vitest run --project together test/find-link-figures.test.ts

import { describe, expect, it } from "vitest";
import { findLink } from "../src/sms/text/find-link.ts";
import { drawFrom, type MessageText, prose, withBareName, withoutOneSpace, withStrongLink } from "./message-texts.ts";
import { HELD_OUT, KNOWN, type Language } from "./sentences.table.ts";

const SEED = 20_261_124;
/** Of each kind and set of sentences. */
const TEXTS = Number(import.meta.env["VITE_TEXTS"] ?? 3_000);

type Make = (draw: () => number, language: Language) => MessageText;
type Verdict = "right" | "wrong" | "none";

/** How each of so many texts was read, the languages in turn: the very link, something else, or no link. */
function verdicts(make: Make, languages: Language[], knowsRecipient: boolean): Verdict[] {
  const draw = drawFrom(SEED);
  return Array.from({ length: TEXTS / languages.length }, () => languages)
    .flat()
    .map((language) => {
      const { text, link, recipient } = make(draw, language);
      const found = findLink(text, "natural", knowsRecipient ? recipient : "");
      if (found === null) return "none";
      return found.start === link?.start && found.end === link.end ? "right" : "wrong";
    });
}

/** In percent. */
const share = (list: Verdict[], verdict: Verdict) => (100 * list.filter((is) => is === verdict).length) / list.length;

// Of public collections of real messages about one in forty has a link, and one in forty lacks a space behind a full stop.
const WITH_LINK = 1 / 40;
const LACKING_SPACE = 1 / 40;

interface Figures {
  /** Of texts without a link, of those that lack a space, and of all links found: how many are none, in percent. */
  falseInProse: number;
  falseWithoutSpace: number;
  falseOfFound: number;
  /** Of links with a scheme, `www.` or a path, and of bare names: how many are not found, or end elsewhere, in percent. */
  strongLost: number;
  bareLost: number;
}

function figuresOf(languages: Language[], knowsRecipient: boolean): Figures {
  const falseInProse = share(verdicts(prose, languages, knowsRecipient), "wrong");
  const falseWithoutSpace = share(verdicts(withoutOneSpace, languages, knowsRecipient), "wrong");
  const isFalse = (1 - LACKING_SPACE) * falseInProse + LACKING_SPACE * falseWithoutSpace;
  return {
    falseInProse,
    falseWithoutSpace,
    falseOfFound: (100 * isFalse) / (isFalse + 100 * WITH_LINK),
    strongLost: 100 - share(verdicts(withStrongLink, languages, knowsRecipient), "right"),
    bareLost: 100 - share(verdicts(withBareName, languages, knowsRecipient), "right"),
  };
}

const measured = Object.entries({ KNOWN, HELD_OUT }).flatMap(([sentences, languages]) =>
  [false, true].map((knowsRecipient) => ({ sentences, knowsRecipient, ...figuresOf(languages, knowsRecipient) })),
);
console.log(measured.map((figures) => JSON.stringify(figures)).join("\n"));

describe.each(measured)("sentences: $sentences, recipient known: $knowsRecipient", (figures) => {
  it("no number, code, abbreviation or file name is a link", () => {
    expect(figures.falseInProse).toBe(0);
  });

  it("two sentences without a space between them are hardly ever one", () => {
    const most = figures.knowsRecipient ? 0.5 : 2;
    expect(figures.falseWithoutSpace).toBeLessThan(most);
    expect(figures.falseOfFound).toBeLessThan(figures.knowsRecipient ? 0.2 : most);
  });

  it("every link with a scheme, www. or a path is found, with its right end", () => {
    expect(figures.strongLost).toBe(0);
  });

  it("a business's bare name is found where its country is the recipient's, or the sentence ends behind it", () => {
    expect(figures.bareLost).toBeLessThan(figures.knowsRecipient ? 0.5 : 10);
  });
});
