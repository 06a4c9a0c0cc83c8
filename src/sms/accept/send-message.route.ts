// POST /sms/messages/: the link in the text becomes a short one, the message is written down, and the answer is its msgid.
// Sending follows behind.

import type { Context } from "hono";
import { nanoid } from "nanoid";
import type { Admitted } from "../../account/account.ts";
import { byOf } from "../../account/act.ts";
import type { ApiEnv } from "../../account/authenticate.ts";
import { accept } from "../../account/accept.ts";
import { hashToken } from "../../account/token.ts";
import { readIdempotencyKey } from "../../http/input.ts";
import { answerJson } from "../../http/json.ts";
import { addressRules, shortUrlOf } from "../../http/own-hosts.ts";
import { accountClosed, API_HEADERS, Problem, wrongFields } from "../../http/problem.ts";
import { type AddressRules, checkDestination } from "../../link/address.ts";
import { mintCode } from "../../link/code.ts";
import { type Destination, LINK_LIFETIME_SECONDS, type LinkFacts } from "../../link/link.ts";
import { insist, linkObject, messageKeeper } from "../../objects.ts";
import { settingsOf } from "../../settings.ts";
import type { Takes } from "../carriers/carrier.ts";
import { carrierOf } from "../carriers/carriers.ts";
import { findLink, type FoundLink, type LinkBoundary, replaceLink } from "../text/find-link.ts";
import { messageFields, readSmsFields } from "./message-fields.ts";
import type { NewMessage } from "../message.ts";
import { countParts } from "../text/parts.ts";

/** What a client sends, checked. */
type SentFields = Awaited<ReturnType<typeof readSmsFields<ReturnType<typeof messageFields>>>>;

export async function sendMessage(c: Context<ApiEnv>): Promise<Response> {
  const takes = takenByCarrier(c.env);
  const key = readIdempotencyKey(c);
  const fields = await readSmsFields(c, messageFields(addressRules(c.env, c.req.url), takes));
  return sendFields(c, key, fields, takes);
}

/** What the carrier takes that sends now. Throws 503 while none is set up. */
export function takenByCarrier(env: Env): Takes {
  const settings = settingsOf(env);
  if (settings.carrier === undefined) throw noCarrier();
  return carrierOf(settings, settings.carrier).takes;
}

/** Sends a message of these fields; the answer to the request. `key` is its Idempotency-Key. */
export async function sendFields(
  c: Context<ApiEnv>,
  key: string | null,
  fields: SentFields,
  takes: Takes,
): Promise<Response> {
  const { env } = c;
  const { linkBoundary, costPerPart } = settingsOf(env);
  const rules = addressRules(env, c.req.url);
  const tracked = fields.trackLink ? trackedLink(fields, linkBoundary, rules) : null;
  const account = c.get("account");
  const minted = mintCode();
  // Whatever is wrong has to be found before a key is bound. A short URL's length does not depend on its code.
  const textWith = (code: string) =>
    tracked === null ? fields.message : replaceLink(fields.message, tracked.found, shortUrlOf(env, c.req.url, code));
  refuseLongText(textWith(minted), takes);
  const accepted = await acceptMessage(env, account, key, fields, minted);
  const { msgid, code, at: createdAt, book, openedBy, secrets } = accepted;
  const text = textWith(code);
  const { sender, recipient, tags, reference } = fields;
  const link: LinkFacts | null = tracked && {
    code,
    accountSid: account.sid,
    destination: tracked.destination,
    shortUrl: shortUrlOf(env, c.req.url, code),
    book,
    msgid,
    callbackUrl: fields.ltCallbackurl === undefined ? account.callbackUrl : fields.ltCallbackurl,
    tags,
    reference,
    createdAt,
    expiresAt: createdAt + LINK_LIFETIME_SECONDS * 1_000,
  };
  const parts = countParts(text);
  const message: NewMessage = {
    msgid,
    origin: new URL(c.req.url).origin,
    sender,
    recipient,
    text,
    parts,
    // Of a price with decimals the product has too many.
    cost: Number((parts * costPerPart).toFixed(6)),
    tags,
    reference,
    callbackUrl: fields.callbackurl,
    link: link && (await openLink(env, link, openedBy, secrets)),
    createdAt,
  };
  // If the answer is lost, the message may be written all the same: its link has to stay.
  const isAdded = await insist((until) => messageKeeper(env, account.sid, msgid).addMessage(message, until));
  if (!isAdded) throw accountClosed();
  return answerJson([{ msgid }], 201, API_HEADERS);
}

function trackedLink(
  { message, recipient }: { message: string; recipient: string },
  boundary: LinkBoundary,
  rules: AddressRules,
): { found: FoundLink; destination: Destination } {
  const found = findLink(message, boundary, recipient);
  if (found === null)
    throw wrongMessage("track_link is set, but no link was found in the message. Write it with https://.");
  const checked = checkDestination(found.url, rules);
  if (checked.kind === "refused") throw wrongMessage(`The first link in the message ${checked.message}.`);
  return { found, destination: checked.url };
}

function refuseLongText(text: string, { longestText }: Takes): void {
  const length = Array.from(text).length;
  if (length > longestText)
    throw wrongMessage(
      `Message too long: ${length} characters as it would be sent, of at most ${longestText} that the carrier takes. Shorten it.`,
    );
}

function wrongMessage(message: string): Problem {
  return wrongFields([{ field: "message", message }]);
}

function noCarrier(): Problem {
  return new Problem({
    status: 503,
    slug: "no-carrier",
    title: "No carrier is set up, so no message can be sent",
    detail:
      'set CARRIER to "twilio", "xoxzo" or "http" under [vars] in wrangler.toml, or locally to "outbox" in .dev.vars.',
  });
}

/** Asks the account; a repeat of a request with a key gets the names, and so the message, of the first. */
async function acceptMessage(
  env: Env,
  account: Required<Admitted>,
  key: string | null,
  fields: { sender: string },
  minted: string,
) {
  const keyed = key === null ? null : { key, digest: await hashToken(JSON.stringify(fields)) };
  const { sender } = fields;
  const making = { what: "messages", code: minted, openedBy: nanoid(), key: keyed, sender, by: byOf(account) } as const;
  const accepted = await accept(env, account.sid, making);
  const [msgid, code] = accepted.kind === "claimed" ? accepted.made.split(" ") : [];
  if (accepted.kind === "claimed" && msgid !== undefined && code !== undefined) return { ...accepted, msgid, code };
  throw wrongFields([
    { field: "Idempotency-Key", message: "Was used for another request in the last 24 hours: use a new key." },
  ]);
}

/** A repeated request finds the link that it opened before. A minted code is taken once in 10^15. */
async function openLink(
  env: Env,
  link: LinkFacts,
  openedBy: string,
  secrets: string[],
): Promise<NonNullable<NewMessage["link"]>> {
  const opened = await insist((until) => linkObject(env, link.code).open(link, openedBy, until, secrets));
  if (opened.kind === "taken") throw new Error("the minted code is taken");
  const { code, destination, shortUrl, expiresAt } = opened.link;
  return { code, destination, shortUrl, expiresAt };
}
