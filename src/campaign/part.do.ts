// A part of a campaign: 4,096 members, named by the campaign's number and the part's. It is to its members what a link's object is to its link:
// it decides, alone and once, which access of a member is the first, and writes in the same transaction that a callback is owed, by the
// functions that links use. It is made by the first tap, when the campaign's object has said what it is a part of, and it ends when that says so.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import { Alarm } from "../alarm.ts";
import { keysOf } from "../book/tallies.ts";
import type { AttemptReport, CallbackState, Claim } from "../callback/callback.ts";
import { CallbackLedger } from "../callback/ledger.ts";
import { openSecrets } from "../callback/sealed.ts";
import { sendDueJobs } from "../callback/send-jobs.ts";
import { type AccessPage, accessPage } from "../link/access-pages.ts";
import { AccessRows } from "../link/access-rows.ts";
import { DUTY_RETRY_MS, retryDelayMs } from "../link/duty-schedule.ts";
import { oweFirstAccess, recordedAs, takeAccesses } from "../link/first-access.ts";
import type { LinkFacts, LinkStatus, Recorded, Resolved, Retried } from "../link/link.ts";
import { sealedSecrets } from "../link/signing.ts";
import { errorText, log } from "../log.ts";
import { campaignObject, refuseLate, within } from "../objects.ts";
import { jittered, randomFraction } from "../random.ts";
import { settingsOf } from "../settings.ts";
import {
  endingOf,
  endOf,
  type MemberAccess,
  type MemberLine,
  type PartFacts,
  partNamed,
  reservedOf,
} from "./campaign.ts";
import { type KnownFacts, MemberRows, type StoredMember } from "./member-rows.ts";
import { Counted, quarterOf } from "./quarters.ts";
import { expand } from "./template.ts";

/** A campaign's object answers in milliseconds; who waits for a claim waits for 5 s. */
const CAMPAIGN_TIMEOUT_MS = 3_000;
/** Callback URL, tags and template are no older than this when something is done with them. */
const FACTS_MS = 60_000;
/** While KV fails every tap asks its part; of a campaign with 977 parts its object is asked a hundred times a second then. */
const FACTS_OF_TAPS_MS = 10_000;
/** What was counted is told the campaign so long behind the first of it. */
const TELL_MS = 10_000;

export class CampaignPart extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  readonly #rows = new MemberRows(this.ctx.storage);
  readonly #counted = new Counted(this.#sql);
  readonly #ledger = new CallbackLedger(this.#sql, settingsOf(this.env), "many", {
    ended: () => null,
    stands: (eventId, state) => this.#count(Date.now(), keysOf({ kind: "callback", fact: { eventId, state } })),
    delivered: () => this.#count(Date.now(), ["callbacks_delivered"]),
  });
  readonly #alarm = new Alarm(this.#name, this.ctx.storage, this.env.WAKES, () => this.#dueAt());
  /** The campaign as it was told of last, also while nothing is stored here. */
  #known: KnownFacts | undefined;
  /** When the campaign has to be told of what was counted, and when rows have to be dropped: Unix ms, null is never; undefined is not known yet. */
  #tellDueAt: number | null | undefined;
  #dropDueAt: number | null | undefined;
  #failures = 0;

  get #name() {
    return partNamed(this.ctx.id.name);
  }

  /**
   * Records accesses that came together: with a member's first access, the owed callback and the alarm, all of them or none. A batch is
   * counted once, however often it comes under its name. Rejects while the campaign cannot be asked what this is a part of.
   */
  async record(accesses: readonly MemberAccess[], batch: string): Promise<Recorded[]> {
    const facts = await (this.#rows.isOpen() ? this.#facts(FACTS_MS) : this.#join());
    // Whose number is beyond the campaign's size was redirected by nobody.
    if (facts === null || !accesses.some(({ member }) => isMember(facts, member)))
      return accesses.map(() => ({ kind: "unknown" }));
    return this.#write(() => {
      if (!this.#rows.isOpen()) this.#rows.open(this.#name, { facts, at: Date.now() });
      return Array.from(Map.groupBy(accesses, ({ member }) => member).values()).flatMap((ofMember) =>
        this.#take(facts, ofMember, batch),
      );
    });
  }

  /** Where the member's link leads at `at` (Unix ms), for a redirect that KV could not answer. Creates no storage. */
  async resolve(member: number, code: string, keyId: string, at: number): Promise<Resolved> {
    const facts = await this.#facts(FACTS_OF_TAPS_MS, true);
    if (facts === null || facts.keyId !== keyId || !isMember(facts, member)) return { kind: "unknown" };
    const { accountSid } = facts;
    const ended = facts.ended.find((one) => one.member === member);
    if (ended !== undefined || at >= endOf(facts)) {
      const isBarred = ended === undefined ? facts.endedReason !== null : ended.reason !== null;
      return { kind: "ended", accountSid, isBarred };
    }
    return { kind: "live", destination: linkOf(facts, member, code).destination };
  }

  /** The status of a member's link, or null when it is not this account's. */
  async status(accountSid: string, member: number, code: string): Promise<LinkStatus | null> {
    const facts = await this.#shown(accountSid, member);
    if (facts === null) return null;
    const stored = this.#rows.read(member);
    const accesses = this.#accessesOf(member);
    const ended = facts.ended.find((one) => one.member === member);
    return {
      ...linkOf(facts, member, code),
      ended: ended?.reason != null ? { by: "operator", reason: ended.reason, at: ended.at } : endingOf(facts),
      firstAccessedAt: stored?.firstAccessedAt ?? null,
      accessCounts: stored?.accessCounts ?? accesses.count(),
      accesses: accesses.newest(),
      callback: this.#ledger.view(stored?.eventId ?? null),
      revision: facts.revision,
    };
  }

  /** One page of a member's accesses, behind a cursor; null as for `status`. */
  async accesses(accountSid: string, member: number, cursor: string, limit: number): Promise<AccessPage | null> {
    if ((await this.#shown(accountSid, member)) === null) return null;
    const accesses = this.#accessesOf(member);
    return accessPage(accesses, () => this.#rows.read(member)?.accessCounts ?? accesses.count(), cursor, limit);
  }

  /** One more attempt for the member's callback, now. */
  async retryCallback(accountSid: string, member: number, until: number): Promise<Retried> {
    refuseLate(until);
    const facts = await this.#shown(accountSid, member);
    // The campaign was asked meanwhile.
    refuseLate(until);
    if (facts === null) return "unknown";
    const eventId = this.#rows.read(member)?.eventId ?? null;
    if (eventId === null) return "not-accessed";
    return this.#write(() => {
      this.#ledger.readdress(eventId, facts.callbackUrl);
      return this.#ledger.retry(eventId, Date.now());
    });
  }

  /** The members from one to another to whom something has happened. */
  lines(from: number, to: number): MemberLine[] {
    return this.#rows.lines(from, to);
  }

  /**
   * Gives out the right to make the next POST, to one caller at a time, and never after a recorded 200. It goes where the campaign says now.
   * @param told the account's secrets, null while it is out of reach
   */
  async claimAttempt(eventId: string, until: number, told?: readonly string[] | null): Promise<Claim> {
    if (!this.#rows.isOpen() || !this.#ledger.isClaimable(eventId, Date.now())) return { kind: "nothing" };
    const facts = await this.#facts(FACTS_MS);
    if (facts === null) return { kind: "nothing" };
    const sealed = await sealedSecrets(this.env, facts.accountSid, facts.sealedSecrets, told);
    const secrets = await openSecrets(settingsOf(this.env).sealingKeys, sealed);
    // Others may have come in during the await. From here to the end there is none, so this is one decision.
    refuseLate(until);
    const claim = this.#write(() => {
      this.#ledger.readdress(eventId, facts.callbackUrl);
      // Nobody could tell that it was us.
      if (secrets.length === 0) this.#ledger.withdraw(eventId);
      return this.#ledger.claim(eventId, Date.now());
    });
    return claim === null ? { kind: "nothing" } : { kind: "claimed", ...claim, secrets };
  }

  /** Notes how an attempt ended; the state that follows. */
  reportAttempt(report: AttemptReport): CallbackState {
    if (!this.#rows.isOpen()) return "none";
    return this.#write(() => this.#ledger.report(report, Date.now(), randomFraction()));
  }

  /** A job came back from the dead letters: if its callback is still owed, the alarm sends another. */
  takeBackJob(eventId: string, until: number): void {
    refuseLate(until);
    if (!this.#rows.isOpen()) return;
    this.#write(() => this.#ledger.takeBackJob(eventId, Date.now(), Date.now() + jittered(DUTY_RETRY_MS)));
  }

  /**
   * The campaign is over: all storage is freed. `busy` while something is owed, or the campaign has not been told of everything, unless the
   * account is gone, and with it the secret that signs.
   */
  async free(isAccountGone: boolean, until: number): Promise<"freed" | "busy"> {
    refuseLate(until);
    if (!this.#rows.isOpen()) return "freed";
    if (!isAccountGone && (this.#ledger.dueAt() !== null || this.#counted.isAnyUntold())) {
      await this.#alarm.wake();
      return "busy";
    }
    await this.#deleteAll();
    return "freed";
  }

  /** Sets the alarm where it is gone; true when something was overdue. */
  async wake(): Promise<boolean> {
    return this.#alarm.wake();
  }

  override async alarm(): Promise<void> {
    await this.#alarm.run(async (now) => {
      const known = this.#rows.facts();
      if (known === undefined) return;
      const { accountSid: account } = known.facts;
      await Promise.all([sendDueJobs(this.#ledger, this.env, { ...this.#name, account }, now), this.#tell(now)]);
      if (this.#rows.isOpen()) this.#write(() => this.#drop(now));
    });
  }

  /** What came together of one member. */
  #take(facts: PartFacts, accesses: readonly MemberAccess[], batch: string): Recorded[] {
    const [{ member, code }] = accesses as [MemberAccess];
    if (!isMember(facts, member)) return accesses.map(() => ({ kind: "unknown" }));
    const stored = this.#rows.read(member);
    const before: StoredMember = stored ?? { ...NOTHING_HAPPENED, member, code };
    const now = Date.now();
    const taken = takeAccesses(this.#accessesOf(member), before, accesses, batch, now, () => null);
    const { added, first, state } = taken;
    const after = { ...before, ...state };
    if (first !== undefined) {
      after.firstAccessedAt = first.at;
      after.eventId = oweFirstAccess(this.#ledger, linkOf(facts, member, code), first, now);
    }
    if (stored === undefined || first !== undefined || Object.keys(state).length > 0) this.#rows.write(after);
    if (state.dropDueAt !== undefined) this.#dropDueAt = undefined;
    for (const [quarter, ofQuarter] of Map.groupBy(added, ({ at }) => quarterOf(at)))
      this.#countIn(
        quarter,
        ofQuarter.flatMap((access) => {
          const { kind, reason, device, country, network = null } = access;
          const isFirst = access === first;
          const fact = { access: kind, first: isFirst, reason, device, country, network };
          const isOwed = isFirst && facts.callbackUrl !== null;
          return keysOf({ kind: "access", fact: isOwed ? { ...fact, owed: true } : fact });
        }),
      );
    return recordedAs(accesses, () => true, taken);
  }

  #count(at: number, keys: readonly string[]): void {
    this.#countIn(quarterOf(at), keys);
  }

  #countIn(quarter: number, keys: readonly string[]): void {
    if (keys.length === 0) return;
    const counts: Record<string, number> = {};
    for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
    this.#counted.add(quarter, counts);
    this.#tellDueAt = this.#tellAt() ?? Date.now() + TELL_MS;
  }

  /** When the campaign has to be told; null while it knows all. A new instance tells at once what is in the rows. */
  #tellAt(): number | null {
    this.#tellDueAt ??= this.#tellDueAt === undefined && this.#counted.isAnyUntold() ? Date.now() : null;
    return this.#tellDueAt;
  }

  /** The campaign gets what was counted since it was told last. Never throws: it is told again. */
  async #tell(now: number): Promise<void> {
    const dueAt = this.#tellAt();
    if (dueAt === null || dueAt > now) return;
    const quarters = this.#counted.untold();
    const { campaign, part } = this.#name;
    try {
      const answer = await within(CAMPAIGN_TIMEOUT_MS, () =>
        campaignObject(this.env, campaign).partCounted(part, quarters),
      );
      // Of a campaign that is over nobody else is going to free this.
      if (answer === "gone") return await this.#deleteAll();
      if (!this.#rows.isOpen()) return;
      this.#write(() => {
        this.#counted.heard(quarters);
        this.#tellDueAt = this.#counted.isAnyUntold() ? Date.now() + TELL_MS : null;
      });
      this.#failures = 0;
    } catch (error) {
      log("campaign.tell_failed", { error: errorText(error) });
      this.#tellDueAt = Date.now() + retryDelayMs(this.#failures++);
    }
  }

  /** Drops rows of members that have many. */
  #drop(now: number): void {
    const dueAt = this.#dropAt();
    if (dueAt === null || dueAt > now) return;
    for (const member of this.#rows.dropsDue(now)) {
      const dropDueAt = this.#accessesOf(member.member).drop(now, Infinity, null);
      this.#rows.write({ ...member, dropDueAt });
    }
    this.#dropDueAt = undefined;
  }

  #dropAt(): number | null {
    if (this.#dropDueAt === undefined) this.#dropDueAt = this.#rows.dropDueAt();
    return this.#dropDueAt;
  }

  #accessesOf(member: number): AccessRows {
    return new AccessRows(this.#sql, member);
  }

  /** The campaign, if the member's link is shown to this account: what its owner deleted is not, what the operator ended is. */
  async #shown(accountSid: string, member: number): Promise<PartFacts | null> {
    const facts = await this.#facts(0);
    if (facts?.accountSid !== accountSid || !isMember(facts, member)) return null;
    const ended = facts.ended.find((one) => one.member === member);
    const isDeleted = ended?.reason === null || (facts.closedAt !== null && facts.endedReason === null);
    return isDeleted ? null : facts;
  }

  /** The campaign, which notes that this part is there, before anything is stored in it; null when there is no such campaign. */
  async #join(): Promise<PartFacts | null> {
    const { campaign, part } = this.#name;
    const facts = await within(CAMPAIGN_TIMEOUT_MS, (until) => campaignObject(this.env, campaign).join(part, until));
    return facts && this.#learn({ facts, at: Date.now() });
  }

  /**
   * The campaign as it was no longer ago than so many milliseconds, or, where it cannot be asked, as it was known last; null when there is
   * none. Rejects when it cannot be asked and nothing is known.
   * @param isMissing KV has not shown it to somebody
   */
  async #facts(maxAgeMs: number, isMissing = false): Promise<PartFacts | null> {
    const known = this.#rows.facts() ?? this.#known;
    const now = Date.now();
    if (known !== undefined && known.at <= now && now - known.at < maxAgeMs) return known.facts;
    try {
      const { campaign } = this.#name;
      const facts = await within(CAMPAIGN_TIMEOUT_MS, () => campaignObject(this.env, campaign).facts(isMissing));
      return facts && this.#learn({ facts, at: now });
    } catch (error) {
      if (known === undefined) throw error;
      log("campaign.facts_failed", { error: errorText(error) });
      return known.facts;
    }
  }

  #learn(learned: KnownFacts): PartFacts {
    const known = this.#rows.facts() ?? this.#known;
    // An older answer may come late.
    if (known !== undefined && known.facts.revision > learned.facts.revision) return known.facts;
    this.#known = learned;
    if (this.#rows.isOpen()) this.#write(() => this.#rows.noteFacts(learned));
    return learned.facts;
  }

  /** Writes all or nothing, also when something throws half way, together with the alarm that follows. */
  #write<T>(write: () => T): T {
    try {
      return this.ctx.storage.transactionSync(() => this.#alarm.armBehind(write));
    } catch (error) {
      this.#forgetStorage();
      throw error;
    }
  }

  async #deleteAll(): Promise<void> {
    // It clears the alarm, too.
    const deleted = this.ctx.storage.deleteAll();
    this.#forgetStorage();
    await deleted;
  }

  /** What this instance remembers of its storage is not true any more. */
  #forgetStorage(): void {
    this.#alarm.forget();
    this.#rows.forgotten();
    this.#ledger.forgotten();
    this.#tellDueAt = undefined;
    this.#dropDueAt = undefined;
  }

  #dueAt(): number | null {
    if (!this.#rows.isOpen()) return null;
    const due = [this.#ledger.dueAt(), this.#tellAt(), this.#dropAt()].filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }
}

const NOTHING_HAPPENED = { firstAccessedAt: null, eventId: null, accessCounts: null, dropDueAt: null };

function isMember(facts: PartFacts, member: number): boolean {
  return member <= reservedOf(facts);
}

/** A member's link, as links are. */
function linkOf(facts: PartFacts, member: number, code: string): LinkFacts {
  const { accountSid, book, callbackUrl, tags, reference, createdAt, expiresAt } = facts;
  const destination = expand(facts.template, { code, number: String(member) });
  const shortUrl = facts.shortBase + code;
  return {
    code,
    accountSid,
    destination,
    shortUrl,
    book,
    msgid: null,
    callbackUrl,
    tags,
    reference,
    createdAt,
    expiresAt,
  };
}
