// However hostile the text, the link in it is searched in linear time.

import { expect, it } from "vitest";
import { findLink, type LinkBoundary, LONGEST_TEXT } from "../src/sms/text/find-link.ts";

const BOUNDARIES: LinkBoundary[] = ["natural", "strict"];

const HOSTILE = (
  "www. a a. http:// ( @ . a@ @. a.b@ a_ - _ a.a_ あ aあ あ. é ' [( 🎉 1\ufe0f\u20e3 \u200d \ud800 あ@い https://あ https://a.jpあ. " +
  "http://a http://a. http://a_ http://a:80 http://a: http://a@ https://[ http: mailto: a.https:// a.mailto: a:// " +
  "5.me? 5.me/ ok.so?( ok.so? notes.md# xn--a.com/ a.com:1:1 example.com:99999/ http://xn--a/ 9a.m.to " +
  "a.com.To a.com.to. a.com- a.com-a. a.de.Ja http://✪ http://a✪b. https://a.com- https://a.com.to. בa.co.il בa. ב-a. l·l. a‑a. " +
  "a=a.com ?a=a.com (at)a.com l'a.com a.com?a a.com? 1️⃣a.com a.com1️⃣ xn--a.xn--a/ 58.com. Ex.Com. a.com a.co.uk.a. a@\u00a0a.com"
).split(" ");
// Behind a link that is found at the text's beginning.
const HOSTILE_PATHS =
  "( ) ([{ . ? ' 'a , ,h | あ ☆ あ☆ ・ /あ。 \u200d é\u200d % .A ..a .-A !a :n (aa) =✓& a– _ a:あ _(あ aב ます 1️⃣".split(
    " ",
  );

const TEXTS = [
  ...HOSTILE.flatMap((piece) => [piece, `${piece} `, `${piece}あ`].map((unit) => unit.repeat(LONGEST_TEXT))),
  ...HOSTILE_PATHS.flatMap((piece) =>
    ["https://example.com/", "https://example.com/あ", "ok.so/"].map((link) => link + piece.repeat(LONGEST_TEXT)),
  ),
];

const REPEATS = 4;
const MOST_ROUNDS = 8;

/** The time of one search with each boundary, in ms. The runtime's clock stands still between two waits. */
async function timeOf(text: string): Promise<number> {
  await scheduler.wait(0);
  const before = performance.now();
  for (let i = 0; i < REPEATS; i++) for (const boundary of BOUNDARIES) findLink(text, boundary);
  await scheduler.wait(0);
  return (performance.now() - before) / REPEATS;
}

it.each(TEXTS.map((text) => [JSON.stringify(text.slice(0, 40)), text] as const))(
  "10,000 hostile characters take under 400 ms, and no more than linear time: %s…",
  async (_name, text) => {
    let [quarter, whole] = [Infinity, Infinity];
    // Linear is 4 times as long, quadratic 16 times; below 1 ms nothing can be compared. A busy machine makes any search
    // longer and none shorter, so the best of some rounds counts, and one good round is enough.
    for (let round = 0; round < MOST_ROUNDS; round++) {
      quarter = Math.min(quarter, await timeOf(text.slice(0, LONGEST_TEXT / 4)));
      whole = Math.min(whole, await timeOf(text.slice(0, LONGEST_TEXT)));
      if (whole < 7 * Math.max(quarter, 1)) break;
    }
    expect(whole).toBeLessThan(400);
    expect(whole).toBeLessThan(12 * Math.max(quarter, 1));
  },
);
