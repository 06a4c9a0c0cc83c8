// `npm run mutate -- [--files PATTERN] [--share 0.3] [--seed N]`: Stryker breaks the source in small ways, one at a time,
// and runs the tests that reach the broken place. What no test notices is printed. It works on a copy of the tree, so
// that it can go on for an hour beside other work.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, symlinkSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join, matchesGlob } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ownGroup, temporaryFolder } from "../../local/belongings.ts";
import { runCommand } from "../../local/command.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { type Group, GROUPS } from "./plan.ts";
import { isMissed, type Mutant, readReport, tableOf } from "./verdict.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STRYKER = join(ROOT, "test/mutate/node_modules/@stryker-mutator");
/** Beside half again of the tests' usual time. Generous, or a busy machine would kill mutants. */
const PATIENCE_MS = 60_000;
/** An emptied text, object or list is hardly ever missed by a test, and would only raise the score. */
const UNMUTATED = ["StringLiteral", "ObjectLiteral", "ArrayDeclaration"];

/** Beside other work, this one waits. */
const PRIORITY = 10;

const asked = readArguments();

await runCommand(async () => {
  const startedAt = Date.now();
  setPriority(PRIORITY);
  if (!existsSync(STRYKER)) installStryker();
  const copy = copyTree();
  const results: Result[] = [];
  for (const [index, group] of GROUPS.entries()) results.push(await mutate(copy, group, index));
  const mutants = results.flatMap((result) => result ?? []);
  console.log(`\n${tableOf(mutants)}\n`);
  console.log(
    `${Math.round((Date.now() - startedAt) / 1_000)} s, --share ${asked.share} --seed ${asked.seed}` +
      (asked.files === undefined ? "" : ` --files ${asked.files}`),
  );
  const isEachKilled = mutants.every((mutant) => !isMissed(mutant) || mutant.reason !== undefined);
  return isEachKilled && !results.includes(undefined) ? 0 : 1;
});

/** Undefined when Stryker came to none. */
type Result = Mutant[] | undefined;

function installStryker(): void {
  // npm says where it is; as a command it has another name on Windows.
  const npm = process.env["npm_execpath"];
  const install = ["ci", "--ignore-scripts", "--prefix", join(ROOT, "test/mutate")];
  if (npm === undefined) execFileSync("npm", install);
  else execFileSync(process.execPath, [npm, ...install]);
}

/** The tree as it is now, without what git ignores. */
function copyTree(): string {
  const folder = temporaryFolder("firsttap-mutate-").path;
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of new Set(String(listed).split("\0")))
    if (file !== "" && existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** All mutants of one group that were asked for. */
async function mutate(copy: string, { name, sources, tests, needsPlatform }: Group, index: number): Promise<Result> {
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
  const running = spawn(process.execPath, [stryker, "run", config], {
    cwd: copy,
    detached: true,
    windowsHide: true,
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
  const letGo = running.pid === undefined ? () => {} : ownGroup(running.pid);
  await once(running, "exit");
  letGo();
  if (!existsSync(report)) {
    console.error(`Stryker came to no result for ${name}; its last lines say why`);
    return undefined;
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
