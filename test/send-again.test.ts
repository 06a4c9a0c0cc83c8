// POST /sms/messages/:msgid/again, and when the carrier took a message and it came to its end.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { objectNameOf } from "../src/book/book.ts";
import { api, IN_TIME, statusOf } from "./support/firsttap.ts";
import { newMessage } from "./support/held-message.ts";
import { type Login, messageOf, send, settled, sms, tenant } from "./support/sms.ts";

const again = (msgid: string, login: Login, headers: Record<string, string> = {}) =>
  sms("POST", `messages/${msgid}/again`, undefined, { login, headers });

async function textOf(msgid: string, login: Login): Promise<string> {
  const { body } = await sms("GET", "outbox/", undefined, { login });
  return body.find((one: { msgid: string }) => one.msgid === msgid).message;
}

it("the same text goes to the same number, with a link of its own that leads where the first leads now", async () => {
  const login = await tenant();
  const given = {
    message: "Your $& offer: https://example.com/a?b=1 Bye, https://example.com/c",
    track_link: "true",
    tags: "june,tables",
    reference: "order-7",
    callbackurl: "http://localhost:1/reports",
    lt_callbackurl: "http://localhost:1/links",
  };
  const first = await send(given, { login });
  const { link_tracking: tracking } = await settled(first, { login });
  const code = tracking.shortlink.split("/").at(-1);
  const moved = { url: "https://example.com/$&/moved" };
  expect((await api("PATCH", `/api/links/${code}`, moved, { token: login.token })).status).toBe(200);
  const key = { "idempotency-key": "again" };
  const sent = await again(first, login, key);
  expect([sent.status, (await again(first, login, key)).body]).toEqual([201, sent.body]);
  const [{ msgid }] = sent.body;
  expect(msgid).not.toBe(first);
  const message = await settled(msgid, { login });
  expect(message).toMatchObject({
    recipient: "+818012345678",
    sender: "SHOP",
    tags: ["june", "tables"],
    reference: "order-7",
  });
  expect(message["callback"].event_id).not.toBeNull();
  const { shortlink } = message["link_tracking"];
  expect(shortlink).not.toBe(tracking.shortlink);
  expect(message["link_tracking"].link).toBe(moved.url);
  expect(await textOf(msgid, login)).toBe(`Your $& offer: ${shortlink} Bye, https://example.com/c`);
  const link = await statusOf(shortlink.split("/").at(-1), login.token);
  expect(link).toMatchObject({ callback_url: given.lt_callbackurl, msgid });
});

it("without a link it is the same text; one that was erased, of another or of nobody is not sent", async () => {
  const login = await tenant();
  const msgid = await send({ message: "hello" }, { login });
  await settled(msgid, { login });
  const [{ msgid: second }] = (await again(msgid, login)).body;
  expect(await textOf(second, login)).toBe("hello");
  expect((await settled(second, { login }))["link_tracking"]).toBeUndefined();
  expect((await again(msgid, await tenant())).status).toBe(404);
  expect((await again("none", login)).status).toBe(404);
  await sms("DELETE", `messages/${msgid}`, undefined, { login });
  expect(await again(msgid, login)).toMatchObject({ status: 409, body: { detail: /erased/ } });
});

it("it is known when the carrier took a message and when it came to its end, also when its report came first", async () => {
  const login = await tenant();
  const msgid = await send({}, { login });
  await settled(msgid, { login });
  const { given_at: given, settled_at: end } = await messageOf(msgid, { login });
  expect([Date.parse(given), Date.parse(end)].every((at) => Math.abs(Date.now() - at) < 60_000)).toBe(true);
  await runInDurableObject(env.BOOK.getByName(objectNameOf({ sid: login.sid, book: 1 })), async (book) => {
    const timesOf = (id: string) => {
      const { givenAt, settledAt } = book.message(id) ?? {};
      return [givenAt, settledAt].map((at) => at !== null);
    };
    for (const [id, isFirst] of [
      ["a", true],
      ["b", false],
    ] as const) {
      book.addMessage({ ...newMessage(), msgid: id, createdAt: Date.now() }, IN_TIME);
      await book.claimMessage(id, "http", "claim", IN_TIME);
      const told = { kind: "accepted", carrierId: "c", isDelivered: false } as const;
      if (isFirst) book.messageReported(id, "DELIVERED", null);
      else book.messageSent(id, "claim", told);
      expect([id, timesOf(id)]).toEqual([id, isFirst ? [false, true] : [true, false]]);
      if (isFirst) book.messageSent(id, "claim", told);
      else book.messageReported(id, "FAIL", "30003");
      expect([id, timesOf(id)]).toEqual([id, [true, true]]);
      const { givenAt, settledAt } = book.message(id) ?? {};
      expect((givenAt ?? 0) <= (settledAt ?? 0)).toBe(true);
    }
  });
});
