// The URL policy: where a link may lead and what may be called back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
// The cases of the Web Platform Tests' url/resources/urltestdata.json that need no base URL.
import wptCases from "../node_modules/@wordpress/url/src/test/fixtures/wpt-data.json";
import { type AddressRules, checkCallbackUrl, checkDestination, LONGEST_URL } from "../src/link/address.ts";
import { ACCEPTED, HTTP, LOCAL, LOCALLY, PUBLIC, type Refusal, REFUSALS, REFUSED } from "./address.table.ts";

const refused = (why: Refusal) => ({ kind: "refused", message: REFUSALS[why] });
const ok = (url: string) => ({ kind: "ok", url });

const rows = Object.entries(REFUSED).flatMap(([why, inputs]) =>
  inputs.map((input) => [why as Refusal, input] as const),
);
const shown = (input: string) => JSON.stringify(input.length > 100 ? `${input.slice(0, 40)}…` : input);

it("the table has at least 400 inputs, each once", () => {
  const inputs = [...rows.map(([, input]) => input), ...[...ACCEPTED, ...HTTP, ...LOCALLY].map(([input]) => input)];
  expect(new Set(rows.map(([, input]) => input)).size).toBe(rows.length);
  expect(new Set(ACCEPTED.map(([input]) => input)).size).toBe(ACCEPTED.length);
  expect(inputs.length).toBeGreaterThanOrEqual(400);
});

it.each(rows.map(([why, input]) => [why, shown(input), input] as const))(
  "refused (%s), as destination and as callback URL: %s",
  (why, _, input) => {
    expect(checkDestination(input, PUBLIC)).toEqual(refused(why));
    expect(checkCallbackUrl(input, PUBLIC)).toEqual(refused(why === "scheme" ? "https" : why));
  },
);

it.each(ACCEPTED.map(([input, stored]) => [shown(input), shown(stored), input, stored] as const))(
  "accepted as destination and as callback URL: %s becomes %s",
  (_, __, input, stored) => {
    expect(checkDestination(input, PUBLIC)).toEqual(ok(stored));
    expect(checkDestination(input, PUBLIC)).toEqual(ok(new URL(input).href));
    expect(checkCallbackUrl(input, PUBLIC)).toEqual(ok(stored));
  },
);

it.each(HTTP)("http leads to a destination but carries no callback: %s", (input, stored) => {
  expect(checkDestination(input, PUBLIC)).toEqual(ok(stored));
  expect(checkCallbackUrl(input, PUBLIC)).toEqual(refused("http"));
});

it("a URL that is too long only before it is normalised is accepted, up to 8,192 characters", () => {
  const longest = `https://example.com/${"./".repeat(4_086)}`;
  expect(longest).toHaveLength(8_192);
  expect(checkDestination(longest, PUBLIC)).toEqual(ok("https://example.com/"));
  expect(checkDestination(`${longest}?`, PUBLIC)).toEqual(refused("long"));
});

it.each(LOCALLY)("with ALLOW_LOCAL_ADDRESSES, %s as destination and as callback URL: %s", (input, verdict) => {
  const expected = verdict in REFUSALS ? refused(verdict as Refusal) : ok(verdict);
  expect(checkDestination(input, LOCAL)).toEqual(expected);
  expect(checkCallbackUrl(input, LOCAL)).toEqual(expected);
});

it.each([
  [["[::1]:8787"], "http://[::1]:8787/", "own"],
  [["[::1]:8787"], "http://[0:0:0:0:0:0:0:1]:8787/", "own"],
  [["[::1]:8787"], "http://[::1]:3000/", undefined],
  [["127.0.0.1:8787"], "http://2130706433:8787/", "own"],
  [["localhost:8787", "localhost:9999"], "http://localhost:9999/", "own"],
  [["S.Example.com."], "https://s.example.com/", "own"],
  [["s.example.com:443"], "https://s.example.com:443/", undefined],
  [["", "not a host"], "http://localhost:3000/", undefined],
  [[], "http://localhost:8787/", undefined],
] as [string[], string, Refusal | undefined][])(
  "locally, where our hosts are %j, %s is ours: %s",
  (ownHosts, input, why) => {
    const expected = why === undefined ? ok(new URL(input).href) : refused(why);
    expect(checkDestination(input, { allowLocal: true, ownHosts })).toEqual(expected);
  },
);

describe("an IPv4 address that is not public is refused when written as", () => {
  // One of each range that IANA keeps from the public, and one that is public.
  const ADDRESSES = [
    "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1",
    "192.88.99.1 192.168.1.1 192.175.48.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 8.8.8.8",
  ].flatMap((line) => line.split(" ").map((address) => address.split(".").map(Number)));
  type Bytes = readonly number[];

  const number = (bytes: Bytes) => bytes.reduce((value, byte) => value * 256 + byte, 0);
  const dotted = (bytes: Bytes) => bytes.join(".");
  const each = (write: (byte: number) => string) => (bytes: Bytes) => bytes.map(write).join(".");
  const shifted = (zero: number) => (bytes: Bytes) =>
    dotted(bytes).replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  const groups = (bytes: Bytes) => [0, 2].map((at) => number(bytes.slice(at, at + 2)).toString(16)).join(":");

  const NOTATIONS: Record<string, (bytes: Bytes) => string> = {
    "four numbers": dotted,
    "four numbers and a dot": (bytes) => `${dotted(bytes)}.`,
    "one number": (bytes) => `${number(bytes)}`,
    "one hexadecimal number": (bytes) => `0x${number(bytes).toString(16)}`,
    "one octal number": (bytes) => `0${number(bytes).toString(8)}`,
    "two numbers": ([a, ...rest]) => `${a}.${number(rest)}`,
    "three numbers": ([a, b, ...rest]) => `${a}.${b}.${number(rest)}`,
    "four hexadecimal numbers": each((byte) => `0X${byte.toString(16).toUpperCase()}`),
    "four octal numbers": each((byte) => `0${byte.toString(8)}`),
    "octal numbers with many zeros": each((byte) => byte.toString(8).padStart(20, "0")),
    "a mix of all": ([a = 0, b = 0, ...rest]) => `0x${a.toString(16)}.0${b.toString(8)}.${number(rest)}`,
    "full-width digits": shifted(0xff10),
    "bold digits": shifted(0x1d7ce),
    "double-struck digits": shifted(0x1d7d8),
    "ideographic full stops": (bytes) => bytes.join("。"),
    "percent-encoding": (bytes) =>
      dotted(bytes).replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
  };
  it.each(Object.entries(NOTATIONS))("%s", (_, write) => {
    for (const bytes of ADDRESSES) {
      const input = `https://${write(bytes)}/`;
      expect(checkDestination(input, PUBLIC), input).toEqual(refused("local"));
      // That it is this address.
      expect(new URL(input).hostname, input).toBe(dotted(bytes));
    }
  });

  const WITHIN_IPV6: Record<string, (bytes: Bytes) => string> = {
    "IPv4-mapped": (bytes) => `::ffff:${dotted(bytes)}`,
    "IPv4-mapped in hexadecimal": (bytes) => `0:0:0:0:0:FFFF:${groups(bytes).toUpperCase()}`,
    "IPv4-compatible": (bytes) => `::${dotted(bytes)}`,
    "IPv4-translated": (bytes) => `::ffff:0:${dotted(bytes)}`,
    NAT64: (bytes) => `64:ff9b::${dotted(bytes)}`,
    "local NAT64": (bytes) => `64:ff9b:1::${groups(bytes)}`,
    "6to4": (bytes) => `2002:${groups(bytes)}::1`,
    Teredo: (bytes) => `2001:0:4136:e378:8000:63bf:${groups(bytes.map((byte) => 255 - byte))}`,
    ISATAP: (bytes) => `fe80::5efe:${dotted(bytes)}`,
  };
  it.each(Object.entries(WITHIN_IPV6))("%s IPv6", (_, write) => {
    for (const bytes of ADDRESSES) {
      const input = `https://[${write(bytes)}]/`;
      expect(checkDestination(input, PUBLIC), input).toEqual(refused("local"));
      expect(checkCallbackUrl(input, PUBLIC), input).toEqual(refused("local"));
    }
  });
});

/** What everybody relies on who reads, stores or sends a URL that was accepted. */
function expectSafe(url: string, rules: AddressRules): void {
  expect(url).toMatch(/^https?:\/\/[!-~]+$/);
  expect(url.length).toBeLessThanOrEqual(LONGEST_URL);
  const { href, username, password, hostname } = new URL(url);
  expect([href, username, password]).toEqual([url, "", ""]);
  if (!rules.allowLocal) expect(hostname).toMatch(/^[^[\]:]+\.[^.]*[^.\d][^.]*\.?$/);
}

it(`the ${wptCases.length} cases of the Web Platform Tests: refused, or safe to send`, () => {
  let accepted = 0;
  for (const { input, failure } of wptCases as { input: string; failure?: boolean }[])
    for (const check of [checkDestination, checkCallbackUrl])
      for (const rules of [PUBLIC, LOCAL]) {
        const checked = check(input, rules);
        if (checked.kind === "refused") continue;
        accepted += 1;
        expect(failure, input).toBeUndefined();
        expectSafe(checked.url, rules);
      }
  expect(wptCases.length).toBeGreaterThan(300);
  expect(accepted).toBeGreaterThan(100);
});

const RUNS = { seed: 20_261_124, numRuns: 3_000 };

// Shapes that come near a URL, so that many are accepted, with pieces that upset parsers.
const nearUrls = fc
  .tuple(
    fc.constantFrom("https://", "http://", "HTTPS://", "https:/", "//", "", "javascript:"),
    fc.oneof(
      { weight: 9, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("@", "a@", "a:b@", "%40@") },
    ),
    fc.oneof(
      fc.domain(),
      fc.ipV4Extended(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.constantFrom("日本語.jp", "LocalHost.", "s.example.com", "a.b%2ec"),
    ),
    fc.constantFrom("", ".", ":443", ":8443", ":"),
    fc.array(
      fc.oneof(
        fc.constantFrom(
          "/",
          "..",
          ".",
          "?",
          "#",
          "@",
          "%",
          "%2e",
          "%0a",
          "\\",
          "日本",
          "🎉",
          "\u202e",
          "\ud800",
          " ",
          "'",
          '"',
          "{",
          "|",
          "^",
        ),
        fc.string({ unit: "binary", maxLength: 4 }),
        fc.webSegment(),
      ),
      { maxLength: 12 },
    ),
  )
  .map(
    ([scheme, user, host, port, path]) => `${scheme}${user}${host}${port}${path.length > 0 ? "/" : ""}${path.join("")}`,
  );
const anything = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  nearUrls,
  fc.string({ unit: "binary" }),
);

it(`what is accepted is safe to send and is accepted again unchanged: seed ${RUNS.seed}`, () => {
  let accepted = 0;
  fc.assert(
    fc.property(anything, fc.constantFrom(PUBLIC, LOCAL), (input, rules) => {
      for (const check of [checkDestination, checkCallbackUrl]) {
        const checked = check(input, rules);
        if (checked.kind === "refused") {
          expect(Object.values(REFUSALS)).toContain(checked.message);
          continue;
        }
        accepted += 1;
        const { url } = checked;
        expect(check(url, rules)).toEqual({ kind: "ok", url });
        expectSafe(url, rules);
      }
    }),
    RUNS,
  );
  expect(accepted).toBeGreaterThan(RUNS.numRuns / 3);
});
