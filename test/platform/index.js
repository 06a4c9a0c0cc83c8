// Questions to Cloudflare, one a path. Each answers JSON: what was seen, in milliseconds from its beginning. What takes longer
// than a request is begun by POST and read by GET. JavaScript with checked types (tsconfig.json beside it).

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

/**
 * @typedef {object} Env
 * @property {KVNamespace} KV
 * @property {DurableObjectNamespace<Probe>} PROBE
 */

/** More than the six connections that one invocation has. */
const ATTEMPTS = 10;
const HANGS_MS = 4_000;
const TIMEOUT_MS = 5_000;
const KV_PATIENCE_MS = 90_000;
/** A free plan's rows of a day, and some more. */
const QUOTA_ROWS = 110_000;
const ROWS_AT_ONCE = 10_000;

/**
 * An object that notes what happens to it.
 * @extends {DurableObject<Env>}
 */
export class Probe extends DurableObject {
  /** @param {string} what */
  note(what) {
    this.ctx.storage.kv.put(`${Date.now()}-${crypto.randomUUID()}`, what);
  }

  /** What was noted, and when, from the first note on. */
  notes() {
    const notes = [...this.ctx.storage.kv.list()].map(([key, what]) => ({ at: Number(key.split("-")[0]), what }));
    const begun = notes[0]?.at ?? 0;
    return notes.map(({ at, what }) => `${String(what)} after ${at - begun} ms`);
  }

  async forget() {
    await this.ctx.storage.deleteAll();
  }

  async throwFromNowOn() {
    await this.ctx.storage.setAlarm(Date.now());
  }

  alarmAt() {
    return this.ctx.storage.getAlarm();
  }

  /** @override */
  async alarm() {
    // Noted elsewhere: what an alarm writes before it throws may not stay.
    await this.env.PROBE.getByName("alarm-notes").note("alarm");
    throw new Error("on purpose");
  }

  /** Writes rows until the platform refuses one, then tries to set an alarm. */
  async spendRows() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS row (n INTEGER)");
    let written = 0;
    const refused = await errorOf(async () => {
      while (written < QUOTA_ROWS) {
        const { rowsWritten } = sql.exec(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO row SELECT i FROM n",
          ROWS_AT_ONCE,
        );
        written += rowsWritten;
        await this.ctx.storage.sync();
      }
    });
    const setAlarm = await errorOf(async () => {
      await this.ctx.storage.setAlarm(Date.now() + 60_000);
      await this.ctx.storage.sync();
    });
    return { written, write: refused ?? "accepted", setAlarm: setAlarm ?? "accepted" };
  }

  /** The data centre that the object runs in. */
  async place() {
    const trace = await (await fetch("https://www.cloudflare.com/cdn-cgi/trace")).text();
    return /^colo=(.*)$/m.exec(trace)?.[1] ?? "unknown";
  }
}

/**
 * An attempt as firsttap makes it: begun by a call, carried out behind it.
 * @extends {WorkerEntrypoint<Env>}
 */
export class Attempt extends WorkerEntrypoint {
  /**
   * @param {string} url
   * @param {number} n
   */
  start(url, n) {
    const noted = async () => {
      const error = await errorOf(async () => {
        const answer = await fetch(url, { method: "POST", signal: AbortSignal.timeout(TIMEOUT_MS) });
        await answer.text();
      });
      await this.env.PROBE.getByName("attempts").note(`${n} ended: ${error ?? "answered"}`);
    };
    this.ctx.waitUntil(noted());
  }
}

/** @type {Record<string, (request: Request, env: Env, ctx: ExecutionContext) => Promise<unknown>>} */
const QUESTIONS = {
  "GET /healthz": async () => "ok",

  /** A receiver that hangs. */
  "POST /hang": async (request, env) => {
    await env.PROBE.getByName("attempts").note(`${new URL(request.url).searchParams.get("n")} arrived`);
    await scheduler.wait(HANGS_MS);
    return null;
  },
  "POST /connections": async (request, env, ctx) => {
    const exported = /** @type {{ Attempt: { start(url: string, n: number): Promise<void> } }} */ (
      /** @type {unknown} */ (ctx.exports)
    );
    await env.PROBE.getByName("attempts").forget();
    for (let n = 1; n <= ATTEMPTS; n++) await exported.Attempt.start(new URL(`/hang?n=${n}`, request.url).href, n);
    return `${ATTEMPTS} attempts begun`;
  },
  "GET /connections": async (_, env) => env.PROBE.getByName("attempts").notes(),

  "GET /self": async (request) => {
    const answer = await fetch(new URL("/healthz", request.url));
    return { status: answer.status, text: (await answer.text()).slice(0, 100) };
  },

  "POST /alarm": async (_, env) => {
    await env.PROBE.getByName("alarm-notes").forget();
    await env.PROBE.getByName("alarm").throwFromNowOn();
    return "begun";
  },
  "GET /alarm": async (_, env) => ({
    runs: await env.PROBE.getByName("alarm-notes").notes(),
    alarmAt: await env.PROBE.getByName("alarm").alarmAt(),
  }),

  /** For how long a miss is remembered after the key was written, in this city. */
  "GET /miss": async (_, env) => {
    const key = crypto.randomUUID();
    const before = await env.KV.get(key);
    await env.KV.put(key, "written");
    const begun = Date.now();
    while (Date.now() - begun < KV_PATIENCE_MS && (await env.KV.get(key)) === null) await scheduler.wait(1_000);
    return { before, seenAfterMs: Date.now() - begun };
  },

  /** What a second write of one key within a second meets. */
  "GET /writes": async (_, env) => {
    const key = crypto.randomUUID();
    return Promise.all([1, 2, 3].map(async (n) => (await errorOf(() => env.KV.put(key, String(n)))) ?? "accepted"));
  },

  /** Where new objects are made. */
  "GET /places": async (_, env) => {
    const name = crypto.randomUUID();
    return {
      anywhere: await env.PROBE.getByName(name).place(),
      "hint:apac": await env.PROBE.getByName(`${name}-apac`, { locationHint: "apac" }).place(),
      "jurisdiction:eu": await env.PROBE.jurisdiction("eu").getByName(name).place(),
    };
  },

  "POST /quota": async (_, env) => env.PROBE.getByName(`quota-${crypto.randomUUID()}`).spendRows(),
};

/**
 * @param {() => Promise<unknown>} call
 * @returns {Promise<string | undefined>}
 */
async function errorOf(call) {
  try {
    await call();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   * @param {ExecutionContext} ctx
   */
  async fetch(request, env, ctx) {
    const question = QUESTIONS[`${request.method} ${new URL(request.url).pathname}`];
    if (question === undefined) return Response.json({ questions: Object.keys(QUESTIONS) }, { status: 404 });
    try {
      return Response.json((await question(request, env, ctx)) ?? null);
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  },
};
