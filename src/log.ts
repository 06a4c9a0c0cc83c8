// One structured line per fact. Workers Logs indexes the fields of an object.

type Field = string | number | boolean | null | undefined;

/** Logs one fact, named like `callback.exhausted`. Fields hold no secret, destination, address or phone number. */
export function log(fact: string, fields: Record<string, Field> = {}): void {
  console.log(JSON.stringify({ fact, ...fields }));
}

/** What failed, as a field: the error's own text, which is ours or the platform's and never a client's input. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
