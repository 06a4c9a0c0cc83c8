// Which object is asked, where it lies, and how often.

import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { nanoid } from "nanoid";
import { expect, it } from "vitest";
import worker from "../src/index.ts";
import { campaignObject, partObject, accountObject, bookObject, insist, linkObject } from "../src/objects.ts";
import { envWith, tapWith } from "./support/faults.ts";
import { ADMIN_TOKEN, ORIGIN, createLink, recorded } from "./support/firsttap.ts";

/** Namespaces that say where they were asked for which object; the local runtime knows no places. */
function placedEnv(DATA_LOCATION: string): { env: Env; asked: () => unknown[] } {
  const asked: unknown[] = [];
  const namespace = (className: string, place: string | null) => ({
    getByName: (name: string, options: object) => void asked.push([className, place, name, options]),
    jurisdiction: (jurisdiction: string) => namespace(className, jurisdiction),
  });
  const bindings = {
    LINK: namespace("Link", null),
    ACCOUNT: namespace("Account", null),
    BOOK: namespace("Book", null),
    CAMPAIGN: namespace("Campaign", null),
    CAMPAIGN_PART: namespace("CampaignPart", null),
    DATA_LOCATION,
  };
  return { env: envWith(bindings), asked: () => asked };
}

it.each([
  ["anywhere", null, {}],
  ["", null, {}],
  ["jurisdiction:eu", "eu", {}],
  ["hint:weur", null, { locationHint: "weur" }],
])("with the DATA_LOCATION %j every object is asked for there", (location, jurisdiction, options) => {
  const placed = placedEnv(location);
  for (let time = 0; time < 2; time++) {
    linkObject(placed.env, "code");
    accountObject(placed.env, "main");
    bookObject(placed.env, { sid: "main", book: 7 });
    campaignObject(placed.env, 4711);
    partObject(placed.env, { campaign: 4711, part: 2 });
  }
  const once = [
    ["Link", jurisdiction, "code", options],
    ["Account", jurisdiction, "main", options],
    ["Book", jurisdiction, "main.7", options],
    ["Campaign", jurisdiction, "4711", options],
    ["CampaignPart", jurisdiction, "4711.2", options],
  ];
  expect(placed.asked()).toEqual([...once, ...once]);
});

it("with a wrong DATA_LOCATION no object is asked, taps are redirected, and their accesses wait", async () => {
  const { code } = await createLink();
  const wrong = envWith({ DATA_LOCATION: "europe" });
  const queued: unknown[] = [];
  const { response, settled } = await tapWith(
    { ...wrong, ACCESSES: { send: async (job: unknown) => void queued.push(job) } as unknown as Queue },
    code,
  );
  await settled();
  expect(response.status).toBe(302);
  expect(queued).toHaveLength(1);
  expect(() => linkObject(wrong, code)).toThrow("DATA_LOCATION");
  expect(() => accountObject(wrong, "main")).toThrow("DATA_LOCATION");
  expect(() => bookObject(wrong, { sid: "main", book: 1 })).toThrow("DATA_LOCATION");
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/api/links/${code}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const refused = await worker.fetch(request, wrong, createExecutionContext());
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain("DATA_LOCATION must be one of anywhere, jurisdiction:eu");
});

it("the local runtime has no jurisdictions: what docs/deploy.md says of `npm start`", () => {
  expect(() => env.LINK.jurisdiction("eu")).toThrow("not implemented in workerd");
});

it.each([
  ["Your account is generating too much load on Durable Objects. Please back off and try again later.", 1_000, 2_000],
  ["Network connection lost.", 50, 350],
])("after %j another try is made in %i to %i ms", async (message, least, most) => {
  const at: number[] = [];
  await insist(async () => {
    at.push(performance.now());
    if (at.length === 1) throw new Error(message);
  });
  const [first = 0, second = 0] = at;
  expect(second - first).toBeGreaterThanOrEqual(least);
  expect(second - first).toBeLessThan(most + 500);
});

it("an object out of reach is asked three times", async () => {
  let tried = 0;
  const call = async () => {
    tried++;
    throw new Error("down");
  };
  await expect(insist(call)).rejects.toThrow("down");
  expect(tried).toBe(3);
});

it.each(["firsttap", "firsttap-staging", "another"])(
  "the queues of the Worker %s find their consumers",
  async (name) => {
    const { code } = await createLink();
    const access = { id: nanoid(), at: Date.now(), kind: "probe", reason: "test", device: null, country: null };
    const take = async (queue: string, body: unknown) => {
      const ctx = createExecutionContext();
      const batch = createMessageBatch(`${name}-${queue}`, [{ id: "1", timestamp: new Date(), attempts: 1, body }]);
      await worker.queue(batch, env, ctx);
      return (await getQueueResult(batch, ctx)).explicitAcks;
    };
    expect(await take("accesses", { code, access })).toEqual(["1"]);
    expect((await recorded(code, 1)).access_counts.probe).toBe(1);
    for (const queue of ["callbacks", "callbacks-dead"])
      expect(await take(queue, { code, eventId: "evt_x" })).toEqual(["1"]);
    expect(await take("messages", { sid: "main", msgid: "none" })).toEqual(["1"]);
    await expect(take("others", {})).rejects.toThrow(`${name}-others has no consumer`);
  },
);
