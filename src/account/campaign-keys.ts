// The keys that members' codes are computed with: the deployment's, so they are kept by the account `main`, and shown to every city in KV.
// A key is never forgotten while it is among the newest three: codes that were computed with it lie in people's phones.

import { nanoid } from "nanoid";
import { toBase64 } from "../digest.ts";
import { hasTable } from "../tables.ts";

/** No code has such a name. */
export const KEYS_NAME = "keys:campaigns";
/** A tap tries each. */
const MOST_KEYS = 3;
const KEY_BYTES = 32;

/** Made with the first campaign. */
const TABLE = `
  CREATE TABLE campaign_key (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    made_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** One key; `key` is base64 of 32 bytes, `madeAt` Unix milliseconds. */
export interface CampaignKey {
  id: string;
  key: string;
  madeAt: number;
}

export class CampaignKeys {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The newest first. */
  all(): CampaignKey[] {
    if (!hasTable(this.#sql, "campaign_key")) return [];
    const rows = this.#sql.exec<{ id: string; key: string; made_at: number }>(
      `SELECT id, key, made_at FROM campaign_key ORDER BY made_at DESC LIMIT ${MOST_KEYS}`,
    );
    return Array.from(rows, ({ id, key, made_at: madeAt }) => ({ id, key, madeAt }));
  }

  /** Makes the first key, unless there is one. */
  makeFirst(now: number): void {
    if (this.all().length > 0) return;
    this.#sql.exec(TABLE);
    const key = toBase64(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
    this.#sql.exec("INSERT INTO campaign_key (id, key, made_at) VALUES (?, ?, ?)", nanoid(8), key, now);
  }
}

/** As KV shows them to every city. */
export async function putKeys(directory: KVNamespace, keys: readonly CampaignKey[]): Promise<void> {
  await directory.put(KEYS_NAME, JSON.stringify(keys));
}
