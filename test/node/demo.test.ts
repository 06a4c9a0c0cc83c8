// The demo and `npm start` are documents that run: they must do what they say.

import { exec, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { freePort } from "../../local/dev-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function run(script: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`local/${script}`], { cwd: ROOT, env: { ...process.env, ...env } });
  let printed = "";
  child.stdout.on("data", (data: Buffer) => (printed += data.toString()));
  child.stderr.on("data", (data: Buffer) => (printed += data.toString()));
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, exit, printed: () => printed };
}

it("`npm run demo` plays the story and says that all of it happened", async () => {
  const demo = run("demo.ts");
  expect([await demo.exit, demo.printed()]).toEqual([0, expect.stringContaining("All of it happened as promised.")]);
});

it("`npm start` prints an address, a token and curls that create a working link and send an SMS; `npm run receiver` gets the callback", async () => {
  const port = String(await freePort());
  const receiverPort = String(await freePort());
  const server = run("start.ts", { PORT: port });
  const receiver = { current: undefined as ReturnType<typeof run> | undefined };
  try {
    await until(() => server.printed().includes("Create a link:"));
    const [, url, token, json] =
      /curl -s (\S+) -H 'Authorization: Bearer (\S+)' .* -d '(.+)'/.exec(server.printed()) ?? [];
    receiver.current = run("receiver.ts", { RECEIVER_PORT: receiverPort, FIRSTTAP_URL: `http://localhost:${port}` });
    await until(() => receiver.current?.printed().includes("Receiving callbacks") === true);
    const created = await fetch(url ?? "", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: (json ?? "").replace("8788", receiverPort),
    });
    expect(created.status).toBe(201);
    const { short_url } = (await created.json()) as { short_url: string };
    const agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36";
    const tapped = await fetch(short_url, { redirect: "manual", headers: { "user-agent": agent } });
    expect(tapped.status).toBe(302);
    await until(() => receiver.current?.printed().includes("signature right") === true);
    const [sendIt] = /curl -s \S+\/sms\/messages\/ .+/.exec(server.printed()) ?? [];
    const sent = await promisify(exec)(sendIt ?? "");
    expect(JSON.parse(sent.stdout)).toEqual([{ msgid: expect.any(String) }]);
    await until(() => /^SMS: Your offer: http:\/\/localhost:\d+\/\w{10}$/m.test(server.printed()));
  } finally {
    receiver.current?.child.kill();
    server.child.kill("SIGTERM");
    await server.exit;
  }
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error("not within a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
