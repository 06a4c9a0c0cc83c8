// In how many parts a text is sent: the numbers by hand, and Twilio's calculator as the judge of everything else.

import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { SegmentedMessage } from "sms-segments-calculator";
import { countParts } from "../src/sms/text/parts.ts";

// 3GPP TS 23.038: the default alphabet (section 6.2.1) and its extension table (6.2.1.1).
const GSM = Array.from(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = Array.from("\f^{}\\[~]|€");
// Near the alphabet, or looking as if they were in it. ESC is in its table, but is no character of a text.
const OUTSIDE = Array.from("ê`ÀáçΑΒ\t\0\u001b\u00a0\u00ad\u200b’“–…＠あア漢｡한ไ");
const PAIRS = Array.from("🎉👋𠮷😱");

function judgedParts(text: string): number {
  return new SegmentedMessage(text).segmentsCount;
}

const ROWS: [parts: number, name: string, text: string][] = [
  [1, "no text", ""],
  [5, "the longest text for Xoxzo, in ASCII", "x".repeat(660)],
  [10, "the longest text for Xoxzo, in Japanese", "あ".repeat(660)],
  [11, "the longest text of the SMS API, in ASCII", "x".repeat(1_600)],
  [22, "the longest text of the SMS API, in the extension table", "€".repeat(1_600)],
  [24, "the longest text of the SMS API, in Japanese", "あ".repeat(1_600)],
  [49, "the longest text of the SMS API, in emoji", "🎉".repeat(1_600)],
  [1, "160 septets, two of them for the euro sign", `${"x".repeat(158)}€`],
  [2, "161 septets, two of them for the euro sign", `${"x".repeat(159)}€`],
  [2, "306 septets with an extension character that ends with part 1", `${"x".repeat(151)}€${"x".repeat(153)}`],
  [3, "306 septets with an extension character over the end of part 1", `${"x".repeat(152)}€${"x".repeat(152)}`],
  [2, "305 septets with an extension character over the end of part 1", `${"x".repeat(152)}€${"x".repeat(151)}`],
  [2, "134 UTF-16 units with an emoji that ends with part 1", `${"あ".repeat(65)}🎉${"あ".repeat(67)}`],
  [3, "134 UTF-16 units with an emoji over the end of part 1", `${"あ".repeat(66)}🎉${"あ".repeat(66)}`],
  [2, "133 UTF-16 units with an emoji over the end of part 1", `${"あ".repeat(66)}🎉${"あ".repeat(65)}`],
  [1, "35 emoji", "🎉".repeat(35)],
  [2, "36 emoji", "🎉".repeat(36)],
  [3, "67 emoji, 33 in a part", "🎉".repeat(67)],
  [1, "brackets among Japanese, one unit each", "［詳細］[a]{b}|€~^\\".padEnd(70, "あ")],
  [2, "a line break of two characters, half in part 1", `${"x".repeat(152)}\r\n${"x".repeat(152)}`],
];

it.each(ROWS)("%i: %s", (parts, _name, text) => {
  expect(countParts(text)).toBe(parts);
});

describe.each([
  ["of the default alphabet", GSM, 160, 153],
  ["of the extension table", EXTENSION, 80, 76],
  ["outside both", OUTSIDE, 70, 67],
  ["outside the Basic Multilingual Plane", PAIRS, 35, 33],
])("a character %s", (_where, characters, inOne, inEach) => {
  it.each(characters.map((character) => [JSON.stringify(character), character] as const))(
    `%s fits ${inOne} times into one part, ${inEach} times into each of several`,
    (_name, character) => {
      const lengths = [1, inOne, inOne + 1, 2 * inEach, 2 * inEach + 1, 10 * inEach, 10 * inEach + 1];
      expect(lengths.map((length) => countParts(character.repeat(length)))).toEqual([1, 1, 2, 2, 3, 10, 11]);
    },
  );
});

it("every character of the Basic Multilingual Plane makes a text GSM-7 or UCS-2, as the judge says", () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    if (!character.isWellFormed()) continue;
    // 80 characters are one part in GSM-7 and two in UCS-2.
    const parts = new SegmentedMessage(character).encodingName === "GSM-7" ? 1 : 2;
    if (countParts(character.repeat(80)) !== parts) wrong.push(character);
  }
  expect(wrong).toEqual([]);
});

const RUNS = { seed: 20_261_124, numRuns: 2_000 };

// The judge keeps what readers see as one character together, whatever its length (a family of emoji). The standard and
// the library know no such unit, so none is made here.
const gsmText = fc.array(fc.constantFrom(...GSM, ...EXTENSION, ...EXTENSION), { maxLength: 500 });
const anyText = fc.array(fc.constantFrom("x", "é", "€", "\r", "\n", ...OUTSIDE, ...PAIRS, ...PAIRS), {
  maxLength: 300,
});

it.each([
  ["GSM-7", gsmText],
  ["UCS-2", anyText],
])(`any text in %s has as many parts as the judge says: seed ${RUNS.seed}`, (_encoding, characters) => {
  fc.assert(
    fc.property(characters, (all) => {
      const text = all.join("");
      expect(countParts(text)).toBe(judgedParts(text));
    }),
    RUNS,
  );
});

it("of a character in many code points the standard keeps only the pairs together, the judge all", () => {
  const text = `${"あ".repeat(64)}👨‍👩‍👧‍👦${"あ".repeat(59)}`;
  expect([text.length, countParts(text), judgedParts(text)]).toEqual([134, 2, 3]);
});

it("a text whose link gives way to a shorter one never has more parts", () => {
  const text = fc.oneof(gsmText, anyText).map((all) => all.join(""));
  const shorter = "https://s.example.com/6789BCDFGH";
  const longer = fc.webUrl({ withQueryParameters: true }).filter((url) => url.length >= shorter.length);
  fc.assert(
    fc.property(text, longer, text, (before, url, behind) => {
      expect(countParts(`${before} ${shorter} ${behind}`)).toBeLessThanOrEqual(
        countParts(`${before} ${url} ${behind}`),
      );
    }),
    { seed: 20_261_124, numRuns: 2_000 },
  );
});
