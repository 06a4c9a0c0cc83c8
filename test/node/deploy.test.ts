// What a deployment does with the command line, without a network: the bundle, its size, its settings and those of staging.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { LARGEST_BUNDLE } from "../bench/bundle.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");

async function wrangler(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_LOG: "log", CI: "1" },
  });
  return stdout + stderr;
}

it.each([
  ["the deployment", "", "firsttap"],
  ["staging", "staging", "firsttap-staging"],
])("a dry run of %s builds the Worker with every binding, without a warning", async (_, environment, name) => {
  const out = mkdtempSync(join(tmpdir(), "firsttap-bundle-"));
  try {
    const printed = await wrangler("deploy", "--dry-run", `--env=${environment}`, "--outdir", out);
    for (const binding of [
      "env.LINK (Link)",
      "env.ACCOUNT (Account)",
      "env.BOOK (Book)",
      "env.CAMPAIGN (Campaign)",
      "env.CAMPAIGN_PART (CampaignPart)",
      "env.DIRECTORY",
      `env.ACCESSES (${name}-accesses)`,
      `env.CALLBACKS (${name}-callbacks)`,
      `env.DEAD_CALLBACKS (${name}-callbacks-dead)`,
      `env.MESSAGES (${name}-messages)`,
      `env.REPORTS (${name}-reports)`,
      "env.GUESSES",
    ])
      expect(printed).toContain(binding);
    expect(printed).not.toContain("WARNING");
    const bundle = readFileSync(join(out, "index.js"));
    expect(gzipSync(bundle).byteLength).toBeLessThan(LARGEST_BUNDLE * 1024);
  } finally {
    rmSync(out, { recursive: true });
  }
});

/** What is read here of wrangler's own reading of wrangler.toml; its type is left open. */
interface Config {
  name: string;
  compatibility_flags: string[];
  preview_urls: boolean;
  workers_dev: boolean;
  routes: unknown[];
  vars: Record<string, string>;
  queues: {
    producers: { queue: string }[];
    consumers: { queue: string; max_batch_size: number; dead_letter_queue?: string }[];
  };
  ratelimits: { namespace_id: string }[];
}

const readConfig = (environment: string) =>
  unstable_readConfig({ config: join(ROOT, "wrangler.toml"), env: environment }) as unknown as Config &
    Record<string, unknown>;
const production = readConfig("");
const staging = readConfig("staging");

it.each([
  ["the deployment", production],
  ["staging", staging],
])(
  "in %s every queue has a consumer that names its batch and retries, and index.ts knows it",
  (_, { name, queues }) => {
    const consumers = queues.consumers ?? [];
    const produced = (queues.producers ?? []).map(({ queue }) => queue);
    const dead = consumers.flatMap(({ dead_letter_queue: queue }) => queue ?? []);
    expect(consumers.map(({ queue }) => queue).toSorted()).toEqual(produced.toSorted());
    expect(produced).toEqual(expect.arrayContaining(dead));
    const index = readFileSync(join(ROOT, "src/index.ts"), "utf8");
    for (const { queue, ...consumer } of consumers) {
      expect(index).toContain(`"${queue.slice(name.length)}": (batch`);
      for (const setting of ["max_batch_size", "max_batch_timeout", "max_retries"])
        expect(consumer).toHaveProperty(setting);
    }
  },
);

it("no assets are declared: a router would stand before every tap", () => {
  for (const config of [production, staging]) expect(config["assets"]).toBeUndefined();
});

it("attempts and messages of one batch fit into the six connections that they share", () => {
  for (const { queues } of [production, staging])
    for (const { queue, max_batch_size } of queues.consumers)
      if (/-(callbacks|callbacks-dead|messages)$/.test(queue)) expect(max_batch_size, queue).toBeLessThanOrEqual(5);
});

it("a callback cannot go past our own firewall, no preview is made, and a call that was given up keeps no object awake", () => {
  for (const config of [production, staging]) {
    expect(config.compatibility_flags).toEqual([
      "global_fetch_strictly_public",
      "durable_object_io_tasks_do_not_prevent_eviction",
    ]);
    expect(config.preview_urls).toBe(false);
  }
});

it("staging is like the deployment, and shares no queue, counter or domain with it", () => {
  const shared = ({ name, ...config }: typeof production) =>
    JSON.stringify({
      bindings: [config["durable_objects"], config["kv_namespaces"], config.queues],
      limits: config.ratelimits.map((limit) => ({ ...limit, namespace_id: "of its own" })),
      code: ["main", "compatibility_date", "migrations", "observability", "minify"].map((key) => config[key]),
      vars: Object.keys(config.vars),
    }).replaceAll(`"${name}-`, '"');
  expect(staging.name).toBe("firsttap-staging");
  expect(shared(staging)).toEqual(shared(production));
  expect(staging.ratelimits[0]?.namespace_id).not.toBe(production.ratelimits[0]?.namespace_id);
  expect([staging.routes, staging.workers_dev]).toEqual([[], true]);
});

it("docs/deploy.md makes, names and removes every queue", () => {
  const text = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const [, loop = ""] = /^for queue in ([^;]+);/m.exec(text) ?? [];
  const queues = production.queues.producers.map(({ queue }) => queue);
  expect(loop.split(" ").map((name) => `firsttap-${name}`)).toEqual(queues);
  for (const queue of queues)
    for (const line of [
      `🌀 Creating new Queue "${queue}"...`,
      `Producer for ${queue}`,
      `Consumer for ${queue}`,
      `npx wrangler queues consumer remove ${queue} firsttap`,
      `npx wrangler queues delete ${queue}`,
    ])
      expect(text.split("\n").map((one) => one.trim())).toContain(line);
});

it("every setting is in docs/deploy.md", () => {
  const settings = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const secrets = readFileSync(join(ROOT, ".dev.vars.example"), "utf8").matchAll(/^([A-Z_]+)=/gm);
  const names = new Set([...Object.keys(production.vars), ...Array.from(secrets, ([, name = ""]) => name)]);
  expect(names.size).toBeGreaterThanOrEqual(19);
  for (const name of names) expect(settings).toContain(`\`${name}\``);
});

it("the token in .dev.vars.example is the one that a deployment refuses", () => {
  const example = /ADMIN_TOKEN="([^"]+)"/.exec(readFileSync(join(ROOT, ".dev.vars.example"), "utf8"))?.[1];
  expect(readFileSync(join(ROOT, "src/settings.ts"), "utf8")).toContain(`EXAMPLE_ADMIN_TOKEN = "${example}"`);
});

it.each(["package-lock.json", "test/mutate/package-lock.json"])(
  "%s holds no addresses, and the digest of every package, also of those for other machines",
  (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    expect(text).not.toContain('"resolved"');
    const { packages } = JSON.parse(text) as { packages: Record<string, { integrity?: string }> };
    const { "": _, ...installed } = packages;
    for (const [path, { integrity }] of Object.entries(installed)) expect(integrity, path).toMatch(/^sha512-/);
  },
);

it("one runtime is installed", () => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { packages: object };
  expect(Object.keys(lock.packages).filter((path) => /(^|\/)node_modules\/workerd$/.test(path))).toHaveLength(1);
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
