// Exports through the whole Worker: all that an account has, of all its books, gone on with anywhere, while others use its objects.

import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import exportsDocs from "../docs/exports.md?raw";
import { createLinkOfBefore, eventuallyHeard, heard } from "./support/books.ts";
import { columnsOf, EXPORT_NAMES } from "../src/export/exports.ts";
import worker from "../src/index.ts";
import { brokenNamespace, envWith } from "./support/faults.ts";
import { newMessage } from "./support/held-message.ts";
import { AGENTS, api, createLink, IN_TIME, ORIGIN, receiver, tap } from "./support/firsttap.ts";
import { BEFORE_ALL, BEHIND_ALL } from "../src/timed-id.ts";
import { type Login, messageOf, send, settled, sms, tenant } from "./support/sms.ts";

type Row = Record<string, any>;

afterEach(() => {
  vi.restoreAllMocks();
});

function get(token: string, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

async function textOf(token: string, path: string): Promise<string> {
  const response = await get(token, path);
  expect(response.status, await response.clone().text()).toBe(200);
  return response.text();
}

async function rowsOf(token: string, path: string): Promise<Row[]> {
  const text = await textOf(token, path);
  return text.split("\n").flatMap((line): Row[] => (line === "" ? [] : [JSON.parse(line)]));
}

const sum = (rows: readonly Row[]) => rows.reduce((all, { count }) => all + count, 0);

/** An account that has something of everything: in two books, and of before there were books. */
async function owner(): Promise<Login & { code: string; msgid: string; erased: string; before: string }> {
  const { sid, token } = await tenant();
  const login = { sid, token };
  const [hook, reports] = await Promise.all([1, 2].map(() => receiver({ status: 500 }, { status: 200 })));
  const { code: before } = await createLinkOfBefore({ accountSid: sid, tags: ["of before"] });
  await tap(before);
  await runInDurableObject(env.ACCOUNT.getByName(sid), (account) => void account.addMessage(newMessage(), IN_TIME));
  const { code } = await createLink({ callback_url: hook?.url, tags: ["june", 'a,"b"'], reference: "=1+1" }, token);
  await tap(code, { agent: AGENTS.applePreview });
  await tap(code, { cf: { country: "JP" } });
  const msgid = await send({ track_link: "true", tags: "june", callbackurl: reports?.url }, { login });
  const erased = await send({ track_link: "true" }, { login });
  for (const id of [msgid, erased]) await settled(id, { login });
  await sms("DELETE", `messages/${erased}/`, undefined, { login });
  // The next thing is made in another book.
  await runInDurableObject(
    env.ACCOUNT.getByName(sid),
    (_, { storage }) => void storage.sql.exec("UPDATE book SET full = 1"),
  );
  const { code: second } = await createLink({}, token);
  await tap(second);
  await api("DELETE", `/api/links/${second}`, undefined, { token });
  const { link_tracking: tracking } = await messageOf(msgid, { login });
  const tracked = String(tracking.shortlink).split("/").at(-1) ?? "";
  await tap(tracked);
  await eventuallyHeard(
    [code, second, tracked],
    () => figuresOf(token),
    ({ totals }) =>
      totals.events.callbacks.delivered === 1 && totals.events.first_accesses === 3 && totals.messages.opened === 1,
    20_000,
  );
  return { ...login, code, msgid, erased, before };
}

async function figuresOf(token: string, query = ""): Promise<Row> {
  const { status, body } = await api("GET", `/api/figures${query}`, undefined, { token });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** Every number of an answer, by its place in it. */
function numbersIn(value: unknown, place: string): [string, number][] {
  if (typeof value === "number") return [[place, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, place === "" ? key : `${place}.${key}`));
}

it("has everything, from all books, and of before there were books; both forms say the same", async () => {
  const { token, code, msgid, erased, before } = await owner();
  const list = (await api("GET", "/api/account/export", undefined, { token })).body["exports"] as Row[];
  expect(list.map(({ name }) => name)).toEqual(EXPORT_NAMES);
  for (const { name, csv, ndjson } of list) {
    const rows = await rowsOf(token, ndjson.slice(ORIGIN.length));
    const [head = "", ...lines] = (await textOf(token, csv.slice(ORIGIN.length))).trimEnd().split("\r\n");
    expect(head).toBe(Object.keys(rows[0] ?? {}).join(","));
    expect([name, lines.length]).toEqual([name, rows.length]);
    expect(rows.length, name).toBeGreaterThan(1);
    expect(new Set(rows.map(({ position }) => position)).size).toBe(rows.length);
  }
  const links = await rowsOf(token, "/api/export/links.ndjson");
  expect(links.map((link) => [link["position"].split(".")[0], link["code"] === before])).toEqual([
    ["0", true],
    ...Array.from({ length: 3 }, () => ["1", false]),
    ["2", false],
  ]);
  expect(links.find((link) => link["code"] === code)).toMatchObject({
    url: "https://example.com/offer",
    reference: "=1+1",
    tags: ["june", 'a,"b"'],
    accessed: true,
    ended_at: null,
    person: 1,
    preview: 1,
    scanner: 0,
    count: 1,
  });
  expect(links.at(-1)).toMatchObject({ accessed: true, ended_at: expect.any(String) });
  const messages = await rowsOf(token, "/api/export/messages.ndjson");
  const byId = Object.fromEntries(messages.map((message) => [message["msgid"], message]));
  expect(messages).toHaveLength(3);
  expect(byId[msgid]).toMatchObject({
    recipient: "+818012345678",
    status: "DELIVERED",
    lt_accessed: true,
    tags: ["june"],
  });
  expect(byId[erased]).toMatchObject({ recipient: null, status: "DELIVERED", state: "delivered", lt_accessed: false });
  expect(messages[0]).toMatchObject({ position: `0.${messages[0]?.["msgid"]}`, lt_accessed: null, lt_shortlink: null });
  const accesses = await rowsOf(token, "/api/export/accesses.ndjson");
  expect(accesses.map(({ kind, first, country }) => [kind, first, country])).toEqual(
    expect.arrayContaining([
      ["preview", false, null],
      ["person", true, "JP"],
    ]),
  );
  expect(accesses[0]).toMatchObject({ code: before, first: true, tags: ["of before"] });
  const callbacks = await rowsOf(token, "/api/export/callbacks.ndjson");
  expect(callbacks.map(({ state, status, attempt }) => [state, status, attempt])).toEqual([
    ["owed", null, null],
    ["attempted", 500, 1],
    ["delivered", 200, 2],
  ]);
  const reports = await rowsOf(token, "/api/export/message-callbacks.ndjson");
  expect(reports.map((row) => [row["msgid"], row["state"], row["status"]])).toEqual([
    [msgid, "owed", null],
    [msgid, "delivered", 200],
    ...reports.slice(2).map(() => [msgid, "attempted", 500]),
  ]);
});

it("a figure is the sum of the rows that its answer names, and nothing that came since is among them", async () => {
  const { token } = await owner();
  for (const query of ["", "?by=hour&from=2026-11-27&to=2026-11-28", "?timezone=Asia/Kathmandu&tag=june"]) {
    const figures = await figuresOf(token, query.replace("2026-11-27&to=2026-11-28", dayRange()));
    const { code } = await createLink({ tags: ["june"] }, token);
    await heard(code);
    const rows = await rowsOf(token, figures["rows"].replace(ORIGIN, "").replace(".csv", ".ndjson"));
    const shown = numbersIn({ messages: figures["totals"].messages, events: figures["totals"].events }, "");
    const plain = shown.filter(([place]) => !/shares|opened_within|failures|time_to|devices|countries/.test(place));
    expect(plain.length).toBeGreaterThan(15);
    for (const [place, n] of plain)
      expect([query, place, sum(rows.filter(({ figure }) => figure === place))]).toEqual([query, place, n]);
    for (const { start, end, events } of figures["buckets"]) {
      const within = ({ at }: Row) => Date.parse(at) >= Date.parse(start) && Date.parse(at) < Date.parse(end);
      const made = rows.filter((row) => row["figure"] === "events.links_made" && within(row));
      expect([start, sum(made)]).toEqual([start, events.links_made]);
    }
    const devices = rows.filter(({ figure, of }) => figure === "events.first_access_devices" && of === "iPhone");
    const { commonest } = figures["totals"].events.first_access_devices;
    expect(sum(devices)).toBe(commonest.find(({ name }: Row) => name === "iPhone").count);
    const timed = rows.filter(({ figure }) => figure === "messages.time_to_open");
    expect(sum(timed)).toBe(figures["totals"].messages.time_to_open.count);
    expect(sum(rows.filter(({ figure }) => figure === "events.links_made"))).toBeGreaterThan(0);
  }
});

/** Today and tomorrow of UTC. */
function dayRange(): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return `${day(Date.now())}&to=${day(Date.now() + 86_400_000)}`;
}

it("goes on behind any row as if it had never broken off, in each export", async () => {
  const { token } = await owner();
  for (const name of EXPORT_NAMES) {
    const lines = (await textOf(token, `/api/export/${name}.ndjson`)).split("\n").slice(0, -1);
    for (const [n, line] of lines.entries()) {
      const { position } = JSON.parse(line);
      const rest = await textOf(token, `/api/export/${name}.ndjson?after=${position}`);
      expect([name, n, rest.split("\n").slice(0, -1)]).toEqual([name, n, lines.slice(n + 1)]);
    }
    for (const limit of [1, 2, lines.length, 1_000]) {
      const some = await textOf(token, `/api/export/${name}.ndjson?limit=${limit}`);
      expect([name, limit, some.split("\n").slice(0, -1)]).toEqual([name, limit, lines.slice(0, limit)]);
    }
  }
  const last = JSON.parse((await textOf(token, "/api/export/links.ndjson")).trimEnd().split("\n").at(-1) ?? "");
  expect(await textOf(token, `/api/export/links.csv?after=${last.position}`)).toBe("");
});

it("is of the account alone", async () => {
  const { token } = await tenant();
  for (const name of EXPORT_NAMES) {
    expect([name, await textOf(token, `/api/export/${name}.ndjson`)]).toEqual([name, ""]);
    expect(await textOf(token, `/api/export/${name}.csv`)).toMatch(/^[a-z_,]+,count,position\r\n$/);
  }
});

it("takes its form from the ending, else from what is accepted, and guards what a spreadsheet would run", async () => {
  const { token } = await owner();
  const typeOf = async (path: string, accept?: string) => {
    const { headers } = await get(token, path, accept === undefined ? {} : { accept });
    return [headers.get("content-type"), headers.get("content-disposition")];
  };
  expect(await typeOf("/api/export/links")).toEqual(["application/x-ndjson", 'attachment; filename="links.ndjson"']);
  const csv = ["text/csv; charset=utf-8; header=present", 'attachment; filename="links.csv"'];
  expect(await typeOf("/api/export/links", "text/csv")).toEqual(csv);
  expect(await typeOf("/api/export/links.csv", "application/x-ndjson")).toEqual(csv);
  const response = await get(token, "/api/export/links.csv?for=spreadsheet&timezone=Asia/Tokyo");
  const guarded = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }).decode(await response.arrayBuffer());
  expect(guarded).toMatch(/^\ufeffcode,/);
  expect(guarded).toContain(",'=1+1,");
  expect(guarded).toMatch(/,20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,/);
  expect(await textOf(token, "/api/export/messages.csv?for=spreadsheet")).toContain('"=""+818012345678"""');
  const head = await get(token, "/api/export/links.csv", {}, "HEAD");
  expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([200, csv[0], ""]);
});

it.each([
  ["links.csv?after=x", "after"],
  ["links.csv?after=1.5", "after"],
  ["accesses.csv?after=1.x.y", "after"],
  ["messages.csv?after=1.5", "after"],
  ["figures.csv?after=1.5", "after"],
  ["links.csv?limit=0", "limit"],
  ["links.csv?for=excel", "for"],
  ["links.ndjson?for=spreadsheet", "for"],
  ["links.csv?timezone=Asia/Tokyo", "timezone"],
  ["links.csv?for=spreadsheet&timezone=Mars", "timezone"],
  ["links.csv?tag=june", "tag"],
  ["figures.csv?up_to=1", "up_to"],
  ["figures.csv?from=2027-01-01&to=2026-01-01", "to"],
])("%s is refused, and names %s", async (path, field) => {
  const { token } = await tenant();
  await createLink({}, token);
  const { status, body } = await api("GET", `/api/export/${path}`, undefined, { token });
  expect([status, body["errors"]]).toEqual([422, [expect.objectContaining({ field })]]);
});

it("says which exports there are, where there is no such one", async () => {
  const { status, body } = await api("GET", "/api/export/everything.csv");
  expect([status, body["type"], body["detail"]]).toEqual([
    404,
    "urn:firsttap:problem:no-such-route",
    expect.stringContaining("links, accesses, messages"),
  ]);
});

/** An account with so many lines in its one book. */
async function large(lines: number): Promise<Login> {
  const login = await tenant();
  const { code } = await createLink({}, login.token);
  await heard(code);
  await runInDurableObject(env.BOOK.getByName(`${login.sid}.1`), (_, { storage }) => {
    storage.sql.exec(
      `INSERT INTO line SELECT line.created_at + i, printf('code%06d', i), destination, short_url, msgid, callback_url, tags, reference,
         expires_at, closed_at, ended_reason, first_accessed_at, access_counts, delivered, have, counted_at, blank_at
       FROM line, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n)`,
      lines - 1,
    );
  });
  return login;
}

/** Reads on for so many bytes. */
async function read(reader: ReadableStreamDefaultReader<Uint8Array>, bytes: number): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (done || text.length >= bytes) return text;
  }
}

it("reads in steps, between which others are served; what they write comes by its place or not at all, and nothing twice", async () => {
  const { sid, token } = await large(5_000);
  const response = await get(token, "/api/export/links.ndjson");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = await read(reader, 1_000);
  const book = env.BOOK.getByName(`${sid}.1`);
  // In front of where the reading is, and behind it.
  await runInDurableObject(book, (_, { storage }) => {
    const from = storage.sql.exec<{ at: number }>("SELECT MIN(created_at) AS at FROM line").one().at;
    for (const [at, code] of [
      [from, "zzz-early"],
      [from + 4_500, "zzz-late"],
    ])
      storage.sql.exec(
        `INSERT INTO line SELECT ?, ?, destination, short_url, msgid, callback_url, tags, reference, expires_at, closed_at, ended_reason,
           first_accessed_at, access_counts, delivered, have, counted_at, blank_at FROM line LIMIT 1`,
        at ?? 0,
        code ?? "",
      );
  });
  expect(
    (await book.linksPage({ above: BEFORE_ALL, below: BEHIND_ALL, order: "newest", limit: 1, rows: 1_000 })).things,
  ).toHaveLength(2);
  text += await read(reader, Infinity);
  const codes = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).code as string]));
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => !code.startsWith("zzz"))).toHaveLength(5_000);
  expect(codes.filter((code) => code.startsWith("zzz"))).toEqual(["zzz-late"]);
});

/** How often the object reads a step of lines. */
function steps(sid: string): Promise<() => number> {
  return runInDurableObject(env.BOOK.getByName(`${sid}.1`), (_, { storage }) => {
    const execute = vi.spyOn(Object.getPrototypeOf(storage.sql), "exec");
    return () => execute.mock.calls.filter(([query]) => String(query).includes("FROM line WHERE (created_at")).length;
  });
}

it("reads no further than somebody takes, and ends when the reader leaves", async () => {
  const { sid, token } = await large(50_000);
  const taken = await steps(sid);
  const response = await get(token, "/api/export/links.csv");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await read(reader, 1_000);
  await scheduler.wait(200);
  const before = taken();
  expect(before).toBeLessThan(20);
  await reader.cancel();
  await scheduler.wait(200);
  expect(taken()).toBe(before);
});

it("breaks off, and does not end, when an object breaks off", async () => {
  const { sid, token } = await large(20_000);
  const logged = vi.spyOn(console, "log").mockImplementation(() => {});
  const response = await get(token, "/api/export/links.csv");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await read(reader, 1_000);
  await runInDurableObject(
    env.BOOK.getByName(`${sid}.1`),
    (_, { storage }) => void storage.sql.exec("DROP TABLE line"),
  );
  await expect(read(reader, Infinity)).rejects.toThrow();
  expect(logged.mock.calls.flat().join()).toContain('"fact":"transfer.broken","what":"export of links"');
});

it("answers 503 while the first object is out of reach, and breaks off at a later one", async () => {
  const { token } = await owner();
  vi.spyOn(console, "log").mockImplementation(() => {});
  const ask = (broken: Partial<Record<keyof Env, unknown>>, query = "") =>
    worker.fetch(
      new Request(`${ORIGIN}/api/export/links.csv${query}`, { headers: { authorization: `Bearer ${token}` } }) as never,
      envWith(broken),
      {} as never,
    );
  const broken = { BOOK: brokenNamespace(new Error("out of reach")) };
  expect((await ask(broken, "?after=1.1.abc")).status).toBe(503);
  const whole = await ask(broken);
  expect(whole.status).toBe(200);
  await expect(whole.text()).rejects.toThrow();
});

it("docs/exports.md names every column of each export", () => {
  for (const name of EXPORT_NAMES) {
    const [, section = ""] = new RegExp(`^### ${name}\n(.*?)(?=^### |$(?![^]))`, "ms").exec(exportsDocs) ?? [];
    const named = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) => cell.match(/[a-z_]+/g) ?? []);
    const columns = columnsOf(name, 0).map((column) => column.name);
    expect([name, [...named, "count", "position"].toSorted()]).toEqual([name, columns.toSorted()]);
  }
});
