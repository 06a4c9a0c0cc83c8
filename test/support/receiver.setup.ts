// Runs in Node, once for all tests: a real receiver that the Worker under test POSTs to.

import type { TestProject } from "vitest/node";
import "./provided.ts";
import { startScriptedReceiver } from "../../local/scripted-receiver.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const receiver = await startScriptedReceiver();
  project.provide("receiverUrl", receiver.url);
  return () => receiver.close();
}
