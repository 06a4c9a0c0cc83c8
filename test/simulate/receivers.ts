// The servers behind callback URLs: each hook has a script of answers, keeps what it was sent, and verifies it with the
// secret that its account holds.

import { Webhook } from "standardwebhooks";
import type { Clock } from "./clock.ts";
import type { Outgoing } from "./globals.ts";
import { ask, currentLife, type Life } from "./life.ts";
import type { Random } from "./random.ts";

/** What a hook does with one POST. `drip`: answers at once, with a body that never ends. */
export type Script =
  | { kind: "answer"; status: number; headers?: Record<string, string>; delayMs?: number; isDripping?: boolean }
  | { kind: "reset" }
  | { kind: "hang" };

/** One POST as it was sent. */
export interface Post {
  hook: Hook;
  eventId: string;
  body: string;
  at: number;
  sender: Life | undefined;
  /** What was answered, if that arrived before the sender gave up. */
  status: number | null;
  signedBy: "current" | "earlier" | null;
}

export interface Hook {
  url: string;
  holder: SecretHolder;
  script: Script[];
  posts: Post[];
}

/** Who verifies: the account, with the secret that it uses at the moment, the newest of all that it used. */
export interface SecretHolder {
  secrets: [string, ...string[]];
}

const OK: Script = { kind: "answer", status: 200 };
const LONGEST_SCRIPT = 14;
/** Where redirects lead; it would answer 200. */
const ELSEWHERE = "https://elsewhere.example.com/";

export class Receivers {
  readonly hooks = new Map<string, Hook>();
  /** Requests to the place where a redirect leads. */
  followed = 0;
  posts = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #received: (post: Post) => void;

  constructor(clock: Clock, random: Random, received: (post: Post) => void) {
    this.#clock = clock;
    this.#random = random;
    this.#received = received;
  }

  /** A new hook with a script of its own. */
  add(holder: SecretHolder): Hook {
    return this.#add(holder, this.#script());
  }

  /** A new hook that always answers 200. */
  addReliable(holder: SecretHolder): Hook {
    return this.#add(holder, []);
  }

  /** A new hook that is silent so often that all of its callback's attempts are in vain. */
  addSilent(holder: SecretHolder): Hook {
    return this.#add(
      holder,
      Array.from({ length: LONGEST_SCRIPT }, () => ({ kind: "hang" })),
    );
  }

  #add(holder: SecretHolder, script: Script[]): Hook {
    const url = `https://hooks.example.com/${this.hooks.size}`;
    const hook = { url, holder, script, posts: [] };
    this.hooks.set(url, hook);
    return hook;
  }

  fetch(request: Outgoing): Promise<Response> {
    const { url, headers, body } = request;
    if (url.startsWith(ELSEWHERE)) {
      this.followed++;
      return this.#answer(OK, request, null);
    }
    const hook = this.hooks.get(url);
    if (hook === undefined) return ask((answer) => answer.reject(new TypeError("fetch failed")));
    const eventId = headers.get("webhook-id") ?? "";
    const [current, ...earlier] = hook.holder.secrets;
    const isSignedBy = (secret: string) => isVerified(secret, headers, body);
    const signedBy = isSignedBy(current) ? "current" : earlier.some(isSignedBy) ? "earlier" : null;
    const post: Post = { hook, eventId, body, at: this.#clock.now, sender: currentLife(), status: null, signedBy };
    hook.posts.push(post);
    this.posts++;
    this.#received(post);
    return this.#answer(hook.script.shift() ?? OK, request, post);
  }

  #answer(script: Script, request: Outgoing, post: Post | null): Promise<Response> {
    const { signal } = request;
    return ask((answer) => {
      const giveUp = () => answer.reject(signal?.reason);
      signal?.addEventListener("abort", giveUp);
      if (script.kind === "hang") return;
      const delayMs = this.#random.between(5, 150) + (script.kind === "answer" ? (script.delayMs ?? 0) : 0);
      this.#clock.after(delayMs, "receiver answers", () => {
        if (signal?.aborted) return;
        if (script.kind === "reset") return answer.reject(new TypeError("Network connection lost."));
        const { status, headers = {}, isDripping = false } = script;
        const target = headers["location"];
        if (target !== undefined && request.redirect !== "manual") {
          const followed = this.fetch({ ...request, url: target, method: "GET" });
          return void followed.then((response) => answer.resolve(response));
        }
        if (post !== null) post.status = status;
        const hasBody = status !== 204 && status !== 205 && status !== 304;
        answer.resolve(new Response(hasBody ? (isDripping ? dripping(signal) : "ok") : null, { status, headers }));
      });
    });
  }

  /** Most answer 200, at once or after failures; some never do. */
  #script(): Script[] {
    const random = this.#random;
    const failure = (): Script =>
      random.weighted<() => Script>([
        [6, () => ({ kind: "answer", status: random.pick([500, 502, 404, 410, 400, 429]) })],
        [2, () => ({ kind: "answer", status: random.pick([201, 202, 204]) })],
        [2, () => ({ kind: "answer", status: random.pick([301, 302, 307, 308]), headers: { location: ELSEWHERE } })],
        [2, () => ({ kind: "reset" })],
        [2, () => ({ kind: "hang" })],
        [1, () => ({ kind: "answer", status: 200, delayMs: random.between(10_500, 40_000) })],
        [2, () => ({ kind: "answer", status: 503, headers: { "retry-after": String(random.between(1, 9_000)) } })],
      ])();
    const success = random.weighted<Script>([
      [6, OK],
      [2, { kind: "answer", status: 200, delayMs: random.between(100, 9_000) }],
      [1, { kind: "answer", status: 200, isDripping: true }],
    ]);
    const failures = random.weighted([
      [5, 0],
      [3, random.between(1, 4)],
      [2, random.between(5, 10)],
      [2, LONGEST_SCRIPT],
    ]);
    return [...Array.from({ length: failures }, failure), ...(failures === LONGEST_SCRIPT ? [] : [success])];
  }
}

/** Whether the request was signed with this secret, as Standard Webhooks has it. */
export function isVerified(secret: string, headers: Headers, body: string): boolean {
  try {
    new Webhook(secret).verify(body, Object.fromEntries(headers));
    return true;
  } catch {
    return false;
  }
}

function dripping(signal: AbortSignal | null): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([111]));
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
}
