// GET /api/links/:code/qr.svg and qr.png: a link's short URL, to be printed.

import type { Context } from "hono";
import { ApiRoutes } from "../account/api-routes.ts";
import type { ApiEnv } from "../account/authenticate.ts";
import { API_HEADERS, notFound } from "../http/problem.ts";
import { linkOf } from "../campaign/link-of.ts";
import { insist } from "../objects.ts";
import { qrPng, qrSvg } from "./qr.ts";

export const qrCode = new ApiRoutes()
  .get("/:code/qr.svg", ["links", "read", "support"], async (c) =>
    answerImage(qrSvg(await shortUrlOf(c, c.req.param("code"))), "image/svg+xml"),
  )
  .get("/:code/qr.png", ["links", "read", "support"], async (c) =>
    answerImage(qrPng(await shortUrlOf(c, c.req.param("code"))), "image/png"),
  );

async function shortUrlOf(c: Context<ApiEnv>, code: string): Promise<string> {
  const found = await insist(async () => (await linkOf(c.env, code)).status(c.get("account").sid));
  if (found === null) throw notFound("link");
  return found.shortUrl;
}

function answerImage(image: string | Uint8Array, type: string): Response {
  return new Response(image, { headers: { ...API_HEADERS, "Content-Type": type } });
}
