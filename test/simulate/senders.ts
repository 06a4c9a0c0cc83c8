// Owners who send messages through the SMS API, with a link in most of them, which is tapped when its message has arrived.

import type { Client } from "./client.ts";
import { NUMBERS } from "./messages.ts";
import { destinationOf } from "./owners.ts";
import type { Stage } from "./stage.ts";
import type { Intent, Tenant } from "./world.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;
const MOST_REPEATS = 3;

export class Senders {
  readonly #stage: Stage;
  readonly #client: Client;

  constructor(stage: Stage, client: Client) {
    this.#stage = stage;
    this.#client = client;
  }

  /** Many at once, perhaps to a carrier that is stalled, and with receivers of which most are silent. */
  async sendMany(owner: Tenant): Promise<void> {
    const { random, carrier } = this.#stage;
    const count = random.between(8, 16);
    // Shorter than it is waited for, or longer.
    if (random.chance(0.8)) carrier.stall(random.pick([random.between(2, 9), random.between(12, 20)]) * SECOND);
    const areSilent = random.chance(0.7);
    await Promise.all(Array.from({ length: count }, () => this.send(owner, areSilent && random.chance(0.8))));
  }

  /** One message, asked for until it is accepted where that can be repeated. */
  async send(owner: Tenant, isReceiverSilent = false): Promise<void> {
    const { random, world, receivers } = this.#stage;
    const number = world.intents.length + 1;
    const destination = destinationOf(owner, number);
    const isTracked = random.chance(0.6);
    const linkHook = isTracked && random.chance(0.6) ? receivers.add(owner) : null;
    const key = random.chance(0.5) ? `message-${number}` : null;
    const intent: Intent = {
      number,
      owner,
      key,
      requests: 0,
      refused: 0,
      codes: new Set(),
      destinations: new Set([destination]),
      hooks: linkHook === null ? [] : [linkHook],
      wasSilenced: linkHook === null,
    };
    world.intents.push(intent);
    const hook = isReceiverSilent ? receivers.addSilent(owner) : random.chance(0.6) ? receivers.add(owner) : null;
    const body = {
      message: `Your parcel: ${destination}`,
      recipient: `${NUMBERS}${String(number).padStart(6, "0")}`,
      sender: "firsttap",
      track_link: isTracked,
      reference: owner.mark,
      lt_callbackurl: linkHook?.url ?? null,
      callbackurl: hook?.url ?? null,
    };
    const headers = {
      authorization: `Basic ${btoa(`${owner.sid}:${owner.token}`)}`,
      ...(key === null ? {} : { "idempotency-key": key }),
    };
    for (let asked = 1; ; asked++) {
      intent.requests++;
      const askedAt = world.now;
      const { answer, body: made } = await this.#client.call(
        { method: "POST", path: "/sms/messages/", body, headers },
        owner,
      );
      if (this.#client.isExpected("POST /sms/messages/", answer, 201)) {
        if (world.suspensions.covers(owner.sid, askedAt, world.now))
          world.violate("a suspended account makes nothing", `message ${number}`);
        const [{ msgid }] = made as unknown as [{ msgid: string }];
        world.messages.acknowledged(msgid);
        if (random.chance(0.3)) await this.#erase(owner, msgid, body.recipient);
        return;
      }
      if (key === null || asked === MOST_REPEATS) return;
      await this.#stage.platform.clock.wait(random.between(1, 60) * SECOND);
    }
  }

  /** A person wants to be forgotten: while the message is on its way, or later. */
  async #erase(owner: Tenant, msgid: string, recipient: string): Promise<void> {
    const { random, world, platform } = this.#stage;
    await platform.clock.wait(random.pick([random.between(0, 500), random.between(0, 30) * SECOND, HOUR]));
    const isOne = random.chance(0.5);
    const asked = isOne
      ? { method: "DELETE", path: `/sms/messages/${msgid}` }
      : { method: "POST", path: "/sms/forget", body: { recipient } };
    const { answer } = await this.#client.call(asked, owner);
    if (this.#client.isExpected(`${asked.method} ${asked.path}`, answer, isOne ? 204 : 200))
      world.messages.erased(recipient);
  }
}
