// Seeded choices: one seed gives the same kill moments and the same receivers, however the machine's timing turns out.

/** A source of numbers in [0, 1), its own for every path, for example seed, round and link. */
export function randomFor(...path: number[]): () => number {
  let state = 0;
  for (const part of path) state = scramble(state ^ part);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return (scramble(state) >>> 0) / 2 ** 32;
  };
}

/** The finaliser of MurmurHash3, public domain: every bit of the input changes half of the output's. */
function scramble(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
