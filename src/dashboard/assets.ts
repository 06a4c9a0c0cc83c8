// Style and script of the pages. Each has its content's hash in its address, so that browsers may keep it for ever.

import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

interface Asset {
  type: string;
  text: string;
}

const ASSETS: Readonly<Record<string, Asset>> = {
  style: { type: "text/css; charset=utf-8", text: STYLE },
  script: { type: "text/javascript; charset=utf-8", text: SCRIPT },
};

/** Computed once an isolate, when a page is first asked for. */
const hashes = new Map<string, string>();

/** Where a page finds its style or script. */
export function assetUrl(name: "style" | "script"): string {
  return `/dashboard/assets/${name}.${hashOf(name)}`;
}

/**
 * The asset at `NAME.HASH`; undefined where there is none of this name. Of another hash, which a page of the version before or
 * behind asks for while a deployment rolls out, it is today's, and nobody keeps it.
 */
export function answerAsset(path: string): Response | undefined {
  const [name = "", hash] = path.split(".");
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (asset === undefined || hash === undefined) return undefined;
  return new Response(asset.text, {
    headers: {
      "Content-Type": asset.type,
      "Cache-Control": hash === hashOf(name) ? "public, max-age=31536000, immutable" : "private, no-store",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

function hashOf(name: string): string {
  let hash = hashes.get(name);
  if (hash === undefined) {
    hash = fnv1a(ASSETS[name]?.text ?? "");
    hashes.set(name, hash);
  }
  return hash;
}

/** FNV-1a, 64 bits: it tells versions of a text apart, and hides nothing. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(36);
}
