// The objects that keep what an account has made: its books, and its own object, which has what was made before there were books.

import type { Admitted } from "../account/account.ts";
import { accountObject, bookObject } from "../objects.ts";

const BOOK_OF_BEFORE = 0;

/** The numbers of all of an account's books, the oldest first; 0 stands for its own object. */
export function allBooks({ books = [] }: Pick<Admitted, "books">): number[] {
  return [BOOK_OF_BEFORE, ...books.toReversed()];
}

export function keeperOf(env: Env, sid: string, book: number) {
  return book === BOOK_OF_BEFORE ? accountObject(env, sid) : bookObject(env, { sid, book });
}
