// The Worker of src/ with its bindings wrapped, so that every operation that costs something is counted: for
// `npm run bench` only. One isolate runs everything, so the totals are complete.
//
//   GET /bench/operations            the totals
//   GET /bench/statements            rows written and read by each statement, and alarms set, of each class
//   GET /bench/database-bytes/CODE   the size of a link's object
//   GET /bench/later/DAYS            from now on the clock is so many days ahead
//   GET /bench/alarm/CODE            runs the alarm of a link, and /bench/alarm/ that of the account `main`: what is due by
//                                    that clock, the platform's own alarms do not know
//   GET /bench/sleep/CODE            ends a link's object, as Cloudflare does when nobody has asked it for some seconds
//   GET /bench/book-alarm/NUMBER     the same of a book of `main`
//   GET /bench/fill/…                makes many things at once: growth.js
// JavaScript with checked types (tsconfig.json beside it): the bench's other files are for Node and know no Worker types.

import * as firsttap from "../../../src/index.ts";
import { fillAccesses, fillLinks, fillMessages, nextBook } from "./growth.js";

/** @typedef {typeof totals} Totals */

const totals = {
  kvReads: 0,
  kvWrites: 0,
  linkCalls: 0,
  accountCalls: 0,
  bookCalls: 0,
  campaignCalls: 0,
  partCalls: 0,
  rowsRead: 0,
  rowsWritten: 0,
  alarmsSet: 0,
  alarmRuns: 0,
  queueSends: 0,
  rateLimitCalls: 0,
  logLines: 0,
};

/** @type {Record<string, { written: number, read: number }>} */
const statements = {};

/**
 * @param {string} of the class
 * @param {string} statement
 * @param {number} written
 * @param {number} read
 */
function countStatement(of, statement, written, read) {
  const name = `${of}: ${statement.trim().split(/\s+/).slice(0, 6).join(" ")}`;
  const counts = (statements[name] ??= { written: 0, read: 0 });
  counts.written += written;
  counts.read += read;
}

const DAY_MS = 86_400_000;
let aheadMs = 0;
const { now } = Date;
Date.now = () => now() + aheadMs;

const { log } = console;
console.log = (...args) => {
  totals.logLines += 1;
  log(...args);
};

/**
 * Counts the calls of a binding's methods. A method that is not named fails, so that no operation goes uncounted.
 * @template {object} T
 * @param {T} binding
 * @param {Partial<Record<keyof T, keyof Totals | null>>} counted which method adds to which total; null for one that costs nothing
 * @returns {T}
 */
function countCalls(binding, counted) {
  return new Proxy(binding, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const total = counted[/** @type {keyof T} */ (name)];
      if (total === undefined)
        throw new Error(`The bench does not count ${String(name)}(): name its total in counting()`);
      return (/** @type {unknown[]} */ ...args) => {
        // What is sent together is billed one by one.
        if (total !== null) totals[total] += name === "sendBatch" ? [.../** @type {[]} */ (args[0])].length : 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
}

/**
 * A namespace whose stubs count every call of a method.
 * @template {{ getByName(name: string): object }} T
 * @param {T} namespace
 * @param {keyof Totals} total
 * @returns {T}
 */
function countObjectCalls(namespace, total) {
  return new Proxy(namespace, {
    get(target, name) {
      if (name !== "getByName") throw new Error(`The bench does not count calls of stubs made by ${String(name)}()`);
      return (/** @type {string} */ objectName) => countStubCalls(target.getByName(objectName), total);
    },
  });
}

/**
 * @param {object} stub
 * @param {keyof Totals} total
 */
function countStubCalls(stub, total) {
  return new Proxy(stub, {
    get(target, method) {
      return (/** @type {unknown[]} */ ...args) => {
        totals[total] += 1;
        return Reflect.apply(Reflect.get(target, method), target, args);
      };
    },
  });
}

/** @type {WeakMap<Env, Env>} The settings are remembered by environment, so there is one wrapped one for each. */
const wrapped = new WeakMap();

/**
 * @param {Env} env
 * @returns {Env}
 */
function counting(env) {
  const known = wrapped.get(env);
  if (known !== undefined) return known;
  /** @type {Env} */
  const result = {
    ...env,
    DIRECTORY: countCalls(env.DIRECTORY, { get: "kvReads", put: "kvWrites", delete: "kvWrites" }),
    LINK: countObjectCalls(env.LINK, "linkCalls"),
    ACCOUNT: countObjectCalls(env.ACCOUNT, "accountCalls"),
    BOOK: countObjectCalls(env.BOOK, "bookCalls"),
    CAMPAIGN: countObjectCalls(env.CAMPAIGN, "campaignCalls"),
    CAMPAIGN_PART: countObjectCalls(env.CAMPAIGN_PART, "partCalls"),
    ACCESSES: countCalls(env.ACCESSES, { send: "queueSends", sendBatch: "queueSends" }),
    CALLBACKS: countCalls(env.CALLBACKS, { sendBatch: "queueSends" }),
    MESSAGES: countCalls(env.MESSAGES, { sendBatch: "queueSends" }),
    REPORTS: countCalls(env.REPORTS, { send: "queueSends" }),
    GUESSES: countCalls(env.GUESSES, { limit: "rateLimitCalls" }),
  };
  wrapped.set(env, result);
  return result;
}

/**
 * Counts what an object does with its storage. The state itself must stay the platform's own: its class refuses a proxy.
 * @param {DurableObjectState} state
 * @param {string} of its class
 * @returns {DurableObjectState}
 */
function countStorage(state, of) {
  const sql = new Proxy(state.storage.sql, {
    get(target, name) {
      if (name !== "exec") return Reflect.get(target, name);
      return (/** @type {string} */ query, /** @type {unknown[]} */ ...values) => {
        // A cursor counts the last statement of a script only, so a script is taken apart; a trigger is one statement.
        const script =
          values.length > 0 ? [query] : (query.match(/\s*CREATE TRIGGER[^]*?END;|[^;]*[^;\s][^;]*;?/g) ?? []);
        const cursors = script.map((statement) => target.exec(statement, ...values));
        // It counts while it is read, and src/ reads each to its end before the next `await`.
        queueMicrotask(() => {
          for (const [n, cursor] of cursors.entries()) {
            countStatement(of, script[n] ?? "", cursor.rowsWritten, cursor.rowsRead);
            totals.rowsRead += cursor.rowsRead;
            totals.rowsWritten += cursor.rowsWritten;
          }
        });
        return cursors.at(-1);
      };
    },
  });
  const storage = new Proxy(
    // How Cloudflare bills `deleteAll` is not documented; the rows that it frees are not counted.
    countCalls(state.storage, {
      setAlarm: "alarmsSet",
      deleteAlarm: "alarmsSet",
      getAlarm: null,
      transactionSync: null,
      deleteAll: null,
    }),
    {
      get(target, name) {
        if (name === "setAlarm" || name === "deleteAlarm") countStatement(of, name, 1, 0);
        return name === "sql" ? sql : Reflect.get(target, name);
      },
    },
  );
  return Object.defineProperty(state, "storage", { value: storage });
}

export class Link extends firsttap.Link {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(countStorage(state, "Link"), counting(env));
  }

  /** @override */
  async alarm() {
    totals.alarmRuns += 1;
    await super.alarm();
  }

  /** The alarm as the platform would run it; objects cannot be asked for it by its own name. */
  runAlarm() {
    return this.alarm();
  }

  sleep() {
    this.ctx.abort("asleep");
  }

  /** The size of the object's database in bytes; asking adds nothing to it. */
  databaseBytes() {
    return this.ctx.storage.sql.databaseSize;
  }

  /**
   * @param {number} from
   * @param {number} count
   */
  fillAccesses(from, count) {
    fillAccesses(this, from, count);
  }
}

export class Account extends firsttap.Account {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(countStorage(state, "Account"), counting(env));
  }

  /** @override */
  async alarm() {
    totals.alarmRuns += 1;
    await super.alarm();
  }

  runAlarm() {
    return this.alarm();
  }

  /** What is made from now on goes into a further book, as if the newest were full. */
  nextBook() {
    nextBook(this.ctx.storage.sql);
  }
}

export class Book extends firsttap.Book {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(countStorage(state, "Book"), counting(env));
  }

  /** @override */
  async alarm() {
    totals.alarmRuns += 1;
    await super.alarm();
  }

  runAlarm() {
    return this.alarm();
  }

  /**
   * @param {number} from
   * @param {number} count
   * @param {number} size
   */
  fillLinks(from, count, size) {
    fillLinks(this, from, count, size);
  }

  /**
   * @param {number} from
   * @param {number} count
   * @param {number} size
   */
  fillMessages(from, count, size) {
    const { keeping, messages } = this;
    fillMessages(keeping, messages, from, count, size);
  }

  /** Brings tallies and packs forward as the alarm does, some steps at once; how many bytes the book has, and whether more is due. */
  async bringForward() {
    const { sql } = this.ctx.storage;
    const isDue = () => sql.exec("SELECT 1 FROM book WHERE tallies_due_at IS NOT NULL").toArray().length > 0;
    for (let steps = 0; steps < 10 && isDue(); steps++) {
      sql.exec("UPDATE book SET tallies_due_at = 1");
      await this.alarm();
    }
    return { bytes: sql.databaseSize, isDue: isDue() };
  }
}

export class Campaign extends firsttap.Campaign {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(countStorage(state, "Campaign"), counting(env));
  }

  /** @override */
  async alarm() {
    totals.alarmRuns += 1;
    await super.alarm();
  }
}

export class CampaignPart extends firsttap.CampaignPart {
  /**
   * @param {DurableObjectState} state
   * @param {Env} env
   */
  constructor(state, env) {
    super(countStorage(state, "CampaignPart"), counting(env));
  }

  /** @override */
  async alarm() {
    totals.alarmRuns += 1;
    await super.alarm();
  }
}

export class CallbackAttempt extends firsttap.CallbackAttempt {
  /**
   * @param {ExecutionContext} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, counting(env));
  }
}

export class MessageSending extends firsttap.MessageSending {
  /**
   * @param {ExecutionContext} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, counting(env));
  }
}

/**
 * GET /bench/fill/links/BOOK?from=&count=&size=, messages/BOOK, accesses/CODE; forward/BOOK; next-book.
 * @param {URL} url
 * @param {Env} env
 * @returns {Promise<unknown>}
 */
async function fill(url, env) {
  const [, , , what, whose = ""] = url.pathname.split("/");
  const [from = 0, count = 0, size = 0] = ["from", "count", "size"].map((name) => Number(url.searchParams.get(name)));
  const book = /** @type {DurableObjectStub<Book>} */ (env.BOOK.getByName(`main.${whose}`));
  const link = /** @type {DurableObjectStub<Link>} */ (env.LINK.getByName(whose));
  const account = /** @type {DurableObjectStub<Account>} */ (env.ACCOUNT.getByName("main"));
  if (what === "links") return book.fillLinks(from, count, size);
  if (what === "messages") return book.fillMessages(from, count, size);
  if (what === "accesses") return link.fillAccesses(from, count);
  if (what === "forward") return book.bringForward();
  if (what === "next-book") return account.nextBook();
  throw new Error(`nothing to fill is called ${what}`);
}

export default {
  /**
   * @param {Request<unknown, IncomingRequestCfProperties>} request
   * @param {Env} env
   * @param {ExecutionContext} ctx
   */
  async fetch(request, env, ctx) {
    const [, bench, what, code = ""] = new URL(request.url).pathname.split("/");
    if (bench !== "bench") return firsttap.default.fetch(request, counting(env), ctx);
    if (what === "operations") return Response.json(totals);
    if (what === "statements") return Response.json(statements);
    const link = /** @type {DurableObjectStub<Link>} */ (env.LINK.getByName(code));
    if (what === "database-bytes") return Response.json(await link.databaseBytes());
    if (what === "sleep") return Response.json(await link.sleep().catch(() => null));
    if (what === "later") return Response.json((aheadMs = Number(code) * DAY_MS));
    const account = /** @type {DurableObjectStub<Account>} */ (env.ACCOUNT.getByName("main"));
    const book = /** @type {DurableObjectStub<Book>} */ (env.BOOK.getByName(`main.${code}`));
    if (what === "fill") return Response.json((await fill(new URL(request.url), env)) ?? null);
    await (what === "book-alarm" ? book : code === "" ? account : link).runAlarm();
    return Response.json(null);
  },

  /**
   * @param {MessageBatch} batch
   * @param {Env} env
   * @param {ExecutionContext} ctx
   */
  async queue(batch, env, ctx) {
    return firsttap.default.queue(batch, counting(env), ctx);
  },
};
