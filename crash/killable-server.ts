// One run of the local server on the persisted state, from start to kill -9.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, startDevServer } from "../local/dev-server.ts";
import { ADMIN_TOKEN, type Server } from "./client.ts";

/** The shortest that settings.ts takes; a job or attempt that a kill swallowed is repeated 10 s later (its lease). */
const CALLBACK_TIMEOUT_SECONDS = 1;
const RETRY_SECONDS = 0.2;
const VARS = {
  ADMIN_TOKEN,
  ALLOW_LOCAL_ADDRESSES: "true",
  CALLBACK_RETRY_SECONDS: Array<number>(10).fill(RETRY_SECONDS).join(","),
  CALLBACK_TIMEOUT_SECONDS: String(CALLBACK_TIMEOUT_SECONDS),
};

export interface KillableServer extends Server {
  /** SIGKILL to the whole process group: wrangler and its workerd die in the middle of what they do. */
  kill(): Promise<void>;
}

/** Starts the server on the state in `folder`, where server.log tells what it said. */
export async function startServer(folder: string): Promise<KillableServer> {
  const controller = new AbortController();
  const server = await startDevServer({
    // A new port each time: connections of the run before cannot be mistaken for this one's.
    port: await freePort(),
    persistTo: join(folder, "state"),
    vars: VARS,
    // Parallel runs on one machine would race for the default port of the inspector.
    args: ["--inspector-port", "0"],
    env: {
      // A killed wrangler cannot remove its temporary files; here they go with the state.
      TMPDIR: folder,
      // Traces that nobody reads would take half of the server's time.
      X_LOCAL_OBSERVABILITY: "false",
    },
    onLine: (line) => appendFileSync(join(folder, "server.log"), `${line}\n`),
  });
  return {
    url: server.url,
    killed: controller.signal,
    async kill() {
      const { exitCode, signalCode } = server.process;
      if (exitCode !== null || signalCode !== null) throw new Error("The server ended before it was killed.");
      await server.stop("SIGKILL");
      controller.abort();
    },
  };
}
