// The one place that translates: JSON's snake_case to TypeScript's camelCase and back, instants to ISO 8601. And the one that
// writes JSON into answers.

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

export type CamelKeys<T> = { [K in keyof T as K extends string ? Camel<K> : K]: T[K] };
type Plain = string | number | boolean | null | undefined;
/** What an API answers: an instant is a number named `at` or `…At`. */
export type Answerable = Plain | readonly Answerable[] | { readonly [key: string]: Answerable };

/** `callback_url` → `callbackUrl`, of the object's own keys only. Used for input fields and for rows. */
export function camelKeys<T extends object>(fields: T): CamelKeys<T> {
  const named: Record<string, unknown> = {};
  // No name is `__proto__` any more.
  for (const key of Object.keys(fields)) named[camel(key)] = fields[key as keyof T];
  return named as CamelKeys<T>;
}

/** The JSON form of an answer, at any depth: snake_case keys, instants (Unix ms) as ISO 8601 UTC with milliseconds. */
export function toJson(value: Answerable, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item: Answerable) => toJson(item));
  if (typeof value === "number" && (key === "at" || key.endsWith("At"))) return new Date(value).toISOString();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [snake(name), toJson(item, name)]));
}

/** An answer of JSON. It ends its line, so that a terminal's prompt begins a new one. */
export function answerJson(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = { "Content-Type": "application/json" };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: { ...type, ...headers } });
}

/** Of columns, and of fields that schemas and answers know: so there are few, and each is translated once. */
const camelNames = new Map<string, string>();
const snakeNames = new Map<string, string>();

function camel(key: string): string {
  return once(camelNames, key, () => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

/** `callbackUrl` → `callback_url`. */
export function snake(key: string): string {
  return once(snakeNames, key, () => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function once(names: Map<string, string>, key: string, translate: () => string): string {
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = translate()));
  return name;
}
