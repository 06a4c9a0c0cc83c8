// What is mutated, in groups, each with the tests that watch over it: those of the subject, and those of its promises, of
// these the quick ones, since a mutant that survives goes through all that reach it. More tests could only kill more.
// Stryker finds out by itself which of these tests reach which mutant, and runs no others.

export interface Group {
  name: string;
  /** Files or globs under the repository. */
  sources: string[];
  /** Files under test/. */
  tests: string[];
  /** False where these tests are of plain functions: then they run in Node, which is quicker. */
  needsPlatform: boolean;
}

export const GROUPS: readonly Group[] = [
  {
    name: "finding the link",
    sources: ["src/sms/text/*.ts"],
    tests: ["parts", "find-link"],
    needsPlatform: false,
  },
  {
    name: "codes and addresses",
    sources: ["src/link/code.ts", "src/link/address.ts"],
    tests: ["code", "address"],
    needsPlatform: true,
  },
  {
    name: "what is owed",
    sources: ["src/callback/{ledger,schedule}.ts"],
    tests: ["schedule", "ledger"],
    needsPlatform: true,
  },
  {
    name: "callback",
    sources: ["src/callback/!(ledger|schedule).ts"],
    tests: ["story", "carriers", "callback", "expiry"],
    needsPlatform: true,
  },
  {
    name: "link",
    sources: ["src/link/{link.do,link-rows,access-rows,directory,fields}.ts", "src/{objects,tables,timed-id}.ts"],
    tests: [
      "link",
      "access-rows",
      "late-calls",
      "stored",
      "expiry",
      "story",
      "first-access",
      "redirect",
      "callback",
      "api",
    ],
    needsPlatform: true,
  },
  {
    name: "redirect",
    sources: ["src/redirect/*.ts"],
    tests: ["visitor", "network", "expiry", "slow-stores", "redirect", "record-access", "first-access", "headers"],
    needsPlatform: true,
  },
  {
    name: "account",
    sources: ["src/account/*.ts"],
    tests: ["account", "late-calls", "stored", "api", "messages", "message-sending"],
    needsPlatform: true,
  },
  {
    name: "messages",
    sources: ["src/sms/message-book.ts", "src/sms/message-rows.ts"],
    tests: ["messages", "message-sending", "message-faults"],
    needsPlatform: true,
  },
];
