// The list of an object's messages as it is written, step by step: as a value it would have to end at some thousands.

import { byteStream } from "../../export/bytes.ts";
import type { ExportLines } from "../../export/exports.ts";
import { STEP } from "../../export/steps.ts";
import type { Message, MessageQuery } from "../message.ts";
import { messageView } from "./message-view.ts";

/**
 * The elements of a JSON array, newest first; a comma stands before each of them, but not before the first of all.
 * @param find so many messages and one more
 */
export function messageStream(
  find: (query: MessageQuery) => Message[],
  period: Omit<MessageQuery, "limit">,
  isFirst: boolean,
): ExportLines {
  let given = 0;
  function* texts() {
    for (let { after } = period; ;) {
      const messages = find({ ...period, after, limit: STEP - 1 });
      const elements = messages.map((message) => JSON.stringify(messageView(message)));
      yield elements.map((element, n) => (isFirst && given + n === 0 ? element : `,${element}`)).join("");
      given += messages.length;
      const last = messages.at(-1);
      if (last === undefined || messages.length < STEP) return;
      after = last.msgid;
    }
  }
  return { lines: byteStream(texts()), given: () => given };
}
