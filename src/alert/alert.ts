// The noun: what an owner is told of without asking, and the event that tells it.

import { nanoid } from "nanoid";
import type { CallbackEvent } from "../callback/callback.ts";
import { toJson } from "../http/json.ts";

/** What an alert is about, one of them, as it stands now. */
export type Sign =
  | { kind: "callbacks_exhausted"; host: string; callbacks: number; status: number | null; error: string | null }
  /** Of the last messages so many; shares are 0 … 1, of the week those before them. */
  | { kind: "messages_failed"; failed: number; of: number; share: number; weekShare: number }
  | { kind: "cap_near"; what: "messages" | "links"; used: number; most: number };

export type AlertKind = Sign["kind"];
export type AlertState = "on" | "over";

/** What tells one from others of its kind. */
export function subjectOf(sign: Sign): string {
  switch (sign.kind) {
    case "callbacks_exhausted":
      return sign.host;
    case "messages_failed":
      return "";
    case "cap_near":
      return sign.what;
  }
}

/** It is told again when this has grown. */
export function sizeOf(sign: Sign): number {
  switch (sign.kind) {
    case "callbacks_exhausted":
      return sign.callbacks;
    case "messages_failed":
      return sign.failed;
    case "cap_near":
      return 1;
  }
}

/** The account that is told. */
export interface Told {
  name: string;
  /** BCP 47; null is English. */
  language: string | null;
}

/** The event `account.alert`. Its `text` stands at the top, where incoming webhooks of chats look for it. `now` is Unix milliseconds. */
export function alertEvent(account: Told, state: AlertState, signs: readonly Sign[], now: number): CallbackEvent {
  const says = account.language?.startsWith("ja") === true ? JAPANESE : ENGLISH;
  const text = [`firsttap (${account.name})`, ...signs.map((sign) => says(sign, state))].join("\n");
  const alert = signs[0]?.kind ?? null;
  const about = signs.map(({ kind: _kind, ...facts }) => facts);
  const timestamp = new Date(now).toISOString();
  const body = JSON.stringify({ type: "account.alert", timestamp, text, data: toJson({ alert, state, about }) });
  return { id: `evt_${nanoid()}`, body };
}

type Says = (sign: Sign, state: AlertState) => string;

const percent = (share: number) => `${Math.round(share * 100)} %`;

const ENGLISH: Says = (sign, state) => {
  const isOn = state === "on";
  switch (sign.kind) {
    case "callbacks_exhausted":
      return isOn
        ? `Callbacks to ${sign.host} fail: ${sign.callbacks} given up, the last answer was ${sign.status ?? sign.error ?? "none"}.`
        : `Callbacks to ${sign.host} are answered again.`;
    case "messages_failed":
      return isOn
        ? `${percent(sign.share)} of the last ${sign.of} messages failed; in the week before it was ${percent(sign.weekShare)}.`
        : "Messages do not fail more than usual any more.";
    case "cap_near":
      return isOn
        ? `${sign.used} of the ${sign.most} ${sign.what} of today (UTC) are used.`
        : `The daily limit of ${sign.what} is not near any more.`;
  }
};

const THINGS = { messages: "メッセージ", links: "リンク" };

const JAPANESE: Says = (sign, state) => {
  const isOn = state === "on";
  switch (sign.kind) {
    case "callbacks_exhausted":
      return isOn
        ? `${sign.host}へのコールバックが失敗しています(${sign.callbacks}件を断念、最後の応答: ${sign.status ?? sign.error ?? "なし"})。`
        : `${sign.host}へのコールバックは再び応答されています。`;
    case "messages_failed":
      return isOn
        ? `直近${sign.of}件のメッセージのうち${percent(sign.share)}が失敗しました(その前の1週間は${percent(sign.weekShare)})。`
        : "メッセージの失敗は通常の水準に戻りました。";
    case "cap_near":
      return isOn
        ? `本日(UTC)の${THINGS[sign.what]}の上限${sign.most}件のうち${sign.used}件を使用しました。`
        : `${THINGS[sign.what]}は1日の上限に近い状態ではなくなりました。`;
  }
};
