// Why a message failed, where we say it ourselves. A carrier's own words may hold the recipient's number.

export const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";
export const ERASED_UNSENT = "erased before it was sent";
const UNNAMED = "no reason given";

const GIVEN_UP = "given up after 24 hours";
/** What is counted of a carrier's reason: a code, such as Twilio's, or a reason that is one word. Further words can quote a message. */
const COUNTED = /^(?:HTTP \d{3}(?=$|:)|\d{3,5}(?=$|:)|[A-Za-z]{3,30}$)/;
const UNCODED = "another reason";

/** The reason of a message that became too old; `last` is why it was not sent before. */
export function givenUp(last: string | null): string {
  return [GIVEN_UP, last].filter(Boolean).join(": ");
}

/** What a reason is counted as. It stays when the message is erased: so it holds nothing of its number or text. */
export function countedReason(reason: string | null): string {
  if (reason === null) return UNNAMED;
  if (reason.startsWith(GIVEN_UP)) return GIVEN_UP;
  return impersonal(reason) ?? COUNTED.exec(reason)?.[0] ?? UNCODED;
}

/** What may stay of a reason when its message is erased: our own words, or nothing. */
export function impersonal(reason: string | null): string | null {
  return reason === MAY_HAVE_BEEN_SENT || reason === ERASED_UNSENT ? reason : null;
}
