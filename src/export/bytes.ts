// Lines as a stream of bytes: what leaves an object by RPC has to be bytes, for values end at 32 MiB and text is not streamed.

const CHUNK_CHARACTERS = 65_536;

/**
 * The lines as UTF-8 in a byte stream, in chunks of some 64 KB. A line is asked for only when somebody reads, so memory does not
 * grow with their number.
 */
export function byteStream(lines: Iterable<string>): ReadableStream<Uint8Array> {
  const chunks = chunksOf(lines);
  return new ReadableStream({
    type: "bytes",
    // Else workerd hands each chunk out in pieces of 4 KB.
    autoAllocateChunkSize: CHUNK_CHARACTERS,
    pull(controller) {
      const { done, value } = chunks.next();
      if (value !== undefined) controller.enqueue(value);
      if (done === true) controller.close();
    },
    // The reader has gone: whatever the lines come from may close.
    cancel() {
      chunks.return(undefined);
    },
  });
}

function* chunksOf(lines: Iterable<string>): Generator<Uint8Array, undefined, void> {
  const encoder = new TextEncoder();
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
