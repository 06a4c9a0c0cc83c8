// Live: taps and what becomes of messages, as they come. Without script it is a list, and a link that reads it anew.

import { type Context, Hono } from "hono";
import { DAY_MS } from "../figures/time-zone.ts";
import { Problem } from "../http/problem.ts";
import { type Lately, lately, watch } from "../live/live.ts";
import { HAPPENINGS, type News } from "../live/news.ts";
import { answerHtml, Code, Page, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

const MOST_SHOWN = 50;

export const livePages = new Hono<PageEnv>()
  .get("/", async (c) => {
    const view = viewOf(c);
    const found = view.may("read", "support") ? await lately(c.env, c.get("account"), MOST_SHOWN) : null;
    return answerHtml(<Live view={view} found={found} />);
  })
  .get("/socket", async (c) => {
    refuseOthers(c);
    const account = c.get("account");
    const book = account.books.find((one) => String(one) === c.req.query("book"));
    if (book === undefined) throw new Problem({ status: 404, slug: "not-found", title: "There is no such book" });
    const { status, webSocket } = await watch(c.env, account.sid, book, Number(c.req.query("after")) || 0);
    return new Response(null, { status, webSocket });
  });

/** A page of another site can open a socket here, and the browser sends our cookie along. */
function refuseOthers(c: Context<PageEnv>): void {
  if (c.req.header("origin") !== new URL(c.req.url).origin)
    throw new Problem({ status: 403, slug: "cross-site", title: "Only the dashboard itself may watch" });
  if (!viewOf(c).may("read", "support"))
    throw new Problem({ status: 403, slug: "missing-scope", title: "The scope does not cover this" });
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
    throw new Problem(
      { status: 426, slug: "upgrade-required", title: "This address takes WebSockets" },
      { Upgrade: "websocket" },
    );
}

function Live({ view, found }: { view: View; found: Lately | null }) {
  const { say } = view;
  return (
    <Page view={view} title={say("live")} here="live">
      <h1>{say("live")}</h1>
      {found === null ? (
        <p class="note">{say("scopeHides")}</p>
      ) : (
        <>
          {!found.isWhole && (
            <p class="note bad" role="alert">
              {say("outOfReach")}
            </p>
          )}
          <p class="pins">
            <span id="live-state" role="status">
              {say("liveWithout")}
            </span>{" "}
            <button type="button" id="live-stop" hidden>
              {say("liveStop")}
            </button>{" "}
            <a href="/dashboard/live">{say("readAnew")}</a>
          </p>
          <div role="log" aria-live="polite" aria-label={say("live")}>
            <ol
              id="live"
              class="lines"
              data-books={JSON.stringify(found.positions)}
              data-zone={view.zone}
              data-on={say("liveOn")}
              data-behind={say("liveBehind", { s: "{s}" })}
              data-lost={say("liveLost")}
              data-idle={say("liveIdle")}
              data-stopped={say("liveStopped")}
              data-go={say("liveGo")}
              data-stop={say("liveStop")}
            >
              {found.news.map((news) => (
                <Line view={view} news={news} />
              ))}
            </ol>
          </div>
          {found.news.length === 0 && (
            <p class="note" id="live-none">
              {say("liveNone")}
            </p>
          )}
          {HAPPENINGS.map((what) => (
            <template data-what={what}>
              <Line view={view} news={{ ...NOTHING, at: view.now, what }} />
            </template>
          ))}
        </>
      )}
    </Page>
  );
}

const NOTHING: Omit<News, "what" | "at"> = { position: 0, code: null, msgid: null, device: null, country: null };

/** The script fills in the same. */
function Line({ view, news: { at, what, code, msgid, device, country } }: { view: View; news: News }) {
  const path = code === null ? `messages/${msgid ?? ""}` : `links/${code}`;
  return (
    <li>
      <Time view={view} at={at} as={view.now - at < DAY_MS ? "clock" : "moment"} />{" "}
      <span>{view.say(`live_${what}`)}</span>{" "}
      <a href={`/dashboard/${path}`}>
        <Code>{code ?? msgid}</Code>
      </a>{" "}
      <span class="soft">{[device, country].filter(Boolean).join(", ")}</span>
    </li>
  );
}
