// What every page is drawn with: the language, the zone, who looks, and how numbers and times are written for him.

import type { Context } from "hono";
import type { SignedIn } from "../account/account.ts";
import { covers, type Scope } from "../account/scopes.ts";
import { timeZone } from "../figures/time-zone.ts";
import { languageOf } from "../http/language.ts";
import type { PageEnv } from "./session.ts";
import { type Lang, type Say, sayIn } from "./texts.ts";

/** What pages need that nobody has to be signed in for. */
export interface Reader {
  lang: Lang;
  say: Say;
}

export interface View extends Reader {
  env: Env;
  url: URL;
  account: SignedIn;
  /** Runs behind the answer. */
  waitUntil: (promise: Promise<unknown>) => void;
  /** The name of the zone in which times are shown. */
  zone: string;
  /** Unix milliseconds. */
  now: number;
  number: (n: number) => string;
  /** 0 … 1 as per cent. */
  share: (part: number) => string;
  /** Of Unix milliseconds or an ISO text: day and time, in the zone. */
  moment: (at: number | string) => string;
  day: (at: number | string) => string;
  clock: (at: number | string) => string;
  duration: (ms: number) => string;
  /** Whether whoever looks may do what these scopes cover. */
  may: (...scopes: Scope[]) => boolean;
}

export function readerOf(request: Request): Reader {
  const lang = languageOf(request).lang === "ja" ? "ja" : "en";
  return { lang, say: sayIn(lang) };
}

export function viewOf(c: Context<PageEnv>): View {
  const url = new URL(c.req.url);
  const reader = readerOf(c.req.raw);
  const { lang } = reader;
  const account = c.get("account");
  const asked = url.searchParams.get("zone") ?? "";
  const zone = timeZone(asked) === null ? (account.timezone ?? "UTC") : asked;
  const { number, share, moment, day, clock } = formatsOf(lang, zone);
  return {
    ...reader,
    env: c.env,
    url,
    account,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
    zone,
    now: Date.now(),
    number,
    share,
    moment,
    day,
    clock,
    duration: (ms) => durationText(lang, ms),
    may: (...scopes) => covers(account.scopes, scopes),
  };
}

type Formats = Pick<View, "number" | "share" | "moment" | "day" | "clock">;

/** Formatters take longer to make than a page to draw. Few zones are looked at in one isolate; who tries them all makes them anew. */
const known = new Map<string, Formats>();
const MOST_KNOWN = 20;

function formatsOf(lang: Lang, zone: string): Formats {
  const name = `${lang} ${zone}`;
  let formats = known.get(name);
  if (formats === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    formats = makeFormats(LOCALES[lang], zone);
    known.set(name, formats);
  }
  return formats;
}

function makeFormats(locale: string, zone: string): Formats {
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
    return (at: number | string) => format.format(new Date(at));
  };
  const numbers = new Intl.NumberFormat(locale);
  const shares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  return {
    number: (n) => numbers.format(n),
    share: (part) => shares.format(part),
    moment: dates({ year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" }),
    day: dates({ month: "short", day: "numeric" }),
    clock: dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  };
}

const LOCALES: Record<Lang, string> = { en: "en-GB", ja: "ja-JP" };

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** In the largest unit of which there is one, and without decimals from ten on. */
function durationText(lang: Lang, ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ["second", 1_000];
  const maximumFractionDigits = ms / size < 10 ? 1 : 0;
  const name = `${lang} ${unit} ${maximumFractionDigits}`;
  let format = durations.get(name);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALES[lang], { style: "unit", unit, unitDisplay: "short", maximumFractionDigits });
    durations.set(name, format);
  }
  return format.format(ms / size);
}

const durations = new Map<string, Intl.NumberFormat>();
