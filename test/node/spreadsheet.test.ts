// What LibreOffice makes of an export for spreadsheets: opened by the real program, where it is installed.

import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import type { Column } from "../../src/export/column.ts";
import type { Encoder } from "../../src/export/encoder.ts";
import { csv, spreadsheet } from "../../src/export/csv.ts";
import { timeZone } from "../../src/figures/time-zone.ts";

const folder = mkdtempSync(join(tmpdir(), "firsttap-spreadsheet-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const installed = (() => {
  try {
    execFileSync("soffice", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

const COLUMNS: Column<string>[] = [
  { name: "text", type: "text", value: (text) => text },
  { name: "at", type: "instant", value: () => Date.parse("2026-07-01T12:00:00Z") },
  { name: "count", type: "number", value: () => 2 },
];

const written = ({ head, line }: Encoder<string>, rows: string[]) => head + rows.map(line).join("");

interface Cell {
  type: string | undefined;
  text: string;
}

/** The cells of the file as LibreOffice takes them, read from the XML that it writes. */
async function opened(name: string, text: string): Promise<Cell[][]> {
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, text);
  const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
  // The filter's options: a comma, quotes, UTF-8. All else is as when somebody clicks "OK".
  const args = [profile, "--headless", "--infilter=CSV:44,34,76", "--convert-to", "fods", "--outdir", folder, file];
  await promisify(execFile)("soffice", args);
  const xml = readFileSync(join(folder, `${name}.fods`), "utf8");
  return [...xml.matchAll(/<table:table-row[^>]*>(.*?)<\/table:table-row>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<table:table-cell([^>]*)>(.*?)<\/table:table-cell>/gs)].map(
      ([, attributes = "", inner = ""]) => ({
        type: /office:value-type="(\w+)"/.exec(attributes)?.[1],
        text: unescaped(inner.trim()),
      }),
    ),
  );
}

function unescaped(xml: string): string {
  return xml
    .replaceAll(/<\/text:p>\s*<text:p>/g, "\n")
    .replaceAll(/<text:tab\/>/g, "\t")
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&apos;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

const NUMBERS = ["+818012345678", "09012345678", "00123", "1-2", "1E5", "12345678901234567890"];
const FORMULAS = ["=1+1", "+SUM(1)", "-1+1+A1", "@SUM(1)", "＝1+1", 'a,"b"', "サイズ\nL"];

it.skipIf(!installed)("keeps numbers as text, runs no formula of others, and takes times for times", async () => {
  const zone = timeZone("Asia/Tokyo");
  if (zone === null) throw new Error("no zone");
  const [header, ...rows] = await opened("guarded", written(spreadsheet(COLUMNS, zone), [...NUMBERS, ...FORMULAS]));
  expect(header?.map(({ text }) => text)).toEqual(["text", "at", "count"]);
  expect(rows.map(([text]) => text)).toEqual(
    [...NUMBERS, ...FORMULAS.map((text) => (/^[=+\-@＝]/.test(text) ? `'${text}` : text))].map((text) => ({
      type: "string",
      text,
    })),
  );
  for (const [, at, count] of rows) {
    expect(at).toMatchObject({ type: "date" });
    expect(count).toEqual({ type: "float", text: "2" });
  }
});

// So that the test above is known to see what it is there to see.
it.skipIf(!installed)("would make numbers of the exact form's numbers, and run its formulas", async () => {
  const [, ...rows] = await opened("exact", written(csv(COLUMNS), ["+818012345678", "=1+1"]));
  expect(rows.map(([text]) => text)).toEqual([
    { type: "float", text: expect.stringContaining("8180") },
    { type: "float", text: "2" },
  ]);
});
