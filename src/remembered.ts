// What an isolate remembers for a while, so that it need not ask again: plain data, never a promise, which would die with its request.

/** A few megabytes at most. */
const MOST_REMEMBERED = 10_000;

export class Remembered<T> {
  readonly #held = new Map<string, { value: T; from: number; until: number }>();

  /** Undefined when there is nothing, or it is over at `now` (Unix ms), or a clock that went back makes that uncertain. */
  get(key: string, now: number): T | undefined {
    const held = this.#held.get(key);
    return held !== undefined && held.from <= now && now < held.until ? held.value : undefined;
  }

  /** For so many milliseconds from `now` on; the oldest is forgotten early when there is too much. */
  set(key: string, value: T, now: number, ms: number): void {
    this.#held.delete(key);
    this.#held.set(key, { value, from: now, until: now + ms });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST_REMEMBERED && oldest !== undefined) this.#held.delete(oldest);
  }

  forget(key: string): void {
    this.#held.delete(key);
  }
}
