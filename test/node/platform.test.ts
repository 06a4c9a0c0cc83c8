// The Worker of test/platform asks Cloudflare what no local run can show. That it asks, and that its page asks nothing else, can
// be shown: here its questions meet the local runtime, which has none of the limits.

import { readFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { type DevServer, freePort, startDevServer } from "../../local/dev-server.ts";

const FOLDER = fileURLToPath(new URL("../platform", import.meta.url));
const CONFIG = join(FOLDER, "wrangler.toml");
const PAGE = readFileSync(join(FOLDER, "README.md"), "utf8");
const state = mkdtempSync(join(tmpdir(), "firsttap-platform-"));
let server: DevServer;

beforeAll(async () => {
  server = await startDevServer({ port: await freePort(), persistTo: state, args: ["--config", CONFIG, "--env="] });
});

afterAll(async () => {
  await server.stop();
  rmSync(state, { recursive: true });
});

async function ask(method: string, path: string): Promise<any> {
  return (await fetch(server.url + path, { method })).json();
}

it("asks on the same platform as firsttap, with and without the flag", () => {
  const ours = unstable_readConfig({ config: join(FOLDER, "../../wrangler.toml"), env: "" });
  const [asking, without] = ["", "without"].map((env) => unstable_readConfig({ config: CONFIG, env }));
  expect(asking?.compatibility_date).toBe(ours.compatibility_date);
  expect(ours.compatibility_flags).toEqual(expect.arrayContaining(asking?.compatibility_flags ?? [""]));
  expect(without?.compatibility_flags).toEqual([]);
});

it("knows every question of the page, and the page every question of it", async () => {
  const { questions } = await ask("GET", "/no-question");
  const asked = Array.from(PAGE.matchAll(/curl -s( -X POST)? \$[PW](\/\w+)/g), ([, post, path]) =>
    [post === undefined ? "GET" : "POST", path].join(" "),
  );
  // What the Worker asks itself.
  expect(new Set([...asked, "POST /hang"])).toEqual(new Set(questions));
});

it("sees ten attempts arrive at once here, where no connection is shared", async () => {
  await ask("POST", "/connections");
  const arrived = async () =>
    ((await ask("GET", "/connections")) as string[]).filter((note) => note.includes("arrived"));
  await expect.poll(arrived, { timeout: 10_000 }).toHaveLength(10);
  for (const note of await arrived()) expect(Number(/after (\d+) ms/.exec(note)?.[1])).toBeLessThan(3_000);
});

it("sees a failing alarm again, a miss that is not remembered, writes that are all taken", async () => {
  await ask("POST", "/alarm");
  expect(await ask("GET", "/self")).toEqual({ status: 200, text: '"ok"' });
  expect(await ask("GET", "/miss")).toEqual({ before: null, seenAfterMs: expect.any(Number) });
  expect(await ask("GET", "/writes")).toEqual(["accepted", "accepted", "accepted"]);
  await expect.poll(async () => (await ask("GET", "/alarm")).runs.length, { timeout: 15_000 }).toBeGreaterThan(1);
});

it("writes more rows than a day of the free plan has, and sets an alarm, which here nobody refuses", async () => {
  const spent = await ask("POST", "/quota");
  expect(spent).toMatchObject({ write: "accepted", setAlarm: "accepted" });
  expect(spent.written).toBeGreaterThan(100_000);
});
