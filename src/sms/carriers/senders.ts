// Whom an SMS can say that it comes from, in the forms that carriers document. Each carrier's `takes` is one of these; whether a
// sender is yours, the carrier knows.

import type { Takes } from "./carrier.ts";

type Senders = Pick<Takes, "isSender" | "senders">;

const isNumber = (text: string) => /^\+?\d{1,15}$/.test(text);
const isName = (text: string) => /^(?=.*[A-Za-z])[A-Za-z\d](?:[\w -]{0,9}[\w-])?$/.test(text);
/** An id of Twilio's, "^MG[0-9a-fA-F]{32}$" in its OpenAPI document. */
export const isMessagingService = (text: string) => /^MG[\da-fA-F]{32}$/.test(text);

/** Those of Xoxzo (docs.xoxzo.com/en/sms.html). */
export const SHORT_NAMES: Senders = {
  isSender: (text) => isNumber(text) || /^[A-Za-z\d]{1,10}$/.test(text),
  senders: "at most 10 letters and digits, or at most 15 digits",
};

const LONG_NAMES_IN_WORDS =
  "at most 15 digits, or at most 11 letters, digits, spaces, - and _, of which one is a letter";

/** An alphanumeric sender has 11 characters at most (3GPP TS 23.040, section 9.1.2.5). */
export const LONG_NAMES: Senders = {
  isSender: (text) => isNumber(text) || isName(text),
  senders: LONG_NAMES_IN_WORDS,
};

/** Those of Twilio, but for the `+` and `&` in names (twilio/twilio-oai, twilio_messaging_v1.json, CreateAlphaSender). */
export const LONG_NAMES_OR_SERVICES: Senders = {
  isSender: (text) => LONG_NAMES.isSender(text) || isMessagingService(text),
  senders: `${LONG_NAMES_IN_WORDS}, or a messaging service: MG and 32 hexadecimal digits`,
};
