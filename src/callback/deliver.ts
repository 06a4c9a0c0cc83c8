// One POST to a callback URL, and how it ended. Whatever the receiver does, this returns within the timeout.

import { type AddressRules, checkCallbackUrl } from "../link/address.ts";
import type { Outcome } from "./callback.ts";
import { retryAfterSeconds } from "./schedule.ts";
import { signedHeaders } from "./sign.ts";

const USER_AGENT = "firsttap/1";
/** A short answer is read to its end so that the receiver's connection ends well; of a long one no more than this. */
const MOST_ANSWER_BYTES = 65_536;

export interface Delivery {
  url: string;
  eventId: string;
  body: string;
  /** Newest first; every one signs. */
  secrets: readonly string[];
}

/** Makes the attempt. Never throws: a bad receiver, or an address that is no longer allowed, is a failed attempt. */
export async function deliver(delivery: Delivery, rules: AddressRules, timeoutSeconds: number): Promise<Outcome> {
  const startedAt = Date.now();
  const ended = (status: number | null, error: string | null, header: string | null = null): Outcome => ({
    status,
    error,
    durationMs: Date.now() - startedAt,
    retryAfterSeconds: retryAfterSeconds(header, Date.now()),
  });
  const address = checkCallbackUrl(delivery.url, rules);
  if (address.kind === "refused") return ended(null, `not sent: the callback URL ${address.message}`);
  try {
    const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
    const signed = await signedHeaders(
      delivery.secrets,
      delivery.eventId,
      Math.floor(startedAt / 1_000),
      delivery.body,
    );
    const answer = await fetch(address.url, {
      method: "POST",
      headers: { ...signed, "content-type": "application/json", "user-agent": USER_AGENT },
      body: delivery.body,
      // A redirect that is followed becomes a GET and comes back as somebody else's 200.
      redirect: "manual",
      signal: timeout,
    });
    await readToEnd(answer);
    return ended(answer.status, null, answer.headers.get("retry-after"));
  } catch (error) {
    const timedOut = error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
    return ended(null, timedOut ? `no answer within ${timeoutSeconds} s` : "the connection failed");
  }
}

/** The status has decided already, so a body that breaks off, drips or never ends is no failure. */
async function readToEnd(answer: Response): Promise<void> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let bytes = 0; bytes < MOST_ANSWER_BYTES;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The receiver cut the connection, or the time is up.
  }
}
