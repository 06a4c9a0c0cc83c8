import { existsSync, statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { unstable_readConfig } from "wrangler";
import BriefReporter from "./test/support/brief-reporter.ts";

/** What takes minutes, a browser, or servers of its own, runs apart: `npm run test:long`. The rest is `npm test`. */
const LONG_IN_WORKERD = ["load", "naughty-strings", "find-link-time", "fuzz"].map((name) => `test/${name}.test.ts`);
const LONG_IN_NODE = [
  "simulator",
  // Servers.
  "carrier-faults",
  "demo",
  "docs",
  "exports",
  "privacy",
  "processes",
  "sheet",
  "sms-docs",
  // Chromium.
  "dashboard",
  "pages",
  "prefetch",
].map((name) => `test/node/${name}.test.ts`);

/**
 * These share a runtime, because starting one and loading the Worker take longer than most of their tests: they call functions, or have
 * objects and accounts of their own, and neither look at what others left nor set the clock for objects that others use.
 */
const TOGETHER = [
  // Functions.
  "address",
  "android-link",
  "book-walk",
  "code",
  "delays",
  "export",
  "find-link",
  "find-link-figures",
  "network",
  "numbers",
  "parts",
  "range",
  "schedule",
  "settings",
  "visitor",
  // Objects.
  "access-rows",
  "bulk-retry",
  "carriers",
  "dashboard",
  "dashboard-sign-in",
  "exports",
  "figures",
  "first-access",
  "headers",
  "health",
  "late-calls",
  "ledger",
  "list-routes",
  "lists",
  "locale",
  "messages",
  "objects",
  "page",
  "send-again",
  "story",
  "tallies",
].map((name) => `test/${name}.test.ts`);

// Objects write through to the disk with each change, which is half of what tests take there: where Linux has memory for it, they are
// in memory. A container's may be too small.
const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 2 ** 31;
if (existsSync(MEMORY)) {
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize >= ENOUGH_BYTES) process.env["TMPDIR"] ??= MEMORY;
}

// Or wrangler says for each file where it read settings.
process.env["WRANGLER_LOG"] ??= "warn";

interface Consumer {
  queue: string;
  max_batch_size: number;
  /** Seconds. */
  max_batch_timeout: number;
  max_retries: number;
  dead_letter_queue?: string;
}

/** The deployment's queues, but that none waits a second for more to come. */
const QUEUE_CONSUMERS = Object.fromEntries(
  // Its type names modules that it does not bring along.
  (unstable_readConfig({ config: "./wrangler.toml", env: "" }).queues.consumers as Consumer[]).map((consumer) => [
    consumer.queue,
    {
      maxBatchSize: consumer.max_batch_size,
      maxBatchTimeout: Math.min(consumer.max_batch_timeout, 0.05),
      maxRetries: consumer.max_retries,
      ...(consumer.dead_letter_queue !== undefined && { deadLetterQueue: consumer.dead_letter_queue }),
    },
  ]),
);

interface Files {
  include: string[];
  exclude?: string[];
}

/** Inside workerd, with real KV, objects and queues; only the clock, faults and the receiver's behaviour are made. */
function inWorkerd(name: string, files: Files, isolate = true): TestProjectConfiguration {
  return {
    plugins: [
      cloudflareTest({
        // Or workerd prints the stack of every exception, also of those that are caught.
        verbose: false,
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: {
          bindings: {
            ADMIN_TOKEN: "test-admin-token-0123456789abcdef",
            ALLOW_LOCAL_ADDRESSES: "true",
            CARRIER: "outbox",
            // As in local/dev-server.ts: a deployment's jurisdiction is nothing that workerd knows.
            DATA_LOCATION: "anywhere",
            // Short, so that eleven POSTs take a second.
            CALLBACK_RETRY_SECONDS: "0.02,0.02,0.02,0.02,0.02,0.02,0.02,0.02,0.02,0.02",
            CALLBACK_TIMEOUT_SECONDS: "3",
          },
          queueConsumers: QUEUE_CONSUMERS,
        },
      }),
    ],
    test: {
      name,
      ...files,
      isolate,
      globalSetup: ["test/support/receiver.setup.ts", "test/support/expected-lines.setup.ts"],
      testTimeout: 30_000,
    },
  };
}

/** In Node: what a deployment and a newcomer do with the command line. */
function inNode(name: string, files: Files): TestProjectConfiguration {
  return { test: { name, ...files, testTimeout: 120_000, hookTimeout: 60_000 } };
}

export default defineConfig({
  // Not that the source map of a dependency leads nowhere.
  logLevel: "error",
  test: {
    reporters: [new BriefReporter()],
    // By default one processor is left free; tests wait for clocks more than they compute.
    maxWorkers: availableParallelism(),
    // What the Worker logs belongs to a test, and is of use where that fails.
    silent: "passed-only",
    projects: [
      inWorkerd("workerd", { include: ["test/*.test.ts"], exclude: [...LONG_IN_WORKERD, ...TOGETHER] }),
      inWorkerd("together", { include: TOGETHER }, false),
      inWorkerd("workerd-long", { include: LONG_IN_WORKERD }),
      inNode("node", { include: ["test/node/*.test.ts"], exclude: LONG_IN_NODE }),
      inNode("node-long", { include: LONG_IN_NODE }),
    ],
  },
});
