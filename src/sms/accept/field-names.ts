// How a message's fields are named by those who send them. The SMS API that we are compatible with ignores what it does not know, so
// one letter too few would send an SMS without what was asked for: such a name is refused.

import { type FieldError, wrongFields } from "../../http/problem.ts";

/** A name that Xoxzo's help page uses beside the right one. */
const ALSO: Readonly<Record<string, string>> = { lt_callbackur: "lt_callbackurl" };

/** What a short name may differ by; a longer one by two letters. "page" is not meant to be "tags". */
const SHORT = 4;

/**
 * The fields of these names; others are dropped. Throws 422 naming each that came twice, and each that seems to be a slip for one
 * of these names.
 */
export function namedFields(
  sent: readonly (readonly [string, unknown])[],
  names: readonly string[],
): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const errors = new Map<string, FieldError>();
  for (const [given, value] of sent) {
    const name = fieldCalled(given, names);
    const meant = name === undefined ? slipFor(given, names) : undefined;
    if (meant !== undefined)
      errors.set(given, { field: given, message: `Is unknown: did you mean ${meant}? Nothing was sent.` });
    if (name === undefined) continue;
    if (fields.has(name)) errors.set(name, { field: name, message: "Is given more than once." });
    fields.set(name, value);
  }
  if (errors.size > 0) throw wrongFields([...errors.values()]);
  return Object.fromEntries(fields);
}

/** The field that is sent under this name; undefined when it is none of ours. */
export function fieldCalled(given: string, names: readonly string[]): string | undefined {
  const name = Object.hasOwn(ALSO, given) ? ALSO[given] : given;
  return name !== undefined && names.includes(name) ? name : undefined;
}

/** Which of `names` somebody meant who wrote `given`, as one or two letters show; undefined when it is another word. */
export function slipFor(given: string, names: readonly string[]): string | undefined {
  const written = given.toLowerCase();
  return names.find((name) => {
    const most = name.length <= SHORT ? 1 : 2;
    return Math.abs(name.length - written.length) <= most && distance(written, name) <= most;
  });
}

/** How many letters have to be added, left out, changed or swapped with the next, to make `b` of `a`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, swapped));
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
