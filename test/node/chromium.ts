// Debian's Chromium, unless another is named.

import { existsSync } from "node:fs";

const PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** How to launch it. Throws with the remedy where there is none. */
export function chromiumOptions(): { executablePath: string; args: string[] } {
  if (!existsSync(PATH))
    throw new Error(`There is no Chromium at ${PATH}: apt-get install chromium, or name one in CHROMIUM.`);
  const quiet = "--no-first-run --disable-background-networking --disable-component-update --disable-sync";
  return { executablePath: PATH, args: `--no-sandbox --disable-gpu --disable-quic ${quiet}`.split(" ") };
}
