// workerd reports some of what tests do to it on purpose by itself, and for no test: it comes straight to this process. These
// reports are left out; any other is printed.

/** A name that leads nowhere is asked for, and an alarm is let run before its time. */
const EXPECTED = /failed to lookup address information|^NOSENTRY SQLite alarm (?:overdue|handler canceled)/;

export function setup(): void {
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (...[text, ...others]: [Uint8Array | string, ...never[]]) =>
    EXPECTED.test(String(text)) || write(text, ...others);
}
