// Randomness for times: what waits for the same thing should not come back at the same moment.

/** Uniform in [0, 1), from the platform's cryptographic randomness. */
export function randomFraction(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** Milliseconds between half and one and a half times as many. */
export function jittered(ms: number): number {
  return Math.round(ms * (0.5 + randomFraction()));
}
