// The URL policy: where a link may lead and what may be called back.

import { expect, it } from "vitest";
import fc from "fast-check";
import { type AddressRules, checkCallbackUrl, checkDestination, LONGEST_URL } from "../src/link/address.ts";

const PUBLIC: AddressRules = { allowLocal: false, ownHosts: ["api.example.net", "s.example.com"] };
const LOCAL: AddressRules = { allowLocal: true, ownHosts: ["localhost:8787", "s.example.com"] };

const REFUSALS = {
  empty: "is empty: give an absolute URL such as https://example.com/",
  long: "is longer than 2048 characters: shorten it",
  text: "holds a space, control character or backslash: percent-encode it",
  shape: "is not an absolute URL: write it like https://example.com/path",
  scheme: "must begin with http:// or https://",
  https: "must begin with https://",
  slashes: "must have two slashes behind the scheme: https://example.com/",
  credentials: "holds a user name or password: remove it",
  own: "leads to this service itself: it would loop",
  local: "must name a public host, not localhost or an IP address",
  dot: "must have a full host name with a dot, such as example.com",
  special: "must name a public host: this name is reserved for private or special use",
} as const;
type Refusal = keyof typeof REFUSALS;

const refused = (why: Refusal) => ({ kind: "refused", message: REFUSALS[why] });
const ok = (url: string) => ({ kind: "ok", url });

/** A URL of exactly this many characters. */
const urlOfLength = (length: number) => "https://example.com/".padEnd(length, "a");

// For a callback URL https is the only scheme; everything else is refused alike, so both checks run over this table.
const REFUSED: Record<Exclude<Refusal, "https">, string[]> = {
  empty: [""],
  scheme: [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "file://example.com/etc/passwd",
    "ftp://example.com/",
    "ws://example.com/",
    "wss://example.com/",
    "gopher://example.com/",
    "blob:https://example.com/0a1b",
    "filesystem:https://example.com/temporary/",
    "view-source:https://example.com/",
    "about:blank",
    "mailto:someone@example.com",
    "tel:+81312345678",
    "sms:+819012345678",
    "intent://example.com/#Intent;scheme=https;end",
    "https+insecure://example.com/",
    "example.com:443/path",
    "localhost:8787/path",
  ],
  shape: [
    "example.com",
    "www.example.com/path",
    "//example.com/path",
    "/path",
    "?a=1",
    "#part",
    "https",
    "https:",
    "https://",
    "https:///",
    "https://?a=1",
    "https://#part",
    "://example.com/",
    "https：//example.com/",
    "https://example.com:65536/",
    "https://example.com:port/",
    "https://example.com:-1/",
    "https://[::1/",
    "https://[example.com]/",
    "https://[fe80::1%25eth0]/",
    "https://exa<mple.com/",
    "https://exa%00mple.com/",
    "https://example.com%2fevil.com/",
    "https://example.com%40evil.com/",
    "https://256.1.1.1/",
    "https://1.2.3.4.5/",
    "https://4294967296/",
    "https://127.0.0.1.1/",
    "https://example.123/",
    "https://example.0x7f/",
  ],
  slashes: [
    "https:example.com",
    "https:/example.com",
    "HTTPs:example.com/path",
    "HTTPS:/example.com",
    "https:///example.com/",
    "https:////example.com/",
    "https:///@example.com/",
    "https:/user@example.com/",
  ],
  credentials: [
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://:password@example.com/",
    "https://user:@example.com/",
    "https://@example.com/",
    "https://:@example.com/",
    "https://@@example.com/",
    "https://%40@example.com/",
    "https://us%65r:p%40ss@example.com/",
    "https://example.com@evil.example.org/",
    "https://example.com:443@evil.example.org/",
    "https://s.example.com%2f@evil.example.org/",
    "https://日本@example.com/",
    "https://user@localhost/",
  ],
  text: [
    " https://example.com/",
    "https://example.com/ ",
    "https://example.com/a b",
    "https:// example.com/",
    "https://example.com/?q=a b",
    "https://example.com/#a b",
    "\thttps://example.com/",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "ht\ntps://example.com/",
    "https://exam\tple.com/",
    "https://example.com/\r\nSet-Cookie: a=1",
    "https://example.com/\n",
    "https://example.com/\0",
    "https://example.com/\u001b[0m",
    "https://example.com/\u007f",
    "https://example.com/\u0085",
    "https://example.com/\u00a0",
    "https://example.com/\u2003",
    "https://example.com/\u2028",
    "https://example.com/\u202f",
    "https://example.com/\u3000まで",
    "\ufeffhttps://example.com/",
    "https:\\\\example.com\\",
    "https:\\/example.com/",
    "https://example.com\\@evil.example.org/",
    "https://evil.example.org\\.example.com/",
    "https://example.com/a\\b",
    "\\\\example.com\\share",
    "https://example.com/\u202egpj.exe",
    "https://example.com/\u200fabc",
    "https://example.com/\u061c",
    "https://example.com/\u2066abc\u2069",
    "https://example.com/\ud83d",
    "https://example.com/\udc00\ud800",
    "https://exam\ud800ple.com/",
  ],
  local: [
    // localhost
    "https://localhost/",
    "https://LOCALHOST:8443/",
    "https://localhost./",
    "https://app.localhost/",
    "https://App.LocalHost./",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://ⓛocalhost/",
    "https://local\u00adhost/",
    "https://%6cocalhost/",
    // 127.0.0.1 in every notation
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.0.0.1:8443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0x7f.1/",
    "https://0X7F.1./",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://0177.0x0.1/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    // other IPv4 addresses, public ones too: a certificate names a host
    "https://0/",
    "https://0.0.0.0/",
    "https://0x.0x.0/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://172.16.0.1/",
    "https://192.0.0.1/",
    "https://192.168.1.1/",
    "https://192.168.257/",
    "https://198.18.0.1/",
    "https://203.0.113.7/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://8.8.8.8/",
    // IPv6, and IPv4 within it
    "https://[::]/",
    "https://[::1]/",
    "https://[::1]:8443/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::FFFF:169.254.169.254]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:53aa:64c::]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[2001:db8::1]/",
    "https://[2606:4700:4700::1111]/",
  ],
  dot: [
    "https://intranet/",
    "https://router./",
    "https://com/",
    "https://metadata/computeMetadata/v1/",
    "https://instance-data/latest/",
    "https://kubernetes/",
    "https://日本/",
    "https://./",
    "https://../",
    "https://.com/",
    "https://.example.com/",
    "https://example..com/",
    "https://example.com../",
    "https://*.example.com/",
    "https://shop!.example.com/",
    "https://example.com,example.org/",
    "https://example.com,https://example.org/",
    `https://${"a".repeat(64)}.com/`,
  ],
  special: [
    "https://printer.local/",
    "https://PRINTER.LOCAL/",
    "https://printer.local./",
    "https://a.localdomain/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://METADATA.GOOGLE.INTERNAL./",
    "https://host.docker.internal/",
    "https://kubernetes.default.svc.cluster.local/",
    "https://wiki.intranet/",
    "https://wiki.private/",
    "https://wiki.corp/",
    "https://nas.home/",
    "https://nas.home.arpa/",
    "https://nas.lan/",
    "https://server.mail/",
    "https://shop.test/",
    "https://shop.TEST./",
    "https://shop.example/",
    "https://shop.invalid/",
    "https://abcdefghij.onion/",
    "https://name.alt/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://printer.ｌｏｃａｌ/",
    "https://printer。local/",
  ],
  own: [
    "https://s.example.com/",
    "https://s.example.com/Xk7abc",
    "https://S.EXAMPLE.COM/",
    "https://s.example.com./",
    "https://s.example.com:443/",
    "https://s.example.com:8443/",
    "https://ｓ.example.com/",
    "https://s。example。com/",
    "https://%73.example.com/",
    "https://api.example.net/api/links",
  ],
  long: [
    urlOfLength(LONGEST_URL + 1),
    `https://example.com/?q=${"a".repeat(LONGEST_URL)}`,
    `https://example.com/#${"a".repeat(LONGEST_URL)}`,
    // 226 × 9 characters when percent-encoded
    `https://example.com/${"日".repeat(226)}`,
    // Would be short when normalised, but nobody needs to try.
    `https://example.com/${"./".repeat(5_000)}`,
    "a".repeat(1_000_000),
  ],
};

const rows = Object.entries(REFUSED).flatMap(([why, inputs]) =>
  inputs.map((input) => [why as Refusal, input] as const),
);
const shown = (input: string) => JSON.stringify(input.length > 100 ? `${input.slice(0, 40)}…` : input);

it.each(rows.map(([why, input]) => [why, shown(input), input] as const))(
  "refused (%s), as destination and as callback URL: %s",
  (why, _, input) => {
    expect(checkDestination(input, PUBLIC)).toEqual(refused(why));
    expect(checkCallbackUrl(input, PUBLIC)).toEqual(refused(why === "scheme" ? "https" : why));
  },
);

// What is stored, shown and sent in `Location` is the normalised URL.
const ACCEPTED: [input: string, stored: string][] = [
  ["https://example.com", "https://example.com/"],
  ["https://example.com/", "https://example.com/"],
  ["HTTPS://EXAMPLE.COM/Path", "https://example.com/Path"],
  ["https://Shop.Example.Com/?A=B#C", "https://shop.example.com/?A=B#C"],
  ["https://example.com:443/", "https://example.com/"],
  ["https://example.com:/", "https://example.com/"],
  ["https://example.com:8443/", "https://example.com:8443/"],
  ["https://example.com:80/", "https://example.com:80/"],
  ["https://example.com./", "https://example.com./"],
  ["https://example.com?a=1", "https://example.com/?a=1"],
  ["https://example.com#part", "https://example.com/#part"],
  ["https://example.com/?", "https://example.com/?"],
  ["https://example.com/a/./b/../c", "https://example.com/a/c"],
  ["https://example.com/%2e%2e/a", "https://example.com/a"],
  ["https://example.com/../../a", "https://example.com/a"],
  ["https://example.com//a", "https://example.com//a"],
  ["https://example.com/a%20b", "https://example.com/a%20b"],
  ["https://example.com/%0d%0aSet-Cookie:a=1", "https://example.com/%0d%0aSet-Cookie:a=1"],
  ["https://example.com/%zz", "https://example.com/%zz"],
  ["https://example.com/%5Ca", "https://example.com/%5Ca"],
  ['https://example.com/"<>`', "https://example.com/%22%3C%3E%60"],
  ["https://example.com/?q='\"<>", "https://example.com/?q=%27%22%3C%3E"],
  ["https://example.com/a|b[c]{d}^e", "https://example.com/a|b[c]%7Bd%7D%5Ee"],
  ["https://example.com/@someone", "https://example.com/@someone"],
  ["https://example.com/?mail=a@b.example", "https://example.com/?mail=a@b.example"],
  ["https://example.com?@", "https://example.com/?@"],
  ["https://example.com#@", "https://example.com/#@"],
  ["https://example.com/?to=https://user:pw@other.example/", "https://example.com/?to=https://user:pw@other.example/"],
  ["https://example.com/日本語", "https://example.com/%E6%97%A5%E6%9C%AC%E8%AA%9E"],
  ["https://example.com/?q=日本#語", "https://example.com/?q=%E6%97%A5%E6%9C%AC#%E8%AA%9E"],
  ["https://example.com/🎉", "https://example.com/%F0%9F%8E%89"],
  ["https://example.com/e\u0301", "https://example.com/e%CC%81"],
  ["https://example.com/a\u200bb", "https://example.com/a%E2%80%8Bb"],
  ["https://日本語.jp/", "https://xn--wgv71a119e.jp/"],
  ["https://日本語。jp/パス", "https://xn--wgv71a119e.jp/%E3%83%91%E3%82%B9"],
  ["https://bücher.example.org/", "https://xn--bcher-kva.example.org/"],
  ["https://faß.de/", "https://xn--fa-hia.de/"],
  ["https://XN--WGV71A119E.jp/", "https://xn--wgv71a119e.jp/"],
  ["https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"],
  ["https://ｅｘａｍｐｌｅ.com/", "https://example.com/"],
  ["https://exam\u00adple.com/", "https://example.com/"],
  ["https://ex%61mple.com/", "https://example.com/"],
  ["https://my_shop.example.com/", "https://my_shop.example.com/"],
  ["https://a-.-b.example.com/", "https://a-.-b.example.com/"],
  [`https://${"a".repeat(63)}.com/`, `https://${"a".repeat(63)}.com/`],
  ["https://1.1.1.1.example.com/", "https://1.1.1.1.example.com/"],
  ["https://127.0.0.1.example.com/", "https://127.0.0.1.example.com/"],
  // Names that only look like ours, or like reserved ones.
  ["https://example.com/s.example.com", "https://example.com/s.example.com"],
  ["https://a.s.example.com/", "https://a.s.example.com/"],
  ["https://xs.example.com/", "https://xs.example.com/"],
  ["https://s.example.com.evil.example.org/", "https://s.example.com.evil.example.org/"],
  ["https://example.com/", "https://example.com/"],
  ["https://localhost.example.com/", "https://localhost.example.com/"],
  ["https://mylocalhost.com/", "https://mylocalhost.com/"],
  ["https://internal.example.com/", "https://internal.example.com/"],
  ["https://example.homes/", "https://example.homes/"],
  ["https://latest.com/", "https://latest.com/"],
  ["https://shop.email/", "https://shop.email/"],
  // As long as allowed, before and after normalising.
  [urlOfLength(LONGEST_URL), urlOfLength(LONGEST_URL)],
  [`https://example.com/${"日".repeat(225)}`, `https://example.com/${"%E6%97%A5".repeat(225)}`],
  [`https://example.com/${"./".repeat(2_000)}a`, "https://example.com/a"],
];

it.each(ACCEPTED.map(([input, stored]) => [shown(input), shown(stored), input, stored] as const))(
  "accepted as destination and as callback URL: %s becomes %s",
  (_, __, input, stored) => {
    expect(checkDestination(input, PUBLIC)).toEqual(ok(stored));
    expect(checkDestination(input, PUBLIC)).toEqual(ok(new URL(input).href));
    expect(checkCallbackUrl(input, PUBLIC)).toEqual(ok(stored));
  },
);

it.each([
  ["http://example.com", "http://example.com/"],
  ["HTTP://example.com:80/", "http://example.com/"],
  ["http://example.com:443/", "http://example.com:443/"],
])("http leads to a destination but carries no callback: %s", (input, stored) => {
  expect(checkDestination(input, PUBLIC)).toEqual(ok(stored));
  expect(checkCallbackUrl(input, PUBLIC)).toEqual(refused("https"));
});

it("a URL that is too long only before it is normalised is accepted, up to 8,192 characters", () => {
  const longest = `https://example.com/${"./".repeat(4_086)}`;
  expect(longest).toHaveLength(8_192);
  expect(checkDestination(longest, PUBLIC)).toEqual(ok("https://example.com/"));
  expect(checkDestination(`${longest}?`, PUBLIC)).toEqual(refused("long"));
});

// On one's own machine: a URL as it is stored, or why not.
const LOCALLY: [input: string, verdict: string][] = [
  ["http://localhost/hook", "http://localhost/hook"],
  ["http://localhost:3000/", "http://localhost:3000/"],
  ["http://localhost.:3000/", "http://localhost.:3000/"],
  ["https://localhost:8443/", "https://localhost:8443/"],
  ["http://app.localhost:8787/", "http://app.localhost:8787/"],
  ["http://127.0.0.1:3000/", "http://127.0.0.1:3000/"],
  ["http://2130706433/", "http://127.0.0.1/"],
  ["http://192.168.1.20:8080/", "http://192.168.1.20:8080/"],
  ["http://[::1]:3000/", "http://[::1]:3000/"],
  ["http://example.com/", "http://example.com/"],
  ["https://example.com/", "https://example.com/"],
  ["http://localhost:8787/Xk7abc", "own"],
  ["http://LOCALHOST:8787/", "own"],
  ["http://localhost.:8787/", "own"],
  ["https://localhost:8787/", "own"],
  ["https://s.example.com/", "own"],
  ["https://s.example.com./", "own"],
  ["http://s.example.com/", "own"],
  ["http://user@localhost:3000/", "credentials"],
  ["http://localhost:3000/a b", "text"],
  ["http:localhost", "slashes"],
  ["ftp://localhost/", "scheme"],
  ["file:///etc/passwd", "scheme"],
  ["javascript:alert(1)", "scheme"],
  ["http://receiver:3000/", "dot"],
  ["http://printer.local/", "special"],
];

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
        expect(url).toMatch(/^https?:\/\/[!-~]+$/);
        expect(url.length).toBeLessThanOrEqual(LONGEST_URL);
        const { username, password, hostname } = new URL(url);
        expect([username, password]).toEqual(["", ""]);
        if (!rules.allowLocal) expect(hostname).toMatch(/^[^[\]:]+\.[^.]*[^.\d][^.]*\.?$/);
      }
    }),
    RUNS,
  );
  expect(accepted).toBeGreaterThan(RUNS.numRuns / 3);
});
