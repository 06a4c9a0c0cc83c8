// The tokens of an account: of each its hash, never the token, and on which terms it was made.

import { nanoid } from "nanoid";
import { FULL_TERMS, type TokenFacts, type TokenTerms } from "./account.ts";
import { covers } from "./scopes.ts";

export const TOKEN_COLUMNS = ["name TEXT", "scopes TEXT", "expires_at INTEGER", "last_used_on TEXT"];
export const TOKEN_INDEX = "CREATE INDEX IF NOT EXISTS token_by_hash ON token (hash);";
export const TOKEN_TABLE = `
  CREATE TABLE token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL, ${TOKEN_COLUMNS.join(", ")}
  ) STRICT, WITHOUT ROWID;
  ${TOKEN_INDEX}`;

/** What a request that carries the token may do. `id` is null of ADMIN_TOKEN. */
export type Grant = Pick<TokenFacts, "scopes" | "expiresAt"> & { id: string | null };

interface Row extends Record<string, SqlStorageValue> {
  id: string;
  name: string | null;
  /** A JSON array; null of a token that an earlier version made. */
  scopes: string | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedOn: string | null;
}

const FACTS = "id, name, scopes, created_at AS createdAt, expires_at AS expiresAt, last_used_on AS lastUsedOn";
const IS_VALID = "(expires_at IS NULL OR expires_at > ?)";

export class Tokens {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The token with this hash, if it is valid at `now` (Unix ms). */
  find(hash: string, now: number): TokenFacts | undefined {
    return this.#select(`WHERE hash IN (?, ?) AND ${IS_VALID}`, hash, limitedHash(hash), now)[0];
  }

  /** The token with this id, if it is valid at `now` (Unix ms). */
  withId(id: string, now: number): TokenFacts | undefined {
    return this.#select(`WHERE id = ? AND ${IS_VALID}`, id, now)[0];
  }

  /** Those that are valid at `now` (Unix ms), oldest first. */
  valid(now: number): TokenFacts[] {
    return this.#select(`WHERE ${IS_VALID} ORDER BY created_at, id`, now);
  }

  /** Adds a token, in the place of those that have expired. */
  add(hash: string, terms: TokenTerms, now: number): TokenFacts {
    const { name, scopes, expiresAt } = terms;
    const token = { id: nanoid(), name, scopes, createdAt: now, expiresAt, lastUsedOn: null };
    this.#sql.exec("DELETE FROM token WHERE expires_at <= ?", now);
    this.#sql.exec(
      "INSERT INTO token (id, hash, created_at, name, scopes, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
      token.id,
      isLimited(terms) ? limitedHash(hash) : hash,
      token.createdAt,
      name,
      JSON.stringify(scopes),
      expiresAt,
    );
    return token;
  }

  /** Notes the UTC day of `now` (Unix ms), if the token was not used on it yet. */
  noteUse({ id, lastUsedOn }: Pick<TokenFacts, "id" | "lastUsedOn">, now: number): void {
    const day = new Date(now).toISOString().slice(0, 10);
    if (day !== lastUsedOn) this.#sql.exec("UPDATE token SET last_used_on = ? WHERE id = ?", day, id);
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM token WHERE id = ?", id).rowsWritten > 0;
  }

  removeAll(): void {
    this.#sql.exec("DELETE FROM token");
  }

  #select(condition: string, ...values: SqlStorageValue[]): TokenFacts[] {
    const rows = this.#sql.exec<Row>(`SELECT ${FACTS} FROM token ${condition}`, ...values);
    return Array.from(rows, ({ scopes, ...row }) => ({
      ...row,
      scopes: scopes === null ? FULL_TERMS.scopes : (JSON.parse(scopes) as string[]),
    }));
  }
}

/** Whether a token may do less than all, for ever. */
export function isLimited({ scopes, expiresAt }: Pick<TokenTerms, "scopes" | "expiresAt">): boolean {
  return expiresAt !== null || !covers(scopes, ["full"]);
}

/** What is stored of a limited token. The version of before, which would let it do all, does not find it so. */
function limitedHash(hash: string): string {
  return `limited:${hash}`;
}
