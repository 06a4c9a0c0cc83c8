// The callbacks that arrived: each POST's signature is verified, and its event read, soon after it came.

import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import type { Received } from "../../local/answers.ts";
import type { ScriptedReceiver } from "../../local/scripted-receiver.ts";

const Accessed = v.pipe(
  v.object({
    type: v.literal("link.first_accessed"),
    data: v.object({ code: v.string(), first_accessed_at: v.string() }),
  }),
  v.transform(({ data }) => ({ id: data.code, fact: data.first_accessed_at })),
);
const Delivered = messageEvent("message.delivered", "DELIVERED");
const Failed = messageEvent("message.failed", "FAIL");
const Event = v.union([Accessed, Delivered, Failed]);

/** A callback URL at the receiver, which answers 500 to so many POSTs, then 200. */
export interface Hook {
  id: string;
  refusals: number;
}

/** A POST whose signature was right. */
export interface Receipt {
  eventId: string;
  /** The code of the link or the msgid of the message that it is about. */
  id: string;
  fact: string;
}

export class Receipts {
  /** POSTs with a wrong signature, or with a body that is not the event's. */
  forged = 0;
  readonly #receiver: ScriptedReceiver;
  readonly #webhook: Webhook;
  readonly #verified = new Map<string, Receipt[]>();
  readonly #looked = new Map<string, number>();

  constructor(receiver: ScriptedReceiver, secret: string) {
    this.#receiver = receiver;
    this.#webhook = new Webhook(secret);
  }

  /** Verifies what came since the last call. A signature is good for five minutes only, so call it in every round. */
  verifyNew(): void {
    for (const [hookId, posts] of this.#receiver.all()) {
      const receipts = this.#verified.get(hookId) ?? [];
      this.#verified.set(hookId, receipts);
      for (const post of posts.slice(this.#looked.get(hookId) ?? 0)) {
        const receipt = this.#verify(post);
        if (receipt === null) this.forged++;
        else receipts.push(receipt);
      }
      this.#looked.set(hookId, posts.length);
    }
  }

  /** The verified POSTs to a callback URL, oldest first. */
  of(hook: Hook): Receipt[] {
    return this.#verified.get(hook.id) ?? [];
  }

  /** How many POSTs to a callback URL have arrived until now. */
  postsOf(hook: Hook): number {
    return this.#receiver.log(hook.id).length;
  }

  /** When the POSTs came that were answered 200, in Unix milliseconds; the first is the callback, others repeat it. */
  acceptedOf(hook: Hook): number[] {
    return this.#receiver
      .log(hook.id)
      .slice(hook.refusals)
      .map(({ at }) => at);
  }

  /** How many POSTs have arrived until now, of all links and messages. */
  total(): number {
    return this.#receiver
      .all()
      .values()
      .reduce((sum, posts) => sum + posts.length, 0);
  }

  #verify({ body, headers }: Received): Receipt | null {
    try {
      const event = v.parse(Event, this.#webhook.verify(body, headers));
      return { eventId: headers["webhook-id"] ?? "", ...event };
    } catch {
      return null;
    }
  }
}

function messageEvent(type: string, status: string) {
  return v.pipe(
    v.object({ type: v.literal(type), data: v.object({ msgid: v.string(), status: v.literal(status) }) }),
    v.transform(({ data }) => ({ id: data.msgid, fact: data.status })),
  );
}
