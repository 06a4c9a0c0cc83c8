// Whose code runs: an isolate, one invocation in it, or one instance of an object. When a life ends, what its code waits
// for never comes, so nothing of it runs on. That is how an eviction or a killed process looks to what it left behind.

import { AsyncLocalStorage } from "node:async_hooks";

export class Life {
  readonly name: string;
  /** How far this machine's clock is from the true date. */
  readonly skewMs: number;
  /** Faults that the code of this life was made to meet. */
  faults = 0;
  #hasEnded = false;
  readonly #parent: Life | null;
  readonly #onEnd = new Set<() => void>();
  readonly #endWithParent = () => this.end();

  constructor(name: string, parent: Life | null = null, skewMs = parent?.skewMs ?? 0) {
    this.name = name;
    this.#parent = parent;
    this.skewMs = skewMs;
    parent?.onEnd(this.#endWithParent);
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#parent !== null) this.#parent.#onEnd.delete(this.#endWithParent);
    for (const ended of this.#onEnd) ended();
    this.#onEnd.clear();
  }

  onEnd(ended: () => void): void {
    this.#onEnd.add(ended);
  }
}

const lives = new AsyncLocalStorage<Life>();

/** Runs code as part of a life; what it awaits belongs to that life as well. */
export function live<T>(life: Life, run: () => T): T {
  return lives.run(life, run);
}

/** The life of the code that asks; undefined is the simulator itself. */
export function currentLife(): Life | undefined {
  return lives.getStore();
}

export interface Answer<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** What the platform does for the code that asks: the answer may come later, and never when the asking life is over. */
export function ask<T>(begin: (answer: Answer<T>, asking: Life | undefined) => void): Promise<T> {
  const asking = currentLife();
  return new Promise<T>((resolve, reject) => {
    if (asking?.isOver) return;
    begin(
      {
        resolve: (value) => {
          if (!asking?.isOver) resolve(value);
        },
        reject: (error) => {
          if (!asking?.isOver) reject(error instanceof Error ? error : new Error(String(error)));
        },
      },
      asking,
    );
  });
}
