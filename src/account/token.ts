// Who an API request comes from: minting tokens, and reading them out of a request. Tokens are stored as hashes only.

import { auth } from "hono/utils/basic-auth";
import { customAlphabet, nanoid } from "nanoid";

/** The account of a single-tenant deployment; its token is the secret ADMIN_TOKEN. */
export const MAIN_SID = "main";

const SID_LENGTH = 20;
const mintSidText = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", SID_LENGTH);
/** 43 characters of nanoid's 64: 258 bits. */
const TOKEN_LENGTH = 43;
/** The sid in a token finds the account's object; `ft_` lets secret scanners recognise it. */
const TOKEN = /^ft_(main|[0-9a-z]{20})_[\w-]{43}$/;

/** A new account's sid. */
export function mintSid(): string {
  return mintSidText();
}

/** Whether the text has the form of a sid. */
export function isSid(text: string): boolean {
  return /^(?:main|[0-9a-z]{20})$/.test(text);
}

/** A new token of the account; shown once, then only its hash is kept. */
export function mintToken(sid: string): string {
  return `ft_${sid}_${nanoid(TOKEN_LENGTH)}`;
}

/** SHA-256 in hex. A token has more entropy than the hash, so it needs no salt. */
export async function hashToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The account that a token names, or undefined when it is no token of ours. */
export function sidOfToken(token: string): string | undefined {
  return TOKEN.exec(token)?.[1];
}

export interface Credential {
  /** The account that Basic names; null with Bearer, where the token alone says it. */
  sid: string | null;
  token: string;
}

/** `Bearer TOKEN`, or Basic with sid and token; undefined when there is neither. */
export function readCredential(request: Request): Credential | undefined {
  const header = request.headers.get("authorization") ?? "";
  const bearer = /^Bearer +([^\s]+) *$/i.exec(header)?.[1];
  if (bearer !== undefined) return { sid: null, token: bearer };
  const basic = auth(request);
  return basic && { sid: basic.username, token: basic.password };
}
