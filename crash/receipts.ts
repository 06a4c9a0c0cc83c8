// The callbacks that arrived: each POST's signature is verified, and its event read, soon after it came.

import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import type { Received } from "../local/answers.ts";
import type { ScriptedReceiver } from "../local/scripted-receiver.ts";
import type { RememberedLink } from "./memory.ts";

const Event = v.object({
  type: v.literal("link.first_accessed"),
  data: v.object({ code: v.string(), first_accessed_at: v.string() }),
});

/** A POST whose signature was right. */
export interface Receipt {
  eventId: string;
  code: string;
  firstAccessedAt: string;
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

  /** The verified POSTs of a link, oldest first. */
  of(link: RememberedLink): Receipt[] {
    return this.#verified.get(link.hookId) ?? [];
  }

  /** How many POSTs of a link have arrived until now. */
  postsOf(link: RememberedLink): number {
    return this.#receiver.log(link.hookId).length;
  }

  /** How many POSTs of a link were answered 200. */
  acceptedOf(link: RememberedLink): number {
    return Math.max(0, this.postsOf(link) - link.refusals);
  }

  /** How many POSTs have arrived until now, of all links. */
  total(): number {
    return this.#receiver
      .all()
      .values()
      .reduce((sum, posts) => sum + posts.length, 0);
  }

  #verify({ body, headers }: Received): Receipt | null {
    try {
      const { data } = v.parse(Event, this.#webhook.verify(body, headers));
      return { eventId: headers["webhook-id"] ?? "", code: data.code, firstAccessedAt: data.first_accessed_at };
    } catch {
      return null;
    }
  }
}
