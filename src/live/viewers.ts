// Who watches a book: WebSockets that the platform keeps while the object sleeps. Nobody is asked, and nothing is remembered, while nobody
// watches.

import type { Journal } from "../book/journal.ts";
import { type Bulletin, type News, newsOf } from "./news.ts";

const MOST_VIEWERS = 200;
/** So many entries of the journal are looked at for what somebody has missed, or for what happened lately. */
const MOST_ENTRIES = 1_000;
const MOST_NEWS = 100;
/** So long links need not ask whether somebody watches. */
const KNOWN_MS = 60_000;
/** Of a socket whose time is over; the page opens another, if somebody is there. */
const TIME_IS_OVER = 4_000;

export class Viewers {
  readonly #state: DurableObjectState;
  readonly #journal: Journal;

  constructor(state: DurableObjectState, journal: Journal) {
    this.#state = state;
    this.#journal = journal;
  }

  /** Up to when somebody watches at least (Unix ms), as far as that is worth knowing; undefined where nobody does. */
  watchedUntil(): number | undefined {
    return this.#sockets().length === 0 ? undefined : Date.now() + KNOWN_MS;
  }

  /** Where the journal ends, for `tell`; null where nobody has to be told. */
  position(): number | null {
    return this.#sockets().length === 0 ? null : this.#journal.last();
  }

  /** Lets somebody watch until an instant (Unix ms), who has seen the journal up to a position. */
  accept(after: number, until: number): Response {
    if (this.#sockets().length >= MOST_VIEWERS) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.#state.acceptWebSocket(server);
    server.serializeAttachment(until);
    const missed = this.#news(after);
    if (missed.length > 0) server.send(JSON.stringify({ now: Date.now(), news: missed } satisfies Bulletin));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells everybody what has come to the journal behind a position. */
  tell(after: number | null): void {
    if (after === null) return;
    const news = this.#news(after);
    if (news.length === 0) return;
    const now = Date.now();
    const text = JSON.stringify({ now, news } satisfies Bulletin);
    for (const socket of this.#sockets())
      try {
        if (now > Number(socket.deserializeAttachment())) socket.close(TIME_IS_OVER);
        else socket.send(text);
      } catch {
        // It is closing already. What was written is written, whoever sees it.
      }
  }

  /** There is nothing to watch any more. */
  end(): void {
    for (const socket of this.#sockets()) socket.close(TIME_IS_OVER);
  }

  /** What happened lately, oldest first, and where the journal ends. */
  lately(): { position: number; news: News[] } {
    const position = this.#journal.last();
    return { position, news: this.#news(position - MOST_ENTRIES) };
  }

  #news(after: number): News[] {
    const entries = this.#journal.read(Math.max(after, this.#journal.last() - MOST_ENTRIES), MOST_ENTRIES);
    return entries
      .map(newsOf)
      .filter((one) => one !== null)
      .slice(-MOST_NEWS);
  }

  #sockets(): WebSocket[] {
    return this.#state.getWebSockets();
  }
}
