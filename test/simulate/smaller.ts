// Numbers of src/ that no life of some dozen taps reaches, made smaller while the modules are loaded: so a link with three
// accesses is one with many here, and five that wait for a call are a full list.

import type { Change } from "./bugs.ts";

export const SMALLER: readonly Change[] = [
  { module: "link/access-rows.ts", from: "const ROWS_KEPT = 1_000;", to: "const ROWS_KEPT = 2;" },
  { module: "link/access-rows.ts", from: "const DROPPED_AT_ONCE = 100;", to: "const DROPPED_AT_ONCE = 1;" },
  { module: "link/events.ts", from: "const ROLLED_AT_ONCE = 500;", to: "const ROLLED_AT_ONCE = 3;" },
  { module: "link/events.ts", from: "const MANY_ACCESSES = 5_000;", to: "const MANY_ACCESSES = 8;" },
  {
    module: "link/events.ts",
    from: "const MOST_UNREPORTED_OF_MANY = 1_000;",
    to: "const MOST_UNREPORTED_OF_MANY = 2;",
  },
  { module: "link/events.ts", from: "const MOST_UNREPORTED = 5_000;", to: "const MOST_UNREPORTED = 3;" },
  { module: "link/events.ts", from: "const MOST_EVENTS = 300;", to: "const MOST_EVENTS = 4;" },
  { module: "redirect/record-access.ts", from: "const MOST_TOGETHER = 200;", to: "const MOST_TOGETHER = 5;" },
  // A sweep of a dozen links has several pages, and several steps.
  { module: "account/sweep.ts", from: "const STEP = 500;", to: "const STEP = 4;" },
  { module: "account/sweep.ts", from: "const AT_ONCE = 100;", to: "const AT_ONCE = 2;" },
  // A book that ends asks its links, and hands over its totals, in several steps.
  { module: "book/ending.ts", from: "const STEP = 500;", to: "const STEP = 4;" },
  { module: "book/ending.ts", from: "const AT_ONCE = 100;", to: "const AT_ONCE = 2;" },
  { module: "book/tallies.ts", from: "const MOST_OF_A_PART = 1_000;", to: "const MOST_OF_A_PART = 20;" },
  // A book of a dozen links has several packs, and what comes late joins them, until they are divided.
  { module: "book/packs.ts", from: "const PER_PACK = 128;", to: "const PER_PACK = 2;" },
  { module: "book/packs.ts", from: "const LOOSE = 256;", to: "const LOOSE = 1;" },
  { module: "book/packs.ts", from: "const LONGEST_PACK = 32_768;", to: "const LONGEST_PACK = 300;" },
  { module: "book/packs.ts", from: "const MOST_MADE = 16;", to: "const MOST_MADE = 3;" },
  // An export is made in several steps.
  { module: "export/steps.ts", from: "export const STEP = 1_000;", to: "export const STEP = 7;" },
];
