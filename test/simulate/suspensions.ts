// When accounts were suspended, and when they may have been: from the moment that the operator asked for it until the lifting was answered.

interface Suspension {
  sid: string;
  askedAt: number;
  /** When the operator was told so; Infinity before. */
  acknowledgedAt: number;
  liftedFrom: number;
  liftedAt: number;
}

/** Answers to what was asked before the lifting may still be on their way. */
const LATE_ANSWER_MS = 60_000;

export class Suspensions {
  readonly #all: Suspension[] = [];

  begin(sid: string, now: number): Suspension {
    const suspension = { sid, askedAt: now, acknowledgedAt: Infinity, liftedFrom: Infinity, liftedAt: Infinity };
    this.#all.push(suspension);
    return suspension;
  }

  /** Whether it surely was, all the time from one instant to the other. */
  covers(sid: string, from: number, to: number): boolean {
    return this.#all.some((one) => one.sid === sid && one.acknowledgedAt <= from && one.liftedFrom >= to);
  }

  /** Whether some account may have been, so that a refusal is right, or a message was late. */
  mayTouch(from: number, to: number): boolean {
    return this.#all.some((one) => one.askedAt <= to && one.liftedAt + LATE_ANSWER_MS >= from);
  }
}
