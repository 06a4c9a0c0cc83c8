// The script of docs/exports.md against a real server, through a line that breaks again and again: it goes on where it stopped, and in the end has
// everything once.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";
import { ROOT } from "./played-docs.ts";

const ADMIN_TOKEN = "exports-admin-token-0123456789";
const LINKS = 120;

const folder = mkdtempSync(join(tmpdir(), "firsttap-exports-"));
let server: DevServer;
beforeAll(async () => {
  server = await startDevServer({
    port: await freePort(),
    persistTo: join(folder, "state"),
    vars: { ADMIN_TOKEN, ALLOW_LOCAL_ADDRESSES: "true", CARRIER: "outbox" },
  });
}, 90_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" };

async function ask(method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  expect([response.ok, text]).toEqual([true, text]);
  return text;
}

/** Passes everything on to the server, and breaks off within an answer that is longer than so many bytes, so many times. */
async function breakingLine(
  bytes: number,
  times: number,
): Promise<{ server: Server; url: string; broken: () => number }> {
  let broken = 0;
  const line = createServer((incoming, outgoing) => {
    const { hostname, port } = new URL(server.url);
    const passed = request({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers });
    passed.on("error", () => outgoing.destroy());
    passed.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
      let left = bytes;
      answer.on("data", (data: Buffer) => {
        if (broken < times && data.length > left) {
          broken += 1;
          answer.removeAllListeners().destroy();
          outgoing.write(data.subarray(0, left), () => outgoing.destroy());
          return;
        }
        left -= data.length;
        outgoing.write(data);
      });
      answer.on("end", () => outgoing.end());
    });
    incoming.pipe(passed);
  });
  line.listen(0, "127.0.0.1");
  await once(line, "listening");
  return { server: line, url: `http://localhost:${(line.address() as AddressInfo).port}`, broken: () => broken };
}

async function runScript(url: string, into: string, token = ADMIN_TOKEN): Promise<{ code: number; printed: string }> {
  const child = spawn("sh", [join(ROOT, "docs/exports/fetch.sh"), url, into], {
    env: { ...process.env, TOKEN: token, PAUSE: "0" },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (printed += data.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, printed };
}

it("fetches everything once over a line that breaks, goes on where it was stopped, and shows the token to nobody", async () => {
  for (let n = 0; n < LINKS; n++)
    await ask("POST", "/api/links", { url: `https://example.com/?n=${n}`, reference: `"${n}"\n`.trim() });
  await ask("POST", "/sms/messages/", {
    message: "See https://example.com/",
    recipient: "+818012345678",
    sender: "SHOP",
    track_link: "true",
  });
  const whole = (name: string) => ask("GET", `/api/export/${name}.ndjson`);
  await vi.waitFor(async () => expect((await whole("links")).split("\n")).toHaveLength(LINKS + 2), 30_000);
  await vi.waitFor(async () => expect(await whole("messages")).toContain("DELIVERED"), 30_000);
  const names = JSON.parse(await ask("GET", "/api/account/export")).exports.map(({ name }: { name: string }) => name);
  const into = join(folder, "fetched");
  const line = await breakingLine(9_000, 7);
  try {
    const { code, printed } = await runScript(line.url, into);
    expect([code, printed]).toEqual([0, expect.stringContaining(`links.ndjson: ${LINKS + 1} rows`)]);
    expect(line.broken()).toBe(7);
    expect(readdirSync(into).toSorted()).toEqual(names.map((name: string) => `${name}.ndjson`).toSorted());
    const read = (name: string) => readFileSync(join(into, `${name}.ndjson`), "utf8");
    for (const name of names.filter((one: string) => one !== "figures"))
      expect([name, read(name)]).toEqual([name, await whole(name)]);
    expect(
      read("figures")
        .split("\n")
        .filter((row) => row.includes("events.links_made")),
    ).toHaveLength(LINKS + 1);
    expect(printed).not.toContain(ADMIN_TOKEN);

    // It was stopped within a line: what is there is gone on with, and not asked for again.
    const lines = (await whole("links")).split("\n");
    writeFileSync(join(into, "links.ndjson.part"), `${lines.slice(0, 100).join("\n")}\n${lines[100]?.slice(0, 40)}`);
    const again = await runScript(server.url, into);
    expect(again.code).toBe(0);
    expect(read("links")).toBe(await whole("links"));
  } finally {
    line.server.close();
  }
}, 180_000);

it("says so, and keeps what has come, where a line breaks without end", async () => {
  const into = join(folder, "broken");
  const line = await breakingLine(2_000, Infinity);
  try {
    const { code, printed } = await runScript(line.url, into);
    expect([code, printed]).toEqual([1, expect.stringContaining("links.ndjson broke off ten times. Start this again")]);
    expect(readFileSync(join(into, "links.ndjson.part"), "utf8").split("\n").length).toBeGreaterThan(20);
    expect(readdirSync(into)).toEqual(["links.ndjson.part"]);
  } finally {
    line.server.close();
  }
}, 180_000);

it("fails where the token is wrong", async () => {
  const { code, printed } = await runScript(server.url, join(folder, "wrong"), "wrong-token");
  expect([code, printed]).toEqual([22, expect.stringContaining("401")]);
});
