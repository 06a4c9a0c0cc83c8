// GET /:code. One KV read, then the answer; everything else happens behind it. No framework on this path.

import { senderOf } from "../account/account.ts";
import type { Found } from "../link/directory.ts";
import { isMinted } from "../link/code.ts";
import type { Code, Resolved } from "../link/link.ts";
import { errorText, log } from "../log.ts";
import { accountObject, insist, within } from "../objects.ts";
import { isGuessingTooMuch, isLimited, LIMIT_SECONDS } from "../http/guesses.ts";
import { answerPage, type Page, type Sender } from "../http/page.ts";
import { Remembered } from "../remembered.ts";
import { settingsOf } from "../settings.ts";
import { accessOf, recordAccesses, recordTogether } from "./record-access.ts";
import { statedPurpose } from "./purpose.ts";
import { type Tapped, tapped } from "./tapped.ts";
import { recogniseVisitor } from "./visitor.ts";

const UNKNOWN: Page = {
  status: 404,
  slug: "unknown-link",
  title: "This link does not exist",
  text: "Please check that the address is complete, or ask whoever sent it to you.",
  shows: "unknown",
};
const GONE: Page = {
  status: 410,
  slug: "link-ended",
  title: "This link has ended",
  text: "It was valid for a limited time. Please ask whoever sent it to you for a new one.",
  shows: "ended",
};
const TOO_MANY: Page = {
  status: 429,
  slug: "too-many-unknown-links",
  title: "Too many unknown links",
  text: "Please wait a minute and try again.",
  shows: "wait",
  headers: retryAfter(LIMIT_SECONDS),
};
const UNAVAILABLE: Page = {
  status: 503,
  slug: "temporarily-unavailable",
  title: "Please try again in a moment",
  text: "The link could not be looked up just now.",
  shows: "wait",
  headers: retryAfter(5),
};
/** A browser would use a 302 that it prefetched without asking again, and the tap would be lost. So it is to ask when tapped. */
const AHEAD: Page = {
  status: 503,
  slug: "loaded-ahead",
  title: "Please open the link again",
  text: "It was asked for ahead of time, before anybody opened it.",
  shows: "about",
  headers: { "Retry-After": "60" },
};
const METHOD: Page = {
  status: 405,
  slug: "method-not-allowed",
  title: "Only GET and HEAD open a link",
  text: "Open the link in a browser.",
  shows: "about",
  headers: { Allow: "GET, HEAD" },
};

/** Programs read the one, a browser tries again by itself because of the other. */
function retryAfter(seconds: number): Record<string, string> {
  return { "Retry-After": String(seconds), Refresh: String(seconds) };
}

/** KV answers in milliseconds, and for a code that it has not read lately in some hundred. Then the object is asked, too. */
const DIRECTORY_PATIENCE_MS = 1_000;
const LONGEST_READ_MS = 15_000;

/** What an account leaves for those who tap its ended links. */
interface Farewell {
  fallbackUrl: string | null;
  sender: Sender;
}

/** Whose link has ended, by its code, and what the account says then (null: it is closed). A popular link is tapped long after its end. */
const ended = new Remembered<string>();
const farewells = new Remembered<Farewell | null>();
const ENDED_MS = 5_000;

/** A deployment that prefers proof over speed waits no longer than this: a visitor would go away. */
const LONGEST_PROOF_MS = 10_000;

/**
 * Answers a request for a code: 302, or a page (a problem where JSON is asked for); of a live link also 503, to a browser that
 * only loads ahead. Never throws.
 */
export async function redirect(request: Request, code: Code, env: Env, ctx: ExecutionContext): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return answerPage(request, METHOD);
  const at = Date.now();
  const isRefused = isLimited(request, { what: "code", code }, at);
  // Many phones share one address behind a carrier: none of them is refused a link for what others guessed. To guess a minted
  // code is hopeless, to guess a chosen one is not.
  if (isRefused && !isMinted(code)) return answerPage(request, TOO_MANY);
  const link = await tapped(env, ctx, code, at, !isRefused).catch((error: unknown) => {
    log("campaign.keys_failed", { error: errorText(error) });
    return "failed" as const;
  });
  if (link === "failed") return answerPage(request, UNAVAILABLE);
  if (link === null) return isRefused ? answerPage(request, TOO_MANY) : answerUnknown(request, code, env);
  const { reading } = link;
  const patienceMs = isRefused ? LONGEST_READ_MS : DIRECTORY_PATIENCE_MS;
  const found = await within(patienceMs, () => reading).catch(failed);
  if (found.kind === "found" && at < found.expiresAt) {
    return answerLive(request, link, at, found.destination, env, ctx);
  }
  if (found.kind === "ended") return answerOver(request, found, env);
  if (found.kind === "failed") log("directory.read_failed", { error: errorText(found.error) });
  if (isRefused && found.kind !== "found") return answerPage(request, found.kind === "failed" ? UNAVAILABLE : TOO_MANY);
  return redirectThroughObject(request, code, link, at, env, ctx);
}

function failed(error: unknown): Found {
  return { kind: "failed", error };
}

async function redirectThroughObject(
  request: Request,
  code: Code,
  tappedLink: Tapped,
  at: number,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  try {
    const endedOf = ended.get(code, at);
    if (endedOf !== undefined) return await answerEnded(request, endedOf, env);
    // Also a slow KV may be quicker than a slow object, or answer where the object is out of reach.
    const link = await Promise.any([tappedLink.resolve(), foundLate(tappedLink.reading, at)]);
    switch (link.kind) {
      case "live":
        return await answerLive(request, tappedLink, at, link.destination, env, ctx);
      case "ended":
        // A minted code is never opened again; a chosen one may be at any moment.
        if (isMinted(code) && link.isBarred !== true) ended.set(code, link.accountSid, Date.now(), ENDED_MS);
        return await answerOver(request, link, env);
      case "unknown":
        return await answerUnknown(request, code, env);
    }
  } catch (error) {
    const unreached: unknown = error instanceof AggregateError ? error.errors[0] : error;
    log("link.resolve_failed", { error: errorText(unreached) });
    return answerPage(request, UNAVAILABLE);
  }
}

async function answerUnknown(request: Request, code: Code, env: Env): Promise<Response> {
  return answerPage(request, (await isGuessingTooMuch(env, request, { what: "code", code })) ? TOO_MANY : UNKNOWN);
}

/** What KV says after all; rejects when that is no live link, for then only the object knows. */
async function foundLate(reading: Promise<Found>, at: number): Promise<Resolved> {
  const found = await within(LONGEST_READ_MS, () => reading);
  if (found.kind === "found" && at < found.expiresAt) return { kind: "live", destination: found.destination };
  if (found.kind === "ended") return found;
  throw new Error("KV has no such link");
}

async function answerOver(
  request: Request,
  { accountSid, isBarred }: { accountSid: string; isBarred?: boolean },
  env: Env,
): Promise<Response> {
  // What its owner wrote for late taps would lead on.
  return isBarred === true ? answerPage(request, GONE) : answerEnded(request, accountSid, env);
}

/** To the account's fallback URL, or a page that names the sender; without the name where the account cannot be asked. */
async function answerEnded(request: Request, accountSid: string, env: Env): Promise<Response> {
  const farewell = await farewellOf(accountSid, env).catch((error: unknown) => {
    log("account.fallback_failed", { error: errorText(error) });
    return null;
  });
  if (farewell === null) return answerPage(request, GONE);
  const { fallbackUrl, sender } = farewell;
  return fallbackUrl === null ? answerPage(request, GONE, sender) : redirectTo(fallbackUrl);
}

async function farewellOf(sid: string, env: Env): Promise<Farewell | null> {
  const known = farewells.get(sid, Date.now());
  if (known !== undefined) return known;
  const account = await insist(() => accountObject(env, sid).view(false));
  const farewell = account && { fallbackUrl: account.fallbackUrl, sender: senderOf(account) };
  farewells.set(sid, farewell, Date.now(), ENDED_MS);
  return farewell;
}

async function answerLive(
  request: Request,
  link: Tapped,
  at: number,
  destination: string,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  await record(request, link, at, env, ctx);
  const isAhead = statedPurpose(request.headers)?.kind === "prefetch";
  return isAhead ? answerPage(request, AHEAD) : redirectTo(destination);
}

/** Records behind the response; before it only where the deployment prefers proof over speed. */
async function record(request: Request, link: Tapped, at: number, env: Env, ctx: ExecutionContext): Promise<void> {
  const access = () => {
    const { country, asOrganization } = request.cf ?? {};
    const visitor = recogniseVisitor(
      request.method,
      request.headers,
      typeof asOrganization === "string" ? asOrganization : null,
    );
    return link.seen(accessOf(visitor, at, isCountry(country) ? country : null));
  };
  if (settingsOf(env).recordBeforeRedirect) {
    const recorded = recordAccesses(env, link.recorder, [access()]);
    ctx.waitUntil(recorded);
    await Promise.race([recorded, scheduler.wait(LONGEST_PROOF_MS)]);
  } else {
    // One turn later: without it, recognising the visitor and calling the object would come before the answer.
    ctx.waitUntil(scheduler.wait(0).then(() => recordTogether(env, link.recorder, access())));
  }
}

/** Cloudflare gives "T1" for Tor and "XX" where it does not know. */
function isCountry(country: unknown): country is string {
  return typeof country === "string" && country !== "T1" && country !== "XX";
}

function redirectTo(destination: string): Response {
  return new Response(null, {
    status: 302,
    headers: {
      Location: destination,
      "Cache-Control": "private, no-store",
      "Referrer-Policy": "no-referrer",
      "X-Robots-Tag": "noindex, nofollow",
      "Strict-Transport-Security": "max-age=31536000",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
