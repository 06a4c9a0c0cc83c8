// One run, from a seed.

import { Carrier } from "./carrier.ts";
import { bookEndsAt, bookNamed } from "../../src/book/book.ts";
import { checkBooksEnded, checkClosed, checkEnd, checkNothingSleeps, checkSettled } from "./checks.ts";
import type { Clock } from "./clock.ts";
import type { Fault } from "./faults.ts";
import { surroundWith } from "./globals.ts";
import { Operations } from "./operations.ts";
import { Platform, type Setting } from "./platform.ts";
import { Random } from "./random.ts";
import { Receivers } from "./receivers.ts";
import { Recipients } from "./recipients.ts";
import { Stage } from "./stage.ts";
import { type Tenant, type Violation, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Longer than all retries of a callback, and of an access in the recovery queue, together. */
const SETTLING_MS = 4 * DAY;
const KEPT_AFTER_END_MS = 30 * DAY;
/** How often figures are read because a book is there still whose totals its account has. */
const MOST_READ_BETWEEN = 4;

export interface Result {
  seed: number;
  violations: Violation[];
  /** The same for each run of this seed. */
  trace: string;
  figures: Record<string, number>;
  faults: [Fault, number][];
}

/** Plays a seed's story to its end. Never rejects: a run that cannot go on is a violation. */
export async function simulate(setting: Setting, play: (stage: Stage) => Promise<void> = playLife): Promise<Result> {
  const { seed } = setting;
  const world = new World();
  const platform = new Platform(setting, world);
  world.platform = platform;
  const { clock } = platform;
  const receivers = new Receivers(clock, new Random(seed, 3), (post) => world.received(post));
  const random = new Random(seed, 4);
  const carrier = new Carrier(clock, new Random(seed, 6), {
    asked: (sender) => world.messages.asked(sender),
    answered: (sender) => world.messages.answered(sender),
    offered: (msgid, text, offer) => {
      world.messages.offered(msgid, offer);
      if (offer.course.isTaken) arrived(stage, text);
    },
    violate: (check, detail) => world.violate(check, detail),
  });
  const stage = new Stage(world, platform, random, receivers, carrier);
  surroundWith({
    clock,
    random: new Random(seed, 5),
    fetch: (request) => (carrier.isAt(request.url) ? carrier : receivers).fetch(request),
    log: (line) => world.logged(line),
  });
  try {
    await play(stage);
  } catch (error) {
    world.violate(
      "everything comes to an end",
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  } finally {
    surroundWith(null);
    platform.close();
  }
  return resultOf(seed, world, platform, receivers);
}

/** A message has arrived on its phone: from now on its link is known, and often tapped soon. */
function arrived(stage: Stage, text: string): void {
  const { world, platform, random } = stage;
  const code = /\/([^/\s]+)$/.exec(text)?.[1] ?? "";
  const link = world.links.get(code);
  if (link === undefined) return;
  link.intent?.codes.add(code);
  if (!random.chance(0.5)) return;
  stage.run(async () => {
    await platform.clock.wait(random.between(500, 20_000));
    await new Recipients(stage).tap(code);
  });
}

/** The life of two accounts' links, from the first to the last byte that is stored of them. */
async function playLife(stage: Stage): Promise<void> {
  const { world, platform, receivers, random } = stage;
  const operations = new Operations(stage);
  const { clock, weather } = platform;
  await finished(clock, operations.setUp());
  weather.break();
  if (weather.losesAlarms) void platform.trigger();
  for (let left = random.between(15, 60); left > 0; left--) {
    await clock.runUntil(clock.now + pause(random));
    operations.begin();
  }
  await clock.runUntil(Math.max(clock.now + 10 * MINUTE, weather.refusedUntil));
  weather.clear();
  await clock.runUntil(clock.now + 2 * HOUR);
  checkNothingSleeps(stage);
  await settle(stage, operations);
  // Some accounts are closed while their links are live, the others when all is over.
  if (random.chance(0.3)) {
    weather.break();
    const closing = closeAccounts(world.tenants.slice(0, random.between(1, 2)), operations);
    await clock.runUntil(clock.now + HOUR);
    weather.clear();
    await finished(clock, closing);
    await settle(stage, operations);
  }
  await clock.runUntil(clock.now + KEPT_AFTER_END_MS + 5 * DAY);
  await finished(clock, operations.revisit());
  await settle(stage, operations);
  await playTheEnd(stage, operations);
  await playBooksEnd(stage, operations);
  checkEnd(world, platform, receivers);
  await finished(clock, checkBooksEnded(stage, operations.owners));
  const open = world.tenants.filter(({ isClosed }) => !isClosed);
  await finished(clock, closeAccounts(open, operations));
  checkClosed(world, platform);
}

/** The storm is over; when all retries are, everything has to agree. */
async function settle(stage: Stage, { owners }: Operations): Promise<void> {
  const { clock, weather } = stage.platform;
  weather.clear();
  await clock.runUntil(clock.now + SETTLING_MS);
  await finished(clock, checkSettled(stage, owners));
}

/** The last hours of the links, and the hours when their storage is freed, both in bad weather again. */
async function playTheEnd(stage: Stage, { recipients }: Operations): Promise<void> {
  const { world, platform } = stage;
  const { clock } = platform;
  const ends = [...world.links.values()].map(({ expiresAt }) => clock.whenDateIs(expiresAt));
  for (const link of world.links.values()) recipients.tapAroundEnd(link);
  await playStorms(stage, ends, HOUR);
  // Freeing is spread over a day.
  await playStorms(
    stage,
    ends.map((end) => end + KEPT_AFTER_END_MS),
    DAY + HOUR,
  );
  // Links wait for KV with being forgotten.
  await clock.runUntil(Math.max(clock.now, platform.directory.behindUntil + DAY));
}

/** Bad weather from an hour before each of these instants to so long after it, those left out that are over; and then calm for all retries. */
async function playStorms({ platform }: Stage, instants: readonly number[], lastsMs: number): Promise<void> {
  const { clock, weather } = platform;
  for (const at of instants.filter((instant) => instant > clock.now).toSorted((one, other) => one - other)) {
    if (at - HOUR > clock.now) {
      weather.clear();
      await clock.runUntil(at - HOUR);
    }
    weather.break();
    await clock.runUntil(at + lastsMs);
  }
  weather.clear();
  await clock.runUntil(clock.now + SETTLING_MS);
}

/** The weeks in which books end, the first days of them in bad weather; somebody asks for figures now and then. */
async function playBooksEnd(stage: Stage, { owners }: Operations): Promise<void> {
  const { platform, world, random } = stage;
  const { clock, weather } = platform;
  const ends = [...platform.books.hosts.values()]
    .flatMap(({ storage }) => storage.read("book"))
    .map(({ opened_at: openedAt }) => clock.whenDateIs(bookEndsAt(Number(openedAt))));
  for (const end of ends.toSorted((one, other) => one - other)) {
    await clock.runUntil(Math.max(clock.now, end - HOUR));
    weather.break();
    let between = 0;
    for (const until = clock.now + 4 * DAY; clock.now < until;) {
      await clock.runUntil(clock.now + 20 * MINUTE);
      const isBetween = isCountedTwice(platform) && between++ < MOST_READ_BETWEEN;
      if (!isBetween && !random.chance(0.005)) continue;
      for (const owner of world.tenants) if (!owner.isClosed) stage.run(() => owners.readFigures(owner));
    }
    weather.clear();
    await clock.runUntil(clock.now + SETTLING_MS);
  }
}

/** Whether a book is still there whose account has its totals already: nobody may see both. */
function isCountedTwice({ books, accounts }: Platform): boolean {
  return [...books.hosts.values()].some(({ name, storage }) => {
    const { sid, book } = bookNamed(name);
    const known = accounts.host(sid).storage.read("book");
    return storage.tables().length > 0 && known.some((row) => row["number"] === book && row["archived_at"] !== null);
  });
}

async function closeAccounts(tenants: readonly Tenant[], operations: Operations): Promise<void> {
  await Promise.all(tenants.map((tenant) => operations.owners.close(tenant)));
}

/** Runs for an hour, within which what was begun has to be done. */
export async function finished(clock: Clock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  await clock.runUntil(clock.now + HOUR);
  if (!isDone) throw new Error("the platform came to rest, and something was never answered");
  await done;
}

/** Most things happen within a second of each other, some hours apart. */
function pause(random: Random): number {
  return random.weighted([
    [40, random.between(0, 900)],
    [30, random.between(1_000, 30_000)],
    [20, random.between(1, 30) * MINUTE],
    [9, random.between(1, 6) * HOUR],
    [1, DAY],
  ]);
}

function resultOf(seed: number, world: World, platform: Platform, receivers: Receivers): Result {
  const links = world.everyLink();
  return {
    seed,
    violations: world.violations,
    trace: platform.clock.trace,
    figures: {
      operations: world.counts.operations,
      requests: world.counts.requests,
      taps: world.counts.taps,
      "accesses lost with their process": world.counts.diedBehindAnswer,
      "accesses lost by object and queue": world.counts.lost,
      links: links.length,
      "first accesses": links.filter(({ firstTap }) => firstTap !== null).length,
      events: world.events.size,
      POSTs: receivers.posts,
      messages: world.messages.all.size,
      "offers to the carrier": world.messages.offers,
      "waits for a connection": platform.waits.count,
      "given up while they waited for one": platform.waits.givenUp,
      steps: platform.clock.events,
      "virtual days": Math.round((platform.clock.now - Date.UTC(2026, 10, 2, 8)) / DAY),
    },
    faults: [...platform.weather.counts],
  };
}
