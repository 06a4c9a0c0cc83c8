// The one place that makes stubs, and the one rule for calling an object again.

import type { CallbackOwner } from "./callback/callback.ts";

/** The object of one link, whether or not the link exists. */
export function linkObject(env: Env, code: string): ReturnType<Env["LINK"]["getByName"]> {
  return env.LINK.getByName(code);
}

/** The object of one account, whether or not the account exists. */
export function accountObject(env: Env, sid: string): ReturnType<Env["ACCOUNT"]["getByName"]> {
  return env.ACCOUNT.getByName(sid);
}

/** The object that owes a callback. */
export function callbackOwner(env: Env, owner: CallbackOwner) {
  return "sid" in owner ? accountObject(env, owner.sid) : linkObject(env, owner.code);
}

/** A queue takes a message in milliseconds. */
export const QUEUE_TIMEOUT_MS = 5_000;

const TRIES = 3;
/** An object answers in milliseconds; one that is silent for this long is moving or broken. */
const TRY_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;

/**
 * Calls an object up to three times, 5 s each, with growing pauses. `call` must make its own stub (one that threw stays
 * broken) and must be idempotent, because a call whose answer was lost may have been carried out.
 * Throws the last error; an `overloaded` object is not asked again, as the platform demands.
 */
export async function insist<P extends Promise<unknown>>(call: () => P): Promise<Awaited<P>> {
  for (let tried = 1; ; tried++) {
    try {
      return await within(TRY_TIMEOUT_MS, call());
    } catch (error) {
      if (tried === TRIES || isOverloaded(error)) throw error;
      await scheduler.wait(FIRST_PAUSE_MS * 3 ** (tried - 1));
    }
  }
}

/** The promise, or after so many milliseconds an error. The call itself goes on; its answer is not waited for. */
export async function within<P extends Promise<unknown>>(ms: number, promise: P): Promise<Awaited<P>> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}
