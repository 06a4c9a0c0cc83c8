// What goes from one place to another is copied: arguments and answers of objects, jobs, bodies of messages.

/** As `structuredClone` does it, which takes longer and is asked where there is more to it than plain data. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item);
    return copy as T;
  }
  return typeof value === "object" || typeof value === "function" ? structuredClone(value) : value;
}
