// What a user agent says: that a program shows a preview, that another program asks, or the browser of a person; and on what
// device. A word anywhere in it proves little: makers name phones "CUBOT" and apps "RadarTools" as they like.

import { isbot, isbotPattern, isbotPatterns } from "isbot";
import type { Verdict } from "./purpose.ts";

// Fetchers that show a preview to somebody who has, or will get, the message. Lower case, searched anywhere.
// These name themselves; see isbot's fixtures and the services' own documentation.
const PREVIEWS = (
  "facebookexternalhit facebot twitterbot telegrambot slackbot slack-imgproxy discordbot skypeuripreview " +
  "googlemessages google-pagerenderer developers.google.com/+/web/snippet linkedinbot line-poker kakaotalk-scrap " +
  "redditbot pinterestbot embedly iframely mastodon bingpreview applebot vkshare zoombot microsoftpreview msteams " +
  "oneoutlook preview"
).split(" ");

// Fetchers that must be told apart from people with more care. Each pattern is the reason that is recorded.
const PREVIEW_PATTERNS: readonly RegExp[] = [
  // Samsung Messages renders its preview as a Firefox of 2013 (browscap issue 2157).
  /^Mozilla\/5\.0 \(X11; Ubuntu; Linux i686; rv:24\.0\) Gecko\/20100101 Firefox\/24\.0$/,
  // At the end of an agent these name the browser inside the app, with a person before it.
  /^(?:WhatsApp|Viber)\//i,
];

// What shows a page to a person names an engine, or is a browser of text; before these, phones named a browser, a Java profile
// or their maker. UC's browser names its proxy first. Facebook's apps have sent their browser's agent without the system's in front.
const ENGINE =
  /^[Mm]ozilla\/|AppleWebKit|KHTML|Gecko|Trident|MSIE|Presto|Opera|^UCWEB\/|^(?:E?Links|Lynx|w3m|Dillo)\b|^(?:\w+ )?\[FB(?:AN|_IAB)\//;
const OLD_PHONE =
  /^(?!.*\b(?:Android|iOS|iPhone|iPad|Darwin)\b).*(?:MIDP|CLDC|\bWAP|Browser\/|NetFront|Obigo|UCWEB|MMP\/|SHP\/|UP\.Link|^(?:Nokia|SonyEricsson|SAMSUNG-|LG[/E-]|MOT-|SIE-|DoCoMo|KDDI|SoftBank|Vodafone|J-PHONE|portalmmm|BlackBerry))/i;
// Without an engine an app asks behind the user's back: with the HTTP stack of Android or of Apple's systems, with the one
// that most of Apple's apps carry, or with one that we do not know.
const STACKS: readonly RegExp[] = [/\bDalvik\//, /\bCFNetwork\//, /\bAlamofire\//];
const NO_ENGINE = "no browser's engine";

// What else no browser says, though it names an engine. Each pattern is the reason that is recorded.
const NO_BROWSER: readonly RegExp[] = [
  // Behind a browser's first name stands its system, in brackets.
  /^mozilla\/[^(]*$/i,
  // A browser's bracket ends there; whoever goes on in it names himself ("; compatible; Amzn-User/0.1").
  /\(KHTML, like Gecko;/,
  // And is compatible in its first bracket; behind another whoever puts on its agent names himself ("(compatible; X/1.0)").
  /\) .*\(compatible;(?! ?MSIE\b)/,
  // All browsers on an iPhone are the system's, and Chrome is "CriOS" there. Puffin was one that ran elsewhere.
  /\biPhone\b.*\bChrome\/(?!.*\bPuffin\/)/,
  // The machines that measure pages run Linux. A browser gives each of its names a version, they do not ("GTmetrix").
  /\(X11;[^()]*\).* Safari\/[\d.]+ [A-Za-z][\w-]*$/,
  // Where the owner of a robot can be asked.
  /https?:\/\//i,
  /[(;] \+\w/,
  /\.(?:com|net|org|io)\/[a-z]/i,
  /[\w.+-]@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/i,
  // Google's robots have its name in front or behind, its apps and phones do not ("GoogleLens", "Google Pixel").
  /\bGoogle-|-Google\b|\bGoogleOther\b|\bGoogle Favicon\b/i,
  // A name of several words that says so ("ips-agent", "grub-client", "HTTPClient").
  /\w-(?:agent|client)\b/i,
  /\bhttp-?(?:client|agent|lib)/i,
  // It puts its name where Android's model stands.
  /\bCatchpoint\b/,
];

// Of isbot's patterns, those that browsers match by chance: words within other words ("ICAPoHTTPS", "toolsmp", "Catcher4"),
// or marks that are no word. Above are better ones for what they are after.
const CHANCE = new Set([
  "(?<!lib)http",
  "(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))",
  String.raw`@[a-z][\w-]+\.`,
  String.raw`\b\w+/1\.0;`,
  String.raw`\|`,
  "^[^ ]{50,}$",
  "catch",
  "radar",
  "sogou",
  "tools",
  // Browsers, and what people add to theirs.
  ..."browsex chromeframe firephp ibisbrowser".split(" "),
]);
/**
 * And those that are ordinary words: on a phone they are in the names of apps, whose browsers say so ("TripAdvisor", "Grab",
 * "SmartNews", "QRScanner"). On a computer they are in those of programs.
 */
export const APP_WORDS: ReadonlySet<string> = new Set([
  ...CHANCE,
  " daum[ /]",
  String.raw`^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)`,
  ...(
    String.raw`(?:^|[^g])news(?!sapphire) (?<!cam)scan abuse advisor agent\b analyzer archive audit capture check\b checker ` +
    String.raw`classifier \.com\b convertify cursor/ detect discovery download feed grab insight inspect java(?!;) library ` +
    String.raw`mail\.ru/ measure monitor\b node\b optimize parser proxy readable/ retriever rigor rss\b ^\w*search\b server ` +
    String.raw`splash synapse torrent transcoder url validator virtuoso \bbw/ \bdlc\b \bort/ \bperl\b \btime/ ;\s\w+;$ \(\) ` +
    String.raw`^[<\(;] ^[\w\-]+/[\w]+$ ^\w+/[\w\(\)]*$ ^\w+/\d\.\d\s\([\w@]+\)$`
  ).split(" "),
]);
const HANDHELD = /iPhone|iPad|iPod|Android|\bAdr |Mobi|Phone|Tablet|Symbian|Smart-?TV/i;

// The model in Android's bracket is the maker's free text ("CUBOT NOTE", "Robot R1", "moto g(7) power"); what stands before
// and behind it speaks ("; AdsBot-Google; +http://…"). With "Build/" the model ends there, otherwise it is one part.
const ANDROID_MODEL =
  /(\([^()]*\bAndroid\b[^;()]*;(?: ?(?:U|[a-z]{2}(?:[-_][A-Za-z]{2,4})?);)*)(?! ?Catchpoint\b)(?:(?:[^()]|\([^()]*\))*?\bBuild\/[^;()]*|(?:[^();]|\([^()]*\))*)/g;
// Apps repeat the model, and name the carrier, in brackets of their own ("Instagram 9.0 Android (28/9; CUBOT)", "[FBAN/…]").
const APP_BRACKET = /\bAndroid(?:\/[\d.]+)? \([^()]*\)|\[FB[^\]]*/g;
const LATER_BRACKET = /\([^()]*\bAndroid\b[^()]*\)/g;

/** The agent without what is free text in it: apps' brackets behind the system's, and Android's model. */
function spokenOf(agent: string): string {
  const end = agent.indexOf(") ");
  const behind = end < 0 ? agent.length : end + 1;
  const own = agent.slice(0, behind) + agent.slice(behind).replace(LATER_BRACKET, "");
  return own.replace(APP_BRACKET, "").replace(ANDROID_MODEL, "$1 phone");
}

/** What the agent says of who is asking; not empty. The reason is a pattern of a list, never the agent's text. */
export function judgeAgent(agent: string): Verdict {
  const lower = agent.toLowerCase();
  const preview = PREVIEWS.find((name) => lower.includes(name)) ?? sourceOf(PREVIEW_PATTERNS, agent);
  if (preview !== undefined) return { kind: "preview", reason: preview };
  if (!ENGINE.test(agent)) {
    const stack = sourceOf(STACKS, agent);
    if (stack !== undefined) return { kind: "preview", reason: stack };
    if (!OLD_PHONE.test(agent))
      return isbot(agent) ? { kind: "scanner", reason: isbotPattern(agent) } : { kind: "preview", reason: NO_ENGINE };
  }
  const spoken = spokenOf(agent);
  const scanner = robotIn(spoken, HANDHELD.test(agent) || OLD_PHONE.test(agent)) ?? sourceOf(NO_BROWSER, spoken);
  return scanner === undefined ? { kind: "person", reason: null } : { kind: "scanner", reason: scanner };
}

/** The pattern of isbot that is believed of a browser, on a phone or elsewhere. */
function robotIn(spoken: string, isHandheld: boolean): string | undefined {
  // One pattern for all is quick, and most are people.
  if (!isbot(spoken)) return undefined;
  const notBelieved = isHandheld ? APP_WORDS : CHANCE;
  return isbotPatterns(spoken).find((pattern) => !notBelieved.has(pattern));
}

function sourceOf(patterns: readonly RegExp[], text: string): string | undefined {
  return patterns.find((pattern) => pattern.test(text))?.source;
}

// The system is in the first bracket, which some agents leave open; behind it an app may name others ("Outlook-iOS-Android").
// Android clones call themselves "iPhone X", Windows phones name Android, too, and an iPad's agent had "iPhone OS" in it.
// Proxies write agents small, so case says nothing.
const FIRST_BRACKET = /\((?:[^()]|\([^()]*\))*\)?/;
// What is imitated is not there: "Tizen/1.0 like Android", "iPhone OS 17_5 like Mac OS X".
const IMITATED = /\blike [^;()]*/gi;
// Amazon's browser runs on its Androids only, and asks for desktop pages as a Mac or a Linux.
const SILK = /\bSilk\/\d/i;
// They name Linux, Macintosh or what they imitate as well, and are none of these: other systems of computers, and those of
// televisions, consoles and phones of their own kind.
const OTHER_SYSTEM =
  /BSD\b|\bSunOS\b|\bHaiku\b|\bFuchsia\b|\bTizen\b|\bWeb[0O]S\b|\bhpwOS\b|\bMaemo\b|\bMeeGo\b|\bSailfish|\bPlayStation\b/i;
const LINUX = "Linux";
const DEVICES: readonly [RegExp, string][] = [
  [/Windows|\bWin ?(?:\d|NT)/i, "Windows"],
  // Only Android has builds; UC's old browser gave Android's version without its name.
  [/Android|\bAdr |\bLinux;.* Build\/|\bLinux; ?U; ?\d+\.[\d.]+;|\bFB4A\b/i, "Android"],
  [/\biPad/i, "iPad"],
  [/\biPhone|\biPod|\biOS\b/i, "iPhone"],
  [/Macintosh|Mac_P|Mac OS X|\bmacOS\b|\bDarwin\/.*\((?:x86_64|i386|Power)/i, "Mac"],
  // The HTTP stack of all of Apple's systems: without a Mac's processor behind it, most are phones.
  [/\bCFNetwork\/.*\bDarwin\//i, "iPhone"],
  [/\bCrOS\b/i, "ChromeOS"],
  // X11 alone is a window system of all that descend from Unix. These distributions leave out what they are of.
  [/Linux|\bUbuntu\b|\bDebian\b|\bFedora\b/i, LINUX],
];

/** The device family that the agent names, such as "iPhone"; null where it names none of ours. */
export function deviceOf(agent: string): string | null {
  const own = agent.replace(IMITATED, "");
  const system = FIRST_BRACKET.exec(own)?.[0] ?? "";
  if (OTHER_SYSTEM.test(system)) return null;
  if (SILK.test(agent)) return "Android";
  const family = familyIn(system) ?? familyIn(own) ?? null;
  // Most of those others are a Linux, and some say only in their browser's name which.
  return family === LINUX && OTHER_SYSTEM.test(own) ? null : family;
}

function familyIn(text: string): string | undefined {
  return DEVICES.find(([pattern]) => pattern.test(text))?.[1];
}
