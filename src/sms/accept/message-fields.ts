// What a client sent for a new message: a form or JSON, checked field by field. Unknown fields are ignored, as the SMS
// API's clients expect, but not those that are a slip for one of ours (field-names.ts).

import type { Context } from "hono";
import * as v from "valibot";
import { readBody } from "../../http/input.ts";
import { camelKeys } from "../../http/json.ts";
import { type FieldError, Problem, wrongFields } from "../../http/problem.ts";
import type { AddressRules } from "../../link/address.ts";
import { callbackUrlField, referenceField, tagsField } from "../../link/fields.ts";
import type { Takes } from "../carriers/carrier.ts";
import { LONGEST_TEXT } from "../text/find-link.ts";
import { fieldCalled, namedFields } from "./field-names.ts";
import { isRecipient } from "./numbers.ts";

/** Texts that clients know (those of Django REST Framework). */
const REQUIRED = "This field is required.";
const BLANK = "This field may not be blank.";
const NULL = "This field may not be null.";

const text = v.pipe(
  v.string("Not a valid string."),
  v.check((value) => !value.includes("\0"), "Null characters are not allowed."),
  v.check((value) => value.isWellFormed(), "Not valid Unicode: it holds half a surrogate pair."),
);

/** One of these that is empty is wrong, and not left out. */
const NEEDED = ["message", "recipient", "sender"];

const required = {
  message: v.pipe(
    text,
    v.check((value) => value.trim() !== "", BLANK),
    // Far above the limit of what is sent, because the link in it may be long; no text beyond this is looked at.
    v.maxLength(LONGEST_TEXT, "Message too long"),
  ),
  recipient: v.pipe(
    text,
    v.check(
      (value) => !/^ \d/.test(value),
      "Begins with a space instead of +, because a form reads + as a space: write it as %2B (curl does with --data-urlencode).",
    ),
    v.check(isRecipient, "Must be E.164: + and country code without a trunk 0, such as +818012345678."),
  ),
};

const senderField = ({ isSender, senders }: Takes) => v.pipe(text, v.check(isSender, `Must be ${senders}.`));

const optional = (rules: AddressRules) => ({
  track_link: v.exactOptional(
    v.pipe(
      v.union([v.string(), v.boolean(), v.number()], "Must be a valid boolean."),
      v.transform((value) => String(value).toLowerCase()),
      v.picklist(["true", "1", "false", "0"], "Must be a valid boolean."),
      v.transform((value) => value === "true" || value === "1"),
    ),
    false,
  ),
  lt_callbackurl: v.exactOptional(callbackUrlField(rules)),
  callbackurl: v.exactOptional(callbackUrlField(rules), null),
  tags: v.exactOptional(
    v.pipe(
      text,
      v.transform((list) => list.split(",").flatMap((tag) => tag.trim() || [])),
      tagsField,
    ),
    "",
  ),
  reference: v.exactOptional(referenceField, null),
});

export const messageFields = (rules: AddressRules, takes: Takes) => ({
  ...required,
  sender: senderField(takes),
  ...optional(rules),
});
/** Who a message went to, in the form in which it was accepted. */
export const recipientFields = { recipient: required.recipient };

/** The fields of a request. Throws 413, 415, 400 for a body that cannot be read, and 422 naming each wrong field. */
export async function readSmsFields<F extends v.ObjectEntries>(c: Context, fields: F) {
  const names = Object.keys(fields);
  return checkSmsFields(namedFields(await readFormOrJson(c, names), names), fields);
}

/** The same of what was read already. Throws 422 naming each wrong field. */
export function checkSmsFields<F extends v.ObjectEntries>(given: object, fields: F) {
  const names = Object.keys(fields);
  const input: Partial<Record<string, unknown>> = { ...given };
  for (const name of names) if (isLeftOut(name, input[name])) delete input[name];
  const result = v.safeParse(v.object(fields), input);
  if (result.success) return camelKeys(result.output);
  const errors = new Map<string, FieldError>();
  for (const issue of result.issues) {
    const field = v.getDotPath(issue)?.split(".")[0] ?? "";
    if (!errors.has(field)) errors.set(field, { field, message: messageOf(issue) });
  }
  throw wrongFields([...errors.values()]);
}

/** A form sends empty what was left empty. A null `lt_callbackurl` says more: no callback, not even the account's. */
function isLeftOut(name: string, value: unknown): boolean {
  if (NEEDED.includes(name)) return false;
  return value === "" || (value === null && name !== "lt_callbackurl");
}

function messageOf(issue: v.BaseIssue<unknown>): string {
  if (issue.received === "undefined") return REQUIRED;
  return issue.received === "null" ? NULL : issue.message;
}

/** Names and values as they were sent. Fields that are not ours may hold anything. */
type Sent = (readonly [string, unknown])[];

async function readFormOrJson(c: Context, names: string[]): Promise<Sent> {
  const type = c.req.header("content-type") ?? "application/x-www-form-urlencoded";
  const body = await readBody(c.req.raw);
  if (/^application\/json\s*(?:;|$)/i.test(type)) return jsonObject(body);
  if (/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return form(new URLSearchParams(body), body, names);
  if (/^multipart\/form-data\s*;/i.test(type)) return form(await multipart(body, type), body, names);
  throw new Problem({
    status: 415,
    slug: "unsupported-media-type",
    title: "Unsupported media type",
    detail: "send application/x-www-form-urlencoded or application/json.",
  });
}

function jsonObject(body: string): Sent {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    throw malformed("the body is not valid JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return Object.entries(input);
  throw malformed("the body must be one JSON object.");
}

async function multipart(body: string, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch {
    throw malformed("the form cannot be read.");
  }
}

function form(fields: URLSearchParams | FormData, body: string, names: string[]): Sent {
  const sent = [...fields.entries()];
  // Bytes that are not UTF-8 become U+FFFD in a form; nobody means to send that.
  const isReplaced = sent.some(
    ([name, value]) => typeof value === "string" && value.includes("\ufffd") && fieldCalled(name, names) !== undefined,
  );
  if (isReplaced && !/\ufffd|%EF%BF%BD/i.test(body)) throw malformed("the form is not UTF-8.");
  return sent;
}

function malformed(detail: string): Problem {
  return new Problem({ status: 400, slug: "malformed-body", title: "The body could not be read", detail });
}
