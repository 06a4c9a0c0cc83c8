// What a version stores and sends, without the values: what has to be the same as long as no fixtures are added.

import type { Call, Travelled } from "./record.ts";
import { type Names, objectsOf, readDirectory, readObject } from "./state.ts";

/** Each key on the way to a value, and of what type the value is; one that is null now says nothing of its type. */
export function pathsOf(value: unknown, path = ""): string[] {
  if (value === null || value === undefined) return [path];
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => pathsOf(item, `${path}[]`))];
  if (typeof value === "object")
    return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))];
  const inner = typeof value === "string" ? fromJson(value) : undefined;
  return inner === undefined ? [path, `${path}: ${typeof value}`] : pathsOf(inner, `${path} as JSON`);
}

/** A body or a list that is kept as text; undefined for any other text. */
function fromJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The shape of everything that is stored now, and of what travelled. */
export async function shapeOf(names: Names, { calls, jobs }: Travelled): Promise<Record<string, string[]>> {
  const shape: Record<string, string[]> = {};
  const add = (what: string, ...lines: string[]) => {
    shape[what] = [...new Set([...(shape[what] ?? []), ...lines])].toSorted();
  };
  add("states", ...objectsOf(names).map(({ file }) => file), ...Object.keys(names.messages));
  for (const { kind, name } of objectsOf(names)) {
    const { schema, rows } = await readObject(kind, name);
    add(`tables of ${kind}`, ...schema.map((statement) => statement.replaceAll(/\s+/g, " ")));
    add(`rows of ${kind}`, ...pathsOf(rows));
  }
  add("entries of KV", ...pathsOf((await readDirectory()).map(({ value }) => value)));
  for (const { queue, body } of jobs) add(`jobs of ${queue}`, ...pathsOf(body));
  for (const call of calls) {
    add(`arguments of ${methodOf(call)}`, ...pathsOf(call.args));
    add(`answers of ${methodOf(call)}`, ...pathsOf(call.answer));
  }
  return shape;
}

export function methodOf({ to, method }: Call): string {
  return `${to}.${method}`;
}
