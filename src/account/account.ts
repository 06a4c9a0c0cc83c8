// The noun: what an account is, to its owner, to a request, and to the holder of ADMIN_TOKEN.

import type { Sender } from "../http/page.ts";
import type { By } from "./act.ts";
import type { AccountLocale } from "./locale.ts";
import type { PinnedView } from "./pinned-views.ts";
import { FULL } from "./scopes.ts";
import { MAIN_SID } from "./token.ts";

/** The name of `main` until its owner gives it one. */
export const MAIN_NAME = "main";

/** What its maker says of a token. */
export interface TokenTerms {
  name: string | null;
  scopes: readonly string[];
  /** Unix milliseconds; null is never. */
  expiresAt: number | null;
}
/** A token as its owner sees it after it was made. Instants are Unix milliseconds. */
export interface TokenFacts extends TokenTerms {
  id: string;
  createdAt: number;
  /** The UTC day of its last use, `2026-11-23`; null before the first. */
  lastUsedOn: string | null;
}
/** The same from the version of before, which knows no terms: its tokens may do all, for ever. */
export type TokenAnswer = Pick<TokenFacts, "id" | "createdAt"> & Partial<TokenFacts>;
/** The terms of tokens for which nobody gave any. */
export const FULL_TERMS: TokenTerms = { name: null, scopes: FULL, expiresAt: null };
/**
 * An account as its owner sees it, and the revision that a change of it starts from. Instants are Unix milliseconds. The version of before
 * does not know where it is at home.
 */
export interface AccountView extends Partial<AccountLocale> {
  sid: string;
  name: string;
  callbackUrl: string | null;
  fallbackUrl: string | null;
  supportUrl: string | null;
  /** The version of before knows none. */
  alertUrl?: string | null;
  pinnedViews?: PinnedView[];
  createdAt: number;
  revision: number;
  tokens: TokenFacts[];
}
export interface AccountChanges extends Partial<AccountLocale> {
  name?: string;
  callbackUrl?: string | null;
  fallbackUrl?: string | null;
  supportUrl?: string | null;
  alertUrl?: string | null;
  pinnedViews?: PinnedView[];
}
/** What an account says of itself to recipients; the version of before says nothing of support. */
type Signature = Pick<AccountView, "sid" | "name"> & Partial<Pick<AccountView, "supportUrl">>;
/** Who recipients are told has sent a link. */
export function senderOf({ sid, name, supportUrl = null }: Signature): Sender {
  return { name: sid === MAIN_SID && name === MAIN_NAME ? null : name, supportUrl };
}
/** What a request needs of the account that it comes from. */
export interface Admitted {
  sid: string;
  /** The default for new links. */
  callbackUrl: string | null;
  /** The numbers of its books that have not ended, newest first; the version of before knows none. */
  books?: number[];
  /** Whether it keeps totals of books that have ended. */
  hasArchive?: boolean;
  /** Its own; null is UTC. */
  timezone?: string | null;
  /** ISO 3166-1; null where it has said none. */
  country?: string | null;
  pinnedViews?: PinnedView[];
  /** Whether its own object lists or keeps something, of before there were books. The version of before does not say. */
  hasThingsOfBefore?: boolean;
  /** The token's id, null of ADMIN_TOKEN. The version of before says nothing of the token: it may do all, for ever. */
  tokenId?: string | null;
  scopes?: readonly string[];
  /** When the token expires, Unix milliseconds; null is never. */
  expiresAt?: number | null;
  /** The version of before knows no suspended accounts. */
  isSuspended?: boolean;
}
/** What the version of before does not say of whom it admits. */
export const UNSAID = {
  ...FULL_TERMS,
  tokenId: null,
  books: [],
  hasArchive: false,
  hasThingsOfBefore: true,
  timezone: null,
  country: null,
  pinnedViews: [],
  isSuspended: false,
} satisfies Partial<Admitted> & TokenTerms;

/** Somebody at the dashboard, admitted by a session. */
export interface SignedIn extends Required<Admitted> {
  sessionId: string;
  /** Signed in with ADMIN_TOKEN itself: the operator, who looks after all accounts. */
  isAdmin: boolean;
}
/** What the operator sets for an account. */
export interface Restrictions {
  /** It makes and sends nothing. */
  suspended: boolean;
  /** Most of them in a UTC day; null is without end. */
  messagesPerDay: number | null;
  linksPerDay: number | null;
  /** Those that its messages may come from; null is any. */
  senders: string[] | null;
}
/** An account as the operator sees it. Instants are Unix milliseconds. */
export interface Restricted extends Restrictions {
  sid: string;
  name: string;
  createdAt: number;
  suspendedAt: number | null;
  /** How many were made in this UTC day and month. */
  used: Record<"today" | "month", { links: number; messages: number }>;
  revision: number;
}
/** A request that makes something, as its account has to know it. */
export interface Making {
  what: "links" | "messages" | "campaigns";
  /** For the link, or the number of the campaign, that is made, unless the key is bound to another. */
  code: string;
  /** Of a campaign: how many links it has. */
  size?: number;
  /** Names the request. */
  openedBy: string;
  /** Null where the client gave no Idempotency-Key; `digest` is SHA-256 of the request's fields. */
  key: { key: string; digest: string } | null;
  /** Of a message. */
  sender: string | null;
  /** Whose request it is; the version of before does not say. */
  by?: By;
}
/** How to make it: by these names, at this instant (Unix ms), in this book; the same for each repeat of a request with a key. */
export interface Claimed {
  kind: "claimed";
  /** A code, or a msgid and, behind a space, the code of its link, or a campaign's id and number. */
  made: string;
  openedBy: string;
  at: number;
  /** Null for a key that was bound before there were books. */
  book: number | null;
  /** The account's signing secrets, sealed: with these a link signs while the account is out of reach. */
  secrets: string[];
}
export type Refusal =
  | { kind: "suspended" }
  | { kind: "wrong-sender"; senders: string[] }
  /** `waitSeconds` is until the next day. */
  | { kind: "capped"; most: number; waitSeconds: number };
/** May it be made, and how? `reused`: the key came with another request before. */
export type Accepted = Claimed | { kind: "reused" } | Refusal;
/** What a new account's owner is shown once. */
export interface NewAccount {
  token: string;
  callbackSecret: string;
}
/** `claimed`: make this, by this name; the same for each repeat. `reused`: the key came with another request before. */
export type KeyClaim = { kind: "claimed"; made: string; openedBy: string } | { kind: "reused" };
/** Which accounts to list, newest first, behind the one of the page before. */
export interface TenantQuery {
  limit: number;
  after: Pick<Tenant, "createdAt" | "sid"> | null;
}
export interface Tenant {
  sid: string;
  name: string;
  createdAt: number;
}
