// One workerd with the Workers that are compared, by Miniflare as wrangler brings it, and without wrangler's proxy: each
// Worker gets a socket of workerd's own on loopback, so a request passes no Node process and no Worker but the one asked.

import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, type LegacyWorkerOptions, Log, LogLevel, Miniflare } from "miniflare";
import { type CarrierServers, startCarrierServers } from "../../local/carrier-servers.ts";
import { type ScriptedReceiver, startScriptedReceiver } from "../../local/scripted-receiver.ts";

export const ADMIN_TOKEN = "bench-admin-token-0123456789abcdef";

/** What a hand would write without any tracking: the least that a Worker can do, and the least with one KV read. */
const BARE = {
  "bare-302": `
    export default {
      fetch() {
        return new Response(null, { status: 302, headers: { Location: "https://example.com/", "Cache-Control": "no-store" } });
      },
    };`,
  "bare-kv": `
    export default {
      async fetch(request, env) {
        const entry = await env.DIRECTORY.get(new URL(request.url).pathname.slice(1), "json");
        return new Response(null, { status: 302, headers: { Location: entry.d, "Cache-Control": "no-store" } });
      },
    };`,
};

export type WorkerName = "firsttap" | keyof typeof BARE;

export interface Runtime {
  /** Where the Worker answers, on loopback. */
  urlOf(worker: WorkerName): Promise<URL>;
  /** Answers 200 to every callback. */
  receiver: ScriptedReceiver;
  /** Take every message; the one in use is `http`. */
  carriers: CarrierServers;
}

/** What the Workers logged last, for an error's sake. */
const KEPT_LOGS = 20;

/**
 * Starts firsttap as bundled in `bundleDir`, with the bindings of wrangler.toml, beside the bare Workers, which read the
 * same KV namespace, a receiver of callbacks and the carriers; ends all of it when `use` is done. State is kept in `stateDir`.
 */
export async function withRuntime<T>(
  bundleDir: string,
  stateDir: string,
  use: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const logs: string[] = [];
  const carriers = await startCarrierServers();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...(await makeOptions(bundleDir, carriers.settings)),
      resourcePersistencePath: stateDir,
      handleStructuredLogs: ({ message }) => void logs.splice(0, logs.push(message) - KEPT_LOGS),
    }),
  );
  const receiver = await startScriptedReceiver();
  try {
    return await use({ receiver, carriers, urlOf: (worker) => miniflare.unsafeGetDirectURL(worker) });
  } catch (error) {
    console.error(`The Workers logged last:\n  ${logs.join("\n  ")}`);
    throw error;
  } finally {
    await receiver.close();
    await carriers.close();
    await miniflare.dispose();
  }
}

async function makeOptions(bundleDir: string, carriers: Record<string, string>) {
  const direct = { modules: true, unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  const ours = await configuredOptions();
  const { compatibilityDate, kvNamespaces } = ours;
  const bare = Object.entries(BARE).map(([name, script]) => ({
    ...direct,
    name,
    script,
    compatibilityDate,
    kvNamespaces,
  }));
  const settings = {
    ADMIN_TOKEN,
    ALLOW_LOCAL_ADDRESSES: "true",
    DATA_LOCATION: "anywhere",
    RECORD_BEFORE_REDIRECT: "false",
    SHORT_DOMAIN: "",
    ...carriers,
    CARRIER: "http",
  };
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    workers: [
      {
        ...ours,
        ...direct,
        name: "firsttap",
        // A path outside of this folder makes a module name that workerd refuses.
        rootPath: bundleDir,
        scriptPath: "index.js",
        bindings: { ...ours.bindings, ...settings },
      },
      ...bare,
    ],
  };
}

/** wrangler.toml in Miniflare's words; there are more than the type, which wrangler leaves open, names here. */
type ConfiguredOptions = Required<Pick<LegacyWorkerOptions, "compatibilityDate" | "kvNamespaces" | "bindings">>;

async function configuredOptions(): Promise<ConfiguredOptions> {
  // wrangler greets when it is loaded, unless it is told before.
  process.env["WRANGLER_LOG"] = "error";
  const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
  const config = fileURLToPath(new URL("../../wrangler.toml", import.meta.url));
  const { modulesRules: _, ...options } = unstable_getMiniflareWorkerOptions(config).workerOptions;
  return options as ConfiguredOptions;
}
