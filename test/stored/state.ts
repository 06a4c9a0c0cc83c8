// The state of a deployment as text, and back: every object that has a name, and KV. So that what one version stored can be
// opened by every later one.

import { listDurableObjectIds, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import { nanoid } from "nanoid";
import "../support/provided.ts";

/** Files by name, relative to the folder of their version. */
export type Files = Record<string, string>;

/** What the clients of a deployment hold, by the state that they hold it for. */
export interface Names {
  /** The clock when the state was written down, Unix milliseconds. */
  at: number;
  accounts: Record<string, { sid: string; token: string; callbackSecret: string }>;
  /** The names of books' objects; the versions before there were any hold none. */
  books?: Record<string, string>;
  /** Codes. */
  links: Record<string, string>;
  /** Msgids. */
  messages: Record<string, string>;
}

/** One object as it is stored. */
export interface StoredObject {
  /** Unix milliseconds. */
  alarm: number | null;
  /** The CREATE statements. */
  schema: string[];
  rows: Record<string, Record<string, SqlStorageValue>[]>;
}

interface Entry {
  key: string;
  /** Unix seconds. */
  expiration: number;
  value: unknown;
}

export type Kind = "link" | "account" | "book";

/** Stands in files for the receiver's own address, which is another in each run. */
const RECEIVER = "http://receiver.invalid/";

/** Callback URLs that nobody else has: of a run, and by name. */
export class Hooks {
  readonly #origin = inject("receiverUrl");
  readonly #run = nanoid();

  url(name: string): string {
    return `${this.#base()}${name}`;
  }

  /** The files without an address that only this run knows. */
  hide(files: Files): Files {
    return replaced(files, this.#base(), RECEIVER);
  }

  /** The files as they are to be opened in this run. */
  show(files: Files): Files {
    return replaced(files, RECEIVER, this.#base());
  }

  /** Answers to the POSTs that come, in their order; the last to all that follow. */
  async script(name: string, ...answers: object[]): Promise<void> {
    const url = `${this.#origin}/script/${this.#run}.${name}`;
    await fetch(url, { method: "PUT", body: JSON.stringify(answers) });
  }

  async received(name: string): Promise<{ headers: Record<string, string>; body: string }[]> {
    return (await fetch(`${this.#origin}/log/${this.#run}.${name}`)).json();
  }

  #base(): string {
    return `${this.#origin}/hook/${this.#run}.`;
  }
}

function replaced(files: Files, from: string, to: string): Files {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll(from, to)]));
}

/** An object's stub, made in another way than the Worker makes its own, which are recorded. */
export function objectOf(kind: Kind, name: string): DurableObjectStub {
  const namespace: DurableObjectNamespace = { link: env.LINK, account: env.ACCOUNT, book: env.BOOK }[kind];
  return namespace.get(namespace.idFromName(name));
}

/** Every object that has a name, and the file that it is kept in. */
export function objectsOf(names: Names): { file: string; kind: Kind; name: string }[] {
  const links = Object.entries(names.links).map(([state, name]) => ({ state, kind: "link" as const, name }));
  const accounts = Object.entries(names.accounts).map(([state, { sid }]) => ({
    state,
    kind: "account" as const,
    name: sid,
  }));
  const books = Object.entries(names.books ?? {}).map(([state, name]) => ({ state, kind: "book" as const, name }));
  return [...links, ...accounts, ...books].map(({ state, kind, name }) => ({
    file: `${kind}-${state}.sql`,
    kind,
    name,
  }));
}

/** What an object has stored. */
export async function readObject(kind: Kind, name: string): Promise<StoredObject> {
  return runInDurableObject(objectOf(kind, name), async (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string; type: string; sql: string }>(
        "SELECT name, type, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND sql IS NOT NULL",
      )
      .toArray();
    const rows = tables
      .filter(({ type }) => type === "table")
      .map((table) => [table.name, storage.sql.exec(`SELECT * FROM ${table.name}`).toArray()] as const);
    return { alarm: await storage.getAlarm(), schema: tables.map(({ sql }) => sql), rows: Object.fromEntries(rows) };
  });
}

/** A link's alarm is gone, as when the platform has dropped it. */
export async function loseAlarm(code: string): Promise<void> {
  await runInDurableObject(objectOf("link", code), (_, { storage }) => storage.deleteAlarm());
}

/** Everything that is stored, as files. */
export async function writeState(names: Names): Promise<Files> {
  const files: Files = {
    "names.json": `${JSON.stringify(names, null, 2)}\n`,
    "directory.json": jsonLines(await readDirectory()),
  };
  for (const { file, kind, name } of objectsOf(names)) files[file] = sqlOf(await readObject(kind, name));
  return files;
}

/** Stores everything that the files say. The storage must be empty. */
export async function openState(files: Files): Promise<Names> {
  const names = JSON.parse(files["names.json"] ?? "") as Names;
  await Promise.all(
    objectsOf(names).map(({ file, kind, name }) => {
      const text = files[file] ?? "";
      return runInDurableObject(objectOf(kind, name), async (_, { storage }) => {
        storage.sql.exec(text);
        const [, alarm] = /^-- alarm: (\S+)$/m.exec(text) ?? [];
        if (alarm !== undefined) await storage.setAlarm(Date.parse(alarm));
      });
    }),
  );
  const entries = JSON.parse(files["directory.json"] ?? "") as Entry[];
  await Promise.all(
    entries.map(({ key, value, expiration }) => env.DIRECTORY.put(key, JSON.stringify(value), { expiration })),
  );
  return names;
}

/** Empties everything. */
export async function emptyState(): Promise<void> {
  // `reset` deletes what is awake, and after ten seconds without a call an object sleeps: so all are called first.
  for (const namespace of [env.LINK, env.ACCOUNT, env.BOOK] as DurableObjectNamespace[]) {
    const ids = await listDurableObjectIds(namespace);
    await Promise.all(ids.map((id) => runInDurableObject(namespace.get(id), () => {})));
  }
  await env.DIRECTORY.list();
  await reset();
}

/** The entries of KV. */
export async function readDirectory(): Promise<Entry[]> {
  const { keys } = await env.DIRECTORY.list();
  return Promise.all(
    keys.map(async ({ name, expiration = 0 }) => ({
      key: name,
      expiration,
      value: await env.DIRECTORY.get(name, "json"),
    })),
  );
}

/** One item a line. */
export function jsonLines(items: readonly unknown[]): string {
  return `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]\n`;
}

function sqlOf({ alarm, schema, rows }: StoredObject): string {
  const inserts = Object.entries(rows).flatMap(([table, lines]) =>
    lines.map((line) => {
      const values = Object.values(line).map(literal);
      return `INSERT INTO ${table} (${Object.keys(line).join(", ")})\nVALUES (${values.join(", ")})`;
    }),
  );
  const header = alarm === null ? "-- no alarm" : `-- alarm: ${new Date(alarm).toISOString()}`;
  return `${header}\n${[...schema, ...inserts].map((statement) => `${statement};\n`).join("")}`;
}

function literal(value: SqlStorageValue): string {
  if (value === null || typeof value === "number") return String(value);
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  throw new Error("a BLOB has no text: teach sqlOf to write one");
}
