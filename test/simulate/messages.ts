// What became of each message: who had the right to send it, what the carrier was offered, and how it ended.

import type { Offer } from "./carrier.ts";
import type { Life } from "./life.ts";
import type { Row, Storage } from "./storage.ts";
import type { World } from "./world.ts";

/** With which every number begins that a message goes to. */
export const NUMBERS = "+819012";
const MAY_HAVE_BEEN_SENT = "carrier did not answer, may have been sent";
/** From the claim, or the carrier's answer to the knock, until a request leaves: nothing waits for other receivers. */
export const LEAVES_WITHIN_MS = 1_000;
const SOON_MS = 5_000;
/** So long after a suspension a claim may not know of it: half a minute, and as long as it is on its way itself. */
const UNKNOWN_MS = 30_000 + 10_000;

interface MessageHistory {
  msgid: string;
  /** When the API answered 201; null when that answer never came. */
  acknowledgedAt: number | null;
  /** By which names, and since when. */
  claimIds: Map<string, number>;
  /** Those who asked for the right to send it. */
  senders: Set<Life>;
  offers: Offer[];
}

export class Messages {
  readonly all = new Map<string, MessageHistory>();
  /** For each sender its message, and since when it could have asked the carrier. */
  readonly #sendings = new Map<Life, { msgid: string; readyAt: number }>();
  /** Numbers whose owner was told that they are erased. */
  readonly #erased = new Set<string>();
  /** Rows, which never change, that name nobody who is erased. */
  #harmless = new WeakSet<Row>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get offers(): number {
    return [...this.all.values()].reduce((sum, { offers }) => sum + offers.length, 0);
  }

  acknowledged(msgid: string): void {
    this.#of(msgid).acknowledgedAt = this.#world.now;
  }

  erased(number: string): void {
    this.#erased.add(number);
    this.#harmless = new WeakSet();
  }

  /** What is kept from now on names nobody who was erased. */
  checkErasedIn(storage: Storage, table: string): void {
    if (this.#erased.size === 0) return;
    for (const row of storage.read(table)) {
      if (this.#harmless.has(row)) continue;
      this.#harmless.add(row);
      this.checkErased(row, table);
    }
  }

  /** Nor does what is given away. */
  checkErased(what: unknown, where: string): void {
    if (this.#erased.size === 0) return;
    const text = JSON.stringify(what);
    for (const number of this.#erased)
      if (text.includes(number)) this.#world.violate("what is erased stays erased", `${number} in ${where}`);
  }

  /** A claim is carried out; the answer may get lost. */
  claims(msgid: string, claimId: string, sender: Life): void {
    const { senders, claimIds } = this.#of(msgid);
    senders.add(sender);
    if (!claimIds.has(claimId)) claimIds.set(claimId, this.#world.now);
  }

  claimed(sid: string, msgid: string, claimId: string, sender: Life): void {
    const { now, suspensions } = this.#world;
    // A claim from before may be given again, because its answer was lost.
    const askedAt = this.#of(msgid).claimIds.get(claimId) ?? now;
    if (suspensions.covers(sid, askedAt - UNKNOWN_MS, now))
      this.#world.violate("a suspended account sends nothing", `${msgid} was given away at ${now}`);
    this.#sendings.set(sender, { msgid, readyAt: this.#world.now });
  }

  /** The carrier is asked, by a knock or with the message. */
  asked(sender: Life | undefined): void {
    const sending = sender && this.#sendings.get(sender);
    if (sending === undefined) return this.#world.violate("each message was claimed", `at ${this.#world.now}`);
    this.#world.left(sending.readyAt, sending.msgid);
  }

  answered(sender: Life | undefined): void {
    const sending = sender && this.#sendings.get(sender);
    if (sending !== undefined) sending.readyAt = this.#world.now;
  }

  offered(msgid: string, offer: Offer): void {
    const { offers } = this.#of(msgid);
    if (offer.sender === undefined || this.#sendings.get(offer.sender)?.msgid !== msgid)
      this.#world.violate("each message was claimed", `${msgid} at ${offer.at}`);
    if (offers.some(({ course, answeredAt }) => !course.declines || answeredAt === null))
      this.#world.violate("no message is given to the carrier twice", `${msgid}: offer ${offers.length + 1}`);
    offers.push(offer);
  }

  /** After the storms: every message that was answered 201 is there, and has come to its end. */
  checkSettled(sid: string, stored: readonly Row[]): void {
    for (const row of stored) {
      const history = this.#of(String(row["msgid"]));
      this.#checkEnd(history, String(row["status"]), String(row["reason"]));
      if (this.#world.platform?.weather.isCalm === true) this.#checkSpeed(history);
      if (row["send_due_at"] !== null) this.#world.violate("every message ends", `${history.msgid} of ${sid} is due`);
    }
  }

  #checkEnd({ msgid, offers, senders }: MessageHistory, status: string, reason: string): void {
    const isTaken = offers.some(({ course, answeredAt }) => course.isTaken && answeredAt !== null);
    if (status === "QUEUED") this.#world.violate("every message ends", `${msgid} is ${status}`);
    if (status === "DELIVERING" || status === "DELIVERED") {
      if (!isTaken) this.#world.violate("a status says what the carrier said", `${msgid} is ${status}`);
    } else if (reason !== MAY_HAVE_BEEN_SENT) {
      if (isTaken) this.#world.violate("a status says what the carrier said", `${msgid} is ${status}: ${reason}`);
    } else if (offers.length === 0 && !this.#isExcused(senders))
      this.#world.violate("no message that never left may have been sent", msgid);
  }

  /** A sender that died or was not heard may have sent, for all that anybody knows; so may one whose lease a set clock ended. */
  #isExcused(senders: ReadonlySet<Life>): boolean {
    const hasJumped = this.#world.platform?.weather.counts.has("clock.jumps") === true;
    return hasJumped || [...senders].some(({ faults }) => faults > 0);
  }

  /** Where nothing fails, unless the carrier could not be reached at first and was asked by another. */
  #checkSpeed({ msgid, acknowledgedAt, senders, offers }: MessageHistory): void {
    const at = offers[0]?.at;
    if (acknowledgedAt === null || at === undefined || at - acknowledgedAt <= SOON_MS || senders.size > 1) return;
    if (this.#world.suspensions.mayTouch(acknowledgedAt, at)) return;
    this.#world.violate("a message is sent soon", `${msgid}: ${at - acknowledgedAt} ms after it was accepted`);
  }

  #of(msgid: string): MessageHistory {
    const known = this.all.get(msgid);
    if (known !== undefined) return known;
    const history: MessageHistory = {
      msgid,
      acknowledgedAt: null,
      claimIds: new Map(),
      senders: new Set(),
      offers: [],
    };
    this.all.set(msgid, history);
    return history;
  }
}
