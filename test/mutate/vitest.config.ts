// The project's tests, of them those of plan.ts and in its order, the quickest and most specific first: the
// first that fails ends the matter, and Vitest itself would begin with the largest file. They are chosen here and not by
// Stryker's own `testFiles`: with that, Stryker 10 activates a mutant of a module's constants only when the module is
// long loaded, and each of them would seem to survive.

import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import base from "../../vitest.config.ts";

/** In place of 30 s: a broken promise is often one that is waited for in vain. */
const TEST_TIMEOUT_MS = 15_000;

const tests = (process.env["MUTATE_TESTS"] ?? "").split(" ");
const workerd = base.test?.projects?.[0] as TestProjectInlineConfiguration;

function placeOf({ moduleId }: TestSpecification): number {
  return tests.findIndex((test) => moduleId.endsWith(test));
}

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}

// A thread of Node starts in a fraction of the time that workerd takes.
const onNode: TestProjectInlineConfiguration = { test: { pool: "threads" } };
const project = process.env["MUTATE_ON"] === "node" ? onNode : workerd;

export default defineConfig({
  test: {
    sequence: { sequencer: InOrder },
    // What `npm test` runs in another project runs in this one.
    projects: [{ ...project, test: { ...project.test, include: tests, exclude: [], testTimeout: TEST_TIMEOUT_MS } }],
  },
});
