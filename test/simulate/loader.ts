// How the project's own code gets into Node: `cloudflare:workers` is ours, packages are taken as a bundler for Workers takes
// them, each isolate has a copy of src/ of its own, and a planted bug changes the text of a module while it is loaded.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { type Bug, planted } from "./bugs.ts";
import { SMALLER } from "./smaller.ts";

const SOURCE = new URL("../../src/", import.meta.url).href;
const PLATFORM = new URL("cloudflare-workers.ts", import.meta.url).href;
const CONDITIONS = ["workerd", "worker", "browser"];

/** Hooks into the loading of modules of this thread, for good. */
export function installLoader(bug: Bug | null): void {
  const made = [...SMALLER, ...(bug?.changes ?? [])];
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === "cloudflare:workers") return { url: PLATFORM, shortCircuit: true };
      if (context.parentURL?.startsWith(SOURCE) !== true) return nextResolve(specifier, context);
      const resolved = nextResolve(specifier, { ...context, conditions: [...CONDITIONS, ...context.conditions] });
      // A bundler takes JSON without being told that it is.
      if (resolved.url.endsWith(".json")) return { ...resolved, importAttributes: { type: "json" } };
      return resolved.url.startsWith(SOURCE)
        ? { ...resolved, url: resolved.url + new URL(context.parentURL).search }
        : resolved;
    },
    load(url, context, nextLoad) {
      const path = url.slice(0, url.indexOf("?"));
      const module = path.slice(SOURCE.length);
      const isPage = module.endsWith(".tsx");
      const isChanged = made.some((change) => change.module === module);
      if (!url.startsWith(SOURCE) || !(isPage || isChanged)) return nextLoad(url, context);
      const source = planted(made, module, readFileSync(fileURLToPath(path), "utf8"));
      if (isPage) return { format: "module", source: withoutTags(source), shortCircuit: true };
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

/** Node takes types off, and does not know tags: they become the calls that wrangler makes of them. */
function withoutTags(source: string): string {
  const { code } = transformSync(source, { loader: "tsx", jsx: "automatic", jsxImportSource: "hono/jsx" });
  return code;
}

/** The text of wrangler.toml. */
export function deployment(bug: Bug | null): string {
  return planted(bug?.changes ?? [], "../wrangler.toml", readFileSync(new URL("../wrangler.toml", SOURCE), "utf8"));
}

/** The Worker's entry module, in the copy of one isolate. */
export function entryOf(isolate: number): string {
  return `${SOURCE}index.ts?isolate=${isolate}`;
}
