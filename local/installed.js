// Whether this checkout can run at all, said in a sentence. Every npm script asks first. In JavaScript, for it has to run where
// TypeScript does not: on an older Node than the one that `npm ci` installs.

import { existsSync } from "node:fs";

const problem = existsSync(new URL("../node_modules/wrangler", import.meta.url))
  ? process.features.typescript
    ? undefined
    : `Node ${process.versions.node} cannot run this. Let npm install the Node that can: npm ci --ignore-scripts=false`
  : "Nothing is installed yet. Install it first: npm ci";
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
