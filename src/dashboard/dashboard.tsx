// /dashboard: what an owner looks at. Each page asks what a program would ask of the API, and touches no storage.

import { Hono } from "hono";
import { signOut } from "../account/sign-in.ts";
import { requireHttps } from "../http/own-hosts.ts";
import { Problem } from "../http/problem.ts";
import { errorText, log } from "../log.ts";
import { accountPages } from "./accounts.page.tsx";
import { answerAsset } from "./assets.ts";
import { answerHtml, Document, Refusal } from "./page.tsx";
import { forgetSession, type PageEnv, requireOwnForm, requireSession, SIGN_IN } from "./session.ts";
import { signInPages } from "./sign-in.page.tsx";
import { readerOf } from "./view.ts";
import { activityPage } from "./activity.page.tsx";
import { callbackPages } from "./callbacks.page.tsx";
import { dataPages } from "./data.page.tsx";
import { healthPage } from "./health.page.tsx";
import { linkPages } from "./links.page.tsx";
import { livePages } from "./live.page.tsx";
import { messagePages } from "./messages.page.tsx";
import { overview } from "./overview.page.tsx";
import { pins } from "./pins.tsx";
import { previewPages } from "./preview.page.tsx";
import { report } from "./report.page.tsx";
import { search } from "./search.ts";
import { settingsPages } from "./settings.page.tsx";

export const dashboard = new Hono<PageEnv>()
  .get("/assets/:name", (c) => answerAsset(c.req.param("name")) ?? c.notFound())
  .use(requireHttps)
  .use(requireOwnForm)
  .route("/sign-in", signInPages)
  .use(requireSession)
  .post("/sign-out", async (c) => {
    await signOut(c.env, c.get("account"));
    forgetSession(c);
    return c.redirect(SIGN_IN, 303);
  })
  .get("/", overview)
  .get("/search", search)
  .get("/report", report)
  .route("/preview", previewPages)
  .route("/pins", pins)
  .route("/links", linkPages)
  .route("/messages", messagePages)
  .route("/callbacks", callbackPages)
  .get("/health", healthPage)
  .route("/live", livePages)
  .route("/settings/data", dataPages)
  .route("/settings/activity", activityPage)
  .route("/settings", settingsPages)
  .route("/accounts", accountPages)
  .all("*", () => {
    throw new Problem({ status: 404, slug: "not-found", title: "There is no such page" });
  })
  .onError((error, c) => {
    const isExpected = error instanceof Problem;
    if (!isExpected) log("dashboard.failed", { route: c.req.routePath, method: c.req.method, error: errorText(error) });
    const facts = isExpected ? error.facts : { status: 503, title: "Try again in a moment" };
    return answerHtml(<Failed request={c.req.raw} {...facts} />, facts.status, isExpected ? error.headers : {});
  });

function Failed({
  request,
  status,
  title,
  detail,
}: {
  request: Request;
  status: number;
  title: string;
  detail?: string;
}) {
  const reader = readerOf(request);
  return (
    <Document reader={reader} title={reader.say(status === 404 ? "noPage" : "notDoneTitle")}>
      <main class="gate">
        <p class="brand">firsttap</p>
        <h1>{reader.say(status === 404 ? "noPage" : "notDoneTitle")}</h1>
        <Refusal view={reader} refused={{ status, title, errors: [], ...(detail !== undefined && { detail }) }} />
        <p>
          <a href="/dashboard">{reader.say("toOverview")}</a>
        </p>
      </main>
    </Document>
  );
}
