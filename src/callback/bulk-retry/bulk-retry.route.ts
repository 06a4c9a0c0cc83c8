// GET /api/callbacks: which callbacks fail; and POST /api/callbacks/retry: many of them tried once more.

import type { Context } from "hono";
import { nanoid } from "nanoid";
import * as v from "valibot";
import { accountSuspended } from "../../account/accept.ts";
import type { Admitted } from "../../account/account.ts";
import { byOf } from "../../account/act.ts";
import { noteAct } from "../../account/note-act.ts";
import { ApiRoutes } from "../../account/api-routes.ts";
import type { ApiEnv } from "../../account/authenticate.ts";
import { hashToken } from "../../account/token.ts";
import { allBooks, keeperOf } from "../../book/keepers.ts";
import { instantParameter } from "../../http/calendar.ts";
import { readFields, readIdempotencyKey, readQuery } from "../../http/input.ts";
import { answerJson, toJson } from "../../http/json.ts";
import { limitParameter } from "../../http/paging.ts";
import { accountClosed, wrongFields } from "../../http/problem.ts";
import { accountObject, insist } from "../../objects.ts";
import { MOST_TAKEN, type RetryWish, type Taken } from "./bulk-retry.ts";
import { FAILING_STATES } from "./failing.ts";
import { type CallbackGroup, type CallbacksStanding, groupName } from "./standing.ts";

const LARGEST_LIMIT = 100;
const DEFAULT_LIMIT = 50;

const stateField = v.picklist(FAILING_STATES, `must be ${FAILING_STATES.join(" or ")}`);
const hostField = v.pipe(
  v.string("must be a string"),
  v.transform((text) => text.toLowerCase()),
  v.regex(/^[^\s/@?#]{1,260}$/, "must be a host, with its port if it is not the usual one"),
);

export const callbacksParameters = {
  state: v.exactOptional(stateField),
  host: v.exactOptional(hostField),
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
};
export const bulkRetryFields = {
  state: stateField,
  from: instantParameter,
  to: instantParameter,
  host: v.exactOptional(hostField),
};

export const bulkRetry = new ApiRoutes()
  .get("/", ["read", "support"], async (c) => {
    const { state = null, host = null, limit } = readQuery(c, callbacksParameters);
    const asked = { state, host, from: 0, to: Number.MAX_SAFE_INTEGER, limit };
    const { sid } = c.get("account");
    const parts = await Promise.all(
      keepersOf(c.get("account")).map((book) => insist(() => keeperOf(c.env, sid, book).callbacks(asked))),
    );
    return answerJson(toJson(callbacksView(parts, limit)));
  })
  .post("/retry", ["support"], async (c) => {
    const key = readIdempotencyKey(c);
    const { state, host = null, from, to } = await readFields(c, bulkRetryFields);
    if (from >= to) throw wrongFields([{ field: "to", message: "must be behind from" }]);
    if (c.get("account").isSuspended) throw accountSuspended();
    const which = { state, host, from, to };
    const id = key === null ? nanoid() : await nameFor(c, key, JSON.stringify(which));
    const { taken, isMore, endsAt } = await takeAll(c, { ...which, id });
    const by = c.get("account");
    await noteAct(c.env, by.sid, byOf(by), { what: "callbacks_retried", thing: host, count: taken });
    return answerJson(toJson({ taken, more: isMore, endsAt: taken === 0 ? null : endsAt }), 202);
  });

/** The newest first. */
function keepersOf({ hasThingsOfBefore = true, ...account }: Admitted): number[] {
  const books = allBooks(account).toReversed();
  return hasThingsOfBefore ? books : books.filter((book) => book > 0);
}

/** The name of a request with this key: the same for each repeat of it. */
async function nameFor(c: Context<ApiEnv>, key: string, content: string): Promise<string> {
  const digest = await hashToken(`retry ${content}`);
  const { sid } = c.get("account");
  const claim = await insist((until) => accountObject(c.env, sid).claimKey(key, digest, nanoid(), until));
  if (claim === null) throw accountClosed();
  if (claim.kind === "claimed") return claim.made;
  throw wrongFields([
    { field: "Idempotency-Key", message: "was used for another request in the last 24 hours: use a new key" },
  ]);
}

/** One object after the other: what the next one takes is tried behind what the one before took, so that it is 20 a second together. */
async function takeAll(c: Context<ApiEnv>, wish: Omit<RetryWish, "startAt" | "limit">): Promise<Taken> {
  const { sid } = c.get("account");
  const books = keepersOf(c.get("account"));
  const ask = async (book: number, startAt: number, limit: number): Promise<Taken> => {
    const asked = { ...wish, startAt, limit };
    const taken = await insist((until) => keeperOf(c.env, sid, book).retryCallbacks(asked, until));
    if (taken === null) throw accountClosed();
    return taken;
  };
  const before = await Promise.all(books.map((book) => ask(book, 0, 0)));
  let all: Taken = { taken: 0, isMore: false, endsAt: Math.max(0, ...before.map(({ endsAt }) => endsAt)) };
  for (const book of books) {
    const { taken, isMore, endsAt } = await ask(book, all.endsAt, MOST_TAKEN - all.taken);
    all = { taken: all.taken + taken, isMore: all.isMore || isMore, endsAt: Math.max(all.endsAt, endsAt) };
  }
  return all;
}

/** What all objects say together, the largest group first. */
function callbacksView(parts: readonly CallbacksStanding[], limit: number) {
  const answered = new Map<string, number>();
  for (const { host, at } of parts.flatMap((part) => part.answered))
    answered.set(host, Math.max(at, answered.get(host) ?? 0));
  const groups = Map.groupBy(
    parts.flatMap((part) => part.groups),
    groupName,
  );
  return {
    groups: Array.from(groups.values(), (alike) => alike.reduce(together))
      .toSorted((one, other) => other.callbacks - one.callbacks)
      .map(({ triedAt, ...group }) => ({
        ...group,
        lastTriedAt: triedAt,
        answeredAt: answered.get(group.host) ?? null,
      })),
    callbacks: parts
      .flatMap((part) => part.callbacks)
      .toSorted((one, other) => other.at - one.at)
      .slice(0, limit)
      .map(({ triedAt, ...callback }) => ({ ...callback, lastTriedAt: triedAt })),
    complete: parts.every(({ isWhole }) => isWhole),
  };
}

function together(one: CallbackGroup, other: CallbackGroup): CallbackGroup {
  return {
    ...one,
    callbacks: one.callbacks + other.callbacks,
    oldestAt: Math.min(one.oldestAt, other.oldestAt),
    triedAt: Math.max(one.triedAt ?? 0, other.triedAt ?? 0) || null,
  };
}
