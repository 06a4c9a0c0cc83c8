// A pass that fits on a screen: of many files only those that fail are printed, and how far it is. In a terminal vitest's own
// lines at the bottom show that; elsewhere a line now and then does.

import { DefaultReporter, type TestModule, type TestSpecification } from "vitest/node";

/** Whoever runs fewer files wants to see their tests. */
const MANY_FILES = 5;
const FILES_PER_LINE = 10;

export default class BriefReporter extends DefaultReporter {
  #files = 0;
  #ended = 0;
  #tests = 0;

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length;
    super.onTestRunStart(specifications);
  }

  protected override printTestModule(module: TestModule): void {
    this.#ended++;
    this.#tests += Array.from(module.children.allTests("passed")).length;
    if (this.#files < MANY_FILES || module.state() === "failed") super.printTestModule(module);
    else if (!this.isTTY && this.#ended % FILES_PER_LINE === 0)
      this.log(`${this.#ended} of ${this.#files} files have run, ${this.#tests} tests passed`);
  }
}
