// The one question to an account before anything is made in it.

import { accountClosed, Problem, wrongFields } from "../http/problem.ts";
import { accountObject, insist } from "../objects.ts";
import type { Claimed, Making, Refusal } from "./account.ts";

/**
 * How to make what a request asks for, or that its Idempotency-Key came with another one. Throws the problem of an account that
 * may not make it: it is closed or suspended, has made what it may today, or may not send in this name.
 */
export async function accept(env: Env, sid: string, making: Making): Promise<Claimed | { kind: "reused" }> {
  const accepted = await insist((until) => accountObject(env, sid).accept(making, until));
  if (accepted === null) throw accountClosed();
  if (accepted.kind === "claimed" || accepted.kind === "reused") return accepted;
  throw refusal(making, accepted);
}

/** 403: what recipients see and get of a suspended account stays as it is. */
export function accountSuspended(): Problem {
  return new Problem({
    status: 403,
    slug: "account-suspended",
    title: "The operator has suspended this account",
    detail: "It makes and sends nothing until that is lifted: ask the operator. Its links go on.",
  });
}

function refusal({ what }: Making, accepted: Refusal): Problem {
  switch (accepted.kind) {
    case "suspended":
      return accountSuspended();
    case "wrong-sender": {
      const senders = accepted.senders.join(", ");
      return wrongFields([{ field: "sender", message: `Must be one that the operator allows: ${senders || "none"}.` }]);
    }
    case "capped":
      return new Problem(
        {
          status: 429,
          slug: "daily-cap",
          title: `The account has reached its daily limit of ${what === "messages" ? what : "links"}: ${accepted.most}`,
          detail: "Wait until midnight UTC, or ask the operator for more.",
        },
        { "Retry-After": String(accepted.waitSeconds) },
      );
  }
}
