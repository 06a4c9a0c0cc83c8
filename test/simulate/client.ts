// A client of the API, and what it may be answered.

import { ADMIN_TOKEN, type Answer } from "./platform.ts";
import type { Stage } from "./stage.ts";
import type { Tenant } from "./world.ts";

export const ORIGIN = "https://s.example.com";

export interface Asked {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export class Client {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** A request to the API, whose answer is JSON. */
  async call(asked: Asked, tenant?: Tenant): Promise<{ answer: Answer; body: Record<string, unknown> }> {
    const answer = await this.ask(asked, tenant);
    const isBody = answer.kind === "answered" && answer.text !== "";
    return { answer, body: isBody ? (JSON.parse(answer.text) as Record<string, unknown>) : {} };
  }

  /** A request to the API; no answer of it shows anything of the other account. */
  async ask(asked: Asked, tenant?: Tenant): Promise<Answer> {
    this.#stage.world.counts.requests++;
    const request = new Request(`${ORIGIN}${asked.path}`, {
      method: asked.method,
      headers: {
        authorization: `Bearer ${tenant?.token ?? ADMIN_TOKEN}`,
        ...(asked.body === undefined ? {} : { "content-type": "application/json" }),
        ...asked.headers,
      },
      ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    });
    const answer = await this.#stage.platform.request(this.#stage.random.pick(this.#stage.platform.cities), request);
    if (answer.kind !== "answered") return answer;
    for (const other of this.#stage.world.tenants)
      if (other !== tenant && tenant !== undefined && answer.text.includes(other.mark))
        this.#stage.world.violate("accounts see their own", `${asked.method} ${asked.path} shows ${other.mark}`);
    return answer;
  }

  /** Whether the answer is one of the expected; no answer and 503 are allowed while the weather is bad, and nothing else. */
  isExpected(what: string, answer: Answer, ...expected: number[]): boolean {
    if (answer.kind === "answered" && expected.includes(answer.status)) return true;
    const { suspensions, now } = this.#stage.world;
    if (answer.kind === "answered" && answer.status === 403 && suspensions.mayTouch(answer.sentAt, now)) return false;
    const isExcused = this.#stage.platform.weather.wasBadAt(answer.sentAt);
    if (answer.kind === "answered" && !(answer.status === 503 && isExcused))
      this.#stage.world.violate(
        "the API answers as documented",
        `${what}: ${answer.status} ${answer.text.slice(0, 200)}`,
      );
    else if (!isExcused) this.#stage.world.violate("the API answers as documented", `${what}: ${answer.kind}`);
    return false;
  }
}
