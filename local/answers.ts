// The language of the scripted receiver, apart from it so that tests inside workerd can use it, too.

/** How to answer one POST; the plain answer is 200. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Bytes of body to send beside `body`. */
  bodyBytes?: number;
  /** Wait this long before answering. */
  delayMs?: number;
  /**
   * `hang`: never answer. `drip`: the head, then a byte now and then, for ever. `reset`: cut the connection.
   * `garbage`: something that is not HTTP. `cut`: the head and half of the body that it announces.
   */
  fault?: "hang" | "drip" | "reset" | "garbage" | "cut";
}

/** One POST that came. */
export interface Received {
  /** Unix milliseconds. */
  at: number;
  headers: Record<string, string>;
  body: string;
}
