// npm run stored: writes down what this version stores and sends, if no version before did the same.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startVitest } from "vitest/node";
import { runCommand } from "../../local/command.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const RECORDING = "what is stored and sent now";

await runCommand(async () => {
  const vitest = await startVitest("test", ["test/stored.test.ts"], {
    project: ["workerd"],
    testNamePattern: `^${RECORDING}`,
    watch: false,
    reporters: [],
  });
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
  const recording = tests.find(({ name }) => name.startsWith(RECORDING));
  const fixtures = (recording?.meta() as { fixtures?: Record<string, string> } | undefined)?.fixtures;
  const version = readdirSync(FOLDER).filter((name) => /^\d+$/.test(name)).length;
  await vitest.close();

  if (recording?.ok() === true) {
    console.log(`Nothing to add: test/stored/${version - 1} is what this version stores and sends.`);
  } else if (fixtures === undefined) {
    console.error("The states could not be made:", recording?.result().errors ?? vitest.state.getUnhandledErrors());
    return 1;
  } else {
    mkdirSync(`${FOLDER}${version}`);
    for (const [name, text] of Object.entries(fixtures)) writeFileSync(`${FOLDER}${version}/${name}`, text);
    console.log(
      `Wrote test/stored/${version}, ${Object.keys(fixtures).length} files. Look through them, and commit them.`,
    );
  }
  return 0;
});
