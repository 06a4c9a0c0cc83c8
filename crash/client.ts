// The requests of the rounds: of an account to the API, of a person and of a link preview to a short URL.
// None throws: no answer is an expected answer of a server that is killed.

import * as v from "valibot";

/** Not the token of .dev.vars, so that a setting of that file that won over ours would be noticed at once. */
export const ADMIN_TOKEN = "crash-rounds-admin-token";

const DESTINATION = "https://example.com/offer";
const REQUEST_TIMEOUT_MS = 5_000;
const AGENTS = {
  person:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
  preview: "WhatsApp/2.23.20.0",
};

/** A server that runs, until `killed` is aborted. */
export interface Server {
  url: string;
  killed: AbortSignal;
}

const Created = v.object({ code: v.string() });
const Secret = v.object({ callback_secret: v.string() });
const Status = v.object({
  accessed: v.boolean(),
  first_accessed_at: v.nullable(v.string()),
  access_counts: v.object({ person: v.number() }),
  callback: v.object({
    state: v.picklist(["none", "owed", "delivered", "exhausted"]),
    event_id: v.nullable(v.string()),
  }),
});

/** The part of GET /api/links/:code that the rounds judge. */
export type LinkStatus = v.InferOutput<typeof Status>;

/** `unanswered`: the server was killed, or said nothing readable in 5 s. `refused`: it answered, but not as asked. */
export type Answer<T> = { kind: "answered"; value: T } | { kind: "refused"; status: number } | { kind: "unanswered" };

/** Creates a link to a fixed destination. */
export async function createLink(server: Server, callbackUrl: string): Promise<Answer<string>> {
  const answer = await askApi(server, "POST", "/api/links", Created, { url: DESTINATION, callback_url: callbackUrl });
  return answer.kind === "answered" ? { kind: "answered", value: answer.value.code } : answer;
}

/** Opens a short URL. Answered means 302 with the destination. */
export async function tap(server: Server, code: string, as: keyof typeof AGENTS): Promise<Answer<null>> {
  const answer = await ask(server, "GET", `/${code}`, { "user-agent": AGENTS[as] });
  if (answer === null) return { kind: "unanswered" };
  const isRedirect = answer.status === 302 && answer.location === DESTINATION;
  return isRedirect ? { kind: "answered", value: null } : { kind: "refused", status: answer.status };
}

/** The status of a link, or `refused` with 404. */
export function statusOf(server: Server, code: string): Promise<Answer<LinkStatus>> {
  return askApi(server, "GET", `/api/links/${code}`, Status);
}

/** A new secret that signs every callback from now on. Throws: without it no round makes sense. */
export async function rotateCallbackSecret(server: Server): Promise<string> {
  const answer = await askApi(server, "POST", "/api/account/callback-secret", Secret);
  if (answer.kind !== "answered") throw new Error(`No callback secret: ${JSON.stringify(answer)}`);
  return answer.value.callback_secret;
}

async function askApi<T>(
  server: Server,
  method: string,
  path: string,
  schema: v.GenericSchema<unknown, T>,
  body?: object,
): Promise<Answer<T>> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
  const answer = await ask(server, method, path, headers, body);
  if (answer === null) return { kind: "unanswered" };
  if (answer.status !== 200 && answer.status !== 201) return { kind: "refused", status: answer.status };
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text);
  return parsed.success ? { kind: "answered", value: parsed.output } : { kind: "unanswered" };
}

/** One request; null when no whole answer came. */
async function ask(
  server: Server,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<{ status: number; location: string | null; text: string } | null> {
  try {
    const answer = await fetch(server.url + path, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.any([server.killed, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, location: answer.headers.get("location"), text: await answer.text() };
  } catch {
    return null;
  }
}
