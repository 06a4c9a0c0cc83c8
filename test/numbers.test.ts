// Which numbers an SMS can be sent to, judged by the numbering plans of all countries.

import { describe, expect, it } from "vitest";
import fc from "fast-check";
import metadata from "libphonenumber-js/metadata.max.json";
import { isRecipient } from "../src/sms/accept/numbers.ts";

describe("a recipient", () => {
  it.each([
    "+818012345678",
    "+14155550123",
    "+442079460958",
    "+77011234567",
    "+390612345678", // Rome: its 0 is dialled from abroad too
    "+3780549886377",
    "+2250123456789",
    "+6834002", // Niue: 7 digits
    "+123456789012345",
  ])("may be %s", (text) => {
    expect(isRecipient(text)).toBe(true);
  });

  it.each([
    "",
    "+",
    "818012345678",
    "08012345678",
    "00818012345678",
    "++818012345678",
    "+8108012345678",
    "+08012345678",
    "+4402079460958",
    "+10155550123",
    "+3530861234567",
    "+123456", // 6 digits
    "+1234567890123456", // 16 digits
    "+81 80 1234 5678",
    "+81-80-1234-5678",
    "+81(0)8012345678",
    " +818012345678",
    "+818012345678 ",
    "+818012345678\n",
    "+818012345678,+818012345679",
    "+818012345678;ext=1",
    "tel:+818012345678",
    "＋818012345678",
    "+８１８０１２３４５６７８",
    "+٨١٨٠١٢٣٤٥٦٧٨",
    "+8180123x5678",
  ])("may not be %j", (text) => {
    expect(isRecipient(text)).toBe(false);
  });
});

const RUNS = { seed: 20_261_124, numRuns: 100 };

/** By country code, numbers that the numbering plans of its countries allow for fixed and mobile telephones. */
const NUMBERS = new Map<string, string[]>();
for (const plan of [...Object.values(metadata.countries), ...Object.values(metadata.nonGeographic)] as any[]) {
  // As libphonenumber-js lays out its file: the patterns by kind are at 11, and one is empty if it is as the one before.
  const { 0: code, 11: [fixed, mobile] = [] } = plan;
  const patterns = [fixed, mobile].flatMap((kind) => (kind && kind[0]) || []);
  const numbers = patterns.flatMap((pattern) => fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), RUNS));
  NUMBERS.set(code, [...(NUMBERS.get(code) ?? []), ...numbers]);
}

it(`every fixed or mobile number of every country is a recipient: seed ${RUNS.seed}`, () => {
  const all = [...NUMBERS].flatMap(([code, numbers]) => numbers.map((number) => `+${code}${number}`));
  // Germany has numbers of more digits than E.164 allows, Austria telephone services of 6.
  const ordinary = all.filter((number) => /^\+\d{7,15}$/.test(number));
  expect(ordinary.filter((number) => !isRecipient(number))).toEqual([]);
  expect(NUMBERS.size).toBeGreaterThan(200);
});

it(`a 0 behind the country code is refused exactly where no number begins with 0: seed ${RUNS.seed}`, () => {
  const codes = [...NUMBERS.keys()].filter((code) => isRecipient(`+${code}01234567`));
  const begunWithZero = [...NUMBERS].filter(([, numbers]) => numbers.some((number) => number.startsWith("0")));
  expect(codes).toEqual(begunWithZero.map(([code]) => code));
});
