// One object per campaign, named by its number: the truth about what its owner says of it. It shows that to KV, to its parts when they ask,
// and to its book, which lists it and counts what its parts have told. What happens to members it does not decide.
// `until` is the instant after which the caller of a method that writes has given up (objects.ts).

import { DurableObject } from "cloudflare:workers";
import { Alarm } from "../alarm.ts";
import { forgetAt, isRefusal, refusedDelayMs, retryDelayMs } from "../link/duty-schedule.ts";
import { errorText, log } from "../log.ts";
import { bookObject, partObject, refuseLate, within } from "../objects.ts";
import {
  type CampaignFacts,
  type CampaignFields,
  type CampaignLine,
  type CampaignState,
  endOf,
  MOST_ENDED,
  type PartFacts,
  type QuarterCounts,
} from "./campaign.ts";
import { putEntry, removeEntry } from "./campaign-entry.ts";
import { CampaignRow, type StoredCampaign } from "./campaign-row.ts";
import { Counted, quarterOf, Told } from "./quarters.ts";

/** A duty is performed at once; this long later the alarm performs it if a crash came between. */
const DUTY_LEASE_MS = 10_000;
const DUTY_TIMEOUT_MS = 4_000;
const BOOK_TIMEOUT_MS = 3_000;
/** The book hears of what parts have told so long behind the first of it. */
const TELL_MS = 30_000;
/** KV takes one write a second of a name. */
const DIRECTORY_PAUSE_MS = 1_000;
/** A miss in KV shortly after a write is propagation, not loss. */
const HEAL_AFTER_MS = 60_000;
/** Parts that one step frees, or one Cron Trigger wakes. */
const PARTS_A_STEP = 100;
const PART_TIMEOUT_MS = 3_000;
/** More than there are of any. */
const MOST_PARTS = 2_000;
/** A part that asked before this began has been made, or has given up. */
const FREEING_PAUSE_MS = 10_000;
/** One that cannot be freed is asked again later. */
const FREE_RETRY_MS = 600_000;

export type CampaignOpened = { kind: "opened"; campaign: CampaignState } | { kind: "taken" };
export type MemberEnded = "ended" | "unknown" | "too-many";

export class Campaign extends DurableObject<Env> {
  readonly #row = new CampaignRow(this.ctx.storage);
  readonly #counted = new Counted(this.ctx.storage.sql);
  readonly #told = new Told(this.ctx.storage.sql);
  readonly #alarm = new Alarm({ campaign: this.#number }, this.ctx.storage, this.env.WAKES, () => this.#dueAt());
  #writing: Promise<void> = Promise.resolve();
  #writtenAt = 0;

  get #number(): number {
    return Number(this.ctx.id.name);
  }

  /**
   * Opens the campaign under this object's number, unless that was ever used. The same request again gets the same campaign. When this
   * returns, KV and the book know it; rejects while the book cannot be told.
   * @param secrets the account's signing secrets, sealed, with which members sign while the account is out of reach
   */
  async open(facts: CampaignFacts, openedBy: string, secrets: string[], until: number): Promise<CampaignOpened> {
    refuseLate(until);
    const existing = this.#row.read();
    if (existing === undefined && this.#row.isUsed()) return { kind: "taken" };
    if (existing !== undefined && existing.openedBy !== openedBy) return { kind: "taken" };
    if (existing === undefined)
      this.#write(() => {
        const dueAt = Date.now() + DUTY_LEASE_MS;
        this.#row.open(facts, openedBy, secrets, dueAt, forgetAt(facts.expiresAt));
        this.#counted.add(quarterOf(facts.createdAt), { links_made: facts.size });
      });
    await this.#performNow();
    const opened = this.#row.read();
    if (opened === undefined || opened.bookDueAt !== null) throw new Error("the campaign's book cannot be told of it");
    return { kind: "opened", campaign: opened.state };
  }

  /** What a part is to know; null when there is no such campaign. `isMissing`: KV has not shown it to somebody. */
  facts(isMissing = false): PartFacts | null {
    const campaign = this.#row.read();
    if (campaign === undefined || campaign.freeingSince !== null) return null;
    const now = Date.now();
    if (isMissing && now - this.#writtenAt > HEAL_AFTER_MS) {
      this.#writtenAt = now;
      this.ctx.waitUntil(this.#try("directoryDueAt", () => this.#show()));
    }
    return { ...campaign.state, sealedSecrets: campaign.sealedSecrets };
  }

  /** The same for a part that is about to be made, which is noted first. */
  join(part: number, until: number): PartFacts | null {
    refuseLate(until);
    const facts = this.facts();
    if (facts !== null) this.#write(() => this.#row.join(part));
    return facts;
  }

  /** What a part has counted in all; `gone` when the campaign is over, and with it the part. */
  partCounted(part: number, quarters: QuarterCounts[]): "noted" | "gone" {
    const campaign = this.#row.read();
    if (campaign === undefined) return "gone";
    return this.#write(() => {
      for (const [quarter, grown] of this.#told.take(String(part), quarters)) this.#counted.add(quarter, grown);
      if (this.#counted.isAnyUntold() && campaign.bookDueAt === null)
        this.#row.set({ bookDueAt: Date.now() + TELL_MS });
      return "noted";
    });
  }

  /** The campaign, or null when it is not this account's, or its owner has deleted it. */
  status(accountSid: string): CampaignState | null {
    return this.#ownedBy(accountSid)?.state ?? null;
  }

  /** Its parts in which something has happened. */
  parts(accountSid: string): number[] {
    return this.#ownedBy(accountSid) === undefined ? [] : this.#row.parts(-1, MOST_PARTS);
  }

  /** Changes the given fields of the campaign as it was at `revision`. A campaign does not shrink, and is not prolonged. */
  async change(
    accountSid: string,
    changes: Partial<CampaignFields>,
    revision: number,
    until: number,
  ): Promise<CampaignState | "outdated" | null> {
    refuseLate(until);
    const campaign = this.#ownedBy(accountSid);
    if (campaign === undefined || campaign.state.closedAt !== null) return null;
    const { state } = campaign;
    if (revision !== state.revision) return "outdated";
    const size = Math.max(state.size, changes.size ?? 0);
    const expiresAt = Math.min(state.expiresAt, changes.expiresAt ?? Infinity);
    this.#write(() => {
      if (size > state.size) this.#counted.add(quarterOf(Date.now()), { links_made: size - state.size });
      this.#set({ ...state, ...changes, size, expiresAt });
    });
    await this.#performNow();
    return this.status(accountSid);
  }

  /** Ends the campaign. What is owed to callback URLs stays owed. False when it is not this account's. */
  async close(accountSid: string, reason: string | null, until: number): Promise<boolean> {
    refuseLate(until);
    const campaign = this.#ownedBy(accountSid);
    if (campaign === undefined) return false;
    const { state } = campaign;
    if (state.closedAt === null || (reason !== null && state.endedReason === null)) {
      const closedAt = state.closedAt ?? Date.now();
      this.#write(() => this.#set({ ...state, closedAt, endedReason: reason ?? state.endedReason }));
    }
    await this.#performNow();
    return true;
  }

  /** Ends the link of one member; a reason is the operator's. `unknown` when it is not this account's. */
  async endMember(accountSid: string, member: number, reason: string | null, until: number): Promise<MemberEnded> {
    refuseLate(until);
    const campaign = this.#ownedBy(accountSid);
    if (campaign === undefined || member > campaign.state.size) return "unknown";
    const { state } = campaign;
    const before = state.ended.find((one) => one.member === member);
    if (before !== undefined && (before.reason !== null || reason === null))
      return before.reason === null || reason !== null ? "ended" : "unknown";
    const others = state.ended.filter((one) => one !== before);
    if (others.length >= MOST_ENDED) return "too-many";
    this.#write(() => this.#set({ ...state, ended: [...others, { member, at: Date.now(), reason }] }));
    await this.#performNow();
    return "ended";
  }

  /** Ends the campaign because its account is gone: nothing is owed any more. `gone` when all of its storage is freed. */
  async closeWithAccount(accountSid: string, until: number): Promise<"closing" | "gone"> {
    refuseLate(until);
    const campaign = this.#row.read();
    if (campaign?.state.accountSid !== accountSid) return "gone";
    if (campaign.accountGone === 0) {
      this.#write(() => this.#leaveAccount(campaign));
      await this.#performNow();
    } else await this.#alarm.wake();
    return "closing";
  }

  /** Sets the alarm where it is gone, and those of some of its parts; true when its own was overdue. */
  async wake(): Promise<boolean> {
    const wasOverdue = await this.#alarm.wake();
    const campaign = this.#row.read();
    if (campaign === undefined) return wasOverdue;
    const parts = this.#row.parts(campaign.wokenTo, PARTS_A_STEP);
    const wokenTo = parts.length < PARTS_A_STEP ? -1 : (parts.at(-1) ?? -1);
    if (wokenTo !== campaign.wokenTo) this.#write(() => this.#row.set({ wokenTo }));
    await this.#ofParts(parts, (part) => part.wake());
    return wasOverdue;
  }

  override async alarm(): Promise<void> {
    await this.#alarm.run(async (now) => {
      const campaign = this.#row.read();
      if (campaign === undefined) return;
      const { directoryDueAt, bookDueAt, forgetDueAt } = campaign;
      await Promise.all([
        isDue(directoryDueAt, now) && this.#try("directoryDueAt", () => this.#show()),
        isDue(bookDueAt, now) && this.#try("bookDueAt", () => this.#tellBook()),
      ]);
      if (isDue(forgetDueAt, now)) await this.#forgetStep();
    });
  }

  /** Writes the campaign as it is from now on: another revision, of which KV and the book hear. */
  #set(state: CampaignState): void {
    const now = Date.now();
    const dueAt = now + DUTY_LEASE_MS;
    this.#row.set({
      state: { ...state, revision: state.revision + 1 },
      directoryDueAt: dueAt,
      bookDueAt: dueAt,
      forgetDueAt: forgetAt(endOf(state)),
    });
  }

  #leaveAccount({ state }: StoredCampaign): void {
    const now = Date.now();
    this.#set({ ...state, closedAt: state.closedAt ?? now });
    this.#row.set({
      accountGone: 1,
      bookDueAt: null,
      directoryDueAt: now,
      freeingSince: now,
      forgetDueAt: now + FREEING_PAUSE_MS,
      sealedSecrets: [],
    });
  }

  /** Performs what was written down as due, at once. Never rejects. */
  async #performNow(): Promise<void> {
    const { directoryDueAt = null, bookDueAt = null } = this.#row.read() ?? {};
    await Promise.all([
      directoryDueAt !== null && this.#try("directoryDueAt", () => this.#show()),
      bookDueAt !== null && this.#try("bookDueAt", () => this.#tellBook()),
    ]);
  }

  async #try(duty: "directoryDueAt" | "bookDueAt", perform: () => Promise<void>): Promise<void> {
    try {
      await within(DUTY_TIMEOUT_MS, perform);
    } catch (error) {
      log("campaign.duty_failed", { duty, error: errorText(error) });
      const campaign = this.#row.read();
      if (campaign === undefined) return;
      const { failures, refusals, state } = campaign;
      const now = Date.now();
      const isRefused = duty === "directoryDueAt" && isRefusal(error);
      const delay = isRefused ? refusedDelayMs({ ...state, refusals }, now) : retryDelayMs(failures);
      this.#write(() =>
        this.#row.set({ [duty]: now + delay, failures: failures + 1, refusals: refusals + (isRefused ? 1 : 0) }),
      );
    }
  }

  /** Shows KV what the campaign is: one write at a time, so that an older one cannot land on a newer one. Rejects when KV does not take it. */
  #show(): Promise<void> {
    const show = async () => {
      const campaign = this.#row.read();
      if (campaign === undefined) return;
      // Its entry is about to be taken out.
      if (campaign.freeingSince !== null && campaign.accountGone === 0)
        return this.#write(() => this.#row.set({ directoryDueAt: null }));
      const pause = this.#writtenAt + DIRECTORY_PAUSE_MS - Date.now();
      // Whoever waits has it a second later; changes that come meanwhile are written together.
      if (pause > 0 && pause <= DIRECTORY_PAUSE_MS)
        return this.#write(() => this.#row.set({ directoryDueAt: this.#writtenAt + DIRECTORY_PAUSE_MS }));
      this.#writtenAt = Date.now();
      await putEntry(this.env.DIRECTORY, campaign.state);
      // A change that came since keeps it due.
      const isNewest = this.#row.read()?.state.revision === campaign.state.revision;
      if (isNewest) this.#write(() => this.#row.set({ directoryDueAt: null, failures: 0, refusals: 0 }));
    };
    const shown = this.#writing.then(show);
    this.#writing = shown.catch(() => {});
    return shown;
  }

  /** The book lists the campaign as it is, and counts what it has not heard of. Rejects when it cannot be told. */
  async #tellBook(): Promise<void> {
    const campaign = this.#row.read();
    if (campaign === undefined) return;
    const { accountSid: sid, book, revision } = campaign.state;
    const quarters = this.#counted.untold();
    const report = { line: lineOf(campaign.state), quarters };
    const answer = await within(BOOK_TIMEOUT_MS, () => bookObject(this.env, { sid, book }).campaignReport(report));
    const then = this.#row.read();
    if (then === undefined) return;
    this.#write(() => {
      // The account is closed, or has been while this campaign was made.
      if (answer === "gone") return then.accountGone === 0 && this.#leaveAccount(then);
      this.#counted.heard(quarters);
      const isUntold = then.state.revision !== revision || this.#counted.isAnyUntold();
      return this.#row.set({ bookDueAt: isUntold ? Date.now() + TELL_MS : null });
    });
  }

  /** The next step of the campaign's end: its parts are freed, and when none is left, its own storage. */
  async #forgetStep(): Promise<void> {
    const campaign = this.#row.read();
    if (campaign === undefined) return;
    const { freeingSince, accountGone, state } = campaign;
    const now = Date.now();
    const isAccountGone = accountGone === 1;
    const parts = this.#row.parts(-1, PARTS_A_STEP);
    const freed = await this.#ofParts(parts, (part, until) => part.free(isAccountGone, until));
    const isFreed = parts.filter((_, n) => freed[n] === "freed");
    this.#write(() => this.#row.freed(isFreed));
    const areLeft = this.#row.parts(-1, 1).length > 0;
    if (areLeft) {
      const pause = isFreed.length === parts.length ? 0 : FREE_RETRY_MS;
      return this.#write(() => this.#row.set({ forgetDueAt: now + pause }));
    }
    // No further part comes from now on; one that is about to come is here by the next step.
    if (freeingSince === null)
      return this.#write(() => this.#row.set({ freeingSince: now, forgetDueAt: now + FREEING_PAUSE_MS }));
    if (!isAccountGone && this.#counted.isAnyUntold())
      return this.#write(() => this.#row.set({ bookDueAt: now, forgetDueAt: now + FREE_RETRY_MS }));
    try {
      const { accountSid: sid, book } = state;
      await within(DUTY_TIMEOUT_MS, () => removeEntry(this.env.DIRECTORY, this.#number));
      await within(BOOK_TIMEOUT_MS, () => bookObject(this.env, { sid, book }).campaignGone(state.id));
    } catch (error) {
      log("campaign.forget_failed", { error: errorText(error) });
      return this.#write(() => this.#row.set({ forgetDueAt: Date.now() + FREE_RETRY_MS }));
    }
    this.#write(() => this.#row.forget());
    const cleared = this.ctx.storage.deleteAlarm();
    this.#forgetStorage();
    await cleared;
  }

  /** Asks parts; undefined where one did not answer, which holds up no other. */
  async #ofParts<T>(
    parts: readonly number[],
    ask: (part: ReturnType<typeof partObject>, until: number) => Promise<T>,
  ): Promise<(T | undefined)[]> {
    const name = { campaign: this.#number };
    const answers = await Promise.allSettled(
      parts.map((part) => within(PART_TIMEOUT_MS, (until) => ask(partObject(this.env, { ...name, part }), until))),
    );
    return answers.map((answer) => (answer.status === "fulfilled" ? answer.value : undefined));
  }

  /** The campaign as its owner may read it: not one that it has deleted itself. */
  #ownedBy(accountSid: string): StoredCampaign | undefined {
    const campaign = this.#row.read();
    if (campaign?.state.accountSid !== accountSid || campaign.freeingSince !== null) return undefined;
    const { closedAt, endedReason } = campaign.state;
    return closedAt !== null && endedReason === null ? undefined : campaign;
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

  #forgetStorage(): void {
    this.#alarm.forget();
    this.#row.forgotten();
  }

  #dueAt(): number | null {
    const campaign = this.#row.read();
    if (campaign === undefined) return null;
    const { directoryDueAt, bookDueAt, forgetDueAt } = campaign;
    return Math.min(directoryDueAt ?? Infinity, bookDueAt ?? Infinity, forgetDueAt);
  }
}

function isDue(at: number | null, now: number): boolean {
  return at !== null && at <= now;
}

function lineOf(state: CampaignState): CampaignLine {
  const { id, number, name, size, tags, reference, createdAt, expiresAt, closedAt, endedReason, revision } = state;
  return { id, number, name, size, tags, reference, createdAt, expiresAt, closedAt, endedReason, revision };
}
