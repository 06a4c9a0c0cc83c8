// What an account has made, newest first, wherever it is listed: books are one behind the other in time; what the account's own object
// has, which is of before there were books, can stand between what the newest of them has.

import type { Admitted } from "../account/account.ts";
import { accountObject, bookObject, insist } from "../objects.ts";

type Keeper = ReturnType<typeof accountObject> | ReturnType<typeof bookObject>;

/**
 * So many things at most, and one more when there are further ones.
 * @param find asks one object for so many, newest first, and one more when it has further ones
 * @param order negative for the newer one first
 */
export async function newestOf<T>(
  env: Env,
  { sid, books = [] }: Admitted,
  limit: number,
  find: (keeper: Keeper, limit: number) => Promise<T[]>,
  order: (one: T, other: T) => number,
): Promise<T[]> {
  const inBooks = async () => {
    const found: T[] = [];
    for (const book of books) {
      found.push(...(await insist(() => find(bookObject(env, { sid, book }), limit - found.length))));
      if (found.length > limit) break;
    }
    return found;
  };
  const found = await Promise.all([inBooks(), insist(() => find(accountObject(env, sid), limit))]);
  return found
    .flat()
    .toSorted(order)
    .slice(0, limit + 1);
}
