// How a book ends, from its own alarm: 120 days after its month, when nothing is due in it any more. Its links are asked whether one is
// still there; then it takes nothing any more, and hands its totals to its account, part by part. When the account has said that it has
// all of them, the book's storage goes. Each step may come twice, and none but the last cannot be taken back.

import { errorText, log } from "../log.ts";
import { CALL_TIMEOUT_MS, within } from "../objects.ts";
import { bookEndsAt } from "./book.ts";
import type { BookRow, StoredBook } from "./book-row.ts";
import type { Journal } from "./journal.ts";
import type { LineName, Lines } from "./lines.ts";
import type { Tallies, TallyPiece, TallyPlace } from "./tallies.ts";

/** Links that one alarm asks: few enough for one invocation's limit of calls. */
const STEP = 500;
const AT_ONCE = 100;
/** A book waits so long for what is due in it, and for links. */
const PAUSE_MS = 24 * 3_600_000;
/** And so long for an account that does not answer. */
const RETRY_MS = 3_600_000;

/** What an account is handed of a book's totals. */
export interface ArchivePart {
  /** It stands behind this tally; null from the first on. What came from behind there before counts no more. */
  after: TallyPlace | null;
  pieces: TallyPiece[];
  /** With the last part: all there is, so that the account can tell that nothing is missing. */
  last: { position: number; tags: [number: number, tag: string][]; rows: number } | null;
}

/**
 * `kept`: the next part may come. `archived`: all of it counts, for good. `again`: something is missing, from the first part on.
 * `refused`: the account still makes something in this book, or does not know it. `closed`: there is no open account.
 */
export type ArchiveAnswer = "kept" | "archived" | "again" | "refused" | "closed";

/** Who is asked; each may fail. */
export interface Asked {
  /** A link, whether it is still there; then its alarm is, too. */
  isLeft(line: LineName): Promise<boolean>;
  archive(part: ArchivePart, until: number): Promise<ArchiveAnswer>;
}

export class Ending {
  readonly #row: BookRow;
  readonly #journal: Journal;
  readonly #lines: Lines;
  readonly #tallies: Tallies;
  readonly #isQuiet: () => boolean;

  /** @param isQuiet whether nothing else is due in the book, at any time */
  constructor(row: BookRow, journal: Journal, lines: Lines, tallies: Tallies, isQuiet: () => boolean) {
    this.#row = row;
    this.#journal = journal;
    this.#lines = lines;
    this.#tallies = tallies;
    this.#isQuiet = isQuiet;
  }

  /** When the next step is due, Unix milliseconds. */
  dueAt({ endDueAt, openedAt }: StoredBook): number {
    return endDueAt ?? bookEndsAt(openedAt);
  }

  /** The next step. True when the account has the totals: then the book's storage may go. */
  async step(book: StoredBook, asked: Asked, now: number): Promise<boolean> {
    if (book.endedAt !== null) return this.#handOver(book, asked, now);
    await this.#askLinks(book, asked, now);
    return false;
  }

  async #askLinks({ endingPosition, endingTo, leftFrom }: StoredBook, asked: Asked, now: number): Promise<void> {
    if (!this.#isQuiet()) return this.#row.endsLater(now + PAUSE_MS);
    const position = this.#journal.last();
    // What came since may be of links that were not known.
    const isNew = endingPosition !== position;
    const from = isNew ? null : endingTo;
    const names = this.#lines.namesFrom(lineIn(from), STEP);
    const isLeft = await isAnyLeft(names, asked);
    // Others may have come in meanwhile: it is closed, or knows of another link.
    if (this.#row.readOpen() === undefined || !this.#isQuiet() || this.#journal.last() !== position) return;
    const firstLeft = (isNew ? null : leftFrom) ?? (isLeft ? write(lineIn(from)) : null);
    if (names.length === STEP) return this.#row.asked(position, write(names.at(-1) ?? null), firstLeft, now);
    if (firstLeft !== null) return this.#row.asked(position, firstLeft, null, now + PAUSE_MS);
    this.#row.ended(now);
  }

  async #handOver({ endingTo }: StoredBook, asked: Asked, now: number): Promise<boolean> {
    const after = tallyIn(endingTo);
    const { pieces, next } = this.#tallies.pieces(after);
    const last = next === null ? { position: this.#journal.last(), ...this.#tallies.whole() } : null;
    const answer = await archive(asked, { after, pieces, last });
    // It was closed meanwhile, and may be gone.
    if (this.#row.read()?.closedAt !== null) return false;
    switch (answer) {
      case "archived":
        return true;
      case "kept":
        this.#row.handedOver(write(next), now);
        break;
      case "again":
        this.#row.handedOver(null, now + RETRY_MS);
        break;
      case "refused":
      case "closed":
        this.#row.endsLater(now + PAUSE_MS);
        break;
      case null:
        this.#row.endsLater(now + RETRY_MS);
    }
    return false;
  }
}

/** One that cannot be reached counts as there. */
async function isAnyLeft(names: readonly LineName[], asked: Asked): Promise<boolean> {
  let isAny = false;
  for (let n = 0; n < names.length; n += AT_ONCE) {
    const answers = await Promise.allSettled(
      names.slice(n, n + AT_ONCE).map((name) => within(CALL_TIMEOUT_MS, () => asked.isLeft(name))),
    );
    isAny ||= answers.some((answer) => answer.status === "rejected" || answer.value);
  }
  return isAny;
}

/** Null where the account did not answer. */
async function archive(asked: Asked, part: ArchivePart): Promise<ArchiveAnswer | null> {
  try {
    return await within(CALL_TIMEOUT_MS, (until) => asked.archive(part, until));
  } catch (error) {
    log("book.end_failed", { error: errorText(error) });
    return null;
  }
}

function lineIn(place: string | null): LineName | null {
  return JSON.parse(place ?? "null") as LineName | null;
}

function tallyIn(place: string | null): TallyPlace | null {
  return JSON.parse(place ?? "null") as TallyPlace | null;
}

function write(place: LineName | TallyPlace | null): string {
  return JSON.stringify(place);
}
