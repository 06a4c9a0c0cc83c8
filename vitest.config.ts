import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // Inside workerd, with real KV, objects and queues; only the clock, faults and the receiver's behaviour are made.
        plugins: [
          cloudflareTest({
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
            },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/*.test.ts"],
          globalSetup: ["test/support/receiver.setup.ts"],
          testTimeout: 30_000,
        },
      },
      {
        // In Node: what a deployment and a newcomer do with the command line.
        test: { name: "node", include: ["test/node/*.test.ts"], testTimeout: 120_000 },
      },
      {
        // What takes minutes (`npm run test:long`).
        test: { name: "long", include: ["test/long/*.test.ts"], testTimeout: 900_000 },
      },
    ],
  },
});
