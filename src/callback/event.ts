// What receivers are told. An event is written once, with what it tells of, and sent unchanged ever after.

import { nanoid } from "nanoid";
import { toJson } from "../http/json.ts";
import type { LinkFacts } from "../link/link.ts";
import type { CallbackEvent } from "./callback.ts";

/** The event `link.first_accessed`. `at` is Unix milliseconds. */
export function firstAccessedEvent(link: LinkFacts, at: number): CallbackEvent {
  const { code, shortUrl, destination, reference, tags, msgid } = link;
  const data = { code, shortUrl, url: destination, firstAccessedAt: at, reference, tags, msgid };
  return callbackEvent("link.first_accessed", at, toJson(data));
}

/** An event of this type, as Standard Webhooks shapes it. `at` is Unix milliseconds, `data` is JSON already. */
export function callbackEvent(type: string, at: number, data: unknown): CallbackEvent {
  return { id: `evt_${nanoid()}`, body: JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }) };
}
