// Which hosts are ours, and what a short URL begins with.

import type { AddressRules } from "../link/address.ts";
import { isIpAddress } from "../link/address.ts";
import { settingsOf } from "../settings.ts";

/** The short URL of a code: on SHORT_DOMAIN, else on the host that the request came to. */
export function shortUrlOf(env: Env, requestUrl: string, code: string): string {
  const { shortDomain } = settingsOf(env);
  if (shortDomain === undefined) return new URL(`/${code}`, requestUrl).href;
  const { hostname } = new URL(`http://${shortDomain}`);
  const scheme = hostname === "localhost" || isIpAddress(hostname) ? "http" : "https";
  return `${scheme}://${shortDomain}/${code}`;
}

/** The rules for addresses in this request. */
export function addressRules(env: Env, requestUrl: string): AddressRules {
  const { shortDomain, allowLocalAddresses } = settingsOf(env);
  const ownHosts = [new URL(requestUrl).host];
  if (shortDomain !== undefined) ownHosts.push(shortDomain);
  return { allowLocal: allowLocalAddresses, ownHosts };
}
