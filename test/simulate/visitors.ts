// Who opens links, and what the Worker has to take them for.

import type { Random } from "./random.ts";

export interface Visit {
  kind: "person" | "preview" | "prefetch" | "probe" | "scanner";
  method: "GET" | "HEAD";
  headers: Record<string, string>;
}

const PERSONS = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
];
const PREVIEWS = [
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
  "WhatsApp/2.23.20.0",
  "Mozilla/5.0 (X11; Ubuntu; Linux i686; rv:24.0) Gecko/20100101 Firefox/24.0",
];
const SCANNERS = ["curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"];

export const AGENTS = [...PERSONS, ...PREVIEWS, ...SCANNERS];
/** All visitors' addresses begin with this. */
export const ADDRESSES = "198.18.0.";

/** One of all kinds; more than half are persons. */
export function someVisit(random: Random): Visit {
  return random.weighted<() => Visit>([
    [12, () => aPerson(random)],
    [4, () => ({ kind: "preview", method: "GET", headers: { "user-agent": random.pick(PREVIEWS) } })],
    [
      1,
      () => ({
        kind: "prefetch",
        method: "GET",
        headers: { "user-agent": random.pick(PERSONS), "sec-purpose": "prefetch;prerender" },
      }),
    ],
    [1, () => ({ kind: "probe", method: "HEAD", headers: { "user-agent": random.pick(PERSONS) } })],
    [1, () => ({ kind: "probe", method: "GET", headers: {} })],
    [1, () => ({ kind: "scanner", method: "GET", headers: { "user-agent": random.pick(SCANNERS) } })],
  ])();
}

export function aPerson(random: Random): Visit {
  return { kind: "person", method: "GET", headers: { "user-agent": random.pick(PERSONS) } };
}
