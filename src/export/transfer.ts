// Streams on their way out: what several objects give, one after the other, piped through unread.

import { errorText, log } from "../log.ts";

/** What an object gives: its part, and asked when that is read, how many things were in it. */
export interface Part {
  lines: ReadableStream<Uint8Array>;
  given: () => Promise<number>;
  [Symbol.dispose]: () => void;
}

/** Asks an object for its part; `given` is how many things the ones before had. Null where it has none. */
export type OpenPart = (given: number) => Promise<Part | null>;

/**
 * Parts as one stream, of which nothing is read before somebody takes it. It breaks off, and does not end, when an object breaks off:
 * nobody takes a part for the whole. Rejects when the first part cannot be had.
 * @param what it is, for the log
 */
export async function transfer(
  what: string,
  head: string,
  [first, ...others]: readonly OpenPart[],
  tail = "",
): Promise<ReadableStream<Uint8Array>> {
  const opened = (await first?.(0)) ?? null;
  const { readable, writable } = new IdentityTransformStream();
  const write = async () => {
    let given = await pass(opened, writable, head);
    for (const open of others) given += await pass(await open(given), writable);
    await say(writable, tail);
    await writable.close();
  };
  write().catch(async (error: unknown) => {
    log("transfer.broken", { what, error: errorText(error) });
    await writable.abort(error).catch(() => {});
  });
  return readable;
}

async function pass(part: Part | null, writable: WritableStream<Uint8Array>, head = ""): Promise<number> {
  try {
    await say(writable, head);
    if (part === null) return 0;
    await part.lines.pipeTo(writable, { preventClose: true });
    return await part.given();
  } finally {
    part?.[Symbol.dispose]();
  }
}

async function say(writable: WritableStream<Uint8Array>, text: string): Promise<void> {
  if (text === "") return;
  const writer = writable.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
  } finally {
    writer.releaseLock();
  }
}
