// The Worker as `wrangler deploy` would upload it: bundled, weighed and profiled at start-up. Needs no network.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ownGroup } from "../../local/belongings.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url));
const WRANGLER_TIMEOUT_MS = 60_000;

/**
 * KiB, gzipped: the project's own target for the upload, which an isolate loads with its first request; the dashboard takes a third of
 * it, with live news, alerts, and who did what, and campaigns a twentieth.
 */
export const LARGEST_BUNDLE = 190;

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
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    timeout: WRANGLER_TIMEOUT_MS,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      CI: "1",
      WRANGLER_LOG: "log",
    },
  });
  const letGo = child.pid === undefined ? () => {} : ownGroup(child.pid);
  const [printed, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  letGo();
  if (code !== 0) throw new Error(`wrangler ${args[0]} failed:\n${errors}${printed}`);
  return printed;
}
