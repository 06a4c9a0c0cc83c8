// Members' codes: FF1 as NIST describes it, in both directions, and nothing to see in them.

import { createCipheriv } from "node:crypto";
import { FF1 } from "@noble/ciphers/ff1.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CAMPAIGN_NUMBERS,
  hasMemberForm,
  MEMBER_CODE_LENGTH,
  MemberCodes,
  type MemberOfCampaign,
  MOST_MEMBERS,
} from "../src/campaign/member-code.ts";
import { CODE_ALPHABET, codeInPath, isMinted, mintCode, parseChosenCode } from "../src/link/code.ts";

const KEY = bytesOf("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94");
const codes = new MemberCodes(KEY);
/** More than are enciphered at once. All 100,000 took 40 s of CPU, most of it theirs. */
const AGREED = 5_000;

const VECTORS: [MemberOfCampaign, string][] = [
  [{ purpose: "link", campaign: 0, member: 1 }, "mfHwFb8bLtr"],
  [{ purpose: "link", campaign: 0, member: 2 }, "QtQqtHGr9BT"],
  [{ purpose: "stop", campaign: 0, member: 1 }, "FM9DgNWtbwL"],
  [{ purpose: "link", campaign: 0xabcdef, member: 1_000_000 }, "Ckm8jwwLKzG"],
  [{ purpose: "stop", campaign: CAMPAIGN_NUMBERS - 1, member: MOST_MEMBERS }, "hWN6DkFt9fb"],
];

const member = fc.record<MemberOfCampaign>({
  purpose: fc.constantFrom("link", "stop"),
  campaign: fc.nat(CAMPAIGN_NUMBERS - 1),
  member: fc.integer({ min: 1, max: MOST_MEMBERS }),
});

describe("FF1", () => {
  // NIST, "Examples with intermediate values" of SP 800-38G: samples 7, 8 and 9, those with AES-256.
  it.each([
    [10, "", "0123456789", "6657667009"],
    [10, "39383736353433323130", "0123456789", "1001623463"],
    [36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"],
  ])("radix %d, tweak «%s»: %s becomes %s", (radix, tweak, plain, cipher) => {
    expect(
      ff1(radix, KEY, bytesOf(tweak), digitsOf(plain))
        .map((digit) => digit.toString(36))
        .join(""),
    ).toBe(cipher);
  });

  it("is what a code is made by", () => {
    fc.assert(
      fc.property(member, (whose) => {
        expect(codes.codeOf(whose)).toBe(lettersOf(ff1(36, KEY, bytesOf(""), plainDigits(whose))));
      }),
      { numRuns: 100 },
    );
  });

  it("is what another implementation makes, of members in a row and back", () => {
    const theirs = FF1(36, KEY);
    let whose: MemberOfCampaign = { purpose: "link", campaign: 0xabcdef, member: 1 };
    const ours = [...codes.codesFrom(whose, AGREED)].flat();
    expect(new Set(ours).size).toBe(AGREED);
    for (const [at, code] of ours.entries()) {
      whose = { ...whose, member: at + 1 };
      const digits = plainDigits(whose);
      const made = theirs.encrypt(digits);
      if (lettersOf(made) !== code || theirs.decrypt(made).join() !== digits.join())
        expect([at, code]).toBe(lettersOf(made));
      const back = codes.memberOf(code);
      if (back?.member !== whose.member || back.campaign !== whose.campaign) expect(back).toEqual(whose);
    }
  });
});

describe("a member's code", () => {
  it("names its member again, and has a form that no minted and no chosen code has", () => {
    fc.assert(
      fc.property(member, (whose) => {
        const code = codes.codeOf(whose);
        expect(codes.memberOf(code)).toEqual(whose);
        expect(hasMemberForm(code)).toBe(true);
        expect(isMinted(code)).toBe(true);
        expect(parseChosenCode(code).kind).toBe("refused");
        expect(codeInPath(`/${code}'den`)).toBe(code);
      }),
    );
    expect(hasMemberForm(mintCode())).toBe(false);
  });

  // For ever: these lie in people's phones. They are published in docs/design/10-a-members-code-is-computed.md.
  it.each<[MemberOfCampaign, string]>(VECTORS)("is for ever: of %o it is %s", (whose, code) => {
    expect(codes.codeOf(whose)).toBe(code);
    expect(codes.memberOf(code)).toEqual(whose);
  });

  it("is refused for a member or campaign that does not exist", () => {
    for (const wrong of [
      { member: 0 },
      { member: MOST_MEMBERS + 1 },
      { member: 1.5 },
      { campaign: -1 },
      { campaign: CAMPAIGN_NUMBERS },
    ])
      expect(() => codes.codeOf({ purpose: "link", campaign: 1, member: 1, ...wrong })).toThrow(RangeError);
    expect(() => [...codes.codesFrom({ purpose: "link", campaign: 1, member: MOST_MEMBERS }, 2)]).toThrow(RangeError);
    expect(() => new MemberCodes(KEY.slice(1))).toThrow(RangeError);
  });

  it("is none by chance more often than there are members", () => {
    // 2 of 1,870 numbers are purposes; the campaign and member that such a guess names are random as well.
    const random = randomCodes(20_000);
    const hits = random.filter((code) => codes.memberOf(code) !== undefined).length;
    // 21 are expected; fewer than 5 or more than 45 come once in ten thousand runs and more.
    expect(hits).toBeGreaterThan(4);
    expect(hits).toBeLessThan(46);
    for (const code of random.slice(0, 100)) expect(codes.memberOf(code.slice(1))).toBeUndefined();
  });

  it("does not become a neighbour's, or another campaign's, by a change of one character", () => {
    const whose: MemberOfCampaign = { purpose: "link", campaign: 77, member: 1 };
    for (const [at, code] of [...codes.codesFrom(whose, 50)].flat().entries())
      for (const changed of changesOf(code)) {
        const hit = codes.memberOf(changed);
        if (hit?.campaign === whose.campaign) expect([at, changed]).toEqual([]);
      }
  });

  it("has each character as often as any other in each place", () => {
    const count = 36 * 1_000;
    const all = [...codes.codesFrom({ purpose: "link", campaign: 5, member: 1 }, count)].flat();
    for (let place = 0; place < MEMBER_CODE_LENGTH; place++) {
      const seen = new Map<string, number>();
      for (const code of all) seen.set(code.charAt(place), (seen.get(code.charAt(place)) ?? 0) + 1);
      const chiSquared = Array.from(CODE_ALPHABET, (letter) => ((seen.get(letter) ?? 0) - 1_000) ** 2 / 1_000);
      // 35 degrees of freedom: one in a million is above 90.
      expect(chiSquared.reduce((sum, term) => sum + term)).toBeLessThan(90);
    }
  });
});

it("FF1 of a small number is a permutation", () => {
  const made = new Set(
    Array.from({ length: 6 ** 4 }, (_, n) =>
      ff1(6, KEY, bytesOf(""), digitsOf(n.toString(6).padStart(4, "0"))).join(""),
    ),
  );
  expect(made.size).toBe(6 ** 4);
});

/** FF1 as SP 800-38G writes it down, for any radix and length, on digits. */
function ff1(radix: number, key: Uint8Array, tweak: Uint8Array, digits: number[]): number[] {
  const n = digits.length;
  const u = Math.floor(n / 2);
  const v = n - u;
  const b = Math.ceil(Math.ceil(v * Math.log2(radix)) / 8);
  const d = 4 * Math.ceil(b / 4) + 4;
  const p = [
    1,
    2,
    1,
    ...bigEndian(BigInt(radix), 3),
    10,
    u % 256,
    ...bigEndian(BigInt(n), 4),
    ...bigEndian(BigInt(tweak.length), 4),
  ];
  let left = digits.slice(0, u);
  let right = digits.slice(u);
  for (let round = 0; round < 10; round++) {
    const zeros = (((-tweak.length - b - 1) % 16) + 16) % 16;
    const q = [...tweak, ...Array<number>(zeros).fill(0), round, ...bigEndian(numberOf(radix, right), b)];
    const r = chained(key, [...p, ...q]);
    let s = r;
    for (let j = 1; s.length < d; j++) s = [...s, ...chained(key, bigEndian(numberFrom(r) ^ BigInt(j), 16))];
    const m = round % 2 === 0 ? u : v;
    const c = (numberOf(radix, left) + numberFrom(s.slice(0, d))) % BigInt(radix) ** BigInt(m);
    [left, right] = [right, digitsIn(radix, c, m)];
  }
  return [...left, ...right];
}

/** CBC-MAC with AES-256: the last block. */
function chained(key: Uint8Array, bytes: number[]): number[] {
  const cipher = createCipheriv("aes-256-cbc", key, new Uint8Array(16)).setAutoPadding(false);
  return [...cipher.update(Uint8Array.from(bytes))].slice(-16);
}

function plainDigits({ purpose, campaign, member: place }: MemberOfCampaign): number[] {
  const z = purpose === "link" ? 0n : 1n;
  return digitsIn(36, z * 2n ** 46n + BigInt(campaign) * 2n ** 22n + BigInt(place - 1), 11);
}

function numberOf(radix: number, digits: number[]): bigint {
  return digits.reduce((number, digit) => number * BigInt(radix) + BigInt(digit), 0n);
}

function numberFrom(bytes: number[]): bigint {
  return numberOf(256, bytes);
}

function bigEndian(number: bigint, bytes: number): number[] {
  return digitsIn(256, number, bytes);
}

function digitsIn(radix: number, number: bigint, length: number): number[] {
  return Array.from({ length }, (_, at) => Number((number / BigInt(radix) ** BigInt(length - 1 - at)) % BigInt(radix)));
}

function digitsOf(text: string): number[] {
  return Array.from(text, (character) => Number.parseInt(character, 36));
}

function lettersOf(digits: number[]): string {
  return digits.map((digit) => CODE_ALPHABET[digit]).join("");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function randomCodes(count: number): string[] {
  const random = crypto.getRandomValues.bind(crypto);
  return Array.from({ length: count }, () =>
    Array.from(random(new Uint32Array(MEMBER_CODE_LENGTH)), (number) => CODE_ALPHABET[number % 36]).join(""),
  );
}

function changesOf(code: string): string[] {
  return Array.from(code).flatMap((character, at) =>
    Array.from(CODE_ALPHABET.replace(character, ""), (other) => code.slice(0, at) + other + code.slice(at + 1)),
  );
}
