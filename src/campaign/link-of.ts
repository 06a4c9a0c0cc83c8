// A link by its code, as its owner and the operator may ask for it: one with an object of its own, or a member's of a campaign.

import type { AccessPage } from "../link/access-pages.ts";
import type { LinkStatus, Retried } from "../link/link.ts";
import { campaignObject, linkObject, partObject } from "../objects.ts";
import { partOf } from "./campaign.ts";
import type { MemberEnded } from "./campaign.do.ts";
import { campaignKeys, membersNamed } from "./keys.ts";
import { hasMemberForm } from "./member-code.ts";

/** What objects answer; each asks once, and rejects when it has no answer. */
export interface AnyLink {
  status: (sid: string) => Promise<LinkStatus | null>;
  accesses: (sid: string, cursor: string, limit: number) => Promise<AccessPage | null>;
  retryCallback: (sid: string, until: number) => Promise<Retried>;
  close: (sid: string, until: number) => Promise<MemberEnded>;
  endByOperator: (sid: string, reason: string, until: number) => Promise<MemberEnded>;
}

/** A code that is computed, and nobody's. */
const NOBODYS: AnyLink = {
  status: async () => null,
  accesses: async () => null,
  retryCallback: async () => "unknown",
  close: async () => "unknown",
  endByOperator: async () => "unknown",
};

/** The link, whether or not it exists. Rejects when the deployment's keys cannot be had. */
export async function linkOf(env: Env, code: string): Promise<AnyLink> {
  if (hasMemberForm(code)) return memberOf(env, code);
  const link = () => linkObject(env, code);
  return {
    status: async (sid) => link().status(sid),
    accesses: async (sid, cursor, limit) => link().accesses(sid, cursor, limit),
    retryCallback: async (sid, until) => link().retryCallback(sid, until),
    close: async (sid, until) => ended(await link().close(sid, until)),
    endByOperator: async (sid, reason, until) => ended(await link().endByOperator(sid, reason, until)),
  };
}

function ended(isEnded: boolean): MemberEnded {
  return isEnded ? "ended" : "unknown";
}

async function memberOf(env: Env, code: string): Promise<AnyLink> {
  const named = membersNamed(await campaignKeys(env, true, () => {}), code);
  for (const { member: whose, keyId } of named) {
    const { campaign, member } = whose;
    // By another key the same code is another member's, perhaps of a campaign that there is.
    const facts = await campaignObject(env, campaign).facts();
    if (facts === null || facts.keyId !== keyId || member > facts.size) continue;
    const part = () => partObject(env, partOf(whose));
    return {
      status: async (sid) => part().status(sid, member, code),
      accesses: async (sid, cursor, limit) => part().accesses(sid, member, cursor, limit),
      retryCallback: async (sid, until) => part().retryCallback(sid, member, until),
      close: async (sid, until) => campaignObject(env, campaign).endMember(sid, member, null, until),
      endByOperator: async (sid, reason, until) => campaignObject(env, campaign).endMember(sid, member, reason, until),
    };
  }
  return NOBODYS;
}
