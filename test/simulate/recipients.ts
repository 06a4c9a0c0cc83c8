// Those who open links: persons and programs, in one city or another, and each answer is judged when it comes.

import { ORIGIN } from "./client.ts";
import { judgeTap } from "./judge-tap.ts";
import type { Place } from "./platform.ts";
import type { Stage } from "./stage.ts";
import { ADDRESSES, aPerson, someVisit, type Visit } from "./visitors.ts";
import type { LinkHistory, Tap } from "./world.ts";

/** Behind its answer, an access is in its object or in the recovery queue by then, or its invocation has ended. */
const RECORDED_WITHIN_MS = 60_000;

export class Recipients {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** A visit to a code from one of the cities; its answer is judged when it comes. */
  async tap(code: string, visit: Visit = someVisit(this.#stage.random)): Promise<void> {
    await this.#visit(code, visit, this.#stage.random.pick(this.#stage.platform.cities));
  }

  async #visit(code: string, visit: Visit, place: Place): Promise<Tap> {
    const world = this.#stage.world;
    const { clock, recordsBeforeRedirect } = this.#stage.platform;
    // As a country it must not be one of the platform's own, "T1" and "XX".
    const id = `tap ${world.counts.taps++}`;
    const tap: Tap = {
      ...visit,
      id,
      code,
      date: clock.date() + place.life.skewMs,
      answer: null,
      process: place.life,
      diedAt: null,
      diedBehindAnswer: false,
    };
    world.taps.set(id, tap);
    const { life } = place;
    life.onEnd(() => {
      const isRecent = tap.answer !== null && clock.now - tap.answer.sentAt < RECORDED_WITHIN_MS;
      if (isRecent && !recordsBeforeRedirect) tap.diedBehindAnswer = true;
    });
    const request = new Request(`${ORIGIN}/${code}`, {
      method: visit.method,
      redirect: "manual",
      headers: visit.headers,
    });
    request.headers.set("cf-connecting-ip", `${ADDRESSES}${this.#stage.random.between(1, 250)}`);
    Object.defineProperty(request, "cf", { value: { country: id } });
    tap.answer = await this.#stage.platform.request(place, request);
    judgeTap(world, this.#stage.platform, tap);
    return tap;
  }

  /**
   * Several at once in one city. The invocations of some die behind their answers (of CPU, or because they were cancelled),
   * perhaps while others wait for what they do there. Later two come, one after the other, who are in nobody's way.
   */
  async crowd(code: string, place: Place): Promise<void> {
    const { random, platform } = this.#stage;
    const { clock } = platform;
    const visits = Array.from({ length: 3 }, async () => {
      await clock.wait(random.between(0, 20));
      const tap = await this.#visit(code, aPerson(random), place);
      if (random.chance(0.4)) return;
      await clock.wait(random.between(0, 15));
      const life = tap.answer?.life;
      if (life === undefined || life.isOver) return;
      tap.diedAt = clock.now;
      life.end();
    });
    await Promise.all(visits);
    for (let later = 0; later < 2; later++) {
      await clock.wait(random.between(11, 30) * 1_000);
      await this.#visit(code, aPerson(random), place);
    }
  }

  /** Several at once, in all cities. */
  async burst(code: string): Promise<void> {
    const visits = Array.from({ length: this.#stage.random.between(2, 6) }, async () => {
      await this.#stage.platform.clock.wait(this.#stage.random.between(0, 60));
      await this.tap(
        code,
        this.#stage.random.chance(0.7) ? aPerson(this.#stage.random) : someVisit(this.#stage.random),
      );
    });
    await Promise.all(visits);
  }

  /** Taps around the end of a link, to the millisecond. */
  tapAroundEnd(link: LinkHistory): void {
    const { clock } = this.#stage.platform;
    const random = this.#stage.random;
    const end = clock.whenDateIs(link.expiresAt);
    for (const offset of [-1_000, -30, -1, 0, 1, 25, 2_000, 70_000]) {
      if (!random.chance(0.3) || end + offset < clock.now) continue;
      clock.at(end + offset, "tap around the end", () => this.#stage.run(() => this.tap(link.code, someVisit(random))));
    }
  }
}
