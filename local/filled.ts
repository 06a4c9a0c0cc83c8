// A local server whose account has a history of ninety days: filled by a Worker of its own (example/worker.ts), which the product
// has no door for, and then served as it is.

import { fileURLToPath } from "node:url";
import { type DevServer, type DevServerOptions, startDevServer } from "./dev-server.ts";

const FILLER = fileURLToPath(new URL("example/worker.ts", import.meta.url));
const FILL_TIMEOUT_MS = 600_000;
/** What links report to their book is on its way for so long. */
const SETTLE_MS = 8_000;

/** Fills the state in `persistTo` with so many messages, and serves it. */
export async function startFilledServer(
  options: DevServerOptions & { persistTo: string },
  messages: number,
): Promise<DevServer> {
  const filler = await startDevServer({ ...options, entry: FILLER, vars: { ...options.vars, CARRIER: "" } });
  try {
    const signal = AbortSignal.timeout(FILL_TIMEOUT_MS);
    const filled = await fetch(`${filler.url}/?messages=${messages}&seed=1`, { method: "POST", signal });
    if (!filled.ok) throw new Error(`The example could not be filled: ${filled.status} ${await filled.text()}`);
    await filled.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  } finally {
    await filler.stop();
  }
  return startDevServer(options);
}

/** A link that signs in to the dashboard of a server, once. */
export async function signInLink(url: string, token: string, scope = "full"): Promise<string> {
  const made = await fetch(`${url}/api/account/sign-in-links`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "npm start", scopes: [scope] }),
  });
  if (!made.ok) throw new Error(`No sign-in link could be made: ${made.status} ${await made.text()}`);
  const { url: link } = (await made.json()) as { url: string };
  return link;
}
