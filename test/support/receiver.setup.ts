// Runs in Node, once for all tests: the real servers that the Worker under test calls: a receiver and the carriers.

import type { TestProject } from "vitest/node";
import "./provided.ts";
import { startCarrierServers } from "../../local/carrier-servers.ts";
import { startScriptedReceiver } from "../../local/scripted-receiver.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const receiver = await startScriptedReceiver();
  const carriers = await startCarrierServers();
  project.provide("receiverUrl", receiver.url);
  project.provide("carrierUrl", carriers.url);
  return async () => {
    await Promise.all([receiver.close(), carriers.close()]);
  };
}
