// Noting in the account what was done in another object of it: a link, a book.

import { nanoid } from "nanoid";
import { errorText, log } from "../log.ts";
import { accountObject, insist } from "../objects.ts";
import type { By, Deed } from "./act.ts";

/** Behind what was done. Never throws: that stays done, and whoever asked is told so, also where it could not be noted. */
export async function noteAct(
  env: Env,
  sid: string,
  by: By,
  { what, thing = null, count = 1 }: Pick<Deed, "what"> & Partial<Deed>,
): Promise<void> {
  const deed = { id: nanoid(), what, thing, count };
  try {
    await insist((until) => accountObject(env, sid).noteAct(by, deed, until));
  } catch (error) {
    log("account.act_not_noted", { sid, what, error: errorText(error) });
  }
}
