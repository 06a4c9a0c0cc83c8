// How an account's links end with it, those of its own list and of each book: newest first, because those are in use, a hundred a step. Whichever fails is passed over and
// asked again in the next round; rounds are further and further apart. The table is made when the first step begins.

import { errorText, log } from "../log.ts";
import { within } from "../objects.ts";
import { jittered } from "../random.ts";
import { hasTable } from "../tables.ts";
import type { LinkPlace, ListedName } from "./link-list.ts";

const TABLE = `
  CREATE TABLE closing (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    created_at INTEGER,
    code TEXT,
    rounds INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) STRICT;`;

/** Few enough for one invocation's limit of calls. */
const STEP = 100;
/** A link's object ends it in milliseconds. Whoever deletes the account waits for the first step, 5 s in all. */
const PATIENCE_MS = 3_000;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Row extends Record<string, SqlStorageValue> {
  created_at: number | null;
  code: string | null;
  rounds: number;
  due_at: number;
}

/** The list whose links end. */
interface EndingList {
  /** Newest first, behind this line or from the newest on. */
  namesBehind(name: LinkPlace | null, limit: number): ListedName[];
  remove(name: LinkPlace): void;
}

export class Closing {
  readonly #sql: SqlStorage;
  readonly #links: EndingList;

  constructor(sql: SqlStorage, links: EndingList) {
    this.#sql = sql;
    this.#links = links;
  }

  /** When the next step is due, in Unix milliseconds; null before the first. */
  dueAt(): number | null {
    return hasTable(this.#sql, "closing") ? this.#row().due_at : null;
  }

  /**
   * Ends the next links of the list by `end`, each in its own time, and takes those that have ended off the list. True when no
   * link is left.
   */
  async step(end: (code: string, until: number) => Promise<unknown>): Promise<boolean> {
    if (!hasTable(this.#sql, "closing")) this.#begin(Date.now());
    const { created_at: createdAt, code: behind, rounds } = this.#row();
    const place = createdAt === null || behind === null ? null : { createdAt, code: behind };
    const links = this.#links.namesBehind(place, STEP);
    const outcomes = await Promise.allSettled(
      links.map(({ code }) => within(PATIENCE_MS, (until) => end(code, until))),
    );
    // Another step may have been under way beside this one, and have ended the last link.
    if (!hasTable(this.#sql, "closing")) return true;
    for (const [n, link] of links.entries()) if (outcomes[n]?.status === "fulfilled") this.#links.remove(link);
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    if (failed.length > 0) log("account.closing_failed", { links: failed.length, error: errorText(failed[0]?.reason) });
    const last = links.length === STEP ? links.at(-1) : undefined;
    if (last !== undefined) {
      this.#goOn(last, rounds, Date.now());
      return false;
    }
    // Also with no link left: whoever closes may have to wait for something else.
    const pause = jittered(Math.min(FIRST_PAUSE_MS * 2 ** rounds, LONGEST_PAUSE_MS));
    this.#goOn(null, rounds + 1, Date.now() + pause);
    return this.#links.namesBehind(null, 1).length === 0;
  }

  #begin(now: number): void {
    this.#sql.exec(TABLE);
    this.#sql.exec("INSERT INTO closing (id, rounds, due_at) VALUES (1, 0, ?)", now);
  }

  #row(): Row {
    return this.#sql.exec<Row>("SELECT * FROM closing").one();
  }

  /** The next step goes on behind that link, or at the newest again. */
  #goOn(place: LinkPlace | null, rounds: number, dueAt: number): void {
    this.#sql.exec(
      "UPDATE closing SET created_at = ?, code = ?, rounds = ?, due_at = ?",
      place?.createdAt ?? null,
      place?.code ?? null,
      rounds,
      dueAt,
    );
  }
}
