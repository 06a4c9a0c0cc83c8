// A real HTTP server that receives callbacks and answers as it is told: the tests, the demo and the crash rounds use it.
//
//   PUT  /script/ID   a JSON array of answers: the first for the first POST, …, the last for all that follow
//   POST /hook/ID     the callback URL
//   GET  /log/ID      what came, oldest first: {at, headers, body}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Answer, Received } from "./answers.ts";

export interface ScriptedReceiver {
  url: string;
  log(id: string): Received[];
  /** Every POST to any hook, by id. */
  all(): Map<string, Received[]>;
  close(): Promise<void>;
}

/** Starts the receiver on a free port of the loopback interface. */
export async function startScriptedReceiver(port = 0): Promise<ScriptedReceiver> {
  const scripts = new Map<string, Answer[]>();
  const logs = new Map<string, Received[]>();
  const server = createServer((request, response) => {
    const [, what = "", id = ""] = (request.url ?? "").split(/[/?]/);
    readBody(request)
      .then((body) => handle(what, id, body, request, response))
      // A sender that died in the middle of its POST: there is nobody to answer.
      .catch(() => response.destroy());
  });
  function handle(what: string, id: string, body: string, request: IncomingMessage, response: ServerResponse): void {
    if (what === "script") {
      scripts.set(id, JSON.parse(body) as Answer[]);
      response.writeHead(204).end();
      return;
    }
    const log = logs.get(id) ?? [];
    if (what === "log") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(log));
      return;
    }
    logs.set(id, log);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    log.push({ at: Date.now(), headers: { ...headers, ":method": request.method ?? "" }, body });
    const script = scripts.get(id) ?? [];
    answer(response, script[log.length - 1] ?? script.at(-1) ?? {});
  }
  // Else Node ends what was silent for five seconds, perhaps at the moment in which a sender takes that connection for its next POST.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the receiver did not start");
  return {
    url: `http://127.0.0.1:${address.port}`,
    log: (id) => logs.get(id) ?? [],
    all: () => logs,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(response: ServerResponse, { status = 200, headers = {}, fault, ...rest }: Answer): void {
  const socket = response.socket;
  switch (fault) {
    case "hang":
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "garbage":
      socket?.end("this is not HTTP\r\n\r\n");
      return;
    case "cut":
      response.writeHead(status, { ...headers, "content-length": "1000" });
      response.write("half");
      setTimeout(() => socket?.destroy(), 20);
      return;
    case "drip": {
      response.writeHead(status, headers);
      const drip = setInterval(() => response.write("."), 50);
      response.on("close", () => clearInterval(drip));
      return;
    }
    case undefined:
      setTimeout(() => {
        response.writeHead(status, headers);
        response.write(rest.body ?? "");
        response.end(Buffer.alloc(rest.bodyBytes ?? 0, "x"));
      }, rest.delayMs ?? 0);
  }
}
