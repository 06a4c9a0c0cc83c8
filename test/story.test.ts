// One link from creation to delivered callback, through the exported Worker and a real receiver.

import { expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { AGENTS, api, createLink, receiver, recorded, settledCallback, tap } from "./support/firsttap.ts";

it("a link is created, previewed, opened by a person, called back after two failures, and says so", async () => {
  const { body: rotated } = await api("POST", "/api/account/callback-secret");
  const { url: callback_url, received } = await receiver({ status: 500 }, { status: 500 }, { status: 200 });
  const link = await createLink({
    url: "https://example.com/offer?a=1",
    callback_url,
    reference: "order-7",
    tags: ["june"],
  });
  expect(link).toMatchObject({ short_url: `https://s.example.com/${link.code}`, url: "https://example.com/offer?a=1" });

  const preview = await tap(link.code, { agent: AGENTS.applePreview });
  expect([preview.status, preview.headers.get("location")]).toEqual([302, "https://example.com/offer?a=1"]);
  expect(await recorded(link.code, 1)).toMatchObject({ accessed: false, access_counts: { preview: 1, person: 0 } });

  const before = Date.now();
  expect((await tap(link.code)).status).toBe(302);
  const callback = await settledCallback(link.code, "delivered");
  expect(callback.attempts.map((attempt: { status: number }) => attempt.status)).toEqual([500, 500, 200]);

  expect((await tap(link.code, { agent: AGENTS.android })).status).toBe(302);
  const status = await recorded(link.code, 3);
  expect(status).toMatchObject({ accessed: true, access_counts: { preview: 1, person: 2 } });
  expect(Date.parse(status.first_accessed_at)).toBeGreaterThanOrEqual(before);

  const posts = await received();
  expect(posts).toHaveLength(3);
  expect(new Set(posts.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([callback.event_id]));
  for (const { headers, body } of posts) {
    expect(new Webhook(rotated.callback_secret).verify(body, headers)).toEqual({
      type: "link.first_accessed",
      timestamp: status.first_accessed_at,
      data: {
        code: link.code,
        short_url: link.short_url,
        url: "https://example.com/offer?a=1",
        first_accessed_at: status.first_accessed_at,
        reference: "order-7",
        tags: ["june"],
        msgid: null,
      },
    });
  }
});
