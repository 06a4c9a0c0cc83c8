// The codes of a campaign's members are computed, not stored: campaign and member make one number, and the deployment's key
// enciphers it into eleven digits. So a million links cost nothing until somebody taps, and a code tells nobody who is next.

import { createCipheriv, type Cipheriv } from "node:crypto";
import { CODE_ALPHABET } from "../link/code.ts";
import type { Code } from "../link/link.ts";

/** What a code may be for: the member's link, or the page on which a number is stopped. */
export type Purpose = "link" | "stop";

/** Whose code it is. `campaign` is 0 to 2²⁴ − 1, `member` 1 to 2²². */
export interface MemberOfCampaign {
  purpose: Purpose;
  campaign: number;
  member: number;
}

/** Most members of one campaign: what 22 bits hold. */
export const MOST_MEMBERS = 2 ** 22;
/** Campaign numbers are random and smaller than this. */
export const CAMPAIGN_NUMBERS = 2 ** 24;
/** Characters of a member's code. A minted code has one less, so the form alone says which of both it is. */
export const MEMBER_CODE_LENGTH = 11;

// The layout is for ever, because codes lie in people's phones: purpose · 2⁴⁶ + campaign · 2²² + (member − 1), below 36¹¹.
const PURPOSES: readonly Purpose[] = ["link", "stop"];
const MEMBER_BITS = 22n;
const PURPOSE_BIT = 46n;

// FF1 (NIST SP 800-38G) for one shape of number: radix 36, 11 digits, no tweak. It cuts the number into 5 high and 6 low digits
// and adds to each half in turn what AES makes of the other.
const RADIX = CODE_ALPHABET.length;
const HIGH_DIGITS = 5;
const LOW_DIGITS = 6;
const HIGH = RADIX ** HIGH_DIGITS;
const LOW = RADIX ** LOW_DIGITS;
const ROUNDS = 10;
const BLOCK = 16;
const KEY_BYTES = 32;
// [1, 2, 1, radix as 3 bytes, rounds, high digits, 11 as 4 bytes, tweak's length as 4 bytes].
const SHAPE = Uint8Array.of(1, 2, 1, 0, 0, RADIX, ROUNDS, HIGH_DIGITS, 0, 0, 0, MEMBER_CODE_LENGTH, 0, 0, 0, 0);

const LETTERS = new TextEncoder().encode(CODE_ALPHABET);
const DIGITS = new Map(Array.from(CODE_ALPHABET, (character, digit) => [character, digit]));
/** Codes that are enciphered together: enough that a round's one call of AES outweighs itself, and few enough for a cache. */
const AT_ONCE = 4_096;

/** Whether a code has the form of a member's, which no minted and no chosen code has. */
export function hasMemberForm(code: string): boolean {
  return code.length === MEMBER_CODE_LENGTH && Array.from(code).every((character) => DIGITS.has(character));
}

/**
 * Enciphers and deciphers with one key of 32 bytes. Making one costs 0.1 ms, a code 16 µs (workerd, 2026): keep it, also across
 * requests, as ECB without padding has no state between whole blocks. Throws a `RangeError` for a key of another length.
 */
export class MemberCodes {
  readonly #aes: Cipheriv;
  readonly #shape: readonly number[];
  /** Of one code's round; nobody else comes in before AES has read it. */
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new DataView(this.#block.buffer);

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
    this.#aes = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
    // FF1 chains two blocks, and the first is the same for all of our numbers.
    const shape = viewOf(this.#aes.update(SHAPE));
    this.#shape = [0, 4, 8, 12].map((at) => shape.getUint32(at));
    for (const [word, value] of this.#shape.entries()) this.#words.setUint32(word * 4, value);
  }

  /** The code of one member. Throws a `RangeError` for a member or campaign that does not exist. */
  codeOf(member: MemberOfCampaign): Code {
    const [code] = this.#encipher(member, 1);
    return code as Code;
  }

  /** The codes of `count` members that follow one another, the given one first, in their order. */
  *codesFrom(first: MemberOfCampaign, count: number): Generator<Code[]> {
    for (let done = 0; done < count; done += AT_ONCE)
      yield this.#encipher({ ...first, member: first.member + done }, Math.min(AT_ONCE, count - done));
  }

  /** Whose code it is; undefined for what is no member's code under this key: all but one of 935 that are guessed. */
  memberOf(code: string): MemberOfCampaign | undefined {
    if (!hasMemberForm(code)) return undefined;
    let high = numberIn(code.slice(0, HIGH_DIGITS));
    let low = numberIn(code.slice(HIGH_DIGITS));
    // As many rounds back, without arrays: a tap waits for this one code.
    for (let round = ROUNDS - 2; round >= 0; round -= 2) {
      low = modulo(low - this.#added(round + 1, high, LOW) + LOW, LOW);
      high = modulo(high - this.#added(round, low, HIGH) + HIGH, HIGH);
    }
    const plain = BigInt(high) * BigInt(LOW) + BigInt(low);
    const purpose = PURPOSES[Number(plain >> PURPOSE_BIT)];
    if (purpose === undefined) return undefined;
    return {
      purpose,
      campaign: Number((plain >> MEMBER_BITS) % BigInt(CAMPAIGN_NUMBERS)),
      member: Number(plain % BigInt(MOST_MEMBERS)) + 1,
    };
  }

  #encipher(first: MemberOfCampaign, count: number): Code[] {
    const halves = halvesFrom(first, count);
    for (let round = 0; round < ROUNDS; round++) this.#round(halves, round);
    const letters = new Uint8Array(count * MEMBER_CODE_LENGTH);
    for (let at = 0; at < count; at++) {
      spell(letters, at * MEMBER_CODE_LENGTH, HIGH_DIGITS, halves.high[at] ?? 0);
      spell(letters, at * MEMBER_CODE_LENGTH + HIGH_DIGITS, LOW_DIGITS, halves.low[at] ?? 0);
    }
    const text = new TextDecoder().decode(letters);
    return Array.from({ length: count }, (_, at) => text.substr(at * MEMBER_CODE_LENGTH, MEMBER_CODE_LENGTH) as Code);
  }

  /** What a round adds to one half, which is made of the other. */
  #added(round: number, other: number, modulus: number): number {
    const [, , third = 0, fourth = 0] = this.#shape;
    this.#words.setUint32(8, third ^ round);
    this.#words.setUint32(12, fourth ^ other);
    const made = viewOf(this.#aes.update(this.#block));
    return remainder(made.getUint32(0), made.getUint32(4), modulus);
  }

  /** One round over many numbers. Even rounds change the high half. */
  #round(halves: Halves, round: number): void {
    const [changed, other, modulus] =
      round % 2 === 0 ? [halves.high, halves.low, HIGH] : [halves.low, halves.high, LOW];
    const [first, second, third, fourth] = this.#shape as [number, number, number, number];
    const bytes = new Uint8Array(changed.length * BLOCK);
    const blocks = new DataView(bytes.buffer);
    for (let at = 0; at < changed.length; at++) {
      const block = at * BLOCK;
      blocks.setUint32(block, first);
      blocks.setUint32(block + 4, second);
      blocks.setUint32(block + 8, third ^ round);
      blocks.setUint32(block + 12, fourth ^ (other[at] ?? 0));
    }
    const made = viewOf(this.#aes.update(bytes));
    for (let at = 0; at < changed.length; at++) {
      const added = remainder(made.getUint32(at * BLOCK), made.getUint32(at * BLOCK + 4), modulus);
      changed[at] = modulo((changed[at] ?? 0) + added, modulus);
    }
  }
}

interface Halves {
  high: Float64Array;
  low: Float64Array;
}

function halvesFrom({ purpose, campaign, member }: MemberOfCampaign, count: number): Halves {
  if (!isWithin(campaign, 0, CAMPAIGN_NUMBERS - 1)) throw new RangeError("campaign must be 0 to 2^24 - 1");
  if (!isWithin(member, 1, MOST_MEMBERS) || !isWithin(count, 1, MOST_MEMBERS - member + 1))
    throw new RangeError("member must be 1 to 2^22");
  const first =
    (BigInt(PURPOSES.indexOf(purpose)) << PURPOSE_BIT) + (BigInt(campaign) << MEMBER_BITS) + BigInt(member - 1);
  const high = Number(first / BigInt(LOW));
  const low = Number(first % BigInt(LOW));
  return {
    high: Float64Array.from({ length: count }, (_, at) => high + Math.floor((low + at) / LOW)),
    low: Float64Array.from({ length: count }, (_, at) => (low + at) % LOW),
  };
}

function isWithin(number: number, least: number, most: number): boolean {
  return Number.isInteger(number) && number >= least && number <= most;
}

/** (upper · 2³² + lower) mod modulus. By 16 bits, as modulus · 2¹⁶ is a safe integer and modulus · 2³² is none. */
function remainder(upper: number, lower: number, modulus: number): number {
  const middle = modulo(modulo(upper, modulus) * 2 ** 16 + (lower >>> 16), modulus);
  return modulo(middle * 2 ** 16 + (lower & 0xffff), modulus);
}

/** What `%` answers for safe integers: of numbers above 2³¹ it takes five times as long. */
function modulo(number: number, modulus: number): number {
  const rest = number - Math.floor(number / modulus) * modulus;
  // The quotient was rounded, and may have been rounded up to the next whole number.
  return rest < 0 ? rest + modulus : rest;
}

function numberIn(digits: string): number {
  return Array.from(digits).reduce((number, character) => number * RADIX + (DIGITS.get(character) ?? 0), 0);
}

/** Writes a number's digits as letters, the highest at `start`. */
function spell(letters: Uint8Array, start: number, digits: number, number: number): void {
  let rest = number;
  for (let at = start + digits - 1; at >= start; at--) {
    const higher = Math.floor(rest / RADIX);
    letters[at] = LETTERS[rest - higher * RADIX] ?? 0;
    rest = higher;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
