// The adapter in docs/sms.md, run as it is printed, against real local servers. And that the documents name every setting
// and every fact of the log.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { expect, it, vi } from "vitest";
import { freePort, startDevServer } from "../../local/dev-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const SMS = read("docs/sms.md");
const ADMIN_TOKEN = "local-admin-token-for-development-only";
const VARS = {
  ADMIN_TOKEN,
  ALLOW_LOCAL_ADDRESSES: "true",
  CARRIER: "outbox",
  CALLBACK_RETRY_SECONDS: "1,1,1,1,1,1,1,1,1,1",
};

/** Starts a local server for the length of the work. */
async function withServer(vars: Record<string, string>, work: (url: string) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), "firsttap-sms-docs-"));
  const server = await startDevServer({ port: await freePort(), persistTo: state, vars: { ...VARS, ...vars } });
  try {
    await work(server.url);
  } finally {
    await server.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** The code blocks of this language that begin so. */
function blocks(language: string, begins: string): string[] {
  return [...SMS.matchAll(/```(\w+)\n([^]*?)\n```/g)]
    .filter(([, name, text = ""]) => name === language && text.startsWith(begins))
    .map(([, , text = ""]) => text);
}

/** Runs a command of the document, with these addresses in place of its own. Fails when the command does. */
function shell(command: string, url: string, receiverUrl: string): string {
  const script = `${blocks("sh", "URL=").join("\n")}\n${command}`
    .replaceAll("http://localhost:8787", url)
    .replaceAll("http://localhost:8788/", receiverUrl);
  return execFileSync("bash", ["-c", `set -e\n${script}`]).toString();
}

it("the adapter in docs/sms.md takes a message once, and reports it delivered", async () => {
  const secret = `whsec_${Buffer.from("a secret of thirty-two characters").toString("base64")}`;
  const port = await freePort();
  const [code = ""] = blocks("js", "import");
  const adapter = startAdapter(code.replace("8789", String(port)), secret);
  let printed = "";
  adapter.stdout?.on("data", (data: Buffer) => (printed += data.toString()));
  try {
    await once(adapter, "spawn");
    const adapterUrl = `http://localhost:${port}/`;
    const carrier = { CARRIER: "http", HTTP_CARRIER_URL: adapterUrl, HTTP_CARRIER_SECRET: secret };
    const [send = ""] = blocks("sh", "curl");
    await withServer(carrier, async (url) => {
      const [{ msgid }] = JSON.parse(shell(send, url, "http://localhost:1/")) as [{ msgid: string }];
      const status = async () => {
        const authorization = `Bearer ${ADMIN_TOKEN}`;
        return (await fetch(`${url}/sms/messages/${msgid}`, { headers: { authorization } })).json();
      };
      await vi.waitFor(async () => expect(await status()).toMatchObject({ status: "DELIVERED" }), { timeout: 20_000 });
      const sends = () => printed.split(`msgid: '${msgid}'`).length - 1;
      await vi.waitFor(() => expect(printed).toContain("reported DELIVERED: 204"), { timeout: 20_000 });
      expect(sends()).toBe(1);
      expect(await offerAgain(adapterUrl, secret, msgid)).toEqual({ status: 202, body: { id: `my-${msgid}` } });
      const another = msgid.toLowerCase();
      expect(await offerAgain(adapterUrl, secret, another)).toMatchObject({ status: 202 });
      await vi.waitFor(() => expect(printed).toContain(another), { timeout: 20_000 });
      expect(sends(), "a msgid that it knows is not sent again").toBe(1);
    });
  } finally {
    adapter.kill();
  }
});

/** A message of this msgid as we offer one; what the adapter answers. */
async function offerAgain(url: string, secret: string, msgid: string): Promise<{ status: number; body: unknown }> {
  const body = JSON.stringify({ msgid, sender: "S", recipient: "+818012345678", text: "t", report_url: url });
  const at = new Date();
  const headers = {
    "webhook-id": msgid,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(msgid, at, body),
  };
  const answer = await fetch(url, { method: "POST", headers, body });
  return { status: answer.status, body: await answer.json() };
}

/** Run from the project's folder, which has the package that it imports. */
function startAdapter(code: string, secret: string): ChildProcess {
  const env = { ...process.env, HTTP_CARRIER_SECRET: secret };
  return spawn(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

it("docs/deploy.md names every setting, and docs/sms.md those of messages", () => {
  // Generated from wrangler.toml and .dev.vars.example; whatever is not in it, src/settings.ts cannot read.
  const settings = Array.from(read("src/env.d.ts").matchAll(/^\t([A-Z_]+): string;$/gm), ([, name = ""]) => name);
  expect(settings).toEqual(expect.arrayContaining(["ADMIN_TOKEN", "LINK_BOUNDARY", "HTTP_CARRIER_SECRET", "CARRIER"]));
  const deploy = read("docs/deploy.md");
  expect(settings.filter((name) => !deploy.includes(`\`${name}\``))).toEqual([]);
  const ofMessages = settings.filter((name) => /CARRIER|TWILIO|XOXZO|COST|BOUNDARY/.test(name));
  expect(ofMessages.filter((name) => !SMS.includes(`\`${name}`))).toEqual([]);
});

it("docs/deploy.md names every fact that is logged, and no other", () => {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const logged = sources.flatMap((name) => read(join("src", name)).match(/\blog\([^]*?[,)]/g) ?? []).join("\n");
  const facts = [...logged.matchAll(/"([a-z]+\.[a-z_]+)"/g)].map(([, fact]) => fact);
  // Two that are written with the duty that failed, and one that is chosen between two.
  expect(logged).toContain("`link.${duty}_failed`");
  facts.push("link.directory_failed", "link.listing_failed");
  const documented = [...read("docs/deploy.md").matchAll(/^\| `([a-z]+\.[a-z_]+)` \|/gm)].map(([, fact]) => fact);
  expect(new Set(documented)).toEqual(new Set(facts));
});
