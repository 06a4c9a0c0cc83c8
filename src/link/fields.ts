// The schemas of a link's fields as a client sends them. Messages continue the sentence "this field …".

import * as v from "valibot";
import { type AddressRules, checkCallbackUrl, checkDestination, type Checked } from "./address.ts";
import type { Destination } from "./link.ts";

const MOST_TAGS = 20;
export const LONGEST_TAG = 64;
const LONGEST_REFERENCE = 255;

/** Text without control characters and lone surrogates, so that it can be stored, shown and sent on unchanged. */
export function plainText(longest: number, what = "") {
  return v.pipe(
    v.string(`${what}must be a string`),
    v.check(
      (text) => text.length >= 1 && text.length <= longest && !/\p{Cc}/u.test(text) && text.isWellFormed(),
      `${what}must be 1 to ${longest} characters without control characters`,
    ),
  );
}

function address(check: (input: string) => Checked) {
  return v.pipe(
    v.string("must be a string"),
    v.rawTransform<string, Destination>(({ dataset, addIssue, NEVER }) => {
      const checked = check(dataset.value);
      if (checked.kind === "ok") return checked.url;
      addIssue({ message: checked.message });
      return NEVER;
    }),
  );
}

/** A destination, normalised. */
export const destinationField = (rules: AddressRules) => address((input) => checkDestination(input, rules));

/** A callback URL, normalised; null means none. */
export const callbackUrlField = (rules: AddressRules) => v.nullable(address((input) => checkCallbackUrl(input, rules)));

/** How long something is to last, in seconds. `inWords` follows the limit in the message. */
export const secondsField = (longest: number, inWords: string) =>
  v.pipe(
    v.number("must be a number"),
    v.check(
      (seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= longest,
      `must be a whole number from 1 to ${longest} (${inWords})`,
    ),
  );

/** At most 20 tags of at most 64 characters; repeats are dropped. */
export const tagsField = v.pipe(
  v.array(plainText(LONGEST_TAG, "each tag "), "must be an array of strings"),
  v.maxLength(MOST_TAGS, `must have at most ${MOST_TAGS} tags`),
  v.transform((tags) => [...new Set(tags)]),
);

/** The client's own name for the link; null means none. */
export const referenceField = v.nullable(plainText(LONGEST_REFERENCE));
