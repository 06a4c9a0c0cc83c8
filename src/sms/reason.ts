// Why a message failed, where we say it ourselves. A carrier's own words may hold the recipient's number.

export const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";
export const ERASED_UNSENT = "erased before it was sent";

/** What may stay of a reason when its message is erased: our own words, or nothing. */
export function impersonal(reason: string | null): string | null {
  return reason === MAY_HAVE_BEEN_SENT || reason === ERASED_UNSENT ? reason : null;
}
