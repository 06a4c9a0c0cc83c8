// What the rounds have shown: one row per question, some with an answer that has to be.

import { callbackRows, hasHappened } from "./callback-verdict.ts";
import type { MessageStatus } from "./client.ts";
import type { Drained } from "./drain.ts";
import type { World } from "./make.ts";
import type { RememberedLink, RememberedMessage } from "./memory.ts";
import { countOf, NEVER, type Row, type Section, sumOf } from "./table.ts";

/** Rounds from which on a run must also have been large enough to mean something. */
const FULL_RUN_ROUNDS = 60;
const FULL_RUN_FIRST_ACCESSES = 2_000;
const FULL_RUN_MESSAGES = 500;

/**
 * A message of which nothing was heard for a minute after its claim has failed, and stays so. The claim is some seconds older than the
 * carrier's taking; and where servers start slowly, a report may find none that answers in that minute.
 */
const IN_TIME_MS = 40_000;

export interface Run extends World {
  rounds: number;
  /** When each server was started, in Unix milliseconds; all but the last were killed under load. */
  starts: readonly number[];
  drained: Drained;
  /** Names of figures that shrank over a kill, or that are not what the lists add up to at the end. */
  wrongFigures: readonly string[];
}

/** The table, with every promise that a crash could break. */
export function judge(run: Run): Section[] {
  const { rounds, starts, receipts, carrier, memory, wrongFigures } = run;
  const general: Row[] = [
    { what: "rounds", count: rounds },
    { what: "kills", count: starts.length - 1, demand: { exactly: rounds } },
    { what: "callback POSTs received", count: receipts.total() },
    { what: "POSTs with a wrong signature or body", count: receipts.forged, demand: NEVER },
    { what: "figures that shrank, or are not their rows", count: wrongFigures.length, demand: NEVER },
    { what: "delivery reports of the carrier refused", count: carrier.refusedReports, demand: NEVER },
  ];
  return [
    { title: "all", rows: general },
    { title: "links", rows: [...linkRows(run), ...callbackRows(memory.links, run)] },
    { title: "messages", rows: [...messageRows(run), ...callbackRows(memory.messages, run)] },
  ];
}

function linkRows({ rounds, memory: { links } }: Run): Row[] {
  return [
    { what: "created, alone or in a message", count: links.length },
    { what: "created but not found afterwards", count: countOf(links, (link) => link.wasNotFound), demand: NEVER },
    { what: "taps of persons answered 302", count: sumOf(links.map(({ answeredTaps }) => answeredTaps)) },
    { what: "first accesses", count: countOf(links, hasHappened), ...inFullRun(rounds, FULL_RUN_FIRST_ACCESSES) },
    // Recording runs behind the response, so a kill between the two is possible: it is told, and no failure.
    {
      what: "302 but never recorded",
      count: countOf(links, (link) => link.answeredTaps > 0 && link.status?.fact === null),
    },
    { what: "single taps: 302 but never recorded", count: sumOf(links.map(unrecordedTaps)) },
  ];
}

function messageRows({ rounds, carrier, memory: { messages, plans }, drained: { listed } }: Run): Row[] {
  const answered = messages.filter(({ plan }) => plan.msgid !== null);
  const listedIds = new Set(listed.map(({ msgid }) => msgid));
  const perRecipient = countEach(listed.map(({ recipient }) => recipient));
  const taken = countEach(carrier.taken().map(({ msgid }) => msgid));
  const isUntaken = ({ id }: RememberedMessage) => !taken.has(id);
  const of = (status: MessageStatus["status"]) => messages.filter((message) => message.status?.status === status);
  const [delivering, delivered, failed] = [of("DELIVERING"), of("DELIVERED"), of("FAIL")];
  return [
    { what: "answered 201", count: answered.length, ...inFullRun(rounds, FULL_RUN_MESSAGES) },
    {
      what: "lost: answered 201 and not found afterwards",
      count: countOf(answered, ({ id, wasNotFound }) => wasNotFound || !listedIds.has(id)),
      demand: NEVER,
    },
    { what: "found, though nobody saw a 201", count: messages.length - answered.length },
    { what: "asked for again with their key", count: countOf(plans, ({ asked }) => asked > 1) },
    { what: "asked for once and made twice", count: countRepeated(perRecipient), demand: NEVER },
    { what: "taken by the carrier", count: taken.size },
    { what: "sent twice: taken more than once", count: countRepeated(taken), demand: NEVER },
    { what: "DELIVERED", count: delivered.length },
    { what: "DELIVERED but never taken", count: countOf(delivered, isUntaken), demand: NEVER },
    { what: "DELIVERING, for the carrier does not report", count: delivering.length },
    { what: "DELIVERING but never taken", count: countOf(delivering, isUntaken), demand: NEVER },
    // A claim whose sender was killed: nobody knows whether it was sent, so it is not sent again.
    { what: "FAIL, may have been sent", count: countOf(failed, mayHaveBeenSent) },
    { what: "  killed before the carrier had it", count: countOf(failed, isUntaken) },
    { what: "  killed when the carrier had it", count: countOf(failed, (message) => !isUntaken(message)) },
    { what: "FAIL for another reason", count: countOf(failed, (message) => !mayHaveBeenSent(message)), demand: NEVER },
    {
      what: "FAIL, though reported delivered in time",
      count: countOf(
        failed,
        ({ id }) => !carrier.wasUnheard(id) && (carrier.reportedAfterMs(id) ?? Infinity) < IN_TIME_MS,
      ),
      demand: NEVER,
    },
    { what: "FAIL, as the carrier's answer came too late", count: countOf(failed, ({ id }) => carrier.wasUnheard(id)) },
    {
      what: "FAIL, and reported delivered later",
      count: countOf(failed, ({ id }) => (carrier.reportedAfterMs(id) ?? 0) >= IN_TIME_MS),
    },
  ];
}

function inFullRun(rounds: number, atLeast: number): Pick<Row, "demand"> {
  return rounds >= FULL_RUN_ROUNDS ? { demand: { atLeast } } : {};
}

function mayHaveBeenSent({ status }: RememberedMessage): boolean {
  return status?.reason?.includes("may have been sent") === true;
}

/** At least so many: a tap that was recorded, and whose 302 nobody saw, makes up for another. */
function unrecordedTaps({ answeredTaps, status }: RememberedLink): number {
  return status === null ? 0 : Math.max(0, answeredTaps - status.personCount);
}

function countEach(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function countRepeated(counts: Map<string, number>): number {
  return countOf([...counts.values()], (count) => count > 1);
}
