// Exports: what a program reads back is what JSON says, and a spreadsheet shows and runs nothing else.

import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { byteStream } from "../src/export/bytes.ts";
import type { Column } from "../src/export/column.ts";
import { csv, spreadsheet } from "../src/export/csv.ts";
import type { Encoder } from "../src/export/encoder.ts";
import { formatOf } from "../src/export/format.ts";
import { ndjson } from "../src/export/ndjson.ts";
import { timeZone } from "../src/figures/time-zone.ts";

interface Row {
  text: string | null;
  count: number | null;
  yes: boolean | null;
  at: number | null;
  tags: string[];
  end: string | null;
}

const COLUMNS: Column<Row>[] = [
  { name: "text", type: "text", value: ({ text }) => text },
  { name: "count", type: "number", value: ({ count }) => count },
  { name: "yes, or no", type: "boolean", value: ({ yes }) => yes },
  { name: "at", type: "instant", value: ({ at }) => at },
  { name: "tags", type: "texts", value: ({ tags }) => tags },
  { name: "end", type: "text", value: ({ end }) => end },
];

/** Whatever can be stored, and more of what breaks CSV than chance would bring. */
const someText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .array(fc.constantFrom('"', ",", "\r", "\n", "\r\n", "\t", ";", " ", "null", "true", "0", "\ufeff", "é", "📱", "a"))
    .map((parts) => parts.join("")),
);
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const row = fc.record<Row>({
  text: nullable(someText),
  count: nullable(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))),
  yes: nullable(fc.boolean()),
  at: nullable(fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2100, 0) })),
  tags: fc.array(someText, { maxLength: 3 }),
  end: nullable(someText),
});

interface Field {
  value: string;
  inQuotes: boolean;
}

/** RFC 4180 to the letter: throws on a quote within a bare field, a stray CR or LF, and a record of another length. */
function parseCsv(csvText: string): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  while (field.lastIndex < csvText.length) {
    const start = field.lastIndex;
    const [, inQuotes, bare = "", end] = field.exec(csvText) ?? [];
    if (end === undefined) throw new Error(`no field at ${start}: ${JSON.stringify(csvText.slice(start, start + 40))}`);
    record.push({ value: inQuotes?.replaceAll('""', '"') ?? bare, inQuotes: inQuotes !== undefined });
    if (end === ",") continue;
    records.push(record);
    record = [];
  }
  if (record.length > 0) throw new Error("the last line has no end");
  if (records.some(({ length }) => length !== records[0]?.length)) throw new Error("records differ in length");
  return records;
}

/** A field by its column's type, as the documents say. */
function valueOf({ value, inQuotes }: Field, { type }: Column<Row>): unknown {
  if (value === "" && !inQuotes) return null;
  switch (type) {
    case "text":
    case "instant":
      return value;
    case "number":
    case "boolean":
    case "texts":
      return JSON.parse(value);
  }
}

/** All of it, as an object makes it: a line is a text. */
const streamOf = <R>({ head, line }: Encoder<R>, rows: R[]) => byteStream([head, ...rows.map(line)]);
const read = <R>(encoder: Encoder<R>, rows: R[]) => new Response(streamOf(encoder, rows)).text();
const bytesOf = async <R>(encoder: Encoder<R>, rows: R[]) =>
  new Uint8Array(await new Response(streamOf(encoder, rows)).arrayBuffer());

it("plain CSV, read back, is what NDJSON says, whatever stands in it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      const [header, ...records] = parseCsv(
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await bytesOf(csv(COLUMNS), rows)),
      );
      expect(header?.map(({ value }) => value)).toEqual(COLUMNS.map(({ name }) => name));
      const lines = new TextDecoder().decode(await bytesOf(ndjson(COLUMNS), rows)).split("\n");
      expect(lines.pop()).toBe("");
      const fromJson = lines.map((line) => Object.values(JSON.parse(line)));
      expect(
        records.map((fields) => fields.map((field, index) => valueOf(field, COLUMNS[index] as Column<Row>))),
      ).toEqual(fromJson);
      const said = rows.map(({ at, ...others }) => ({
        ...others,
        at: at === null ? null : new Date(at).toISOString(),
      }));
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        JSON.parse(JSON.stringify(said.map(({ yes, ...others }) => ({ ...others, "yes, or no": yes })))),
      );
    }),
    { numRuns: 500 },
  );
}, 120_000);

it("null and the empty text differ, and a line of nothing has all its commas", async () => {
  const nothing: Row = { text: null, count: null, yes: null, at: null, tags: [], end: null };
  expect(await read(csv(COLUMNS), [nothing, { ...nothing, text: "", end: 'a "b"' }])).toBe(
    'text,count,"yes, or no",at,tags,end\r\n,,,,[],\r\n"",,,,[],"a ""b"""\r\n',
  );
});

/** Texts that say how many of them were made, and whether somebody has ended them. */
function watched(texts: () => Iterable<string>) {
  const seen = { made: 0, isOver: false };
  function* made() {
    try {
      for (const text of texts()) {
        seen.made += 1;
        yield text;
      }
    } finally {
      seen.isOver = true;
    }
  }
  return { seen, made };
}

it("a stream makes no text before it is read, and a reader that leaves ends them", async () => {
  const { seen, made } = watched(() => Array.from({ length: 1_000 }, () => "a".repeat(100_000)));
  const reader = byteStream(made()).getReader();
  expect(seen.made).toBe(0);
  for (let taken = 0; taken < 300_000;) taken += (await reader.read()).value?.byteLength ?? Infinity;
  expect(seen.made).toBeLessThan(6);
  await reader.cancel();
  expect(seen).toMatchObject({ isOver: true });
});

it("a stream breaks off where nobody takes what was read, and never for who is only slow", async () => {
  const { seen, made } = watched(() => Array.from({ length: 100 }, () => "a".repeat(10)));
  const reader = byteStream(made(), 200).getReader();
  for (let n = 0; n < 4; n++) {
    await reader.read();
    await scheduler.wait(80);
  }
  expect(seen.isOver).toBe(false);
  await vi.waitFor(() => expect(seen.isOver).toBe(true));
  await expect((async () => void (await reader.read()))()).rejects.toThrow("nobody took");
});

it("a stream lets others be served while there is nothing to say for long", async () => {
  let others = 0;
  const ticking = setInterval(() => (others += 1), 1);
  const { made, seen } = watched(() => [...Array.from({ length: 50 }, () => ""), "a"]);
  expect(await new Response(byteStream(made())).text()).toBe("a");
  clearInterval(ticking);
  expect(seen).toEqual({ made: 51, isOver: true });
  expect(others).toBeGreaterThan(3);
});

it("a stream whose texts fail breaks off, and whoever leaves during a pause leaves nothing behind", async () => {
  const failing = watched(function* () {
    yield "a";
    throw new Error("no such table: line");
  });
  await expect(new Response(byteStream(failing.made())).text()).rejects.toThrow("no such table");
  const pausing = watched(() => Array.from({ length: 1_000_000 }, () => ""));
  const reader = byteStream(pausing.made()).getReader();
  const waiting = reader.read();
  await scheduler.wait(20);
  await reader.cancel();
  expect((await waiting).done).toBe(true);
  const { made } = pausing.seen;
  await scheduler.wait(20);
  expect(pausing.seen).toEqual({ made, isOver: true });
});

/** What a spreadsheet is given for a text. */
async function cellOf(value: string): Promise<string | undefined> {
  const column = { name: "text", type: "text", value: () => value } as const;
  const zone = timeZone("UTC");
  if (zone === null) throw new Error("no zone");
  return parseCsv(await read(spreadsheet([column], zone), [null]))[1]?.[0]?.value;
}

it.each([
  ["=1+1", "'=1+1"],
  ["+SUM(A1)", "'+SUM(A1)"],
  ["-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"],
  ["@SUM(1)", "'@SUM(1)"],
  ["\t=1", "'\t'=1"],
  ["\r=1", "'\r'=1"],
  ["  =1", "'  =1"],
  ["＝1+1", "'＝1+1"],
  ["＋A1", "'＋A1"],
  ["－A1", "'－A1"],
  ["＠A1", "'＠A1"],
  ["Hello;=HYPERLINK(1)", "Hello;'=HYPERLINK(1)"],
  ['Hello;"=1"', 'Hello;"\'=1"'],
  ["Hello\n=1", "Hello\n'=1"],
  ["+818012345678", '="+818012345678"'],
  ["09012345678", '="09012345678"'],
  ["+81 80-1234-5678", '="+81 80-1234-5678"'],
  ["０９０", '="０９０"'],
  ["00123", '="00123"'],
  ["1E5", '="1E5"'],
  ["1-2", '="1-2"'],
  ["https://example.com/?a=1;b=-2", "https://example.com/?a=1;b=-2"],
  ["Your code: 123", "Your code: 123"],
  ["注文 5", "注文 5"],
  ["a=b", "a=b"],
  ["", ""],
])("a spreadsheet is given %j as %j", async (value, given) => {
  expect(await cellOf(value)).toBe(given);
});

it("no text of others begins a formula in a spreadsheet, at its begin, after a separator or on a new line", async () => {
  const bad = fc
    .array(
      fc.constantFrom("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", " ", ";", '"', "'", "1", "A", "é"),
    )
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(bad, async (value) => {
      const cell = (await cellOf(value)) ?? "";
      const ours = /^="[^"A-Za-z]*"$/.test(cell);
      if (!ours) expect(cell).not.toMatch(/(?:^|[;\t\r\n])["\s]*[=+\-@＝＋－＠]/);
    }),
    { numRuns: 1_000 },
  );
});

it("a spreadsheet has a byte order mark, the zone's own time in summer and winter, and tags to read", async () => {
  const zone = timeZone("Europe/Berlin");
  if (zone === null) throw new Error("no zone");
  const rows: Row[] = ["2026-07-01T12:00:00.999Z", "2026-12-01T23:30:00Z"].map((at) => ({
    text: "a",
    count: 1.5,
    yes: true,
    at: Date.parse(at),
    tags: ["sale", "-x"],
    end: null,
  }));
  const bytes = await bytesOf(spreadsheet(COLUMNS, zone), rows);
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(new TextDecoder().decode(bytes)).toBe(
    'text,count,"yes, or no",at,tags,end\r\n' +
      'a,1.5,true,2026-07-01 14:00:00,"sale, -x",\r\n' +
      'a,1.5,true,2026-12-02 00:30:00,"sale, -x",\r\n',
  );
});

it.each([
  ["/api/export/links", undefined, "ndjson"],
  ["/api/export/links", "*/*", "ndjson"],
  ["/api/export/links", "text/csv", "csv"],
  ["/api/export/links", "Text/CSV; charset=utf-8", "csv"],
  ["/api/export/links", "application/x-ndjson", "ndjson"],
  ["/api/export/links", "text/csv;q=0.5, application/x-ndjson", "ndjson"],
  ["/api/export/links", "text/csv, application/x-ndjson;q=0.9", "csv"],
  ["/api/export/links", "text/csv; q=0", "ndjson"],
  ["/api/export/links", "text/html,application/xhtml+xml,*/*;q=0.8", "ndjson"],
  ["/api/export/links", "text/csv;q=nonsense", "ndjson"],
  ["/api/export/links.csv", "application/x-ndjson", "csv"],
  ["/api/export/links.ndjson", "text/csv", "ndjson"],
  ["/api/export/csv", undefined, "ndjson"],
])("%s with Accept: %s is %s", (path, accept, format) => {
  expect(formatOf(path, accept)).toBe(format);
});
