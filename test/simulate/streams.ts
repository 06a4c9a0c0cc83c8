// Answers of objects that hold a stream: it is made while the caller reads, as part of the object's instance, and breaks off when that
// ends.

import type { Life } from "./life.ts";

interface Streamed {
  lines: ReadableStream<Uint8Array>;
  given: () => number;
}

export function isStreamed(answer: unknown): answer is Streamed {
  return typeof answer === "object" && answer !== null && "lines" in answer && answer.lines instanceof ReadableStream;
}

/** The answer as its caller has it: a stream of its own, and a function that is asked over there. */
export function streamFrom({ lines, given }: Streamed, life: Life): object {
  const reader = lines.getReader();
  return {
    lines: new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value } = await reader.read();
        if (life.isOver) controller.error(new Error("The object that was read from is gone"));
        else if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    }),
    given: async () => given(),
    [Symbol.dispose]: () => {},
  };
}
