// One request to a carrier, and what is surely known afterwards. A message is never sent twice by us, so everything
// here asks one question: can the carrier have accepted it?

import { retryAfterSeconds } from "../../callback/schedule.ts";
import { toBase64 } from "../../digest.ts";
import type { Sent } from "./carrier.ts";

const USER_AGENT = "firsttap/1";
/** Together less than the 14 seconds that `Carrier.send` may take. */
const KNOCK_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 65_536;
const LONGEST_REASON = 300;
/**
 * Cloudflare answers with these for a server that it could not connect to: 521 refused, 523 unreachable, 525 and 526
 * TLS failed (Cloudflare docs, "Cloudflare 5xx errors"). With 520, 522 and 524 the request may have arrived, and 530 only
 * says that one of many errors is in the body.
 */
const UNCONNECTED = [521, 523, 525, 526];

const FIRST_GATEWAY_ERROR = 502;
/** Answers to a POST at an address where none is taken. */
const NOTHING_HERE = [404, 405];

/** `unreachable`: the carrier surely has not got the request. `silent`: it may have. */
export type Asked =
  | { kind: "unreachable" }
  | { kind: "silent" }
  /** `body` is the parsed JSON; undefined when it is none, too long or broken off. */
  | { kind: "answered"; status: number; body: unknown; retryAfterSeconds: number | null };

/** What a carrier's answers mean, as its documentation has it. */
export interface Dialect {
  /** The settings that it knows us by. */
  credentials: string;
  /** The setting that says where it is. */
  address: string;
  /** What a 2xx answer says. Undefined when it is not in the documented form: the message may be on its way. */
  accepted(body: unknown): Sent | undefined;
  /** Why it does not accept the message, in its own words; undefined when it does not say. */
  reason(body: unknown): string | undefined;
  /** Whether it refuses us, and not the message. */
  isStranger(status: number, body: unknown): boolean;
  /**
   * Whether this says, beside 429, that the message was not accepted and may be another time. Only what nobody but the carrier
   * itself says: a gateway before it answers 5xx, too, also when the connection breaks behind which the message was accepted.
   */
  isLater(status: number, body: unknown): boolean;
}

/** Offers a message to a carrier, once. Never throws. Takes at most 13 seconds. */
export async function offer(url: string, init: RequestInit, dialect: Dialect): Promise<Sent> {
  const asked = await askCarrier(url, { ...init, method: "POST" });
  switch (asked.kind) {
    case "silent":
      return asked;
    case "unreachable":
      return { kind: "later", reason: "the carrier cannot be reached", retryAfterSeconds: null };
    case "answered":
      return translate(asked, dialect);
  }
}

/**
 * Asks once and reads the answer. Never throws. A POST takes at most 13 seconds, and is made only if the carrier can
 * be reached: workerd throws the same error for a refused connection and for one that breaks after the request was
 * sent, and only after the first nothing can have been accepted.
 *
 * One connection at a time, and none is left open: an invocation and all that it calls share six, and the clock of a
 * `fetch` that waits for one runs, so a POST could end as `silent` that never left.
 */
export async function askCarrier(url: string, init: RequestInit): Promise<Asked> {
  const request = await prepare(url, init);
  if (request === undefined) return { kind: "unreachable" };
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    if (UNCONNECTED.includes(answer.status)) {
      await answer.body?.cancel();
      return { kind: "unreachable" };
    }
    return {
      kind: "answered",
      status: answer.status,
      body: await readJson(answer),
      retryAfterSeconds: retryAfterSeconds(answer.headers.get("retry-after"), Date.now()),
    };
  } catch {
    return { kind: "silent" };
  }
}

/** The request, if it can be made and its server can be reached. A GET may be lost, so nobody knocks for it. */
async function prepare(url: string, init: RequestInit): Promise<Request | undefined> {
  try {
    // A POST that follows a redirect becomes a GET and comes back as somebody else's success.
    const request = new Request(url, { ...init, redirect: "manual" });
    request.headers.set("user-agent", USER_AGENT);
    if (request.method === "GET") return request;
    const knock = await fetch(new URL("/", url), {
      method: "HEAD",
      headers: { "user-agent": USER_AGENT },
      redirect: "manual",
      signal: AbortSignal.timeout(KNOCK_TIMEOUT_MS),
    });
    await knock.body?.cancel();
    // Nothing has been sent yet, so here every gateway that does not reach its server says enough.
    return knock.status >= FIRST_GATEWAY_ERROR ? undefined : request;
  } catch {
    return undefined;
  }
}

function translate(answer: Extract<Asked, { kind: "answered" }>, dialect: Dialect): Sent {
  const { status, body, retryAfterSeconds: seconds } = answer;
  const reason = printable(dialect.reason(body) ?? `HTTP ${status}`);
  if (status < 300) return dialect.accepted(body) ?? { kind: "silent" };
  // A redirect is never followed, and says nothing of the message: many a server redirects behind a POST that it accepted.
  if (status < 400) return { kind: "silent" };
  const later = { kind: "later", reason, retryAfterSeconds: seconds } as const;
  // The operator's mistake, not the sender's: when it is mended, the message can still be sent.
  if (dialect.isStranger(status, body))
    return { ...later, reason: "the carrier refuses our credentials", problem: `check ${dialect.credentials}` };
  if (NOTHING_HERE.includes(status)) {
    const misplaced = `the carrier takes no messages at this address (HTTP ${status})`;
    return { ...later, reason: misplaced, problem: `check ${dialect.address}` };
  }
  if (status === 429 || dialect.isLater(status, body)) return later;
  return status < 500 ? { kind: "refused", reason } : { kind: "silent" };
}

/** A carrier's words as one line of at most 300 characters. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ")
    .trim()
    .slice(0, LONGEST_REASON)
    .toWellFormed();
}

/** The head has decided whether the message was accepted, so a body that breaks off is only an unreadable one. */
async function readJson(answer: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MOST_ANSWER_BYTES) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of `Authorization` for a name and a password. */
export function basicAuth(name: string, password: string): string {
  return `Basic ${toBase64(new TextEncoder().encode(`${name}:${password}`))}`;
}
