// Routes for whoever has a token. None is mounted without saying who may use it.

import { type Context, Hono, type Input } from "hono";
import { readNothing } from "../http/input.ts";
import { Problem } from "../http/problem.ts";
import type { ApiEnv } from "./authenticate.ts";
import { covers, type Scope } from "./scopes.ts";

/** The scopes that cover a route, beside `full`, which covers all; or `admin`: the holder of ADMIN_TOKEN alone. */
export type Users = readonly Scope[] | "admin";

type Handler<P extends string> = (c: Context<ApiEnv, P, Input>) => Promise<Response>;

export class ApiRoutes {
  /** The same as hono's: to be mounted behind `authenticate`. */
  readonly hono = new Hono<ApiEnv>();

  get<P extends string>(path: P | readonly P[], users: Users, handler: Handler<P>): this {
    return this.#add("GET", path, users, handler);
  }

  post<P extends string>(path: P | readonly P[], users: Users, handler: Handler<P>): this {
    return this.#add("POST", path, users, handler);
  }

  patch<P extends string>(path: P | readonly P[], users: Users, handler: Handler<P>): this {
    return this.#add("PATCH", path, users, handler);
  }

  /** What is to end is named by the path: there is no body. */
  delete<P extends string>(path: P | readonly P[], users: Users, handler: Handler<P>): this {
    return this.#add<P>("DELETE", path, users, async (c) => {
      await readNothing(c);
      return handler(c);
    });
  }

  route(path: string, routes: ApiRoutes): this {
    this.hono.route(path, routes.hono);
    return this;
  }

  #add<P extends string>(method: string, path: P | readonly P[], users: Users, handler: Handler<P>): this {
    const paths: string[] = [path].flat();
    this.hono.on(method, paths, (c) => {
      refuseOthers(c.get("account").scopes, c.get("isAdmin"), users);
      return handler(c);
    });
    return this;
  }
}

function refuseOthers(scopes: readonly string[], isAdmin: boolean, users: Users): void {
  if (users === "admin") {
    if (!isAdmin)
      throw new Problem({ status: 403, slug: "admin-only", title: "Only the ADMIN_TOKEN may manage accounts" });
  } else if (!covers(scopes, users)) {
    const needed = [...new Set([...users, "full"])].join(" or ");
    throw new Problem({
      status: 403,
      slug: "missing-scope",
      title: "The token's scope does not cover this",
      detail: `Use a token with the scope ${needed}.`,
    });
  }
}
