// `npm run mutate -- [--files PATTERN] [--share 0.3] [--seed N]`: Stryker breaks the source in small ways, one at a time,
// and runs the tests that reach the broken place. What no test notices is printed. It works on a copy of the tree, so
// that it can go on for an hour beside other work.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EQUIVALENT } from "./equivalent.ts";
import { type Group, GROUPS } from "./plan.ts";
import { isMissed, type Mutant, readReport, tableOf } from "./verdict.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STRYKER = join(ROOT, "test/mutate/node_modules/@stryker-mutator");
/** Beside half again of the tests' usual time. Generous, or a busy machine would kill mutants. */
const PATIENCE_MS = 60_000;
/** An emptied text, object or list is hardly ever missed by a test, and would only raise the score. */
const UNMUTATED = ["StringLiteral", "ObjectLiteral", "ArrayDeclaration"];

const asked = readArguments();
const startedAt = Date.now();
if (!existsSync(STRYKER)) execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", join(ROOT, "test/mutate")]);
const copy = copyTree();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
process.once("exit", () => rmSync(copy, { recursive: true, force: true, maxRetries: 3 }));

const mutants: Mutant[] = [];
for (const [index, group] of GROUPS.entries()) mutants.push(...(await mutate(group, index)));
console.log(`\n${tableOf(mutants)}\n`);
console.log(
  `${Math.round((Date.now() - startedAt) / 1_000)} s, --share ${asked.share} --seed ${asked.seed}` +
    (asked.files === undefined ? "" : ` --files ${asked.files}`),
);
if (mutants.some((mutant) => isMissed(mutant) && mutant.reason === undefined)) process.exitCode = 1;
process.exit();

/** The tree as it is now, without what git ignores. */
function copyTree(): string {
  const folder = mkdtempSync(join(tmpdir(), "firsttap-mutate-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of new Set(String(listed).split("\0")))
    if (file !== "" && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** All mutants of one group that were asked for. */
async function mutate({ name, sources, tests, needsPlatform }: Group, index: number): Promise<Mutant[]> {
  const files = globSync(sources, { cwd: copy }).filter((file) => matchesGlob(file, asked.files ?? "**"));
  if (files.length === 0) return [];
  console.log(`${name}: ${files.join(" ")}`);
  const report = join(copy, `report-${index}.json`);
  const config = join(copy, `stryker-${index}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      inPlace: true,
      mutate: files,
      mutator: { excludedMutations: UNMUTATED },
      testRunner: "vitest",
      // Our tests reach the Worker through the runtime, which Vite's import graph does not show.
      vitest: { configFile: "test/mutate/vitest.config.ts", related: false },
      coverageAnalysis: "perTest",
      concurrency: 2,
      timeoutMS: PATIENCE_MS,
      dryRunTimeoutMinutes: 15,
      plugins: [join(STRYKER, "vitest-runner/dist/src/index.js"), join(ROOT, "test/mutate/mutators.ts")],
      ignorers: ["log"],
      reporters: ["json", "progress-append-only"],
      jsonReporter: { fileName: report },
      checkers: [],
      allowConsoleColors: false,
    }),
  );
  const stryker = join(STRYKER, "core/bin/stryker.js");
  const running = spawn("nice", ["-n", "10", process.execPath, stryker, "run", config], {
    cwd: copy,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      MUTATE_SHARE: String(asked.share),
      MUTATE_SEED: String(asked.seed),
      MUTATE_TESTS: tests.map((test) => `test/${test}.test.ts`).join(" "),
      MUTATE_ON: needsPlatform ? "workerd" : "node",
    },
  });
  // Otherwise Stryker would go on in a copy that is gone.
  const end = () => running.kill();
  process.once("exit", end);
  await once(running, "exit");
  process.off("exit", end);
  if (!existsSync(report)) {
    console.error(`Stryker came to no result for ${name}; its last lines say why`);
    process.exitCode = 1;
    return [];
  }
  return readReport(report, EQUIVALENT);
}

/** What was asked for; ends the process with a sentence when that cannot be. */
function readArguments(): { files: string | undefined; share: number; seed: number } {
  const options = { files: { type: "string" }, share: { type: "string" }, seed: { type: "string" } } as const;
  const { files, share = "1", seed = "1" } = parseArgs({ options }).values;
  const numbers = { share: Number(share), seed: Number(seed) };
  if (numbers.share > 0 && numbers.share <= 1 && Number.isInteger(numbers.seed)) return { files, ...numbers };
  console.error("--share must be over 0 and at most 1, --seed any whole number.");
  process.exit(1);
}
