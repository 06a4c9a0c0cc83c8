// `npm start`: a local server to try everything on, with lines to paste. Settings are in .dev.vars, which is made from
// the committed example when there is none.

import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { type DevServer, startDevServer } from "./dev-server.ts";

const DEFAULT_PORT = 8787;
const VARS = new URL("../.dev.vars", import.meta.url);
const EXAMPLE = new URL("../.dev.vars.example", import.meta.url);

if (!existsSync(VARS)) copyFileSync(EXAMPLE, VARS);
const settings = readFileSync(VARS, "utf8");
const port = Number(process.env["PORT"] ?? DEFAULT_PORT);
let isReady = false;
console.log("Starting the local server …");
let server: DevServer;
try {
  server = await startDevServer({
    port,
    // Somebody's own .dev.vars may name no carrier, and then messages would be refused.
    vars: /^CARRIER\s*=/m.test(settings) ? {} : { CARRIER: "outbox" },
    args: process.argv.slice(2),
    // Until it is ready, wrangler tells of itself; from then on of each request.
    onLine: (line) => isReady && console.log(smsIn(line) ?? line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
isReady = true;
const token = /^ADMIN_TOKEN\s*=\s*"?([^"\n]*)"?/m.exec(settings)?.[1] ?? "(none in .dev.vars)";
console.log(`
firsttap runs at   ${server.url}
account            main
token              ${token}

Create a link:

  curl -s ${server.url}/api/links -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '{"url":"https://example.com/","callback_url":"http://localhost:8788/"}'

Receive its callback in a second terminal: npm run receiver
Then open the short_url in a browser.

Send an SMS (it stays here and is printed, with its short link):

  curl -s ${server.url}/sms/messages/ -u 'main:${token}' -d 'message=Your offer: https://example.com/' -d 'sender=SHOP' -d 'track_link=true' --data-urlencode 'recipient=+818012345678'

Stop with Ctrl-C; links and messages are kept in .wrangler/state.
`);

/** The text of a message that the embedded carrier took, if this log line says so. */
function smsIn(line: string): string | undefined {
  const text = /^\{"fact":"outbox\.message",.*"text":(".*")\}$/.exec(line)?.[1];
  return text === undefined ? undefined : `SMS: ${JSON.parse(text)}`;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.stop(signal));
const [code] = await new Promise<[number | null]>((resolve) =>
  server.process.once("exit", (status) => resolve([status])),
);
process.exit(code ?? 0);
