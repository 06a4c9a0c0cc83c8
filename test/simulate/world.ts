// What the simulation knows: who asked for what, and what became of it, told by the platform while it happens. It keeps the
// books that the verdict is made from, and reports at once what can be seen to be wrong at once.

import type { Accepted, Making } from "../../src/account/account.ts";
import { bookNamed, type BookName, objectNameOf } from "../../src/book/book.ts";
import { missingIn } from "./earlier-version.ts";
import type { Life } from "./life.ts";
import { LEAVES_WITHIN_MS, Messages, NUMBERS } from "./messages.ts";
import type { Call, ObjectHost } from "./objects.ts";
import { ADMIN_TOKEN, type Answer, type Platform, type PlatformObserver } from "./platform.ts";
import type { Hook, Post, SecretHolder } from "./receivers.ts";
import type { Row } from "./storage.ts";
import { ADDRESSES, AGENTS, type Visit } from "./visitors.ts";
import { Suspensions } from "./suspensions.ts";
import { ABSENT, Wishes } from "./wishes.ts";

/** An account and what its owner knows. */
export interface Tenant extends SecretHolder {
  /** Stands in every destination and reference of this account, and of no other. */
  mark: string;
  sid: string;
  token: string;
  fallbackUrl: string | null;
  isClosed: boolean;
}

/** What the owner wants one link to be, in however many requests. */
export interface Intent {
  number: number;
  owner: Tenant;
  key: string | null;
  requests: number;
  /** Of these were answered that the code is taken: then their key is free again, also for one that comes again meanwhile. */
  refused: number;
  /** Codes that were answered. */
  codes: Set<string>;
  destinations: Set<string>;
  hooks: Hook[];
  /** The callback URL was taken away, at some time. */
  wasSilenced: boolean;
}

/** The link's row at one time. */
export interface Version {
  at: number;
  destination: string;
  callbackUrl: string | null;
  closedAt: number | null;
  firstAccessedAt: number | null;
  eventId: string | null;
}

export interface Event {
  id: string;
  code: string;
  /** `date` is Unix milliseconds. Whoever holds it may be at it until that life ends. */
  claims: { attempt: number; at: number; date: number; holder: Life }[];
  /** `isLate`: a newer attempt had begun, since this one's lease was over. */
  reports: { attempt: number; status: number | null; isLate: boolean }[];
  posts: { attempt: number; post: Post }[];
  deliveredAt: number | null;
  /** Retries that the owner asked for and got. */
  retries: number;
}

/** Everything in the link's tables. */
export interface Stored {
  link: Row;
  accesses: Row[];
  callbacks: Row[];
}

/** A link that exists in storage, or did. A chosen code can have one after the other. */
export interface LinkHistory {
  code: string;
  intent: Intent | null;
  sid: string;
  createdAt: number;
  expiresAt: number;
  /** Accesses from before are of the link before. */
  reopenedAt: number | null;
  versions: Version[];
  /** The access by a person that reached the object first, while the link was live. */
  firstTap: Tap | null;
  /** All whose access reached the object while the link was live. */
  recorded: Set<Tap>;
  /** Of a chosen code: what there is now, without what earlier links left. */
  seen: Stored | null;
  /** What there was when the storage was freed, or when another link was opened in its place. */
  last: Stored | null;
  /** When that was. */
  freedAt: number | null;
  replacedAt: number | null;
}

export interface Tap extends Visit {
  /** Travels as the country of the request, so that each access can be told from all others. */
  id: string;
  code: string;
  /** Date at the edge; Unix milliseconds. */
  date: number;
  answer: Answer | null;
  /** The city's process that answered. */
  process: Life;
  /** When its own invocation ended behind the answer, in a process that lived on; null when it did not. */
  diedAt: number | null;
  /** Its city's process ended before the access was safe, and after the answer. */
  diedBehindAnswer: boolean;
}

export interface Violation {
  check: string;
  detail: string;
}

/** What nobody may find in any storage, beside accounts' tokens. */
const NAMES = [ADDRESSES, ...AGENTS, ADMIN_TOKEN, "whsec_"];
/** A call that was given up is refused later than this, whatever the clocks say. */
const LATE_CALL_MS = 10_000;

export class World implements PlatformObserver {
  readonly violations: Violation[] = [];
  readonly tenants: Tenant[] = [];
  readonly intents: Intent[] = [];
  /** By code, the newest. */
  readonly links = new Map<string, LinkHistory>();
  /** Those in whose place others were opened. */
  readonly replaced: LinkHistory[] = [];
  readonly taps = new Map<string, Tap>();
  readonly events = new Map<string, Event>();
  readonly wishes = new Wishes();
  readonly suspensions = new Suspensions();
  readonly messages = new Messages(this);
  /** Taps whose access a fault took from a queue for good. */
  readonly lostTaps = new Set<string>();
  /** How many accesses of a code the Worker itself logged as lost. */
  readonly loggedLost = new Map<string, number>();
  /** By their names, what was in the journals of books when they ended. */
  readonly endedBooks = new Map<string, Row[]>();
  /** By sid, the figures that were told last. */
  readonly toldFigures = new Map<string, ReadonlyMap<string, number>>();
  readonly counts = { operations: 0, taps: 0, requests: 0, diedBehindAnswer: 0, lost: 0 };
  readonly #refusedAlarms = new Set<string>();
  /** What the Idempotency-Keys of each account are bound to. */
  readonly #bound = new Map<string, string>();
  readonly #deletions: { code: string; endedAt: number }[] = [];
  readonly #claims = new Map<Life, { event: Event; attempt: number }>();
  platform: Platform | null = null;

  get now(): number {
    return this.platform?.clock.now ?? 0;
  }

  violate(check: string, detail: string): void {
    this.violations.push({ check, detail });
  }

  /** All links that there ever were. */
  everyLink(): LinkHistory[] {
    return [...this.replaced, ...this.links.values()];
  }

  /** All links of a code, oldest first. */
  linksOf(code: string): LinkHistory[] {
    return this.everyLink().filter((link) => link.code === code);
  }

  /** Somebody asks that a code's link be deleted; call what is returned when the answer, or none, has come. */
  deleting(code: string): () => void {
    const deletion = { code, endedAt: Infinity };
    this.#deletions.push(deletion);
    return () => {
      deletion.endedAt = this.now + LATE_CALL_MS;
    };
  }

  /** Whether its owner has asked for its deletion, carried out or not. */
  mayBeDeleted({ code, versions }: LinkHistory): boolean {
    return this.#deletions.some((deletion) => deletion.code === code && deletion.endedAt >= (versions[0]?.at ?? 0));
  }

  called(call: Call): void {
    // Whoever asks for a message may have got it, also where nobody was told.
    if (call.method === "claimMessage" && call.caller !== undefined)
      this.messages.claims(String(call.args[0]), String(call.args[2]), call.caller);
    // From here on the key may be bound to something else.
    if (call.method === "releaseKey") this.#bound.delete(`${call.host.name} ${String(call.args[0])}`);
    // What is refused is not written, not even half, and comes again.
    if (this.platform?.weather.refusesWrites === true) return;
    if (call.host.className === "Link" && call.method === "record")
      this.#recording(call.host, call.args[0] as { at: number; country: string }[]);
    if (call.method === "reportAttempt")
      this.#reported(call.args[0] as { eventId: string; attempt: number; outcome: { status: number | null } });
  }

  answered({ host, method, args, caller }: Call, result: unknown): void {
    const claim = result as { kind: string; attempt: number; url: string };
    if (host.className === "Account") this.messages.checkErased(result ?? null, `the answer of ${method}`);
    if (method === "claimAttempt" && claim.kind === "claimed" && caller !== undefined)
      this.#claimed(host, String(args[0]), claim, caller);
    if (method === "claimMessage" && claim.kind === "claimed" && caller !== undefined)
      this.messages.claimed(bookNamed(host.name).sid, String(args[0]), String(args[2]), caller);
    if (method === "accept" && result !== null) this.#accepted(host.name, args[0] as Making, result as Accepted);
    if (host.className === "Link" && method === "retryCallback" && result === "accepted") {
      const eventId = this.links.get(host.name)?.versions.at(-1)?.eventId;
      if (eventId != null) this.eventOf(eventId, host.name).retries++;
    }
  }

  /** A key is bound to one thing, for as long as the simulation repeats a request. */
  #accepted(sid: string, { key }: Making, accepted: Accepted): void {
    // While the version of before is live, nothing has a book.
    if (key === null || accepted.kind !== "claimed" || accepted.book === null) return;
    const { made, at, book } = accepted;
    const binding = JSON.stringify({ made, at, book });
    const name = `${sid} ${key.key}`;
    const before = this.#bound.get(name) ?? binding;
    this.#bound.set(name, before);
    if (before !== binding)
      this.violate("a request that comes again is of the same book", `${name}: ${binding}, not ${before}`);
  }

  /** A function of its own, because it is handed on without its object. */
  readonly stored = (text: string): void => {
    const check = "nobody is named, and no secret is readable";
    if (NAMES.some((name) => text.includes(name)) || this.tenants.some(({ token }) => text.includes(token)))
      this.violate(check, text);
  };

  /** An owner asks that things of this object, a link's code or an account's sid, be so; call what is returned at the end. */
  wish(owner: string, things: Record<string, unknown>): (isAcknowledged: boolean) => void {
    const host = this.platform?.links.hosts.get(owner) ?? this.platform?.accounts.hosts.get(owner);
    if (host === undefined) throw new Error(`nobody has opened ${owner}`);
    for (const [thing, value] of thingsIn(host) ?? []) this.wishes.settle(`${owner} ${thing}`, value, this.now);
    const begun = Object.entries(things).map(([thing, value]) =>
      this.wishes.begin(`${owner} ${thing}`, textOfThing(value), this.now),
    );
    return (isAcknowledged) => {
      for (const end of begun) end(isAcknowledged, this.now);
      this.#checkWishes(host);
    };
  }

  /** What stands in storage is what somebody wished, and nothing that was acknowledged is undone. */
  #checkWishes(host: ObjectHost): void {
    const things = thingsIn(host);
    if (things === null) return;
    for (const thing of this.wishes.of(host.name)) {
      const value = things.get(thing.slice(host.name.length + 1)) ?? ABSENT;
      if (!this.wishes.allows(thing, value)) this.violate("an acknowledged change stays", `${thing}: ${value}`);
    }
  }

  wrote(host: ObjectHost): void {
    if (host.className !== "Link") {
      for (const table of ["message", "message_pack", "callback"]) this.messages.checkErasedIn(host.storage, table);
      return this.#checkWishes(host);
    }
    const [row] = host.storage.read("link");
    if (row === undefined) return this.#freed(host.name);
    const history = this.#historyOf(host.name, row);
    this.#checkWishes(host);
    if (isChosen(host.name)) this.#see(host, history);
    const next = versionOf(row, this.now);
    const before = history.versions.at(-1);
    if (before !== undefined && isSame(before, next)) return;
    history.versions.push(next);
    this.#compare(history, before, next);
  }

  forgets(host: ObjectHost): void {
    const missing = missingIn(host.storage, host.className);
    if (missing.length > 0) this.violate("tables are of the present version", `${host.className}: ${missing.join()}`);
    if (host.className === "Book") return this.#bookEnds(host);
    const history = this.links.get(host.name);
    if (history === undefined || host.className !== "Link") return;
    history.seen = storedIn(host);
    this.#freed(host.name);
  }

  /** By itself, and not with its account: then no link of it is left. */
  #bookEnds({ name, storage }: ObjectHost): void {
    if (storage.read("book")[0]?.["closed_at"] !== null) return;
    this.endedBooks.set(name, storage.read("journal"));
    const { sid, book } = bookNamed(name);
    for (const { name: code, storage: left } of this.platform?.links.hosts.values() ?? []) {
      const [link] = left.read("link");
      if (link?.["account_sid"] === sid && link["book"] === book)
        this.violate("a book ends when no link of it is left", `${code} of ${name}`);
    }
  }

  /** A link's storage is gone, all or but for the row that keeps a chosen code. */
  #freed(code: string): void {
    const history = this.links.get(code);
    if (history === undefined || history.last !== null) return;
    history.last = history.seen;
    history.freedAt = this.now;
    this.wishes.forget(code);
  }

  /** What earlier links of the code owe goes on beside the newest. */
  #see(host: ObjectHost, history: LinkHistory): void {
    const stored = storedIn(host);
    if (stored === null) return;
    let { callbacks } = stored;
    for (const { last } of this.replaced.filter(({ code }) => code === host.name)) {
      const eventId = last?.link["event_id"];
      const isOf = (row: Row) => row["event_id"] === eventId;
      if (last !== null && callbacks.some(isOf)) last.callbacks = callbacks.filter(isOf);
      callbacks = callbacks.filter((row) => !isOf(row));
    }
    history.seen = { ...stored, callbacks };
  }

  /** A link is listed by its account, unless that is about to go; accounts are listed by the first of them. */
  isKnown({ className, name, storage }: ObjectHost): boolean {
    if (className === "Account") return true;
    const [link] = storage.read("link");
    const sid = className === "Book" ? bookNamed(name).sid : String(link?.["account_sid"] ?? "");
    const account = this.platform?.accounts.hosts.get(sid)?.storage;
    if (account === undefined || account.read("account")[0]?.["closed_at"] !== null) return false;
    if (className === "Book") return account.read("book").some(({ number }) => number === bookNamed(name).book);
    const book =
      link?.["book"] == null ? undefined : this.platform?.books.host(`${sid}.${String(link["book"])}`).storage;
    const lines = book === undefined ? account.read("link") : book.read("line");
    return lines.some((line) => line["code"] === name && line["created_at"] === link?.["created_at"]);
  }

  alarmRefused(host: ObjectHost): void {
    // Whoever wakes it comes again.
    if (host.entered !== "wake") this.#refusedAlarms.add(host.name);
  }

  alarmThrew(host: ObjectHost): void {
    this.#refusedAlarms.delete(host.name);
  }

  /** Behind a refusal: who could not set its alarm has asked a queue to wake it, or has failed for the platform to see. */
  checkRefusedAlarms(): void {
    for (const name of this.#refusedAlarms) this.violate("a refused alarm is waited for", name);
  }

  accepted(queue: string, body: unknown): void {
    if (!queue.endsWith("-wakes")) return;
    const { codes = [], sids = [], books = [] } = body as { codes?: string[]; sids?: string[]; books?: BookName[] };
    for (const name of [...codes, ...sids, ...books.map(objectNameOf)]) this.#refusedAlarms.delete(name);
  }

  alarmDropped(host: ObjectHost): void {
    if (this.platform?.weather.losesAlarms === true) return;
    this.violate("no alarm is dropped", `the alarm of ${host.className} ${host.name} failed seven times`);
  }

  /** A line of the Worker's log. */
  logged(line: string): void {
    this.stored(line);
    if (line.includes(NUMBERS)) this.violate("nobody is named, and no secret is readable", line);
    if (!line.startsWith("{")) return;
    const { fact, code, sid, book } = JSON.parse(line) as { fact?: string; code?: string; sid?: string; book?: number };
    if (fact === "alarm.lost")
      this.#refusedAlarms.delete(code ?? (book === undefined ? sid : objectNameOf({ sid: sid ?? "", book })) ?? "");
    if (fact === "access.lost" && code !== undefined) this.loggedLost.set(code, (this.loggedLost.get(code) ?? 0) + 1);
  }

  /** A message that nobody will ever see again. */
  gone(queue: string, body: unknown): void {
    if (queue !== "firsttap-accesses") return;
    for (const { country } of (body as { accesses: { country: string }[] }).accesses) this.lostTaps.add(country);
  }

  received(post: Post): void {
    const claim = post.sender === undefined ? undefined : this.#claims.get(post.sender);
    // A link signs with the secrets that it learned last while its account is out of reach.
    const isBad = this.platform !== null && !this.platform.weather.isCalm && this.platform.weather.wasBadAt(post.at);
    if (post.signedBy === null || (post.signedBy === "earlier" && !isBad))
      this.violate("signed with the account's secret", `POST of ${post.eventId} at ${post.at}: ${post.signedBy}`);
    if (claim === undefined) return this.violate("each POST was claimed", `POST of ${post.eventId} at ${post.at}`);
    if (claim.event.id !== post.eventId)
      this.violate("one event id", `${claim.event.id} was POSTed as ${post.eventId}`);
    claim.event.posts.push({ attempt: claim.attempt, post });
    this.left(claim.event.claims.find(({ attempt }) => attempt === claim.attempt)?.at ?? post.at, post.eventId);
  }

  /** Something leaves now that could have left at `readyAt`. */
  left(readyAt: number, what: string): void {
    if (this.now - readyAt > LEAVES_WITHIN_MS)
      this.violate("no POST starts late because others wait", `${what}: ${this.now - readyAt} ms`);
  }

  eventOf(id: string, code: string): Event {
    const known = this.events.get(id);
    if (known !== undefined) return known;
    const event = { id, code, claims: [], reports: [], posts: [], deliveredAt: null, retries: 0 };
    this.events.set(id, event);
    return event;
  }

  /** Accesses reach their object: the first by a person on a live link is the first access. */
  #recording(host: ObjectHost, accesses: { at: number; country: string }[]): void {
    const history = this.links.get(host.name);
    const link = history?.versions.at(-1);
    if (history === undefined || link === undefined || history.last !== null) return;
    const end = Math.min(history.expiresAt, link.closedAt ?? Infinity);
    for (const { at, country } of accesses) {
      const tap = this.taps.get(country);
      if (tap === undefined) this.violate("each access was a tap", `${country} was recorded for ${host.name}`);
      else if (at < end && at >= (history.reopenedAt ?? 0)) {
        history.recorded.add(tap);
        if (tap.kind === "person") history.firstTap ??= tap;
      }
    }
  }

  #claimed(host: ObjectHost, eventId: string, claim: { attempt: number; url: string }, caller: Life): void {
    const event = this.eventOf(eventId, host.name);
    const date = this.platform?.clock.date() ?? 0;
    const before = event.claims.at(-1);
    const isOpen = before?.holder.isOver === false && !event.reports.some(({ attempt }) => attempt === before.attempt);
    // A clock that was set forward ends leases early.
    if (isOpen && date - before.date === this.now - before.at)
      this.violate("one attempt at a time", `${eventId}: ${claim.attempt} while somebody is at the one before`);
    event.claims.push({ attempt: claim.attempt, at: this.now, date, holder: caller });
    this.#claims.set(caller, { event, attempt: claim.attempt });
    if (event.deliveredAt !== null)
      this.violate("no POST after a recorded 200", `${eventId}: attempt ${claim.attempt} was given out`);
    const owing = this.linksOf(host.name).find((link) => link.versions.at(-1)?.eventId === eventId);
    const url = owing?.versions.at(-1)?.callbackUrl;
    if (host.className === "Link" && url !== claim.url)
      this.violate("POSTs go to the link's callback URL", `${claim.url}, and not ${url}`);
  }

  #reported({ eventId, attempt, outcome }: { eventId: string; attempt: number; outcome: { status: number | null } }) {
    const event = this.events.get(eventId);
    if (event === undefined || event.reports.some((report) => report.attempt === attempt)) return;
    if (!event.posts.some((post) => post.attempt === attempt))
      this.violate("no attempt that never left is counted", `${eventId}: attempt ${attempt}`);
    const isLate = event.claims.some((claim) => claim.attempt > attempt);
    event.reports.push({ attempt, status: outcome.status, isLate });
    if (outcome.status === 200) event.deliveredAt ??= this.now;
  }

  #historyOf(code: string, row: Row): LinkHistory {
    const known = this.links.get(code);
    const createdAt = Number(row["created_at"]);
    if (known?.createdAt === createdAt) return known;
    if (known !== undefined) this.#replace(known, row);
    const number = /\/l\/(\d+)\//.exec(String(row["destination"]))?.[1];
    const intent = this.intents.find((candidate) => String(candidate.number) === number) ?? null;
    const expiresAt = Number(row["expires_at"]);
    const history: LinkHistory = {
      code,
      intent,
      sid: String(row["account_sid"]),
      createdAt,
      expiresAt,
      reopenedAt: numberOf(row["reopened_at"]),
      versions: [],
      firstTap: null,
      recorded: new Set(),
      seen: null,
      last: null,
      freedAt: null,
      replacedAt: null,
    };
    this.links.set(code, history);
    if (intent === null) this.violate("links are what was asked for", `${code} leads to ${String(row["destination"])}`);
    else if (row["account_sid"] !== intent.owner.sid)
      this.violate("accounts see their own", `${code} has a foreign owner`);
    return history;
  }

  /** Another link is opened in the place of one that has ended, by the same account. */
  #replace(known: LinkHistory, row: Row): void {
    const date = this.platform?.clock.date() ?? 0;
    const isOver = known.last !== null || known.versions.at(-1)?.closedAt !== null;
    if (known.sid !== row["account_sid"])
      this.violate("a chosen code stays its account's", `${known.code} was ${known.sid}'s`);
    if (!isOver && date + LATE_CALL_MS < known.expiresAt)
      this.violate("a chosen code stays its account's", `${known.code} was opened again while it was live`);
    if (Number(row["revision"]) <= Number(known.seen?.link["revision"]))
      this.violate("an acknowledged change stays", `${known.code} goes on with revision ${String(row["revision"])}`);
    known.last ??= known.seen;
    known.replacedAt = this.now;
    this.replaced.push(known);
    this.wishes.forget(known.code);
  }

  #compare({ code, firstTap }: LinkHistory, before: Version | undefined, next: Version): void {
    const intents = this.linksOf(code).flatMap(({ intent }) => intent ?? []);
    if (intents.length > 0 && !intents.some(({ destinations }) => destinations.has(next.destination)))
      this.violate("links are what was asked for", `${code} leads to ${next.destination}`);
    if (before !== undefined && before.firstAccessedAt !== null && next.firstAccessedAt !== before.firstAccessedAt)
      this.violate("the first access never moves", `${code}: ${before.firstAccessedAt}, then ${next.firstAccessedAt}`);
    if (before?.closedAt != null && next.closedAt === null)
      this.violate("an acknowledged change stays", `${code} was deleted, and is not any more`);
    if (before !== undefined && before.eventId !== null && next.eventId !== before.eventId)
      this.violate("one event id", `${code}: ${before.eventId}, then ${next.eventId}`);
    if (
      (before?.firstAccessedAt ?? null) === null &&
      next.firstAccessedAt !== null &&
      next.firstAccessedAt !== firstTap?.date
    )
      this.violate(
        "the first access is the first by a person",
        `${code}: ${next.firstAccessedAt}, but the first by a person was ${firstTap?.date ?? "none"}`,
      );
  }
}

/** Whether somebody chose this code, as the owners of the simulation do. */
export function isChosen(code: string): boolean {
  return code.startsWith("chosen-");
}

/** What is in the object's tables now; null when there is no link. */
export function storedIn(host: ObjectHost): Stored | null {
  const [link] = host.storage.read("link");
  if (link === undefined) return null;
  return {
    link,
    accesses: host.storage.read("access"),
    callbacks: host.storage.read("callback"),
  };
}

/** What a link's or an account's owner can change, as it stands; null when there is nothing, or all of it is being closed. */
function thingsIn({ className, name, storage }: ObjectHost): Map<string, string> | null {
  if (className === "Book") return null;
  const [row] = storage.read(className === "Link" ? "link" : "account");
  if (row === undefined || (className === "Account" && row["closed_at"] !== null)) return null;
  const columns = className === "Link" ? LINK_THINGS : ACCOUNT_THINGS;
  const things = new Map(columns.map((column) => [column, textOfThing(row[column])]));
  if (className === "Account") things.set("suspended", textOfThing(row["suspended_at"] != null));
  if (className === "Account")
    for (const token of storage.read("token")) things.set(`token ${String(token["id"])}`, textOfThing(true));
  if (name === "main")
    for (const tenant of storage.read("tenant")) things.set(`tenant ${String(tenant["sid"])}`, textOfThing(true));
  return things;
}

const LINK_THINGS = ["destination", "callback_url", "tags", "reference"];
const ACCOUNT_THINGS = ["name", "callback_url", "fallback_url"];

function textOfThing(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function versionOf(row: Row, at: number): Version {
  return {
    at,
    destination: String(row["destination"]),
    callbackUrl: textOf(row["callback_url"]),
    closedAt: numberOf(row["closed_at"]),
    firstAccessedAt: numberOf(row["first_accessed_at"]),
    eventId: textOf(row["event_id"]),
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isSame(a: Version, b: Version): boolean {
  return (
    a.destination === b.destination &&
    a.callbackUrl === b.callbackUrl &&
    a.closedAt === b.closedAt &&
    a.firstAccessedAt === b.firstAccessedAt &&
    a.eventId === b.eventId
  );
}
