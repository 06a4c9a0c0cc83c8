// The load: keep-alive connections over loopback that time each answer. Plain sockets, because an HTTP client in Node
// needs as long for a request as a bare Worker does, and would hide half of what is compared.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

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

/** Milliseconds from sending a request to the end of the answer's head, one number per request. */
export type AnswerTimes = number[];

/** Sends the requests, which are for one server, back to back over `connections` connections. */
export async function saturate(
  asks: readonly Ask[],
  connections: number,
): Promise<{ times: AnswerTimes; perSecond: number }> {
  const times: AnswerTimes = [];
  const left = asks.values();
  const opened = await openFor(Array.from({ length: connections }, () => asks));
  const startedAt = performance.now();
  const send = async (connection: Connection) => {
    for (const ask of left) {
      times.push(await connection.get(ask));
      if (performance.now() - startedAt > LONGEST_LOAD_MS) return;
    }
  };
  try {
    await Promise.all(opened.map(send));
    return { times, perSecond: (times.length / (performance.now() - startedAt)) * 1_000 };
  } finally {
    for (const connection of opened) connection.close();
  }
}

/**
 * Sends one request at a time, each after a rest of `restMs` in which the work behind the last answer ends. The series,
 * each of them for one server, take turns, so that what disturbs the machine disturbs them all.
 */
export async function takeTurns(series: readonly (readonly Ask[])[], restMs: number): Promise<AnswerTimes[]> {
  const times: AnswerTimes[] = series.map(() => []);
  const turns = Math.max(...series.map((asks) => asks.length));
  const opened = await openFor(series);
  const startedAt = performance.now();
  try {
    for (let turn = 0; turn < turns && performance.now() - startedAt < LONGEST_LOAD_MS; turn++)
      for (const [i, connection] of opened.entries()) {
        const ask = series[i]?.[turn];
        if (ask === undefined) continue;
        times[i]?.push(await connection.get(ask));
        await sleep(restMs);
      }
    return times;
  } finally {
    for (const connection of opened) connection.close();
  }
}

/** One open connection for each series. */
function openFor(series: readonly (readonly Ask[])[]): Promise<Connection[]> {
  return Promise.all(
    series.map(async ([first]) => {
      if (first === undefined) throw new Error("a load without requests");
      const socket = connect(Number(first.url.port), first.url.hostname);
      await once(socket, "connect");
      return new Connection(socket);
    }),
  );
}

interface Waiting {
  ask: Ask;
  sentAt: number;
  answeredMs: number | undefined;
  resolve: (answerMs: number) => void;
  reject: (error: Error) => void;
}

/** One keep-alive connection with one request at a time. */
class Connection {
  readonly #socket: Socket;
  #received = "";
  #waiting: Waiting | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => this.#fail(`no answer within ${ANSWER_TIMEOUT_MS} ms`));
    socket.on("data", (data) => this.#read(data));
    socket.on("error", (error) => this.#fail(error.message));
    socket.on("close", () => this.#fail("the connection was closed"));
  }

  get(ask: Ask): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { ask, sentAt: performance.now(), answeredMs: undefined, resolve, reject };
      this.#socket.write(
        `GET ${ask.url.pathname} HTTP/1.1\r\nHost: ${ask.url.host}\r\nUser-Agent: ${USER_AGENT}\r\n` +
          `Accept: text/html\r\nCF-Connecting-IP: ${ask.clientAddress}\r\n\r\n`,
      );
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #fail(why: string): void {
    this.#waiting?.reject(new Error(`${this.#waiting.ask.url.href}: ${why}`));
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
    if (bodyLength === undefined) return this.#fail(`an answer without a length:\n${head}`);
    const end = headEnd + 4 + Number(bodyLength);
    if (this.#received.length < end) return;
    this.#received = this.#received.slice(end);
    if (!head.startsWith(`HTTP/1.1 ${waiting.ask.status} `)) return this.#fail(`another answer:\n${head}`);
    this.#waiting = undefined;
    waiting.resolve(waiting.answeredMs);
  }
}
