// The owners of accounts and what they do with their links, through the API and nothing else.

import type { Client } from "./client.ts";
import { ALL_FIGURES, checkFigures, checkRows, knownBefore } from "./figures.ts";
import type { Recipients } from "./recipients.ts";
import type { Hook } from "./receivers.ts";
import type { Stage } from "./stage.ts";
import { ABSENT } from "./wishes.ts";
import type { Intent, LinkHistory, Tenant } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MOST_REPEATS = 4;
/** Whoever calls an object waits for five seconds. */
const LONGEST_WAY_MS = 4_000;

export class Owners {
  readonly #stage: Stage;
  readonly #client: Client;
  readonly #recipients: Recipients;
  readonly #rotating = new Set<Tenant>();
  readonly #editing = new Set<Tenant>();
  readonly #suspended = new Set<Tenant>();

  constructor(stage: Stage, client: Client, recipients: Recipients) {
    this.#stage = stage;
    this.#client = client;
    this.#recipients = recipients;
  }

  async open(mark: string): Promise<Tenant> {
    const { answer, body } = await this.#client.call({ method: "POST", path: "/api/accounts", body: { name: mark } });
    const { sid, token, callback_secret: secret } = body as Record<string, string>;
    if (sid === undefined || token === undefined || secret === undefined)
      throw new Error(`no account was made: ${JSON.stringify(answer)}`);
    const tenant: Tenant = { mark, sid, token, secrets: [secret], fallbackUrl: null, isClosed: false };
    if (this.#stage.random.chance(0.5)) {
      tenant.fallbackUrl = `https://shop.example.com/${mark}/fallback`;
      await this.#client.call(
        { method: "PATCH", path: "/api/account", body: { fallback_url: tenant.fallbackUrl } },
        tenant,
      );
    }
    return tenant;
  }

  /** The operator suspends an account, and lifts that some time later, each until it is done. */
  async suspend(tenant: Tenant): Promise<void> {
    if (this.#suspended.has(tenant)) return;
    this.#suspended.add(tenant);
    const { world, platform, random } = this.#stage;
    const suspension = world.suspensions.begin(tenant.sid, world.now);
    await this.#restrict(tenant, true);
    suspension.acknowledgedAt = world.now;
    await platform.clock.wait(random.pick([random.between(0, 30) * SECOND, random.between(1, 90) * MINUTE]));
    suspension.liftedFrom = world.now;
    await this.#restrict(tenant, false);
    suspension.liftedAt = world.now;
    this.#suspended.delete(tenant);
  }

  async #restrict(tenant: Tenant, suspended: boolean): Promise<void> {
    for (;;) {
      const ended = this.#stage.world.wish(tenant.sid, { suspended });
      const asked = { method: "PATCH", path: `/api/accounts/${tenant.sid}`, body: { suspended } };
      const { answer } = await this.#client.call(asked);
      const isDone = this.#client.isExpected("PATCH /api/accounts/:sid", answer, 200);
      ended(isDone);
      if (isDone) return;
      await this.#stage.platform.clock.wait(this.#stage.random.between(5, 60) * SECOND);
    }
  }

  /** Closes an account, asking until it is done. */
  async close(tenant: Tenant): Promise<void> {
    tenant.isClosed = true;
    for (;;) {
      const { answer } = await this.#client.call({ method: "DELETE", path: `/api/accounts/${tenant.sid}` });
      // 404: it was closed, and the answer was lost.
      if (this.#client.isExpected("DELETE /api/accounts/:sid", answer, 204, 404)) return;
      await this.#stage.platform.clock.wait(this.#stage.random.between(5, 60) * SECOND);
    }
  }

  /** The code of a link that lives for 90 days and calls back to a receiver that answers. Needs fair weather. */
  async createUsual(owner: Tenant): Promise<string> {
    const number = this.#stage.world.intents.length + 1;
    const hook = this.#stage.receivers.addReliable(owner);
    const url = destinationOf(owner, number);
    const intent: Intent = {
      number,
      owner,
      key: null,
      requests: 1,
      refused: 0,
      codes: new Set(),
      destinations: new Set([url]),
      hooks: [hook],
      wasSilenced: false,
    };
    this.#stage.world.intents.push(intent);
    const body = { url, callback_url: hook.url };
    const { body: made } = await this.#client.call({ method: "POST", path: "/api/links", body }, owner);
    intent.codes.add(String(made["code"]));
    return String(made["code"]);
  }

  /**
   * A link, with what its owner may do about answers that did not come, and perhaps taps at once.
   * @param taken a code that was chosen before, whose link has ended, or ought to have
   */
  async create(owner: Tenant, taken?: string): Promise<void> {
    const random = this.#stage.random;
    const number = this.#stage.world.intents.length + 1;
    const hook = random.chance(0.85) ? this.#stage.receivers.add(owner) : null;
    const intent: Intent = {
      number,
      owner,
      key: random.chance(0.5)
        ? `key-${this.#stage.world.intents.filter((other) => other.owner === owner).length}`
        : null,
      requests: 0,
      refused: 0,
      codes: new Set(),
      destinations: new Set([destinationOf(owner, number)]),
      hooks: hook === null ? [] : [hook],
      wasSilenced: hook === null,
    };
    this.#stage.world.intents.push(intent);
    const code = taken ?? (random.chance(0.3) ? `chosen-${number}` : undefined);
    const lifetime = random.weighted([
      [6, undefined],
      [1, random.between(1, 5)],
      [1, random.between(30, 150)],
      [1, 3_600],
      [1, 172_800],
    ]);
    const body = {
      url: [...intent.destinations][0],
      callback_url: hook?.url ?? null,
      reference: owner.mark,
      ...(code === undefined ? {} : { code }),
      ...(lifetime === undefined ? {} : { expires_in_seconds: lifetime }),
    };
    if (code !== undefined && random.chance(0.5)) {
      this.#stage.run(() => this.#recipients.tap(code));
      await this.#stage.platform.clock.wait(random.between(0, 2_000));
    }
    const requests = intent.key !== null && random.chance(0.4) ? 2 : 1;
    // Who asks for a code again gives up the link that had it, should the request come to nothing, too.
    const ended = taken === undefined ? undefined : this.#stage.world.deleting(taken);
    await Promise.all(Array.from({ length: requests }, () => this.#requestLink(intent, body)));
    ended?.();
    // A key is good for a day, in which another month may begin.
    if (intent.key === null || !random.chance(0.3)) return;
    this.#stage.run(async () => {
      await this.#stage.platform.clock.wait(random.between(1, 20) * HOUR);
      await this.#requestLink(intent, body);
    });
  }

  /**
   * Ends a link and opens its code again, as in the commands of README.md played twice; perhaps while somebody taps, whose access may
   * be on its way until the code leads elsewhere.
   */
  async reopen(intent: Intent, code: string): Promise<void> {
    const { random, platform } = this.#stage;
    if (random.chance(0.5)) {
      if (random.chance(0.5)) platform.links.host(code).detain("record", random.between(0, LONGEST_WAY_MS));
      this.#stage.run(() => this.#recipients.burst(code));
      await platform.clock.wait(random.between(0, 200));
    }
    if (random.chance(0.7)) await this.delete(intent, `/api/links/${code}`);
    await platform.clock.wait(random.pick([0, random.between(0, 5 * MINUTE)]));
    await this.create(intent.owner, code);
  }

  async #requestLink(intent: Intent, body: { code?: string }): Promise<void> {
    const headers: Record<string, string> = intent.key === null ? {} : { "idempotency-key": intent.key };
    for (let asked = 1; ; asked++) {
      intent.requests++;
      const askedAt = this.#stage.world.now;
      const { answer, body: made } = await this.#client.call(
        { method: "POST", path: "/api/links", body, headers },
        intent.owner,
      );
      // Where a code has had links before, one of them may be live, or this one have been deleted meanwhile.
      const { code: chosen = "" } = body;
      const expected = this.#stage.world.linksOf(chosen).some((link) => link.intent !== intent) ? [201, 409] : [201];
      if (!this.#client.isExpected("POST /api/links", answer, ...expected)) {
        if (intent.key === null || asked === MOST_REPEATS) return;
        await this.#stage.platform.clock.wait(this.#stage.random.between(1, 60) * SECOND);
        continue;
      }
      if (answer.kind === "answered" && answer.status === 409) intent.refused++;
      if (answer.kind === "answered" && answer.status === 201) {
        const code = String(made["code"]);
        const { suspensions, now } = this.#stage.world;
        if (suspensions.covers(intent.owner.sid, askedAt, now))
          this.#stage.world.violate("a suspended account makes nothing", code);
        intent.codes.add(code);
        return this.#tapAtOnce(code);
      }
      return;
    }
  }

  /** Taps within the second of the creation: a link works the moment its create call returns. */
  async #tapAtOnce(code: string): Promise<void> {
    const random = this.#stage.random;
    if (!random.chance(0.5)) return;
    const taps = Array.from({ length: random.between(1, 4) }, async () => {
      await this.#stage.platform.clock.wait(random.between(0, 900));
      await this.#recipients.tap(code);
    });
    await Promise.all(taps);
  }

  async edit(intent: Intent, path: string, { url, ...others }: Record<string, unknown>): Promise<void> {
    const ended = this.#stage.world.wish(codeIn(path), {
      ...others,
      ...(url === undefined ? {} : { destination: url }),
    });
    const body = { ...others, ...(url === undefined ? {} : { url }) };
    const { answer } = await this.#client.call({ method: "PATCH", path, body }, intent.owner);
    ended(
      this.#client.isExpected("PATCH /api/links/:code", answer, 200, 404) &&
        "status" in answer &&
        answer.status === 200,
    );
  }

  /** One change after the other, each begun when the one before was answered: the last that was acknowledged stays. */
  async editInTurn(intent: Intent, path: string): Promise<void> {
    const { world } = this.#stage;
    for (let edits = this.#stage.random.between(3, 8); edits > 0; edits--) {
      // No two edits of a run ask for the same.
      const change = this.#stage.random.pick([
        () => this.moved(intent),
        () => ({ tags: [`tag-${world.counts.requests}`] }),
        () => ({ reference: `${intent.owner.mark} ${world.counts.requests}` }),
      ]);
      await this.edit(intent, path, change());
      if (this.#stage.random.chance(0.3)) await this.#stage.platform.clock.wait(this.#stage.random.between(0, 10_000));
    }
  }

  /** Changes of the account itself, in turn as well. Nothing else of a run depends on what they set. */
  async editAccount(owner: Tenant): Promise<void> {
    if (this.#editing.has(owner)) return;
    this.#editing.add(owner);
    for (let edits = this.#stage.random.between(3, 8); edits > 0; edits--) {
      const body = this.#stage.random.pick<Record<string, unknown>>([
        { name: `${owner.mark} ${this.#stage.world.counts.requests}` },
        { callback_url: `https://hooks.example.com/${owner.mark}/${this.#stage.world.counts.requests}` },
      ]);
      const ended = this.#stage.world.wish(owner.sid, body);
      const { answer } = await this.#client.call({ method: "PATCH", path: "/api/account", body }, owner);
      ended(this.#client.isExpected("PATCH /api/account", answer, 200));
    }
    this.#editing.delete(owner);
  }

  /** A further token, which is revoked again: as often as that has to be asked for, it stays revoked. */
  async addToken(owner: Tenant): Promise<void> {
    const { answer, body } = await this.#client.call({ method: "POST", path: "/api/account/tokens" }, owner);
    if (!this.#client.isExpected("POST /api/account/tokens", answer, 201)) return;
    const id = String(body["id"]);
    this.#stage.world.wish(owner.sid, { [`token ${id}`]: true })(true);
    await this.#stage.platform.clock.wait(this.#stage.random.between(0, MINUTE));
    const ended = this.#stage.world.wish(owner.sid, { [`token ${id}`]: ABSENT });
    const asked = { method: "DELETE", path: `/api/account/tokens/${id}` };
    const { answer: removed } = await this.#client.call(asked, owner);
    ended(this.#client.isExpected("DELETE /api/account/tokens/:id", removed, 204, 404));
  }

  /** Faster than KV takes writes of one key. */
  async editTwice(intent: Intent, path: string): Promise<void> {
    const first = this.edit(intent, path, this.moved(intent));
    await this.#stage.platform.clock.wait(this.#stage.random.between(0, 1_500));
    await Promise.all([first, this.edit(intent, path, this.moved(intent))]);
  }

  /** Cities that have read the link lately, and go on reading it. */
  async editAndTap(intent: Intent, path: string, code: string): Promise<void> {
    await this.#recipients.burst(code);
    const edited = this.edit(intent, path, this.moved(intent));
    for (let taps = this.#stage.random.between(1, 5); taps > 0; taps--) {
      await this.#stage.platform.clock.wait(this.#stage.random.between(0, 40_000));
      await this.#recipients.tap(code);
    }
    await edited;
  }

  moved(intent: Intent): Record<string, unknown> {
    const url = destinationOf(intent.owner, intent.number, intent.destinations.size);
    intent.destinations.add(url);
    return { url };
  }

  silenced(intent: Intent): Record<string, unknown> {
    intent.wasSilenced = true;
    return { callback_url: null };
  }

  readdressed(intent: Intent): Record<string, unknown> {
    const hook: Hook = this.#stage.receivers.add(intent.owner);
    intent.hooks.push(hook);
    return { callback_url: hook.url };
  }

  async delete(intent: Intent, path: string): Promise<void> {
    const link = this.#stage.world.links.get(codeIn(path));
    const ended = this.#stage.world.deleting(codeIn(path));
    const { answer } = await this.#client.call({ method: "DELETE", path }, intent.owner);
    ended();
    const isDeleted = this.#client.isExpected("DELETE /api/links/:code", answer, 204, 404);
    if (isDeleted && link?.last === null && link.versions.at(-1)?.closedAt === null)
      this.#stage.world.violate("an acknowledged change stays", `${link.code} was deleted, and is not`);
  }

  async retry(intent: Intent, path: string): Promise<void> {
    const { answer } = await this.#client.call({ method: "POST", path: `${path}/callback/retry` }, intent.owner);
    this.#client.isExpected("POST /api/links/:code/callback/retry", answer, 202, 404, 409);
  }

  /** The owner reads a link's status, and finds nothing that contradicts the link's own storage. */
  async readStatus(link: LinkHistory): Promise<void> {
    const { owner } = link.intent ?? {};
    if (owner === undefined) return;
    const { answer, body } = await this.#client.call({ method: "GET", path: `/api/links/${link.code}` }, owner);
    if (!this.#client.isExpected("GET /api/links/:code", answer, 200, 404) || answer.kind !== "answered") return;
    if (answer.status === 404) {
      if (!this.#stage.world.mayBeDeleted(link) && link.last === null)
        this.#stage.world.violate("a link is found by its owner", `${link.code} is 404`);
      return;
    }
    // The code was opened again meanwhile.
    if (link.replacedAt !== null) return;
    const first = link.versions.at(-1)?.firstAccessedAt ?? null;
    const shown = body["first_accessed_at"] as string | null;
    if (shown !== null && shown !== (first === null ? null : new Date(first).toISOString()))
      this.#stage.world.violate("the first access never moves", `${link.code}: ${first}, shown as ${shown}`);
  }

  async readAll(owner: Tenant): Promise<void> {
    await this.list(owner);
    const { answer } = await this.#client.call({ method: "GET", path: "/api/account" }, owner);
    this.#client.isExpected("GET /api/account", answer, 200);
    await this.readFigures(owner);
  }

  /** The figures of an account, which equal their rows at any time. */
  async readFigures(owner: Tenant): Promise<void> {
    const { world, platform } = this.#stage;
    const before = knownBefore(world, owner);
    const { answer, body } = await this.#client.call({ method: "GET", path: ALL_FIGURES }, owner);
    if (this.#client.isExpected("GET /api/figures", answer, 200)) checkFigures(world, platform, owner, body, before);
  }

  /** The figures once more, and the rows that they name; of no account through which anything is on its way. */
  async readRows(owner: Tenant): Promise<void> {
    const { answer, body } = await this.#client.call({ method: "GET", path: ALL_FIGURES }, owner);
    if (!this.#client.isExpected("GET /api/figures", answer, 200)) return;
    const { search } = new URL(String(body["rows"]));
    const rows = await this.#client.ask({ method: "GET", path: `/api/export/figures.ndjson${search}` }, owner);
    if (this.#client.isExpected("GET /api/export/figures", rows, 200) && rows.kind === "answered")
      checkRows(this.#stage.world, owner, body, rows.text);
  }

  /** All pages of an account's list of links or messages; null when one of them could not be had. */
  async list(
    owner: Tenant,
    what: "links" | "messages" = "links",
    asked: Record<string, string> = {},
  ): Promise<Record<string, unknown>[] | null> {
    const listed: Record<string, unknown>[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = new URLSearchParams({ limit: "3", ...asked, ...(cursor !== "" && { cursor }) }).toString();
      const { answer, body } = await this.#client.call({ method: "GET", path: `/api/${what}?${query}` }, owner);
      if (!this.#client.isExpected(`GET /api/${what}`, answer, 200)) return null;
      listed.push(...(body[what] as Record<string, unknown>[]));
      cursor = body["next_cursor"] as string | null;
    }
    return listed;
  }

  /**
   * The owner asks until a new secret comes, again and again or on another day, and uses it some time later, within the day
   * that the old one has from then on.
   */
  async rotate(owner: Tenant): Promise<void> {
    if (this.#rotating.has(owner)) return;
    this.#rotating.add(owner);
    for (;;) {
      const { answer, body } = await this.#client.call({ method: "POST", path: "/api/account/callback-secret" }, owner);
      if (this.#client.isExpected("POST /api/account/callback-secret", answer, 201)) {
        await this.#stage.platform.clock.wait(
          this.#stage.random.between(MINUTE, this.#stage.random.pick([HOUR, 10 * HOUR])),
        );
        owner.secrets.unshift(String(body["callback_secret"]));
        break;
      }
      const { random, platform } = this.#stage;
      const patienceMs = random.pick([random.between(5, 60) * SECOND, 2 * HOUR, 30 * HOUR]);
      // A day later the secret that the owner knows still signs.
      if (patienceMs > DAY) this.#stage.run(() => this.#haveOpened(owner, random.between(25, 29) * HOUR));
      await platform.clock.wait(patienceMs);
    }
    this.#rotating.delete(owner);
  }

  /** Some time later the owner makes a link, which somebody opens. */
  async #haveOpened(owner: Tenant, laterMs: number): Promise<void> {
    const { platform, world } = this.#stage;
    await platform.clock.wait(laterMs);
    if (owner.isClosed) return;
    await this.create(owner);
    const made = [...world.links.values()].findLast(({ intent }) => intent?.owner === owner);
    if (made !== undefined) await this.#recipients.tap(made.code);
  }
}

function codeIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Where a link leads; the number finds the link again, the mark its owner. */
export function destinationOf(owner: Tenant, number: number, version = 0): string {
  return `https://shop.example.com/${owner.mark}/l/${number}/${version}`;
}
