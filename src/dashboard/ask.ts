// A page asks what a program would ask of the API, and is answered the same: by the same routes, scopes, checks and sentences.

import { Hono } from "hono";
import type { ApiEnv } from "../account/authenticate.ts";
import type { SignedIn } from "../account/account.ts";
import { apiRoutes } from "../api.ts";
import type { FieldError } from "../http/problem.ts";
import { Problem, problemResponse } from "../http/problem.ts";
import { errorText, log } from "../log.ts";
import { smsRoutes } from "../sms/sms-api.ts";
import type { View } from "./view.ts";

/** Why something was refused. */
export interface Refused {
  status: number;
  title: string;
  detail?: string;
  errors: FieldError[];
}
export type Answer<T> = { kind: "ok"; body: T; headers: Headers } | ({ kind: "refused" } & Refused);

type Snake<S extends string> = S extends `${infer Head}${infer Rest}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Snake<Rest>}`
    : `_${Lowercase<Head>}${Snake<Rest>}`
  : S;
type IsInstant<K> = K extends "at" | `${string}At` ? true : false;

/** What `toJson` (http/json.ts) makes of a view: its names in snake_case, its instants as texts. */
export type JsonOf<T, K = ""> = T extends readonly (infer Item)[]
  ? JsonOf<Item>[]
  : T extends number
    ? IsInstant<K> extends true
      ? string
      : number
    : T extends object
      ? { [Name in keyof T as Name extends string ? Snake<Name> : Name]: JsonOf<T[Name], Name> }
      : T;

/** Whose request it is, which came in by a session. */
const askers = new WeakMap<Request, SignedIn>();

const inner = new Hono<ApiEnv>()
  .use(async (c, next) => {
    const account = askers.get(c.req.raw);
    if (account === undefined) throw new Error("only the dashboard asks here");
    c.set("account", account);
    c.set("isAdmin", account.isAdmin);
    await next();
  })
  .route("/api", apiRoutes.hono)
  .route("/sms", smsRoutes.hono)
  .onError((error, c) => {
    if (error instanceof Problem) return problemResponse(error.facts, error.headers);
    log("dashboard.failed", { route: c.req.routePath, method: c.req.method, error: errorText(error) });
    return problemResponse({ status: 503, slug: "temporarily-unavailable", title: "This could not be read just now" });
  });

/**
 * Asks the API's route at `path`. Never throws: what is out of reach is refused with 503.
 * @param body sent as JSON
 * @param key the Idempotency-Key of the form
 */
export async function ask<T>(
  view: View,
  method: string,
  path: string,
  body?: object,
  key?: string,
): Promise<Answer<T>> {
  const headers = new Headers();
  if (body !== undefined) headers.set("content-type", "application/json");
  if (key !== undefined) headers.set("idempotency-key", key);
  const answer = await askFor(view, path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await answer.text();
  const told = text === "" ? null : (JSON.parse(text) as unknown);
  if (answer.ok) return { kind: "ok", body: told as T, headers: answer.headers };
  const { title, detail, errors = [] } = told as Partial<Refused>;
  return {
    kind: "refused",
    status: answer.status,
    title: title ?? detail ?? "",
    ...(title !== undefined && detail !== undefined && { detail }),
    errors,
  };
}

/** The API's answer as it is: what is downloaded. */
export async function askFor(
  { env, url, account, waitUntil }: View,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(new URL(path, url), init);
  askers.set(request, account);
  return inner.fetch(request, env, { waitUntil, passThroughOnException: () => {}, props: {} });
}
