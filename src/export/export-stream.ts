// A whole export of an account: its objects' rows, the oldest first.

import type { Admitted } from "../account/account.ts";
import { allBooks, keeperOf } from "../book/keepers.ts";
import { wrongFields } from "../http/problem.ts";
import { accountObject, insist } from "../objects.ts";
import { type ExportQuestion, headOf } from "./exports.ts";
import { type OpenPart, transfer } from "./transfer.ts";

/** Where a transfer goes on: behind this row of this book. */
export interface Position {
  book: number;
  key: string;
}

/** See `transfer`. Throws 422 when there cannot be a row at that position. */
export async function exportStream(
  env: Env,
  account: Pick<Admitted, "sid" | "books">,
  asked: Omit<ExportQuestion, "after">,
  after: Position | null,
): Promise<ReadableStream<Uint8Array>> {
  const parts = allBooks(account)
    .filter((book) => book >= (after?.book ?? 0))
    .map((book): OpenPart => (given) => {
      if (given === asked.limit) return Promise.resolve(null);
      const limit = asked.limit === null ? null : asked.limit - given;
      const behind = book === after?.book ? after.key : null;
      return open(env, account.sid, book, { ...asked, limit, after: behind });
    });
  return transfer(`export of ${asked.name}`, after === null ? headOf(asked.name, asked.form) : "", parts);
}

async function open(
  env: Env,
  sid: string,
  book: number,
  asked: ExportQuestion,
): Promise<Awaited<ReturnType<OpenPart>>> {
  const part = await insist(() => keeperOf(env, sid, book).exportRows(asked));
  const { figures, after } = asked;
  if (part !== "gone" || figures === null) return known(part, asked);
  // It ended since the account named its books: its totals are there.
  if (after !== null) throw unknown(asked);
  const archived = { ...asked, figures: { ...figures, archived: { only: book } } };
  return known(await insist(() => accountObject(env, sid).exportRows(archived)), asked);
}

function known<P>(part: P | "unknown" | "gone", asked: ExportQuestion): P | null {
  if (part === "unknown") throw unknown(asked);
  return part === "gone" ? null : part;
}

function unknown({ name }: ExportQuestion) {
  const message = `is no position of a row of ${name}, or not any more: begin without it`;
  return wrongFields([{ field: "after", message }]);
}
