// The demo and `npm start` are documents that run: they must do what they say.

import { exec, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { freePort } from "../../local/dev-server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function run(script: string, env: Record<string, string> = {}, args: string[] = []) {
  const child = spawn(process.execPath, [`local/${script}`, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
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

it("`npm start` prints an address, a token and curls that create a working link and send an SMS; `npm run receiver` finds it and gets the callback", async () => {
  const receiverPort = String(await freePort());
  const server = run("start.ts", { PORT: String(await freePort()) });
  let receiver: ReturnType<typeof run> | undefined;
  try {
    await until(() => server.printed().includes("Stop with Ctrl-C"));
    receiver = run("receiver.ts", { RECEIVER_PORT: receiverPort });
    await until(() => receiver?.printed().includes("Receiving the callbacks") === true);
    const second = run("receiver.ts", { RECEIVER_PORT: receiverPort });
    expect([await second.exit, second.printed()]).toEqual([1, expect.stringContaining("perhaps by another receiver")]);
    const [createIt = "", sendIt = ""] = curlsIn(server.printed());
    const { short_url } = await answerOf(createIt.replace("8788", receiverPort));
    const agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36";
    const tapped = await fetch(short_url, { redirect: "manual", headers: { "user-agent": agent } });
    expect(tapped.status).toBe(302);
    await until(() => receiver?.printed().includes("signature right") === true);
    expect(await answerOf(sendIt)).toEqual([{ msgid: expect.any(String) }]);
    await until(() => /^SMS: Your offer: http:\/\/localhost:\d+\/\w{10}$/m.test(server.printed()));
    const sent = /localhost:\d+\/\w{10}$/m.exec(server.printed())?.[0];
    const opened = await fetch(`http://${sent}`, { redirect: "manual", headers: { "user-agent": agent } });
    expect(opened.headers.get("location")).toBe("https://example.com/?a=1&b=2");
    for (const line of server.printed().split("\n").slice(0, 30)) expect(line.length, line).toBeLessThanOrEqual(80);
  } finally {
    receiver?.child.kill();
    server.child.kill("SIGTERM");
    await server.exit;
  }
});

it.each([
  ["in its network", { HOST: "0.0.0.0" }, /^http:\/\/(?!localhost)[\w.-]+:\d+\/\w{10}$/],
  ["through a tunnel", { SHORT_DOMAIN: "tunnel.example.com" }, /^https:\/\/tunnel\.example\.com\/\w{10}$/],
])(
  "where others reach `npm start` %s, short URLs open there, and the example's token is refused",
  async (_, env, url) => {
    const server = run("start.ts", { PORT: String(await freePort()), ...env });
    try {
      await until(() => server.printed().includes("Stop with Ctrl-C"));
      const [createIt = ""] = curlsIn(server.printed());
      expect((await answerOf(createIt)).short_url).toMatch(url);
      const [, token = ""] = /^token +(\S+)$/m.exec(server.printed()) ?? [];
      expect(token).toMatch(/^[\w-]{32}$/);
      const example = createIt.replaceAll(token, "local-admin-token-for-development-only");
      expect(await answerOf(example)).toMatchObject({ status: 401 });
    } finally {
      server.child.kill("SIGTERM");
      await server.exit;
    }
  },
);

it("`npm start` says which setting is wrong, and the remedy, before anybody meets a 503", async () => {
  const server = run("start.ts", { PORT: String(await freePort()) }, ["--var", "COST_PER_PART:cheap"]);
  try {
    await until(() => /The API answers 503 until .*\n\n {2}COST_PER_PART must be a number/.test(server.printed()));
  } finally {
    server.child.kill("SIGTERM");
    await server.exit;
  }
});

it("`npm run receiver` says what to do where no server answers", async () => {
  const port = await freePort();
  const receiver = run("receiver.ts", { RECEIVER_PORT: "0", FIRSTTAP_URL: `http://127.0.0.1:${port}` });
  expect([await receiver.exit, receiver.printed()]).toEqual([1, expect.stringMatching(/Start it first: npm start\n$/)]);
});

/** The commands that are printed for pasting, as they are. */
function curlsIn(printed: string): string[] {
  return printed.match(/curl -s [^]*?(?=\n\n)/g) ?? [];
}

async function answerOf(curl: string) {
  const { stdout } = await promisify(exec)(curl);
  return JSON.parse(stdout);
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error("not within a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
