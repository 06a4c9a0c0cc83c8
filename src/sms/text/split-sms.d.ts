// The package has no types. Only what is used here.
declare module "split-sms" {
  /** `summary`: without the parts' texts. */
  export function split(text: string, options: { summary: true }): { parts: { length: number; bytes: number }[] };
}
