// What owners asked to be so, one thing after the other, and what may therefore stand in storage: an acknowledged change stays,
// whatever older call arrives later.

interface Wish {
  value: string;
  beganAt: number;
  /** When its owner was answered, or heard that no answer will come; Infinity before. */
  endedAt: number;
  isAcknowledged: boolean;
}

/** What there is of one thing when it is not there. */
export const ABSENT = "absent";

export class Wishes {
  /** By the thing that is changed, such as `code Xk7… destination`; oldest first. */
  readonly #wishes = new Map<string, Wish[]>();

  /** What a thing is from the beginning. */
  settle(thing: string, value: string, now: number): void {
    if (!this.#wishes.has(thing))
      this.#wishes.set(thing, [{ value, beganAt: -Infinity, endedAt: now, isAcknowledged: true }]);
  }

  /** Somebody asks for a value; call what is returned when the answer, or none, has come. */
  begin(thing: string, value: string, now: number): (isAcknowledged: boolean, at: number) => void {
    const wish: Wish = { value, beganAt: now, endedAt: Infinity, isAcknowledged: false };
    const wishes = this.#wishes.get(thing) ?? [];
    wishes.push(wish);
    this.#wishes.set(thing, wishes);
    return (isAcknowledged, at) => {
      wish.isAcknowledged = isAcknowledged;
      wish.endedAt = at;
    };
  }

  /** What was wished of `owner` was wished of something that is over. */
  forget(owner: string): void {
    for (const thing of this.of(owner)) this.#wishes.delete(thing);
  }

  /** The things of `owner`, a code or a sid, that somebody has wished for. */
  of(owner: string): string[] {
    return [...this.#wishes.keys()].filter((thing) => thing.startsWith(`${owner} `));
  }

  /** Whether this may be so: it was wished, and no wish was acknowledged that began after that one had ended. */
  allows(thing: string, value: string): boolean {
    const wishes = this.#wishes.get(thing) ?? [];
    return wishes.some((wish) => wish.value === value && !wishes.some((later) => isOver(wish, later)));
  }
}

function isOver(wish: Wish, later: Wish): boolean {
  return later.isAcknowledged && later.value !== wish.value && later.beganAt >= wish.endedAt;
}
