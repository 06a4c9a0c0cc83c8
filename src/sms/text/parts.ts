// In how many SMS a text travels, as carriers count and bill it.

import { split } from "split-sms";

/**
 * The number of parts, at least 1, of a well-formed text. Takes linear time.
 *
 * With GSM-7 (3GPP TS 23.038, section 6.2.1) one part holds 160 septets and each of several 153; a character of the
 * extension table is two septets. One character outside that alphabet, and all are UCS-2: 70 or 67 UTF-16 units
 * (3GPP TS 23.040, section 9.2.3.24.1). Neither the two septets nor a surrogate pair are divided between two parts, so a
 * part may stay one short: 23.040 forbids to divide a character. It knows no surrogates, but half an emoji is no character,
 * and Twilio's calculator reads it so too.
 */
export function countParts(text: string): number {
  return split(text, { summary: true }).parts.length;
}
