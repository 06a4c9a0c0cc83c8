// One request and how it ended. None throws: no answer is an expected answer of a server that is killed.

import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";

/** Not the token of .dev.vars, so that a setting of that file that won over ours would be noticed at once. */
export const ADMIN_TOKEN = "crash-rounds-admin-token";

const REQUEST_TIMEOUT_MS = 5_000;
/** Whoever is only slow, or busy with what it found when it was started, has answered by then. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** A server that runs, until `killed` is aborted. */
export interface Server {
  url: string;
  killed: AbortSignal;
}

/** `unanswered`: the server was killed, or said nothing readable in time (5 s). `refused`: it answered, but not as asked. */
export type Answer<T> = { kind: "answered"; value: T } | { kind: "refused"; status: number } | { kind: "unanswered" };

interface Request {
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: object;
  timeoutMs?: number;
}

/** One request to the API. Answered means 200 or 201 with what the schema reads. */
export async function askApi<T>(
  server: Server,
  method: string,
  path: string,
  schema: v.GenericSchema<unknown, T>,
  { headers, ...others }: Request = {},
): Promise<Answer<T>> {
  const given = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json", ...headers };
  const answer = await ask(server, method, path, { headers: given, ...others });
  if (answer === null) return { kind: "unanswered" };
  if (answer.status !== 200 && answer.status !== 201) return { kind: "refused", status: answer.status };
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text);
  return parsed.success ? { kind: "answered", value: parsed.output } : { kind: "unanswered" };
}

/**
 * What the API has under a path, for those without which there is no verdict: asked for again for a minute, where it is slow or refused.
 * Throws when no answer comes in that time.
 */
export async function insistOn<T>(server: Server, path: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await askApi(server, "GET", path, schema, { timeoutMs: Math.max(1, deadline - Date.now()) });
    if (answer.kind === "answered") return answer.value;
    if (Date.now() + PAUSE_MS > deadline)
      throw new Error(`GET ${path} has not been answered for ${PATIENCE_MS / 1_000} s: ${JSON.stringify(answer)}`);
    await sleep(PAUSE_MS);
  }
}

/** One request; null when no whole answer came. */
export async function ask(
  server: Server,
  method: string,
  path: string,
  { headers = {}, body, timeoutMs = REQUEST_TIMEOUT_MS }: Request,
): Promise<{ status: number; location: string | null; text: string } | null> {
  try {
    const answer = await fetch(server.url + path, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.any([server.killed, AbortSignal.timeout(timeoutMs)]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, location: answer.headers.get("location"), text: await answer.text() };
  } catch {
    return null;
  }
}
