// A plugin of Stryker that does three things to its mutants: it leaves out what only the log shows, adds two kinds that
// Stryker lacks and in which our promises live (numbers, and conditions in SQL), and keeps a seeded share of all.
// Stryker has no official place for the last two, so they go into its list of mutators; its version is pinned.

import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { randomFor } from "../crash/random.ts";

/** The parts of Babel's nodes that are read here. */
interface Node {
  type: string;
  loc?: { start: { line: number; column: number } };
}
interface NodePath {
  node: Node;
}
interface Mutator {
  name: string;
  mutate(path: NodePath, context: unknown): Iterable<object>;
}

const share = Number(process.env["MUTATE_SHARE"] ?? "1");
const seed = Number(process.env["MUTATE_SEED"] ?? "0");
/** From here on a number is a size or a time, of which one more would make no difference to anybody. */
const LARGE = 1_000;

const numbers: Mutator = {
  name: "Number",
  *mutate({ node }) {
    if (!isNumber(node)) return;
    yield { type: "NumericLiteral", value: node.value >= LARGE ? node.value * 2 : node.value + 1 };
  },
};

const SQL: readonly [RegExp, string][] = [
  [/IS NOT NULL/g, "IS NULL"],
  [/IS NULL/g, "IS NOT NULL"],
  [/ <= \?/g, " < ?"],
  [/ < (?=\?|\()/g, " <= "],
  [/ >= \?/g, " > ?"],
  [/ > (?=\?|revision)/g, " >= "],
  [/(?<=(?:WHERE|AND) \w+) = (?=[?'])/g, " <> "],
  [/ AND /g, " OR "],
  [/ DESC\b/g, ""],
  [/(?<=ORDER BY [\w, ]*\w)(?= LIMIT|$)(?<! DESC)/g, " DESC"],
  [/(?<=revision) \+ 1/g, ""],
  [/(?<=failures) \+ 1/g, ""],
  [/ ON CONFLICT DO NOTHING/g, ""],
];

const sql: Mutator = {
  name: "Sql",
  *mutate({ node }) {
    if (isText(node))
      for (const value of mutatedSql(node.value)) if (value !== node.value) yield { type: "StringLiteral", value };
    if (!isTemplate(node)) return;
    for (const [index, quasi] of node.quasis.entries())
      for (const raw of mutatedSql(quasi.value.raw)) {
        const { quasis, ...mutated } = structuredClone(node);
        yield { ...mutated, quasis: quasis.with(index, { ...quasi, value: { raw, cooked: raw } }) };
      }
  },
};

function* mutatedSql(text: string): Iterable<string> {
  if (/CREATE (?:TABLE|INDEX)/.test(text)) return;
  for (const [from, to] of SQL)
    for (const { 0: found, index } of text.matchAll(from))
      yield text.slice(0, index) + to + text.slice(index + found.length);
}

function isNumber(node: Node): node is Node & { value: number } {
  return node.type === "NumericLiteral";
}
function isText(node: Node): node is Node & { value: string } {
  return node.type === "StringLiteral";
}
interface Template extends Node {
  quasis: { value: { raw: string; cooked: string } }[];
}
function isTemplate(node: Node): node is Template {
  return node.type === "TemplateLiteral";
}

/** The same mutator, of whose mutants the seed keeps its share. */
function sampled(mutator: Mutator): Mutator {
  return {
    ...mutator,
    *mutate(path, context) {
      const { line, column } = path.node.loc?.start ?? { line: 0, column: 0 };
      const random = randomFor(seed, mutator.name.length, line, column);
      for (const mutant of mutator.mutate(path, context)) if (random() < share) yield mutant;
    },
  };
}

const core = createRequire(new URL("node_modules/@stryker-mutator/core/package.json", import.meta.url));
const instrumenter = dirname(core.resolve("@stryker-mutator/instrumenter"));
const inside = pathToFileURL(join(instrumenter, "mutators/mutate.js")).href;
const { allMutators } = (await import(inside)) as { allMutators: Mutator[] };
if (!allMutators.some(({ name }) => name === numbers.name))
  allMutators.splice(0, Infinity, ...[...allMutators, numbers, sql].map(sampled));

/** What a statement or a call may hold, of which the node itself does not say what it is. */
interface Parts {
  expression?: Node;
  consequent?: Node;
  alternate?: Node | null;
  callee?: { name?: string };
}

/** Calls of `log`, and conditions that decide about nothing else. */
function isLogged(node: Node & Parts): boolean {
  switch (node.type) {
    case "IfStatement":
      return node.alternate == null && node.consequent !== undefined && isLogged(node.consequent);
    case "ExpressionStatement":
      return node.expression !== undefined && isLogged(node.expression);
    default:
      return node.type === "CallExpression" && node.callee?.name === "log";
  }
}

export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "log",
    value: { shouldIgnore: ({ node }: NodePath) => (isLogged(node) ? "only the log shows it" : undefined) },
  },
];
