// When a message is offered to a carrier again that surely did not accept it. Arithmetic: randomness is an argument.

/** A message that no carrier took for so long is of no use to its recipient any more. */
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/**
 * Then nobody knows whether it was sent. More than its holder may still do: five seconds until the claim is heard, and thirty
 * until sending and its note have ended with their invocation.
 */
export const SEND_LEASE_MS = 60_000;

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 900_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const JITTER = 0.2;

/**
 * Milliseconds until the next try: two seconds, doubled with each try to a quarter of an hour, with ±20 % jitter.
 * @param tries how often the carrier did not accept it, from 1
 * @param askedSeconds what the carrier asked for, or null; it can lengthen the wait to an hour, never shorten it
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(tries: number, askedSeconds: number | null, random: number): number {
  const planned = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS) * (1 - JITTER + 2 * JITTER * random);
  const asked = Math.min((askedSeconds ?? 0) * 1_000, LONGEST_RETRY_AFTER_MS);
  return Math.round(Math.max(planned, asked));
}
