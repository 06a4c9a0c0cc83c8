// Survivors that were looked at and change nothing that a client, a visitor or a receiver could notice, or only what
// DESIGN.md leaves open. They do not count. A line that changes falls out of this list by itself.

export interface Equivalent {
  file: string;
  /** The source line, without the spaces around it. */
  line: string;
  /** What the mutant puts there; without it, every mutant of the line is meant. */
  mutated?: string;
  reason: string;
}

const ACCOUNT = "src/account/account.do.ts";
const LEDGER = "src/callback/ledger.ts";
const LINK_END = "src/sms/text/link-end.ts";
const LINK = "src/link/link.do.ts";
const SCHEDULE = "src/callback/schedule.ts";
const TIMED_ID = "src/timed-id.ts";
const TYPES = "for the type checker alone: ";

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: LEDGER,
    line: `if (!this.#hasStorage()) this.#sql.exec(TABLES + (this.#events === "many" ? DUE_INDEX : ""));`,
    mutated: `this.#events !== "many"`,
    reason: "an index changes what a statement costs, not what it answers",
  },
  {
    file: LEDGER,
    line: `if (callback?.state !== "owed" || now < (callback.next_attempt_at ?? 0)) return false;`,
    mutated: "1",
    reason: `${TYPES}what is owed has a next attempt`,
  },
  {
    file: LEDGER,
    line: `if (callback.state !== "owed" || this.#newestAttempt(eventId)?.n !== attempt) return callback.state;`,
    mutated: "this.#newestAttempt(eventId).n",
    reason: `${TYPES}an attempt was just reported, so there is one`,
  },
  {
    file: LEDGER,
    line: "if (callback === undefined || callback.url === url) return;",
    mutated: "false",
    reason: "saves writing the URL that is there already",
  },
  {
    file: LEDGER,
    line: "const callback = eventId === null ? undefined : this.#callback(eventId);",
    mutated: "false",
    reason: `${TYPES}no event has the id NULL`,
  },
  {
    file: SCHEDULE,
    line: "const planned = (retrySeconds[posts - 1] ?? 0) * (1 - JITTER + 2 * JITTER * random);",
    mutated: "1",
    reason: `${TYPES}settings.ts takes ten waits and no fewer`,
  },
  {
    file: SCHEDULE,
    line: "return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;",
    mutated: "1",
    reason: `${TYPES}the array has an element`,
  },
  {
    file: LINK,
    line: "#projectedAt = 0;",
    mutated: "1",
    reason: "either is long ago",
  },
  {
    file: LINK,
    line: "if (link.eventId !== null) this.#ledger.readdress(link.eventId, callbackUrl);",
    mutated: "true",
    reason: `${TYPES}no event has the id NULL`,
  },
  {
    file: LINK,
    line: "if (link?.accountSid === accountSid && link.eventId !== null) this.#ledger.withdraw(link.eventId);",
    mutated: "true",
    reason: `${TYPES}no event has the id NULL`,
  },
  {
    file: LINK,
    line: "return true;",
    mutated: "false",
    reason: "what follows finds no link, and does nothing",
  },
  {
    file: TIMED_ID,
    line: "export const TIME_DIGITS = 9;",
    mutated: "10",
    reason: "ids that are longer sort as well",
  },
  {
    file: LINK_END,
    line: "const unspacedEnd = end > at ? endOf(UNSPACED_PATH, text, end) : undefined;",
    mutated: "end >= at",
    reason: "unspaced prose is in a path behind one of its marks only, which no host ends with",
  },
  {
    file: LINK_END,
    line: "for (let at = start; at < end; at++) {",
    mutated: "at <= end",
    reason: "a path takes every bracket, so none stands at its end",
  },
  {
    file: "src/sms/text/parts.ts",
    line: "return split(text, { summary: true }).parts.length;",
    mutated: "false",
    reason: "without the parts' texts it is only cheaper",
  },
  {
    file: ACCOUNT,
    line: "return account === undefined ? null : { sid: account.sid, callbackUrl: account.callbackUrl };",
    mutated: "false",
    reason: `${TYPES}who asks has read the account, or opened it, and main is never closed`,
  },
];
