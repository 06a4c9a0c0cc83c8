// The dashboard's pages, as a browser is answered them.

import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ORIGIN } from "./support/firsttap.ts";

it("style and script have their content in their address, and are kept for ever", async () => {
  const page = await (await exports.default.fetch(`${ORIGIN}/dashboard/sign-in`)).text();
  const addresses = Array.from(page.matchAll(/"(\/dashboard\/assets\/[^"]+)"/g), ([, address]) => address);
  expect(addresses).toHaveLength(2);
  for (const address of addresses) {
    const asset = await exports.default.fetch(`${ORIGIN}${address}`);
    expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(asset.headers.get("x-content-type-options")).toBe("nosniff");
    expect(asset.headers.get("content-type")).toMatch(/^text\/(?:css|javascript)/);
    // A page of another version of this deployment asks for what that had.
    const other = await exports.default.fetch(`${ORIGIN}${address?.replace(/\.\w+$/, ".other")}`);
    expect(await other.text()).toBe(await asset.text());
    expect(other.headers.get("cache-control")).toMatch(/no-store/);
  }
  expect((await exports.default.fetch(`${ORIGIN}/dashboard/assets/toString.1`)).status).toBe(404);
});
