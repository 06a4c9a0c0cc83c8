// `npm run receiver`: a callback receiver for the local server. Prints what comes and whether its signature is right.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const PORT = Number(process.env["RECEIVER_PORT"] ?? 8788);
const SERVER = process.env["FIRSTTAP_URL"] ?? "http://localhost:8787";

const secret = await newSecret();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString();
    const isRight = isSignedRight(body, request.headers);
    console.log(`${new Date().toISOString()} ${request.method} ${request.url}`);
    console.log(`  webhook-id ${String(request.headers["webhook-id"])}, signature ${isRight ? "right" : "WRONG"}`);
    console.log(`  ${body}`);
    // A receiver that cannot verify must not take the event for delivered.
    response.writeHead(isRight ? 200 : 400).end();
  });
});
server.listen(PORT, "127.0.0.1", () => console.log(`Receiving callbacks at http://localhost:${PORT}/`));

/** The secret is shown only when it is made, so the receiver makes one; the one before also signs for 24 hours. */
async function newSecret(): Promise<string> {
  try {
    const vars = readFileSync(new URL("../.dev.vars", import.meta.url), "utf8");
    const token = /^ADMIN_TOKEN\s*=\s*"?([^"\n]*)"?/m.exec(vars)?.[1] ?? "";
    const answer = await fetch(`${SERVER}/api/account/callback-secret`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    const { callback_secret: made } = (await answer.json()) as { callback_secret?: string };
    if (made !== undefined) return made;
    throw new Error(`the API answered ${answer.status}`);
  } catch (error) {
    console.error(`No signing secret from ${SERVER} (${error instanceof Error ? error.message : String(error)}).`);
    console.error("Start the server first: npm start");
    process.exit(1);
  }
}

function isSignedRight(body: string, headers: NodeJS.Dict<string | string[]>): boolean {
  try {
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    new Webhook(secret).verify(body, flat);
    return true;
  } catch {
    return false;
  }
}
