// Which access is the first, and that a callback is owed with it: decided here for a link, which has an object of its own, and for each
// member of a campaign. What is synchronous here is one transaction with whatever the caller writes beside it.

import { firstAccessedEvent } from "../callback/event.ts";
import type { CallbackLedger } from "../callback/ledger.ts";
import type { AccessEvent, AccessRows, AccessState } from "./access-rows.ts";
import type { Access, LinkFacts, Recorded } from "./link.ts";

/** What came together, as it was taken. */
export interface Taken {
  /** Those that were not recorded before. */
  added: Access[];
  /** The first access, if it is among them. */
  first: Access | undefined;
  /** What the row of the link, or member, has to say of its accesses then. */
  state: Partial<AccessState>;
}

/**
 * Writes down what came together under the name of a batch, by which it is recognised when it comes again.
 * @param before the link, or member, as it was
 * @param numberFor the number of the link's event that an access is; null where nobody has to hear of it
 */
export function takeAccesses(
  rows: AccessRows,
  before: AccessState & { firstAccessedAt: number | null },
  accesses: readonly Access[],
  batch: string,
  now: number,
  numberFor: () => number | null,
): Taken {
  let first: Access | undefined;
  const eventOf = (access: Access): AccessEvent => {
    const isFirst = before.firstAccessedAt === null && first === undefined && access.kind === "person";
    if (isFirst) first = access;
    return { number: numberFor(), isFirst };
  };
  const { added, state } = rows.add(accesses, batch, before, now, eventOf);
  return { added, first, state };
}

/** How each of these accesses was recorded; one that is not the link's came when it had ended. */
export function recordedAs(
  accesses: readonly Access[],
  isOfLink: (access: Access) => boolean,
  { added, first }: Taken,
): Recorded[] {
  return accesses.map((access) => {
    if (!isOfLink(access)) return { kind: "ended" };
    return added.includes(access) ? { kind: "recorded", first: access === first } : { kind: "repeated" };
  });
}

/** The first access owes a callback; the id of its event. */
export function oweFirstAccess(ledger: CallbackLedger, link: LinkFacts, first: Access, now: number): string {
  const event = firstAccessedEvent(link, first.at);
  ledger.write({ event, url: link.callbackUrl, ownHost: new URL(link.shortUrl).host }, now);
  return event.id;
}
