// Who is asking: decided from the method, the headers and the user agent, of which only the verdict is kept.

import { isbot, isbotPattern } from "isbot";
import type { Visitor } from "../link/link.ts";

// Fetchers that show a preview to somebody who has, or will get, the message. Lower case, searched anywhere.
// These name themselves; see isbot's fixtures and the services' own documentation.
const PREVIEWS = (
  "facebookexternalhit facebot twitterbot telegrambot slackbot slack-imgproxy discordbot skypeuripreview " +
  "googlemessages google-pagerenderer developers.google.com/+/web/snippet linkedinbot line-poker kakaotalk-scrap " +
  "redditbot pinterestbot embedly iframely mastodon bingpreview applebot vkshare zoombot microsoftpreview msteams " +
  "preview"
).split(" ");

// Fetchers that must be told apart from people with more care. Each pattern is the reason that is recorded.
const PREVIEW_PATTERNS: readonly RegExp[] = [
  // Samsung Messages renders its preview as a Firefox of 2013 (browscap issue 2157).
  /^Mozilla\/5\.0 \(X11; Ubuntu; Linux i686; rv:24\.0\) Gecko\/20100101 Firefox\/24\.0$/,
  // At the end of an agent these name the browser inside the app, with a person before it.
  /^(?:WhatsApp|Viber)\//i,
  // The HTTP stacks of Android and of Apple's systems, used by apps behind the user's back, not by browsers.
  /\bDalvik\//,
  /\bCFNetwork\//,
];

// The model in an Android agent is the maker's free text ("CUBOT NOTE", "Robot R1"), and apps repeat it ("Instagram 9.0
// Android (28/9; CUBOT)"). isbot would read "bot" in it.
const ANDROID_MODEL = /(\([^()]*\bAndroid\b|\bAndroid(?:\/[\d.]+)? \()[^)]*\)/g;
// Apps for news have browsers too ("Mobile/15E148 SmartNews/24.5.0"). isbot takes the word for a feed reader.
const NEWS_APP = /(?<=\bMobile\b.*)news/gi;
/** No browser's agent is longer, and a pattern may take a long time over a long one. */
const LONGEST_AGENT = 1_024;

const DEVICES: readonly [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Macintosh|Mac OS X/, "Mac"],
  [/CrOS/, "ChromeOS"],
  [/Linux|X11/, "Linux"],
];

/** The kind of a request to a short URL, with the header or pattern that decided. Reads nothing but the arguments. */
export function recogniseVisitor(method: string, headers: Headers): Visitor {
  const agent = headers.get("user-agent")?.trim().slice(0, LONGEST_AGENT) ?? "";
  const device = DEVICES.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
  return { ...verdict(method, headers, agent), device };
}

function verdict(method: string, headers: Headers, agent: string): Pick<Visitor, "kind" | "reason"> {
  if (method === "HEAD") return { kind: "probe", reason: "HEAD" };
  const prefetch = prefetchHeader(headers);
  if (prefetch !== undefined) return { kind: "prefetch", reason: prefetch };
  if (agent === "") return { kind: "probe", reason: "empty user agent" };
  const lower = agent.toLowerCase();
  const preview = PREVIEWS.find((name) => lower.includes(name)) ?? sourceOf(PREVIEW_PATTERNS, agent);
  if (preview !== undefined) return { kind: "preview", reason: preview };
  const spoken = agent.replace(ANDROID_MODEL, "$1 phone)").replace(NEWS_APP, "");
  return isbot(spoken) ? { kind: "scanner", reason: isbotPattern(spoken) } : { kind: "person", reason: null };
}

function sourceOf(patterns: readonly RegExp[], agent: string): string | undefined {
  return patterns.find((pattern) => pattern.test(agent))?.source;
}

/** `Sec-Purpose` is today's header, `Purpose` and `X-Moz` its ancestors. */
function prefetchHeader(headers: Headers): string | undefined {
  return ["sec-purpose", "purpose", "x-moz"].find((name) =>
    /prefetch|prerender|preview/i.test(headers.get(name) ?? ""),
  );
}
