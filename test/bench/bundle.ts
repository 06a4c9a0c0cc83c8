// The Worker as `wrangler deploy` would upload it: bundled, weighed and profiled at start-up. Needs no network.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));
const WRANGLER_TIMEOUT_MS = 60_000;

/** Sizes as wrangler prints them, in KiB. */
export interface Size {
  whole: number;
  gzip: number;
}

/** Bundles into `outDir`/index.js. `entry` replaces the entry file of wrangler.toml. */
export async function bundle(outDir: string, options: { entry?: string } = {}): Promise<Size> {
  const args = ["deploy", "--dry-run", "--outdir", outDir];
  if (options.entry !== undefined) args.push(options.entry);
  const printed = await wrangler(args);
  const [, whole, gzip] = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(printed) ?? [];
  if (whole === undefined || gzip === undefined) throw new Error(`wrangler printed no sizes:\n${printed}`);
  return { whole: Number(whole), gzip: Number(gzip) };
}

/** The lines in which `wrangler check startup` sums up its profile of this machine's start-up. */
export async function profileStartup(outDir: string): Promise<string[]> {
  const printed = await wrangler(["check", "startup", "--outfile", `${outDir}/startup.cpuprofile`]);
  const lines = printed.split("\n").map((line) => line.replace(/^│ */, ""));
  return lines.filter((line) => /^(Profile window|Sampled time|Active|Idle|Samples):/.test(line));
}

async function wrangler(args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    timeout: WRANGLER_TIMEOUT_MS,
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      CI: "1",
      WRANGLER_LOG: "log",
    },
  });
  return stdout;
}
