// One message held in its account's object, so that a test decides what happens to it and when.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { Account } from "../../src/account/account.do.ts";
import type { Sent } from "../../src/sms/carriers/carrier.ts";
import type { MessageKeeper } from "../../src/sms/message-keeper.ts";
import { mintMsgid, type NewMessage } from "../../src/sms/message.ts";
import { envWith } from "./faults.ts";
import { ORIGIN } from "./firsttap.ts";
import { type Login, tenant } from "./sms.ts";
import { IN_TIME } from "./firsttap.ts";

export const ACCEPTED = { kind: "accepted", carrierId: "SM1", isDelivered: false } satisfies Sent;
export const LATER = { kind: "later", reason: "busy", retryAfterSeconds: null } satisfies Sent;

/** As they were before there were books: the account's own object keeps the message. */
function msgidOfNoBook(at: number): string {
  const msgid = mintMsgid(at, 1);
  return `${msgid.slice(0, 9)}A${msgid.slice(10)}`;
}

export function newMessage(fields: Partial<NewMessage> = {}): NewMessage {
  const createdAt = fields.createdAt ?? Date.now();
  return {
    msgid: msgidOfNoBook(createdAt),
    origin: ORIGIN,
    sender: "SHOP",
    recipient: "+818012345678",
    text: "Hello",
    parts: 1,
    cost: 0,
    tags: [],
    reference: null,
    callbackUrl: null,
    link: null,
    createdAt,
    ...fields,
  };
}

export interface Held {
  account: Account;
  state: DurableObjectState;
  login: Login;
  /** Makes everything that has a due time due, and lets the alarm act. */
  passTime: () => Promise<void>;
}

/** Adds a message whose alarm does not act by itself, and works with the account's object. */
export async function holding<T>(
  message: NewMessage,
  work: (held: Held) => Promise<T>,
): Promise<{ result: T; login: Login }> {
  const login = await tenant();
  const result = await runInDurableObject(env.ACCOUNT.getByName(login.sid), async (account, state) => {
    const passTime = async () => {
      state.storage.sql.exec("UPDATE message SET send_due_at = 1 WHERE send_due_at IS NOT NULL");
      await account.alarm();
      await state.storage.deleteAlarm();
    };
    expect(account.addMessage(message, IN_TIME)).toBe(true);
    await state.storage.deleteAlarm();
    return work({ account, state, login, passTime });
  });
  return { result, login };
}

/** The queue of this object answers as given. */
export function withQueue(keeper: MessageKeeper, queue: unknown): () => void {
  const bindings = keeper as unknown as { env: Env };
  const real = bindings.env;
  bindings.env = envWith({ MESSAGES: queue });
  return () => {
    bindings.env = real;
  };
}
