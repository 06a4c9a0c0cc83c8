// Isolates: copies of the Worker, each with module state of its own, which a restart puts back to how it was loaded.

import { entryOf } from "./loader.ts";
import type { ObjectClass } from "./objects.ts";

export interface Entrypoint {
  start(job: unknown): Promise<void>;
}

/** What the Worker's entry module exports, as far as the platform calls it. */
export interface WorkerModule {
  default: {
    fetch(request: Request, env: object, ctx: object): Response | Promise<Response>;
    queue(batch: object, env: object, ctx: object): Promise<void>;
    scheduled(controller: object, env: object, ctx: object): Promise<void>;
  };
  Link: ObjectClass;
  Account: ObjectClass;
  Book: ObjectClass;
  Campaign: ObjectClass;
  CampaignPart: ObjectClass;
  CallbackAttempt: new (ctx: object, env: object) => Entrypoint;
  MessageSending: new (ctx: object, env: object) => Entrypoint;
}

export interface Isolate {
  worker: WorkerModule;
  /** Forgets what it remembered between requests, as a new process would. */
  restart(): void;
}

/** The home isolate and one for each city. Loaded once for a thread: modules cannot be unloaded. */
export async function loadIsolates(count: number): Promise<Isolate[]> {
  const isolates: Isolate[] = [];
  for (let n = 0; n < count; n++) isolates.push(await loadIsolate(n));
  return isolates;
}

// What modules remember between requests is in Maps and Sets that they make while they are loaded.
async function loadIsolate(number: number): Promise<Isolate> {
  const restores: (() => void)[] = [];
  const { Map: RealMap, Set: RealSet } = globalThis;
  globalThis.Map = class<K, V> extends RealMap<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      remember(this, (loaded) => loaded.forEach(([key, value]) => this.set(key, value)));
    }
  };
  globalThis.Set = class<T> extends RealSet<T> {
    constructor(values?: Iterable<T> | null) {
      super(values);
      remember(this, (loaded) => loaded.forEach(([value]) => this.add(value)));
    }
  };
  function remember<K, V>(made: Map<K, V> | Set<K>, refill: (loaded: [K, V][]) => void): void {
    let loaded: [K, V][] | null = null;
    restores.push(() => {
      loaded ??= [...made.entries()] as [K, V][];
      made.clear();
      refill(loaded);
    });
  }
  try {
    const worker = (await import(entryOf(number))) as WorkerModule;
    const restart = () => {
      for (const restore of restores) restore();
    };
    restart();
    return { worker, restart };
  } finally {
    globalThis.Map = RealMap;
    globalThis.Set = RealSet;
  }
}
