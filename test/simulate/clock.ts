// Virtual time: one queue of events, run one after the other. No real time passes between them, and what an event sets off
// in promises has come to rest before the next one begins, so one seed gives one order of everything.

/** Takes an event off the queue again. */
export type Cancel = () => void;

interface Event {
  at: number;
  number: number;
  what: string;
  run: (() => void) | null;
}

/** Where every run begins. */
const BEGINNING = Date.UTC(2026, 10, 2, 8);

export class Clock {
  /** Milliseconds that only grow: what durations are measured in. */
  now = BEGINNING;
  /** What the date shows beyond `now`, since somebody has set it. */
  #offset = 0;
  #count = 0;
  #ran = 0;
  #trace = 0x811c9dc5;
  readonly #heap: Event[] = [];
  readonly #onJump: (() => void)[] = [];

  /** The date, Unix milliseconds. */
  date(): number {
    return this.now + this.#offset;
  }

  /** When, in the sense of `now`, the date will be reached. */
  whenDateIs(date: number): number {
    return date - this.#offset;
  }

  /** Sets all dates forward, or back, at once; durations under way are not changed by it. */
  jump(ms: number): void {
    this.#offset += ms;
    for (const jumped of this.#onJump) jumped();
  }

  onJump(jumped: () => void): void {
    this.#onJump.push(jumped);
  }

  /** `what` names the event in the trace. */
  at(time: number, what: string, run: () => void): Cancel {
    const event: Event = { at: Math.max(Math.ceil(time), this.now), number: this.#count++, what, run };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  after(ms: number, what: string, run: () => void): Cancel {
    return this.at(this.now + ms, what, run);
  }

  /** Resolves when so much time has passed. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, "wait", resolve));
  }

  /** Runs every event up to that time, in order. */
  async runUntil(time: number): Promise<void> {
    await rest();
    for (let next = this.#heap[0]; next !== undefined && next.at <= time; next = this.#heap[0]) {
      this.#pop();
      if (next.run === null) continue;
      this.now = next.at;
      this.note(next.what);
      this.#ran++;
      next.run();
      await rest();
    }
    this.now = Math.max(this.now, time);
  }

  /** How many events have run. */
  get events(): number {
    return this.#ran;
  }

  /** A hash of everything that happened and when: two runs with the same one were the same run. */
  get trace(): string {
    return this.#trace.toString(16).padStart(8, "0");
  }

  /** Adds a fact to the trace. */
  note(what: string): void {
    const text = `${this.now} ${what}`;
    for (let n = 0; n < text.length; n++) this.#trace = Math.imul(this.#trace ^ text.charCodeAt(n), 0x01000193) >>> 0;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let place = heap.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const [l, r] = [heap[left], heap[right]];
      if (l === undefined) break;
      const [child, below] = r !== undefined && isBefore(r, l) ? [right, r] : [left, l];
      if (isBefore(last, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number);
}

/** Node runs all promise reactions, and what they set off, before the next immediate. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
