// The event of a link: what the receiver is told. Written once, with the first access, and sent unchanged ever after.

import { nanoid } from "nanoid";
import { toJson } from "../http/json.ts";
import type { LinkFacts } from "../link/link.ts";
import type { CallbackEvent } from "./callback.ts";

/** The event `link.first_accessed`. `at` is Unix milliseconds. */
export function firstAccessedEvent(link: LinkFacts, at: number): CallbackEvent {
  const { code, shortUrl, destination, reference, tags } = link;
  const data = { code, shortUrl, url: destination, firstAccessedAt: at, reference, tags };
  const timestamp = new Date(at).toISOString();
  return { id: `evt_${nanoid()}`, body: JSON.stringify(toJson({ type: "link.first_accessed", timestamp, data })) };
}
