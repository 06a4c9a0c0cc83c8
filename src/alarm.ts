// The one alarm of an object: set to whatever is due first, and never lost while something is owed. The platform drops an
// alarm whose handler has failed for six times, and while a quota or a spending limit refuses writes it refuses `setAlarm`, too.

import type { CallbackOwner } from "./callback/callback.ts";
import { errorText, log } from "./log.ts";
import { QUEUE_TIMEOUT_MS, within } from "./objects.ts";
import { jittered } from "./random.ts";
import type { CampaignName, WakeJob } from "./wake/wake.ts";

/** After an alarm that failed altogether, halved or half as much again at random: many objects may fail for one reason. */
const RETRY_MS = 300_000;
/** Between two tries of a handler that can set neither alarm nor job; doubled. Together eight minutes: an alarm may take fifteen. */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 240_000;
/** How long a job waits in the queue before it wakes an object whose alarm was refused, give or take half of it. */
const WAKE_SECONDS = 2_400;
/** An alarm may be a minute late; what is overdue by more has no alarm any more. */
const LATE_MS = 120_000;

/** Whose alarm it is. */
type AlarmName = CallbackOwner | CampaignName;

export class Alarm {
  readonly #storage: DurableObjectStorage;
  readonly #queue: Queue<WakeJob>;
  readonly #name: AlarmName;
  readonly #dueAt: () => number | null;
  /** Unknown to a new instance, and while the handler runs. */
  #armedAt: number | undefined;
  /** The platform has refused to set it: it may be gone. */
  #isRefused = false;
  /** The alarm that was set last, on its way; never rejects. */
  #setting: Promise<void> = Promise.resolve();

  /**
   * @param name whose alarm it is
   * @param queue brings the object back to life when the alarm itself cannot be set
   * @param dueAt when the object has to act next, Unix ms; null when it has not
   */
  constructor(name: AlarmName, storage: DurableObjectStorage, queue: Queue<WakeJob>, dueAt: () => number | null) {
    this.#name = name;
    this.#storage = storage;
    this.#queue = queue;
    this.#dueAt = dueAt;
  }

  /** Sets the alarm to the earliest due time. Not awaited: an `await` would split it from the rows written beside it. */
  arm(): void {
    const dueAt = this.#dueAt();
    if (dueAt === null || dueAt === this.#armedAt) return;
    this.#armedAt = dueAt;
    this.#setting = this.#set(dueAt);
  }

  /**
   * The same behind what `write` writes, and not where that has not moved the earliest due time: then the alarm is set already, and each
   * time that it is set costs a row. What is overdue has none any more.
   */
  armBehind<T>(write: () => T): T {
    const dueBefore = this.#armedAt === undefined && !this.#isRefused ? this.#dueAt() : null;
    const written = write();
    if (dueBefore === null || dueBefore <= Date.now() || dueBefore !== this.#dueAt()) this.arm();
    return written;
  }

  /**
   * The alarm's handler. Throws only when nothing else is left: when for eight minutes neither alarm nor queue take it, the platform
   * tries six times more.
   */
  async run(perform: (now: number) => Promise<void>): Promise<void> {
    this.#armedAt = undefined;
    try {
      await perform(Date.now());
      // Awaited: this is the last that is heard of the object, if nothing takes what is due next.
      await this.#armNext();
    } catch (error) {
      log("alarm.failed", { ...this.#name, error: errorText(error) });
      await this.#setOrQueuePatiently();
    }
  }

  async #armNext(): Promise<void> {
    await this.#setting;
    const dueAt = this.#dueAt();
    if (dueAt === null || dueAt === this.#armedAt) return;
    this.#armedAt = dueAt;
    await this.#setOrQueue(dueAt);
  }

  async #setOrQueuePatiently(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
      try {
        return await this.#setOrQueue(Date.now() + jittered(RETRY_MS));
      } catch (error) {
        if (pause > LONGEST_PAUSE_MS) throw error;
      }
      await scheduler.wait(pause);
    }
  }

  /**
   * Somebody comes by to see whether the alarm is still there: whether something was overdue, which is done now. What is not
   * due yet has its alarm set again, because that may be gone as well.
   */
  async wake(): Promise<boolean> {
    const dueAt = this.#dueAt();
    if (dueAt === null) return false;
    const now = Date.now();
    const isOverdue = dueAt < now - LATE_MS;
    const alarmAt = await this.#storage.getAlarm();
    if (isOverdue || alarmAt === null || alarmAt > dueAt) await this.#storage.setAlarm(Math.max(dueAt, now));
    return isOverdue;
  }

  /** The storage was deleted, or put back to an earlier state. */
  forget(): void {
    this.#armedAt = undefined;
  }

  async #set(at: number): Promise<void> {
    try {
      await this.#setOrQueue(at);
    } catch (error) {
      // The rows say what is due; whoever sweeps finds it.
      this.#armedAt = undefined;
      log("alarm.lost", { ...this.#name, error: errorText(error) });
    }
  }

  async #setOrQueue(at: number): Promise<void> {
    try {
      await this.#storage.setAlarm(at);
      this.#isRefused = false;
    } catch (refused) {
      this.#armedAt = undefined;
      this.#isRefused = true;
      log("alarm.refused", { ...this.#name, error: errorText(refused) });
      const delaySeconds = Math.round(jittered(WAKE_SECONDS));
      await within(QUEUE_TIMEOUT_MS, () => this.#queue.send(jobFor(this.#name), { delaySeconds }));
    }
  }
}

function jobFor(name: AlarmName): WakeJob {
  if ("book" in name) return { books: [name] };
  if ("campaign" in name) return { campaigns: [name] };
  return "sid" in name ? { sids: [name.sid] } : { codes: [name.code] };
}
