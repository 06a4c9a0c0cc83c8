// `npm start`: a local server to try everything on, with lines to paste. Settings are in .dev.vars, which is made from
// the committed example when there is none. Of the environment it takes:
//
//   PORT          instead of 8787
//   HOST          the address to listen on. With 0.0.0.0 a phone in the same network reaches the server, and short URLs
//                 that are made through this machine's address open there
//   SHORT_DOMAIN  the domain of a tunnel to this server: short URLs are on it, and open everywhere
//
// Where others can reach the server, the example's public token is no protection: a random one takes its place.

import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { runCommand } from "./command.ts";
import { LOOPBACK, portNamed, startDevServer } from "./dev-server.ts";
import { signInLink } from "./filled.ts";
import { announce } from "./running.ts";

const DEFAULT_PORT = 8787;
const VARS = fileURLToPath(new URL("../.dev.vars", import.meta.url));
const EXAMPLE = `${VARS}.example`;
const TOKEN_BYTES = 24;

await runCommand(async () => {
  if (!existsSync(VARS)) copyFileSync(EXAMPLE, VARS);
  const { HOST: host = LOOPBACK, SHORT_DOMAIN: shortDomain } = process.env;
  const port = portNamed("PORT", DEFAULT_PORT);
  const isOpen = !/^(?:127\.|localhost$|::1$)/.test(host) || shortDomain !== undefined;
  const kept = parseEnv(readFileSync(VARS, "utf8"));
  const token = isOpen ? protectedToken(kept) : kept["ADMIN_TOKEN"];
  let isReady = false;
  const wrong: string[] = [];
  console.log("Starting the local server …");
  const server = await startDevServer({
    host,
    port,
    vars: {
      // Somebody's own .dev.vars may name no carrier, and then messages would be refused.
      CARRIER: kept["CARRIER"] ?? "outbox",
      ...(shortDomain === undefined ? {} : { SHORT_DOMAIN: shortDomain }),
      ...(token === undefined || token === kept["ADMIN_TOKEN"] ? {} : { ADMIN_TOKEN: token, ...sealedAsBefore(kept) }),
    },
    args: process.argv.slice(2),
    // Until it is ready, wrangler tells of itself, and the server of settings that are wrong; from then on of each request.
    onLine: (line) => {
      const problem = wrongSettingIn(line);
      if (!isReady && problem !== undefined) wrong.push(problem);
      if (!isReady || line.includes("GET /healthz")) return;
      console.log(problem === undefined ? (smsIn(line) ?? line) : correction(problem));
    },
  });
  const url = host === "0.0.0.0" ? `http://${networkAddress() ?? "localhost"}:${port}` : server.url;
  announce({ url: server.url, token: token ?? "" });
  greet(url, token ?? "(none in .dev.vars)", isOpen, await dashboardLink(url, token));
  isReady = true;
  for (const problem of wrong) console.log(correction(problem));
  await server.gone;
  return server.process.exitCode ?? 0;
});

/** What signs in to the dashboard, once; the dashboard itself where no link could be made. */
async function dashboardLink(url: string, token = ""): Promise<string> {
  return signInLink(url, token).catch(() => `${url}/dashboard`);
}

type Vars = Partial<Record<string, string>>;

/** The operator's own token, or a random one instead of the example's. */
function protectedToken(kept: Vars): string | undefined {
  const example = parseEnv(readFileSync(EXAMPLE, "utf8"))["ADMIN_TOKEN"];
  return kept["ADMIN_TOKEN"] === example ? randomBytes(TOKEN_BYTES).toString("base64url") : kept["ADMIN_TOKEN"];
}

/** Where no SECRETS_KEY seals, the token does: secrets that were sealed with the one in .dev.vars have to open. */
function sealedAsBefore(kept: Vars): Record<string, string> {
  return { SECRETS_KEY: kept["SECRETS_KEY"] || (kept["ADMIN_TOKEN"] ?? "") };
}

/** This machine's address in its network. */
function networkAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

function greet(url: string, token: string, isOpen: boolean, dashboard: string): void {
  const link = JSON.stringify({ url: "https://example.com/", callback_url: "http://localhost:8788/" });
  console.log(`
firsttap runs at   ${url}
account            main
token              ${token}

The dashboard (this signs you in once; after that, the token does):

  ${dashboard}

Create a link:

  ${curl(
    `${url}/api/links`,
    `-H ${quoted(`Authorization: Bearer ${token}`)}`,
    `-H ${quoted("Content-Type: application/json")}`,
    `-d ${quoted(link)}`,
  )}

Receive its callback in a second terminal: npm run receiver
Then open the short_url in a browser.

Send an SMS (it stays here and is printed, with its short link):

  ${curl(
    `${url}/sms/messages/`,
    `-u ${quoted(`main:${token}`)}`,
    `--data-urlencode ${quoted("message=Your offer: https://example.com/?a=1&b=2")}`,
    `--data-urlencode ${quoted("recipient=+818012345678")}`,
    "-d sender=SHOP -d track_link=true",
  )}

${
  isOpen
    ? "Others can reach this server, too: only this token may use its API, and\nthe next start makes another, unless .dev.vars has one of your own."
    : "To open links on a phone in the same network: HOST=0.0.0.0 npm start"
}
Stop with Ctrl-C; links and messages are kept in .wrangler/state.
`);
}

/** In lines that fit a terminal, where its shell can take more than one. */
function curl(...parts: string[]): string {
  return `curl -s ${parts.join(process.platform === "win32" ? " " : " \\\n    ")}`;
}

/** As one word for a shell. */
function quoted(text: string): string {
  return process.platform === "win32" ? `"${text.replaceAll('"', '\\"')}"` : `'${text}'`;
}

/** What is wrong with a setting, and the remedy, if this log line says so. */
function wrongSettingIn(line: string): string | undefined {
  const problem = /^\{"fact":"settings\.wrong","problem":(".*")\}$/.exec(line)?.[1];
  return problem === undefined ? undefined : String(JSON.parse(problem));
}

function correction(problem: string): string {
  return `The API answers 503 until this is right. What .dev.vars says comes first here:\n\n  ${problem}\n`;
}

/** The text of a message that the embedded carrier took, if this log line says so. */
function smsIn(line: string): string | undefined {
  const text = /^\{"fact":"outbox\.message",.*"text":(".*")\}$/.exec(line)?.[1];
  return text === undefined ? undefined : `SMS: ${JSON.parse(text)}`;
}
