// What counted operations cost on Cloudflare's paid plan when the included amounts are used up: the table of docs/deploy.md.

import type { Counts } from "./operations.ts";

/** US dollars a million, list prices of December 2026; of logs a gigabyte. */
const PRICES = {
  request: 0.3,
  cpuMs: 0.02,
  kvRead: 0.5,
  kvWrite: 5,
  objectCall: 0.15,
  gigabyteSecond: 12.5,
  rowRead: 0.001,
  rowWritten: 1,
  queueOperation: 0.4,
  logGigabyte: 0.25,
};
/** Assumed, because a local run says nothing of them. */
const CPU_MS = 2;
const OBJECT_SECONDS = 0.1;
const LOG_LINE_BYTES = 1_000;
/** An object is billed for 128 MB, whatever it uses. */
const OBJECT_GIGABYTES = 0.128;
/** Written, read, acknowledged. */
const OPERATIONS_PER_JOB = 3;

export const COST_COLUMNS = ["requests, CPU", "KV", "objects", "their time", "rows", "queue", "logs", "together"];

/**
 * A row of the table: the name, and a cell for each of COST_COLUMNS.
 * @param isAsked whether a request to the Worker brings it
 */
export function priced(name: string, counts: Counts | undefined, isAsked: boolean): string[] {
  if (counts === undefined) throw new Error(`"${name}" was not counted`);
  const { linkCalls, accountCalls, bookCalls, campaignCalls, partCalls, alarmRuns } = counts;
  const calls = linkCalls + accountCalls + bookCalls + campaignCalls + partCalls + alarmRuns;
  // A batch of a queue is a request, too; at most as many as jobs. Reports come a hundred a batch where there are many.
  const requests = (isAsked ? 1 : 0) + counts.queueSends;
  const costs = [
    requests * (PRICES.request + CPU_MS * PRICES.cpuMs),
    counts.kvReads * PRICES.kvRead + counts.kvWrites * PRICES.kvWrite,
    calls * PRICES.objectCall,
    calls * OBJECT_SECONDS * OBJECT_GIGABYTES * PRICES.gigabyteSecond,
    // An alarm that is set is billed as a row.
    counts.rowsRead * PRICES.rowRead + (counts.rowsWritten + counts.alarmsSet) * PRICES.rowWritten,
    counts.queueSends * OPERATIONS_PER_JOB * PRICES.queueOperation,
    // A million lines of a thousand bytes are a gigabyte.
    counts.logLines * (LOG_LINE_BYTES / 1_000) * PRICES.logGigabyte,
  ];
  const together = costs.reduce((sum, cost) => sum + cost, 0);
  return [name, ...[...costs, together].map((cost) => (cost === 0 ? "–" : cost.toFixed(2)))];
}
