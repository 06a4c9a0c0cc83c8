// Where everybody acts: the world's books, the platform, the receivers, the carrier, and one source of choices.

import type { Carrier } from "./carrier.ts";
import type { Platform } from "./platform.ts";
import type { Random } from "./random.ts";
import type { Receivers } from "./receivers.ts";
import type { World } from "./world.ts";

export class Stage {
  readonly world: World;
  readonly platform: Platform;
  readonly random: Random;
  readonly receivers: Receivers;
  readonly carrier: Carrier;
  #unfinished = 0;

  constructor(world: World, platform: Platform, random: Random, receivers: Receivers, carrier: Carrier) {
    this.world = world;
    this.platform = platform;
    this.random = random;
    this.receivers = receivers;
    this.carrier = carrier;
  }

  /** Operations that wait for an answer. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** Runs one operation, beside whatever else is going on; what it throws is a violation. */
  run(operation: () => Promise<void>): void {
    this.world.counts.operations++;
    this.#unfinished++;
    operation().then(
      () => this.#unfinished--,
      (error: unknown) => {
        this.#unfinished--;
        this.world.violate("the Worker never throws", chainOf(error));
      },
    );
  }
}

function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? (error.stack ?? error.message) : `${error.message}: ${chainOf(error.cause)}`;
}
