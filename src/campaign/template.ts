// The template of a campaign's destinations: a URL with placeholders such as {code}, which are filled in for each member. What is filled in
// is percent-encoded, and never stands in scheme, host or port: so whatever it is, it leads to the same server.

import { type AddressRules, checkDestination, type Checked } from "../link/address.ts";
import type { Destination } from "../link/link.ts";

/** What each member has. */
export type Values = Readonly<Record<string, string>>;
/** Added to the query of every destination, as `utm_source` and so on. */
export type Utm = Readonly<Record<string, string>>;

const PLACEHOLDER = /\{([a-z][a-z0-9_]{0,31})\}/g;
const MOST_PLACEHOLDERS = 20;
/** Scheme and authority, which hold no placeholder, and then a path, a query or a fragment. */
const FIXED_SERVER = /^https?:\/\/[^/?#{}]+(?:[/?#]|$)/i;
/** Of a template that is checked: as long as codes and numbers are. */
const LONGEST_KNOWN: Values = { code: "mfHwFb8bLtr", number: "4000000" };
/** Stands for a placeholder while the URL is normalised, which leaves it as it is. */
const MARK = "qzXplaceholderXzq";

/** The names of the placeholders in a template. */
export function placeholdersIn(template: string): string[] {
  return [...new Set(Array.from(template.matchAll(PLACEHOLDER), ([, name = ""]) => name))];
}

/** The destination of one member. A placeholder of which nothing is known stays empty. */
export function expand(template: string, values: Values): Destination {
  const filled = template.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(values[name] ?? ""));
  // The template was checked with such values in it.
  return filled as Destination;
}

/** The template as it is stored, or why it cannot be one. Known are {code} and {number}. */
export function checkTemplate(input: string, rules: AddressRules): Checked {
  const names = placeholdersIn(input);
  const unknown = names.filter((name) => !(name in LONGEST_KNOWN));
  if (unknown.length > 0)
    return refused(`has the unknown placeholder {${unknown[0] ?? ""}}: {code} and {number} are known`);
  const bare = input.replace(PLACEHOLDER, "");
  if (/[{}]/.test(bare)) return refused("holds a brace that belongs to no placeholder: write %7B for { and %7D for }");
  if (Array.from(input.matchAll(PLACEHOLDER)).length > MOST_PLACEHOLDERS)
    return refused(`has more than ${MOST_PLACEHOLDERS} placeholders`);
  if (bare !== input && !FIXED_SERVER.test(input))
    return refused("must have placeholders in its path, query or fragment only, never in scheme, host or port");
  const checked = checkDestination(
    input.replace(PLACEHOLDER, (_, name: string) => MARK + name + MARK),
    rules,
  );
  if (checked.kind === "refused") return checked;
  return { kind: "ok", url: checked.url.replaceAll(new RegExp(`${MARK}(.*?)${MARK}`, "g"), "{$1}") as Destination };
}

/** The template with these in its query, behind what is there, which stays as it was written; or why it cannot have them. */
export function addUtm(template: string, utm: Utm, rules: AddressRules): Checked {
  const repeated = Object.keys(utm).find((name) => new URL(template).searchParams.has(`utm_${name}`));
  if (repeated !== undefined) return refused(`has utm_${repeated} in its query already: leave it out there, or in utm`);
  const whole = withUtm(template, utm);
  // As long as it gets.
  const longest = checkDestination(expand(whole, LONGEST_KNOWN), rules);
  return longest.kind === "refused" ? longest : { kind: "ok", url: whole as Destination };
}

function withUtm(url: string, utm: Utm): string {
  const added = Object.entries(utm).map(([name, value]) => `utm_${name}=${encodeURIComponent(value)}`);
  if (added.length === 0) return url;
  const [address = "", ...fragment] = url.split("#");
  const joint = !address.includes("?") ? "?" : /[?&]$/.test(address) ? "" : "&";
  return [address + joint + added.join("&"), ...fragment].join("#");
}

function refused(message: string): Checked {
  return { kind: "refused", message };
}
