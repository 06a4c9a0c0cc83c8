// Which URLs a link may lead to and which may be called back: one policy, two strictnesses.

import type { Destination } from "./link.ts";

/** Long enough for real campaigns, short enough for every browser and for KV reads to stay small. */
export const LONGEST_URL = 2_048;
/** Normalising can shorten a URL (dot segments); beyond this no parser needs to try. */
const LONGEST_INPUT = 8_192;

export interface AddressRules {
  /** The setting ALLOW_LOCAL_ADDRESSES: localhost, IP literals and http callbacks pass. */
  allowLocal: boolean;
  /** Hosts that are ours, each as `host` or `host:port`; a link to them would loop. */
  ownHosts: readonly string[];
}

export type Checked = { kind: "ok"; url: Destination } | { kind: "refused"; message: string };

// Names that never lead to a public server: RFC 6761, 6762, 7686, 8375, 9476 and IANA's reserved list, then names
// that routers and companies use inside.
const SPECIAL_USE =
  /\.(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|mail|test|example|invalid|onion|alt|arpa)$/;
// The parser lets "*.example.com" and "a.example,https" pass. DNS's limits: 63 characters a label, 253 a name.
const FULL_NAME = /^(?=.{1,253}$)[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})+$/;
// Invisible too are the joiners and variation selectors, but emoji and several scripts cannot be written without them.
const UNSAFE_TEXT =
  /[[\s\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\\]--[\u200c\u200d\p{Variation_Selector}]]/v;

const HTTPS_ONLY = "must begin with https://: give that server a certificate (a local firsttap calls http as well)";

const refused = (message: string): Checked => ({ kind: "refused", message });

/** A destination as it is stored and sent in `Location` (`new URL(input).href`), or why it cannot be one. */
export function checkDestination(input: string, rules: AddressRules): Checked {
  return check(input, rules, ["http:", "https:"]);
}

/** A callback URL, or why it cannot be one: the destination's policy, https only, and no address that is not public. */
export function checkCallbackUrl(input: string, rules: AddressRules): Checked {
  return check(input, rules, rules.allowLocal ? ["http:", "https:"] : ["https:"]);
}

function check(input: string, rules: AddressRules, schemes: string[]): Checked {
  if (input === "") return refused("is empty: give an absolute URL such as https://example.com/");
  if (input.length > LONGEST_INPUT) return refused(`is longer than ${LONGEST_URL} characters: shorten it`);
  if (UNSAFE_TEXT.test(input) || !input.isWellFormed())
    return refused("holds a space, invisible character or backslash: percent-encode it");
  const url = URL.parse(input);
  if (url === null || hasBrokenLabel(url))
    return refused("is not an absolute URL: write it like https://example.com/path");
  if (!schemes.includes(url.protocol))
    return refused(
      url.protocol === "http:" ? HTTPS_ONLY : `must begin with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
    );
  if (!/^https?:\/\/[^/]/i.test(input)) return refused("must have two slashes behind the scheme: https://example.com/");
  // Also where both are empty, which the parsed URL would not show.
  if (/^[^/?#]*\/\/[^/?#]*@/.test(input)) return refused("holds a user name or password: remove it");
  if (url.href.length > LONGEST_URL) return refused(`is longer than ${LONGEST_URL} characters: shorten it`);
  const message = checkHost(url, rules);
  return message === undefined ? { kind: "ok", url: url.href as Destination } : refused(message);
}

// Browsers refuse a host with an "xn--" label that decodes to no name. This parser looks into such labels only where
// another one is not ASCII.
function hasBrokenLabel({ hostname }: URL): boolean {
  return hostname.includes("xn--") && !URL.canParse(`https://ü.${hostname}`);
}

function checkHost(url: URL, rules: AddressRules): string | undefined {
  const host = url.hostname.replace(/\.$/, "");
  if (isOwnHost(url, host, rules)) return "leads to this service itself: it would loop";
  const local = host === "localhost" || host.endsWith(".localhost") || isIpAddress(host);
  if (local) return rules.allowLocal ? undefined : "must name a public host, not localhost or an IP address";
  if (!FULL_NAME.test(host)) return "must have a full host name with a dot, such as example.com";
  if (SPECIAL_USE.test(host)) return "must name a public host: this name is reserved for private or special use";
  return undefined;
}

// Locally our server and the receiver share the host "localhost", so there the port tells them apart.
function isOwnHost(url: URL, host: string, rules: AddressRules): boolean {
  return rules.ownHosts.some((own) => {
    const ownUrl = URL.parse(`http://${own}`);
    if (ownUrl === null || ownUrl.hostname.replace(/\.$/, "") !== host) return false;
    return !rules.allowLocal || ownUrl.port === url.port;
  });
}

/** Whether a `URL.hostname` is an IP literal. The parser has already undone octal, hex, short and full-width forms. */
export function isIpAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(hostname);
}
