// Errors of the SMS API in the shapes that its clients read: wrong fields as lists of sentences under the fields' names,
// everything else under `detail`.

import { answerJson } from "../http/json.ts";
import { API_HEADERS, type Problem } from "../http/problem.ts";

/** Texts that clients know, by status. */
const KNOWN_DETAILS: Record<number, string> = { 401: "Invalid sid/token", 404: "Not found." };

/** Where Django REST Framework says what is wrong with the whole. */
const OF_THE_BODY = "non_field_errors";

/** A refusal of ours in the SMS API's shape. Wrong fields are 400 there. */
export function smsError({ facts, headers }: Problem): Response {
  const { status, title, detail, errors } = facts;
  if (errors === undefined) {
    const ours = [title, detail].filter(Boolean).join(": ");
    const known = status === 429 ? throttled(headers["Retry-After"], detail && ours) : KNOWN_DETAILS[status];
    return smsRefusal(status, known ?? ours, headers);
  }
  const fields = Object.groupBy(errors, ({ field }) => field || OF_THE_BODY);
  return answer(
    400,
    mapValues(fields, (of = []) => of.map(({ message }) => message)),
    headers,
  );
}

/** In the words that clients know, and behind them ours, if there is more to say. */
function throttled(seconds: string | undefined, more: string | undefined): string {
  return [`Request was throttled. Expected available in ${seconds} seconds.`, more].filter(Boolean).join(" ");
}

/** `{"detail": …}`. */
export function smsRefusal(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return answer(status, { detail }, headers);
}

function answer(status: number, body: object, headers: Record<string, string>): Response {
  return answerJson(body, status, { ...API_HEADERS, ...headers });
}

function mapValues<T, R>(of: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, map(value)]));
}
