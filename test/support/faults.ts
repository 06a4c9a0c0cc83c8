// Breaking things: an environment whose bindings fail on purpose, and the Worker called with it.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../../src/index.ts";
import { AGENTS, ORIGIN, someAddress } from "./firsttap.ts";

/** The environment with some bindings replaced. */
export function envWith(bindings: Partial<Record<keyof Env, unknown>>): Env {
  return { ...env, ...bindings } as Env;
}

/** A binding of which every method fails like an outage: with `error`, or never (`hang`). */
export function broken(how: Error | "hang"): unknown {
  return new Proxy({}, { get: () => () => (how === "hang" ? new Promise(() => {}) : Promise.reject(how)) });
}

/** A namespace whose objects all fail, in every method. */
export function brokenNamespace(how: Error | "hang"): unknown {
  return { getByName: () => broken(how) };
}

/** An error as the platform marks it. */
export function platformError(marks: { retryable?: boolean; overloaded?: boolean }): Error {
  return Object.assign(new Error("Durable Object is unavailable"), { remote: false, ...marks });
}

/** A tap on the Worker with a broken environment; `settled` resolves when all background work is done. */
export async function tapWith(
  brokenEnv: Env,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; elapsedMs: number; settled: () => Promise<void> }> {
  const ctx = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/${path}`, {
    redirect: "manual",
    headers: { "user-agent": AGENTS.iPhone, "cf-connecting-ip": someAddress(), ...headers },
  });
  const startedAt = performance.now();
  const response = await worker.fetch(request, brokenEnv, ctx);
  return { response, elapsedMs: performance.now() - startedAt, settled: () => waitOnExecutionContext(ctx) };
}
