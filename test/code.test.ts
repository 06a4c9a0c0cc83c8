// Codes: the minted, the chosen, and the one in a path that a phone has decorated.

import { expect, it } from "vitest";
import fc from "fast-check";
import { CODE_ALPHABET, codeInPath, mintCode, parseChosenCode } from "../src/link/code.ts";

it("a minted code has ten characters of the alphabet, each of which occurs, and none comes twice in 10,000", () => {
  const codes = Array.from({ length: 10_000 }, mintCode);
  for (const code of codes) expect(code).toMatch(/^[6789BCDFGHJKLMNPQRTWbcdfghjkmnpqrtwz]{10}$/);
  expect(new Set(codes).size).toBe(10_000);
  expect([...new Set(codes.join(""))].toSorted().join("")).toBe(CODE_ALPHABET.split("").toSorted().join(""));
});

it("no character of a minted code is a vowel or looks like another", () => {
  expect(CODE_ALPHABET).not.toMatch(/[aeiouy]/i);
  for (const lookalikes of ["1lI|", "0O", "5S", "2Z"])
    expect(lookalikes.split("").filter((character) => CODE_ALPHABET.includes(character))).toEqual([]);
  expect(new Set(CODE_ALPHABET).size).toBe(36);
});

it("a minted code cannot be chosen, nor one of a character more, and is found in its path", () => {
  for (let i = 0; i < 1_000; i++) {
    const code = mintCode();
    for (const chosen of [code, `${code}7`, `${code}-`, `${code}7_x`, `${code}es`])
      expect(parseChosenCode(chosen)).toEqual({ kind: "refused", message: MINTED });
    for (const chosen of [code.slice(1), `${code}77`, `${code.slice(1)}a`, `a${code}`, `${code}77-x`]) {
      expect(parseChosenCode(chosen)).toEqual({ kind: "code", code: chosen });
      expect(codeInPath(`/${chosen}`)).toBe(chosen);
    }
    expect(codeInPath(`/${code}`)).toBe(code);
  }
});

it.each([
  "abc",
  "ABC",
  "123",
  "a-b",
  "a_b",
  "---",
  "___",
  "-ab",
  "ab-",
  "June_sale-2026",
  "Api2",
  "linksy",
  "a".repeat(64),
])("a chosen code may be %s", (code) => {
  expect(parseChosenCode(code)).toEqual({ kind: "code", code });
  expect(codeInPath(`/${code}`)).toBe(code);
});

const MINTED = "begins in the form of a minted code: use a vowel in its first ten characters";
const SHAPE = "must be 3 to 64 characters, each a letter, a digit, _ or -";
const RESERVED = "is a reserved word: choose another";

it.each([
  ["", SHAPE],
  ["a", SHAPE],
  ["ab", SHAPE],
  ["a".repeat(65), SHAPE],
  ["a".repeat(1_000_000), SHAPE],
  ["a b", SHAPE],
  [" abc", SHAPE],
  ["abc\n", SHAPE],
  ["abc\0", SHAPE],
  ["a.b", SHAPE],
  ["a/b", SHAPE],
  ["a%62c", SHAPE],
  ["abc?", SHAPE],
  ["abc#d", SHAPE],
  ["abc~", SHAPE],
  ["abc+d", SHAPE],
  ["日本語", SHAPE],
  ["ａｂｃ", SHAPE],
  ["abcé", SHAPE],
  ["abc🎉", SHAPE],
  ["abc\u200b", SHAPE],
  ["\u0430bc", SHAPE],
  ["..", SHAPE],
  ["favicon.ico", SHAPE],
  ["api", RESERVED],
  ["API", RESERVED],
  ["Api", RESERVED],
  ["admin", RESERVED],
  ["links", RESERVED],
  ["LINK", RESERVED],
  ["login", RESERVED],
  ["sms", RESERVED],
  ["Webhooks", RESERVED],
  ["cdn-cgi", RESERVED],
  ["CDN-CGI", RESERVED],
  ["robots", RESERVED],
  ["health", RESERVED],
  ["www", RESERVED],
  ..."campaigns feeds figures events export exports openapi stop stops unsubscribe members sheets well-known"
    .split(" ")
    .map((word): [string, string] => [word, RESERVED]),
])("a chosen code may not be %j: it %s", (text, message) => {
  expect(parseChosenCode(text)).toEqual({ kind: "refused", message });
});

// What else a phone takes along: a word's ending, a bracket with a word, what the sender hung on the short URL.
const STOPS = [
  ..."'den 's ’s :ssa (see !Hurry ?utm=1 &utm=1 ;utm=1 [1] \"now\" ?x=/a.b &a=%zz ':;".split(" "),
  ..."%3Futm=1 %27den %26utm=1 %3butm %22now %28see %5B1%5D %21Hurry %3Assa".split(" "),
];

it.each(STOPS)("a chosen code ends before %j", (tail) => {
  for (const code of ["Xk7bc", "a-_", "Z".repeat(64), "June_sale-2026"])
    expect(codeInPath(new URL(`https://s.example.com/${code}${tail}`).pathname)).toBe(code);
});

it.each([
  ...STOPS,
  ..."s sarı _now -den .To .com .php /pub //x /wp-login.php %2Fabc %2Ephp ...ve ,and @x +x =x $1 ~x *x".split(" "),
  ..."ıнд を開く を/abc.php นี้ 🎉🎉now 1 0 a e S V".split(" "),
])("a code of 10 or 11 characters of the alphabet ends before %j", (tail) => {
  for (const code of [mintCode(), `${mintCode()}6`])
    expect(codeInPath(new URL(`https://s.example.com/${code}${tail}`).pathname)).toBe(code);
});

it("with 9 or 12 characters of the alphabet it could only be chosen", () => {
  for (const code of ["6789BCDFG", "6789BCDFGHJK", "6789BCDFGHJKLMNPQRTW"]) {
    expect(codeInPath(`/${code}`)).toBe(code);
    expect(codeInPath(`/${code}es`)).toBe(`${code}es`);
    for (const tail of [".php", "/x", "~x"]) expect(codeInPath(`/${code}${tail}`)).toBeUndefined();
  }
});

// Paths as a browser sends them; `URL.pathname` percent-encodes what is not ASCII.
const DECORATIONS = [
  "",
  // Punctuation, brackets and quotes: plain, full-width and encoded.
  ...`. , ; : ! !? ... ' '' * ~ + = & @ $ | ) ] } > )). ). ( [ < { " ". ” ’ »`.split(" "),
  ..."。 、 ． ， ！ ？ ： ； ） 」 』 】 〉 》 ］ ｝ 〕 … ‥ ・ 〜 ～ ー → 」。 ）。".split(" "),
  ..."%E3%80%82 %e3%80%82 %EF%BC%89 %20 %20%20 %0A %0D%0A %09 %22 %29. %00 %3E %2C".split(" "),
  // Signs that are not seen, and signs that are.
  ..."\u3000 \u00a0 \u200b \ufeff \u2060 \u00ad 🎉 👨‍👩‍👧 ☎ ㈱".split(" "),
  // The text that goes on.
  ..."を開く です をご覧ください まで 漢字 カナ ｶﾅ 링크 中文 é を開くOK 。OK? をTAP/abc.php を%0Aabc".split(" "),
  ...")をタップ ).詳しくはABC )」とABC123".split(" "),
  ..."/ // /. /。 /) /%E3%80%82 %2F /を開く /%22".split(" "),
  // Cut within a character, in Shift_JIS, or not an encoding at all.
  ..."%E3%80 %E3 %E3%80%82%E3 %81B %82%F0%8AJ%82%AD %F0%9F%8E %C0%AF %FF %ED%A0%80 % %% .%".split(" "),
];
const QUERIES = ["", "?utm_source=sms", "?。", "#top", "?a=/b&c=%zz#d"];

it.each(DECORATIONS.map((tail) => [JSON.stringify(tail), tail] as const))(
  "%s behind a code is dropped, whatever the query",
  (_, tail) => {
    for (const code of ["Xk7bc", "a-_", "Z".repeat(64), "June_sale-2026"])
      for (const query of QUERIES)
        expect(codeInPath(new URL(`https://s.example.com/${code}${tail}${query}`).pathname)).toBe(code);
  },
);

it("a path that is not encoded is read like one that is", () => {
  for (const path of ["/Xk7bc。", "/Xk7bcを開くOK", '/Xk7bc"', "/Xk7bc ", "/Xk7bc\n", "/Xk7bc\0", "/Xk7bc\ud83d"])
    expect(codeInPath(path)).toBe("Xk7bc");
});

it("an encoded letter is that letter", () => {
  expect(codeInPath("/%58k7bc")).toBe("Xk7bc");
  expect(codeInPath("/Xk7b%63%2E")).toBe("Xk7bc");
});

it.each([
  "/",
  "",
  "abc",
  "//",
  "//x",
  "//Xk7bc",
  "/.Xk7bc",
  "/%20Xk7bc",
  "/。Xk7bc",
  "/「Xk7bc",
  "/%2FXk7bc",
  "/%00Xk7bc",
  "/../Xk7bc",
  "/a",
  "/ab",
  "/ab。",
  "/日本語",
  "/a/b",
  "/abc/def",
  "/abc//def",
  "/abc/def.",
  "/abc%2Fdef",
  "/abc%2fdef%2f",
  "/abc%252Fdef",
  "/abc%5Cdef",
  "/abc\\def",
  "/abc.php",
  "/abc.html",
  "/abc%2Ephp",
  "/abc.php。",
  "/.env",
  "/.git/config",
  "/.well-known/security.txt",
  "/wp-admin/setup-config.php",
  "/wp-login.php",
  "/xmlrpc.php",
  "/robots.txt",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/vendor/%28x",
  "/actuator/env?x",
  "/cgi-bin/luci/;stok=/locale",
  "/favicon.ico",
  "/index.html",
  "/sitemap.xml",
  "/abc+def",
  "/abc,def",
  "/abc@example.com",
  "/abc%20def",
  "/abc%0Adef",
  "/abc%00def",
  "/abc%00.php",
  "/abc%zz",
  "/abc%4",
  "/abc%2541",
  "/%",
  "/%zz",
  "/%E3%80%82",
  "/a%",
  `/${"a".repeat(65)}`,
  `/${"a".repeat(65)}。`,
  `/${"a".repeat(100_000)}`,
  `/${"%41".repeat(65)}`,
  "/api",
  "/API",
  "/Api/",
  "/api。",
  "/api%E3%80%82",
  "/%61pi",
  "/api/links",
  "/sms/messages/",
  "/health",
  "/cdn-cgi/trace",
])("no code is asked for by %j", (path) => {
  expect(codeInPath(path)).toBeUndefined();
});

const RUNS = { seed: 20_261_124, numRuns: 5_000 };

const paths = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constantFrom(
        "/",
        "%",
        "%E3",
        "%80",
        "%82",
        "%2F",
        "%00",
        "%zz",
        "。",
        "を",
        "\ud800",
        "abc",
        "API",
        "a".repeat(64),
        ".",
        "-",
      ),
    ),
    { maxLength: 10 },
  )
  .map((pieces) => pieces.join(""));

it(`a path never breaks the search, and a code that is found begins it: seed ${RUNS.seed}`, () => {
  let found = 0;
  fc.assert(
    fc.property(fc.constantFrom("", "/", "/abc", "/Xk7bc"), paths, (start, rest) => {
      const path = start + rest;
      const code = codeInPath(path);
      if (code === undefined) return;
      found += 1;
      expect(parseChosenCode(code)).toEqual({ kind: "code", code });
      expect(codeInPath(`/${code}`)).toBe(code);
      if (!path.includes("%")) expect(path.startsWith(`/${code}`)).toBe(true);
    }),
    RUNS,
  );
  expect(found).toBeGreaterThan(RUNS.numRuns / 10);
});

it("an endless path costs no time", async () => {
  const hostile = ["a.", ".", "%2E", "%E3", "/", "。", "a。/", "-"].map((piece) => `/abc${piece.repeat(50_000)}`);
  // The runtime's clock stands still until something is awaited.
  await scheduler.wait(1);
  const before = Date.now();
  for (const path of hostile) for (const end of ["", "a", "/a"]) codeInPath(path + end);
  await scheduler.wait(1);
  expect(Date.now() - before).toBeLessThan(1_000);
});
