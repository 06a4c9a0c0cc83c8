// The consumer of reports: a batch is one call for each book in it, and what the book answers goes back to the links.

import { errorText, log } from "../log.ts";
import { bookObject, CALL_TIMEOUT_MS, linkObject, within } from "../objects.ts";
import type { Acknowledged, LinkReport } from "./book.ts";

/** Each report ends in exactly one of ack and retry. Whatever becomes of it, its link reports again until it hears from the book. */
export async function consumeReports(batch: MessageBatch<LinkReport>, env: Env): Promise<void> {
  const byBook = Map.groupBy(batch.messages, ({ body }) => (isReport(body) ? `${body.sid}.${body.book}` : ""));
  await Promise.all(
    Array.from(byBook.values(), async (messages) => {
      const reports = messages.map(({ body }) => body).filter(isReport);
      try {
        if (reports.length > 0) await bring(env, reports);
      } catch (error) {
        // Not tried again from here: the links know what the book has not.
        log("book.report_failed", { reports: reports.length, error: errorText(error) });
      }
      for (const message of messages) message.ack();
    }),
  );
}

async function bring(env: Env, reports: readonly LinkReport[]): Promise<void> {
  const [first] = reports;
  if (first === undefined) return;
  const answer = await within(CALL_TIMEOUT_MS, () => bookObject(env, first).report([...reports]));
  const told = await Promise.allSettled(
    reports.map((report, n) => (answer === "gone" ? tellGone(env, report) : tellHave(env, report, answer[n]))),
  );
  const failed = told.find((one) => one.status === "rejected");
  if (failed !== undefined) log("book.answer_failed", { error: errorText(failed.reason) });
}

async function tellHave(env: Env, { code, createdAt, after }: LinkReport, answer?: Acknowledged): Promise<void> {
  if (answer === undefined) return;
  const { have, watchedUntil } = answer;
  await within(CALL_TIMEOUT_MS, async () => {
    const link = linkObject(env, code);
    return watchedUntil === undefined
      ? link.acknowledged(createdAt, have, after)
      : link.acknowledged(createdAt, have, after, watchedUntil);
  });
}

function tellGone(env: Env, { code, createdAt }: LinkReport): Promise<void> {
  return within(CALL_TIMEOUT_MS, async () => linkObject(env, code).bookGone(createdAt));
}

function isReport(body: unknown): body is LinkReport {
  return typeof body === "object" && body !== null && "events" in body && Array.isArray(body.events);
}
