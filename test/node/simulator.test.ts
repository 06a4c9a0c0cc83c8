// The simulator itself: the code keeps its promises through some hundred lives of an account, one seed is one run, and each
// planted bug is found. Fewer seeds than this take seconds; `npm run simulate -- --seeds 10000` takes minutes.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BUGS } from "../../simulate/bugs.ts";

const RUN = fileURLToPath(new URL("../../simulate/run.ts", import.meta.url));
const SEEDS = 300;

function simulate(...args: string[]): Promise<{ exitCode: number; printed: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, ...args], (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, printed: stdout + stderr }),
    );
  });
}

it(`no promise is broken in ${SEEDS} runs`, async () => {
  const { exitCode, printed } = await simulate("--seeds", String(SEEDS));
  expect(printed).toContain(`${SEEDS} seeds`);
  expect(printed).not.toContain("FAILED");
  expect(exitCode).toBe(0);
});

it("one seed is one run", async () => {
  const traces = async () => (await simulate("--seeds", "8", "--trace")).printed.match(/^seed \d+: \w{8}$/gm);
  const first = await traces();
  expect(new Set(first)).toHaveLength(8);
  expect(await traces()).toEqual(first);
});

describe("a planted bug is found", () => {
  it.each(BUGS.map(({ name, breaks }) => [name, breaks]))("%s: %s", async (name, breaks) => {
    const { exitCode, printed } = await simulate("--bug", name, "--first", "--seeds", String(SEEDS));
    expect(printed).toMatch(/^FAILED seed \d+: .*--bug [\w-]+$/m);
    expect(printed).toContain(`${breaks} (`);
    expect(exitCode).toBe(1);
  });
});
