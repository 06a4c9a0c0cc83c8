// Seeded choices: one seed gives the same kill moments and the same receivers, however the machine's timing turns out.

/** A source of numbers in [0, 1), its own for every seed and path, for example (seed, round, link). */
export function randomFor(seed: number, ...path: number[]): () => number {
  let state = path.reduce((mixed, part) => Math.imul(mixed ^ part, 0x9e3779b1) ^ (mixed >>> 15), seed | 0);
  // mulberry32, public domain: https://github.com/cprosche/mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
