// What the tests say often: calling the API, opening a link as somebody, scripting the receiver, waiting.

import { exports } from "cloudflare:workers";
import { expect, inject } from "vitest";
import { nanoid } from "nanoid";
import type { Answer, Received } from "../../local/answers.ts";
import "./provided.ts";

export const ADMIN_TOKEN = "test-admin-token-0123456789abcdef";
export const ORIGIN = "https://s.example.com";
/** `until` of a caller that has all the time in the world. */
export const IN_TIME = Infinity;

export const AGENTS = {
  iPhone:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  android:
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
  applePreview:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
} as const;

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // The tests check the shapes that they read; the API's answers have no common type.
  body: Record<string, any>;
}

/** Calls the API through the exported Worker. */
export async function api(
  method: string,
  path: string,
  body?: unknown,
  options: { token?: string; headers?: Record<string, string> } = {},
): Promise<ApiAnswer> {
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${options.token ?? ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

/** Creates a link and fails when that fails. */
export async function createLink(fields: Record<string, unknown> = {}, token?: string): Promise<Record<string, any>> {
  const options = token === undefined ? {} : { token };
  const created = await api("POST", "/api/links", { url: "https://example.com/offer", ...fields }, options);
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  return created.body;
}

/** Opens a path as a browser, or as whatever the headers say, and the platform in `cf`; redirects are not followed. */
export async function tap(
  path: string,
  options: { agent?: string; method?: string; headers?: Record<string, string>; cf?: Record<string, unknown> } = {},
): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}/${path}`, {
    method: options.method ?? "GET",
    redirect: "manual",
    headers: {
      "user-agent": options.agent ?? AGENTS.iPhone,
      "cf-connecting-ip": someAddress(),
      ...options.headers,
    },
    ...(options.cf && { cf: options.cf }),
  });
}

/** Each tap comes from a client of its own, or the tests would be guessing too much together. */
export function someAddress(): string {
  return `198.18.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
}

export async function statusOf(code: string, token?: string): Promise<Record<string, any>> {
  const answer = await api("GET", `/api/links/${code}`, undefined, token === undefined ? {} : { token });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

/** A callback URL of its own at the real receiver, which answers as scripted (without a script: 200). */
export async function receiver(...script: Answer[]): Promise<{ url: string; received: () => Promise<Received[]> }> {
  const id = nanoid();
  const origin = inject("receiverUrl");
  if (script.length > 0) await fetch(`${origin}/script/${id}`, { method: "PUT", body: JSON.stringify(script) });
  return {
    url: `${origin}/hook/${id}`,
    received: async () => (await fetch(`${origin}/log/${id}`)).json<Received[]>(),
  };
}

/** Asks until the answer is wanted, less and less often, or asking would be most of the work; fails with the last answer after `withinMs`. */
export async function eventually<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.3, 100)) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms; the last answer: ${JSON.stringify(answer)}`);
    await scheduler.wait(pauseMs);
  }
}

/** Waits until so many accesses are recorded, which happens behind the redirects, and returns the status. */
export async function recorded(code: string, accesses: number): Promise<Record<string, any>> {
  return eventually(
    () => statusOf(code),
    (status) => status.accesses.length === accesses,
  );
}

/** Waits until the link's callback is settled. */
export async function settledCallback(code: string, state: "delivered" | "exhausted", withinMs = 10_000) {
  const status = await eventually(
    () => statusOf(code),
    ({ callback }) => callback.state === state,
    withinMs,
  );
  return status.callback as Record<string, any>;
}
