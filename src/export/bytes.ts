// Texts as a stream of bytes: what leaves an object by RPC has to be bytes, for values end at 32 MiB and text is not streamed.

/** Whoever takes nothing for so long has gone, or goes on later behind what it has. A slow line is minutes behind what it takes. */
const PATIENCE_MS = 300_000;

/**
 * The texts as UTF-8 in a byte stream, each made when somebody reads: memory does not grow with their number, and between two of them
 * others are served. An empty text only lets others be served. Whoever leaves, or takes nothing for five minutes, ends the texts
 * (their `return` is called).
 */
export function byteStream(texts: Iterable<string>, patienceMs = PATIENCE_MS): ReadableStream<Uint8Array> {
  const steps = texts[Symbol.iterator]();
  const encoder = new TextEncoder();
  let impatience: ReturnType<typeof setTimeout> | null = null;
  const end = () => {
    clearTimeout(impatience);
    steps.return?.();
  };
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      clearTimeout(impatience);
      let step = steps.next();
      while (step.done !== true && step.value === "") {
        await scheduler.wait(0);
        step = steps.next();
      }
      if (step.done === true) {
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(step.value));
      impatience = setTimeout(() => {
        end();
        controller.error(new Error("nobody took what was read"));
      }, patienceMs);
    },
    cancel: end,
  });
}
