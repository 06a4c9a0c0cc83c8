// A document as a reader plays it: its `sh` blocks from top to bottom, in one bash, against a real local server with the example's
// settings and a real receiver. An `sh` block's answer is the block of another language that comes next, if no heading and no other
// block stands between.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { expect } from "vitest";
import { freePort, startDevServer } from "../../local/dev-server.ts";
import { startScriptedReceiver } from "../../local/scripted-receiver.ts";
import { isMinted } from "../../src/link/code.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const readDocument = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Commands that somebody else has carried out: the server and the receiver run, and nothing is installed or deployed. */
const DONE = /^(?:npm|npx) /;
/** Only what changes nothing may be asked again, because what it tells of comes a moment later. */
const CHANGES = /-X |-d |--data|=\$\(|&$/m;
const PATIENCE_MS = 20_000;
/** What no command may print whose answer is not shown. */
const REFUSED = /urn:firsttap:problem|"detail":|^HTTP\/1\.1 [45]|field is required/m;

interface Block {
  language: string;
  text: string;
  line: number;
  /** What the document says between the block before and this one, and between this one and the next. */
  before: string;
  behind: string;
}

export interface Step {
  line: number;
  command: string;
  answer: Block | undefined;
  /** The document says of its answer that fields are left out. */
  isPartial: boolean;
}

/** The fenced blocks of a document. */
function allBlocks(document: string): Block[] {
  const [begin = "", ...rest] = document.split(/^ *```(.*\n[^]*?)^ *```$/m);
  let before = begin;
  let line = begin.split("\n").length;
  const blocks: Block[] = [];
  for (let n = 0; n < rest.length; n += 2) {
    const [block = "", behind = ""] = rest.slice(n);
    const [language = "", ...lines] = block.split("\n");
    blocks.push({ language, text: lines.join("\n").trimEnd(), line, before, behind });
    line += `${block}${behind}`.split("\n").length - 1;
    before = behind;
  }
  return blocks;
}

/** Those of one language. */
export function blocksOf(document: string, language: string): Block[] {
  return allBlocks(document).filter((block) => block.language === language);
}

/** The commands of a document that are played, in order. */
export function stepsOf(document: string): Step[] {
  const blocks = allBlocks(document);
  return blocks.flatMap(({ language, text, line }, index) => {
    if (language !== "sh" || DONE.test(text)) return [];
    const next = blocks[index + 1];
    const answer = next === undefined || next.language === "sh" || /^#/m.test(next.before) ? undefined : next;
    return [{ line, command: text, answer, isPartial: /^[^#]*left out here/.test(answer?.behind ?? "") }];
  });
}

export interface Stage {
  /** What the server printed, as a reader sees it. */
  printed: () => string;
  play: (path: string) => Promise<void>;
}

/** Starts what the documents suppose, for the length of the work. */
export async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), "firsttap-docs-"));
  const vars = Object.fromEntries(
    Object.entries(parseEnv(readDocument(".dev.vars.example"))).map(([name, value]) => [name, value ?? ""]),
  );
  const ports = new Map<string, number>();
  for (const port of ["8787", "8788", "8790"]) ports.set(port, await freePort());
  const put = (text: string) =>
    text.replaceAll(/localhost:(\d+)/g, (all, port: string) => onPort(all, ports.get(port)));
  const back = (text: string) =>
    [...ports].reduce(
      (now, [inDocument, port]) => now.replaceAll(`localhost:${port}`, `localhost:${inDocument}`),
      text,
    );
  let printed = "";
  const onLine = (line: string) => void (printed += `${line}\n`);
  const server = await startDevServer({ port: ports.get("8787") ?? 0, persistTo: state, vars, onLine });
  const receiver = await startScriptedReceiver(ports.get("8788"));
  try {
    await work({
      printed: () => back(printed),
      play: (path) => play(path, put, back, { PORT: String(ports.get("8790")) }),
    });
  } finally {
    await server.stop();
    await receiver.close();
    rmSync(state, { recursive: true, force: true });
  }
}

function onPort(text: string, port: number | undefined): string {
  return port === undefined ? text : `localhost:${port}`;
}

type Rewrite = (text: string) => string;

async function play(path: string, put: Rewrite, back: Rewrite, env: Record<string, string>): Promise<void> {
  const shell = new Shell(env);
  try {
    for (const { line, command, answer, isPartial } of stepsOf(readDocument(path))) {
      const where = (got: string) => `${path}:${line} answered\n${got}`;
      const ask = async () => back(await shell.run(put(command)));
      if (answer === undefined) {
        const got = await ask();
        expect(got, where(got)).not.toMatch(REFUSED);
      } else if (answer.language === "text") {
        // Perhaps of what runs in the background.
        await shell.run(put(command));
        await repeated(
          async () => back(shell.printed),
          (got) => expect(masked(got)).toContain(masked(answer.text)),
        );
      } else {
        const compare = answer.language === "http" ? compareHttp : isPartial ? comparePart : compareJson;
        const check = (got: string) => compare(got, answer.text, where(got));
        await repeated(ask, check, CHANGES.test(command) ? 0 : PATIENCE_MS);
      }
    }
  } finally {
    shell.end();
  }
}

function compareJson(got: string, shown: string, where: string): void {
  expect(values(got), where).toEqual(values(shown));
}

function comparePart(got: string, shown: string, where: string): void {
  expect(values(got), where).toMatchObject(values(shown) as object);
}

async function repeated(
  ask: () => Promise<string>,
  compare: (got: string) => void,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, 300))) {
    const got = await ask();
    try {
      return compare(got);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** One bash, whose variables go on from block to block. */
class Shell {
  readonly #bash: ChildProcessWithoutNullStreams;
  /** Since the last command began. */
  printed = "";
  #heard = () => {};

  constructor(env: Record<string, string>) {
    // A group of its own, so that what it has started in the background ends with it.
    this.#bash = spawn("bash", [], { cwd: ROOT, detached: true, env: { ...process.env, ...env } });
    for (const stream of [this.#bash.stdout, this.#bash.stderr])
      stream.on("data", (data: Buffer) => {
        this.printed += data.toString();
        this.#heard();
      });
  }

  /** What the command printed; rejects when it failed. */
  async run(command: string): Promise<string> {
    const mark = `end of ${randomUUID()}`;
    this.printed = "";
    const over = new RegExp(`([^]*)${mark} (\\d+)\n`);
    this.#bash.stdin.write(`${command}\necho "${mark} $?"\n`);
    for (;;) {
      const [, printed = "", code] = over.exec(this.printed) ?? [];
      if (code === "0") return printed;
      if (code !== undefined) throw new Error(`exit code ${code} of\n${command}\nwhich printed\n${printed}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  end(): void {
    if (this.#bash.pid !== undefined) process.kill(-this.#bash.pid, "SIGKILL");
  }
}

/** What differs from run to run, by how it looks. */
const MASKS: [RegExp, string][] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<instant>"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<time>"],
  [/\d{4}-\d\d-\d\d/g, "<day>"],
  [/\bevt_[\w-]{21}/g, "<event>"],
  [/\bwhsec_[A-Za-z0-9+/=]+/g, "<secret>"],
  [/\bft_[0-9a-z]+_[\w-]+/g, "<token>"],
  [/\bmain\.[\w-]{22}/g, "<key>"],
  [/\b0[0-9A-Za-z]{31}\b/g, "<msgid>"],
  [/^[\w-]{21}$/g, "<id>"],
  [/^[0-9a-z]{20}$/g, "<sid>"],
  [/\b0[0-9a-z]{20}(?=\.)/g, "<place>"],
  [/\b\d{13}\.(?:[\w-]{21}$)?/g, "<ms>."],
  [/cmp_[0-9a-z]{29}/g, "<campaign>"],
  [/"duration_ms": ?\d+/g, '"duration_ms":0'],
];

function masked(text: string): string {
  const known = MASKS.reduce((now, [pattern, name]) => now.replaceAll(pattern, name), text);
  return known.replaceAll(/\b\w{10,11}\b/g, (word) => (isMinted(word) ? "<code>" : word));
}

function values(json: string): unknown {
  return JSON.parse(json, (name, value: unknown) => {
    if (name === "duration_ms") return 0;
    return typeof value === "string" ? masked(value) : value;
  });
}

/** All headers that are shown came, and the body if one is shown. */
function compareHttp(got: string, shown: string, where: string): void {
  expect(headerLines(got), where).toEqual(expect.arrayContaining(headerLines(shown)));
  const [body, shownBody] = [got, shown].map((text) => text.split(/\r?\n\r?\n/)[1]);
  if (shownBody !== undefined) expect(values(body ?? ""), where).toEqual(values(shownBody));
}

/** The first line and each header; their names in small letters, because servers differ there. */
function headerLines(answer: string): string[] {
  const [head = ""] = answer.split(/\r?\n\r?\n/);
  return masked(head)
    .split(/\r?\n/)
    .map((line) => line.replace(/^[\w-]+:/, (name) => name.toLowerCase()).trim());
}
