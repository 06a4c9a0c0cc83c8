// The verdict on a run: what went in has come out. Each check has the name of the promise that it guards.

import { bookNamed } from "../../src/book/book.ts";
import { checkMessagesInJournals } from "./figures.ts";
import { isPutOff } from "./judge-tap.ts";
import type { Owners } from "./owners.ts";
import type { Platform } from "./platform.ts";
import type { Receivers } from "./receivers.ts";
import type { Stage } from "./stage.ts";
import type { Row } from "./storage.ts";
import {
  type Event,
  isChosen,
  type LinkHistory,
  type Stored,
  storedIn,
  type Tap,
  type Tenant,
  type World,
} from "./world.ts";

const POSTS = 11;
/** That some links get. */
const SEARCHED_TAG = "spring";
const MOST_LOST_ATTEMPTS = 11;
const SOON_MS = 5_000;
const ENDED_ENTRY = JSON.stringify({ d: "", e: 0 });
/** A list is taken over three seconds after somebody began it; clocks may be set back meanwhile, thrice by two seconds. */
const TAKEN_OVER_WITHIN_MS = 10_000;
/** Behind an answer an invocation lives for half a minute. */
const BROUGHT_WITHIN_MS = 40_000;

/** After the storms, when all retries are over: copies agree with the truth, and nothing is owed. */
export async function checkSettled(stage: Stage, owners: Owners): Promise<void> {
  const { world, platform, unfinished } = stage;
  if (unfinished > 0) world.violate("everything comes to an end", `${unfinished} operations`);
  for (const link of world.links.values()) {
    const stored = storedOf(platform, link);
    if (stored === null) continue;
    checkCallback(world, link, stored);
    if (link.last === null && platform.clock.now > platform.directory.behindUntil)
      checkDirectory(world, platform, link, stored);
  }
  for (const { sid, isClosed } of world.tenants) {
    if (isClosed) continue;
    const keepers = [platform.accounts.host(sid), ...platform.books.hosts.values()].filter(
      ({ name }) => name === sid || bookNamed(name).sid === sid,
    );
    const read = (table: string) => keepers.flatMap(({ storage }) => storage.read(table));
    world.messages.checkSettled(sid, read("message"));
    checkReports(world, read("callback"));
  }
  if (platform.weather.isCalm) checkSpeed(world);
  checkBooks(world, platform);
  checkMessagesInJournals(world, platform);
  for (const owner of world.tenants) {
    if (owner.isClosed) continue;
    await owners.readFigures(owner);
    await owners.readRows(owner);
  }
  await checkLists(world, platform, owners);
}

/** Two hours after the last storm or refusal: whatever an object owes has been done, though nobody called it. */
export function checkNothingSleeps({ world, platform }: Stage): void {
  const overdue = platform.clock.date() - 10 * 60_000;
  for (const [namespace, table, columns] of [
    [platform.links, "link", ["directory_due_at", "listing_due_at", "report_due_at", "forget_due_at"]],
    [platform.links, "callback", ["due_at"]],
    [platform.accounts, "account", ["sweep_due_at"]],
    [platform.accounts, "callback", ["due_at"]],
    [platform.accounts, "message", ["send_due_at", "forget_at"]],
    [platform.books, "book", ["sweep_due_at", "tallies_due_at"]],
    [platform.books, "callback", ["due_at"]],
    [platform.books, "message", ["send_due_at", "forget_at"]],
    [platform.books, "line", ["blank_at"]],
  ] as const)
    for (const host of namespace.hosts.values())
      for (const row of host.storage.read(table))
        for (const column of columns)
          if (row[column] != null && Number(row[column]) < overdue)
            world.violate(
              "two hours later nothing is owed",
              `${host.name}: ${table}.${column} of ${String(row[column])}`,
            );
  world.checkRefusedAlarms();
}

/** Where nothing fails, a callback leaves within seconds of the first access. */
function checkSpeed(world: World): void {
  for (const { code, intent, versions } of world.everyLink()) {
    if (intent?.wasSilenced === true) continue;
    const first = versions.find(({ eventId }) => eventId !== null);
    const claim = world.events.get(first?.eventId ?? "")?.claims[0];
    if (first !== undefined && claim !== undefined && claim.at - first.at > SOON_MS)
      world.violate("a callback comes soon", `${code}: ${claim.at - first.at} ms after the first access`);
  }
}

/** At the very end, when every link is gone: all that ever happened, and that nothing is left of it. */
export function checkEnd(world: World, platform: Platform, receivers: Receivers): void {
  for (const link of world.everyLink()) {
    const stored = storedOf(platform, link);
    if (link.last === null || stored === null) world.violate("nothing is left", `${link.code} is still stored`);
    else {
      checkAccesses(world, link, stored);
      checkFirstAccess(world, link, stored);
      checkCallback(world, link, stored);
    }
  }
  checkUnrecorded(world);
  checkIntents(world);
  if (receivers.followed > 0) world.violate("no redirect is followed", `${receivers.followed} times`);
  checkNothingLeft(world, platform);
}

/** When the time of all books is over: nothing is left of them, but what they have counted, with their accounts. */
export async function checkBooksEnded({ world, platform }: Stage, owners: Owners): Promise<void> {
  for (const { name, storage, alarmAt } of platform.books.hosts.values())
    if (storage.tables().length > 0 || alarmAt !== null)
      world.violate("nothing is left", `book ${name}: ${JSON.stringify(storage.read("book")[0])}`);
  for (const owner of world.tenants) {
    if (owner.isClosed) continue;
    await owners.readFigures(owner);
    await owners.readRows(owner);
  }
}

/** An account that is closed leaves nothing, either. */
export function checkClosed(world: World, platform: Platform): void {
  for (const { sid } of world.tenants) {
    const host = platform.accounts.host(sid);
    if (host.storage.tables().length > 0 || host.alarmAt !== null) world.violate("nothing is left", `account ${sid}`);
  }
  for (const { name, storage, alarmAt } of platform.books.hosts.values())
    if (storage.tables().length > 0 || alarmAt !== null) world.violate("nothing is left", `book ${name}`);
}

function storedOf(platform: Platform, link: LinkHistory): Stored | null {
  return link.last ?? link.seen ?? storedIn(platform.links.host(link.code));
}

function checkAccesses(world: World, { code, reopenedAt, recorded }: LinkHistory, { link, accesses }: Stored): void {
  const check = "each access is recorded once, as what it was";
  const seen = new Set<string>();
  for (const { country, at, kind } of accesses) {
    const id = String(country);
    const tap = world.taps.get(id);
    if (seen.has(id)) world.violate(check, `${id} twice for ${code}`);
    seen.add(id);
    if (Number(at) < (reopenedAt ?? 0))
      world.violate("each access is of the link that was tapped", `${id} at ${String(at)}, before ${reopenedAt}`);
    if (tap === undefined || tap.code !== code) world.violate(check, `${id} at ${code} was no tap there`);
    else if (tap.date !== at) world.violate(check, `${id} at ${String(at)} instead of ${tap.date}`);
    else if (tap.kind !== kind) world.violate(check, `${id} as ${String(kind)} instead of ${tap.kind}`);
  }
  // Rows are dropped where there are many; then the counts tell of them.
  const counted = link["access_counts"];
  const counts = typeof counted === "string" ? (JSON.parse(counted) as Record<string, number>) : countsOf(accesses);
  const right = countsOf([...recorded]);
  for (const kind of new Set([...Object.keys(counts), ...Object.keys(right)]))
    if ((counts[kind] ?? 0) !== (right[kind] ?? 0))
      world.violate(check, `${code}: ${counts[kind]} of kind ${kind}, and not ${right[kind]}`);
}

function countsOf(accesses: readonly { kind?: unknown }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of accesses) counts[String(kind)] = (counts[String(kind)] ?? 0) + 1;
  return counts;
}

function checkFirstAccess(world: World, { code, firstTap }: LinkHistory, { link, callbacks }: Stored): void {
  const first = link["first_accessed_at"];
  if (first !== (firstTap?.date ?? null))
    world.violate("the first access is the first by a person", `${code}: ${String(first)}, not ${firstTap?.date}`);
  const ids = callbacks.map((callback) => callback["event_id"]);
  if (ids.length !== (first === null ? 0 : 1) || (ids[0] ?? null) !== link["event_id"])
    world.violate("one event for each first access", `${code}: ${ids.length} events, first access ${String(first)}`);
}

/**
 * A tap that was answered with the destination of a live link, or put off, is recorded. It may be missing only when the documents say so:
 * its process or invocation died behind the answer (docs/design/5), or object and recovery queue both failed it: the Worker
 * logged it as lost, or the queue lost it.
 */
function checkUnrecorded(world: World): void {
  const excuses = new Map(world.loggedLost);
  for (const tap of world.taps.values()) {
    const links = world.linksOf(tap.code).filter((link) => wasServed(tap, link));
    // What comes behind the opening of another link is recorded by neither (docs/api.md).
    if (links.some(({ recorded }) => recorded.has(tap)) || links.every(({ replacedAt }) => replacedAt !== null))
      continue;
    const hasDied = tap.diedBehindAnswer || tap.diedAt !== null || wasLeftBehind(world, tap);
    if (hasDied) world.counts.diedBehindAnswer++;
    else world.counts.lost++;
    if (hasDied || world.lostTaps.has(tap.id)) continue;
    const left = excuses.get(tap.code) ?? 0;
    excuses.set(tap.code, left - 1);
    if (left <= 0) world.violate("no access is lost", `${tap.id} (${tap.kind}) at ${tap.code}, answered`);
  }
}

/**
 * Whether its access was with another invocation of its process that died: one that had it on the way, or one whose list it
 * joined, and nobody opened the link there later who would have taken the list over.
 */
function wasLeftBehind(world: World, tap: Tap): boolean {
  const sentAt = tap.answer?.sentAt ?? 0;
  const others = [...world.taps.values()].filter(
    (other) => other !== tap && other.code === tap.code && other.process === tap.process,
  );
  const isSafe = ({ answer, diedAt, diedBehindAnswer }: Tap) =>
    answer?.kind === "answered" &&
    diedAt === null &&
    !diedBehindAnswer &&
    answer.sentAt > sentAt + TAKEN_OVER_WITHIN_MS;
  const takenOverAt = Math.min(...others.filter(isSafe).map(({ answer }) => answer?.sentAt ?? Infinity));
  const until = Math.max(takenOverAt, sentAt + BROUGHT_WITHIN_MS);
  return others.some(
    ({ diedAt }) => diedAt !== null && (takenOverAt === Infinity || (diedAt > sentAt && diedAt < until)),
  );
}

function wasServed(tap: Tap, link: LinkHistory): boolean {
  if (tap.answer?.kind !== "answered" || (tap.answer.status !== 302 && !isPutOff(tap))) return false;
  const closedAt = link.versions.at(-1)?.closedAt ?? Infinity;
  const location = tap.answer.headers.get("location");
  // Of a code that was opened again, KV may still lead where the link before did; who was put off was led nowhere.
  const isAlone = link.reopenedAt === null && link.replacedAt === null;
  const isOfLink = location === null ? isAlone : link.versions.some(({ destination }) => destination === location);
  return (
    isOfLink &&
    location !== link.intent?.owner.fallbackUrl &&
    tap.date < Math.min(link.expiresAt, closedAt) &&
    tap.date >= (link.reopenedAt ?? 0)
  );
}

function checkCallback(world: World, { code, intent }: LinkHistory, { callbacks }: Stored): void {
  for (const callback of callbacks) {
    const id = String(callback["event_id"]);
    const event = world.eventOf(id, code);
    const url = callback["url"];
    switch (String(callback["state"])) {
      case "delivered":
        if (!isDelivered(event)) world.violate("delivered means a 200", `${id} of ${code}`);
        break;
      case "exhausted":
        checkExhausted(world, event, lostAttempts(callback));
        break;
      case "none":
        if (intent?.wasSilenced !== true && intent?.owner.isClosed !== true)
          world.violate("what is owed is delivered", `${id} of ${code} was withdrawn`);
        break;
      default:
        world.violate(
          "what is owed is delivered",
          `${id} of ${code} is ${String(callback["state"])} to ${String(url)}`,
        );
    }
    checkPosts(world, event);
  }
}

/** The callbacks of an account: what became of its messages. Nobody takes their URL away. */
function checkReports(world: World, callbacks: readonly Row[]): void {
  for (const callback of callbacks) {
    const { event_id: id, state } = callback;
    const event = world.eventOf(String(id), "");
    if (state === "exhausted") checkExhausted(world, event, lostAttempts(callback));
    else if (state !== "delivered") world.violate("what is owed is delivered", `${event.id} is ${String(state)}`);
    else if (!isDelivered(event)) world.violate("delivered means a 200", event.id);
  }
}

function attemptsOf({ attempts }: Row): { number: number | null; durationMs: number | null }[] {
  return JSON.parse(String(attempts));
}

function lostAttempts(callback: Row): number {
  return attemptsOf(callback).filter(({ durationMs }) => durationMs === null).length;
}

function isDelivered({ posts, reports }: Event): boolean {
  return reports.some(
    ({ attempt, status }) =>
      status === 200 && posts.some((sent) => sent.attempt === attempt && sent.post.status === 200),
  );
}

/**
 * Given up after eleven POSTs. More are allowed for retries that the owner asked for, and for those whose report came when
 * the next attempt had begun already; fewer never, but when eleven attempts were not reported at all.
 */
function checkExhausted(world: World, { id, reports, retries }: Event, lost: number): void {
  const inTime = reports.filter(({ isLate }) => !isLate).length;
  const isRight = reports.length >= POSTS ? inTime <= POSTS + retries : lost >= MOST_LOST_ATTEMPTS;
  if (!isRight) world.violate("eleven POSTs", `${id}: ${reports.length} reported, ${lost} lost, ${retries} retries`);
}

function checkPosts(world: World, { id, code, posts, claims }: Event): void {
  const bodies = new Set(posts.map(({ post }) => post.body));
  if (bodies.size > 1) world.violate("each attempt sends the same bytes", `${id}: ${bodies.size} bodies`);
  for (const body of bodies) {
    const { data } = JSON.parse(body) as { data: { code: string; first_accessed_at: string } };
    const owing = world.linksOf(code).find((link) => link.versions.at(-1)?.eventId === id);
    const first = owing?.versions.at(-1)?.firstAccessedAt ?? Number.NaN;
    if (data.code !== code || Date.parse(data.first_accessed_at) !== first)
      world.violate("the callback tells of its link", `${id}: ${body}`);
  }
  const attempts = new Set(posts.map(({ attempt }) => attempt));
  if (attempts.size !== posts.length || posts.length > claims.length)
    world.violate("each POST was claimed", `${id}: ${posts.length} POSTs of ${attempts.size} attempts`);
}

/** Where the owner has not made an end of it, KV shows what the link's object knows; where there is an end, nothing. */
function checkDirectory(world: World, platform: Platform, link: LinkHistory, { link: row }: Stored): void {
  const entry = platform.directory.entry(link.code);
  if (link.intent?.owner.isClosed === true && row["closed_at"] === null)
    world.violate("an account's links end with it", link.code);
  const isLive = row["closed_at"] === null && platform.clock.date() < link.expiresAt;
  const wanted = isLive ? JSON.stringify({ d: row["destination"], e: row["expires_at"] }) : null;
  // Where KV has refused to delete it, an entry leads nowhere.
  if (!isLive && entry === ENDED_ENTRY) return;
  if (entry !== wanted) world.violate("KV shows what the object knows", `${link.code}: ${entry}, not ${wanted}`);
}

/** A book has of each link what the link has, once each, and its journal adds up to its lines. */
function checkBooks(world: World, platform: Platform): void {
  const check = "a book has what its links have";
  for (const { name, storage } of platform.books.hosts.values()) {
    const journal = storage.read("journal");
    for (const line of storage.read("line")) {
      const of = `${String(line["code"])} in ${name}`;
      const entries = journal.filter((one) => one["code"] === line["code"] && one["created_at"] === line["created_at"]);
      const numbers = entries.map(({ number }) => Number(number));
      if (new Set(numbers).size !== numbers.length) world.violate(check, `${of}: an event came twice`);
      const counted = JSON.parse(String(line["access_counts"])) as Record<string, number>;
      const facts = entries
        .filter(({ kind }) => kind === "access" || kind === "accesses")
        .map(({ fact }) => JSON.parse(String(fact)) as Fact);
      const singly = facts.flatMap(({ access: kind, count = 1 }) => Array.from({ length: count }, () => ({ kind })));
      compareCounts(world, `${of}: journal`, countsOf(singly), counted);
      const link = world.everyLink().find((one) => one.code === line["code"] && one.createdAt === line["created_at"]);
      const stored = link && storedOf(platform, link);
      if (link === undefined || stored == null) {
        world.violate(check, `${of}: there was no such link`);
        continue;
      }
      compareCounts(world, of, counted, countsOf([...link.recorded]));
      for (const column of ["closed_at", "first_accessed_at", "tags"])
        if (line[column] !== stored.link[column])
          world.violate(check, `${of}: ${column} ${String(line[column])}, not ${String(stored.link[column])}`);
      const told = new Set(numbers);
      // What goes on when the link is over is told with the code's next one.
      for (const callback of link.last === null ? stored.callbacks : [])
        if (attemptsOf(callback).some(({ number }) => number !== null && !told.has(number)))
          world.violate(check, `${of}: nothing of an attempt for ${String(callback["event_id"])}`);
      const firsts = facts.filter(({ first }) => first).length;
      if (firsts !== (stored.link["first_accessed_at"] === null ? 0 : 1))
        world.violate(check, `${of}: ${firsts} first accesses`);
    }
  }
  for (const link of world.everyLink()) {
    const stored = storedOf(platform, link);
    const book = stored?.link["book"];
    if (book == null || link.intent?.owner.isClosed === true) continue;
    const { storage } = platform.books.host(`${link.sid}.${String(book)}`);
    if (!storage.read("line").some((one) => one["code"] === link.code && one["created_at"] === link.createdAt))
      world.violate(check, `${link.code} is in no book`);
  }
}

/** What the journal says of an access. */
interface Fact {
  access: string;
  first?: boolean;
  /** Where it stands for several. */
  count?: number;
}

function compareCounts(world: World, of: string, one: Record<string, number>, other: Record<string, number>): void {
  for (const kind of new Set([...Object.keys(one), ...Object.keys(other)]))
    if ((one[kind] ?? 0) !== (other[kind] ?? 0))
      world.violate("a book has what its links have", `${of}: ${one[kind]} of kind ${kind}, not ${other[kind]}`);
}

async function checkLists(world: World, platform: Platform, owners: Owners): Promise<void> {
  for (const owner of world.tenants) {
    if (owner.isClosed) continue;
    const listed = await owners.list(owner);
    if (listed === null) continue;
    const shown = listed.map(({ code, url, first_accessed_at: at }) => JSON.stringify([code, url, at]));
    const stored = [...world.links.values()]
      .filter(({ intent, last }) => intent?.owner === owner && last === null)
      .map((link) => storedOf(platform, link)?.link)
      .filter((row) => row !== undefined && row["closed_at"] === null)
      .map((row) => {
        const at = row?.["first_accessed_at"] ?? null;
        return JSON.stringify([
          row?.["code"],
          row?.["destination"],
          at === null ? null : new Date(Number(at)).toISOString(),
        ]);
      });
    const check = "the list shows what the objects know";
    for (const line of shown) if (!stored.includes(line)) world.violate(check, `${line} should not be there`);
    for (const line of stored) if (!shown.includes(line)) world.violate(check, `${line} is missing`);
    await checkSearches(world, owners, owner, listed);
  }
}

/** A search finds what the list has; in each destination stands whose it is. */
async function checkSearches(world: World, owners: Owners, owner: Tenant, links: readonly Line[]): Promise<void> {
  const messages = await owners.list(owner, "messages");
  if (messages === null) return;
  const isTagged = ({ tags }: Line) => (tags as string[]).includes(SEARCHED_TAG);
  const isReferred = ({ reference }: Line) => reference === owner.mark;
  const recipient = messages[0]?.["recipient"];
  const searches: [what: "links" | "messages", asked: Record<string, string>, found: readonly Line[]][] = [
    ["links", { search: `/${owner.mark}/` }, links],
    ["links", { tag: SEARCHED_TAG }, links.filter(isTagged)],
    ["links", { search: `/${owner.mark}/`, order: "oldest" }, links],
    ["messages", { reference: owner.mark }, messages.filter(isReferred)],
    ["messages", { reference: owner.mark, order: "oldest" }, messages.filter(isReferred)],
  ];
  if (typeof recipient === "string")
    searches.push(["messages", { recipient }, messages.filter((one) => one["recipient"] === recipient)]);
  for (const [what, asked, wanted] of searches) {
    const found = await owners.list(owner, what, asked);
    if (found === null) continue;
    const [shown, right] = [found, wanted].map((lines) => lines.map(nameOfLine).toSorted().join());
    if (shown !== right)
      world.violate("a search finds what the list has", `${JSON.stringify(asked)}: ${shown}, and not ${right}`);
  }
}

type Line = Readonly<Record<string, unknown>>;

function nameOfLine(line: Line): string {
  return String(line["code"] ?? line["msgid"]);
}

/** However often a request is repeated with its Idempotency-Key, it makes one link. */
function checkIntents(world: World): void {
  for (const intent of world.intents) {
    const made = world.everyLink().filter((link) => link.intent === intent);
    const most = intent.key === null ? intent.requests : 1 + intent.refused;
    if (made.length > most || intent.codes.size > most)
      world.violate("a repeated request makes nothing twice", `intent ${intent.number}: ${made.length} links`);
    for (const code of intent.codes)
      if (!made.some((link) => link.code === code)) world.violate("a link that was answered exists", code);
  }
}

function checkNothingLeft(world: World, platform: Platform): void {
  const check = "nothing is left";
  for (const host of platform.links.hosts.values()) {
    const isKnown = world.links.has(host.name);
    const tables = host.storage.tables();
    // One row keeps a chosen code for its account.
    const isKept = isKnown && isChosen(host.name) && tables.join() === "past_link";
    if ((tables.length > 0 && !isKept) || host.storage.read("past_link").length > 1 || host.alarmAt !== null)
      world.violate(
        isKnown ? check : "no unknown code makes storage",
        `${host.name}: ${tables.join()} ${host.alarmAt}`,
      );
  }
  for (const key of platform.directory.keys()) world.violate(check, `${key} in KV`);
  for (const [name, { size }] of platform.queues) if (size > 0) world.violate(check, `${size} messages in ${name}`);
  for (const { sid } of world.tenants) {
    const links = platform.accounts.host(sid).storage.read("link");
    if (links.length > 0) world.violate(check, `${links.length} links in the list of ${sid}`);
  }
  for (const { name, storage } of platform.books.hosts.values())
    for (const line of storage.read("line"))
      if (line["blank_at"] !== null || line["destination"] !== null || line["reference"] !== null)
        world.violate(check, `what people wrote of ${String(line["code"])} in ${name}`);
}
