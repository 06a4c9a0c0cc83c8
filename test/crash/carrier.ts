// The carrier of the rounds. It lives outside the servers that are killed, keeps count of what it took, and reports
// delivery as carriers do: some time later, and again when nobody answers.

import { setTimeout as sleep } from "node:timers/promises";
import {
  type CarrierAnswer,
  type CarrierServers,
  startCarrierServers,
  type Taken,
} from "../../local/carrier-servers.ts";

const LOOK_MS = 20;
const REPORT_AGAIN_MS = 500;
const REPORT_TIMEOUT_MS = 5_000;
/** What the server logs then. A sender that is killed logs nothing. */
const UNHEARD = /"fact":"message\.sent",.*"msgid":"(\w+)",.*"outcome":"silent"/;

/** How to treat one message. */
export interface Treatment {
  /** To its offers, in turn; {} is what the carrier answers by itself. */
  answers: CarrierAnswer[];
  /** How often delivery is reported. */
  reports: number;
  /** How long after it was taken, and after the report before. */
  reportAfterMs: number;
}

export class Carrier {
  /** Reports that a server which runs did not answer as it should. */
  refusedReports = 0;
  /** Reports that were begun, and those that the server took note of. */
  begunReports = 0;
  notedReports = 0;
  readonly #servers: CarrierServers;
  readonly #treatments = new Map<string, Treatment>();
  /** How long after a message was taken the server first took note of a report of it, in ms. */
  readonly #reported = new Map<string, number>();
  readonly #unheard = new Set<string>();
  readonly #closed = new AbortController();

  /** Starts it on a free port of the loopback interface. */
  static async start(): Promise<Carrier> {
    return new Carrier(await startCarrierServers());
  }

  private constructor(servers: CarrierServers) {
    this.#servers = servers;
    void this.#reportWhatIsTaken();
  }

  /** With which the server sends through it. */
  get settings(): Record<string, string> {
    return { CARRIER: "http", ...this.#servers.settings };
  }

  /** Every message that it will deliver: one that is here twice reaches its recipient twice. */
  taken(): readonly Taken[] {
    return this.#servers.taken();
  }

  /** How many ms after it was taken the server took note of a report that this message is delivered; null when it never did. */
  reportedAfterMs(msgid: string): number | null {
    return this.#reported.get(msgid) ?? null;
  }

  /** Says how to treat the message to this recipient, before it comes. */
  async treat(recipient: string, treatment: Treatment): Promise<void> {
    this.#treatments.set(recipient, treatment);
    const script = { method: "PUT", body: JSON.stringify(treatment.answers) };
    await fetch(`${this.#servers.url}/script/${encodeURIComponent(recipient)}`, script);
  }

  /** Reads a line that the server printed. */
  read(line: string): void {
    const [, msgid] = UNHEARD.exec(line) ?? [];
    if (msgid !== undefined) this.#unheard.add(msgid);
  }

  /**
   * Whether the server gave up waiting for our answer to this message, after its ten seconds: on a machine that is too busy. Then the
   * message has failed, and no report changes that.
   */
  wasUnheard(msgid: string): boolean {
    return this.#unheard.has(msgid);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#servers.close();
  }

  async #reportWhatIsTaken(): Promise<void> {
    for (let seen = 0; !this.#closed.signal.aborted; await sleep(LOOK_MS))
      for (const message of this.taken().slice(seen)) {
        seen++;
        void this.#reportAll(message);
      }
  }

  async #reportAll({ msgid, recipient }: Taken): Promise<void> {
    const takenAt = Date.now();
    const { reports = 0, reportAfterMs = 0 } = this.#treatments.get(recipient) ?? {};
    for (let n = 0; n < reports; n++) {
      await sleep(reportAfterMs);
      const status = await this.#report(msgid);
      if (status === 204) {
        this.notedReports++;
        if (!this.#reported.has(msgid)) this.#reported.set(msgid, Date.now() - takenAt);
      } else if (status !== null) this.refusedReports++;
    }
  }

  /** Reports until an answer comes, and says which; null when the carrier was closed before. */
  async #report(msgid: string): Promise<number | null> {
    const body = JSON.stringify({ status: "DELIVERED" });
    while (!this.#closed.signal.aborted) {
      const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(REPORT_TIMEOUT_MS)]);
      this.begunReports++;
      try {
        const answer = await fetch(`${this.#servers.url}/report/${msgid}`, { method: "POST", body, signal });
        // A server that dies or starts says 5xx, if it says anything.
        if (answer.status < 500) return answer.status;
      } catch {
        // Nobody is there.
      }
      await sleep(REPORT_AGAIN_MS);
    }
    return null;
  }
}
