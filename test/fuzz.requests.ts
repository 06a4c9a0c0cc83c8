// The requests of the fuzzer: made from the schemas that validate (right, nearly right and wrong), and raw garbage.

import fc from "fast-check";
import * as v from "valibot";
import { ACCEPTED, REFUSED } from "./address.table.ts";
import { nameOf, type Route, ROUTES } from "./routes.table.ts";

/** Values that some field wants and others do not. Each field's own schema says which are right for it. */
const VALUES: readonly unknown[] = [
  ..."a 0 1 20 100 101 true True FALSE null ab API Summer-1 1795470961576.summer 0mubes280b000001zzzzzzzzzzzzzzzz 0mubes280a-b_c.1.0.0.0.0 a/b/c a,b,,c __proto__ 日本 🎉".split(
    " ",
  ),
  ..."2026-01-31 2026-02-30 2026-01-31T08:00:00Z SHOP JP ja-JP Asia/Tokyo ABCDEFGHIJK 123456789012345 818012345678".split(
    " ",
  ),
  ..."+818012345678 +8108012345678 +15551234567 http://localhost:1/hook http://127.0.0.1:1/failing".split(" "),
  ...",Hello,See https://example.com/a?b=1 now,See http://localhost:1/ now,詳細はexample.comへ".split(","),
  ...Array.from(" \n\0\ud800\ufffd", (unit) => `a${unit}`),
  ...[64, 65, 255, 256, 2_048, 20_000].map((length) => "x".repeat(length)),
  "あ".repeat(670),
  ...Object.values(REFUSED).flatMap((inputs) => inputs.filter((input) => input.length < 3_000).slice(0, 12)),
  ...ACCEPTED.map(([input]) => input).slice(0, 40),
  ...JSON.parse('[null, true, false, 0, 1, -1, 1.5, 60, 7776000, 7776001, 1e308, {}, {"a": 1}, {"toString": 1}]'),
  `cmp_${"0".repeat(29)}`,
  "https://example.com/{number}?c={code}",
  "https://{code}.example.com/",
  { source: "sms", colour: "red" },
  { source: "sms" },
  "week",
  "day",
  "hour",
  "Asia/Tokyo",
  ..."1.7 0.20800 1.7,2.9 newest oldest owed exhausted shop.example spreadsheet last4 none code,url code,colour 2026-11-28T08:00:00.000Z".split(
    " ",
  ),
  "2026-11-01",
  "2026-11-27T13:00:00",
  ...JSON.parse('[[], ["a"], ["a", "a"], [1], [null], [["a"]], ["a\\u0000"], ["read"], ["send", "full"]]'),
  ...[65, 64].map((length) => ["x".repeat(length)]),
  ...[20, 21].map((length) => Array.from({ length }, (_, n) => `t${n}`)),
];

export const isRight = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).success;

/** Values of the shape that the schema asks for, whether or not its checks accept them. */
function shaped(schema: any): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "optional":
    case "exact_optional":
      return shaped(schema.wrapped);
    case "nullable":
      return fc.option(shaped(schema.wrapped));
    case "union":
      return fc.oneof(...schema.options.map(shaped));
    case "picklist":
      return fc.constantFrom(...schema.options);
    case "array":
      return fc.array(shaped(schema.item), { maxLength: 25 });
    case "strict_object": {
      const entries = Object.entries(schema.entries).map(([name, entry]) => [name, shaped(entry)]);
      return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
    }
    case "literal":
      return fc.constant(schema.literal);
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.oneof(fc.integer({ min: -1, max: 8_000_000 }), fc.double());
    case "string": {
      const pattern = schema.pipe?.find(({ type }: { type: string }) => type === "regex")?.requirement;
      // Of small letters alone where it takes both: fast-check knows no flag for it.
      if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern.source, pattern.flags.replace("i", "")));
      return fc.oneof(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.string({ unit: "grapheme" }),
        fc.stringMatching(/^[\w-]{3,12}$/),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
      );
    }
  }
  throw new Error(`the fuzzer cannot make a ${schema.type}`);
}

export const isOptional = (schema: v.GenericSchema) => /optional/.test(schema.type);

/** Fields for the schema: all right, or with one of them wrong or strange, or anything. */
function fieldsFor(entries: v.ObjectEntries): fc.Arbitrary<Record<string, unknown>> {
  const schemas = Object.entries(entries) as [string, v.GenericSchema][];
  const right = Object.fromEntries(
    schemas.map(([name, schema]) => {
      const values = VALUES.filter((value) => isRight(schema, value));
      if (values.length === 0) throw new Error(`VALUES has nothing for ${name}`);
      const made = fc.tuple(shaped(schema), fc.constantFrom(...values));
      return [name, made.map(([value, instead]) => (isRight(schema, value) ? value : instead))];
    }),
  );
  const unknown = fc.record({ colour: fc.jsonValue() });
  if (schemas.length === 0) return fc.oneof(fc.constant({}), unknown);
  const required = schemas.filter(([, schema]) => !isOptional(schema)).map(([name]) => name);
  const all = fc.record(right, { requiredKeys: required });
  const strange = fc
    .constantFrom(...schemas)
    .chain(([name, schema]) =>
      fc.record({ [name]: fc.oneof(fc.constantFrom(...VALUES), shaped(schema), fc.jsonValue()) }),
    );
  const missing = fc.constantFrom(...schemas.map(([name]) => ({ [name]: undefined })));
  const wrong = fc.dictionary(fc.constantFrom(...schemas.map(([name]) => name), "code", "sid", "a.b"), fc.jsonValue());
  return fc.oneof(
    { weight: 4, arbitrary: all },
    { weight: 4, arbitrary: fc.tuple(all, strange).map(([fields, one]) => ({ ...fields, ...one })) },
    { weight: 1, arbitrary: fc.tuple(all, fc.oneof(unknown, missing)).map(([fields, one]) => ({ ...fields, ...one })) },
    { weight: 1, arbitrary: wrong },
  );
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"];
const ACCEPTS = ["*/*", "text/html", "application/json", "application/problem+json, text/html;q=0.5", "json", ""];
const TYPES = [
  ..."application/json application/merge-patch+json application/jsonp text/plain image/png ;".split(" "),
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  "APPLICATION/JSON; charset=utf-8",
  "",
];
export const WHO = ["own", "own as Basic", "admin", "foreign", "nobody", "garbage"] as const;

type Sent = { fields: Record<string, unknown>; as: "json" | "form" } | { raw: string | Uint8Array<ArrayBuffer> } | null;

export interface Plan {
  /** The name of the route that is meant; undefined where path and method are garbage. */
  meant: string | undefined;
  method: string;
  path: string;
  /** Which of the account's things a path names, by number; or something else. */
  things: Record<string, number | string>;
  query: Record<string, unknown> | string;
  who: (typeof WHO)[number];
  headers: Record<string, string>;
  sent: Sent;
}

const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((unit) => String.fromCharCode(unit)),
  maxLength: 40,
});
const thing = fc.oneof(
  { weight: 6, arbitrary: fc.nat(1_000) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("x", "unknown", "0".repeat(32), "main", "a".repeat(300), "%", "日本", "../.."),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }) },
);
const things = fc.record({
  code: thing,
  campaign: thing,
  id: thing,
  sid: thing,
  msgid: thing,
  session: thing,
  token: thing,
  file: thing,
  carrier: fc.constantFrom("outbox", "twilio", "x", "constructor"),
});
const askedBy = (usual: (typeof WHO)[number]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...WHO) });
const raw = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  fc.constantFrom(
    "{",
    "[]",
    "null",
    '{"url":',
    '{"__proto__":{}}',
    "a=b&a=c",
    "message=%ff",
    "--x\r\n\r\n--x--",
    "x".repeat(65_536),
    "x".repeat(65_537),
    `{"a":"${"x".repeat(70_000)}"}`,
    "[".repeat(30_000),
  ),
);
const headers = fc.record(
  {
    accept: fc.constantFrom(...ACCEPTS),
    "user-agent": headerText,
    referer: headerText,
    "idempotency-key": fc.oneof(
      fc.constantFrom("key-1", "key-2", "", "a b", "x".repeat(256)),
      fc.stringMatching(/^[!-~]{8}$/),
    ),
    "x-forwarded-for": headerText,
    origin: headerText,
    range: fc.constantFrom("bytes=0-1", "x"),
    "if-none-match": fc.constantFrom("*", '"x"'),
    "content-encoding": fc.constantFrom("gzip", "identity"),
    "x-http-method-override": fc.constantFrom("DELETE", "PUT"),
  },
  { requiredKeys: [] },
);
const rawQuery = fc.oneof(
  fc.constant(""),
  fc.webQueryParameters(),
  fc.constantFrom(
    "limit=1&limit=2",
    "%",
    "a=%ff",
    "sent_date>=2026-11-01",
    "sent_date<2026-02-30",
    "limit=0",
    "cursor=x",
    "&&=",
    "__proto__=1",
  ),
);

function plansFor(route: Route): fc.Arbitrary<Plan> {
  const { body, query } = route;
  const asked = fc.record({ things, who: askedBy(route.who === "admin" ? "admin" : "own"), headers });
  const queries =
    query === undefined
      ? rawQuery
      : fc.oneof({ weight: 6, arbitrary: fieldsFor(query.schema) }, { weight: 1, arbitrary: rawQuery });
  const forms = route.path.startsWith("/sms/") ? (["json", "form"] as const) : (["json"] as const);
  const bodies: fc.Arbitrary<Sent> =
    body === undefined
      ? fc.constant(null)
      : fc.oneof(
          { weight: 8, arbitrary: fc.record({ fields: fieldsFor(body.schema), as: fc.constantFrom(...forms) }) },
          { weight: 2, arbitrary: fc.record({ raw }) },
        );
  return fc.tuple(asked, queries, bodies, fc.constantFrom(...TYPES)).map(([of, queried, sent, type]) => ({
    ...of,
    meant: nameOf(route),
    method: route.method,
    path: route.path,
    query: queried,
    sent,
    headers: { ...of.headers, ...(sent !== null && "raw" in sent && { "content-type": type }) },
  }));
}

const WORDS =
  "api links account accounts tokens export feeds feed sms messages outbox reports callback retry healthz robots.txt . .. % %00 %2f".split(
    " ",
  );
const garbage: fc.Arbitrary<Plan> = fc.record({
  meant: fc.constant(undefined),
  method: fc.constantFrom(...METHODS),
  path: fc
    .oneof(
      fc
        .array(fc.oneof(fc.constantFrom("", ...WORDS), fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 6 })
        .map((parts) => `/${parts.join("/")}`),
      fc.constantFrom(...ROUTES).map(({ path }) => path),
    )
    // What would be another host, or none.
    .filter((path) => !/^\/[/\\]/.test(path)),
  things,
  query: rawQuery,
  who: askedBy("own"),
  headers: fc.tuple(headers, fc.constantFrom(...TYPES)).map(([others, type]) => ({ ...others, "content-type": type })),
  sent: fc.option(fc.record({ raw })),
});

/** Two instants in the right order are seldom drawn; nor is the operator who is allowed to, and an account that is there. */
const SELDOM_RIGHT = ["POST /api/callbacks/retry", "DELETE /api/accounts/:sid"];

// What takes fields, or names something, has more ways to go wrong.
export const plans = fc.oneof(
  { weight: 12, arbitrary: garbage },
  ...ROUTES.map((route) => ({
    weight: SELDOM_RIGHT.includes(nameOf(route)) ? 30 : route.body || route.query ? 8 : route.isOwned ? 6 : 2,
    arbitrary: plansFor(route),
  })),
);
