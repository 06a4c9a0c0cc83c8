// The settings of a deployment: what is accepted, and what is said of the rest.

import { expect, it } from "vitest";
import fc from "fast-check";
import { EXAMPLE_ADMIN_TOKEN, readSettings, settingsOf } from "../src/settings.ts";

const NAMES = [
  "ADMIN_TOKEN",
  "SECRETS_KEY",
  "PREVIOUS_SECRETS_KEY",
  "DATA_LOCATION",
  "SHORT_DOMAIN",
  "ALLOW_LOCAL_ADDRESSES",
  "RECORD_BEFORE_REDIRECT",
  "CALLBACK_RETRY_SECONDS",
  "CALLBACK_TIMEOUT_SECONDS",
  "LINK_BOUNDARY",
  "CARRIER",
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_API_URL",
  "XOXZO_SID",
  "XOXZO_AUTH_TOKEN",
  "XOXZO_API_URL",
  "HTTP_CARRIER_URL",
  "HTTP_CARRIER_SECRET",
  "COST_PER_PART",
  "LARGEST_PAGE",
] as const;
type Variables = Partial<Record<(typeof NAMES)[number], unknown>>;

const TOKEN = "0123456789abcdef-of-a-deployment";
const DEFAULT_WAITS = [10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
const SOUND = {
  adminToken: TOKEN,
  sealingKeys: [TOKEN],
  dataLocation: {},
  shortDomain: undefined,
  allowLocalAddresses: false,
  callbackRetrySeconds: DEFAULT_WAITS,
  callbackTimeoutSeconds: 10,
  recordBeforeRedirect: false,
  linkBoundary: "natural",
  carrier: undefined,
  carrierSettings: {
    TWILIO_ACCOUNT_SID: "",
    TWILIO_AUTH_TOKEN: "",
    TWILIO_API_URL: "https://api.twilio.com",
    XOXZO_SID: "",
    XOXZO_AUTH_TOKEN: "",
    XOXZO_API_URL: "https://api.xoxzo.com",
    HTTP_CARRIER_URL: "",
    HTTP_CARRIER_SECRET: "",
  },
  costPerPart: 0,
  largestPage: 4_000_000,
  problems: [],
};

/** The settings where only these variables are set, beside a good token. */
const read = (variables: Variables) => readSettings({ ADMIN_TOKEN: TOKEN, ...variables } as unknown as Env);

const SET_TOKEN = "set it with: npx wrangler secret put ADMIN_TOKEN";
const CORRECT = "correct it under [vars] in wrangler.toml.";
const PROBLEMS = {
  location: `DATA_LOCATION must be one of anywhere, jurisdiction:eu, jurisdiction:us, jurisdiction:fedramp, jurisdiction:fedramp-high, hint:wnam, hint:enam, hint:sam, hint:weur, hint:eeur, hint:apac, hint:apac-ne, hint:apac-se, hint:oc, hint:afr, hint:me: ${CORRECT}`,
  missing: `ADMIN_TOKEN is missing: ${SET_TOKEN}`,
  short: `ADMIN_TOKEN is shorter than 16 characters: ${SET_TOKEN}`,
  strange: `ADMIN_TOKEN holds a space or a character beyond ASCII: ${SET_TOKEN}`,
  example: `ADMIN_TOKEN is the public example from .dev.vars.example: ${SET_TOKEN}`,
  domain: `SHORT_DOMAIN must be a bare domain such as "s.example.com": ${CORRECT}`,
  local: `ALLOW_LOCAL_ADDRESSES must be "true" or "false": ${CORRECT}`,
  record: `RECORD_BEFORE_REDIRECT must be "true" or "false": ${CORRECT}`,
  waits: `CALLBACK_RETRY_SECONDS must be ten numbers of seconds from 0 to 86400, separated by commas: ${CORRECT}`,
  boundary: `LINK_BOUNDARY must be one of natural, strict: ${CORRECT}`,
  carrier: `CARRIER must be one of outbox, twilio, xoxzo, http: ${CORRECT}`,
  twilioUrl: `TWILIO_API_URL must be a URL such as https://api.example.com: ${CORRECT}`,
  xoxzoUrl: `XOXZO_API_URL must be a URL such as https://api.example.com: ${CORRECT}`,
  httpUrl: `HTTP_CARRIER_URL must be a URL such as https://api.example.com: ${CORRECT}`,
  httpSecret: `HTTP_CARRIER_SECRET must be "whsec_" and the base64 of 24 to 64 bytes (echo "whsec_$(openssl rand -base64 32)"): set it with: npx wrangler secret put HTTP_CARRIER_SECRET`,
  cost: `COST_PER_PART must be a number, 0 or more: ${CORRECT}`,
  page: `LARGEST_PAGE must be a whole number from 1 to 4000000: ${CORRECT}`,
  timeout: `CALLBACK_TIMEOUT_SECONDS must be a number of seconds above 0, 14 at most: ${CORRECT}`,
};

it("a deployment needs a token and nothing else", () => {
  expect(read({})).toEqual(SOUND);
});

it("every variable is used, and the white space round it is not", () => {
  const settings = read({
    ADMIN_TOKEN: ` ${TOKEN}\n`,
    SHORT_DOMAIN: " s.example.com ",
    ALLOW_LOCAL_ADDRESSES: " false ",
    RECORD_BEFORE_REDIRECT: "true\n",
    CALLBACK_RETRY_SECONDS: " 1, 2,3 ,4,5,6,7,8,9,10 ",
    CALLBACK_TIMEOUT_SECONDS: " 13 ",
    LINK_BOUNDARY: " Strict",
    CARRIER: "TWILIO ",
    TWILIO_ACCOUNT_SID: " AC1 ",
    TWILIO_AUTH_TOKEN: " secret\n",
    TWILIO_API_URL: "https://api.dublin.ie1.twilio.com/",
    COST_PER_PART: " 7.5 ",
    LARGEST_PAGE: " 5000 ",
  });
  expect(settings).toEqual({
    ...SOUND,
    shortDomain: "s.example.com",
    recordBeforeRedirect: true,
    callbackRetrySeconds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    callbackTimeoutSeconds: 13,
    linkBoundary: "strict",
    carrier: "twilio",
    carrierSettings: {
      ...SOUND.carrierSettings,
      TWILIO_ACCOUNT_SID: "AC1",
      TWILIO_AUTH_TOKEN: "secret",
      TWILIO_API_URL: "https://api.dublin.ie1.twilio.com",
    },
    costPerPart: 7.5,
    largestPage: 5_000,
  });
});

it.each([
  ["twilio", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]],
  ["xoxzo", ["XOXZO_SID", "XOXZO_AUTH_TOKEN"]],
  ["http", ["HTTP_CARRIER_URL", "HTTP_CARRIER_SECRET"]],
])("the carrier %s without its settings is a problem that names each with its remedy", (carrier, needed) => {
  const { problems } = read({ CARRIER: carrier });
  for (const name of needed)
    expect(problems).toContainEqual(
      expect.stringMatching(`^${name} is missing, and CARRIER is "${carrier}": set it (with: npx|under )`),
    );
});

it.each([
  ["CARRIER", "pigeon"],
  ["LINK_BOUNDARY", "loose"],
  ["COST_PER_PART", "cheap"],
  ["COST_PER_PART", "-1"],
  ["LARGEST_PAGE", "0"],
  ["LARGEST_PAGE", "many"],
  ["TWILIO_API_URL", "api.twilio.com"],
  ["XOXZO_API_URL", "http://api.xoxzo.com"],
  ["HTTP_CARRIER_URL", "https://user:password@carrier.example.com/"],
] as const)("%s = %s is a problem, and the default holds", (name, value) => {
  const settings = read({ [name]: value });
  // Nothing is sent by a carrier that nobody chose: CARRIER, too.
  expect(settings).toEqual({ ...SOUND, problems: [expect.stringMatching(`^${name} must be `)] });
  expect(Object.values(PROBLEMS)).toContain(settings.problems[0]);
});

it.each(NAMES.filter((name) => name !== "ADMIN_TOKEN"))(
  "without %s, or with white space in it, the default holds",
  (name) => {
    for (const value of [undefined, null, "", " ", "\n"]) expect(read({ [name]: value })).toEqual(SOUND);
  },
);

it.each([
  [undefined, "missing"],
  [null, "missing"],
  ["", "missing"],
  [" ".repeat(20), "missing"],
  ["\n", "missing"],
  ["secret", "short"],
  ["0123456789abcde", "short"],
  [`0123456789abcde${" ".repeat(10)}`, "short"],
  ["a token with spaces in it", "strange"],
  ["0123456789abcdef-日本", "strange"],
  [EXAMPLE_ADMIN_TOKEN, "example"],
  [` ${EXAMPLE_ADMIN_TOKEN} `, "example"],
] as const)("the ADMIN_TOKEN %j is refused as %s, and nobody is the admin", (token, problem) => {
  expect(read({ ADMIN_TOKEN: token })).toEqual({
    ...SOUND,
    adminToken: undefined,
    sealingKeys: [],
    problems: [PROBLEMS[problem]],
  });
});

it("an ADMIN_TOKEN of sixteen characters is enough", () => {
  expect(read({ ADMIN_TOKEN: "0123456789abcdef" })).toEqual({
    ...SOUND,
    adminToken: "0123456789abcdef",
    sealingKeys: ["0123456789abcdef"],
  });
});

it.each([
  [{}, [TOKEN]],
  [{ SECRETS_KEY: " another key " }, ["another key", TOKEN]],
  [{ SECRETS_KEY: "new", PREVIOUS_SECRETS_KEY: "old" }, ["new", "old", TOKEN]],
  [{ PREVIOUS_SECRETS_KEY: "old" }, [TOKEN, "old"]],
  [{ SECRETS_KEY: TOKEN, PREVIOUS_SECRETS_KEY: TOKEN }, [TOKEN]],
  [{ ADMIN_TOKEN: "short", SECRETS_KEY: "new", PREVIOUS_SECRETS_KEY: "old" }, ["new", "old"]],
  [{ ADMIN_TOKEN: "short", PREVIOUS_SECRETS_KEY: "old" }, []],
])("with %j these seal and open: %j", (variables, sealingKeys) => {
  expect(read(variables).sealingKeys).toEqual(sealingKeys);
});

it.each([
  ["anywhere", {}],
  ["jurisdiction:eu", { jurisdiction: "eu" }],
  [" Jurisdiction:FedRAMP-high\n", { jurisdiction: "fedramp-high" }],
  ["hint:weur", { locationHint: "weur" }],
  ["hint:apac-ne", { locationHint: "apac-ne" }],
])("the DATA_LOCATION %j is used", (value, dataLocation) => {
  expect(read({ DATA_LOCATION: value })).toEqual({ ...SOUND, dataLocation });
});

it.each([
  "eu",
  "weur",
  "hint:eu",
  "jurisdiction:weur",
  "jurisdiction:",
  "hint:",
  "europe",
  "jurisdiction:eu,us",
  "null",
])("the DATA_LOCATION %j is a problem, and no place is the default", (value) => {
  const settings = read({ DATA_LOCATION: value });
  expect(settings).toEqual({ ...SOUND, dataLocation: undefined, problems: [PROBLEMS.location] });
});

it("the example token works on one's own machine only, and a missing or short one not even there", () => {
  const locally = (token: string) => read({ ADMIN_TOKEN: token, ALLOW_LOCAL_ADDRESSES: "true" });
  expect(locally(EXAMPLE_ADMIN_TOKEN)).toMatchObject({ adminToken: EXAMPLE_ADMIN_TOKEN, problems: [] });
  expect(locally("")).toMatchObject({ adminToken: undefined, problems: [PROBLEMS.missing] });
  expect(locally("secret")).toMatchObject({ adminToken: undefined, problems: [PROBLEMS.short] });
});

it.each([
  ["s.example.com", "s.example.com"],
  ["S.Example.COM", "s.example.com"],
  ["example.com", "example.com"],
  ["go.to.example.co.jp", "go.to.example.co.jp"],
  ["s.example.com:8443", "s.example.com:8443"],
  ["xn--wgv71a119e.jp", "xn--wgv71a119e.jp"],
  ["firsttap.someone.workers.dev", "firsttap.someone.workers.dev"],
  ["s.internal", "s.internal"],
  ["s.example", "s.example"],
])("the SHORT_DOMAIN %j is used as %j, on a server and on one's own machine", (value, shortDomain) => {
  expect(read({ SHORT_DOMAIN: value })).toEqual({ ...SOUND, shortDomain });
  expect(read({ SHORT_DOMAIN: value, ALLOW_LOCAL_ADDRESSES: "true" }).shortDomain).toBe(shortDomain);
});

it.each([
  "https://s.example.com",
  "http://s.example.com/",
  "//s.example.com",
  "ftp://s.example.com",
  "javascript:alert(1)",
  "s.example.com/",
  "s.example.com/x",
  "s.example.com/x/",
  "s.example.com//",
  "s.example.com/..",
  "s.example.com?",
  "s.example.com?a=1",
  "s.example.com#",
  "s.example.com#part",
  "s.example.com\\",
  "user@s.example.com",
  "user:password@s.example.com",
  "@s.example.com",
  ":@s.example.com",
  "s.example.com, t.example.com",
  "s.example.com t.example.com",
  "s example.com",
  "s.\texample.com",
  "s.example.com:",
  "s.example.com:443",
  "s.example.com:0x50",
  "s.example.com:65536",
  "s.example.com:port",
  "s.example.com.",
  "s..example.com",
  ".example.com",
  "*.example.com",
  ".",
  "example",
  "日本語.jp",
  "ｓ.example.com",
  "%73.example.com",
  "s.example.com%2f",
  "<script>",
])("the SHORT_DOMAIN %j is refused everywhere", (value) => {
  expect(read({ SHORT_DOMAIN: value })).toEqual({ ...SOUND, problems: [PROBLEMS.domain] });
  const locally = read({ SHORT_DOMAIN: value, ALLOW_LOCAL_ADDRESSES: "true" });
  expect(locally).toMatchObject({ shortDomain: undefined, problems: [PROBLEMS.domain] });
});

it.each([
  "localhost",
  "localhost:8787",
  "app.localhost",
  "127.0.0.1",
  "127.0.0.1:8787",
  "192.168.1.20:8787",
  "[::1]",
  "[::1]:8787",
])("the SHORT_DOMAIN %s is for one's own machine only", (value) => {
  expect(read({ SHORT_DOMAIN: value })).toEqual({ ...SOUND, problems: [PROBLEMS.domain] });
  const locally = read({ SHORT_DOMAIN: value, ALLOW_LOCAL_ADDRESSES: "true" });
  expect(locally).toEqual({ ...SOUND, allowLocalAddresses: true, shortDomain: value });
});

it.each(["127.1", "2130706433", "0x7f.0.0.1", "[0:0:0:0:0:0:0:1]"])(
  "the SHORT_DOMAIN %s is refused, because a short URL would show another",
  (value) => {
    expect(read({ SHORT_DOMAIN: value, ALLOW_LOCAL_ADDRESSES: "true" }).problems).toEqual([PROBLEMS.domain]);
  },
);

it.each([
  ["ALLOW_LOCAL_ADDRESSES", "allowLocalAddresses", "local"],
  ["RECORD_BEFORE_REDIRECT", "recordBeforeRedirect", "record"],
] as const)("%s is true or false, and anything else is false and a problem", (name, setting, problem) => {
  expect(read({ [name]: "true" })).toEqual({ ...SOUND, [setting]: true });
  expect(read({ [name]: "false" })).toEqual(SOUND);
  for (const value of [
    "TRUE",
    "True",
    "yes",
    "1",
    "0",
    "on",
    "tru",
    "true false",
    "null",
    "undefined",
    '"true"',
    "ｔｒｕｅ",
  ])
    expect(read({ [name]: value })).toEqual({ ...SOUND, problems: [PROBLEMS[problem]] });
});

it.each([
  ["0,0,0,0,0,0,0,0,0,0", Array<number>(10).fill(0)],
  ["86400,1,1,1,1,1,1,1,1,1", [86_400, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  ["0.02,1.5,3,3,3,3,3,3,3,3", [0.02, 1.5, 3, 3, 3, 3, 3, 3, 3, 3]],
])("the CALLBACK_RETRY_SECONDS %s are used", (value, callbackRetrySeconds) => {
  expect(read({ CALLBACK_RETRY_SECONDS: value })).toEqual({ ...SOUND, callbackRetrySeconds });
});

it.each([
  "10",
  "1,2,3,4,5,6,7,8,9",
  "1,2,3,4,5,6,7,8,9,10,11",
  "1,2,3,4,5,6,7,8,9,",
  ",1,2,3,4,5,6,7,8,9",
  "1,2,3,4,,6,7,8,9,10",
  "1,2,3,4, ,6,7,8,9,10",
  "1,2,3,4,5,6,7,8,9,10,",
  ",,,,,,,,,",
  "1;2;3;4;5;6;7;8;9;10",
  "1 2 3 4 5 6 7 8 9 10",
  "1、2、3、4、5、6、7、8、9、10",
  "a,b,c,d,e,f,g,h,i,j",
  "1,2,3,4,5,6,7,8,9,ten",
  "1s,2s,3s,4s,5s,6s,7s,8s,9s,10s",
  "1,2,3,4,5,6,7,8,9,-10",
  "1,2,3,4,5,6,7,8,9,86401",
  "1,2,3,4,5,6,7,8,9,1e9",
  "1,2,3,4,5,6,7,8,9,NaN",
  "1,2,3,4,5,6,7,8,9,Infinity",
  "-Infinity,2,3,4,5,6,7,8,9,10",
  "1,2,3,4,5,6,7,8,9,1_0",
  "[1,2,3,4,5,6,7,8,9,10]",
])("the CALLBACK_RETRY_SECONDS %j are refused, and the default waits hold", (value) => {
  expect(read({ CALLBACK_RETRY_SECONDS: value })).toEqual({ ...SOUND, problems: [PROBLEMS.waits] });
});

it.each([
  ["1", 1],
  ["2.5", 2.5],
  ["10", 10],
  ["0.5", 0.5],
  ["14", 14],
])("a CALLBACK_TIMEOUT_SECONDS of %s is used", (value, callbackTimeoutSeconds) => {
  expect(read({ CALLBACK_TIMEOUT_SECONDS: value })).toEqual({ ...SOUND, callbackTimeoutSeconds });
});

it.each([
  "0",
  "-1",
  "14.001",
  "15",
  "20",
  "30",
  "1e9",
  "NaN",
  "Infinity",
  "-Infinity",
  "10s",
  "ten",
  "1,5",
  "10 000",
  "{}",
])("a CALLBACK_TIMEOUT_SECONDS of %s is refused, and the default holds", (value) => {
  expect(read({ CALLBACK_TIMEOUT_SECONDS: value })).toEqual({ ...SOUND, problems: [PROBLEMS.timeout] });
});

it("values without quotes in wrangler.toml arrive as what they are, and are read like text", () => {
  const settings = read({
    ALLOW_LOCAL_ADDRESSES: false,
    RECORD_BEFORE_REDIRECT: true,
    CALLBACK_RETRY_SECONDS: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    CALLBACK_TIMEOUT_SECONDS: 5,
  });
  const callbackRetrySeconds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect(settings).toEqual({ ...SOUND, recordBeforeRedirect: true, callbackRetrySeconds, callbackTimeoutSeconds: 5 });
  expect(read({ SHORT_DOMAIN: { name: "s.example.com" } }).problems).toEqual([PROBLEMS.domain]);
  expect(read({ SHORT_DOMAIN: 5 }).problems).toEqual([PROBLEMS.domain]);
  expect(read({ CALLBACK_TIMEOUT_SECONDS: true }).problems).toEqual([PROBLEMS.timeout]);
});

it("everything that is wrong is said at once, each with the setting's name and the remedy", () => {
  const { problems } = read(Object.fromEntries(NAMES.map((name) => [name, "~"])));
  const { missing: _, strange: _strange, example: _example, ...expected } = PROBLEMS;
  expect(problems.toSorted()).toEqual(Object.values(expected).toSorted());
});

it("the settings of a deployment are read once", () => {
  const env = { ADMIN_TOKEN: TOKEN } as Env;
  expect(settingsOf(env)).toBe(settingsOf(env));
  expect(settingsOf(env)).toEqual(SOUND);
  expect(settingsOf({ ADMIN_TOKEN: "secret" } as Env).problems).toEqual([PROBLEMS.short]);
});

const RUNS = { seed: 20_261_124, numRuns: 2_000 };

it(`no value breaks the reading, is used out of range or comes back in a problem: seed ${RUNS.seed}`, () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ minLength: 8, maxLength: 40 }),
    fc.domain(),
    fc.double().map(String),
    fc.array(fc.integer({ min: -2, max: 90_000 }), { minLength: 9, maxLength: 11 }).map(String),
    fc.constantFrom(undefined, "", "true", "false", "localhost:8787"),
  );
  const known = new Set<string>(Object.values(PROBLEMS));
  const sound = new Set<string>();
  fc.assert(
    fc.property(fc.tuple(...NAMES.map(() => value)), (values) => {
      const settings = read(Object.fromEntries(NAMES.map((name, i) => [name, values[i]])));
      const { callbackRetrySeconds: waits, callbackTimeoutSeconds: timeout, problems, shortDomain } = settings;
      // Each problem is one of our sentences, so none holds anything that was given.
      expect(problems.filter((problem) => !known.has(problem))).toEqual([]);
      expect(waits).toHaveLength(10);
      expect(waits.every((wait) => wait >= 0 && wait <= 86_400)).toBe(true);
      expect(timeout > 0 && timeout <= 14).toBe(true);
      if (shortDomain !== undefined) expect(new URL(`https://${shortDomain}/`).host).toBe(shortDomain);
      expect(settings.adminToken === undefined).toBe(problems.some((problem) => problem.startsWith("ADMIN_TOKEN")));
      for (const name of NAMES) if (!problems.some((problem) => problem.startsWith(name))) sound.add(name);
    }),
    RUNS,
  );
  expect([...sound].toSorted()).toEqual(NAMES.toSorted());
});
