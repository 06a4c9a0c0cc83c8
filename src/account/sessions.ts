// Who is signed in to the dashboard, and links that sign somebody in once. Of each the account keeps a hash, never the key, and the
// id of the token that it came from: with that token it ends. One that came from ADMIN_TOKEN has a hash that is made with it, so that
// it ends when that is replaced.

import { nanoid } from "nanoid";
import { hashToken, isSid } from "./token.ts";

export const SESSION_MS = 12 * 3_600_000;
export const SIGN_IN_LINK_MS = 24 * 3_600_000;
/** Of one account; beyond, those that end first make room. */
const MOST_SESSIONS = 500;
/** 22 characters of nanoid's 64: 132 bits, for something that ends within a day. A link fits into a line. */
const KEY_LENGTH = 22;
const KEY = /^([0-9a-z]+)\.[\w-]{22}$/;

// `scopes`: a JSON array; null are those of the token. `is_link`: 1 until it is used.
export const SESSION_TABLE = `
  CREATE TABLE IF NOT EXISTS session (
    hash TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    is_link INTEGER NOT NULL,
    token_id TEXT,
    name TEXT,
    scopes TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** On which terms somebody is signed in. */
export interface SessionTerms {
  /** The token that it came from; null is ADMIN_TOKEN. */
  tokenId: string | null;
  /** What the owner calls whoever has the link; null of who signs in with a token. */
  name: string | null;
  /** Null are those of the token. */
  scopes: readonly string[] | null;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** A session or an unused link, as the owner sees it. Instants are Unix milliseconds. */
export interface SessionFacts extends SessionTerms {
  id: string;
  isLink: boolean;
  createdAt: number;
}

/** What a key is found by: `own` where a token stands behind it, `admins` where ADMIN_TOKEN does. */
export interface KeyHashes {
  own: string;
  admins: string;
}

/** The key of a session or of a sign-in link; it names its account, and is shown once. */
export function mintKey(sid: string): string {
  return `${sid}.${nanoid(KEY_LENGTH)}`;
}

/** The account that a key names; undefined when it is none. */
export function sidOfKey(key: string): string | undefined {
  const sid = KEY.exec(key)?.[1];
  return sid !== undefined && isSid(sid) ? sid : undefined;
}

export async function hashesOf(key: string, adminToken: string): Promise<KeyHashes> {
  const [own, admins] = await Promise.all([hashToken(key), hashToken(`${key} ${adminToken}`)]);
  return { own, admins };
}

interface Row extends Record<string, SqlStorageValue> {
  id: string;
  isLink: number;
  tokenId: string | null;
  name: string | null;
  scopes: string | null;
  createdAt: number;
  expiresAt: number;
}

const FACTS =
  "id, is_link AS isLink, token_id AS tokenId, name, scopes, created_at AS createdAt, expires_at AS expiresAt";

export class Sessions {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What has this key and has not expired at `now` (Unix ms). */
  find({ own, admins }: KeyHashes, now: number): SessionFacts | undefined {
    const found = "WHERE expires_at > ? AND ((hash = ? AND token_id IS NOT NULL) OR (hash = ? AND token_id IS NULL))";
    return this.#select(found, now, own, admins)[0];
  }

  /** The session with this id, if it has not expired at `now` (Unix ms). */
  withId(id: string, now: number): SessionFacts | undefined {
    return this.#select("WHERE id = ? AND expires_at > ?", id, now)[0];
  }

  /** All that have not expired at `now` (Unix ms), newest first. */
  all(now: number): SessionFacts[] {
    return this.#select("WHERE expires_at > ? ORDER BY created_at DESC, id", now);
  }

  /** Adds a session, or a link. The same again changes nothing, and is answered false. */
  add(hashes: KeyHashes, { tokenId, name, scopes, expiresAt }: SessionTerms, isLink: boolean, now: number): boolean {
    this.#sql.exec("DELETE FROM session WHERE expires_at <= ?", now);
    this.#sql.exec(
      "DELETE FROM session WHERE hash IN (SELECT hash FROM session ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
      MOST_SESSIONS - 1,
    );
    const added = this.#sql.exec(
      `INSERT INTO session (hash, id, is_link, token_id, name, scopes, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      tokenId === null ? hashes.admins : hashes.own,
      nanoid(),
      isLink ? 1 : 0,
      tokenId,
      name,
      scopes && JSON.stringify(scopes),
      now,
      expiresAt,
    );
    return added.rowsWritten > 0;
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM session WHERE id = ?", id).rowsWritten > 0;
  }

  #select(condition: string, ...values: SqlStorageValue[]): SessionFacts[] {
    const rows = this.#sql.exec<Row>(`SELECT ${FACTS} FROM session ${condition}`, ...values);
    return Array.from(rows, ({ isLink, scopes, ...row }) => ({
      ...row,
      isLink: isLink === 1,
      scopes: scopes === null ? null : (JSON.parse(scopes) as string[]),
    }));
  }
}
