// The documents' commands, played from top to bottom as they are printed; and that what documents name is there.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join, normalize } from "node:path";
import { expect, it, vi } from "vitest";
import { freePort } from "../../local/dev-server.ts";
import { BUGS } from "../simulate/bugs.ts";
import { FAULTS } from "../simulate/faults.ts";
import { blocksOf, onStage, readDocument, ROOT, stepsOf } from "./played-docs.ts";

const DOCUMENTS = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Whose commands run on a local server. Those of the others need an account with Cloudflare, or tools of this repository. */
const PLAYED = [
  "README.md",
  "docs/api.md",
  "docs/callbacks.md",
  "docs/sms.md",
  "docs/exports.md",
  "docs/campaigns.md",
  "docs/moving.md",
];

it("what is played can be played from top to bottom, one document after the other, twice, and answers as it says", async () => {
  await onStage(async ({ play, printed }) => {
    for (const path of [...PLAYED, ...PLAYED]) {
      expect(stepsOf(readDocument(path)).length, path).toBeGreaterThanOrEqual(6);
      await play(path);
    }
    expect(printed()).toMatch(/"text":"Your table is ready: http:\/\/localhost:8787\/\w{10} See you!"/);
  });
});

it("the receiver in docs/callbacks.md is the file that it names", () => {
  const [receiver] = blocksOf(readDocument("docs/callbacks.md"), "js");
  expect(receiver?.text).toBe(readDocument("docs/verify/receiver.mjs").trimEnd());
});

it("that receiver says so when it has no secret, and survives a sender that breaks off and one that cannot sign", async () => {
  const receiver = join(ROOT, "docs/verify/receiver.mjs");
  const { CALLBACK_SECRET: _, ...env } = process.env;
  const unset = spawnSync(process.execPath, [receiver], { env, encoding: "utf8" });
  expect([unset.status, unset.stderr]).toEqual([1, expect.stringContaining("CALLBACK_SECRET is missing: set it")]);
  const port = await freePort();
  const child = spawn(process.execPath, [receiver], {
    env: { ...env, CALLBACK_SECRET: "whsec_c2VjcmV0", PORT: String(port) },
  });
  try {
    const broken = await vi.waitFor(async () => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      return socket;
    }, 10_000);
    broken.end("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
    await once(broken.resume(), "close");
    const unsigned = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" });
    expect(unsigned.status).toBe(401);
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill();
  }
});

it("docs/api.md names every reserved word, and no other", () => {
  const [, source = ""] = /const RESERVED = new Set\(([^]*?)\.split/.exec(readDocument("src/link/code.ts")) ?? [];
  const [, documented = ""] = /Reserved words[^`]*`([^`]*)`/.exec(readDocument("docs/api.md")) ?? [];
  const words = (text: string) => text.match(/[a-z][a-z-]*/g) ?? [];
  expect(words(source).length).toBeGreaterThan(50);
  expect(words(documented)).toEqual(words(source));
});

it("docs/reliability.md counts the planted bugs and the kinds of faults", () => {
  const reliability = readDocument("docs/reliability.md");
  expect(reliability).toMatch(new RegExp(`planted bugs.*\\| ${BUGS.length} \\|`));
  expect(reliability).toContain(`${FAULTS.length} kinds of faults`);
});

it("every npm script that a document names is there", () => {
  const { scripts } = JSON.parse(readDocument("package.json")) as { scripts: Record<string, string> };
  const named = DOCUMENTS.flatMap((path) => [...readDocument(path).matchAll(/\bnpm run ([a-z:]+)/g)]);
  expect(named.length).toBeGreaterThan(20);
  expect(named.map(([, name = ""]) => name).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

it("every file that a document names is there", () => {
  const named = DOCUMENTS.flatMap((path) =>
    [...readDocument(path).matchAll(/`((?:src|test|local|docs)\/[\w./-]+\.\w+)`/g)].map(([, name = ""]) => name),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

it("every link between the documents leads somewhere", () => {
  const broken = DOCUMENTS.flatMap((path) =>
    [...readDocument(path).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !leadsSomewhere(path, target))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

function leadsSomewhere(from: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || anchorsOf(readDocument(path)).has(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(document: string): Set<string> {
  const headings = document.replaceAll(/^ *```[^]*?^ *```$/gm, "").matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, text = ""]) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}
