// What a deployment does with the command line, without a network: the bundle, its size, its generated types.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const LARGEST_BUNDLE_BYTES = 60 * 1024;

async function wrangler(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
  });
  return stdout;
}

it("`wrangler deploy --dry-run` builds the Worker with every binding, under 60 KB gzipped", async () => {
  const out = mkdtempSync(join(tmpdir(), "firsttap-bundle-"));
  try {
    const printed = await wrangler("deploy", "--dry-run", "--outdir", out);
    for (const binding of [
      "env.LINK",
      "env.ACCOUNT",
      "env.DIRECTORY",
      "env.CALLBACKS",
      "env.ACCESSES",
      "env.MESSAGES",
      "env.GUESSES",
    ])
      expect(printed).toContain(binding);
    const bundle = readFileSync(join(out, "index.js"));
    expect(gzipSync(bundle).byteLength).toBeLessThan(LARGEST_BUNDLE_BYTES);
  } finally {
    rmSync(out, { recursive: true });
  }
});

it("every queue has a consumer, every consumer names its batch and retries, and every setting is in docs", () => {
  const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
  const consumers = toml.split("[[queues.consumers]]").slice(1);
  const consumed = consumers.map((block) => /queue = "([^"]+)"/.exec(block)?.[1]);
  const wanted = [...toml.matchAll(/(?:dead_letter_queue|\nqueue) = "([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(consumed)).toEqual(new Set(wanted));
  for (const block of consumers)
    for (const setting of ["max_batch_size", "max_batch_timeout", "max_retries"]) expect(block).toContain(setting);
  const settings = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const vars = [...toml.matchAll(/^([A-Z_]+) = /gm)].map(([, name]) => name ?? "");
  expect(vars).toHaveLength(13);
  for (const name of [...vars, "ADMIN_TOKEN"]) expect(settings).toContain(`\`${name}\``);
});

it("the token in .dev.vars.example is the one that a deployment refuses", () => {
  const example = /ADMIN_TOKEN="([^"]+)"/.exec(readFileSync(join(ROOT, ".dev.vars.example"), "utf8"))?.[1];
  expect(readFileSync(join(ROOT, "src/settings.ts"), "utf8")).toContain(`EXAMPLE_ADMIN_TOKEN = "${example}"`);
});

it("one runtime is installed, and the lock file holds no addresses", () => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, object>;
  };
  expect(Object.keys(lock.packages).filter((path) => /(^|\/)node_modules\/workerd$/.test(path))).toHaveLength(1);
  expect(JSON.stringify(lock)).not.toContain('"resolved"');
});

it("package.json names every version exactly", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;
  for (const version of Object.values({ ...manifest["dependencies"], ...manifest["devDependencies"] }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

it("no room in src/ is without a meaning", () => {
  const names = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  expect(
    names.filter((name) => /(^|\/)(utils?|helpers?|lib|services|types|common|misc)(\/|\.ts|$)/.test(name)),
  ).toEqual([]);
});
