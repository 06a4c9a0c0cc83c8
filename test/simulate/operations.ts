// What happens in a run, one operation after the other, each drawn from the seed.

import { type Asked, Client } from "./client.ts";
import { putBack } from "./earlier-version.ts";
import { destinationOf, Owners } from "./owners.ts";
import { Recipients } from "./recipients.ts";
import { Senders } from "./senders.ts";
import type { Stage } from "./stage.ts";
import { type Intent, isChosen, type LinkHistory, type Tenant } from "./world.ts";

const MOST_JUMPS = 3;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type KnownLink = LinkHistory & { intent: Intent };

export class Operations {
  readonly owners: Owners;
  readonly recipients: Recipients;
  readonly senders: Senders;
  readonly #stage: Stage;
  readonly #client: Client;
  #jumps = 0;
  #isDeployed = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#client = new Client(stage);
    this.recipients = new Recipients(stage);
    this.owners = new Owners(stage, this.#client, this.recipients);
    this.senders = new Senders(stage, this.#client);
  }

  /** Two accounts, at once: the one whose life this is, and one that must see nothing of it. */
  async setUp(): Promise<void> {
    this.#stage.world.tenants.push(
      ...(await Promise.all(["owner-a", "owner-b"].map((mark) => this.owners.open(mark)))),
    );
  }

  /** One operation, drawn; it goes on by itself. */
  begin(): void {
    const random = this.#stage.random;
    const link = this.#someLink();
    const operation = random.weighted<() => unknown>([
      [link === undefined ? 100 : 14, () => this.owners.create(this.#owner())],
      [2, () => this.owners.create(this.#stranger())],
      [5, () => this.senders.send(this.#owner())],
      [2, () => this.senders.sendMany(this.#owner())],
      [2, () => this.#sendAndSuspend(this.#owner())],
      [2, () => this.recipients.tap(`zz${random.between(100_000, 999_999)}`)],
      [2, () => this.#setClock()],
      [3, () => this.#killCity(link)],
      [3, () => this.#evict()],
      [2, () => this.#deploy()],
      [2, () => this.#refuseWrites()],
      ...(link === undefined ? [] : this.#onLink(link)),
    ]);
    this.#stage.run(async () => {
      await operation();
    });
  }

  #onLink(link: KnownLink): (readonly [number, () => unknown])[] {
    const { code, intent } = link;
    const path = `/api/links/${code}`;
    return [
      [26, () => this.recipients.tap(code)],
      [10, () => this.recipients.burst(code)],
      [5, () => this.#crowd(code)],
      [5, () => this.owners.edit(intent, path, this.owners.moved(intent))],
      [4, () => this.owners.editTwice(intent, path)],
      [8, () => this.owners.editInTurn(intent, path)],
      [4, () => this.owners.editAndTap(intent, path, code)],
      [3, () => this.owners.edit(intent, path, this.owners.silenced(intent))],
      [3, () => this.owners.edit(intent, path, this.owners.readdressed(intent))],
      [2, () => this.owners.edit(intent, path, { tags: ["spring"] })],
      [3, () => this.#deleteAndTap(link)],
      ...(isChosen(code) ? [[6, () => this.owners.reopen(intent, code)] as const] : []),
      [3, () => this.owners.retry(intent, path)],
      [6, () => this.owners.readStatus(link)],
      [2, () => this.owners.readAll(intent.owner)],
      [3, () => this.owners.rotate(this.#owner())],
      [4, () => this.owners.editAccount(this.#owner())],
      [2, () => this.owners.addToken(this.#owner())],
      [6, () => this.#trespass(link)],
    ];
  }

  /** While messages are on their way. */
  async #sendAndSuspend(owner: Tenant): Promise<void> {
    const sent = Promise.all([1, 2, 3].map(() => this.senders.send(owner)));
    await this.#stage.platform.clock.wait(this.#stage.random.between(0, 1_000));
    await Promise.all([sent, this.owners.suspend(owner)]);
  }

  /** Taps hours later, when every city has heard of it. */
  async #deleteAndTap({ code, intent }: KnownLink): Promise<void> {
    const { clock } = this.#stage.platform;
    await this.owners.delete(intent, `/api/links/${code}`);
    if (!this.#stage.random.chance(0.5)) return;
    const later = clock.now + this.#stage.random.between(2, 20) * HOUR;
    clock.at(later, "tap after a deletion", () => this.#stage.run(() => this.recipients.tap(code)));
  }

  /** Weeks later deleted links are forgotten: nothing leads to them, and no stranger gets what was chosen. */
  async revisit(): Promise<void> {
    const { world, random } = this.#stage;
    for (const link of world.links.values()) {
      if (link.intent === null || (link.last === null && !world.mayBeDeleted(link))) continue;
      await this.recipients.tap(link.code);
      if (!isChosen(link.code) || link.last === null) continue;
      await this.#take(link as KnownLink);
      const { owner } = link.intent;
      if (!owner.isClosed && random.chance(0.5)) await this.owners.create(owner, link.code);
    }
  }

  /** The other account tries to open a code that was chosen. */
  async #take({ code, intent }: KnownLink): Promise<void> {
    const stranger = this.#stage.world.tenants.find((tenant) => tenant !== intent.owner && !tenant.isClosed);
    if (stranger === undefined) return;
    const asked = { method: "POST", path: "/api/links", body: { url: destinationOf(stranger, 0), code } };
    const { answer } = await this.#client.call(asked, stranger);
    this.#client.isExpected("POST /api/links as a stranger", answer, 409);
  }

  /** The other account tries everything on a link of this one. */
  async #trespass(link: KnownLink): Promise<void> {
    const stranger = this.#stage.world.tenants.find((tenant) => tenant !== link.intent.owner);
    if (stranger === undefined) return;
    const path = `/api/links/${link.code}`;
    const url = destinationOf(stranger, 0);
    const attempts: Asked[] = [
      { method: "GET", path },
      { method: "PATCH", path, body: { url } },
      { method: "PATCH", path, body: { callback_url: null } },
      { method: "DELETE", path },
      { method: "POST", path: `${path}/callback/retry` },
      { method: "POST", path: "/api/links", body: { url, code: link.code } },
    ];
    const asked = this.#stage.random.pick(attempts);
    const { answer } = await this.#client.call(asked, stranger);
    if (answer.kind !== "answered") return;
    const { world } = this.#stage;
    // What whoever is suspended may not do at all is not looked up.
    if (answer.status === 403 && world.suspensions.mayTouch(answer.sentAt, world.now)) return;
    // A minted code cannot be chosen, taken or not.
    const onCode = isChosen(link.code) ? 409 : 422;
    const right = asked.path === "/api/links" ? onCode : 404;
    if (answer.status !== right && answer.status !== 503)
      world.violate("accounts see their own", `${asked.method} ${asked.path} as a stranger: ${answer.status}`);
  }

  async #setClock(): Promise<void> {
    if (this.#jumps >= MOST_JUMPS || !this.#stage.platform.weather.allows("clock.jumps")) return;
    this.#jumps++;
    this.#stage.platform.clock.jump(this.#stage.random.pick([-2_000, -200, 500, 5_000, 30_000, 600_000, 7_200_000]));
  }

  /** Often just when it has answered, and the access is not safe yet. */
  async #killCity(link: KnownLink | undefined): Promise<void> {
    const { platform, random } = this.#stage;
    if (!platform.weather.allows("isolate.dies")) return;
    if (link !== undefined) {
      this.#stage.run(() => this.recipients.burst(link.code));
      await platform.clock.wait(random.between(0, 120));
    }
    platform.kill(random.pick(platform.cities));
  }

  async #refuseWrites(): Promise<void> {
    const { random, platform } = this.#stage;
    if (platform.weather.refusedUntil > 0 || !platform.weather.allows("storage.refuses")) return;
    platform.weather.refuseWrites(random.pick([5 * MINUTE, 40 * MINUTE, 5 * HOUR, 72 * HOUR]));
  }

  async #crowd(code: string): Promise<void> {
    if (!this.#stage.platform.weather.allows("invocation.dies")) return;
    await Promise.all(this.#stage.platform.cities.map((city) => this.recipients.crowd(code, city)));
  }

  /** Until now an earlier version ran: so its objects look like that. */
  async #deploy(): Promise<void> {
    const { platform, random } = this.#stage;
    if (this.#isDeployed || platform.weather.refusesWrites || !platform.weather.allows("deployment")) return;
    this.#isDeployed = true;
    platform.hasBooks = true;
    for (const host of [...platform.links.hosts.values(), ...platform.accounts.hosts.values()]) {
      // No earlier version keeps chosen codes, or opens them again; or suspends an account.
      if (host.storage.tables().includes("past_link")) continue;
      if (host.storage.read("account")[0]?.["suspended_at"] != null) continue;
      host.evict();
      putBack(host.storage, host.className, random);
    }
  }

  async #evict(): Promise<void> {
    const { links, accounts, books } = this.#stage.platform;
    const hosts = [links, accounts, books].flatMap(({ hosts: all }) => [...all.values()]);
    if (hosts.length > 0 && this.#stage.platform.weather.allows("object.evicted"))
      this.#stage.random.pick(hosts).evict();
  }

  #owner(): Tenant {
    return this.#tenant(0);
  }

  #stranger(): Tenant {
    return this.#tenant(1);
  }

  #tenant(n: number): Tenant {
    const tenant = this.#stage.world.tenants[n];
    if (tenant === undefined) throw new Error("setUp comes first");
    return tenant;
  }

  #someLink(): KnownLink | undefined {
    const known = [...this.#stage.world.links.values()].filter((link) => link.intent?.codes.has(link.code) === true);
    return known.length === 0 ? undefined : (this.#stage.random.pick(known) as KnownLink);
  }
}
