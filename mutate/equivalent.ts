// Survivors that were looked at and change nothing that a client, a visitor or a receiver could notice, or only what
// DESIGN.md leaves open. They do not count. A line that changes falls out of this list by itself.

export interface Equivalent {
  file: string;
  /** The source line, without the spaces around it. */
  line: string;
  /** What the mutant puts there; without it, every mutant of the line is meant. */
  mutated?: string;
  reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
