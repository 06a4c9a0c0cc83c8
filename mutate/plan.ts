// What is mutated, in groups, each with the tests that watch over it: those of the subject, and those of its promises.
// Stryker finds out by itself which of these tests reach which mutant, and runs no others.

export interface Group {
  name: string;
  /** Files or globs under the repository. */
  sources: string[];
  /** Files under test/. */
  tests: string[];
}

export const GROUPS: readonly Group[] = [
  {
    name: "finding the link",
    sources: ["src/sms/text/find-link.ts", "src/sms/text/link-end.ts", "src/sms/text/domain.ts"],
    tests: ["find-link"],
  },
  {
    name: "codes and addresses",
    sources: ["src/link/code.ts", "src/link/address.ts", "src/link/fields.ts"],
    tests: ["code", "address", "api"],
  },
  {
    name: "the link's object",
    sources: ["src/link/link.do.ts", "src/link/link-rows.ts", "src/link/directory.ts", "src/link/link.ts"],
    tests: ["story", "first-access", "expiry", "api", "redirect", "callback", "messages"],
  },
  {
    name: "redirect",
    sources: ["src/redirect/*.ts"],
    tests: ["visitor", "redirect", "first-access", "headers"],
  },
  {
    name: "callback",
    sources: ["src/callback/*.ts"],
    tests: ["schedule", "story", "callback", "expiry", "carriers"],
  },
  {
    name: "account",
    sources: ["src/account/*.ts"],
    tests: ["api", "callback", "expiry", "messages", "message-sending"],
  },
];
