// What lists of more than a page have in common.

import * as v from "valibot";

/** How many to show on a page. */
export function limitParameter(largest: number, usual: number) {
  const message = `must be a whole number from 1 to ${largest}`;
  const limit = v.pipe(
    v.string(),
    v.regex(/^\d{1,4}$/, message),
    v.transform(Number),
    v.check((number) => number >= 1 && number <= largest, message),
  );
  return v.optional(limit, String(usual));
}
