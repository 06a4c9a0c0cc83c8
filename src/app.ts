// Everything but the tap: the routes in the order of a link's story, and the one place where errors become answers.

import { Hono } from "hono";
import { type ApiEnv, authenticate } from "./account/authenticate.ts";
import { apiRoutes } from "./api.ts";
import { dashboard } from "./dashboard/dashboard.tsx";
import { readFeed } from "./feed/feed.route.ts";
import { answerJson } from "./http/json.ts";
import { requireHttps } from "./http/own-hosts.ts";
import { answerPage, asksForJson, htmlPage, type Page } from "./http/page.ts";
import { API_HEADERS, Problem, problemResponse } from "./http/problem.ts";
import { directoryAnswers } from "./link/directory.ts";
import { errorText, log } from "./log.ts";
import { accountObject } from "./objects.ts";
import { sms } from "./sms/sms-api.ts";

/** For programs. */
const ABOUT = {
  title: "firsttap",
  text: "This server opens short links that were sent to you by SMS. Open the whole link to get where it leads.",
};
/** People are shown the same as for an unknown code: most who come here have one that was cut or changed on its way. */
const NOTHING_HERE: Page = {
  status: 404,
  slug: "nothing-here",
  title: "There is nothing here",
  text: "Please check the address.",
  shows: "unknown",
};
/** No account's: the first call of an object decides where it lies, and anybody may make this one. */
const HEALTH_NAME = "healthz";
/** Longer than KV or an object ever needs to answer. */
const HEALTH_TIMEOUT_MS = 3_000;

const api = new Hono<ApiEnv>()
  .use(requireHttps)
  .use(authenticate)
  .route("/", apiRoutes.hono)
  .all("*", () => {
    throw new Problem({
      status: 404,
      slug: "no-such-route",
      title: "The API has no such route or method",
      detail: "Compare path and method with docs/api.md.",
    });
  });

export const app = new Hono<{ Bindings: Env }>()
  .use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(API_HEADERS)) if (!c.res.headers.has(name)) c.header(name, value);
  })
  .route("/api", api)
  .route("/sms", sms)
  .route("/dashboard", dashboard)
  .get("/", (c) => (asksForJson(c.req.raw) ? answerJson(ABOUT) : htmlPage(c.req.raw, 200, "about")))
  .use("/feed/*", requireHttps)
  .get("/feed/:token/:file", readFeed)
  // Spreadsheets' formulas ask here before they read a feed.
  .get("/robots.txt", (c) => c.text("User-agent: *\nAllow: /feed/\nDisallow: /\n"))
  .get("/healthz", async (c) => {
    const [kv, object] = await Promise.all([
      answers(directoryAnswers(c.env.DIRECTORY)),
      answers(accountObject(c.env, HEALTH_NAME).ping()),
    ]);
    return answerJson({ kv, object }, kv === "ok" && object === "ok" ? 200 : 503);
  })
  .notFound((c) => answerPage(c.req.raw, NOTHING_HERE))
  .onError((error, c) => {
    if (error instanceof Problem) return problemResponse(error.facts, error.headers);
    // Routes answer what they expect; what arrives here is an object or KV out of reach, or a bug. Both are logged.
    log("api.failed", { route: c.req.routePath, method: c.req.method, error: errorText(error) });
    return problemResponse(
      {
        status: 503,
        slug: "temporarily-unavailable",
        title: "The request could not be completed just now",
        detail: "Try again in a moment. With an Idempotency-Key a repeated POST /api/links makes nothing twice.",
      },
      { "Retry-After": "5" },
    );
  });

async function answers(call: Promise<unknown>): Promise<"ok" | "failed"> {
  const silence = scheduler.wait(HEALTH_TIMEOUT_MS).then(() => "failed" as const);
  return Promise.race([call.then(() => "ok" as const).catch(() => "failed" as const), silence]);
}
