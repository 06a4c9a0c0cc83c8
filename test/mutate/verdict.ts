// What Stryker reports, read into one row per file and the list of survivors.

import { readFileSync } from "node:fs";
import type { Equivalent } from "./equivalent.ts";

type Status =
  | "Killed"
  | "Timeout"
  | "Survived"
  | "NoCoverage"
  | "Ignored"
  | "CompileError"
  | "RuntimeError"
  | "Pending";

/** The parts of Stryker's JSON report (mutation-testing-report-schema) that are read here. */
interface Report {
  files: Record<string, { source: string; mutants: ReportedMutant[] }>;
}
interface Place {
  line: number;
  column: number;
}
interface ReportedMutant {
  mutatorName: string;
  replacement?: string;
  status: Status;
  location: { start: Place; end: Place };
}

export interface Mutant {
  file: string;
  line: number;
  column: number;
  mutator: string;
  original: string;
  mutated: string;
  status: Status;
  /** Why it does not count, for one that survived. */
  reason?: string;
}

/** The mutants that were tried, in the order of the source. */
export function readReport(path: string, equivalents: readonly Equivalent[]): Mutant[] {
  const { files } = JSON.parse(readFileSync(path, "utf8")) as Report;
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split("\n");
    return mutants
      .filter(({ status }) => status !== "Ignored")
      .map((mutant) => mutantOf(file, lines, mutant, equivalents))
      .toSorted((a, b) => a.line - b.line || a.column - b.column);
  });
}

function mutantOf(file: string, lines: string[], reported: ReportedMutant, equivalents: readonly Equivalent[]): Mutant {
  const { mutatorName, replacement = "", status, location } = reported;
  const { line, column } = location.start;
  const mutant = { file, line, column, mutator: mutatorName, mutated: shortened(replacement), status };
  const text = lines[line - 1]?.trim();
  const known = equivalents.find(
    (one) => one.file === file && one.line === text && (one.mutated ?? mutant.mutated) === mutant.mutated,
  );
  const counted = { ...mutant, original: shortened(textAt(lines, location)) };
  return isMissed(mutant) && known !== undefined ? { ...counted, reason: known.reason } : counted;
}

function textAt(lines: string[], { start, end }: ReportedMutant["location"]): string {
  const within = lines.slice(start.line - 1, end.line);
  if (start.line === end.line) return (within[0] ?? "").slice(start.column - 1, end.column - 1);
  return [
    (within[0] ?? "").slice(start.column - 1),
    ...within.slice(1, -1),
    within.at(-1)?.slice(0, end.column - 1),
  ].join("\n");
}

/** One line of at most 100 characters. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

export function isMissed({ status }: { status: Status }): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** A row per file and one of all, then what survived. Errors (a mutant that cannot be loaded) do not count. */
export function tableOf(mutants: readonly Mutant[]): string {
  const byFile = Map.groupBy(mutants, ({ file }) => file);
  const rows = [...byFile].map(([file, own]) => rowOf(file, own)).toSorted();
  const survivors = mutants.filter((mutant) => isMissed(mutant) && mutant.reason === undefined);
  return [
    `${"file".padEnd(40)} mutants  killed  survived  equivalent  score`,
    ...rows,
    rowOf("all", mutants),
    "",
    ...survivors.map(
      ({ file, line, column, mutator, original, mutated, status }) =>
        `${file}:${line}:${column} ${mutator}${status === "NoCoverage" ? ", reached by no test" : ""}\n` +
        `    ${original}\n  → ${mutated}`,
    ),
  ].join("\n");
}

function rowOf(name: string, mutants: readonly Mutant[]): string {
  const killed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
  const missed = mutants.filter(isMissed);
  const survived = missed.filter(({ reason }) => reason === undefined).length;
  const counted = killed + survived;
  const score = counted === 0 ? "-" : `${((100 * killed) / counted).toFixed(1)} %`;
  return (
    name.padEnd(40) +
    [counted, killed, survived, missed.length - survived]
      .map((count, column) => String(count).padStart([8, 8, 10, 12][column] ?? 8))
      .join("") +
    score.padStart(9)
  );
}
