// A browser's side of the dashboard: it keeps the cookie, says where its forms come from, and follows no redirect by itself.

import { exports } from "cloudflare:workers";
import { ADMIN_TOKEN, api, ORIGIN, someAddress } from "./firsttap.ts";

export interface Page {
  status: number;
  headers: Headers;
  html: string;
  /** Where a redirect leads, as a path. */
  location: string | null;
}

export class Browser {
  cookie: string | undefined;
  readonly #address = someAddress();

  async get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#ask(path, { headers });
  }

  /** Sends a form of ours. */
  async post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> {
    const own = { "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" };
    return this.#ask(path, { method: "POST", body: new URLSearchParams(fields), headers: { ...own, ...headers } });
  }

  /** Signs in with a token. */
  async signIn(token = ADMIN_TOKEN): Promise<this> {
    const answer = await this.post("/dashboard/sign-in", { token });
    if (answer.status !== 303) throw new Error(`${answer.status}: ${answer.html}`);
    return this;
  }

  async #ask(
    path: string,
    { headers: given, ...init }: RequestInit & { headers: Record<string, string> },
  ): Promise<Page> {
    const headers = new Headers({ accept: "text/html", "cf-connecting-ip": this.#address });
    for (const [name, value] of Object.entries(given)) headers.set(name, value);
    if (this.cookie !== undefined) headers.set("cookie", this.cookie);
    const response = await exports.default.fetch(ORIGIN + path, { redirect: "manual", ...init, headers });
    const set = response.headers.get("set-cookie");
    if (set !== null) this.cookie = /Max-Age=0/.test(set) ? undefined : set.split(";")[0];
    const location = response.headers.get("location");
    return { status: response.status, headers: response.headers, html: await response.text(), location };
  }
}

/** Somebody who was given a link with this scope by the owner of the account. */
export async function colleague(scope: string, token = ADMIN_TOKEN): Promise<Browser> {
  const { body } = await api("POST", "/api/account/sign-in-links", { scopes: [scope] }, { token });
  const browser = new Browser();
  await browser.post(new URL(body["url"]).pathname);
  return browser;
}
