// The carrier behind the adapter of the operator: it takes messages, or does not, and says so, or does not. What it was
// offered and whether it took it is in its books, so that two SMS for one message show.

import type { Clock } from "./clock.ts";
import type { Outgoing } from "./globals.ts";
import { ask, currentLife, type Life } from "./life.ts";
import type { Random } from "./random.ts";
import { isVerified } from "./receivers.ts";

const URL = "https://carrier.example.com/messages";
const SECRET = "whsec_c2ltdWxhdGVkLWNhcnJpZXItc2VjcmV0LTAxMjM0NTY3ODk=";
/** What a deployment with this carrier sets. */
export const CARRIER_SETTINGS = { CARRIER: "http", HTTP_CARRIER_URL: URL, HTTP_CARRIER_SECRET: SECRET };

/** How it ends; null is a connection that breaks. `hang`: for ever. */
type Ending = { status: number; body?: object; headers?: Record<string, string> } | "hang" | null;

/** What it does with one message. `declines`: the answer says that it was surely not taken. */
interface Course {
  isTaken: boolean;
  declines: boolean;
  ending: Ending;
  delayMs: number;
}

/** One POST as it came. */
export interface Offer {
  at: number;
  sender: Life | undefined;
  course: Course;
  /** When the answer arrived there; null while it has not, which may be for ever. */
  answeredAt: number | null;
}

function taken(delayMs: number): Course {
  return { isTaken: true, declines: false, ending: { status: 202, body: { id: "c" } }, delayMs };
}

function delivered(delayMs: number): Course {
  return { ...taken(delayMs), ending: { status: 200, body: { status: "DELIVERED" } } };
}

export interface CarrierObserver {
  /** A request has arrived; the sender was given the right to make it. */
  asked(sender: Life | undefined): void;
  /** A request was answered. */
  answered(sender: Life | undefined): void;
  offered(msgid: string, text: string, offer: Offer): void;
  violate(check: string, detail: string): void;
}

export class Carrier {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: CarrierObserver;
  /** Until then it answers nobody, and then all at once. */
  #stalledUntil = 0;

  constructor(clock: Clock, random: Random, observer: CarrierObserver) {
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
  }

  /** Whether the request is for the carrier. */
  isAt(url: string): boolean {
    return url.startsWith(new globalThis.URL("/", URL).href);
  }

  /** From now on for so long it takes every message and says so at the end, that it has been delivered. */
  stall(ms: number): void {
    this.#stalledUntil = this.#clock.now + ms;
  }

  async fetch(request: Outgoing): Promise<Response> {
    const sender = currentLife();
    this.#observer.asked(sender);
    const response = await (request.method === "HEAD" ? this.#knocked(request) : this.#offered(request, sender));
    this.#observer.answered(sender);
    return response;
  }

  #knocked(request: Outgoing): Promise<Response> {
    const random = this.#random;
    const ending = random.weighted<Ending>([
      [40, { status: random.pick([200, 404, 405, 301]) }],
      [1, { status: random.pick([502, 521, 530]) }],
      [1, null],
      [1, "hang"],
    ]);
    return this.#answer(request, { ending, delayMs: random.between(5, 60) }, () => {});
  }

  #offered(request: Outgoing, sender: Life | undefined): Promise<Response> {
    const { msgid, text, recipient } = JSON.parse(request.body) as Record<"msgid" | "text" | "recipient", string>;
    if (!isVerified(SECRET, request.headers, request.body))
      this.#observer.violate("the carrier knows who asks", `${msgid} was not signed with its secret`);
    const stalledMs = this.#stalledUntil - this.#clock.now;
    const course = stalledMs > 0 ? delivered(stalledMs + this.#random.between(1, 10)) : this.#course(recipient);
    const offer: Offer = { at: this.#clock.now, sender, course, answeredAt: null };
    this.#observer.offered(msgid, text, offer);
    return this.#answer(request, course, () => {
      offer.answeredAt = this.#clock.now;
    });
  }

  #answer({ signal }: Outgoing, { ending, delayMs }: Pick<Course, "ending" | "delayMs">, arrived: () => void) {
    return ask<Response>((answer) => {
      signal?.addEventListener("abort", () => answer.reject(signal.reason));
      if (ending === "hang") return;
      this.#clock.after(delayMs, "carrier answers", () => {
        if (signal?.aborted === true) return;
        if (ending === null) return answer.reject(new TypeError("Network connection lost."));
        arrived();
        const { status, body, headers = {} } = ending;
        answer.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers }));
      });
    });
  }

  /** Most messages are taken at once. Of those that are not answered some are taken, too. */
  #course(recipient: string): Course {
    const random = this.#random;
    const unsure = (ending: Ending): Course => ({ isTaken: random.chance(0.5), declines: false, ending, delayMs: 50 });
    const refused = (declines: boolean, ending: Ending): Course => ({
      isTaken: false,
      declines,
      ending,
      // Long enough that a message is erased meanwhile.
      delayMs: random.pick([random.between(5, 100), random.between(1_000, 9_000)]),
    });
    return random.weighted<() => Course>([
      [7, () => taken(random.between(5, 200))],
      [5, () => delivered(random.between(5, 200))],
      [3, () => taken(random.between(1_000, 9_000))],
      [2, () => taken(random.between(10_500, 40_000))],
      [4, () => unsure("hang")],
      [2, () => unsure(null)],
      // Also a gateway's, behind which the message may have arrived.
      [3, () => unsure({ status: random.pick([302, 500, 502, 503, 504, 520]) })],
      [3, () => refused(true, { status: 503, body: { accepted: false, reason: "busy" } })],
      [2, () => refused(true, { status: 429, headers: { "retry-after": String(random.between(1, 600)) } })],
      [1, () => refused(true, { status: 401 })],
      [2, () => refused(false, { status: 400, body: { reason: `no such number: ${recipient}` } })],
    ])();
  }
}
