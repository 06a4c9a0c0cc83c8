// Promise 10 on the phone: what Android makes a link of, when a short URL stands where the sender's link stood, opens the
// code, whatever stands behind it.

import { expect, it } from "vitest";
import fc from "fast-check";
import { codeInPath, mintCode } from "../src/link/code.ts";
import { findLink, type LinkBoundary, replaceLink } from "../src/sms/text/find-link.ts";
import { ACCEPTED } from "./address.table.ts";
import { NATURAL, STRICT } from "./find-link.table.ts";
import { androidLinks } from "./support/android-link.ts";

const HOST = "s.example.com";

it.each([
  ["see https://example.com/a.", "https://example.com/a."],
  ["see https://example.com/a. Now", "https://example.com/a"],
  ["https://example.com/a'den al", "https://example.com/a'den"],
  ["https://example.com'den al", "https://example.com"],
  ["https://example.com/a(see below)", "https://example.com/a(see"],
  ["https://example.com/a!Hurry", "https://example.com/a!Hurry"],
  ["https://example.com/a:ssa", "https://example.com/a:ssa"],
  ["https://example.com/aを開く。", "https://example.com/aを開く。"],
  ["https://example.com/aを開く。 x", "https://example.com/aを開く"],
  ["https://example.com/a🎉 now", "https://example.com/a"],
  ["https://example.com/aนี่ now", "https://example.com/aนี่"],
  ['https://example.com/a"b', "https://example.com/a"],
  ["example.com/a|b", "http://example.com/a"],
  ["example.community", "http://example.community"],
  ["example.comx", undefined],
  ["x@example.com", undefined],
  ["日本https://example.com/", undefined],
  ["（https://example.com/a）を", "https://example.com/a）を"],
])("in %j Android links %j", (text, url) => {
  expect(androidLinks(text)[0]?.url).toBe(url);
});

interface Outcome {
  /** Whether a tap on the sender's own text led to the link's host. */
  worked: boolean;
  works: boolean;
}

/** What becomes of a text's link on Android, or undefined when the text has none. */
function outcomeOf(text: string, boundary: LinkBoundary): Outcome | undefined {
  const found = findLink(text, boundary);
  if (found === null) return undefined;
  const code = mintCode();
  const host = URL.parse(found.url)?.host;
  const opened = (asWritten: string) => androidLinks(asWritten).find(({ end }) => end > found.start)?.url;
  const before = URL.parse(opened(text) ?? "");
  const after = URL.parse(opened(replaceLink(text, found, `https://${HOST}/${code}`)) ?? "");
  return {
    worked: host !== undefined && before?.host === host,
    works: after?.host === HOST && codeInPath(after.pathname) === code,
  };
}

const TAILS = (
  "'den 'dan ’den 's 's. :ssa :sta (see (see) !Hurry ... ...ve .To .Reply , ,hemen ;x -den _x =x &x @x ~x *x +x $x %20x #x ?x /x " +
  '"now" [x] {x} <x> |x ^x `x` \\x » ” 。 、 ！今 を開く です から까지 에서 นี่ ที่ 🎉 🎉now 👨‍👩‍👧x é ı ş ж ה ו २ ２４時間 \u0301 \u200d \u200b \u2060 \u00ad'
).split(" ");
const rows = [
  ...[NATURAL, STRICT].flatMap((groups) => Object.values(groups).flat()).map((row) => row.split(/[⟦⟧]/u)),
  ...ACCEPTED.map(([url]) => ["See ", url, " today"]),
];

it.each(["natural", "strict"] as const)("a link of the tables that worked works, with the boundary %s", (boundary) => {
  const dead: string[] = [];
  let worked = 0;
  for (const [before = "", link = "", behind = ""] of rows)
    for (const tail of ["", ...TAILS]) {
      const text = before + link + tail + behind;
      const outcome = outcomeOf(text, boundary);
      if (outcome?.worked !== true) continue;
      worked += 1;
      if (!outcome.works) dead.push(text);
    }
  expect(dead).toEqual([]);
  expect(worked).toBeGreaterThan(10_000);
});

const RUNS = { seed: 20_261_127, numRuns: 5_000 };

const word = fc.constantFrom(
  ..."sale Indirim başladı ご確認 セール 할인 คลิก नमस्ते заказ أهلا תור για 你好 500 OTP: Your - ! 👉 ( 「 \n".split(" "),
);
const words = fc.array(word, { maxLength: 4 }).map((all) => all.join(" "));
const destination = fc
  .tuple(
    fc.constantFrom("https://", "http://", "HTTPS://", ""),
    fc.constantFrom("example.com", "www.example.com.tr", "shop.example.co.jp", "example.com:8443", "m.example.net"),
    fc.constantFrom(
      "",
      "/",
      "/a",
      "/indirim/2026",
      "/?a=1&b=2",
      "/a#top",
      "/a_(b)",
      "?q=x",
      "/セール",
      "/a%20b",
      "/~x/",
    ),
  )
  .map((parts) => parts.join(""));
const tail = fc.oneof(
  fc.constantFrom("", ...TAILS),
  fc.array(fc.constantFrom(...TAILS), { maxLength: 3 }).map((all) => all.join("")),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 6 }),
);
const message = fc
  .tuple(words, fc.constantFrom(" ", "\n", "：", "(", ""), destination, tail, fc.constantFrom(" ", "", "."), words)
  .map((parts) => parts.join(""));

it(`a link of a generated message that worked works: seed ${RUNS.seed}`, () => {
  let worked = 0;
  fc.assert(
    fc.property(message, fc.constantFrom("natural", "strict"), (text, boundary) => {
      const outcome = outcomeOf(text, boundary);
      if (outcome?.worked !== true) return;
      worked += 1;
      expect(outcome.works).toBe(true);
    }),
    RUNS,
  );
  expect(worked).toBeGreaterThan(RUNS.numRuns / 3);
});
