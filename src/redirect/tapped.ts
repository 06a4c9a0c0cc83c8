// A code's link, wherever it is kept: in an object of its own, or in the part of a campaign that holds the member whose code it is.

import { findEntry } from "../campaign/campaign-entry.ts";
import { type MemberAccess, type PartName, partOf } from "../campaign/campaign.ts";
import { campaignKeys, membersNamed } from "../campaign/keys.ts";
import { hasMemberForm, type MemberOfCampaign } from "../campaign/member-code.ts";
import { expand } from "../campaign/template.ts";
import { findDestination, type Found } from "../link/directory.ts";
import type { Access, Code, Resolved } from "../link/link.ts";
import { insist, linkObject, partObject } from "../objects.ts";

export interface Tapped {
  /** What KV says. Never rejects, but may never be answered. */
  reading: Promise<Found>;
  /** What the object says, which knows where KV does not. Rejects as `insist` does. */
  resolve(): Promise<Resolved>;
  /** Where accesses are recorded, and as what. */
  recorder: Code | PartName;
  seen(access: Access): Access | MemberAccess;
}

/**
 * Begins to look a code up, which was tapped at `at` (Unix ms); null for a code that is computed and nobody's: nobody is asked then. Rejects
 * when the deployment's keys cannot be had.
 * @param mayAsk whether objects may be asked: not on behalf of a client that guesses
 */
export async function tapped(
  env: Env,
  ctx: ExecutionContext,
  code: Code,
  at: number,
  mayAsk: boolean,
): Promise<Tapped | null> {
  if (!hasMemberForm(code))
    return {
      reading: findDestination(env.DIRECTORY, code),
      resolve: () => insist(() => linkObject(env, code).resolve(at)),
      recorder: code,
      seen: (access) => access,
    };
  const keys = await campaignKeys(env, mayAsk, (work) => ctx.waitUntil(work));
  const named = membersNamed(keys, code);
  // By more than one key it is a member's once in a thousand times: then that which KV knows.
  for (const { member, keyId } of named.slice(1)) {
    const found = await findMember(env, code, member, keyId, at);
    if (found.kind === "found" || found.kind === "ended") return tappedMember(env, code, member, keyId, at, found);
  }
  const [first] = named;
  return first === undefined ? null : tappedMember(env, code, first.member, first.keyId, at);
}

function tappedMember(env: Env, code: Code, whose: MemberOfCampaign, keyId: string, at: number, found?: Found): Tapped {
  const { member } = whose;
  const part = partOf(whose);
  return {
    reading: found === undefined ? findMember(env, code, whose, keyId, at) : Promise.resolve(found),
    resolve: () => insist(() => partObject(env, part).resolve(member, code, keyId, at)),
    recorder: part,
    seen: (access): MemberAccess => ({ ...access, member, code }),
  };
}

async function findMember(
  env: Env,
  code: Code,
  { campaign, member }: MemberOfCampaign,
  keyId: string,
  at: number,
): Promise<Found> {
  const found = await findEntry(env.DIRECTORY, campaign);
  if (found.kind !== "found") return found;
  const { d, e, m, k, a: accountSid, x = [], b } = found.entry;
  // Beyond what the entry says a campaign may have grown since.
  if (k !== keyId || member > m) return { kind: "missing" };
  if (at >= e || b === 1) return { kind: "ended", accountSid, isBarred: b === 1 };
  if (x.includes(member)) return { kind: "ended", accountSid, isBarred: false };
  if (x.includes(-member)) return { kind: "ended", accountSid, isBarred: true };
  return { kind: "found", destination: expand(d, { code, number: String(member) }), expiresAt: e };
}
