// What travels between a deployment's parts while a life is played: calls of objects and entrypoints, and queues' jobs, as
// their senders make them.

import { env } from "cloudflare:workers";
import { vi } from "vitest";
import worker, { CallbackAttempt, MessageSending } from "../../src/index.ts";
import type { Files, Kind } from "./state.ts";

export interface Call {
  /** In whose course it was made. */
  life: string;
  /** Unix milliseconds. */
  at: number;
  to: Kind | "CallbackAttempt" | "MessageSending";
  /** The object's name; null is an entrypoint, which has none. */
  name: string | null;
  /** Behind a dot, a method of what the object offers under the name before it. */
  method: string;
  args: unknown[];
  answer?: unknown;
}

export interface Job {
  /** Unix milliseconds. */
  at: number;
  queue: string;
  body: unknown;
}

export interface Travelled {
  calls: Call[];
  jobs: Job[];
}

/**
 * Of what travelled, what can travel again where the state is as it was before: events that were made on the way have other
 * ids there. Of a question that was asked again and again the last one stays, because waiting takes a while that is never the
 * same.
 */
export function repeatable({ calls, jobs }: Travelled, state: Files): Travelled {
  const known = Object.values(state).join("\n");
  const isKnown = (what: Call | Job) =>
    (JSON.stringify("args" in what ? what.args : what.body).match(/\bevt_[\w-]{21}/g) ?? []).every((id) =>
      known.includes(id),
    );
  const lastAsked = new Map(calls.map((call) => [JSON.stringify([call.to, call.name, call.method, call.args]), call]));
  return {
    calls: calls.filter((call) => isKnown(call) && [...lastAsked.values()].includes(call)),
    jobs: jobs.filter(isKnown),
  };
}

/** Everything that travels while `play` plays, in its order. */
export async function recordTravelled(life: string, play: () => Promise<unknown>): Promise<Travelled> {
  const calls: Call[] = [];
  const jobs: Job[] = [];
  const called = (call: Call, answer: Promise<unknown>): Promise<unknown> => {
    calls.push(call);
    return answer.then((value) => {
      if (value !== undefined) call.answer = value;
      return value;
    });
  };

  for (const [to, namespace] of [
    ["link", env.LINK],
    ["account", env.ACCOUNT],
    ["book", env.BOOK],
  ] as const) {
    const getByName = namespace.getByName.bind(namespace);
    vi.spyOn(namespace as DurableObjectNamespace, "getByName").mockImplementation((name) => {
      const member = (owner: any, key: string, path: string): any =>
        new Proxy(() => {}, {
          get: (_, next) =>
            typeof next === "string" && next !== "then" ? member(owner[key], next, `${path}.${next}`) : undefined,
          apply: (_, __, args: unknown[]) =>
            called({ life, at: Date.now(), to, name, method: path, args }, Promise.resolve(owner[key](...args))),
        });
      const stub = getByName(name);
      return new Proxy(stub, { get: (_, key) => (typeof key === "string" ? member(stub, key, key) : undefined) });
    });
  }
  for (const entrypoint of [CallbackAttempt, MessageSending]) {
    const to = entrypoint.name as "CallbackAttempt" | "MessageSending";
    const start = entrypoint.prototype.start as (job: unknown) => Promise<void>;
    vi.spyOn(entrypoint.prototype, "start").mockImplementation(function (this: unknown, ...args: unknown[]) {
      return called(
        { life, at: Date.now(), to, name: null, method: "start", args },
        start.apply(this, args as [unknown]),
      ) as Promise<void>;
    });
  }
  const consume = worker.queue.bind(worker);
  vi.spyOn(worker, "queue").mockImplementation(async (batch, ...others) => {
    jobs.push(...batch.messages.map(({ body }) => ({ at: Date.now(), queue: batch.queue, body })));
    return consume(batch, ...others);
  });
  await play();
  return { calls, jobs };
}
