// What a client sent: a JSON body, a query, a header. Checked once here, or refused with a problem that names the field.

import type { Context } from "hono";
import * as v from "valibot";
import { camelKeys, type CamelKeys } from "./json.ts";
import { type FieldError, Problem, wrongFields } from "./problem.ts";

/** Large enough for every request of this API many times over. */
const LARGEST_BODY_BYTES = 65_536;

type Fields = v.ObjectEntries;
type Output<F extends Fields> = CamelKeys<v.InferOutput<v.ObjectSchema<F, undefined>>>;

/** Fields that the API answers and that nobody can set; they get their own message. */
const READ_ONLY = new Set([
  "code",
  "short_url",
  "created_at",
  "expires_at",
  "expires_in_seconds",
  "accessed",
  "first_accessed_at",
  "accesses",
  "access_counts",
  "callback",
  "msgid",
  "sid",
  "token",
  "tokens",
  "callback_secret",
  "account_sid",
]);

/**
 * The JSON object in the body, checked by `fields` (snake_case names) and returned with camelCase names.
 * Throws 413 beyond 64 KB, 415 for another content type, 400 for malformed JSON, 422 naming each wrong field.
 */
export async function readFields<F extends Fields>(c: Context, fields: F): Promise<Output<F>> {
  refuseOtherTypes(c.req.raw);
  return checkFields(fields, parseObject(await readBody(c.req.raw)), "field");
}

/** The same where the body may be left out: an empty one is `{}`, whatever its type. */
export async function readOptionalFields<F extends Fields>(c: Context, fields: F): Promise<Output<F>> {
  const text = await readBody(c.req.raw);
  if (isEmptyBody(text)) return checkFields(fields, {}, "field");
  refuseOtherTypes(c.req.raw);
  return checkFields(fields, parseObject(text), "field");
}

/** For routes that take no body. Throws 422 for anything but an empty one or `{}`: no wish is passed over in silence. */
export async function readNothing(c: Context): Promise<void> {
  if (!isEmptyBody(await readBody(c.req.raw)))
    throw wrongFields([{ field: "", message: "must be left out: this route takes no body" }]);
}

function isEmptyBody(text: string): boolean {
  return /^\s*(?:\{\s*\})?\s*$/.test(text);
}

/** The query's parameters, checked like fields. Throws 422 naming each wrong one. */
export function readQuery<F extends Fields>(c: Context, fields: F): Output<F> {
  const query = new URL(c.req.url).searchParams;
  const repeated = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  if (repeated.length > 0) throw wrongFields(repeated.map((field) => ({ field, message: "is given more than once" })));
  return checkFields(fields, Object.fromEntries(query), "parameter");
}

/** The `Idempotency-Key` header, or null. Throws 400 when it is unusable. */
export function readIdempotencyKey(c: Context): string | null {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = "must be 1 to 255 visible ASCII characters";
  throw new Problem({
    status: 400,
    slug: "bad-idempotency-key",
    title: "The Idempotency-Key header is unusable",
    errors: [{ field: "Idempotency-Key", message }],
  });
}

function checkFields<F extends Fields>(fields: F, input: object, what: "field" | "parameter"): Output<F> {
  const names = Object.keys(fields);
  const errors: FieldError[] = Object.keys(input)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((field) => ({ field: field.slice(0, 100), message: strangeMessage(field, names, what) }));
  const result = v.safeParse(v.object(fields), input);
  if (!result.success)
    for (const issue of result.issues) {
      const field = v.getDotPath(issue)?.split(".")[0] ?? "";
      const message = issue.received === "undefined" ? "is required" : issue.message;
      if (!errors.some((error) => error.field === field)) errors.push({ field, message });
    }
  if (!result.success || errors.length > 0) throw wrongFields(errors);
  return camelKeys(result.output);
}

function strangeMessage(field: string, names: readonly string[], what: string): string {
  const remedy = names.length === 0 ? `there are no ${what}s here` : `the ${what}s are ${names.join(", ")}`;
  return what === "field" && READ_ONLY.has(field)
    ? `is read-only here: leave it out (${remedy})`
    : `is unknown: ${remedy}`;
}

/** The body as text. Throws 413 beyond 64 KB, 400 when it is not UTF-8. */
export async function readBody(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY_BYTES)
      throw new Problem({ status: 413, slug: "body-too-large", title: "The body is larger than 64 KB" });
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await new Blob(chunks).arrayBuffer());
  } catch {
    throw malformed("The body is not UTF-8.");
  }
}

function refuseOtherTypes(request: Request): void {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(?:json|[\w.+-]+\+json)\s*(?:;|$)/i.test(type))
    throw new Problem({
      status: 415,
      slug: "not-json",
      title: "The body must be JSON",
      detail: "Send the header Content-Type: application/json.",
    });
}

function parseObject(text: string): object {
  const input = parseJson(text);
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw wrongFields([{ field: "", message: "the body must be a JSON object" }]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("The body is not valid JSON: check quotes, commas and braces.");
  }
}

function malformed(detail: string): Problem {
  return new Problem({ status: 400, slug: "malformed-json", title: "The body could not be read", detail });
}
