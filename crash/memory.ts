// What the rounds saw with their own eyes, and so may hold against the server afterwards.

import type { Answer, LinkStatus } from "./client.ts";

/** A link whose create answer was seen. Of any other link nothing is claimed. */
export interface RememberedLink {
  code: string;
  /** The id of its callback URL at the receiver. */
  hookId: string;
  /** The receiver answers 500 to this many POSTs, then 200. */
  refusals: number;
  /** A preview is fetched beside the taps. */
  hasPreview: boolean;
  /** Taps of a person that were answered 302. */
  answeredTaps: number;
  /** A kill came between the tap and the receiver's 200. */
  wasOwedAtKill: boolean;
  /** The newest status, null when it was not read. */
  status: LinkStatus | null;
  /** `first_accessed_at` as it was first read, ISO 8601; from then on it must not change. */
  firstAccessedAt: string | null;
  hasChanged: boolean;
  /** An answer was 404 or 410, although the link was created. */
  wasNotFound: boolean;
  /** POSTs that had arrived when the status first said `delivered`; there must never be another. */
  postsWhenDelivered: number | null;
}

/** A link that was just created. */
export function remember(link: Pick<RememberedLink, "code" | "hookId" | "refusals" | "hasPreview">): RememberedLink {
  return {
    ...link,
    answeredTaps: 0,
    wasOwedAtKill: false,
    status: null,
    firstAccessedAt: null,
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

/** Notes a status; `posts` is how many POSTs the receiver had got once the status was read, not before. */
export function noteStatus(link: RememberedLink, answer: Answer<LinkStatus>, posts: number): void {
  noteRefusal(link, answer);
  if (answer.kind !== "answered") return;
  link.firstAccessedAt ??= answer.value.first_accessed_at;
  if (answer.value.first_accessed_at !== link.firstAccessedAt) link.hasChanged = true;
  if (answer.value.callback.state === "delivered") link.postsWhenDelivered ??= posts;
  link.status = answer.value;
}

function noteRefusal(link: RememberedLink, answer: Answer<unknown>): void {
  if (answer.kind === "refused" && (answer.status === 404 || answer.status === 410)) link.wasNotFound = true;
}

/** Whether a person was answered 302. */
export function isTapped(link: RememberedLink): boolean {
  return link.answeredTaps > 0;
}
