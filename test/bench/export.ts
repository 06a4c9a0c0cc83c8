// A million rows as CSV, out of one object: how long it takes, what it costs the processor, how much memory it needs, and how long others
// wait for the object meanwhile. The rows are put into the object's own database while nobody runs.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { callApi, createLinks } from "./api.ts";
import { printTable, quantile } from "./numbers.ts";
import { ADMIN_TOKEN, withRuntime } from "./runtime.ts";

const HEARD_TIMEOUT_MS = 30_000;
/** /proc counts processor time in these. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;
/** A reader that takes nothing for so long must not make the object hold more. */
const STALL_MS = 5_000;

/** Exports so many links, each opened once, and prints what that took. */
export async function exportRows(bundleDir: string, stateDir: string, rows: number): Promise<void> {
  await withRuntime(bundleDir, stateDir, async (runtime) => {
    const server = await runtime.urlOf("firsttap");
    await createLinks(server, 1, { tags: ["june"] });
    const deadline = Date.now() + HEARD_TIMEOUT_MS;
    while (((await callApi(server, "GET", "/api/links")) as { links: unknown[] }).links.length === 0)
      if (Date.now() > deadline) throw new Error("the book has not heard of the link");
      else await sleep(200);
  });
  fill(stateDir, rows);
  await withRuntime(bundleDir, stateDir, async (runtime) => {
    const server = await runtime.urlOf("firsttap");
    await callApi(server, "GET", "/api/links?limit=1");
    const measured = [];
    for (const file of ["accesses.csv", "accesses.ndjson", "links.csv", "figures.csv"])
      measured.push(await measure(server, file));
    printTable(
      `${rows} accesses and links of one book`,
      ["", "MB", "s", "processor s", "MiB more", "others, median ms", "longest"],
      measured,
    );
    const body = JSON.stringify({ name: "bench", url: "https://example.com/{number}", size: rows });
    const { id } = (await callApi(server, "POST", "/api/campaigns", body)) as { id: string };
    const ofCampaign = [];
    for (const form of ["csv", "ndjson"]) ofCampaign.push(await measure(server, `../campaigns/${id}/links.${form}`));
    printTable(
      `${rows} links of a campaign, computed`,
      ["", "MB", "s", "processor s", "MiB more", "others, median ms", "longest"],
      ofCampaign.map(([path = "", ...cells]) => [path.split("/").at(-1) ?? "", ...cells]),
    );
    console.log(`\n  A reader that stops for ${STALL_MS / 1_000} s: ${await stall(server)} MiB more.`);
  });
}

/** Puts rows into the tables of the one book that there is. */
function fill(stateDir: string, rows: number): void {
  const [file] = readdirSync(stateDir, { recursive: true, encoding: "utf8" }).filter(
    (name) => /Book[/\\].*\.sqlite$/.test(name) && isBook(join(stateDir, name)),
  );
  if (file === undefined) throw new Error("the state has no book");
  const database = new DatabaseSync(join(stateDir, file));
  const fact = '{"access":"person","first":true,"reason":null,"device":"iPhone","country":"JP","network":null}';
  database.exec(`
    BEGIN;
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n;
    INSERT INTO line SELECT line.created_at + i, printf('code%07d', i), 'https://shop.example.com/offer?customer=' || i, short_url, NULL,
      NULL, tags, 'customer ' || i, line.expires_at + i, NULL, NULL, line.created_at + i, access_counts, delivered, 2, counted_at, blank_at
      FROM n, (SELECT * FROM line LIMIT 1) AS line;
    INSERT INTO journal (created_at, code, number, msgid, at, kind, fact, tags)
      SELECT line.created_at + i, printf('code%07d', i), 2, NULL, line.created_at + 1000 + i, 'access', '${fact}', '["june"]'
      FROM n, (SELECT created_at FROM line LIMIT 1) AS line;
    UPDATE book SET tallied_to = (SELECT MAX(position) FROM journal), tallies_due_at = NULL;
    COMMIT;`);
  database.close();
}

function isBook(path: string): boolean {
  const database = new DatabaseSync(path);
  const found = database.prepare("SELECT name FROM sqlite_master WHERE name = 'journal'").all();
  database.close();
  return found.length > 0;
}

function get(server: URL, file: string): Promise<Response> {
  return fetch(new URL(`/api/export/${file}`, server), { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
}

async function measure(server: URL, file: string): Promise<string[]> {
  const before = workerd();
  const watch = new Watch(server);
  const startedAt = performance.now();
  const bytes = await sizeOf(server, file).finally(() => watch.stop());
  const seconds = (performance.now() - startedAt) / 1_000;
  const { mib, waits } = await watch.end();
  const processor = workerd().seconds - before.seconds;
  return [
    file,
    (bytes / 1e6).toFixed(1),
    seconds.toFixed(2),
    processor.toFixed(2),
    String(mib),
    quantile(waits, 0.5).toFixed(1),
    quantile(waits, 1).toFixed(1),
  ];
}

/** In bytes, when all of it has come. Throws when it breaks off. */
async function sizeOf(server: URL, file: string): Promise<number> {
  const response = await get(server, file);
  if (!response.ok) throw new Error(`${file} was answered ${response.status}: ${await response.text()}`);
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).byteLength;
  } catch (error) {
    throw new Error(`${file} broke off after ${bytes} bytes`, { cause: error });
  }
  return bytes;
}

async function stall(server: URL): Promise<number> {
  const before = workerd().mib;
  const response = await get(server, "accesses.csv");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await sleep(STALL_MS);
  const more = workerd().mib - before;
  await reader.cancel();
  return more;
}

/** Looks at memory, and asks the object for something small, again and again. */
class Watch {
  readonly #server: URL;
  readonly #before = workerd().mib;
  readonly #waits: number[] = [];
  readonly #running: Promise<void>;
  #most = 0;
  #isOver = false;

  constructor(server: URL) {
    this.#server = server;
    this.#running = this.#run();
    // Where the export itself fails, nobody asks for what this one saw, and its error must not hide that one.
    this.#running.catch(() => {});
  }

  stop(): void {
    this.#isOver = true;
  }

  /** What was seen; throws when the object did not answer. */
  async end(): Promise<{ mib: number; waits: number[] }> {
    this.stop();
    await this.#running;
    return { mib: this.#most - this.#before, waits: this.#waits };
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const startedAt = performance.now();
      await callApi(this.#server, "GET", "/api/links?limit=1");
      this.#waits.push(performance.now() - startedAt);
      this.#most = Math.max(this.#most, workerd().mib);
      await sleep(SAMPLE_MS);
    }
  }
}

/** The processor time and the memory of the runtime, which is our child, or a child of ours. */
function workerd(): { seconds: number; mib: number } {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
      const fields = rest.split(" ");
      if (name !== "workerd" || Number(fields[1]) !== process.pid) continue;
      const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return {
        seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
        mib: Math.round(Number(kib) / 1_024),
      };
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error("the runtime is not to be seen in /proc");
}
