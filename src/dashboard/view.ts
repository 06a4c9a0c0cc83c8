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
  const zone = timeZone(asked) === null ? "UTC" : asked;
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(LOCALES[lang], { timeZone: zone, ...options });
    return (at: number | string) => formatter.format(new Date(at));
  };
  const numbers = new Intl.NumberFormat(LOCALES[lang]);
  return {
    ...reader,
    env: c.env,
    url,
    account,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
    zone,
    now: Date.now(),
    number: (n) => numbers.format(n),
    share: (part) => new Intl.NumberFormat(LOCALES[lang], { style: "percent", maximumFractionDigits: 1 }).format(part),
    moment: format({
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }),
    day: format({ month: "short", day: "numeric" }),
    clock: format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
    duration: (ms) => durationText(lang, ms),
    may: (...scopes) => covers(account.scopes, scopes),
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
  return new Intl.NumberFormat(LOCALES[lang], {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits,
  }).format(ms / size);
}
