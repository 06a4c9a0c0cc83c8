// The load: keep-alive connections over loopback that time each answer. Plain sockets, because an HTTP client in Node
// needs as long for a request as a bare Worker does, and would hide half of what is compared.

import { connect, type Socket } from "node:net";

/** A phone's browser, so that every tap is a person's. */
export const USER_AGENT =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const ANSWER_TIMEOUT_MS = 5_000;
/** A load ends after this time, however many requests are left. */
const LONGEST_LOAD_MS = 15_000;

/** One request. */
export interface Ask {
  url: URL;
  /** What stands in `cf-connecting-ip`: on a local server nobody overwrites it. */
  clientAddress: string;
  /** Any other status ends the bench: a wrong answer has no speed. */
  status: number;
}

/** What a load measured; `answerMs` is one number per request, from sending it to the end of the answer's head. */
export interface Measured {
  answerMs: number[];
  perSecond: number;
}

interface Waiting {
  sentAt: number;
  answeredMs: number | undefined;
  resolve: (answer: { status: number; answerMs: number }) => void;
  reject: (error: Error) => void;
}

/** Sends the requests back to back over `connections` connections. */
export async function saturate(asks: readonly Ask[], connections: number): Promise<Measured> {
  const queue = asks.values();
  return measure(connections, queue, 0);
}

/** Sends one request after the other, each after a pause in which the work behind the last answer ends. */
export async function pace(asks: readonly Ask[], pauseMs: number): Promise<Measured> {
  return measure(1, asks.values(), pauseMs);
}

async function measure(connections: number, queue: Iterable<Ask>, pauseMs: number): Promise<Measured> {
  const answerMs: number[] = [];
  const startedAt = performance.now();
  const one = async () => {
    let connection: Connection | undefined;
    try {
      for (const ask of queue) {
        connection ??= new Connection(ask.url);
        const answer = await connection.get(ask);
        if (answer.status !== ask.status) throw new Error(`${ask.url.href} answered ${answer.status}`);
        answerMs.push(answer.answerMs);
        if (performance.now() - startedAt > LONGEST_LOAD_MS) return;
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    } finally {
      connection?.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { answerMs, perSecond: (answerMs.length / (performance.now() - startedAt)) * 1_000 };
}

/** One keep-alive connection with one request at a time. */
class Connection {
  readonly #socket: Socket;
  #received = "";
  #waiting: Waiting | undefined;

  constructor(url: URL) {
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
      this.#socket.destroy(new Error(`${url.host} did not answer within ${ANSWER_TIMEOUT_MS} ms`)),
    );
    this.#socket.on("data", (data) => this.#read(data));
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
    this.#socket.on("close", () => this.#waiting?.reject(new Error(`${url.host} closed the connection`)));
  }

  get({ url, clientAddress }: Ask): Promise<{ status: number; answerMs: number }> {
    return new Promise((resolve, reject) => {
      this.#waiting = { sentAt: performance.now(), answeredMs: undefined, resolve, reject };
      this.#socket.write(
        `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nUser-Agent: ${USER_AGENT}\r\n` +
          `Accept: text/html\r\nCF-Connecting-IP: ${clientAddress}\r\n\r\n`,
      );
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #read(data: Buffer): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#received += data.toString("latin1");
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    waiting.answeredMs ??= performance.now() - waiting.sentAt;
    const head = this.#received.slice(0, headEnd);
    const bodyLength = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (bodyLength === undefined) return waiting.reject(new Error(`an answer without a length:\n${head}`));
    const end = headEnd + 4 + Number(bodyLength);
    if (this.#received.length < end) return;
    this.#received = this.#received.slice(end);
    this.#waiting = undefined;
    waiting.resolve({
      status: Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)),
      answerMs: waiting.answeredMs,
    });
  }
}
