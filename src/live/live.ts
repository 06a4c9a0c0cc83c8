// Watching an account: what happened lately in all of its books, and the way to the sockets that tell what comes.

import type { Admitted } from "../account/account.ts";
import { bookObject, insist } from "../objects.ts";
import type { News } from "./news.ts";

/** So long nobody watches without asking anew, and being looked at anew: whether he is still signed in. */
const WATCH_MS = 30 * 60_000;

export interface Lately {
  /** Newest first. */
  news: News[];
  /** By book, where its journal ended. */
  positions: Record<string, number>;
  /** False when a book could not be read. */
  isWhole: boolean;
}

/** Never throws: a book that is out of reach is left out. */
export async function lately(env: Env, { sid, books }: Required<Admitted>, limit: number): Promise<Lately> {
  const read = await Promise.allSettled(books.map((book) => insist(() => bookObject(env, { sid, book }).lately())));
  const known = read.flatMap((one, index) =>
    one.status === "fulfilled" ? [{ book: books[index], ...one.value }] : [],
  );
  return {
    news: known
      .flatMap(({ news }) => news)
      .toSorted((one, other) => other.at - one.at)
      .slice(0, limit),
    positions: Object.fromEntries(known.map(({ book, position }) => [String(book), position])),
    isWhole: known.length === books.length,
  };
}

/** Opens a socket on a book. The caller has looked at who asks, and from where. */
export function watch(env: Env, sid: string, book: number, after: number): Promise<Response> {
  const url = `https://book/?after=${after}&until=${Date.now() + WATCH_MS}`;
  return bookObject(env, { sid, book }).fetch(url, { headers: { upgrade: "websocket" } });
}
