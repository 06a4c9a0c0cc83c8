// Which hosts are ours, and what a short URL begins with.

import { createMiddleware } from "hono/factory";
import type { AddressRules } from "../link/address.ts";
import { isIpAddress } from "../link/address.ts";
import { settingsOf } from "../settings.ts";
import { Problem } from "./problem.ts";

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The short URL of a code: on SHORT_DOMAIN, else on the host that the request came to. */
export function shortUrlOf(env: Env, requestUrl: string, code: string): string {
  const { shortDomain } = settingsOf(env);
  if (shortDomain === undefined) {
    const url = new URL(`/${code}`, requestUrl);
    if (!isLocal(env, requestUrl)) url.protocol = "https:";
    return url.href;
  }
  const { hostname } = new URL(`http://${shortDomain}`);
  const scheme = hostname === "localhost" || isIpAddress(hostname) ? "http" : "https";
  return `${scheme}://${shortDomain}/${code}`;
}

/**
 * Whether the request came to somebody's own machine: over its loopback, or, from a phone in the same network, to a server with
 * ALLOW_LOCAL_ADDRESSES. There is no https there.
 */
export function isLocal(env: Env, requestUrl: string): boolean {
  return settingsOf(env).allowLocalAddresses || LOOPBACK.test(new URL(requestUrl).hostname);
}

/** Refuses what came in clear: 403. To be asked before anything is read. */
export const requireHttps = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const { url } = c.req;
  if (new URL(url).protocol !== "https:" && !isLocal(c.env, url))
    throw new Problem({
      status: 403,
      slug: "https-required",
      title: "Use https",
      detail: "What was sent could be read on its way. If it held a token, revoke that.",
    });
  await next();
});

/** The rules for addresses in this request. */
export function addressRules(env: Env, requestUrl: string): AddressRules {
  const { shortDomain, allowLocalAddresses } = settingsOf(env);
  const ownHosts = [new URL(requestUrl).host];
  if (shortDomain !== undefined) ownHosts.push(shortDomain);
  return { allowLocal: allowLocalAddresses, ownHosts };
}
