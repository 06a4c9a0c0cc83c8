// firsttap's own API, as far as the bench needs it.

import { ADMIN_TOKEN } from "./runtime.ts";

const HEADERS = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };
const API_TIMEOUT_MS = 30_000;
const CREATED_AT_ONCE = 8;

export interface NewLink {
  callback_url?: string;
  expires_in_seconds?: number;
  tags?: string[];
}

/** Creates `count` links with a reference and a tag; their short URLs. */
export async function createLinks(server: URL, count: number, link: NewLink = {}): Promise<URL[]> {
  const created: URL[] = [];
  const url = "https://example.com/path?utm_source=sms&utm_campaign=bench";
  const body = JSON.stringify({ url, reference: "order-1001", tags: ["bench"], ...link });
  const one = async () => {
    // Counted before the call, so that the callers together make no link too many.
    while (left > 0) {
      left -= 1;
      const answer = await callApi(server, "POST", "/api/links", body);
      created.push(new URL((answer as { short_url: string }).short_url));
    }
  };
  let left = count;
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, one));
  return created;
}

/** Makes a campaign of so many links; their short URLs, in order. */
export async function createCampaign(server: URL, size: number, fields: NewLink = {}): Promise<URL[]> {
  const body = JSON.stringify({ name: "bench", url: "https://example.com/path/{number}?c={code}", size, ...fields });
  const { id } = (await callApi(server, "POST", "/api/campaigns", body)) as { id: string };
  const links = await fetch(new URL(`/api/campaigns/${id}/links.ndjson`, server), { headers: HEADERS });
  const lines = (await links.text()).trim().split("\n");
  return lines.map((line) => new URL((JSON.parse(line) as { short_url: string }).short_url));
}

/** Calls the API and returns the answer's JSON; throws when it is no success. */
export async function callApi(server: URL, method: string, path: string, body?: string): Promise<unknown> {
  const signal = AbortSignal.timeout(API_TIMEOUT_MS);
  const answer = await fetch(new URL(path, server), { method, headers: HEADERS, signal, ...(body && { body }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}
