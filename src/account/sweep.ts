// Whoever lists links, an account or one of its books, wakes those whose alarms may be gone. With each Cron Trigger it looks at some of
// them; when one was overdue, or it was not woken itself for a while, it goes through all, newest first, from its own alarm.

import { log } from "../log.ts";
import { linkObject, within } from "../objects.ts";
import { KEPT_AFTER_END_MS, LINK_LIFETIME_SECONDS } from "../link/link.ts";
import { WAKE_PERIOD_MS } from "../wake/wake.ts";
import type { LinkPlace, ListedName } from "./link-list.ts";

/** Links that are looked at with each Cron Trigger: half of them the oldest that should be gone, half in turn. */
const CHECKED = 100;
/** Of one step, which is one alarm: few enough for one invocation's limit of calls. */
const STEP = 500;
const AT_ONCE = 100;
const WAKE_TIMEOUT_MS = 20_000;
/** Twice in a row it was not woken, or could not write that it was: then writes were refused for a while. */
const LONGEST_GAP_MS = 2.5 * WAKE_PERIOD_MS;
/** Behind this, the line of a link that was not deleted early must be gone. */
const LONGEST_LINE_MS = LINK_LIFETIME_SECONDS * 1_000 + KEPT_AFTER_END_MS + 2 * 86_400_000;

/** How far sweeping has come, as the object's row has it. Instants are Unix milliseconds. */
export interface SweepState {
  wokenAt: number | null;
  checkedTo: string | null;
  sweepDueAt: number | null;
  sweptTo: string | null;
}

/** The row of an object that sweeps. */
interface SweepRow {
  /** Undefined when the object is not open. */
  readOpen(): SweepState | undefined;
  woken(checkedTo: string | null, now: number): void;
  sweeps(sweptTo: string | null, dueAt: number | null): void;
}

/** The lines of links that are to be woken. */
interface Names {
  /** Newest first, behind this line or from the newest on. */
  namesBehind(name: LinkPlace | null, limit: number): ListedName[];
  /** Those of links that should be gone. */
  oldest(createdBefore: number, limit: number): ListedName[];
}

export class Sweep {
  readonly #env: Env;
  readonly #row: SweepRow;
  readonly #links: Names;

  constructor(env: Env, row: SweepRow, links: Names) {
    this.#env = env;
    this.#row = row;
    this.#links = links;
  }

  /** All links are to be woken, from `now` (Unix ms) on. One sweep at a time. */
  begin(now: number): void {
    if (this.#row.readOpen()?.sweepDueAt === null) this.#row.sweeps(null, now);
  }

  /** The Cron Trigger came by. `wasOverdue`: its own alarm was gone. */
  async check({ wokenAt, checkedTo }: SweepState, wasOverdue: boolean, now: number): Promise<void> {
    const inTurn = this.#links.namesBehind(nameFrom(checkedTo), CHECKED / 2);
    this.#row.woken(textOf(inTurn.at(-1)), now);
    const isLate = wokenAt !== null && now - wokenAt > LONGEST_GAP_MS;
    const goneSince = now - LONGEST_LINE_MS;
    const isCertain = isLate || wasOverdue;
    const lost = isCertain ? 0 : await this.#wake([...this.#links.oldest(goneSince, CHECKED / 2), ...inTurn]);
    if (!isCertain && lost === 0) return;
    log("account.sweeps", { late: isLate, overdue: wasOverdue, links: lost });
    this.begin(now);
  }

  /** The next links of a sweep. */
  async step({ sweptTo }: SweepState, now: number): Promise<void> {
    let last = nameFrom(sweptTo);
    let names: ListedName[] = [];
    for (let woken = 0; woken < STEP; woken += AT_ONCE) {
      names = this.#links.namesBehind(last, AT_ONCE);
      await this.#wake(names);
      // It may have been closed meanwhile, and its tables be gone.
      if (this.#row.readOpen() === undefined) return;
      if (names.length < AT_ONCE) return this.#row.sweeps(null, null);
      last = names.at(-1) ?? null;
    }
    this.#row.sweeps(textOf(last), now);
  }

  /** How many had lost their alarm. One that cannot be reached holds up no other; its turn comes again. */
  async #wake(links: readonly ListedName[]): Promise<number> {
    const woken = await Promise.allSettled(
      links.map(({ code }) => within(WAKE_TIMEOUT_MS, () => linkObject(this.#env, code).wake())),
    );
    return woken.filter((one) => one.status === "fulfilled" && one.value !== null).length;
  }
}

type Name = Pick<ListedName, "createdAt" | "code">;

function textOf(name: Name | null | undefined): string | null {
  return name == null ? null : `${name.createdAt} ${name.code}`;
}

function nameFrom(text: string | null): Name | null {
  const [createdAt = "", code = ""] = text?.split(" ") ?? [];
  return text === null ? null : { createdAt: Number(createdAt), code };
}
