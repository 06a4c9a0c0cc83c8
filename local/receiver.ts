// `npm run receiver`: a callback receiver for the local server. Prints what comes and whether its signature is right. It
// finds the server that `npm start` runs; FIRSTTAP_URL names another one, and RECEIVER_PORT is for where 8788 is taken.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { parseEnv } from "node:util";
import { Webhook } from "standardwebhooks";
import { runCommand } from "./command.ts";
import { LOOPBACK, portNamed } from "./dev-server.ts";
import { type Running, runningServers } from "./running.ts";

const DEFAULT_PORT = 8788;

await runCommand(async () => {
  const port = portNamed("RECEIVER_PORT", DEFAULT_PORT);
  let secret = "";
  const server = receiver(() => secret);
  await listen(server, port);
  const firsttap = findServer();
  secret = await newSecret(firsttap);
  console.log(`Receiving the callbacks of ${firsttap.url} at http://localhost:${port}/`);
  await once(server, "close");
  return 0;
});

function receiver(secretOf: () => string): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const isRight = isSignedRight(body, request.headers, secretOf());
      console.log(`${new Date().toISOString()} ${request.method} ${request.url}`);
      console.log(`  webhook-id ${String(request.headers["webhook-id"])}, signature ${isRight ? "right" : "WRONG"}`);
      console.log(`  ${body}`);
      // A receiver that cannot verify must not take the event for delivered.
      response.writeHead(isRight ? 200 : 400).end();
    });
  });
}

/** Before a secret is made: each one that is made retires the one before the last. */
async function listen(server: Server, port: number): Promise<void> {
  try {
    await once(server.listen(port, LOOPBACK), "listening");
  } catch {
    throw new Error(
      `Port ${port} is in use, perhaps by another receiver: end it, or RECEIVER_PORT=${port + 1} npm run receiver`,
    );
  }
}

/** The server that was named, or that was started last, or that will have been started as usual. */
function findServer(): Running {
  const running = runningServers();
  const url = process.env["FIRSTTAP_URL"] ?? running[0]?.url ?? "http://localhost:8787";
  const known = running.find((server) => server.url === url);
  return known ?? { url, token: tokenInVars() };
}

function tokenInVars(): string {
  try {
    return parseEnv(readFileSync(new URL("../.dev.vars", import.meta.url), "utf8"))["ADMIN_TOKEN"] ?? "";
  } catch {
    // `npm start` makes the file.
    return "";
  }
}

/** The secret is shown only when it is made, so the receiver makes one; the one before also signs for 24 hours. */
async function newSecret({ url, token }: Running): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/api/account/callback-secret`, { method: "POST", headers }).catch(() => {
    throw new Error(`No server answers at ${url}. Start it first: npm start`);
  });
  const { callback_secret: secret } = (await answer.json()) as { callback_secret?: string };
  if (secret === undefined)
    throw new Error(`${url} gave no signing secret, it answered ${answer.status}. Is it the server of npm start?`);
  return secret;
}

function isSignedRight(body: string, headers: NodeJS.Dict<string | string[]>, secret: string): boolean {
  try {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    new Webhook(secret).verify(body, flat);
    return true;
  } catch {
    return false;
  }
}
