// Texts of messages from a seed, each with the link that it holds: prose with numbers and abbreviations, prose that lacks a space
// behind a full stop, names of businesses without a scheme, and links that have one, `www.` or a path.

import type { Language } from "./sentences.table.ts";

export interface MessageText {
  text: string;
  /** Where the link is, or null. */
  link: { start: number; end: number } | null;
  recipient: string;
}

type Draw = () => number;

/** Uniform in [0, 1): mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(draw: Draw, choices: readonly T[]): T {
  const chosen = choices[Math.floor(draw() * choices.length)];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
}

const words = (list: string): string[] => list.trim().split(/\s+/);
const lines = (list: string): string[] => list.trim().split(/\s*\n\s*/);

/** What stands in prose and has dots, digits or slashes, but is no link. */
const FRAGMENTS = lines(`
  482913
  Rs.4,500.00
  Rs 4500.00
  12.05.2026
  31-12-2026
  9.30am
  12.30
  v3.12
  U.S.A.
  menu.pdf
  readme.md
  photo.jpg
  notes.txt
  john.smith
  mary.li
  will.i.am
  help@example.com
  john.doe@mail.example.de
  olowoyey@ usc.edu
  help(at)example.com
  @my.shop
  #my.shop
  $TVI.CA
  St.Louis
  Dr.Max
  No.PIN 7BL759
  No.1
  0120-444-444
  08001234567
  500
  5pm
  24hrs
  3.5kg
  1.2.3
  192.168.1.1
  pl.Mopra, d.3
  50%
  #1
  24/7
  P.S.
  myapp://pay?url=https://example.com/a
  ftp://example.com/a
`);
/** The same where English is mixed into everything. */
const ENGLISH_FRAGMENTS = lines(`
  9 a.m.
  Order.no: 55821
  Order No.55821
  Ref.no/4821
  Cust.ID 77120
  Cust.id: 5
  A/c no.XX12
  A/C.NO.4411
  e.g. today
  i.e. now
  Mon.-Fri.
  Mon.to Fri.
  p.m.to a.m.
  Mr.Smith
  Mrs.de Vries
  B.Com
  M.TECH
  B.A./B.COM/BBA
  Ave.in front
  bal.in A/c
  Tel.no. 5
  Yes.No/maybe
  yes.no/maybe
  dots..like this
  ok...so
  no..it
  thank.you
  1.call 2.win
  A.pay B.call
  w.e.f. 1/1
  Incl.GST
  Excl.VAT
  1st.floor
  Opp.to bank
  PS.me too
`);
const MIXES_ENGLISH = /^\+(?:1|27|44|6[0-5]|91|880|234|254)/;

const NAMES = words(`
  bonus trendshop my-bank cafe24 s-mart postal taxi7 bluebird goldencity kargom pizzeria-roma brandhaus megastore quickpay
  1mg 4market 7-days e-food ecobank sunrise grandhotel citycar healthplus zoo fit4u lottery24 shopee-like bestdeals
  abc uber-like hotelplaza greenpower netbank lifeline allshops dailynews familymart speedpost smileclinic bookworld
`);
const ENDINGS = words("com com com com com com com com com net org");
const SHORTENERS = words(`
  bit.ly t.me wa.me rb.gy is.gd ow.ly goo.gl youtu.be amzn.to lnk.to fkrt.it spoti.fi lin.ee xoz.so cutt.ly t.ly s.id g.page
  paypal.me hubs.la c.tb.cn t.cn 1drv.ms app.link forms.gle a.co x.gd vk.cc clck.ru u.nu me2.kr han.gl qr.ae nyti.ms gofund.me
  189.cn discord.gg zoom.us notion.so ter.li sk.gy m.example.in i.example.in pay.example.app go.example.today my.example.now
`);
const PATHS = words(`
  /a /A1b2C3 /3BP4FOp /sale /t/88 /r/CfA1b2C3d4/review /maps?q=1,2 /?id=1 /kyc.html /a-b-c/ /j/812?pwd=QWx.1 /user_name/ /%E6%9D%B1
  /628123456789 /stop /x/y/z.pdf#page=2 /in /now /it /s?k=a+b&c=d /~anna /@anna /q/1.5 /go?to=https://example.org/x /
`);
const FULL_HOSTS = words(`
  https://example.com http://example.net https://www.example.org www.example.com WWW.EXAMPLE.COM www.example.biz.tr
  https://example.today https://example.so https://sale.shop https://my.site https://a.in http://bücher.example.de https://例え.みんな
  https://shop.example.co.jp www.example.it www.example.no www.example.de https://example.com:8443 HTTPS://EXAMPLE.COM
`);

/** The ways in which people type: as taught, all small, all capitals, without accents, the next sentence small. */
const STYLES: ((text: string) => string)[] = [
  (text) => text,
  (text) => text,
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ı", "i"),
  (text) => text.normalize("NFD"),
  (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ı", "i"),
];
const small = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);

/** Two to four sentences, some ending in a number or an abbreviation, with their full stops. */
function sentencesOf(draw: Draw, { sentences, recipient }: Language): string[] {
  const fragments = MIXES_ENGLISH.test(recipient) ? [...FRAGMENTS, ...ENGLISH_FRAGMENTS] : FRAGMENTS;
  const style = pick(draw, STYLES);
  const begin = draw() < 0.5 ? small : (text: string) => text;
  return Array.from({ length: 2 + Math.floor(draw() * 3) }, () => {
    const fragment = draw() < 0.25 ? ` ${pick(draw, fragments)}` : "";
    return `${style(begin(pick(draw, sentences)) + fragment)}.`;
  });
}

/** Prose without a link. */
export function prose(draw: Draw, language: Language): MessageText {
  return { text: sentencesOf(draw, language).join(" "), link: null, recipient: language.recipient };
}

/** Prose without a link in which one full stop has no space behind it. */
export function withoutOneSpace(draw: Draw, language: Language): MessageText {
  const sentences = sentencesOf(draw, language);
  const gap = 1 + Math.floor(draw() * (sentences.length - 1));
  const text = `${sentences.slice(0, gap).join(" ")}${sentences.slice(gap).join(" ")}`;
  return { text, link: null, recipient: language.recipient };
}

/** What stands before and behind a link. */
const PLACES: ((draw: Draw, before: string, behind: string) => [before: string, behind: string])[] = [
  (_draw, before, behind) => [`${before} `, ` ${small(behind)}`],
  (_draw, before, behind) => [`${before}: `, `. ${behind}`],
  (_draw, before, behind) => [`${before} `, `, ${small(behind)}`],
  (_draw, before) => [`${before} `, ""],
  (_draw, before) => [`${before} `, "."],
  (_draw, before, behind) => [`${before}\n`, `\n${behind}`],
  (_draw, before, behind) => [`${before} (`, `) ${behind}`],
  (_draw, _before, behind) => ["", ` ${small(behind)}`],
  (_draw, before, behind) => [`${before} `, ` - ${behind}`],
  (_draw, before, behind) => [`${before} "`, `" ${behind}`],
  (_draw, before, behind) => [`${before} 👉`, `! ${behind}`],
];

function place(draw: Draw, language: Language, link: string): MessageText {
  const [first = "", second = ""] = sentencesOf(draw, language).map((sentence) => sentence.slice(0, -1));
  const [before, behind] = pick(draw, PLACES)(draw, first, second);
  return {
    text: before + link + behind,
    link: { start: before.length, end: before.length + link.length },
    recipient: language.recipient,
  };
}

/** A text with the name of a business that has no scheme, `www.` or path. */
export function withBareName(draw: Draw, language: Language): MessageText {
  const ending = draw() < 0.35 ? pick(draw, language.endings) : pick(draw, ENDINGS);
  const name = `${draw() < 0.1 ? "shop." : ""}${pick(draw, NAMES)}.${ending}`;
  return place(draw, language, pick(draw, [name, name, name, name.toUpperCase()]));
}

/** A text with a link that has a scheme, `www.` or a path. */
export function withStrongLink(draw: Draw, language: Language): MessageText {
  const link =
    draw() < 0.5
      ? pick(draw, SHORTENERS) + pick(draw, PATHS)
      : pick(draw, FULL_HOSTS) + (draw() < 0.3 ? "" : pick(draw, PATHS));
  return place(draw, language, link);
}
