// What a token may do. Each route says where it is mounted which scopes cover it: api-routes.ts.

/** `full` covers every route of the account. `support` reads, sees numbers, and has callbacks sent once more. */
export const SCOPES = ["full", "send", "links", "read", "support"] as const;
export type Scope = (typeof SCOPES)[number];

export const FULL: readonly Scope[] = ["full"];

/** Whether a token of these scopes may use a route that is covered by those. Names that this version does not know cover nothing. */
export function covers(scopes: readonly string[], covering: readonly Scope[]): boolean {
  return scopes.includes("full") || covering.some((scope) => scopes.includes(scope));
}
