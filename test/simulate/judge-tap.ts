// Whether one tap was answered as it had to be, judged the moment the answer comes.

import { CACHED_MS, LONGEST_LAG_MS } from "./kv.ts";
import type { Answer, Answered, Platform } from "./platform.ts";
import type { LinkHistory, Tap, World } from "./world.ts";

/** A city may serve what it read for a minute, and its first read may lag behind; the documents say "about a minute". */
const KV_STALENESS_MS = CACHED_MS + LONGEST_LAG_MS;

/** A read of KV, and whatever a healthy rate limiter or clock takes. */
const AT_ONCE_MS = 100;
/** What alarms may take in bad weather until an ended link's entry is gone or overwritten. */
const FIRST_TRY_MS = 75 * 60_000;
/** A write that KV has refused again and again waits for the next day of UTC. */
const NEXT_TRY_MS = 25 * 3_600_000;
const LONGEST_SLEEP_MS = 2 * 3_600_000;
/** By so much may two machines differ about which of a code's links was tapped. */
const CLOCKS_DIFFER_MS = 100;
const REDIRECT_HEADERS = { "cache-control": "private, no-store", "referrer-policy": "no-referrer" };

export function judgeTap(world: World, platform: Platform, tap: Tap): void {
  const sentAt = tap.answer?.sentAt ?? -Infinity;
  const links = world
    .linksOf(tap.code)
    .filter(({ replacedAt }) => replacedAt === null || replacedAt >= sentAt - CLOCKS_DIFFER_MS);
  const wrong = judge(platform, tap, links, world.linksOf(tap.code));
  if (wrong !== null) world.violate(wrong.check, `${tap.method} /${tap.code} (${tap.id}): ${wrong.detail}`);
}

/** `links`: those that the code had between the tap and its answer; `all`: the ones before, too. */
function judge(
  platform: Platform,
  tap: Tap,
  links: readonly LinkHistory[],
  all: readonly LinkHistory[],
): { check: string; detail: string } | null {
  const { answer } = tap;
  const check = "each tap is answered right";
  if (answer === null) return { check, detail: "no answer" };
  const metFaults = answer.life.faults > 0;
  if (answer.kind === "died") return null;
  if (answer.kind === "silent") return { check, detail: "no answer within a minute" };
  const isOpen = links.some(({ versions }) => versions[0] !== undefined && versions[0].at <= answer.sentAt);
  switch (answer.status) {
    case 302:
      return judgeRedirect(platform, tap, answer, links, all);
    case 404:
      return isOpen && !links.some(({ freedAt }) => freedAt !== null)
        ? { check, detail: "404, though there is such a link" }
        : null;
    case 410:
      return hasEnded(tap, links) ? null : { check, detail: "410, though the link is live" };
    case 429:
      return isOpen ? { check, detail: "429 for a known link" } : null;
    case 503:
      return isPutOff(tap) ? judgePutOff(tap, all) : metFaults ? null : { check, detail: "503 without a fault" };
  }
  return { check, detail: `status ${answer.status}` };
}

/** Whether a browser that only loads ahead was told to ask when somebody taps. */
export function isPutOff({ kind, answer }: Tap): boolean {
  return (
    kind === "prefetch" &&
    answer?.kind === "answered" &&
    answer.status === 503 &&
    answer.headers.get("retry-after") === "60"
  );
}

function judgePutOff(tap: Tap, links: readonly LinkHistory[]): { check: string; detail: string } | null {
  const check = "each tap is answered right";
  if (links.length === 0) return { check, detail: "a prefetch put off for a code that nobody opened" };
  const isLive = links.some(({ expiresAt }) => tap.date < expiresAt);
  return isLive ? null : { check, detail: "a prefetch put off, though the link has ended" };
}

function judgeRedirect(
  platform: Platform,
  tap: Tap,
  answer: Answered & Pick<Answer, "life" | "sentAt">,
  links: readonly LinkHistory[],
  all: readonly LinkHistory[],
): { check: string; detail: string } | null {
  const check = "no wrong destination";
  const location = answer.headers.get("location") ?? "";
  for (const [name, value] of Object.entries(REDIRECT_HEADERS))
    if (answer.headers.get(name) !== value)
      return { check: "each tap is answered right", detail: `${name} is missing` };
  if (all.length === 0) return { check, detail: `${location} for a code that nobody opened` };
  if (links.some(({ intent }) => location === intent?.owner.fallbackUrl))
    return hasEnded(tap, links) ? null : { check, detail: "the fallback, though the link is live" };
  const link = all.findLast(({ versions }) => versions.some(({ destination }) => destination === location));
  if (link === undefined) return { check, detail: `${location} is no destination of this link` };
  if (tap.kind === "prefetch")
    return { check: "each tap is answered right", detail: "a prefetch got the destination: the click would not ask" };
  const endedAt = link.versions.find(({ closedAt }) => closedAt !== null)?.at ?? link.replacedAt;
  if (endedAt !== null) {
    const troubledAt = platform.directory.troubledAt(tap.code);
    const triedAt = troubledAt > endedAt ? troubledAt + NEXT_TRY_MS : endedAt + FIRST_TRY_MS;
    // Whoever lost its alarm in bad weather, and was to try again, is found within two hours.
    const { weather } = platform;
    const mayBeAsleep = weather.losesAlarms && weather.wasBadAt(answer.sentAt - LONGEST_SLEEP_MS);
    if (answer.sentAt > triedAt + KV_STALENESS_MS && !mayBeAsleep)
      return { check: "a deleted link stays deleted", detail: `${answer.sentAt - endedAt} ms after its end` };
  }
  if (tap.date >= link.expiresAt) return { check, detail: `${tap.date - link.expiresAt} ms after its end` };
  const replaced = link.versions.findLast(
    (version, n) => n > 0 && isServing(link.versions[n - 1], location) && !isServing(version, location),
  );
  const current = isServing(link.versions.at(-1), location);
  const elapsed = platform.clock.now - answer.sentAt;
  if (!platform.recordsBeforeRedirect && platform.directory.hasServed(answer.life) && elapsed > AT_ONCE_MS)
    return { check: "the redirect waits for nothing but KV", detail: `${elapsed} ms` };
  if (current || replaced === undefined || replaced.at >= answer.sentAt) return null;
  // KV learns of it later than the object, and cities later than KV.
  const learned = platform.directory.whenReplaced(tap.code, replaced.at, (value) => value?.includes(location) !== true);
  if (learned === null || answer.sentAt <= learned + KV_STALENESS_MS) return null;
  return { check, detail: `${location}, ${answer.sentAt - replaced.at} ms after it was replaced or closed` };
}

function isServing(version: LinkHistory["versions"][number] | undefined, location: string): boolean {
  return version !== undefined && version.closedAt === null && version.destination === location;
}

function hasEnded(tap: Tap, links: readonly LinkHistory[]): boolean {
  return links.some((link) => tap.date >= link.expiresAt || link.versions.at(-1)?.closedAt !== null);
}
