// The README's commands, run as they are printed there, against a real local server.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { freePort, startDevServer } from "../../local/dev-server.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const EXAMPLE = readFileSync(new URL("../../.dev.vars.example", import.meta.url), "utf8");

it("each curl in the README does what the text around it says", async () => {
  const commands = [...README.matchAll(/```sh\n(curl[^]*?)```/g)].map(([, command]) => command ?? "");
  const vars = Object.fromEntries(
    [...EXAMPLE.matchAll(/^([A-Z_]+)="(.*)"$/gm)].map(([, name, value]) => [name, value]),
  );
  const state = mkdtempSync(join(tmpdir(), "firsttap-readme-"));
  const printed: string[] = [];
  const onLine = (line: string) => void printed.push(line);
  const server = await startDevServer({ port: await freePort(), persistTo: state, vars, onLine });
  try {
    const run = (index: number) =>
      execFileSync("bash", ["-c", (commands[index] ?? "").replaceAll("http://localhost:8787", server.url)]).toString();
    expect(JSON.parse(run(0))).toMatchObject({ code: "summer", short_url: `${server.url}/summer`, tags: ["june"] });
    expect(run(1)).toMatch(/^HTTP\/1.1 302 Found\r\n[^]*Location: https:\/\/example.com\/offer\r\n/);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(JSON.parse(run(2))).toMatchObject({
      accessed: true,
      access_counts: { person: 1 },
      accesses: [{ kind: "person", reason: null, device: "iPhone" }],
      callback: { event_id: expect.stringMatching(/^evt_/) },
    });
    // Listed within seconds.
    const listed = () => expect(JSON.parse(run(3))).toMatchObject({ links: [{ code: "summer" }], next_cursor: null });
    await vi.waitFor(listed, 10_000);
    expect(JSON.parse(run(4))).toMatchObject({ url: "https://example.com/better-offer" });
    expect(run(5)).toMatch(/^HTTP\/1.1 204/);
    const [{ msgid }] = JSON.parse(run(6)) as [{ msgid: string }];
    await vi.waitFor(() => expect(printed.join("\n")).toContain(`"outbox.message","msgid":"${msgid}"`), 20_000);
    const line = printed.find((text) => text.includes("outbox.message"));
    const [, link = ""] = /Your table is ready: (\S+) See you!/.exec(line ?? "") ?? [];
    expect(link).toMatch(new RegExp(`^${server.url}/\\w{10}$`));
    await fetch(link, { redirect: "manual", headers: { "user-agent": "Mozilla/5.0 (iPhone) Safari/604.1" } });
    const authorization = `Bearer ${vars["ADMIN_TOKEN"]}`;
    const status = async () =>
      (await fetch(`${server.url}/sms/messages/${msgid}/`, { headers: { authorization } })).json();
    await vi.waitFor(async () => expect(await status()).toMatchObject({ link_tracking: { accessed: true } }), 20_000);
    expect(commands).toHaveLength(7);
  } finally {
    await server.stop();
    rmSync(state, { recursive: true, force: true });
  }
});
