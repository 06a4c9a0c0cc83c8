// /dashboard: what an owner looks at. It calls what the API calls, and touches no storage.

import { Hono } from "hono";
import { answerAsset } from "./assets.ts";
import { answerHtml, Document } from "./page.tsx";

export const dashboard = new Hono<{ Bindings: Env }>()
  .get("/assets/:name", (c) => answerAsset(c.req.param("name")) ?? c.notFound())
  .get("/sign-in", () =>
    answerHtml(
      <Document title="Sign in">
        <h1>Sign in</h1>
      </Document>,
    ),
  );
