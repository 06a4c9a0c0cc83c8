// One run of the local server on the persisted state, from start to kill -9.

import { appendFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startDevServer } from "../../local/dev-server.ts";
import { ADMIN_TOKEN, type Server } from "./ask.ts";

/** Short, so that much happens between two kills. What a kill swallowed comes again after its lease: a job 20 s later, an attempt 34 s. */
const CALLBACK_TIMEOUT_SECONDS = 1;
const RETRY_SECONDS = 0.2;
const VARS = {
  ADMIN_TOKEN,
  ALLOW_LOCAL_ADDRESSES: "true",
  CALLBACK_RETRY_SECONDS: Array<number>(10).fill(RETRY_SECONDS).join(","),
  CALLBACK_TIMEOUT_SECONDS: String(CALLBACK_TIMEOUT_SECONDS),
};
/** Below the ports that systems give to outgoing connections: nobody takes ours while the server is dead. */
const PORTS = { first: 20_000, last: 29_999 };

export interface KillableServer extends Server {
  /** SIGKILL to the whole process group: wrangler and its workerd die in the middle of what they do. */
  kill(): Promise<void>;
}

export interface ServerOptions {
  /** The same for every run, because a carrier reports to the address that it was given with the message. */
  port: number;
  /** Where the state is, and server.log, which tells what the server said. */
  folder: string;
  /** Settings beside those of every run. */
  settings: Record<string, string>;
  /** Gets each line that the server prints. */
  onLine: (line: string) => void;
}

/** Starts the server on the state in `folder`. */
export async function startServer({ port, folder, settings, onLine }: ServerOptions): Promise<KillableServer> {
  const controller = new AbortController();
  const server = await startDevServer({
    port,
    persistTo: join(folder, "state"),
    vars: { ...VARS, ...settings },
    // Parallel runs on one machine would race for the default port of the inspector.
    args: ["--inspector-port", "0"],
    onLine: (line) => {
      appendFileSync(join(folder, "server.log"), `${line}\n`);
      onLine(line);
    },
  });
  return {
    url: server.url,
    killed: controller.signal,
    async kill() {
      const { exitCode, signalCode } = server.process;
      if (exitCode !== null || signalCode !== null) throw new Error("The server ended before it was killed.");
      await server.stop("SIGKILL");
      controller.abort();
      // That was wrangler; its workerd is gone, too, when nobody listens any more.
      while (!(await isFree(port))) await sleep(10);
    },
  };
}

/** A port that can be kept for as long as the rounds last. */
export async function lastingPort(): Promise<number> {
  const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
  return (await isFree(port)) ? port : lastingPort();
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const hasBegun = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  return hasBegun;
}
