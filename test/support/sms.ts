// Calling the SMS API as its clients do: a form with Basic auth.

import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { ADMIN_TOKEN, api, eventually, ORIGIN } from "./firsttap.ts";

export interface SmsAnswer {
  status: number;
  headers: Headers;
  // The tests check the shapes that they read; the API's answers have no common type.
  body: any;
}

export interface Login {
  sid: string;
  token: string;
}

export const MAIN: Login = { sid: "main", token: ADMIN_TOKEN };
export const MESSAGE = {
  message: "Your offer: https://example.com/a?b=1 Bye",
  recipient: "+818012345678",
  sender: "SHOP",
};

/** One request; `body` as it is sent. */
export async function sms(
  method: string,
  path: string,
  body?: BodyInit,
  { login = MAIN, headers = {} }: { login?: Login; headers?: Record<string, string> } = {},
): Promise<SmsAnswer> {
  const authorization = `Basic ${btoa(`${login.sid}:${login.token}`)}`;
  const response = await exports.default.fetch(`${ORIGIN}/sms/${path}`, {
    method,
    redirect: "manual",
    headers: { authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

/** POSTs a form of these fields on top of a good message; a field that is undefined is left out. */
export function post(fields: Record<string, string | undefined> = {}, options: Parameters<typeof sms>[3] = {}) {
  const given = Object.entries({ ...MESSAGE, ...fields }).filter(
    (field): field is [string, string] => field[1] !== undefined,
  );
  return sms("POST", "messages/", new URLSearchParams(given), options);
}

/** POSTs the fields as JSON. */
export function postJson(fields: object, headers: Record<string, string> = {}) {
  return sms("POST", "messages/", JSON.stringify(fields), {
    headers: { "content-type": "application/json", ...headers },
  });
}

/** Sends a message and fails when that fails; the msgid. */
export async function send(fields: Record<string, string | undefined> = {}, options = {}): Promise<string> {
  const sent = await post(fields, options);
  expect(sent.status, JSON.stringify(sent.body)).toBe(201);
  return sent.body[0].msgid;
}

export async function messageOf(msgid: string, options = {}): Promise<Record<string, any>> {
  const answer = await sms("GET", `messages/${msgid}/`, undefined, options);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

/** Waits until the message is delivered or has failed. */
export function settled(msgid: string, options = {}): Promise<Record<string, any>> {
  return eventually(
    () => messageOf(msgid, options),
    ({ status }) => status === "DELIVERED" || status === "FAIL",
  );
}

/** An account of its own. */
export async function tenant(): Promise<Login> {
  const { body } = await api("POST", "/api/accounts", { name: "a tenant" });
  return { sid: body["sid"], token: body["token"] };
}
