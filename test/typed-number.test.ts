// Numbers as people write them, with the account's country: judged by the example numbers of all countries, as each writes its own.

import metadata from "libphonenumber-js/metadata.max.json";
import examples from "libphonenumber-js/mobile/examples";
import { getExampleNumber } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { numberIn } from "../src/dashboard/typed-number.ts";

describe("a national number", () => {
  it.each([
    ["090-1234-5678", "JP", "+819012345678"],
    ["０９０－１２３４－５６７８", "JP", "+819012345678"],
    ["090 1234 5678", null, undefined],
    ["+81 90 1234 5678", "US", "+819012345678"],
    ["0081 90 1234 5678", null, "+819012345678"],
    ["(415) 555-0123", "US", "+14155550123"],
    ["1-415-555-0123", "CA", "+14155550123"],
    ["06 12 34 56 78", "FR", "+33612345678"],
    ["06 612 34 56 78", "IT", "+3906612345678"],
    ["8 (912) 345-67-89", "RU", "+79123456789"],
    ["06 20 123 4567", "HU", "+36201234567"],
    ["8123 4567", "SG", "+6581234567"],
    ["order-7", "JP", undefined],
    ["12345678", "JP", undefined],
    ["0120", "JP", undefined],
    ["090-1234-5678", "XX", undefined],
  ])("%s in %s is %s", (text, country, number) => {
    expect(numberIn(text, country)?.number).toBe(number);
  });

  it("of bare digits without a prefix may be something else", () => {
    expect(numberIn("81234567", "SG")).toEqual({ number: "+6581234567", isCertain: false });
    expect(numberIn("8123 4567", "SG")?.isCertain).toBe(true);
    expect(numberIn("09012345678", "JP")?.isCertain).toBe(true);
  });

  it("of each country is the number that libphonenumber reads, or none", () => {
    const wrong: unknown[] = [];
    const unknown: string[] = [];
    for (const country of Object.keys(metadata.countries) as (keyof typeof metadata.countries)[]) {
      const example = getExampleNumber(country, examples);
      if (example === undefined) continue;
      const national = example.formatNational();
      const read = numberIn(national, country)?.number;
      if (read === undefined) unknown.push(country);
      else if (read !== example.number) wrong.push([country, national, read, example.number]);
    }
    expect(wrong).toEqual([]);
    // All but Argentina are not in ISO 3166-1.
    expect(unknown).toEqual(["AC", "AR", "TA", "XK"]);
  });
});
