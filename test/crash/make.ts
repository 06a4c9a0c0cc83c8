// Links and messages with everything that belongs to them: each has callback URLs of its own at the receiver, and its
// own choices by the seed.

import type { Answer as Script } from "../../local/answers.ts";
import type { CarrierAnswer } from "../../local/carrier-servers.ts";
import type { Server } from "./ask.ts";
import type { Carrier, Treatment } from "./carrier.ts";
import { createLink, sendMessage } from "./client.ts";
import {
  look,
  type Memory,
  type MessagePlan,
  noteSurprise,
  rememberLink,
  rememberMessage,
  type RememberedLink,
} from "./memory.ts";
import type { Hook, Receipts } from "./receipts.ts";

/** Longer than a POST takes, so that a kill often falls between the POST and the note of its outcome. */
const SLOW_RECEIVER_MS = 300;
const SLOW_CARRIER_MS = 800;
const LATEST_REPORT_MS = 600;

/** Who lives as long as the rounds, outside the servers that are killed. */
export interface World {
  receiverUrl: string;
  receipts: Receipts;
  carrier: Carrier;
  memory: Memory;
}

/** A link; null when nobody saw that it was created. */
export async function makeLink(
  server: Server,
  world: World,
  name: string,
  random: () => number,
): Promise<RememberedLink | null> {
  const hook = await makeHook(world, name, random);
  const hasPreview = random() < 0.5;
  const created = await createLink(server, urlOf(world, hook));
  noteSurprise(world.memory, "POST /api/links", created);
  if (created.kind !== "answered") return null;
  const link = rememberLink(created.value, hook, hasPreview);
  world.memory.links.push(link);
  return link;
}

/** A message with a tracked link; the link, or null when nobody saw it. `number` is the message's own. */
export async function makeMessage(
  server: Server,
  world: World,
  name: string,
  number: number,
  random: () => number,
): Promise<RememberedLink | null> {
  const recipient = `+819${String(number).padStart(9, "0")}`;
  const [hook, linkHook] = [await makeHook(world, `${name}-message`, random), await makeHook(world, name, random)];
  const treatment = treatmentBy(random);
  await world.carrier.treat(recipient, treatment);
  const callbackUrls = { callbackUrl: urlOf(world, hook), linkCallbackUrl: urlOf(world, linkHook) };
  const request = { recipient, key: random() < 0.5 ? name : null, ...callbackUrls };
  const { reports } = treatment;
  const plan = { request, hook, linkHook, reports, hasPreview: random() < 0.5, asked: 0, msgid: null };
  world.memory.plans.push(plan);
  return send(server, world, plan);
}

/** Sends a message, perhaps once more with the same key; its link, or null when nobody saw it. */
export async function send(server: Server, world: World, plan: MessagePlan): Promise<RememberedLink | null> {
  const { memory, receipts } = world;
  plan.asked++;
  const sent = await sendMessage(server, plan.request);
  noteSurprise(memory, "POST /sms/messages/", sent);
  if (sent.kind !== "answered") return null;
  plan.msgid = sent.value;
  const message = rememberMessage(sent.value, plan);
  memory.messages.push(message);
  noteSurprise(memory, "GET /sms/messages/:msgid/", await look(server, message, receipts));
  if (message.status === null) return null;
  const link = rememberLink(message.status.code, plan.linkHook, plan.hasPreview);
  memory.links.push(link);
  return link;
}

/** The messages with a key of which no 201 was seen. To be asked when no request is under way. */
export function unanswered({ plans }: Memory): MessagePlan[] {
  return plans.filter(({ request, msgid }) => request.key !== null && msgid === null);
}

async function makeHook(world: World, id: string, random: () => number): Promise<Hook> {
  const script = receiverScript(random());
  // A receiver without a script answers 200 at once.
  if (script.length > 0)
    await fetch(`${world.receiverUrl}/script/${id}`, { method: "PUT", body: JSON.stringify(script) });
  return { id, refusals: script.filter(({ status }) => status === 500).length };
}

function urlOf({ receiverUrl }: World, hook: Hook): string {
  return `${receiverUrl}/hook/${hook.id}`;
}

/** Seven of ten receivers answer 200 at once, two answer 500 before, one takes its time. */
function receiverScript(choice: number): Script[] {
  if (choice < 0.7) return [];
  if (choice < 0.8) return [{ status: 500 }, { status: 200 }];
  if (choice < 0.9) return [{ status: 500 }, { status: 500 }, { status: 200 }];
  return [{ status: 200, delayMs: SLOW_RECEIVER_MS }];
}

/**
 * Most messages are taken at once, one of six only at the second or third offer, three of ten slowly. Most are reported
 * once, some twice, some never: after a kill, those alone tell nobody that the carrier has them.
 */
function treatmentBy(random: () => number): Treatment {
  const reportAfterMs = random() * LATEST_REPORT_MS;
  const reports = countBy(random(), [0.25, 0.6, 0.15]);
  const later = countBy(random(), [0.84, 0.12, 0.04]);
  const last: CarrierAnswer = random() < 0.3 ? { delayMs: SLOW_CARRIER_MS } : {};
  return { answers: [...Array.from({ length: later }, () => ({ status: 503 })), last], reports, reportAfterMs };
}

/** 0, 1, 2, … with these shares. */
function countBy(choice: number, shares: readonly number[]): number {
  let sum = 0;
  return shares.findIndex((share) => (sum += share) > choice);
}
