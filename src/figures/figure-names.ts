// What a count is called where it is shown: its place in the totals of an answer.

import { DELIVERED_AFTER, ONE_OF, OPENED_AFTER } from "../book/tallies.ts";
import { boundsOf } from "./delays.ts";

/** Those whose name is not their own under `messages`. */
const NAMES: Record<string, string> = {
  cost: "messages.cost_millionths",
  reason: "messages.failures",
  [DELIVERED_AFTER]: "messages.time_to_delivery",
  [OPENED_AFTER]: "messages.time_to_open",
  links_made: "events.links_made",
  person: "events.accesses",
  preview: "events.left_out.preview",
  prefetch: "events.left_out.prefetch",
  scanner: "events.left_out.scanner",
  probe: "events.left_out.probe",
  first_accesses: "events.first_accesses",
  device: "events.first_access_devices",
  country: "events.first_access_countries",
  callbacks_owed: "events.callbacks.owed",
  callbacks_delivered: "events.callbacks.delivered",
  callbacks_exhausted: "events.callbacks.exhausted",
  callbacks_withdrawn: "events.callbacks.withdrawn",
  message_callbacks_owed: "events.message_callbacks.owed",
  message_callbacks_delivered: "events.message_callbacks.delivered",
  message_callbacks_exhausted: "events.message_callbacks.exhausted",
  message_callbacks_withdrawn: "events.message_callbacks.withdrawn",
};
const DELAYS = new Set([DELIVERED_AFTER, OPENED_AFTER]);
/** A message with a link is in this one until it is opened. */
const NOT_OPENED = "messages.not_opened";

/** A figure that a count is part of. */
export interface CountedFigure {
  figure: string;
  /** Where the figure counts one of many: which, null where nobody knows it; of times the seconds from which on they are counted together. */
  of: string | null;
  count: number;
}

/** The figures that a count under a tally's key is told in. */
export function figuresOf(key: string, count: number): CountedFigure[] {
  const [name = "", ...which] = key.split(ONE_OF);
  const one = which.length === 0 ? null : which.join(ONE_OF) || null;
  const of = one !== null && DELAYS.has(name) ? String(boundsOf(Number(one)).atLeast) : one;
  const told = { figure: NAMES[name] ?? `messages.${name}`, of, count };
  if (name === "with_link") return [told, { figure: NOT_OPENED, of, count }];
  return name === "opened" ? [told, { figure: NOT_OPENED, of, count: -count }] : [told];
}
