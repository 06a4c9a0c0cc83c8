// Bringing an access to its link's object, behind the redirect: three tries, then the recovery queue.

import { customAlphabet } from "nanoid";
import type { Access, Code, Visitor } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { insist, linkObject } from "../objects.ts";

/** What the recovery queue carries: the access as it was, so that a replay neither counts twice nor moves a time. */
export interface AccessJob {
  code: string;
  access: Access;
}

const randomPart = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 12);
/** Nine base-36 digits hold Unix milliseconds until the year 5188, so ids sort by time as text. */
const TIME_DIGITS = 9;

/** The access that a request is. `at` is Unix milliseconds at the edge. */
export function accessOf(visitor: Visitor, at: number, country: string | null): Access {
  return { ...visitor, id: at.toString(36).padStart(TIME_DIGITS, "0") + randomPart(), at, country };
}

/** Records the access, or queues it when the object cannot be reached. Never rejects: tracking cannot break a redirect. */
export async function recordAccess(env: Env, code: Code, access: Access): Promise<void> {
  try {
    await insist(() => linkObject(env, code).access(access));
  } catch (unreached) {
    try {
      await env.ACCESSES.send({ code, access } satisfies AccessJob);
      log("access.queued", { error: errorText(unreached) });
    } catch (refused) {
      log("access.lost", {
        code,
        kind: access.kind,
        object_error: errorText(unreached),
        queue_error: errorText(refused),
      });
    }
  }
}
