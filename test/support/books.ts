// Links and the books that list them: when a book has heard everything, what it knows, and links of before there were books.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { MAIN_SID } from "../../src/account/token.ts";
import { type BookName, objectNameOf } from "../../src/book/book.ts";
import type { JournalEntry } from "../../src/book/journal.ts";
import type { Link } from "../../src/link/link.do.ts";
import { hasTable } from "../../src/tables.ts";
import { mintCode } from "../../src/link/code.ts";
import { LINK_LIFETIME_SECONDS, type LinkFacts } from "../../src/link/link.ts";
import { api, eventually, IN_TIME, ORIGIN } from "./firsttap.ts";

/** Waits until the link's book has heard all that happened to it, without the hour that a further access may wait. */
export async function heard(code: string): Promise<void> {
  await runInDurableObject(env.LINK.getByName(code), heardBy);
}

/** The same from within the link's object. */
export async function heardBy(link: Link, { storage }: DurableObjectState): Promise<void> {
  const row = () => (hasTable(storage.sql, "link") ? storage.sql.exec("SELECT * FROM link").toArray()[0] : undefined);
  let isAsked = false;
  await eventually(
    async () => {
      // A report that was lost is not waited for; later ones follow on what the book answers.
      if (row()?.["report_due_at"] != null && (!isAsked || row()?.["reports_sent"] === 0)) {
        isAsked = true;
        storage.sql.exec("UPDATE link SET report_due_at = 1");
        await link.alarm();
      }
      return row()?.["report_due_at"] ?? null;
    },
    (dueAt) => dueAt === null,
    30_000,
  );
}

/** Asks until the answer is wanted; what these links have to tell their books, which may wait for seconds, is told at once. */
export async function eventuallyHeard<T>(
  codes: readonly string[],
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  withinMs?: number,
): Promise<T> {
  const askWhenHeard = async () => {
    for (const code of codes) await heard(code);
    return ask();
  };
  return eventually(askWhenHeard, isWanted, withinMs);
}

/** The list, once it is as wanted: a book hears of a link within seconds. */
export async function listed(
  query: string,
  isWanted: (links: Record<string, any>[]) => boolean,
  token?: string,
): Promise<Record<string, any>[]> {
  const ask = () => api("GET", `/api/links?${query}`, undefined, token === undefined ? {} : { token });
  const { body } = await eventually(ask, (answer) => isWanted(answer.body["links"]));
  return body["links"];
}

/** The book of a link; throws when it has none. */
export async function bookOf(code: string): Promise<BookName> {
  const { sid, book } = await runInDurableObject(env.LINK.getByName(code), (_, { storage }) =>
    storage.sql.exec<{ sid: string; book: number | null }>("SELECT account_sid AS sid, book FROM link").one(),
  );
  if (book === null) throw new Error(`${code} has no book`);
  return { sid, book };
}

/** An entry of which a test says what there must be. */
type Entry = Omit<JournalEntry, "fact"> & { fact: Record<string, unknown> | null };

/** What the link's book has in its journal of it, of all links that the code had. */
export async function journalOf(code: string): Promise<Entry[]> {
  const book = env.BOOK.getByName(objectNameOf(await bookOf(code)));
  const entries = await runInDurableObject(book, (instance) => instance.journal(0, 100_000));
  return entries.filter((entry) => entry.code === code) as Entry[];
}

/** What a book's line has of the links of a code, the oldest first. */
export async function linesIn(book: BookName, code: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(env.BOOK.getByName(objectNameOf(book)), (_, { storage }) =>
    storage.sql.exec("SELECT * FROM line WHERE code = ? ORDER BY created_at", code).toArray(),
  );
}

/** Made with the link; its last columns came with books. */
const ACCESS_TABLE_OF_BEFORE = `
  CREATE TABLE access (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT, device TEXT, country TEXT, network TEXT,
    named INTEGER NOT NULL DEFAULT 0, number INTEGER, first INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID`;

/** Opens a link as it was opened before there were books: its account's own object lists it. */
export async function createLinkOfBefore(
  fields: Partial<LinkFacts> = {},
): Promise<{ code: string; createdAt: number; expires_at: string }> {
  const code = fields.code ?? mintCode();
  const createdAt = fields.createdAt ?? Date.now();
  const facts: LinkFacts = {
    code,
    accountSid: MAIN_SID,
    destination: "https://example.com/offer",
    shortUrl: `${ORIGIN}/${code}`,
    book: null,
    msgid: null,
    callbackUrl: null,
    tags: [],
    reference: null,
    createdAt,
    expiresAt: createdAt + LINK_LIFETIME_SECONDS * 1_000,
    ...fields,
  };
  // A link whose account nobody opened would end.
  if (facts.accountSid === MAIN_SID) await env.ACCOUNT.getByName(MAIN_SID).admitMain(IN_TIME);
  const stub = env.LINK.getByName(code);
  const opened = await stub.open(facts, `request of ${code} at ${createdAt}`, IN_TIME);
  if (opened.kind === "taken") throw new Error(`${code} is taken`);
  await runInDurableObject(stub, (_, { storage }) => {
    if (!hasTable(storage.sql, "access")) storage.sql.exec(ACCESS_TABLE_OF_BEFORE);
  });
  return { code, createdAt: opened.link.createdAt, expires_at: new Date(facts.expiresAt).toISOString() };
}
