// One thread of the simulator: loads the Worker once, with the planted bug if there is one, and plays the seeds that it is
// given, one after the other.

import { enableCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { bugNamed } from "./bugs.ts";
import { installGlobals } from "./globals.ts";
import { loadIsolates } from "./isolates.ts";
import { deployment, installLoader } from "./loader.ts";
import { ObjectReset } from "./objects.ts";
import { simulate } from "./simulation.ts";

/** Home, where objects and queues are, and three cities. */
const ISOLATES = 4;

/** What a thread is started with. */
export interface ThreadData {
  /** The name of the planted bug. */
  bug: string | undefined;
  beyond: boolean;
}

// What was compiled once needs not be again by other threads, and for other bugs.
enableCompileCache();
const port = parentPort;
if (port === null) throw new Error("this module is a thread of simulate/run.ts");
const { bug, beyond } = workerData as ThreadData;
const planted = bug === undefined ? null : bugNamed(bug);
const toml = deployment(planted);
installLoader(planted);
installGlobals();
const isolates = await loadIsolates(ISOLATES);
let stray: unknown[] = [];
// The platform would only log these; a run has none, but from code whose object was reset in the middle of it.
process.on("unhandledRejection", (error) => {
  if (!(error instanceof ObjectReset)) stray.push(error);
});
port.on("message", (seed: number) => {
  stray = [];
  void simulate({ seed, isolates, beyond, toml }).then((result) => {
    for (const error of stray) result.violations.push({ check: "no rejection is left alone", detail: String(error) });
    port.postMessage(result);
  });
});
port.postMessage("ready");
