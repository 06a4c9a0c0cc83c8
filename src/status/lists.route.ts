// GET /api/links and GET /api/messages: what the account has made, page by page, and by what is asked for.

import * as v from "valibot";
import { ApiRoutes } from "../account/api-routes.ts";
import type { Filters, ListQuery, Order } from "../book/find.ts";
import { type Page, pageOf } from "../book/walk.ts";
import { instantParameter } from "../http/calendar.ts";
import { readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { plainText } from "../link/fields.ts";
import { isRecipient } from "../sms/accept/numbers.ts";
import { placeOfMessage } from "../sms/message.ts";
import { BEFORE_ALL, BEHIND_ALL, placeOf, TIME_DIGITS, timeOf, timeText } from "../timed-id.ts";
import { listedView } from "./link-view.ts";
import { messageLineView } from "./message-line-view.ts";

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
const LONGEST_QUERY_TEXT = 255;
const SHORTEST_SEARCH = 3;
/** Of one page, so that nobody else waits for it for long. */
const MOST_ROWS = 1_000;

/** Before there was time there were no links. */
const momentParameter = v.pipe(
  instantParameter,
  v.transform((at) => Math.max(0, at)),
);

/** Empty is the first page: so a program's loop can begin with it. */
function cursorParameter(form: RegExp, placeIn: (cursor: string) => string) {
  return v.pipe(
    v.string(),
    v.regex(form, "must be the next_cursor of the page before"),
    v.transform((cursor) => (cursor === "" ? null : placeIn(cursor))),
  );
}

const parameters = {
  limit: limitParameter(LARGEST_LIMIT, DEFAULT_LIMIT),
  order: v.optional(v.picklist(["newest", "oldest"], "must be newest or oldest"), "newest"),
  search: v.exactOptional(
    v.pipe(
      plainText(LONGEST_QUERY_TEXT),
      v.check((text) => text.length >= SHORTEST_SEARCH, `must be at least ${SHORTEST_SEARCH} characters`),
      v.transform((text) => text.toLowerCase()),
    ),
  ),
  accessed: v.exactOptional(
    v.pipe(
      v.picklist(["true", "false"], "must be true or false"),
      v.transform((text) => text === "true"),
    ),
  ),
  tag: v.exactOptional(plainText(LONGEST_QUERY_TEXT)),
  reference: v.exactOptional(plainText(LONGEST_QUERY_TEXT)),
  created_after: v.exactOptional(momentParameter),
  created_before: v.exactOptional(momentParameter),
};

/** The place of a link, readable. */
const LINK_CURSOR = /^(?:\d{1,14}\.[A-Za-z0-9_-]{3,64})?$/;
/** That of a message. */
const MESSAGE_CURSOR = /^(?:[A-Za-z0-9]{32})?$/;

export const linkListParameters = {
  ...parameters,
  cursor: v.exactOptional(cursorParameter(LINK_CURSOR, placeInLinkCursor)),
};
export const messageListParameters = {
  ...parameters,
  recipient: v.exactOptional(
    v.pipe(
      v.string(),
      v.check(isRecipient, "must be E.164: + and country code, such as +818012345678 (write the + as %2B)"),
    ),
  ),
  cursor: v.exactOptional(cursorParameter(MESSAGE_CURSOR, (msgid) => msgid)),
};

export const linkList = new ApiRoutes().get("/", ["read", "support"], async (c) => {
  const query = queryOf(readQuery(c, linkListParameters));
  const page = await pageOf(c.env, c.get("account"), query, (keeper, asked) => keeper.linksPage(asked), placeOf);
  return answerJson(toJson({ links: page.things.map(listedView), ...endOf(page, query, linkCursorAt) }));
});

export const messageList = new ApiRoutes().get("/", ["read", "support"], async (c) => {
  const query = queryOf(readQuery(c, messageListParameters));
  const page = await pageOf(
    c.env,
    c.get("account"),
    query,
    (keeper, asked) => keeper.messagesPage(asked),
    placeOfMessage,
  );
  return answerJson(toJson({ messages: page.things.map(messageLineView), ...endOf(page, query, (msgid) => msgid) }));
});

function placeInLinkCursor(cursor: string): string {
  const [createdAt = "", code = ""] = cursor.split(".");
  return placeOf({ createdAt: Number(createdAt), code });
}

function linkCursorAt(place: string): string {
  return `${timeOf(place)}.${place.slice(TIME_DIGITS)}`;
}

interface Asked extends Filters {
  order: Order;
  limit: number;
  /** The place behind which the page begins. */
  cursor?: string | null;
  createdAfter?: number;
  createdBefore?: number;
}

function queryOf({ cursor = null, createdAfter, createdBefore, ...asked }: Asked): ListQuery {
  let above = createdAfter === undefined ? BEFORE_ALL : timeText(createdAfter);
  let below = createdBefore === undefined ? BEHIND_ALL : timeText(createdBefore);
  if (cursor !== null && asked.order === "newest" && cursor < below) below = cursor;
  if (cursor !== null && asked.order === "oldest" && cursor > above) above = cursor;
  return { ...asked, above, below, rows: MOST_ROWS };
}

/** What a page says of its end. */
function endOf({ next, isShort }: Page<unknown>, { order }: ListQuery, cursorAt: (place: string) => string) {
  const searchedTo = isShort && next !== null ? new Date(timeOf(next)).toISOString() : null;
  return {
    nextCursor: next === null ? null : cursorAt(next),
    [order === "newest" ? "searchedBackTo" : "searchedUpTo"]: searchedTo,
  };
}
