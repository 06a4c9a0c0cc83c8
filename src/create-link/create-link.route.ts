// POST /api/links: the code is minted or chosen, the link's object opened under it, and the answer is a working link.

import { nanoid } from "nanoid";
import * as v from "valibot";
import type { Admitted } from "../account/account.ts";
import { byOf } from "../account/act.ts";
import { ApiRoutes } from "../account/api-routes.ts";
import { accept } from "../account/accept.ts";
import { hashToken } from "../account/token.ts";
import { readFields, readIdempotencyKey } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { addressRules, shortUrlOf } from "../http/own-hosts.ts";
import { Problem, wrongFields } from "../http/problem.ts";
import { mintCode, parseChosenCode } from "../link/code.ts";
import type { AddressRules } from "../link/address.ts";
import { callbackUrlField, destinationField, referenceField, secondsField, tagsField } from "../link/fields.ts";
import { type Code, LINK_LIFETIME_SECONDS, type LinkFacts } from "../link/link.ts";
import { accountObject, insist, linkObject } from "../objects.ts";
import { linkView } from "../status/link-view.ts";

/** A minted code is taken once in 10^15 even with a million links; more than this is a broken random source. */
const MOST_MINTS = 5;

export const createLink = new ApiRoutes().post("/", ["links"], async (c) => {
  const rules = addressRules(c.env, c.req.url);
  const key = readIdempotencyKey(c);
  const fields = await readFields(c, newLinkFields(rules));
  const account = c.get("account");
  const accepted = await acceptLink(c.env, account, key, fields);
  const { at: createdAt, book, openedBy, secrets } = accepted;
  const openAs = async (code: string) => {
    const link: LinkFacts = {
      code,
      accountSid: account.sid,
      destination: fields.url,
      shortUrl: shortUrlOf(c.env, c.req.url, code),
      callbackUrl: fields.callbackUrl === undefined ? account.callbackUrl : fields.callbackUrl,
      tags: fields.tags,
      reference: fields.reference,
      book,
      msgid: null,
      createdAt,
      expiresAt: createdAt + fields.expiresInSeconds * 1_000,
    };
    return insist((until) => linkObject(c.env, code).open(link, openedBy, until, secrets));
  };
  const isChosen = fields.code !== undefined;
  for (let minted = 1; ; minted++) {
    const opened = await openAs(minted === 1 ? accepted.made : mintCode());
    if (opened.kind === "opened")
      return answerJson(toJson(linkView(opened.link)), 201, { Location: `/api/links/${opened.link.code}` });
    // Of a repeat the code may be taken because the link of the first request has ended: that key stays used.
    if (key !== null && !accepted.isRepeat)
      await insist((until) => accountObject(c.env, account.sid).releaseKey(key, openedBy, until));
    if (isChosen || key !== null || minted === MOST_MINTS) throw codeTaken();
  }
});

const codeField = v.pipe(
  v.string("must be a string"),
  v.rawTransform<string, Code>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseChosenCode(dataset.value);
    if (parsed.kind === "code") return parsed.code;
    addIssue({ message: parsed.message });
    return NEVER;
  }),
);

export const newLinkFields = (rules: AddressRules) => ({
  url: destinationField(rules),
  callback_url: v.exactOptional(callbackUrlField(rules)),
  expires_in_seconds: v.optional(secondsField(LINK_LIFETIME_SECONDS, "90 days"), LINK_LIFETIME_SECONDS),
  code: v.exactOptional(codeField),
  tags: v.optional(tagsField, []),
  reference: v.optional(referenceField, null),
});

/** Asks the account; a repeat of a request with a key gets the code, and so the link, of the first. */
async function acceptLink(
  env: Env,
  account: Required<Admitted>,
  key: string | null,
  fields: { code?: string | undefined },
) {
  const keyed = key === null ? null : { key, digest: await hashToken(JSON.stringify(fields)) };
  const code = fields.code ?? mintCode();
  const openedBy = nanoid();
  const making = { what: "links", code, openedBy, key: keyed, sender: null, by: byOf(account) } as const;
  const accepted = await accept(env, account.sid, making);
  if (accepted.kind === "claimed") return { ...accepted, isRepeat: accepted.openedBy !== openedBy };
  throw wrongFields([
    { field: "Idempotency-Key", message: "was used for another request in the last 24 hours: use a new key" },
  ]);
}

function codeTaken(): Problem {
  return new Problem({
    status: 409,
    slug: "code-taken",
    title: "This code is taken",
    errors: [{ field: "code", message: "is taken: choose another, or leave it out to get a minted one" }],
  });
}
