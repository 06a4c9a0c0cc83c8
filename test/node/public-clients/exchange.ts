// One request of a public client, what its own code makes of the answer, and what the program that uses it has to see.

import { expect } from "vitest";

export interface Answer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Whom a client speaks to, and what it has been told so far. */
export interface Session {
  host: string;
  sid: string;
  token: string;
  /** A callback URL of the account's own. */
  hook: string;
  /** Of the message sent last. */
  msgid: string;
  /** When that message was sent, Unix milliseconds. */
  sentAt: number;
}

export interface Exchange {
  name: string;
  /** The bytes on the wire, where {host}, {basic}, {msgid}, {hook}, {length} and {today}, {today-89}, … stand for values. */
  request: string;
  /** The client's own treatment of an answer. */
  read: (answer: Answer) => unknown;
  expected: object | ((session: Session) => object);
}

export interface Client {
  name: string;
  exchanges: Exchange[];
}

export const MSGID: unknown = expect.stringMatching(/^[A-Za-z0-9]{32}$/);
export const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
export const STATUS: unknown = expect.stringMatching(/^(?:QUEUED|DELIVERING|DELIVERED)$/);
/** The value of a wrong field: a list of sentences. */
export const SENTENCES: unknown = [expect.any(String)];

/** A body as clients take it: null when it is not JSON. */
export function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The message sent last, as every client has to be shown it. */
export function message({ host, msgid }: Session, fields: object): object {
  const url = `http://${host}/sms/messages/${msgid}/`;
  return { msgid, url, status: STATUS, sent_time: TIME, cost: expect.any(Number), parts: 1, tags: [], ...fields };
}
