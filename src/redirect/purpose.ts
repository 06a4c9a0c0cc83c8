// What a request's headers say that it is for. Looked up before the answer, so nothing here takes longer than a look.

import type { AccessKind } from "../link/link.ts";

/** `Sec-Purpose` is today's header, the others its ancestors; `X-Purpose` is Safari's, and Facebook's browser in its app. */
const PURPOSES = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/** A kind of access, and the header or pattern that says so. */
export interface Verdict {
  kind: AccessKind;
  reason: string | null;
}

/** What the headers alone say of the kind, with the header's name as the reason; undefined when they leave it open. */
export function statedPurpose(headers: Headers): Verdict | undefined {
  // A preview comes first: a thumbnail or a peek shows what it gets, also where it is prefetched.
  const preview = PURPOSES.find((name) => says(headers, name, /preview/i));
  if (preview !== undefined) return { kind: "preview", reason: preview };
  const prefetch = PURPOSES.find((name) => says(headers, name, /prefetch|prerender/i));
  if (prefetch !== undefined) return { kind: "prefetch", reason: prefetch };
  // A tap fills a window, which is a "document". An image, a frame or a script's fetch shows or reads the link elsewhere.
  if (says(headers, "sec-fetch-dest", /^(?!document$)./i)) return { kind: "preview", reason: "sec-fetch-dest" };
  // The new Outlook opens links in the system's browser; what it asks for itself is for its own cards.
  if (says(headers, "x-native-host", /^OneOutlook/i)) return { kind: "preview", reason: "x-native-host" };
  return undefined;
}

function says(headers: Headers, name: string, pattern: RegExp): boolean {
  const value = headers.get(name);
  return value !== null && pattern.test(value);
}
