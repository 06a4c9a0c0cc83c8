// What a link's object keeps of its accesses when they are many: counts, rows of the newest and of the oldest, and the names
// of batches, by which a replay is known whose rows were dropped.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import type { Link } from "../src/link/link.do.ts";
import type { Access, AccessKind } from "../src/link/link.ts";
import { accessOf } from "../src/redirect/record-access.ts";
import { createLinkOfBefore } from "./support/books.ts";
import { IN_TIME } from "./support/firsttap.ts";

const MANY = 1_000;
const DAY_MS = 24 * 3_600_000;

afterEach(() => void vi.useRealTimers());

interface Held {
  link: Link;
  state: DurableObjectState;
  code: string;
}

/**
 * Looks at a link from within its object; its alarm comes when `settled` lets it. It is one of before there were books: of others no row
 * is dropped of which the book has not heard.
 */
async function within(look: (held: Held) => unknown, open: () => Promise<{ code: string }> = createLinkOfBefore) {
  const { code } = await open();
  await runInDurableObject(env.LINK.getByName(code), async (link, state) => {
    await look({ link, state, code });
    await state.storage.deleteAlarm();
  });
}

let ms = 0;
/** As the edge makes them, one millisecond after another. */
function accessesOf(kind: AccessKind, n: number, at = Date.now() - DAY_MS): Access[] {
  return Array.from({ length: n }, () => accessOf({ kind, reason: null, device: null }, at + ms++, null));
}

/** Records them in batches of a hundred, named as the edge names them; returns the batches. */
function recordAll(link: Link, accesses: readonly Access[]): Access[][] {
  const batches: Access[][] = [];
  for (let n = 0; n < accesses.length; n += 100) batches.push(accesses.slice(n, n + 100));
  for (const batch of batches) link.record(batch, batch[0]?.id);
  return batches;
}

/** The alarm comes until there is nothing to drop now; how often it came. */
async function settled({ link, state }: Held): Promise<number> {
  for (let alarms = 0; ; alarms++) {
    const [due] = state.storage.sql.exec<{ at: number | null }>("SELECT drop_due_at AS at FROM link");
    if (due?.at == null || due.at > Date.now()) return alarms;
    await link.alarm();
  }
}

function rowsOf({ state }: Held): { id: string; kind: string }[] {
  return state.storage.sql.exec<{ id: string; kind: string }>("SELECT id, kind FROM access ORDER BY id").toArray();
}

function namesOf({ state }: Held): number {
  return state.storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM batch").one().n;
}

/** Rows that are read, and that are written, meanwhile. */
async function costOf({ state }: Held, work: () => unknown): Promise<{ read: number; written: number }> {
  const { sql } = state.storage;
  const exec = sql.exec.bind(sql);
  const cursors: SqlStorageCursor<any>[] = [];
  sql.exec = ((query: string, ...values: SqlStorageValue[]) => {
    const cursor = exec(query, ...values);
    cursors.push(cursor);
    return cursor;
  }) as typeof sql.exec;
  await work();
  sql.exec = exec;
  const sum = (of: "rowsRead" | "rowsWritten") => cursors.reduce((total, cursor) => total + cursor[of], 0);
  return { read: sum("rowsRead"), written: sum("rowsWritten") };
}

it("status, message status and PATCH cost the same from the thousandth access on, and no more than after a hundred", async () => {
  await within(async (held) => {
    const { link } = held;
    const change = () => link.change("main", { tags: [String(ms)] }, undefined, IN_TIME);
    const rowsRead = async () => ({
      status: (await costOf(held, () => link.status("main"))).read,
      tracking: (await costOf(held, () => link.tracking("main"))).read,
      change: (await costOf(held, change)).read,
    });
    recordAll(link, [...accessesOf("scanner", 40), ...accessesOf("person", 60)]);
    const few = await rowsRead();
    recordAll(link, accessesOf("person", 1_940));
    await settled(held);
    const many = await rowsRead();
    recordAll(link, [...accessesOf("preview", 3_000), ...accessesOf("person", 5_000)]);
    await settled(held);
    expect(await rowsRead()).toEqual(many);
    expect(many.status).toBeLessThan(few.status);
    expect(many.change).toBeLessThan(few.change);
    // A message's status shows a thousand.
    expect(many.tracking - MANY).toBeLessThan(few.tracking);
    const accessCounts = { person: 7_000, preview: 3_000, prefetch: 0, scanner: 40, probe: 0 };
    expect(link.status("main")).toMatchObject({ accessCounts });
    expect(link.tracking("main")).toMatchObject({ personCount: 7_000 });
  });
});

it("the newest thousand rows stay, the oldest thousand of persons, and the first thousand for fifteen days", async () => {
  await within(async (held) => {
    const { link } = held;
    const first = [...accessesOf("scanner", 500), ...accessesOf("person", 500)];
    const then = [...accessesOf("person", 800), ...accessesOf("probe", 1_200)];
    const newest = accessesOf("preview", MANY);
    recordAll(link, [...first, ...then, ...newest]);
    // One alarm for each hundred that came, when there is a hundred to drop; none for the others.
    expect(await settled(held)).toBeLessThanOrEqual(21);
    const kept = (accesses: Access[]) => {
      const ids = new Set(rowsOf(held).map(({ id }) => id));
      return accesses.filter(({ id }) => ids.has(id));
    };
    expect(kept(newest)).toEqual(newest);
    expect(kept(first)).toEqual(first);
    // The batch that made a thousand more than a thousand has no name, either.
    expect(kept(then).slice(0, 500)).toEqual(then.slice(0, 500));
    expect(kept(then).length).toBeLessThanOrEqual(700);
    expect(link.tracking("main")?.personAccesses).toEqual(
      [...first, ...then]
        .filter(({ kind }) => kind === "person")
        .slice(0, MANY)
        .map(({ at }) => at),
    );
    vi.setSystemTime(Date.now() + 16 * DAY_MS);
    await settled(held);
    expect(kept(first)).toEqual(first.filter(({ kind }) => kind === "person"));
    expect([rowsOf(held).length, namesOf(held)]).toEqual([2 * MANY, 0]);
    expect(link.status("main")?.accessCounts).toMatchObject({
      person: 1_300,
      scanner: 500,
      probe: 1_200,
      preview: MANY,
    });
  });
});

it("a batch is counted once, in whatever order it comes again, also when its rows were dropped", async () => {
  await within(async (held) => {
    const { link, code } = held;
    const batches = recordAll(link, [...accessesOf("scanner", 700), ...accessesOf("person", 3_000)]);
    await settled(held);
    const counts = { person: 3_000, preview: 0, prefetch: 0, scanner: 700, probe: 0 };
    const before = rowsOf(held);
    expect(before.length).toBeLessThan(3_000);
    const first = link.status("main")?.firstAccessedAt;
    for (const batch of batches.toReversed())
      expect(link.record(batch, batch[0]?.id)).toEqual(batch.map(() => ({ kind: "repeated" })));
    expect(rowsOf(held)).toEqual(before);
    expect(link.status("main")).toMatchObject({ accessCounts: counts, firstAccessedAt: first, code });
    // An access that the version of before brings alone is known by its own id.
    const alone = accessesOf("prefetch", 1);
    for (let n = 0; n < 2; n++) link.record(alone);
    recordAll(link, accessesOf("person", 2_000));
    await settled(held);
    expect(rowsOf(held).map(({ id }) => id)).not.toContain(alone[0]?.id);
    expect(link.record(alone)).toEqual([{ kind: "repeated" }]);
    expect(link.status("main")?.accessCounts).toEqual({ ...counts, person: 5_000, prefetch: 1 });
  });
});

it("a batch from before the counts, replayed behind them, is known by its rows, for as long as a queue keeps it", async () => {
  await within(async (held) => {
    const { link } = held;
    const at = Date.now() - 60_000;
    const [batch = []] = recordAll(link, accessesOf("scanner", 100, at));
    for (let n = 0; n < 4; n++) {
      recordAll(link, accessesOf("person", 1_500, at));
      await settled(held);
      expect(link.record(batch, batch[0]?.id)).toEqual(batch.map(() => ({ kind: "repeated" })));
    }
    vi.setSystemTime(at + 14 * DAY_MS);
    recordAll(link, accessesOf("person", 300, Date.now()));
    await settled(held);
    expect(link.record(batch, batch[0]?.id)).toEqual(batch.map(() => ({ kind: "repeated" })));
    expect(link.status("main")?.accessCounts).toMatchObject({ scanner: 100, person: 6_300 });
  });
});

it("the first access may come in any batch, and none is the first again", async () => {
  await within(async (held) => {
    const { link } = held;
    recordAll(link, accessesOf("scanner", 1_500));
    const mixed = [...accessesOf("preview", 2), ...accessesOf("person", 2)];
    const answers = link.record(mixed, mixed[0]?.id);
    expect(answers.map((answer) => answer.kind === "recorded" && answer.first)).toEqual([false, false, true, false]);
    expect(link.status("main")?.firstAccessedAt).toBe(mixed[2]?.at);
    recordAll(link, accessesOf("scanner", 3_000));
    await settled(held);
    expect(link.record(mixed, mixed[0]?.id)).toEqual(mixed.map(() => ({ kind: "repeated" })));
    expect(link.status("main")?.firstAccessedAt).toBe(mixed[2]?.at);
  });
});

it("names are kept for fifteen days, and go on the sixteenth by themselves, a hundred an alarm", async () => {
  await within(async (held) => {
    const { link, state } = held;
    recordAll(link, accessesOf("person", MANY + 1));
    const at = Date.now();
    for (const access of accessesOf("person", 250, at)) link.record([access], access.id);
    await settled(held);
    expect(namesOf(held)).toBe(250);
    const alarmAt = (await state.storage.getAlarm()) ?? 0;
    expect(Math.abs(alarmAt - at - 16 * DAY_MS)).toBeLessThan(60_000);
    vi.setSystemTime(at + 15 * DAY_MS);
    await link.alarm();
    expect(namesOf(held)).toBe(250);
    vi.setSystemTime(alarmAt);
    expect(await settled(held)).toBe(3);
    expect(namesOf(held)).toBe(0);
  });
});

it("a repeated tap writes one row; beyond a thousand accesses each batch writes its name and the counts, too", async () => {
  await within(async (held) => {
    const { link } = held;
    recordAll(link, accessesOf("person", 10));
    const alone = accessesOf("person", 1);
    expect(await costOf(held, () => link.record(alone, alone[0]?.id))).toMatchObject({ written: 1 });
    recordAll(link, accessesOf("person", MANY));
    const batch = accessesOf("person", 50);
    expect(await costOf(held, () => link.record(batch, batch[0]?.id))).toMatchObject({ written: 52 });
    expect(await costOf(held, () => link.record(batch, batch[0]?.id))).toMatchObject({ written: 0 });
  });
});

it("what the version of before recorded is counted, and what it records when it comes back", async () => {
  const { code } = await createLinkOfBefore();
  const stub = env.LINK.getByName(code);
  const insert = "INSERT INTO access (id, at, kind, reason, device, country) VALUES (?, ?, ?, NULL, NULL, NULL)";
  const accesses = [...accessesOf("person", 900), ...accessesOf("scanner", 600)];
  await runInDurableObject(stub, (_, { storage }) => {
    for (const { id, at, kind } of accesses) storage.sql.exec(insert, id, at, kind);
    for (const column of ["access_counts", "drop_due_at", "book", "reported", "report_due_at", "reports_sent"])
      storage.sql.exec(`ALTER TABLE link DROP COLUMN ${column}`);
    for (const column of ["named", "number", "first"]) storage.sql.exec(`ALTER TABLE access DROP COLUMN ${column}`);
    storage.sql.exec("UPDATE link SET version = 3");
  });
  await evictDurableObject(stub);
  await runInDurableObject(stub, async (link, state) => {
    const held = { link, state, code };
    expect((await costOf(held, () => link.status("main"))).read).toBeGreaterThan(1_000);
    expect((await costOf(held, () => link.status("main"))).read).toBeLessThan(120);
    recordAll(link, accessesOf("person", 1_200));
    await settled(held);
    for (const { id, at, kind } of accessesOf("preview", 2)) state.storage.sql.exec(insert, id, at, kind);
    expect(link.status("main")?.accessCounts).toEqual({
      person: 2_100,
      preview: 2,
      prefetch: 0,
      scanner: 600,
      probe: 0,
    });
    // Its rows have no name, so none of them may go.
    expect(rowsOf(held).filter(({ kind }) => kind === "scanner")).toHaveLength(600);
    await link.change("main", { tags: ["still there"] }, undefined, IN_TIME);
    await state.storage.deleteAlarm();
  });
});

it("the alarm comes by itself when there are rows to drop, and all are done when it is over", async () => {
  const { code } = await createLinkOfBefore();
  const stub = env.LINK.getByName(code);
  await runInDurableObject(stub, (link) => void recordAll(link, accessesOf("person", 2_500)));
  while (await runDurableObjectAlarm(stub)) {
    const [rows, due] = await runInDurableObject(stub, (_, { storage }) => [
      storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM access").one().n,
      storage.sql.exec<{ at: number }>("SELECT drop_due_at AS at FROM link").one().at,
    ]);
    if ((due ?? 0) > Date.now()) return expect(rows).toBeLessThanOrEqual(2 * MANY + 100);
  }
  throw new Error("there is no alarm");
});
