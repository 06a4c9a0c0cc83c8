// The noun: what somebody did in an account, and who it was.

import type { Admitted, SignedIn } from "./account.ts";

/** So long it is told. */
export const ACTIVITY_DAYS = 90;

/** What is noted. `links_made` and `messages_sent` are counted with what the account used: see restrictions.ts. */
export type Act =
  | "links_made"
  | "messages_sent"
  | "link_changed"
  | "link_ended"
  | "campaign_changed"
  | "campaign_ended"
  | "message_erased"
  | "number_erased"
  | "exported"
  | "callbacks_retried"
  | "secret_rotated"
  | "settings_changed"
  | "restricted"
  | "token_made"
  | "token_revoked"
  | "sign_in_link_made"
  | "session_ended"
  | "feed_made"
  | "feed_revoked";

/** Whose request it is, as the edge knows it. */
export interface By {
  /** Null of ADMIN_TOKEN. */
  tokenId: string | null;
  /** Of somebody at the dashboard. */
  sessionId: string | null;
}

/** The same as it is kept: the name is the one of then, and stays when the token has gone. */
export interface Who {
  kind: "token" | "session" | "admin";
  /** Null of ADMIN_TOKEN. */
  id: string | null;
  /** Of the token, or of the link that signed in; null where it has none, and of ADMIN_TOKEN. */
  name: string | null;
}

/** `at` is Unix milliseconds: of the last, where several are counted. */
export interface Done {
  id: string;
  at: number;
  by: Who;
  what: Act;
  /** A code, a msgid, an id, or names of fields and exports; null where nothing is named. */
  thing: string | null;
  count: number;
}

/** What somebody did, as it is noted: `id` names the call, so that one whose answer was lost is noted once. */
export type Deed = Pick<Done, "id" | "what" | "thing" | "count">;

export interface ActivityQuery {
  limit: number;
  /** Those behind this one. */
  after: Pick<Done, "at" | "id"> | null;
}

/** ADMIN_TOKEN itself: of the operator's requests to other accounts, too. */
export const BY_ADMIN: By = { tokenId: null, sessionId: null };

export function byOf(account: Pick<Admitted, "tokenId"> & Partial<Pick<SignedIn, "sessionId">>): By {
  return { tokenId: account.tokenId ?? null, sessionId: account.sessionId ?? null };
}
