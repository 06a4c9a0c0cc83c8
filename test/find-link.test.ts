// The link in a message's text: which it is, where it begins and ends, and that the rest of the text stays as it is.

import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { findLink, type LinkBoundary, LONGEST_TEXT, replaceLink } from "../src/sms/text/find-link.ts";
import { NATURAL, STRICT } from "./find-link.table.ts";
import { AT_HOME, MESSAGES, STRICT_MESSAGES } from "./find-link-messages.table.ts";

const SHORT_URL = "https://s.example.com/Xk7bcdfghj";
const BOUNDARIES: LinkBoundary[] = ["natural", "strict"];

function replaced(text: string, boundary: LinkBoundary): string | null {
  const found = findLink(text, boundary);
  return found === null ? null : replaceLink(text, found, SHORT_URL);
}

/** That the link between ⟦ and ⟧ is found and replaced, or none where there are no marks. */
function expectLink(row: string, boundary: LinkBoundary, recipient = ""): void {
  const [before = "", link, behind = ""] = row.split(/[⟦⟧]/u);
  const text = before + (link ?? "") + behind;
  const found = findLink(text, boundary, recipient);
  if (link === undefined) return expect(found).toBeNull();
  const url = /^https?:/i.test(link) ? link : `https://${link}`;
  const expected = { start: before.length, end: before.length + link.length, url };
  expect(found).toEqual(expected);
  expect(replaceLink(text, expected, SHORT_URL)).toBe(before + SHORT_URL + behind);
}

describe.each([
  ["natural", { ...NATURAL, ...MESSAGES }],
  ["strict", { ...STRICT, "the same evidence": STRICT_MESSAGES }],
] as const)("with the boundary %s", (boundary, groups) => {
  describe.each(Object.entries(groups))("%s", (_group, rows) => {
    it.each(rows.map((row) => [JSON.stringify(row), row] as const))("%s", (_name, row) => expectLink(row, boundary));
  });
});

it.each(AT_HOME)("%s to %s", (row, recipient) => expectLink(row, "natural", recipient));

it("the tables have at least 150 rows, none of them twice", () => {
  for (const groups of [{ ...NATURAL, ...MESSAGES }, STRICT]) {
    const rows = Object.values(groups).flat();
    expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
  }
  expect(Object.values(NATURAL).flat().length).toBeGreaterThanOrEqual(150);
});

it("a text of 10,000 UTF-16 units is searched, a longer one is its caller's mistake", () => {
  const link = "https://example.com/a";
  for (const boundary of BOUNDARIES) {
    expect(findLink(link.padStart(LONGEST_TEXT, " "), boundary)?.end).toBe(LONGEST_TEXT);
    expect(() => findLink(link.padStart(LONGEST_TEXT + 1, " "), boundary)).toThrow(RangeError);
  }
});

it("a short URL is put in as it is, whatever characters it holds", () => {
  const text = "a https://example.com/ b";
  const found = { start: 2, end: 22, url: "https://example.com/" };
  expect(findLink(text, "natural")).toEqual(found);
  expect(replaceLink(text, found, "https://s.example/$&$1$$")).toBe("a https://s.example/$&$1$$ b");
});

/** Whether a scheme, `www.`, a path or a query says that this is a link. */
function isStrong(link: string): boolean {
  return /^(?:https?:|www\.)|[/=]/i.test(link);
}

const RUNS = { seed: 20_261_124, numRuns: 3_000 };

// Prose of any characters without those that a link cannot do without. Full-width and ideographic ones, emoji and lone
// surrogates included.
const prose = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.string({ unit: "binary", maxLength: 60 }),
    fc
      .array(fc.constantFrom("詳細は", "！", " ", "\n", "　", "(", "「", "'", "100%", "$", "@", "e-mail", "🎉", ":"))
      .map((words) => words.join("")),
  )
  .map((text) => text.replaceAll(/[./]/g, ""));

const path = fc
  .array(
    fc.oneof(
      fc.constantFrom("/", "?", "#", "a", "Z", "0", "-", "_", "=", "&", "%20", "%E6%9D%B1", "~", "+", ":x", ".x", ",x"),
      fc.constantFrom("(a)", "[]", "{x}", "/東京", "?q=大阪", "-ラーメン", "/お知らせ", "/서울", "/ü", "/улица"),
      fc.webSegment().map((segment) => segment.replaceAll(/[()]/g, "")),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/${parts.join("")}`.replace(/[.,;:!?'*]+$/, ""))
  // What is known as the text's and not the path's, at its end: a suffix, a signature, the next sentence.
  .filter((url) => !/(?:'[a-z]{1,7}|:(?:in|n)|!+[a-z]+|\.-+[a-z]*|\.[A-Z]+|\.\.+[a-z]+)$/i.test(url));
const urlWithScheme = fc
  .tuple(
    fc.constantFrom("https://", "http://", "HTTPS://"),
    fc.oneof(fc.domain(), fc.constantFrom("example.com", "日本語.jp", "www.bücher.de", "example.みんな", "пример.рф")),
    fc.oneof(
      fc.constant(""),
      fc.integer({ min: 0, max: 65_535 }).map((port) => `:${port}`),
    ),
    fc.oneof(fc.constant(""), path),
  )
  .map((parts) => parts.join(""));
const bareDomain = fc
  .tuple(fc.constantFrom("example.com", "t.co", "www.example.co.jp", "xoz.so", "bücher.de", "日本語.jp"), path)
  .map((parts) => parts.join(""));

it(`of any text with a URL between spaces exactly the URL is replaced: seed ${RUNS.seed}`, () => {
  fc.assert(
    fc.property(prose, fc.oneof(urlWithScheme, bareDomain), prose, fc.constantFrom(...BOUNDARIES), (a, url, b, how) => {
      expect(replaced(`${a} ${url} ${b}`, how)).toBe(`${a} ${SHORT_URL} ${b}`);
      expect(replaced(`${a} ${url}`, how)).toBe(`${a} ${SHORT_URL}`);
      expect(replaced(`${url}\n${b}`, how)).toBe(`${SHORT_URL}\n${b}`);
      expect(replaced(`${a} ${b}`, how)).toBeNull();
    }),
    RUNS,
  );
});

it(`of any Japanese text with an ASCII URL glued into it exactly the URL is replaced: seed ${RUNS.seed}`, () => {
  const glued = fc.array(
    fc.constantFrom("詳", "細", "は", "を", "カ", "ー", "々", "。", "、", "「", "」", "🎉", "　", "！"),
    {
      minLength: 1,
    },
  );
  const asciiUrl = fc
    .tuple(
      fc.constantFrom("https://", "http://", ""),
      fc.constantFrom("example.com", "www.example.co.jp"),
      fc.webSegment(),
    )
    .map(([scheme, host, segment]) => `${scheme}${host}/${segment.replaceAll(/[^A-Za-z0-9%]/g, "")}z`);
  fc.assert(
    fc.property(glued, asciiUrl, glued, (a, url, b) => {
      expect(replaced(a.join("") + url + b.join(""), "natural")).toBe(a.join("") + SHORT_URL + b.join(""));
    }),
    RUNS,
  );
});

// Pieces that come near a link, so that many texts have one and all rules meet.
const nearLinks = fc
  .array(
    fc.oneof(
      fc.constantFrom("http", "https", "://", ":", "/", ".", "www.", "com", "example", "日本語", "jp", "@", "＠", "に"),
      fc.constantFrom("(", ")", "[", "]", "{", "}", "「", "」", "<", ">", '"', "'", "?", "#", "=", "-", "_", "%", "|"),
      fc.constantFrom(
        "to",
        "me",
        "Me",
        "5",
        "md",
        "mailto:",
        " ",
        "\n",
        "　",
        "🎉",
        "☆",
        "・",
        "\u200d",
        "\ufe0f",
        "\ud800",
      ),
      fc.constantFrom(
        "https://example.com",
        "example.com/",
        "t.co/x",
        "https://日本語.jp/パス",
        ":80",
        "[::1]",
        "xn--",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(""));

it(`whatever the text, a found link lies in it, leads somewhere, and is found again alone: seed ${RUNS.seed}`, () => {
  let links = 0;
  const anything = fc.oneof({ weight: 4, arbitrary: nearLinks }, fc.string({ unit: "binary" }), fc.string());
  fc.assert(
    fc.property(anything, fc.constantFrom(...BOUNDARIES), (text, boundary) => {
      const found = findLink(text, boundary);
      if (found === null) return;
      links += 1;
      const { start, end, url } = found;
      expect([start >= 0, start < end, end <= text.length]).toEqual([true, true, true]);
      const link = text.slice(start, end);
      expect(url.replace(/^https:\/\//, "")).toBe(link.replace(/^https:\/\//, ""));
      expect(link.isWellFormed()).toBe(true);
      expect(link).not.toMatch(/[\s\p{Cc}]/u);
      expect(new URL(url).protocol).toMatch(/^https?:$/);
      expect(findLink(link, boundary)).toEqual({ start: 0, end: link.length, url });
      if (boundary === "strict") return;
      const earlier = findLink(text.slice(0, start), boundary);
      if (earlier === null) return;
      expect(isStrong(link)).toBe(true);
      expect(isStrong(text.slice(earlier.start, earlier.end))).toBe(false);
    }),
    { ...RUNS, numRuns: 20_000 },
  );
  expect(links).toBeGreaterThan(2_000);
});
