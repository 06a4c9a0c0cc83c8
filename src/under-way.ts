// What an object has given away and not heard the end of: jobs that nobody has claimed yet, and claims of which nobody has
// reported. More of them than can be worked on would only wait in line, until their leases end and they are sent again.

/** At most so many of an account's messages, and of its callbacks. A queue takes so many jobs in one call, too. */
export const MOST_UNDER_WAY = 100;

/** One thing that is under way, and when it counts as lost (Unix ms). */
export interface Lease {
  name: string;
  until: number;
}

/** In memory, because counting rows at each call would cost more than they do; the rows say it again to the next instance. */
export class UnderWay {
  readonly #readRows: () => Iterable<Lease>;
  #known: Map<string, number> | undefined;
  /** No later than the first lease ends. Not looked up again with every claim, because each new alarm is a row. */
  #fullUntil: number | undefined;

  constructor(readRows: () => Iterable<Lease>) {
    this.#readRows = readRows;
  }

  /** How many more there may be at `now`; what counts as lost makes room. */
  room(now: number): number {
    this.#fullUntil = undefined;
    for (const [name, until] of this.#leases) if (until <= now) this.#leases.delete(name);
    return Math.max(0, MOST_UNDER_WAY - this.#leases.size);
  }

  /** When somebody has to look whether there is room again; null while there is. */
  fullUntil(): number | null {
    if (this.#leases.size < MOST_UNDER_WAY) return null;
    return (this.#fullUntil ??= Math.min(...this.#leases.values()));
  }

  begin(name: string, until: number): void {
    this.#leases.set(name, until);
    if (this.#fullUntil !== undefined) this.#fullUntil = Math.min(this.#fullUntil, until);
  }

  /** When it counts as lost (Unix ms); 0 for what is not under way. */
  until(name: string): number {
    return this.#leases.get(name) ?? 0;
  }

  end(name: string): void {
    this.#leases.delete(name);
  }

  /** The storage was deleted, or put back to an earlier state. */
  forget(): void {
    this.#known = undefined;
    this.#fullUntil = undefined;
  }

  get #leases(): Map<string, number> {
    this.#known ??= new Map(Array.from(this.#readRows(), ({ name, until }) => [name, until]));
    return this.#known;
  }
}
