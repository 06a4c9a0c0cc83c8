// When a carrier is asked about a message because of reports that anybody can have sent: at once, and then once in ten
// seconds, however many reports come. The last report is never the one that nobody asked about.

const PAUSE_MS = 10_000;

export class Questions {
  /** msgid → when its last question is or was to be asked, Unix ms. In memory: who starts anew may ask once too often. */
  readonly #askedAt = new Map<string, number>();

  /** In how many milliseconds to ask; null when a question is still to come, which will see what this report is about. */
  waitMs(msgid: string, now: number): number | null {
    const last = this.#askedAt.get(msgid) ?? -Infinity;
    if (last > now) return null;
    const at = Math.max(now, last + PAUSE_MS);
    // Put behind all others, so that those that are over are in front.
    this.#askedAt.delete(msgid);
    this.#askedAt.set(msgid, at);
    for (const [other, asked] of this.#askedAt) {
      if (asked + PAUSE_MS > now) break;
      this.#askedAt.delete(other);
    }
    return at - now;
  }
}
