// Seeded choices. Each purpose has a source of its own, so that one more draw here changes nothing there.

import { randomFor } from "../crash/random.ts";

export class Random {
  readonly #next: () => number;

  constructor(...path: number[]) {
    this.#next = randomFor(...path);
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.#next();
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const chosen = choices[Math.floor(this.#next() * choices.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  }

  /** One of the choices, each as probable as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.#next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) if ((left -= weight) < 0) return choice;
    throw new Error("nothing to choose from");
  }

  shuffle(list: unknown[]): void {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.between(0, last);
      [list[last], list[other]] = [list[other], list[last]];
    }
  }
}
