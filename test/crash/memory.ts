// What the rounds saw with their own eyes, and so may hold against the server afterwards.

import type { Answer, Server } from "./ask.ts";
import {
  type LinkStatus,
  linkStatusOf,
  type MessageRequest,
  type MessageStatus,
  messageStatusOf,
  type Status,
} from "./client.ts";
import type { Hook, Receipts } from "./receipts.ts";

/** Everything that was made, for as long as the rounds last. */
export interface Memory {
  links: RememberedLink[];
  messages: RememberedMessage[];
  /** Every message that was asked for. */
  plans: MessagePlan[];
  /** Answers that nobody should get from a server that runs, with their number. */
  surprises: Map<string, number>;
}

/** A message that is asked for, and how receiver and carrier will treat it. */
export interface MessagePlan {
  request: MessageRequest;
  hook: Hook;
  linkHook: Hook;
  /** How often the carrier reports that it is delivered. */
  reports: number;
  /** A preview is fetched beside the taps on its link. */
  hasPreview: boolean;
  /** The POSTs that were begun: more than one only with a key. */
  asked: number;
  /** As a 201 told it; null when nobody saw one. */
  msgid: string | null;
}

/**
 * A link or a message: something will happen to it once, and the callback tells of it. Of one that nobody saw, in the
 * answer to its creation or in the account's list, nothing is claimed.
 */
interface Remembered<S extends Status> {
  /** A link's code, a message's msgid. */
  id: string;
  hook: Hook;
  read(server: Server): Promise<Answer<S>>;
  /** A kill came before the receiver's 200. */
  wasOwedAtKill: boolean;
  /** The newest status, null when it was not read. */
  status: S | null;
  /** The fact as it was first read; from then on it must not change. */
  fact: string | null;
  hasChanged: boolean;
  /** An answer was 404 or 410, although it was created. */
  wasNotFound: boolean;
  /** POSTs that had arrived when the status first said `delivered`; there must never be another. */
  postsWhenDelivered: number | null;
}

export interface RememberedLink extends Remembered<LinkStatus> {
  kind: "link";
  hasPreview: boolean;
  /** Taps of a person that were answered 302. */
  answeredTaps: number;
}

export interface RememberedMessage extends Remembered<MessageStatus> {
  kind: "message";
  plan: MessagePlan;
}

export type Thing = RememberedLink | RememberedMessage;

/** A link that was just created. */
export function rememberLink(code: string, hook: Hook, hasPreview: boolean): RememberedLink {
  const read = (server: Server) => linkStatusOf(server, code);
  return { kind: "link", id: code, hook, hasPreview, answeredTaps: 0, read, ...unseen() };
}

/** A message that was just accepted. */
export function rememberMessage(msgid: string, plan: MessagePlan): RememberedMessage {
  const read = (server: Server) => messageStatusOf(server, msgid);
  return { kind: "message", id: msgid, hook: plan.hook, plan, read, ...unseen() };
}

function unseen() {
  return {
    wasOwedAtKill: false,
    status: null,
    fact: null,
    hasChanged: false,
    wasNotFound: false,
    postsWhenDelivered: null,
  };
}

/** Notes the answer to a person's tap. */
export function noteTap(link: RememberedLink, answer: Answer<null>): void {
  if (answer.kind === "answered") link.answeredTaps++;
  noteRefusal(link, answer);
}

/** Reads the status and notes it. */
export async function look(server: Server, thing: Remembered<Status>, receipts: Receipts): Promise<Answer<Status>> {
  const answer = await thing.read(server);
  noteRefusal(thing, answer);
  if (answer.kind !== "answered") return answer;
  const { fact, callback } = answer.value;
  thing.fact ??= fact;
  if (fact !== thing.fact) thing.hasChanged = true;
  // Counted once the status was read, not before.
  if (callback.state === "delivered") thing.postsWhenDelivered ??= receipts.postsOf(thing.hook);
  thing.status = answer.value;
  return answer;
}

/** Notes an answer that nobody should get from a server that runs. */
export function noteSurprise(memory: Memory, request: string, answer: { kind: string; status?: number }): void {
  if (answer.kind !== "refused") return;
  const what = `${request} was answered ${answer.status}`;
  memory.surprises.set(what, (memory.surprises.get(what) ?? 0) + 1);
}

function noteRefusal(thing: Pick<Thing, "wasNotFound">, answer: Answer<unknown>): void {
  if (answer.kind === "refused" && (answer.status === 404 || answer.status === 410)) thing.wasNotFound = true;
}

/** Whether its callback has to come: a person was answered 302, or the carrier will report. */
export function isAwaited(thing: Thing): boolean {
  return thing.kind === "link" ? thing.answeredTaps > 0 : thing.plan.reports > 0;
}

/** Whether nothing more is to happen without another tap. */
export function isSettled(thing: Thing): boolean {
  if (thing.wasNotFound) return true;
  if (thing.status === null || thing.status.callback.state === "owed") return false;
  if (thing.kind === "link" || thing.status.fact !== null) return true;
  // Of a message that the carrier has, and of which it will tell no more, nothing else can become known.
  return thing.status.status === "DELIVERING" && thing.plan.reports === 0;
}
